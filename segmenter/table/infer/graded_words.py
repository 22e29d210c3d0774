"""Rating scales of any wording: answers read word by word as grades of one subject.

The known scales hold whole answers. Here an answer is its grade words ("poor", "plenty", "delighted"), turned or
strengthened by what stands before them ("not", "barely", "very"), beside the words that all answers share.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from segmenter.table.infer.header import without_accents
from segmenter.table.infer.verbal_scales import (
    ADVERBS,
    AGAINST_STARTS,
    HARDLY,
    MIDDLE,
    NEVER,
    NOT,
    NOT_AT_ALL,
    OPPOSITES,
    VAGUE,
    is_frequency_word,
    is_times_word,
    number_word,
    phrases,
    rate,
    unit_days,
)

# Grades from −1 to 1 that any subject may have.
_ANY_SUBJECT: Final = """
-1 rubbish,useless,garbage,none,no,zero,nothing,nil,not any,lowest,minimum,worst,worst ever,terrible,awful
-1 horrible
-1 dreadful,abysmal,appalling
-1 kein,keine,keinen,keiner,keinerlei,nichts,niedrigste,schlechteste,furchtbar,schrecklich,miserabel,katastrophal
-1 aucun,aucune,rien,pas de,nul,nulle,pire,horrible,affreux,catastrophique,execrable,ningun,ninguna,ninguno,nada
-1 pesimo
-1 pesima,horrible,fatal,nessun,nessuna,nessuno,niente,pessimo,pessima,orribile,terribile,nenhum,nenhuma,pessimo
-1 geen,niets,slechtste,vreselijk,verschrikkelijk,brak,zaden,zadne,zadna,zadnej,fatalny,fatalne,okropny,okropne
-1 ingen,inget,inga,intet,ingenting,hemskt,forfarligt,usel,elendigt,forferdelig,hic,hicbir,berbat,zadny,ei mitaan
-1 surkea
-1 никакой,никакого,ничего,нет,ужасно,ужасный,最悪,没有,无,糟糕,최악,없음
-0.9 hardly any,barely any,almost none,almost no,next to none,next to nothing,negligible,minimal,trivial
-0.9 hardly anything
-0.9 fast kein,fast keine,kaum etwas,presque aucun,presque aucune,presque rien,casi ningun,casi ninguna,casi nada
-0.9 quasi nessuno,quasi niente,quase nenhum,quase nenhuma,quase nada,bijna geen,bijna niets,prawie zaden
-0.9 prawie nic
-0.9 nastan inget,nastan inga,naesten ingen,nesten ingen,neredeyse hic,почти ничего,минимальный,minimalny
-0.4 could be better,could improve,room for improvement,ausbaufahig,peut mieux faire,mejorable,migliorabile
-0.7 poor,bad,badly,inadequate,insufficient,unsatisfactory,inferior,below average,below par,subpar,disappointing
-0.7 weak
-0.7 schlecht,schlechte,schlechter,schwach,schwache,mangelhaft,ungenugend,unterdurchschnittlich,unzureichend
-0.7 enttauschend
-0.7 mauvais,mauvaise,mal,mediocre,insuffisant,insuffisante,decevant,decevante,malo,mala,deficiente,insuficiente
-0.7 flojo,floja
-0.7 decepcionante,cattivo,cattiva,male,scarso,scarsa,insufficiente,deludente,ruim,mau,ma,fraco,fraca,deficiente
-0.7 slecht,slechte,zwak,zwakke,onvoldoende,zly,zla,zle,slaby,slaba,slabe,niedostateczny,niedostateczne,dalig
-0.7 daligt
-0.7 svag
-0.7 svagt,otillracklig,otillrackligt,darlig,darligt,svak,utilstraekkelig,kotu,zayif,yetersiz,spatny,spatna,slaby
-0.7 huono
-0.7 heikko,плохо,плохой,плохая,слабый,слабо,悪い,差,나쁨,나쁘다,不足
-0.55 little,few,low,lower,small,slight,minor,mild,light,limited,lesser,scarce,marginal,not much,not many,basic
-0.55 a handful
-0.55 wenig,wenige,gering,geringe,geringer,geringes,niedrig,niedrige,niedriger,klein,kleine,kleiner,leicht,leichte
-0.55 leichter
-0.55 begrenzt,peu,peu de,faible,bas,basse,petit,petite,leger,legere,mineur,mineure,limite,poco,poca,pocos,pocas
-0.55 bajo
-0.55 baja
-0.55 pequeno,pequena,leve,ligero,ligera,menor,limitado,basso,bassa,piccolo,piccola,lieve,leggero,leggera,minore
-0.55 limitato
-0.55 pouco,pouca,poucos,poucas,baixo,baixa,weinig,laag,lage,klein,kleine,licht,lichte,gering,geringe,beperkt,malo
-0.55 maly
-0.55 mala,male,niski,niska,niskie,lekki,lekka,niewielki,niewielka,lite,liten,litet,lag,lagt,latt,mindre,lav,lavt
-0.55 lille
-0.55 ringe,begraenset,az,dusuk,kucuk,hafif,malo,nizky,nizka,maly,vahan,matala,pieni,lieva,мало,низкий,низкая
-0.55 небольшой
-0.55 слабая,легкий,低い,低,少ない,小,小さい,少,낮음,적음
-0.25 some,a few,a little,a bit,several,something,a small amount,a small number,occasional,a couple,so so
-0.25 etwas,einige,ein paar,ein wenig,ein bisschen,manche,un peu,un peu de,quelques,quelques-uns,algo,algo de
-0.25 algunos
-0.25 algunas,alguno,alguna,alcuni,alcune,qualche,un po',un po' di,qualcosa,alguns,algumas,um pouco,enkele
-0.25 een beetje
-0.25 iets
-0.25 een paar,troche,kilka,nieco,lite grann,nagot,nagra,noget,nogen,nogle,litt,lidt,noen,biraz,birkac,trochu
-0.25 nekolik
-0.25 немного,少し
-0.25 несколько,有点,一些,조금
0 meh,mid-range,midrange,mid-size,midsize,mid-sized,moderate,moderately,medium,middling,average,fair,middle,mid,ok
0 okay,mixed,standard,normal,neutral,partial,even,half
0 halfway,about half,a moderate amount,adequate,so-so,mittel,mittlere,mittlerer,mittleres,mittelmassig,massig
0 durchschnittlich
0 teilweise,halb,befriedigend,ausreichend,okay,moyen,moyenne,moyennement,modere,moderee,passable,correct,correcte
0 moitie
0 medio,media,mediano,mediana,regular,normal,moderado,moderada,promedio,mitad,sufficiente,discreto,discreta
0 moderato
0 moderata,mediocre,nella media,meta,razoavel,mediano,metade,gemiddeld,gemiddelde,matig,matige,redelijk,voldoende
0 midden
0 sredni,srednia,srednie,srednio,przecietny,przecietna,przecietnie,umiarkowany,umiarkowana,umiarkowane,dostateczny
0 polowa
0 medelgod,medelhog,medelstor,medel,medelmattig,medelmattigt,mattlig,mattligt,genomsnittlig,lagom,godkand,godkant
0 halften,middel,middels,moderat
0 gennemsnitlig,gjennomsnittlig,nogenlunde,orta,ortalama,vasat,stredni,prumerny,prumerna,prumerne,keskitaso
0 kohtalainen
0 keskinkertainen,средний,средняя,средне,умеренный,умеренно,удовлетворительно,половина,普通,ふつう,まあまあ,中,中等,一般
0 보통,보통이다,중간
0.2 fine,acceptable,akzeptabel,acceptable,aceptable,accettabile,aceitavel,acceptabel,acceptabelt,akceptowalny
0.2 enough
0.2 genug
0.2 assez,suficiente,abbastanza,genoeg,wystarczajaco,nog,tillrackligt,nok,yeterli,dost,riittavasti,достаточно
0.5 good,well,decent,solid,satisfactory,adequately,above average,nice,mostly,gut,gute,guter,gutes,ordentlich
0.5 solide
0.5 uberdurchschnittlich,zufriedenstellend,bon,bonne,bien,satisfaisant,satisfaisante,bueno,buena,bien
0.5 satisfactorio
0.5 satisfactoria
0.5 buono,buona,bene,soddisfacente,bom,boa,bem,satisfatorio,satisfatoria,goed,goede,dobry,dobra,dobre,dobrze,bra
0.5 god
0.5 gott,godt
0.5 fin,fint,iyi,dobry,dobra,dobre,hyva,hyvin,хорошо,хороший,хорошая,良い,よい,好,良,좋음,좋다
0.55 upper,much,many,high,higher,large,larger,big,major,strong,strongly,considerable,considerably,substantial
0.55 significant,plenty
0.55 lots,a lot,quite a lot,quite a bit,a good deal,heavy,serious,sizeable,a large amount,a large number,greatly
0.55 many times
0.55 viel,viele,hoch,hohe,hoher,hohes,gross,grosse,grosser,stark,starke,starker,erheblich,erhebliche,bedeutend
0.55 schwer
0.55 beaucoup,beaucoup de,eleve,elevee,haut,haute,grand,grande,fort,forte,fortement,important de,considerable
0.55 majeur
0.55 majeure
0.4 bastante,bastantes,assez de,abbastanza,redelijk wat,ziemlich,parecchio,parecchia,vrij veel,dosc duzo
0.4 ganska mycket
0.55 mucho,mucha,muchos,muchas,alto,alta,grande,gran,fuerte,considerable,molto,molta,molti,molte
0.55 grandi,elevato,elevata,forte,notevole,muito,muita,muitos,muitas,elevado,elevada,veel,hoog,hoge,groot,grote
0.55 sterk
0.55 sterke,aanzienlijk,duzo,wysoki,wysoka,wysokie,duzy,duza,duze,silny,silna,mocno,znaczny,znaczna,mycket,hog
0.55 hogt
0.55 stor
0.55 stort,stark,starkt,betydande,meget,mye,hoj,hojt,hoy,hoyt,staerk,sterk,betydelig,cok,yuksek,buyuk,guclu,hodne
0.55 vysoky
0.55 vysoka,velky,velka,silny,paljon,korkea,suuri,vahva,много,высокий,высокая,большой,большая,сильный
0.55 сильно,高い,高,大きい
0.55 大,多い,多,높음,많음
0.8 main,primary,chief,principal,multinational,lots of,loads,great,very much,a great deal,a whole lot,severe
0.8 premium
0.8 superior,huge,enormous,vast,intense,extensive,extra,highly
0.8 sehr viel,sehr viele,riesig,enorm,hochwertig,tolle,toll,intensiv,enormement,enorme,superieur,superieure
0.8 muchisimo
0.8 muchisima,enorme,superior,moltissimo,moltissima,enorme,superiore,muitissimo,heel veel,zeer veel,enorm
0.8 bardzo duzo
0.8 ogromny,ogromna,ogromne,valdigt mycket,jattestor,enormt,enorm,kaempe,cok fazla,obrovsky,valtava,очень много
0.8 огромный
1 unlimited,unbegrenzt,illimite,ilimitado,illimitato,onbeperkt,emergency,exemplary,stellar,flawless,luxury
1 excellent
1 outstanding,exceptional,perfect,superb,fantastic,brilliant,wonderful,amazing,maximum,max,highest,best,extreme
1 best ever,all,everything,full,complete,total,absolute,critical,deciding,worst possible,too much,too many
1 unbearable
1 top
1 ausgezeichnet,hervorragend,perfekt,exzellent,fantastisch,grossartig,maximal,hochste,beste,alles,alle,voll
1 vollstandig,extrem
1 excellent,excellente,parfait,parfaite,exceptionnel,exceptionnelle,maximal,maximale,meilleur,tout,toute,total
1 extreme
1 excelente,perfecto,perfecta,excepcional,extraordinario,maximo,maxima,mejor,todo,todos,extremo,eccellente,ottimo
1 ottima
1 perfetto,perfetta,eccezionale,massimo,massima,tutto,tutti,estremo,otimo,otima,perfeito,perfeita,tudo,extremo
1 uitstekend,uitmuntend,perfect,fantastisch,maximaal,alles,volledig,extreem,doskonaly,doskonale,swietny,swietne
1 znakomity
1 celujacy,maksymalny,wszystko,utmarkt,fantastisk,fantastiskt,perfekt,maximalt,allt,fremragende,utmerket,perfekt
1 alt
1 mukemmel,harika,maksimum,hepsi,vyborny,vyborne,vynikajici,vsechno,erinomainen,taydellinen,kaikki,отлично
1 отличный
1 превосходно,всё,максимальный,最高,素晴らしい,优秀,最高,최고,최상
"""
# Grades of one subject each; a line of a bare word begins it. Of two subjects in one column, the answers are no scale.
_SUBJECTS: Final = """
liking
-1 hate,hated,loathe,furious,outraged,angry,very angry,hasse,gehasst,verargert,wutend,deteste,furieux,en colere
-1 odio
-1 odie
-1 enfadado,enojado,furioso,furiosa,odiato,arrabbiato,odiei,odeio,irritado,woedend,boos,haat,wsciekly,nienawidze
-1 hatar,rasande,hader,hassede
-0.65 dissatisfaction,unzufriedenheit,insatisfaction,dislike,disliked,unhappy,dissatisfied,unsatisfied,displeased
-0.65 frustrated,annoyed,upset,disappointed,sad
-0.65 unpleasant,negative
-0.65 unzufrieden,unglucklich,enttauscht,frustriert,negativ,missfallen,insatisfait,mecontent,decu,decue,malheureux
-0.65 negatif,deplait
-0.65 insatisfecho,descontento,decepcionado,infeliz,negativo,insoddisfatto,scontento,deluso,negativo,insatisfeito
-0.65 desapontado
-0.65 ontevreden,teleurgesteld,ongelukkig,negatief,niezadowolony,niezadowolona,rozczarowany,negatywny,missnojd
-0.65 besviken,negativ
-0.65 utilfreds,skuffet,misfornoyd,memnuniyetsiz,nespokojeny,tyytymaton,недоволен,разочарован
-0.6 fell short,below expectations,needs improvement,needs work,did not meet expectations,not meet expectations
-0.6 worse
-0.6 verbesserungswurdig,unter den erwartungen,schlechter,a ameliorer,en dessous des attentes,pire
-0.6 por debajo de lo esperado,peor
-0.6 da migliorare,sotto le aspettative,peggio,peggiore,precisa melhorar,abaixo do esperado,pior,onder verwachting
-0.6 slechter
-0.6 ponizej oczekiwan,gorzej,samre,under forvantan,vaerre,darligere
0 indifferent,unmoved,neither happy nor unhappy,gleichgultig,indifferent,indiferente,indifferente,onverschillig
0 obojetny,likgiltig,ligeglad
0 the same,same,about the same,as expected,unchanged
0.3 meets expectations,met expectations,meet expectations,entspricht den erwartungen,erwartungen erfullt
0.3 conforme aux attentes
0.3 cumple las expectativas,soddisfa le aspettative,atende as expectativas,voldoet aan verwachtingen
0.3 zgodnie z oczekiwaniami
0.55 satisfaction,zufriedenheit,like,liked,satisfied,happy,pleased,content,pleasant,positive,glad,comfortable with
0.55 zufrieden,glucklich,gefallen
0.55 positiv
0.55 satisfait,content,heureux,heureuse,plait,positif,plu,satisfecho,contento,feliz,gusta,gusto,positivo
0.55 soddisfatto
0.55 contento
0.55 piaciuto,piace,felice,satisfeito,gosto,gostei,feliz,tevreden,blij,positief,leuk,zadowolony,zadowolona
0.55 szczesliwy
0.55 podoba
0.55 nojd,glad,gillar,tilfreds,fornoyd,memnun,mutlu,spokojeny,spokojen,tyytyvainen,доволен,доволна
0.55 нравится,満足,满意,만족
0.65 better,besser,mieux,meilleure,mejores,meglio,migliore,melhor,beter,lepiej,lepszy,battre,bedre
0.75 above expectations,exceeds expectations,exceeded expectations,went beyond,beyond expectations
0.75 better than expected
0.75 ubertrifft die erwartungen,erwartungen ubertroffen,au-dela des attentes,supera las expectativas
0.75 supera le aspettative
0.75 supera as expectativas,boven verwachting,powyzej oczekiwan,over forvantan,over forventning
1 love,loved,adore,delighted,thrilled,overjoyed,ecstatic,enthusiastic,begeistert,entzuckt,liebe,adore,ravi,ravie
1 enchante
1 encantado,encantada,encanta,encanto,entusiasmado,entusiasta,adoro,amo,entusiasta,adorei,verrukt,dolblij
1 enthousiast
1 zachwycony,zachwycona,uwielbiam,alskar,overlycklig,begejstret,elsker,cok memnun,nadseny,в восторге,обожаю
truth
-1 won't,will not,would not,would never,never would,false,impossible,refuse,reject,definitely not,certainly not
-1 absolutely not,falsch,unmoglich,faux,impossible,falso,imposible,impossibile,impossivel
-1 onmogelijk,falsz,niemozliwe,falskt,omojligt,umuligt,imkansiz,nemozne,mahdoton,невозможно,not interested
-1 should not
-0.6 disagreement,ablehnung,disagree,unlikely,oppose,opposed,against,untrue,wrong,doubtful,improbable,unsure not
-0.6 not planning,ablehne,dagegen
-0.6 unwahrscheinlich,lehne ab,desaccord,contre,en desacuerdo,desacuerdo,contra,disaccordo,contrario,contraria
-0.6 discordo,oneens,tegen
-0.6 onwaarschijnlijk,nie zgadzam sie,przeciw,nieprawdopodobne,uenig,oenig,osannolikt,imod,katilmiyorum
-0.6 nesouhlasim
-0.6 eri mielta,не согласен,не согласна,против,маловероятно,反対,不同意,反对,비동의
0 undecided,unsure,maybe,perhaps,might,possible,possibly,may,could,considering,depends,torn,on the fence,neither
0 uncertain
0 not sure,vielleicht,eventuell,moglich,unsicher,peut-etre,possible,eventuellement,quizas,quiza,tal vez,posible
0 posiblemente
0 puede,puede ser,forse,possibile,magari,talvez,possivel,misschien,mogelijk,moze,byc moze,mozliwe,kanske,mojligen
0 maske
0 kanskje,belki,mozna,ehka,может быть,возможно,たぶん,也许,可能,아마
0.55 agreement,zustimmung,acuerdo,accordo,concordancia,instemming,agree,likely,true,support,in favour,in favor
0.55 favour,favor,probable,willing,accept,planning,zustimme,zustimmen
0.55 stimme zu,dafur
0.55 wahrscheinlich,wahr,richtig,d'accord,accord,vrai,probable,pour,favorable,de acuerdo,acuerdo,probable,cierto
0.55 a favor
0.55 verdadero,accordo,vero,favorevole,probabile,concordo,verdade,provavel,favoravel,eens,waar,waarschijnlijk,voor
0.55 zgadzam
0.55 prawda,prawdopodobne,enig,sant,sannolikt,sandt,sandsynligt,katiliyorum,dogru,souhlasim,samaa mielta,totta
0.55 согласен
0.55 согласна,вероятно,верно,賛成,同意,동의
1 already,surely,surement,fully,certain,sure,certainty,yes,guaranteed,definite,first choice,sicher,gewiss
1 garantiert
1 certain,certaine,sur,sure,oui,seguro
1 segura,certo,certa,sicuro,sicura,certeza,zeker,na pewno,pewny,pewne,saker,sakert,sikker,sikkert,kesin,jiste
1 varma
1 конечно,точно,обязательно,確実,肯定,확실
importance
-1 irrelevant,unimportant,unnecessary,pointless,not needed,unwichtig,unnotig,uberflussig,inutile,superflu
-1 innecesario
-1 inutil
-1 irrilevante,inutile,desnecessario,irrelevante,onbelangrijk,overbodig,niewazne,zbedne,oviktigt,ubetydelig
-1 onemsiz
-0.3 optional,nice to have,dispensable,verzichtbar,facultatif,opcional,facoltativo,optioneel,opcjonalne
0.1 useful,handy,helpful,desirable,nutzlich,hilfreich,wunschenswert,utile,util,deseable,desiderabile,desejavel
0.1 nuttig
0.1 przydatne
0.5 important,relevant,valuable,wichtig,relevant,wertvoll,important,importante,belangrijk,wazne,viktigt,vigtigt
0.5 onemli,dulezite
0.5 tarkea,важно,important priority,necesario,necessario,noodzakelijk,potrzebne,nodvandigt
0.7 necessary,needed,required,notwendig,necessaire,erforderlich,konieczne
1 essential,crucial,vital,indispensable,must have,must-have,mandatory,top priority,unverzichtbar,unerlasslich
1 entscheidend
1 essentiel,essentielle,primordial,indispensable,imprescindible,esencial,fundamental,crucial,essenziale
1 fondamentale
1 indispensabile,essencial,indispensavel,onmisbaar,essentieel,cruciaal,niezbedne,kluczowe,avgorande,afgorende
1 livsviktig
ease
-1 impossible,unmoglich,impossible,imposible,impossibile,impossivel,onmogelijk,niemozliwe,omojligt,umuligt
-1 невозможно
-0.6 struggle,a struggle,hard,difficult,complicated,complex,tricky,challenging,confusing,schwer,schwierig
-0.6 kompliziert
-0.6 difficile,complique,dificil
-0.6 complicado,complicato,complicado,moeilijk,lastig,ingewikkeld,trudny,trudne,skomplikowane,svart,vanskelig
-0.6 svaert
-0.6 zor
-0.6 karmasik,tezke,slozite,vaikea,сложно,трудно,難しい,困难,어려움
0 manageable,doable,feasible,machbar,faisable,manejable,fattibile,te doen,wykonalne,hanterbart
0.6 easy,simple,straightforward,intuitive,einfach,leicht,facile,simple,facil,sencillo,semplice,simples,makkelijk
0.6 eenvoudig
0.6 latwy,latwe,proste,latt,enkelt,let,lett,kolay,snadne,jednoduche,helppo,легко,просто,簡単,容易,쉬움
1 effortless,a breeze,mühelos,kinderleicht,sans effort,sin esfuerzo,senza sforzo,sem esforco,moeiteloos
1 bez wysilku
price
-1 free,free of charge,kostenlos,gratis,gratuit,gratuito
-0.6 cheap,inexpensive,affordable,gunstig,billig,preiswert,bon marche,pas cher,barato,economico,economica,goedkoop
-0.6 tani,tanie,billigt,ucuz,levne,halpa,дешево
0 reasonable,fairly priced,about right,just right,right,angemessen,genau richtig,raisonnable,juste,razonable,justo
0 giusto
0.6 expensive,pricey,costly,dear,overpriced,teuer,cher,chere,caro,cara,costoso,duur,drogi,drogie,dyr,dyrt,pahali
0.6 drahe,kallis,дорого
1 unaffordable,unbezahlbar,hors de prix,exorbitant
speed
-0.6 slow,slower,langsam,lent,lente,lento,lenta,langzaam,wolny,wolno,langsam,langsomt,yavas,pomale,hidas,медленно
0.6 fast,faster,quick,prompt,schnell,rapide,rapido,rapida,veloce,snel,szybki,szybko,snabb,hurtigt,hizli,rychle
0.6 nopea
0.6 быстро
1 instant,immediate,instantly,immediately,sofort,immediat,inmediato,immediato,imediato,onmiddellijk,natychmiast
heat
-1 freezing,icy,eiskalt,glacial,helado
-0.6 cold,chilly,kalt,froid,frio,freddo,koud,zimny,kallt,kold
-0.2 cool,lukewarm,kuhl,lauwarm,tiede,frais,tibio,fresco,tiepido,morno,lauw,letni
0.2 warm,warm,chaud,templado,caldo,quente,cieply,varmt
0.6 hot,spicy,heiss,scharf,pikant,epice,brulant,caliente,picante,piccante,heet,goracy,ostry
experience
-1 beginner,novice,newbie,inexperienced,untrained,anfanger,einsteiger,debutant,debutante,principiante,iniciante
-1 beginner
-1 poczatkujacy,nyborjare,begynder,baslangic,zacatecnik,aloittelija,новичок,初心者,初学者
0.3 intermediate,competent,capable,fortgeschritten,intermediaire,intermedio,intermediario,gevorderd
0.3 sredniozaawansowany
0.6 experienced,advanced,proficient,skilled,erfahren,avance,confirme,experimente,avanzado,experimentado
0.6 esperto in parte
0.6 avanzato,avancado,experiente,ervaren,zaawansowany,erfaren,avancerad,deneyimli,pokrocily,kokenut,опытный,中級
0.6 上級
1 expert,professional,master,specialist,profi,experte,expertin,expert,experte,experto,experta,esperto,especialista
1 ekspert,uzman,asiantuntija,эксперт,専門家,专家
means
-1 struggling,destitute,cannot make ends meet
-0.7 difficult on present income,hardship,getting by with difficulty,just getting by
-0.2 coping,getting by,managing,modest
0.5 comfortable,comfortably,living comfortably,doing well
0.8 well off,well-off,affluent,prosperous,wohlhabend,aise,acomodado,benestante,abastado,welgesteld,zamozny
0.8 valbargad
1 rich,wealthy,reich,riche,rico,ricco,rijk,bogaty,rik,rig
place
-1 countryside,rural,rural area,farm,hamlet,open country,land,landlich,campagne,campo,campagna,platteland,wies
-1 landsbygd
-0.7 village,small village,dorf,village,pueblo,villaggio,paese,aldeia,dorp,wioska,by
-0.1 town,kleinstadt,bourg,ciudad pequena,cittadina,vila,stadje,miasteczko,tatort
0.2 suburb,suburban,suburbs,vorort,banlieue,periferia,suburbio,voorstad,przedmiescie,forort
0.5 city,urban,stadt,ville,ciudad,citta,cidade,stad,miasto,grossstadt
1 metropolis,megacity,capital,metropole,metropoli,wielkie miasto,storstad
condition
-1 broken,defective,damaged,unusable,defekt,kaputt,casse,roto,rotto,quebrado,kapot,zepsuty,trasig
-0.6 worn,shabby,abgenutzt,use,gastado,usurato,gasto,versleten,zuzyty,sliten
-0.1 used,second-hand,gebraucht,d'occasion,usado,usato,gebruikt,uzywany,begagnad
0.8 like new,as new,nearly new,nearly-new,neuwertig,comme neuf,como nuevo,come nuovo,como novo,zo goed als nieuw
0.8 jak nowy,som ny
1 new,brand new,mint,neu,neuf,nuevo,nuovo,novo,nieuw,nowy,ny
calm
-1 calm,relaxed,peaceful,at ease,ruhig,entspannt,calme,detendu,tranquilo,relajado,calmo,rilassato,kalm,ontspannen
-1 spokojny,lugn,rolig
0.5 stressed,worried,anxious,concerned,nervous,tense,gestresst,besorgt,nervos,stresse,inquiet,estresado,preocupado
0.5 stressato
0.5 preoccupato,estressado,gestrest,bezorgd,zestresowany,zaniepokojony,stressad,orolig,stresset,bekymret
familiarity
-1 never heard,never heard of,unknown,unfamiliar,unaware,nie gehort,unbekannt,inconnu,desconocido,sconosciuto
-1 desconhecido,onbekend
-0.4 heard of,heard,know the name,know by name,schon gehort,entendu parler,oido hablar,sentito parlare,ouvi falar
-0.4 van gehoord
0.4 know,familiar,aware,kenne,bekannt,vertraut,connais,connu,familier,conozco,familiar,conosco,conheco,ken,bekend
0.4 znam,kanner till,kender
1 know inside out,use every day,use it,own it
size
-0.7 micro,mikro
-0.9 tiny,mini,nano,xs,winzig,minuscule,diminuto,minusculo,piccolissimo,piepklein,malenki,jatteliten
-0.4 compact,kompakt,compacte,compacto,compatto
0.5 full-size,full size,macro,mid-large
1 mega,giant,gigantic,xxl,riesengross,gigantesque,gigante,gigantesco,reusachtig,gigantyczny,jattestor
"""
# Expensive is no good price, and cheap no bad one.
_NEITHER_GOOD_NOR_BAD: Final = frozenset({"poles", "price", "heat", "speed", "size", "calm", "place"})
_EVALUATING: Final = phrases(
    "good,great,bad,poor,excellent,terrible,awful,nice,decent,best,worst,perfect,outstanding,gut,gute,guter,gutes,schlecht,"
    "schlechte,toll,tolle,bon,bonne,mauvais,mauvaise,bueno,buena,malo,mala,buono,buona,cattivo,bom,boa,ruim,mau,goed,goede,"
    "slecht,slechte,dobry,dobra,zly,zla,bra,god,dalig,iyi,kotu,хорошо,плохо"
)
_ADVERB_FACTOR: Final = {4.0: 1.7, 3.5: 1.5, 3.0: 1.4, 2.0: 1.1, 1.8: 0.95, 1.5: 0.85, 1.0: 0.55, 0.5: 0.35}
# Degrees that may also stand behind what they grade: disliked a lot, know it well.
_DEGREES: Final = {
    # Might is a maybe, and no degree of what follows.
    **{phrase: amount for phrase, amount in ADVERBS.items() if phrase not in MIDDLE and phrase not in {"might", "may"}},
    **dict.fromkeys(
        phrases(
            "very much,a lot,a great deal,a whole lot,very well,sehr viel,beaucoup,muchisimo,moltissimo,"
            "muitissimo,heel veel"
        ),
        3.0,
    ),
    **dict.fromkeys(phrases("quite a lot,quite a bit,pretty much,a good deal,ziemlich viel"), 1.8),
    **dict.fromkeys(
        phrases("nearly,almost,fast,beinahe,presque,casi,quasi,quase,bijna,prawie,nastan,naesten,почти"), 1.8
    ),
    **dict.fromkeys(phrases("a small amount,not a lot"), 0.5),
}
_LEAST_DEGREE: Final = 0.5
# Of these there may be more or less: strong disagreement, some worry.
_HELD_MORE_OR_LESS: Final = frozenset({"liking", "truth", "importance", "ease", "calm"})
_MOST: Final = 1.2
_BARE: Final = 0.55
_OF_BARE_WORD: Final = {0.5: -0.4, 1.0: 0.05}
_WEAKLY_AGAINST: Final = -0.6
_NOT_LEAST: Final = 0.5
_LONGEST_PHRASE: Final = 5
_SHORTEST_STEM: Final = 5
_LONGEST_ENDING: Final = 2
_STEM: Final = 5
_FEWEST: Final = 3
_NEARER: Final = 1e-6

# Words that grade nothing: pronouns, articles, auxiliaries, and the nouns of degrees.
_GRAMMAR: Final = phrases(
    "i,i'm,i'd,i've,it,it's,its,is,am,are,be,been,was,were,to,of,the,will,would,with,this,that,me,my,does,do,did,for,a,an,"
    "have,has,had,on,in,at,as,by,from,and,or,we,you,they,them,us,our,your,just,only,about,around,really,so,"
    "amount,amounts,extent,degree,level,number,deal,of it,of them,at all,than,before,usual,expected,last year,rather,"
    "also,answer,quite,over,above,beyond,older,younger,up,more,much more,ever,yet,still,now,then,there,should,could be,"
    "ich,bin,habe,hat,mir,mich,es,ist,war,sind,der,die,das,den,dem,des,zu,von,mit,fur,am,im,an,auf,und,oder,sie,wir,uns,"
    "wurde,werde,wird,werden,daruber,davon,als,wie,fall,jeden,ein,eine,einen,einem,einer,voll,trifft,stimme,"
    "je,j'ai,suis,est,c'est,ce,cet,cette,ca,me,m'a,m',il,elle,le,la,les,de,du,des,d',l',un,une,en,y,et,ou,avec,pour,que,"
    "qu',ai,a,au,aux,se,sens,sont,etait,serait,"
    "yo,estoy,es,esta,soy,el,los,las,lo,un,una,de,del,en,y,o,con,para,me,se,ha,he,si,al,que,por,"
    "io,sono,sto,e,il,gli,i,le,lo,mi,di,del,della,con,per,da,si,ha,ho,al,alla,che,un,una,uno,d'accordo con,"
    "eu,estou,sou,o,a,os,as,um,uma,de,do,da,com,para,em,no,na,me,se,que,foi,"
    "ik,ben,het,een,met,mee,van,voor,te,dat,deze,wel,is,er,zou,heb,de,"
    "jestem,sie,to,jest,z,ze,na,w,do,mi,o,i,bym,jag,ar,det,den,ett,en,med,av,pa,som,har,att,er,jeg,et,paa,af,mig,meg,at,"
    "jsem,je,se,s,olen,on,я,это,мне,в,на,с,и,です,である,で,の,に,は,が,"
    "bir,ve,ile,bu,cok az degil"
)
_OTHERWISE: Final = (
    (re.compile(r"\bnot (.{2,40}) at all\b"), r"not at all \1"),
    (
        re.compile(r"\b(?:pas|non|nicht|niet|inte|ikke|no|nao) (.{2,40}) (?:du tout|per niente|per nulla|alls)\b"),
        r"not at all \1",
    ),
    (re.compile(r" (?:than|as) (?:before|usual|normal|last (?:year|month|week|time)|i expected|hoped)$"), ""),
    (
        re.compile(
            r" (?:als|wie|que|do que|di|come|dan|jak|niz|an|som|end|чем) "
            r"(?:vorher|fruher|zuvor|avant|auparavant|antes|prima|"
            r"voorheen|vroeger|wczesniej|przedtem|tidigare|forut|tidligere|for|раньше)$"
        ),
        "",
    ),
    # No, definitely not. Yes, somewhat. No, a little.
    (
        re.compile(
            r"^(?:no|nein|non|nee|nie|nej|nao|нет) (?=.*\b(?:not|nicht|pas|no|non|niet|nie|inte|ikke|nao|не)\b)"
        ),
        "",
    ),
    (re.compile(r"^(?:yes|ja|oui|si|sim|tak|да) (?=\w)"), ""),
    (re.compile(r"\b(?:and|or) (?:over|more|above|older|better|higher|up|worse|less|fewer)$"), ""),
    (re.compile(r"\bmore than (?=\w)"), "very "),
    (re.compile(r"\bless than (?=\w)"), "not very "),
)
_OF_SUCH: Final = frozenset({"sized", "size", "range", "level", "grade", "term", "end", "quality", "priority", "class"})
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*'?")
_OR: Final = re.compile(r" (?:or|oder|ou|o|of|lub|eller|veya|nebo|tai|или|/) ")


def _read(text: str) -> dict[str, float]:
    """Return each phrase of lines `0.5 good,fine` with its number."""
    lines = (line.partition(" ") for line in without_accents(text).strip().splitlines())
    return {phrase.strip(): float(number) for number, _, words in lines for phrase in words.split(",")}


def _subjects() -> dict[str, dict[str, float]]:
    """Return the grades of each subject by its name, which stands alone in a line above them."""
    parts = re.split(r"^([a-z]+)$", _SUBJECTS.strip(), flags=re.MULTILINE)
    return {name: _read(lines) for name, lines in zip(parts[1::2], parts[2::2], strict=True)}


_COMMON: Final = _read(_ANY_SUBJECT)
_BY_SUBJECT: Final[Mapping[str, Mapping[str, float]]] = _subjects()
_ALL_GRADES: Final = {phrase for grades in (_COMMON, *_BY_SUBJECT.values()) for phrase in grades}
_BY_BEGINNING: Final[dict[str, list[str]]] = {}
for _phrase in sorted(_ALL_GRADES):
    if " " not in _phrase and len(_phrase) >= _SHORTEST_STEM:
        _BY_BEGINNING.setdefault(_phrase[: _SHORTEST_STEM - 1], []).append(_phrase)


class _Reading(NamedTuple):
    """One answer taken apart."""

    grades: tuple[str, ...]
    modifier: str
    adverb: float
    content: frozenset[str]

    @property
    def says_nothing(self) -> bool:
        """Whether no word of it grades anything."""
        return not (self.grades or self.modifier or self.adverb)


def graded(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how high each answer grades one and the same subject; nothing where the answers are no such grades.

    Parameters
    ----------
    plain
        The different answers, in lower case and without accents.
    """
    poles = _poles(plain)
    readings = [_taken_apart(text, poles) for text in plain]
    contents = [each.content for each in readings]
    # The bare word may be one of the answers, beside "not", "slightly" and "very".
    bare = [each.content for each in readings if each.says_nothing]
    if len(plain) < _FEWEST or len(bare) > 1 or not _about_one_thing(contents):
        return ()
    if bare and sum(bare[0] <= content for content in contents) < 2:
        return ()
    denied_by_degrees = any(each.modifier == "not" and each.adverb and not each.grades for each in readings)
    for subject, grades in {"poles": poles, **_BY_SUBJECT}.items():
        known = {**_COMMON, **grades}
        # "A little longer" beside "faster" speaks of another pole, which no table tells.
        of_subject = any(word.removeprefix("-") in grades for each in readings for word in each.grades)
        evaluated = any(word in _EVALUATING for each in readings for word in each.grades)
        if evaluated and subject in _NEITHER_GOOD_NOR_BAD and of_subject:
            continue
        if (
            of_subject
            and subject != "truth"
            and any(each.content and not each.grades and each.adverb for each in readings)
        ):
            continue
        if subject in _HELD_MORE_OR_LESS:
            readings_of = [_amount_as_degree(each, grades) for each in readings]
        else:
            readings_of = readings
        scores = [_score(each, known, denied_by_degrees=denied_by_degrees) for each in readings_of]
        found = [score for score in scores if score is not None]
        if len(found) == len(scores) == len({round(score / _NEARER) for score in found}):
            return tuple(found)
    return ()


def _amount_as_degree(reading: _Reading, grades: Mapping[str, float]) -> _Reading:
    """Return strong disagreement as disagreement with a degree."""
    own = tuple(word for word in reading.grades if word.removeprefix("-") in grades)
    amounts = [
        _COMMON[word] for word in reading.grades if word in _COMMON and word not in own and word not in _EVALUATING
    ]
    if not own or not amounts or len(own) + len(amounts) < len(reading.grades):
        return reading
    degree = 3.0 if max(amounts) >= _NOT_LEAST else 1.0 if max(amounts) > -_NOT_LEAST else _LEAST_DEGREE
    return reading._replace(grades=own, adverb=max(reading.adverb, degree))


def _poles(plain: Sequence[str]) -> dict[str, float]:
    """Return the two opposites that answers name, such as rough and smooth, as a subject of their own."""
    words = {word for text in plain for word in text.split()}
    pairs = [
        (against, favour) for against in words & OPPOSITES.keys() for favour in OPPOSITES[against] if favour in words
    ]
    return {word: grade for pair in sorted(pairs) for word, grade in zip(pair, (-0.6, 0.6), strict=True)}


def _about_one_thing(contents: Sequence[frozenset[str]], *, in_sentences: bool = False) -> bool:
    """Whether what answers say beside their grades is the same in all of them, one answer apart.

    Parameters
    ----------
    in_sentences
        Whether that one may share words with the others: I have never bought there, I buy there every month.
    """
    own = [content for content in contents if content]
    if not own:
        return True
    held = Counter(word for content in own for word in content)
    shared = {word for word, n_answers in held.items() if n_answers > 1 and n_answers >= len(own) - 1}
    strange = [content - shared for content in own if content - shared]
    # "Already bought" beside "plan to buy" says it in another word; "Half Moon Bay" beside "Full Moon" is a name.
    beside = any(content & shared and content - shared for content in own)
    few = len(strange) <= 1 and all(len(words) == 1 for words in strange) and (in_sentences or not beside)
    return few and (bool(shared) or (len(own) == 1 and len(contents) > _FEWEST))


def _taken_apart(text: str, poles: Mapping[str, float]) -> _Reading:
    for pattern, replacement in _OTHERWISE:
        text = pattern.sub(replacement, text)
    words = _WORD.findall(text.replace("’", "'"))
    # As before.
    grades = [] if words else ["medium"]
    adverbs: list[str] = []
    content: set[str] = set()
    modifier, at = "", 0
    while at < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase, last = " ".join(words[at : at + length]), at + length == len(words)
            role = "middle" if phrase in MIDDLE and length == len(words) else ""
            role = role or _modifier(phrase, last=last)
            # Behind other words, a lot is a degree of them; alone, it is a grade.
            role = role or ("adverb" if phrase in _DEGREES and (not last or grades or content or modifier) else "")
            if role in _MODIFIERS:
                modifier = role if role != "not" else modifier or role
            elif role == "adverb":
                adverbs.append(phrase)
            elif role == "middle" or phrase in _ALL_GRADES or phrase in poles:
                grades.append("medium" if role else phrase)
            elif length == 1 and phrase not in _GRAMMAR:
                known = _by_its_form(phrase)
                grades.extend(known)
                content.update(() if known else {phrase[:_STEM]})
            elif phrase not in _GRAMMAR:
                continue
            at += length
            break
    # Of two degrees, as in "quite a lot", the stronger one tells.
    return _Reading(tuple(grades), modifier, max(map(_DEGREES.__getitem__, adverbs), default=0.0), frozenset(content))


_MODIFIERS: Final = ("not at all", "hardly", "not")


def _modifier(phrase: str, *, last: bool) -> str:
    """Return how a phrase turns what follows: `not at all`, `hardly`, `not`, or nothing."""
    alone = " " not in phrase
    if phrase in NOT_AT_ALL:
        return "not at all"
    if phrase in HARDLY and not (last and alone) and not (alone and phrase in _ALL_GRADES):
        return "hardly"
    # The last word "no" is an answer of its own.
    return "not" if phrase in NOT and not (last and phrase in _ALL_GRADES) else ""


def _by_its_form(word: str) -> tuple[str, ...]:
    """Return the graded words that a word is made of: another ending, a denying syllable, a hyphen; or nothing."""
    if known := _by_its_stem(word):
        return (known,)
    parts = word.split("-")
    # Lower-middle lies between the two, and medium-sized is medium.
    if len(parts) > 1 and set(parts) <= _ALL_GRADES | _OF_SUCH:
        return tuple(part for part in parts if part not in _OF_SUCH)
    return ()


def _by_its_stem(word: str) -> str:
    """Return the graded word that another ending makes of a word, with `-` before it where a syllable denies it."""
    if known := _same_stem(word):
        return known
    for start in AGAINST_STARTS:
        rest = word.removeprefix(start)
        long_enough = word.startswith(start) and len(rest) >= _SHORTEST_STEM
        if long_enough and (known := rest if rest in _ALL_GRADES else _same_stem(rest)):
            return f"-{known}"
    return ""


def _same_stem(word: str) -> str:
    # Slavic adjectives have more endings than others.
    shortest = max(_SHORTEST_STEM - (not word.isascii()), len(word) - _LONGEST_ENDING - (not word.isascii()))
    for known in _BY_BEGINNING.get(word[: _SHORTEST_STEM - 1], ()):
        if word[:shortest] == known[:shortest] and abs(len(known) - len(word)) <= _LONGEST_ENDING:
            return known
    return ""


def _score(reading: _Reading, known: Mapping[str, float], *, denied_by_degrees: bool) -> float | None:
    """Return the grade of an answer, or nothing where a word of it grades another subject.

    Parameters
    ----------
    denied_by_degrees
        Whether answers say "definitely not" and "probably not": a mere "not" lies between the two.
    """
    values = []
    for word in reading.grades:
        grade = known.get(word.removeprefix("-"))
        if grade is None:
            return None
        values.append(-grade if word.startswith("-") else grade)
    grade = sum(values) / len(values) if values else _BARE
    if reading.adverb and not values and not reading.modifier:
        # A little trust is less than some trust.
        return _OF_BARE_WORD.get(reading.adverb, _BARE * _ADVERB_FACTOR[reading.adverb])
    if reading.adverb:
        grade = max(-_MOST, min(_MOST, grade * _ADVERB_FACTOR[reading.adverb]))
    if reading.modifier == "not at all":
        return -_MOST - 0.1
    if reading.modifier == "hardly":
        return _WEAKLY_AGAINST - max(0.0, -grade) / 2
    if reading.modifier == "not" and not values:
        # No pain, not spicy: none of it.
        return -grade if denied_by_degrees or reading.adverb else -1.1
    if reading.modifier == "not":
        return _NOT_LEAST / 2 if grade < 0 else -max(_NOT_LEAST, grade)
    return grade


_A_YEAR: Final = 365.0
# Words without a number as times a year, by their place in the table of vague ones.
_TIMES_A_YEAR: Final = {
    0.0: 0.0,
    0.1: 0.5,
    0.2: 2,
    0.3: 5,
    0.4: 12,
    0.55: 40,
    0.6: 60,
    0.7: 80,
    0.8: 120,
    0.85: 200,
    0.15: 1,
    0.93: 330,
    1.0: 400,
}
_VAGUE_TIMES: Final = {
    **{phrase: _TIMES_A_YEAR[place] for phrase, place in VAGUE.items()},
    **{phrase: _TIMES_A_YEAR.get(place, 3.0) for phrase, place in NEVER.items() if place <= 0.1},
    **_read("""
1 once,once only,one time,einmal,une fois,una vez,una volta,uma vez,een keer,eenmaal,raz,en gang,один раз,1回,一次
0 not even once,not even one time,not once,not ever
2 a couple of times,twice,zweimal,deux fois,dos veces,due volte,duas vezes,twee keer,dwa razy,tva ganger,to gange
2 iki kez,два раза
12 occasional,rare visits,sporadic,sporadisch,occasionnel,occasionnelle,ocasional,occasionale,incidenteel
12 okazjonalny
2 rare,infrequent,seltener,rare,raro,zeldzaam,rzadki
1 first-time,first time,one-time,one-off,einmalig,unique
40 regular,regelmassiger,regulier,reguliere,habitual,regolare,abituale,regelmatige,regularny,regelbunden,duzenli
80 frequent,haufiger,frequent,frequente,frecuente,assiduo,czesty,frekvent,sik
400 constant,permanent,heavy
3 a few times,alguna vez,several times,a couple of times,a handful of times,ein paar mal,mehrmals,einige male
3 quelques fois
3 plusieurs fois,unas pocas veces,varias veces,alcune volte,piu volte,algumas vezes,varias vezes,een paar keer
3 meerdere keren,kilka razy,nagra ganger,flere gange,noen ganger,birkac kez,несколько раз,数回,几次
30 many times,lots of times,loads of times,countless times,viele male,de nombreuses fois,muchas veces,molte volte
30 muitas vezes,vele keren,wiele razy,manga ganger
30 mange gange,bircok kez,много раз,何度も,多次
12 some of the time,part of the time
200 most of the time
400 all of the time,all the time
330 almost all of the time
"""),
}
_LONGEST_VAGUE: Final = 6
_FREQUENCY_WORD: Final = re.compile(r"\d+|[^\W\d_]+(?:['’-][^\W\d_]+)*")


def times_a_year(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how often a year something happens where exact answers and vague ones stand in whole sentences.

    Parameters
    ----------
    plain
        The different answers, in lower case and without accents.
    """
    found = [_times_and_content(text) for text in plain]
    times = [each[0] for each in found if each is not None]
    distinct = len({round(each, 6) for each in times}) == len(plain) >= _FEWEST
    return tuple(times) if distinct and _about_one_thing([each[1] for each in found if each], in_sentences=True) else ()


def _times_and_content(text: str) -> tuple[float, frozenset[str]] | None:
    either = _OR.split(text)
    if len(either) == 2 and all(part in _VAGUE_TIMES for part in either):
        return sum(map(_VAGUE_TIMES.__getitem__, either)) / 2, frozenset()
    if text in _VAGUE_TIMES:
        return _VAGUE_TIMES[text], frozenset()
    words = _FREQUENCY_WORD.findall(text)
    content = frozenset(
        word[:_STEM] for word in words if not (word[0].isdecimal() or word in _GRAMMAR or is_frequency_word(word))
    )
    if (exact := rate(text)) is not None:
        return exact, content
    for length in range(min(_LONGEST_VAGUE, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            if (phrase := " ".join(words[at : at + length])) in _VAGUE_TIMES:
                rest = (*words[:at], *words[at + length :])
                return _VAGUE_TIMES[phrase], frozenset(word[:_STEM] for word in rest if word not in _GRAMMAR)
    return (0.0, frozenset()) if words and words[0] in NOT and any(map(unit_days, words)) else None


_LONG_AGO: Final = phrases(
    "longer ago,longer,earlier,long ago,before that,before then,even longer ago,further ago,a long time ago,"
    "langer her,fruher,davor,il y a plus longtemps,plus longtemps,avant,hace mas tiempo,antes,piu tempo fa,prima,"
    "ha mais tempo,antes disso,langer geleden,eerder,dawniej,wczesniej,langre sedan,tidigare,laengere siden,tidligere,"
    "daha once,aiemmin,раньше,давно,それ以前,更早"
)
_NO_TIME: Final = phrases(
    "never,not yet,nie,noch nie,jamais,nunca,mai,nooit,nog nooit,nigdy,aldrig,aldri,hicbir zaman,ei koskaan,никогда,"
    "一度もない,从未,no plans,not planned,no plans to,never bought,never purchased,"
    "never visited,kein plan,nicht geplant"
)
_DAYS_AGO: Final = _read("""
0.01 just now,right now,gerade eben,a l'instant,ahora mismo,adesso,agora mesmo,nu net,wlasnie teraz,just nu
0.01 lige nu
0.3 earlier today,this morning
0 today,heute,aujourd'hui,hoy,oggi,hoje,vandaag,dzisiaj,dzis,idag,i dag,bugun,tanaan,сегодня,今日,今天
1 yesterday,gestern,hier,ayer,ieri,ontem,gisteren,wczoraj,igar,i gar,dun,eilen,вчера,昨日,昨天
""")
_AGO: Final = phrases(
    "ago,last,past,within,previous,next,this,vor,letzten,letzte,letzter,letztes,letztem,innerhalb,diese,dieser,diesen,dieses,"
    "il y a,dernier,derniere,derniers,dernieres,ce,cette,hace,ultimo,ultima,ultimos,ultimas,este,esta,fa,ultimi,ultime,"
    "questo,questa,ha,nesta,neste,geleden,afgelopen,laatste,deze,dit,temu,ostatnim,ostatnich,ostatni,sedan,senaste,denna,"
    "siden,seneste,siste,denne,gecen,son,bu,назад,последние,последний,этот,前,以内,先,今"
)
_THIS: Final = phrases(
    "this,diese,dieser,diesen,dieses,ce,cette,este,esta,questo,questa,neste,nesta,deze,dit,denna,denne,bu,этот,今"
)
_OVER: Final = phrases(
    "more,over,longer,mehr,uber,langer,plus,mas,piu,oltre,mais,meer,langer,ponad,wiecej,mer,over,fazla,более,больше,以上"
)
_UNDER: Final = phrases(
    "less,under,within,weniger,unter,moins,menos,meno,minder,mniej,mindre,az,менее,меньше,未満,以内,innerhalb,next,last,past"
)


def days_ago(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how many days ago, or ahead, something happens; nothing where the answers are no such times.

    "Never" lies behind all of them.
    """
    found = [_days(text) for text in plain]
    known = [days for days in found if days is not None]
    # So many times in the last year are a frequency.
    if any(is_times_word(word) for text in plain for word in text.split()):
        return ()
    marked = sum(not _AGO.isdisjoint(text.split()) or "il y a " in text or text in _DAYS_AGO for text in plain)
    distinct = len(set(known)) == len(plain) >= _FEWEST
    return tuple(known) if distinct and marked >= max(2, len(plain) // 2) else ()


def _days(text: str) -> float | None:
    if text in _DAYS_AGO:
        return _DAYS_AGO[text]
    if text in _LONG_AGO:
        return 1e6
    words = _FREQUENCY_WORD.findall(text)
    if text in _NO_TIME or " ".join(words[:2]) in _NO_TIME or words[:1] in (["never"], ["nie"], ["nunca"], ["jamais"]):
        return 1e7
    units = [days for days in map(unit_days, words) if days]
    if not units or len({*words} - _GRAMMAR - _AGO - _OVER - _UNDER) > len(words) / 2 + 1:
        return None
    numbers = [float(word) for word in words if word.isdecimal()] or [
        number_word(word) for word in words if number_word(word)
    ]
    held = set(words)
    size = sum(numbers[:2]) / len(numbers[:2]) if numbers else 1.0
    spread = 1.15 if held & _OVER else 0.5 if held & _THIS else 0.98 if held & _UNDER else 1.0
    return size * units[-1] * spread

"""Verbal rating scales by how their answers are built: degrees of one word, and frequencies.

"Not at all happy", "quite happy" and "very happy" differ by their adverbs; "2-3 times a month" and "alle zwei Wochen"
are rates.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, product, takewhile
from operator import itemgetter
from typing import Final

from segmenter.table.infer.header import without_accents

_FEWEST_STEPS: Final = 3
_FEWEST_LETTERS: Final = 4
_LONGEST_ENDING: Final = 3
_FEWEST_DEGREES: Final = 2
_LITTLE: Final = -1.0
_WORDS_TURNED: Final = 3
_STRONG: Final = 3.0


def _table(text: str) -> dict[str, float]:
    """Return each phrase of lines such as `4 totally, fully` with the number before it."""
    lines = (line.strip().partition(" ") for line in without_accents(text).strip().splitlines())
    return {phrase.strip(): float(number) for number, _, phrases in lines for phrase in phrases.split(",")}


def phrases(text: str) -> frozenset[str]:
    """Return the phrases between the commas of a text, without accents, for long lists of them."""
    return frozenset(phrase.strip() for phrase in without_accents(text).split(","))


# How much of a word its adverbs leave; the bare word is 2. Letters have no accents.
ADVERBS: Final = _table("""
4 perfectly,perfekt,parfaitement,perfectamente,perfettamente,perfeitamente,doskonale
4 exactly,precisely,genau,exactement,exactamente,esattamente,exatamente,precies,dokladnie,precis
4 extremely,completely,totally,fully,absolutely,entirely,definitely,certainly,ausserst,vollig,far too,much too
4 exceptionally,incredibly,extraordinarily,utterly,ausserordentlich,hochst,exceptionnellement,infiniment
4 excepcionalmente,increiblemente,eccezionalmente,straordinariamente,excepcionalmente,incrivelmente,buitengewoon
4 uitzonderlijk,wyjatkowo,niezmiernie,otroligt,exceptionellt,usaedvanlig,usedvanlig,olaganustu,исключительно
4 чрезвычайно
3 particularly,especially,besonders,wirklich,richtig,vraiment,particulierement,realmente,verdaderamente
3 especialmente,davvero,veramente,particolarmente,realmente,particularmente,echt,bijzonder,naprawde,szczegolnie
3 verkligen,sarskilt,virkelig,saerligt,gercekten,todella,действительно,особенно
1.5 massig,leidlich,recht,halbwegs,relativ,relatively,relativement,medianamente,relativamente,mediamente
1.5 relatief,stosunkowo,relativt,nispeten,suhteellisen,относительно
4 way too,viel zu,beaucoup trop,veel te
3.5 strongly,highly,fortement,stark,fuertemente,fortemente,sterk,silnie,starkt,sterkt
4 vollkommen,voll und ganz,voll,absolut,extrem,komplett,ganz sicher,tout a fait,totalement,completement
4 extremement,absolument,certainement,totalmente,completamente,absolutamente,muchisimo,extremadamente
4 sumamente,definitivamente,seguramente,pienamente,del tutto,estremamente,moltissimo,assolutamente,sicuramente
4 certamente,plenamente,extremamente,com certeza,certeza,certamente,helemaal,volledig,uiterst,zeker,calkowicie
4 zdecydowanie,zupelnie,niezwykle,na pewno,w pelni,helt,fullstandigt,absolut,definitivt,helt sakert,ytterst
4 fuldstaendig,fullt,rozhodne,zcela,naprosto,urcite,kesinlikle,tamamen,son derece,taysin,erittain,ehdottomasti
4 полностью,совершенно,абсолютно,категорически,точно,全く,まったく,絶対に,絶対,必ず,完全,絶対的に,매우
3 very,greatly,really,much,far,way,a lot,too,viel,deutlich,beaucoup,trop,mucho,demasiado,troppo,veel,duzo,znacznie
3 mye,langt,paljon,mnohem,намного,гораздо,значительно,cok daha,sehr,tres,muy,molto,muito,zeer,heel,erg,bardzo,mycket
3 valdigt,meget,svaert,veldig,velmi
3 cok,hyvin,очень,крайне,非常に,とても,大変,非常,很,十分
1.8 mostly,largely,generally,uberwiegend,weitgehend,grosstenteils,en grande partie,in gran parte,grotendeels
1.8 w wiekszosci,to a large extent,to a great extent,in hohem masse,zum grossen teil,dans une large mesure
1.8 en gran medida,en gran parte,in larga misura,em grande parte,em grande medida,in hoge mate,w duzym stopniu
1.8 till stor del,i stort,i stort sett,i huvudsak,i hoj grad,i stor grad,buyuk olcude,suurelta osin,z velke casti
1.8 в значительной степени
1.5 quite,fairly,pretty,mittelmassig,moderately,reasonably,ziemlich,einigermassen,assez,moyennement,bastante
1.5 razoavelmente,moderadamente,moderatamente,abbastanza,redelijk,tamelijk,behoorlijk,dosc,srednio,umiarkowanie
1.5 ret,ganska,moderat,ganske,celkem,docela,stredne,oldukca,orta derecede,orta duzeyde,melko,kohtalaisen,довольно
1.5 достаточно,かなり,比较,比較,较
1 somewhat,rather,partly,partially,tend to,probably,moderate,eher,teilweise,zum teil,wahrscheinlich,vermutlich
1 plutot,partiellement,en partie,probablement,algo,parcialmente,mas bien,probablemente,en parte,piuttosto
1 parzialmente,in parte,probabilmente,parcialmente,provavelmente,em parte,mais ou menos,enigszins,gedeeltelijk
1 deels,eerder,waarschijnlijk,raczej,czesciowo,prawdopodobnie,troche,delvis,till viss del,troligen,troligtvis
1 formodligen,noget,litt,sannsynligvis,sandsynligvis,spise,castecne,pravdepodobne,asi,kismen,muhtemelen,osittain
1 to some extent,to a certain extent,might,may,in gewissem masse,dans une certaine mesure,en cierta medida
1 in una certa misura,em certa medida,in zekere mate,w pewnym stopniu,i viss man,i nogen grad,i noen grad
1 jokseenkin,todennakoisesti,скорее,частично,вероятно,どちらかといえば
1 どちらかと言えば,まあ,やや,おそらく,多分,恐らく,可能
0.5 un peu de,slightly,a little,a bit,a little bit,etwas,ein wenig,ein bisschen,un peu,legerement,un poco,ligeramente
0.5 un po',leggermente,um pouco,ligeiramente,een beetje,iets,lekko,nieco,lite,nagot,lidt,trochu,mirne,biraz
0.5 hieman,vahan,немного,слегка,少し
""")
# So little of it that the answer speaks against: "of little importance", "peu satisfait".
HARDLY: Final = phrases(
    "less,little,low,hardly,barely,of little,not very,not so,not too,not that,"
    "not particularly,not really,"
    "not quite,not especially,not likely to be,wenig,weniger,kaum,nicht so,nicht sehr,nicht besonders,"
    "nicht wirklich,nicht ganz,peu,pas tres,pas vraiment,pas si,pas trop,poco,no muy,"
    "no tan,non molto,non tanto,"
    "non proprio,pouco,nao muito,niet zo,niet erg,niet echt,niet zeer,niet heel,malo,"
    "nie bardzo,nie tak,niezbyt,"
    "inte sa,inte sarskilt,inte mycket,inte riktigt,ikke saerlig,ikke saa,ikke sa,mindre,malo,prilis ne,"
    "ne prilis,az,pek,ei kovin,не очень,не слишком,мало,あまり,それほど,さほど,不太,不大"
)
NOT_AT_ALL: Final = phrases(
    "not at all,at all not,du tout,would never,wurde nie,wurde niemals,jamais,nunca,zou nooit,"
    "wcale,alls,overhovedet,lainkaan,not in the least,gar nicht,uberhaupt nicht,ganz und gar nicht,absolut nicht,"
    "keinesfalls,auf keinen fall,keineswegs,pas du tout,du tout pas,absolument pas,"
    "aucunement,en absoluto,"
    "para nada,nada,per niente,per nulla,affatto,nient'affatto,de modo algum,"
    "de jeito nenhum,nem um pouco,"
    "helemaal niet,absoluut niet,totaal niet,in geen geval,wcale nie,w ogole nie,inte alls,absolut inte,"
    "slet ikke,ikke i det hele tatt,overhovedet ikke,vubec ne,hic,asla,ei lainkaan,"
    "ei ollenkaan,совсем не,"
    "вовсе не,совершенно не"
)
NOT: Final = phrases(
    "doesn't,doesnt,didn't,didnt,isn't,aren't,wasn't,can't,cannot,wouldn't,shouldn't,hasn't,haven't,"
    "not,won't,wont,will not,would not,do not,don't,no,nicht,nein,kein,keine,pas,ne,non,"
    "n'est pas,niet,nee,nie,"
    "inte,ikke,nej,nei,ej,nao,degil,degilim,hayir,ei,en ole,en aio,en usko,en halua,не,нет"
)
# Neither for nor against.
MIDDLE: Final = phrases(
    "acceptable,akzeptabel,aceptable,accettabile,aceitavel,acceptabel,"
    "normal,normale,normaal,normalny,normalnie,normalt,normalde,нормально,"
    "neutral,neutrally,neither,undecided,mixed,indifferent,maybe,perhaps,unsure,not sure,"
    "no opinion,so-so,"
    "average,might or might not,may or may not,it depends,depends,ok,okay,half and half,equally,both,"
    "teils teils,teils/teils,geht so,es geht,fifty-fifty,50/50,50-50,comme ci comme ca,bof,asi asi,ni fu ni fa,"
    "gaat wel,gleich gut,gleich viel,autant,tout autant,tanto como antes,lo mismo que antes,even goed,evenveel,"
    "lika,lika mycket,lika bra,lige,lige meget,lige godt,like mye,like bra,hverken/eller,varken/eller,verken/eller,"
    "sadar,tak sobie,sa dar,sisadar,soyle boyle,так себе,"
    "teils-teils,weder noch,unentschieden,vielleicht,mittel,"
    "mittelmassig,neutre,indecis,"
    "peut-etre,mitige,moyen,neutro,neutra,indeciso,indecisa,quiza,quizas,tal vez,"
    "a lo mejor,depende,regular,"
    "forse,dipende,cosi cosi,incerto,neutrale,talvez,mais ou menos,neutraal,misschien,"
    "weet niet zeker,onbeslist,"
    "geen mening,gemiddeld,trudno powiedziec,byc moze,moze,nie mam zdania,neutralny,neutralnie,obojetne,"
    "przecietnie,kanske,neutralt,tveksam,varken eller,maske,kanskje,hverken eller,"
    "verken eller,mozna,nevim,"
    "neutralni,kararsiz,kararsizim,belki,notr,fikrim yok,ehka,neutraali,нейтрально,возможно,может быть,"
    "затрудняюсь ответить,どちらともいえない,どちらとも言えない,どちらでもない,"
    "普通,ふつう,一般,中立,不确定,不確定,说不清,보통,보통이다,"
    "aussi souvent,genauso oft,gleich oft,igual de a menudo,altrettanto spesso,com a mesma frequencia,even vaak,"
    "tak samo czesto,lika ofta,lige sa ofte,"
    "as much,as often,as many,as good,as before,come,tanto,as usual,same,"
    "the same,about the same,unchanged,no change,no difference,equal,just right,about right,as expected,"
    "about as expected,about what i expected,what i expected,gleich,gleich geblieben,genauso,unverandert,genau richtig,"
    "wie erwartet,pareil,identique,la meme chose,inchange,comme prevu,igual,lo mismo,sin cambios,como esperaba,"
    "uguale,lo stesso,invariato,come previsto,o mesmo,sem alteracao,como esperado,hetzelfde,gelijk,onveranderd,"
    "zoals verwacht,tak samo,bez zmian,likadant,samma,oforandrat,det samme,uendret,uaendret,likt,som forventet,ayni,"
    "так же,то же самое,без изменений,sama,samanlainen,ennallaan,stejne,stejny,beze zmeny,同じ,変わらない,不变,같다"
)
_MIDDLE_STARTS: Final = re.compile(
    r"^(?:(?:might|may|could) or (?:might|may|could) not\b|"
    r"neither .* nor |weder .* noch |ni .* ni |ne .* ne |nem .* nem |noch .* noch |ani .* ani |varken .* eller |"
    r"h?verken .* eller |nao .* nem |niet .* niet |не .* не |ни .* ни )"
)
# Verbs and adjectives of Japanese deny by their ending.
_DENYING_ENDINGS: Final = tuple(
    (without_accents(ending), without_accents(positive))
    for ending, positive in (
        ("ではない", ""),
        ("でない", ""),
        ("しない", "する"),
        ("わない", "う"),
        ("くない", "い"),
        ("ない", "る"),
    )
)
_DENIED_FROM_AHEAD: Final = tuple(map(without_accents, ("あまり", "それほど", "さほど")))
# For and against, where no syllable tells.
_PAIRS: Final = sorted(
    (against, favour)
    for favour, against in (
        pair.split(":")
        for pair in phrases(
            "agree:reject,concordo:discordo,accordo:disaccordo,good:bad,good:poor,"
            "easy:difficult,easy:hard,better:worse,"
            "high:low,zu:ab,gut:schlecht,leicht:schwer,einfach:schwierig,"
            "besser:schlechter,bon:mauvais,bonne:mauvaise,"
            "facile:difficile,mieux:pire,content:mecontent,bueno:malo,buena:mala,"
            "facil:dificil,mejor:peor,buono:cattivo,"
            "buona:cattiva,meglio:peggio,bom:ruim,bom:mau,boa:ma,melhor:pior,goed:slecht,"
            "makkelijk:moeilijk,"
            "beter:slechter,dobry:zly,dobra:zla,dobrze:zle,latwy:trudny,latwe:trudne,"
            "lepiej:gorzej,bra:daligt,bra:dalig,"
            "latt:svart,battre:samre,god:darlig,godt:darligt,let:svaert,lett:vanskelig,"
            "dobre:spatne,iyi:kotu,kolay:zor,"
            "hyva:huono,helppo:vaikea,хорошо:плохо,легко:сложно,легко:трудно,満足:不満,満足:不満足,"
            "良い:悪い,簡単:難しい,満意:不満意,好:差,"
            "лучше:хуже,late:early,expensive:cheap,expensive:inexpensive,long:short,longer:shorter,more:less,many:few,"
            "smooth:rough,old:young,older:younger,oldest:youngest,highest:lowest,more:fewer,most:least,luxury:budget,"
            "big:small,large:small,bigger:smaller,larger:smaller,fast:slow,faster:slower,warm:cold,hot:cold,heavy:light,"
            "heavier:lighter,above:below,higher:lower,favour:against,favor:against,favor:contra,"
            "pour:contre,dafur:dagegen,voor:tegen,za:przeciw,mieux:moins,spat:fruh,lang:kurz,langer:kurzer,teuer:billig,"
            "mehr:weniger,plus:moins,mas:menos,piu:meno,mais:menos,meer:minder,wiecej:mniej,mer:mindre,cher:bon,"
            "gross:klein,weit:nah,hoch:niedrig,hoch:tief,stark:schwach,schnell:langsam,hell:dunkel,warm:kalt,neu:alt,suss:sauer,"
            "grand:petit,grande:petite,grande:pequeno,grande:piccolo,haut:bas,elevee:basse,rapide:lent,fort:faible,chaud:froid,"
            "alto:bajo,alta:baja,alto:basso,alta:bassa,alto:baixo,alta:baixa,rapido:lento,caliente:frio,caldo:freddo,"
            "largo:corto,lungo:corto,longo:curto,caro:barato,caro:economico,groot:klein,hoog:laag,snel:langzaam,duur:goedkoop,"
            "duzy:maly,duze:male,wysoki:niski,wysoka:niska,szybki:wolny,drogi:tani,drogo:tanio,stor:liten,stor:lille,hog:lag,"
            "hoj:lav,hoy:lav,snabb:langsam,hurtig:langsom,dyr:billig,kort:lang,buyuk:kucuk,yuksek:dusuk,hizli:yavas,"
            "pahali:ucuz,iso:pieni,korkea:matala,nopea:hidas,kallis:halpa,большой:маленький,высокий:низкий,быстро:медленно,"
            "дорого:дешево,velky:maly,vysoky:nizky,rychly:pomaly,drahy:levny,高い:安い,大きい:小さい,早い:遅い,"
            "positiv:negativ,positif:negatif,positive:negative,positivo:negativo,positiva:negativa,positief:negatief,"
            "pozytywny:negatywny,pozytywnie:negatywnie,positivt:negativt,olumlu:olumsuz,положительно:отрицательно,"
            "positiivinen:negatiivinen,pozitivni:negativni,"
            "만족:불만족,accept:refuse,support:oppose,positive:negative,true:false,true:untrue,"
            "satisfied:frustrated,"
            "like:dislike,love:hate,comfortable:uncomfortable,strong:weak,safe:unsafe,"
            "fair:unfair,yes:no,oui:non,"
            "ja:nein,si:no,sim:nao,tak:nie,evet:hayir,ja:nej,ja:nee,ja:nei,ano:ne,да:нет,gern:ungern,"
            "zufrieden:frustriert"
        )
    )
)
# Against → for; one word may be the opposite of several, in other languages.
OPPOSITES: Final = {
    against: tuple(favour for _, favour in pairs) for against, pairs in groupby(_PAIRS, key=itemgetter(0))
}
AGAINST_STARTS: Final = (
    "dis",
    "un",
    "in",
    "im",
    "ir",
    "on",
    "mis",
    "miss",
    "u",
    "nie",
    "ne",
    "des",
    "mal",
    "o",
    "не",
    "不",
)
_LITTLE_WORDS: Final = phrases(
    "i,it,is,am,are,be,to,of,the,will,would,with,this,agree with,me,my,does,do,for,daha,mich,auf mich,than,then,"
    "ich,stimme,trifft,es,bin,"
    "je,suis,d',de,en,del,"
    "la,le,est,estoy,soy,es,sono,sto,d'accordo con,estou,sou,e,ik,ben,het,met,mee,jestem,"
    "ze,jag,ar,er,jeg,jsem,"
    "olen,я,です,である,で,の,fall,auf jeden,auf,jeden,a,o,un,una,wel,to,any,level,importance,importancia"
)
_GENDERS: Final = re.compile(r"\((?:e|a|o|ne|en|in)\)|/(?:e|a|o|y)\b|\*in\b")
_LETTERS: Final = re.compile(r"[\w'/-]+")


def degrees(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how much each answer speaks for one and the same thing; nothing where answers are no such degrees.

    Parameters
    ----------
    plain
        The different answers, in lower case and without accents.
    """
    if sum(_has_adverb(text) for text in plain) < _FEWEST_DEGREES:
        return ()
    parts = [_taken_apart(_GENDERS.sub("", text)) for text in plain]
    stems = {stem for _, stem in parts if stem}
    sign = _signs(stems)
    if sign is None:
        return ()
    # A stem that some lack is none: Definitely, Probably not.
    bare = sum(not stem for amount, stem in parts if amount is not None)
    scores = []
    for amount, stem in parts:
        if amount is None:
            scores.append(0.0)
        else:
            scores.append(amount * sign.get(stem, 1.0))
    n_degrees = sum(amount not in (None, 2.0) for amount, _ in parts)
    if (
        len(set(scores)) < len(scores)
        or len(scores) < _FEWEST_STEPS
        or n_degrees < _FEWEST_DEGREES
        or (bare and len(stems) > 2)
    ):
        return ()
    return tuple(scores)


# The first words of all these phrases, to pass over columns that have none of them.
_FIRST_WORDS: Final = frozenset(phrase.split()[0] for phrase in (*ADVERBS, *HARDLY, *NOT_AT_ALL, *NOT))


def _has_adverb(text: str) -> bool:
    # Turkish and Japanese deny by an ending, and Japanese has no blanks.
    return not text.isascii() or "iyorum" in text or not _FIRST_WORDS.isdisjoint(text.split())


_SAID_OTHERWISE: Final = {
    "a little": "slightly",
    "en contra": "contra",
    "couldn't agree more": "completely agree",
    "could not agree more": "completely agree",
    "couldn't agree less": "completely disagree",
    "could not agree less": "completely disagree",
    "moins bien": "pire",
    # A little of it is less than it, and little of it speaks against it.
    "un poco": "ligeramente",
    "um pouco": "ligeiramente",
    "un peu": "legerement",
    "un po'": "leggermente",
}


# A bit too long: beside "way too long" it is about long.
_TOO: Final = re.compile(
    r"\b(a bit|a little|slightly|somewhat|etwas|ein wenig|ein bisschen|un peu|legerement|un poco|ligeramente|un po'|"
    r"leggermente|um pouco|iets|een beetje|lite|nagot|lidt|litt|nieco|troche) "
    r"(?:too|zu|trop|demasiado|demasiada|troppo|troppa|demais|te|for|zbyt|za) (?=\w)"
)


def _taken_apart(text: str) -> tuple[float | None, str]:
    """Return the share that adverbs leave, negative where the answer denies, and the word it is about.

    The share is None for the middle, such as "neither … nor".
    """
    if text in MIDDLE or _MIDDLE_STARTS.match(text):
        return None, ""
    amount, text = 1.0, f" {text} "
    text = _without_second_denial(text)
    rest, found = _without(text, NOT_AT_ALL)
    if found:
        # Pas satisfait du tout, non soddisfatto per niente.
        return -4.0, _stem(_without(rest, NOT)[0])
    text = _TOO.sub(r"\1 ", text)
    # What denies in one language is a little word, or an opposite, in another.
    for phrase, meant in _SAID_OTHERWISE.items():
        text = text.replace(f" {phrase} ", f" {meant} ")
    before, (text, found) = text, _without(text, HARDLY)
    if found and before.endswith(f" {found} ") and _stem(text):
        # Concordo pouco: behind a verb, little of it is a little.
        return 0.5, _stem(text)
    if found:
        rest, adverb = _without(text, ADVERBS)
        # Very unlikely, where a language says "very little likely".
        return _LITTLE * (2.0 if ADVERBS.get(adverb, 0.0) >= _STRONG else 1.0), _stem(rest)
    rest, adverb = _without(text, ADVERBS)
    amount = ADVERBS[adverb] if adverb else 2.0
    rest, denied = _without(rest, NOT)
    if denied and " at all " in rest:
        return -4.0, _stem(rest.replace(" at all ", " "))
    if denied:
        rest, _ = _without(rest, NOT)
    for ending, positive in _DENYING_ENDINGS:
        if rest.strip().endswith(ending):
            return -amount, rest.strip().removesuffix(ending) + positive
    turkish = re.sub(r"m[iu]yorum\b", "iyorum", rest)
    return (-amount if denied or turkish != rest else amount), _stem(turkish)


def _without_second_denial(text: str) -> str:
    """Return あまり重要ではない as あまり重要: what denies it weakly stands ahead, and an ending denies it again."""
    if any(word in text for word in _DENIED_FROM_AHEAD):
        for ending, positive in _DENYING_ENDINGS:
            if text.strip().endswith(ending):
                return f" {text.strip().removesuffix(ending)}{positive} "
    return text


def _without(text: str, phrases: Sequence[str] | frozenset[str] | dict[str, float]) -> tuple[str, str]:
    """Return the text without the longest phrase that stands in it, and that phrase."""
    spaced = [phrase for phrase in phrases if f" {phrase} " in text or (not phrase.isascii() and phrase in text)]
    longest = max(spaced, key=lambda phrase: (len(phrase), phrase), default="")
    return (text.replace(longest, " ", 1) if longest else text), longest


def _stem(text: str) -> str:
    words = [word.removeprefix("d'").removeprefix("l'") for word in _LETTERS.findall(text)]
    return " ".join(word for word in words if word not in _LITTLE_WORDS)


def _signs(stems: set[str]) -> dict[str, float] | None:
    """Return 1 for the word that the answers are about and −1 for its opposite; None where they are about several."""
    signs: dict[str, float] = {}
    for stem in sorted(stems):
        others = stems - {stem}
        # Two words tell enough; more of them would have too many opposites.
        words = [OPPOSITES.get(word, (word,)) for word in stem.split()[:_WORDS_TURNED]]
        rest = stem.split()[_WORDS_TURNED:]
        opposites = {" ".join((*turned, *rest)) for turned in product(*words)} - {stem}
        denied = bool(opposites & others) or any(
            stem == start + other or (stem.startswith(start) and _alike(stem.removeprefix(start), other))
            for start in AGAINST_STARTS
            for other in others
        )
        signs[stem] = -1.0 if denied else 1.0
    for sign in (1.0, -1.0):
        same = [stem for stem, its in signs.items() if its == sign]
        if len(same) > 1 and not all(_alike(same[0], other) for other in same[1:]):
            return None
    return signs


def _alike(first: str, second: str) -> bool:
    """Whether two words differ by their endings only: importante, importantes."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return first == second or (shared >= _FEWEST_LETTERS and max(len(first), len(second)) - shared <= _LONGEST_ENDING)


# Days between two times. Words of five letters or more may go on: monthly, monatlich, months.
_UNITS: Final = _table("""
0.0007 minute,minutes,minut,min.,分鐘
0.0417 hour,hours,hrs,stunde,std,heure,hora,horas,ora,ore,uur,uren,godzin,timme,timer,saat,hodin,tunti,час,часа
0.0417 часов,時間,小时
1 day,daily,days,tag,tage,tagen,taglich,jour,jours,quotid,dia,dias,diari,giorno,giorni,giornal,dag,dagen
1 dagelijks,daglig,dzien,dziennie,codzien,dni,gun,gunde,gunluk,den,denne,dne,paiva,paivit,день,дня,дней
1 ежедневно,日,天,일,매일
7 week,wekelijks,weekly,weeks,woche,wochen,wochent,semaine,hebdo,semana,semanal,settim,tydzien,tygodn,vecka
7 viikossa,tydne,tydnu,tydny,일주일
7 veckan,veckov,veckor,uge,ugen,ugentlig,uke,uken,ukentlig,hafta,haftad,haftal,tyden,tydn,viikko,viikoi,неделю
7 недели,неделя,еженедельно,週,周,주
30.4 month,monthly,months,monat,monate,mois,mensu,mes,meses,mese,mesi,mensil,mensal,maand,miesiac,miesiec,manad
30.4 maned,mdr,kuu,kuussa,달,ay,ayda,aylik,mesic,kuukau,месяц,ежемесячно,月,월
91 quarter,quartal,trimes,kwartal,kwartaal,kvartal,ceyrek,ctvrtlet,квартал,ежеквартально,四半期,季度
182 half-year,half-yearly,semi-annually,halbjahr,halbjahrlich,semestr,semestral,halfjaar,halvar,polroc,半年
365 year,yearly,years,annual,annually,annum,jahr,jahre,jahrlich,an,ans,annee,annuel,ano,anos,anual,anno,anni
365 annuale,jaar,jaarlijks,rok,roku,rocznie,rocne,ar,aret,arlig,yil,yilda,yilligi,vuosi,vuode,год,года,ежегодно
365 年,년
""")
_LONG_UNITS: Final = tuple(unit for unit in _UNITS if len(unit) > _FEWEST_LETTERS)
_NUMBER_WORDS: Final = _table("""
1 once,one,birden,tek,a,an,einmal,ein,eine,einem,einer,une,un,una,uma,uno,um,eenmaal,een,eens,raz,jeden,jedna,en
1 ett,et,jednou,bir,kerran,один,раз,every,each,per,jeden,jede,jedes,chaque,tous les,toutes les,cada,ogni
1 todos los,todos os,todas as,tutti i,elke,iedere,ieder,kazdego,varje,hver,kazdy,her,joka,каждый,每,毎,매
2 twice,two,zweimal,zwei,deux,dos,due,duas,dois,tweemaal,twee,dwa,dwie,tva,to,dvakrat,dva,iki,kaksi,два,other
2 второй
3 three,drei,dreimal,trois,tres,tre,drie,trzy,tri,uc,kolme,три
5 five,funf,cinq,cinco,cinque,vijf,piec,fem,bes,pet,five times
7 seven,sieben,sept,siete,sette,sete,zeven,siedem
8 eight,huit,ocho,otto,oito
10 ten,zehn,dix,diez,dieci,dez,tien
4 four,vier,viermal,quatre,cuatro,quattro,quatro,cztery,fyra,fire,ctyri,dort,четыре
6 six,sechs,seis,sei,zes,szesc,sex,seks,sest,alti,шесть
3.4 several,multiple,many,mehrmals,mehrere,plusieurs,varias,varios,piu,diverse,varie,varias,meerdere,wiele
3.4 kilkakrotnie,flera,flere,vicekrat,useita,数回,多次
2 couple
3.1 few,some,pocos,pocas,poucos,poucas,pochi,poche,몇,einige,ein paar,quelques,unas,unas pocas,algunas,alcune,qualche
3.1 algumas,paar,kilka,nagra
3.1 nogle,noen,nekolikrat,birkac,muutaman,несколько,几次,幾次
""")
_TIMES: Final = phrases(
    "time,times,x,mal,male,fois,vez,veces,vezes,volta,volte,keer,maal,razy,raz,gang,"
    "ganger,gange,krat,kez,kere,"
    "defa,kertaa,раза,раз,回,次,度"
)
_LESS: Final = phrases(
    "less,fewer,under,seltener,weniger,moins,menos,meno,minder,rzadziej,mniej,sallan,sallan an,mindre,"
    "sjaeldnere,sjeldnere,mene,az,daha az,harvemmin,реже,менее,未満,不到,以下"
)
_MORE: Final = phrases(
    "more,over,least,ofter,ofters,haufiger,mehr,ofter als,plus,mas,piu di,mais,meer,vaker,"
    "czesciej,wiecej,"
    "oftare,mer,mere,oftere,casteji,vice,fazla,useammin,чаще,более,以上"
)
# Nearly every day, most weeks.
_NEARLY: Final = phrases(
    "nearly,almost,most,about,fast,beinahe,meist,ungefahr,presque,environ,casi,quasi,quase,bijna,ongeveer,prawie,"
    "nastan,nesten,naesten,temer,neredeyse,lahes,melkein,почти,几乎,거의"
)
_EVERY: Final = phrases(
    "every,todo,toda,tout,toute,alle,tous,toutes,todos,todas,tutti,tutte,cada,ogni,elke,om,co,var,vart,hver,hvert,kazdych,каждые"
)
NEVER: Final = _table("""
0 zero,never,not at all,none,nie,niemals,gar nicht,jamais,nunca,mai,nooit,nigdy,aldrig,aldri,nikdy,hic,asla
0 hicbir zaman,ei koskaan,никогда,全くない,利用しない,从不,從不,まったくない,this is my first time,first time
0 ninguna vez,nessuna volta,aucune fois,nenhuma vez,kein mal,kein einziges mal,geen enkele keer,ani razu,inte en gang
0 ikke en gang,not a single time,no times,ни разу,ani jednou
0.1 hardly ever,almost never,nearly never,practically never,fast nie,so gut wie nie,presque jamais,casi nunca
0.1 quasi mai,quase nunca,bijna nooit,prawie nigdy,nastan aldrig,nesten aldri,naesten aldrig,temer nikdy
0.1 neredeyse hic,ei juuri koskaan,почти никогда,ほとんどない,几乎从不,거의 없음
0 en koskaan,en lainkaan,전혀 없음,전혀
0.3 rarely,seldom,selten,rarement,raramente,di rado,rara vez,zelden,rzadko,sallan,sjaeldent,sjelden,zridka
0.3 nadiren,harvoin,редко,めったにない,很少,드물게
1000 more often,more frequently,haufiger,noch haufiger,ofter,plus souvent,mas a menudo,con mas frecuencia,piu spesso
1000 mais frequentemente,vaker,czesciej,oftare,oftere,casteji,daha sik,useammin,чаще
0.2 less often,less frequently,seltener,noch seltener,moins souvent,plus rarement,menos frecuentemente
0.2 con menos frecuencia,con menor frecuencia,meno spesso,piu raramente,menos frequentemente
0.2 com menos frequencia,minder vaak,zeldzamer,rzadziej,mer sallan,sjaeldnere,sjeldnere,mene casto,daha seyrek
0.2 harvemmin,реже,それ以下,更少
0.3 once in a blue moon,on special occasions,only on special occasions,every now and then,from time to time
0.3 occasionally,alle jubeljahre,zu besonderen anlassen,nur zu besonderen anlassen,gelegentlich,hin und wieder
0.3 ab und zu,de temps en temps,occasionnellement,de vez en cuando,ocasionalmente,en ocasiones especiales,ogni tanto
0.3 di tanto in tanto,in occasioni speciali,de vez em quando,em ocasioes especiais,af en toe,nu en dan
0.3 bij speciale gelegenheden,od czasu do czasu,okazjonalnie,da och da,vid speciella tillfallen,ara sira
0.3 время от времени,по особым случаям
""")
_FREQUENCY_TOKEN: Final = re.compile(
    r"\d+|[a-zЀ-ӿ]+(?:-[a-zЀ-ӿ]+)?|四半期|半年|季度|未満|不到|以上|以下|数回|多次|几次|幾次|[^\W\d_]"
)
_DAYS_OF_A_YEAR: Final = 365.0


def frequencies(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how often a year each answer says that something happens; nothing where answers are no frequencies.

    Parameters
    ----------
    plain
        The different answers, in lower case and without accents.
    """
    rates = [rate(text) for text in plain]
    known = [times for times in rates if times is not None]
    told = sum(text not in NEVER for text in plain)
    if len(known) < len(rates) or len(set(known)) < len(known) or len(known) < _FEWEST_STEPS or told < 2:
        return ()
    return tuple(known)


def rate(text: str) -> float | None:
    """Return how often a year an answer in lower case without accents says that something happens."""
    if text in NEVER:
        return NEVER[text]
    tokens = _FREQUENCY_TOKEN.findall(text)
    units = [days for days in map(unit_days, tokens) if days]
    if not units:
        return None
    numbers = [float(token) if token.isdecimal() else _NUMBER_WORDS[token] for token in tokens if _is_number(token)]
    words = set(tokens)
    # A length of time is no frequency: 1-2 years.
    one_word = len([token for token in tokens if len(token) > 1 or not token.isascii()]) == 1
    compared = words & (_LESS | _MORE | _NEARLY) and not any(token.isdecimal() for token in tokens)
    if not (words & _TIMES or words & _EVERY or one_word or compared or words & set(_NUMBER_WORDS)):
        return None
    if any(token.isdecimal() for token in tokens) and not (words & _TIMES or words & _EVERY):
        return None
    # "once a week" holds two ones; of "every two weeks", the larger number counts.
    size = max(numbers, default=1.0)
    if len(digits := [float(token) for token in tokens if token.isdecimal()]) == 2:
        size = sum(digits) / 2
    every = bool(words & _EVERY) and not words & _TIMES and size > 1
    days = units[-1] if len(set(units)) == 1 else max(units)
    times = _DAYS_OF_A_YEAR / days * (1 / size if every or _other(tokens) else size)
    less, more = bool(words & _LESS), bool(words & _MORE)
    return times * (0.6 if less else 1.6 if more and size < 3.05 else 0.9 if words & _NEARLY else 1.0)


# How often without saying how many times.
VAGUE: Final = _table("""
1 总是,一直,いつも,常に,항상
0.7 经常,常常,よく,しばしば,자주
0.4 有时,有时候,ときどき,時々,때때로
0.3 偶尔,たまに,가끔
0.1 几乎从不,很少,极少,めったに,ほとんど,거의
0 从不,从来不,从来没有,全く,まったく,全然,전혀
0 never,not once,not ever,nie,niemals,gar nicht,jamais,nunca,mai,nooit,nigdy,aldrig,aldri,hicbir zaman,asla,ei koskaan
0 en koskaan,никогда,nikdy
0.1 hardly ever,almost never,nearly never,very rarely,very seldom,fast nie,so gut wie nie,sehr selten,kaum
0.1 presque jamais,tres rarement,casi nunca,muy rara vez,muy pocas veces,quasi mai,molto raramente,quase nunca
0.1 muito raramente,bijna nooit,zeer zelden,heel zelden,prawie nigdy,bardzo rzadko,nastan aldrig,mycket sallan
0.1 naesten aldrig,nesten aldri,neredeyse hic,cok nadir,почти никогда,очень редко
0.2 rarely,seldom,infrequently,not often,not very often,selten,eher selten,nicht oft,rarement,pas souvent,raramente
0.2 rara vez,pocas veces,di rado,poche volte,poucas vezes,zelden,niet vaak,rzadko,sallan,inte sa ofta,sjelden
0.2 sjaeldent,nadiren,harvoin,редко,нечасто,zridka
0.3 now and again,once in a while,every now and then,now and then,from time to time,every so often,on occasion
0.3 occasionally
0.15 on special occasions,only on special occasions,once in a blue moon,alle jubeljahre
0.3 ab und zu,ab und an,hin und wieder,gelegentlich
0.3 von zeit zu zeit,de temps en temps,de temps a autre,a l'occasion,occasionnellement
0.3 de vez en cuando,ocasionalmente,ogni tanto,di tanto in tanto,occasionalmente,de vez em quando
0.3 de tempos em tempos,af en toe,nu en dan,zo nu en dan,od czasu do czasu,okazjonalnie,da och da,av och til,nu och da
0.3 en gang imellem,ara sira,zaman zaman,silloin talloin,время от времени,obcas
0.4 sometimes,at times,manchmal,bisweilen,parfois,quelquefois,a veces,algunas veces,qualche volta,a volte,talvolta
0.4 as vezes,algumas vezes,soms,czasami,czasem,ibland,noen ganger,nogle gange,bazen,joskus,иногда,nekdy
0.55 fairly often,quite often,pretty often,regularly,half the time,about half the time,ziemlich oft,relativ oft
0.55 recht oft,recht haufig,regelmassig,assez souvent,regulierement,bastante a menudo,regularmente,abbastanza spesso
0.55 regolarmente,com alguma frequencia,vrij vaak,regelmatig,dosc czesto,regularnie,ganska ofta,regelbundet
0.55 ganske ofte
0.55 oldukca sik,duzenli olarak,melko usein,довольно часто,регулярно,pravidelne
0.6 ofter,ofters,more often,plus souvent,piu spesso,vaker,czesciej,oftare,oftere,чаще
0.7 often,frequently,a lot,oft,haufig,souvent,frequemment,a menudo,con frecuencia,frecuentemente,spesso,di frequente
0.7 frequentemente,muitas vezes,com frequencia,vaak,dikwijls,czesto,ofta,ofte,sik sik,siklikla,usein,часто,casto
0.8 very often,very frequently,sehr oft,sehr haufig,tres souvent,muy a menudo,con mucha frecuencia,molto spesso
0.8 muito frequentemente,com muita frequencia,heel vaak,zeer vaak,bardzo czesto,mycket ofta,meget ofte,cok sik
0.8 hyvin usein,очень часто,velmi casto
0.85 mostly,most of the time,generally,usually,meistens,meist,la plupart du temps,generalement,d'habitude
0.85 la mayoria de las veces,normalmente,habitualmente,il piu delle volte,di solito,na maioria das vezes,geralmente
0.85 meestal,zazwyczaj,przewaznie,for det mesta,oftast,som regel,genellikle,cogunlukla,yleensa,обычно,чаще всего
0.93 almost always,nearly always,fast immer,presque toujours,casi siempre,quasi sempre,quase sempre,bijna altijd
0.93 prawie zawsze,nastan alltid,naesten altid,nesten alltid,neredeyse her zaman,lahes aina,почти всегда,temer vzdy
1 always,all the time,every time,constantly,continually,continuously,each time,without fail,immer,standig,jedes mal
1 toujours,tout le temps
1 a chaque fois,siempre,todo el tiempo,cada vez,sempre,tutto il tempo,ogni volta,o tempo todo,toda vez,todas as vezes
1 altijd,de hele tijd,elke keer,zawsze,za kazdym razem,caly czas,alltid,hela tiden,varje gang,altid,her zaman,surekli
1 aina,всегда,постоянно,каждый раз,vzdy
""")


def vague_frequencies(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how often, 0-1, answers such as "now and then" and "all the time" mean; nothing for others."""
    found = [VAGUE[text] for text in plain if text in VAGUE]
    return tuple(found) if len(found) == len(plain) == len(set(found)) >= _FEWEST_STEPS else ()


_COUNT_WORDS: Final = _table("""
9 often,very often,many times,oft,sehr oft,haufig,souvent,tres souvent,a menudo,muchas veces,spesso,molte volte
9 muitas vezes,vaak,heel vaak,czesto,bardzo czesto,ofta,mycket ofta,ofte,meget ofte,sik sik,usein,часто,casto
""")


def counts(plain: Sequence[str]) -> tuple[float, ...]:
    """Return how many times each answer says that something happened; nothing where answers are no such counts."""
    found = []
    for text in plain:
        tokens = _FREQUENCY_TOKEN.findall(text)
        words = {token for token in tokens if not _is_number(token)}
        numbers = [float(token) if token.isdecimal() else _NUMBER_WORDS[token] for token in tokens if _is_number(token)]
        if text in NOT:
            found.append(0.0)
        elif text in NEVER or text in _COUNT_WORDS:
            found.append(NEVER.get(text, _COUNT_WORDS.get(text, 0.0)))
        elif numbers and words <= _TIMES | _MORE | _LESS | _LITTLE_WORDS | {"than", "als", "or", "oder", "ou", "o"}:
            found.append(max(numbers) + (0.5 if words & _MORE else -0.5 if words & _LESS else 0.0))
        else:
            return ()
    worded = sum(any(token in _NUMBER_WORDS for token in _FREQUENCY_TOKEN.findall(text)) for text in plain)
    enough = len(set(found)) == len(found) >= _FEWEST_STEPS and worded > 1
    return tuple(found) if enough else ()


# How much of a whole, with whatever stands behind it: of it, of them, of the time.
PARTS: Final = _table("""
0 none,nothing,keine,nichts,gar nichts,aucun,aucune,rien,ninguno,ninguna,nada,nessuno,nessuna,niente,nenhum,nenhuma
0 geen,niets,zaden,nic,ingen,inget,intet,hicbiri,ei mitaan,никакой,ничего
0.05 almost none,hardly any,very few,very little,fast keine,kaum,presque aucun,presque rien,casi ninguno,casi nada
0.05 quasi nessuno,quase nenhum,bijna geen,prawie zaden,nastan inget
0.2 a few,a little,few,wenige,ein wenig,quelques-uns,un peu,unos pocos,un poco,alcuni,un po',alguns,um pouco
0.2 enkele,een beetje,kilka,troche,nagra,lite,litt,birkac
0.25 a quarter,quarter,one quarter,ein viertel,un quart,un cuarto,un quarto,um quarto,een kwart,cwierc,en fjardedel
0.25 четверть
0.33 a third,one third,ein drittel,un tiers,un tercio,un terzo,um terco,een derde,en tredjedel,треть
0.66 two thirds,zwei drittel,deux tiers,dos tercios,due terzi,dois tercos,twee derde,tva tredjedelar
0.76 three quarters,drei viertel,trois quarts,tres cuartos,tre quarti,tres quartos,driekwart,trzy czwarte
0.35 some,a part,einige,ein teil,une partie,certains,algunos,una parte,alguno,uma parte,sommige,een deel,czesc,en del
0.5 half,about half,around half,roughly half,etwa die halfte,die halfte,halfte,environ la moitie,la moitie,la mitad
0.5 aproximadamente la mitad,circa la meta,la meta,metade,cerca de metade,ongeveer de helft,de helft,okolo polowy
0.5 polowa,ungefar halften,halften,omtrent halvparten,yarisi,puolet,половина
0.75 most,a majority,die meisten,das meiste,meist,la plupart,la mayoria,la maggior parte,a maioria,de meeste,wiekszosc
0.75 de flesta,de fleste,cogu,useimmat,большинство
0.95 almost all,nearly all,fast alle,fast alles,presque tous,presque tout,casi todos,casi todo,quasi tutti,quase todos
0.95 bijna alle,bijna alles,prawie wszystkie,nastan alla
1 all,everything,alle,alles,tous,tout,todos,todo,tutti,tutto,tudo,allemaal,wszystkie,wszystko,alla,allt,hepsi,kaikki
1 все
""")
_OF_WHAT: Final = re.compile(r" (?:of|von|de|di|van|z|av) ")


def parts(plain: Sequence[str]) -> tuple[float, ...]:
    """Return which part of a whole each answer means, 0-1; nothing where answers are no parts."""
    found = [_part(text) for text in plain]
    known = [share for share in found if share is not None]
    return tuple(known) if len(found) == len(known) == len(set(known)) >= _FEWEST_STEPS + 1 else ()


def _part(text: str) -> float | None:
    share = PARTS.get(text, PARTS.get(_OF_WHAT.split(text, 1)[0]))
    if share is None and (match := _AROUND_A_PART.match(text)):
        held = PARTS.get(match["part"], PARTS.get(_OF_WHAT.split(match["part"], 1)[0]))
        share = None if held is None else held + (-0.1 if match["less"] else 0.1 if match["more"] else 0.0)
    return share


_AROUND_A_PART: Final = re.compile(
    r"^(?:(?P<less>less than|fewer than|under|weniger als|moins de|moins que|menos de|meno di|minder dan|mniej niz|"
    r"mindre an)|(?P<more>more than|over|mehr als|plus de|plus que|mas de|piu di|mais de|meer dan|wiecej niz|mer an)"
    r"|about|around|exactly)"
    r" (?P<part>.+)$"
)


def _other(tokens: Sequence[str]) -> bool:
    """Whether it says every other week."""
    return "other" in tokens and "every" in tokens


_ADVERBIAL_UNITS: Final = phrases(
    "daily,weekly,monthly,quarterly,yearly,annually,taglich,wochentlich,monatlich,jahrlich"
)


def number_word(token: str) -> float:
    """Return what a word of number counts, such as `twice` or `several`, and 0 for other words."""
    return _NUMBER_WORDS.get(token, 0.0)


def is_times_word(token: str) -> bool:
    """Whether a word says that something happens so many times, or each day, week or month."""
    return token in _TIMES or token in _ADVERBIAL_UNITS or token in {"once", "twice", "every", "least"}


def is_frequency_word(token: str) -> bool:
    """Whether a word says how often: a number, a unit of time, times, every, more."""
    return token in _NUMBER_WORDS | _UNITS or token in _TIMES | _MORE | _LESS | _NEARLY | _EVERY or unit_days(token) > 0


def _is_number(token: str) -> bool:
    return token.isdecimal() or token in _NUMBER_WORDS


@lru_cache(maxsize=2048)
def unit_days(token: str) -> float:
    """Return the days of a unit of time, whatever its ending, and 0 for other words."""
    if token in _UNITS:
        return _UNITS[token]
    unit = max((unit for unit in _LONG_UNITS if token.startswith(unit)), key=len, default="")
    return _UNITS[unit] if unit else 0.0

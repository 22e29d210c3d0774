"""Ordinal scales, lowest answer first, and words for yes and no."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

import numpy as np

from segmenter.table.infer.cells import is_unknown_word
from segmenter.table.infer.dates import MONTHS
from segmenter.table.infer.graded_words import days_ago, graded, times_a_year
from segmenter.table.infer.header import without_accents, word_set
from segmenter.table.infer.verbal_scales import (
    counts,
    degrees,
    frequencies,
    parts,
    phrases,
    unit_days,
    vague_frequencies,
)

# Frequency, agreement, satisfaction, importance, likelihood, quality, level, size, education, amount and experience in
# English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish and Norwegian, Czech, Turkish,
# Finnish and Russian, and the common ones in Japanese and Chinese.
LINES: Final = """
never|not at all / almost never|hardly ever|very rarely / rarely|seldom|infrequently / occasionally|once in a while / sometimes|now and then / regularly|fairly often / often|frequently|usually|most of the time / very often|very frequently|almost always|nearly always / always|all the time
never / less than monthly|less than once a month / monthly|once a month|about once a month / 2-3 times a month|a few times a month / weekly|once a week|about once a week / 2-3 times a week|a few times a week / 4-6 times a week|most days / daily|every day|once a day / several times a day|multiple times a day
never heard of it|not aware of it|don't know it|unaware of it / heard of it|aware of it|know of it|know it by name / considered it|thought about it|know it well / tried it|have tried it|used it once|used it before / use it sometimes|use it occasionally / use it regularly|use it often / use it every day|use it daily
no chance|zero chance|impossible / slim chance|small chance|low chance|little chance|poor chance / fair chance|some chance|even chance|possible / good chance|high chance|strong chance|probable / very good chance|almost certain / certain|certainty|definite
no|none|no knowledge|unable / basic|limited|elementary|little / good|working|solid|intermediate|conversational / very good|advanced|proficient|fluent / expert|excellent|perfect|native|mother tongue
horrible|awful|terrible|dreadful|abysmal|disgusting|worst|hate it|i hate it / bad|poor|not good|dislike it|i dislike it|not my thing|i don't like it / meh|fine|it's okay|it's ok|it's fine|all right|alright|ok|okay|not bad|decent|average|so-so|neutral / good|nice|like it|i like it|solid / great|very good / amazing|awesome|fantastic|brilliant|wonderful|fabulous|excellent|love it|i love it|the best|outstanding
strong detractor|detractor|detractors / passive|passives|neutral / promoter|promoters / strong promoter
angry|furious|hated it|outraged / frustrated|annoyed|upset / disappointed|dissatisfied|unhappy|let down / indifferent|neutral|okay|ok|unmoved / content|satisfied|pleased|happy / delighted|thrilled|overjoyed|ecstatic|very happy
don't need|not needed|do not need|no need|unnecessary|won't have|will not have|dispensable|could do without / nice to have|could have|optional|good to have / should have|useful|desirable / must have|must-have|need to have|essential|required|can't live without|cannot live without|indispensable
sole trader|freelancer|freelance|solo|self-employed|individual|sole proprietor / micro|micro business|startup|start-up / small|small business|smb|small company / mid-market|midmarket|mid-size|midsize|medium|medium business|mid-sized company / large|large company|large business|corporate|corporation / enterprise|large enterprise|global enterprise
under 20|teens|teenager|teenagers / twenties|in my twenties|20s / thirties|in my thirties|30s / forties|in my forties|40s / fifties|in my fifties|50s|fifties or older / sixties|in my sixties|60s|sixties or older / seventies|70s|seventies or older / eighties|80s|eighties or older
no qualifications|none|no qualification / gcse|gcses|o-level|o levels|gcse or equivalent / a-level|a-levels|a level|a levels|as level|baccalaureate / hnc|hnd|foundation degree|diploma / bachelor|bachelor's|bachelors|bachelor's degree|undergraduate|degree / master|master's|masters|master's degree|postgraduate / phd|doctorate|doctoral
none of the time / a little of the time|rarely / some of the time / a good bit of the time / most of the time / all of the time
strongly disagree|completely disagree|totally disagree|fully disagree|definitely disagree / disagree|mostly disagree|tend to disagree / somewhat disagree|slightly disagree|rather disagree / neutral|neither|undecided|neither agree nor disagree|neither disagree nor agree|no opinion|unsure / somewhat agree|slightly agree|rather agree / agree|mostly agree|tend to agree / strongly agree|completely agree|totally agree|fully agree|definitely agree
very dissatisfied|very unsatisfied|extremely dissatisfied|extremely unsatisfied|completely dissatisfied|not at all satisfied / dissatisfied|unsatisfied|not satisfied|not very satisfied / somewhat dissatisfied|slightly dissatisfied|a little dissatisfied / neutral|neither|neither satisfied nor dissatisfied|mixed|ok|okay / somewhat satisfied|slightly satisfied|fairly satisfied|moderately satisfied / satisfied|mostly satisfied / very satisfied|extremely satisfied|completely satisfied|delighted
very unhappy / unhappy / neutral|neither / happy / very happy
not important|not important at all|not at all important|unimportant|completely unimportant|very unimportant / slightly important|a little important|less important|low importance|not very important|of little importance / neutral|moderately important|somewhat important|fairly important|of average importance|medium importance / important|quite important|high importance / very important / extremely important|essential|critical|absolutely essential|crucial
very unlikely|extremely unlikely|highly unlikely|not at all likely|definitely not|certainly not|definitely won't / unlikely|not likely|probably not|not very likely|somewhat unlikely / neutral|undecided|maybe|might or might not|not sure|unsure|possibly|50/50|50-50|fifty-fifty|even chance|neither likely nor unlikely / likely|probably|somewhat likely|fairly likely / very likely|quite likely / extremely likely|highly likely|definitely|certainly|definitely will
very poor|terrible|awful|very bad|extremely poor|unacceptable / poor|bad|below average|weak / fair|average|ok|okay|acceptable|mediocre|neutral|so-so|neither good nor bad / good|above average / very good|great / excellent|outstanding|exceptional|perfect|superb
much worse|significantly worse|a lot worse|far worse / worse|somewhat worse|slightly worse|a little worse / about the same|the same|same|no change|unchanged / better|somewhat better|slightly better|a little better / much better|significantly better|a lot better|far better
much less than expected|far less than expected / less than expected|a little less than expected / as expected|about as expected|about what i expected / more than expected|a little more than expected / much more than expected|far more than expected
far below average|well below average / below average|somewhat below average / average|about average / above average|somewhat above average / far above average|well above average
not a priority / low priority / medium priority|moderate priority / high priority / essential|top priority|critical priority
not at all|to no extent / to a small extent|to a little extent|to a slight extent / to some extent|to a certain extent / to a moderate extent / to a large extent|to a great extent / to a very great extent|to a very large extent|completely
not at all / several days / more than half the days / nearly every day|almost every day
very light / light / medium|moderate / heavy / very heavy
very cold|freezing / cold / cool|mild / warm / hot / very hot
no|none|not a|zero|without|not any / very low|minimal|trivial|very minor|very small|very weak / low|minor|slight|small|weak|little / medium|moderate|mid|average|some|middle / a lot of|much|plenty of|high|major|serious|strong|large|big|heavy|considerable / very high|very strong|severe|critical|extreme|very large|very serious|complete|full|total
kein|keine|gar kein|gar keine|keinerlei / sehr wenig|sehr geringes|sehr geringe|sehr geringer / wenig|geringes|geringe|geringer|schwaches|schwache|niedriges|niedrige|kleines|kleine / mittleres|mittlere|mittel|mittlerer|massiges|massige / viel|starkes|starke|starker|hohes|hohe|hoher|grosses|grosse|grosser / sehr viel|sehr starkes|sehr starke|sehr hohes|sehr hohe|sehr hoher|sehr grosses|sehr grosse|sehr grosser
aucun|aucune|pas de|pas d' / tres faible|tres peu de / faible|peu de|peu d' / moyen|moyenne|modere|moderee / fort|forte|eleve|elevee|grand|grande|beaucoup de / tres fort|tres forte|tres eleve|tres elevee|tres grand|tres grande
ningun|ninguna|sin|nada de / muy bajo|muy baja|muy poco|muy poca / bajo|baja|poco|poca / medio|media|moderado|moderada|algo de|algun|alguna / alto|alta|mucho|mucha|gran / muy alto|muy alta|muchisimo|muchisima
nessun|nessuna|senza / molto basso|molto bassa|pochissimo|pochissima / basso|bassa|poco|poca|scarso|scarsa / medio|media|moderato|moderata / alto|alta|molto|molta|forte|grande / molto alto|molto alta|moltissimo|moltissima|molto forte
nenhum|nenhuma|sem / muito baixo|muito baixa|muito pouco|muito pouca / baixo|baixa|pouco|pouca / medio|media|moderado|moderada / alto|alta|muito|muita|grande / muito alto|muito alta|muito grande
geen / zeer weinig|zeer laag|zeer lage / weinig|laag|lage|klein|kleine / gemiddeld|gemiddelde|matig|matige / veel|hoog|hoge|groot|grote|sterk|sterke / zeer veel|zeer hoog|zeer hoge|zeer groot|zeer grote|zeer sterk
brak / bardzo male|bardzo niskie / male|niskie|niewielkie|maly|niski / srednie|sredni|umiarkowane|umiarkowany / duze|wysokie|duzy|wysoki / bardzo duze|bardzo wysokie|bardzo duzy|bardzo wysoki
inget|ingen / mycket lite|mycket lagt|mycket liten / lite|lagt|liten|litet / medel|mattligt|mattlig|medelstort / stort|hogt|stor|hog / mycket stort|mycket hogt|mycket stor|mycket hog
lower|working / lower middle / middle / upper middle / upper
never used|never|non|not a / light|occasional|casual / regular|medium|moderate / frequent|heavy / very heavy|power
freshman / sophomore / junior / senior
too little / about right|just right / too much
hated it|disliked it a lot|didn't like it at all / disliked it|didn't like it|didn't like it much / it was ok|it was okay|it was fine|it was alright|neutral|neither liked nor disliked it / liked it / loved it|liked it a lot
stammer inte alls|stammer mycket daligt / stammer ganska daligt|stammer daligt / stammer varken bra eller daligt|stammer delvis / stammer ganska bra|stammer bra / stammer helt|stammer mycket bra|stammer precis
decreased a lot|decreased significantly / decreased|decreased slightly / stayed the same|no change|unchanged / increased|increased slightly / increased a lot|increased significantly
very difficult|very hard|extremely difficult / difficult|hard|somewhat difficult / neutral|neither easy nor difficult|moderate|medium / easy|somewhat easy / very easy|extremely easy
none|not at all / very little|a little|slight|slightly|minor / some|somewhat|moderate|moderately / a lot|quite a bit|much|considerable / a great deal|very much|extremely|severe
nothing / a little|a bit / some / quite a lot / a lot / very much
not familiar|not at all familiar|never heard of it|unfamiliar / slightly familiar|heard of it|not very familiar / somewhat familiar|moderately familiar / familiar|very familiar|quite familiar / extremely familiar
not interested|not at all interested|no interest / slightly interested|a little interested|not very interested / somewhat interested|moderately interested|neutral / interested|quite interested / very interested / extremely interested
not confident|not at all confident / slightly confident / somewhat confident|moderately confident / confident|fairly confident|quite confident / very confident / extremely confident
far too little|much too low / too little|too low|too few / just right|about right|right / too much|too high|too many / far too much|much too high
far below expectations|well below expectations / below expectations|did not meet expectations / met expectations|meets expectations|as expected / above expectations|exceeded expectations|exceeds expectations / far above expectations|far exceeded expectations|greatly exceeded expectations
very cheap / cheap|inexpensive / average|fair|reasonable / expensive / very expensive
very slow / slow / average|normal|medium / fast|quick / very fast
very small|tiny|xs|extra small / small / medium|mid|mid-size|midsize|mid-market|average|medsize / large|big / very large|huge|enterprise|extra large|xl
micro|micro enterprise|solo / small|small business|smb|small enterprise / medium|medium enterprise|mid-market|midmarket|medium business / large|large enterprise|enterprise|corporate
very low|lowest|minimal|minimum / low|lower / medium low|low-medium|lower middle|below average / average|medium|mid|middle|moderate|normal|standard / medium high|medium-high|upper middle|above average|higher / high|upper|elevated / very high|highest|extreme|maximum|critical
low income / lower middle income / middle income|average income / upper middle income / high income
no education|none|no formal education|illiterate|less than primary|did not finish school|left school early / primary|primary or less|primary school|elementary|elementary school|basic|some primary / lower secondary|middle school|some high school|junior high|less than high school|some secondary / secondary|secondary school|high school|high school graduate|high school diploma|highschool|hs|upper secondary|high school or equivalent|high school/ged|ged|a-levels / vocational|trade school|vocational training|technical school|apprenticeship|some college|some university|college|2n cycle|post-secondary / 2-year|2-year degree|two-year degree|associate|associate's|associates|associate degree|associate's degree|foundation degree / bachelor|bachelors|bachelor's|bachelor degree|bachelor's degree|bachelors degree|graduation|graduate|undergraduate|undergraduate degree|university|tertiary|tertiary education|university degree|college degree|4-year degree / master|masters|master's|master degree|master's degree|masters degree|postgraduate|post-graduate|graduate school|graduate degree|mba|professional degree / phd|ph.d.|doctorate|doctoral|doctor|doctorate degree|doctoral degree
uneducated / high school / college / graduate / post-graduate|postgraduate / doctorate|phd
beginner|novice|newbie|starter|no experience|entry|entry level|basic / intermediate|some experience|junior / advanced|experienced|proficient|senior|mid-level|skilled / expert|professional|master|guru
intern|trainee / junior|entry|entry level|associate / mid|mid-level|intermediate|regular / senior / lead|principal|staff / manager|management|head / director / vp|vice president / c-level|c-suite|executive|ceo
copper / bronze / silver / gold / platinum / diamond / black|elite|titanium
free|trial|freemium / basic|starter|lite|essential|essentials|entry / standard|classic|regular|growth|team / plus|extended|comfort|advanced|business / premium|pro|professional / enterprise|ultimate|deluxe|vip|unlimited|elite
cold / cool|lukewarm / warm / hot
minor|trivial|cosmetic|negligible / moderate|medium / major|serious / critical|severe|blocker
infant|baby|toddler / child|children|kid / teen|teenager|adolescent|youth / young|young adult / adult|middle-aged|middle aged|middle age / senior|elderly|old|senior citizen|older adult
gen z|generation z / millennial|millennials|gen y|generation y / gen x|generation x / boomer|boomers|baby boomer|baby boomers / silent|silent generation
nie|niemals|gar nicht / fast nie|sehr selten|kaum / selten|eher selten / gelegentlich|ab und zu|hin und wieder / manchmal|teilweise / regelmaessig|regelmassig / oft|haufig|haeufig|eher oft / sehr oft|sehr haufig|meistens|fast immer|sehr haeufig / immer|standig
nie / seltener|seltener als monatlich|weniger als einmal im monat / jahrlich|einmal im jahr|einmal jahrlich / halbjahrlich|zweimal im jahr / vierteljahrlich|quartalsweise|einmal im quartal / monatlich|einmal im monat|1x im monat|einmal pro monat / mehrmals im monat|2-3 mal im monat|mehrmals monatlich|alle zwei wochen|14-tagig / wochentlich|einmal pro woche|einmal in der woche|1x pro woche / mehrmals pro woche|mehrmals wochentlich|mehrmals in der woche|2-3 mal pro woche / taglich|jeden tag|einmal taglich / mehrmals taglich
stimme gar nicht zu|stimme uberhaupt nicht zu|trifft gar nicht zu|trifft uberhaupt nicht zu|lehne vollig ab|stimme absolut nicht zu|trifft nicht zu / stimme nicht zu|lehne ab|trifft eher nicht zu|stimme eher nicht zu / weder noch|teils teils|teils/teils|teils-teils|neutral|unentschieden|weder / stimme eher zu|trifft eher zu|stimme teilweise zu|trifft teilweise zu / stimme zu|trifft zu / stimme voll zu|stimme voll und ganz zu|trifft voll zu|trifft voll und ganz zu|stimme vollig zu|trifft vollig zu|stimme vollkommen zu|stimme absolut zu
sehr unzufrieden|ausserst unzufrieden|vollig unzufrieden|uberhaupt nicht zufrieden|gar nicht zufrieden / unzufrieden|nicht zufrieden / eher unzufrieden|weniger zufrieden / neutral|weder noch|teils teils|teils/teils|mittelmassig|weder zufrieden noch unzufrieden / eher zufrieden|einigermassen zufrieden / zufrieden / sehr zufrieden|ausserst zufrieden|vollig zufrieden|vollkommen zufrieden
unwichtig|gar nicht wichtig|uberhaupt nicht wichtig|vollig unwichtig|sehr unwichtig|nicht wichtig / weniger wichtig|eher unwichtig|kaum wichtig / neutral|teils teils|mittelmassig wichtig|mittel / eher wichtig|ziemlich wichtig / wichtig / sehr wichtig / ausserst wichtig|extrem wichtig|unverzichtbar
sehr unwahrscheinlich|ausserst unwahrscheinlich|auf keinen fall|sicher nicht / unwahrscheinlich|eher unwahrscheinlich|wahrscheinlich nicht|eher nicht / vielleicht|neutral|unentschieden|weiss noch nicht / wahrscheinlich|eher wahrscheinlich|eher ja / sehr wahrscheinlich|ausserst wahrscheinlich|auf jeden fall|sicher|ganz sicher
ungenugend|sehr schlecht|miserabel / mangelhaft|schlecht / ausreichend|unterdurchschnittlich / befriedigend|mittel|mittelmassig|durchschnittlich|okay|geht so / gut|uberdurchschnittlich / sehr gut / ausgezeichnet|hervorragend|exzellent
sehr niedrig|sehr gering|minimal / niedrig|gering|klein / mittel|durchschnittlich|normal|mittelmassig|maessig|massig / hoch|gross|erhoht / sehr hoch|sehr gross|maximal
sehr klein|winzig / klein / mittel|mittelgross|mittlere / gross / sehr gross|riesig
kein abschluss|ohne abschluss|ohne schulabschluss|kein schulabschluss / hauptschule|hauptschulabschluss|volksschule|grundschule|pflichtschule / realschule|realschulabschluss|mittlere reife|mittelschule|mittlerer abschluss / lehre|ausbildung|berufsausbildung|abgeschlossene lehre|berufsschule / abitur|matura|gymnasium|fachabitur|fachhochschulreife|hochschulreife / fachschule|meister|techniker / bachelor|fachhochschule|fh / master|diplom|magister|universitat|hochschule|hochschulabschluss|studium|staatsexamen|uni / promotion|doktor|doktorat
keine|gar keine / wenig|wenige|etwas / mittel|einige / viel|viele / sehr viel|sehr viele
anfanger|einsteiger / fortgeschritten|fortgeschrittener|fortgeschrittene / profi|experte|expertin
jamais|pas du tout / presque jamais|tres rarement / rarement|peu souvent / occasionnellement|de temps en temps / parfois|quelquefois / regulierement / souvent|frequemment / tres souvent|presque toujours|la plupart du temps / toujours|tout le temps
jamais / moins d'une fois par mois|moins souvent / une fois par an|annuel|annuellement / tous les six mois|semestriel / une fois par trimestre|trimestriel / une fois par mois|mensuel|tous les mois|mensuellement / plusieurs fois par mois|2 a 3 fois par mois|tous les quinze jours|bimensuel / une fois par semaine|hebdomadaire|toutes les semaines / plusieurs fois par semaine|2 a 3 fois par semaine / tous les jours|quotidien|quotidiennement|une fois par jour|chaque jour / plusieurs fois par jour
pas du tout d'accord|fortement en desaccord|tout a fait en desaccord|totalement en desaccord / pas d'accord|plutot pas d'accord|en desaccord|plutot en desaccord / neutre|ni d'accord ni pas d'accord|ni en accord ni en desaccord|indecis|sans opinion|ni d'accord, ni pas d'accord / plutot d'accord|assez d'accord / d'accord|en accord / tout a fait d'accord|totalement d'accord|fortement d'accord|completement d'accord
pas du tout satisfait|tres insatisfait|tres mecontent|pas du tout satisfaite|tres insatisfaite / insatisfait|peu satisfait|mecontent|plutot insatisfait|plutot pas satisfait|pas satisfait|insatisfaite|peu satisfaite / neutre|ni satisfait ni insatisfait|moyennement satisfait|moyen / plutot satisfait|assez satisfait / satisfait|content|satisfaite / tres satisfait|tout a fait satisfait|extremement satisfait|tres content|tres satisfaite
pas important|pas du tout important|sans importance / peu important|pas tres important|plutot pas important / neutre|moyennement important|assez important|plutot important / important / tres important / extremement important|essentiel|indispensable|primordial
tres improbable|tres peu probable|certainement pas|pas du tout probable|jamais de la vie / improbable|peu probable|probablement pas / neutre|peut-etre|indecis / probable|probablement|plutot probable|assez probable / tres probable|certainement|tout a fait probable
tres mauvais|tres mauvaise|nul / mauvais|mauvaise|mediocre|insuffisant / moyen|moyenne|passable|correct|acceptable / bon|bonne|bien / tres bon|tres bonne|tres bien / excellent|excellente|parfait
tres faible|tres bas / faible|bas / moyen|moyenne|modere|normal / eleve|haut|fort|elevee|forte / tres eleve|tres haut|tres fort|tres elevee|tres forte
tres petit|tout petit|toute petite / petit|petite / moyen|moyenne / grand|grande / tres grand|tres grande
sans diplome|aucun diplome|aucun / primaire|ecole primaire|certificat d'etudes / college|brevet|bepc|secondaire / cap|bep|cap/bep|cap ou bep / bac|baccalaureat|lycee / bac+2|bts|dut|bts/dut|deug / bac+3|licence|bachelor / bac+4|maitrise / bac+5|master|bac+5 et plus|grande ecole|ingenieur / doctorat|bac+8
debutant|debutante / intermediaire / avance|confirme|avancee / expert|experte
rien|pas du tout|aucun / un peu|peu / moyennement|assez / beaucoup / enormement|tout a fait|extremement
nunca|jamas / casi nunca|muy rara vez / raramente|rara vez|pocas veces / ocasionalmente|de vez en cuando / a veces|algunas veces|en ocasiones / regularmente / a menudo|frecuentemente|con frecuencia|muchas veces / muy a menudo|casi siempre|muy frecuentemente|la mayoria de las veces / siempre
nunca / menos de una vez al mes / una vez al ano|anualmente|anual / cada seis meses|semestral / trimestral|cada tres meses|trimestralmente / una vez al mes|mensual|mensualmente|cada mes / varias veces al mes|2-3 veces al mes|quincenal|quincenalmente|cada quince dias / una vez a la semana|semanal|semanalmente|una vez por semana|cada semana / varias veces a la semana|2-3 veces por semana|varias veces por semana / diario|a diario|diariamente|todos los dias|cada dia|una vez al dia / varias veces al dia
totalmente en desacuerdo|muy en desacuerdo|completamente en desacuerdo / en desacuerdo|algo en desacuerdo|parcialmente en desacuerdo / neutral|ni de acuerdo ni en desacuerdo|indiferente|neutro|indeciso|ni acuerdo ni desacuerdo / algo de acuerdo|parcialmente de acuerdo / de acuerdo / muy de acuerdo|totalmente de acuerdo|completamente de acuerdo
muy insatisfecho|nada satisfecho|totalmente insatisfecho|muy insatisfecha|nada satisfecha / insatisfecho|poco satisfecho|insatisfecha|poco satisfecha|algo insatisfecho / neutral|ni satisfecho ni insatisfecho|indiferente|neutro|regular / algo satisfecho|bastante satisfecho / satisfecho|satisfecha / muy satisfecho|totalmente satisfecho|muy satisfecha|completamente satisfecho
nada importante|sin importancia|no importante|no es importante / poco importante / neutral|algo importante|moderadamente importante|medianamente importante / importante|bastante importante / muy importante / extremadamente importante|imprescindible|esencial|fundamental
muy improbable|nada probable|definitivamente no|seguro que no / improbable|poco probable|probablemente no / neutral|quizas|tal vez|puede ser|quiza|indeciso / probable|probablemente|algo probable|bastante probable|probablemente si / muy probable|seguramente|definitivamente si|seguro que si|definitivamente
muy malo|pesimo|muy mala|pesima|muy mal / malo|mala|mal|deficiente / regular|normal|aceptable|promedio / bueno|buena|bien / muy bueno|muy buena|muy bien / excelente
muy bajo|muy baja / bajo|baja / medio|media|moderado|moderada|normal / alto|alta / muy alto|muy alta
muy pequeno / pequeno|pequena|chico / mediano|mediana / grande / muy grande
sin estudios|ninguno|sin educacion / primaria|educacion primaria|basica / secundaria|eso|educacion secundaria|secundaria obligatoria / bachillerato|preparatoria|bachiller|educacion media / formacion profesional|fp|tecnico|ciclo formativo|tecnica / universitaria|universitario|grado|licenciatura|diplomatura|universidad|estudios universitarios|universitarios|universitarias|superior|superiores|estudios superiores / master|maestria|posgrado|postgrado / doctorado|doctor
principiante|basico / intermedio / avanzado / experto
nada / poco|un poco / algo|regular / bastante|mucho / muchisimo|totalmente
mai / quasi mai|molto raramente / raramente|di rado / occasionalmente|ogni tanto / a volte|qualche volta|talvolta / regolarmente / spesso|frequentemente|di frequente / molto spesso|quasi sempre / sempre
mai / meno di una volta al mese / una volta all'anno|annualmente|annuale / ogni sei mesi|semestrale / trimestrale|ogni tre mesi / una volta al mese|mensile|mensilmente|ogni mese / piu volte al mese|2-3 volte al mese|quindicinale / una volta alla settimana|settimanale|settimanalmente|una volta a settimana|ogni settimana / piu volte alla settimana|2-3 volte a settimana|piu volte a settimana / giornaliero|ogni giorno|tutti i giorni|quotidiano|quotidianamente|una volta al giorno / piu volte al giorno
per niente d'accordo|fortemente in disaccordo|completamente in disaccordo|totalmente in disaccordo|del tutto in disaccordo / in disaccordo|poco d'accordo|non d'accordo|abbastanza in disaccordo / neutrale|ne d'accordo ne in disaccordo|neutro|indeciso|ne in accordo ne in disaccordo / abbastanza d'accordo|parzialmente d'accordo / d'accordo|concordo / totalmente d'accordo|molto d'accordo|completamente d'accordo|pienamente d'accordo|fortemente d'accordo|del tutto d'accordo
molto insoddisfatto|per niente soddisfatto|del tutto insoddisfatto|molto insoddisfatta / insoddisfatto|poco soddisfatto|insoddisfatta / neutrale|ne soddisfatto ne insoddisfatto|indifferente|neutro / abbastanza soddisfatto|piuttosto soddisfatto / soddisfatto|soddisfatta / molto soddisfatto|estremamente soddisfatto|molto soddisfatta|completamente soddisfatto
per niente importante|non importante|per nulla importante|irrilevante / poco importante / neutrale|moderatamente importante|abbastanza importante / importante / molto importante / estremamente importante|fondamentale|essenziale|indispensabile
molto improbabile|per niente probabile|sicuramente no / improbabile|poco probabile|probabilmente no / neutrale|forse|indeciso / probabile|probabilmente|abbastanza probabile|probabilmente si / molto probabile|sicuramente|certamente|sicuramente si
pessimo|molto scarso|molto male|molto cattivo|pessima / scarso|cattivo|male|insufficiente|scarsa / sufficiente|discreto|medio|nella media|mediocre / buono|bene|buona / molto buono|molto bene|distinto|molto buona / ottimo|eccellente|ottima
molto basso|molto bassa / basso|bassa / medio|media|moderato|normale / alto|alta|elevato / molto alto|molto alta|molto elevato
molto piccolo / piccolo|piccola / medio|media / grande / molto grande
nessun titolo|nessuno / licenza elementare|elementare|scuola elementare / licenza media|scuola media|terza media / diploma|maturita|scuola superiore|diploma superiore|superiori / laurea triennale|triennale|laurea / laurea magistrale|magistrale|master|laurea specialistica / dottorato|dottorato di ricerca
principiante|base / intermedio / avanzato / esperto
niente|per niente / poco / abbastanza|mediamente / molto / moltissimo
nunca|jamais / quase nunca|muito raramente / raramente|poucas vezes / ocasionalmente|de vez em quando / as vezes|algumas vezes / regularmente / frequentemente|com frequencia|muitas vezes / muito frequentemente|quase sempre|na maioria das vezes / sempre
nunca / menos de uma vez por mes / uma vez por ano|anualmente|anual / semestralmente|semestral / trimestralmente|trimestral / uma vez por mes|mensalmente|mensal / varias vezes por mes|2-3 vezes por mes|quinzenalmente|quinzenal / uma vez por semana|semanalmente|semanal / varias vezes por semana|2-3 vezes por semana / diariamente|todos os dias|diario|uma vez por dia / varias vezes por dia|varias vezes ao dia
discordo totalmente|discordo completamente|discordo fortemente / discordo|discordo parcialmente|discordo em parte / neutro|nem concordo nem discordo|indiferente|nao concordo nem discordo|indeciso / concordo parcialmente|concordo em parte / concordo / concordo totalmente|concordo completamente|concordo fortemente
muito insatisfeito|nada satisfeito|totalmente insatisfeito|muito insatisfeita / insatisfeito|pouco satisfeito|insatisfeita / neutro|nem satisfeito nem insatisfeito|indiferente|regular / razoavelmente satisfeito|parcialmente satisfeito / satisfeito|satisfeita / muito satisfeito|totalmente satisfeito|extremamente satisfeito|muito satisfeita
nada importante|sem importancia|nao importante / pouco importante / neutro|moderadamente importante|razoavelmente importante|mais ou menos importante / importante / muito importante / extremamente importante|essencial|fundamental|indispensavel
muito improvavel|nada provavel|com certeza nao / improvavel|pouco provavel|provavelmente nao / neutro|talvez|indeciso / provavel|provavelmente|provavelmente sim / muito provavel|certamente|com certeza
pessimo|muito ruim|muito mau|pessima|muito ma / ruim|mau|fraco|ma / regular|medio|razoavel|aceitavel / bom|boa|bem / muito bom|muito boa|muito bem / excelente|otimo|otima
muito baixo|muito baixa / baixo|baixa / medio|media|moderado|moderada|normal / alto|alta|elevado / muito alto|muito alta|muito elevado
muito pequeno / pequeno|pequena / medio|media / grande / muito grande
sem escolaridade|analfabeto|sem instrucao / fundamental incompleto|ensino fundamental incompleto / fundamental|ensino fundamental|fundamental completo|ensino fundamental completo|ensino basico|primario / medio incompleto|ensino medio incompleto / ensino medio|medio|medio completo|ensino medio completo|ensino secundario|secundario / tecnico|ensino tecnico / superior incompleto|ensino superior incompleto / superior|ensino superior|superior completo|ensino superior completo|graduacao|licenciatura / pos-graduacao|especializacao / mestrado / doutorado|doutoramento
iniciante|principiante|basico / intermediario|intermedio / avancado / especialista|expert
nada / pouco|um pouco / mais ou menos|algo / bastante|muito / muitissimo|totalmente
nooit / bijna nooit|zeer zelden / zelden / af en toe|nu en dan / soms / regelmatig / vaak|dikwijls / heel vaak|zeer vaak|bijna altijd|meestal / altijd
nooit / minder dan maandelijks|minder dan een keer per maand / jaarlijks|een keer per jaar / halfjaarlijks / per kwartaal|elk kwartaal / maandelijks|een keer per maand|elke maand / meerdere keren per maand|2-3 keer per maand / wekelijks|een keer per week|elke week / meerdere keren per week|2-3 keer per week / dagelijks|elke dag|een keer per dag / meerdere keren per dag
helemaal oneens|zeer oneens|helemaal mee oneens|volledig mee oneens|zeer mee oneens / oneens|mee oneens|enigszins oneens|niet mee eens / neutraal|niet eens, niet oneens|niet mee eens en niet mee oneens|noch eens noch oneens|geen mening / enigszins eens|enigszins mee eens / eens|mee eens / helemaal eens|zeer eens|helemaal mee eens|volledig mee eens|zeer mee eens
zeer ontevreden|helemaal niet tevreden|heel ontevreden|erg ontevreden / ontevreden|niet tevreden|enigszins ontevreden / neutraal|niet tevreden, niet ontevreden|noch tevreden noch ontevreden / redelijk tevreden|enigszins tevreden|vrij tevreden / tevreden / zeer tevreden|heel tevreden|erg tevreden|uiterst tevreden
helemaal niet belangrijk|onbelangrijk|niet belangrijk|zeer onbelangrijk / minder belangrijk|weinig belangrijk|niet zo belangrijk / neutraal|enigszins belangrijk|redelijk belangrijk|tamelijk belangrijk / belangrijk / zeer belangrijk|heel belangrijk|erg belangrijk / uiterst belangrijk|essentieel
zeer onwaarschijnlijk|zeker niet / onwaarschijnlijk|waarschijnlijk niet / neutraal|misschien / waarschijnlijk|waarschijnlijk wel / zeer waarschijnlijk|zeker|zeker wel
zeer slecht|heel slecht / slecht / matig|onvoldoende / redelijk|gemiddeld|voldoende / goed / zeer goed|heel goed / uitstekend
zeer laag|heel laag / laag / gemiddeld|midden|middel|normaal / hoog / zeer hoog|heel hoog
zeer klein / klein / middelgroot|gemiddeld|middel / groot / zeer groot
geen opleiding|geen / basisonderwijs|basisschool|lagere school / vmbo|mavo|lbo|lager secundair / havo|vwo|havo/vwo|hoger secundair / mbo / hbo|bachelor / wo|universiteit|master / phd|doctoraat|promotie
beginner / gemiddeld|gevorderd / expert|ervaren
nigdy / prawie nigdy|bardzo rzadko / rzadko / okazjonalnie|od czasu do czasu / czasami|czasem|niekiedy / regularnie / czesto / bardzo czesto|prawie zawsze|zazwyczaj / zawsze
nigdy / rzadziej niz raz w miesiacu|rzadziej / raz w roku|rocznie / raz na pol roku / raz na kwartal|kwartalnie / raz w miesiacu|miesiecznie|co miesiac / kilka razy w miesiacu|2-3 razy w miesiacu / raz w tygodniu|tygodniowo|co tydzien / kilka razy w tygodniu|2-3 razy w tygodniu / codziennie|raz dziennie / kilka razy dziennie
zdecydowanie sie nie zgadzam|calkowicie sie nie zgadzam|zdecydowanie nie / nie zgadzam sie|raczej sie nie zgadzam|raczej nie / trudno powiedziec|ani sie zgadzam ani nie zgadzam|neutralnie|nie mam zdania|ani tak ani nie / raczej sie zgadzam|raczej tak / zgadzam sie / zdecydowanie sie zgadzam|calkowicie sie zgadzam|zdecydowanie tak
bardzo niezadowolony|zdecydowanie niezadowolony|bardzo niezadowolona / niezadowolony|raczej niezadowolony|niezadowolona / neutralny|ani zadowolony ani niezadowolony|neutralnie / raczej zadowolony / zadowolony|zadowolona / bardzo zadowolony|zdecydowanie zadowolony|bardzo zadowolona
niewazne|zupelnie niewazne|nieistotne / malo wazne|raczej niewazne / neutralne|srednio wazne|umiarkowanie wazne / wazne|raczej wazne / bardzo wazne / niezwykle wazne|kluczowe
bardzo zly|bardzo zle|fatalny / zly|zle|slaby / przecietny|srednio|sredni|dostateczny / dobry|dobrze / bardzo dobry|bardzo dobrze / doskonaly|znakomity
bardzo niski|bardzo niska / niski|niska / sredni|srednia|umiarkowany / wysoki|wysoka / bardzo wysoki|bardzo wysoka
bardzo maly / maly|mala / sredni|srednia / duzy|duza / bardzo duzy
podstawowe|wyksztalcenie podstawowe / gimnazjalne / zawodowe|zasadnicze zawodowe|wyksztalcenie zawodowe / srednie|wyksztalcenie srednie / policealne / licencjat|wyzsze licencjackie / wyzsze|wyzsze magisterskie|magister|wyksztalcenie wyzsze / doktorat
aldrig / nastan aldrig|mycket sallan / sallan / ibland|då och då|da och da / regelbundet / ofta / mycket ofta|nastan alltid|oftast / alltid
aldrig / mer sallan / arligen|en gang per ar|en gang om aret / varje kvartal|kvartalsvis / varje manad|en gang i manaden|manadsvis / flera ganger i manaden / varje vecka|en gang i veckan|veckovis / flera ganger i veckan / varje dag|dagligen / flera ganger om dagen
instammer inte alls|haller inte alls med|tar helt avstand / instammer inte|haller inte med|instammer delvis inte / varken eller|neutral / instammer delvis|haller delvis med / instammer|haller med / instammer helt|haller helt med
mycket missnojd / missnojd|ganska missnojd / neutral|varken eller|varken nojd eller missnojd / ganska nojd / nojd / mycket nojd
inte alls viktigt|oviktigt / inte sa viktigt|mindre viktigt / neutral|ganska viktigt|varken eller / viktigt / mycket viktigt
mycket daligt|mycket dalig / daligt|dalig / medel|okej|godkant|varken eller / bra|god / mycket bra|mycket god / utmarkt
mycket lag|valdigt lag / lag|lagt / medel|medelhog|normal / hog|hogt / mycket hog
liten / medel|mellan|mellanstor / stor / mycket stor
grundskola|forgymnasial / gymnasium|gymnasial|gymnasieutbildning / yrkeshogskola|eftergymnasial / hogskola|universitet|kandidat / master|magister / doktor|forskarutbildning
aldrig / naesten aldrig|nesten aldri|sjaelden|sjelden|meget sjaeldent|sjaeldent|sjeldent / af og til|av og til|nogle gange|noen ganger|lejlighedsvis|iblandt / regelmaessigt|regelmessig / ofte / meget ofte|svaert ofte|naesten altid|nesten alltid / altid|alltid
aldri / sjelden / av og til|noen ganger / ofte / alltid
helt uenig|meget uenig|svaert uenig / uenig|delvis uenig|litt uenig / hverken eller|verken eller|noytral|neutral|hverken enig eller uenig|verken enig eller uenig / delvis enig|litt enig / enig / helt enig|meget enig|svaert enig
meget utilfreds|meget misfornoyd|svaert misfornoyd / utilfreds|misfornoyd / neutral|noytral|hverken eller|verken eller|hverken tilfreds eller utilfreds / tilfreds|fornoyd / meget tilfreds|meget fornoyd|svaert fornoyd
ikke vigtigt|slet ikke vigtigt|ikke viktig|ikke vigtig / mindre vigtigt|litt viktig|mindre viktig|mindre vigtig / neutral|noget vigtigt|ganske viktig / vigtigt|viktig|vigtig / meget vigtigt|meget viktig|svaert viktig|meget vigtig
meget darlig|svaert darlig|meget darligt / darlig|darligt / middel|middels|ok|nogenlunde / god|godt / meget god|meget godt|svaert god / fremragende|utmerket
meget lav|svaert lav / lav / middel|middels|mellem / hoj|hoy / meget hoj|svaert hoy|meget hoy
lille|liten / mellem|middels|mellomstor / stor / meget stor|svaert stor
grundskole|grunnskole|folkeskole / gymnasium|videregaende|gymnasial|videregaende skole / erhvervsuddannelse|fagskole / bachelor|professionsbachelor|hoyskole / kandidat|master|universitet / phd|ph.d.|doktorgrad
nikdy / temer nikdy|velmi zridka / zridka|malokdy / obcas|nekdy / pravidelne / casto / velmi casto|temer vzdy / vzdy
nikdy / mene casto / rocne|jednou rocne|jednou za rok / ctvrtletne / mesicne|jednou za mesic|jednou mesicne / nekolikrat mesicne / tydne|jednou tydne|jednou za tyden / nekolikrat tydne / denne|kazdy den / nekolikrat denne
rozhodne nesouhlasim|zcela nesouhlasim / nesouhlasim|spise nesouhlasim / neutralni|nevim|ani souhlas ani nesouhlas / spise souhlasim / souhlasim / rozhodne souhlasim|zcela souhlasim
velmi nespokojen|velmi nespokojeny / nespokojen|spise nespokojen|nespokojeny / neutralni|ani spokojen ani nespokojen / spise spokojen / spokojen|spokojeny / velmi spokojen|velmi spokojeny
nedulezite|vubec nedulezite / malo dulezite|spise nedulezite / neutralni|stredne dulezite / dulezite|spise dulezite / velmi dulezite
velmi spatny|velmi spatne / spatny|spatne / prumerny|prumerne / dobry|dobre / velmi dobry|velmi dobre / vyborny|vyborne
velmi nizky|velmi nizka / nizky|nizka / stredni|prumerny / vysoky|vysoka / velmi vysoky|velmi vysoka
maly|mala / stredni / velky|velka / velmi velky
zakladni / vyuceni|stredni bez maturity|vyucen / stredni|stredni s maturitou|maturita|stredoskolske / vyssi odborne / bakalarske / vysokoskolske|vysoka skola|magisterske / doktorske
asla|hicbir zaman / neredeyse hic|cok nadiren / nadiren / ara sira / bazen / duzenli / sik sik|siklikla / cok sik|neredeyse her zaman|genellikle / her zaman|daima
hicbir zaman / yilda bir / ayda bir|aylik / ayda birkac kez / haftada bir|haftalik / haftada birkac kez / her gun|gunluk / gunde birkac kez
kesinlikle katilmiyorum|hic katilmiyorum / katilmiyorum|kismen katilmiyorum / kararsizim|ne katiliyorum ne katilmiyorum|notr / kismen katiliyorum / katiliyorum / kesinlikle katiliyorum|tamamen katiliyorum
hic memnun degilim|cok memnuniyetsiz|hic memnun degil / memnun degilim|memnun degil|memnuniyetsiz / kararsizim|notr|ne memnun ne memnun degil|orta / memnunum|memnun / cok memnunum|cok memnun
hic onemli degil|onemsiz / az onemli|biraz onemli / orta|orta derecede onemli|notr / onemli / cok onemli
cok kotu / kotu / orta|vasat|idare eder|fena degil / iyi / cok iyi / mukemmel
cok dusuk / dusuk|az / orta|normal / yuksek|cok / cok yuksek
cok kucuk / kucuk / orta / buyuk / cok buyuk
okur yazar degil / ilkokul|ilkogretim / ortaokul / lise / on lisans|onlisans / lisans|universite / yuksek lisans / doktora
ei koskaan|en koskaan / hyvin harvoin|tuskin koskaan / harvoin / silloin talloin / joskus / saannollisesti / usein / hyvin usein|lahes aina / aina
ei koskaan / vuosittain|kerran vuodessa / kuukausittain|kerran kuukaudessa / viikoittain|kerran viikossa / paivittain|joka paiva
taysin eri mielta|taysin erimielta / eri mielta|jokseenkin eri mielta|osittain eri mielta / neutraali|ei samaa eika eri mielta|en osaa sanoa / osittain samaa mielta|jokseenkin samaa mielta / samaa mielta / taysin samaa mielta
erittain tyytymaton|hyvin tyytymaton / tyytymaton|melko tyytymaton / neutraali|ei tyytyvainen eika tyytymaton / melko tyytyvainen / tyytyvainen / erittain tyytyvainen|hyvin tyytyvainen
ei lainkaan tarkea|ei tarkea / vahan tarkea|ei kovin tarkea / melko tarkea|neutraali / tarkea / erittain tarkea|hyvin tarkea
erittain huono|hyvin huono / huono / tyydyttava|kohtalainen|keskinkertainen / hyva / erittain hyva|erinomainen
hyvin matala|erittain matala / matala|alhainen / keskitaso|kohtalainen|keskimaarainen / korkea / hyvin korkea|erittain korkea
pieni / keskikokoinen|keskisuuri / suuri / erittain suuri
peruskoulu / lukio|ammattikoulu|toinen aste / ammattikorkeakoulu|amk|alempi korkeakoulu / yliopisto|maisteri|ylempi korkeakoulu / tohtori
никогда / почти никогда|очень редко / редко / иногда|время от времени|изредка / регулярно / часто / очень часто|почти всегда|обычно / всегда|постоянно
никогда / раз в год|ежегодно / раз в квартал|ежеквартально / раз в месяц|ежемесячно / несколько раз в месяц / раз в неделю|еженедельно / несколько раз в неделю / каждый день|ежедневно / несколько раз в день
полностью не согласен|категорически не согласен|совершенно не согласен / не согласен|скорее не согласен / нейтрально|затрудняюсь ответить|ни согласен ни не согласен / скорее согласен / согласен / полностью согласен|совершенно согласен
очень недоволен|совсем не доволен|полностью не удовлетворен|крайне недоволен / недоволен|не доволен|скорее недоволен|не удовлетворен / нейтрально|ни доволен ни недоволен / скорее доволен / доволен|удовлетворен / очень доволен|полностью доволен|полностью удовлетворен
совсем не важно|не важно|неважно / не очень важно|скорее не важно|мало важно / нейтрально|средне / важно|скорее важно / очень важно
очень плохо|ужасно|очень плохой / плохо|плохой / средне|нормально|удовлетворительно|средний / хорошо|хороший / очень хорошо|очень хороший / отлично|превосходно|отличный
очень низкий|очень низкая / низкий|низкая / средний|средняя / высокий|высокая / очень высокий|очень высокая
маленький|малый / средний / большой|крупный / очень большой
начальное / основное общее|неполное среднее / среднее|среднее общее / среднее специальное|среднее профессиональное / неоконченное высшее|неполное высшее / высшее|бакалавр / магистр / ученая степень|аспирантура
全くない|まったくない|一度もない / めったにない|ほとんどない / たまに|まれに / ときどき|時々 / よく|しばしば / いつも|常に|毎回
全くそう思わない|まったくそう思わない|全く同意しない / そう思わない|あまりそう思わない|同意しない / どちらともいえない|どちらでもない|どちらとも言えない / そう思う|ややそう思う|同意する / 非常にそう思う|とてもそう思う|強く同意する
非常に不満|とても不満|大変不満 / 不満|やや不満 / どちらともいえない|普通|ふつう|どちらでもない / やや満足 / 満足 / 非常に満足|とても満足|大変満足
重要でない|全く重要でない / あまり重要でない / どちらともいえない|普通 / 重要|やや重要 / 非常に重要|とても重要
とても悪い|非常に悪い / 悪い / 普通|ふつう / 良い|よい / とても良い|非常に良い
低い|低 / 中|普通|中程度 / 高い|高 / 非常に高い
小|小さい / 中 / 大|大きい / 特大
中学|中学校|中卒 / 高校|高等学校|高卒 / 専門学校 / 短大|短期大学 / 大学|大卒|学士 / 大学院|修士 / 博士
从不|从来没有|從不 / 很少|極少 / 偶尔|偶爾 / 有时|有時 / 经常|經常|常常 / 总是|一直|總是
非常不同意|完全不同意|强烈不同意 / 不同意|比较不同意 / 一般|中立|不确定|既不同意也不反对|普通 / 比较同意 / 同意 / 非常同意|完全同意|强烈同意
非常不满意|很不满意|非常不滿意 / 不满意|不滿意|比较不满意 / 一般|中立|普通 / 比较满意 / 满意|滿意 / 非常满意|很满意|非常滿意
完全不重要|非常不重要 / 不重要|不太重要 / 一般|普通 / 重要|比较重要 / 非常重要|很重要
很差|非常差 / 差|较差 / 一般|中等|普通 / 好|良好|较好 / 很好|非常好|优秀
很低|非常低 / 低|较低 / 中|中等|一般 / 高|较高 / 很高|非常高
小|小型 / 中|中型 / 大|大型 / 超大|特大
小学|小学及以下 / 初中 / 高中|中专|高中/中专 / 大专|专科 / 本科|大学|学士 / 硕士|研究生 / 博士
전혀 동의하지 않음|매우 동의하지 않음|전혀 동의하지 않는다 / 동의하지 않음|동의하지 않는다 / 보통|보통이다|중립 / 동의함|동의|동의한다 / 매우 동의함|매우 동의|매우 동의한다|전적으로 동의함
전혀 아니다|전혀 그렇지 않다 / 아니다|그렇지 않다 / 보통이다|보통 / 그렇다 / 매우 그렇다
no formal education|no formal schooling / primary school|primary education / gcse|gcses|o-levels / a-levels|a levels / bachelor's degree|bachelors degree / master's degree|masters degree / doctorate|doctoral degree|phd
sans diplome|aucun diplome / brevet|brevet des colleges / cap|bep|cap/bep / bac|baccalaureat / bac +2|bac+2|bts|dut / bac +3|bac+3|licence / bac +5|bac+5|master / doctorat|bac +8|bac+8
totaal onbelangrijk|helemaal niet belangrijk / niet zo belangrijk|niet erg belangrijk / best belangrijk|vrij belangrijk / heel belangrijk|erg belangrijk
tar helt avstand / tar delvis avstand / varken eller / instammer delvis / instammer helt
grundskola / gymnasium / yrkeshogskola / kandidatexamen / masterexamen|magisterexamen / doktorsexamen
slet ikke|aldrig / sjaeldent / en gang imellem|af og til|nu og da / ofte / hele tiden|altid
vubec nikdy|nikdy / jednou za cas|obcas|tu a tam / docela casto|casto / porad|vzdy|stale
zcela nespokojen|zcela nespokojeny / spise nespokojen|spise nespokojeny / tak napul|ani spokojen ani nespokojen / spise spokojen|spise spokojeny / zcela spokojen|zcela spokojeny
neredeyse hic|hic / arada bir|nadiren|arada sirada / bazen / genellikle|cogunlukla / hep|her zaman|surekli
совсем никогда|никогда / раз в год / пару раз в год|несколько раз в год / раз в месяц / пару раз в месяц / раз в неделю / пару раз в неделю / каждый день
абсолютно не согласен|совсем не согласен / скорее не согласен / затрудняюсь|затрудняюсь ответить|нейтрально / скорее согласен / абсолютно согласен
全く利用しない|利用しない|全く使わない / 年に1回|年1回 / 年に数回|年数回 / 月に1回|月1回 / 月に数回|月数回|月に2~3回 / 週に1回|週1回 / 週に数回|週数回|週に2~3回 / 毎日|ほぼ毎日
全く関心がない|まったく関心がない|関心がない / あまり関心がない / どちらともいえない / やや関心がある|少し関心がある / とても関心がある|非常に関心がある
几乎不|从不 / 每年一次|每年1次 / 每年几次 / 每月一次|每月1次 / 每月几次 / 每周一次|每周1次 / 每周几次 / 每天
전혀 안 함|전혀 안함|안 함 / 연 1회 / 연 2-3회 / 월 1회 / 월 2-3회 / 주 1회 / 주 2-3회 / 매일
전혀 그렇지 않다 / 그렇지 않은 편이다|그렇지 않다 / 보통이다 / 그런 편이다|그렇다 / 매우 그렇다
매우 불만족|매우 불만 / 불만족|불만|약간 불만족 / 보통 / 만족|약간 만족 / 매우 만족
"""  # noqa: E501 - a scale is one line
MORE_SCALES: Final = tuple(
    tuple(tuple(word.strip() for word in step.split("|")) for step in line.split(" / "))
    for line in LINES.strip().splitlines()
)


# Each language's words for yes, and for no.
_YES_AND_NO: Final[tuple[tuple[frozenset[str], frozenset[str]], ...]] = tuple(
    (frozenset(yes.split()), frozenset(no.split()))
    for yes, no in (
        ("yes y", "no n"),
        ("true t", "false f"),
        ("on", "off"),
        ("ja j", "nein n"),
        ("ja j", "nee nej nei n"),
        ("wahr waar", "falsch onwaar"),
        ("oui o", "non n"),
        ("vrai", "faux"),
        ("sí si s", "no n"),
        ("sì si s", "no n"),
        ("verdadero verdadeiro vero", "falso"),
        ("sim s", "não nao n"),
        ("tak", "nie"),
        ("prawda", "fałsz falsz"),
        ("ano áno", "ne nie"),
        ("igen", "nem"),
        ("da", "nu ne"),
        ("evet", "hayır hayir"),
        ("kyllä", "ei"),
        ("да", "нет"),
        ("так", "ні"),
        ("ναι", "όχι"),
        ("はい", "いいえ"),
        ("有", "無"),
        ("是", "否"),
        ("예 네", "아니오 아니요"),
        ("نعم", "لا"),
        ("हाँ", "नहीं"),
        ("ya", "tidak"),
        ("có", "không"),
    )
)
YES: Final = frozenset().union(*(yes for yes, _ in _YES_AND_NO))
NO: Final = frozenset().union(*(no for _, no in _YES_AND_NO))

# Each scale from lowest to highest; words on one step are the same answer in other words.
SCALES: Final[tuple[tuple[tuple[str, ...], ...], ...]] = (
    (
        ("very low", "lowest"),
        ("low",),
        ("medium low", "lower", "below average"),
        ("average", "medium", "mid", "middle", "moderate", "normal"),
        ("medium high", "above average", "higher"),
        ("high",),
        ("very high", "highest"),
    ),
    (
        ("xxs",),
        ("xs", "extra small"),
        ("s", "small", "klein", "petit", "pequeno", "piccolo"),
        ("m", "medium", "medsize", "mid-size", "midsize", "mittel", "moyen", "mediano", "medio"),
        ("l", "large", "big", "gross", "grand", "grande", "groot"),
        ("xl", "extra large"),
        ("xxl", "2xl"),
        ("xxxl", "3xl"),
    ),
    (
        ("never",),
        ("almost never", "rarely", "seldom"),
        ("occasionally", "sometimes"),
        ("often", "frequently", "usually"),
        ("very often", "almost always"),
        ("always",),
    ),
    (
        ("very poor", "terrible"),
        ("poor", "bad"),
        ("fair", "average", "ok"),
        ("good",),
        ("very good",),
        ("excellent",),
    ),
    (
        ("none", "no education", "illiterate"),
        ("basic", "primary", "elementary", "basic.4y"),
        ("secondary", "middle school"),
        ("high school", "highschool", "hs", "high school or below", "secondary school"),
        ("2n cycle", "some college", "college", "associate", "vocational"),
        ("bachelor", "bachelors", "bachelor's", "graduation", "graduate", "undergraduate", "university"),
        ("master", "masters", "master's", "postgraduate", "post-graduate"),
        ("phd", "ph.d.", "doctorate", "doctoral", "doctor"),
    ),
    (("sehr niedrig",), ("niedrig", "gering"), ("mittel",), ("hoch",), ("sehr hoch",)),
    (("tres faible",), ("faible", "bas"), ("moyen",), ("eleve", "haut"), ("tres eleve",)),
    (("bronze", "basic"), ("silver",), ("gold",), ("platinum",), ("diamond",)),
    (("beginner", "novice"), ("intermediate",), ("advanced",), ("expert",)),
    (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th")),
    (
        ("never", "not at all", "nie", "jamais", "nunca", "mai", "nooit"),
        ("less than once a year", "less than yearly"),
        ("yearly", "annually", "annual", "once a year", "jahrlich", "annuel", "anual", "annuale", "jaarlijks"),
        ("every 6 months", "every six months", "half-yearly", "semi-annually", "twice a year", "halbjahrlich"),
        ("quarterly", "every 3 months", "every three months", "once a quarter", "trimestriel", "trimestral"),
        ("every 2 months", "every two months", "less than once a month"),
        (
            "monthly",
            "once a month",
            "every month",
            "monatlich",
            "mensuel",
            "mensual",
            "mensile",
            "mensal",
            "maandelijks",
        ),
        (
            "fortnightly",
            "bi-weekly",
            "biweekly",
            "every 2 weeks",
            "every two weeks",
            "twice a month",
            "2-3 times a month",
            "several times a month",
        ),
        ("weekly", "once a week", "every week", "wochentlich", "hebdomadaire", "semanal", "settimanale", "wekelijks"),
        ("more than once a week", "twice a week", "several times a week", "2-3 times a week", "2-3 times per week"),
        ("daily", "every day", "once a day", "taglich", "quotidien", "diario", "giornaliero", "dagelijks"),
        ("several times a day", "more than once a day"),
    ),
    (
        (
            "strongly disagree",
            "completely disagree",
            "totally disagree",
            "stimme gar nicht zu",
            "stimme uberhaupt nicht zu",
            "pas du tout d'accord",
            "totalmente en desacuerdo",
            "per niente d'accordo",
            "discordo totalmente",
            "helemaal oneens",
            "zeer oneens",
            "trifft gar nicht zu",
        ),
        (
            "disagree",
            "stimme nicht zu",
            "pas d'accord",
            "plutot pas d'accord",
            "en desacuerdo",
            "in disaccordo",
            "discordo",
            "oneens",
            "trifft eher nicht zu",
        ),
        ("somewhat disagree", "slightly disagree", "stimme eher nicht zu"),
        (
            "neutral",
            "neither",
            "undecided",
            "neither agree nor disagree",
            "weder noch",
            "teils teils",
            "neutre",
            "ni d'accord ni pas d'accord",
            "ni de acuerdo ni en desacuerdo",
            "neutro",
            "neutraal",
            "indeciso",
        ),
        ("somewhat agree", "slightly agree", "stimme eher zu", "trifft eher zu"),
        ("agree", "stimme zu", "d'accord", "plutot d'accord", "de acuerdo", "d'accordo", "concordo", "eens"),
        (
            "strongly agree",
            "completely agree",
            "totally agree",
            "stimme voll zu",
            "stimme voll und ganz zu",
            "tout a fait d'accord",
            "totalmente de acuerdo",
            "totalmente d'accordo",
            "concordo totalmente",
            "helemaal eens",
            "zeer eens",
            "trifft voll zu",
        ),
    ),
    (
        (
            "very dissatisfied",
            "very unsatisfied",
            "extremely dissatisfied",
            "not at all satisfied",
            "sehr unzufrieden",
            "tres insatisfait",
            "pas du tout satisfait",
            "muy insatisfecho",
            "molto insoddisfatto",
            "muito insatisfeito",
            "zeer ontevreden",
        ),
        (
            "dissatisfied",
            "unsatisfied",
            "not satisfied",
            "unzufrieden",
            "insatisfait",
            "insatisfecho",
            "insoddisfatto",
            "insatisfeito",
            "ontevreden",
        ),
        ("somewhat dissatisfied", "slightly dissatisfied", "eher unzufrieden", "plutot insatisfait"),
        (
            "neutral",
            "neither",
            "neither satisfied nor dissatisfied",
            "ok",
            "weder noch",
            "teils teils",
            "neutre",
            "neutro",
            "neutrale",
            "neutraal",
        ),
        ("somewhat satisfied", "slightly satisfied", "eher zufrieden", "plutot satisfait", "fairly satisfied"),
        ("satisfied", "zufrieden", "satisfait", "satisfecho", "soddisfatto", "satisfeito", "tevreden"),
        (
            "very satisfied",
            "extremely satisfied",
            "completely satisfied",
            "sehr zufrieden",
            "tres satisfait",
            "muy satisfecho",
            "molto soddisfatto",
            "muito satisfeito",
            "zeer tevreden",
        ),
    ),
    (
        ("not important", "not important at all", "not at all important", "unimportant", "unwichtig"),
        ("slightly important", "a little important", "less important", "weniger wichtig", "low importance"),
        ("moderately important", "somewhat important", "fairly important", "eher wichtig"),
        ("important", "wichtig"),
        ("very important", "sehr wichtig"),
        ("extremely important", "essential", "critical"),
    ),
    (
        ("very unlikely", "extremely unlikely", "definitely not", "sehr unwahrscheinlich"),
        ("unlikely", "probably not", "unwahrscheinlich"),
        ("neutral", "undecided", "maybe", "not sure", "vielleicht"),
        ("likely", "probably", "wahrscheinlich"),
        ("very likely", "extremely likely", "definitely", "sehr wahrscheinlich"),
    ),
    (("detractor", "detractors"), ("passive", "passives", "neutral"), ("promoter", "promoters")),
    (
        ("sehr schlecht", "tres mauvais", "muy malo", "pessimo"),
        ("schlecht", "mauvais", "malo", "cattivo", "mau"),
        ("mittel", "mittelmassig", "moyen", "regular", "discreto", "durchschnittlich"),
        ("gut", "bon", "bueno", "buono", "bom"),
        ("sehr gut", "tres bon", "muy bueno", "ottimo", "muito bom"),
    ),
    (
        ("nie", "jamais", "nunca", "mai", "nooit"),
        ("selten", "rarement", "raramente", "rara vez", "zelden"),
        ("manchmal", "parfois", "a veces", "a volte", "as vezes", "soms", "gelegentlich"),
        ("oft", "haufig", "souvent", "a menudo", "spesso", "frequentemente", "vaak"),
        ("immer", "toujours", "siempre", "sempre", "altijd"),
    ),
    (
        ("muy bajo", "molto basso", "muito baixo", "zeer laag"),
        ("bajo", "basso", "baixo", "baja", "baixa", "laag"),
        ("medio", "media", "gemiddeld", "midden"),
        ("alto", "alta", "hoog"),
        ("muy alto", "molto alto", "muito alto", "zeer hoog"),
    ),
    (
        ("basic", "basis", "lite", "economy", "essential"),
        ("standard", "classic", "regular"),
        ("extended", "plus", "comfort", "advanced"),
        ("premium", "pro", "professional"),
        ("deluxe", "ultimate", "enterprise", "vip", "elite"),
    ),
    (
        ("not at all",),
        ("slightly", "a little"),
        ("moderately", "somewhat"),
        ("very", "very much", "quite a bit"),
        ("extremely",),
    ),
    (
        ("mon", "monday"),
        ("tue", "tuesday"),
        ("wed", "wednesday"),
        ("thu", "thursday"),
        ("fri", "friday"),
        ("sat", "saturday"),
        ("sun", "sunday"),
    ),
    (
        ("child", "children", "kid"),
        ("teen", "teenager", "youth"),
        ("young", "young adult"),
        ("adult", "middle-aged", "middle aged"),
        ("senior", "elderly", "old"),
    ),
)

# The words around the numbers of an age or income band, in seven languages.
_BELOW: Final = frozenset(
    [
        "before",
        "avant",
        "antes",
        "within",
        "innerhalb",
        "binnen",
        "inom",
        "indenfor",
        "innenfor",
        "<",
        "<=",
        "≤",
        "under",
        "below",
        "less",
        "up",
        "until",
        "max",
        "unter",
        "weniger",
        "bis",
        "moins",
        "jusqu",
        "jusque",
        "menos",
        "hasta",
        "meno",
        "fino",
        "ate",
        "minder",
        "onder",
        "tot",
        "sotto",
        "ponizej",
        "mniej",
        "do",
        "mindre",
        "yngre",
        "mene",
        "pod",
        "altinda",
        "alti",
        "az",
        "alle",
        "vahemman",
        "enintaan",
        "меньше",
        "менее",
        "младше",
        "до",
        "以下",
        "未満",
        "不到",
        "미만",
        "이하",
        "younger",
        "jonger",
        "junger",
        "fewer",
        "menor",
        "inferior",
        "inferieur",
        "minore",
        "moins",
        "lower",
        "hochstens",
        "maximal",
        "maximum",
        "within",
        "innerhalb",
        "korter",
        "kurzer",
        "shorter",
        "abaixo",
        "debajo",
        "krocej",
        "kortare",
        "kortere",
    ]
)
_ABOVE: Final = frozenset(
    [
        "later",
        "after",
        "since",
        "seit",
        "apres",
        "despues",
        "dopo",
        "depois",
        ">",
        ">=",
        "≥",
        "+",
        "over",
        "above",
        "more",
        "older",
        "greater",
        "min",
        "uber",
        "mehr",
        "ab",
        "alter",
        "plus",
        "mas",
        "piu",
        "oltre",
        "mais",
        "meer",
        "boven",
        "ouder",
        "mayores",
        "superior",
        "mayor",
        "maior",
        "maggiore",
        "superieur",
        "powyzej",
        "ponad",
        "wiecej",
        "od",
        "over",
        "mer",
        "fler",
        "flere",
        "fra",
        "starsi",
        "vice",
        "nad",
        "uzeri",
        "ustu",
        "fazla",
        "yli",
        "enemman",
        "vanhempi",
        "больше",
        "более",
        "старше",
        "свыше",
        "от",
        "以上",
        "超",
        "이상",
        "oder",
        "hoher",
        "higher",
        "up",
        "acima",
        "desde",
        "longer",
        "langer",
        "ofter",
        "aldre",
        "eldre",
        "starszy",
        "starsza",
        "ueber",
        "mindestens",
        "minimum",
        "upwards",
        "onwards",
    ]
)
_JOINING: Final = frozenset(
    [
        "-",
        "–",
        "—",
        "..",
        "to",
        "a",
        "and",
        "y",
        "e",
        "et",
        "und",
        "en",
        "bis",
        "tot",
        "/",
        "au",
        "al",
        "through",
        "thru",
        "do",
        "till",
        "til",
        "az",
        "ile",
        "до",
        "по",
        "~",
        "〜",
        "～",
        "から",
        "至",
        "ate",
        "hasta",
        "fino",
        "jusqu",
        "−",
    ]
)
_AROUND: Final = frozenset(
    [
        *(
            "the",
            "last",
            "past",
            "ago",
            "in",
            "der",
            "die",
            "das",
            "den",
            "letzten",
            "letzte",
            "letztes",
            "letzter",
            "vor",
        ),
        *(
            "au",
            "cours",
            "dernier",
            "derniere",
            "derniers",
            "dernieres",
            "il",
            "hace",
            "la",
            "el",
            "los",
            "las",
            "ultimo",
            "ultima",
        ),
        *(
            "ultimos",
            "ultimas",
            "fa",
            "negli",
            "ultimi",
            "nos",
            "ha",
            "afgelopen",
            "geleden",
            "ostatnim",
            "ostatniego",
            "temu",
        ),
        *("senaste", "sedan", "siden", "siste", "seneste"),
        "than",
        "de",
        "du",
        "des",
        "d",
        "di",
        "da",
        "do",
        "dan",
        "from",
        "between",
        "von",
        "van",
        "zwischen",
        "entre",
        "tra",
        "tussen",
        "or",
        "of",
        "and",
        "ou",
        "und",
        "oder",
        "o",
        "e",
        "y",
        "et",
        "years",
        "year",
        "yrs",
        "yr",
        "old",
        "ans",
        "an",
        "jahre",
        "jahren",
        "jahr",
        "anos",
        "ano",
        "anni",
        "anno",
        "jaar",
        "months",
        "month",
        "mois",
        "monate",
        "days",
        "eur",
        "euro",
        "euros",
        "usd",
        "dollars",
        "gbp",
        "chf",
        "k",
        "m",
        "mio",
        "%",
        "per",
        "cent",
        "age",
        "aged",
        "plus",
        "than",
        "als",
        "a",
        "to",
        "que",
        "lat",
        "lata",
        "rok",
        "roku",
        "let",
        "ar",
        "aar",
        "years-old",
        "vuotta",
        "yas",
        "yasinda",
        "лет",
        "года",
        "год",
        "歳",
        "岁",
        "세",
        "才",
        "円",
        "元",
        "万",
        "pln",
        "sek",
        "nok",
        "dkk",
        "czk",
        "try",
        "rub",
        "inr",
        "brl",
        "mxn",
        "zl",
        "kr",
        "employees",
        "employee",
        "mitarbeiter",
        "people",
        "persons",
        "person",
        "orders",
        "times",
        "items",
        "visits",
        "hours",
        "hour",
        "minutes",
        "min",
        "weeks",
        "week",
        "km",
        "miles",
        "mes",
        "meses",
        "mesi",
        "maanden",
        "jours",
        "dias",
        "giorni",
        "tage",
        "tagen",
        "monat",
        "monaten",
        "und",
        "mehr",
        "more",
        "less",
        "and",
        "over",
        "salary",
        "income",
        "per",
        "year",
        "annum",
        "pa",
        "p",
        "mo",
        "pm",
        "ca",
        "about",
        "approx",
        "mayor",
        "t",
        "r",
        "rs",
        "i",
        "ve",
        "и",
        "или",
        "або",
        "och",
        "og",
        "es",
        "eller",
        "nebo",
        "lub",
        "niz",
        "an",
        "nez",
        "alder",
        "tl",
        "代",
        "才",
        "s",
        "time",
        "lakh",
        "lakhs",
        "mil",
        "tsd",
    ]
)
_BAND_TOKEN: Final = re.compile(
    r"\d+(?:[.,]\d+)*|[<>]=?|≤|≥|\.\.|[-–—−+%/~〜～]|[a-zЀ-ӿ]+|以上|以下|未満|不到|超|이상|이하|미만|から|至|[^\W\d_]"
)
_NUMBERED: Final = re.compile(
    r"^(?:(?P<plain>[+-]?\d{1,3})|"
    r"(?P<before>[+-]?\d{1,2})(?: ?[-–:.=()] ?| )\D+|(?=\D*?[^\W\d])\D+(?P<after>[+-]\d{1,2}))$"
)
_MARK_BEHIND: Final = re.compile(r"^[+-]?\d{1,2} ?[-–:.=()]")
_ONE: Final = word_set("a an one un une una uno uma ein eine einem een en ett bir")
# What says behind a number that it is the upper end.
_BELOW_BEHIND: Final = word_set("""
under less below fewer lower younger weniger junger minder jonger moins menos meno mniej mlodsi mindre yngre mene az
alti altinda vahemman nuorempi меньше младше 以下 未満 不到 미만 이하
""")
# In the last 30 days.
_LATELY: Final = word_set("""
last past previous letzten letzte letzter vergangenen derniers dernier dernieres ultimos ultimas ultimo ultimi ultime
laatste afgelopen ostatnich ostatnie senaste seneste siste son posledni poslednich viimeisten последние последних
""")
_MOST_HAVE: Final = 0.6
_STEM: Final = 4
# Stands before the lowest band.
_BEFORE_ALL: Final = phrases(
    """
same day,the same day,same-day,am selben tag,am gleichen tag,le jour meme,el mismo dia,lo stesso giorno,no mesmo dia,
dezelfde dag,tego samego dnia,samma dag,samme dag,ayni gun,
today,heute,aujourd'hui,hoy,oggi,hoje,vandaag,dzisiaj,dzis,idag,i dag,bugun,tanaan,сегодня,今日,
none,never,today,heute,aujourd'hui,hoy,oggi,hoje,vandaag,dzisiaj,dzis,idag,i dag,bugun,tanaan,сегодня,今日,
first time,this is my first time,this is my first purchase,first purchase,new,new customer,new member,neukunde,
nouveau client,cliente nuevo,nuevo cliente,nuovo cliente,novo cliente,nieuwe klant,nowy klient,ny kund,
i haven't made a purchase yet,not yet,no income,kein einkommen,kein eigenes einkommen,aucun revenu,
sans revenu,sin ingresos,no tengo ingresos,nessun reddito,sem renda,sem rendimento,geen inkomen,
brak dochodu,ingen inkomst,gelirim yok,0,self-employed,just me,only me,myself only,無収入,收入なし,无收入,keine,
aucun,ninguno,ninguna,nessuno,nenhum,geen,brak,ingen,yok,zero,still at school,
nothing,nichts,rien,nada,niente,niets,nic,inget,ingenting,studio,brand new customer,brand new
"""
)
_NO_SUCH: Final = word_set("""
no none zero kein keine keinen aucun aucune pas sin ningun ninguna nessun nessuna nenhum nenhuma sem geen brak zadne
inga ingen inget hic ei нет без žádné
""")
# Stands behind the highest band, or the longest time.
_AFTER_ALL: Final = phrases(
    """
longer ago,longer,earlier,long ago,before that,even longer ago,further ago,langer her,fruher,noch langer her,langer,
il y a plus longtemps,plus longtemps,avant,hace mas tiempo,mas tiempo,antes,piu tempo fa,prima,ha mais tempo,mais tempo,
langer geleden,eerder,dawniej,wczesniej,dluzej,langre sedan,tidigare,laengere siden,tidligere,daha once,
daha uzun sure once,aiemmin,раньше,давно,それ以前,更早,much more,even more,any more
"""
)
_FIRST: Final = (
    "first ",
    "erster ",
    "erste ",
    "erstes ",
    "premier ",
    "premiere ",
    "primera ",
    "primer ",
    "primeira ",
    "primo ",
    "prima ",
    "eerste ",
    "pierwsza ",
    "pierwszy ",
    "forsta ",
    "forste ",
    "ilk ",
    "первый ",
    "первая ",
)
_SMALL_NUMBERS: Final = {
    word: str(number)
    for number, words in enumerate(
        (
            "one ein eine einem einen un une una uno uma een en ett et bir jeden",
            "two zwei deux dos due dois duas twee dwa tva to iki dva",
            "three drei trois tres tre drie trzy uc tri",
            "four vier quatre cuatro quattro quatro cztery fyra fire dort",
            "five funf cinq cinco cinque vijf piec fem bes pet",
            "six sechs seis sei zes szesc sex seks alti sest",
            "seven sieben sept siete sette sete zeven siedem sju syv yedi",
            "eight acht huit ocho otto oito osiem atta otte sekiz",
            "nine neun neuf nueve nove negen dziewiec nio ni dokuz",
            "ten zehn dix diez dieci dez tien dziesiec tio ti on",
        ),
        start=1,
    )
    for word in words.split()
}
_MORE: Final = frozenset({"plus", "more", "mehr", "mas", "piu", "mais", "meer", "or more", "and more", "ou plus"})
_LONGEST_ANSWER: Final = 60


_FEWEST_STEPS: Final = 2
_FEWEST_BUILT: Final = 3
_MOST_ANSWERS: Final = 20
# Don't know and no answer, say.
_MOST_UNKNOWN: Final = 3


def _plain(value: str) -> str:
    """Return an answer in lower case, without accents, underscores, marks around it and doubled blanks."""
    text = without_accents(value[:_LONGEST_ANSWER].replace("_", " ").replace("’", "'").replace(", ", " "))
    return " ".join(text.split()).strip(' .!;:,"')


_STEPS: Final = tuple(
    {_plain(word): step for step, words in enumerate(scale) for word in words} for scale in (*SCALES, *MORE_SCALES)
)


_SCALES_OF: Final[dict[str, set[int]]] = {}
for _at, _words in enumerate(_STEPS):
    for _word in _words:
        _SCALES_OF.setdefault(_word, set()).add(_at)


def yes_and_no(values: Sequence[str]) -> bool:
    """Whether the different values of a column are a yes and a no of one language, and no more than those of others."""
    lowered = {value.strip().lower() for value in values}
    # Of four points of the compass, three are letters of a yes or a no.
    is_compass = {"n", "s", "o"} <= lowered
    return lowered <= YES | NO and not is_compass and any(lowered & yes and lowered & no for yes, no in _YES_AND_NO)


def means_yes(value: str) -> bool:
    """Whether one value is the yes of its pair."""
    return value.strip().lower() in YES


def scale_levels(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values from lowest to highest when they are known answers of one scale, else nothing."""
    # "Unknown" among the answers is none of them.
    known = [value for value in values if not is_unknown_word(value)]
    if not 2 <= len(known) <= _MOST_ANSWERS or len(values) - len(known) > _MOST_UNKNOWN:
        return ()
    if not any(map(str.isalnum, known[0])) or not any(map(str.isalnum, known[-1])):
        return _of_signs(known)
    return (
        _of_known_scale(known)
        or _by_days(known)
        or _of_intervals(known)
        or _of_bands(known)
        or _of_numbered(known)
        or _of_built_answers(known)
        or _beside_a_shared_word(known)
        or _before_explanations(known)
        or _of_wordy_scale(known)
        or _by_grades(known)
    )


def _by_days(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers from lately to long ago."""
    days = days_ago([_plain(value) for value in values])
    return tuple(value for _, value in sorted(zip(days, values, strict=True))) if days else ()


def _by_grades(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers by the grade words in them."""
    plain = [_plain(value) for value in values]
    # Yes, no and maybe are groups.
    if len(values) == _FEWEST_BUILT and sum(text in YES | NO for text in plain) == _FEWEST_STEPS:
        return ()
    scores = graded(plain) or times_a_year(plain)
    return tuple(value for _, value in sorted(zip(scores, values, strict=True))) if scores else ()


_FILLED: Final = "★⭐$€£¥₹+●■✔✓♥❤•*"
_EMPTY: Final = "☆○□♡-−–"


def _of_signs(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers drawn with signs from few to many: stars, `$$$` for a price, `--` to `++`."""
    drawn = {value: "".join(value.replace("\ufe0f", "").split()) for value in values}
    signs = set("".join(drawn.values())) - {"0", "o"}
    filled = {sign for sign in signs if sign in _FILLED}
    if len(values) < _FEWEST_BUILT or len(filled) != 1 or len(signs) > _FEWEST_STEPS or not signs - filled <= {*_EMPTY}:
        return ()
    # Stars left empty fill up to as many as there are; without full ones beside them, minus is less than nothing.
    is_less = bool(signs & {*"-−–"})
    counts = {
        value: sum(sign in filled for sign in text) - is_less * sum(sign in _EMPTY for sign in text)
        for value, text in drawn.items()
    }
    return tuple(sorted(values, key=counts.__getitem__)) if len(set(counts.values())) == len(values) else ()


# micro (<10 employees), "gut (2)": what is meant stands before the bracket.
_EXPLANATION: Final = re.compile(r"(?<=\S) ?\([^()]{1,60}\)$")


def _before_explanations(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers that are a scale without what stands in brackets behind them."""
    bare = {_EXPLANATION.sub("", value.strip()): value for value in values}
    if len(bare) < len(values) or set(bare) == {value.strip() for value in values}:
        return ()
    return tuple(bare[text] for text in scale_levels(list(bare)))


# A word of so many answers is what all of them are about: no interest, little interest, strong interest.
_SHARED_BY: Final = 0.45
_ORDINAL: Final = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er|re|eme|e|\.)$")


def _beside_a_shared_word(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers whose words make a scale once those that most of them share are taken out."""
    if len(values) < _FEWEST_BUILT:
        return ()
    words = {value: _plain(value).split() for value in values}
    in_one_word = all(len(own) == 1 and not own[0].isascii() for own in words.values())
    # 低品質, 普通品質, 高品質: without blanks, what all end or begin with is what they share.
    if in_one_word and (found := _beside_a_shared_end({value: own[0] for value, own in words.items()})):
        return found
    held = Counter(beginning for own in words.values() for beginning in {word[:_STEM] for word in own})
    # What all share first: "good" stands in two of basic, good, very good and expert knowledge.
    for least in (len(values), max(2, _SHARED_BY * len(values))):
        shared = {each for each, n in held.items() if n >= least and len(each) > 1}
        rest = {" ".join(word for word in own if word[:_STEM] not in shared): value for value, own in words.items()}
        if shared and len(rest) == len(values) and "" not in rest and (found := _of_rests(list(rest))):
            return tuple(rest[text] for text in found)
    return ()


def _beside_a_shared_end(words: dict[str, str]) -> tuple[str, ...]:
    ends = _n_shared([word[::-1] for word in words.values()])
    begins = _n_shared(list(words.values()))
    for start, end in ((0, ends), (begins, 0)):
        rest = {word[start : len(word) - end]: value for value, word in words.items()}
        if (
            start + end
            and len(rest) == len(words)
            and "" not in rest
            and (found := _of_rests(list(rest)) or _by_grades(list(rest)))
        ):
            return tuple(rest[text] for text in found)
    return ()


def _n_shared(words: Sequence[str]) -> int:
    """Return how many letters all words begin with."""
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*words, strict=False)))


def _of_rests(rests: Sequence[str]) -> tuple[str, ...]:
    """Return what is left of answers from lowest to highest: first, second, third, or words of a scale, or counts."""
    ordinals = {text: int(match[1]) for text in rests if (match := _ORDINAL.match(text))}
    if len(ordinals) == len(rests):
        return tuple(sorted(ordinals, key=ordinals.__getitem__))
    known = _of_known_scale(rests) or _by_days(rests)
    if known or not (many := counts([_plain(text) for text in rests])):
        return known
    return tuple(text for _, text in sorted(zip(many, rests, strict=True)))


# No, not really.
_ANSWERED_FIRST: Final = re.compile(r"^no (?=(?:[a-z]+ )?not\b)")


def _of_built_answers(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers by how they are built: degrees of one word, or so many times a month."""
    if len(values) < _FEWEST_BUILT or not all(any(map(str.isalpha, value)) for value in values):
        return ()
    plain = [_ANSWERED_FIRST.sub("", _plain(value)) for value in values]
    scores = frequencies(plain) or vague_frequencies(plain) or parts(plain) or counts(plain) or degrees(plain)
    return tuple(value for _, value in sorted(zip(scores, values, strict=True))) if scores else ()


def _of_known_scale(values: Sequence[str]) -> tuple[str, ...]:
    plain = {value: _without_number(_plain(value)) for value in values}
    # Most columns of words are none, which one look at each word tells.
    of_each = [_SCALES_OF.get(word, set()) for word in plain.values()]
    for at in sorted(set.intersection(*of_each)):
        steps = _STEPS[at]
        places = {value: steps.get(word) for value, word in plain.items()}
        taken = [place for place in places.values() if place is not None]
        # Two words of one step stand side by side, where other steps show that it is this scale.
        if len(taken) == len(values) and (len(set(taken)) == len(values) or len(set(taken)) > _FEWEST_STEPS):
            # Where two words share a step, how they are built may tell more.
            in_order = tuple(sorted(values, key=lambda value: (places[value] or 0, plain[value])))
            return in_order if len(set(taken)) == len(values) else _of_built_answers(values) or in_order
    return ()


# What education and its like are called beside their level, and the open end of a highest answer.
_BESIDE_LEVEL: Final = re.compile(
    r" (?:degree|education|diploma|school|training|qualifications?|studies|only|completed|graduate|level|abschluss|"
    r"ausbildung|etudes|estudios|studi|estudos|opleiding|wyksztalcenie|utbildning|uddannelse|"
    r"(?:and|or|und|oder|et|ou|y|o|e|en|i|och|og) (?:over|more|above|older|higher|mehr|alter|hoher|plus|mas|"
    r"piu|mais|meer|wiecej|mer|mere))$"
)
_EITHER: Final = re.compile(r" ?/ ?| (?:or|oder|ou|o|of|lub|eller|veya|nebo|tai|или) ")


def _of_wordy_scale(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers that are a known scale once each is said in fewer words: `Master's degree or equivalent`."""
    said: dict[str, set[str]] = {}
    for value in values:
        first = _plain(value.split(",", 1)[0])
        forms = {
            form
            for part in (_plain(value), first, *_EITHER.split(first))
            for form in (part, _BESIDE_LEVEL.sub("", part))
        }
        said[value] = {*forms, "none"} if first.split(" ")[0] in _NO_SUCH else forms
    best: tuple[str, ...] = ()
    for at in sorted(
        set.intersection(*(set().union(*(_SCALES_OF.get(form, set()) for form in own)) for own in said.values()))
    ):
        places = {
            value: {_STEPS[at][form] for form in own if form in _STEPS[at]}
            if _plain(value) not in _STEPS[at]
            else {_STEPS[at][_plain(value)]}
            for value, own in said.items()
        }
        taken = {min(own) for own in places.values() if len(own) == 1}
        chosen = {value: max(own - taken or own) if len(own) > 1 else min(own) for value, own in places.items()}
        if len(set(chosen.values())) == len(values):
            best = best or tuple(sorted(values, key=chosen.__getitem__))
    return best if len(values) >= _FEWEST_BUILT else ()


def _without_number(text: str) -> str:
    """Return an answer without the number that some write behind it: `satisfied (4)`."""
    return re.sub(r" ?\(\d{1,2}\)$", "", text)


_INTERVAL: Final = re.compile(
    r"^[\[(]\s?(?P<low>-?(?:\d{1,12}(?:\.\d{1,9})?|inf))[,;]\s?-?(?:\d[\d.]{0,20}|inf)\s?[\])]$"
)


def _of_intervals(values: Sequence[str]) -> tuple[str, ...]:
    """Return the intervals that programs cut numbers into, such as [0, 10) and (10.5, 20.0]."""
    matches = [_INTERVAL.match(value.strip()) for value in values]
    lows = [float(match["low"]) for match in matches if match]
    return tuple(value for _, value in sorted(zip(lows, values, strict=True))) if len(lows) == len(values) else ()


# 5-Jan and Jan-10 are what spreadsheets make of 1-5 and 1-10.
_TAKEN_FOR_DATE: Final = re.compile(
    r"^(?:(?P<one>\d{1,2})\.?[- ](?P<month>[^\W\d_]{3,4})\.?|(?P<name>[^\W\d_]{3,4})\.?[- ](?P<two>\d{1,2}))$"
)


def range_in_a_date(value: str) -> tuple[int, int] | None:
    """Return the two ends of a range that a spreadsheet has taken for a day: 1 and 5 of 5-Jan; None for other texts."""
    match = _TAKEN_FOR_DATE.match(value.strip())
    month = MONTHS.get(without_accents(match["month"] or match["name"])) if match else None
    if match is None or month is None:
        return None
    low, high = sorted((month, int(match["one"] or match["two"])))
    return low, high


def _of_bands(values: Sequence[str]) -> tuple[str, ...]:
    split = {value: _band_tokens(_plain(value)) for value in values}
    taken = {value: ends for value in values if (ends := range_in_a_date(value))}
    if 2 * len(taken) < len(values):
        split |= {value: [str(low), "-", str(high)] for value, (low, high) in taken.items()}
    # Today, within the last week, over a month ago.
    timed = sum(any(map(unit_days, tokens)) and not _BELOW.isdisjoint(tokens) for tokens in split.values())
    if timed < _FEWEST_STEPS and not any(map(str.isdecimal, "".join(values))):
        return ()
    held = Counter(beginning for tokens in split.values() for beginning in {token[:_STEM] for token in tokens})
    # What most answers hold, in whatever form, is their unit.
    usual = {beginning for beginning, n_values in held.items() if n_values >= max(2, _MOST_HAVE * len(values))}
    words = {token for tokens in split.values() for token in tokens}
    unit = frozenset(token for token in words if token[:_STEM] in usual)
    in_days = len({unit_days(token) for token in words} - {0.0}) > 1
    bands = {
        value: (-1.0, -1, False)
        if _plain(value) in _BEFORE_ALL or _plain(value).startswith(_FIRST) or _says_none(tokens, unit)
        else (np.inf, 1, False)
        if _plain(value) in _AFTER_ALL
        else _band(tokens, unit, in_days=in_days)
        for value, tokens in split.items()
    }
    places = [band for band in bands.values() if band is not None]
    # A plain number or two may stand beside the bands; without a band, numbers are no answers of a scale.
    wide = sum(not alone for _, _, alone in places)
    if len(places) < len(values) or wide < max(1, len(values) - 2) or len({each[:2] for each in places}) < len(values):
        return ()
    return tuple(sorted(values, key=lambda value: bands[value] or (0.0, 0, True)))


def _says_none(tokens: Sequence[str], unit: frozenset[str]) -> bool:
    """Whether an answer is no, or none, of what the others count: no children."""
    if tokens[:1] == [] or tokens[0] not in _NO_SUCH:
        return False
    return len(tokens) == _FEWEST_STEPS or (len(tokens) > 1 and unit.issuperset(tokens[1:]))


def _band_tokens(text: str) -> list[str]:
    """Return the numbers, words and signs of an answer; blanks and apostrophes within a number are none."""
    text = (
        re.sub(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", text)
        .replace("及", "")
        .replace("★", " stars ")
        .replace("⭐", " stars ")
    )
    tokens = _BAND_TOKEN.findall(text.translate({ord(sign): " " for sign in "£$€'’"}))
    # Six months to a year.
    return [
        _SMALL_NUMBERS.get(token, "1" if token in {"a", "an"} else token)
        if following and unit_days(following) and not unit_days(token)
        else token
        for token, following in zip(tokens, [*tokens[1:], ""], strict=False)
    ]


def _band(
    tokens: Sequence[str], unit: frozenset[str] = frozenset(), *, in_days: bool = False
) -> tuple[float, int, bool] | None:
    """Return where a band begins, −1, 0 or 1 for under, in or over it, and whether it is one number alone.

    Parameters
    ----------
    unit
        Words that may stand in it beside the known ones.
    in_days
        Whether units of time count: 6 months are less than a year.
    """
    numbers = [at for at, token in enumerate(tokens) if token[0].isdecimal()]
    words = [token for token in tokens if not token[0].isdecimal()]
    if not numbers and any(map(unit_days, words)) and set(words) & (_BELOW | _ABOVE):
        # Less than a year.
        at = max(at for at, token in enumerate(tokens) if unit_days(token))
        tokens, numbers = [*tokens[:at], "1", *tokens[at:]], [at]
    known = _BELOW | _ABOVE | _JOINING | _AROUND | _ONE | _LATELY | unit
    if not 1 <= len(numbers) <= 2 or any(token not in known and not unit_days(token) for token in words):
        return None
    sizes = []
    for at in numbers:
        try:
            size = float(re.sub(r"[.,](?=\d{3}\b)", "", tokens[at]).replace(",", ".").rstrip("."))
        except ValueError:  # 6.7.8 is a version or a date, and no size
            return None
        follows = tokens[at + 1] if at + 1 < len(tokens) else ""
        days = next(filter(None, map(unit_days, tokens[at + 1 :])), 1.0) if in_days else 1.0
        sizes.append(size * days * {"k": 1e3, "m": 1e6, "mio": 1e6}.get(follows, 1.0))
    if len(numbers) == 2:
        between = tokens[numbers[0] + 1 : numbers[1]]
        # 20-40k is from 20,000 to 40,000.
        low = sizes[0] * 1e3 if "k" in tokens[numbers[1] :] and "k" not in between else sizes[0]
        return (low, 0, False) if low <= sizes[1] and set(between) & _JOINING else None
    before, after = set(tokens[: numbers[0]]), set(tokens[numbers[0] + 1 :])
    # "55 ve üzeri", "18 yaş altı": in some languages such words stand behind the number, where others mean "or more".
    if after & _ABOVE and not after & _BELOW_BEHIND:
        return sizes[0], 1, False
    if before & (_BELOW | _LATELY) or after & _BELOW_BEHIND:
        return sizes[0], -1, False
    if before & _ABOVE:
        return sizes[0], 1, False
    if "代" in after or (after == {"s"} and sizes[0] % 10 == 0):
        return sizes[0], 0, False
    return None if {"-", "–", "—", "/", ".."} & (before | after) else (sizes[0], 0, True)


def _of_numbered(values: Sequence[str]) -> tuple[str, ...]:
    """Return answers that carry their number: `5 - very good`, `I love it! +5`, or `0` … `4` and `more`."""
    places: dict[str, int] = {}
    words = labels = 0
    for value in values:
        text = _plain(value)
        match = _NUMBERED.match(text)
        if match:
            places[value] = int(match["plain"] or match["before"] or match["after"])
            words += match["plain"] is None
            labels += match["after"] is not None
        elif (band := _band(_band_tokens(text))) and band[1] == 1:
            # 4 or more, 3+
            places[value] = int(band[0])
            words += 1
        elif text in _MORE:
            places[value] = 1_000
            words += 1
    steps = sorted(places.values())
    open_ended = sum(step == 1_000 for step in steps)
    # A-1, B-2, C-3 are names: where numbers follow words, some answers are numbers alone.
    if len(steps) < len(values) or not words or labels == len(values) or open_ended > 1 or len(set(steps)) < len(steps):
        return ()
    closed = steps[: len(steps) - open_ended]
    # 3 Mobile, 5 Guys: without a mark behind the number, answers count on, or some are numbers alone.
    marked = words == open_ended or words < len(values) or all(_MARK_BEHIND.match(value.strip()) for value in values)
    if not marked and closed != list(range(closed[0], closed[0] + len(closed))):
        return ()
    if len(closed) < _FEWEST_STEPS or closed[-1] - closed[0] > 2 * len(closed):
        return ()
    return tuple(sorted(values, key=places.__getitem__))

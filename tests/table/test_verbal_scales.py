"""Answers of questionnaires are ordered by how they are built, in whatever words."""

import pandas as pd
import pytest

from segmenter import read_table
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer.ordinal_scales import scale_levels

# Each from low to high, as whoever wrote the question meant it.
SCALES = """
Not useful at all|Slightly useful|Moderately useful|Very useful|Extremely useful
Not trustworthy|Somewhat trustworthy|Trustworthy|Very trustworthy
Very unlikely to recommend|Unlikely to recommend|Neither likely nor unlikely to recommend|Very likely to recommend
Definitely will not|Probably will not|Might or might not|Probably will|Definitely will
Much less than expected|Less than expected|As expected|More than expected|Much more than expected
Gar nicht zufrieden|Wenig zufrieden|Mittelmäßig zufrieden|Überwiegend zufrieden|Völlig zufrieden
Sehr schwer verständlich|Schwer verständlich|Leicht verständlich|Sehr leicht verständlich
Pas du tout satisfait(e)|Peu satisfait(e)|Moyennement satisfait(e)|Satisfait(e)|Très satisfait(e)
Muy en desacuerdo|En desacuerdo|Indiferente|De acuerdo|Muy de acuerdo
Per nulla utile|Poco utile|Abbastanza utile|Molto utile
Nem um pouco provável|Pouco provável|Moderadamente provável|Muito provável|Extremamente provável
Helemaal mee oneens|Mee oneens|Niet mee eens, niet mee oneens|Mee eens|Helemaal mee eens
Bardzo niezadowolony/a|Niezadowolony/a|Ani zadowolony/a, ani niezadowolony/a|Zadowolony/a|Bardzo zadowolony/a
Inte alls viktigt|Inte så viktigt|Varken eller|Ganska viktigt|Mycket viktigt
Meget utilfreds|Utilfreds|Hverken tilfreds eller utilfreds|Tilfreds|Meget tilfreds
Hiç memnun değilim|Memnun değilim|Kararsızım|Memnunum|Çok memnunum
絶対に購入しない|おそらく購入しない|どちらともいえない|おそらく購入する|必ず購入する
Совершенно не согласен|Скорее не согласен|Скорее согласен|Полностью согласен
Once a year or less|A few times a year|About once a month|2-3 times a month|Once a week or more
Less often|A few times a month|About once a week|A few times a week|Every day
Alle 4 Wochen|Alle 2 Wochen|Wöchentlich|Täglich
Nie|Seltener als 1x im Monat|1-3x im Monat|1-2x pro Woche|3-5x pro Woche|Täglich
Jamais|Moins d'une fois par an|1 à 3 fois par an|Tous les mois|Toutes les semaines
Nunca|Una vez al año|Cada 6 meses|Cada mes|Cada semana|Todos los días
Nigdy|Raz w roku|Kilka razy w roku|Raz w miesiącu|Co tydzień|Codziennie
Ayda birden az|Ayda bir|Ayda birkaç kez|Haftada bir|Her gün
月1回未満|月に1回|月に2～3回|週に1回|ほぼ毎日
Less than 30 minutes|30 minutes to 1 hour|1-2 hours|More than 2 hours
This is my first time|Less than six months|Six months to a year|1 - 2 years|3 or more years
Moins de 6 mois|De 6 mois à 1 an|De 1 à 3 ans|Plus de 3 ans
Moins de 1 000 €|De 1 000 à 1 999 €|De 2 000 à 2 999 €|3 000 € et plus
Até 1 salário mínimo|De 1 a 2 salários mínimos|De 2 a 5 salários mínimos|Mais de 5 salários mínimos
18 yaş altı|18-24 yaş|25-34 yaş|55 yaş ve üzeri
300万円未満|300万円～500万円未満|500万円～700万円未満|1000万円以上
10代|20代|30代|60代以上
Within 1 month|1-3 months|3-6 months|6-12 months|More than a year
1 (very bad)|2|3|4|5 (very good)
Hardly ever|A few times a year|Once or twice a month|Most weeks|Nearly every day
Less than yearly|Once a year|Every few months|Every month|Every week
Never|Once|Twice|Three times or more
First visit|2 to 3 visits|4 to 9 visits|10+ visits
Today|Within the last week|Within the last month|Within the last year|Over a year ago
Does not apply to me at all|Applies slightly|Applies moderately|Applies strongly|Applies completely
No impact|Low impact|Medium impact|High impact
1st quartile|2nd quartile|3rd quartile|4th quartile
Primary education|Lower secondary education|Upper secondary education|Bachelor|Master|Doctorate
Too early|A bit early|Just right|A bit late|Too late
Almost none|A few|About half|Most|Almost all
Not once|Every now and then|Quite often|All the time
Jamais|De temps en temps|Assez souvent|Tout le temps
Only on special occasions|About once a month|Weekly or more|Daily
Pas satisfait du tout|Plutôt pas satisfait|Plutôt satisfait|Tout à fait satisfait
Trifft gar nicht zu|Trifft eher nicht zu|Teils, teils|Trifft eher zu|Trifft voll zu
Couldn't agree less|Disagree a bit|Agree a bit|Couldn't agree more
Way too short|A bit too short|Just right|A bit too long|Way too long
Viel zu klein|Etwas zu klein|Genau richtig|Etwas zu groß|Viel zu groß
Micro (<10)|Small (10-49)|Medium (50-249)|Large (250+)
-2 (hate it)|-1|0|+1|+2 (love it)
New customer (this year)|1-2 yrs|3-5 yrs|6-10 yrs|10+ yrs
In the last 7 days|In the last 30 days|In the last 3 months|Longer ago
No children|1 child|2 children|3 or more children
20歳未満|20〜29歳|30〜39歳|40歳以上
Basic knowledge|Good knowledge|Very good knowledge|Expert knowledge
Instämmer inte alls|Instämmer delvis|Instämmer till stor del|Instämmer helt
Heel slecht|Slecht|Matig|Goed|Heel goed
viel schlechter|etwas schlechter|gleich|etwas besser|viel besser
gar kein Interesse|wenig Interesse|mittleres Interesse|starkes Interesse|sehr starkes Interesse
Beaucoup moins bien|Un peu moins bien|Pareil|Un peu mieux|Beaucoup mieux
Aucun intérêt|Faible intérêt|Intérêt moyen|Fort intérêt|Très fort intérêt
Très en désaccord|En désaccord|Neutre|En accord|Très en accord
Muy en contra|En contra|Ni a favor ni en contra|A favor|Muy a favor
Quasi mai|Raramente|Ogni mese|Ogni settimana|Ogni giorno
Veel slechter|Iets slechter|Hetzelfde|Iets beter|Veel beter
Dużo gorzej|Trochę gorzej|Tak samo|Trochę lepiej|Dużo lepiej
Nesten aldri|Sjelden|Noen ganger i måneden|Hver uke|Hver dag
Çok daha kötü|Biraz daha kötü|Aynı|Biraz daha iyi|Çok daha iyi
Nikdy|Několikrát za rok|Jednou za měsíc|Jednou týdně|Každý den
Not at all|A few times|Many times|Nearly every day
I have never bought online|I buy online a few times a year|I buy online every month|I buy online every week
Not like me at all|A little like me|Quite a lot like me|Exactly like me
Needs improvement|Acceptable|Meets expectations|Outstanding
No pain|Mild pain|Moderate pain|Severe pain|Worst possible pain
Not spicy|Mild|Medium|Hot|Extra hot
No formal education|Primary school|Secondary school|Vocational training|University degree|Postgraduate degree
Within the last week|Within the last month|Within the last year|More than a year ago|Never
Just now|Earlier today|Yesterday|Last week|Last month
Rarely or never|Some of the time|Most of the time|All or almost all of the time
Hat mir gar nicht gefallen|Hat mir weniger gefallen|Hat mir gut gefallen|Hat mir sehr gut gefallen
I strongly disagree|I disagree|I'm not sure|I agree|I strongly agree
Definitely won't recommend|Probably won't recommend|Might recommend|Definitely will recommend
Low income|Lower-middle income|Upper-middle income|High income
Bad condition|Fair condition|Good condition|Like new|New
No, definitely not|No, not really|Yes, somewhat|Yes, definitely
Disliked a lot|Disliked a little|Liked a little|Liked a lot
Worse than before|Same as before|Better than before
Peor que antes|Igual que antes|Mejor que antes
Strong disagreement|Disagreement|Neutral|Agreement|Strong agreement
Less than half|About half|More than half|Nearly all
Born before 1960|Born 1960-1979|Born 1980-1999|Born 2000 or later
-2 much worse|-1 worse|0 same|+1 better|+2 much better
全く重要ではない|あまり重要ではない|やや重要|非常に重要
低品質|普通品質|高品質
Ninguna confianza|Poca confianza|Bastante confianza|Mucha confianza
Nenhuma confiança|Pouca confiança|Alguma confiança|Muita confiança
Низкое качество|Среднее качество|Высокое качество
Låg kvalitet|Medelgod kvalitet|Hög kvalitet
$|$$|$$$
★☆☆☆☆|★★☆☆☆|★★★★☆|★★★★★
""".strip().splitlines()
NO_SCALES = """
Very Berry|Strong Coffee|Extra Cream
Not married|Married|Divorced|Widowed
Daily Deals|Weekly Offers|Monthly Box
Active|Not active|Very active user plan
Route 1-5|Other|Depot
Home 24|Shop 7|Store 12
Totally Baked|Totally Wired|Totally Toys
Less Stress Ltd|More Than Shoes|Plus Size 24
Part time|Full time|Not employed
Day trip|Week tour|City break
Good value|Nice staff|Easy parking
Small talk|Big Mac|Large order
Less sugar|More fibre|No gluten
No Moon|Half Moon Bay|Full Moon
3 Mobile|5 Guys|7 Eleven
Cheap|Fast|Good
Full-time|Part-time|Self-employed
Yes, by mail|Yes, by phone|No
Overpriced|Good value|Great location
""".strip().splitlines()


@pytest.mark.parametrize("line", SCALES)
def test_answers_are_ordered_by_how_they_are_built(line):
    answers = line.split("|")
    assert list(scale_levels(sorted(answers))) == answers


@pytest.mark.parametrize("line", NO_SCALES)
def test_names_of_things_are_not_ordered_by_the_adverbs_and_numbers_in_them(line):
    assert scale_levels(line.split("|")) == ()


@pytest.mark.parametrize(
    "unknown", ["Weet ik niet", "I would rather not say", "Je préfère ne pas répondre", "Vill ej uppge", "答えたくない"]
)
def test_who_does_not_say_stands_outside_the_scale(unknown):
    cells = ["Zeer ontevreden", "Ontevreden", "Neutraal", "Tevreden", "Zeer tevreden", unknown] * 10
    found = read_frame(pd.DataFrame({"q": cells, "spend": range(60)})).column("q")
    assert (found.kind, found.levels) == (ColumnKind.ORDERED, tuple(cells[:5]))
    assert found.missing == 10


def test_codes_of_several_answers_are_several_answers_and_decimals_are_not():
    codes = ["1,3,4", "2", "1,2,4", "3", "1,4", "2,3,4", "1,2,3,4"] * 10
    customers = read_frame(pd.DataFrame({"q": codes, "spend": range(70)}))
    assert set(customers.column("q").answers) == set("1234")
    decimals = read_frame(pd.DataFrame({"q": ["1,3", "2,4", "1,2", "3", "1,4", "2,3", "4"] * 10}))
    assert not decimals.column("q").answers


def test_the_three_header_lines_of_qualtrics_are_told_without_alarm():
    head = 'StartDate,Q1,Q2\nStart Date,"How happy, all in all?",Visits\n'
    keys = '"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
    rows = "".join(f"2024-05-{day:02d} 10:00:00,{('Very happy', 'Happy')[day % 2]},{day}\n" for day in range(1, 29))
    customers = read_table((head + keys + rows).encode(), name="export.csv")
    assert customers.n_customers == 28
    assert not [note.text for note in customers.notes if note.warning]
    assert any("Qualtrics" in note.text for note in customers.notes)


def test_boxes_to_tick_named_like_their_value_are_no_line_of_values():
    rows = "".join(f"{'Newspaper' if n % 3 else ''},{'TV' if n % 2 else ''},{n * 7 % 50}\n" for n in range(60))
    customers = read_table(("Newspaper,TV,visits\n" + rows).encode(), name="export.csv")
    assert list(customers.frame.columns) == ["Newspaper", "TV", "visits"]
    assert not [note.text for note in customers.notes if note.warning]


@pytest.mark.parametrize("name", ["Bizi nereden duydunuz?", "Trabaja usted"])
def test_a_part_of_another_word_is_no_consent(name):
    column = read_frame(pd.DataFrame({name: ["Evet", "Hayır"] * 20, "spend": range(40)})).column(name)
    assert column.kind is ColumnKind.YES_NO

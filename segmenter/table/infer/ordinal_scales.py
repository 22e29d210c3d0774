"""Ordinal scales, lowest answer first, and words for yes and no."""

import re
from collections.abc import Sequence
from typing import Final

from segmenter.table.infer.answer_scales import SCALES as MORE_SCALES
from segmenter.table.infer.header import without_accents
from segmenter.table.infer.missing_values import is_unknown_word

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
    ]
)
_ABOVE: Final = frozenset(
    [
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
        "lakh",
        "lakhs",
        "mil",
        "tsd",
    ]
)
_BAND_TOKEN: Final = re.compile(
    r"\d+(?:[.,]\d+)*|[<>]=?|≤|≥|\.\.|[-–—−+%/~]|[a-zЀ-ӿ]+|以上|以下|未満|不到|超|이상|이하|미만|から|至|[^\W\d_]"
)
_NUMBERED: Final = re.compile(
    r"^(?:(?P<plain>[+-]?\d{1,3})|(?P<before>\d{1,2}) ?[-–:.=)] ?\D+|(?=\D*?[^\W\d])\D+(?P<after>[+-]\d{1,2}))$"
)
_MORE: Final = frozenset({"plus", "more", "mehr", "mas", "piu", "mais", "meer", "or more", "and more", "ou plus"})
_LONGEST_ANSWER: Final = 60


_FEWEST_STEPS: Final = 2
_MOST_ANSWERS: Final = 20
# Don't know and no answer, say.
_MOST_UNKNOWN: Final = 3


def _plain(value: str) -> str:
    """Return an answer in lower case, without accents, underscores, marks around it and doubled blanks."""
    text = without_accents(value[:_LONGEST_ANSWER].replace("_", " ").replace("’", "'"))
    return " ".join(text.split()).strip(' .!;:,"')


_STEPS: Final = tuple(
    {_plain(word): step for step, words in enumerate(scale) for word in words} for scale in (*SCALES, *MORE_SCALES)
)


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
    return _of_known_scale(known) or _of_bands(known) or _of_numbered(known)


def _of_known_scale(values: Sequence[str]) -> tuple[str, ...]:
    plain = {value: _without_number(_plain(value)) for value in values}
    for steps in _STEPS:
        places = {value: steps.get(word) for value, word in plain.items()}
        taken = [place for place in places.values() if place is not None]
        # Two words of one step stand side by side, where other steps show that it is this scale.
        if len(taken) == len(values) and (len(set(taken)) == len(values) or len(set(taken)) > _FEWEST_STEPS):
            return tuple(sorted(values, key=lambda value: (places[value] or 0, plain[value])))
    return ()


def _without_number(text: str) -> str:
    """Return an answer without the number that some write behind it: `satisfied (4)`."""
    return re.sub(r" ?\(\d{1,2}\)$", "", text)


def _of_bands(values: Sequence[str]) -> tuple[str, ...]:
    bands = {value: _band(_plain(value)) for value in values}
    places = [band for band in bands.values() if band is not None]
    # A plain number or two may stand beside the bands; without a band, numbers are no answers of a scale.
    wide = sum(not alone for _, _, alone in places)
    if len(places) < len(values) or wide < max(1, len(values) - 2) or len({each[:2] for each in places}) < len(values):
        return ()
    return tuple(sorted(values, key=lambda value: bands[value] or (0.0, 0, True)))


def _band(text: str) -> tuple[float, int, bool] | None:
    """Return where a band begins, −1, 0 or 1 for under, in or over it, and whether it is one number alone."""
    tokens = _BAND_TOKEN.findall(text.translate({ord(sign): " " for sign in "£$€'’"}))
    known = _BELOW | _ABOVE | _JOINING | _AROUND
    numbers = [at for at, token in enumerate(tokens) if token[0].isdigit()]
    if not 1 <= len(numbers) <= 2 or any(token not in known for token in tokens if not token[0].isdigit()):
        return None
    sizes = []
    for at in numbers:
        try:
            size = float(re.sub(r"[.,](?=\d{3}\b)", "", tokens[at]).replace(",", ".").rstrip("."))
        except ValueError:  # 6.7.8 is a version or a date, and no size
            return None
        follows = tokens[at + 1] if at + 1 < len(tokens) else ""
        sizes.append(size * {"k": 1e3, "m": 1e6, "mio": 1e6}.get(follows, 1.0))
    if len(numbers) == 2:
        between = tokens[numbers[0] + 1 : numbers[1]]
        # 20-40k is from 20,000 to 40,000.
        low = sizes[0] * 1e3 if "k" in tokens[numbers[1] :] and "k" not in between else sizes[0]
        return (low, 0, False) if low <= sizes[1] and set(between) & _JOINING else None
    before, after = set(tokens[: numbers[0]]), set(tokens[numbers[0] + 1 :])
    if before & _BELOW or after & {"under", "less", "below", "younger"}:
        return sizes[0], -1, False
    if before & _ABOVE or after & _ABOVE:
        return sizes[0], 1, False
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
        elif (band := _band(text)) and band[1] == 1:
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
    if len(closed) < _FEWEST_STEPS or closed[-1] - closed[0] > 2 * len(closed):
        return ()
    return tuple(sorted(values, key=places.__getitem__))

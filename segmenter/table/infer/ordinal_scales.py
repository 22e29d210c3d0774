"""Ordinal scales, lowest answer first, and words for yes and no."""

import re
from collections.abc import Sequence
from typing import Final

YES: Final = frozenset({"yes", "y", "true", "t", "on", "ja", "oui", "sí", "si", "sim"})
# Letters alone could be anything: they count only as a pair of the same length.
_PAIRS: Final = (
    {"yes", "no"},
    {"y", "n"},
    {"true", "false"},
    {"t", "f"},
    {"on", "off"},
    {"ja", "nein"},
    {"oui", "non"},
    {"sí", "no"},
    {"si", "no"},
    {"sim", "não"},
    {"sim", "nao"},
)

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
        ("s", "small"),
        ("m", "medium"),
        ("l", "large"),
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
        ("strongly disagree",),
        ("disagree",),
        ("neutral", "neither", "undecided", "neither agree nor disagree"),
        ("agree",),
        ("strongly agree",),
    ),
    (
        ("very dissatisfied", "very unsatisfied"),
        ("dissatisfied", "unsatisfied"),
        ("neutral",),
        ("satisfied",),
        ("very satisfied",),
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
        ("high school", "highschool", "hs"),
        ("2n cycle", "some college", "college", "associate", "vocational"),
        ("bachelor", "bachelors", "bachelor's", "graduation", "graduate", "undergraduate", "university"),
        ("master", "masters", "master's", "postgraduate", "post-graduate"),
        ("phd", "doctorate", "doctoral", "doctor"),
    ),
    (("sehr niedrig",), ("niedrig", "gering"), ("mittel",), ("hoch",), ("sehr hoch",)),
    (("très faible",), ("faible", "bas"), ("moyen",), ("élevé", "haut"), ("très élevé",)),
    (("bronze", "basic"), ("silver",), ("gold",), ("platinum",), ("diamond",)),
    (("beginner", "novice"), ("intermediate",), ("advanced",), ("expert",)),
    (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th")),
    (
        ("daily",),
        ("weekly",),
        ("fortnightly", "bi-weekly"),
        ("monthly",),
        ("quarterly",),
        ("yearly", "annually"),
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

_BRACKET: Final = re.compile(
    # Blanks are taken once and not shared out anew (`*+`): the ways to share them grow with a power of their number.
    r"^(?:(?P<below><=?|under|below|up to|less than)|(?P<above>>=?|over|above|more than))?\s*+[£$€]?\s*+"
    r"(?P<low>\d+(?:[.,]\d+)*)\s*+k?"
    r"(?P<rest>\s*+(?:-|–|to|\.\.)\s*+[£$€]?\s*+\d+(?:[.,]\d+)*\s*+k?|\s*+\+"
    r"|\s*+(?:and|or) (?:over|more|above|older))?"
    r"\s*+(?:years?|yrs?|%|k)?$",
    re.IGNORECASE,
)


def yes_and_no(values: Sequence[str]) -> bool:
    """Whether the different values of a column are a yes and a no."""
    lowered = {value.strip().lower() for value in values}
    return len(lowered) == 2 and any(lowered == pair for pair in _PAIRS)


def means_yes(value: str) -> bool:
    """Whether one value is the yes of its pair."""
    return value.strip().lower() in YES


def scale_levels(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values from lowest to highest when they are known answers of one scale, else nothing."""
    if not 2 <= len(values) <= 20:
        return ()
    return _of_known_scale(values) or _of_brackets(values)


def _of_known_scale(values: Sequence[str]) -> tuple[str, ...]:
    for scale in SCALES:
        steps = {word: step for step, words in enumerate(scale) for word in words}
        places = {value: steps.get(" ".join(value.lower().replace("_", " ").split())) for value in values}
        taken = [place for place in places.values() if place is not None]
        # Two words of one step would have no order; two values of a long scale alone are too little evidence.
        if len(taken) == len(values) == len(set(taken)) and len(values) >= 2:
            return tuple(sorted(values, key=lambda value: places[value] or 0))
    return ()


def _of_brackets(values: Sequence[str]) -> tuple[str, ...]:
    found = {value: _BRACKET.match(value.strip()) for value in values}
    matches = [match for match in found.values() if match]
    if len(matches) < len(values) or sum(bool(match["rest"]) for match in matches) < max(1, len(values) - 2):
        return ()

    def place(value: str) -> tuple[float, int]:
        match = found[value]
        assert match is not None
        low = float(re.sub(r"[.,](?=\d{3}\b)", "", match["low"]).replace(",", "."))
        return low, -1 if match["below"] else 1 if match["above"] else 0

    return tuple(sorted(values, key=place))

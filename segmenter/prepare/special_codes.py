"""Special codes: numbers such as −1, 99 and 9999 that stand for "not known" among amounts."""

import numpy as np

from segmenter.table.infer.meanings import plain_words
from segmenter.typing import FloatArray

# What survey and database programs write where there is no answer.
_BELOW = (-1.0, -7.0, -8.0, -9.0, -77.0, -88.0, -98.0, -99.0)
_ABOVE = (98.0, 99.0)
_FEWEST_ROWS = 20
# A code below the numbers is none where so few other values remain: −1, 0, 1 is a scale.
_SCALE = 2
# So many customers have a code that could be a count, too: a single 99 may be a large order.
_REPEATED = 2
# Ages of 99 and more are a code where so many times more have them than any of the years just before.
_SPIKE = 3
_MEASURED_AGES = frozenset(["age", "alter", "edad", "eta", "idade", "leeftijd"])
_NEVER_ZERO = frozenset(
    [
        "age",
        "alter",
        "edad",
        "eta",
        "idade",
        "leeftijd",
        "height",
        "weight",
        "bmi",
        "groesse",
        "grosse",
        "gewicht",
        "taille",
        "poids",
        "altura",
        "peso",
        "altezza",
        "lengte",
        "year",
        "jahr",
        "birth",
        "yearbirth",
        "annee",
        "ano",
        "anno",
        "jaar",
        "glucose",
        "pressure",
        "insulin",
        "bloodpressure",
    ]
)
# An impossible zero lies this many times as far below the next number as the numbers' own first tenth is wide.
_FAR_BELOW = 1.5


def find_special_codes(values: FloatArray, header: str) -> tuple[float, ...]:
    """Return the numbers of a column that stand for "not known" or "never", lowest first.

    A code is a number that is written for it by custom and lies apart from the others: −1, −9, −99 … below numbers
    that are never negative; 99, 999, 9999 … farther above the next smaller number than all those are wide; 0 where no
    customer can have it, such as in ages. Ages of 99 and more are a code where far more customers have that
    age than the years before.

    Parameters
    ----------
    values
        Shape (n,), NaN for missing.
    """
    known = values[~np.isnan(values)]
    if len(known) < _FEWEST_ROWS:
        return ()
    levels, counts = np.unique(known, return_counts=True)
    found: list[float] = []
    words = set(plain_words(header))
    while len(levels) - len(found) > _SCALE:
        rest = np.isin(levels, found, invert=True)
        code = _lowest(levels[rest], counts[rest], words)
        code = code if code is not None else _highest(levels[rest], counts[rest], words)
        if code is None:
            break
        found.append(code)
    return tuple(sorted(found))


def _lowest(levels: FloatArray, counts: np.ndarray, words: set[str]) -> float | None:
    lowest = float(levels[0])
    if lowest < 0:
        others = levels[levels >= 0]
        below = levels[levels < 0]
        is_code = all(value in _BELOW or _all_nines(-value) for value in below)
        # −1 beside 0 and 1 is an opinion; beside 5, 10 and 20 it is none.
        return lowest if is_code and len(others) > _SCALE else None
    if lowest == 0 and words & _NEVER_ZERO and len(levels) > _FEWEST_ROWS // 2:
        rest = np.repeat(levels[1:], counts[1:])
        tenth, middle = np.quantile(rest, [0.1, 0.5])
        apart = levels[1] > max(_FAR_BELOW * (tenth - levels[1]), 0.2 * middle)
        return 0.0 if apart and counts[0] >= _REPEATED else None
    return None


def _highest(levels: FloatArray, counts: np.ndarray, words: set[str]) -> float | None:
    highest = float(levels[-1])
    if not _all_nines(highest) and highest not in _ABOVE:
        return None
    below = levels[:-1]
    # Another code under it (98: refused, 99: not known) is no neighbour.
    while len(below) > 1 and (below[-1] in _ABOVE or _all_nines(float(below[-1]))):
        below = below[:-1]
    if highest >= 99 and words & _MEASURED_AGES:
        neighbours = counts[(levels >= highest - 5) & (levels < highest - 1)]
        oldest = int(neighbours.max()) if len(neighbours) else 0
        if highest > 120 or (counts[-1] > _SPIKE * oldest and counts[-1] >= _SPIKE):
            return highest
    apart = highest - below[-1] > max(float(below[-1] - below[0]), 1.0)
    often = counts[-1] >= _REPEATED or highest >= 999
    return highest if apart and often and highest >= 9 and len(below) > 1 else None


def _all_nines(number: float) -> bool:
    return number >= 9 and number == np.rint(number) and number < 1e12 and set(f"{number:.0f}") == {"9"}

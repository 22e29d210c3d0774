"""Columns that follow from others: copies, recodings, sums, averages, differences and ratios."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.display import listed
from segmenter.sampling import systematic_sample
from segmenter.table.infer.meanings import plain_words
from segmenter.typing import FloatArray

# With fewer customers, columns agree by chance.
_FEWEST_ROWS = 20
# Relations are looked for in so many rows, and then checked in all.
_ROWS_TRIED, _ROWS_CORRELATED = 200, 20_000
# In so many rows at least a relation has to hold; a correction here and there doesn't make another column of it.
_HOLDS = 0.98
# Every pair of at most so many columns is tried; in wider files only sums are looked for that hold in every row.
_MOST_IN_PAIRS = 45
_MOST_PARTS = 15
# Columns of fewer different numbers must add up in every row: zeros and ones do in most by chance.
_FEW_NUMBERS = 10
# Rounding may explain so much of a column's standard deviation and no more.
_ROUNDING = 0.02
_RANK_AGREES = 0.95
_FEW_VALUES = 50
_RATIO_WORDS = frozenset(
    [
        "avg",
        "average",
        "mean",
        "per",
        "ratio",
        "rate",
        "share",
        "percent",
        "percentage",
        "pct",
        "aov",
        "durchschnitt",
        "schnitt",
        "anteil",
        "quote",
        "moyenne",
        "moyen",
        "taux",
        "part",
        "media",
        "medio",
        "promedio",
        "tasa",
        "cuota",
        "taxa",
        "gemiddeld",
        "gemiddelde",
        "aandeel",
        "quota",
    ]
)


@dataclass(frozen=True)
class Relation:
    """A column that follows from others.

    Attributes
    ----------
    column
        The one that adds nothing.
    sources
        Those that it follows from.
    words
        How, as it stands after "is": `the sum of a and b`.
    """

    column: str
    sources: tuple[str, ...]
    words: str


def find_copies(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return groups of columns that say the same: copies, other units, other codes for the same groups.

    Parameters
    ----------
    frame
        Numbers (float64, NaN for missing) and words; groups are in its order.
    """
    if len(frame) < _FEWEST_ROWS:
        return ()
    leader: dict[str, str] = {}
    first_with: dict[bytes, str] = {}
    names = [str(name) for name in frame]
    for name in names:
        for key in _recodings(frame[name]):
            other = first_with.setdefault(key, name)
            if other != name:
                leader.setdefault(name, leader.get(other, other))
    numbers = [name for name in names if pd.api.types.is_float_dtype(frame[name]) and name not in leader]
    for first, second in _correlated(frame[numbers].iloc[systematic_sample(len(frame), _ROWS_CORRELATED)]):
        leader.setdefault(second, leader.get(first, first))
    groups: dict[str, list[str]] = {}
    for name in names:
        if name in leader:
            groups.setdefault(leader[name], [leader[name]]).append(name)
    return tuple(tuple(group) for group in groups.values())


def _recodings(values: pd.Series) -> Iterable[bytes]:
    """Return what a column shares with every column that differs from it by a code for each value alone."""
    if values.nunique() < 2:
        return
    if pd.api.types.is_float_dtype(values):
        known = values.to_numpy(dtype=np.float64)
        gaps = np.isnan(known)
        ranks = np.unique(np.where(gaps, 0.0, known)[~gaps], return_inverse=True)[1]
        for each in (ranks, ranks.max() - ranks):
            codes = np.full(len(known), -1, dtype=np.int32)
            codes[~gaps] = each
            yield b"rank" + codes.tobytes()
            # A column and its mirror image share both.
    if values.nunique() <= min(_FEW_VALUES, len(values) // 5):
        yield b"code" + pd.factorize(values)[0].astype(np.int32).tobytes()


def _correlated(numbers: pd.DataFrame) -> list[tuple[str, str]]:
    if numbers.shape[1] < 2 or len(numbers) < _FEWEST_ROWS:
        return []
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.abs(numbers.corr(min_periods=_FEWEST_ROWS).to_numpy())
    found = []
    for i, j in zip(*np.nonzero(np.triu(r > config.COPY_CORRELATION, 1)), strict=True):
        both = numbers.iloc[:, [i, j]].dropna().rank()
        # One customer with a huge number in both columns makes them correlate as well.
        if abs(np.corrcoef(both.to_numpy().T)[0, 1]) > _RANK_AGREES:
            found.append((str(numbers.columns[i]), str(numbers.columns[j])))
    return found


def find_relations(frame: pd.DataFrame) -> tuple[Relation, ...]:
    """Return the columns that are sums, averages or ratios of others, so that no column follows from those left.

    Parameters
    ----------
    frame
        Numbers alone: float64, NaN for missing.
    """
    # In an order of their own, so that the file's order of columns changes nothing.
    frame = frame[sorted(map(str, frame))]
    complete = frame.dropna()
    if len(complete) < max(_FEWEST_ROWS, len(frame) // 4) or frame.shape[1] < 3:
        return ()
    spread = complete.std(ddof=0)
    names = [str(name) for name, deviation in spread.items() if deviation > 0]
    quanta = {name: _quantum(complete[name].to_numpy()) for name in names}
    found: list[Relation] = []
    while len(names) >= 3:
        relation = _first_relation(complete[names], quanta)
        if relation is None:
            break
        found.append(relation)
        names.remove(relation.column)
    return tuple(found)


def _first_relation(frame: pd.DataFrame, quanta: Mapping[str, float]) -> Relation | None:
    if frame.shape[1] <= _MOST_IN_PAIRS and (relation := _of_pairs(frame, quanta)):
        return relation
    return _of_many(frame, quanta)


def _of_pairs(frame: pd.DataFrame, quanta: Mapping[str, float]) -> Relation | None:
    names = list(map(str, frame))
    X = frame.to_numpy(dtype=np.float64)
    # The largest customers tell most: a row of zeros adds up always.
    order = np.argsort(-(np.abs(X) / X.std(axis=0)).sum(axis=1), kind="stable")
    some = X[order[systematic_sample(len(X), _ROWS_TRIED)]]
    tolerance = np.array([max(quanta[name], 1e-6 * X[:, at].std()) for at, name in enumerate(names)]) * 1.5
    for i, j in combinations(range(len(names)), 2):
        total = some[:, i] + some[:, j]
        close = (np.abs(some - total[:, None]) <= tolerance + tolerance[i]).mean(axis=0) >= _HOLDS - 0.03
        close[[i, j]] = False
        for at in np.flatnonzero(close):
            if relation := _linear(frame, names[at], [names[i], names[j]], quanta):
                return relation
    for i, j in permutations(range(len(names)), 2):
        used = some[:, j] != 0
        if used.sum() < _FEWEST_ROWS:
            continue
        ratio = some[used, i] / some[used, j]
        for factor in (1.0, 100.0):
            near = np.abs(some[used] - factor * ratio[:, None]) <= tolerance + 1e-3 * np.abs(some[used])
            close = near.mean(axis=0) >= _HOLDS - 0.03
            close[[i, j]] = False
            for at in np.flatnonzero(close):
                if relation := _ratio(frame, names[at], names[i], names[j], factor * 1.0, quanta):
                    return relation
    return None


def _ratio(
    frame: pd.DataFrame, name: str, above: str, below: str, factor: float, quanta: Mapping[str, float]
) -> Relation | None:
    y, a, b = (frame[each].to_numpy(dtype=np.float64) for each in (name, above, below))
    used = b != 0
    if used.sum() < max(_FEWEST_ROWS, len(b) // 2) or len(np.unique(b[used])) < 3 or len(np.unique(y)) < _FEW_NUMBERS:
        return None
    error = np.abs(y[used] - factor * a[used] / b[used])
    allowed = 0.51 * quanta[name] + 1e-6 * np.abs(y[used])
    if 0.51 * quanta[name] > _ROUNDING * y.std() or (error <= allowed).mean() < _HOLDS:
        return None
    trio = (name, above, below)
    named = [each for each in trio if set(plain_words(each)) & _RATIO_WORDS]
    off = named[0] if len(named) == 1 else name
    rest = tuple(each for each in (above, below, name) if each != off)
    words = {
        name: f"{above} divided by {below}",
        above: f"{name} times {below}",
        below: f"{above} divided by {name}",
    }[off]
    return Relation(off, rest, words)


def _linear(frame: pd.DataFrame, name: str, parts: Sequence[str], quanta: Mapping[str, float]) -> Relation | None:
    """Return the relation of a column to its parts where it holds, but for rounding."""
    y, P = frame[name].to_numpy(dtype=np.float64), frame[list(parts)].to_numpy(dtype=np.float64)
    spread = y.std()
    centred, wanted = P - P.mean(axis=0), y - y.mean()
    weights = np.linalg.lstsq(centred, wanted, rcond=None)[0]
    nearest = np.rint(weights)
    if (nearest != 0).all() and np.allclose(weights, nearest, atol=0.02):
        weights = nearest
    elif np.allclose(weights, 1 / len(parts), atol=0.02 / len(parts)):
        weights = np.full(len(parts), 1 / len(parts))
    gap = y - P @ weights
    error = np.abs(gap - np.median(gap))
    rounding = 0.51 * (quanta[name] + float(np.abs(weights) @ [quanta[each] for each in parts]))
    allowed = rounding if rounding <= _ROUNDING * spread else 1e-9 * float(np.abs(y).max())
    few = min(len(np.unique(column)) for column in (y, *P.T)) < _FEW_NUMBERS
    if (error <= max(allowed, 1e-9 * spread)).mean() < (1.0 if few else _HOLDS):
        return None
    # A part that hardly ever is anything makes no sum: the column is then a copy of the others.
    if (np.abs(weights) * P.std(axis=0) < 1e-3 * spread).any():
        return None
    # Where one column has all the others on its other side, it is their total, whichever was looked at.
    negative = [part for part, weight in zip(parts, weights, strict=True) if weight < 0]
    if len(negative) == len(parts):
        return None
    if len(negative) == len(parts) - 1:
        total = next(part for part in parts if part not in negative)
        return _linear(frame, total, sorted((name, *negative)), quanta)
    rest = tuple(parts)
    if np.allclose(weights, 1):
        return Relation(name, rest, f"the sum of {listed(rest)}")
    if np.allclose(weights, 1 / len(parts)):
        return Relation(name, rest, f"the average of {listed(rest)}")
    return Relation(name, rest, f"made of {listed(rest)}")


def _of_many(frame: pd.DataFrame, quanta: Mapping[str, float]) -> Relation | None:
    """Look for a column that several others make up, by orthogonal matching pursuit."""
    names = list(map(str, frame))
    rows = frame.iloc[systematic_sample(len(frame), 10 * _ROWS_TRIED)]
    Z = rows.to_numpy(dtype=np.float64)
    if len(Z) < 3 * len(names):
        return None
    Z = (Z - Z.mean(axis=0)) / np.maximum(Z.std(axis=0), 1e-300)
    inflation = np.diag(np.linalg.inv(Z.T @ Z / len(Z) + 1e-9 * np.eye(len(names))))
    # A column of which all but a thousandth follows from the others.
    for at in np.flatnonzero(inflation > 1e3):
        parts = _pursued(Z, int(at))
        if len(parts) > 1 and (relation := _linear(frame, names[at], [names[part] for part in parts], quanta)):
            return relation
    return None


def _pursued(Z: FloatArray, at: int) -> list[int]:
    parts: list[int] = []
    rest = Z[:, at]
    while len(parts) < _MOST_PARTS and float(rest.std()) > 1e-4:
        fit = np.abs(Z.T @ rest)
        fit[[at, *parts]] = -1
        best = int(fit.argmax())
        if fit[best] <= 0:
            break
        parts.append(best)
        weights = np.linalg.lstsq(Z[:, parts], Z[:, at], rcond=None)[0]
        rest = Z[:, at] - Z[:, parts] @ weights
    weights = np.linalg.lstsq(Z[:, parts], Z[:, at], rcond=None)[0]
    return [part for part, weight in zip(parts, weights, strict=True) if abs(weight) > 1e-3]


def _quantum(values: FloatArray) -> float:
    """Return what numbers are rounded to: 1, .1 … 1e-6, or 0."""
    for digits in range(7):
        scaled = values * 10**digits
        if np.abs(scaled - np.rint(scaled)).max() < 1e-6 * max(1.0, 1e-6 * float(np.abs(scaled).max())):
            return float(10.0**-digits)
    return 0.0

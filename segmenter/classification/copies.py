"""Rows of one customer, and near-copies: which rows must never stand on both sides of a split."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import norm
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeRegressor

from segmenter.progress import Progress, silent
from segmenter.purchases.recognition import fit_customer
from segmenter.table.dataset import Column, ColumnKind, Dataset
from segmenter.table.infer.header import names_an_email, words_of
from segmenter.typing import BoolArray, FloatArray, IntArray

# Columns whose agreement says something; codes and texts tell things apart that are not customers.
_COMPARED: Final = frozenset(
    {
        ColumnKind.NUMBER, ColumnKind.MONEY, ColumnKind.PERCENTAGE, ColumnKind.CATEGORY, ColumnKind.ORDERED,
        ColumnKind.YES_NO, ColumnKind.DATE,
    }
)  # fmt: skip
# Columns that may say which customer a row is of without being taken for an identifier, by their names.
_NAMED: Final = frozenset({ColumnKind.CODE, ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.PERSONAL})
_CUSTOMERS: Final = frozenset(
    {
        "customer", "client", "member", "user", "buyer", "shopper", "household", "policy", "contract", "account",
        "subscriber", "patient", "kunde", "name", "id", "no", "nr", "num", "number",
    }
)  # fmt: skip
_FEWEST_NAMED: Final = 20
_FITS_AN_ID: Final = 3
# A customer has at most so many rows on average, or the column names something else, such as a kind of customer.
_MOST_ROWS_EACH: Final = 50
# One value of so many rows is what a file writes for "not known".
_PLACEHOLDER_SHARE: Final = 0.2

# The most informative columns; more would only cost time.
MOST_COLUMNS: Final = 20
# Columns as dependent as this (rank correlation) repeat each other: agreeing in both is agreeing once.
REPEATS: Final = 0.6
_ROWS_CORRELATED: Final = 5_000
# Rows are compared with so many that follow them in each order (the sorted-neighbourhood method,
# Hernández & Stolfo 1995): the pairs grow with the rows, not with their square.
WINDOW: Final = 6
_KEYS: Final = 6
_MOST_ORDERS: Final = 8
# Near-copies agree in at least this share of what could be agreed in, in bits: in most columns, rare values counting
# more than common ones.
MOSTLY: Final = 0.3
# Numbers are nearly equal when they differ by this share of themselves, or of the middle half's width.
NEARLY: Final = 0.05
NEARLY_OF_SPREAD: Final = 0.02
# At most this share of the rows called copies may be so by chance (target and decoy, Elias & Gygi 2007).
FALSE_SHARE: Final = 0.02
# Leaves of fewer rows would know the copies of one customer, and draw them. Answers of a few grades hide them better;
# there, in leaves of a larger share, who answers in extremes would stand with many who do not.
_LEAF_ROWS: Final = 100
_LEAF_ROWS_OF_GRADES, _LEAF_SHARE, _MOST_GRADES = 40, 1 / 12, 12
_ROWS_OF_TREES: Final = 20_000
_MOST_CLASSES: Final = 30
_ROWS_OF_DECOYS: Final = 10_000
_MOST_DECOYS: Final = 5
_ROUNDS: Final = 3
# Two copies have at least this share of their partners in common.
SHARED: Final = 0.5
# Copies whose numbers all moved a little agree in none of them nearly enough: they are seen by their nearness, in at
# least so many columns of numbers, of which no value is common.
_FEWEST_CONTINUOUS, _COMMON_VALUE = 3, 0.05
# How near is judged by the distance to the neighbour after so many, more than a customer has rows.
_ROWS_AROUND: Final = 12
# Rows as near are copies only where there are many of them: one customer may well be very like another.
_FALSE_NEAR, _FEWEST_NEAR, _SHARE_NEAR = 0.3, 40, 0.02
_FALSE_KEPT: Final = 0.5
# Whether there are any is looked for among so many rows.
_ROWS_ASKED: Final = 2_000
# Words that differ are as far apart as two numbers are on average; of so many words at most.
_APART, _MOST_WORDS = 1.13, 12
_AT_ONCE: Final = 20_000
_ROUNDING: Final = 1e-9
# A column of which two others or more explain this share, linearly or in logarithms, says nothing of its own.
_WORKED_OUT, _FEWEST_PARTS, _ROWS_A_PART = 0.95, 2, 10


@dataclass(frozen=True, eq=False)
class CustomerGroups:
    """Which rows belong together.

    Attributes
    ----------
    groups
        Shape (n,), from 0: rows with the same number are one customer's, or near-copies of each other.
    n_repeated
        Rows beyond the first of their identifier.
    n_copies
        Rows that have a near-copy under another identifier, or where there is none.
    """

    groups: IntArray
    n_repeated: int = 0
    n_copies: int = 0

    @property
    def n_groups(self) -> int:
        """How many different customers there are."""
        return int(self.groups.max()) + 1 if len(self.groups) else 0


def group_customers(dataset: Dataset, rows: IntArray, target: str, progress: Progress = silent) -> CustomerGroups:
    """Find rows of one customer and near-copies among the rows at some positions; the target plays no part."""
    n = len(rows)
    same = [_by_identifier(dataset, column, rows) for column in dataset.columns if column.name != target]
    by_identifier = _joined([np.column_stack([np.arange(n), each]) for each in same if each is not None], n)
    columns = sorted(each.name for each in dataset.columns if each.kind in _COMPARED and each.name != target)
    pairs = near_copies(dataset.frame[columns].iloc[rows], progress) if columns else np.empty((0, 2), dtype=np.intp)
    others = pairs[by_identifier[pairs[:, 0]] != by_identifier[pairs[:, 1]]]
    groups = _joined([np.column_stack([np.arange(n), _first_of(by_identifier)]), pairs], n)
    return CustomerGroups(groups, n - int(by_identifier.max(initial=-1)) - 1, len(np.unique(others)))


def near_copies(frame: pd.DataFrame, progress: Progress = silent) -> IntArray:
    """Return pairs of rows that agree in more than customers who are merely alike would, shape (n_pairs, 2).

    How much two rows agree is measured in bits: in each column where they are equal or nearly so, −log2 of the share
    of customers whose values lie between theirs. An equal rare amount counts much, an equal yes or no next to nothing
    (the weights of record linkage, Fellegi & Sunter 1969). How much would be met by chance is seen in decoys: the
    same customers with every column dealt out anew among those who are alike.
    """
    n = len(frame)
    columns, codes = _comparable(frame)
    if n < 2 or not columns:
        return np.empty((0, 2), dtype=np.intp)
    random = np.random.default_rng(0)
    found = np.empty((0, 2), dtype=np.intp)
    groups = np.arange(n)
    model: _NullModel | None = None
    for _ in range(_ROUNDS):
        # Copies make values common, and so hide each other: once found, they count as one customer.
        first = np.unique(groups, return_index=True)[1]
        counted = tuple(each.counted(codes[first, place]) for place, each in enumerate(columns))
        model = _NullModel.fit(counted, codes[first])
        pairs, bits = _alike(counted, codes, progress)
        new = groups[pairs[:, 0]] != groups[pairs[:, 1]]
        ends = np.sort(groups[pairs[new]], axis=1)
        strongest = pd.Series(bits[new]).groupby([ends[:, 0], ends[:, 1]]).max().to_numpy()
        more = pairs[new][bits[new] >= _threshold(strongest, _decoys(counted, model, random, progress))]
        if not len(more):
            break
        found = np.vstack([found, more])
        found = found[_supported(found, n)]
        groups = _joined([found], n)
        model = None
    for few in (_equal_in_some, _unusually_near):
        first = np.unique(groups, return_index=True)[1]
        counted = tuple(each.counted(codes[first, place]) for place, each in enumerate(columns))
        continuous = [at for at, each in enumerate(counted) if each.is_continuous]
        if len(continuous) < _FEWEST_CONTINUOUS or len(first) <= 4 * _ROWS_AROUND:
            break
        if model is None:
            model = _NullModel.fit(counted, codes[first])
        more = first[few(counted, codes[first], model, random, progress)]
        if len(more):
            found = np.vstack([found, more])
            groups = _joined([found], n)
            model = None
    return np.unique(np.vstack([found, _equal_rows(columns, codes, random)]), axis=0)


def _equal_in_some(
    columns: "Sequence[_Comparable]",
    codes: IntArray,
    model: "_NullModel",
    random: np.random.Generator,
    progress: Progress,
) -> IntArray:
    """Return pairs of rows with more equal numbers than chance makes, of those that hardly any two customers share.

    Where a third of the columns differs in each row, two rows of a customer may agree in a third of them only.
    """
    continuous = [at for at, each in enumerate(columns) if each.is_continuous]
    equal = [_Comparable(None, columns[at].below) for at in continuous]
    pairs, bits = _alike(equal, codes[:, continuous], progress)
    if len(pairs) < _FEWEST_NEAR:
        return np.empty((0, 2), dtype=np.intp)
    draws = (model.draw(random)[:, continuous] for _ in range(_n_decoys(len(codes))))
    pairs = pairs[bits >= _threshold(bits, [_alike(equal, each, progress)[1] for each in draws])]
    return pairs if len(pairs) >= _FEWEST_NEAR else pairs[:0]


def _unusually_near(
    columns: "Sequence[_Comparable]",
    codes: IntArray,
    model: "_NullModel",
    random: np.random.Generator,
    progress: Progress,
) -> IntArray:
    """Return pairs of rows much nearer to each other than to those around them, where chance makes few of them.

    How near is the share of the rows around that would be as near if they were spread evenly (Levina & Bickel 2004):
    it is the same in dense and in empty places, and in customers who differ in few ways, so that decoys need not be
    as dense as the customers. False pairs harm little where copies are: they only keep more rows together.
    """
    n = len(codes)
    some = np.arange(n) if n <= _ROWS_ASKED else np.sort(random.choice(n, _ROWS_ASKED, replace=False))
    decoys = []
    for _ in range(_MOST_DECOYS if n <= _ROWS_ASKED else 1):
        progress(0.0, "Looking for copies")
        drawn = _places(columns, model.draw(random))
        decoys.append(_nearness(drawn, some[some < len(drawn)])[1])
    places = _places(columns, codes)
    pairs, shares = _nearness(places, some)
    most = -_threshold(-shares, [-each for each in decoys], _FALSE_NEAR)
    if (shares <= most).sum() < max(_FEWEST_NEAR, _SHARE_NEAR * len(some)):
        return np.empty((0, 2), dtype=np.intp)
    most = -_threshold(-shares, [-each for each in decoys], _FALSE_KEPT)
    if len(some) < n:
        pairs, shares = _nearness(places, np.arange(n))
    return _joined_by_few(pairs[np.argsort(shares, kind="stable")][: (shares <= most).sum()], n)


def _joined_by_few(pairs: IntArray, n: int) -> IntArray:
    """Return the pairs, nearest first, that join rows to groups of no more than a customer may have."""
    group, members = list(range(n)), [[row] for row in range(n)]
    kept = []
    for place, (a, b) in enumerate(pairs.tolist()):
        low, high = sorted((group[a], group[b]), key=lambda each: len(members[each]))
        if low == high or len(members[low]) + len(members[high]) > _ROWS_AROUND:
            continue
        for row in members[low]:
            group[row] = high
        members[high] += members[low]
        kept.append(place)
    return pairs[kept]


def _places(columns: "Sequence[_Comparable]", codes: IntArray) -> FloatArray:
    """Return rows as points: numbers by their normal scores, words as far apart as numbers are on average."""
    parts = []
    for at, column in enumerate(columns):
        n_values = len(column.below) - 1
        if column.values is not None:
            ranks = (column.below[1:] + column.below[:-1]) / 2 / column.below[-1]
            parts.append(norm.ppf(np.clip(ranks, 1e-9, 1 - 1e-9))[codes[:, [at]]])
        elif n_values <= _MOST_WORDS:
            parts.append(_APART / 2 * np.eye(n_values)[codes[:, at]])
    return np.ascontiguousarray(np.column_stack(parts))


def _nearness(places: FloatArray, asked: IntArray) -> tuple[IntArray, FloatArray]:
    """Return some rows with each of their neighbours, once each, and the share of the rows around as near, 0-1."""
    m = _ROWS_AROUND
    neighbours = NearestNeighbors(n_neighbors=2 * m + 1, metric="manhattan", algorithm="brute").fit(places)
    distances, others = neighbours.kneighbors(places[asked])
    around = np.maximum(distances[:, m], np.finfo(float).tiny)
    # In d dimensions as many rows are within a distance as its d-th power says.
    growth = np.log(distances[:, [2 * m]] / np.maximum(distances[:, m : 2 * m], np.finfo(float).tiny)).mean()
    dimensions = np.log(2 * m / np.arange(m, 2 * m)).mean() / max(float(growth), _ROUNDING)
    shares = (distances[:, 1 : m + 1] / around[:, None]) ** dimensions
    ends = np.stack([np.repeat(asked, m), others[:, 1 : m + 1].ravel()])
    low, high = np.sort(ends, axis=0)
    # A pair is as near as the one of the two says that has the fewer around.
    table = pd.Series(shares.ravel()).groupby(low * len(places) + high).max()
    keys = table.index.to_numpy()
    pairs = np.column_stack(np.divmod(keys, len(places)))
    different = pairs[:, 0] != pairs[:, 1]
    return pairs[different], table.to_numpy()[different]


def _equal_rows(columns: "Sequence[_Comparable]", codes: IntArray, random: np.random.Generator) -> IntArray:
    """Return pairs of rows that are equal in all columns, and more of them than chance makes.

    Equal rows are rarer by chance than nearly equal ones: in few columns they are copies where those tell nothing.
    """
    counted = [column.counted(codes[:, place]) for place, column in enumerate(columns)]
    own = np.sum([each.own_bits(codes[:, place]) for place, each in enumerate(counted)], axis=0)
    pairs = _next_equal(codes)
    if not len(pairs):
        return pairs
    # A decoy that equals another has the bits of its own values.
    decoys = []
    model = _NullModel.fit(counted, codes)
    for _ in range(_MOST_DECOYS if len(codes) <= _ROWS_OF_DECOYS else 1):
        dealt = model.draw(random)
        equal = _next_equal(dealt)[:, 0]
        decoys.append(np.sum([each.own_bits(dealt[equal, at]) for at, each in enumerate(counted)], axis=0))
    return pairs[own[pairs[:, 0]] >= _threshold(own[pairs[:, 0]], decoys)]


def _next_equal(codes: IntArray) -> IntArray:
    """Return each row with the next one that is equal, shape (n_pairs, 2)."""
    order = np.lexsort(codes.T)
    equal = (codes[order[1:]] == codes[order[:-1]]).all(axis=1)
    return np.sort(np.column_stack([order[:-1][equal], order[1:][equal]]), axis=1)


def _supported(pairs: IntArray, n: int) -> BoolArray:
    """Return which pairs share most of their other partners: copies do, two groups that chance links do not."""
    ends = np.vstack([pairs, pairs[:, ::-1], np.column_stack([np.arange(n)] * 2)])
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n)).tocsr()
    links.data[:] = 1.0
    degree = links.sum(axis=1)
    first, second = pairs[:, 0], pairs[:, 1]
    common = np.concatenate(
        [
            np.asarray(links[first[at : at + _AT_ONCE]].multiply(links[second[at : at + _AT_ONCE]]).sum(axis=1)).ravel()
            for at in range(0, len(pairs), _AT_ONCE)
        ]
    )
    return common >= SHARED * np.minimum(degree[first], degree[second])


@dataclass(frozen=True, eq=False)
class _Comparable:
    """A column as positions among its different values.

    Attributes
    ----------
    values
        The different values, ascending, as numbers; None where their order means nothing.
    below
        How many customers have a smaller value than each: shape (n_values + 1,), the last of them all.
    """

    values: FloatArray | None
    below: FloatArray

    @property
    def is_continuous(self) -> bool:
        """Whether these are numbers of which none is common."""
        return self.values is not None and np.diff(self.below).max(initial=0) <= max(_COMMON_VALUE * self.below[-1], 2)

    @property
    def near(self) -> float:
        """Numbers that differ by less are nearly equal, however small they are."""
        assert self.values is not None
        quartiles = np.searchsorted(self.below[1:], self.below[-1] * np.array([0.25, 0.75]))
        low, high = self.values[np.minimum(quartiles, len(self.values) - 1)]
        return NEARLY_OF_SPREAD * float(high - low) if np.isfinite(high - low) else 0.0

    def counted(self, codes: IntArray) -> "_Comparable":
        """Return the column with the shares of other customers."""
        counts = np.bincount(codes, minlength=len(self.below) - 1)
        return _Comparable(self.values, np.concatenate([[0.0], np.cumsum(counts, dtype=float)]))

    def own_bits(self, codes: IntArray) -> FloatArray:
        """Return how much two rows agree that have the same value, for each row's."""
        return -np.log2(np.maximum(np.diff(self.below), 1.0) / self.below[-1])[codes]

    def bits(self, a: IntArray, b: IntArray) -> FloatArray:
        """Return how much rows agree that have nearly equal values."""
        low, high = np.minimum(a, b), np.maximum(a, b)
        return -np.log2(np.maximum(self.below[high + 1] - self.below[low], 1.0) / self.below[-1])

    def reach(self, codes: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return a number for each row, and by how much those of others may differ and be nearly equal to it."""
        if self.values is None:
            return codes.astype(np.float64), np.zeros(len(codes))
        # A missing value is far from all others.
        missing = np.isnan(self.values)
        values = np.where(missing, 4 * np.nanmax(np.abs(self.values), initial=0.25), self.values)
        return values[codes], np.where(missing, 0.0, np.maximum(NEARLY * np.abs(values), self.near))[codes]


def _comparable(frame: pd.DataFrame) -> tuple[tuple[_Comparable, ...], IntArray]:
    """Return the columns that say most, without those that repeat others, and each row's positions in them."""
    coded = [_coded(frame[name]) for name in frame.columns]
    informative = [each for each in coded if each[1].max(initial=0) > 0]
    informative.sort(key=lambda each: -_entropy(each[1]))
    chosen = _different(informative)[:MOST_COLUMNS]
    columns = tuple(_Comparable(values, np.zeros(int(codes.max()) + 2)) for values, codes in chosen)
    codes = np.column_stack([codes for _, codes in chosen]) if chosen else np.empty((len(frame), 0), dtype=np.intp)
    return columns, codes


def _coded(values: pd.Series) -> tuple[FloatArray | None, IntArray]:
    codes, found = pd.factorize(values, sort=True)
    # A missing value is one like any other, after all the rest.
    codes = np.where(codes < 0, len(found), codes).astype(np.intp)
    if isinstance(values.dtype, pd.StringDtype) or values.dtype == object:
        return None, codes
    numbers = found.astype("int64") if pd.api.types.is_datetime64_any_dtype(values.dtype) else found
    return np.append(np.asarray(numbers, dtype=np.float64), np.nan), codes


def _entropy(codes: IntArray) -> float:
    shares = np.bincount(codes) / len(codes)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def _different(
    columns: Sequence[tuple[FloatArray | None, IntArray]],
) -> list[tuple[FloatArray | None, IntArray]]:
    if not columns:
        return []
    n = len(columns[0][1])
    some = np.linspace(0, n - 1, min(n, _ROWS_CORRELATED)).astype(int)
    ranks = np.column_stack([pd.Series(codes[some]).rank().to_numpy() for _, codes in columns])
    with np.errstate(invalid="ignore", divide="ignore"):
        related = np.abs(np.atleast_2d(np.corrcoef(ranks, rowvar=False)))
    kept: list[int] = []
    for place in range(len(columns)):
        numbers = [columns[each] for each in kept if columns[each][0] is not None]
        if not (related[place, kept] >= REPEATS).any() and not _is_worked_out(columns[place], numbers, some):
            kept.append(place)
    return [columns[place] for place in kept]


def _is_worked_out(
    column: tuple[FloatArray | None, IntArray], others: Sequence[tuple[FloatArray | None, IntArray]], some: IntArray
) -> bool:
    """Return whether a number is a sum, a product or a ratio of others, such as a total of months and a monthly price.

    Customers who are alike in those are alike in it by necessity, which decoys, dealt column by column, are not.
    """
    if column[0] is None or len(others) < _FEWEST_PARTS:
        return False
    table = np.column_stack([values[codes[some]] for values, codes in (column, *others) if values is not None])
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < _ROWS_A_PART * table.shape[1]:
        return False
    for seen in (table, np.sign(table) * np.log1p(np.abs(table))):
        with np.errstate(over="ignore", invalid="ignore"):
            spread = seen.std(axis=0)
        if not (spread > 0).all() or not np.isfinite(spread).all():
            continue
        scaled = (seen - seen.mean(axis=0)) / spread
        weights = np.linalg.lstsq(scaled[:, 1:], scaled[:, 0], rcond=None)[0]
        if np.mean((scaled[:, 0] - scaled[:, 1:] @ weights) ** 2) <= 1 - _WORKED_OUT:
            return True
    return False


def _alike(columns: Sequence[_Comparable], codes: IntArray, progress: Progress) -> tuple[IntArray, FloatArray]:
    """Return the pairs that agree in most, and in how much.

    Two rows agree in a column by no more than each with itself: pairs are dropped as soon as the columns that are left
    cannot make up for those in which they differ.
    """
    n = len(codes)
    own = np.column_stack([column.own_bits(codes[:, place]) for place, column in enumerate(columns)])
    # What the columns from each one on can add.
    ahead = np.cumsum(own[:, ::-1], axis=1)[:, ::-1]
    # Below this everybody has somebody as alike.
    least = np.maximum(np.log2(columns[0].below[-1]), MOSTLY * ahead[:, 0])
    numbers, tolerances = (
        np.column_stack(each) for each in zip(*(one.reach(codes[:, at]) for at, one in enumerate(columns)), strict=True)
    )
    found: list[IntArray] = []
    measured: list[FloatArray] = []
    for order in _orders(codes):
        for start in range(0, n, _AT_ONCE):
            progress(0.0, "Looking for copies")
            rows = order[start : start + _AT_ONCE + WINDOW]
            floats = [each[rows].T.copy() for each in (numbers, tolerances, ahead)]
            coded = codes[rows].T.copy()
            for step in range(1, min(WINDOW, len(rows) - 1) + 1):
                first, bits = _agreeing(columns, floats, coded, least[rows], step)
                found.append(np.sort(np.stack([rows[first], rows[first + step]]), axis=0))
                measured.append(bits)
    ends = np.hstack(found)
    keys, places = np.unique(ends[0] * n + ends[1], return_index=True)
    return np.column_stack(np.divmod(keys, n)), np.concatenate(measured)[places]


def _agreeing(
    columns: Sequence[_Comparable],
    by_column: Sequence[FloatArray],
    codes: IntArray,
    least: FloatArray,
    step: int,
) -> tuple[IntArray, FloatArray]:
    """Return the rows that agree enough with the one so many steps after them, and in how much."""
    numbers, tolerances, ahead = by_column
    enough = np.minimum(least[:-step], least[step:])[:_AT_ONCE]
    first: IntArray = np.arange(len(enough))
    bits = np.zeros(len(enough))
    for place, column in enumerate(columns):
        if place % 2:
            left = np.minimum(ahead[place, first], ahead[place, first + step])
            alive = bits + left * (1 + _ROUNDING) + _ROUNDING >= enough
            first, bits, enough = first[alive], bits[alive], enough[alive]
        x, y, second = numbers[place, first], numbers[place, first + step], first + step
        near = np.flatnonzero(np.abs(x - y) <= np.maximum(tolerances[place, first], tolerances[place, second]))
        bits[near] += column.bits(codes[place, first[near]], codes[place, second[near]])
    keeps = bits >= enough
    return first[keeps], bits[keeps]


def _orders(codes: IntArray) -> Iterator[IntArray]:
    """Yield orders of the rows by each column first, and by those after it."""
    p = codes.shape[1]
    for start in np.unique(np.linspace(0, p - 1, min(p, _MOST_ORDERS)).astype(int)).tolist():
        keys = [(start + step) % p for step in range(min(p, _KEYS))]
        yield np.lexsort([codes[:, key] for key in reversed(keys)])


def _decoys(
    columns: Sequence[_Comparable], model: "_NullModel", random: np.random.Generator, progress: Progress
) -> list[FloatArray]:
    """Return how much pairs of decoys agree, for several draws."""
    return [_alike(columns, model.draw(random), progress)[1] for _ in range(_n_decoys(len(model.codes)))]


def _n_decoys(n: int) -> int:
    return max(1, min(_MOST_DECOYS, _ROWS_OF_DECOYS // n))


@dataclass(frozen=True, eq=False)
class _NullModel:
    """Customers as a chain of models, each telling a column by those before it, to draw others like them from.

    Columns of few values come first: what follows from them, such as "no internet service" in six columns, then
    follows in what is drawn, too. A tree sees such rules, and by a sum of the columns what answers have in common.

    Attributes
    ----------
    order
        The columns' positions in `codes`.
    ranks
        For each column, the rank of each of its values, as a share.
    weights, trees
        For each column but the first: how the ranks before it sum up, and the tree that sees them and this sum.
    """

    codes: IntArray
    order: tuple[int, ...]
    ranks: tuple[FloatArray, ...]
    weights: tuple[FloatArray, ...]
    trees: tuple[DecisionTreeRegressor, ...]

    @classmethod
    def fit(cls, columns: Sequence[_Comparable], codes: IntArray) -> "_NullModel":
        """Fit the chain; the leaves are large, or the trees would know single customers and their copies."""
        order = tuple(sorted(range(codes.shape[1]), key=lambda place: _entropy(codes[:, place])))
        counts = [np.bincount(codes[:, place]) for place in order]
        ranks = tuple((np.cumsum(each) - each / 2) / len(codes) for each in counts)
        some = codes[np.linspace(0, len(codes) - 1, min(len(codes), _ROWS_OF_TREES)).astype(int)]
        model, weights, trees = cls(some, order, ranks, (), ()), [], []
        of_grades = int(np.clip(round(_LEAF_SHARE * len(codes)), _LEAF_ROWS_OF_GRADES, _LEAF_ROWS))
        for at, place in enumerate(order[1:], 1):
            told, known = some[:, place], model._known(some, at)
            n_values = len(counts[at])
            is_class = columns[place].values is None and n_values <= _MOST_CLASSES
            weights.append(np.linalg.lstsq(known - 0.5, ranks[at][told] - 0.5, rcond=None)[0])
            leaf = of_grades if max(map(len, counts[: at + 1])) <= _MOST_GRADES else _LEAF_ROWS
            tree = DecisionTreeRegressor(min_samples_leaf=leaf, random_state=0)
            target = np.eye(n_values)[told] if is_class else ranks[at][told]
            trees.append(tree.fit(np.column_stack([known, known @ weights[-1]]), target))
        return cls(codes, order, ranks, tuple(weights), tuple(trees))

    def _known(self, codes: IntArray, at: int) -> FloatArray:
        return np.column_stack([self.ranks[each][codes[:, self.order[each]]] for each in range(at)])

    def _leaf(self, codes: IntArray, at: int) -> IntArray:
        known = self._known(codes, at)
        leaves: IntArray = self.trees[at - 1].apply(np.column_stack([known, known @ self.weights[at - 1]]))
        return leaves

    def draw(self, random: np.random.Generator) -> IntArray:
        """Return as many customers as there are, whose values come each from somebody of the same leaf."""
        n = len(self.codes)
        drawn = np.empty_like(self.codes)
        drawn[:, self.order[0]] = random.permutation(self.codes[:, self.order[0]])
        for at, place in enumerate(self.order[1:], 1):
            leaves, asked = self._leaf(self.codes, at), self._leaf(drawn, at)
            givers, takers = (np.lexsort([random.random(n), each]) for each in (leaves, asked))
            # Each gives once before anybody gives twice, or rare values would be met too often.
            first = np.searchsorted(leaves[givers], asked[takers])
            size = np.searchsorted(leaves[givers], asked[takers], side="right") - first
            turn = np.arange(n) - np.searchsorted(asked[takers], asked[takers])
            drawn[takers, place] = self.codes[givers[first + turn % size], place]
        return drawn


def _threshold(bits: FloatArray, decoys: Sequence[FloatArray], share: float = FALSE_SHARE) -> float:
    """Return how much two rows must agree to be called copies; infinite where chance explains all."""
    values, bits = np.unique(bits), np.sort(bits)
    found = len(bits) - np.searchsorted(bits, values)
    chance = np.sort(np.concatenate(decoys))
    false = (1 + len(chance) - np.searchsorted(chance, values)) / len(decoys)
    good = false <= share * found
    return float(values[good][0]) if good.any() else np.inf


def _by_identifier(dataset: Dataset, column: Column, rows: IntArray) -> IntArray | None:
    """Return the position of the first row with the same identifier; None where the column is none."""
    values = dataset.original[column.name].iloc[rows].astype("str").str.strip()
    filled = values.notna().to_numpy() & (values != "").to_numpy()
    codes, found = pd.factorize(values)
    if not _names_customers(column, len(found), int(filled.sum())):
        return None
    counts = np.bincount(codes[codes >= 0], minlength=1)
    usual = np.sort(counts)[-2] if len(counts) > 1 else 0
    unknown = (counts > _PLACEHOLDER_SHARE * len(rows)) & (counts > 2 * usual)
    first = np.arange(len(rows))
    told = filled & (codes >= 0) & ~unknown[codes]
    starts = np.full(len(found), len(rows))
    np.minimum.at(starts, codes[told], first[told])
    first[told] = starts[codes[told]]
    return first


def _names_customers(column: Column, n_values: int, n_filled: int) -> bool:
    if n_values in (0, n_filled):
        return False
    if column.kind is ColumnKind.IDENTIFIER:
        return True
    if column.kind not in _NAMED or n_values * _MOST_ROWS_EACH < n_filled or n_values < _FEWEST_NAMED:
        return False
    header = column.header or column.name
    words = set(words_of(header))
    return names_an_email(header) or fit_customer(header) >= _FITS_AN_ID or (bool(words) and words <= _CUSTOMERS)


def _first_of(groups: IntArray) -> IntArray:
    """Return the position of each row's first fellow."""
    return np.unique(groups, return_index=True)[1][groups]


def _joined(links: Sequence[IntArray], n: int) -> IntArray:
    """Return the connected groups of n rows, numbered in the order of their first rows."""
    if not links:
        return np.arange(n)
    ends = np.vstack(links)
    graph = coo_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(n, n))
    labels = connected_components(graph, directed=False)[1]
    return pd.factorize(labels)[0].astype(np.intp)


_DIGEST_BYTES = 8


@dataclass(frozen=True, eq=False)
class MembershipFingerprints:
    """Fingerprints of the customers that were used for learning.

    Attributes
    ----------
    column
        The identifier's column; empty where the file had none.
    salt
        Hexadecimal; makes the fingerprints of two models incomparable. Whoever has the model can still test
        whether a given identifier is among them, which is what it is for.
    prints
        Shape (n,), ascending.
    """

    column: str = ""
    salt: str = ""
    prints: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))

    def known(self, identifiers: pd.Series) -> BoolArray:
        """Return which of some customers were used for learning."""
        return np.isin(_prints(identifiers, self.salt), self.prints)


def fingerprint_members(dataset: Dataset, rows: IntArray) -> MembershipFingerprints:
    """Return the fingerprints of the customers at some positions."""
    column = identifier_column(dataset)
    if not column:
        return MembershipFingerprints()
    salt = hashlib.sha256(f"customers of {dataset.fingerprint}".encode()).hexdigest()[:32]
    return MembershipFingerprints(column, salt, np.unique(_prints(dataset.original[column].iloc[rows], salt)))


def identifier_column(dataset: Dataset) -> str:
    """Return the first column that tells customers apart; empty where there is none."""
    return next((column.name for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER), "")


def _prints(identifiers: pd.Series, salt: str) -> NDArray[np.uint64]:
    key = bytes.fromhex(salt)
    texts = (str(each).strip().encode() for each in identifiers)
    digests = (hashlib.blake2b(text, key=key, digest_size=_DIGEST_BYTES).digest() for text in texts)
    return np.frombuffer(b"".join(digests), dtype=np.uint64)

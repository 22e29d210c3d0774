"""RFM: customers scored by recency, frequency and monetary value, and named by the cell of a grid that they are in.

A grid is a set of named rectangles over recency scores and frequency scores; it is taken only when every cell belongs
to exactly one of them.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from segmenter.display import percent_text
from segmenter.errors.base import RfmGridError
from segmenter.errors.forming import UnknownColumnError
from segmenter.table.dataset import Dataset, Note
from segmenter.table.repeats import check_one_row_each
from segmenter.typing import FloatArray, IntArray

USUAL_SCORES: Final = 5
MOST_SCORES: Final = 10
RECENCY, FREQUENCY, MONETARY = "recency_days", "orders", "spend"
# What the file of customers on the grid calls their cell.
CELL_COLUMN: Final = "rfm_cell"


class Scoring(StrEnum):
    """How values become scores."""

    QUANTILES = "quantiles"
    BREAKS = "natural breaks"
    CUTS = "own cuts"


class Across(StrEnum):
    """What the grid's second side is, beside recency."""

    FREQUENCY = "F"
    MONETARY = "M"
    BOTH = "FM"


@dataclass(frozen=True)
class RfmCell:
    """A rectangle of the grid under a name; several may share one.

    Attributes
    ----------
    recency, value
        First and last score, both inside; value is of frequency, money or both.
    """

    name: str
    recency: tuple[int, int]
    value: tuple[int, int]


ADVICE: Final[Mapping[str, str]] = {
    "Champions": "Thank them, show them new things first, ask them to recommend you; no discount needed.",
    "Loyal": "Offer a loyalty programme or a larger basket; ask for reviews.",
    "Potential loyalists": "Bring them to the next order: related products, membership.",
    "New customers": "Welcome them and help with the first purchase; lead to the second one soon.",
    "Promising": "Remind them of what you have; a small reason to come back.",
    "Need attention": "A limited offer on what they bought, before they drift away.",
    "About to sleep": "Win them back now with popular products or a reminder.",
    "Can't lose them": "Call or write in person: these were your best and have gone quiet.",
    "At risk": "A personal message with a good reason to return.",
    "Hibernating": "Contact seldom and cheaply, with standard offers.",
    "Lost": "Leave them out of costly campaigns; ask once why they left.",
}

_GRIDS: Final[Mapping[int, tuple[RfmCell, ...]]] = {
    5: (
        RfmCell("Champions", (5, 5), (4, 5)),
        RfmCell("Loyal", (3, 4), (4, 5)),
        RfmCell("Potential loyalists", (4, 5), (2, 3)),
        RfmCell("New customers", (5, 5), (1, 1)),
        RfmCell("Promising", (4, 4), (1, 1)),
        RfmCell("Need attention", (3, 3), (3, 3)),
        RfmCell("About to sleep", (3, 3), (1, 2)),
        RfmCell("Can't lose them", (1, 2), (5, 5)),
        RfmCell("At risk", (1, 2), (3, 4)),
        RfmCell("Hibernating", (2, 2), (1, 2)),
        RfmCell("Lost", (1, 1), (1, 2)),
    ),
    4: (
        RfmCell("Champions", (4, 4), (3, 4)),
        RfmCell("Loyal", (3, 3), (3, 4)),
        RfmCell("Potential loyalists", (3, 4), (2, 2)),
        RfmCell("New customers", (4, 4), (1, 1)),
        RfmCell("Promising", (3, 3), (1, 1)),
        RfmCell("Can't lose them", (1, 2), (4, 4)),
        RfmCell("At risk", (1, 2), (3, 3)),
        RfmCell("Hibernating", (2, 2), (1, 2)),
        RfmCell("Lost", (1, 1), (1, 2)),
    ),
    3: (
        RfmCell("Champions", (3, 3), (3, 3)),
        RfmCell("Loyal", (2, 2), (3, 3)),
        RfmCell("Potential loyalists", (3, 3), (2, 2)),
        RfmCell("New customers", (3, 3), (1, 1)),
        RfmCell("Need attention", (2, 2), (2, 2)),
        RfmCell("About to sleep", (2, 2), (1, 1)),
        RfmCell("Can't lose them", (1, 1), (3, 3)),
        RfmCell("At risk", (1, 1), (2, 2)),
        RfmCell("Lost", (1, 1), (1, 1)),
    ),
}


def default_cells(n_scores: int = USUAL_SCORES) -> tuple[RfmCell, ...]:
    """Return the usual names on a grid of so many scores a side.

    Raises
    ------
    RfmGridError
        If there are none for that many.
    """
    if n_scores not in _GRIDS:
        sides = ", ".join(str(size) for size in sorted(_GRIDS))
        message = f"There are usual names for {sides} scores a side, not for {n_scores}. Draw the cells yourself."
        raise RfmGridError(message)
    return _GRIDS[n_scores]


# What follows a rule's name, without blanks.
_RULE: Final = re.compile(
    r"R(?P<r1>\d{1,3})(?:[-–](?P<r2>\d{1,3}))?,?(?:FM|F|M)(?P<v1>\d{1,3})(?:[-–](?P<v2>\d{1,3}))?", re.IGNORECASE
)


def read_rfm_cells(text: str) -> tuple[RfmCell, ...]:
    """Return the cells that rules such as `Champions: R 5, F 4-5` draw, one a line or between semicolons.

    Raises
    ------
    RfmGridError
        If a line is no such rule.
    """
    cells = []
    for line in re.split(r"[\n;]", text):
        if not line.strip():
            continue
        name, _, scores = line.replace("=", ":", 1 if ":" not in line else 0).partition(":")
        found = _RULE.fullmatch("".join(scores.split()))
        if found is None or not name.strip():
            message = f"{line.strip()[:80]!r} is no rule of the grid. Write it like: Champions: R 5, F 4-5"
            raise RfmGridError(message)
        r_1, v_1 = int(found["r1"]), int(found["v1"])
        r_2, v_2 = int(found["r2"] or r_1), int(found["v2"] or v_1)
        cells.append(RfmCell(name.strip(), (min(r_1, r_2), max(r_1, r_2)), (min(v_1, v_2), max(v_1, v_2))))
    return tuple(cells)


def read_cuts(text: str) -> tuple[float, ...]:
    """Return thresholds such as `30; 90; 180`, in their order; a mark of decimals is a point or a comma.

    Raises
    ------
    RfmGridError
        If one is no number.
    """
    # Where semicolons or blanks alone stand between numbers, a comma is a decimal mark.
    pairs = zip(text.split(), text.split()[1:], strict=False)
    by_comma = ";" not in text and not any(before[-1].isdecimal() and after[0].isdecimal() for before, after in pairs)
    words = text.replace(",", " ").split() if by_comma else text.replace(";", " ").split()
    try:
        return tuple(float(word.replace(",", ".")) for word in words)
    except ValueError as error:
        message = f"{text.strip()[:80]!r} are no thresholds. Write numbers, lowest first, such as 30; 90; 180."
        raise RfmGridError(message) from error


def cells_of_grid(grid: Sequence[Sequence[str]]) -> tuple[RfmCell, ...]:
    """Return a cell for each place of a drawn grid, `grid[recency - 1][value - 1]`; what has no name is left out."""
    return tuple(
        RfmCell(name.strip(), (r, r), (v, v))
        for r, row in enumerate(grid, start=1)
        for v, name in enumerate(row, start=1)
        if name.strip()
    )


def draw_grid(cells: Sequence[RfmCell], n_scores: int = USUAL_SCORES) -> tuple[tuple[str, ...], ...]:
    """Return the name of each cell, `grid[recency - 1][value - 1]`, proved to have no hole and no overlap.

    Raises
    ------
    RfmGridError
        If a rectangle leaves the grid, a cell belongs to nobody, or to two.
    """
    if not 2 <= n_scores <= MOST_SCORES:
        message = f"A grid has 2 to {MOST_SCORES} scores a side, not {n_scores}."
        raise RfmGridError(message)
    owners: list[list[list[str]]] = [[[] for _ in range(n_scores)] for _ in range(n_scores)]
    for cell in cells:
        if not cell.name.strip():
            message = "A cell has no name. Name each."
            raise RfmGridError(message)
        ends = (*cell.recency, *cell.value)
        if min(ends) < 1 or max(ends) > n_scores or cell.recency[0] > cell.recency[1] or cell.value[0] > cell.value[1]:
            message = f"{cell.name} leaves the grid: scores are 1 to {n_scores}, the smaller first."
            raise RfmGridError(message)
        for r in range(cell.recency[0], cell.recency[1] + 1):
            for v in range(cell.value[0], cell.value[1] + 1):
                owners[r - 1][v - 1].append(cell.name)
    places = [(r, v) for r in range(n_scores) for v in range(n_scores)]
    overlaps = [f"R {r + 1}, F {v + 1} ({' and '.join(owners[r][v])})" for r, v in places if len(owners[r][v]) > 1]
    holes = [f"R {r + 1}, F {v + 1}" for r, v in places if not owners[r][v]]
    faults = []
    if overlaps:
        faults.append(f"have more than one name: {_first(overlaps)}")
    if holes:
        faults.append(f"belong to nobody: {_first(holes)}")
    if faults:
        message = f"Cells of this grid {', and others '.join(faults)}. Give each cell one name."
        raise RfmGridError(message)
    return tuple(tuple(owner[0] for owner in row) for row in owners)


def _first(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - 6} more" if len(texts) > 6 else ""
    return f"{'; '.join(texts[:6])}{more}"


def quantile_scores(values: FloatArray, n_scores: int) -> IntArray:
    """Return scores 1 … n_scores by rank, (n,); equal values always have equal scores, that of their middle rank.

    Customers that share a value stand in the quantile of their mid-distribution rank, so no tie is split by the
    order of the file, and none is pushed up or down.
    """
    ranks = pd.Series(values).rank(method="average").to_numpy() - 0.5
    return np.minimum((ranks * n_scores / len(values)).astype(np.intp), n_scores - 1) + 1


def cut_scores(values: FloatArray, cuts: Sequence[float]) -> IntArray:
    """Return scores by own cuts, (n,): 1 below the first, one more from each cut on."""
    return np.searchsorted(np.asarray(cuts, dtype=float), values, side="right").astype(np.intp) + 1


def natural_breaks(values: FloatArray, n_classes: int) -> FloatArray:
    """Return the cuts between classes with the least squared deviations within (Fisher 1958), (n_classes - 1,).

    Exact, by dynamic programming over the different values; the best start of a class never moves back as its end
    moves on, which divides and conquers: O(k m log m) for m different values.

    Raises
    ------
    RfmGridError
        If there are fewer different values than classes.
    """
    different, counts = np.unique(values, return_counts=True)
    m = len(different)
    if m < n_classes:
        message = (
            f"Natural breaks into {n_classes} scores need {n_classes} different values, and there are {m}. Take fewer "
            "scores, or quantiles."
        )
        raise RfmGridError(message)
    centred = different - np.average(different, weights=counts)
    n = np.concatenate([[0.0], np.cumsum(counts)])
    s = np.concatenate([[0.0], np.cumsum(counts * centred)])
    ss = np.concatenate([[0.0], np.cumsum(counts * centred**2)])

    def cost(starts: IntArray, end: int) -> FloatArray:
        size = n[end] - n[starts]
        return np.asarray(ss[end] - ss[starts] - (s[end] - s[starts]) ** 2 / size)

    best = np.full(m + 1, np.inf)
    best[1:] = [float(cost(np.array([0]), end)[0]) for end in range(1, m + 1)]
    origins = []
    for k in range(2, n_classes + 1):
        following, origin = np.full(m + 1, np.inf), np.zeros(m + 1, dtype=np.intp)
        todo = [(k, m, k - 1, m - 1)]
        while todo:
            low, high, first, last = todo.pop()
            if low > high:
                continue
            end = (low + high) // 2
            starts = np.arange(first, min(last, end - 1) + 1)
            totals = best[starts] + cost(starts, end)
            place = int(np.argmin(totals))
            following[end], origin[end] = totals[place], starts[place]
            todo += [(low, end - 1, first, int(starts[place])), (end + 1, high, int(starts[place]), last)]
        best = following
        origins.append(origin)
    cuts, end = [], m
    for origin in reversed(origins):
        end = int(origin[end])
        cuts.append(float(different[end]))
    return np.array(cuts[::-1])


@dataclass(frozen=True)
class RfmChoices:
    """Every decision on the way to an RFM grid.

    Attributes
    ----------
    cuts
        For own cuts: column → thresholds, lowest first, in the column's own units; n_scores - 1 each.
    cells
        The drawn grid; the usual names where it is empty.
    """

    n_scores: int = USUAL_SCORES
    scoring: Scoring = Scoring.QUANTILES
    across: Across = Across.FREQUENCY
    cells: tuple[RfmCell, ...] = ()
    cuts: tuple[tuple[str, tuple[float, ...]], ...] = ()
    recency: str = RECENCY
    frequency: str = FREQUENCY
    monetary: str = MONETARY


@dataclass(frozen=True, eq=False)
class Rfm:
    """Customers on the grid.

    Attributes
    ----------
    scores
        `R`, `F`, `M`, `value` (the grid's second side) and `cell` (name), one row per customer of the file; missing
        where a customer lacks one of the three.
    grid
        `grid[recency - 1][value - 1]` is the cell's name.
    cells
        One row per name: `cell`, `customers`, `share`, `orders`, `revenue`, `revenue_share`, `average_order`, `advice`.
    """

    choices: RfmChoices
    scores: pd.DataFrame
    grid: tuple[tuple[str, ...], ...]
    cells: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def counts(self) -> IntArray:
        """Return how many customers stand in each cell, (n_scores × n_scores): recency down, value across."""
        n = self.choices.n_scores
        found = np.zeros((n, n), dtype=np.intp)
        known = self.scores.dropna(subset=["R", "value"])
        np.add.at(found, (known["R"].to_numpy(dtype=int) - 1, known["value"].to_numpy(dtype=int) - 1), 1)
        return found

    def crosstab(self, segments: pd.Series) -> pd.DataFrame:
        """Return customers by cell and by segment found, one row per cell.

        Parameters
        ----------
        segments
            Each customer's, by the index of the scores; a categorical's order is that of the columns, numbers go up
            otherwise.
        """
        names = list(self.cells["cell"])
        table = pd.crosstab(self.scores["cell"], segments.reindex(self.scores.index))
        if not isinstance(segments.dtype, pd.CategoricalDtype):
            columns = [(str(name).isdecimal(), int(str(name)) if str(name).isdecimal() else 0, name) for name in table]
            table = table[[name for *_, name in sorted(columns, key=lambda each: (not each[0], each[1], str(each[2])))]]
        return table.set_axis(list(table.columns), axis=1).reindex(names).fillna(0).astype(int)

    def labelled(self, customers: Dataset) -> pd.DataFrame:
        """Return the customers' file as it was, with each one's scores and cell."""
        table = customers.as_written()
        added = self.scores[["R", "F", "M", "cell"]].rename(columns=lambda name: f"rfm_{name.lower()}")
        taken = set(map(str, table.columns))
        return pd.concat([table, added.rename(columns=lambda name: f"{name}_new" if name in taken else name)], axis=1)


def has_rfm(customers: Dataset) -> bool:
    """Whether the table has recency, orders and spend, as tables made of purchases do."""
    return {RECENCY, FREQUENCY, MONETARY} <= set(customers.frame.columns)


def score_rfm(dataset: Dataset, choices: RfmChoices | None = None) -> Rfm:
    """Return the customers scored, and named by their cell.

    Parameters
    ----------
    dataset
        The customers, a row each.
    choices
        Columns, scoring and cells; the usual ones where it is None.

    Raises
    ------
    UnknownColumnError
        If one of the three columns is not there.
    RfmGridError
        If they hold no numbers, or the grid has a hole or an overlap.
    RepeatedCustomersError
        If customers stand in rows that contradict each other, and nobody has said which one counts.
    """
    asked = choices or RfmChoices()
    grid = draw_grid(asked.cells or default_cells(asked.n_scores), asked.n_scores)
    names = (asked.recency, asked.frequency, asked.monetary)
    missing = [name for name in names if name not in dataset.frame.columns]
    if missing:
        raise UnknownColumnError(missing, list(dataset.frame.columns))
    for name in names:
        if not pd.api.types.is_numeric_dtype(dataset.frame[name].dtype):
            message = f"{name} holds no numbers. Recency is in days, orders and spend are numbers."
            raise RfmGridError(message)
    check_one_row_each(dataset)
    frame = dataset.frame[list(names)].astype(float)
    known = np.isfinite(frame.to_numpy()).all(axis=1)
    if not known.any():
        message = "No customer has recency, orders and spend all three. Choose other columns."
        raise RfmGridError(message)
    notes = []
    if not known.all():
        n_lacking = int((~known).sum())
        lack = "1 customer lacks" if n_lacking == 1 else f"{n_lacking:,} customers lack"
        notes.append(Note(f"{lack} recency, orders or spend: in no cell."))
    scores = pd.DataFrame(index=dataset.frame.index)
    rows = frame.index[known]
    for letter, name in zip("RFM", names, strict=True):
        found, said = _score(frame[name].to_numpy()[known], name, asked, recent=letter == "R")
        notes += said
        scores[letter] = pd.Series(found.tolist(), index=rows).reindex(frame.index).astype("Int64")
    scores["value"] = _across(scores, asked.across)
    pairs = zip(scores["R"].dropna().tolist(), scores["value"].dropna().tolist(), strict=True)
    texts = pd.Series([grid[r - 1][v - 1] for r, v in pairs], index=rows, dtype=pd.StringDtype(na_value=np.nan))
    scores["cell"] = texts.reindex(frame.index)
    cells = _cells_table(scores["cell"], frame, asked, grid)
    cells["advice"] = _advice(cells["cell"], scores, grid, asked.n_scores)
    return Rfm(asked, scores, grid, cells, tuple(notes))


def _advice(names: pd.Series, scores: pd.DataFrame, grid: tuple[tuple[str, ...], ...], n_scores: int) -> list[str]:
    """Return what to do with each cell; one of an own name gets the advice for most of its customers, or its area."""
    if n_scores not in _GRIDS:
        return [ADVICE.get(name, "") for name in names]
    usual = draw_grid(default_cells(n_scores), n_scores)
    places = [(r, v) for r in range(n_scores) for v in range(n_scores)]
    known = scores.dropna(subset=["R", "value"])
    pairs = Counter(zip(known["R"].astype(int) - 1, known["value"].astype(int) - 1, strict=True))
    found = []
    for name in names:
        counts: Counter[str] = Counter()
        for r, v in places:
            if grid[r][v] == name:
                # Without customers, the area decides.
                counts[usual[r][v]] += pairs[r, v] * len(places) + 1
        like = name if name in ADVICE else max(counts, key=lambda each: (counts[each], each))
        found.append(ADVICE[like] if like == name else f"As {like}: {ADVICE[like]}")
    return found


def _across(scores: pd.DataFrame, across: Across) -> pd.Series:
    if across is Across.FREQUENCY:
        return scores["F"]
    if across is Across.MONETARY:
        return scores["M"]
    # Halves go up: a customer with F 4 and M 5 is one of the best.
    return (scores["F"] + scores["M"] + 1) // 2


def _score(values: FloatArray, name: str, choices: RfmChoices, *, recent: bool) -> tuple[IntArray, list[Note]]:
    n = choices.n_scores
    # The fewest days are the best.
    if choices.scoring is Scoring.QUANTILES:
        scores = quantile_scores(-values if recent else values, n)
        return scores, _tie_notes(scores, values, name, n)
    cuts: Sequence[float]
    if choices.scoring is Scoring.BREAKS:
        cuts = natural_breaks(values, n).tolist()
    else:
        cuts = dict(choices.cuts).get(name, ())
        if len(cuts) != n - 1 or not np.isfinite(list(cuts)).all() or any(np.diff(list(cuts)) <= 0):
            message = f"{n} scores of {name} take {n - 1} different cuts, lowest first; {len(cuts)} are given."
            raise RfmGridError(message)
    scores = cut_scores(values, cuts)
    scores = n + 1 - scores if recent else scores
    empty = sorted(set(range(1, n + 1)) - set(scores.tolist()))
    note = Note(f"Nobody has score {', '.join(map(str, empty))} in {name}: no value lies between these cuts.")
    return scores, [note] if empty else []


def _tie_notes(scores: IntArray, values: FloatArray, name: str, n: int) -> list[Note]:
    empty = sorted(set(range(1, n + 1)) - set(scores.tolist()))
    if not empty:
        return []
    different, counts = np.unique(values, return_counts=True)
    most = int(np.argmax(counts))
    text = (
        f"{percent_text(counts[most] / len(values))} of customers have {different[most]:,.4g} in {name}. Equal "
        f"customers get equal scores, so nobody has score {', '.join(map(str, empty))}; own cuts or natural breaks "
        "part the others."
    )
    return [Note(text)]


def _cells_table(
    cell: pd.Series, frame: pd.DataFrame, choices: RfmChoices, grid: tuple[tuple[str, ...], ...]
) -> pd.DataFrame:
    names = list(dict.fromkeys(name for row in reversed(grid) for name in reversed(row)))
    grouped = frame.groupby(cell)
    customers = grouped.size().reindex(names).fillna(0).astype(int)
    orders = grouped[choices.frequency].sum().reindex(names).fillna(0.0)
    revenue = grouped[choices.monetary].sum().reindex(names).fillna(0.0)
    all_revenue, n = float(revenue.sum()), max(int(customers.sum()), 1)
    return pd.DataFrame({
        "cell": names,
        "customers": customers.to_numpy(),
        "share": customers.to_numpy() / n,
        "orders": orders.to_numpy(),
        "revenue": revenue.to_numpy(),
        # Of nothing, or less, there are no shares.
        "revenue_share": revenue.to_numpy() / all_revenue if all_revenue > 0 else np.nan,
        "average_order": (revenue / orders.where(orders > 0)).to_numpy(),
    })  # fmt: skip

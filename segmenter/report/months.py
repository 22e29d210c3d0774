"""Next month in a report: then and now, who moved, what has drifted, what was done; and several months in one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.charts.theme import FAINT, NEUTRAL, colour, mix
from segmenter.display import counted, number_text, percent_text, shortened
from segmenter.explain.columns import ColumnWords, column_words, read_header
from segmenter.monitor.drift import Advice, ColumnDrift, Drift, ModelCheck
from segmenter.monitor.movement import LOST, NEW, NO_SEGMENT, Movement
from segmenter.report.blocks import PERCENT_TENTHS, Bars, Block, Cell, Facts, Lines, Page, Series, Table, Text
from segmenter.segment.assign import Assignment
from segmenter.segment.result import Result

DRIFT_WORDS: Final[Mapping[Drift, str]] = {
    Drift.NONE: "as before",
    Drift.SLIGHT: "a little",
    Drift.CLEAR: "clearly",
    Drift.STRONG: "strongly",
}
# A shape of its own for each, for whoever does not tell the colours apart.
_MARKS: Final = {Drift.NONE: "●", Drift.SLIGHT: "●", Drift.CLEAR: "◐", Drift.STRONG: "○"}
ADVICE_WORDS: Final = {
    Advice.KEEP: "Go on with these segments.",
    Advice.LOOK: "Go on with these segments, and look at what has changed first.",
    Advice.REFIT: "Form the segments anew; names and colours carry on where they mean the same.",
}
IN_NONE: Final = "In none"
_OUTSIDE: Final = {NEW: "New", LOST: "Gone", NO_SEGMENT: IN_NONE}
_LONGEST_NAME: Final = 60
_MISSING: Final = "–"
_FIT_NONE: Final = "fit no segment"
# With more segments, names no longer fit over a table's columns.
_NAMED_HEADS: Final = 5
_TWO_LINES: Final = 8
_IN_A_HEAD: Final = 60
_SHORTEST_MONTH: Final = 3


@dataclass(frozen=True, eq=False)
class MonthChange:
    """What is known of a month against the one before.

    Attributes
    ----------
    check
        Whether the model is still true of the customers; None where it cannot tell.
    movement
        Who moved; None where last month's customers are not at hand.
    """

    check: ModelCheck | None = None
    movement: Movement | None = None


def check_pages(check: ModelCheck, title: str = "") -> list[Page]:
    """Return whether a model is still true, with the segments' shares then and now.

    Parameters
    ----------
    title
        Of the page, such as the month; the answer itself where it is empty.
    """
    labels = tuple(_label(shift.segment, shift.name) for shift in check.segments)
    shades = tuple(colour(shift.segment) for shift in check.segments)
    shares = [(shift.before, shift.now) for shift in check.segments]
    if any(check.in_none):
        labels, shades, shares = (*labels, _OUTSIDE[NO_SEGMENT]), (*shades, NEUTRAL), [*shares, check.in_none]
    bars = Bars(
        "Share of all customers: pale then, full now",
        labels,
        (
            Series(
                "Then",
                tuple(before for before, _ in shares),
                tuple(_tenths(before) for before, _ in shares),
                tuple(mix(shade, "#ffffff", 0.6) for shade in shades),
            ),
            Series("Now", tuple(now for _, now in shares), tuple(_then_and_now(*each) for each in shares), shades),
        ),
        PERCENT_TENTHS,
    )
    points = list(check.reasons[1:])
    changed = [shift for shift in check.segments if shift.changed]
    points += [
        f"{shortened(shift.name, _LONGEST_NAME)}: {_tenths(shift.before)} then, {_tenths(shift.now)} now. "
        "In truth the share lies between "
        f"{_tenths(shift.low)} and {_tenths(shift.high)}, 19 times in 20."
        for shift in sorted(changed, key=lambda shift: -abs(shift.now - shift.before))
        if not any(shift.name in reason for reason in check.reasons)
    ]
    if not changed:
        points.append("No segment's share has changed by more than chance.")
    if not any(_FIT_NONE in reason for reason in check.reasons):
        points.append(check.fit_sentence)
    if check.sensitivity is not None and check.advice is not Advice.REFIT:
        points.append(check.sensitivity.sentence)
    lead = check.sentence if title else ADVICE_WORDS[check.advice]
    return [Page(title or check.sentence, (bars,), lead=lead, side=(Text(tuple(points), listed=True),), split=0.6)]


def movement_pages(movement: Movement, title: str = "") -> list[Page]:
    """Return who moved from which segment to which, who joined and left each, and the money that moved with them."""
    both, moved = movement.n_both, movement.n_moved
    table = movement.customers
    new = int(table.loc[NEW].to_numpy().sum()) if NEW in table.index else 0
    gone = int(table[LOST].to_numpy().sum()) if LOST in table else 0
    answer = f"{moved:,} of {both:,} returning customers changed segment, {new:,} are new, {gone:,} are gone."
    facts = Facts(
        (
            (percent_text(moved / both) if both else _MISSING, "of the returning customers changed segment"),
            (f"{new:,}", "are new"),
            (f"{gone:,}", "are gone"),
        )
    )
    numbers = {name: place for place, name in enumerate(dict.fromkeys([*movement.now.names, *movement.before.names]))}
    rows = [_balance(movement, name, place) for name, place in numbers.items()]
    heads = ("Segment", "Now", "Joined", "Left", "Stayed")
    caption = "Joined counts new customers too, Left those who are gone. Stayed: of those in both months."
    balance = Table(
        tuple(Cell(head, number=at > 0) for at, head in enumerate(heads)), tuple(rows), 0.42, caption, lines=2
    )
    pages = [Page(title or answer, (facts, balance), lead=answer if title else "")]
    counts = _matrix(table, numbers, lambda count: f"{count:,.0f}")
    pages.append(Page("From which segment to which", (counts, *_names(numbers, table))))
    if movement.money is not None:
        money = _matrix(movement.money, numbers, lambda amount: number_text(amount, 0))
        words = "What these customers bring, now; of those who are gone, last month."
        pages.append(Page("The money that moved with them", (money, *_names(numbers, table)), lead=words))
    return pages


def drift_pages(check: ModelCheck, words: Mapping[str, ColumnWords], title: str = "") -> list[Page]:
    """Return which columns have moved since the model was made, in their own units.

    Parameters
    ----------
    words
        How the model's columns are spoken of; missing ones under their own names.
    """
    if not check.columns:
        return []
    moved = [each for each in check.columns if each.level in (Drift.CLEAR, Drift.STRONG)]
    order = sorted(check.columns, key=lambda each: -list(Drift).index(each.level))
    rows = tuple(
        (
            Cell(_spoken(each, words)),
            Cell(_typical(each, 1, words), number=True),
            Cell(_typical(each, 0, words), number=True),
            Cell(f"{_MARKS[each.level]} {DRIFT_WORDS[each.level]}"),
            Cell(percent_text(each.missing[1]), number=True),
            Cell(percent_text(each.missing[0]), number=True),
        )
        for each in order
    )
    heads = ("Column", "Then", "Now", "Has it moved?", "Missing then", "Missing now")
    caption = (
        "The middle customer's value, or the commonest. Moved: beyond what chance makes in files of this size "
        "and so many columns."
    )
    table = Table(
        tuple(Cell(head, number=at in (1, 2, 4, 5)) for at, head in enumerate(heads)), rows, 0.3, caption, lines=2
    )
    of = counted(len(check.columns), "column")
    answer = f"{len(moved)} of {of} moved clearly since then" if moved else f"None of {of} moved clearly since then"
    return [Page(title or answer, (table,), lead=answer if title else "")]


def done_pages(result: Result, change: MonthChange) -> list[Page]:
    """Return what was done with the month's customers, so that it can be done again."""
    assignment, segmentation = result.assignment, result.segmentation
    if assignment is None:
        return []
    facts = {
        "File": f"{result.dataset.name}: {counted(result.dataset.n_customers, 'customer')}",
        "Segments": f"{segmentation.n_segments}, formed before from {counted(segmentation.n_trained, 'customer')}",
        "Placed": f"{result.n_placed:,} in segments, {result.n_left_out:,} in none{_reasons(assignment)}",
    }
    if assignment.matched:
        facts["Columns under other names"] = ", ".join(
            f"{ours} = {theirs}" for ours, theirs in assignment.matched.items()
        )
    if edits := segmentation.recipe.edits:
        facts["Changed by hand"] = "; ".join(edit.words() for edit in edits)
    if (lineage := result.segmentation.lineage) is not None:
        facts["Formed anew"] = f"{lineage.when}. {lineage.why}"
    if change.movement is not None:
        before, now = change.movement.before, change.movement.now
        facts["Compared with"] = f"{before.title}, by the customers' numbers: {change.movement.n_both:,} are in both"
        lists = sum(map(change.movement.n_joined, now.names))
        left = sum(map(change.movement.n_left, before.names))
        facts["Lists"] = f"{lists:,} joined and {left:,} left a segment; the files of who moved name them"
    facts["To do"] = (
        "This model cannot tell whether it is still true: form the segments anew, and next month it can."
        if change.check is None
        else ADVICE_WORDS[change.check.advice]
    )
    rows = tuple((Cell(key), Cell(value)) for key, value in facts.items())
    return [Page("What was done", (Table((Cell("What"), Cell("How")), rows, 0.26),))]


def pages_of_months(
    checks: Mapping[str, ModelCheck | None],
    shares: pd.DataFrame,
    movements: Sequence[Movement],
    words: Mapping[str, ColumnWords],
    left_out: Mapping[str, str],
) -> list[Page]:
    """Return several months placed in one model: shares over time, then each month, then who moved between them.

    Parameters
    ----------
    checks
        Month → whether the model is still true of it; None where that cannot be told.
    shares
        A row per month, a column per segment, 0-1, as `shares_over_time` returns them.
    movements
        From each month to the next.
    words
        How the model's columns are spoken of, as in `drift_pages`.
    left_out
        Month, or two of them, → why nothing is said of it.
    """
    names = list(map(str, shares.columns))
    months = _short_titles(list(map(str, shares.index)))
    last = next((check for check in reversed(list(checks.values())) if check is not None), None)
    values = shares.to_numpy(dtype=np.float64)
    series = tuple(
        Series(
            IN_NONE if name == NO_SEGMENT else _label(place, name),
            tuple(map(float, column)),
            tuple(map(_tenths, column)),
            (NEUTRAL if name == NO_SEGMENT else colour(place),),
        )
        for place, (name, column) in enumerate(zip(names, values.T, strict=True))
    )
    lines = Lines("Share of all customers", months, series, PERCENT_TENTHS)
    head = (Cell("Segment"), *(Cell(month, number=True) for month in months))
    rows = tuple((Cell(each.name), *(Cell(text, number=True) for text in each.texts)) for each in series)
    table = Table(head, rows, 0.3, lines=2)
    n_segments = len(set(names) - {NO_SEGMENT})
    lead = f"The last month: {last.sentence}" if last is not None else ""
    pages = [
        Page(
            f"{counted(len(months), 'month')}, {counted(n_segments, 'segment')}",
            (lines,),
            lead=lead,
        ),
        Page("Shares over time", (table,)),
    ]
    if left_out:
        reasons = tuple((Cell(name), Cell(reason)) for name, reason in left_out.items())
        pages.append(Page("Left out", (Table((Cell("What"), Cell("Why")), reasons, 0.26),)))
    for month, check in checks.items():
        if check is None:
            pages.append(Page(month, (Text(("This model cannot tell whether it is still true.",)),)))
            continue
        pages += [*check_pages(check, month), *drift_pages(check, words, f"What has drifted in {month}")]
    for each in movements:
        pages += movement_pages(each, f"{each.before.title} to {each.now.title}")
    return pages


def _short_titles(titles: Sequence[str]) -> tuple[str, ...]:
    """Return what months are called in a table's head or below a chart: without words and endings that say nothing."""
    stems = [re.sub(r"\.[A-Za-z]{2,8}$", "", title) for title in titles]
    if len(set(stems)) < len(titles):
        return tuple(titles)
    alike = next((at for at, letters in enumerate(zip(*stems, strict=False)) if len(set(letters)) > 1), 0)
    # As far as the last blank or the like before the first figure.
    begin = re.match(r"(?:\D*[\W_])?", stems[0][:alike])
    short = tuple(stem[begin.end() if begin else 0 :] for stem in stems)
    # A number alone is no month's name.
    return short if min(map(len, short)) >= _SHORTEST_MONTH else tuple(stems)


def words_of_model(result: Result) -> dict[str, ColumnWords]:
    """Return how a model's columns are spoken of, by their names in the model."""
    theirs = {each.column: each for each in column_words(result.dataset, result.segmentation.recipe)}
    matched = result.assignment.matched if result.assignment is not None else {}
    names = [each.column for each in result.segmentation.preparation.columns_]
    return {name: theirs[matched.get(name, name)] for name in names if matched.get(name, name) in theirs}


def _spoken(drift: ColumnDrift, words: Mapping[str, ColumnWords]) -> str:
    label = words[drift.column].label if drift.column in words else read_header(drift.column)[0]
    return f"{label[:1].upper()}{label[1:]}"


def _typical(drift: ColumnDrift, when: int, words: Mapping[str, ColumnWords]) -> str:
    value = drift.typical[when]
    if value is None or isinstance(value, str):
        return value or _MISSING
    if drift.column in words and not words[drift.column].counted:
        return words[drift.column].text(value)
    text = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.3g}"
    return text.replace("-", "−")


def _balance(movement: Movement, name: str, place: int) -> tuple[Cell, ...]:
    stayed = movement.stayed
    return (
        Cell(_label(place, name)),
        Cell(f"{movement.n_now(name):,}", number=True),
        Cell(f"{movement.n_joined(name):,}", number=True),
        Cell(f"{movement.n_left(name):,}", number=True),
        Cell(percent_text(float(stayed[name])) if name in stayed else _MISSING, number=True),
    )


def _matrix(table: pd.DataFrame, numbers: Mapping[str, int], show: Callable[[float], str]) -> Table:
    """Return counts from each segment to each: those who stayed framed in grey, the moves the darker the larger."""
    named = len(table.columns) <= _NAMED_HEADS
    heads = [
        Cell("From \\ to"),
        *(_head(str(name), numbers, named=named) for name in table.columns),
        Cell("All", number=True),
    ]
    rows = []
    for name, line in zip(map(str, table.index), table.to_numpy(dtype=np.float64), strict=True):
        total = float(np.abs(line).sum()) or 1.0
        cells = [
            Cell(show(value), _tint(abs(value) / total, stayed=name == str(to)), number=True)
            for to, value in zip(table.columns, line, strict=True)
        ]
        rows.append(
            (
                Cell(_OUTSIDE[name] if name in _OUTSIDE else _label(numbers[name], name), bold=True),
                *cells,
                Cell(show(float(line.sum())), number=True),
            )
        )
    caption = "Rows: before. Columns: now. Grey: in the same segment. Blue: the darker, the more of the row."
    return Table(tuple(heads), tuple(rows), 0.3, caption, lines=_lines(len(rows)))


def _lines(n_rows: int) -> int:
    """Return how many lines a name has so that a slide holds all rows."""
    return 2 if n_rows <= _TWO_LINES else 1


def _tint(share: float, *, stayed: bool) -> str:
    if stayed:
        return "#e4e8eb"
    return mix(FAINT, "#8fb3c4", min(1.0, 2 * share)) if share > 0 else ""


def _head(name: str, numbers: Mapping[str, int], *, named: bool) -> Cell:
    if name in _OUTSIDE:
        return Cell(_OUTSIDE[name], bold=True, number=not named)
    place = numbers.get(name, 0)
    text = f"{place + 1} {shortened(name, _IN_A_HEAD)}" if named else str(place + 1)
    return Cell(text, "" if named else colour(place), bold=True, number=not named)


def _names(numbers: Mapping[str, int], table: pd.DataFrame) -> tuple[Block, ...]:
    """Return what the numbers over a table stand for, where names do not fit there."""
    if len(table.columns) <= _NAMED_HEADS or set(table.columns) - set(_OUTSIDE) <= set(table.index):
        return ()
    named = (f"{place + 1} {shortened(name, _LONGEST_NAME)}" for name, place in numbers.items())
    return (Text((" · ".join(named),), small=True),)


def _reasons(assignment: Assignment) -> str:
    counts = assignment.reasons[assignment.reasons != ""].value_counts()
    told = "; ".join(f"{reason}: {count:,}" for reason, count in counts.items())
    return f" ({told})" if told else ""


def _label(place: int, name: str) -> str:
    return f"{place + 1} · {shortened(name, _LONGEST_NAME)}"


def _tenths(share: float) -> str:
    return percent_text(share, 1)


def _then_and_now(before: float, now: float) -> str:
    points = round(100 * now, 1) - round(100 * before, 1)
    return f"{_tenths(now)} ({number_text(points, 1, signed=True) if abs(points) >= 0.05 else '='})"

"""Segments as rules: one to three conditions of a CRM filter for each, and one tree for all, both counted again."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from segmenter import config
from segmenter.display import percent_text
from segmenter.explain.cards import placed_customers
from segmenter.explain.columns import ColumnWords, column_words, date_text
from segmenter.io.writing import json_text
from segmenter.measures.separation import within_sum_of_squares
from segmenter.prepare.coerce import to_category
from segmenter.prepare.weights import customer_weights
from segmenter.progress import Progress, part, silent
from segmenter.sampling import repeated_rows, systematic_sample
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import BoolArray, FloatArray, IntArray

MOST_CONDITIONS: Final = 3
# Rules are looked for among so many customers and counted again among all.
SEARCHED_ROWS: Final = 6_000
# A further condition has to be worth its place in a filter.
_WORTH: Final = 0.01
_BEAM: Final = 6
_CUTS: Final = 20
_MOST_COLUMNS: Final = 25
_MOST_LEVELS: Final = 12


@dataclass(frozen=True)
class Condition:
    """One condition of a filter: a range of a number or a date, or a value of a category.

    Attributes
    ----------
    column
        As in the dataset; `header` as in the file.
    low, high
        At least `low` and less than `high`, in the column's own unit, dates as nanoseconds since 1970; None is open.
    level
        The value that the column must have, as in the file; None for ranges.
    text
        In words: "Age at least 40".
    """

    column: str
    header: str
    low: float | None = None
    high: float | None = None
    level: str | None = None
    is_date: bool = False
    text: str = ""

    @property
    def sql(self) -> str:
        """The same as standard SQL."""
        name = '"' + self.header.replace('"', '""') + '"'
        if self.level is not None:
            return f"{name} = '" + self.level.replace("'", "''") + "'"
        low = f"{name} >= {self._written(self.low)}" if self.low is not None else ""
        high = f"{name} < {self._written(self.high)}" if self.high is not None else ""
        return " AND ".join(each for each in (low, high) if each)

    def record(self) -> dict[str, object]:
        """Return the condition as plain values."""
        if self.level is not None:
            return {"column": self.header, "is": self.level}
        ends = {"at_least": self.low, "less_than": self.high}
        known = {name: value for name, value in ends.items() if value is not None}
        if self.is_date:
            return {"column": self.header, **{name: date_text(value) for name, value in known.items()}}
        return {"column": self.header, **{name: _plain(value) for name, value in known.items()}}

    def _written(self, value: float | None) -> str:
        assert value is not None
        # Without the word DATE, which SQLite and SQL Server do not read: a column of dates makes a date of the text.
        return f"'{date_text(value)}'" if self.is_date else str(_plain(value))


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else float(f"{value:.12g}")


@dataclass(frozen=True)
class Rule:
    """A segment as a filter.

    Attributes
    ----------
    segment
        1 for the largest.
    conditions
        All of them must hold; empty where no filter finds the segment better than taking everybody.
    found
        How many customers in segments the filter finds; `members` of them are in the segment.
    size
        Of the segment.
    coverage
        Share of the segment that the filter finds, 0-1.
    exclusivity
        Share of those found who are in the segment, 0-1.
    weighted
        What `found`, `members` and `size` count by a survey's weights; None where all customers count the same.
    """

    segment: int
    name: str
    conditions: tuple[Condition, ...]
    found: int
    members: int
    size: int
    weighted: tuple[float, float, float] | None = None

    @property
    def coverage(self) -> float:
        """Share of the segment that the filter finds, 0-1."""
        _, members, size = self.weighted or (self.found, self.members, self.size)
        return members / size if size else 0.0

    @property
    def exclusivity(self) -> float:
        """Share of those found who are in the segment, 0-1."""
        found, members, _ = self.weighted or (self.found, self.members, self.size)
        return members / found if found else 0.0

    @property
    def text(self) -> str:
        """The filter in words."""
        return " and ".join(each.text for each in self.conditions) or "everybody"

    @property
    def sql(self) -> str:
        """The filter as the condition of a WHERE clause in standard SQL."""
        return " AND ".join(each.sql for each in self.conditions) or "TRUE"

    def record(self) -> dict[str, object]:
        """Return the rule as plain values."""
        return {
            "segment": self.segment,
            "name": self.name,
            "conditions": [each.record() for each in self.conditions],
            "text": self.text,
            "sql": self.sql,
            "customers_found": self.found,
            "of_the_segment": self.members,
            "segment_size": self.size,
            "coverage": round(self.coverage, 4),
            "exclusivity": round(self.exclusivity, 4),
        }


@dataclass(frozen=True)
class Branch:
    """A question of a tree, and where its answers lead; a branch without a question is a segment."""

    segment: int = 0
    condition: Condition | None = None
    yes: "Branch | None" = None
    no: "Branch | None" = None

    def leaves(self) -> Iterator["Branch"]:
        """Yield the ends of the tree, from left to right."""
        if self.condition is None:
            yield self
        for side in (self.yes, self.no):
            if side is not None:
                yield from side.leaves()


@dataclass(frozen=True, eq=False)
class RuleTree:
    """One tree that gives every customer a segment by simple questions.

    Attributes
    ----------
    root
        The first question.
    accuracy
        Share of the customers to whom the tree gives their own segment, 0-1.
    price
        How much larger the within-cluster sum of squares becomes if the tree's segments take the place of the
        segments: .2 is a fifth.
    names
        Of the segments.
    """

    root: Branch
    accuracy: float
    price: float
    names: tuple[str, ...]

    @property
    def n_leaves(self) -> int:
        """Number of ends."""
        return sum(1 for _ in self.root.leaves())

    @property
    def text(self) -> str:
        """The tree in words, one line a question or an end."""
        return "\n".join(self._lines(self.root, 0))

    def _lines(self, branch: Branch, depth: int) -> Iterator[str]:
        indent = "    " * depth
        if branch.condition is None:
            yield f"{indent}→ {branch.segment} {self.names[branch.segment - 1]}"
            return
        assert branch.yes is not None
        assert branch.no is not None
        yield f"{indent}{branch.condition.text}?"
        yield f"{indent}  yes:"
        yield from self._lines(branch.yes, depth + 1)
        yield f"{indent}  no, or not known:"
        yield from self._lines(branch.no, depth + 1)

    @property
    def sql(self) -> str:
        """The tree as a CASE expression of standard SQL that gives the segment's number."""
        return f"CASE\n{self._cases(self.root, ())}END"

    def _cases(self, branch: Branch, before: tuple[str, ...]) -> str:
        if branch.condition is None:
            when = " AND ".join(before) or "TRUE"
            return f"  WHEN {when} THEN {branch.segment}\n"
        assert branch.yes is not None
        assert branch.no is not None
        # The cases are tried in their order: whoever comes to "no" has not said yes before.
        return self._cases(branch.yes, (*before, branch.condition.sql)) + self._cases(branch.no, before)

    def record(self) -> dict[str, object]:
        """Return the tree as plain values."""
        return {
            "accuracy": round(self.accuracy, 4),
            "wcss_price": round(self.price, 4),
            "leaves": self.n_leaves,
            "tree": self._record(self.root),
            "sql": self.sql,
        }

    def _record(self, branch: Branch) -> dict[str, object]:
        if branch.condition is None:
            return {"segment": branch.segment, "name": self.names[branch.segment - 1]}
        assert branch.yes is not None
        assert branch.no is not None
        return {"if": branch.condition.record(), "yes": self._record(branch.yes), "no": self._record(branch.no)}


@dataclass(frozen=True, eq=False)
class SegmentRules:
    """Every segment as a filter, and one tree for all.

    Attributes
    ----------
    rules
        One per segment, in their order.
    tree
        None where there is one segment, or no column that rules may use.
    """

    rules: tuple[Rule, ...]
    tree: RuleTree | None = None

    @property
    def text(self) -> str:
        """Everything in words."""
        lines = [
            f"{each.segment} {each.name}: {each.text}\n"
            f"   finds {percent_text(each.coverage)} of the segment; {percent_text(each.exclusivity)} of those found "
            f"are in it ({each.members:,} of {each.found:,})"
            for each in self.rules
        ]
        if self.tree is not None:
            right, price = percent_text(self.tree.accuracy), percent_text(self.tree.price)
            said = f"One tree for all: {right} of the customers get their own segment"
            # Of customers all of whom stand in one place there is no sum of squares to grow.
            if not math.isnan(self.tree.price):
                said += f"; the within-cluster sum of squares is {price} larger"
            lines += ["", f"{said}.", self.tree.text]
        return "\n".join(lines) + "\n"

    @property
    def sql(self) -> str:
        """Everything as standard SQL, of a table `customers`."""
        parts = [f"-- {_comment(each.name)}: coverage {percent_text(each.coverage)}, "
                 f"exclusivity {percent_text(each.exclusivity)}\n"
                 f"SELECT * FROM customers WHERE {each.sql};\n" for each in self.rules]  # fmt: skip
        if self.tree is not None:
            what = f"-- One tree for all: accuracy {percent_text(self.tree.accuracy)}"
            parts.append(f"{what}\nSELECT *, {self.tree.sql} AS segment FROM customers;\n")
        return "\n".join(parts)

    @property
    def json(self) -> str:
        """Everything as JSON."""
        tree = self.tree.record() if self.tree is not None else None
        return json_text({"rules": [each.record() for each in self.rules], "tree": tree})


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Conditions that rules may be made of, and whom each holds for."""

    conditions: list[Condition] = field(default_factory=list)
    holds: list[BoolArray] = field(default_factory=list)


def find_rules(dataset: Dataset, segmentation: Segmentation, *, progress: Progress = silent) -> SegmentRules:
    """Return each segment as a filter of one to three conditions, and one tree that gives every customer a segment.

    Neither personal data, nor columns that tell what the law protects, nor known labels are used. A customer without a
    value does not meet a condition on it, as in a database. All counts are of all customers in segments, with the
    rounded limits.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        What `fit_segmentation` returned for them, or `assign_segments(…).segmentation`.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, find_rules, fit_segmentation, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> all(1 <= len(rule.conditions) <= 3 for rule in find_rules(dataset, segmentation).rules)
    True
    """
    placed, groups = placed_customers(dataset, segmentation)
    words = _usable(dataset, segmentation)
    weights = customer_weights(dataset, segmentation.recipe)
    counts = None if weights is None or not len(placed) else weights[placed]
    rows = np.arange(len(placed)) if counts is None else repeated_rows(counts)
    searched = rows[systematic_sample(len(rows), min(len(rows), SEARCHED_ROWS))]
    rules = []
    for segment, name in enumerate(segmentation.names):
        progress(0.7 * segment / segmentation.n_segments, f"Looking for a filter for {name}")
        chosen = _search(dataset, words, placed[searched], groups[searched] == segment)
        holds = np.ones(len(placed), dtype=bool)
        for condition in chosen:
            holds &= meets(condition, dataset)[placed]
        members = groups == segment
        found, right, size = (int(each.sum()) for each in (holds, holds & members, members))
        weighted = None
        if counts is not None:
            weighted = (float(counts[holds].sum()), float(counts[holds & members].sum()), float(counts[members].sum()))
        rules.append(Rule(segment + 1, name, chosen, found, right, size, weighted))
    tree = _tree(dataset, segmentation, words, placed, groups, counts, part(progress, 0.7, 1.0))
    progress(1.0, "Rules found")
    return SegmentRules(tuple(rules), tree)


# Looked for once for each result; a result never changes after it was made.
_RULES: WeakKeyDictionary[Result, SegmentRules] = WeakKeyDictionary()


def rules_of(result: Result) -> SegmentRules:
    """Return a result's rules, looked for when they are first asked for."""
    if result not in _RULES:
        _RULES[result] = find_rules(result.dataset, result.segmentation)
    return _RULES[result]


def meets(condition: Condition, dataset: Dataset) -> BoolArray:
    """Return which customers meet a condition, shape (n_customers,); those without a value do not."""
    if condition.level is not None:
        return (_texts(dataset, condition.column) == condition.level).to_numpy(dtype=bool, na_value=False)
    values = _numbers(dataset.frame[condition.column], is_date=condition.is_date)
    holds = np.isfinite(values)
    if condition.low is not None:
        holds &= values >= condition.low
    if condition.high is not None:
        holds &= values < condition.high
    return holds


def _texts(dataset: Dataset, column: str) -> pd.Series:
    """Return a category's values, and a yes or no as the file writes it; missing where it is not known."""
    known = dataset.frame[column]
    written = dataset.original[column] if pd.api.types.is_numeric_dtype(known) else known
    return to_category(written).str.strip().where(known.notna())


def _usable(dataset: Dataset, segmentation: Segmentation) -> tuple[ColumnWords, ...]:
    """Return the columns that rules may use, those that formed the segments first."""
    # The next customers have no known label yet: a filter by it would find nobody.
    label = segmentation.known.column if segmentation.known else None
    found = column_words(dataset, segmentation.recipe)
    words = [each for each in found if not each.protected and each.column != label]
    ordered = sorted(words, key=lambda each: not each.forming)
    return tuple(ordered[:_MOST_COLUMNS])


def _is_level(words: ColumnWords) -> bool:
    return words.counted or words.is_share


def _numbers(column: pd.Series, *, is_date: bool) -> FloatArray:
    if not is_date:
        return column.to_numpy(dtype=np.float64)
    values = column.astype("datetime64[ns]").to_numpy().astype(np.int64).astype(np.float64)
    values[column.isna().to_numpy()] = np.nan
    return values


def _search(
    dataset: Dataset, words: Sequence[ColumnWords], rows: IntArray, members: BoolArray
) -> tuple[Condition, ...]:
    """Return the conditions whose filter agrees best with a segment (F1), found by a beam of the best so far."""
    if members.all() or not members.any():
        return ()
    candidates = _candidates(dataset, words, rows, members)
    if not candidates.conditions:
        return ()
    holds = np.array(candidates.holds)
    n_members = int(members.sum())
    everybody: tuple[float, tuple[int, ...]] = (_f1(len(rows), n_members, n_members), ())
    beam, best = [everybody], everybody
    for _ in range(2 * MOST_CONDITIONS):
        grown: dict[frozenset[int], tuple[float, tuple[int, ...]]] = {}
        for _, chosen in beam:
            inside = holds[list(chosen)].all(axis=0) if chosen else np.ones(len(rows), dtype=bool)
            found = holds[:, inside].sum(axis=1)
            right = holds[:, inside & members].sum(axis=1)
            scores = 2 * right / np.maximum(found + n_members, 1)
            for place in np.argsort(-scores, kind="stable")[: 4 * _BEAM]:
                more = (*chosen, int(place))
                if _fits(candidates.conditions, more):
                    grown.setdefault(frozenset(more), (float(scores[place]), more))
        beam = sorted(grown.values(), key=lambda each: -each[0])[:_BEAM]
        if not beam or beam[0][0] < best[0] + _WORTH:
            break
        best = beam[0]
    if not best[1]:
        # Nothing beats taking everybody; the best single condition still says more.
        best = max(((float(_f1(int(h.sum()), int((h & members).sum()), n_members)), (place,))
                    for place, h in enumerate(candidates.holds)), key=lambda each: each[0])  # fmt: skip
    return _merged([candidates.conditions[place] for place in best[1]], {each.column: each for each in words})


def _f1(found: int, right: int, n_members: int) -> float:
    return 2 * right / max(found + n_members, 1)


def _fits(conditions: Sequence[Condition], chosen: Sequence[int]) -> bool:
    """Whether conditions say at most three things, and none says the same side of a column twice."""
    sides = [
        (each.column, "level" if each.level is not None else "low" if each.low is not None else "high")
        for each in (conditions[place] for place in chosen)
    ]
    columns = {column for column, _ in sides}
    return len(set(sides)) == len(sides) and len(columns) <= MOST_CONDITIONS


def _merged(conditions: Sequence[Condition], words: Mapping[str, ColumnWords]) -> tuple[Condition, ...]:
    """Return conditions with the two ends of a range as one."""
    merged: dict[str, Condition] = {}
    for each in conditions:
        before = merged.get(each.column)
        if before is None:
            merged[each.column] = each
        else:
            low = before.low if before.low is not None else each.low
            high = before.high if before.high is not None else each.high
            merged[each.column] = _range(words[each.column], each.header, low, high)
    return tuple(merged.values())


def _candidates(dataset: Dataset, words: Sequence[ColumnWords], rows: IntArray, members: BoolArray) -> _Candidates:
    found = _Candidates()
    headers = {column.name: column.header or column.name for column in dataset.columns}
    for each in words:
        header = headers[each.column]
        if _is_level(each):
            texts = _texts(dataset, each.column).iloc[rows]
            for level in texts.value_counts().index[:_MOST_LEVELS]:
                found.conditions.append(_level(each, header, str(level)))
                found.holds.append((texts == level).to_numpy(dtype=bool, na_value=False))
            continue
        is_date = each.kind is ColumnKind.DATE
        values = _numbers(dataset.frame[each.column].iloc[rows], is_date=is_date)
        for cut in _cuts(values, values[members], is_date=is_date):
            with np.errstate(invalid="ignore"):
                above, below = values >= cut, values < cut
            for low, high, holds in ((cut, None, above), (None, cut, below)):
                if 0 < holds.sum() < len(rows):
                    found.conditions.append(_range(each, header, low, high))
                    found.holds.append(holds)
    return found


def _cuts(values: FloatArray, own: FloatArray, *, is_date: bool) -> list[float]:
    """Return limits worth trying: quantiles of all and of the segment, as round as the column allows."""
    known, own = values[np.isfinite(values)], own[np.isfinite(own)]
    if len(known) < 2 or known.min() == known.max():
        return []
    whole = bool((known == np.round(known)).all())
    distinct = np.unique(known)
    if len(distinct) <= _CUTS:
        raw = (distinct[1:] + distinct[:-1]) / 2
    else:
        raw = np.quantile(known, np.linspace(0.03, 0.97, _CUTS))
        if len(own):
            # Just beyond the segment's own ends, so that its last customers are inside.
            raw = np.concatenate([raw, np.quantile(own, [0.02, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.98])])
    if is_date:
        day = 86_400_000_000_000
        return sorted({float(np.ceil(each / day) * day) for each in raw})
    return sorted({_rounded(float(each), distinct, whole=whole) for each in raw})


def _rounded(value: float, distinct: FloatArray, *, whole: bool) -> float:
    """Return the roundest number that lies between the same neighbours, or near enough to change hardly anybody."""
    if whole and float(np.abs(distinct).max()) < 100:
        return float(np.ceil(value))
    spread = float(np.quantile(distinct, 0.95) - np.quantile(distinct, 0.05)) or float(np.ptp(distinct))
    step = 10.0 ** np.floor(np.log10(spread / 20)) if spread > 0 else 1.0
    if whole:
        step = max(step, 1.0)
    for factor in (5.0, 2.0, 1.0):
        near = round(value / (factor * step)) * factor * step
        if abs(near - value) <= spread / 60:
            return float(f"{near:.12g}")
    return float(f"{round(value / step) * step:.12g}")


def _level(words: ColumnWords, header: str, level: str) -> Condition:
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in level).split())
    return Condition(words.column, header, level=level, text=f"{_name(words)} is {shown}")


def _range(words: ColumnWords, header: str, low: float | None, high: float | None) -> Condition:
    is_date = words.kind is ColumnKind.DATE
    name = _name(words)

    def show(value: float) -> str:
        return date_text(value) if is_date else _limit(words, value)

    if low is not None and high is not None:
        text = f"{name} from {show(low)} to under {show(high)}"
    elif low is not None:
        text = f"{name} {'from' if is_date else 'at least'} {show(low)}"
    else:
        assert high is not None
        text = f"{name} {'before' if is_date else 'under'} {show(high)}"
    return Condition(words.column, header, low, high, is_date=is_date, text=text)


def _name(words: ColumnWords) -> str:
    return words.label[:1].upper() + words.label[1:]


def _limit(words: ColumnWords, value: float) -> str:
    """Return a limit with all its digits: a filter typed in must be the one that was counted."""
    plain = _plain(value)
    digits = f"{plain:,}" if not words.is_year else f"{plain}"
    sign, digits = ("−", digits[1:]) if digits.startswith("-") else ("", digits)
    return f"{sign}{words.prefix}{digits} {words.unit}".rstrip()


def _tree(
    dataset: Dataset,
    segmentation: Segmentation,
    words: Sequence[ColumnWords],
    placed: IntArray,
    groups: IntArray,
    weights: FloatArray | None,
    progress: Progress,
) -> RuleTree | None:
    """Fit one small tree to all segments, round its limits, and count again whom it puts where."""
    progress(0.0, "Growing one tree for all segments")
    if len(np.unique(groups)) < 2 or not words:
        return None
    conditions, columns = _columns_of_tree(dataset, words, placed)
    if not columns:
        return None
    X = np.column_stack(columns)
    k = segmentation.n_segments
    # The smallest segment has to have room in an end of its own.
    smallest = int(np.unique(groups, return_counts=True)[1].min())
    fitted = DecisionTreeClassifier(
        max_leaf_nodes=2 * k,
        min_samples_leaf=max(1, min(20, len(placed) // 100, smallest)),
        random_state=config.DEFAULT_SEED,
    ).fit(X, groups, sample_weight=weights)
    root = _branch(fitted.tree_, 0, fitted.classes_, conditions, X)
    given = _follow(root, dataset, placed)
    return RuleTree(
        _without_idle(root), float(np.average(given == groups, weights=weights)),
        _price(dataset, segmentation, placed, given, weights), segmentation.names,
    )  # fmt: skip


def _columns_of_tree(
    dataset: Dataset, words: Sequence[ColumnWords], placed: IntArray
) -> tuple[list[tuple[ColumnWords, str, str | None]], list[FloatArray]]:
    """Return the tree's columns: numbers, with what is not known above all so that no "under" holds; levels as 0/1."""
    headers = {column.name: column.header or column.name for column in dataset.columns}
    made: list[tuple[ColumnWords, str, str | None]] = []
    columns: list[FloatArray] = []
    for each in words:
        if _is_level(each):
            texts = _texts(dataset, each.column).iloc[placed]
            for level in texts.value_counts().index[:_MOST_LEVELS]:
                made.append((each, headers[each.column], str(level)))
                # A level held is "under": both kinds of columns answer yes on the left.
                columns.append(1.0 - (texts == level).to_numpy(dtype=np.float64, na_value=0.0))
            continue
        values = _numbers(dataset.frame[each.column].iloc[placed], is_date=each.kind is ColumnKind.DATE)
        known = values[np.isfinite(values)]
        if not len(known) or known.min() == known.max():
            continue
        made.append((each, headers[each.column], None))
        columns.append(np.where(np.isfinite(values), values, known.max() + abs(known.max()) + 1.0))
    return made, columns


def _branch(
    tree: Any,  # noqa: ANN401 - scikit-learn's own structure
    node: int,
    classes: IntArray,
    made: Sequence[tuple[ColumnWords, str, str | None]],
    X: FloatArray,
) -> Branch:
    if tree.children_left[node] < 0:
        return Branch(segment=int(classes[int(np.argmax(tree.value[node][0]))]) + 1)
    words, header, level = made[tree.feature[node]]
    if level is not None:
        condition = _level(words, header, level)
    else:
        limit = float(tree.threshold[node])
        values = np.unique(X[:, tree.feature[node]])
        # The first value beyond the split, or a rounder number before it: no customer changes sides.
        beyond = int(np.searchsorted(values, limit, side="right"))
        above, below = float(values[min(beyond, len(values) - 1)]), float(values[max(beyond - 1, 0)])
        condition = _range(words, header, None, _between(below, above, is_date=words.kind is ColumnKind.DATE))
    return Branch(
        condition=condition,
        yes=_branch(tree, int(tree.children_left[node]), classes, made, X),
        no=_branch(tree, int(tree.children_right[node]), classes, made, X),
    )


def _between(below: float, above: float, *, is_date: bool) -> float:
    """Return the roundest number above `below` and not above `above`."""
    if is_date:
        day = 86_400_000_000_000
        whole_day = float(np.floor(above / day) * day)
        return whole_day if whole_day > below else above
    for digits in range(-12, 13):
        rounded = round((below + above) / 2, digits)
        if below < rounded <= above:
            return rounded
    return above


def _follow(root: Branch, dataset: Dataset, placed: IntArray) -> IntArray:
    """Return the segment, from 0, that the tree gives each placed customer."""
    given = np.zeros(len(placed), dtype=np.intp)

    def walk(branch: Branch, rows: IntArray) -> None:
        if branch.condition is None:
            given[rows] = branch.segment - 1
            return
        holds = meets(branch.condition, dataset)[placed[rows]]
        assert branch.yes is not None
        assert branch.no is not None
        walk(branch.yes, rows[holds])
        walk(branch.no, rows[~holds])

    walk(root, np.arange(len(placed)))
    return given


def _without_idle(branch: Branch) -> Branch:
    """Return the tree without questions whose answers lead to the same segment."""
    if branch.condition is None:
        return branch
    assert branch.yes is not None
    assert branch.no is not None
    yes, no = _without_idle(branch.yes), _without_idle(branch.no)
    if yes.condition is None and no.condition is None and yes.segment == no.segment:
        return yes
    return Branch(condition=branch.condition, yes=yes, no=no)


def _price(
    dataset: Dataset, segmentation: Segmentation, placed: IntArray, given: IntArray, weights: FloatArray | None
) -> float:
    """Return how much larger the within-cluster sum of squares is with the tree's segments."""
    names = [each.column for each in segmentation.preparation.columns_]
    if any(name not in dataset.frame for name in names):
        return float("nan")
    X = segmentation.preparation.transform(dataset.frame.iloc[placed])
    own = segmentation.labels.to_numpy()[placed]
    before = within_sum_of_squares(X, own, weights)
    return within_sum_of_squares(X, given, weights) / before - 1 if before > 0 else 0.0

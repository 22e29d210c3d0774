"""Columns that may predict the segment, those that leak it, and the fields of the form for one customer."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from segmenter.classification.classifiers.classifier import all_alone, stratified_group_parts
from segmenter.classification.recipe import SEGMENTS, LearningRecipe
from segmenter.display import percent_text
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.errors.learning import (
    NothingToLearnFromError,
    OneClassError,
    OutsideKnownRangeError,
    TooFewMembersError,
    TooManyClassesError,
    UnknownChoiceError,
)
from segmenter.prepare.coerce import to_dates
from segmenter.prepare.encoders import MISSING_CATEGORY, CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.prepare.preparation import Preparation
from segmenter.prepare.suggest import suggest_features, used
from segmenter.recipe.recipe import FeatureSpec, Missing, Role, Transform
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Column, ColumnKind, Dataset
from segmenter.typing import BoolArray, IntArray

# A column that alone is right about all but one in fifty of those whom the base rate gets wrong is no
# question that one could ask a new customer: it was made from the answer.
LEAK_SHARE = 0.98
# Leaks show in a sample as well; every column is looked at.
LEAK_ROWS = 5_000
_HALVES = 2
# Unlike a distance, a classifier can pass a rare value over: what 1 % of the customers have is worth a try.
LEARNT_RARE = 0.01
_NO_FEATURES = frozenset({ColumnKind.IDENTIFIER, ColumnKind.CONSTANT, ColumnKind.NEAR_EMPTY, ColumnKind.PERSONAL})
_TELLING = frozenset(
    {
        ColumnKind.NUMBER, ColumnKind.MONEY, ColumnKind.PERCENTAGE, ColumnKind.CATEGORY, ColumnKind.ORDERED,
        ColumnKind.YES_NO, ColumnKind.DATE,
    }
)  # fmt: skip


@dataclass(frozen=True)
class LeakFlag:
    """A column that says what is to be learnt.

    Attributes
    ----------
    share
        Of the customers whom the base rate gets wrong, how many this column alone gets right; 1 is all.
    """

    column: str
    share: float

    @property
    def reason(self) -> str:
        """What was found, in a sentence."""
        return (
            f"{self.column} alone tells {percent_text(self.share)} of what is to be learnt. It was probably made "
            "from the answer, and new customers will not have it."
        )


def learning_features(dataset: Dataset, target: str) -> tuple[FeatureSpec, ...]:
    """Return how each column would best be used to tell the target, in file order.

    Everything that a new customer could be asked takes part: numbers, categories, ordered ones in their
    order, yes or no, and dates. Gaps are filled, so that a customer who leaves a question out is still told.
    """
    return tuple(_feature(spec, dataset, target) for spec in suggest_features(dataset))


def usable(dataset: Dataset, features: tuple[FeatureSpec, ...], target: str) -> tuple[FeatureSpec, ...]:
    """Return the features in use, sorted by name.

    Raises
    ------
    UnknownColumnError, NothingToLearnFromError
        If the file lacks one, or none is left.
    """
    unknown = [spec.column for spec in features if spec.segments and spec.column not in dataset.frame]
    if unknown:
        raise UnknownColumnError(unknown, list(dataset.frame.columns))
    chosen = tuple(spec for spec in features if spec.segments and spec.column != target)
    if not chosen:
        raise NothingToLearnFromError(target, [column.name for column in dataset.columns if column.name != target])
    return tuple(sorted(chosen, key=lambda spec: spec.column))


def find_leaks(
    dataset: Dataset, rows: IntArray, codes: IntArray, target: str, groups: IntArray | None = None
) -> tuple[LeakFlag, ...]:
    """Return the columns that determine, or nearly determine, the class of the customers at `rows`.

    Each column's values are learnt on one half of the customers and tried on the other, so that an
    identifier, which is different for everybody, tells nothing; rows of one group, a customer's or copies, are in one
    half. The segments that were formed from the
    columns are no leak of them.
    """
    if target == SEGMENTS:
        return ()
    some = np.random.default_rng(0).permutation(len(rows))[:LEAK_ROWS]
    groups = np.arange(len(rows)) if groups is None else groups
    rows, codes, groups = rows[some], codes[some], groups[some]
    if np.bincount(codes)[np.unique(codes)].min() < _HALVES:
        return ()
    halves = _halves(codes, groups)
    if any(len(np.unique(codes[train])) < len(np.unique(codes)) for train, _ in halves):
        return ()
    flags = []
    for column in dataset.columns:
        if column.name != target and column.kind is not ColumnKind.CONSTANT:
            share = _told(dataset.frame[column.name].iloc[rows], codes, halves)
            if share >= LEAK_SHARE:
                flags.append(LeakFlag(column.name, share))
    return tuple(sorted(flags, key=lambda flag: -flag.share))


def without_leaks(features: tuple[FeatureSpec, ...], leaks: tuple[LeakFlag, ...]) -> tuple[FeatureSpec, ...]:
    """Return the features with the flagged columns off."""
    flagged = {leak.column for leak in leaks}
    return tuple(replace(spec, role=Role.IGNORED) if spec.column in flagged else spec for spec in features)


def _feature(spec: FeatureSpec, dataset: Dataset, target: str) -> FeatureSpec:
    column = dataset.column(spec.column)
    if spec.column == target or column.kind in _NO_FEATURES or column.kind not in _TELLING:
        return replace(spec, role=spec.role if spec.role is Role.ID else Role.IGNORED)
    taken = used(spec, dataset)
    halfway = taken.role is Role.CATEGORY or column.kind is ColumnKind.YES_NO
    # What evens distances out is of no use to most classifiers, and changes what their terms mean.
    missing = Missing.MODE if halfway else Missing.MEDIAN
    return replace(taken, missing=missing, rare=LEARNT_RARE, transform=Transform.NONE)


def _halves(codes: IntArray, groups: IntArray) -> list[tuple[IntArray, IntArray]]:
    if all_alone(groups):
        return list(StratifiedKFold(_HALVES).split(codes, codes))
    parts = stratified_group_parts(codes, groups, (1 / _HALVES,) * _HALVES, 0)
    return [(np.flatnonzero(parts != part), np.flatnonzero(parts == part)) for part in range(_HALVES)]


def _told(values: pd.Series, codes: IntArray, halves: list[tuple[IntArray, IntArray]]) -> float:
    """Return which share of the base rate's mistakes a column alone puts right, on customers not learnt from."""
    base = np.bincount(codes).max() / len(codes)
    by_value = np.mean([_right_by_value(values, codes, train, test) for train, test in halves])
    right = max(float(by_value), _right_by_size(values, codes, halves))
    return float((right - base) / (1 - base)) if base < 1 else 0.0


def _right_by_value(values: pd.Series, codes: IntArray, train: IntArray, test: IntArray) -> float:
    seen = pd.DataFrame({"value": values.iloc[train].to_numpy(), "code": codes[train]})
    commonest = seen.groupby("value")["code"].agg(lambda each: int(np.bincount(each).argmax()))
    answers = values.iloc[test].map(commonest).fillna(int(np.bincount(codes[train]).argmax()))
    return float((answers.to_numpy() == codes[test]).mean())


def _right_by_size(values: pd.Series, codes: IntArray, halves: list[tuple[IntArray, IntArray]]) -> float:
    if not pd.api.types.is_numeric_dtype(values):
        return 0.0
    known = values.to_numpy(dtype=float)[:, None]
    tree = DecisionTreeClassifier(max_leaf_nodes=4 * len(np.unique(codes)), random_state=0)
    return float(cross_val_score(tree, known, codes, cv=halves).mean())


FEWEST_CLASSES, MOST_CLASSES = 2, 30
_NAMES = frozenset(
    {
        "segment", "segments", "segmentation", "class", "classes", "classification", "target", "label", "labels",
        "cluster", "clusters", "group", "tier", "persona", "category", "outcome", "response", "segmentname",
        "customersegment", "customerclass", "customertype",
    }
)  # fmt: skip
_CATEGORIES = frozenset({ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.YES_NO, ColumnKind.CONSENT})
_COUNTED = frozenset({ColumnKind.NUMBER, ColumnKind.CODE})


@dataclass(frozen=True)
class TargetSuggestion:
    """A column that could be learnt.

    Attributes
    ----------
    n_classes
        How many different values it has.
    named
        Whether it is called like something to learn, which makes it the one to propose.
    """

    column: str
    n_classes: int
    named: bool
    reason: str


def suggest_targets(dataset: Dataset) -> tuple[TargetSuggestion, ...]:
    """Return the columns that could be learnt, the likeliest first."""
    # What is to be told usually stands last.
    found = [_suggestion(column) for column in reversed(dataset.columns)]
    possible = [each for each in found if each is not None]
    return (*(each for each in possible if each.named), *(each for each in possible if not each.named))


@dataclass(frozen=True, eq=False)
class LabelledCustomers:
    """The customers whose segment is known.

    Attributes
    ----------
    rows
        Positions in the file, shape (n,), in an order that only the customers' values decide.
    codes
        Shape (n,): the class of each, a position in `classes`.
    classes
        The segments' names, ascending.
    n_unlabelled
        How many customers have none.
    """

    rows: IntArray
    codes: IntArray
    classes: tuple[str, ...]
    n_unlabelled: int

    def only(self, keeps: BoolArray, recipe: LearningRecipe) -> "LabelledCustomers":
        """Return the customers that are kept, shape (n,), if there are still enough of each class."""
        fewer = replace(self, rows=self.rows[keeps], codes=self.codes[keeps])
        _check(fewer, recipe)
        return fewer


def known_segments(
    dataset: Dataset, recipe: LearningRecipe, segmentation: Segmentation | None = None
) -> LabelledCustomers:
    """Return who has a known segment, and which.

    Raises
    ------
    UnknownColumnError, OneClassError, TooManyClassesError, TooFewMembersError
        If there is no such column, or its values cannot be learnt.
    """
    labels = _labels(dataset, recipe.target, segmentation)
    given = labels.notna().to_numpy()
    rows = np.flatnonzero(given)
    classes, codes = np.unique(labels[given].to_numpy(dtype=str), return_inverse=True)
    order = _content_order(dataset.frame.iloc[rows], codes)
    known = LabelledCustomers(rows[order], codes[order], tuple(str(each) for each in classes), int((~given).sum()))
    _check(known, recipe)
    return known


def labels_of(dataset: Dataset, target: str) -> pd.Series:
    """Return the target's values as the file writes them, missing where there is none."""
    column = dataset.column(target)
    values = dataset.frame[target]
    if column.kind in (ColumnKind.YES_NO, ColumnKind.CONSENT) or not pd.api.types.is_numeric_dtype(values):
        written = dataset.original[target].astype("str").str.strip()
        return written.where(values.notna())
    return values.map(lambda number: f"{number:.15g}", na_action="ignore").astype("str")


def _labels(dataset: Dataset, target: str, segmentation: Segmentation | None) -> pd.Series:
    if target == SEGMENTS:
        if segmentation is None or len(segmentation.labels) != dataset.n_customers:
            message = "There are no segments to learn. Form segments from this file first, or name a column to learn."
            raise InvalidSettingError(message)
        return segmentation.labels.map(dict(enumerate(segmentation.names))).astype("str")
    if target not in dataset.frame:
        raise UnknownColumnError([target], list(dataset.frame.columns))
    return labels_of(dataset, target)


def _content_order(frame: pd.DataFrame, codes: IntArray) -> IntArray:
    columns = frame[sorted(frame.columns)]
    hashes = pd.util.hash_pandas_object(columns, index=False).to_numpy()
    return np.lexsort([codes, hashes])


def _check(known: LabelledCustomers, recipe: LearningRecipe) -> None:
    sizes = np.bincount(known.codes, minlength=len(known.classes)).tolist()
    counts = dict(zip(known.classes, sizes, strict=True))
    if len(counts) < FEWEST_CLASSES:
        raise OneClassError(recipe.target, tuple(counts))
    if len(counts) > MOST_CLASSES:
        raise TooManyClassesError(recipe.target, len(counts), MOST_CLASSES)
    needed = _needed(recipe)
    few = {name: count for name, count in counts.items() if count < needed}
    if few:
        raise TooFewMembersError(recipe.target, few, needed)


def _needed(recipe: LearningRecipe) -> int:
    # Every part needs one of each, after the held-out share, within a part's own parts too.
    return 2 * recipe.folds


def check_customers(known: LabelledCustomers, groups: IntArray, recipe: LearningRecipe) -> None:
    """Refuse segments of too few different customers, where rows of one group are one customer's, or copies.

    Raises
    ------
    TooFewMembersError
        If some part could not have any of a segment.
    """
    pairs = np.unique(np.column_stack([known.codes, groups]), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=len(known.classes)).tolist()
    needed = _needed(recipe)
    few = {name: count for name, count in zip(known.classes, counts, strict=True) if count < needed}
    if few:
        raise TooFewMembersError(recipe.target, few, needed, copies=len(np.unique(groups)) < len(groups))


def _suggestion(column: Column) -> TargetSuggestion | None:
    named = "".join(letter for letter in column.name.casefold() if letter.isalpha()) in _NAMES
    if not FEWEST_CLASSES <= column.distinct <= MOST_CLASSES:
        return None
    if column.kind not in _CATEGORIES and not (named and column.kind in _COUNTED):
        return None
    why = "called like something to learn, with" if named else "with"
    return TargetSuggestion(column.name, column.distinct, named, f"{why} {column.distinct} different values")


OTHER: Final = "Other / unknown"
Answer = float | str | None
"""A number, a choice or an ISO date; None for "not said"."""


class FieldKind(StrEnum):
    """What kind of answer a question takes."""

    NUMBER = "number"
    WHOLE = "whole number"
    YES_NO = "yes/no"
    CATEGORY = "category"
    ORDERED = "ordered category"
    DATE = "date"


@dataclass(frozen=True)
class FormField:
    """One question of the form, bounded by what the model has seen.

    Attributes
    ----------
    low, high
        The smallest and the largest number known; None for other kinds.
    earliest, latest
        The dates known (ISO); empty for other kinds.
    choices
        The possible answers: categories commonest first and `OTHER` last, ordered values lowest first,
        no and yes as the file writes them.
    typical
        What to show first.
    may_be_missing
        Whether a customer who does not say can be placed.
    """

    column: str
    kind: FieldKind
    low: float | None = None
    high: float | None = None
    earliest: str = ""
    latest: str = ""
    choices: tuple[str, ...] = ()
    typical: Answer = None
    may_be_missing: bool = True

    def value(self, answer: Answer) -> object:
        """Return an answer as a Dataset's frame holds it.

        Raises
        ------
        OutsideKnownRangeError, UnknownChoiceError
            If the model has never seen such a value.
        """
        if answer is None:
            return pd.NaT if self.kind is FieldKind.DATE else np.nan
        if self.kind in (FieldKind.NUMBER, FieldKind.WHOLE):
            return self._number(answer)
        if self.kind is FieldKind.DATE:
            return self._date(str(answer))
        if answer not in self.choices:
            raise UnknownChoiceError(self.column, str(answer), self.choices)
        return float(self.choices.index(str(answer))) if self.kind is FieldKind.YES_NO else str(answer)

    @property
    def dtype(self) -> str:
        """The type of a column of such values."""
        if self.kind is FieldKind.DATE:
            return "datetime64[ns]"
        return "str" if self.kind in (FieldKind.CATEGORY, FieldKind.ORDERED) else "float64"

    def read(self, dataset: Dataset, column: str) -> pd.Series:
        """Return a column of another file as the model understood it, whatever the file makes it look like.

        In a short file "Yes" may look like a name, and a column of names may hold nothing but yes and no.
        """
        values = dataset.frame[column]
        numeric = pd.api.types.is_numeric_dtype(values)
        if self.kind is FieldKind.YES_NO and not numeric:
            places = {choice.casefold(): float(place) for place, choice in enumerate(self.choices)}
            return values.astype("str").str.strip().str.casefold().map(places).astype("float64")
        if self.dtype == "str" and numeric and dataset.column(column).kind is ColumnKind.YES_NO:
            written = dataset.original[column].astype("str").str.strip()
            return written.where(values.notna())
        return values

    def distance(self, answer: Answer, other: Answer) -> float | None:
        """Return how far apart two answers are; None where that has no meaning."""
        if answer is None or other is None or self.choices:
            return None
        if self.kind is FieldKind.DATE:
            return abs((pd.Timestamp(str(other)) - pd.Timestamp(str(answer))).total_seconds())
        return abs(float(other) - float(answer))

    def _number(self, answer: Answer) -> float:
        try:
            number = float(answer)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = np.nan
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        if not low <= number <= high:
            raise OutsideKnownRangeError(self.column, str(answer), f"{low:.15g}", f"{high:.15g}")
        return number

    def _date(self, answer: str) -> pd.Timestamp:
        date = pd.to_datetime(answer, errors="coerce", format="ISO8601")
        if pd.isna(date) or not pd.Timestamp(self.earliest) <= date <= pd.Timestamp(self.latest):
            raise OutsideKnownRangeError(self.column, answer, self.earliest, self.latest)
        return pd.Timestamp(date)


def form_fields(dataset: Dataset, rows: IntArray, preparation: Preparation) -> tuple[FormField, ...]:
    """Return one field per column of a model, in the file's order, bounded by the customers at `rows`."""
    fitted = {each.column: each for each in preparation.columns_}
    names = [column.name for column in dataset.columns if column.name in fitted]
    return tuple(_field(dataset, rows, fitted[name]) for name in names)


def _field(dataset: Dataset, rows: IntArray, fitted: FittedColumn) -> FormField:
    field = _bounded(dataset, rows, fitted)
    return replace(field, may_be_missing=fitted.missing is not Missing.DROP)


def _bounded(dataset: Dataset, rows: IntArray, fitted: FittedColumn) -> FormField:
    if isinstance(fitted, CategoryColumn):
        shown = tuple(each for each in fitted.categories if each != MISSING_CATEGORY)
        return FormField(fitted.column, FieldKind.CATEGORY, choices=(*shown, OTHER), typical=fitted.fill)
    if isinstance(fitted, CycleColumn) or fitted.role is Role.DATE:
        return _of_dates(fitted.column, to_dates(dataset.frame[fitted.column].iloc[rows]))
    middle = fitted.typical or 0.0
    if fitted.role is Role.ORDINAL:
        return FormField(fitted.column, FieldKind.ORDERED, choices=fitted.levels, typical=fitted.levels[round(middle)])
    if dataset.column(fitted.column).kind is ColumnKind.YES_NO:
        choices = _no_and_yes(dataset, fitted.column)
        return FormField(fitted.column, FieldKind.YES_NO, choices=choices, typical=choices[round(middle)])
    return _of_numbers(fitted, dataset.frame[fitted.column].iloc[rows])


def _of_numbers(fitted: NumberColumn, values: pd.Series) -> FormField:
    known = values.dropna().to_numpy(dtype=float)
    whole = bool((known == np.round(known)).all())
    middle, low, high = fitted.typical or 0.0, fitted.low, fitted.high
    # Rounded outwards for privacy, a range must not reach what no customer can have: minus two orders, half a child.
    if low is not None and len(known) and known.min() >= 0:
        # A count of which everybody has one is no nought either; that tells nobody apart.
        low = max(low, 1.0 if whole and known.min() >= 1 else 0.0)
    if whole and low is not None and high is not None:
        low, high = float(np.ceil(low)), float(np.floor(high))
    return FormField(
        fitted.column,
        FieldKind.WHOLE if whole else FieldKind.NUMBER,
        low=low,
        high=high,
        typical=float(round(middle)) if whole else middle,
    )


def _of_dates(column: str, dates: pd.Series) -> FormField:
    known = dates.dropna().sort_values()
    if not len(known):
        return FormField(column, FieldKind.DATE)
    first, middle, last = (known.iloc[place].date().isoformat() for place in (0, len(known) // 2, -1))
    return FormField(column, FieldKind.DATE, earliest=first, latest=last, typical=middle)


def _no_and_yes(dataset: Dataset, name: str) -> tuple[str, str]:
    values = dataset.frame[name]
    written = dataset.original[name].astype("str").str.strip()
    commonest = [written[values == each].mode() for each in (0.0, 1.0)]
    no, yes = (str(each.iloc[0]) if len(each) else "" for each in commonest)
    return no or "no", yes or "yes"

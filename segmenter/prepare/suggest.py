"""Which columns to segment by when nobody has chosen yet, how to use each, and codes that stand for "not known"."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.display import listed, percent_text
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, PersonalColumnError, UnknownColumnError
from segmenter.prepare.coerce import absent, complete_rows, to_category, without_unknown
from segmenter.prepare.relations import find_copies, find_relations
from segmenter.prepare.transforms import recommended_transform
from segmenter.prepare.transforms import skewness as skewness_of
from segmenter.recipe.recipe import SEGMENTING_ROLES, DateUse, FeatureSpec, Missing, Recipe, Role, Transform
from segmenter.table.answers import is_box
from segmenter.table.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.table.infer.header import names_a_birth
from segmenter.table.infer.meanings import counts_things, names_a_result, plain_words, protected_ground
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


_ROLES = {
    ColumnKind.ORDERED: Role.ORDINAL,
    ColumnKind.YES_NO: Role.NUMBER,
    ColumnKind.CATEGORY: Role.CATEGORY,
    ColumnKind.DATE: Role.DATE,
}
# Words have no middle and no neighbours' mean; a number has no category of its own for what is missing.
_WORD_CHOICES = (Missing.DROP, Missing.MODE, Missing.CATEGORY, Missing.CONSTANT)
_NUMBER_CHOICES = (Missing.DROP, Missing.MEDIAN, Missing.MEAN, Missing.MODE, Missing.KNN, Missing.CONSTANT)


def can_segment(column: Column) -> bool:
    """Whether a column may form segments: everything may, but for personal data."""
    return column.kind is not ColumnKind.PERSONAL


def role_of(column: Column, dataset: Dataset) -> Role:
    """Return the role a column plays when it forms segments.

    An ordered category whose order nobody has said yet is one without order.
    """
    if column.kind is ColumnKind.ORDERED and not known_order(column, dataset):
        return Role.CATEGORY
    if column.kind in _ROLES:
        return _ROLES[column.kind]
    return Role.NUMBER if pd.api.types.is_numeric_dtype(dataset.frame[column.name]) else Role.CATEGORY


def default_role(column: Column, dataset: Dataset, *, widen: bool) -> Role:
    """Return the role a column plays unless the user says otherwise; `widen` lets categories form segments."""
    if column.kind in NUMERIC_KINDS:
        return Role.NUMBER
    if column.kind is ColumnKind.ORDERED and known_order(column, dataset):
        return Role.ORDINAL
    if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.ORDERED):
        return role_of(column, dataset) if widen else Role.DESCRIPTOR
    if column.kind is ColumnKind.DATE:
        return Role.DESCRIPTOR
    return Role.ID if column.kind is ColumnKind.IDENTIFIER else Role.IGNORED


def known_order(column: Column, dataset: Dataset) -> tuple[str, ...]:
    """Return an ordered category's values, lowest first: recognised words, or numbers; else nothing.

    Never alphabetical: where no order is recognised, the user is asked.
    """
    if column.levels or column.kind is not ColumnKind.ORDERED:
        return column.levels
    values = dataset.frame[column.name]
    if not pd.api.types.is_numeric_dtype(values) or column.distinct > config.MAX_CATEGORIES:
        return ()
    known = values[np.isfinite(values)]
    return tuple(to_category(pd.Series(np.unique(known.to_numpy(dtype=np.float64)))))


def values_of(column: Column, dataset: Dataset) -> tuple[str, ...]:
    """Return a category's different values in the order in which the file brings them, at most 50."""
    found = to_category(dataset.frame[column.name]).dropna().unique()
    return tuple(str(value) for value in found[: config.MAX_CATEGORIES])


def missing_choices(role: Role) -> tuple[Missing, ...]:
    """Return what can be done where a column of this role has no value; the second is the plainest filling."""
    return _WORD_CHOICES if role is Role.CATEGORY else _NUMBER_CHOICES


def possible_missing(role: Role, wanted: Missing) -> Missing:
    """Return a treatment of missing values as it is for this role.

    Categories have no middle: median, mean and neighbours become the most frequent value.
    """
    choices = missing_choices(role)
    return wanted if wanted in choices or role not in SEGMENTING_ROLES else choices[1]


# What a suggestion is thought about for; the other kinds never form segments by default.
_CANDIDATES = frozenset({*NUMERIC_KINDS, ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.ORDERED, ColumnKind.DATE})
_WITH_VALUES = frozenset({ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.ORDERED})
_FEW_WORDS = 20
# With fewer customers, one of them is more than a hundredth.
_MANY_CUSTOMERS = 100
# Scores for recency, frequency and money go up to five, or ten.
_MOST_SCORES = 10
_WEIGHTS = frozenset(
    [
        "weight",
        "weights",
        "wt",
        "gewicht",
        "gewichte",
        "gewichten",
        "poids",
        "peso",
        "pesi",
    ]
)
_UNITS_OF_WEIGHT = frozenset(
    [
        "kg",
        "kgs",
        "kilo",
        "kilos",
        "kilogram",
        "g",
        "gr",
        "gram",
        "grams",
        "lb",
        "lbs",
        "pounds",
        "oz",
        "ounces",
        "tons",
    ]
)
# Words that say of a weight that it is a survey's: it may then count people of the market, with a mean of thousands.
_OF_SURVEYS = frozenset(
    [
        "survey",
        "sample",
        "sampling",
        "design",
        "case",
        "raking",
        "raked",
        "rake",
        "calibrated",
        "calibration",
        "poststratification",
        "stratification",
        "stratified",
        "trimmed",
        "final",
        "population",
        "expansion",
        "nonresponse",
        "respondent",
    ]
)
# Names that say it in one word or two.
_SURVEY_WEIGHTS = frozenset(
    [
        "weighting",
        "wgt",
        "wgts",
        "pweight",
        "finalwt",
        "finalwgt",
        "fnlwgt",
        "sampleweight",
        "surveyweight",
        "designweight",
        "caseweight",
        "expansionfactor",
        "gewichtung",
        "gewichtungsfaktor",
        "hochrechnungsfaktor",
        "weging",
        "weegfactor",
        "ponderation",
        "ponderacion",
        "ponderador",
        "factorexpansion",
    ]
)
# Weights are scaled to a mean of 1; part of a sample, or rounding, moves that. Where the name says weight and nothing
# else, they may be shares of one, too: no customer weighs so little.
_ABOUT_ONE, _SMALL = (0.7, 1.4), (0.1, 5.0)
# One column alone makes bands, not segments; below two numbers, categories join in.
FEWEST_NUMBERS = 2


class Cause(StrEnum):
    """Why a column that could form segments is off unless the user says otherwise."""

    PROTECTED = "protected by law"
    RESULT = "an earlier result"
    NEARLY_CONSTANT = "nearly constant"
    MOSTLY_UNKNOWN = "mostly not known"
    COPY = "a copy"
    FOLLOWS = "follows from others"
    WEIGHT = "a survey weight"


@dataclass(frozen=True)
class Suggestion:
    """How a column is used when nobody touches a setting, and why.

    Attributes
    ----------
    reason
        Why the column is off, in words that follow "off:"; empty where its kind alone decides.
    cause
        The sort of reason; None where the column's kind alone decides.
    """

    spec: FeatureSpec
    reason: str = ""
    cause: Cause | None = None


# Suggesting looks at every value; a table never changes after it was made.
_SUGGESTED: WeakKeyDictionary[Dataset, tuple[Suggestion, ...]] = WeakKeyDictionary()


def suggest_columns(dataset: Dataset) -> tuple[Suggestion, ...]:
    """Return how each column would best be used and why, in file order.

    Numbers, money, percentages and ordered answers form the segments; categories, yes/no columns and dates
    describe them, and join in only when there are fewer than two of the former. Identifiers, codes, constants,
    near-empty columns, text and personal data are left out.

    Off with a reason are columns that tell what the law protects, earlier segments and scores, survey weights, nearly
    constant columns, copies, and columns that follow from others. Special codes count as missing, and strongly skewed
    columns are evened out. A table made here brings its own suggestion.
    """
    check_type(dataset, Dataset, "dataset")
    if dataset.suggested:
        return tuple(Suggestion(spec) for spec in dataset.suggested)
    if dataset not in _SUGGESTED:
        _SUGGESTED[dataset] = _suggest(dataset)
    return _SUGGESTED[dataset]


def suggest_features(dataset: Dataset) -> tuple[FeatureSpec, ...]:
    """Return how each column would best be used, in file order; `suggest_columns` says why, too.

    Parameters
    ----------
    dataset
        The customers.

    Raises
    ------
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.

    Examples
    --------
    >>> from segmenter import read_sample, suggest_features
    >>> [spec.column for spec in suggest_features(read_sample("mall")) if spec.segments]
    ['Age', 'Annual Income (k$)', 'Spending Score (1-100)']
    """
    check_type(dataset, Dataset, "dataset")
    return tuple(suggestion.spec for suggestion in suggest_columns(dataset))


def _suggest(dataset: Dataset) -> tuple[Suggestion, ...]:
    candidates = [column for column in dataset.columns if column.kind in _CANDIDATES]
    # Of a code, the reason is said all the same: gender_code and cluster_id name more than things.
    codes = [column for column in dataset.columns if column.kind is ColumnKind.CODE]
    off = _off_by_themselves([*candidates, *codes], dataset)
    specs = {column.name: _prepared(column, dataset) for column in candidates}
    for column in candidates:
        spec, known = specs[column.name], 1 - _unknown_share(specs[column.name], column, dataset)
        if spec.unknown and known < 1 - config.NEAR_EMPTY_SHARE:
            names = listed([f"{code:g}" for code in spec.unknown])
            words = f"{percent_text(1 - known)} of the customers have {names}, which means “not known” or “never”"
            off.setdefault(column.name, (Cause.MOSTLY_UNKNOWN, words))
    _off_beside_others(candidates, specs, dataset, off)
    forming = [c for c in candidates if c.name not in off and (c.kind in NUMERIC_KINDS or specs[c.name].order)]
    widen = len(forming) < FEWEST_NUMBERS
    suggestions = []
    for column in dataset.columns:
        spec = specs.get(column.name) or _suggested(column, dataset, widen=False)
        cause, reason = off.get(column.name, (None, ""))
        # Days of the week have an order, but Sunday is as near to Monday as to Saturday.
        describes = (cause and column.kind is not ColumnKind.CODE) or bool(
            {"mon", "monday"} & {level.lower() for level in column.levels}
        )
        role = Role.DESCRIPTOR if describes else default_role(column, dataset, widen=widen)
        suggestions.append(Suggestion(replace(spec, role=role), reason, cause))
    return tuple(suggestions)


def _prepared(column: Column, dataset: Dataset) -> FeatureSpec:
    """Return a column's preparation: special codes as missing, and what evens it out."""
    spec = _suggested(column, dataset, widen=False)
    if column.kind not in NUMERIC_KINDS:
        return spec
    values = dataset.frame[column.name].to_numpy(dtype=np.float64)
    unknown = find_special_codes(values, column.header or column.name)
    if unknown:
        # A customer isn't left out because a number was taken for a code.
        spec = replace(spec, unknown=unknown, missing=Missing.MEDIAN)
    known = without_unknown(values, unknown)
    known = known[np.abs(known) <= config.LARGEST_NUMBER]
    return replace(spec, transform=recommended_transform(known)[0])


def _unknown_share(spec: FeatureSpec, column: Column, dataset: Dataset) -> float:
    if not spec.unknown:
        return 0.0
    return float(dataset.frame[column.name].isin(spec.unknown).mean()) + column.missing / dataset.n_customers


# What a file of labelled customers says of each beside `segment` and `segment_name`.
_WRITTEN_BESIDE_SEGMENTS = frozenset({"second_best", "margin", "light", "probability", "distance", "reason"})


def _off_by_themselves(columns: list[Column], dataset: Dataset) -> dict[str, tuple[Cause, str]]:
    """Return the columns that are off for what they are, whatever the others hold."""
    off: dict[str, tuple[Cause, str]] = {}
    rfm = [column for column in columns if _is_rfm_score(column)]
    labelled = {"segment", "segment_name"} <= {column.header or column.name for column in columns}
    for column in columns:
        header = column.header or column.name
        few = column.kind in _WITH_VALUES and column.distinct <= _FEW_WORDS
        ground = protected_ground(header, values_of(column, dataset) if few else ())
        share = _largest_share(dataset.frame[column.name])
        counted = column.kind in NUMERIC_KINDS and counts_things(
            header, column.distinct, dataset.frame[column.name].min()
        )
        if ground:
            off[column.name] = (Cause.PROTECTED, f"it tells {ground}, which the law protects")
        elif (
            (names_a_result(header) and not counted)
            or (column in rfm and len(rfm) > 1)
            or (labelled and header in _WRITTEN_BESIDE_SEGMENTS)
        ):
            off[column.name] = (Cause.RESULT, "an earlier segment, score or prediction, as the column is called")
        elif column.kind in NUMERIC_KINDS and _is_survey_weight(header, dataset.frame[column.name]):
            off[column.name] = (Cause.WEIGHT, "it looks like a survey weight, which says how much each row counts")
        elif share >= config.NEARLY_CONSTANT_SHARE and dataset.n_customers >= _MANY_CUSTOMERS:
            off[column.name] = (Cause.NEARLY_CONSTANT, f"{percent_text(share, 1)} of the customers have the same value")
    return off


def _is_rfm_score(column: Column) -> bool:
    return column.name.strip().upper() in {"R", "F", "M"} and column.distinct <= _MOST_SCORES


def _is_survey_weight(header: str, column: pd.Series) -> bool:
    """Whether a column is called a survey's weight, or a weight and its numbers are about 1: of people, none weigh so.

    A unit in its name says that things were weighed.
    """
    words = plain_words(header)
    said = {*words, "".join(words)}
    if not (_WEIGHTS | _SURVEY_WEIGHTS) & said or _UNITS_OF_WEIGHT & {*words}:
        return False
    known = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = known[np.isfinite(known)]
    # Who was not asked after all counts nothing.
    if not len(known) or known.min() < 0 or known.max() <= 0:
        return False
    if (_SURVEY_WEIGHTS | _OF_SURVEYS) & said:
        return True
    low, high = _SMALL if said <= _WEIGHTS else _ABOUT_ONE
    return low <= float(known.mean()) <= high


def _largest_share(values: pd.Series) -> float:
    counts = values.value_counts()
    return float(counts.iloc[0] / counts.sum()) if len(counts) else 0.0


def _off_beside_others(
    columns: list[Column],
    specs: Mapping[str, FeatureSpec],
    dataset: Dataset,
    off: dict[str, tuple[Cause, str]],
) -> None:
    """Add the columns that are off because of others: copies, and what follows from others."""
    frame = pd.DataFrame(
        {
            column.name: without_unknown(
                dataset.frame[column.name].to_numpy(dtype=np.float64), specs[column.name].unknown
            )
            if column.kind in (*NUMERIC_KINDS, ColumnKind.YES_NO)
            and pd.api.types.is_numeric_dtype(dataset.frame[column.name])
            else dataset.frame[column.name]
            for column in columns
            if column.kind is not ColumnKind.DATE and off.get(column.name, (None,))[0] is not Cause.NEARLY_CONSTANT
        }
    )
    kinds = {column.name: column.kind for column in columns}
    for group in find_copies(frame):
        tells = [name for name in group if name in off]
        kept = [name for name in group if name not in off]
        if tells:
            cause, reason = off[tells[0]]
            for name in kept:
                off[name] = (cause, f"a copy of {tells[0]}, which is off: {reason}")
            continue
        # A category that only describes doesn't keep the numbers that say the same from forming segments.
        forming = [name for name in kept if kinds[name] in NUMERIC_KINDS or specs[name].order] or kept
        for name in kept:
            if name != forming[0]:
                off[name] = (Cause.COPY, f"it says the same as {forming[0]}")
    numbers = [name for name in frame if kinds[str(name)] in NUMERIC_KINDS and name not in off]
    for relation in find_relations(frame[numbers].astype(np.float64)):
        off[relation.column] = (Cause.FOLLOWS, f"it is {relation.words}")


def choose_features(dataset: Dataset, columns: Sequence[str]) -> tuple[FeatureSpec, ...]:
    """Return the suggested features with exactly the named columns forming the segments.

    Parameters
    ----------
    dataset
        The customers.
    columns
        Names of columns, as `dataset.columns` has them.

    Raises
    ------
    UnknownColumnError, PersonalColumnError
        If the file has no column of that name, or it is personal data.
    InvalidSettingError
        If `columns` is one text in place of several.
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.
    """
    check_type(dataset, Dataset, "dataset")
    if isinstance(columns, str):
        message = f'columns must be names in a row, such as ("{columns[:40]}",), not one text.'
        raise InvalidSettingError(message)
    names = [column.name for column in dataset.columns]
    unknown = [name for name in columns if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    return tuple(used(spec, dataset) if spec.column in columns else unused(spec) for spec in suggest_features(dataset))


def used(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    """Return the feature as one that forms segments.

    Raises
    ------
    PersonalColumnError
        If the column is personal data.
    """
    column = dataset.column(spec.column)
    if not can_segment(column):
        raise PersonalColumnError(column.name, column.reason)
    use = DateUse.AGE if column.kind is ColumnKind.DATE and names_a_birth(column.header) else spec.date_use
    role = role_of(column, dataset)
    choices = missing_choices(role)
    missing = spec.missing if spec.missing in choices else choices[1]
    return replace(spec, role=role, order=known_order(column, dataset), date_use=use, missing=missing)


def unused(spec: FeatureSpec) -> FeatureSpec:
    """Return the feature as one that only describes segments."""
    return replace(spec, role=Role.DESCRIPTOR) if spec.segments else spec


def with_missing(features: tuple[FeatureSpec, ...], choice: str) -> tuple[FeatureSpec, ...]:
    """Return the features with one treatment of missing values for all; "auto" keeps the suggested ones.

    Categories have no middle: median, mean and neighbours become the most frequent value.
    """
    if choice == "auto":
        return features
    chosen = Missing(choice)
    return tuple(replace(each, missing=possible_missing(each.role, chosen)) for each in features)


@dataclass(frozen=True)
class SpecialCodes:
    """Numbers of a column that probably stand for "not known".

    Attributes
    ----------
    as_missing
        Whether they count as missing now.
    """

    column: str
    codes: tuple[float, ...]
    n_customers: int
    as_missing: bool

    @property
    def question(self) -> str:
        """What to ask the user."""
        codes = listed([f"{code:g}" for code in self.codes])
        customers = "1 customer" if self.n_customers == 1 else f"{self.n_customers:,} customers"
        mean = "Does" if len(self.codes) == 1 else "Do"
        return f"{mean} {codes} in {self.column} ({customers}) mean “not known”?"


def with_transforms(features: tuple[FeatureSpec, ...], dataset: Dataset, *, on: bool) -> tuple[FeatureSpec, ...]:
    """Return the features with the suggested logarithms and powers, or without any."""
    suggested = {spec.column: spec.transform for spec in suggest_features(dataset)}
    return tuple(
        replace(each, transform=suggested.get(each.column, Transform.NONE) if on else Transform.NONE)
        for each in features
    )


def with_special_codes(
    features: tuple[FeatureSpec, ...], dataset: Dataset, columns: Collection[str], *, on: bool
) -> tuple[FeatureSpec, ...]:
    """Return the features with the named columns' suggested special codes as missing, or as plain numbers.

    A column whose codes are plain numbers stays as it is otherwise: a code is no tail to even out.
    """
    suggested = {spec.column: spec.unknown for spec in suggest_features(dataset)}
    return tuple(
        replace(each, unknown=suggested.get(each.column, ()) if on else ()) if each.column in columns else each
        for each in features
    )


def transformed_features(features: tuple[FeatureSpec, ...]) -> tuple[str, ...]:
    """Return the columns in use that are evened out, in file order."""
    return tuple(spec.column for spec in features if spec.role is Role.NUMBER and spec.transform is not Transform.NONE)


def transforms_in_words(columns: tuple[str, ...]) -> str:
    """Return in a sentence what evening out did; nothing where it did nothing."""
    if not columns:
        return ""
    named = columns[0] if len(columns) == 1 else f"{len(columns)} columns"
    return f"A few very large values in {named} were evened out."


def special_codes(dataset: Dataset, features: tuple[FeatureSpec, ...]) -> tuple[SpecialCodes, ...]:
    """Return the special codes of the columns in use, and how many customers have one."""
    suggested = {spec.column: spec.unknown for spec in suggest_features(dataset)}
    return tuple(
        SpecialCodes(
            spec.column, codes, int(dataset.frame[spec.column].isin(codes).sum()), as_missing=bool(spec.unknown)
        )
        for spec in features
        if spec.role is Role.NUMBER and (codes := suggested.get(spec.column) or spec.unknown)
    )


def kept_features(before: tuple[FeatureSpec, ...], old: Dataset, new: Dataset) -> tuple[FeatureSpec, ...]:
    """Return the features of a table whose columns were given other kinds: the others stay as they were set."""
    kinds = {column.name: (column.kind, column.levels) for column in old.columns}
    set_before = {spec.column: spec for spec in before}
    return tuple(
        set_before[column.name]
        if kinds.get(column.name) == (column.kind, column.levels) and column.name in set_before
        else spec
        for column, spec in zip(new.columns, suggest_features(new), strict=True)
    )


def recommended_missing(column: Column, n_customers: int) -> Missing:
    """Return how to treat a column's missing values: rows out below 3 %, else a typical value."""
    if column.missing and column.missing < config.DROP_ROWS_BELOW_SHARE * n_customers:
        return Missing.DROP
    return Missing.MODE if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO) else Missing.MEDIAN


def skewed_columns(dataset: Dataset, features: tuple[FeatureSpec, ...]) -> dict[str, float]:
    """Return the skewness of the number columns in use whose distribution has a long tail."""
    found = {}
    for spec in features:
        if spec.role is Role.NUMBER and spec.transform is Transform.NONE:
            values = without_unknown(dataset.frame[spec.column].to_numpy(dtype=np.float64), spec.unknown)
            skewness = skewness_of(values[np.isfinite(values)])
            if abs(skewness) >= config.STRONG_SKEW:
                found[spec.column] = skewness
    return found


@dataclass(frozen=True)
class CorrelatedPair:
    """Two columns that carry nearly the same information; `r` is Pearson's, −1 to 1."""

    first: str
    second: str
    r: float


def correlated_pairs(dataset: Dataset, features: tuple[FeatureSpec, ...]) -> tuple[CorrelatedPair, ...]:
    """Return the pairs of number columns in use that are nearly copies of each other, strongest first."""
    names = [spec.column for spec in features if spec.role is Role.NUMBER]
    if len(names) < 2:
        return ()
    with np.errstate(invalid="ignore", divide="ignore"):
        r = dataset.frame[names].corr().to_numpy()
    pairs = [
        CorrelatedPair(names[i], names[j], float(r[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(r[i, j]) > config.REDUNDANT_CORRELATION
    ]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.r)))


def filled_values(dataset: Dataset, recipe: Recipe) -> dict[str, tuple[int, Missing]]:
    """Return how many values of each column that forms the segments are filled in, and with what; where any are."""
    keeps = complete_rows(dataset, recipe.segmenting)
    counts = {spec.column: int((absent(dataset.frame[spec.column], spec) & keeps).sum()) for spec in recipe.segmenting}
    return {spec.column: (n, spec.missing) for spec in recipe.segmenting if (n := counts[spec.column])}


@dataclass(frozen=True)
class MissingEffect:
    """What the choices for missing values come to: rows left out and values filled in."""

    rows_left_out: int
    values_filled: int


def missing_effect(dataset: Dataset, recipe: Recipe) -> MissingEffect:
    """Count what the recipe does to missing values, among the columns that form the segments."""
    keeps = complete_rows(dataset, recipe.segmenting)
    filled = sum(n for n, _ in filled_values(dataset, recipe).values())
    return MissingEffect(int((~keeps).sum()), filled)


def _suggested(column: Column, dataset: Dataset, *, widen: bool) -> FeatureSpec:
    missing = recommended_missing(column, dataset.n_customers)
    role = default_role(column, dataset, widen=widen)
    joined = tuple(sorted(dataset.joined.get(column.name, {}).items()))
    if is_box(column):
        # An empty cell is a no, wherever the model is used.
        missing = Missing.CONSTANT
    return FeatureSpec(column.name, role, missing, order=known_order(column, dataset), joined=joined)

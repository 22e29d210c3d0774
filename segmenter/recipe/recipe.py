"""Every decision of the user, and nothing computed; settings of a method: name, range and default."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from operator import index
from typing import Any, Final, Self, SupportsIndex, TypeVar

from segmenter import config
from segmenter.display import percent_text
from segmenter.errors.forming import InvalidSettingError

SettingValue = float | int | str
Settings = Mapping[str, SettingValue]
SettingPairs = tuple[tuple[str, SettingValue], ...]
"""Settings as recipes keep them, hashable: sorted (name, value); what is not named takes its default."""


_MOST_SHOWN: Final = 60


def _shown(value: SettingValue) -> str:
    """Return a value, which may come from a file that somebody sent, without anything that turns or breaks a line."""
    text = str(value)[:_MOST_SHOWN]
    return text if text.isprintable() else ascii(text)


@dataclass(frozen=True)
class Setting:
    """Something about a method that the user may change.

    Attributes
    ----------
    key
        Its name on the command line and in a recipe.
    title
        Its name on the screen.
    default
        Its type is the setting's: whole number, number or text.
    low, high
        The range of a number, both ends included.
    choices
        The values of a text.
    parse
        In place of choices: raises ValueError, with what is wrong in words, for a text that is not possible.
    example
        A text that is.
    explanation
        One plain sentence on what a change does.
    """

    key: str
    title: str
    default: SettingValue
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    explanation: str = ""
    parse: Callable[[str], object] | None = None
    example: str = ""

    def checked(self, value: SettingValue) -> SettingValue:
        """Return the value in this setting's type.

        Raises
        ------
        InvalidSettingError
            If it is not one that this setting can have.
        """
        if isinstance(self.default, str):
            return self._choice(str(value)) if self.parse is None else self._parsed(str(value).strip(), self.parse)
        try:
            number = type(self.default)(value)
        except (ValueError, OverflowError):
            number = math.nan
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if not low <= number <= high or number != float(value):
            message = f"{self.title} ({self.key}) = {_shown(value)} is not possible; {self.low:g} to {self.high:g} are."
            raise InvalidSettingError(message)
        return number

    def _parsed(self, value: str, parse: Callable[[str], object]) -> str:
        try:
            if value != self.default:
                parse(value)
        except ValueError as error:
            message = (
                f"{self.title} ({self.key}) = {_shown(value)} is not possible: {error}. Write it like {self.example}."
            )
            raise InvalidSettingError(message) from None
        return value

    def _choice(self, value: str) -> str:
        if value not in self.choices:
            message = (
                f"{self.title} ({self.key}) = {_shown(value)} is not possible; there are: {', '.join(self.choices)}."
            )
            raise InvalidSettingError(message)
        return value


def complete(known: Sequence[Setting], given: Settings) -> dict[str, SettingValue]:
    """Return every setting's value: the given one or the default.

    Raises
    ------
    InvalidSettingError
        If a given one is not known or not possible.
    """
    by_key = {setting.key: setting for setting in known}
    unknown = [key for key in given if key not in by_key]
    if unknown:
        there = f"There are: {', '.join(by_key)}." if by_key else "It has none."
        message = f"This method has no setting {unknown[0]!r}. {there}"
        raise InvalidSettingError(message)
    return {key: setting.checked(given.get(key, setting.default)) for key, setting in by_key.items()}


def pairs_of(settings: Settings) -> SettingPairs:
    """Return settings in the form that recipes keep them in."""
    return tuple(sorted(settings.items()))


class EditKind(StrEnum):
    """What is changed about segments."""

    MERGE = "merge"
    SPLIT = "split"
    MINIMUM = "minimum"
    TOGETHER = "together"
    WITHOUT = "without"


@dataclass(frozen=True)
class Edit:
    """One change by hand.

    Attributes
    ----------
    segments
        The numbers, from 1, of the segments that are merged or split, as they stand after the changes before.
    size
        Customers that every segment must have at least.
    column
        Whose equal values must stay together, or that is left out.
    """

    kind: EditKind
    segments: tuple[int, ...] = ()
    size: int = 0
    column: str = ""

    def words(self, names: Sequence[str] = ()) -> str:
        """Return what is changed, in words.

        Parameters
        ----------
        names
            What the segments are called before the change; their numbers are said where it is empty.
        """
        called = [names[number - 1] if 0 < number <= len(names) else f"segment {number}" for number in self.segments]
        match self.kind:
            case EditKind.MERGE:
                return f"Merge {' and '.join(called)}"
            case EditKind.SPLIT:
                return f"Split {', '.join(called)} in two"
            case EditKind.MINIMUM:
                return f"At least {self.size:,} customers in every segment"
            case EditKind.TOGETHER:
                return f"Customers with the same {self.column} stay together"
            case EditKind.WITHOUT:
                return f"Leave {self.column} out"


# So many letters are a list of segments; longer ones are something else.
_LONGEST: Final = 400
FORMS: Final = "merge 2,3 · split 1 · minimum 50 · together COLUMN · without COLUMN"


def read_edit(text: str) -> Edit:
    """Return a change as it is written on the command line, such as `merge 2,3`.

    Parameters
    ----------
    text
        What to do, then the segments' numbers, a size, or a column.

    Raises
    ------
    InvalidSettingError
        If it is none.
    """
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    only_numbers = len(rest) <= _LONGEST and not re.search(r"[^0-9,;\s]", rest)
    numbers = tuple(map(int, re.findall(r"[0-9]+", rest))) if only_numbers else ()
    match word.casefold():
        case "merge" if len(numbers) >= 2:
            return Edit(EditKind.MERGE, numbers)
        case "split" if len(numbers) == 1:
            return Edit(EditKind.SPLIT, numbers)
        case "minimum" if len(numbers) == 1:
            return Edit(EditKind.MINIMUM, size=numbers[0])
        case "together" if rest:
            return Edit(EditKind.TOGETHER, column=rest)
        case "without" if rest:
            return Edit(EditKind.WITHOUT, column=rest)
    message = f"{text!r} is no change of segments. Write one of: {FORMS}."
    raise InvalidSettingError(message)


Made = TypeVar("Made")


class Role(StrEnum):
    """What a column is used as."""

    NUMBER = "number"
    CATEGORY = "category"
    ORDINAL = "ordinal"
    DATE = "date"
    DESCRIPTOR = "descriptor"
    ID = "id"
    IGNORED = "ignored"


SEGMENTING_ROLES = frozenset({Role.NUMBER, Role.CATEGORY, Role.ORDINAL, Role.DATE})


class Missing(StrEnum):
    """What happens to a customer whose value is missing."""

    DROP = "drop"
    MEDIAN = "median"
    MEAN = "mean"
    MODE = "mode"
    KNN = "knn"
    CONSTANT = "constant"
    CATEGORY = "category"


class Transform(StrEnum):
    """What a number goes through before it is scaled."""

    NONE = "none"
    LOG = "log"
    YEO_JOHNSON = "yeo-johnson"


class DateUse(StrEnum):
    """What a date becomes: a number, or a place on the circle of the year or the week."""

    DAYS = "days since"
    AGE = "age"
    MONTH = "month"
    WEEK = "week"
    WEEKDAY = "weekday"


CYCLES = frozenset({DateUse.MONTH, DateUse.WEEK, DateUse.WEEKDAY})


class Scaling(StrEnum):
    """How columns of different size are made comparable."""

    STANDARD = "standard"
    MINMAX = "minmax"
    ROBUST = "robust"
    NONE = "none"


class Reduction(StrEnum):
    """What the prepared columns are put into before segments are formed; scores stay those of the columns."""

    NONE = "none"
    PCA = "pca"
    FAMD = "famd"


@dataclass(frozen=True)
class FeatureSpec:
    """How one column is used.

    Attributes
    ----------
    weight
        Multiplies the scaled column; 2 makes a difference in it count as twice the difference.
    order
        The values of an ordinal column, lowest first.
    constant
        What `Missing.CONSTANT` fills in: a number in the column's own units, or a category's or step's name.
    indicator
        Whether having no value is a column of its own, beside whatever is filled in.
    cap
        Percentiles (0-100) that smaller and larger numbers are brought to; None leaves them.
    rare
        Categories that fewer customers have than this share, 0-1, are gathered under "other".
    date_use
        What a date becomes.
    reference
        The day (ISO) that days and years are counted back from; the latest date seen where it is empty,
        or a Monday or first of the month soon after it where only a few customers have that.
    scaling
        How this column is scaled, where it is not like the others.
    unknown
        Numbers, in the column's own units, that mean "not known" and count as missing.
    joined
        (spelling, what it is meant for): words that count as another one.
    """

    column: str
    role: Role = Role.NUMBER
    missing: Missing = Missing.MEDIAN
    transform: Transform = Transform.NONE
    weight: float = 1.0
    order: tuple[str, ...] = ()
    constant: float | str = 0.0
    indicator: bool = False
    cap: tuple[float, float] | None = None
    rare: float = config.RARE_SHARE
    date_use: DateUse = DateUse.DAYS
    reference: str = ""
    scaling: Scaling | None = None
    unknown: tuple[float, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        low, high = self.cap or (0.0, 100.0)
        if not 0 <= low < high <= 100:
            raise self._invalid(f"caps go from a lower to a higher percentile, 0 to 100, not {low:g} to {high:g}")
        if not 0 < self.weight <= config.LARGEST_WEIGHT:
            raise self._invalid(f"weights are above 0 and at most {config.LARGEST_WEIGHT:g}, not {self.weight:g}")
        if not 0 <= self.rare <= config.LARGEST_RARE_SHARE:
            raise self._invalid(
                f"rare categories have at most {percent_text(config.LARGEST_RARE_SHARE)}, not {percent_text(self.rare)}"
            )
        if isinstance(self.constant, float) and not abs(self.constant) <= config.LARGEST_NUMBER:
            raise self._invalid("the number to fill in is no number that can be used")
        if self.reference and not _is_day(self.reference):
            raise self._invalid(f"{self.reference!r} is no day such as 2024-12-31")

    def _invalid(self, what: str) -> InvalidSettingError:
        return InvalidSettingError(f"{self.column}: {what}.")

    @property
    def segments(self) -> bool:
        """Whether the column helps to form the segments."""
        return self.role in SEGMENTING_ROLES


@dataclass(frozen=True)
class Recipe:
    """How segments are to be formed: cache key, model card and command-line argument in one.

    Attributes
    ----------
    features
        One per column of interest; those that do not segment are carried along as descriptors.
    settings
        The algorithm's own settings as sorted (name, value) pairs; missing ones take their default.
    edits
        Changes of the segments by hand, in the order in which they are made.
    weight_column
        The column that says how many people of the market a customer stands for, as in a survey; empty where all count
        the same. It never forms segments.
    formulas
        (name, formula) of columns that are worked out from others, such as ("basket", "spend / orders").
    reduction
        What the prepared columns are put into before segments are formed.
    n_components
        So many components, 0 for as many as hold four fifths of the variance.
    """

    features: tuple[FeatureSpec, ...]
    n_segments: int = 4
    scaling: Scaling = Scaling.STANDARD
    algorithm: str = "k-means"
    settings: SettingPairs = ()
    seed: int = config.DEFAULT_SEED
    edits: tuple[Edit, ...] = ()
    weight_column: str = ""
    formulas: tuple[tuple[str, str], ...] = ()
    reduction: Reduction = Reduction.NONE
    n_components: int = 0

    def __post_init__(self) -> None:
        features = checked_features(self.features)
        if self.weight_column:
            features = tuple(
                replace(each, role=Role.IGNORED) if each.column == self.weight_column and each.segments else each
                for each in features
            )
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "formulas", tuple((str(name), str(text)) for name, text in self.formulas))
        object.__setattr__(self, "reduction", Reduction(self.reduction))
        object.__setattr__(self, "n_components", whole_number(self.n_components, "n_components", "0"))
        object.__setattr__(self, "n_segments", whole_number(self.n_segments, "n_segments", "4"))
        object.__setattr__(self, "seed", whole_number(self.seed, "seed", "0"))

    @property
    def segmenting(self) -> tuple[FeatureSpec, ...]:
        """The features that form the segments, in an order that the file's column order does not change."""
        return tuple(sorted((f for f in self.features if f.segments), key=lambda f: f.column))

    def to_json(self) -> str:
        """Return the recipe as JSON text."""
        plain = asdict(self)
        for name in ("edits", "weight_column", "formulas", "reduction", "n_components"):
            if not plain[name] or plain[name] is Reduction.NONE:
                # As it was written before there were any, so that earlier versions read it.
                del plain[name]
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the recipe that `to_json` wrote.

        Raises
        ------
        InvalidSettingError
            If the text is not a recipe.
        """
        return read_plain(
            text,
            "recipe",
            lambda plain: cls(
                features=tuple(feature_of(each) for each in plain["features"]),
                n_segments=int(plain["n_segments"]),
                scaling=Scaling(plain["scaling"]),
                algorithm=str(plain["algorithm"]),
                settings=tuple((str(name), value) for name, value in plain["settings"]),
                seed=int(plain["seed"]),
                edits=tuple(_edit_of(each) for each in plain.get("edits", ())),
                weight_column=str(plain.get("weight_column", "")),
                formulas=tuple((str(name), str(text)) for name, text in plain.get("formulas", ())),
                reduction=Reduction(plain.get("reduction", Reduction.NONE)),
                n_components=int(plain.get("n_components", 0)),
            ),
        )


def read_plain(text: str, what: str, make: Callable[[Any], Made]) -> Made:
    """Return what is made of the plain values in a JSON text.

    Raises
    ------
    InvalidSettingError
        If the text is no JSON, or its values are not what is needed.
    """
    try:
        return make(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"This is not a {what} ({error})."
        raise InvalidSettingError(message) from error


def checked_features(features: object) -> tuple[FeatureSpec, ...]:
    """Return features as a tuple.

    Raises
    ------
    InvalidSettingError
        If they are something else, such as names of columns.
    """
    if isinstance(features, Iterable) and not isinstance(features, str | Mapping):
        each = tuple(features)
        if all(isinstance(one, FeatureSpec) for one in each):
            return each
    message = (
        "features must be FeatureSpecs, one a column: suggest_features(dataset) makes them all, "
        'choose_features(dataset, ("income", "spend")) those of some columns, FeatureSpec("income") one.'
    )
    raise InvalidSettingError(message)


def whole_number(value: object, name: str, such_as: str) -> int:
    """Return a setting that counts something as a plain int.

    Raises
    ------
    InvalidSettingError
        If it is text, a fraction or a yes/no.
    """
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        return index(value)
    message = f"{name} must be a whole number such as {such_as}, not {value!r:.40}."
    raise InvalidSettingError(message)


def _edit_of(plain: Mapping[str, object]) -> Edit:
    """Return what a recipe's JSON says of one change by hand.

    Raises
    ------
    ValueError, TypeError, KeyError
        If it says something that no change can have.
    """
    if set(plain) - {field.name for field in fields(Edit)}:
        message = f"unknown change {sorted(plain)}"
        raise ValueError(message)
    segments = plain.get("segments", ())
    return Edit(
        EditKind(str(plain["kind"])),
        tuple(int(each) for each in segments),  # type: ignore[attr-defined]
        int(plain.get("size", 0)),  # type: ignore[call-overload]
        str(plain.get("column", "")),
    )


def _is_day(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


_PLAIN: dict[str, Callable[..., object]] = {
    "column": str, "role": Role, "missing": Missing, "transform": Transform, "weight": float, "indicator": bool,
    "rare": float, "date_use": DateUse, "reference": str,
}  # fmt: skip


def feature_of(plain: Mapping[str, object]) -> FeatureSpec:
    """Return what a recipe's JSON says of one column.

    Raises
    ------
    ValueError, TypeError
        If it says something that no column can have.
    """
    known = {field.name for field in fields(FeatureSpec)}
    if set(plain) - known:
        message = f"unknown feature setting {sorted(set(plain) - known)}"
        raise ValueError(message)
    made = {name: make(plain[name]) for name, make in _PLAIN.items() if name in plain}
    constant, cap = plain.get("constant", 0.0), plain.get("cap")
    low_high = cap if isinstance(cap, list | tuple) else ()
    order = plain.get("order", ())
    return FeatureSpec(
        **made,  # type: ignore[arg-type]
        order=tuple(str(each) for each in order),  # type: ignore[attr-defined]
        constant=constant if isinstance(constant, str) else float(constant),  # type: ignore[arg-type]
        cap=(float(low_high[0]), float(low_high[1])) if len(low_high) == 2 else None,
        scaling=Scaling(scaling) if isinstance(scaling := plain.get("scaling"), str) else None,
        unknown=tuple(float(each) for each in plain.get("unknown", ())),  # type: ignore[attr-defined]
        joined=tuple((str(one), str(other)) for one, other in plain.get("joined", ())),  # type: ignore[attr-defined]
    )

"""What did the user decide? Every decision and nothing computed."""

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Self

from segmenter import config
from segmenter.errors import InvalidSettingError


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


class Transform(StrEnum):
    """What a number goes through before it is scaled."""

    NONE = "none"
    LOG = "log"


class Scaling(StrEnum):
    """How columns of different size are made comparable."""

    STANDARD = "standard"
    MINMAX = "minmax"
    ROBUST = "robust"
    NONE = "none"


@dataclass(frozen=True)
class FeatureSpec:
    """How one column is used.

    Attributes
    ----------
    weight
        Multiplies the scaled column; 2 makes a difference in it count as twice the difference.
    order
        The values of an ordinal column, lowest first.
    """

    column: str
    role: Role = Role.NUMBER
    missing: Missing = Missing.MEDIAN
    transform: Transform = Transform.NONE
    weight: float = 1.0
    order: tuple[str, ...] = ()

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
    """

    features: tuple[FeatureSpec, ...]
    n_segments: int = 4
    scaling: Scaling = Scaling.STANDARD
    algorithm: str = "k-means"
    settings: tuple[tuple[str, float | int | str], ...] = ()
    seed: int = config.DEFAULT_SEED

    @property
    def segmenting(self) -> tuple[FeatureSpec, ...]:
        """The features that form the segments, in an order that the file's column order does not change."""
        return tuple(sorted((f for f in self.features if f.segments), key=lambda f: f.column))

    def to_json(self) -> str:
        """Return the recipe as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the recipe that `to_json` wrote.

        Raises
        ------
        InvalidSettingError
            If the text is not a recipe.
        """
        try:
            plain = json.loads(text)
            return cls(
                features=tuple(_feature(each) for each in plain["features"]),
                n_segments=int(plain["n_segments"]),
                scaling=Scaling(plain["scaling"]),
                algorithm=str(plain["algorithm"]),
                settings=tuple((str(name), value) for name, value in plain["settings"]),
                seed=int(plain["seed"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            message = f"This is not a recipe ({error})."
            raise InvalidSettingError(message) from error


def _feature(plain: dict[str, object]) -> FeatureSpec:
    known = {field.name for field in fields(FeatureSpec)}
    if set(plain) - known:
        message = f"unknown feature setting {sorted(set(plain) - known)}"
        raise ValueError(message)
    values = {"role": Role, "missing": Missing, "transform": Transform, "weight": float, "column": str}
    made = {name: values[name](plain[name]) for name in values if name in plain}
    order = plain.get("order", ())
    return FeatureSpec(**made, order=tuple(str(each) for each in order))  # type: ignore[attr-defined]

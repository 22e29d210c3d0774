"""How is a segmentation written as plain data, and read back bit for bit?"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from segmenter import config
from segmenter.algorithms import ALGORITHMS
from segmenter.algorithms.clusterer import SegmentClusterer
from segmenter.algorithms.placement import NearestCentre
from segmenter.core.encoding import CategoryColumn, FittedColumn, Floats, NumberColumn
from segmenter.core.neighbours import MOST_GROUPS, Neighbours
from segmenter.core.preparation import Preparation
from segmenter.core.quality import Quality
from segmenter.core.recipe import Missing, Recipe, Role, Transform
from segmenter.core.segmentation import Segmentation
from segmenter.core.stability import Light, SegmentStability
from segmenter.errors import (
    ChangedModelError,
    InvalidModelError,
    InvalidSettingError,
    NewerModelError,
    NotAModelError,
    UnwritableModelError,
)
from segmenter.store import checking
from segmenter.store.foreign import refuse_foreign

FORMAT: Final = "segmodel"
FORMAT_VERSION: Final = 1
APP_VERSION: Final = "0.1.0"
MAX_BYTES: Final = 5_000_000
UNSIGNED: Final = "0" * 64
# Only finished segmentations have more than 50; the screen stops at config.MAX_SEGMENTS.
MOST_SEGMENTS: Final = 50
MOST_CUSTOMERS: Final = 10**12

_KEYS = (
    "format", "version", "app_version", "created", "algorithm", "seed", "k", "recipe", "features", "neighbours",
    "centres", "segment_names", "row_count", "trained_on", "quality", "stability", "sha256_of_rest",
)  # fmt: skip
Choice = TypeVar("Choice", bound=StrEnum)
_QUALITY = tuple(field.name for field in fields(Quality))


def to_bytes(segmentation: Segmentation) -> bytes:
    """Write a segmentation: fill values, scales, centres and names; no row and no identifier.

    Raises
    ------
    UnwritableModelError
        If its segments are not given by centres.
    """
    placement = segmentation.clusterer.placement_
    if not isinstance(placement, NearestCentre):
        raise UnwritableModelError(segmentation.recipe.algorithm)
    preparation = segmentation.preparation
    neighbours = preparation.neighbours_
    plain: dict[str, object] = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "app_version": APP_VERSION,
        "created": datetime.now(UTC).date().isoformat(),
        "algorithm": segmentation.recipe.algorithm,
        "seed": segmentation.recipe.seed,
        "k": segmentation.n_segments,
        "recipe": json.loads(segmentation.recipe.to_json()),
        "features": [_written(column) for column in preparation.columns_],
        "neighbours": None if neighbours is None else neighbours.groups.tolist(),
        "centres": placement.centres.tolist(),
        "segment_names": list(segmentation.names),
        "row_count": segmentation.n_trained,
        "trained_on": segmentation.trained_on,
        "quality": _written_quality(segmentation.quality),
    }
    plain["stability"] = [asdict(each) for each in segmentation.stability]
    plain["sha256_of_rest"] = UNSIGNED
    content = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return content.replace(UNSIGNED, checksum(content.encode())).encode()


def from_bytes(content: bytes) -> Segmentation:
    """Read a model file; nothing in it is trusted before it was checked.

    Raises
    ------
    NotAModelError, ChangedModelError, NewerModelError, InvalidModelError, PickleRefusedError
        If it is not a model that this version wrote, unchanged.
    """
    refuse_foreign(content, "")
    if len(content) > MAX_BYTES:
        raise InvalidModelError("the file", f"is larger than {MAX_BYTES // 10**6} MB")
    plain = _parsed(content)
    if plain.get("format") != FORMAT:
        raise NotAModelError("format" if "format" not in plain else "centres")
    version = checking.whole(plain.get("version"), "version", least=1, most=10**6)
    if version > FORMAT_VERSION:
        raise NewerModelError(version, FORMAT_VERSION)
    found = checking.mapping(plain, "", _KEYS)
    if found["sha256_of_rest"] != checksum(content):
        raise ChangedModelError
    return _segmentation(found)


def _segmentation(plain: Mapping[str, object]) -> Segmentation:
    recipe = _recipe(plain)
    listed = checking.array(plain["features"], "features", most=config.MAX_COLUMNS, least=1)
    columns = tuple(_column(each, f"features[{n}]") for n, each in enumerate(listed))
    preparation = _preparation(recipe, columns, plain["neighbours"])
    width = len(preparation.names_)
    centres = checking.matrix(plain["centres"], "centres", most_rows=MOST_SEGMENTS, width=width)
    names = checking.texts(plain["segment_names"], "segment_names", most=MOST_SEGMENTS)
    k = checking.whole(plain["k"], "k", least=1, most=MOST_SEGMENTS)
    if not len(names) == len(centres) == k:
        raise InvalidModelError("k", "does not agree with the number of centres and names")
    return Segmentation(
        recipe=recipe,
        pipeline=Pipeline([("prepare", preparation), ("segment", fitted_clusterer(recipe, centres))]),
        labels=pd.Series([], dtype=np.int64, name="segment"),
        names=names,
        trained_on=checking.text(plain["trained_on"], "trained_on"),
        n_trained=checking.whole(plain["row_count"], "row_count", least=0, most=MOST_CUSTOMERS),
        quality=_quality(plain["quality"], k),
        stability=_stability(plain["stability"], k),
    )


def fitted_clusterer(recipe: Recipe, centres: Floats) -> SegmentClusterer:
    """Return a clusterer that places customers at these centres."""
    clusterer = SegmentClusterer(recipe.algorithm, len(centres), recipe.seed, dict(recipe.settings))
    clusterer.labels_ = np.empty(0, dtype=np.intp)
    clusterer.placement_ = NearestCentre(centres)
    clusterer.n_features_in_ = centres.shape[1]
    return clusterer


def _parsed(content: bytes) -> dict[str, object]:
    def refuse(constant: str) -> NoReturn:
        raise InvalidModelError("the file", f"holds {constant}, which is no number")

    try:
        plain = json.loads(content.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise NotAModelError("format") from error
    if not isinstance(plain, dict):
        raise NotAModelError("format")
    return plain


def checksum(content: bytes) -> str:
    """Return the SHA-256 of a model file in which its own checksum is replaced by zeros."""
    unsigned = re.sub(rb'("sha256_of_rest": ")[0-9a-f]{64}(?=")', rb"\g<1>" + UNSIGNED.encode(), content)
    return hashlib.sha256(unsigned).hexdigest()


def _written(column: FittedColumn) -> dict[str, object]:
    kind = "category" if isinstance(column, CategoryColumn) else "number"
    return {"type": kind, **asdict(column)}


def _written_quality(quality: Quality | None) -> dict[str, object] | None:
    if quality is None:
        return None
    return {**asdict(quality), "per_segment": [list(pair) for pair in sorted(quality.per_segment.items())]}


def _recipe(plain: Mapping[str, object]) -> Recipe:
    try:
        recipe = Recipe.from_json(json.dumps(plain["recipe"]))
    except InvalidSettingError as error:
        raise InvalidModelError("recipe", "is not a recipe") from error
    if recipe.algorithm not in ALGORITHMS or plain["algorithm"] != recipe.algorithm:
        raise InvalidModelError("algorithm", "is not one that this version knows")
    checking.whole(plain["seed"], "seed", least=0, most=2**32 - 1)
    return recipe


def _column(value: object, place: str) -> FittedColumn:
    kind = value.get("type") if isinstance(value, dict) else None
    made = CategoryColumn if kind == "category" else NumberColumn
    plain = checking.mapping(value, place, ("type", *(field.name for field in fields(made))))
    return _category(plain, place) if kind == "category" else _number(plain, place)


def _number(plain: Mapping[str, object], place: str) -> NumberColumn:
    if plain["type"] != "number":
        raise InvalidModelError(f"{place}.type", "is neither number nor category")
    exact = {name: checking.number(plain[name], f"{place}.{name}") for name in ("fill", "centre")}
    above = {name: checking.positive(plain[name], f"{place}.{name}") for name in ("scale", "weight")}
    ranges = {
        name: checking.optional_number(plain[name], f"{place}.{name}")
        for name in ("low", "p01", "p99", "high", "typical")
    }
    latest = checking.text(plain["latest"], f"{place}.latest")
    role = _choice(Role, plain["role"], f"{place}.role")
    if role not in (Role.NUMBER, Role.ORDINAL, Role.DATE):
        raise InvalidModelError(f"{place}.role", "is no role of a number")
    if role is Role.DATE and pd.isna(pd.to_datetime(latest, errors="coerce")):
        raise InvalidModelError(f"{place}.latest", "is not a date")
    return NumberColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        role=role,
        missing=_choice(Missing, plain["missing"], f"{place}.missing"),
        transform=_choice(Transform, plain["transform"], f"{place}.transform"),
        levels=checking.texts(plain["levels"], f"{place}.levels", most=config.MAX_CATEGORIES),
        latest=latest,
        fill=exact["fill"],
        centre=exact["centre"],
        scale=above["scale"],
        weight=above["weight"],
        low=ranges["low"],
        p01=ranges["p01"],
        p99=ranges["p99"],
        high=ranges["high"],
        typical=ranges["typical"],
    )


def _category(plain: Mapping[str, object], place: str) -> CategoryColumn:
    return CategoryColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        missing=_choice(Missing, plain["missing"], f"{place}.missing"),
        weight=checking.positive(plain["weight"], f"{place}.weight"),
        fill=checking.text(plain["fill"], f"{place}.fill", longest=10_000),
        categories=checking.texts(plain["categories"], f"{place}.categories", most=config.MAX_CATEGORIES),
        factor=checking.positive(plain["factor"], f"{place}.factor"),
    )


def _preparation(recipe: Recipe, columns: tuple[FittedColumn, ...], groups: object) -> Preparation:
    names = [column.column for column in columns]
    if len(set(names)) < len(names):
        raise InvalidModelError("features", "names the same column twice")
    if sorted(columns, key=lambda each: isinstance(each, CategoryColumn)) != list(columns):
        raise InvalidModelError("features", "lists a category before a number")
    if {spec.column for spec in recipe.segmenting} != set(names):
        raise InvalidModelError("features", "does not agree with the recipe")
    preparation = Preparation(recipe.segmenting, recipe.scaling)
    preparation.columns_ = columns
    width = len(preparation.numbers_)
    preparation.neighbours_ = (
        None
        if groups is None
        else Neighbours(checking.matrix(groups, "neighbours", most_rows=MOST_GROUPS, width=width))
    )
    return preparation


def _quality(value: object, k: int) -> Quality | None:
    if value is None:
        return None
    plain = checking.mapping(value, "quality", _QUALITY)
    pairs = [
        checking.array(pair, f"quality.per_segment[{n}]", most=2, least=2)
        for n, pair in enumerate(checking.array(plain["per_segment"], "quality.per_segment", most=MOST_SEGMENTS))
    ]
    scores = ("wcss", "silhouette", "silhouette_se", "calinski_harabasz", "davies_bouldin")
    return Quality(
        silhouette_rows=checking.whole(
            plain["silhouette_rows"], "quality.silhouette_rows", least=0, most=MOST_CUSTOMERS
        ),
        per_segment={
            checking.whole(label, "quality.per_segment", least=0, most=k - 1): checking.number(
                width, "quality.per_segment"
            )
            for label, width in pairs
        },
        **{name: checking.number(plain[name], f"quality.{name}") for name in scores},
    )


def _stability(value: object, k: int) -> tuple[SegmentStability, ...]:
    names = tuple(field.name for field in fields(SegmentStability))
    found = []
    for n, each in enumerate(checking.array(value, "stability", most=k)):
        place = f"stability[{n}]"
        plain = checking.mapping(each, place, names)
        low, high = checking.array(plain["slsw_quartiles"], f"{place}.slsw_quartiles", most=2, least=2)
        found.append(
            SegmentStability(
                segment=checking.whole(plain["segment"], f"{place}.segment", least=0, most=k - 1),
                slsw=checking.number(plain["slsw"], f"{place}.slsw"),
                slsw_quartiles=(checking.number(low, place), checking.number(high, place)),
                jaccard=checking.number(plain["jaccard"], f"{place}.jaccard"),
                light=_choice(Light, plain["light"], f"{place}.light"),
            )
        )
    return tuple(found)


def _choice(kind: type[Choice], value: object, place: str) -> Choice:
    try:
        return kind(checking.text(value, place))
    except ValueError as error:
        raise InvalidModelError(place, "is not one of the possible choices") from error

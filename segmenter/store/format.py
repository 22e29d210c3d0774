"""How is a segmentation written as plain data, and read back bit for bit?"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from segmenter import config
from segmenter.algorithms import ALGORITHMS
from segmenter.algorithms.clusterer import SegmentClusterer
from segmenter.algorithms.placement import NearestCentre, Placement
from segmenter.core.encoding import KINDS_IN_ORDER, FittedColumn, Floats
from segmenter.core.neighbours import MOST_GROUPS, Neighbours
from segmenter.core.preparation import Preparation
from segmenter.core.recipe import Recipe
from segmenter.core.segmentation import Segmentation
from segmenter.errors import (
    ChangedModelError,
    InvalidModelError,
    InvalidSettingError,
    NewerModelError,
    NotAModelError,
)
from segmenter.store import checking
from segmenter.store.columns import read_column, written_column
from segmenter.store.foreign import refuse_foreign
from segmenter.store.known import read_known
from segmenter.store.placements import read_placement, written_placement
from segmenter.store.scores import MOST_CUSTOMERS, MOST_SEGMENTS, read_quality, read_stability, written_quality

FORMAT: Final = "segmodel"
# Version 2 added the rule that places customers where the centres do not say all.
# Version 3 added which known label each segment stands for.
FORMAT_VERSION: Final = 3
APP_VERSION: Final = config.VERSION
MAX_BYTES: Final = 5_000_000
UNSIGNED: Final = "0" * 64

_KEYS = (
    "format", "version", "app_version", "created", "algorithm", "seed", "k", "recipe", "features", "neighbours",
    "centres", "placement", "segment_names", "row_count", "trained_on", "quality", "stability", "known",
    "sha256_of_rest",
)  # fmt: skip


def to_bytes(segmentation: Segmentation) -> bytes:
    """Write a segmentation: fill values, scales, centres and names; no row and no identifier.

    Raises
    ------
    UnwritableModelError
        If the rule that places customers cannot be written.
    """
    clusterer = segmentation.clusterer
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
        "features": [written_column(column) for column in preparation.columns_],
        "neighbours": None if neighbours is None else neighbours.groups.tolist(),
        "centres": clusterer.centres_.tolist(),
        "placement": written_placement(clusterer.placement_, segmentation.recipe.algorithm),
        "segment_names": list(segmentation.names),
        "row_count": segmentation.n_trained,
        "trained_on": segmentation.trained_on,
        "quality": written_quality(segmentation.quality),
    }
    plain["stability"] = [asdict(each) for each in segmentation.stability]
    plain["known"] = asdict(segmentation.known) if segmentation.known else None
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
    plain = checking.parsed(content, "the file")
    if plain.get("format") != FORMAT:
        raise NotAModelError("format" if "format" not in plain else "centres")
    version = checking.whole(plain.get("version"), "version", least=1, most=10**6)
    if version > FORMAT_VERSION:
        raise NewerModelError(version, FORMAT_VERSION)
    if version == 1:
        plain["placement"] = None
    if version < 3:
        plain["known"] = None
    found = checking.mapping(plain, "", _KEYS)
    if found["sha256_of_rest"] != checksum(content):
        raise ChangedModelError
    return _segmentation(found)


def _segmentation(plain: Mapping[str, object]) -> Segmentation:
    recipe = _recipe(plain)
    listed = checking.array(plain["features"], "features", most=config.MAX_COLUMNS, least=1)
    columns = tuple(read_column(each, f"features[{n}]") for n, each in enumerate(listed))
    preparation = read_preparation(recipe, columns, plain["neighbours"])
    width = len(preparation.names_)
    centres = checking.matrix(plain["centres"], "centres", most_rows=MOST_SEGMENTS, width=width)
    names = checking.texts(plain["segment_names"], "segment_names", most=MOST_SEGMENTS)
    k = checking.whole(plain["k"], "k", least=1, most=MOST_SEGMENTS)
    if not len(names) == len(centres) == k:
        raise InvalidModelError("k", "does not agree with the number of centres and names")
    clusterer = fitted_clusterer(recipe, centres, read_placement(plain["placement"], centres))
    return Segmentation(
        recipe=recipe,
        pipeline=Pipeline([("prepare", preparation), ("segment", clusterer)]),
        labels=pd.Series([], dtype=np.int64, name="segment"),
        names=names,
        trained_on=checking.text(plain["trained_on"], "trained_on"),
        n_trained=checking.whole(plain["row_count"], "row_count", least=0, most=MOST_CUSTOMERS),
        quality=read_quality(plain["quality"], k),
        stability=read_stability(plain["stability"], k),
        known=read_known(plain["known"], k),
    )


def fitted_clusterer(recipe: Recipe, centres: Floats, placement: Placement | None = None) -> SegmentClusterer:
    """Return a clusterer that places customers by this rule, by default at the nearest of these centres."""
    clusterer = SegmentClusterer(recipe.algorithm, len(centres), recipe.seed, dict(recipe.settings))
    clusterer.labels_ = np.empty(0, dtype=np.intp)
    clusterer.placement_ = placement or NearestCentre(centres)
    clusterer.centres_, clusterer.details_, clusterer.notes_ = centres, None, ()
    clusterer.n_features_in_ = centres.shape[1]
    return clusterer


def checksum(content: bytes) -> str:
    """Return the SHA-256 of a model file in which its own checksum is replaced by zeros."""
    unsigned = re.sub(rb'("sha256_of_rest": ")[0-9a-f]{64}(?=")', rb"\g<1>" + UNSIGNED.encode(), content)
    return hashlib.sha256(unsigned).hexdigest()


def _recipe(plain: Mapping[str, object]) -> Recipe:
    try:
        recipe = Recipe.from_json(json.dumps(plain["recipe"]))
    except InvalidSettingError as error:
        raise InvalidModelError("recipe", "is not a recipe") from error
    if recipe.algorithm not in ALGORITHMS or plain["algorithm"] != recipe.algorithm:
        raise InvalidModelError("algorithm", "is not one that this version knows")
    checking.whole(plain["seed"], "seed", least=0, most=2**32 - 1)
    return recipe


def read_preparation(recipe: Recipe, columns: tuple[FittedColumn, ...], groups: object) -> Preparation:
    """Return the preparation whose fitted columns and groups of similar customers a file holds.

    Raises
    ------
    InvalidModelError
        If they do not fit together, or not with the recipe.
    """
    names = [column.column for column in columns]
    if len(set(names)) < len(names):
        raise InvalidModelError("features", "names the same column twice")
    if sorted(columns, key=lambda each: KINDS_IN_ORDER.index(type(each))) != list(columns):
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

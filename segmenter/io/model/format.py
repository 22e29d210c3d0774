"""A segmentation as plain data: written, read back bit for bit, and converted from an old pickled K-Means."""

import hashlib
import json
import re
from dataclasses import asdict, replace
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import Assigner, NearestCentre
from segmenter.cluster.estimator import SegmentClusterer, by_size
from segmenter.errors.base import ArgumentTypeError, check_type
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.errors.models import (
    ChangedModelError,
    ColumnCountError,
    InvalidModelError,
    ScalingUnknownError,
    UnwritableFolderError,
    UnwritableModelError,
)
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.model import codec, schema
from segmenter.io.model.pickled import PickledKMeans, refuse_foreign
from segmenter.io.writing import write_atomically
from segmenter.prepare.encoders import NumberColumn
from segmenter.prepare.preparation import Preparation, clusterer_for, feature_groups
from segmenter.progress import silent
from segmenter.recipe.recipe import Edit, FeatureSpec, Missing, Recipe, Role, Scaling, Transform, complete
from segmenter.segment.assign import assign_segments
from segmenter.segment.segmentation import Lineage, Segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import FloatArray

FORMAT: Final = "segmodel"
# Version 2 added the rule that places customers where the centres do not say all.
# Version 3 added which known label each segment stands for.
# Version 4 added how the customers of the fit were spread.
FORMAT_VERSION: Final = max(schema.MODELS)
APP_VERSION: Final = config.VERSION
SUFFIX: Final = ".segmodel.json"
MAX_BYTES: Final = 5_000_000
UNSIGNED: Final = "0" * 64
_SIGNED: Final = re.compile(rb'("sha256_of_rest": ")([0-9a-f]{64})(?=")')


def to_bytes(segmentation: Segmentation) -> bytes:
    """Write a segmentation: fill values, scales, centres and names; no row and no identifier.

    Raises
    ------
    UnwritableModelError
        If the rule that places customers cannot be written, or a value that no model file may hold is in it.
    """
    clusterer = segmentation.clusterer
    preparation = segmentation.preparation
    neighbours = preparation.neighbours_
    algorithm = segmentation.recipe.algorithm
    plain: dict[str, object] = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "app_version": APP_VERSION,
        "created": datetime.now(UTC).date().isoformat(),
        "algorithm": algorithm,
        "seed": segmentation.recipe.seed,
        "k": segmentation.n_segments,
        "recipe": json.loads(segmentation.recipe.to_json()),
        "features": [codec.written_column(column) for column in preparation.columns_],
        "neighbours": None if neighbours is None else neighbours.groups.tolist(),
        "centres": clusterer.centres_.tolist(),
        "placement": codec.written_rule(clusterer.placement_, algorithm),
        "segment_names": list(segmentation.names),
        "row_count": segmentation.n_trained,
        "trained_on": segmentation.trained_on,
        "quality": codec.written_quality(segmentation.quality),
        "stability": [asdict(each) for each in segmentation.stability],
        "known": asdict(segmentation.known) if segmentation.known else None,
        "profile": codec.written_profile(segmentation.profile),
        **_written_where_known(segmentation),
        "sha256_of_rest": UNSIGNED,
    }
    try:
        content = (json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
    except ValueError as error:  # a number that is not finite, a text that is none
        raise UnwritableModelError(algorithm, str(error)) from error
    signed = content.replace(UNSIGNED.encode(), checksum(content).encode())
    try:
        # Nobody shall find out next month that a file cannot be read.
        from_bytes(signed)
    except InvalidModelError as error:
        raise UnwritableModelError(algorithm, f"{error.place} {error.what}") from error
    return signed


def _written_where_known(segmentation: Segmentation) -> dict[str, object]:
    lineage = segmentation.lineage
    known: dict[str, object] = {
        "colours": list(segmentation.colours),
        "verdict": segmentation.verdict,
        "value_column": segmentation.value_column[: schema.LONGEST_NAME],
        "lineage": None if lineage is None else {**asdict(lineage), "why": lineage.why[: schema.LONGEST_REASON]},
    }
    return {name: value for name, value in known.items() if value}


def save_model(segmentation: Segmentation, path: Path | str) -> Path:
    """Write a segmentation as a model file; no row and no identifier is in it.

    Parameters
    ----------
    segmentation
        What `fit_segmentation` or `assign_segments` formed.
    path
        Names end in `.segmodel.json`; that is added where it is missing. A file of that name is replaced.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    UnwritableModelError
        If the rule that places customers cannot be written, or a value that no model file may hold is in it.
    UnwritableFolderError
        If the folder is not there or cannot be written to.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmenter import Recipe, fit_segmentation, load_model, read_sample, save_model, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> with TemporaryDirectory() as folder:
    ...     load_model(save_model(segmentation, f"{folder}/tiers"))
    <Segmentation: 5 segments formed from 300 customers by k-means>
    """
    check_type(segmentation, Segmentation, "segmentation")
    if not isinstance(path, str | PathLike):
        raise ArgumentTypeError("path", "path", path)
    path = Path(path)
    if not path.name.endswith(SUFFIX):
        path = path.with_name(path.name + SUFFIX)
    content = to_bytes(segmentation)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise UnwritableFolderError(str(path), error.strerror or "it cannot be written to") from error
    return path


def load_model(path: Path | str) -> Segmentation:
    """Read a model file; nothing in it is trusted before it was checked.

    Parameters
    ----------
    path
        Of a file that `save_model`, the app or the command line wrote.

    Raises
    ------
    FileNotReadableError
        If there is no such file.
    NotAModelError, ChangedModelError, NewerModelError, InvalidModelError, PickleRefusedError
        If it is not a model that this version wrote, unchanged.
    ArgumentTypeError
        If `path` is no path.
    """
    if not isinstance(path, str | PathLike):
        raise ArgumentTypeError("path", "path", path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileNotReadableError(str(path)) from error
    return from_bytes(content)


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
    found, own = _SIGNED.search(content), checksum(content)
    if found is not None and found[2].decode() != own:
        raise ChangedModelError
    version = schema.version_of(content, FORMAT, FORMAT_VERSION)
    plain = schema.decoded(content, schema.MODELS[version])
    if plain.sha256_of_rest != own:
        raise ChangedModelError
    return _segmentation(plain)


def _segmentation(plain: schema.ModelV1) -> Segmentation:
    recipe = _recipe(plain)
    preparation = codec.read_preparation(recipe.segmenting, recipe.scaling, plain.features, plain.neighbours)
    if not len(plain.segment_names) == len(plain.centres) == plain.k:
        raise InvalidModelError("k", "does not agree with the number of centres and names")
    codec.distinct(plain.segment_names, "segment_names")
    centres = codec.matrix(plain.centres, "centres", (plain.k, len(preparation.names_)))
    rule = codec.read_rule(plain.placement if isinstance(plain, schema.ModelV2) else None, centres)
    known = plain if isinstance(plain, schema.ModelV4) else None
    colours = known.colours if known else ()
    lineage = codec.made(Lineage, known.lineage) if known and known.lineage else None
    if len(colours) not in (0, plain.k):
        raise InvalidModelError("colours", "are not one for each segment")
    return Segmentation(
        recipe=recipe,
        colours=colours,
        pipeline=Pipeline(
            [("prepare", preparation), ("segment", fitted_clusterer(recipe, preparation, centres, rule))]
        ),
        labels=pd.Series([], dtype=np.int64, name="segment"),
        names=plain.segment_names,
        trained_on=plain.trained_on,
        n_trained=plain.row_count,
        quality=codec.read_quality(plain.quality, plain.k),
        stability=codec.read_stability(plain.stability, plain.k),
        known=codec.read_known(plain.known if isinstance(plain, schema.ModelV3) else None, plain.k),
        profile=codec.read_profile(
            plain.profile if isinstance(plain, schema.ModelV4) else None, preparation.columns_, plain.k
        ),
        verdict=known.verdict if known else "",
        value_column=known.value_column if known else "",
        lineage=lineage,
    )


def _recipe(plain: schema.ModelV1) -> Recipe:
    edits = tuple(codec.made(Edit, each) for each in plain.recipe.edits)
    recipe = codec.made(Recipe, plain.recipe, features=codec.read_features(plain.recipe.features), edits=edits)
    if recipe.algorithm not in ALGORITHMS or plain.algorithm != recipe.algorithm:
        raise InvalidModelError("algorithm", "is not one that this version knows, or not that of the recipe")
    if plain.seed != recipe.seed:
        raise InvalidModelError("seed", "does not agree with the recipe")
    codec.distinct([name for name, _ in recipe.settings], "recipe.settings")
    try:
        complete(ALGORITHMS[recipe.algorithm].settings, dict(recipe.settings))
    except InvalidSettingError as error:
        raise InvalidModelError("recipe.settings", f"are not possible: {error}") from error
    return recipe


def fitted_clusterer(
    recipe: Recipe, preparation: Preparation, centres: FloatArray, placement: Assigner | None = None
) -> SegmentClusterer:
    """Return a clusterer that places customers by this rule, by default at the nearest of these centres.

    Fitted anew, it is the method that formed the segments: it knows what the prepared columns come from.
    """
    clusterer = clusterer_for(recipe, feature_groups(preparation), silent)
    clusterer.n_segments = len(centres)
    clusterer.labels_ = np.empty(0, dtype=np.intp)
    clusterer.placement_ = placement or NearestCentre(centres)
    clusterer.centres_, clusterer.details_, clusterer.notes_ = centres, None, ()
    clusterer.n_features_in_ = centres.shape[1]
    return clusterer


def checksum(content: bytes) -> str:
    """Return the SHA-256 of a model file in which its own checksum is replaced by zeros."""
    return hashlib.sha256(_SIGNED.sub(rb"\g<1>" + UNSIGNED.encode(), content)).hexdigest()


def convert_pickled(
    pickled: PickledKMeans,
    columns: tuple[str, ...],
    *,
    fitted_on: Dataset | None = None,
    already_scaled: bool = False,
) -> Segmentation:
    """Return an old K-Means as a segmentation that labels exactly as it did.

    Parameters
    ----------
    columns
        Names of the model's columns, in its order.
    fitted_on
        The file that it was trained on: gives a bare KMeans its scaling, and any model the ranges that it
        knows and numbers by size.
    already_scaled
        For a bare KMeans: new files hold values that are scaled already.

    Raises
    ------
    ColumnCountError, UnknownColumnError, ScalingUnknownError
        If the columns or the scaling are not known.
    """
    n_columns = pickled.centres.shape[1]
    if len(columns) != n_columns or len(set(columns)) != n_columns:
        raise ColumnCountError(len(set(columns)), n_columns)
    if fitted_on is not None:
        absent = [name for name in columns if name not in fitted_on.frame]
        if absent:
            raise UnknownColumnError(absent, list(fitted_on.frame.columns))
    if pickled.scale is None and fitted_on is None and not already_scaled:
        raise ScalingUnknownError
    scaling = Scaling.NONE if already_scaled and pickled.scale is None else Scaling.STANDARD
    fitted = [_column(pickled, place, name, fitted_on, scaling) for place, name in enumerate(columns)]
    order = np.argsort(np.array(columns, dtype=object), kind="stable")
    specs = tuple(FeatureSpec(name, Role.NUMBER, Missing.DROP) for name in columns)
    recipe = Recipe(specs, len(pickled.centres), scaling)
    preparation = Preparation(recipe.segmenting, scaling)
    preparation.columns_ = tuple(fitted[place] for place in order)
    preparation.neighbours_ = None
    centres = np.ascontiguousarray(pickled.centres[:, order])
    model = _assembled(recipe, preparation, centres)
    return model if fitted_on is None else _by_size(model, centres, fitted_on)


def _assembled(recipe: Recipe, preparation: Preparation, centres: FloatArray) -> Segmentation:
    return Segmentation(
        recipe=recipe,
        pipeline=Pipeline([("prepare", preparation), ("segment", fitted_clusterer(recipe, preparation, centres))]),
        labels=pd.Series([], dtype=np.int64, name="segment"),
        names=tuple(f"Segment {number}" for number in range(1, len(centres) + 1)),
        trained_on="",
        n_trained=0,
        notes=(Note("The segments keep the old model's order; which customers it was made from is not known."),),
    )


def _by_size(model: Segmentation, centres: FloatArray, fitted_on: Dataset) -> Segmentation:
    placed = assign_segments(fitted_on, model).segmentation
    labels = placed.labels.to_numpy()
    X = model.preparation.transform(fitted_on.frame[labels >= 0])
    largest = by_size(X, labels[labels >= 0])
    # Centres that no customer is near come last, in their old order.
    rest = np.setdiff1d(np.arange(len(centres)), largest)
    numbered = _assembled(model.recipe, model.preparation, centres[np.concatenate([largest, rest])])
    quality = assign_segments(fitted_on, numbered).segmentation.quality
    return replace(
        numbered,
        trained_on=fitted_on.fingerprint,
        n_trained=int((labels >= 0).sum()),
        quality=quality,
        notes=(),
    )


def _column(pickled: PickledKMeans, place: int, name: str, fitted_on: Dataset | None, scaling: Scaling) -> NumberColumn:
    if fitted_on is not None:
        column = NumberColumn.fitted(FeatureSpec(name, Role.NUMBER, Missing.DROP), fitted_on.frame[name], scaling)
        if pickled.scale is None or pickled.mean is None:
            return column
        return replace(column, centre=float(pickled.mean[place]), scale=float(pickled.scale[place]))
    centre = 0.0 if pickled.mean is None else float(pickled.mean[place])
    scale = 1.0 if pickled.scale is None else float(pickled.scale[place])
    return NumberColumn(
        column=name,
        role=Role.NUMBER,
        missing=Missing.DROP,
        transform=Transform.NONE,
        weight=1.0,
        fill=centre,
        centre=centre,
        scale=scale,
        low=None,
        p01=None,
        p99=None,
        high=None,
        typical=None,
    )

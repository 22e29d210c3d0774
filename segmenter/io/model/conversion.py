"""Conversion of an old pickled K-Means to a model of today."""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from segmenter.cluster.estimator import by_size
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.models import ColumnCountError, ScalingUnknownError
from segmenter.io.model.format import fitted_clusterer
from segmenter.io.model.pickled import PickledKMeans
from segmenter.prepare.encoders import NumberColumn
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.segment.assign import assign_segments
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note
from segmenter.typing import FloatArray


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

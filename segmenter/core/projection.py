"""Where does each customer stand on a flat map of all columns?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from segmenter import config
from segmenter.core.profile import number_columns
from segmenter.core.result import Result


@dataclass(frozen=True, eq=False)
class Points:
    """Customers to draw, and their segments' centres.

    Attributes
    ----------
    customers
        Coordinates by column, one row per customer drawn.
    segments
        Segment of each customer drawn.
    centres
        Coordinates of each segment's centre, one row per segment; NaN where it has none.
    n_all
        How many customers there are; more than were drawn when sampled.
    """

    customers: pd.DataFrame
    segments: pd.Series
    centres: pd.DataFrame
    n_all: int


def customers_by_columns(result: Result, columns: tuple[str, ...]) -> Points:
    """Return the customers on columns of the file, in the file's own units."""
    frame = result.dataset.frame[list(columns)].astype(float)
    labels = result.segmentation.labels
    known = (labels >= 0) & frame.notna().all(axis=1)
    rows = drawn_rows(labels[known])  # positions and index are the same in a dataset
    means = frame[labels >= 0].groupby(labels[labels >= 0]).mean()
    centres = means.reindex(range(result.segmentation.n_segments))
    fitted = _model_centres(result)
    for column in columns:
        if column in fitted:
            centres[column] = fitted[column].to_numpy()
    return Points(frame.iloc[rows], labels.iloc[rows], centres, int((labels >= 0).sum()))


def customers_by_components(result: Result) -> tuple[Points, tuple[float, float]]:
    """Return the customers on the first two principal components, and the share of variance each shows."""
    labels = result.segmentation.labels
    placed = labels >= 0
    preparation = result.segmentation.preparation
    frame = result.dataset.frame
    if result.assignment is not None:
        frame = frame.rename(columns={file: model for model, file in result.assignment.matched.items()})
    X = preparation.transform(frame[placed])
    n_components = min(2, X.shape[1])
    pca = PCA(n_components, svd_solver="covariance_eigh").fit(X)
    names = ["Main direction", "Second direction"][:n_components]
    coordinates = pd.DataFrame(pca.transform(X), index=frame.index[placed], columns=names)
    rows = drawn_rows(labels[placed])
    centres = pd.DataFrame(pca.transform(result.segmentation.clusterer.centres_), columns=names)
    if n_components == 1:
        coordinates["Second direction"], centres["Second direction"] = 0.0, 0.0
    shares = [*(float(each) for each in pca.explained_variance_ratio_), 0.0]
    return Points(coordinates.reindex(rows), labels.iloc[rows], centres, int(placed.sum())), (shares[0], shares[1])


def telling_columns(result: Result) -> tuple[str, ...]:
    """Return the number columns, those in which the segments differ most first.

    Measured by the correlation ratio: the share of a column's variance that lies between segments.
    """
    labels = result.segmentation.labels
    placed = labels >= 0
    names = number_columns(result.dataset, result.segmentation)
    values = result.dataset.frame.loc[placed, list(names)].astype(float)
    within = (values - values.groupby(labels[placed]).transform("mean")).pow(2).sum()
    total = (values - values.mean()).pow(2).sum()
    between = (1 - within / total.where(total > 0)).fillna(0.0)
    return tuple(sorted(names, key=lambda name: -float(between[name])))


def _model_centres(result: Result) -> pd.DataFrame:
    centres = result.segmentation.preparation.in_own_units(result.segmentation.clusterer.centres_)
    matched = result.assignment.matched if result.assignment else {}
    return centres.rename(columns=dict(matched))


def drawn_rows(labels: pd.Series) -> NDArray[np.int64]:
    """Return the rows to draw: all, or a sample in proportion to the segments, at least 20 of each."""
    if len(labels) <= config.MAX_POINTS_SHOWN:
        return labels.index.to_numpy(dtype=np.int64)
    share = config.MAX_POINTS_SHOWN / len(labels)
    parts = [
        group.sample(min(len(group), max(20, int(len(group) * share))), random_state=config.DEFAULT_SEED)
        for _, group in labels.groupby(labels)
    ]
    return np.sort(np.concatenate([part.index.to_numpy(dtype=np.int64) for part in parts]))

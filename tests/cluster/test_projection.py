"""Components before segments: against singular values and a FAMD written out by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, silhouette_score

from segmenter import FeatureSpec, Recipe, Result, assign_segments, encoded_elbow, fit_segmentation, read_frame
from segmenter.charts.learning import elbow_in_encoding
from segmenter.cluster.projection import fit_projection
from segmenter.errors.forming import InvalidSettingError
from segmenter.io.export.csv import metrics_csv
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.prepare.preparation import feature_groups, prepare
from segmenter.recipe.recipe import Role


@pytest.fixture(scope="module")
def mixed():
    random = np.random.default_rng(2)
    group = random.integers(0, 3, 240)
    frame = pd.DataFrame(
        {
            "a": np.round(random.normal(5.0 * group, 1), 3),
            "b": np.round(random.normal(-4.0 * group, 1), 3),
            "c": np.round(random.normal(size=240), 3),
            "kind": np.array(["x", "y", "z"])[(group + (random.random(240) < 0.1)) % 3],
        }
    )
    return read_frame(frame)


NUMBERS = tuple(FeatureSpec(name) for name in "abc")
ALL = (*NUMBERS, FeatureSpec("kind", Role.CATEGORY))


def test_components_are_those_of_scikit_learn(mixed):
    X = prepare(mixed, Recipe(NUMBERS)).X
    found = fit_projection("pca", 2, X)
    reference = PCA(2).fit(X)
    assert found.shares == pytest.approx(reference.explained_variance_ratio_)
    assert np.abs(found.projected(X)) == pytest.approx(np.abs(reference.transform(X)), abs=1e-6)
    assert fit_projection("pca", 0, X).encoder.n_out == 1 + int(
        (np.cumsum(PCA().fit(X).explained_variance_ratio_) < 0.8).sum()
    )


def test_famd_counts_a_number_once_and_a_category_by_its_values(mixed):
    prepared = prepare(mixed, Recipe(ALL))
    found = fit_projection("famd", 2, prepared.X, feature_groups(prepared.preparation))
    frame = mixed.frame
    numbers = (frame[["a", "b", "c"]] - frame[["a", "b", "c"]].mean()) / frame[["a", "b", "c"]].std(ddof=0)
    dummies = pd.get_dummies(frame["kind"]).astype(float)
    by_hand = np.column_stack([numbers, (dummies - dummies.mean()) / np.sqrt(dummies.mean())])
    _, values, directions = np.linalg.svd(by_hand / np.sqrt(len(frame)), full_matrices=False)
    assert found.eigenvalues[: len(values)] == pytest.approx(values**2, abs=1e-8)
    assert found.eigenvalues.sum() == pytest.approx(3 + (3 - 1))
    assert np.abs(found.projected(prepared.X)) == pytest.approx(np.abs(by_hand @ directions[:2].T), abs=1e-6)


def test_weighted_components_are_those_of_repeated_rows(mixed):
    X = prepare(mixed, Recipe(NUMBERS)).X
    times = np.arange(len(X)) % 4 + 1
    weighted = fit_projection("pca", 2, X, None, times.astype(float))
    repeated = fit_projection("pca", 2, np.repeat(X, times, axis=0))
    assert weighted.encoder.layers[0].weights == pytest.approx(repeated.encoder.layers[0].weights, abs=1e-8)


@pytest.mark.parametrize("algorithm", ["k-means", "gaussian-mixture", "ward"])
def test_segments_of_components_are_scored_in_the_columns_and_saved(mixed, algorithm):
    recipe = Recipe(ALL, n_segments=3, algorithm=algorithm, reduction="pca", n_components=2)
    formed = fit_segmentation(mixed, recipe)
    X = formed.preparation.transform(mixed.frame)
    assert formed.quality.silhouette == pytest.approx(silhouette_score(X, formed.labels), abs=1e-4)
    saved = from_bytes(to_bytes(formed))
    assert saved.recipe == formed.recipe
    again = assign_segments(mixed, saved)
    assert (again.segmentation.labels == formed.labels).mean() == pytest.approx(formed.agreement)
    if algorithm == "k-means":
        reference = KMeans(3, n_init=10, random_state=0).fit_predict(PCA(2).fit_transform(X))
        assert adjusted_rand_score(reference, formed.labels) == pytest.approx(1.0)


def test_more_components_than_columns_are_refused(mixed):
    with pytest.raises(InvalidSettingError, match="9 components were asked for, and these columns have 3"):
        fit_segmentation(mixed, Recipe(NUMBERS, n_segments=3, reduction="pca", n_components=9))


def test_the_elbow_of_components_stands_beside_that_of_the_columns(mixed):
    recipe = Recipe(NUMBERS, n_segments=3, reduction="pca", n_components=2)
    result = Result(mixed, fit_segmentation(mixed, recipe))
    X = result.segmentation.preparation.transform(mixed.frame)
    found = encoded_elbow(result).set_index("k")
    for name, seen in (("encoding", PCA(2).fit_transform(X)), ("columns", X)):
        inertia = [KMeans(k, n_init=20, random_state=0).fit(seen).inertia_ for k in range(1, 11)]
        assert found[name].to_numpy() == pytest.approx(np.array(inertia) / inertia[0], abs=0.02)
    assert "WCSS of 3 K-Means segments in the encoding" in metrics_csv(result).decode()
    drawn = {trace.name: trace.y for trace in elbow_in_encoding(found.reset_index()).data}
    assert tuple(drawn["in your columns"]) == pytest.approx(tuple(found["columns"]))
    with pytest.raises(InvalidSettingError, match="autoencoder"):
        encoded_elbow(Result(mixed, fit_segmentation(mixed, Recipe(NUMBERS, n_segments=3))))

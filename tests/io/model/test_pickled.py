"""Old pickled K-Means models give their numbers; nothing in them ever runs."""

import os
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN, KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from segmenter import assign_segments, read_table
from segmenter.cli import main
from segmenter.errors.models import ColumnCountError, NotAKMeansError, PickledModelRefusedError, ScalingUnknownError
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.model.folder import list_models
from segmenter.io.model.format import convert_pickled, from_bytes
from segmenter.io.model.pickled import read_pickled_kmeans

COLUMNS = ("spend", "visits")


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(3)
    centres = np.array([[10, 2], [50, 9], [90, 4], [30, 20]])
    rows = np.repeat(centres, [50, 40, 30, 20], axis=0) + random.normal(0, 2, (140, 2))
    return pd.DataFrame(rows.round(2), columns=list(COLUMNS))


@pytest.fixture(scope="module")
def dataset(table):
    return read_table(table.to_csv(index=False).encode(), "t.csv")


def save_with_pickle(protocol):
    def save(model, path):
        with path.open("wb") as file:
            pickle.dump(model, file, protocol=protocol)

    return save


SAVERS = {
    "pickle": save_with_pickle(pickle.HIGHEST_PROTOCOL),
    "pickle-2": save_with_pickle(2),
    "joblib": joblib.dump,
    "joblib-zlib": lambda model, path: joblib.dump(model, path, compress=3),
    "joblib-gzip": lambda model, path: joblib.dump(model, path, compress=("gzip", 3)),
    "joblib-bz2": lambda model, path: joblib.dump(model, path, compress=("bz2", 3)),
    "joblib-xz": lambda model, path: joblib.dump(model, path, compress=("xz", 3)),
}


@pytest.mark.parametrize("saver", SAVERS)
def test_a_pipeline_labels_as_it_always_did(saver, table, dataset, tmp_path):
    old = make_pipeline(StandardScaler(), KMeans(4, n_init=5, random_state=1)).fit(table)
    SAVERS[saver](old, tmp_path / "m.pkl")
    pickled = read_pickled_kmeans(tmp_path / "m.pkl")
    assert pickled.feature_names == COLUMNS
    model = convert_pickled(pickled, COLUMNS)
    labels = assign_segments(dataset, model).segmentation.labels
    # Without the file the old order stays, so the labels are equal one by one.
    assert list(labels) == list(old.predict(table))


@pytest.mark.parametrize("saver", ["pickle", "joblib"])
def test_a_bare_kmeans_takes_its_scaling_from_the_file_it_was_made_from(saver, table, dataset, tmp_path):
    scaled = StandardScaler().fit_transform(table.to_numpy())
    old = KMeans(4, n_init=5, random_state=1).fit(scaled)
    SAVERS[saver](old, tmp_path / "m.pkl")
    model = convert_pickled(read_pickled_kmeans(tmp_path / "m.pkl"), COLUMNS, fitted_on=dataset)
    labels = assign_segments(dataset, model).segmentation.labels.to_numpy()
    pairs = set(zip(labels, old.labels_, strict=True))
    assert len(pairs) == 4
    assert list(np.bincount(labels)) == sorted(np.bincount(old.labels_), reverse=True)


def test_columns_are_matched_in_the_models_order_whatever_their_names(table, dataset, tmp_path):
    old = make_pipeline(StandardScaler(), KMeans(4, n_init=5, random_state=1)).fit(
        table[["visits", "spend"]].to_numpy()
    )
    joblib.dump(old, tmp_path / "m.joblib")
    model = convert_pickled(read_pickled_kmeans(tmp_path / "m.joblib"), ("visits", "spend"))
    expected = old.predict(table[["visits", "spend"]].to_numpy())
    assert list(assign_segments(dataset, model).segmentation.labels) == list(expected)


def test_a_bare_kmeans_without_its_scaling_is_asked_for_it(table, tmp_path):
    joblib.dump(KMeans(3, n_init=1, random_state=0).fit(table.to_numpy()), tmp_path / "m.joblib")
    pickled = read_pickled_kmeans(tmp_path / "m.joblib")
    with pytest.raises(ScalingUnknownError, match="--fitted-on"):
        convert_pickled(pickled, COLUMNS)
    with pytest.raises(ColumnCountError, match="2 columns and 1"):
        convert_pickled(pickled, ("spend",), already_scaled=True)


class Runs:
    """Runs a command when it is unpickled by anybody careless."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("saver", SAVERS)
def test_a_file_that_wants_to_run_something_is_refused_by_name_and_runs_nothing(saver, tmp_path):
    marker = tmp_path / "fired"
    SAVERS[saver]({"model": np.array([Runs(marker)], dtype=object)}, tmp_path / "evil.pkl")
    with pytest.raises(PickledModelRefusedError, match=r"evil.pkl is refused: it asks for \w+\.system"):
        read_pickled_kmeans(tmp_path / "evil.pkl")
    assert not marker.exists()


@pytest.mark.parametrize(
    "payload", [b"cbuiltins\neval\n(S'1'\ntR.", b"cnumpy\nload\n(S'x'\ntR.", b"csubprocess\nPopen\n(S'x'\ntR."]
)
def test_names_that_a_kmeans_does_not_need_are_refused(payload, tmp_path):
    (tmp_path / "m.pkl").write_bytes(payload)
    with pytest.raises(PickledModelRefusedError):
        read_pickled_kmeans(tmp_path / "m.pkl")


def test_another_model_is_refused(tmp_path):
    joblib.dump(DBSCAN(), tmp_path / "m.joblib")
    with pytest.raises(PickledModelRefusedError, match="DBSCAN"):
        read_pickled_kmeans(tmp_path / "m.joblib")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04", b"\x1f\x8b\x00", b"\x78\x9c\x00", b"}."])
def test_what_is_no_fitted_kmeans_is_said(content, tmp_path):
    (tmp_path / "m.pkl").write_bytes(content)
    with pytest.raises(NotAKMeansError, match="cannot be used"):
        read_pickled_kmeans(tmp_path / "m.pkl")


def test_an_unfitted_kmeans_is_said(tmp_path):
    joblib.dump(KMeans(3), tmp_path / "m.joblib")
    with pytest.raises(NotAKMeansError, match="never fitted"):
        read_pickled_kmeans(tmp_path / "m.joblib")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileNotReadableError):
        read_pickled_kmeans(tmp_path / "none.pkl")


def test_pickles_in_the_folder_are_listed_apart(tmp_path):
    (tmp_path / "kmeans_model.pkl").write_bytes(b"x")
    folder = list_models(tmp_path)
    assert [path.name for path in folder.pickles] == ["kmeans_model.pkl"]
    assert folder.models == ()


def test_the_command_line_converts(table, tmp_path, capsys):
    joblib.dump(make_pipeline(StandardScaler(), KMeans(4, n_init=5, random_state=1)).fit(table), tmp_path / "m.pkl")
    table.to_csv(tmp_path / "t.csv", index=False)
    out = tmp_path / "new" / "m.segmodel.json"
    arguments = ["convert-model", str(tmp_path / "m.pkl"), "--columns", "spend,visits", "--out", str(out)]
    assert main([*arguments, "--fitted-on", str(tmp_path / "t.csv")]) == 0
    assert "4 segments on spend, visits" in capsys.readouterr().out
    assert from_bytes(out.read_bytes()).n_trained == 140

"""Every way to form segments on the command line: formed, saved, used on another file."""

import json

import numpy as np
import pandas as pd
import pytest

from segmenter.cli import main
from segmenter.cluster import ALGORITHMS


@pytest.fixture(scope="module")
def files(tmp_path_factory, make_customers):
    folder = tmp_path_factory.mktemp("files")
    frame = make_customers(150)
    frame.to_csv(folder / "now.csv", index=False)
    frame.iloc[:40].assign(customer_id=[f"N{n}" for n in range(40)]).to_csv(folder / "next.csv", index=False)
    return folder


def run(capsys, *asked):
    capsys.readouterr()
    assert main(list(asked)) == 0
    return json.loads(capsys.readouterr().out)


def segment(capsys, files, out, *more):
    asked = ("segment", str(files / "now.csv"), "--columns", "income,spend,city", "--segments", "3")
    return run(capsys, *asked, "--out", str(out), "--json", *more)


@pytest.mark.parametrize("method", ALGORITHMS)
def test_a_method_forms_segments_and_its_model_places_the_same_customers_again(files, tmp_path, capsys, method):
    record = segment(capsys, files, tmp_path, "--method", method)
    assert record["method"]["key"] == record["recipe"]["algorithm"] == method
    assert sum(each["size"] for each in record["segments"]) == record["rows"]["in_segments"]
    model = tmp_path / "model.segmodel.json"
    again = run(capsys, "assign", str(model), str(files / "now.csv"), "--out", str(tmp_path / "again"), "--json")
    first, second = (pd.read_csv(folder / "customers.csv")["segment"] for folder in (tmp_path, tmp_path / "again"))
    same = (first == second) | (first.isna() & second.isna())
    assert same.mean() == pytest.approx(record["method"]["agreement"])
    assert again["method"]["agreement"] == record["method"]["agreement"]
    run(capsys, "assign", str(model), str(files / "next.csv"), "--out", str(tmp_path / "next"), "--json")
    later = pd.read_csv(tmp_path / "next" / "customers.csv")["segment"]
    np.testing.assert_array_equal(later, second[:40])


def test_a_tree_says_at_which_distances_its_last_segments_merged(files, tmp_path, capsys):
    method = segment(capsys, files, tmp_path, "--method", "ward")["method"]
    assert method["merged"] == 150
    assert method["last_merges"] == sorted(method["last_merges"])
    assert len(method["last_merges"]) == 30


def test_a_mixture_says_its_criterion_for_each_number_and_each_customers_probability(files, tmp_path, capsys):
    record = segment(capsys, files, tmp_path, "--method", "gaussian-mixture", "--set", "bic_to=5")
    method = record["method"]
    assert list(method["bic"]) == ["1", "2", "3", "4", "5"]
    assert method["bic"][str(method["best_by_bic"])] == min(method["bic"].values())
    assert any("BIC" in note for note in record["notes"])
    probability = pd.read_csv(tmp_path / "customers.csv")["probability"]
    assert probability.between(1 / 3, 1).all()


def test_dense_regions_say_who_fits_none(files, tmp_path, capsys):
    record = segment(capsys, files, tmp_path, "--method", "hdbscan", "--set", "neighbours=10")
    assert record["method"]["finds_number"] is True
    assert record["rows"]["without_segment"] == round(record["method"]["noise_share"] * 150) > 0
    names = pd.read_csv(tmp_path / "customers.csv")["segment_name"]
    assert (names == "fits no segment").sum() == record["rows"]["without_segment"]
    assert any(note.startswith("The number of segments is the method's own finding") for note in record["notes"])

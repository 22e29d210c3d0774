"""Methods on the command line: listed, set, and compared."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from segmenter.cli import main
from segmenter.cluster import ALGORITHMS
from segmenter.io.read.samples import mall_customers
from tests.methods_for_tests import register

COLUMNS = "Annual Income (k$),Spending Score (1-100)"


@pytest.fixture(autouse=True)
def _tiny_methods(monkeypatch):
    register(monkeypatch)


@pytest.fixture
def mall(tmp_path):
    path = tmp_path / "mall.csv"
    path.write_bytes(mall_customers())
    return path


def test_every_method_is_listed_with_its_settings(capsys):
    assert main(["methods", "--json"]) == 0
    listed = {entry["key"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert set(listed) == set(ALGORITHMS)
    assert listed["k-means"]["available"] is True
    settings = listed["by-chance"]["settings"]
    assert [setting["key"] for setting in settings] == ["spread", "way"]
    assert (settings[0]["default"], settings[0]["low"], settings[0]["high"]) == (1.0, 0.1, 10.0)
    assert settings[1]["choices"] == ["near", "far"]


def test_the_list_for_people_says_how_to_set_each_setting(capsys):
    assert main(["methods"]) == 0
    said = capsys.readouterr().out
    assert "--set spread=1.0  (0.1 to 10) How far the random centres lie apart." in said
    assert "--set way=near  (near, far)" in said


def test_methods_are_compared_in_json(mall, capsys):
    asked = ["compare", str(mall), "--columns", COLUMNS, "--methods", "by-chance,not-here", "--segments", "5", "--json"]
    assert main([*asked, "--set", "by-chance:spread=2"]) == 0
    record = json.loads(capsys.readouterr().out)
    first, chance, absent = record["methods"]
    assert [first["method"], chance["method"], absent["method"]] == ["k-means", "by-chance", "not-here"]
    needed = {
        "silhouette", "silhouette_se", "davies_bouldin", "calinski_harabasz", "stability_samples", "stability_seeds",
        "smallest_share", "noise_share", "agreement", "seconds", "memory_mb", "n_segments",
    }  # fmt: skip
    assert needed <= set(first)
    assert chance["settings"] == {"spread": 2.0}
    assert absent["problem"] == "This method is not installed: pip install it."
    assert (record["segments"], record["recommended"]) == (5, "k-means")
    assert len(record["findings"]) == 3


def test_methods_are_compared_for_people(mall, capsys):
    assert main(["compare", str(mall), "--columns", COLUMNS, "--methods", "by-chance", "--segments", "auto"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("K-Means: 5 segments, silhouette 0.666 ± ")
    assert "Stay with K-Means" in said.out
    assert "Stability: mean agreement" in said.err


def test_a_method_forms_segments_with_its_settings(mall, tmp_path):
    out = tmp_path / "out"
    asked = ["segment", str(mall), "--out", str(out), "--columns", COLUMNS, "--segments", "4", "--method", "by-chance"]
    assert main([*asked, "--set", "spread=0.5", "--set", "way=far"]) == 0
    recipe = json.loads((out / "run.json").read_text())["recipe"]
    assert (recipe["algorithm"], recipe["settings"]) == ("by-chance", [["spread", 0.5], ["way", "far"]])


def test_customers_that_fit_no_segment_are_said_to(mall, tmp_path, capsys):
    out, again = tmp_path / "out", tmp_path / "again"
    asked = ["segment", str(mall), "--out", str(out), "--columns", COLUMNS, "--segments", "4", "--method", "leaves-out"]
    assert main([*asked, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    labelled = pd.read_csv(out / "customers.csv")
    alone = labelled["segment"].isna()
    assert 0 < alone.sum() == rows["without_segment"]
    assert set(labelled.loc[alone, "segment_name"]) == {"fits no segment"}
    assert main(["assign", str(out / "model.segmodel.json"), str(mall), "--out", str(again)]) == 0
    placed = pd.read_csv(again / "customers.csv")
    assert list(placed["segment"].isna()) == list(alone)
    assert set(placed.loc[alone, "reason"]) == {"fits no segment"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "MALL", "--methods", "magic"], "There is no method 'magic'."),
        (["compare", "MALL", "--set", "spread=3"], "write METHOD:NAME=VALUE"),
        (["compare", "MALL", "--segments", "1"], "methods are compared with 2 to 30"),
        (["segment", "MALL", "--out", "OUT", "--method", "by-chance", "--set", "spread"], "write NAME=VALUE"),
        (["segment", "MALL", "--out", "OUT", "--method", "by-chance", "--set", "way=up"], "there are: near, far"),
        (["segment", "MALL", "--out", "OUT", "--set", "spread=1"], "This method has no setting 'spread'"),
        (["segment", "MALL", "--out", "OUT", "--segments", "3", "--method", "not-here"], "not installed: pip"),
    ],
)
def test_what_can_be_repaired_is_said_in_one_sentence(arguments, sentence, mall, tmp_path, capsys):
    # argparse knows the methods when the command is described, so the tiny ones are offered too.
    asked = [each.replace("MALL", str(mall)).replace("OUT", str(tmp_path / "o")) for each in arguments]
    assert main(asked) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


@pytest.fixture
def readers(tmp_path):
    path = tmp_path / "mall readers.csv"
    table = pd.read_csv(io.BytesIO(mall_customers()))
    random = np.random.default_rng(0)
    table.assign(newsletter=np.where(random.random(len(table)) < 0.3, "yes", "no")).to_csv(path, index=False)
    return path


def test_segments_stand_beside_lists(readers, tmp_path, capsys):
    lines = ["\ufeffCustomerID;since", *(f'"{number}";2024' for number in range(1, 41))]
    (tmp_path / "app.txt").write_text("\n".join(lines), encoding="utf-8")
    asked = ["segment", str(readers), "--columns", COLUMNS, "--segments", "5", "--out", str(tmp_path / "out")]
    assert main([*asked, "--list", "newsletter", "--list", f"app={tmp_path / 'app.txt'}"]) == 0
    said = capsys.readouterr().out
    table = pd.read_csv(tmp_path / "out" / "lists.csv")
    customers = pd.read_csv(tmp_path / "out" / "customers.csv")
    on = customers.newsletter == "yes"
    assert table["newsletter"].tolist() == on.groupby(customers.segment).sum().tolist()
    assert table["app"].sum() == 40
    assert f"on newsletter and app: {int((on & (customers.CustomerID <= 40)).sum())}" in said
    assert f"on none of them: {int((~on & (customers.CustomerID > 40)).sum())}" in said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"nobody\n", "none of its 1 line is a customer"),
        (b"\xff\xfe1\x00", "no text in UTF-8"),
        (b" \n", "names nobody"),
    ],
)
def test_a_list_that_names_no_customer_is_told(readers, tmp_path, capsys, content, sentence):
    (tmp_path / "list.txt").write_bytes(content)
    asked = ["segment", str(readers), "--columns", COLUMNS, "--segments", "3", "--out", str(tmp_path / "out")]
    assert main([*asked, "--list", f"mine={tmp_path / 'list.txt'}"]) == 2
    assert sentence in capsys.readouterr().err

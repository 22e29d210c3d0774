"""Known labels on the command line: compared, kept with the model, and predicted for another file."""

import json

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segmenter.cli import main
from segmenter.explain.cards import describe_segments
from segmenter.io.model.format import from_bytes
from segmenter.prepare.suggest import choose_features
from segmenter.recipe.recipe import Recipe
from segmenter.segment.external_labels import compare_external_labels, with_label_map
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame


@pytest.fixture
def files(tmp_path, make_customers):
    frame = make_customers(150)
    kind = np.where(frame["income"] < 40, "low", np.where(frame["income"] < 80, "middle", "high"))
    frame.assign(kind=kind).to_csv(tmp_path / "train.csv", index=False)
    make_customers(40, seed=2).to_csv(tmp_path / "next.csv", index=False)
    return tmp_path


def test_labels_are_foretold_from_train_to_next(files, capsys):
    out, again = files / "out", files / "again"
    asked = ["segment", str(files / "train.csv"), "--columns", "income,spend", "--segments", "3", "--out", str(out)]
    assert main([*asked, "--known", "kind"]) == 0
    said = capsys.readouterr().out
    assert "stands for kind low (low 100 %" in said
    assert "kind: right for 100.0 % of 150 customers" in said
    assert main(["assign", str(out / "model.segmodel.json"), str(files / "next.csv"), "--out", str(again)]) == 0
    predictions = pd.read_csv(again / "predictions.csv")
    income = pd.read_csv(files / "next.csv")["income"]
    assert list(predictions.columns) == ["customer_id", "kind", "second_best", "margin"]
    assert list(predictions["kind"]) == list(np.where(income < 40, "low", np.where(income < 80, "middle", "high")))


def test_known_labels_never_form_segments(files):
    out = files / "out"
    assert main(["segment", str(files / "train.csv"), "--segments", "3", "--known", "kind", "--out", str(out)]) == 0
    model = from_bytes((out / "model.segmodel.json").read_bytes())
    assert "kind" not in {each.column for each in model.preparation.columns_}
    record = json.loads((out / "run.json").read_text())["known_labels"]
    assert record["column"] == "kind"
    assert 0 <= record["accuracy_on_held_out_rows"] <= 1


def test_the_next_labelled_file_says_how_right_the_mapping_was(files, capsys):
    out = files / "out"
    asked = ["segment", str(files / "train.csv"), "--columns", "income,spend", "--segments", "3", "--out", str(out)]
    assert main([*asked, "--known", "kind"]) == 0
    capsys.readouterr()
    asked = ["assign", str(out / "model.segmodel.json"), str(files / "train.csv"), "--out", str(files / "again")]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "kind: right for 100.0 % of the labelled customers of this file." in said
    assert "kind: when the segments were formed, right for 100.0 % of 150 customers" in said


def test_without_known_labels_there_is_no_such_file(files):
    out = files / "out"
    assert main(["segment", str(files / "train.csv"), "--segments", "3", "--out", str(out)]) == 0
    assert not (out / "predictions.csv").exists()
    assert json.loads((out / "run.json").read_text())["known_labels"] is None


def test_a_column_that_is_not_there_is_named(files, capsys):
    asked = ["segment", str(files / "train.csv"), "--segments", "3", "--known", "colour", "--out", str(files / "out")]
    assert main(asked) == 2
    assert "colour" in capsys.readouterr().err


def test_the_workbook_says_how_many_a_known_label_is_right_for(files):
    out = files / "out"
    asked = ["segment", str(files / "train.csv"), "--columns", "income,spend", "--segments", "3", "--out", str(out)]
    assert main([*asked, "--known", "kind", "--also", "excel"]) == 0
    rows = openpyxl.load_workbook(out / "segments.xlsx")["Method"].values
    assert ("Known labels", "kind: right for 100 % of 150 customers, each held out in turn") in {
        row[:2] for row in rows
    }


def test_known_labels_are_in_no_rule_and_in_no_words(files, capsys):
    out = files / "out"
    asked = ["segment", str(files / "train.csv"), "--columns", "income,spend", "--segments", "3", "--out", str(out)]
    assert main([*asked, "--known", "kind", "--edit", "merge 1 2"]) == 0
    for name in ("rules.txt", "rules.sql", "rules.json"):
        assert "kind" not in (out / name).read_text().lower()
    said = [line for line in capsys.readouterr().out.splitlines() if line[:2] in ("1 ", "2 ", "3 ")]
    assert said
    assert not any("kind" in line.lower() for line in said)


def test_a_segment_is_not_named_by_the_label_that_it_is_held_against(files):
    # What forms these segments is told by nothing but the label.
    frame = pd.read_csv(files / "train.csv").assign(noise=np.tile([0.0, 1.0, 2.0], 50), kind=["a", "b", "c"] * 50)
    dataset = read_frame(frame)
    recipe = Recipe(choose_features(dataset, ("noise",)), n_segments=3)
    result = Result(dataset, fit_segmentation(dataset, recipe))
    told = with_label_map(result, compare_external_labels(result, "kind").mapping).segmentation
    assert "kind" in {each.column for card in describe_segments(dataset, result.segmentation) for each in card.markers}
    assert "kind" not in {each.column for card in describe_segments(dataset, told) for each in card.markers}

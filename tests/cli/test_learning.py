"""Known segments on the command line: learnt, listed, told."""

import json
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segmenter import classify, read_table
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.cli import main
from segmenter.io.export.learning import classified_csv
from segmenter.io.model.classifiers import load_classifier

QUICK = ["--compete", "naive-bayes,decision-tree", "--folds", "3", "--no-tuning"]


@pytest.fixture
def file(tmp_path, make_customers):
    customers = make_customers(200)
    customers["tier"] = np.where(customers["income"] > 40, "rich", "modest")
    customers.loc[::11, "tier"] = "rich"
    path = tmp_path / "known.csv"
    customers.to_csv(path, index=False)
    return path


def run(capsys, *arguments):
    code = main([str(each) for each in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_learning_prints_what_was_promised(capsys, tmp_path, file):
    code, out, _ = run(capsys, "learn", file, "--target", "tier", "--out", tmp_path / "out", *QUICK, "--json")
    assert code == 0
    found = json.loads(out)
    assert set(found) >= {"base_rate", "leaderboard", "held_out", "chosen"}
    first = ["classifier", "accuracy", "accuracy_se", "macro_f1", "log_loss", "seconds"]
    assert [list(row)[:6] for row in found["leaderboard"]] == [first, first]
    assert found["chosen"] == found["leaderboard"][0]["classifier"]
    assert found["held_out"]["customers"] == 40
    assert 0.5 < found["base_rate"] < found["leaderboard"][0]["accuracy"]
    written = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert written["leaderboard"] == found["leaderboard"]


def test_golden_questions_alone_make_the_model_and_its_typing_tool(capsys, tmp_path, file):
    out = tmp_path / "out"
    code, printed, _ = run(capsys, "learn", file, "--target", "tier", "--out", out, *QUICK, "--golden")
    assert code == 0
    # The tier is made of the income: one question is enough, and a spreadsheet can ask it.
    assert re.search(r"^Golden questions of \d+ columns: income: this question keeps", printed)
    assert printed.count("Golden questions") == 1
    assert "Kept: Logistic regression" in printed
    assert [each.column for each in load_classifier(out).fields] == ["income"]
    people = openpyxl.load_workbook(out / "typing_tool.xlsx")["People"]
    assert [cell.value for cell in people[1]][:2] == ["income", "segment"]


def test_a_file_is_told_by_what_was_learnt_the_same_as_in_python(capsys, tmp_path, file):
    out, placed = tmp_path / "out", tmp_path / "placed"
    run(capsys, "learn", file, "--target", "tier", "--out", out, *QUICK)
    code, printed, notes = run(capsys, "classify", out / "model.segclassifier", file, "--out", placed)
    assert code == 0
    assert "200 rows, 200 of them placed." in printed
    assert "100.0 % of these customers were used for learning" in notes
    told = classify(read_table(file), load_classifier(out))
    assert (placed / "customers.csv").read_bytes() == classified_csv(told)
    plain = pd.read_csv(placed / "id_and_segment.csv")
    assert list(plain.columns) == ["customer_id", "tier"]
    assert len(plain) == 200


def test_telling_prints_json(capsys, tmp_path, file):
    run(capsys, "learn", file, "--target", "tier", "--out", tmp_path / "out", *QUICK)
    code, out, _ = run(capsys, "classify", tmp_path / "out", file, "--out", tmp_path / "placed", "--json")
    assert code == 0
    found = json.loads(out)
    assert sum(each["size"] for each in found["segments"]) == found["rows"]["placed"] == 200
    assert found["used_for_learning"] == 200


def test_the_classifier_asked_for_is_kept(capsys, tmp_path, file):
    out = tmp_path / "out"
    asked = ["--classifier", "logistic-regression", "--columns", "income,spend"]
    run(capsys, "learn", file, "--target", "tier", "--out", out, *QUICK, *asked)
    model = load_classifier(out)
    assert model.classifier == "logistic-regression"
    assert {field.column for field in model.fields} == {"income", "spend"}


def test_the_segments_of_a_saved_model_can_be_learnt(capsys, tmp_path, file):
    run(capsys, "segment", file, "--out", tmp_path / "seg", "--segments", "3", "--columns", "income,spend")
    model = tmp_path / "seg" / "model.segmodel.json"
    arguments = ["--target-model", model, "--out", tmp_path / "out", *QUICK, "--json"]
    code, out, _ = run(capsys, "learn", file, *arguments)
    assert code == 0
    found = json.loads(out)
    assert found["held_out"]["accuracy"] > 0.95
    assert set(found["golden_questions"]["columns"]) <= {"income", "spend"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "nothing"], "no column 'nothing'"),
        (["--target", "tier", "--columns", "shoes"], "no column 'shoes'"),
        (["--target", "tier", "--compete", "magic"], "no classifier 'magic'"),
        (["--target", "tier", "--held-out", "0.9"], "0.05 to 0.5"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_code_2(capsys, tmp_path, file, arguments, words):
    code, out, said = run(capsys, "learn", file, "--out", tmp_path / "out", *arguments)
    assert (code, out) == (2, "")
    assert words in said
    assert not (tmp_path / "out").exists()


def test_every_classifier_is_listed(capsys):
    code, out, _ = run(capsys, "classifiers", "--json")
    assert code == 0
    assert [each["key"] for each in json.loads(out)] == list(CLASSIFIERS)
    _, text, _ = run(capsys, "classifiers")
    assert len(text.splitlines()) == len(CLASSIFIERS)

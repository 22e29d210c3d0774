"""Columns are prepared on the command line as on the screen."""

import json

import numpy as np
import pandas as pd
import pytest

from segmenter.choose.evidence import Sensitivity
from segmenter.cli import main
from segmenter.cli.inspection import _sensitivity_lines
from segmenter.recipe.recipe import DateUse, Missing, Recipe, Role, Scaling, Transform

N = 90


@pytest.fixture
def file(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "email": [f"p{number}@example.com" for number in range(N)],
            "spend": random.lognormal(3, 1.5, N).round(2),
            "a=b": random.integers(0, 9, N),
            "age": random.normal(40, 10, N).round(),
            "mood": random.choice(["plum", "teal", "sage"], N),
            "joined": pd.date_range("2023-01-01", periods=N, freq="3D").strftime("%Y-%m-%d"),
        }
    )
    frame.loc[::9, "age"] = None
    path = tmp_path / "customers.csv"
    frame.to_csv(path, index=False)
    return path


def recipe_of(folder):
    return Recipe.from_json(json.dumps(json.loads((folder / "run.json").read_text())["recipe"]))


def test_every_setting_of_a_column_is_an_option_and_stands_in_the_run(file, tmp_path):
    columns = "--columns spend,a=b,age,mood,joined --segments 3 --date joined=age,2024-12-31"
    numbers = "--transform spend=yeo-johnson --cap spend=2,98 --scale a=b=robust --weight a=b=2"
    others = "--missing age=constant:33 --mark-missing age --order mood=plum,sage,teal --rare mood=0.1"
    said = [word for text in (columns, numbers, others) for word in text.split(" ")]
    assert main(["segment", str(file), "--out", str(tmp_path / "out"), *said]) == 0
    specs = {spec.column: spec for spec in recipe_of(tmp_path / "out").features}
    assert (specs["spend"].transform, specs["spend"].cap) == (Transform.YEO_JOHNSON, (2.0, 98.0))
    assert (specs["a=b"].scaling, specs["a=b"].weight) == (Scaling.ROBUST, 2.0)
    assert (specs["age"].missing, specs["age"].constant, specs["age"].indicator) == (Missing.CONSTANT, 33.0, True)
    assert (specs["mood"].role, specs["mood"].order) == (Role.ORDINAL, ("plum", "sage", "teal"))
    assert specs["mood"].rare == 0.1
    assert (specs["joined"].date_use, specs["joined"].reference) == (DateUse.AGE, "2024-12-31")


def test_one_word_for_missing_values_still_means_all_columns(file, tmp_path):
    assert main(["segment", str(file), "--out", str(tmp_path), "--segments", "2", "--missing", "mean"]) == 0
    assert {spec.missing for spec in recipe_of(tmp_path).segmenting} == {Missing.MEAN}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("--columns email,spend", "email is personal data (e-mail addresses) and never forms segments"),
        ("--transform spend=root", "--transform spend: 'root' is not possible. Possible: none, log, yeo-johnson."),
        ("--transform money=log", "The file has no column 'money'"),
        ("--weight spend", "--weight spend names no column; write --weight COLUMN=…."),
        ("--weight spend=much", "--weight spend: 'much' is no number."),
        ("--weight spend=11", "weights are above 0 and at most 10, not 11"),
        ("--missing age=category", "--missing age: 'category' is not possible. Possible: drop, median"),
        ("--missing most", "--missing: 'most' is not possible"),
        ("--order mood=plum,sage", "--order mood must name every value once, lowest first. There are:"),
        ("--date joined=hour", "--date joined: 'hour' is not possible. Possible: days since, age"),
        ("--kind spend=cash", "--kind spend: 'cash' is not possible. Possible: number, money"),
        ("--kind money=number", "The file has no column 'money'"),
        ("--cap spend=99,1", "caps go from a lower to a higher percentile"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(file, tmp_path, capsys, said, sentence):
    assert main(["segment", str(file), "--out", str(tmp_path), "--segments", "2", *said.split(" ")]) == 2
    assert sentence in capsys.readouterr().err


def test_a_kind_that_is_said_counts(file, capsys):
    assert main(["describe", str(file), "--json", "--kind", "age=code", "--kind", "mood=number"]) == 0
    said = json.loads(capsys.readouterr().out)
    kinds = {column["name"]: (column["kind"], column["reason"]) for column in said["columns"]}
    assert kinds["age"] == ("code", "as you said")
    assert kinds["mood"][0] == "category"
    assert any("can't be taken for a number" in note["text"] for note in said["notes"])


def test_what_is_worth_knowing_is_told_before_segments_are_formed(file, capsys):
    assert main(["prepare", str(file), "--json", "--sensitivity", "--segments", "3", "--no-evening-out"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["evened_out"] == []
    assert [each["column"] for each in said["skewed"]] == ["spend"]
    assert said["values_filled"] == 10
    assert sum(each["share"] for each in said["influence"]) == pytest.approx(1)
    tried = {(each["column"], each["what"], each["to"]) for each in said["sensitivity"]["effects"]}
    assert {("age", "missing", "drop"), ("spend", "transform", "log"), ("", "scaling", "robust")} <= tried


def test_the_same_is_told_in_words(file, capsys):
    assert main(["prepare", str(file), "--sensitivity", "--segments", "3", "--no-evening-out"]) == 0
    shown = capsys.readouterr().out
    assert "0 rows left out, 10 values filled in." in shown
    assert "Strongly skewed: spend" in shown
    assert "spend transform log: " in shown
    # The agreement of the same choices under another seed; that of chance would be 0.
    assert "(adjusted Rand index; another seed alone: " in shown


def test_one_customer_who_would_flip_is_told_as_one():
    tried = Sensitivity(1.0, (), 100, flips=((766, 0.08),))
    assert list(_sensitivity_lines(tried))[-1] == (
        "  1 customer would flip in at least one of these; most often row 767 (8 %)."
    )


def test_what_was_chosen_by_default_is_told(file, capsys):
    assert main(["prepare", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "A few very large values in spend were evened out. --no-evening-out leaves" in shown
    assert "Strongly skewed" not in shown


def test_segment_says_what_was_filled_in_and_which_weight_is_off(file, tmp_path, capsys):
    weights = np.random.default_rng(1).uniform(0.5, 1.5, N).round(3)
    pd.read_csv(file).assign(weight=weights).to_csv(file, index=False)
    assert main(["segment", str(file), "--segments", "2", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "age: 10 missing values filled with the median\n" in said
    assert "Off: weight: it looks like a survey weight" in said
    assert "--weights weight" in said
    assert main(["segment", str(file), "--segments", "2", "--weights", "weight", "--out", str(tmp_path / "out")]) == 0
    assert "Off: weight" not in capsys.readouterr().out


def test_describe_counts_codes_apart_from_empty_cells(file, capsys):
    ages = pd.read_csv(file)["age"]
    pd.read_csv(file).assign(age=ages.mask(ages.index % 9 == 1, 999)).to_csv(file, index=False)
    assert main(["describe", str(file)]) == 0
    assert "10 empty, 10 with 999 taken for “not known”. segments by default" in capsys.readouterr().out


def test_gaps_that_go_together_are_said(tmp_path, capsys, make_customers):
    customers = make_customers(100)
    customers.loc[::5, ["income", "spend"]] = None
    customers.loc[1, "income"] = None
    customers.to_csv(tmp_path / "gaps.csv", index=False)
    assert main(["prepare", str(tmp_path / "gaps.csv")]) == 0
    # phi of 20 and 21 gaps of 100, 20 of them shared: √(20 · 79 / (21 · 80)).
    said = "income and spend are missing together: 20 customers without both (correlation of the gaps 0.97)."
    assert said in capsys.readouterr().out

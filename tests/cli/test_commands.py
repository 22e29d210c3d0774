"""The product without a screen."""

import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from segmenter import Recipe, Result, choose_features, fit_segmentation, load_model, name_segments, read_table
from segmenter.cli import main
from segmenter.io.export.csv import labelled_csv
from segmenter.io.read.samples import mall_customers

COLUMNS = "Annual Income (k$),Spending Score (1-100)"


@pytest.fixture
def mall(tmp_path):
    path = tmp_path / "mall.csv"
    path.write_bytes(mall_customers())
    return path


def test_segment_writes_files_that_agree(mall, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["segment", str(mall), "--out", str(out), "--columns", COLUMNS, "--segments", "5", "--json"]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "customers.csv",
        "model.segmodel.json",
        "report.html",
        "rules.json",
        "rules.sql",
        "rules.txt",
        "run.json",
        "segments.csv",
    ]
    customers, segments = pd.read_csv(out / "customers.csv"), pd.read_csv(out / "segments.csv", index_col="column")
    assert list(segments.loc["Customers"][2:]) == list(customers["segment"].value_counts().sort_index())
    assert list(segments.columns[2:]) == list(customers.groupby("segment")["segment_name"].first())
    assert customers["segment"].value_counts().idxmax() == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "run.json").read_text())
    assert printed["rows"] == {
        "read": 300,
        "in_segments": 300,
        "without_segment": 0,
        "fit_no_segment": 0,
        "lines_left_out": 0,
    }


def test_the_command_line_and_python_give_the_same_bytes(mall, tmp_path):
    out = tmp_path / "out"
    assert main(["segment", str(mall), "--out", str(out), "--columns", COLUMNS, "--segments", "5"]) == 0
    dataset = read_table(mall)
    recipe = Recipe(choose_features(dataset, tuple(COLUMNS.split(","))), 5)
    segmentation = name_segments(dataset, fit_segmentation(dataset, recipe))
    assert (out / "customers.csv").read_bytes() == labelled_csv(Result(dataset, segmentation))


def test_assign_gives_the_training_file_its_own_labels(mall, tmp_path):
    out, again = tmp_path / "out", tmp_path / "again"
    assert main(["segment", str(mall), "--out", str(out), "--segments", "auto", "--columns", COLUMNS]) == 0
    assert main(["assign", str(out / "model.segmodel.json"), str(mall), "--out", str(again)]) == 0
    first, second = pd.read_csv(out / "customers.csv"), pd.read_csv(again / "customers.csv")
    assert list(first["segment"]) == list(second["segment"])
    assert (second["distance"] >= 0).all()


def test_choose_prints_a_score_for_each_number_of_segments(mall, capsys):
    assert main(["choose", str(mall), "--columns", COLUMNS, "--max", "6", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [score["k"] for score in record["scores"]][-5:] == [2, 3, 4, 5, 6]
    needed = {"k", "wcss", "silhouette", "calinski_harabasz", "davies_bouldin", "smallest_share"}
    assert needed <= set(record["scores"][-1])
    assert record["recommended"] == record["cut"] == 5
    assert [border["between"] for border in record["borders"]] == [[a, b] for a in range(1, 6) for b in range(a + 1, 6)]
    assert all(0 <= border["valley"] <= 1 and 0 <= border["p"] <= 1 for border in record["borders"])
    assert record["scores"][3]["segments"][0].keys() == {"jaccard", "found_again", "light"}
    assert record["reason"]


def test_describe_says_what_each_column_is(mall, capsys):
    assert main(["describe", str(mall), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    kinds = {column["name"]: (column["kind"], column["used"]) for column in record["columns"]}
    assert kinds["CustomerID"] == ("identifier", False)
    assert kinds["Annual Income (k$)"][1] is True
    assert record["rows"] == 300
    assert record["dialect"]["separator"] == ","


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["describe", "nowhere.csv"], "no readable file"),
        (["segment", "MALL", "--out", "OUT", "--columns", "Nope"], "no column 'Nope'"),
        (["segment", "MALL", "--out", "OUT", "--segments", "many"], "--segments takes a number"),
        (["segment", "MALL", "--out", "OUT", "--id", "Nope"], "no column 'Nope'"),
        (["segment", "MALL", "--out", "MALL/x", "--segments", "2"], "could not be written"),
        (["choose", "MALL", "--min", "9", "--max", "3"], "no range"),
        (["assign", "MALL", "MALL", "--out", "OUT"], "not a segment model"),
    ],
)
def test_what_can_be_repaired_ends_with_one_sentence_and_exit_code_two(arguments, sentence, mall, tmp_path, capsys):
    asked = [each.replace("MALL", str(mall)).replace("OUT", str(tmp_path / "o")) for each in arguments]
    assert main(asked) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


def test_the_module_runs_as_a_program(mall):
    ran = subprocess.run(
        [sys.executable, "-m", "segmenter", "describe", str(mall)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert "300 customers" in ran.stdout
    assert ran.stderr == ""


def test_an_identifier_named_by_the_user_is_never_segmented_by(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"{number * 37 % 101},{number % 7},{number % 5}" for number in range(60)]
    path.write_text("\n".join(["key,a,b", *rows]))
    assert main(["segment", str(path), "--out", str(tmp_path / "o"), "--id", "key", "--segments", "2"]) == 0
    recipe = json.loads((tmp_path / "o" / "run.json").read_text())["recipe"]
    assert {each["column"]: each["role"] for each in recipe["features"]}["key"] == "id"


def test_real_files_go_through_with_no_setting(shared_data, tmp_path):
    for name in ("Train.csv", "marketing_campaign.csv", "cc_general.csv"):
        out = tmp_path / name
        assert main(["segment", str(shared_data / name), "--out", str(out), "--segments", "4"]) == 0
        labelled = pd.read_csv(io.BytesIO((out / "customers.csv").read_bytes()), dtype=str)
        source = (shared_data / name).read_text().strip().splitlines()
        assert len(labelled) == len(source) - 1
        assert Path(out / "model.segmodel.json").stat().st_size < 200_000


def test_columns_that_are_left_out_are_named_with_the_reason(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "\n".join(f"{n * n % 29},{n % 7},5" for n in range(40)))
    assert main(["segment", str(path), "--out", str(tmp_path / "o"), "--segments", "2"]) == 0
    assert "Left out: c (constant): " in capsys.readouterr().out


def test_a_file_of_equal_rows_holds_nothing_to_group(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 40)
    assert main(["segment", str(path), "--out", str(tmp_path / "o"), "--segments", "2"]) == 2
    assert "All rows are the same" in capsys.readouterr().err


def test_a_text_that_excel_cannot_hold_is_cut_and_said_in_the_workbook_and_on_the_command_line(tmp_path, capsys):
    table = pd.DataFrame(
        {
            "spend": [1, 2, 90, 91],
            "visits": [1, 2, 40, 41],
            "remark": ["x" * 40_000, "y" * 32_767, "\U0001f600" * 20_000, "z"],
        }
    )
    table.to_csv(tmp_path / "long.csv", index=False)
    command = ["segment", str(tmp_path / "long.csv"), "--segments", "2", "--columns", "spend,visits"]
    assert main([*command, "--out", str(tmp_path / "out"), "--also", "excel"]) == 0
    assert "2 texts are longer than the 32,767 letters that a cell of Excel holds." in capsys.readouterr().err
    sheet = openpyxl.load_workbook(next((tmp_path / "out").glob("*.xlsx")))["Customers"]
    cells = [row[2].value for row in sheet.iter_rows(min_row=2)]
    assert len(cells[0]) == 32_767
    assert cells[0].endswith("x … (cut: a cell of Excel holds 32,767 letters)")
    assert cells[1] == "y" * 32_767
    # The format counts such a letter as two.
    assert cells[2].startswith("\U0001f600" * 16_000)
    assert cells[2].endswith("(cut: a cell of Excel holds 32,767 letters)")
    assert len(cells[2].encode("utf-16-le")) == 2 * 32_766
    assert cells[3] == "z"
    assert pd.read_csv(tmp_path / "out" / "customers.csv")["remark"][0] == "x" * 40_000

    assert main([*command, "--out", str(tmp_path / "plain")]) == 0
    assert "Excel" not in capsys.readouterr().err


def test_the_reason_why_a_customer_is_in_no_segment_stands_in_the_files_own_customers(tmp_path):
    rows = "".join(f"c{at},{at % 2 * 50 + at},{at % 2 * 9 + 1}\n" for at in range(20))
    (tmp_path / "gaps.csv").write_text(f"id,spend,visits\n{rows}c20,,4\nc21,7,\nc22,oops,3\n")
    command = ["segment", str(tmp_path / "gaps.csv"), "--out", str(tmp_path / "out"), "--segments", "2"]
    assert main([*command, "--columns", "spend,visits", "--missing", "drop"]) == 0
    customers = pd.read_csv(tmp_path / "out" / "customers.csv", keep_default_na=False, dtype=str)
    assert customers["reason"].tolist()[:20] == [""] * 20
    assert customers["reason"].tolist()[20:] == [
        "spend is missing",
        "visits is missing",
        "spend has a value that cannot be read as a number",
    ]
    assert (customers["segment"] == "").tolist() == [False] * 20 + [True] * 3


def test_where_everybody_is_in_a_segment_there_is_no_column_of_reasons(mall, tmp_path):
    assert main(["segment", str(mall), "--out", str(tmp_path / "out"), "--segments", "5", "--columns", COLUMNS]) == 0
    assert "reason" not in pd.read_csv(tmp_path / "out" / "customers.csv").columns


def test_describing_a_file_loads_nothing_that_forming_segments_takes(tmp_path):
    (tmp_path / "some.csv").write_text("age,spent\n1,2\n3,4\n5,6\n")
    code = (
        "import sys; from segmenter.cli import main; main(['describe', sys.argv[1]]);"
        "print(sorted({'sklearn', 'scipy', 'numba', 'sqlalchemy', 'polars', 'xlsxwriter'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "some.csv")], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"


def names_in(folder):
    return pd.read_csv(folder / "customers.csv").groupby("segment")["segment_name"].first().tolist()


def test_names_of_ones_own_travel_into_every_file_and_the_others_are_suggested(mall, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ["segment", str(mall), "--out", str(out), "--columns", COLUMNS, "--segments", "3", "--names"]
    assert main([*asked, 'Our core, ,"Old, rich"']) == 0
    names = names_in(out)
    assert (names[0], names[2]) == ("Our core", "Old, rich")
    assert not names[1].startswith("Segment")
    assert "Our core" in (out / "rules.sql").read_text()
    assert json.loads((out / "run.json").read_text())["segments"][2]["name"] == "Old, rich"
    assert load_model(out / "model.segmodel.json").names == tuple(names)
    assert main([*asked, "2=Bargain hunters"]) == 0
    assert names_in(out)[1] == "Bargain hunters"
    assert main([*asked, "A,B,C,D"]) == 2
    assert "there are 3" in capsys.readouterr().err
    assert (
        main(["assign", str(out / "model.segmodel.json"), str(mall), "--out", str(tmp_path / "next"), "--names", "1=X"])
        == 0
    )
    assert names_in(tmp_path / "next")[0] == "X"


def test_the_value_column_is_the_one_that_is_named(mall, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ["segment", str(mall), "--out", str(out), "--columns", COLUMNS, "--segments", "3"]
    assert main([*asked, "--value", "Age"]) == 0
    run = json.loads((out / "run.json").read_text())
    assert run["value_column"] == "Age"
    assert sum(each["value"] for each in run["segments"]) == pd.read_csv(mall)["Age"].sum()
    assert main([*asked, "--value", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err

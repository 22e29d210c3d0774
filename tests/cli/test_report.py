"""`segmenter report`: a file, or a saved model's segments, for people."""

import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest

from segmenter.cli import main
from segmenter.io.read.samples import mall_customers

COLUMNS = "Annual Income (k$),Spending Score (1-100)"


@pytest.fixture
def mall(tmp_path):
    path = tmp_path / "mall.csv"
    path.write_bytes(mall_customers())
    return path


def report(mall, folder, *more):
    return main(["report", str(mall), "--out", str(folder), "--columns", COLUMNS, "--segments", "3", *more])


def test_it_writes_every_format_that_is_asked_for_and_says_whether_there_are_segments(mall, tmp_path, capsys):
    assert report(mall, tmp_path / "out", "--format", "html,pptx,xlsx") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.pptx", "segments.xlsx"}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<h1>3 segments of 300 customers</h1>" in page
    # Natural, as the comparison of numbers of segments finds of five round groups.
    assert "This report shows 3; 5 segments would be advised." in page
    written = capsys.readouterr().out.splitlines()
    assert [line.split("/")[-1] for line in written] == ["report.html", "report.pptx", "segments.xlsx"]
    with zipfile.ZipFile(io.BytesIO((tmp_path / "out" / "report.pptx").read_bytes())) as packed:
        assert "ppt/slides/slide1.xml" in packed.namelist()


def test_it_describes_a_file_by_a_saved_model(mall, tmp_path, capsys):
    main(["segment", str(mall), "--out", str(tmp_path / "model"), "--columns", COLUMNS, "--segments", "3"])
    model = tmp_path / "model" / "model.segmodel.json"
    capsys.readouterr()
    assert main(["report", str(mall), "--out", str(tmp_path / "out"), "--model", str(model), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [path.split("/")[-1] for path in record["written"]] == ["report.html"]
    assert "placed in segments that were formed from others" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_it_says_who_moved_since_last_month(mall, tmp_path, capsys):
    text = mall.read_text(encoding="utf-8").splitlines()
    now = tmp_path / "now.csv"
    now.write_text("\n".join([text[0], *text[11:]]) + "\n", encoding="utf-8")
    main(["segment", str(mall), "--out", str(tmp_path / "model"), "--columns", COLUMNS, "--segments", "3"])
    model, labelled = tmp_path / "model" / "model.segmodel.json", tmp_path / "model" / "customers.csv"
    arguments = ["report", str(now), "--out", str(tmp_path / "out"), "--model", str(model), "--id", "CustomerID"]
    # Labelled or not. The file that the segments were formed from keeps all of its customers in them; in any other file
    # the farthest of these fits none.
    for since in (mall, labelled):
        assert main([*arguments, "--since", str(since)]) == 0
        page = (tmp_path / "out" / "report.html").read_text("utf-8")
        assert re.search(r"\b1 of 290 returning customers changed segment, 0 are new, 10 are gone\.", page)
    capsys.readouterr()
    assert report(mall, tmp_path / "out", "--since", str(labelled)) == 2
    assert "--model" in capsys.readouterr().err


def test_segment_writes_the_report_too(mall, tmp_path):
    arguments = ["--columns", COLUMNS, "--segments", "3", "--also", "slides"]
    assert main(["segment", str(mall), "--out", str(tmp_path / "out"), *arguments]) == 0
    assert {"report.html", "report.pptx"} <= {path.name for path in (tmp_path / "out").iterdir()}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--format", "pdf"], "--format"),
        (["--format", ""], "--format"),
        (["--value", "no such column"], "no such column"),
        (["--value", "Gender"], "holds no numbers"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence_before_anything_is(mall, tmp_path, capsys, more, said):
    assert report(mall, tmp_path / "out", *more) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_lines_of_last_months_purchases_are_added_up_as_this_months_are(tmp_path, capsys):
    def lines(month, customers):
        rows = [
            f"C{number:03d},{month}-{1 + (number * 7 + order) % 27:02d},{number}-{month}-{order},{5 + number % 9}.5"
            for number in customers
            for order in range(1 + number % 4)
        ]
        path = tmp_path / f"{month}.csv"
        path.write_text("\n".join(["customer,date,order,amount", *rows, ""]), encoding="utf-8")
        return path

    before, now = lines("2024-03", range(120)), lines("2024-04", range(20, 150))
    assert main(["segment", str(before), "--segments", "3", "--out", str(tmp_path / "model")]) == 0
    model = tmp_path / "model" / "model.segmodel.json"
    arguments = ["--model", str(model), "--out", str(tmp_path / "out"), "--snapshot-date", "2024-05-01"]
    assert main(["report", str(now), "--since", str(before), *arguments]) == 0
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert re.search(r"\d+ of 100 returning customers changed segment, 30 are new, 20 are gone\.", page)


def test_a_report_of_one_crowd_says_how_to_cut_it_and_shares_nothing_between_one_segment(tmp_path, capsys):
    chance = np.random.default_rng(1)
    long_cloud = chance.normal(50, 10, (400, 1)) + chance.normal(0, 4, (400, 3))
    pd.DataFrame(long_cloud.round(2), columns=["a", "b", "spend"]).to_csv(tmp_path / "cloud.csv", index=False)
    assert main(["report", str(tmp_path / "cloud.csv"), "--out", str(tmp_path / "out")]) == 0
    assert re.search(
        r"a cut into (\d) is found again.*To cut them into tiers: --segments \1\.", capsys.readouterr().err, re.S
    )
    written = (tmp_path / "out" / "report.html").read_text()
    assert "Your customers are one crowd." in written
    for denied in ("holds 100 %", "differ by degrees", "The borders between these segments", ">segments<"):
        assert denied not in written

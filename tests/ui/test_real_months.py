"""Two months: the page, the command line and Python say the same of them, to the last byte."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmenter import (
    EXPORTERS,
    assign_segments,
    check_model,
    leave_out_unfit,
    load_model,
    read_purchases,
    read_table,
    refit,
)
from segmenter.cli import main
from segmenter.io.export.run import check_record
from segmenter.monitor.drift import without_unfit
from segmenter.segment.result import Result
from tests.ui.test_pages import PAGE, session_of

DATA = Path(__file__).parents[3] / "shared" / "data"


def cdnow(folder):
    """The purchases of the sample up to September 1997, and those after."""
    lines = (DATA / "cdnow_sample.txt").read_text().splitlines(keepends=True)
    earlier = [line for line in lines if line.split()[2] <= "19970930"]
    later = [line for line in lines if line.split()[2] > "19970930"]
    files = folder / "until_september.txt", folder / "since.txt"
    for path, half in zip(files, (earlier, later), strict=True):
        path.write_text("".join(half))
    return files


def retail(folder):
    """The order lines of every twentieth customer before June 2011, and those since."""
    lines = pd.read_parquet(DATA / "online_retail.parquet")
    lines = lines[lines["CustomerID"] % 20 == 0]
    earlier = lines["InvoiceDate"] < "2011-06-01"
    files = folder / "until_may.parquet", folder / "since_june.parquet"
    for path, half in zip(files, (lines[earlier], lines[~earlier]), strict=True):
        half.to_parquet(path, index=False)
    return files


def train_and_test(_):
    return DATA / "Train.csv", DATA / "Test.csv"


def made_up(folder):
    """Files as a spreadsheet in German writes them, with gaps, a new value, and customers who fit no segment."""
    files = folder / "mai.csv", folder / "juni.csv"
    for month, path in enumerate(files):
        random = np.random.default_rng(month)
        rows = ["Kundennr;Umsatz;Besuche;Stadt;Art"]
        for at in range(20 * month, 260 + 20 * month):
            kind = at * 7 % 3
            spend = 3_000.5 if month and at % 60 == 0 else 20 + 40 * kind + random.normal() * 4
            town = "Köln" if month and at % 19 == 0 else ("Łódź", "Graz; West", '"Wien"')[kind]
            cell = "" if at % 31 == 5 else f"{spend:.2f}".replace(".", ",")
            rows.append(f'{at:05d};{cell};{random.poisson(3 + 5 * kind)};"{town.replace(chr(34), chr(34) * 2)}";Kunde')
        path.write_text("\r\n".join([*rows, ""]), "cp1250" if month else "utf-8")
    return files


@pytest.mark.parametrize("months", [made_up, cdnow, retail, train_and_test])
def test_two_months_are_the_same_bytes_everywhere(months, tmp_path, offered, capsys):
    if months is not made_up and not DATA.exists():
        pytest.skip("the shared data is not there")
    before, now = months(tmp_path)
    first, second, moves, told = (tmp_path / name for name in ("first", "second", "moves", "told"))
    assert main(["segment", str(before), "--segments", "3", "--out", str(first)]) == 0
    model = first / "model.segmodel.json"
    capsys.readouterr()
    assert main(["assign", str(model), str(now), "--out", str(second), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)["check"]
    assert main(["moved", str(first / "customers.csv"), str(second / "customers.csv"), "--out", str(moves)]) == 0
    expected = (second / "customers.csv").read_bytes()

    app = AppTest.from_file("../../app.py", default_timeout=300).run()
    app.switch_page(PAGE.format("next_month")).run()
    app.selectbox(key="next_month_model").set_value("an uploaded model file").run()
    uploads = {each.label: each for each in app.file_uploader}
    uploads["Model file (.segmodel.json)"].set_value((model.name, model.read_bytes(), "application/json")).run()
    uploads = {each.label: each for each in app.file_uploader}
    uploads["Customer file to place"].set_value((now.name, now.read_bytes(), "text/plain")).run()
    confirm = [each for each in app.checkbox if "I have checked this" in each.label]
    if confirm:
        confirm[0].check().run()
    uploads = {each.label: each for each in app.file_uploader}
    labelled = (first / "customers.csv").read_bytes()
    uploads["Last month's file, for who moved"].set_value(("customers.csv", labelled, "text/csv")).run()
    assert not app.exception
    assert not app.error
    answer = app.title[0].value.replace("\\", "").rstrip(".")
    assert offered.content("next_month_customers-csv_download") == expected
    with zipfile.ZipFile(io.BytesIO(offered.content("next_month_moved_download"))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in moves.iterdir()
        }

    reporting = ["report", str(now), "--model", str(model), "--since", str(first / "customers.csv")]
    assert main([*reporting, "--format", "html,pptx", "--out", str(told)]) == 0
    assert offered.content("next_month_report_download") == (told / "report.html").read_bytes()
    assert offered.content("next_month_slides_download") == (told / "report.pptx").read_bytes()
    # What is kept of the run is one, too, and the command line repeats what the app did.
    record = offered.content("next_month_run_download")
    assert record == (second / "run.json").read_bytes()
    (told / "run.json").write_bytes(record)
    assert main(["run", str(told / "run.json"), str(now), "--model", str(model), "--out", str(told / "again")]) == 0
    for name in ("customers.csv", "report.html", "run.json"):
        assert (told / "again" / name).read_bytes() == (second / name).read_bytes()

    if months is train_and_test:
        # Both files are the visitor's only ones: lists of who joined and left are made of them all the same.
        app.button(key="next_month_to_use").click().run()
        assert not app.exception
        assert app.segmented_control(key="use_since").options[1:] == ["Who has joined since", "Who has left since"]
        app.switch_page(PAGE.format("next_month")).run()

    anew = tmp_path / "anew"
    assert main(["refit", str(model), str(now), "--out", str(anew)]) == 0
    formed = (anew / "model.segmodel.json").read_bytes()
    app.button(key="anew_form").click().run()
    if (job := session_of(app).jobs.job) is not None:
        job.wait()
        app.run()
    assert offered.content("anew_model_download") == formed
    assert offered.content("anew_customers-csv_download") == (anew / "customers.csv").read_bytes()

    dataset, loaded = read_purchases(now) if months in (cdnow, retail) else read_table(now), load_model(model)
    assignment = assign_segments(dataset, loaded)
    assert EXPORTERS["model"].export(Result(dataset, refit(dataset, loaded)[0])) == formed
    check = check_model(dataset, assignment)
    as_shown = without_unfit(loaded, check)
    assert as_shown.sentence.startswith(answer)
    assert checked == json.loads(json.dumps(check_record(as_shown)))
    kept = leave_out_unfit(dataset, assignment, check)
    assert EXPORTERS["customers-csv"].export(Result(dataset, kept.segmentation, kept)) == expected

"""Adding one entry to a registry is enough: a throw-away entry of each is found in every place it belongs to."""

import json
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from segmenter.charts import CHARTS, Chart
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.cli import main
from segmenter.cluster import ALGORITHMS
from segmenter.io.export import EXPORTERS, Exporter
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.io.read.readers import IMPORTERS, Importer, read_content
from segmenter.io.read.samples import mall_customers
from segmenter.ui import main as screen
from tests.methods_for_tests import TINY
from tests.ui.test_learn import as_csv, known_customers
from tests.ui.test_pages import app, look_at, session_of, texts, with_comparison, with_segments  # noqa: F401 - a fixture among them

TITLE = "A chart for once"


@pytest.fixture
def mall(tmp_path):
    path = tmp_path / "mall.csv"
    path.write_bytes(mall_customers())
    return path


def segment(mall, folder, *more):
    columns = "Annual Income (k$),Spending Score (1-100)"
    return main(["segment", str(mall), "--columns", columns, "--segments", "3", "--out", str(folder), *more])


def on_paper(result):
    figure = Figure()
    figure.subplots().bar(["one", "two"], [1, 2])
    return figure


@pytest.fixture
def chart(monkeypatch):
    # Of a kind that no other chart is: what it shows is in neither `y` nor `r`.
    pie = go.Figure(go.Pie(values=[1, 2], labels=["one", "two"]))
    drawn = Chart(TITLE, "Quality", lambda result: pie, help="Read it so.", paper=on_paper)
    monkeypatch.setitem(CHARTS, "for-once", drawn)


def test_a_chart_stands_on_the_page(app, chart):  # noqa: F811
    assert TITLE in texts(look_at(with_segments(app), "Quality").subheader)
    assert TITLE in texts(app.switch_page("segmenter/ui/pages/segments.py").run().subheader)


def test_a_chart_stands_in_the_page_of_charts_that_the_command_line_writes(mall, tmp_path, chart):
    assert segment(mall, tmp_path / "out", "--also", "charts") == 0
    page = (tmp_path / "out" / "charts.html").read_text(encoding="utf-8")
    assert all(f"<h2>{each.title}</h2>" in page for each in CHARTS.values())
    assert "Read it so." in page


def test_a_chart_with_a_drawing_for_paper_stands_in_the_report_and_in_slides(mall, tmp_path, chart):
    assert segment(mall, tmp_path / "out", "--also", "slides") == 0
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert TITLE in report
    assert "Read it so." in report
    slides = Presentation(tmp_path / "out" / "report.pptx").slides
    (slide,) = [
        each for each in slides if any(TITLE in shape.text_frame.text for shape in each.shapes if shape.has_text_frame)
    ]
    assert any(hasattr(shape, "image") for shape in slide.shapes)


@pytest.fixture
def download(monkeypatch):
    entry = Exporter("Sizes for once", "sizes", ".txt", "text/plain", "sizes", lambda r: str(r.n_placed).encode())
    monkeypatch.setitem(EXPORTERS, "for-once", entry)


def test_a_download_stands_on_the_page(app, download, offered):  # noqa: F811
    with_segments(app)
    app.switch_page("segmenter/ui/pages/export.py").run()
    assert "Sizes for once" in texts(app.markdown)
    assert offered.content("export_for-once_download") == b"300"


def test_a_download_is_written_by_the_command_line(mall, tmp_path, download):
    assert segment(mall, tmp_path / "out") == 0
    assert (tmp_path / "out" / "sizes.txt").read_bytes() == b"300"


def test_a_way_to_form_segments_stands_on_the_page_and_the_command_line(app, mall, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setitem(ALGORITHMS, "by-chance", TINY["by-chance"])
    with_comparison(app).selectbox(key="choose_method").set_value("by-chance").run()
    assert session_of(app).recipe.algorithm == "by-chance"
    assert main(["methods", "--json"]) == 0
    assert "by-chance" in capsys.readouterr().out
    assert segment(mall, tmp_path / "out", "--method", "by-chance") == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text())["recipe"]["algorithm"] == "by-chance"


def test_a_classifier_stands_on_the_page_and_the_command_line(app, tmp_path, monkeypatch, capsys):  # noqa: F811
    entry = replace(CLASSIFIERS["decision-tree"], key="for-once", title="A tree for once")
    monkeypatch.setitem(CLASSIFIERS, "for-once", entry)
    app.file_uploader[0].upload("known.csv", as_csv(known_customers()), "text/csv").run()
    app.switch_page("segmenter/ui/pages/learn.py").run()
    assert not app.exception
    assert "A tree for once" in app.multiselect(key="learn_classifiers").options
    assert main(["classifiers", "--json"]) == 0
    assert "A tree for once" in capsys.readouterr().out
    path = tmp_path / "known.csv"
    path.write_bytes(as_csv(known_customers()))
    quick = ["--compete", "for-once", "--classifier", "for-once", "--no-tuning", "--folds", "2"]
    assert main(["learn", str(path), "--target", "Segmentation", *quick, "--out", str(tmp_path / "out")]) == 0
    assert "A tree for once" in capsys.readouterr().out


def test_a_reader_reads_what_begins_as_it_says(monkeypatch):
    def read(content, options, sink):
        return read_content(memoryview(bytes(content)[4:]), options, sink)

    monkeypatch.setitem(IMPORTERS, "for-once", Importer(read, begins=(b"ONCE",)))
    parsed = read_content(memoryview(b"ONCEa,b\n1,2\n3,4\n"), ReadOptions())
    assert isinstance(parsed, Parsed)
    assert parsed.cells.num_rows == 2


def test_a_page_stands_in_the_navigation(tmp_path, monkeypatch):
    folder = Path(screen.__file__).with_name("pages")
    for page in folder.glob("*.py"):
        (tmp_path / page.name).write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "once.py").write_text("import streamlit as st\n\nst.title('A page for once')\n", encoding="utf-8")
    monkeypatch.setattr(screen, "page_file", lambda name: str(tmp_path / f"{name}.py"))
    entry = screen.PageEntry("once", "Once", ":material/bolt:", needs_data=False, beside="export")
    monkeypatch.setattr(screen, "PAGES", (*screen.PAGES, entry))
    visitor = AppTest.from_file(str(Path(screen.__file__).parents[2] / "app.py"), default_timeout=60).run()
    visitor.switch_page(str(tmp_path / "once.py")).run()
    assert not visitor.exception
    assert "A page for once" in texts(visitor.title)

"""What one page says of the segments, the next page does not contradict, and says it in the same way."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.choose.k import Verdict
from tests.ui.test_pages import PAGE, columns_list, compared, finish_job, session_of, texts, with_sample, with_segments

ROOT = Path(__file__).resolve().parents[2]
# Of a style sheet, where the sign belongs to the figure, and the one place that writes it anew for D3.
STYLE = re.compile(r"[a-z-]+:\s*[^;]*\d%|color-mix|minmax|calc|width|height")
AXES = {"segmenter/charts/theme.py", "segmenter/explain/columns.py"}
CONVENTION = "the borders are a convention"


@pytest.fixture
def app():
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def test_the_verdict_travels_along_to_the_segments(app):
    with_segments(app)
    assert "Reliable" in texts(app.markdown)
    for verdict in Verdict:
        selection = session_of(app).selection
        selection.keep(replace(selection.latest, verdict=verdict), selection.basis)
        app.run()
        assert not app.exception
        said = CONVENTION in texts(app.warning)
        assert said == (verdict in (Verdict.NONE, Verdict.CONSTRUCTED))


def test_a_light_of_few_customers_says_so(app):
    # 40 customers around (0, 0) and 9 around (100, 100); 10 are enough for a value to be listed anywhere.
    rows = [(n * 7 % 11 + n / 100, n * 5 % 13) for n in range(40)]
    rows += [(100 + n / 10, 100 + n * 3 % 7) for n in range(9)]
    content = "spend,visits\n" + "\n".join(f"{spend},{visits}" for spend, visits in rows)
    app.file_uploader[0].set_value(("c.csv", content.encode(), "text/csv")).run()
    compared(app, 2, 3).slider(key="choose_k").set_value(2).run()
    app.switch_page(PAGE.format("segments")).run()
    finish_job(app)
    assert not app.exception
    assert [profile.size for profile in session_of(app).result.latest.profiles] == [40, 9]
    lights = [each.value for each in app.markdown if "-badge[" in each.value]
    assert [("few customers" in light) for light in lights] == [False, True]


def test_without_columns_choose_says_why_nothing_can_be_compared(app):
    with_sample(app).switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value([]).run()
    app.switch_page(PAGE.format("choose")).run()
    assert not app.exception
    assert session_of(app).jobs.job is None
    assert "No column is picked" in texts(app.warning)
    assert "prepare" in [link.proto.page for link in app.get("page_link")]
    assert app.button(key="step_next").disabled


def written_per_cents(path):
    """Return what a module's code writes with a per cent sign directly behind a figure."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(each.body[0].value) for each in ast.walk(tree) if isinstance(each, documented)
                  and each.body and isinstance(each.body[0], ast.Expr)}  # fmt: skip
    strings = [each for each in ast.walk(tree) if isinstance(each, ast.JoinedStr)]
    inside = {id(part) for each in strings for part in ast.walk(each) if part is not each}
    strings += [each for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    for each in strings:
        if id(each) in docstrings or id(each) in inside:
            continue
        text = ast.unparse(each)
        if re.search(r"(?<!xa)\d%(?![a-z(])|\}%", text) and not STYLE.search(text):
            yield text


def test_per_cents_are_written_one_way_everywhere():
    modules = sorted((ROOT / "segmenter").rglob("*.py"))
    found = {path.relative_to(ROOT).as_posix(): texts for path in modules if (texts := sorted(written_per_cents(path)))}
    assert {path for path in found if path not in AXES} == set(), found
    assert set(found) == AXES  # the search finds what is there
    assert not [path for path in modules if re.search(r"format=.?percent", path.read_text(encoding="utf-8"))]
    assert not re.search(r"\d%|\}%", (ROOT / "segmenter/explain/words.toml").read_text(encoding="utf-8"))

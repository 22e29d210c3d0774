"""What one page says of the segments, the next page does not contradict."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.choose.k import Verdict
from tests.ui.test_pages import PAGE, compared, finish_job, session_of, texts, with_sample, with_segments

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
    app.multiselect(key="prepare_columns").set_value([]).run()
    app.switch_page(PAGE.format("choose")).run()
    assert not app.exception
    assert session_of(app).jobs.job is None
    assert "No column is picked" in texts(app.warning)
    assert "prepare" in [link.proto.page for link in app.get("page_link")]
    assert app.button(key="step_next").disabled

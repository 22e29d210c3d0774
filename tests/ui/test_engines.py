"""Customers of an engine in the app: the same pages, and nothing but samples and aggregates here."""

import time

import duckdb
import numpy as np
import pandas as pd
import pytest
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from segmenter import assign_segments, check_model, config, read_frame
from segmenter.display import percent_text
from segmenter.engines.engine import DuckDBEngine
from segmenter.engines.purchases import open_customers
from segmenter.ui.pages.segments import NAME
from tests.ui.test_pages import compared, finish_job, session_of

N = 3_000


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Return the folder of a shop that the server's secrets name, with more customers than a sample holds."""
    random = np.random.default_rng(5)
    group = random.choice(3, N, p=[0.5, 0.3, 0.2])
    frame = pd.DataFrame({"customer_id": [f"C{number:05d}" for number in range(N)]})
    frame["visits"] = (group * 10 + random.normal(0, 1, N)).round(3)
    frame["basket"] = ((group == 1) * 9 + random.normal(0, 1, N)).round(3)
    frame["total_spend"] = (np.exp(group) * 100 + random.random(N)).round(2)
    frame.to_parquet(tmp_path / "clients.parquet", index=False)
    moved = frame.iloc[100:].assign(visits=lambda each: np.where(np.arange(N - 100) % 9 == 0, 10.0, each["visits"]))
    moved.loc[moved.index[:60], "basket"] = 400.0
    new = moved.iloc[-40:].assign(customer_id=[f"N{number}" for number in range(40)])
    pd.concat([moved, new]).to_parquet(tmp_path / "next.parquet", index=False)
    total = pd.DataFrame({"customer_id": ["Grand total"], "visits": [frame["visits"][:80].sum()]})
    pd.concat([frame[:80], total]).to_csv(tmp_path / "summed.csv", index=False)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.register("handed_over", frame)
        database.execute("CREATE TABLE clients AS SELECT * FROM handed_over")
    engines = {
        "files": {
            "address": "duckdb",
            "folder": str(tmp_path / "out"),
            "tables": {
                "Clients": str(tmp_path / "clients.parquet"),
                "Next": str(tmp_path / "next.parquet"),
                "June": str(tmp_path / "out" / "june.parquet"),
                "Summed": str(tmp_path / "summed.csv"),
            },
        },
        "database": {"address": "duckdb", "database": str(tmp_path / "shop.duckdb")},
        "far away": {"address": "sc://127.0.0.1:1", "tables": ["t"]},
        "nothing": {"folder": "x"},
    }
    monkeypatch.setattr(secrets_singleton, "_secrets", {"engines": engines})
    monkeypatch.setattr(config, "ENGINE_SAMPLE_ROWS", 600)
    return tmp_path


@pytest.fixture
def app(shop):
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def looked_at(app):
    app.button(key="engine_look").click().run()
    assert not app.exception
    return app


def test_an_engine_of_the_secrets_goes_the_whole_way(app, shop, monkeypatch):
    came = []
    asked = DuckDBEngine._asked

    def counted(self, written):
        answer = asked(self, written)
        came.append(len(answer))
        return answer

    monkeypatch.setattr(DuckDBEngine, "_asked", counted)
    assert app.selectbox(key="engine_name").options == ["files", "database", "far away"]
    looked_at(app)
    n_sample = session_of(app).dataset.n_customers
    assert 500 < n_sample < 700
    assert app.title[0].value == f"We read a sample of {n_sample} of 3,000 customers in 4 columns."
    metrics = {each.label: each.value for each in app.metric}
    assert metrics["Customers"] == "3,000"
    compared(app, 2, 4)
    # What is of the sample says so, on every page.
    assert any(f"This page is of a sample of {n_sample} of 3,000" in each.value for each in app.markdown)
    app.slider(key="choose_k").set_value(3).run()
    app.switch_page("segmenter/ui/pages/segments.py").run()
    # Where the segments are formed at once, what all customers are counted for is under way already.
    while session_of(app).jobs.job is not None:
        finish_job(app)
    assert not app.exception
    assert "All 3,000 customers" in [each.value for each in app.header]
    figures = session_of(app).engine.counted.latest.figures
    assert figures["size"].sum() == N
    # The cards hold them too.
    cards = " ".join(each.proto.body for each in app.get("html"))
    assert all(f"{size:,} customers" in cards for size in figures["size"])
    # The segments are those of all customers: the labels that the engine writes have these sizes and means.
    app.text_input(key=f"{NAME}_engine_name").set_value("may").run()
    app.button(key=f"{NAME}_engine_write").click().run()
    finish_job(app)
    assert any("3,000 customers with their segments" in each.value for each in app.success), app.success
    written = (
        duckdb.sql(f"SELECT segment_name, COUNT(*) AS n, AVG(visits) AS v FROM '{shop}/out/may.parquet' GROUP BY 1")
        .df()
        .set_index("segment_name")
        .loc[figures["segment_name"]]
    )
    assert written["n"].tolist() == figures["size"].tolist()
    np.testing.assert_allclose(written["v"], figures["visits (mean)"], rtol=1e-9)
    assert max(came) <= 700
    # The same name is never written over.
    app.text_input(key=f"{NAME}_engine_name").set_value("../out/may").run()
    assert any("is no name" in each.value for each in app.warning)
    assert [each.name for each in (shop / "out").iterdir()] == ["may.parquet"]
    app.switch_page("segmenter/ui/pages/use.py").run()
    said = [each.value for each in app.warning]
    assert any(f"Lists made here are of a sample: {n_sample} of 3,000 customers" in each for each in said)
    assert any(f"These files are of a sample: {n_sample} of 3,000 customers" in each for each in said)


def test_a_total_is_no_customer_in_any_step(app):
    app.selectbox(key="engine_table").set_value("Summed").run()
    looked_at(app)
    mine = session_of(app)
    assert mine.dataset.n_customers == 80
    assert any("'Grand total'" in note.text for note in mine.dataset.notes)
    # Each step opens a connection of its own.
    with open_customers(mine.file.cells.place) as engine:
        assert engine.count() == 80


def on_next_month(app, table):
    app.switch_page("segmenter/ui/pages/next_month.py").run()
    app.selectbox(key="next_month_source_table").set_value(table).run()
    app.button(key="next_month_source_look").click().run()
    while session_of(app).jobs.job is not None:
        finish_job(app)
    assert not app.exception
    return app


def test_next_month_is_counted_over_all_customers_of_an_engine_and_its_lists_are_written_there(app, shop):
    looked_at(app)
    compared(app, 2, 4)
    app.slider(key="choose_k").set_value(3).run()
    app.switch_page("segmenter/ui/pages/segments.py").run()
    while session_of(app).jobs.job is not None:
        finish_job(app)
    on_next_month(app, "Next")
    now = pd.read_parquet(shop / "next.parquet")
    model = session_of(app).next_month.model
    own = check_model(read_frame(now), assign_segments(read_frame(now), model))
    # The title is what the sentence says first; its reason stands below.
    said, _, reason = own.sentence.partition(": ")
    assert app.title[0].value.replace("\\", "").rstrip(".") == said
    assert reason in " ".join(each.value for each in app.markdown).replace("\\", "")
    metrics = {each.label: each.value for each in app.metric}
    assert metrics["Customers now"] == f"{len(now):,}"
    assert metrics["Fit no segment"] == percent_text(own.unfit, 1)
    # The customers of the Data page stand for last month, all of them.
    assert (metrics["New"], metrics["Gone"]) == ("40", "100")
    movement = session_of(app).next_month.movement.latest
    assert movement.n_both == N - 100
    figures = session_of(app).next_month.engine.counted.latest
    assert figures.figures["size"].sum() + figures.without == len(now)
    assert figures.without >= own.unfit * len(now) - 1
    assert not len(movement.now.segment)
    app.button(key="next_month_lists_write").click().run()
    finish_job(app)
    lists = pd.read_parquet(shop / "out" / "joined_and_left.parquet")
    assert len(lists) == sum(map(movement.n_joined, model.names)) + sum(map(movement.n_left, model.names))
    app.text_input(key="next_month_engine_name").set_value("june").run()
    app.button(key="next_month_engine_write").click().run()
    finish_job(app)
    written = pd.read_parquet(shop / "out" / "june.parquet")["segment_name"].value_counts()
    assert written[figures.figures["segment_name"]].tolist() == figures.figures["size"].tolist()
    # And last month from a table that the engine wrote.
    app.selectbox(key="next_month_earlier_engine_table").set_value("June").run()
    app.button(key="next_month_earlier_engine_look").click().run()
    while session_of(app).jobs.job is not None:
        finish_job(app)
    assert not app.exception
    assert session_of(app).next_month.movement.latest.n_moved == 0


def test_tables_are_asked_for_where_the_secrets_name_none_and_what_cannot_be_reached_is_a_sentence(app):
    app.selectbox(key="engine_name").set_value("database").run()
    app.button(key="engine_list").click().run()
    assert app.selectbox(key="engine_table").options == ["clients"]
    app.selectbox(key="engine_name").set_value("far away").run()
    start = time.monotonic()
    app.button(key="engine_look").click().run()
    assert time.monotonic() - start < 10
    assert any("No engine answers at" in each.value for each in app.error)
    assert not app.exception
    app.selectbox(key="engine_name").set_value("database").run()
    looked_at(app)
    assert session_of(app).file.cells.n_rows == N


def test_cancel_stops_the_query_in_the_engine(app, monkeypatch):
    looked_at(app)
    compared(app, 2, 4)
    app.slider(key="choose_k").set_value(3).run()
    stopped, asked, interrupt = [], DuckDBEngine._asked, DuckDBEngine._interrupt

    def slow(self, written):
        return asked(self, "SELECT COUNT(*) AS n FROM range(10000000) AS a, range(1000000) AS b")

    def interrupted(self):
        stopped.append(True)
        interrupt(self)

    monkeypatch.setattr(DuckDBEngine, "_asked", slow)
    monkeypatch.setattr(DuckDBEngine, "_interrupt", interrupted)
    app.switch_page("segmenter/ui/pages/segments.py").run()
    job = session_of(app).jobs.job
    end = time.monotonic() + 60
    while "pass" not in job.doing.lower() and "measuring" not in job.doing.lower() and time.monotonic() < end:
        time.sleep(0.1)
    app.button(key=f"{NAME}_cancel").click().run()
    job.wait(10)
    while not stopped and time.monotonic() < end:
        time.sleep(0.1)
    assert stopped


def test_lines_of_purchases_become_customers_in_the_engine(app, shop):
    lines = pd.DataFrame({"customer_id": np.arange(4_000) % 400, "invoice": np.arange(4_000) // 2})
    lines["invoice_date"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(4_000) // 12, unit="D")
    lines["product"], lines["quantity"], lines["price"] = "tea", 2, 3.5
    lines.to_parquet(shop / "clients.parquet", index=False)
    looked_at(app)
    assert session_of(app).file.cells.n_rows == session_of(app).dataset.n_customers == 400
    assert {"recency_days", "orders", "spend"} <= set(session_of(app).dataset.frame)
    assert any("taken for lines of purchases" in note.text for note in session_of(app).dataset.notes)

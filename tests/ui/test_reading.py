"""How a file was read: every guess is shown, a switch reads again at once, and what is left out can be taken away."""

import io
import sqlite3

import pandas as pd
import pytest
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from segmenter.table.dataset import ColumnKind

ROWS = "".join(f"C{100 + n};{n % 9},5;0{1 + n % 9}/0{1 + n % 7}/2024;x\n" for n in range(40))
TABLE = f"id;spend;joined;note\n{ROWS}"


@pytest.fixture
def app():
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def session_of(app):
    return app.session_state["segmenter"]


def with_file(app, content, name="c.csv"):
    content = content.encode() if isinstance(content, str) else content
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception
    return app


def shown(app):
    return " ".join(str(each.value) for each in [*app.markdown, *app.warning, *app.info, *app.error, *app.caption])


def test_every_guess_is_shown_with_its_switch(app):
    with_file(app, TABLE)
    assert app.selectbox(key="read_separator").value == ";"
    assert app.selectbox(key="read_encoding").value == "utf-8"
    assert app.selectbox(key="read_quote").value == '"'
    assert app.selectbox(key="read_decimal").value == ","
    assert app.number_input(key="read_header").value == 1
    assert app.selectbox(key="read_dates").value == ""
    assert "semicolon, UTF-8, decimal comma, column names in line 1" in shown(app)


def test_a_decimal_mark_is_switched_without_reading_the_file_again(app):
    with_file(app, TABLE)
    cells = session_of(app).file.cells
    assert session_of(app).dataset.frame["spend"].tolist()[:2] == [0.5, 1.5]
    app.selectbox(key="read_decimal").set_value(".").run()
    assert not app.exception
    assert session_of(app).file.cells is cells
    # With a decimal point, "0,5" is no number.
    assert session_of(app).dataset.column("spend").kind is ColumnKind.CATEGORY


def test_the_order_of_dates_is_switched_at_once(app):
    with_file(app, TABLE)
    first = session_of(app).dataset.frame["joined"]
    app.selectbox(key="read_dates").set_value("month first").run()
    assert not app.exception
    second = session_of(app).dataset.frame["joined"]
    assert (first.dt.day[1], first.dt.month[1]) == (second.dt.month[1], second.dt.day[1]) == (2, 2)
    assert (first.dt.day[8], first.dt.month[8]) == (second.dt.month[8], second.dt.day[8]) == (9, 2)


def test_the_line_of_names_is_switched_at_once(app):
    with_file(app, TABLE)
    app.number_input(key="read_header").set_value(0).run()
    assert session_of(app).dataset.n_customers == 41
    app.number_input(key="read_header").set_value(3).run()
    assert session_of(app).dataset.columns[0].name == "C101"


def test_an_encoding_that_does_not_fit_is_explained_and_the_table_stays(app):
    with_file(app, "name;n\nMüller;1\nWeiß;2\n".encode("cp1252"))
    app.selectbox(key="read_encoding").set_value("utf-8").run()
    assert "can't be read as utf-8" in shown(app).replace("\\", "")
    assert session_of(app).dataset.original["name"].tolist() == ["Müller", "Weiß"]


def test_a_line_without_names_is_refused_and_the_table_stays(app):
    with_file(app, TABLE)
    app.number_input(key="read_header").set_value(900).run()
    assert "no line 900" in shown(app)
    assert session_of(app).dataset.n_customers == 40


def test_rows_left_out_are_listed_downloadable_and_can_be_kept(app):
    with_file(app, TABLE + "C999;1,5\nTotal;60;;\n")
    assert session_of(app).dataset.n_customers == 40
    app.session_state["open_left_out"] = True
    app.run()
    listed = next(each.value for each in app.dataframe if "reason" in each.value.columns)
    assert listed["line"].tolist() == [42, 43]
    assert listed["text"].tolist() == ["C999;1,5", "Total;60;;"]
    app.checkbox(key="read_keep_ragged").check().run()
    assert not app.exception
    assert session_of(app).dataset.original["id"].tolist()[-1] == "C999"
    app.checkbox(key="read_keep_footer").check().run()
    assert session_of(app).dataset.original["id"].tolist()[-2:] == ["C999", "Total"]
    app.checkbox(key="read_keep_ragged").uncheck().run()
    assert session_of(app).dataset.original["id"].tolist()[-2:] == ["C139", "Total"]


def test_another_sheet_is_read_at_once(app):
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="xlsxwriter") as writer:
        for name, start in (("One", 0), ("Two", 500)):
            rows = [(start + n, n % 7) for n in range(20)]
            pd.DataFrame(rows, columns=["number", "visits"]).to_excel(writer, sheet_name=name, index=False)
    with_file(app, content.getvalue(), "c.xlsx")
    app.selectbox(key="read_sheet").set_value("Two").run()
    assert not app.exception
    assert session_of(app).dataset.original["number"].tolist()[0] == 500


def test_the_file_goes_when_the_page_is_left_and_its_table_stays(app):
    with_file(app, TABLE)
    assert session_of(app).file.source
    app.switch_page("segmenter/ui/pages/prepare.py").run()
    assert session_of(app).file.source == b""
    app.switch_page("segmenter/ui/pages/data.py").run()
    assert app.selectbox(key="read_separator").disabled
    assert "no longer kept" in shown(app)
    app.selectbox(key="read_dates").set_value("month first").run()
    assert not app.exception
    assert session_of(app).file.options.date_order == "month first"


# --- databases --------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path, monkeypatch):
    path = tmp_path / "shop.db"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE customers (id TEXT, visits INTEGER)")
    made.executemany("INSERT INTO customers VALUES (?, ?)", [(f"C{n:03d}", n % 7) for n in range(50)])
    made.execute("CREATE TABLE orders (id TEXT, worth REAL)")
    made.executemany("INSERT INTO orders VALUES (?, ?)", [(f"O{n:03d}", n / 4) for n in range(30)])
    made.commit()
    made.close()
    # Connections are kept by name: each test has its own.
    name = f"shop {tmp_path.name}"
    connections = {"other": {"key": "no database"}, name: {"url": f"sqlite:///{path}"}}
    monkeypatch.setattr(secrets_singleton, "_secrets", {"connections": connections})
    return name


def test_only_databases_in_the_secrets_are_offered_with_their_limits(shop):
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    assert app.selectbox(key="database_name").options == [shop]
    assert "nothing in the database can change" in shown(app)


def test_nothing_is_offered_without_secrets(app):
    assert not [each for each in app.selectbox if each.key == "database_name"]


def test_a_table_is_picked_and_read(shop):
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.button(key="database_list").click().run()
    assert app.selectbox(key="database_table").options == ["customers", "orders"]
    app.selectbox(key="database_table").set_value("orders").run()
    app.button(key="database_read").click().run()
    assert not app.exception
    assert session_of(app).dataset.name == "orders"
    assert session_of(app).dataset.original["worth"].tolist()[:3] == [0.0, 0.25, 0.5]
    assert session_of(app).file.source == b""


def test_a_query_is_read_and_a_wrong_one_explained(shop):
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.segmented_control(key="database_kind").set_value("A query").run()
    assert app.button(key="database_read").disabled
    app.text_area(key="database_query").set_value("DELETE FROM customers").run()
    app.button(key="database_read").click().run()
    assert "Only one SELECT is accepted" in shown(app)
    assert session_of(app).dataset is None
    app.text_area(key="database_query").set_value("SELECT id, visits FROM customers WHERE visits > 2").run()
    app.button(key="database_read").click().run()
    assert not app.exception
    assert session_of(app).dataset.frame["visits"].min() == 3


def test_a_database_that_cannot_be_reached_is_said_without_its_address(monkeypatch):
    url = "postgresql+psycopg://someone:s3cret@127.0.0.1:1/private"
    monkeypatch.setattr(secrets_singleton, "_secrets", {"connections": {"far away": {"url": url}}})
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.button(key="database_list").click().run()
    assert "can't be reached" in shown(app).replace("\\", "")
    assert "s3cret" not in shown(app)
    assert "someone" not in shown(app)


def test_one_customer_in_one_column_is_said_in_the_singular(app):
    with_file(app, "visits\n7\n")
    assert app.title[0].value == "We read 1 customer in 1 column."

"""Where a command's customers come from, and how it is told to read them."""

import json
import sqlite3

import pytest

from segmenter.cli import main
from segmenter.cli.sources import VARIABLE

ROWS = "".join(f"C{100 + n};{n % 9},5;0{1 + n % 9}/0{1 + n % 7}/2024\n" for n in range(40))


@pytest.fixture
def described(tmp_path, capsys):
    def describe(content, *said):
        path = tmp_path / "c.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert main(["describe", str(path), "--json", *said]) == 0
        return json.loads(capsys.readouterr().out)

    return describe


def kinds(record):
    return {column["name"]: column["kind"] for column in record["columns"]}


def test_the_dialect_is_said_as_it_was_found(described):
    found = described("id;spend;joined\n" + ROWS)["dialect"]
    assert {key: found[key] for key in ("separator", "encoding", "decimal", "header_line")} == {
        "separator": ";",
        "encoding": "utf-8",
        "decimal": ",",
        "header_line": 1,
    }


def test_every_guess_can_be_said_instead(described):
    text = "id;spend;joined\n" + ROWS
    assert kinds(described(text, "--decimal", "."))["spend"] == "category"
    assert described(text, "--header-line", "0")["rows"] == 41
    assert len(described(text, "--separator", "/")["columns"]) == 3
    assert described("a\tb\n1\t2\n3\t4\n", "--separator", "tab")["dialect"]["separator"] == "\t"
    assert described("a,b\n'1,5',2\n'3,5',4\n", "--quote", "'")["columns"][0]["name"] == "a"
    assert described("é,b\n1,2\n", "--encoding", "latin-1")["columns"][0]["name"] == "Ã©"


def test_rows_that_fit_no_table_are_left_out_written_or_kept(described, tmp_path):
    text = "a,b,c\n" + "1,2,3\n" * 9 + "4,5\n" + "Total,2,3\n"
    assert described(text, "--left-out", str(tmp_path / "out.csv"))["rows"] == 9
    assert (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[1:] == [
        '11,"another number of values","4,5"',
        '12,"below the table","Total,2,3"',
    ]
    assert described(text, "--keep-ragged")["rows"] == 10
    assert described(text, "--keep-ragged", "--keep-footer")["rows"] == 11


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (["--header-line", "two"], "--header-line takes a line"),
        (["--separator", ""], "--separator takes one character"),
        (["--quote", ";", "--separator", ";"], "--quote another one"),
        (["--encoding", "none such"], "can't be read as none such"),
        (["--table", "Sheet9"], "neither sheets nor tables"),
        (["--header-line", "900"], "no line 900"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_sentence(tmp_path, capsys, said, sentence):
    path = tmp_path / "c.csv"
    path.write_text("id;spend;joined\n" + ROWS)
    assert main(["describe", str(path), *said]) == 2
    assert sentence in capsys.readouterr().err


def test_a_database_is_asked_by_table_or_query(tmp_path, capsys, monkeypatch):
    path = tmp_path / "shop.db"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE customers (id TEXT, visits INTEGER)")
    made.executemany("INSERT INTO customers VALUES (?, ?)", [(f"C{n:03d}", n % 7) for n in range(50)])
    made.commit()
    made.close()
    assert main(["describe", str(path), "--json", "--query", "SELECT * FROM customers WHERE visits > 3"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 21
    monkeypatch.setenv(VARIABLE, f"sqlite:///{path}")
    assert main(["describe", "--json", "--table", "customers"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 50
    assert main(["describe", "--table", "orders"]) == 2
    assert "It has: customers" in capsys.readouterr().err
    monkeypatch.delenv(VARIABLE)
    assert main(["describe", "--table", "customers"]) == 2
    assert VARIABLE in capsys.readouterr().err

"""Purchase lines on the command line."""

import json

import pandas as pd
import pytest

from segmenter.cli import main

HEAD = "customer_id,order_id,order_date,amount\n"


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "lines.csv"
    rows = [
        f"BBID_{row % 60:03d},{row // 2},2024-{1 + row % 12:02d}-{1 + row % 28:02d},{5 + (row * 37) % 91}.50"
        for row in range(400)
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


def run(*words):
    return main([str(word) for word in words])


def test_segment_uses_the_customers_behind_the_purchases_and_says_so(lines, tmp_path, capsys):
    assert run("segment", lines, "--out", tmp_path / "out", "--segments", 3) == 0
    customers = pd.read_csv(tmp_path / "out" / "customers.csv")
    assert len(customers) == 60
    assert list(customers.columns[:4]) == ["customer_id", "recency_days", "orders", "spend"]
    assert customers["customer_id"].str.startswith("BBID_").all()
    said = capsys.readouterr().err
    assert "lines.csv was taken for a file of purchases" in said
    assert "If each row is a customer, say so" in said


def test_rows_are_customers_when_the_user_says_so(lines, tmp_path, capsys):
    assert run("segment", lines, "--out", tmp_path / "out", "--segments", 2, "--as", "customers") == 0
    assert len(pd.read_csv(tmp_path / "out" / "customers.csv")) == 400
    assert "purchases" not in capsys.readouterr().err


def test_a_saved_model_places_the_next_file_of_purchases(lines, tmp_path):
    assert run("segment", lines, "--out", tmp_path / "out", "--segments", 3) == 0
    assert run("assign", tmp_path / "out" / "model.segmodel.json", lines, "--out", tmp_path / "again") == 0
    first, again = (pd.read_csv(tmp_path / folder / "customers.csv") for folder in ("out", "again"))
    assert list(first["segment"]) == list(again["segment"])


def test_the_snapshot_date_moves_recency(lines, tmp_path, capsys):
    for day in ("2024-12-31", "2025-01-10"):
        out = tmp_path / day
        assert run("segment", lines, "--out", out, "--segments", 2, "--snapshot-date", day, "--as", "transactions") == 0
    first, later = (pd.read_csv(tmp_path / day / "customers.csv") for day in ("2024-12-31", "2025-01-10"))
    assert (later["recency_days"] - first["recency_days"] == 10).all()
    capsys.readouterr()
    assert run("segment", lines, "--out", tmp_path / "x", "--snapshot-date", "31/12/2024") == 2
    assert "YYYY-MM-DD" in capsys.readouterr().err


def test_describe_shows_the_lines_and_tells_what_they_look_like(lines, capsys):
    assert run("describe", lines, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == 400
    assert any("look like purchases" in note["text"] for note in said["notes"])
    assert run("describe", lines) == 0
    assert "lines.csv: 400 lines, 4 columns" in capsys.readouterr().out
    assert run("describe", lines, "--json", "--as", "transactions") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == 60
    assert [column["name"] for column in said["columns"]][:2] == ["customer_id", "recency_days"]


def test_rows_that_cannot_be_transactions_are_refused(tmp_path, capsys):
    path = tmp_path / "customers.csv"
    path.write_text("customer_id,age\n" + "".join(f"{row},{20 + row % 50}\n" for row in range(50)))
    assert run("segment", path, "--out", tmp_path / "out", "--as", "transactions") == 2
    assert "no column was found for the date of the purchase" in capsys.readouterr().err

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
    assert "If each row is a customer, say so with --as customers" in said


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


@pytest.fixture
def named_lines(tmp_path):
    path = tmp_path / "sales.csv"
    rows = [
        f"{row // 2},2024-{1 + row % 12:02d}-{1 + row % 28:02d},Shop {row % 40:02d},{7 + row % 9}" for row in range(240)
    ]
    path.write_text("belegnr,tag,wer,was\n" + "\n".join(rows) + "\n")
    return path


def test_the_columns_of_purchases_can_be_named(named_lines, capsys):
    assert run("describe", named_lines, "--as", "transactions") == 2
    assert "Name it with --customer COLUMN --amount COLUMN" in capsys.readouterr().err
    words = ("--customer", "wer", "--date", "tag", "--amount", "was", "--order", "belegnr")
    assert run("describe", named_lines, "--json", *words) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["rows"] == 40
    assert run("describe", named_lines, "--customer", "who") == 2
    assert "no column 'who'" in capsys.readouterr().err


def test_orders_of_purchases_and_of_categories_go_by_the_same_option(named_lines, tmp_path):
    words = ("--customer", "wer", "--date", "tag", "--amount", "was", "--order", "belegnr")
    order = ("--order", "favourite_weekday=Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday")
    columns = ("--columns", "spend,favourite_weekday")
    assert run("segment", named_lines, *words, *order, *columns, "--segments", 2, "--out", tmp_path / "out") == 0
    customers = pd.read_csv(tmp_path / "out" / "customers.csv")
    assert (len(customers), customers["orders"].sum()) == (40, 240)


def test_net_is_the_default_and_gross_an_option(lines, capsys):
    lines.write_text(lines.read_text() + "BBID_000,C900,2024-12-28,-5.5\n")
    for returns, said in (
        ("net", "−5.50 in lines that are cancelled and lower"),
        ("gross", "cancelled and are left out"),
    ):
        assert run("describe", lines, "--as", "transactions", "--returns", returns) == 0
        assert said in capsys.readouterr().err


@pytest.fixture
def repeated(tmp_path):
    path = tmp_path / "customers.csv"
    rows = [f"K{1000 + row},{20 + row % 40},{row % 9},{2 + row % 13}" for row in range(80)]
    path.write_text("client,age,visits,spend\n" + "\n".join([*rows, "K1000,70,9,99", "K1001,71,8,98"]) + "\n")
    return path


def test_repeated_customers_are_said_and_refused_until_somebody_says_which_row_counts(repeated, tmp_path, capsys):
    assert run("describe", repeated) == 0
    said = capsys.readouterr()
    assert "82 rows" in said.out
    assert "2 customers stand in more than one row, by client" in said.err
    assert "--repeated last keeps each customer's last row" in said.err
    assert run("segment", repeated, "--segments", 2, "--out", tmp_path / "none") == 2
    assert "Say which row counts with --repeated and one of first, last, sum or keep" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("word", "spend"), [("first", 2), ("last", 99), ("sum", 101)])
def test_the_row_that_counts_is_an_option(repeated, tmp_path, word, spend):
    assert run("segment", repeated, "--segments", 2, "--repeated", word, "--out", tmp_path / word) == 0
    customers = pd.read_csv(tmp_path / word / "customers.csv").set_index("client")
    assert customers.index.is_unique
    assert customers.loc["K1000", "spend"] == spend


def test_copies_are_left_out_and_said(repeated, tmp_path, capsys):
    first, *rows = repeated.read_text().splitlines()[:-2]
    repeated.write_text("\n".join([first, *rows, *rows[:3], ""]))
    assert run("segment", repeated, "--segments", 2, "--out", tmp_path / "out") == 0
    assert len(pd.read_csv(tmp_path / "out" / "customers.csv")) == 80
    assert "3 customers stand in more than one row" in capsys.readouterr().err


def test_preparing_says_that_which_row_counts_is_not_said_yet(repeated, capsys):
    assert run("prepare", repeated) == 0
    assert "say which row counts: --repeated first" in capsys.readouterr().err


def test_an_unknown_option_names_the_help_of_its_command(lines, capsys):
    with pytest.raises(SystemExit):
        run("describe", lines, "--brief")
    assert "--brief. See: segmenter describe --help" in capsys.readouterr().err


def test_numbers_beside_dates_are_written_as_numbers(lines, tmp_path):
    assert run("segment", lines, "--segments", "2", "--out", tmp_path / "out") == 0
    written = (tmp_path / "out" / "segments.csv").read_text("utf-8-sig").splitlines()
    customers = next(line for line in written if line.startswith('"Customers"')).split(",")[2:]
    first = next(line for line in written if line.startswith('"First order"')).split(",")[2:]
    assert all(cell.isdecimal() for cell in customers)
    assert all(cell.startswith('"20') for cell in first)

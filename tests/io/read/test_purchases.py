"""Large files of purchases are added up while they are read, to the same customers as any other."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmenter import read_table
from segmenter.errors.reading import FileNotReadableError, NoCustomersError
from segmenter.io.read import purchases
from segmenter.io.read.purchases import read_purchases
from segmenter.purchases.customers import RowType, as_customers
from segmenter.purchases.spec import Returns

# Beyond what is looked at before a file is read: 256 KB.
MANY, AT = 8_000, 7_000
HEADER = "invoice_no,stock_code,quantity,invoice_date,unit_price,customer_id,country"


@pytest.fixture(autouse=True)
def added_up(monkeypatch):
    """Let small files go the way of large ones, and tell which did."""
    monkeypatch.setattr(purchases, "_LARGE_MB", 0)
    monkeypatch.setattr(purchases, "_HEAD", 1 << 16)
    found = []
    original = purchases._added_up

    def watched(*arguments):
        found.append(original(*arguments))
        return found[-1]

    monkeypatch.setattr(purchases, "_added_up", watched)
    return lambda: bool(found) and not hasattr(found[-1], "frame")


def some_lines(n=600, seed=0):
    random = np.random.default_rng(seed)
    order = np.sort(random.integers(0, n // 4, n))
    rows = []
    for number in order:
        who = number * 7 % (n // 12)
        day = 1 + number % 28
        cancelled = number % 29 == 0
        rows.append(
            [
                f"C{5000 + number}" if cancelled else f"{5000 + number}",
                f"P{random.integers(0, 40):03d}",
                -2 if cancelled else int(random.integers(1, 9)),
                f"2024-{1 + number % 12:02d}-{day:02d} 10:{number % 60:02d}:00",
                f"{random.integers(0, 3000) / 100:.2f}",
                "" if number % 31 == 0 else f"{12000 + who:06d}",
                ["Norway", "Italy", "Spain"][who % 3],
            ]
        )
    return rows


def write(path, rows, header=HEADER):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def test_the_customers_are_those_of_the_rows_read_as_a_whole(tmp_path, added_up):
    path = write(tmp_path / "lines.csv", some_lines())
    fast = read_purchases(path)
    assert added_up()
    whole = as_customers(read_table(path))
    pd.testing.assert_frame_equal(fast.frame, whole.frame)
    assert fast.columns == whole.columns
    assert fast.notes == whole.notes
    assert fast.suggested == whole.suggested
    assert fast.fingerprint == whole.fingerprint


def test_a_snapshot_date_counts_while_reading(tmp_path, added_up):
    path = write(tmp_path / "lines.csv", some_lines())
    fast = read_purchases(path, snapshot=date(2024, 6, 30))
    assert added_up()
    pd.testing.assert_frame_equal(fast.frame, as_customers(read_table(path), snapshot=date(2024, 6, 30)).frame)


def test_quoted_values_are_read_as_they_are(tmp_path, added_up):
    rows = [[f'"{cell}"' for cell in row] for row in some_lines()]
    rows[3][6] = '"Korea, Republic of"'
    path = write(tmp_path / "lines.csv", rows)
    assert read_purchases(path).frame.equals(as_customers(read_table(path)).frame)
    assert added_up()


def _shortened(rows):
    rows[AT] = rows[AT][:-1]


def _footed(rows):
    rows.append(["Total", "", "", "", "12345.00", "", ""])


def _currency(rows):
    rows[AT][4] = "£4.50"


def _other_dates(rows):
    for row in rows:
        year, month, day = row[3][:10].split("-")
        row[3] = f"{day}/{month}/{year}"


def _no_such_day(rows):
    rows[AT][3] = "2024-02-30 10:00:00"


def _infinite(rows):
    rows[AT][4] = "inf"


def _repeated_header(rows):
    rows.insert(AT, HEADER.split(","))


def _blank(rows):
    rows.insert(AT, [""] * 7)


def _spaced(rows):
    rows[AT] = [rows[AT][0], *(f" {cell}" for cell in rows[AT][1:])]


@pytest.mark.parametrize(
    "spoil",
    [_spaced, _shortened, _footed, _currency, _other_dates, _no_such_day, _infinite, _repeated_header, _blank],
)
def test_whatever_wants_a_closer_look_gets_it(tmp_path, added_up, spoil):
    rows = some_lines(MANY)
    spoil(rows)
    path = write(tmp_path / "lines.csv", rows)
    found = read_purchases(path)
    assert not added_up()
    whole = as_customers(read_table(path))
    assert found.frame.equals(whole.frame)
    assert found.notes == whole.notes


def test_marks_of_cancellation_that_only_the_whole_shows_are_found(tmp_path):
    # Ids are words at first and plain numbers later: only then does C and a number stand out.
    rows = [[f"A{at}", "P1", 1, "2024-01-01", 2.5, f"{at % 9}", "Italy"] for at in range(100)]
    rows += [[f"{at}", "P1", 1, "2024-01-02", 2.5, f"{at % 9}", "Italy"] for at in range(300)]
    rows += [["C7", "P1", 3, "2024-01-03", 2.5, "7", "Italy"]]
    path = write(tmp_path / "lines.csv", rows)
    assert read_purchases(path).frame.equals(as_customers(read_table(path)).frame)
    assert any("1 are cancelled" in note.text for note in read_purchases(path).notes)


def test_customers_that_never_come_back_are_customers(tmp_path):
    rows = [[f"{at}", "P1", 1 + at % 5, f"2024-01-{1 + at % 28:02d}", 2.5, f"K{at}", "Italy"] for at in range(200)]
    path = write(tmp_path / "customers.csv", rows)
    assert read_purchases(path).n_customers == 200
    assert "invoice_no" in read_purchases(path).frame.columns
    assert "recency_days" in read_purchases(path, meaning=RowType.TRANSACTIONS).frame.columns


def test_customers_of_households_are_customers(tmp_path):
    rows = [[f"H{at % 90}", f"K{at}", f"2024-01-{1 + at % 28:02d}", at % 50] for at in range(400)]
    path = write(tmp_path / "customers.csv", rows, "household_id,customer_id,order_date,total_spend")
    assert read_purchases(path).n_customers == 400


def test_rows_stay_rows_when_the_user_says_so(tmp_path, added_up):
    path = write(tmp_path / "lines.csv", some_lines())
    assert read_purchases(path, meaning=RowType.CUSTOMERS).n_customers == 600
    assert not added_up()


def test_what_is_wrong_is_said(tmp_path):
    with pytest.raises(FileNotReadableError):
        read_purchases(tmp_path / "nowhere.csv")
    path = write(tmp_path / "lines.csv", some_lines())
    with pytest.raises(NoCustomersError):
        read_purchases(path, snapshot=date(1999, 1, 1))


def test_a_file_of_other_content_is_read_as_it_is(tmp_path, shared_data):
    assert read_purchases(shared_data / "online_retail.parquet", returns=Returns.LEFT_OUT).n_customers == 4_338
    assert read_purchases(shared_data / "cproducts_bbid.csv").n_customers == 10_410

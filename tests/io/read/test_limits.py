"""What is exactly at a limit is read; one more is refused."""

import io

import pandas as pd
import pytest

from segmenter.errors import reading as errors
from segmenter.io.read import excel, markup, parquet, sqlite, table
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.readers import read_content
from segmenter.io.read.sqlite import take_rows
from segmenter.io.read.table import read_table


def cells(n_columns, n_rows=4):
    return pd.DataFrame({f"c{number}": [f"{number}{row}" for row in range(n_rows)] for number in range(n_columns)})


def as_html(frame):
    return frame.to_html(index=False).encode()


def as_workbook(frame):
    written = io.BytesIO()
    frame.to_excel(written, index=False)
    return written.getvalue()


WRITERS = {
    "web page": (as_html, markup),
    "workbook": (as_workbook, excel),
    "Parquet": (lambda frame: frame.to_parquet(index=False), parquet),
}


def read(content):
    return read_content(memoryview(content), ReadOptions()).cells


@pytest.mark.parametrize("kind", WRITERS)
def test_as_many_columns_as_are_allowed_are_read_and_one_more_is_refused(monkeypatch, kind):
    write, module = WRITERS[kind]
    monkeypatch.setattr(module, "MAX_COLUMNS", 3)
    assert read(write(cells(3))).num_columns == 3
    with pytest.raises(errors.TooManyColumnsError):
        read(write(cells(4)))


def test_as_many_rows_of_parquet_as_are_allowed_are_read_and_one_more_is_refused(monkeypatch):
    monkeypatch.setattr(parquet, "MAX_ROWS", 20)
    assert read(cells(2, 20).to_parquet(index=False)).num_rows == 20
    with pytest.raises(errors.ParquetTooLargeError):
        read(cells(2, 21).to_parquet(index=False))


@pytest.mark.parametrize(("n_rows", "n_columns"), [(6, 2), (5, 3)])
def test_a_database_gives_as_much_as_is_allowed_and_no_more(monkeypatch, n_rows, n_columns):
    def fetched(rows, columns):
        left = [[tuple(range(columns))] * rows]
        return take_rows([f"c{number}" for number in range(columns)], lambda size: left.pop() if left else [])

    monkeypatch.setattr(sqlite, "MAX_DATABASE_ROWS", 5)
    monkeypatch.setattr(sqlite, "MAX_COLUMNS", 2)
    assert fetched(5, 2).cells.shape == (5, 2)
    with pytest.raises((errors.DatabaseTooManyRowsError, errors.TooManyColumnsError)):
        fetched(n_rows, n_columns)


def test_a_file_of_exactly_the_largest_size_is_read_and_one_byte_more_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "MAX_UPLOAD_MB", 0.0001)
    monkeypatch.setattr(table, "MAX_FILE_MB", 0.0001)
    full = b"id,spend\n" + b"".join(b"C%02d,%d\n" % (number, 1_000 + number) for number in range(9)) + b"C10,12345\n"
    assert len(full) == 100
    path = tmp_path / "full.csv"
    path.write_bytes(full)
    for source in (full, path):
        assert read_table(source).n_customers == 10
    path.write_bytes(full + b"\n")
    for source in (full + b"\n", path):
        with pytest.raises(errors.FileTooLargeError):
            read_table(source)

"""Each kind of file that cannot be read is refused in words that say what it is and what to do."""

import gzip
import io
import pickle
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segmenter import config, errors
from segmenter.core.dataset import Dataset
from segmenter.importers import read_table
from segmenter.importers.options import ReadOptions

TABLE = b"id,spend\na,1\nb,2\n"


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def read_or_sentence(content: bytes) -> Dataset | str:
    try:
        return read_table(content)
    except errors.SegmenterError as error:
        return str(error)


@pytest.mark.parametrize("name", ["customers.csv", "customers.xlsx", "customers.parquet"])
@pytest.mark.parametrize(
    ("content", "looks_like"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(50), "a program"),
        (b"MZ\x90\x00\x03" + bytes(50), "a program"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "an image"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "an image"),
        (b"GIF89a" + bytes(50), "an image"),
        (b"%PDF-1.7\n" + bytes(50), "a PDF document"),
        (b"SQLite format 3\x00" + bytes(50), "a database"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(50), "a video"),
        (b"{\\rtf1 hello}", "a text document"),
        (b"  <!DOCTYPE html><html></html>", "a web page or XML document"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "a web page or XML document"),
        (b'[{"id": 1, "spend": 2}]\n', "a JSON document"),
        (b"ARROW1\x00\x00" + bytes(50), "an Arrow file"),
    ],
)
def test_the_content_decides_what_a_file_is_not_its_name(content, looks_like, name):
    with pytest.raises(errors.NotATableError) as raised:
        read_table(content, name)
    assert str(raised.value) == (
        f"This is not a CSV, Excel or Parquet file (it looks like {looks_like}). Nothing was read."
    )


def test_an_office_document_without_sheets_is_no_workbook():
    with pytest.raises(errors.NotATableError, match="it looks like an Office document without sheets"):
        read_table(zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "letter.xlsx")


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TABLE),
        zipped({"customers.csv": TABLE}),
        b"BZh91AY&SY",
        b"Rar!\x1a\x07\x00",
        b"7z\xbc\xaf\x27\x1c\x00",
    ],
    ids=["gzip", "zip", "bzip2", "rar", "7z"],
)
def test_compressed_files_are_sent_back_to_be_unpacked(content):
    with pytest.raises(errors.CompressedFileError) as raised:
        read_table(content, "customers.csv")
    assert str(raised.value) == "Compressed files are not accepted. Unzip it first and upload what is inside."


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_never_opened(protocol):
    with pytest.raises(errors.PickleRefusedError, match="Your file was discarded unread"):
        read_table(pickle.dumps({"a": 1}, protocol=protocol), "customers.csv")


def test_an_old_or_encrypted_workbook_says_how_to_save_it():
    with pytest.raises(errors.OldWorkbookError, match=r"Save it without a password as \.xlsx or CSV"):
        read_table(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.xls")


@pytest.mark.parametrize("content", [b"", b"\n\n \t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\r\n".encode("utf-16")])
def test_an_empty_file_says_so(content):
    with pytest.raises(errors.EmptyFileError) as raised:
        read_table(content)
    assert str(raised.value) == (
        "The file is empty. Choose a file with a line of column names and one line per customer."
    )


@pytest.mark.parametrize(
    "content", [b"id,spend\n", b"id,spend", b"id;spend\r\n\r\n\r\n", b"id,spend\n,\n,\n", b"spend\n"]
)
def test_names_without_rows_say_so(content):
    with pytest.raises(errors.NoRowsError) as raised:
        read_table(content)
    assert str(raised.value) == "There are column names but no rows. Choose a file with one line per customer."


@pytest.mark.parametrize("content", [bytes(1000), b"id,spend\na,1\nb,\x00\n", b"\x01\x02\x03\x04\x05,\x06\n" * 20])
def test_nul_and_control_bytes_are_no_text(content):
    with pytest.raises(errors.NotATextTableError, match="This is not a text table: it holds NUL or control bytes"):
        read_table(content)


def test_a_cut_utf16_file_is_refused_not_guessed():
    with pytest.raises(errors.NotATextTableError):
        read_table("id,spend\na,1\n".encode("utf-16")[:-1])


def test_a_quote_that_is_never_closed_names_its_line():
    with pytest.raises(errors.UnclosedQuoteError) as raised:
        read_table(b'id,note\na,fine\nb,"open\nc,fine\nd,fine\n')
    assert str(raised.value) == (
        "Line 3: a quotation mark is opened and never closed. Rows after it cannot be trusted, so nothing was "
        "loaded. Correct that line and upload the file again."
    )


def test_more_columns_than_the_limit_are_counted():
    content = (",".join(f"c{number}" for number in range(501)) + "\n" + ",".join("1" * 501) + "\n").encode()
    with pytest.raises(errors.TooManyColumnsError) as raised:
        read_table(content)
    assert str(raised.value) == "501 columns; the limit is 500. Keep the columns you want to group by."


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "MAX_UPLOAD_MB", 1)
    big = tmp_path / "big.csv"
    big.write_bytes(b"a,b\n" + b"1,2\n" * 300_000)
    for source in (big, big.read_bytes()):
        with pytest.raises(errors.FileTooLargeError) as raised:
            read_table(source)
        assert str(raised.value) == (
            "The file has 1 MB; the limit is 1 MB. Keep only the columns you want to segment by."
        )


def test_more_rows_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(config, "MAX_ROWS", 3)
    with pytest.raises(errors.TooManyRowsError) as raised:
        read_table(b"id,spend\n" + b"a,1\n" * 4)
    assert str(raised.value) == "The table has 4 rows; the limit is 3. Upload a part or a sample of it."


@pytest.mark.parametrize("path", ["nowhere/at/all.csv", "x" * 5000, "a\0b.csv", "../../no/such/passwd.csv", "."])
def test_a_path_that_cannot_be_opened_says_so(path):
    with pytest.raises(errors.UnreadableFileError, match=r"could not be opened: .*Check the name"):
        read_table(path)


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "CON", "n" * 5000, "a\0.csv", "a.csv:$x.csv", "<b>x</b>.csv"])
def test_the_name_of_an_upload_is_shown_and_never_used(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_table(TABLE, name).name == name
    assert list(tmp_path.iterdir()) == []


def test_rows_that_all_differ_from_the_header_point_at_the_separator():
    with pytest.raises(errors.RaggedTableError) as raised:
        read_table(b"a,b,c\n1,2\n3,4\n", options=ReadOptions(header_line=1))
    assert str(raised.value) == (
        "No row has the 3 values that the header names (first: line 2). "
        "Check the separator and the line of the column names."
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ReadOptions(separator=";;"), "';;' cannot separate values"),
        (ReadOptions(separator='"'), "cannot separate values"),
        (ReadOptions(decimal="x"), "'x' is no decimal mark"),
        (ReadOptions(header_line=99), "Line 99 was to hold the column names; choose one of the first 3 lines"),
        (ReadOptions(encoding="utf-16"), "The file is not written in utf-16. Choose another encoding."),
        (ReadOptions(encoding="klingon"), "The file is not written in klingon"),
    ],
)
def test_switches_that_make_no_sense_are_explained(options, sentence):
    with pytest.raises(errors.SegmenterError, match=sentence):
        read_table(TABLE + b"", options=options)


@given(st.binary(max_size=400))
@example(b'a,"b\n1')
@example(b"PAR1PAR1")
@example(b"PK\x03\x04")
@example(b"\xff\xfe\xd8\x00")
@example(b"\xff\xfe\x00\xd8,\x00")
@example(b'"\r"')
@example(b"\x85\x1c,\x0c\n1")
def test_any_bytes_make_a_table_or_a_sentence(content):
    outcome = read_or_sentence(content)
    assert outcome.endswith((".", "?")) if isinstance(outcome, str) else outcome.n_customers > 0


@given(st.text(st.sampled_from('ab1,;\t|"\r\n \u00e9.-%'), max_size=80))
def test_any_text_makes_a_table_or_a_sentence(text):
    outcome = read_or_sentence(text.encode())
    if isinstance(outcome, Dataset):
        assert len({column.name for column in outcome.columns}) == outcome.frame.shape[1]
        assert not (outcome.original == "").all(axis=1).any()
    else:
        assert outcome

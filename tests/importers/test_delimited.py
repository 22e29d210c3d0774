"""Tables of text arrive as they were written, and whatever does not fit is said, never shifted."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.core.dataset import ColumnKind, Dataset
from segmenter.importers import read_table
from segmenter.importers.options import ReadOptions


def read(text: str, **options) -> Dataset:
    return read_table(text.encode(), options=ReadOptions(**options))


def rows(dataset: Dataset) -> list[list[str]]:
    return dataset.original.to_numpy().tolist()


def sentences(dataset: Dataset) -> list[str]:
    return [note.text for note in dataset.notes]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(separator, end):
    text = end.join(separator.join(row) for row in [["id", "spend", "note"], ["a", "1.5", "x y"], ["b", "2", "z"]])
    dataset = read(text + end)
    assert dataset.dialect.separator == separator
    assert rows(dataset) == [["a", "1.5", "x y"], ["b", "2", "z"]]


def test_commas_inside_cells_do_not_beat_the_semicolon():
    dataset = read("name;spend\nSmith, John;1,5\nDoe, Jane;2,75\nRoe, Ann;3,25\n")
    assert (dataset.dialect.separator, dataset.dialect.decimal) == (";", ",")
    assert dataset.frame["spend"].tolist() == [1.5, 2.75, 3.25]


def test_the_decimal_mark_can_be_switched():
    text = "id;spend\na;1.234\nb;2.345\n"
    assert read(text, decimal=",").frame["spend"].tolist() == [1234, 2345]
    assert read(text, decimal=".").frame["spend"].tolist() == [1.234, 2.345]
    assert read(text, decimal=",").dialect.decimal == ","


def test_the_separator_can_be_switched():
    dataset = read("a;b,c\n1;2,3\n4;5,6\n", separator=",")
    assert rows(dataset) == [["1;2", "3"], ["4;5", "6"]]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_and_said(encoding, said):
    dataset = read_table("city;spend\nZürich;1\nMálaga;2\n".encode(encoding))
    assert dataset.dialect.encoding == said
    assert dataset.original["city"].tolist() == ["Zürich", "Málaga"]


def test_a_late_accent_is_seen_too():
    content = b"city,spend\n" + b"Oslo,1\n" * 50_000 + "Zürich,2\n".encode("cp1252")
    assert read_table(content).original["city"].iloc[-1] == "Zürich"


def test_short_and_long_rows_are_left_out_counted_and_listed():
    dataset = read("id,spend,city\na,1,Oslo\nb,2\nc,3,Rome\nd,4,Paris,extra\n")
    assert rows(dataset) == [["a", "1", "Oslo"], ["c", "3", "Rome"]]
    assert sentences(dataset) == [
        "2 of 4 rows have a different number of values than the header, which has 3 (first: line 3). "
        "They were left out and are listed."
    ]
    assert dataset.notes[0].line == 3
    assert dataset.left_out["line"].tolist() == [3, 5]
    assert dataset.left_out["text"].tolist() == ["b,2", "d,4,Paris,extra"]


def test_lines_are_counted_through_quoted_line_ends_and_blank_lines():
    dataset = read('id,note\na,"one\ntwo"\n\nb,x,y\nc,ok\nb,x,y\n')
    assert dataset.left_out["line"].tolist() == [5, 7]
    assert rows(dataset) == [["a", "one\ntwo"], ["c", "ok"]]


def test_a_quoted_line_end_in_a_name_does_not_shift_the_table():
    dataset = read('id,"spend\n(EUR)"\na,1\nb,2\n')
    assert [column.name for column in dataset.columns] == ["id", "spend␤(EUR)"]
    assert dataset.columns[1].header == "spend\n(EUR)"
    assert rows(dataset) == [["a", "1"], ["b", "2"]]


def test_doubled_quotes_and_separators_inside_quotes_stay():
    dataset = read('id,note\na,"say ""hi"", then go"\nb,plain\n')
    assert dataset.original["note"].tolist() == ['say "hi", then go', "plain"]


@pytest.mark.parametrize("title", ["Customers 2024\n", "Customers 2024,,\n", "\n\n", ",,\nCustomers,,\n"])
def test_lines_above_the_table_are_skipped_and_counted(title):
    dataset = read(title + "id,spend,city\na,1,Oslo\nb,2,Rome\nc,3,Oslo\n")
    assert [column.name for column in dataset.columns] == ["id", "spend", "city"]
    assert dataset.n_customers == 3
    count = title.count("\n")
    assert f"Skipped {count} {'line' if count == 1 else 'lines'} above the table." in sentences(dataset)
    assert dataset.dialect.header_line == count + 1


@pytest.mark.parametrize(
    "footer",
    ["Total,60,\n", "TOTAL:,60,\n", "Note: preliminary figures,,\n", ",,\nGrand total,60,\nSource: shop,,\n"],
)
def test_totals_and_remarks_below_the_table_are_no_customers(footer):
    dataset = read("id,spend,city\na,10,Oslo\nb,20,Rome\nc,30,Oslo\n" + footer)
    assert dataset.original["id"].tolist() == ["a", "b", "c"]
    assert any("hold remarks or totals, not customers" in text for text in sentences(dataset))
    assert dataset.left_out["text"].tolist() == [line for line in footer.splitlines() if line.strip(",")]
    assert dataset.left_out["line"].iloc[-1] == 4 + footer.count("\n")


def test_a_last_customer_with_few_values_is_kept():
    assert read("id,spend,city\n1,10,Oslo\n2,20,Rome\n3,,\n").n_customers == 3


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,10,Oslo\nb,20,Rome\nc,30,Oslo\n", ["Column 1", "Column 2", "Column 3"]),
        ("10\n20\n30\n", ["Column 1"]),
        ("Oslo,Male\nRome,Female\nOslo,Male\nRome,Male\n", ["Column 1", "Column 2"]),
        ("2024-01-01,5\n2024-01-02,6\n", ["Column 1", "Column 2"]),
    ],
)
def test_a_first_line_that_looks_like_data_is_a_customer(text, names):
    dataset = read(text)
    assert [column.name for column in dataset.columns] == names
    assert dataset.n_customers == text.count("\n")
    assert dataset.dialect.header_line == 0
    assert sentences(dataset)[0] == (
        "The first line looks like data, not column names, so it is read as a customer. Say so if it is the header."
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("spend\n10\n20\n", ["spend"]),
        ("city\nOslo\nRome\n", ["city"]),
        ("city,gender\nOslo,Male\nRome,Female\n", ["city", "gender"]),
        ("id,2021,2022,2023\na,1,2,3\nb,4,5,6\n", ["id", "2021", "2022", "2023"]),
        ("2021,2022,2023\n1,2,3\n4,5,6\n", ["2021", "2022", "2023"]),
        ("id,spend,7\na,1,2\nb,3,4\n", ["id", "spend", "7"]),
        (",spend\n0,10\n1,20\n", ["Column 1", "spend"]),
    ],
)
def test_names_are_recognised_as_names(text, names):
    dataset = read(text)
    assert [column.name for column in dataset.columns] == names
    assert not dataset.notes


def test_the_user_may_say_which_line_holds_the_names():
    text = "10,20\n30,40\n"
    assert [column.name for column in read(text, header_line=1).columns] == ["10", "20"]
    assert read(text, header_line=0).n_customers == 2
    dataset = read("spend,visits\nEUR,n\n1,2\n3,4\n", header_line=2)
    assert [column.name for column in dataset.columns] == ["EUR", "n"]
    assert dataset.n_customers == 2
    assert dataset.dialect.header_line == 2


@pytest.mark.parametrize("header", ["id,spend,city", "id,spend,city,"])
@pytest.mark.parametrize("row_end", ["", ","])
def test_a_separator_at_the_end_of_lines_makes_no_column(header, row_end):
    text = header + "\n" + "".join(f"{name},1,Oslo{row_end}\n" for name in "abc")
    dataset = read(text)
    assert [column.name for column in dataset.columns] == ["id", "spend", "city"]
    assert dataset.n_customers == 3
    assert len(dataset.left_out) == 0


def test_blank_rows_are_no_customers():
    assert read("id,spend\na,1\n,\n\n  , \nb,2\n").original["id"].tolist() == ["a", "b"]


def test_one_row_is_a_table():
    assert read("id,spend\na,1\n").n_customers == 1


def test_repeated_blank_and_invisible_names_become_readable_and_the_header_is_kept():
    dataset = read("spend,spend,,\u202eevil,spend (2), x ,\u200b,a\tb\n" + "1,2,3,4,5,6,7,8\n" * 2, separator=",")
    assert [column.name for column in dataset.columns] == [
        "spend",
        "spend (2)",
        "Column 3",
        "⟨U+202E⟩evil",
        "spend (2) (2)",
        "x",
        "⟨U+200B⟩",
        "a␉b",
    ]
    assert [column.header for column in dataset.columns][:4] == ["spend", "spend", "", "\u202eevil"]


def test_emoji_and_very_long_names_are_kept():
    long = "n" * 10_000
    assert [column.name for column in read(f"👩‍💻,{long}\n1,2\n3,4\n").columns] == ["👩‍💻", long]


def test_a_cell_may_be_a_megabyte_long():
    text = "x" * 1_000_000
    assert read(f"id,note\na,{text}\nb,short\n").original["note"].iloc[0] == text


def test_identifiers_keep_their_zeros_and_words_that_look_missing_stay_in_the_download():
    dataset = read("id,code,answer\n1,007,None\n2,010,NA\n3,100,-\n")
    assert dataset.original["code"].tolist() == ["007", "010", "100"]
    assert dataset.original["answer"].tolist() == ["None", "NA", "-"]
    assert dataset.column("code").kind is ColumnKind.CODE


def test_the_same_bytes_read_in_another_way_have_another_fingerprint():
    text = "a;b\n1,5;2\n2,5;3\n"
    assert read(text).fingerprint == read(text).fingerprint
    assert read(text).fingerprint != read(text, decimal=".").fingerprint


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs", "Cc"]), max_size=8)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
    )
)
def test_what_was_written_is_what_is_read(table):
    kept = [["k", *row] for row in table]  # the first cell makes every row a customer
    frame = pd.DataFrame(kept, columns=["key", *(f"column {number}" for number in range(len(table[0])))])
    text = frame.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    dataset = read_table(b"\xef\xbb\xbf" + text.encode(), options=ReadOptions(separator=",", header_line=1))
    assert rows(dataset) == kept


@given(
    separator=st.sampled_from(",;\t|"),
    table=st.lists(
        st.tuples(st.integers(0, 99), st.sampled_from(["Oslo", "Rio, RJ", "a;b", "x|y"]), st.floats(0, 9)),
        min_size=3,
        max_size=20,
    ),
)
def test_any_separator_is_found_when_cells_are_quoted_where_needed(separator, table):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator)
    writer.writerow(["visits", "city", "rating"])
    writer.writerows(table)
    dataset = read_table(written.getvalue().encode())
    assert dataset.dialect.separator == separator
    assert dataset.original["city"].tolist() == [city for _, city, _ in table]

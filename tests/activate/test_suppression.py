"""Suppression lists: whoever is named there, plain or hashed, is found among the customers."""

import hashlib

import pandas as pd
import pytest

from segmenter.activate.permission import read_suppression
from segmenter.activate.platforms import Field
from segmenter.activate.render import read_contacts
from segmenter.errors.forming import AudienceError
from segmenter.io.read.table import read_table
from segmenter.table.columns import read_frame

CUSTOMERS = read_frame(
    pd.DataFrame(
        {
            "customer_id": ["1001", "1002", "1003"],
            "email": ["Jane.Doe@gmail.com", "ann@x.com", ""],
            "phone": ["0664 1234567", "", "+44 20 7183 8750"],
            "country": ["AT", "AT", "GB"],
        }
    )
)
FIELDS = {Field.CUSTOMER_ID: "customer_id", Field.EMAIL: "email", Field.PHONE: "phone", Field.COUNTRY: "country"}
KNOWN = read_contacts(CUSTOMERS, FIELDS).known()


def named(*cells, header="identifier", region="AT"):
    return read_suppression(read_frame(pd.DataFrame({header: list(cells)}), "list.csv"), region).names(KNOWN).tolist()


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("cell", "who"),
    [
        ("1002", 1),
        (" 1002 ", 1),
        ("ANN@X.COM", 1),
        ("mailto:ann@x.com", 1),
        ("janedoe+shop@gmail.com", 0),
        ("+436641234567", 0),
        ("0664/1234567", 0),
        ("0044 20 7183 8750", 2),
        (sha("ann@x.com"), 1),
        (sha("ann@x.com").upper(), 1),
        (sha("jane.doe@gmail.com"), 0),
        (sha("janedoe@gmail.com"), 0),
        (sha("+436641234567"), 0),
        (sha("436641234567"), 0),
        (sha("1003"), 2),
        (hashlib.md5(b"ann@x.com").hexdigest(), 1),
        (hashlib.sha1(b"+436641234567").hexdigest().upper(), 0),
        (hashlib.sha512(b"1002").hexdigest(), 1),
        ("1002.0", 1),
        ("0001002", 1),
        ("ann@x.com; bob@x.com", 1),
        ("Bob <bob@x.com>, Ann <ANN@x.com>", 1),
        ("0664 1234567 / 0664 7654321", 0),
        ("43 664 123 45 67", 0),
        ("'+43 664 1234567", 0),
    ],
)
def test_a_customer_is_found_by_any_identifier_in_any_spelling(cell, who):
    assert named(cell, "nobody@nowhere.com") == [place == who for place in range(3)]


@pytest.mark.parametrize("cell", ["1", "100", "ann@x.org", "06641234568", sha("ann@x.org"), "jane doe@gmail.com"])
def test_nobody_else_is(cell):
    assert named(cell, "nobody@nowhere.com") == [False] * 3


def test_a_list_without_a_header_loses_no_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("ann@x.com\nnobody@nowhere.com\nsomebody@nowhere.com\n")
    assert read_suppression(read_table(path)).names(KNOWN).tolist() == [False, True, False]
    path.write_text("email\nann@x.com\nnobody@nowhere.com\n")
    listed = read_suppression(read_table(path))
    assert listed.names(KNOWN).tolist() == [False, True, False]
    assert len(listed) == listed.n_read == 2


def test_of_a_wide_file_only_columns_of_identifiers_count():
    wide = pd.DataFrame(
        {"email": ["a@b.com", "c@d.com"], "amount": ["1001", "1002"], "sha256": [sha("1003"), sha("x")]}
    )
    assert read_suppression(read_frame(wide)).names(KNOWN).tolist() == [False, False, True]
    with pytest.raises(AudienceError, match="No column of table is known"):
        read_suppression(read_frame(pd.DataFrame({"amount": [1.5, 2.5], "day": ["2024-01-01", "2024-01-02"]})))


def test_entries_that_are_none_are_counted():
    listed = read_suppression(read_frame(pd.DataFrame({"email": ["ann@x.com", "ann@", "+1 555 0100"]})))
    assert (listed.n_read, listed.n_unreadable) == (3, 2)


@pytest.mark.parametrize("cell", ["0664 1234567", "(0664) 123-4567", "664/1234567", "436641234567", "0043 664 1234567"])
def test_a_number_whose_country_the_list_does_not_say_stands_for_it_in_any(cell):
    assert named(cell, "0664 7654321", header="Nummer", region="") == [True, False, False]


def test_customer_numbers_are_no_telephone_numbers():
    assert named("6641234567", header="customer_id", region="") == [False] * 3


def test_numbers_that_a_spreadsheet_has_shortened_are_found_unless_they_are_somebody_elses():
    ids = pd.DataFrame({"customer_id": ["00042", "00007", "7", "c-0a", "12E5"]})
    known = read_contacts(read_frame(ids), {Field.CUSTOMER_ID: "customer_id"}).known()
    assert known.ids.tolist() == ids["customer_id"].tolist()
    for listed, found in (
        (["42", "7"], [True, False, True, False, False]),
        (["C-0A", "12e5"], [False] * 3 + [True] * 2),
    ):
        assert read_suppression(read_frame(pd.DataFrame({"customer_id": listed}))).names(known).tolist() == found


def test_entries_whose_digits_are_lost_are_told():
    listed = read_suppression(read_frame(pd.DataFrame({"phone": ["4.3664E+11", "########", "+436641234567"]})), "AT")
    assert (listed.n_read, listed.n_unreadable) == (3, 2)

"""Suppression lists: whoever is named there, plain or hashed, is found among the customers."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from segmenter.activate.audience import Audience, AudienceOptions, build_audiences
from segmenter.activate.permission import EVERYBODY_AGREED, Consent, read_suppression
from segmenter.activate.platforms import Field, platforms
from segmenter.activate.render import read_contacts
from segmenter.activate.rfm import score_rfm
from segmenter.errors.forming import AudienceError
from segmenter.io.export.audiences import platform_file
from segmenter.io.export.csv import to_csv
from segmenter.io.read.table import read_table
from segmenter.purchases.customers import as_customers
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind
from segmenter.table.repeats import deduplicate_customers

CUSTOMERS = read_frame(
    pd.DataFrame(
        {
            "customer_id": ["1001", "1002", "1003", "1004"],
            "email": ["Jane.Doe@gmail.com", "ann@x.com", "eva@bücher.at", "Bob+tag@xn--zrich-kva.ch"],
            "phone": ["0664 1234567", "", "+44 20 7183 8750", ""],
            "country": ["AT", "AT", "GB", "AT"],
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
        (sha("bob@xn--zrich-kva.ch"), 3),
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
        ("+43 664 1234567 (mobil)", 0),
        ("EVA@xn--bcher-kva.at", 2),
        (sha("eva@bücher.at"), 2),
        (sha("eva@xn--bcher-kva.at"), 2),
        (sha("bob+tag@zürich.ch"), 3),
    ],
)
def test_a_customer_is_found_by_any_identifier_in_any_spelling(cell, who):
    assert named(cell, "nobody@nowhere.com") == [place == who for place in range(4)]


@pytest.mark.parametrize("cell", ["1", "100", "ann@x.org", "06641234568", sha("ann@x.org"), "jane doe@gmail.com"])
def test_nobody_else_is(cell):
    assert named(cell, "nobody@nowhere.com") == [False] * 4


def test_a_list_without_a_header_loses_no_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("ann@x.com\nnobody@nowhere.com\nsomebody@nowhere.com\n")
    assert read_suppression(read_table(path)).names(KNOWN).tolist() == [False, True, False, False]
    path.write_text("email\nann@x.com\nnobody@nowhere.com\n")
    listed = read_suppression(read_table(path))
    assert listed.names(KNOWN).tolist() == [False, True, False, False]
    assert len(listed) == listed.n_read == 2


def test_of_a_wide_file_only_columns_of_identifiers_count():
    wide = pd.DataFrame(
        {"email": ["a@b.com", "c@d.com"], "amount": ["1001", "1002"], "sha256": [sha("1003"), sha("x")]}
    )
    assert read_suppression(read_frame(wide)).names(KNOWN).tolist() == [False, False, True, False]
    with pytest.raises(AudienceError, match="No column of table is known"):
        read_suppression(read_frame(pd.DataFrame({"amount": [1.5, 2.5], "day": ["2024-01-01", "2024-01-02"]})))


def test_entries_that_are_none_are_counted():
    listed = read_suppression(read_frame(pd.DataFrame({"email": ["ann@x.com", "ann@", "+1 555 0100"]})))
    assert (listed.n_read, listed.n_unreadable) == (3, 2)


@pytest.mark.parametrize("cell", ["0664 1234567", "(0664) 123-4567", "664/1234567", "436641234567", "0043 664 1234567"])
def test_a_number_whose_country_the_list_does_not_say_stands_for_it_in_any(cell):
    assert named(cell, "0664 7654321", header="Nummer", region="") == [True, False, False, False]


def test_customer_numbers_are_no_telephone_numbers():
    assert named("6641234567", header="customer_id", region="") == [False] * 4


@pytest.mark.parametrize("cell", ["06641234567", "00436641234567", "6641234567"])
def test_a_mixed_list_under_the_name_of_customer_numbers_holds_telephone_numbers(cell):
    book = pd.DataFrame({"customer_id": ["A1", "A2"], "phone": ["+436641234567", "+436641234568"]})
    known = read_contacts(
        read_frame(book), {Field.CUSTOMER_ID: "customer_id", Field.PHONE: "phone"}, region="AT"
    ).known()
    for other in ("somebody@else.org", "+43 664 9999999", "00436649999999"):
        listed = read_frame(pd.DataFrame({"id": [cell, other]}))
        assert read_suppression(listed, "AT").names(known).tolist() == [True, False]
        assert read_suppression(listed).names(known).tolist() == [True, False]


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


def in_file(dataset, stop):
    options = AudienceOptions(Consent(stated=EVERYBODY_AGREED), region="AT", suppressed=(stop,))
    everybody = Audience("all", np.ones(dataset.n_customers, dtype=bool))
    made = build_audiences(dataset, [everybody], platforms()["meta"], options)
    content = platform_file(made, made.lists[0]).decode()
    return [each for each in dataset.original["customer_id"] if f"{each.lower()}@new.org" in content], content


def stop_list(*cells):
    return read_suppression(read_frame(pd.DataFrame({"identifier": list(cells)}), "stop.csv"), "AT")


def changed_addresses():
    """Return orders of forty customers, five of whom have changed their e-mail address and one her number."""
    rows = [
        {
            "customer_id": f"C{customer:03}",
            "order_id": str(3 * customer + order),
            "order_date": f"2024-0{order + 1}-1{customer % 9}",
            "amount": 10.5 + customer,
            "email": f"C{customer:03}@{'old' if customer < 5 and not order else 'new'}.org",
            "phone": f"0664 12345{'00' if customer == 9 and not order else customer + 10}",
        }
        for customer in range(40)
        for order in range(3)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("cell", ["c003@OLD.org", sha("c003@old.org"), hashlib.md5(b"c003@old.org").hexdigest()])
def test_a_buyer_is_left_out_by_an_address_of_earlier_orders_which_is_in_no_file(cell):
    customers = as_customers(read_frame(changed_addresses(), "orders.csv"))
    assert customers.n_customers == 40
    assert any(note.text.startswith("6 customers have had several e-mail") for note in customers.notes)
    reached, content = in_file(customers, stop_list(cell))
    assert len(reached) == 39
    assert "C003" not in reached
    assert "old.org" not in content
    assert "old.org" not in " ".join(customers.original.astype("str").to_numpy().ravel())
    assert "C009" not in in_file(customers, stop_list("+43 664 1234500"))[0]


def test_a_labelled_file_still_leaves_out_by_former_addresses_and_writes_to_none(tmp_path):
    customers = as_customers(read_frame(changed_addresses(), "orders.csv"))
    labelled = tmp_path / "customers.csv"
    labelled.write_bytes(to_csv(score_rfm(customers).labelled(customers)))
    again = read_table(labelled)
    assert again.column("former_contacts").kind is ColumnKind.PERSONAL
    for cell, who in (("c003@OLD.org", "C003"), (sha("c003@old.org"), "C003"), ("+43 664 1234500", "C009")):
        reached, content = in_file(again, stop_list(cell))
        assert set(again.original["customer_id"]) - set(reached) == {who}
        assert "old.org" not in content
    # As the list of an earlier campaign it stands for all of a customer's addresses.
    assert in_file(read_frame(changed_addresses().iloc[::3], "old.csv"), read_suppression(again, "AT"))[0] == []
    # Segmented again, with one customer in two rows, it loses none.
    twice = pd.concat([again.original, again.original.iloc[[3]].assign(email="c003@third.org")])
    once = deduplicate_customers(read_frame(twice, "twice.csv"), "first")
    written = once.as_written().set_index("customer_id")["former_contacts"]
    assert set(written["C003"].split("; ")) == {"c003@third.org", "C003@old.org"}
    assert written.notna().sum() == 6


def test_a_customer_in_several_rows_is_left_out_by_the_address_of_a_row_that_was_dropped():
    table = pd.DataFrame(
        {
            "customer_id": [f"C{n:03}" for n in range(30)] + ["C003"],
            "email": [f"C{n:03}@new.org" for n in range(30)] + ["c003@old.org"],
            "phone": "",
            "spend": range(31),
        }
    )
    customers = deduplicate_customers(read_frame(table, "two.csv"), "first")
    reached, content = in_file(customers, stop_list("c003@old.org"))
    assert len(reached) == 29
    assert "C003" not in reached
    assert "old.org" not in content


def test_a_cell_of_two_addresses_and_a_fourth_column_are_looked_at_too():
    table = pd.DataFrame({"customer_id": [f"C{n:03}" for n in range(30)], "country": "AT"})
    for at in range(1, 6):
        table[f"email_{at}"] = [f"c{n:03}@{'new' if at == 1 else at}.org" for n in range(30)]
    table["phone"] = [f"0664 12345{n + 10}" for n in range(29)] + ["0664 1234598 / 0664 1234599"]
    table.loc[28, "email_2"] = "c028@a.org; c028@b.org"
    customers = read_frame(table, "book.csv")
    out = ["c003@5.org", "c028@b.org", "+436641234599"]
    found = [set(table["customer_id"]) - set(in_file(customers, stop_list(cell))[0]) for cell in out]
    assert found == [{"C003"}, {"C028"}, {"C029"}]

"""Audiences: everybody is accounted for, nobody is in a list twice, nobody without consent, and always alike."""

import csv
import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmenter.activate.audience import IN_ALL, STEPS, Audience, AudienceOptions, build_audiences, size_notes
from segmenter.activate.control import Control
from segmenter.activate.permission import EVERYBODY_AGREED, Consent, read_suppression
from segmenter.activate.platforms import Field, platforms
from segmenter.activate.selection import narrowed, segments_in_file
from segmenter.errors.forming import (
    AudienceError,
    ConsentUnknownError,
    CountryNeededError,
    NoIdentifierError,
    UnknownColumnError,
)
from segmenter.io.export.audiences import audiences_zip, list_names
from segmenter.table.columns import read_frame
from segmenter.table.infer.consent import meaning
from tests.activate.address_book import people

AGREED = Consent(stated=EVERYBODY_AGREED)


def table(**columns):
    return read_frame(pd.DataFrame(columns))


def everyone(customers):
    return [Audience("everybody", np.ones(customers.n_customers, dtype=bool))]


def made(customers, platform="plain", audiences=None, **options):
    options = {"consent": AGREED, **options}
    return build_audiences(
        customers, audiences or everyone(customers), platforms()[platform], AudienceOptions(**options)
    )


def only_list(audiences):
    return audiences.lists[0].cells.to_numpy().tolist()


def counts(audiences):
    return audiences.reconciliation.set_index("segment").loc[IN_ALL].to_dict()


@pytest.fixture(scope="module")
def book():
    return people()


@pytest.fixture(scope="module")
def customers(book):
    return read_frame(book.drop(columns="truth"), "book.csv")


@pytest.fixture(scope="module")
def suppression(book):
    rows = book.sample(300, random_state=2)
    return rows, read_suppression(read_frame(pd.DataFrame({"email": rows["email"]}), "suppressed.csv"))


@pytest.mark.parametrize(
    ("platform", "hashes"),
    [
        ("google", False),
        ("google", True),
        ("meta", True),
        ("tiktok", False),
        ("klaviyo", False),
        ("brevo", False),
        ("microsoft", True),
        ("snapchat", True),
        ("linkedin", False),
        ("braze", False),
        ("salesforce-mobile", False),
        ("mailchimp", False),
        ("plain", False),
    ],
)
def test_ten_thousand_people_are_accounted_for(book, customers, suppression, platform, hashes):
    segments = segments_in_file(customers)
    audiences = segments.audiences(["1", "3"])
    options = AudienceOptions(
        Consent(("newsletter",)), suppressed=(suppression[1],), control=Control(0.1, "spring"), hashes=hashes
    )
    found = build_audiences(customers, audiences, platforms()[platform], options)
    sheet = found.reconciliation.set_index("segment")

    # Sums reconcile, to the last customer, and each step has its list.
    assert (sheet["in segment"] == sheet[[*STEPS, "in file"]].sum(axis=1)).all()
    assert sheet.loc[IN_ALL, "in segment"] == book["segment"].isin(["1", "3"]).sum()
    for audience, people_in in zip(audiences, found.lists, strict=True):
        assert sheet.loc[audience.name, "in segment"] == audience.rows.sum()
        assert sheet.loc[audience.name, "in file"] == len(people_in.rows) == len(people_in.cells)
        for step in STEPS:
            listed = found.left_out[(found.left_out["segment"] == audience.name) & (found.left_out["step"] == step)]
            assert len(listed) == sheet.loc[audience.name, step]
            assert (listed["reason"] != "").all()
    in_some_list = np.concatenate([each.rows for each in found.lists])
    accounted = np.concatenate([in_some_list, found.left_out["row"].to_numpy() - 1])
    assert sorted(accounted) == sorted(np.flatnonzero(book["segment"].isin(["1", "3"])))

    # Nobody twice: no person, and no identifier, whichever list it is in.
    assert book["truth"].iloc[in_some_list].is_unique
    cells = pd.concat([each.cells for each in found.lists])
    for place, header in enumerate(found.lists[0].headers):
        if header.casefold().split("_")[0] in (
            "email",
            "phone",
            "sms",
            "ext",
            "external",
            "customer",
            "text",
            "phone number",
        ):
            written = cells[place][cells[place] != ""]
            assert written.is_unique, header

    # Nobody without consent, whatever the person's other rows say.
    refused = set(book["truth"][[meaning(str(each or "")) is not True for each in book["newsletter"]]])
    assert not refused & set(book["truth"].iloc[in_some_list])
    # Nobody who is suppressed.
    emails = suppression[0]["email"].dropna()
    suppressed = set(
        suppression[0].loc[emails.index[emails.str.contains(r"^\W*(?:mailto:)?p\d+(?:\+news)?@", case=False)], "truth"]
    )
    assert suppressed
    assert not suppressed & set(book["truth"].iloc[in_some_list])
    # Enough is left to mean something.
    assert sheet.loc[IN_ALL, "in file"] > 2_000


def test_the_same_customers_and_choices_are_the_same_bytes(customers):
    options = AudienceOptions(Consent(("newsletter",)), control=Control(0.1))
    first, second = (
        audiences_zip(
            customers, build_audiences(customers, segments_in_file(customers).audiences(), platforms()["meta"], options)
        )
        for _ in range(2)
    )
    assert first == second


def test_a_person_stands_on_the_same_side_in_any_order_of_the_file(book):
    options = AudienceOptions(Consent(("newsletter",)), control=Control(0.2, "spring"))
    sides = []
    for order in (book, book.iloc[::-1]):
        customers = read_frame(order.drop(columns="truth").reset_index(drop=True), "book.csv")
        found = build_audiences(customers, everyone(customers), platforms()["google"], options)
        groups = found.groups
        assert groups["customer"].is_unique
        sides.append(dict(zip(groups["customer"], groups["arm"], strict=True)))
    assert sides[0] == sides[1]
    assert 0.15 < np.mean([arm == "control" for arm in sides[0].values()]) < 0.25


def test_each_step_takes_off_those_it_names():
    customers = table(
        customer_id=["1", "2", "3", "4", "5", "6"],
        email=["a@x.com", "b@x.com", "", "nonsense", "A@x.com", "f@x.com"],
        consent=["yes", "no", "yes", "yes", "yes", "yes"],
    )
    listed = read_suppression(read_frame(pd.DataFrame({"email": ["f@x.com"]}), "list.csv"))
    found = made(customers, "klaviyo", consent=Consent(("consent",)), suppressed=(listed,))
    assert counts(found) == {
        "in segment": 6,
        "no consent": 1,
        "suppressed": 1,
        "held out": 0,
        "no identifier": 1,
        "invalid": 1,
        "duplicate": 1,
        "in file": 1,
    }
    assert only_list(found) == [["a@x.com"]]
    assert found.left_out[["customer", "step"]].to_numpy().tolist() == [
        ["2", "no consent"],
        ["3", "no identifier"],
        ["4", "invalid"],
        ["5", "duplicate"],
        ["6", "suppressed"],
    ]
    assert found.dropped[["row", "column", "written"]].to_numpy().tolist() == [[4, "email", "nonsense"]]


def test_rows_linked_through_others_are_one_person():
    customers = table(
        customer_id=["1", "2", "3", "4"],
        email=["a@x.com", "a@x.com", "c@x.com", "d@x.com"],
        phone=["", "+436641234567", "0664 1234567", ""],
        country=["AT"] * 4,
    )
    assert only_list(made(customers, "klaviyo")) == [["a@x.com", ""], ["d@x.com", ""]]


def test_gmails_spellings_of_a_mailbox_are_one_person():
    customers = table(customer_id=["1", "2"], email=["jane.doe@gmail.com", "JaneDoe+news@gmail.com"])
    assert only_list(made(customers, "meta")) == [["jane.doe@gmail.com"]]


def test_a_no_in_one_row_holds_for_the_person_also_from_outside_the_segment():
    customers = table(customer_id=["1", "2"], email=["a@x.com", "A@X.COM"], consent=["yes", "no"])
    first = [Audience("first", np.array([True, False]))]
    found = made(customers, "klaviyo", first, consent=Consent(("consent",)))
    assert counts(found)["no consent"] == 1
    assert found.left_out["reason"].tolist() == ["another row of this person has no consent"]


def test_a_person_stands_in_the_file_by_the_row_that_the_platform_finds_best():
    customers = table(
        email=["ann@@x.com", "ann@x.com", "bob@x.com", "bob@x.com"],
        phone=["+4915112345678", "+4915112345678", "", ""],
        first_name=["Ann", "Anna", "Bob", "Robert"],
        last_name=["Doe", "Doe", "Roe", "Roe"],
    )
    found = made(customers, "linkedin", region="DE")
    # By name alone Ann would be found less often; of two rows that are found alike the first stands there.
    assert [row[:3] for row in only_list(found)] == [["ann@x.com", "Anna", "Doe"], ["bob@x.com", "Bob", "Roe"]]
    assert counts(found)["duplicate"] == 2


def test_a_person_in_two_segments_is_in_the_first_list_alone():
    customers = table(customer_id=["1", "2"], email=["a@x.com", "a@x.com"])
    audiences = [Audience("one", np.array([False, True])), Audience("two", np.array([True, False]))]
    found = made(customers, "klaviyo", audiences)
    assert [len(each.rows) for each in found.lists] == [1, 0]
    assert found.left_out["reason"].tolist() == ["the same person is in the list of one"]


def test_destroyed_customer_numbers_make_nobody_one_person():
    customers = table(customer_id=["1.23E+11", "1.23E+11"], email=["a@x.com", "b@x.com"])
    found = made(customers, "plain")
    assert len(only_list(found)) == 2
    assert any("a spreadsheet has destroyed it" in note.text for note in found.notes)


def test_nothing_but_identifiers_leaves(customers):
    for platform in platforms().values():
        found = made(customers, platform.id, consent=Consent(("newsletter",)))
        written = set(found.lists[0].cells.to_numpy().ravel()) - {""}
        assert not written & set(customers.original["spend"].astype("str"))
        assert not written & set(customers.original["newsletter"].dropna())


def test_values_go_along_only_where_they_are_asked_for_and_taken():
    customers = table(customer_id=["1", "2"], email=["a@x.com", "b@x.com"], spend=["12.50", "1,000"])
    assert made(customers, "meta").lists[0].headers == ("email",)
    found = made(customers, "meta", value="spend")
    assert found.lists[0].headers == ("email", "value")
    assert only_list(found) == [["a@x.com", "12.50"], ["b@x.com", "1000"]]
    with pytest.raises(AudienceError, match="takes no column of values"):
        made(customers, "google", value="spend")


def test_half_an_address_is_written_nowhere():
    customers = table(
        email=["a@x.com", ""], first_name=["Ann", "Bob"], last_name=["A", "B"], country=["AT", "AT"], zip=["", "1010"]
    )
    found = made(customers, "google")
    assert only_list(found) == [["a@x.com", "", "", "", ""], ["", "Bob", "B", "AT", "1010"]]
    without = table(email=["a@x.com"], country=["AT"])
    assert made(without, "google").lists[0].headers == ("Email",)


def test_numbers_of_fixed_lines_are_no_text_message_numbers():
    customers = table(customer_id=["1", "2"], phone=["+4312345678", "+436641234567"], email=["a@x.com", "b@x.com"])
    found = made(customers, "brevo")
    assert only_list(found) == [["a@x.com", "", "1"], ["b@x.com", "+436641234567", "2"]]
    assert found.dropped["reason"].tolist() == ["it is no mobile number"]
    # Where a mobile number is all that people are found by, who has none is accounted for, with the reason.
    texts = made(customers, "salesforce-mobile")
    assert texts.reconciliation["invalid"].iloc[-1] == 1
    assert texts.left_out[["row", "step", "reason"]].to_numpy().tolist() == [
        [1, "invalid", "telephone number: it is no mobile number"]
    ]


def test_letters_before_the_at_that_a_platform_does_not_take():
    customers = table(email=["zoë@x.com", "ann@x.com"])
    assert only_list(made(customers, "mailchimp")) == [["ann@x.com"]]
    assert only_list(made(customers, "klaviyo")) == [["zoë@x.com"], ["ann@x.com"]]


def test_a_platform_with_one_identifier_gets_the_one_that_was_chosen():
    customers = table(email=["a@x.com", ""], phone=["+436641234567", "+436641234568"])
    assert only_list(made(customers, "snapchat")) == [["a@x.com"]]
    assert only_list(made(customers, "snapchat", identifier=Field.PHONE)) == [["436641234567"], ["436641234568"]]


def test_the_country_of_numbers_is_asked_and_never_guessed():
    customers = table(customer_id=["1", "2"], phone=["0664 1234567", "+436641234568"])
    with pytest.raises(CountryNeededError, match="1 telephone number has no country code"):
        made(customers, "plain")
    assert only_list(made(customers, "plain", region="AT")) == [["1", "+436641234567"], ["2", "+436641234568"]]
    # Where the country is a column, a row whose country cannot be read is not in the one that was picked.
    odd = table(phone=["0664 1234567", "0664 1234568"], country=["Narnia", ""])
    assert only_list(made(odd, "plain", region="AT")) == [["+436641234568"]]


def test_what_cannot_be_done_is_said():
    customers = table(spend=["1.5", "2.5"])
    with pytest.raises(NoIdentifierError, match="Klaviyo list finds customers by e-mail address, or telephone number"):
        made(customers, "klaviyo")
    named = table(customer_id=["1", "2"], email=["a@x.com", "b@x.com"])
    with pytest.raises(ConsentUnknownError):
        made(named, consent=Consent())
    with pytest.raises(UnknownColumnError):
        made(named, columns={Field.EMAIL: "mail"})
    with pytest.raises(AudienceError, match="takes no hashes"):
        made(named, "klaviyo", hashes=True)
    with pytest.raises(AudienceError, match="Choose at least one"):
        build_audiences(named, [], platforms()["plain"], AudienceOptions(AGREED))
    with pytest.raises(AudienceError, match="hold one of"):
        made(named, "x", identifier=Field.CUSTOMER_ID)


def test_earlier_campaigns_are_left_out_with_their_name():
    customers = table(customer_id=["1", "2"], email=["a@x.com", "b@x.com"])
    earlier = read_suppression(read_frame(pd.DataFrame({"customer": ["2"], "arm": ["contacted"]}), "spring.csv"))
    found = made(customers, "klaviyo", earlier=(earlier,))
    assert only_list(found) == [["a@x.com"]]
    assert found.left_out["reason"].tolist() == ["in an earlier campaign (spring.csv)"]


def test_control_and_contacted_are_compared_only_where_both_could_be_reached():
    numbers = [f"{each}" for each in range(400)]
    customers = table(customer_id=numbers, email=[f"a{each}@x.com" if int(each) % 2 else "" for each in numbers])
    found = made(customers, "klaviyo", control=Control(0.5, "s"))
    reachable = {each for each in numbers if int(each) % 2}
    assert set(found.groups["customer"]) == reachable
    held = set(found.groups["customer"][found.groups["arm"] == "control"])
    assert held == set(found.left_out["customer"][found.left_out["step"] == "held out"]) & reachable
    assert not held & set(customers.original["customer_id"].iloc[found.lists[0].rows])


def test_sizes_are_advice_at_the_users_own_match_rate():
    meta, tiktok = platforms()["meta"], platforms()["tiktok"]
    assert size_notes(meta, {"a": 250}, 0.4) == []
    [few] = size_notes(meta, {"a": 249}, 0.4)
    assert "finds 100 people; at 40 % found, that takes 250. a has 249" in few.text
    [small] = size_notes(tiktok, {"a": 999, "b": 5_000}, 0.4)
    assert "1,000 rows or more; a has 999. Send them together." in small.text
    assert size_notes(platforms()["klaviyo"], {"a": 9}, 0.4, {"a": 50_000_000}) == []
    [long] = size_notes(platforms()["klaviyo"], {"a": 9}, 0.4, {"a": 50_000_001, "b": 7})
    assert "at most 50 MB; a has 51 MB." in long.text
    [large] = size_notes(platforms()["linkedin"], {"a": 400_000}, 0.4)
    assert "at most 300,000 rows a file; a has 400,000" in large.text


def test_the_zip_holds_the_lists_the_sheet_and_the_record():
    customers = table(
        customer_id=["1", "2", "3"], email=["a@x.com", '"q"@x.com', "c@x.com"], first_name=["=1+1", "B", "C"]
    )
    found = made(
        customers, "plain", [Audience("1 Größe / ../x", np.ones(3, dtype=bool))], control=Control(0.3, "a", "june")
    )
    content = audiences_zip(customers, found)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert names[0] == "lists/plain_1_grosse_x.csv"
        lines = archive.read(names[0]).split(b"\r\n", 1)[1].replace(b'"', b"")
        assert found.lists[0].n_bytes - 2 * b'"q"@x.com'.count(b'"') <= len(lines) <= found.lists[0].n_bytes
        record = json.loads(archive.read("manifest.json"))
        sheet = list(csv.DictReader(io.StringIO(archive.read("reconciliation.csv").decode("utf-8-sig"))))
        for each in record["files"]:
            body = archive.read(each["name"])
            assert len(body) == each["bytes"]
            assert __import__("hashlib").sha256(body).hexdigest() == each["sha256"]
    assert {name for name in names if name.startswith("left_out/")} >= {
        f"left_out/{n}_{s.replace(' ', '_')}.csv" for n, s in enumerate(STEPS, 1)
    }
    assert {each["name"] for each in record["files"]} == set(names) - {"manifest.json"}
    assert record["consent"]["stated"] == EVERYBODY_AGREED
    assert record["control"] == {"share": 0.3, "salt": "a", "campaign": "june"}
    assert record["platform"]["checked_on"] == platforms()["plain"].checked_on.isoformat()
    assert int(sheet[-1]["in segment"]) == 3


def test_files_for_machines_have_neither_mark_nor_apostrophe():
    customers = table(
        customer_id=["=1", "2"],
        phone=["+43 664 1234567", "'+43 664 1234568"],
        first_name=["=A", "-B"],
        last_name=["@c", "d"],
        email=["+a@x.com", "b@x.com"],
    )
    for platform in platforms().values():
        found = made(customers, platform.id)
        with zipfile.ZipFile(io.BytesIO(audiences_zip(customers, found))) as archive:
            lists = [archive.read(name) for name in archive.namelist() if name.startswith("lists/")]
        assert all(not each.startswith(b"\xef\xbb\xbf") and b"'" not in each for each in lists)


def test_a_segment_with_nobody_is_an_empty_list():
    customers = table(customer_id=["1"], email=["a@x.com"])
    found = made(
        customers, "klaviyo", [Audience("none", np.zeros(1, dtype=bool)), Audience("all", np.ones(1, dtype=bool))]
    )
    assert [len(each.rows) for each in found.lists] == [0, 1]
    assert audiences_zip(customers, found)


def test_options_can_be_changed_one_by_one():
    options = AudienceOptions(AGREED)
    assert replace(options, hashes=True).consent is AGREED


def people_with_several(n=40):
    return pd.DataFrame(
        {
            "customer_id": [f"{number:03d}" for number in range(n)],
            "email_1": [f"first{number}@mail.com" if number % 4 else "" for number in range(n)],
            "email_2": [f"second{number}@mail.com" for number in range(n)],
            "phone": [f"+4366412345{number:02d}" for number in range(n)],
            "mobile": [f"+4366498765{number:02d}" if number % 2 else "" for number in range(n)],
            "manager_email": ["boss@shop.com"] * n,
            "segment": ["1"] * n,
        }
    )


def listed(table, name, **options):
    dataset = read_frame(table, "c.csv")
    audience = Audience("all", np.ones(len(table), dtype=bool))
    return build_audiences(dataset, [audience], platforms()[name], AudienceOptions(Consent(stated="yes"), **options))


def test_every_address_and_number_is_written_where_the_platform_takes_several():
    made = listed(people_with_several(), "google")
    assert [header for header in made.lists[0].headers if header in ("Email", "Phone")] == [
        "Email",
        "Email",
        "Phone",
        "Phone",
    ]
    cells = made.lists[0].cells
    assert list(cells.iloc[0, :2]) == ["second0@mail.com", ""]
    assert list(cells.iloc[1, :2]) == ["first1@mail.com", "second1@mail.com"]
    assert set(cells.iloc[1, 2:4]) == {"+436641234501", "+436649876501"}
    assert not cells.isin(["boss@shop.com"]).any().any()


def test_where_a_platform_takes_one_it_is_the_first_that_there_is():
    made = listed(people_with_several(), "klaviyo")
    emails = made.lists[0].cells[made.lists[0].headers.index("Email")]
    assert list(emails[:2]) == ["second0@mail.com", "first1@mail.com"]


def test_a_second_address_links_people_and_is_found_on_the_suppression_list():
    table = people_with_several()
    table.loc[7, "email_1"] = "second3@mail.com"
    stop = read_suppression(read_frame(pd.DataFrame({"email": ["second5@mail.com", "second3@mail.com"]}), "stop.csv"))
    made = listed(table, "google", suppressed=(stop,))
    assert set(made.left_out["row"]) == {4, 6, 8}
    assert set(made.left_out["step"]) == {"suppressed"}


def test_a_suppression_list_is_read_in_all_of_its_columns():
    stop = read_frame(pd.DataFrame({"email_1": ["a@x.com", "b@x.com"], "email_2": ["c@x.com", "d@x.com"]}), "stop.csv")
    assert read_suppression(stop).emails == {"a@x.com", "b@x.com", "c@x.com", "d@x.com"}


def test_a_placeholder_that_many_customers_share_makes_them_no_one_person_and_it_is_said():
    n = 60
    table = pd.DataFrame(
        {
            "customer_id": [f"{number:03d}" for number in range(n)],
            "email": ["none@none.com"] * 20 + [f"p{number}@mail.com" for number in range(20, n)],
            "phone": [f"+4366412345{number:02d}" for number in range(n - 10)] + ["+43664999999"] * 10,
            "segment": ["1"] * n,
        }
    )
    made = listed(table, "google")
    # Everybody is still reached by the identifier that is their own.
    assert made.n_people == n
    assert not made.lists[0].cells.isin(["none@none.com", "+43664999999"]).any().any()
    said = [note.text for note in made.notes if "share one" in note.text]
    assert len(said) == 2
    assert "20 cells" in said[0]
    assert (made.dropped["reason"].str.contains("many customers")).sum() == 30


def test_a_family_that_shares_a_number_is_still_linked():
    table = people_with_several().drop(columns=["mobile", "email_1"]).iloc[:4]
    table["phone"] = "+43664123456"
    assert listed(table, "google").n_people == 1


def test_the_name_of_a_list_has_the_number_of_its_segment():
    frame = pd.DataFrame({"email": [f"p{n}@mail.com" for n in range(3)], "segment": ["1", "2", "3"]})
    customers = read_frame(frame)
    asked = narrowed(segments_in_file(customers).audiences(["1", "3"]), np.ones(3, dtype=bool))
    assert list_names(made(customers, "plain", asked)) == ["plain_1_segment_1.csv", "plain_3_segment_3.csv"]
    assert list_names(made(customers, "plain", [replace(asked[1], number=None), asked[0]])) == [
        "plain_1_segment_3.csv", "plain_2_segment_1.csv",
    ]  # fmt: skip

"""One contract for every platform: a strict description, and the very bytes of its file."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from segmenter.activate.audience import Audience, AudienceOptions, build_audiences
from segmenter.activate.identifiers import recognise_chosen, recognise_contacts
from segmenter.activate.permission import EVERYBODY_AGREED, Consent
from segmenter.activate.platforms import DAYS_TO_TRUST, Field, IdentifierRule, Platform, platforms
from segmenter.io.export.audiences import platform_file
from segmenter.table.columns import read_frame

GOLDEN = Path(__file__).with_name("golden")
NAMED = {
    "google",
    "meta",
    "tiktok",
    "linkedin",
    "microsoft",
    "pinterest",
    "snapchat",
    "x",
    "klaviyo",
    "mailchimp",
    "hubspot",
    "salesforce-mc",
    "salesforce-mobile",
    "braze",
    "brevo",
    "plain",
}
# Each file is compared byte by byte with one that was read by a person, line by line, against the platform's rules.
BOOK = pd.DataFrame(
    {
        "customer_id": ["0007", "0008", "0009", "0010"],
        "email": [
            "Test@Contoso.com",
            " JaneDoe@gmail.com",
            "Cloudy.SanFrancisco+shopping@gmail.com",
            "user.name+NYC@Example.com",
        ],
        "phone": ["(800) 555-0100", "0664 1234567", "+44 (0)20 7183 8750", ""],
        "country": ["USA", "Österreich", "UK", "DE"],
        "first_name": [" Ann", "Zoë", "Jan, jr.", 'Max "M"'],
        "last_name": ["O'Neil", "Łuk", "Doe", "Muster"],
        "zip": ["94103-1234", "1010", "SW1A 1AA", "01067"],
        "city": ["San Francisco", "Wien", "London", ""],
        "state": ["California", "", "", "Sachsen-Anhalt"],
        "birth_date": ["1980-02-29", "", "1975-12-01", "2001-07-04"],
        "gender": ["Female", "weiblich", "m", "unknown"],
        "facebook_id": ["", "", "100001234567890", ""],
        "madid": ["", "5F3A2B18-9C4D-4E7F-B8E2-17D3A1E69B25", "", ""],
        "company": ["Contoso; Inc.", "", "", ""],
        "job_title": ["CEO", "", "", ""],
        "spend": ["12.50", "3", "", "1000"],
    }
)
# SHA-256 as the platforms print it, or of texts that they print.
PRINTED = {
    "test@contoso.com": "f25ad364d33972379a7a4f4df33db142205f5c40eb19cfdb2fc5aaf117e10101",
    "janedoe@gmail.com": "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
    "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25": "83dc3f5f32b9472613b0f038d36f22585a609d018af6f6067f50da318bf354bd",
    "cloudysanfrancisco@gmail.com": "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
    "user.name+nyc@example.com": "f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac",
    "+18005550100": "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30",
    "18005550100": "92cfdc5fbcd4a20fbe5d3857af6c1aba31762105bba7f21a17155e920653046c",
}


def golden_file(platform, hashes):
    book = read_frame(BOOK, "book.csv")
    # Date of birth and gender are written for those who name their columns.
    columns = recognise_contacts(book) | (recognise_chosen(book) if platform.id == "meta" else {})
    options = AudienceOptions(
        Consent(stated=EVERYBODY_AGREED),
        hashes=hashes,
        value="spend" if platform.has(Field.VALUE) else "",
        columns=columns,
    )
    made = build_audiences(book, [Audience("1 Big, spenders", np.ones(len(BOOK), dtype=bool))], platform, options)
    return platform_file(made, made.lists[0])


CASES = [
    (platform.id, hashes)
    for platform in platforms().values()
    for hashes in (False, True)
    if platform.hashing == "by choice" or hashes == (platform.hashing == "always")
]


@pytest.mark.parametrize(("name", "hashes"), CASES)
def test_the_file_is_the_golden_one_byte_by_byte(name, hashes):
    platform = platforms()[name]
    golden = GOLDEN / f"{name}{'_hashed' if hashes else ''}.{platform.format.extension}"
    assert golden_file(platform, hashes) == golden.read_bytes()


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_platform_is_described(name):
    platform = platforms()[name]
    assert platform.id == name
    assert platform.sources
    assert platform.checked_on <= date.today()
    assert len(platform.certainty) > 20


def test_there_is_no_other_platform_and_no_golden_file_too_many():
    assert set(platforms()) == NAMED
    assert len(list(GOLDEN.iterdir())) == len(CASES)


def printed_of(name):
    return golden_file(platforms()[name], hashes=True).decode()


@pytest.mark.parametrize(
    ("platform", "texts"),
    [
        (
            "google",
            [
                "test@contoso.com",
                "janedoe@gmail.com",
                "cloudysanfrancisco@gmail.com",
                "user.name+nyc@example.com",
                "+18005550100",
            ],
        ),
        ("meta", ["test@contoso.com", "janedoe@gmail.com", "user.name+nyc@example.com", "18005550100"]),
        ("tiktok", ["test@contoso.com", "+18005550100", "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25"]),
        ("microsoft", ["test@contoso.com", "janedoe@gmail.com"]),
        ("x", ["test@contoso.com", "user.name+nyc@example.com"]),
        ("plain", ["test@contoso.com", "+18005550100"]),
    ],
)
def test_hashes_are_those_that_platforms_print(platform, texts):
    content = printed_of(platform)
    for text in texts:
        assert PRINTED[text] == hashlib.sha256(text.encode()).hexdigest()
        assert PRINTED[text] in content


def test_each_platform_hashes_by_its_own_rule():
    # Google alone drops Gmail's dots and tags before it hashes; Meta's numbers have no +, the others' have.
    whole = hashlib.sha256(b"cloudy.sanfrancisco+shopping@gmail.com").hexdigest()
    assert whole not in printed_of("google")
    assert whole in printed_of("meta")
    assert PRINTED["+18005550100"] not in printed_of("meta")
    # Country and postcode are never hashed for Google.
    assert ",US,94103-1234\r\n" in printed_of("google")


def test_what_a_platform_does_not_hash_itself_is_hashed_in_plain_files_too():
    """Pinterest takes plain addresses, but device identifiers as hashes alone, as its own interface says."""
    book = read_frame(BOOK, "book.csv")
    asked = [Audience("Big", np.ones(len(BOOK), dtype=bool))]
    options = AudienceOptions(Consent(stated=EVERYBODY_AGREED), identifier=Field.DEVICE_ID)
    made = build_audiences(book, asked, platforms()["pinterest"], options)
    assert platform_file(made, made.lists[0]).decode().split() == [PRINTED["5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25"]]
    assert made.hashes
    by_mail = build_audiences(book, asked, platforms()["pinterest"], replace(options, identifier=None))
    assert b"test@contoso.com" in platform_file(by_mail, by_mail.lists[0])
    assert not by_mail.hashes


def test_a_format_looked_up_too_long_ago_says_so():
    platform = platforms()["google"]
    assert platform.age_note(platform.checked_on + timedelta(days=DAYS_TO_TRUST)) == ""
    note = platform.age_note(platform.checked_on + timedelta(days=DAYS_TO_TRUST + 1))
    assert note.startswith("Google Customer Match: what is known of this format is of ")
    assert "181 days ago. Look at the platform's page first" in note


WRONG = {
    "an unknown key": {"colour": "red"},
    "no column": {"columns": []},
    "a rule that is none": {"columns": [{"header": "e", "from": "email", "rule": "shouted"}]},
    "a field that no column holds": {"identified_by": [["phone"]]},
    "a preamble of another width": {"preamble": [["a", "b"]]},
    "another encoding": {"format": {"extension": "csv", "encoding": "utf-16"}},
    "a limit below one": {"limits": {"rows": 0}},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_a_description_that_could_not_be_written_is_refused(changed):
    right = {
        "id": "p",
        "title": "P",
        "kind": "ads",
        "checked_on": "2026-01-01",
        "certainty": "sure",
        "sources": ["page"],
        "format": {"extension": "csv"},
        "columns": [{"header": "e", "from": "email", "rule": IdentifierRule.EMAIL.value}],
        "identified_by": [["email"]],
    }
    assert msgspec.convert(right, Platform).id == "p"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(right | changed, Platform)


def test_what_often_forms_segments_leaves_for_an_ad_platform_only_where_its_column_is_named():
    book = read_frame(BOOK, "book.csv")
    everybody = Audience("all", np.ones(len(BOOK), dtype=bool))
    made = build_audiences(
        book, [everybody], platforms()["meta"], AudienceOptions(Consent(stated=EVERYBODY_AGREED), region="AT")
    )
    assert not {"dob", "doby", "gen", "value"} & set(made.lists[0].headers)
    assert {"st", "uid"} <= set(made.lists[0].headers)

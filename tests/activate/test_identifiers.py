"""E-mail addresses, telephone numbers and countries as people write them."""

import hashlib
import random

import pandas as pd
import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email

from segmenter.activate.identifiers import (
    DESTROYED,
    NO_COUNTRY,
    TWO_IN_ONE,
    canonical_countries,
    canonical_emails,
    canonical_phones,
    gmail_canonical,
    mailboxes,
    region_of,
    tidy,
)


def phones(*pairs):
    cells, regions = zip(*pairs, strict=True)
    return canonical_phones(pd.Series(cells), pd.Series(regions, dtype="str"))


def one_phone(text, region):
    checked = phones((text, region))
    return None if pd.isna(checked.values[0]) else checked.values[0]


@pytest.mark.parametrize(
    "written",
    [
        "Ann@BÜCHER.org",
        "ann@xn--bcher-kva.org",
        "ann@XN--BCHER-KVA.ORG",
        "ann@bu\u0308cher.org",
        "ann@bücher.org.",
    ],
)
def test_a_mailbox_is_one_in_whatever_letters_its_domain_is_written(written):
    assert mailboxes(canonical_emails(pd.Series([written])).values)[0] == "ann@bücher.org"


def test_an_address_is_written_as_it_is_known_to_a_platform():
    written = pd.Series(["Ann@xn--bcher-kva.org", "ann@bücher.org"])
    assert canonical_emails(written).values.tolist() == ["ann@xn--bcher-kva.org", "ann@bücher.org"]


def test_letters_as_wide_as_chinese_ones_are_the_usual_ones():
    wide = ["".join(chr(ord(letter) + 0xFEE0) for letter in text) for text in ("Ann+x@Web.de", "007", "a-b")]
    assert canonical_emails(pd.Series([wide[0], "ann@web。de"])).values.tolist() == ["ann+x@web.de", "ann@web.de"]
    assert tidy(pd.Series([*wide[1:], None])).fillna("").tolist() == ["007", "a-b", ""]


# Printed by the platforms themselves, or computed from texts that they print.
VECTORS = {
    "test@contoso.com": "f25ad364d33972379a7a4f4df33db142205f5c40eb19cfdb2fc5aaf117e10101",
    "janedoe@gmail.com": "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
    "cloudysanfrancisco@gmail.com": "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
    "user.name+nyc@example.com": "f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Test@Contoso.com", "test@contoso.com"),
        (" Jane.Doe@gmail.com", "janedoe@gmail.com"),
        ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
    ],
)
def test_addresses_hash_to_what_platforms_print(written, meant):
    text = gmail_canonical(canonical_emails(pd.Series([written])).values)[0]
    assert text == meant
    assert hashlib.sha256(text.encode()).hexdigest() == VECTORS[meant]


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        *[
            (text, "AT", "+436641234567")
            for text in (
                "0664 1234567",
                "00436641234567",
                "+43 (0) 664 1234567",
                "664/1234567",
                "6641234567",
                "436641234567",
                "٠٦٦٤١٢٣٤٥٦٧",
                "0664 1234567 ext 5",
                "'+43 664 1234567",
                "\u200b+43\u00a0664 1234567 ",
                "+43 664 1234567 (mobil)",
                "0664 1234567 Handy",
                "０６６４ １２３４５６７",
            )
        ],
        ("(657)777-0000", "US", "+16577770000"),
        ("1-800-888-8888", "US", "+18008888888"),
        ("+44 (0)20 7183 8750", "GB", "+442071838750"),
        ("06 69821", "IT", "+390669821"),
        ("12345", "AT", "+4312345"),
        # 00 leads abroad also in files from where 011 is dialled, or from nobody knows where.
        ("00436641234567", "US", "+436641234567"),
        ("0043 (0)664 1234567", "", "+436641234567"),
        ("000000", "AT", None),
        # A word that is none for numbers, in a country where five digits are a number.
        ("12345 Main Street", "AT", None),
        ("+1 555 0100", "US", None),
        ("374-93-828222", "", None),
        ("4.4207183875E+11", "GB", None),
        ("0664 1234567, 0664 7654321", "AT", None),
    ],
)
def test_numbers_as_people_write_them(written, region, number):
    assert one_phone(written, region) == number


@pytest.mark.parametrize(
    ("written", "region", "why"),
    [
        ("4.4207183875E+11", "GB", DESTROYED),
        ("4,42E+11", "GB", DESTROYED),
        ("########", "GB", DESTROYED),
        ("#NAME?", "GB", DESTROYED),
        ("2024-05-06", "AT", "a spreadsheet has made a date of it; export the column as text"),
        ("374-93-828222", "", NO_COUNTRY),
        ("0664 1234567 / 0664 7654321", "AT", TWO_IN_ONE),
        ("call me", "AT", "it is no telephone number"),
        ("+1 555 0100", "US", "no number in use with +1 looks like it"),
    ],
)
def test_a_number_that_cannot_be_used_says_why(written, region, why):
    assert phones((written, region)).reasons[0] == why


@pytest.mark.parametrize("blank", [None, "", "  ", "n/a", "-", "NULL"])
def test_an_empty_cell_is_no_fault(blank):
    checked = phones((blank, "AT"), ("0664 1234567", "AT"))
    assert list(checked.given) == [False, True]
    assert checked.reasons[0] == ""


def test_numbers_that_a_file_stores_as_numbers_keep_every_digit():
    checked = canonical_phones(pd.Series([436641234567.0, float("nan"), 6641234567.0]), pd.Series(["AT"] * 3))
    assert checked.values.fillna("").tolist() == ["+436641234567", "", "+436641234567"]
    assert tidy(pd.Series([7, 12])).tolist() == ["7", "12"]


REGIONS = [
    "AT",
    "DE",
    "US",
    "GB",
    "FR",
    "IT",
    "ES",
    "PL",
    "NL",
    "SE",
    "CH",
    "CZ",
    "BR",
    "PT",
    "TR",
    "AU",
    "IN",
    "MX",
    "AR",
    "RU",
    "CN",
    "JP",
    "NO",
    "DK",
    "CA",
    "KZ",
    "FI",
    "GG",
    "HU",
    "RS",
]
FORMS = [
    "+{c}{n}",
    "00{c}{n}",
    "0{n}",
    "{n}",
    "{c}{n}",
    "+{c} (0) {n}",
    "{c}0{n}",
    "011{c}{n}",
    "1{n}",
    "(0{n})",
    "8{n}",
    "+{c}-0{n}",
    "0 {n}/5",
]


def test_numbers_are_taken_column_by_column_as_the_library_takes_them_one_by_one():
    chance, cells, regions = random.Random(7), [], []
    kinds = [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE]
    while len(cells) < 4_000:
        region, home = chance.choice([*REGIONS, ""]), chance.choice(REGIONS)
        example = phonenumbers.example_number_for_type(chance.choice([region or home, home]), chance.choice(kinds))
        if example is None:
            continue
        digits = list(str(example.national_number))
        for _ in range(chance.choice([0, 1, 3, 5])):
            digits[-chance.randint(1, min(7, len(digits)))] = str(chance.randint(0, 9))
        number = "".join(digits)[: chance.choice([None, None, None, -1])] + chance.choice(["", "", "", "7"])
        cells.append(chance.choice(FORMS).format(c=example.country_code, n=number))
        regions.append(region)
    found = canonical_phones(pd.Series(cells), pd.Series(regions))
    expected, mobile = zip(*map(by_the_library, cells, regions), strict=True)
    assert 0.2 < pd.Series(expected).notna().mean() < 0.8
    assert found.values.fillna("").tolist() == [each or "" for each in expected]
    assert found.mobile.tolist() == list(mobile)
    assert (found.reasons[found.values.isna()] != "").all()


def by_the_library(text, region):
    # What begins with 00 and is no number of the region is one from abroad.
    forms = [text, f"+{text[2:]}"] if text.startswith("00") else [text]
    for form in forms:
        try:
            number = phonenumbers.parse(form, region or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            break
    else:
        return None, False
    mobile = phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), mobile


def test_addresses_are_taken_column_by_column_as_the_library_takes_them_one_by_one():
    chance = random.Random(3)
    parts = ["a", "jane", ".", "-", "+", "_", "x" * 40, "Zoë", " ", "@", "!", "1"]
    domains = [
        "gmail.com",
        "x.test",
        "exämple.com",
        "a-.com",
        "-a.com",
        "b..com",
        "com",
        "b.c",
        "a" * 64 + ".com",
        "q.co.uk",
        "1.2.3.4",
    ]
    cells = [
        "".join(chance.choices(parts, k=chance.randint(1, 4))) + "@" + chance.choice(domains) for _ in range(3_000)
    ]
    found = canonical_emails(pd.Series(cells))
    taken = 0
    for cell, value in zip(cells, found.values, strict=True):
        try:
            expected = validate_email(cell.strip(), check_deliverability=False).normalized.lower()
            taken += 1
        except EmailNotValidError:
            expected = None
        assert (None if pd.isna(value) else value) == expected, cell
    assert taken > 300


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("jane", "an e-mail address must have an @-sign"),
        ("a@b.com; c@d.com", TWO_IN_ONE),
        ("1.2E+11", DESTROYED),
        ("a" * 400 + "@b.com", "it is too long"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(written, why):
    assert canonical_emails(pd.Series([written])).reasons[0] == why


@pytest.mark.parametrize(
    "written", ["mailto:jane@b.com", "<jane@b.com>", "jane@b.com;", "\ufeffJANE@B.COM", "'jane@b.com"]
)
def test_what_stands_around_an_address_is_dropped(written):
    assert canonical_emails(pd.Series([written])).values[0] == "jane@b.com"


def test_blanks_within_an_address_are_dropped_only_where_the_platform_does_so():
    cells = pd.Series(["jane doe@gmail.com"])
    assert canonical_emails(cells).values.isna().all()
    assert canonical_emails(cells, drop_inner_blanks=True).values[0] == "janedoe@gmail.com"


@pytest.mark.parametrize(
    "word",
    [
        "DE",
        "de",
        "DEU",
        "Germany",
        "Deutschland",
        "Allemagne",
        "Alemania",
        "Germania",
        "Alemanha",
        "Duitsland",
        "Niemcy",
        "Tyskland",
        "Německo",
        "Almanya",
        "Saksa",
        "Германия",
        " deutschland ",
        "+49",
        "0049",
    ],
)
def test_a_country_is_known_in_many_languages(word):
    assert region_of(word) == "DE"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("UK", "GB"),
        ("U.S.A.", "US"),
        ("Österreich", "AT"),
        ("Schweiz", "CH"),
        ("Česko", "CZ"),
        ("日本", "JP"),
        ("Holland", "NL"),
        ("Türkiye", "TR"),
    ],
)
def test_common_names_of_countries(word, code):
    assert region_of(word) == code


@pytest.mark.parametrize("word", ["D", "Narnia", "Bavaria", "", "12", "+999"])
def test_what_names_no_country_for_certain_names_none(word):
    assert region_of(word) == ""


def test_a_country_that_is_not_known_says_so():
    checked = canonical_countries(pd.Series(["AT", "Narnia", None]))
    assert checked.values.fillna("").tolist() == ["AT", "", ""]
    assert checked.reasons.tolist() == ["", "the country is not known", ""]

"""Detection of personal data by name and content of a column."""

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from segmenter.table.infer import header as called
from segmenter.table.infer.given_names import are_names_of_people

_EMAIL: Final = re.compile(r"^[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}$")
_PHONE: Final = re.compile(r"^(?:\+|00)?[\d()\-./ ]{7,20}(?:\s*(?:x|ext\.?)\s*\d{1,6})?$")
_WORLD_PHONE: Final = re.compile(r"^\+\d[\d()\-./ ]{7,18}$")
_CARD: Final = re.compile(r"^\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}$")
_IBAN: Final = re.compile(r"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?$")
# Written as people write them: a zero or a bracket first, or three groups; plain digits may be any number.
_NATIONAL_PHONE: Final = re.compile(
    r"^(?=(?:\D*\d){9})(?:0\d|\(\d)[\d()./ ]{7,18}(?:-\d{3,5})?$|^\d{3}[-. ]\d{3}[-. ]\d{4}$"
)
_DATE_OR_DECIMAL: Final = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b|^\d+[.,]\d+$")
_ABROAD: Final = re.compile(r"^00[1-9][\d()\-./ ]{6,18}$")
# Where the customers of a file without a country code may live; numbers of other countries need one.
_PHONE_REGIONS: Final = ("US", "GB", "DE", "FR", "IT", "ES", "NL", "PL", "BE", "AT", "CH", "SE", "BR", "AU", "JP", "IN")
_ID_SHAPE: Final = re.compile(r"^[A-Za-z]{0,6}[\dA-Za-z+\-./ ]{6,18}[\dA-Za-z]$")
_SSN: Final = re.compile(r"^\d{3}-\d{2}-\d{4}$")
# National identity numbers whose check digits, dates or letters few other codes pass, by the module of python-stdnum.
# Left out are those that other codes pass: the British NHS number is checked as an ISBN
# is, the Canadian SIN as cards are, Danish and old Czech ones hold a date alone.
_NATIONAL_IDS: Final = (
    "at.vnr", "be.nn", "br.cpf", "bg.egn", "ch.ssn", "cl.rut", "cn.ric", "de.idnr", "ee.ik", "es.dni",
    "es.nie", "fi.hetu", "fr.nir", "hr.oib", "in_.aadhaar", "it.codicefiscale", "mx.curp", "nl.bsn", "no.fodselsnummer",
    "pl.pesel", "ro.cnp", "se.personnummer", "tr.tckimlik", "za.idnr",
)  # fmt: skip
# So many different cells are looked at for each kind of number; by chance one cell in ten passes a check digit.
_CHECKED: Final = 12
_FEWEST_CHECKED: Final = 5
# A number before the word or after it. Looked for from the first of the two on and not from each (the group that
# is not gone back into): the time of the other way grows with the square of the length.
_STREET: Final = re.compile(
    r"^(?:\D*\d.*\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|square)\b"
    r"|(?>.*?(?:(?:straße|strasse|weg|platz|rue|via|calle)\b|str\.)).*\d)",
    re.IGNORECASE | re.DOTALL,
)
_LETTERS: Final = re.compile(r"[^\W\d_]")
_AT: Final = re.compile("@")
_SIX_DIGITS: Final = re.compile(r"\d{6}")
_SIX_DIGITS_APART: Final = re.compile(r"(?:\d\D{0,2}){6}")


# Plates of Germany and Austria, Britain, France, Italy and Spain.
_PLATES: Final = (
    r"^[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?$", r"^[A-Z]{2}\d{2} [A-Z]{3}$",
    r"^[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}$",
    r"^[A-HJ-NPR-TV-Z]{2} ?\d{3} ?[A-HJ-NPR-TV-Z]{2}$", r"^\d{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}$",
)  # fmt: skip
_PLATE_PATTERNS: Final = tuple(map(re.compile, _PLATES))
_FEWEST_PLATES: Final = 8
_IP: Final = re.compile(r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$")
_HANDLE: Final = re.compile(r"^@[A-Za-z0-9_.]{2,40}$")
_DIGIT: Final = re.compile(r"\d")
# What a way of contact is called rather than a person.
_WAYS: Final = frozenset(
    [
        "email",
        "e-mail",
        "mail",
        "phone",
        "telephone",
        "telefon",
        "telefono",
        "cellular",
        "mobile",
        "mobil",
        "cell",
        "sms",
        "post",
        "letter",
        "fax",
        "call",
        "web",
        "online",
        "chat",
        "app",
        "in-person",
        "store",
        "branch",
        "none",
        "no",
        "yes",
        "unknown",
        "whatsapp",
        "landline",
        "home",
        "work",
    ]
)


def personal_reason(header: str, sample: Sequence[str]) -> str:
    """Return why a column is personal data, in words; nothing when it is not.

    Parameters
    ----------
    sample
        Cells that are trimmed, and cut where they are long.
    """
    cells = list(sample)
    if not cells:
        return ""
    return _by_content(cells) or _by_name(header, cells) or _by_given_names(header, cells)


def is_card_number(cell: str) -> bool:
    """Whether the digits pass the check (Luhn) that payment card numbers pass."""
    digits = [int(letter) for letter in cell if letter.isdigit()]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _share(cells: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(pattern.search(cell) is not None for cell in cells) / len(cells)


def _by_content(cells: Sequence[str]) -> str:
    if _share(cells, _EMAIL) >= 0.8:
        return "e-mail addresses"
    # One number in ten passes the check by chance, so nearly all must.
    if _share(cells, _CARD) >= 0.9 and sum(map(is_card_number, cells)) >= 0.9 * len(cells):
        return "payment card numbers" if len(cells) >= 3 else ""
    if _share(cells, _WORLD_PHONE) >= 0.8:
        return "telephone numbers"
    if _share(cells, _IBAN) >= 0.8 and _are_valid("iban", cells):
        return "bank account numbers"
    if _are_phone_numbers(cells):
        return "telephone numbers"
    if _are_national_ids(cells):
        return "national identity numbers"
    if _share(cells, _IP) >= 0.9:
        return "internet addresses"
    if _share(cells, _HANDLE) >= 0.9:
        return "names in social networks"
    if _are_plates(cells):
        return "number plates"
    return "street addresses" if _share(cells, _STREET) >= 0.6 else ""


def _are_plates(cells: Sequence[str]) -> bool:
    different = list(dict.fromkeys(cells))
    if len(different) < max(_FEWEST_PLATES, 0.8 * len(cells)):
        return False
    return any(_share(different, pattern) >= 0.95 for pattern in _PLATE_PATTERNS)


def _are_phone_numbers(cells: Sequence[str]) -> bool:
    """Whether the cells are numbers as they are dialled from abroad (00…) or within one of some countries."""
    abroad = _share(cells, _ABROAD) >= 0.8
    if not abroad and (_share(cells, _NATIONAL_PHONE) < 0.8 or _share(cells, _DATE_OR_DECIMAL) > 0):
        return False
    # With separators only: zeros are put in front of identifiers too.
    written = list(dict.fromkeys(each for each in cells if not each.isdigit()))[:_CHECKED]
    if len(written) < _FEWEST_CHECKED:
        return False
    import phonenumbers  # takes a tenth of a second, which most files never need

    def valid(cell: str, region: str | None) -> bool:
        try:
            number = phonenumbers.parse("+" + cell[2:] if region is None else cell, region)
        except phonenumbers.NumberParseException:
            return False
        if region is None:
            return bool(phonenumbers.is_possible_number(number))
        return bool(phonenumbers.is_valid_number(number))

    regions = (None,) if abroad else _PHONE_REGIONS
    return any(sum(valid(each, region) for each in written) >= 0.8 * len(written) for region in regions)


def _are_national_ids(cells: Sequence[str]) -> bool:
    if _share(cells, _SSN) >= 0.9:
        return True
    if _share(cells, _ID_SHAPE) < 0.9 or _share(cells, _SIX_DIGITS_APART) < 0.9:
        return False
    return any(_are_valid(module, cells) for module in _NATIONAL_IDS)


def load_national_ids() -> None:
    """Load every kind of number's own check, which workers that are forked later then share."""
    for module in _NATIONAL_IDS:
        import_module(f"stdnum.{module}")


def _are_valid(module: str, cells: Sequence[str]) -> bool:
    """Whether nearly all of the first different cells pass a kind of number's own check."""
    different = list(dict.fromkeys(cells))[:_CHECKED]
    if len(different) < (1 if module == "iban" else _FEWEST_CHECKED):
        return False
    kind = import_module(f"stdnum.{module}")
    if module == "it.codicefiscale":
        # Eleven digits are a company's.
        n_valid = sum(len(each) > 11 and kind.is_valid(each) for each in different)
    elif module == "iban":
        n_valid = sum(kind.is_valid(each, check_country=False) for each in different)
    else:
        n_valid = sum(kind.is_valid(each) for each in different)
    return bool(n_valid >= 0.8 * len(different))


def _by_given_names(header: str, cells: Sequence[str]) -> str:
    if _share(cells, _LETTERS) < 0.9 or _share(cells, _DIGIT) > 0.1:
        return ""
    found = are_names_of_people(cells, frozenset(called.known_words(header)))
    return "names of people, as most of them hold a given name" if found else ""


def _are_ways(cells: Sequence[str]) -> bool:
    """Whether cells name a way of contact, such as cellular, and nobody."""
    different = {cell.strip().lower() for cell in cells}
    return len(different) <= len(_WAYS) and len(different & _WAYS) >= 0.5 * len(different)


def _by_name(header: str, cells: Sequence[str]) -> str:
    with_letters = _share(cells, _LETTERS) >= 0.8
    if called.names_a_person(header) and with_letters:
        return "names of people, as the column is called"
    if called.names_a_contact(header) and with_letters and _share(cells, _DIGIT) < 0.2 and not _are_ways(cells):
        capital = sum(cell[:1].isupper() and (" " in cell or cell[1:].islower()) for cell in cells)
        if capital >= 0.8 * len(cells) and len(set(cells)) > _FEWEST_CHECKED:
            return "names of people, as the column is called"
    if called.names_a_plate(header) and _share(cells, _DIGIT) >= 0.8:
        return "number plates, as the column is called"
    if called.names_an_address(header) and with_letters:
        return "addresses, as the column is called"
    if called.names_a_phone(header) and _share(cells, _PHONE) >= 0.6:
        return "telephone numbers, as the column is called"
    if called.names_an_email(header) and _share(cells, _AT) >= 0.5:
        return "e-mail addresses, as the column is called"
    if called.names_a_card(header) and _share(cells, _SIX_DIGITS_APART) >= 0.6:
        return "card or document numbers, as the column is called"
    return ""

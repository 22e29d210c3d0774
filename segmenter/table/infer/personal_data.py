"""Detection of personal data by name and content of a column."""

import re
from collections.abc import Sequence
from typing import Final

from segmenter.table.infer import header as called

_EMAIL: Final = re.compile(r"^[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}$")
_PHONE: Final = re.compile(r"^(?:\+|00)?[\d()\-./ ]{7,20}(?:\s*(?:x|ext\.?)\s*\d{1,6})?$")
_WORLD_PHONE: Final = re.compile(r"^\+\d[\d()\-./ ]{7,18}$")
_CARD: Final = re.compile(r"^\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}$")
_IBAN: Final = re.compile(r"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?$")
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
    return _by_content(cells) or _by_name(header, cells)


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
    if _share(cells, _IBAN) >= 0.8:
        return "bank account numbers"
    return "street addresses" if _share(cells, _STREET) >= 0.6 else ""


def _by_name(header: str, cells: Sequence[str]) -> str:
    with_letters = _share(cells, _LETTERS) >= 0.8
    if called.names_a_person(header) and with_letters:
        return "names of people, as the column is called"
    if called.names_an_address(header) and with_letters:
        return "addresses, as the column is called"
    if called.names_a_phone(header) and _share(cells, _PHONE) >= 0.6:
        return "telephone numbers, as the column is called"
    if called.names_an_email(header) and _share(cells, _AT) >= 0.5:
        return "e-mail addresses, as the column is called"
    if called.names_a_card(header) and _share(cells, _SIX_DIGITS) >= 0.6:
        return "card or document numbers, as the column is called"
    return ""

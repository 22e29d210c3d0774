"""Telephone, account and identity numbers are personal data by their own check digits, and other codes are not.

Valid examples come from the issuing bodies' published samples, or are made with their published rules.
"""

import numpy as np
import pandas as pd
import pytest

from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind


def _iban(country, account):
    digits = "".join(str(int(each, 36)) for each in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


def _dni(number):
    return f"{number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _cpf(number):
    digits = [int(each) for each in f"{number:09d}"]
    for _ in range(2):
        rest = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    text = "".join(map(str, digits))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def _nir(number):
    return f"{number}{97 - number % 97:02d}"


PERSONAL = {
    "German accounts": [_iban("DE", f"37040044{number:010d}") for number in range(532013000, 532013020)],
    "accounts in groups": [
        " ".join(text[at : at + 4] for at in range(0, len(text), 4))
        for text in (_iban("NL", f"ABNA{number:010d}") for number in range(417164300, 417164320))
    ],
    "numbers dialled from abroad": [f"0049 30 {number}" for number in range(1234500, 1234520)],
    "German numbers": [f"030/{number}" for number in range(1234500, 1234520)],
    "French numbers": [f"06 12 34 56 {number}" for number in range(10, 30)],
    "American numbers": [f"({area}) 555-{line}" for area in (212, 415, 312) for line in range(2671, 2679)],
    "American numbers with dashes": [f"212-736-{line}" for line in range(5000, 5020)],
    "British numbers": [f"020 7946 {line:04d}" for line in range(0, 20)],
    "Spanish identities": [_dni(number) for number in range(12345678, 12345698)],
    "Brazilian identities": [_cpf(number) for number in range(390533447, 390533467)],
    "French insurance": [_nir(number) for number in range(1550838000100, 1550838000120)],
    "American insurance": [f"{area}-45-6789" for area in range(123, 143)],
}

NOT_PERSONAL = {
    "order numbers like American telephones": [f"{n % 1000:03d}-{n % 997:03d}-{n:04d}" for n in range(1000, 1060)],
    "codes shaped like accounts": [f"AB12 CDEF {n:04d} 5678" for n in range(60)],
    "zero-padded identifiers": [f"{n:010d}" for n in range(4711, 4771)],
    "decimals from zero": [f"0.{n}" for n in range(123456789, 123456849)],
    "dates with dots": [f"{day:02d}.12.2024" for day in range(1, 32)] * 2,
    "books": ["0306406152", "0140328726", "0261103571", "0451524934", "0439708184", "0060935464"] * 8,
    "barcodes": [f"40063813339{n:02d}" for n in range(10, 70)],
    "version numbers": [f"1.{n}.12.2024" for n in range(60)],
    "invoice numbers with a date": [f"010124-{n:04d}" for n in range(60)],
}


@pytest.mark.parametrize("numbers", PERSONAL.values(), ids=PERSONAL)
def test_numbers_of_people_are_personal_whatever_the_column_is_called(numbers):
    found = read_frame(pd.DataFrame({"field 7": numbers * 3, "spend": np.arange(3.0 * len(numbers))}))
    assert found.column("field 7").kind is ColumnKind.PERSONAL


@pytest.mark.parametrize("codes", NOT_PERSONAL.values(), ids=NOT_PERSONAL)
def test_other_codes_are_not(codes):
    found = read_frame(pd.DataFrame({"field 7": codes, "spend": np.arange(float(len(codes)))}))
    assert found.column("field 7").kind is not ColumnKind.PERSONAL, found.column("field 7").reason


def test_plain_numbers_of_nine_digits_are_no_identities():
    numbers = np.random.default_rng(0).integers(100_000_000, 999_999_999, 300)
    found = read_frame(pd.DataFrame({"revenue": numbers, "spend": np.arange(300.0)}))
    assert found.column("revenue").kind is not ColumnKind.PERSONAL

"""Identifiers as a platform wants them: checked, written by its rules, hashed where hashes are chosen."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from segmenter.activate.hashing import digests, hexadecimal
from segmenter.activate.identifiers import (
    DESTROYED,
    Checked,
    CheckedPhones,
    canonical_countries,
    canonical_emails,
    canonical_phones,
    gmail_canonical,
    is_destroyed,
    no_reasons,
    tidy,
)
from segmenter.activate.platforms import Field, FileColumn, Platform, Rule
from segmenter.activate.suppression import KnownIdentifiers
from segmenter.table.dataset import Dataset
from segmenter.typing import BoolArray

_LOOKED_AT: Final = 1_000
_NOT_MOBILE: Final = "it is no mobile number"
_NOT_ASCII: Final = "it has letters before the @ that the platform does not take"


@dataclass(frozen=True, eq=False)
class Contacts:
    """What is known of each customer, in comparable form.

    Attributes
    ----------
    columns
        Field → column of the file.
    checked
        Field → each customer's identifier, and why there is none.
    """

    columns: Mapping[Field, str]
    checked: Mapping[Field, Checked]
    n_customers: int

    def values(self, of: Field) -> pd.Series:
        """Return each customer's identifier, shape (n_customers,), missing where there is none."""
        if of in self.checked:
            return self.checked[of].values
        return pd.Series(pd.array([None] * self.n_customers, dtype="str"))

    def known(self) -> KnownIdentifiers:
        """Return what tells people apart."""
        emails = self.values(Field.EMAIL)
        return KnownIdentifiers(
            emails, gmail_canonical(emails), self.values(Field.PHONE), self.values(Field.CUSTOMER_ID)
        )


def read_contacts(
    customers: Dataset, columns: Mapping[Field, str], region: str = "", *, drop_inner_blanks: bool = False
) -> Contacts:
    """Check the identifiers of every customer, from the cells as they were handed over.

    Parameters
    ----------
    columns
        Field → column of the file.
    region
        ISO code of the country of customers whose own is not known; empty where nobody said.
    drop_inner_blanks
        Whether blanks within e-mail addresses are dropped or make them invalid.
    """
    written = {of: customers.original[name] for of, name in columns.items()}
    others = (of for of in written if of not in (Field.COUNTRY, Field.EMAIL, Field.PHONE, Field.VALUE))
    checked: dict[Field, Checked] = {of: _as_it_is(written[of]) for of in others}
    if Field.COUNTRY in written:
        checked[Field.COUNTRY] = canonical_countries(written[Field.COUNTRY])
    if Field.EMAIL in written:
        checked[Field.EMAIL] = canonical_emails(written[Field.EMAIL], drop_inner_blanks=drop_inner_blanks)
    if Field.PHONE in written:
        countries = checked[Field.COUNTRY].values if Field.COUNTRY in checked else None
        # Who has a country that cannot be read is in another one than the user said, for all we know.
        here = pd.Series(region, index=customers.original.index, dtype="str")
        if countries is not None:
            here = countries.where(checked[Field.COUNTRY].given, region).fillna("")
        checked[Field.PHONE] = canonical_phones(written[Field.PHONE], here)
    if Field.VALUE in columns:
        numbers = customers.frame[columns[Field.VALUE]]
        checked[Field.VALUE] = _numbers(numbers, written[Field.VALUE])
    return Contacts(columns, checked, customers.n_customers)


def _as_it_is(cells: pd.Series) -> Checked:
    texts = tidy(cells)
    destroyed = is_destroyed(texts)
    reasons = no_reasons(texts.index)
    if destroyed.any():
        reasons[destroyed] = DESTROYED
        texts = texts.mask(destroyed)
    return Checked(texts, reasons)


def _numbers(numbers: pd.Series, written: pd.Series) -> Checked:
    values = pd.to_numeric(numbers, errors="coerce").astype("float64")
    texts = values.map(lambda number: f"{number:.2f}".removesuffix(".00"), na_action="ignore").astype("str")
    reasons = no_reasons(texts.index)
    reasons[(texts.isna() & tidy(written).notna()).to_numpy()] = "it is no number"
    return Checked(texts, reasons)


pass


def written_columns(
    platform: Platform, contacts: Contacts, only: Field | None, *, value: bool
) -> tuple[FileColumn, ...]:
    """Return the columns that are written: all, or those for which the file has something.

    Parameters
    ----------
    only
        The one identifier of platforms whose lists hold one kind.
    value
        Whether the value column was asked for.
    """
    columns = [column for column in platform.columns if not column.optional or value]
    if platform.one_identifier:
        return tuple(column for column in columns if column.source is only)
    if platform.format.all_columns:
        return tuple(columns)
    absent = {column.group for column in columns if column.group and column.source not in contacts.columns}
    held = (column for column in columns if column.source is None or column.source in contacts.columns)
    # Half an address finds nobody.
    return tuple(column for column in held if column.group not in absent)


def written_cells(column: FileColumn, contacts: Contacts, *, hashes: bool) -> Checked:
    """Return each customer's cell of a column as the platform wants it before it is hashed, and why it is empty."""
    if column.source is None:
        n_customers = contacts.n_customers
        return Checked(
            pd.Series(column.constant, index=range(n_customers), dtype="str"), no_reasons(pd.RangeIndex(n_customers))
        )
    checked = contacts.checked.get(column.source)
    if checked is None:
        return Checked(contacts.values(column.source), no_reasons(pd.RangeIndex(contacts.n_customers)))
    rule = column.written_rule(hashes=hashes)
    if rule is Rule.PHONE_MOBILE and isinstance(checked, CheckedPhones):
        return _without(checked, checked.values.notna().to_numpy() & ~checked.mobile, _NOT_MOBILE)
    if rule is Rule.EMAIL_ASCII:
        foreign = checked.values.str.partition("@")[0].map(lambda local: not local.isascii(), na_action="ignore")
        return _without(checked, foreign.fillna(False).to_numpy(dtype=bool), _NOT_ASCII)
    if rule is Rule.ZIP_LOWER:
        return Checked(_zip_codes(checked.values, contacts.values(Field.COUNTRY)), checked.reasons)
    return Checked(_RULES[rule](checked.values), checked.reasons)


def hashed(texts: pd.Series) -> pd.Series:
    """Return the SHA-256 of each text, hexadecimal in small letters; missing ones stay missing."""
    if texts.head(_LOOKED_AT).nunique() < _LOOKED_AT / 2:
        # Countries and first names come again and again.
        codes, different = pd.factorize(texts)
        once = pd.concat([hexadecimal(digests(different.tolist())), pd.Series([None], dtype="str")])
        return pd.Series(once.array.take(codes), index=texts.index)
    there = texts.dropna()
    found = hexadecimal(digests(there.tolist())).set_axis(there.index)
    return found.reindex(texts.index)


def _without(checked: Checked, refused: BoolArray, why: str) -> Checked:
    return Checked(checked.values.mask(refused), checked.reasons.mask(refused, why))


def _unchanged(texts: pd.Series) -> pd.Series:
    return texts


def _letters(texts: pd.Series) -> pd.Series:
    # Small letters of any alphabet, without blanks, marks and digits.
    return texts.map(
        lambda text: "".join(each for each in unicodedata.normalize("NFC", text.lower()) if each.isalpha()),
        na_action="ignore",
    )


def _lower(texts: pd.Series) -> pd.Series:
    return texts.str.lower()


def _digits(texts: pd.Series) -> pd.Series:
    return texts.str.removeprefix("+")


def _zip_codes(texts: pd.Series, countries: pd.Series) -> pd.Series:
    bare = texts.str.lower().str.replace(r"\s+", "", regex=True)
    american = (countries == "US").to_numpy() & bare.str.match(re.compile(r"^\d{5}-?\d{4}$"), na=False).to_numpy()
    return bare.mask(american, bare.str[:5])


_RULES: Final[Mapping[Rule, Callable[[pd.Series], pd.Series]]] = {
    Rule.TRIMMED: _unchanged,
    Rule.LOWER: _lower,
    Rule.LETTERS: _letters,
    # Addresses, numbers and countries are in their comparable form already.
    Rule.EMAIL: _unchanged,
    Rule.EMAIL_NO_BLANKS: _unchanged,
    Rule.EMAIL_GMAIL: gmail_canonical,
    Rule.PHONE_E164: _unchanged,
    Rule.PHONE_DIGITS: _digits,
    Rule.COUNTRY_UPPER: _unchanged,
    Rule.COUNTRY_LOWER: _lower,
    Rule.NUMBER: _unchanged,
}

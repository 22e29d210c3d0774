"""Who may be written to: consent in the file, and lists of people who want nothing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from segmenter.activate.identifiers import (
    canonical_emails,
    canonical_phones,
    digests,
    field_of_name,
    further_contacts,
    gmail_canonical,
    hexadecimal,
    recognise_contacts,
    tidy,
)
from segmenter.activate.platforms import Field
from segmenter.errors.forming import AudienceError, ConsentUnknownError, UnknownColumnError
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import folded_name, is_consent_name, is_inverted, meaning, says_consent
from segmenter.typing import BoolArray


@dataclass(frozen=True)
class Consent:
    """What says that customers may be contacted.

    Attributes
    ----------
    columns
        All of them must say yes.
    stated
        The user's own word where no column says so; it is kept in the record.
    """

    columns: tuple[str, ...] = ()
    stated: str = ""


EVERYBODY_AGREED: Final = "The user states that everybody in this file has agreed to be contacted."


@dataclass(frozen=True, eq=False)
class Consents:
    """Each customer's consent.

    Attributes
    ----------
    given
        Shape (n_customers,).
    unclear
        (column, cell, customers) for cells that say neither yes nor no; they count as no.
    """

    given: BoolArray
    unclear: tuple[tuple[str, str, int], ...] = ()


def consent_columns(customers: Dataset) -> tuple[str, ...]:
    """Return the columns that say who may be contacted: those called so whose cells say yes, no, or when."""
    return tuple(
        column.name
        for column in customers.columns
        if is_consent_name(column.name) and says_consent(customers.original[column.name].dropna().unique()[:200])
    )


def read_consent(customers: Dataset, consent: Consent) -> Consents:
    """Return who may be contacted.

    An empty cell is no. In a column that says who has left, and that marks those alone, it means that they have not.

    Raises
    ------
    ConsentUnknownError
        If neither a column nor the user says so.
    UnknownColumnError
        If there is no such column.
    """
    if not consent.columns and not consent.stated:
        raise ConsentUnknownError(consent_columns(customers))
    names = [column.name for column in customers.columns]
    unknown = [name for name in consent.columns if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    given = np.ones(customers.n_customers, dtype=bool)
    unclear: list[tuple[str, str, int]] = []
    for name in consent.columns:
        said, words = _said(customers.original[name], inverted=is_inverted(name))
        given &= said
        unclear += [(name, word, count) for word, count in words]
    return Consents(given, tuple(unclear))


def _said(column: pd.Series, *, inverted: bool) -> tuple[BoolArray, Sequence[tuple[str, int]]]:
    cells = column.astype("str") if pd.api.types.is_datetime64_any_dtype(column) else tidy(column)
    codes, different = pd.factorize(cells)
    meanings = [meaning(str(cell)) for cell in different]
    unclear = {
        str(cell): int((codes == place).sum()) for place, cell in enumerate(different) if meanings[place] is None
    }
    # Unclear is no, whichever way round the column is.
    yes = [False if found is None else found != inverted for found in meanings]
    blank = inverted and all(found is not False for found in meanings)
    return np.array([*yes, blank], dtype=bool)[codes], sorted(unclear.items(), key=lambda item: -item[1])


_HASH: Final = r"^[0-9a-fA-F]{64}$"


@dataclass(frozen=True, eq=False)
class SuppressionList:
    """Identifiers of people who must not be contacted.

    Attributes
    ----------
    name
        The file's.
    emails, phones, ids
        In comparable form: small letters, Gmail's without dots and tags; + and country code; text without blanks
        around.
    hashes
        SHA-256 of an identifier by any platform's rule, hexadecimal in small letters.
    n_read, n_unreadable
        Cells that hold something, and those of them that are no identifier.
    """

    name: str
    emails: frozenset[str]
    phones: frozenset[str]
    ids: frozenset[str]
    hashes: frozenset[str]
    n_read: int
    n_unreadable: int = 0

    def __len__(self) -> int:
        """Count the different identifiers."""
        return len(self.emails) + len(self.phones) + len(self.ids) + len(self.hashes)

    def names(self, known: "KnownIdentifiers") -> BoolArray:
        """Return which customers are on the list, shape (n_customers,)."""
        found = known.emails.isin(self.emails) | known.phones.isin(self.phones) | known.ids.isin(self.ids)
        hashed = found.to_numpy(dtype=bool, copy=True)
        if not self.hashes:
            return hashed
        for text in known.hashed_forms():
            found_here = text.notna().to_numpy()
            hashed[found_here] |= hexadecimal(digests(text[found_here])).isin(self.hashes).to_numpy()
        return hashed


@dataclass(frozen=True, eq=False)
class KnownIdentifiers:
    """Customers' identifiers in comparable form, shape (n_customers,) each, missing where there is none.

    Attributes
    ----------
    written_emails
        In small letters, as they were written otherwise.
    """

    written_emails: pd.Series
    phones: pd.Series
    ids: pd.Series

    @cached_property
    def emails(self) -> pd.Series:
        """The mailbox: Gmail's without dots and tags."""
        return gmail_canonical(self.written_emails)

    def hashed_forms(self) -> Iterable[pd.Series]:
        """Yield the texts whose hashes a platform may know a customer by."""
        yield self.written_emails
        yield self.emails
        yield self.phones
        yield self.phones.str.removeprefix("+")
        yield self.ids


def read_suppression(dataset: Dataset, region: str = "") -> SuppressionList:
    """Return the identifiers that a file lists.

    A file of one column holds identifiers, whatever it is called; a list without a header loses no line: what was taken
    for the header counts too. Of a wider file, the columns that hold identifiers do.

    Parameters
    ----------
    dataset
        The list as it was read.
    region
        ISO code of the country in which telephone numbers without country code are.

    Raises
    ------
    AudienceError
        If no column holds identifiers.
    """
    columns = _identifier_columns(dataset)
    cells = pd.concat([tidy(dataset.original[name]) for name in columns], ignore_index=True)
    header = (
        pd.Series([dataset.column(columns[0]).header], dtype="str") if len(columns) == 1 else pd.Series([], dtype="str")
    )
    # A heading is an identifier where the list has none: it reads like the cells below.
    header = header[
        header.map(lambda name: field_of_name(name) is None and "hash" not in folded_name(name) and _is_one(name))
    ]
    cells = pd.concat([tidy(header), cells], ignore_index=True).dropna()
    hashed = cells.str.match(_HASH)
    plain = cells[~hashed]
    with_at = plain.str.contains("@", regex=False)
    emails = canonical_emails(plain[with_at])
    rest = plain[~with_at]
    phones = canonical_phones(rest, pd.Series(region, index=rest.index)).values.dropna()
    # What may be a number without its country is an identifier of another kind at any rate.
    ids = rest[~rest.str.startswith("+")]
    unreadable = int(emails.values.isna().sum()) + int(
        (rest.str.startswith("+") & ~rest.index.isin(phones.index)).sum()
    )
    return SuppressionList(
        dataset.name,
        frozenset(gmail_canonical(emails.values.dropna())),
        frozenset(phones),
        frozenset(ids),
        frozenset(cells[hashed].str.lower()),
        len(cells),
        unreadable,
    )


def _identifier_columns(listed: Dataset) -> Sequence[str]:
    names = [column.name for column in listed.columns]
    if len(names) == 1:
        return names
    wanted = (Field.EMAIL, Field.PHONE, Field.CUSTOMER_ID)
    recognised = recognise_contacts(listed)
    found = [name for field, name in recognised.items() if field in wanted]
    found += [name for more in further_contacts(listed, recognised).values() for name in more]
    hashes = [
        name
        for name in names
        if name not in found
        and len(cells := tidy(listed.original[name]).dropna())
        and cells.str.match(_HASH).mean() > 0.9
    ]
    if not found and not hashes:
        message = (
            f"No column of {listed.name} is known to hold customer numbers, e-mail addresses or telephone numbers. "
            "Leave only the column that does, or call it customer_id, email or phone."
        )
        raise AudienceError(message)
    return [*found, *hashes]


def _is_one(text: str) -> bool:
    return "@" in text or re.match(_HASH, text) is not None or any(letter.isdigit() for letter in text)

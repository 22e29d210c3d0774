"""Who may be written to: consent in the file, and lists of people who want nothing."""

import hashlib
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
    comparable_ids,
    digests,
    field_of_name,
    former_columns,
    former_contacts,
    further_contacts,
    hexadecimal,
    is_destroyed,
    mailboxes,
    national_digits,
    other_domains,
    recognise_contacts,
    split_identifiers,
    tidy,
)
from segmenter.activate.platforms import Field
from segmenter.errors.forming import AudienceError, ConsentUnknownError, UnknownColumnError
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import folded_name, is_consent_name, is_inverted, permits, says_consent
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
    # Few are different: only these are looked at. Blanks around them make one of two no longer.
    written, cells = pd.factorize(column)
    days = pd.api.types.is_datetime64_any_dtype(column)
    places, different = pd.factorize(pd.Series(cells).astype("str") if days else tidy(pd.Series(cells)))
    codes = np.append(places, -1)[written]
    said = [permits(str(cell), inverted=inverted) for cell in different]
    unclear = {str(cell): int((codes == place).sum()) for place, cell in enumerate(different) if said[place] is None}
    # Unclear is no, whichever way round the column is.
    yes = [each is True for each in said]
    blank = inverted and not any(yes)
    return np.array([*yes, blank], dtype=bool)[codes], sorted(unclear.items(), key=lambda item: -item[1])


# Hexadecimal digits of a hash: MD5, SHA-1, SHA-256, SHA-512.
_HASHES: Final = {32: hashlib.md5, 40: hashlib.sha1, 64: hashlib.sha256, 128: hashlib.sha512}
_HASH: Final = r"^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$"
# Fewer digits are in use as numbers of many other things.
_PHONE_DIGITS: Final = 7


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
        MD5, SHA-1, SHA-256 or SHA-512 of an identifier by any platform's rule, hexadecimal in small letters.
    n_read, n_unreadable
        Cells that hold something, and those of them that are no identifier.
    national
        Digits, from the first that is no zero, of what may be a telephone number in a country that the list does not
        say: it stands for the number in any country.
    """

    name: str
    emails: frozenset[str]
    phones: frozenset[str]
    ids: frozenset[str]
    hashes: frozenset[str]
    n_read: int
    n_unreadable: int = 0
    national: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Count the different identifiers."""
        return len(self.emails) + len(self.phones) + len(self.ids) + len(self.hashes)

    def names(self, known: "KnownIdentifiers") -> BoolArray:
        """Return which customers are on the list, shape (n_customers,)."""
        listed = known.emails.isin(self.emails) | known.phones.isin(self.phones) | self._named_ids(known.ids)
        if self.national:
            listed |= known.phones.str[1:].isin(self.national) | national_digits(known.phones).isin(self.national)
        found = listed.to_numpy(dtype=bool, copy=True)
        for n_digits in sorted(set(map(len, self.hashes))):
            for text in known.hashed_forms():
                there = text.notna().to_numpy()
                found[there] |= _hashed(text[there], n_digits).isin(self.hashes).to_numpy()
        return found

    def _named_ids(self, ids: pd.Series) -> pd.Series:
        exact = ids.isin(self.ids)
        # A spreadsheet writes 42 for 00042, in the list or in the customers' file, and a database C7 for c7.
        strange = self.ids - frozenset(ids[exact])
        if not strange or ids.isna().all():
            return exact
        forms = comparable_ids(pd.Series(sorted(strange), dtype="str")).dropna()
        return exact | comparable_ids(ids).isin(frozenset(forms))


def _hashed(texts: pd.Series, n_digits: int) -> pd.Series:
    if _HASHES[n_digits] is hashlib.sha256:
        return hexadecimal(digests(texts))
    hashing = _HASHES[n_digits]
    return texts.map(lambda text: hashing(text.encode(), usedforsecurity=False).hexdigest())


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
        """The mailbox: Gmail's without dots and tags, domains in their own letters."""
        return mailboxes(self.written_emails)

    def hashed_forms(self) -> Iterable[pd.Series]:
        """Yield the texts whose hashes a platform may know a customer by."""
        yield self.written_emails
        yield self.emails
        # Some have dropped tags whatever the domain.
        yield self.written_emails.str.replace(r"^([^@+]*)\+[^@]*@", r"\1@", regex=True)
        yield other_domains(self.written_emails)
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
    # Customer numbers are no telephone numbers, however much they look like them.
    former = former_columns(dataset)
    parts = [
        (
            former_contacts(dataset, name) if name in former else tidy(dataset.original[name]),
            field_of_name(name) is not Field.CUSTOMER_ID or (len(columns) == 1 and _is_mixed(dataset.original[name])),
        )
        for name in columns
    ]
    if len(columns) == 1:
        # A heading is an identifier where the list has none: it reads like the cells below.
        header = tidy(pd.Series([dataset.column(columns[0]).header], dtype="str"))
        parts.append((header[[_is_identifier(str(name)) for name in header]], True))
    table = pd.concat([pd.DataFrame({"cell": each.dropna(), "phone": may_be}) for each, may_be in parts])
    n_read = len(table)
    table = table.assign(cell=table["cell"].map(split_identifiers)).explode("cell", ignore_index=True)
    cells = table["cell"].astype("str")
    hashed = cells.str.match(_HASH)
    with_at = ~hashed & cells.str.contains("@", regex=False)
    emails = canonical_emails(cells[with_at])
    rest = cells[~hashed & ~with_at]
    lost = pd.Series(is_destroyed(rest), index=rest.index)
    candidates = rest[table.loc[rest.index, "phone"] & ~lost]
    phones = canonical_phones(candidates, pd.Series(region, index=candidates.index)).values.dropna()
    unknown = candidates.drop(phones.index)
    bad = unknown.str.startswith("+")
    digits = unknown[~bad & ~unknown.str.contains(r"[^\W\d_]", regex=True)].str.replace(r"\D", "", regex=True)
    digits = digits.str.lstrip("0")
    return SuppressionList(
        dataset.name,
        frozenset(mailboxes(emails.values.dropna())),
        frozenset(phones),
        # What may be a number without its country, or a hash, may be an identifier of another kind, too.
        frozenset(rest[~lost & ~rest.str.startswith("+")]) | frozenset(cells[hashed]),
        frozenset(cells[hashed].str.lower()),
        n_read,
        int(emails.values.isna().sum()) + int(bad.sum()) + int(lost.sum()),
        frozenset(digits[digits.str.len() >= _PHONE_DIGITS]),
    )


def _is_mixed(column: pd.Series) -> bool:
    """Whether a column holds addresses or telephone numbers, too, though it is called as customer numbers are: id."""
    cells = tidy(column).dropna().astype("str")
    return bool(cells.str.contains(r"@|^\+\d|^00[1-9]\d{9}", regex=True).any())


def _is_identifier(heading: str) -> bool:
    """Whether what was taken for the heading of a column is an entry of the list."""
    if field_of_name(heading) is not None or "hash" in folded_name(heading):
        return False
    return "@" in heading or re.match(_HASH, heading) is not None or any(letter.isdecimal() for letter in heading)


def _identifier_columns(listed: Dataset) -> Sequence[str]:
    names = [column.name for column in listed.columns]
    if len(names) == 1:
        return names
    wanted = (Field.EMAIL, Field.PHONE, Field.CUSTOMER_ID)
    recognised = recognise_contacts(listed)
    found = [name for field, name in recognised.items() if field in wanted]
    found += [name for more in further_contacts(listed, recognised).values() for name in more]
    found += [name for name in former_columns(listed) if name not in found]
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

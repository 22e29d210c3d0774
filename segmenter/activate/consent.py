"""Who has agreed to be contacted: consent columns and what their cells mean, in a dozen languages."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.activate.contacts import WORDS, plain_name
from segmenter.activate.identifiers import tidy
from segmenter.errors.activating import ConsentUnknownError
from segmenter.errors.forming import UnknownColumnError
from segmenter.table.dataset import Dataset
from segmenter.table.infer.header import words_of
from segmenter.typing import BoolArray

# Parts of names; those of leaving go first: "newsletter_unsubscribed".
_CONSENT: Final = WORDS["consent"]
_LEAVING: Final = tuple(_CONSENT["leaving"].split())
_AGREEING: Final = tuple(_CONSENT["agreeing"].split())
_NOT_CONSENT: Final = frozenset(_CONSENT["measuring"].split())
_YES: Final = frozenset(_CONSENT["yes"].split())
_NO: Final = frozenset(_CONSENT["no"].split())
_ZERO_STAMP: Final = r"^(?:0000[-/.]00[-/.]00|00[-/.]00[-/.]0000|1970-01-01|1900-01-0[01]|0001-01-01)(?:[T ].*)?$"
_STAMP: Final = (
    r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?(?:\d{4}|\d{2})|\d{4}年\d{1,2}月\d{1,2}日"
    r"|\d{1,2}\.?[ -][^\W\d_]{3,12}\.?[ -](?:de )?(?:19|20)?\d{2}|[^\W\d_]{3,12}\.? \d{1,2},? (?:19|20)\d{2}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{4,6})?)(?:[T ,].*)?$"
)
# Days as spreadsheets count them, from 1995 on, and seconds or milliseconds as computers do, from 2000 on.
_DAYS, _SECONDS = (34_700, 80_000), (946_684_800, 4_102_444_800)


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


def is_consent_name(name: str) -> bool:
    """Whether a column is called like one that says who may be contacted."""
    plain = plain_name(name)
    if not any(part in plain for part in (*_LEAVING, *_AGREEING)):
        return False
    return not set(words_of(name)) & _NOT_CONSENT


def is_inverted(name: str) -> bool:
    """Whether a column says who may not be contacted any more: `unsubscribed_at`, `opt_out`."""
    plain = plain_name(name)
    return any(part in plain for part in _LEAVING)


def consent_columns(customers: Dataset) -> tuple[str, ...]:
    """Return the columns that say who may be contacted: those called so whose cells say yes, no, or when."""
    return tuple(
        column.name
        for column in customers.columns
        if is_consent_name(column.name) and says_consent(customers.original[column.name].dropna().unique()[:200])
    )


def says_consent(different: Iterable[object]) -> bool:
    """Whether nearly all of some different cells say yes, no, or when."""
    meanings = [meaning(str(cell)) for cell in different]
    return meanings.count(None) <= 0.1 * len(meanings)


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


def meaning(cell: str) -> bool | None:
    """Return whether a cell says yes, a day or time being yes; None where it says neither."""
    text = cell.strip()
    if not text or re.match(_ZERO_STAMP, text):
        return False
    plain = _plain_word(text)
    if plain in _YES or plain in _NO:
        return plain in _YES
    number = _number(text)
    if number is not None:
        stamp = _DAYS[0] <= number <= _DAYS[1] or any(
            low <= number / unit <= high for unit in (1, 1000) for low, high in (_SECONDS,)
        )
        return True if stamp else {1.0: True, 0.0: False}.get(number, True if re.match(_STAMP, text) else None)
    return True if re.match(_STAMP, text) else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,10})?", text) else None


def _plain_word(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ı", "i"))
    return "".join(letter for letter in letters if letter.isalnum()) or text

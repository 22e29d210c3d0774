"""Who has agreed to be contacted: consent columns and what their cells mean, in a dozen languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.activate.identifiers import tidy
from segmenter.errors.activating import ConsentUnknownError
from segmenter.errors.forming import UnknownColumnError
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import is_consent_name, is_inverted, meaning, says_consent
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

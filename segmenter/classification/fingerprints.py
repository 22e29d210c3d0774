"""Salted fingerprints of the customers a classifier was trained on, without their identifiers."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import BoolArray, IntArray

_DIGEST_BYTES = 8


@dataclass(frozen=True, eq=False)
class MembershipFingerprints:
    """Fingerprints of the customers that were used for learning.

    Attributes
    ----------
    column
        The identifier's column; empty where the file had none.
    salt
        Hexadecimal; makes the fingerprints of two models incomparable. Whoever has the model can still test
        whether a given identifier is among them, which is what it is for.
    prints
        Shape (n,), ascending.
    """

    column: str = ""
    salt: str = ""
    prints: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))

    def known(self, identifiers: pd.Series) -> BoolArray:
        """Return which of some customers were used for learning."""
        return np.isin(_prints(identifiers, self.salt), self.prints)


def fingerprint_members(dataset: Dataset, rows: IntArray) -> MembershipFingerprints:
    """Return the fingerprints of the customers at some positions."""
    column = identifier_column(dataset)
    if not column:
        return MembershipFingerprints()
    salt = hashlib.sha256(f"customers of {dataset.fingerprint}".encode()).hexdigest()[:32]
    return MembershipFingerprints(column, salt, np.unique(_prints(dataset.original[column].iloc[rows], salt)))


def identifier_column(dataset: Dataset) -> str:
    """Return the first column that tells customers apart; empty where there is none."""
    return next((column.name for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER), "")


def _prints(identifiers: pd.Series, salt: str) -> NDArray[np.uint64]:
    key = bytes.fromhex(salt)
    texts = (str(each).strip().encode() for each in identifiers)
    digests = (hashlib.blake2b(text, key=key, digest_size=_DIGEST_BYTES).digest() for text in texts)
    return np.frombuffer(b"".join(digests), dtype=np.uint64)

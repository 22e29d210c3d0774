"""Control groups by salted hash: the same customer stands on the same side in any file, in any order, in any month."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pandas as pd

from segmenter.activate.hashing import digests, remainders
from segmenter.errors.forming import InvalidSettingError
from segmenter.typing import BoolArray

BUCKETS: Final = 10_000


class Arm(StrEnum):
    """The side of a test on which a customer stands."""

    CONTACTED = "contacted"
    CONTROL = "control"


def bucket(identifier: str, salt: str) -> int:
    """Return the customer's number in 0 … 9,999: SHA-256 of salt and identifier, as one number, modulo 10,000."""
    return int.from_bytes(hashlib.sha256(f"{salt}{identifier}".encode()).digest()) % BUCKETS


def arm(identifier: str, salt: str, share: float) -> Arm:
    """Return the side on which a customer stands.

    Parameters
    ----------
    identifier
        What names the customer in every file, as text.
    salt
        What tells one draw from another: keep it for the same control group, change it for a new one.
    share
        Of customers to hold out, 0-1, in steps of 1/10,000.
    """
    return Arm.CONTROL if bucket(identifier, salt) < round(share * BUCKETS) else Arm.CONTACTED


@dataclass(frozen=True)
class Control:
    """Who is held out, to see afterwards whether contact made a difference.

    Attributes
    ----------
    share
        Of customers held out, 0-1; a larger share with the same salt holds out all of the smaller one, and more.
    salt
        What tells this draw from others.
    campaign
        Draws anew for each campaign; empty holds out the same customers in every campaign.

    Raises
    ------
    InvalidSettingError
        If the share is not between nobody and everybody.
    """

    share: float
    salt: str = "segmenter"
    campaign: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            message = f"A share from 0 up to, not including, 1 of customers can be held out; not {self.share:g}."
            raise InvalidSettingError(message)

    @property
    def draw(self) -> str:
        """The salt of this campaign's draw."""
        return f"{self.salt}/{self.campaign}" if self.campaign else self.salt

    def held_out(self, identifiers: Iterable[str]) -> BoolArray:
        """Return which customers are in the control group, shape (n_identifiers,)."""
        texts = identifiers if isinstance(identifiers, pd.Series) else list(identifiers)
        buckets = remainders(digests(texts, self.draw), BUCKETS)
        return buckets < round(self.share * BUCKETS)

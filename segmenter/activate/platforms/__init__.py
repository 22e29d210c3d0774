"""The registry of platforms. Add one here: a TOML file beside this one says everything about it.

What platforms take changes, and nobody tells: each file says when it was last compared with the platform's own pages,
which these are, and how sure they make us.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

# What was compared longer ago may have changed since.
DAYS_TO_TRUST: Final = 180


class Field(StrEnum):
    """What identifies a customer to a platform."""

    EMAIL = "email"
    PHONE = "phone"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    COUNTRY = "country"
    ZIP = "zip"
    CITY = "city"
    STATE = "state"
    BIRTH_DATE = "birth_date"
    GENDER = "gender"
    FACEBOOK_ID = "facebook_id"
    DEVICE_ID = "device_id"
    CUSTOMER_ID = "customer_id"
    COMPANY = "company"
    JOB_TITLE = "job_title"
    VALUE = "value"


# They often form segments, too: an ad platform gets them only where the user names their column.
CHOSEN_FIELDS: Final = frozenset({Field.BIRTH_DATE, Field.GENDER})


class IdentifierRule(StrEnum):
    """How an identifier is written for a platform, before it is hashed if it is."""

    TRIMMED = "trimmed"
    LOWER = "lower"
    LOWER_NO_BLANKS = "lower, without blanks"
    LETTERS = "letters"
    EMAIL = "email"
    EMAIL_NO_BLANKS = "email, inner blanks removed"
    EMAIL_GMAIL = "email, inner blanks removed, gmail dots and tags removed"
    EMAIL_ASCII = "email, only ASCII before the @"
    PHONE_E164 = "phone, + and country code"
    PHONE_MOBILE = "mobile phone, + and country code"
    PHONE_DIGITS = "phone, country code without +"
    PHONE_MOBILE_DIGITS = "mobile phone, country code without +"
    PHONE_COUNTRY = "country of the mobile phone, two capital letters"
    KEY = "without blanks around, + - ( )"
    STATE = "state, small letters, two of them in the USA"
    GENDER = "gender, m or f"
    DAY = "day, year-month-day"
    YEAR = "year of a day"
    MONTH = "month of a day, two digits"
    DAY_OF_MONTH = "day of a month, two digits"
    DIGITS = "digits"
    COUNTRY_UPPER = "country, two capital letters"
    COUNTRY_LOWER = "country, two small letters"
    ZIP_LOWER = "zip, small letters without blanks, five digits in the USA"
    NUMBER = "number"


_Text = Annotated[str, Meta(min_length=1, max_length=600)]
_Count = Annotated[int, Meta(ge=1)]


class Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a platform's file is written. Never with a byte order mark: these files are for machines."""

    extension: Literal["csv", "txt"]
    delimiter: Literal[",", ";", "\t"] = ","
    newline: Literal["\n", "\r\n"] = "\r\n"
    encoding: Literal["utf-8"] = "utf-8"
    header: bool = True
    all_columns: bool = False


class FileColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """One column of a platform's file.

    Attributes
    ----------
    source
        What stands in it; None where every row has the same, `constant`.
    rule, hashed_rule
        How it is written, and how before it is hashed where that differs.
    hashed, hashed_header
        Whether it is hashed where hashes are chosen, and what the column is called then.
    always_hashed
        Whether it is hashed in plain files, too: the platform hashes other columns itself, but not this one.
    group
        Columns of a group are filled together or not at all.
    optional
        Whether it is written only where it was asked for.
    most
        So many columns of this header the platform takes, for customers with several addresses or numbers.
    slot
        Which of them it is, from 0.
    form
        Whether it is written in plain files only, in hashed ones only, or in both.
    """

    header: _Text
    source: Field | None = None
    rule: IdentifierRule = IdentifierRule.TRIMMED
    hashed: bool = False
    hashed_rule: IdentifierRule | None = None
    hashed_header: str = ""
    always_hashed: bool = False
    group: str = ""
    constant: str = ""
    optional: bool = False
    most: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    slot: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    form: Literal["both", "plain", "hashed"] = "both"

    def is_hashed(self, *, hashes: bool) -> bool:
        """Whether its cells are hashed where hashes are chosen, or are not."""
        return self.always_hashed or (hashes and self.hashed)

    def written_rule(self, *, hashes: bool) -> IdentifierRule:
        """Return how a cell is written, and, where hashes are chosen, what is hashed."""
        return self.hashed_rule if hashes and self.hashed and self.hashed_rule else self.rule

    def written_header(self, *, hashes: bool) -> str:
        """Return what the column is called."""
        return self.hashed_header if hashes and self.hashed and self.hashed_header else self.header


class PlatformLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a platform takes and needs: rows and bytes of a file at most, rows and matched people at least."""

    rows: _Count | None = None
    bytes: _Count | None = None
    min_rows: _Count | None = None
    min_matched: _Count | None = None


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where audiences are used, and the file that it takes.

    Attributes
    ----------
    kind
        "ads" takes identifiers alone; "crm" knows the customer already; "plain" is for anything else.
    checked_on
        When this was last compared with the sources, or how old these are where they say so.
    hashing
        Whether identifiers are hashed here: never, by the user's choice, or always.
    identified_by
        The sets of fields of which one, complete, is enough.
    one_identifier
        Whether a file holds one kind of identifier only.
    preamble
        Rows between header and customers; `{audience}` stands for the audience's name.
    """

    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]*$")]
    title: _Text
    kind: Literal["ads", "crm", "plain"]
    checked_on: date
    certainty: _Text
    sources: tuple[_Text, ...]
    format: Format
    columns: Annotated[tuple[FileColumn, ...], Meta(min_length=1)]
    identified_by: Annotated[tuple[tuple[Field, ...], ...], Meta(min_length=1)]
    hashing: Literal["never", "by choice", "always"] = "never"
    limits: PlatformLimits = PlatformLimits()
    one_identifier: bool = False
    preamble: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[_Text, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be written.

        Raises
        ------
        ValueError
            If a field is asked for that no column holds, or a preamble has another number of cells than columns.
        """
        held = {column.source for column in self.columns}
        missing = {each for fields in self.identified_by for each in fields} - held
        if missing:
            message = f"{self.id}: identified_by names {', '.join(sorted(missing))}, which no column holds"
            raise ValueError(message)
        if any(len(row) != len(self.columns) for row in self.preamble):
            message = f"{self.id}: a row of the preamble needs {len(self.columns)} cells"
            raise ValueError(message)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What its columns can hold, in their order."""
        return tuple(dict.fromkeys(column.source for column in self.columns if column.source is not None))

    def has(self, field: Field) -> bool:
        """Whether a column holds it."""
        return field in self.fields

    def age_note(self, today: date) -> str:
        """Return a sentence where this was compared with its sources too long ago; empty text otherwise."""
        days = (today - self.checked_on).days
        if days <= DAYS_TO_TRUST:
            return ""
        return (
            f"{self.title}: what is known of this format is of {self.checked_on.day} {self.checked_on:%B %Y}, {days:,} "
            "days ago. Look at the platform's page first, or fill a template that you have just downloaded there."
        )


def _decoded(text: str) -> Platform:
    return msgspec.toml.decode(text, type=Platform)


@cache
def platforms() -> dict[str, Platform]:
    """Return every platform by its id: ads first, then CRM, then the plain file; each kind by title."""
    texts = [each.read_text(encoding="utf-8") for each in files(__name__).iterdir() if each.name.endswith(".toml")]
    order: Sequence[str] = ("ads", "crm", "plain")
    found = sorted((_decoded(text) for text in texts), key=lambda each: (order.index(each.kind), each.title))
    return {each.id: each for each in found}

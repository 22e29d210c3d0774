"""Dataset: what was handed over, what each column was taken for, and the notes that are said beside it.

Kept apart from pandas, so that the process that reads files starts quickly.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import pandas as pd

from segmenter.display import counted, html_view
from segmenter.recipe.recipe import FeatureSpec
from segmenter.sampling import systematic_sample


@dataclass(frozen=True)
class Note:
    """Advice that travels in a result.

    Attributes
    ----------
    text
        One or two plain sentences: what happened and what it means.
    warning
        True when the user should look at it before going on.
    line
        First line of the file concerned, from 1; None where no line is.
    column
        Column concerned; None where it is about the whole.
    asks
        True where it says how rows were understood and how to say otherwise: each surface asks in its own words, and
        the record of a run tells what was answered.
    """

    text: str
    warning: bool = False
    line: int | None = None
    column: str | None = None
    asks: bool = False


@dataclass(frozen=True)
class Dialect:
    """How a text file was read; every part can be switched by the user.

    `header_line` counts from 1; 0 means that the file has no line of column names. `quote` is the character
    around cells that hold separators; `sheet` the sheet of a workbook, or the table of a database, among `sheets`.
    """

    separator: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    header_line: int = 1
    quote: str = '"'
    sheet: str = ""
    sheets: tuple[str, ...] = ()


class ColumnKind(StrEnum):
    """What a column means, whatever type it is stored as."""

    NUMBER = "number"
    MONEY = "money"
    PERCENTAGE = "percentage"
    CATEGORY = "category"
    ORDERED = "ordered category"
    YES_NO = "yes/no"
    DATE = "date"
    IDENTIFIER = "identifier"
    CODE = "code"
    CONSTANT = "constant"
    NEAR_EMPTY = "near-empty"
    TEXT = "text"
    PERSONAL = "personal data"
    CONSENT = "consent"


NUMERIC_KINDS = frozenset({ColumnKind.NUMBER, ColumnKind.MONEY, ColumnKind.PERCENTAGE})


# The reason of a column whose kind the user has said.
AS_SAID: Final = "as you said"


@dataclass(frozen=True)
class Column:
    """One column as it was understood.

    Attributes
    ----------
    header
        The name as it stands in the file; `name` is the same made unique and readable.
    reason
        Why it was taken for `kind`, in words.
    missing, distinct
        Counts over all rows; a missing cell is not a value.
    levels
        The values of an ordered category, lowest first; empty for other kinds.
    answers, separator
        The single answers, commonest first, where cells hold several, and what stands between them.
    part_of
        The column with several answers in a cell of which this one is made; empty for columns of the file.
    formula
        What the column is worked out by; empty for columns of the file.
    """

    name: str
    kind: ColumnKind
    reason: str
    missing: int
    distinct: int
    header: str = ""
    levels: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    separator: str = ""
    part_of: str = ""
    formula: str = ""


# The column of a labelled file in which they stand, and what stands between them there.
FORMER_COLUMN: Final = "former_contacts"
BETWEEN_CONTACTS: Final = "; "


@dataclass(frozen=True, eq=False)
class FormerContacts:
    """Addresses and telephone numbers that customers had beside the one that stands in the table.

    They are compared with lists of people to leave out, and are written into the customers' own labelled file, but into
    no list.

    Attributes
    ----------
    id_column
        The column that tells customers apart.
    values
        `customer` (text, as in that column) and `value`.
    """

    id_column: str
    values: pd.DataFrame


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A checked table of customers, one row each; never changed after it was made.

    Attributes
    ----------
    frame
        (n_customers × n_columns) values to calculate with, index 0 … n-1 in file order. Numbers, money,
        percentages and yes/no columns are float64 (yes = 1) with NaN for missing; dates are datetime64;
        everything else is text with NaN for missing.
    original
        The same rows and columns exactly as they were handed over, for downloads.
    columns
        What each column was taken for, in file order; names equal those of both frames.
    fingerprint
        SHA-256 over the content and how it was read: equal fingerprints mean equal data.
    notes
        What reading did and found.
    dialect
        How a text file was read; None for other sources.
    left_out
        Lines that could not be read into the table: columns `line`, `reason` and `text`.
    suggested
        How each column is best used, where whoever made the table knows better than the columns' kinds say.
    repeated
        What was done about customers in several rows: "first", "last", "sum", "latest" or "keep"; empty where nobody
        has said anything.
    joined
        Spellings that count as another value: column to value to what it is meant for.
    reading
        What the user has said about reading it, by the command line's own words: `separator`, `header_line`, `kind`, …;
        empty where nothing was said.
    former
        Addresses of customers that the table does not show; None where there are none.
    """

    frame: pd.DataFrame
    original: pd.DataFrame
    columns: tuple[Column, ...]
    name: str
    fingerprint: str
    notes: tuple[Note, ...] = ()
    dialect: Dialect | None = None
    left_out: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"line": [], "reason": [], "text": []}))
    suggested: tuple[FeatureSpec, ...] = ()
    repeated: str = ""
    joined: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reading: Mapping[str, object] = field(default_factory=dict)
    former: FormerContacts | None = None

    @property
    def n_customers(self) -> int:
        """Number of rows."""
        return len(self.frame)

    def __repr__(self) -> str:
        rows, columns = counted(self.n_customers, "customer"), counted(len(self.columns), "column")
        return f"<Dataset {self.name!r}: {rows} × {columns}>"

    def _repr_html_(self) -> str:
        rows = ((each.name, each.kind.value, each.missing, each.distinct, each.reason) for each in self.columns)
        return html_view(repr(self), ("column", "kind", "missing", "different values", "why"), rows)

    def column(self, name: str) -> Column:
        """Return what the column of that name was taken for."""
        return next(column for column in self.columns if column.name == name)

    def as_written(self) -> pd.DataFrame:
        """Return the columns of the file, untouched and under their own headers, for a labelled copy of it.

        Addresses that a customer had beside the one in its cell stand in `former_contacts`, where there are such:
        whoever makes lists of the copy still finds people to leave out by all of them.
        """
        # What was made of cells with several answers stands in those cells already.
        own = [column for column in self.columns if not column.part_of]
        table = self.original[[column.name for column in own]].set_axis([column.header for column in own], axis=1)
        if self.former is None:
            return table
        values = self.former.values
        together = values.groupby("customer")["value"].agg(lambda each: BETWEEN_CONTACTS.join(dict.fromkeys(each)))
        # A number with a fraction of nothing is the same customer.
        ids = self.original[self.former.id_column].astype("str").str.removesuffix(".0")
        found = ids.map(together.rename(index=lambda customer: customer.removesuffix(".0"))).astype("str")
        if FORMER_COLUMN in table:
            # A labelled file whose customers stood in several rows.
            before = table[FORMER_COLUMN].astype("str")
            both = before.str.cat(found, sep=BETWEEN_CONTACTS, na_rep="").str.strip(BETWEEN_CONTACTS)
            return table.assign(**{FORMER_COLUMN: both.mask(both == "")})
        return table.assign(**{FORMER_COLUMN: found})


def fingerprint_of(frame: pd.DataFrame) -> str:
    """Return a SHA-256 over every value, name and type of a table."""
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(f"{name}\0{frame[name].dtype}\0".encode())
        digest.update(pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()


def subsample(dataset: Dataset, most: int) -> Dataset:
    """Return at most so many customers, evenly spaced in the file."""
    if dataset.n_customers <= most:
        return dataset
    rows = systematic_sample(dataset.n_customers, most)
    return replace(
        dataset,
        frame=dataset.frame.iloc[rows].reset_index(drop=True),
        original=dataset.original.iloc[rows].reset_index(drop=True),
    )

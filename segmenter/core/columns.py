"""How does a table as it was handed over become a Dataset whose columns are understood?"""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from segmenter.core.dataset import Column, Dataset, Dialect, Note, fingerprint_of
from segmenter.core.naming import readable_names
from segmenter.core.numbers import guess_decimal
from segmenter.core.understanding import Understood, understand
from segmenter.errors import NoRowsError


def build_dataset(
    original: pd.DataFrame,
    name: str,
    *,
    fingerprint: str = "",
    notes: Sequence[Note] = (),
    dialect: Dialect | None = None,
) -> Dataset:
    """Understand every column of a table.

    Parameters
    ----------
    original
        The cells as they were handed over: text from a text file, any type otherwise.
    fingerprint
        SHA-256 of the source; computed from the table when empty.

    Raises
    ------
    NoRowsError
        If there is no row.
    """
    if not len(original):
        raise NoRowsError
    headers = [str(header) for header in original.columns]
    table = original.reset_index(drop=True).set_axis(readable_names(headers), axis=1)
    decimal = dialect.decimal if dialect else None
    understood = {column: understand(str(column), table[column], decimal) for column in table}
    columns = tuple(
        _column(str(column), header, each) for header, (column, each) in zip(headers, understood.items(), strict=True)
    )
    found = [note for each in understood.values() for note in each.notes]
    return Dataset(
        frame=pd.DataFrame({column: each.values for column, each in understood.items()}),
        original=table,
        columns=columns,
        name=name,
        fingerprint=fingerprint or fingerprint_of(table),
        notes=(*notes, *found),
        dialect=dialect,
    )


def read_frame(frame: pd.DataFrame, name: str = "table") -> Dataset:
    """Make a Dataset of a pandas table that is already in memory.

    Raises
    ------
    NoRowsError
        If there is no row.
    """
    return build_dataset(frame, name)


def guess_file_decimal(original: pd.DataFrame) -> str:
    """Return the decimal mark that most columns of a text table show; "." when none does."""
    sample = original.head(1000)
    # By position, because a header may stand there twice.
    columns = (sample.iloc[:, position].str.strip() for position in range(sample.shape[1]))
    votes = Counter(mark for column in columns if (mark := guess_decimal(column)))
    return "," if votes[","] > votes["."] else "."


def _column(name: str, header: str, understood: Understood) -> Column:
    values = understood.values
    return Column(
        name=name,
        kind=understood.kind,
        reason=understood.reason,
        missing=int(values.isna().sum()),
        distinct=int(values.nunique()),
        header=header,
        levels=understood.levels,
    )

"""`--kind`: what the user says that columns are."""

import argparse
from collections.abc import Sequence

from segmenter.errors.forming import InvalidSettingError, UnknownColumnError, UnknownWordError
from segmenter.table.dataset import ColumnKind, Dataset


def add_kinds(command: argparse.ArgumentParser) -> None:
    """Let a command hear what columns are."""
    kinds = ", ".join(kind.value for kind in ColumnKind)
    command.add_argument(
        "--kind", action="append", default=[], metavar="COLUMN=KIND", help=f"what a column is: {kinds}; repeatable"
    )


def kind_overrides(args: argparse.Namespace) -> dict[str, ColumnKind]:
    """Return what the user says that columns are.

    Raises
    ------
    InvalidSettingError, UnknownWordError
        If one is no `COLUMN=KIND`.
    """
    kinds = {}
    for text in getattr(args, "kind", ()):
        name, word = named_pair("--kind", text)
        kinds[name] = ColumnKind(one_of(f"--kind {name}", word, [kind.value for kind in ColumnKind]))
    return kinds


def checked_kinds(dataset: Dataset, args: argparse.Namespace) -> Dataset:
    """Return the table after a look at whether it has every column that was spoken of.

    Raises
    ------
    UnknownColumnError
        If it has not.
    """
    names = [column.name for column in dataset.columns]
    unknown = [name for name in kind_overrides(args) if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    return dataset


def named_pair(option: str, text: str) -> tuple[str, str]:
    """Split `COLUMN=WORD` at its last sign.

    Raises
    ------
    InvalidSettingError
        If there is none.
    """
    name, sign, word = text.rpartition("=")
    if not sign or not name:
        message = f"{option} {text} names no column; write {option} COLUMN=…."
        raise InvalidSettingError(message)
    return name, word


def one_of(what: str, word: str, possible: Sequence[str]) -> str:
    """Return a word that is possible.

    Raises
    ------
    UnknownWordError
        If it is not.
    """
    if word not in possible:
        raise UnknownWordError(what, word, tuple(possible))
    return word

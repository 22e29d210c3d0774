"""A table or query of a database as a Dataset."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlalchemy

from segmenter.config import DATABASE_SECONDS, MAX_DATABASE_MB
from segmenter.errors.base import SegmenterError
from segmenter.errors.reading import (
    DatabaseTooMuchError,
    DatabaseTooSlowError,
    FileNotReadableError,
    ReadingTooLongError,
    ReadingTooMuchMemoryError,
)
from segmenter.io.read.connection import end_request
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.io.read.rights import single_select
from segmenter.io.read.table import ReadCells, cells_frame, parse
from segmenter.table.dataset import fingerprint_of
from segmenter.worker.processes import warm_up

_ENDED: Final = (ReadingTooLongError, ReadingTooMuchMemoryError)


@dataclass(frozen=True)
class Database:
    """A database that may be read, and nothing else.

    It is asked from a process with limits, through a connection that refuses to write; see the record on
    databases under docs/decisions.

    Attributes
    ----------
    url
        Where it is, as SQLAlchemy understands it. It may hold a password and is therefore never shown.
    """

    url: str = field(repr=False)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables and views that can be read.

        Raises
        ------
        SegmenterError
            If the database can't be reached.
        """
        names = self._ask("", "").cells.column(0)
        return tuple(str(name) for name in names.to_pylist())

    def read(self, table: str = "", query: str = "") -> ReadCells:
        """Read a table, or the answer to one SELECT.

        Raises
        ------
        SegmenterError
            If the database can't be reached, refuses the query, answers too much or too slowly.
        """
        parsed = self._ask(table, single_select(query) if query else "")
        content = fingerprint_of(cells_frame(parsed))
        return ReadCells(parsed, table or "query", hashlib.sha256(content.encode()))

    def _ask(self, table: str, query: str) -> Parsed:
        number = secrets.randbits(63)
        request = json.dumps({"url": self.url, "table": table, "query": query, "request": number}).encode()
        warm_up()
        try:
            return parse(request, ReadOptions(), "database")[0]
        except BaseException as error:
            # A worker that was ended could not say goodbye: its query would live on in the database.
            ended = isinstance(error, SegmenterError) and not isinstance(error, _ENDED)
            ended = ended or end_request(self.url, number)
            if isinstance(error, ReadingTooLongError):
                raise DatabaseTooSlowError(DATABASE_SECONDS, not ended) from error
            if isinstance(error, ReadingTooMuchMemoryError):
                raise DatabaseTooMuchError(MAX_DATABASE_MB) from error
            raise


def sqlite_address(path: Path) -> str:
    """Return the address of a SQLite database on this machine's disk.

    Raises
    ------
    FileNotReadableError
        If there is no such file.
    """
    if not path.is_file():
        raise FileNotReadableError(str(path))
    return str(sqlalchemy.URL.create("sqlite", database=str(path.resolve())))

"""Output of the command line: text, JSON, notes, progress and files."""

import errno
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from segmenter.errors.models import UnwritableFolderError
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.writing import json_text, write_together
from segmenter.progress import Progress, silent
from segmenter.table.dataset import Note


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made where there is none; no name ever stands for half a file.

    Raises
    ------
    UnwritableFolderError
        If it cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_together({folder / name: content for name, content in files.items()})
    except OSError as error:
        raise UnwritableFolderError(str(folder), error.strerror or "it cannot be written to") from error


def check_folder(folder: Path) -> None:
    """Check that a folder can be made or written into, before long work for it begins; nothing is made.

    Raises
    ------
    UnwritableFolderError
        If it cannot.
    """
    try:
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    except OSError as error:
        raise UnwritableFolderError(str(folder), error.strerror or "it cannot be written to") from error
    if not there.is_dir():
        raise UnwritableFolderError(str(folder), os.strerror(errno.ENOTDIR))
    if not os.access(there, os.W_OK | os.X_OK):
        raise UnwritableFolderError(str(folder), "it cannot be written to")


def read_bytes(path: Path) -> bytes:
    """Return a file's content.

    Raises
    ------
    FileNotReadableError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileNotReadableError(str(path)) from error


def say(notes: Iterable[Note]) -> None:
    """Print what is worth knowing beside the result."""
    for note in notes:
        print(f"note: {note.text}", file=sys.stderr)


def print_json(record: object) -> None:
    """Print plain values as JSON."""
    print(json_text(record), end="")


def progress() -> Progress:
    """Return a progress that shows itself to a person, and to nobody else."""
    if not sys.stderr.isatty():
        return silent
    last = -1

    def show(share: float, doing: str) -> None:
        nonlocal last
        if int(100 * share) != last:
            last = int(100 * share)
            print(
                f"\r\033[K{last:3d} % {doing}" if last < 100 else "\r\033[K",
                end="",
                file=sys.stderr,
                flush=True,
            )

    return show

"""Hostile bytes without end, guided by what code they reach: `python -m tests.fuzz.harness reader -max_total_time=60`.

Each target takes bytes and fails by raising anything that is not one of our own errors, or by an assertion.
Several targets, as in `reader,kinds`, run one after the other on one instrumented import, which is what takes long.
"""

import csv
import io
import os
import sys
from collections.abc import Callable

import atheris
import pandas as pd

with atheris.instrument_imports(include=["segmenter"]):
    from segmenter.errors.base import SegmenterError
    from segmenter.io.export.csv import escaped, is_risky, to_csv
    from segmenter.io.read.parsed import Parsed, ReadOptions
    from segmenter.io.read.readers import read_content
    from segmenter.io.read.table import cells_frame
    from segmenter.table.columns import build_dataset

_SEPARATORS = (None, ",", ";", "\t", "|", "::")


def reader(content: bytes) -> None:
    """Read anything: it is refused in words, or a table that is understood and said to be of so many rows."""
    try:
        parsed = read_content(memoryview(content), ReadOptions())
    except SegmenterError as error:
        _said(error)
        return
    _check(parsed)


def options(content: bytes) -> None:
    """Read anything by any word of the user."""
    said = atheris.FuzzedDataProvider(content)
    asked = ReadOptions(
        separator=said.PickValueInList(list(_SEPARATORS)),
        encoding=said.PickValueInList([None, "utf-8", "utf-16", "cp1252", "latin-1", "no such"]),
        header_line=said.PickValueInList([None, 0, 1, 2, 5]),
        keep_ragged=said.ConsumeBool(),
        keep_footer=said.ConsumeBool(),
        quote=said.PickValueInList([None, '"', "'", ""]),
    )
    try:
        _check(read_content(memoryview(said.ConsumeBytes(len(content))), asked))
    except SegmenterError as error:
        _said(error)


def kinds(content: bytes) -> None:
    """Understand a column of any cells, and leave the cells alone."""
    said = atheris.FuzzedDataProvider(content)
    cells = [said.ConsumeUnicodeNoSurrogates(said.ConsumeIntInRange(0, 20)) for _ in range(12)]
    name = said.ConsumeUnicodeNoSurrogates(12)
    frame = pd.DataFrame({name: pd.array(cells, dtype="str")})
    dataset = build_dataset(frame, "t", fingerprint="")
    assert dataset.original.iloc[:, 0].tolist() == cells
    assert len(dataset.frame) == len(cells)
    assert dataset.columns[0].reason


def escaping(content: bytes) -> None:
    """Write any text: nothing is left that a spreadsheet would run, and any reader gets the text back."""
    said = atheris.FuzzedDataProvider(content)
    text = said.ConsumeUnicodeNoSurrogates(len(content)).replace("\0", "")
    assert escaped(text) == (f"'{text}" if is_risky(text) else text)
    assert not escaped(text).lstrip(" \u00a0\u200b\ufeff").startswith(("=", "+", "@")) or not is_risky(text)
    written = to_csv(pd.DataFrame({"a": [text], "b": ["x"]})).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert rows == [["a", "b"], [text if text == "-" else escaped(text), "x"]]


def _said(error: SegmenterError) -> None:
    assert str(error)


def _check(parsed: Parsed) -> None:
    assert parsed.cells.num_columns == len(parsed.headers)
    assert parsed.cells.num_rows
    dataset = build_dataset(cells_frame(parsed), "t", fingerprint="", dialect=parsed.dialect)
    assert len(dataset.frame) == parsed.cells.num_rows
    assert len({column.name for column in dataset.columns}) == len(parsed.headers)


TARGETS: dict[str, Callable[[bytes], None]] = {each.__name__: each for each in (reader, options, kinds, escaping)}


if __name__ == "__main__":
    names = sys.argv[1].split(",")
    for name in names[:-1]:
        child = os.fork()  # the fuzzer ends its process
        if child == 0:
            names = [name]
            break
        if status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            sys.exit(f"{name} ended with {status}.")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[names[-1]])
    atheris.Fuzz()

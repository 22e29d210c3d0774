"""What the worker does with a file or a database: it reads, infers what the columns are, and hands both over.

Loaded once in the process that workers are forked from, with all that most files take.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.pandas_compat

from segmenter.io.read.parsed import Parsed, ReadOptions, ReadResult
from segmenter.io.read.readers import read_content
from segmenter.table.columns import WordOnColumns, infer_columns
from segmenter.table.infer.in_worker import Cells, read_word, write_inferred
from segmenter.table.infer.personal_data import load_national_ids

if TYPE_CHECKING:
    from segmenter.worker.program import Call


def prepare() -> None:
    """Infer what a made-up table's columns are: what Python and its libraries do only once is then done for all.

    A forked worker is 10 ms of 40 quicker by it. The table is too small for any thread to be started.
    """
    columns = (["C1", "C2", "C3"], ["20", "30", "41"], ["1.37", "", "2.5"], ["a", "b", "a"], ["2024-01-01"] * 3)
    cells = pa.table({str(at): pa.array(column * 9, pa.large_string()) for at, column in enumerate(columns)})
    infer_columns(Cells(cells, ("id", "age", "spend", "plan", "joined")).frame(), WordOnColumns())
    load_national_ids()


def read(calls: Iterator[Call]) -> None:
    """Read a file, or ask a database; `word` is the user's on its columns, None where nobody asks what they are."""
    for call in calls:
        result = ReadResult(call.outputs[0])
        parsed = _parsed(call, result)
        said = result.finish(parsed)
        if call.request["word"] is not None and not parsed.said:
            cells = Cells(parsed.cells, parsed.headers, parsed.dialect, parsed.lines)
            said["inferred"] = write_inferred(cells, read_word(call.request["word"]), call.outputs[1])
        call.answer(said)


def _parsed(call: Call, result: ReadResult) -> Parsed:
    content, options = call.inputs[0], ReadOptions(**call.request["options"])
    if call.request["source"] == "database":
        # Loaded when needed: .3 s that most files need not wait for. Drivers look for certificates and settings.
        from segmenter.io.read.connection import answer_request

        os.environ.update(call.request["environment"])
        return answer_request(content)
    if call.request["source"] == "purchases":
        # Loaded in the worker only: polars starts threads, and a process with threads must not be forked.
        from segmenter.io.read.purchases_stream import add_up

        return add_up(content, options, call.request["wanted"], result.gather)
    return read_content(content, options, result.gather)

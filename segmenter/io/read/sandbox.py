"""Reading a file or a database in a worker with limits, so that whatever is in it can't harm the server."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from segmenter.config import DATABASE_SECONDS, READING_MEMORY_MB
from segmenter.errors.reading import ReadingTooLongError, ReadingTooMuchMemoryError
from segmenter.io.read.parsed import Parsed, ReadOptions, read_result
from segmenter.table.columns import Inferred, WordOnColumns
from segmenter.table.infer.in_worker import Cells, plain_word, read_inferred, reading_limits
from segmenter.worker.client import WorkerError, WorkerTimeoutError, run_task
from segmenter.worker.limits import Limits

SourceKind = Literal["file", "database", "purchases"]
_MB: Final = 1_000_000
# The worker outlives the database's own time limit by a little, so that its answer says what happened.
_DATABASE_LIMITS: Final = Limits(
    DATABASE_SECONDS, DATABASE_SECONDS + 3, READING_MEMORY_MB * _MB, READING_MEMORY_MB * _MB
)


def parse(
    source: Path | bytes,
    options: ReadOptions,
    kind: SourceKind = "file",
    wanted: Mapping[str, object] | None = None,
    word: WordOnColumns | None = None,
) -> tuple[Parsed, Inferred | None]:
    """Read a file, or ask a database, in a worker with limits on time, memory and size of the result.

    Parameters
    ----------
    source
        A file on disk, or the bytes of one, or of a request to a database.
    wanted
        What purchases are added up from; not looked at for other sources.
    word
        The user's word on the columns; None where nobody asks what they are.

    Returns
    -------
    The cells, and what their columns were inferred to be; None where nobody asked, or customers were added up.

    Raises
    ------
    SegmenterError
        Whatever the reader says, or that a limit was reached.
    OSError
        If the file on disk can't be opened.
    """
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    limits = _DATABASE_LIMITS if kind == "database" else reading_limits(size)
    request = {
        "source": kind,
        "options": options.as_plain(),
        "wanted": wanted,
        "word": None if word is None else plain_word(word),
        # The worker that reads a file sees nothing of it.
        "environment": dict(os.environ) if kind == "database" else {},
    }
    try:
        answer = run_task("segmenter.io.read.tasks:read", request, [source], limits, outputs=2)
    except WorkerTimeoutError as error:
        raise ReadingTooLongError(limits.seconds) from error
    except WorkerError as error:
        raise ReadingTooMuchMemoryError from error
    parsed = read_result(answer.said, answer.outputs[0])
    if "inferred" not in answer.said:
        return parsed, None
    cells = Cells(parsed.cells, parsed.headers)
    return parsed, read_inferred(answer.said["inferred"], answer.outputs[1], cells)

"""How does a reading child hand its result over? As Arrow columns and JSON: nothing that could run."""

import json
from dataclasses import asdict

import pyarrow as pa

from segmenter import errors
from segmenter.core.notes import Dialect, Note
from segmenter.errors import SegmenterError
from segmenter.importers.parsed import LeftOut, Parsed

_ABOUT = b"segmenter"


def write_parsed(parsed: Parsed, sink: pa.NativeFile) -> None:
    """Write what was read into a sink, as an Arrow file."""
    about = {
        "headers": parsed.headers,
        "notes": [asdict(note) for note in parsed.notes],
        "dialect": asdict(parsed.dialect) if parsed.dialect else None,
        "left_out": [[one.line, one.text] for one in parsed.left_out],
        "lines": parsed.lines,
    }
    schema = parsed.cells.schema.with_metadata({_ABOUT: json.dumps(about).encode()})
    with pa.ipc.new_file(sink, schema) as writer:
        for batch in parsed.cells.to_batches():
            writer.write_batch(batch)


def read_parsed(memory: pa.Buffer) -> Parsed:
    """Read back what `write_parsed` wrote, without copying the cells."""
    cells = pa.ipc.open_file(pa.BufferReader(memory)).read_all()
    about = json.loads(cells.schema.metadata[_ABOUT])
    return Parsed(
        cells.replace_schema_metadata(None),
        tuple(about["headers"]),
        tuple(Note(**note) for note in about["notes"]),
        Dialect(**about["dialect"]) if about["dialect"] else None,
        tuple(LeftOut(line, text) for line, text in about["left_out"]),
        tuple((row, line) for row, line in about["lines"]),
    )


def plain_error(error: SegmenterError) -> str:
    """Return an error as JSON: its class and its facts."""
    return json.dumps({"error": type(error).__name__, "facts": error.args})


def named_error(plain: str) -> SegmenterError | None:
    """Return the error that JSON names; None when it names none of ours."""
    try:
        said = json.loads(plain)
        kind = getattr(errors, said["error"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not (isinstance(kind, type) and issubclass(kind, SegmenterError)):
        return None
    error: SegmenterError = kind(*said["facts"])
    return error

"""The same product without a screen: `python -m segmenter COMMAND`."""

import io
import sys
from collections.abc import Sequence
from functools import cache

from segmenter.cli.arguments import parse
from segmenter.cli.commands import COMMANDS
from segmenter.errors.base import SegmenterError, Surface
from segmenter.worker.limits import missing_protections

# What a shell expects of "you can repair this": argparse uses the same for wrong arguments.
REPAIRABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 or what the command says, or 2 after one clear sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # Written to a file, Windows' own encoding lacks most letters.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    args = parse(arguments)
    _say_what_is_missing()
    try:
        code = COMMANDS[args.command](args)
    except SegmenterError as error:
        print(f"segmenter: {error.told_on(Surface.COMMAND_LINE)}", file=sys.stderr)
        return REPAIRABLE
    except BrokenPipeError:
        # The reader of our output, `head` for one, has seen enough.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("segmenter: stopped; nothing was written.", file=sys.stderr)
        return REPAIRABLE
    return code or 0


@cache
def _say_what_is_missing() -> None:
    """Say once which limits this system cannot set."""
    missing = missing_protections()
    if missing:
        print(f"note: this system cannot limit {'; '.join(missing)}.", file=sys.stderr)

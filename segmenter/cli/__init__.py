"""The same product without a screen: `python -m segmenter COMMAND`."""

import io
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import cache

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
    words = sys.argv[1:] if arguments is None else list(arguments)
    args, command = _asked(words)
    _say_what_is_missing()
    try:
        code = command(args)
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


def _asked(words: Sequence[str]) -> tuple[Namespace, Callable[[Namespace], int | None]]:
    """Return what was asked for and who answers it, importing no more than that takes."""
    if words[:1] == ["describe"]:
        from segmenter.cli.describe import describe, parse_describe

        return parse_describe(words), describe
    from segmenter.cli.arguments import parse
    from segmenter.cli.commands import COMMANDS

    args = parse(words)
    return args, COMMANDS[args.command]


@cache
def _say_what_is_missing() -> None:
    """Say once which limits this system cannot set."""
    missing = missing_protections()
    if missing:
        print(f"note: this system cannot limit {'; '.join(missing)}.", file=sys.stderr)

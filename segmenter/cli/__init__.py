"""The same product without a screen: `python -m segmenter COMMAND`."""

import sys
from collections.abc import Sequence

from segmenter.cli.arguments import parse
from segmenter.cli.commands import COMMANDS
from segmenter.errors import SegmenterError

# What a shell expects of "you can repair this": argparse uses the same for wrong arguments.
REPAIRABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0, or 2 after one clear sentence on standard error."""
    asked = parse(arguments)
    try:
        COMMANDS[asked.command](asked)
    except SegmenterError as error:
        print(f"segmenter: {error}", file=sys.stderr)
        return REPAIRABLE
    except BrokenPipeError:
        # The reader of our output, `head` for one, has seen enough.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("segmenter: stopped; nothing was written.", file=sys.stderr)
        return REPAIRABLE
    return 0

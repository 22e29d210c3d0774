"""How does long work say how far it is, and hear that it should stop?"""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called between units of work with the share done (0-1) and what is being done; may raise `Cancelled`."""


class Cancelled(BaseException):
    """The visitor pressed Cancel.

    Derives from BaseException, as asyncio's does, so that no `except Exception` on the way swallows it.
    """


def silent(share: float, doing: str) -> None:
    """Report nothing: the progress of work that nobody watches."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0-1 is the stretch from `start` to `end` of `progress`."""

    def report(share: float, doing: str) -> None:
        progress(start + (end - start) * share, doing)

    return report

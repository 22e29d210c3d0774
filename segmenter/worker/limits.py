"""The limits that a worker sets itself before it looks at anything, and those that a system cannot set."""

import contextlib
import sys
from dataclasses import dataclass
from typing import Any

resource: Any
try:
    import resource
except ImportError:  # Windows has none
    resource = None

# What a worker's libraries occupy in its address space where the system does not tell.
_ADDRESS_SPACE_GUESS = 2_000_000_000


@dataclass(frozen=True)
class Limits:
    """What a worker may use.

    Attributes
    ----------
    seconds
        Of processor time.
    clock_seconds
        By the clock, which the asking process looks at; waiting does not count as work.
    memory
        Bytes beyond what it has at its start.
    written
        Bytes that a file, and an answer, may have.
    """

    seconds: int
    clock_seconds: int
    memory: int
    written: int


def apply_limits(limits: Limits) -> None:
    """Limit this process; whatever the system cannot limit is left out, see `missing_protections`."""
    _set("RLIMIT_CORE", 0, 0)
    _set("RLIMIT_CPU", limits.seconds, limits.seconds + 1)
    _set("RLIMIT_FSIZE", limits.written, limits.written)
    if _limits_memory():
        most = _address_space() + limits.memory
        _set("RLIMIT_AS", most, most)


def missing_protections() -> tuple[str, ...]:
    """Return what is not limited on this system when files, databases and saved models are read; empty on Linux.

    Each is part of a sentence for whoever runs the product: "Not limited on this system: …".
    """
    missing = []
    if not _limits_memory():
        missing.append("the memory that reading a file may take (a file made to fill it can slow the machine down)")
    if not _can_set("RLIMIT_CPU"):
        missing.append("the processor time of reading (it is still ended by the clock)")
    if not _can_set("RLIMIT_FSIZE"):
        missing.append("the size of files that a process reading a saved model could write")
    if not _can_set("RLIMIT_CORE"):
        missing.append("the memory image that the system may keep on disk when reading a file crashes")
    return tuple(missing)


def _limits_memory() -> bool:
    # macOS takes the number and does not keep to it.
    return sys.platform == "linux" and _can_set("RLIMIT_AS")


def _can_set(name: str) -> bool:
    return resource is not None and hasattr(resource, "setrlimit") and hasattr(resource, name)


def _set(name: str, soft: int, hard: int) -> None:
    if not _can_set(name):
        return
    kind = getattr(resource, name)
    # A limit that is stricter already stays.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123 - pathlib is not loaded for this
            return int(pages.read().split()[0]) * int(resource.getpagesize())
    except (OSError, ValueError, IndexError):
        return _ADDRESS_SPACE_GUESS

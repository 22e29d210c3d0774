"""Visitors: when one leaves for good, their work ends and their customers are forgotten."""

import contextlib
import ctypes
import gc
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final, Protocol

import pyarrow as pa
import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from segmenter import config
from segmenter.choose.methods import return_memory
from segmenter.ui.uploads import UPLOADS

_LOOK_SECONDS: Final = 1.0
# After a visitor has left, their work takes a moment to end; memory is given back when it has, and once more later.
_TIDY_AFTER: Final = (3.0, 12.0)
# Pages leave cycles that hold tables. To collect them stops every thread for some tenths of a second.
_COLLECT_SECONDS: Final = 30.0
# As malloc.h numbers them: how many heaps there are, and from where on a block is the system's own.
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_HEAPS: Final = 2
# By itself the C library raises this to 32 MB, and tables are then cut out of heaps that others keep open. Eight
# visitors left 26 MB behind in place of 70; comparing takes up to a tenth more of the processor.
_LARGE_BYTES: Final = 1 << 20
_LOG = logging.getLogger(__name__)


class Leaving(Protocol):
    """What a visitor leaves behind."""

    def attend(self, *, attended: bool) -> None:
        """Say whether the visitor is connected."""

    def leave(self) -> None:
        """End the visitor's work and forget their customers."""


@dataclass
class _Visitor:
    left_behind: Leaving
    gone_since: float | None = None


@dataclass
class Visitors:
    """Everyone who has a session, by its identifier.

    A closed tab and a lost connection look alike. Whoever is not connected may come back within some seconds; until
    then their work only runs while nobody else's does.

    Attributes
    ----------
    is_connected
        Whether a session has a connection now.
    close
        Ends a session for good and then calls what it is given; does neither where the session is connected again.
    reconnect_seconds
        How long a visitor may be away.
    """

    is_connected: Callable[[str], bool]
    close: Callable[[str, Callable[[], None]], None]
    reconnect_seconds: Callable[[], float]
    clock: Callable[[], float] = time.monotonic
    tidy: Callable[[], None] = return_memory
    collect: Callable[[], object] = gc.collect
    _there: dict[str, _Visitor] = field(default_factory=dict)
    _tidy_at: list[float] = field(default_factory=list)
    _collected_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def welcome(self, identifier: str, left_behind: Leaving) -> None:
        """Look after a visitor's session from now on, in place of an earlier one with this identifier."""
        with self._lock:
            self._there[identifier] = _Visitor(left_behind)

    def look(self) -> None:
        """See who is away, end what belongs to those who are gone, and give memory back."""
        now = self.clock()
        with self._lock:
            there = list(self._there.items())
        for identifier, visitor in there:
            connected = self.is_connected(identifier)
            visitor.left_behind.attend(attended=connected)
            if connected:
                visitor.gone_since = None
            elif visitor.gone_since is None:
                visitor.gone_since = now
            elif now - visitor.gone_since >= self.reconnect_seconds():
                self.close(identifier, partial(self._end, identifier, visitor))
        due = [at for at in self._tidy_at if at <= now]
        if due:
            self._tidy_at = [at for at in self._tidy_at if at > now]
            self.tidy()
        elif there and now - self._collected_at >= _COLLECT_SECONDS:
            self._collected_at = now
            self.collect()

    def tidy_soon(self) -> None:
        """Give memory back once what was just forgotten has ended."""
        self._tidy_at += [self.clock() + after for after in _TIDY_AFTER]

    def _end(self, identifier: str, visitor: _Visitor) -> None:
        with self._lock:
            if self._there.get(identifier) is visitor:
                del self._there[identifier]
        visitor.left_behind.leave()
        self.tidy_soon()

    def keep_looking(self) -> None:
        """Look once a second, for ever."""
        while True:
            time.sleep(_LOOK_SECONDS)
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - one visitor's fault must not keep the others' work from ending
                _LOG.warning("looking after the visitors failed once: %s", type(error).__name__)


def _share_heaps() -> None:
    """Let all threads allocate from two heaps.

    The C library gives every thread of a page a heap of its own otherwise, and each keeps what it once held: six
    visitors with 10,000 customers left 209 MB behind, and 14 MB with two heaps.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_ARENA_MAX, _HEAPS)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    # Arrow's own pool, in which pandas keeps text, never gives back what threads that have ended held.
    pa.set_memory_pool(pa.system_memory_pool())


def _is_connected(identifier: str) -> bool:
    return exists() and get_instance().is_active_session(identifier)


def _close(identifier: str, end: Callable[[], None]) -> None:
    """Let Streamlit forget the session, its uploads and downloads, which it would do only when another one ends."""
    try:
        runtime: Any = get_instance()
    except RuntimeError:
        # The server itself has gone.
        end()
        return

    def close_unless_back() -> None:
        if not runtime.is_active_session(identifier):
            runtime.close_session(identifier)
            UPLOADS.forget(identifier)
            end()

    try:
        # Sessions come and go in the thread of the event loop alone, which Streamlit shows nobody in public.
        runtime._get_async_objs().eventloop.call_soon_threadsafe(close_unless_back)
    except (AttributeError, RuntimeError):
        _LOG.debug("Streamlit forgets the session in its own time")
        end()


def _reconnect_seconds() -> float:
    own = st.get_option("server.disconnectedSessionTTL")
    return min(config.RECONNECT_SECONDS, float(own)) if own else config.RECONNECT_SECONDS


VISITORS: Final = Visitors(_is_connected, _close, _reconnect_seconds)


@cache
def _keep_looking() -> None:
    """Start to look after the visitors; done once."""
    _share_heaps()
    threading.Thread(target=VISITORS.keep_looking, name="visitors", daemon=True).start()


def look_after(left_behind: Leaving) -> None:
    """Let what this visitor leaves behind end with their session; does nothing where there is no server."""
    context = get_script_run_ctx()
    if context is not None and exists():
        VISITORS.welcome(context.session_id, left_behind)
        _keep_looking()

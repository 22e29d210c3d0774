"""Uploads that have begun and were not taken yet, and visitors: when one leaves for good, all is forgotten.

Streamlit hands an upload to the field that it was dropped on. A field that has left the screen by the time the file
arrives never hears of it, although the bytes have reached the server. So the beginning of each upload is noted, with
the page that it belongs to; that page's field takes it, whenever it arrives and wherever the visitor has gone.

Where to send a file is an answer of the server's, and Streamlit throws away what it has not sent yet when a run begins.
A browser whose answer is lost never sends the file. So answers stay.
"""

import asyncio
import contextlib
import ctypes
import gc
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, Final, Protocol

import pyarrow as pa
import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from segmenter import config
from segmenter.choose.methods import return_memory

# After so many seconds an upload that has not arrived is taken for broken off: 300 MB at 1.5 Mbit/s take 1,600.
GIVEN_UP_AFTER: Final = 1_800.0
# A browser says a moment after the choice that an upload begins. Nobody finds a file so soon after a page has opened:
# what begins by then was dropped on the page before.
AT_FIRST: Final = 0.3
# How many uploads a browser may begin at once, and the letters of a name that count: its end says what it is.
_AT_ONCE, _LONGEST_NAME = 10, 255
_ANSWERS: Final = {"file_urls_response", "backend_operation_response"}


@dataclass(frozen=True)
class UploadUnderway:
    """An upload that has begun.

    Attributes
    ----------
    name
        The file's, as the visitor's machine calls it.
    page
        The page whose field it was dropped on.
    left
        Whether the visitor has left that page since: until then the field itself hands the file over, and another
        field of the page must not take it.
    said
        What stood beside the field when the upload began, such as what kind of list the file is.
    meant
        The key of the field that the visitor says it is for; empty where nobody has said so.
    asked
        Whether the visitor is asked which field it is for.
    """

    file_id: str
    name: str
    page: str
    since: float
    left: bool = False
    said: str = ""
    meant: str = ""
    asked: bool = False


@dataclass(frozen=True)
class _Field:
    """An upload field of a page: what it is called, whether it takes a file of a name, and what stands beside it."""

    label: str
    takes: Callable[[str], bool]
    said: str = ""


@dataclass
class Uploads:
    """The uploads of all visitors, by session.

    Attributes
    ----------
    clock
        Tells seconds.
    nudge
        Lets a visitor's page be drawn again, after an upload began on a page that they have just left.
    """

    clock: Callable[[], float] = time.monotonic
    nudge: Callable[[str], None] = lambda _: None
    _pages: dict[str, str] = field(default_factory=dict)
    _fields: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    _drawn: dict[str, dict[str, dict[str, _Field]]] = field(default_factory=dict)
    _begun: dict[str, list[UploadUnderway]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _watched: object = None

    def watch(self, manager: Any) -> None:  # noqa: ANN401 - Streamlit's protocol says too little of it
        """Note from now on what this manager of uploads is asked to expect; done once."""
        with self._lock:
            if self._watched is manager:
                return
            self._watched = manager
        expect = manager.get_upload_urls

        def noted(session_id: str, file_names: Sequence[str]) -> Any:  # noqa: ANN401
            # A page's field sends one; each gets an address and is kept in mind.
            file_names = [name[-_LONGEST_NAME:] for name in file_names[-_AT_ONCE:]]
            urls = expect(session_id, file_names)
            self.begin(session_id, [(each.file_id, name) for each, name in zip(urls, file_names, strict=False)])
            return urls

        manager.get_upload_urls = noted

    def enter(self, session_id: str, page: str) -> None:
        """Note which page a visitor is on."""
        with self._lock:
            self._pages[session_id] = page
            begun = self._begun.get(session_id, [])
            self._begun[session_id] = [each if each.page == page else replace(each, left=True) for each in begun]
            self._keep(session_id, lambda _: True)

    def show_field(
        self, session_id: str, page: str, key: str = "", label: str = "",
        takes: Callable[[str], bool] = lambda _: True, said: str = "",
    ) -> None:  # fmt: skip
        """Note that an upload field of a page is drawn."""
        with self._lock:
            self._drawn.setdefault(session_id, {}).setdefault(page, {})[key] = _Field(label, takes, said)
            shown = self._fields.setdefault(session_id, [])
            if not shown or shown[-1][1] != page:
                shown.append((self.clock(), page))
                del shown[:-2]

    def begin(self, session_id: str, files: Sequence[tuple[str, str]]) -> None:
        """Note uploads (identifier, name) that begin now; of one page the newest counts."""
        now = self.clock()
        with self._lock:
            shown = self._fields.get(session_id) or [(now, "")]
            page = next((page for at, page in reversed(shown) if now - at >= AT_FIRST), shown[0][1])
            left = self._pages.get(session_id) != page
            others = [each for each in self._begun.get(session_id, []) if each.page != page]
            said = next((each.said for each in self._drawn.get(session_id, {}).get(page, {}).values() if each.said), "")
            self._begun[session_id] = others + [UploadUnderway(*each, page, now, left, said) for each in files]
            for other in list(self._begun):
                self._drop_old(other, now)
        if left:
            self.nudge(session_id)

    def under_way(self, session_id: str) -> list[UploadUnderway]:
        """Return a visitor's uploads that nobody has taken, the oldest first."""
        with self._lock:
            self._drop_old(session_id, self.clock())
            return list(self._begun.get(session_id, []))

    def fields_for(self, session_id: str, upload: UploadUnderway) -> dict[str, str]:
        """Return the labels of those fields of its page that take an upload, by key, in the order of the page."""
        with self._lock:
            fields = self._drawn.get(session_id, {}).get(upload.page, {})
            return {key: each.label for key, each in fields.items() if each.takes(upload.name)}

    def ask(self, session_id: str, file_id: str, meant: str = "") -> None:
        """Note that the visitor is asked which field an upload is for, or what they have said."""
        with self._lock:
            self._begun[session_id] = [
                replace(each, asked=not meant, meant=meant) if each.file_id == file_id else each
                for each in self._begun.get(session_id, [])
            ]

    def done(self, session_id: str, file_id: str) -> None:
        """Forget an upload that was taken, or that nobody waits for any more."""
        with self._lock:
            self._keep(session_id, lambda each: each.file_id != file_id)

    def forget(self, session_id: str) -> None:
        """Forget everything about a visitor."""
        with self._lock:
            self._begun.pop(session_id, None)
            self._pages.pop(session_id, None)
            self._fields.pop(session_id, None)
            self._drawn.pop(session_id, None)

    def _drop_old(self, session_id: str, now: float) -> None:
        self._keep(session_id, lambda each: now - each.since < GIVEN_UP_AFTER)

    def _keep(self, session_id: str, wanted: Callable[[UploadUnderway], bool]) -> None:
        left = [each for each in self._begun.get(session_id, []) if wanted(each)]
        if left:
            self._begun[session_id] = left
        else:
            self._begun.pop(session_id, None)


def _draw_again(session_id: str) -> None:
    """Let Streamlit run a visitor's page once more; called in the thread of its event loop."""
    found: Any = get_instance().get_app_session(session_id)

    def run() -> None:
        # As Streamlit itself does when a page's file has changed.
        if found is not None and UPLOADS.under_way(session_id):
            found.request_rerun(found._client_state)

    with suppress(RuntimeError, AttributeError):
        # By then the page that the visitor has gone to is being drawn.
        asyncio.get_running_loop().call_later(0.5, run)


UPLOADS: Final = Uploads(nudge=_draw_again)


@cache
def keep_answers() -> None:
    """Let the answers to a browser's questions outlive the beginning of a run; they belong to none.

    They tell where to send an upload, and where to fetch a file that is made on a click.
    """
    clear = ForwardMsgQueue.clear

    def clear_but_answers(queue: Any, *args: Any, **named: Any) -> None:  # noqa: ANN401 - Streamlit's own
        answers = [message for message in queue._queue if message.WhichOneof("type") in _ANSWERS]
        clear(queue, *args, **named)
        # What is sent is cleared whole; only a beginning run asks for something to be retained.
        if args or named:
            queue._queue += [message for message in answers if not any(message is each for each in queue._queue)]

    ForwardMsgQueue.clear = clear_but_answers  # type: ignore[method-assign,assignment]


def current_session() -> str:
    """Return the identifier of the visitor's session; empty where there is no server."""
    context = get_script_run_ctx()
    return context.session_id if context is not None and exists() else ""


def enter_page(page: str) -> None:
    """Note that the visitor is on this page, and watch for uploads that begin there."""
    session_id = current_session()
    if session_id:
        keep_answers()
        UPLOADS.watch(get_instance().uploaded_file_mgr)
        UPLOADS.enter(session_id, page)


def arrived(upload: UploadUnderway) -> UploadedFileRec | None:
    """Return an upload's content if it has reached the server."""
    found = get_instance().uploaded_file_mgr.get_files(current_session(), [upload.file_id])
    return found[0] if found else None


def forget_uploads() -> None:
    """Forget the visitor's uploads, and remove every copy that Streamlit keeps of them, taken or not."""
    session_id = current_session()
    if session_id:
        UPLOADS.forget(session_id)
        manager: Any = get_instance().uploaded_file_mgr  # the protocol leaves removing out
        manager.remove_session_files(session_id)


def drop(file_id: str) -> None:
    """Forget an upload, and remove the copy that Streamlit keeps of it."""
    session_id = current_session()
    if session_id:
        UPLOADS.done(session_id, file_id)
        manager: Any = get_instance().uploaded_file_mgr  # the protocol leaves removing out
        manager.remove_file(session_id=session_id, file_id=file_id)


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

"""Middleware that limits uploads no page takes, memory, and the hosts a session may be opened from.

Streamlit stores whatever is sent to its upload endpoint until the visitor's session ends, whether a page takes it
or not, and lets the pages of some other hosts open a session. The guard stands before it.
"""

import os
import time
from asyncio import get_running_loop
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config as streamlit_config
from streamlit.runtime import Runtime, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.web import bootstrap

from segmenter.config import (
    BUSY_MEMORY_SHARE,
    MAX_UPLOAD_MB,
    UPLOAD_KEPT_SECONDS,
    UPLOADS_WAITING,
    UPLOADS_WAITING_MB,
    UPLOADS_WAITING_SHARE,
)

BUSY: Final = "The app is busy. Your file was not loaded; try again in a minute."
TOO_MANY: Final = (
    "Too many uploads of yours are waiting. Your file was not loaded; reload the page and upload one file at a time."
)
_MB: Final = 1_000_000
_ROUTE: Final = ("_stcore", "upload_file")
# While a body arrives, the memory is looked at again after so many bytes.
_STEP: Final = 8 * _MB
_SHOWN_SECONDS: Final = 60
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Where the system does not tell its memory, all uploads that wait may take so much.
_WAITING_MB_UNKNOWN: Final = 2_000


@dataclass(frozen=True)
class Memory:
    """Bytes in use and bytes that there are."""

    used: int
    limit: int

    @property
    def share(self) -> float:
        """The share in use."""
        return self.used / self.limit


def memory(root: Path = Path("/")) -> Memory | None:
    """Return the memory that is scarcest: the machine's, the container's, or what SEGMENTER_MEMORY_MB allows.

    None where the system tells none of them.
    """
    found = [_own(root), _of_machine(root), *_of_containers(root)]
    return max((each for each in found if each), key=lambda each: each.share, default=None)


def _own(root: Path) -> Memory | None:
    allowed = os.environ.get("SEGMENTER_MEMORY_MB", "")
    pages = _text(root / "proc/self/statm").split()
    if not allowed.isdecimal() or not int(allowed) or not pages:
        return None
    return Memory(int(pages[1]) * os.sysconf("SC_PAGE_SIZE"), int(allowed) * _MB)


def _of_machine(root: Path) -> Memory | None:
    facts = _facts(root / "proc/meminfo")
    if "MemTotal:" not in facts or "MemAvailable:" not in facts:
        return None
    return Memory(1024 * (facts["MemTotal:"] - facts["MemAvailable:"]), 1024 * facts["MemTotal:"])


def _of_containers(root: Path) -> list[Memory]:
    """Return the memory of the control groups that this process is in, of version 2 and of version 1."""
    found = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("memory" if controllers else "")
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
        # A group is held by the limits of those around it; inside a container the path may not be there.
        own = mount / path.strip("/")
        for group in dict.fromkeys((own, *(each for each in own.parents if each.is_relative_to(mount)))):
            limit, used = (_text(group / name).strip() for name in names)
            if limit.isdecimal() and used.isdecimal() and 0 < int(limit) < 1 << 60:
                # Pages of files that were read can be given back at any time.
                facts = _facts(group / "memory.stat")
                spare = facts.get("total_inactive_file", facts.get("inactive_file", 0))
                found.append(Memory(max(int(used) - spare, 0), int(limit)))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _facts(path: Path) -> dict[str, int]:
    words = (line.split() for line in _text(path).splitlines())
    return {each[0]: int(each[1]) for each in words if len(each) > 1 and each[1].isdecimal()}


@dataclass(frozen=True)
class _Refusal:
    sentence: str
    at: float


# By session; forgotten after a minute.
_REFUSALS: Final[dict[str, _Refusal]] = {}


def refused_upload() -> str:
    """Return why this visitor's last upload was turned away within the last minute; nothing when none was."""
    context = get_script_run_ctx()
    refusal = _REFUSALS.get(context.session_id) if context else None
    return refusal.sentence if refusal and time.monotonic() - refusal.at < _SHOWN_SECONDS else ""


class RequestGuard:
    """Turns away uploads that would fill the memory, and websockets that pages of other hosts open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # Bytes that are on their way, by session: no file of Streamlit's yet.
        self._arriving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        if scope["type"] == "websocket" and not is_own_origin(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        parts = str(scope.get("path", "")).strip("/").split("/")
        if scope["type"] != "http" or scope["method"] != "PUT" or tuple(parts[-4:-2]) != _ROUTE:
            await self._app(scope, receive, send)
            return
        session, file = parts[-2:]
        runtime = get_instance()
        if not runtime.is_active_session(session):
            # Streamlit refuses these before it reads them.
            await self._app(scope, receive, send)
            return
        await self._take(_Upload(scope, receive, send), runtime, session, file)

    async def _take(self, request: "_Upload", runtime: Runtime, session: str, file: str) -> None:
        if refusal := self._refusal(runtime, session, request.size):
            _refuse(runtime, session, refusal)
            await request.drain()
            response = PlainTextResponse(refusal, 503, {"Retry-After": "60"})
            await response(request.scope, request.receive, request.send)
            return
        arrived = 0
        stored = False

        async def receive() -> Message:
            nonlocal arrived
            message = await request.receive()
            n_bytes = len(message.get("body", b""))
            looked_at = arrived // _STEP
            arrived += n_bytes
            self._arriving[session] += n_bytes
            # What is announced may be less than what is sent.
            if arrived // _STEP > looked_at and (refusal := self._refusal(runtime, session, 0)):
                _refuse(runtime, session, refusal)
                raise HTTPException(503, refusal, {"Retry-After": "60"})
            return message

        async def send(message: Message) -> None:
            nonlocal stored
            stored = stored or message.get("status") == 204
            await request.send(message)

        try:
            await self._app(request.scope, receive, send)
        finally:
            self._arriving[session] -= arrived
            if not self._arriving[session]:
                del self._arriving[session]
        if stored:
            _REFUSALS.pop(session, None)
            manager: Any = runtime.uploaded_file_mgr  # the protocol leaves removing out
            get_running_loop().call_later(UPLOAD_KEPT_SECONDS, manager.remove_file, session, file)

    def _refusal(self, runtime: Runtime, session: str, size: int) -> str:
        """Return why so many more bytes of a session are not taken; nothing when they are."""
        manager: Any = runtime.uploaded_file_mgr
        held = dict(getattr(manager, "file_storage", {}))
        waiting = {owner: [len(file.data) for file in list(files.values())] for owner, files in held.items()}
        own = waiting.get(session, [])
        if len(own) >= UPLOADS_WAITING or sum(own) + self._arriving[session] + size > UPLOADS_WAITING_MB * _MB:
            return TOO_MANY
        there = memory()
        if there and there.used + size > BUSY_MEMORY_SHARE * there.limit:
            return BUSY
        most = UPLOADS_WAITING_SHARE * there.limit if there else _WAITING_MB_UNKNOWN * _MB
        in_all = sum(map(sum, waiting.values())) + self._arriving.total() + size
        return BUSY if in_all > max(most, 1.1 * MAX_UPLOAD_MB * _MB) else ""


@dataclass(frozen=True)
class _Upload:
    """A request that brings a file."""

    scope: Scope
    receive: Receive
    send: Send

    @property
    def size(self) -> int:
        """The bytes that are announced; 0 when none are."""
        announced = Headers(scope=self.scope).get("content-length", "")
        return int(announced) if announced.isdecimal() and len(announced) < 16 else 0

    async def drain(self) -> None:
        """Let the body go by, up to the largest upload: a browser hears an answer only after it has sent all."""
        n_bytes = 0
        while n_bytes < 1.1 * MAX_UPLOAD_MB * _MB:
            message = await self.receive()
            n_bytes += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return


def _refuse(runtime: Runtime, session: str, sentence: str) -> None:
    """Remember why an upload was turned away, and let the visitor's page say it."""
    now = time.monotonic()
    for old in [each for each, refusal in _REFUSALS.items() if now - refusal.at > _SHOWN_SECONDS]:
        del _REFUSALS[old]
    told = session in _REFUSALS and _REFUSALS[session].sentence == sentence
    _REFUSALS[session] = _Refusal(sentence, now)
    # Streamlit has no public way to ask for a run from outside; without it the page says it at the next click.
    sessions: Any = getattr(runtime, "_session_mgr", None)
    visitor = sessions.get_active_session_info(session) if sessions and not told else None
    if visitor is not None:
        visitor.session.request_rerun(None)


def is_own_origin(headers: Headers) -> bool:
    """Whether a websocket is opened by a page of the host that it is opened to, or of one that the server names.

    Streamlit alone would let in every page of localhost and of the machine's addresses, on any port, and would ask
    a foreign host for the machine's address first. Who is no browser sends no origin.
    """
    origin, host = headers.get("origin"), headers.get("host", "")
    if origin is None or not streamlit_config.get_option("server.enableCORS"):
        return True
    if origin in {each.strip() for each in streamlit_config.get_option("server.corsAllowedOrigins")}:
        return True
    try:
        served, page = urlsplit(f"//{host}"), urlsplit(origin)
        port = _DEFAULT_PORTS.get(page.scheme)
        return bool(page.hostname) and (page.hostname, page.port or port) == (served.hostname, served.port or port)
    except ValueError:
        return False


# In an installed package the script lies beside this file; in a checkout it stands where users look for it.
_SCRIPTS = (Path(__file__).with_name("app.py"), Path(__file__).resolve().parents[2] / "app.py")


def serve(options: Mapping[str, object]) -> None:
    """Run Streamlit's server in this process, with its options under the names of its flags."""
    script = next(path for path in _SCRIPTS if path.exists())
    bootstrap.load_config_options(dict(options))
    # As `streamlit run` does: requests pass the guard that the script names.
    bootstrap.run_asgi_app(str(script), "app:app", args=[], flag_options=dict(options))

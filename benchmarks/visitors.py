"""A server of one's own on this machine, and visitors who use it as a browser does, without one."""

import http.client
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

ROOT = Path(__file__).resolve().parents[1]
# A visitor who hears nothing for so long, or waits so long for a page, gives up: a load test ends by itself.
PATIENCE_SECONDS = 120.0
LONGEST_WAIT_SECONDS = 900.0
LOOK_EVERY_SECONDS = 0.4


@contextmanager
def served(n_cores: int, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run the app on a free port, on so many cores, with more of Streamlit's options; yield the port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cores = sorted(os.sched_getaffinity(0))[:n_cores]
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    process = subprocess.Popen(
        ["taskset", "-c", ",".join(map(str, cores)), sys.executable, "-m", "streamlit", "run", "app.py",
         "--server.port", str(port), "--server.address", "127.0.0.1", *options],
        cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if process.poll() is not None:
                message = "the server ended by itself"
                raise RuntimeError(message)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield port, process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Visitor:
    """One tab.

    Attributes
    ----------
    widgets
        What the page shows of each kind that has an identifier, by its key; refreshed by every run.
    texts
        All Markdown and headings of the last run.
    errors
        What it says is wrong.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        address = f"127.0.0.1:{port}"
        self._cookie = self._get_cookie()
        self._open = ExitStack()
        self._socket = self._open.enter_context(
            connect(
                f"ws://{address}/_stcore/stream",
                origin=Origin(f"http://{address}"),
                subprotocols=[Subprotocol("streamlit")],
                max_size=None,
                open_timeout=60,
                # As a browser, which never asks whether the server is still there.
                ping_interval=None,
            )
        )
        self.session_id, self._page = "", ""
        self._pages: dict[str, str] = {}
        self.widgets: dict[str, Any] = {}
        self.texts: list[str] = []
        self.errors: list[str] = []
        # What the page asks the browser to draw again by itself: the fragment, and how often in seconds.
        self._again: tuple[str, float] | None = None
        self.run()

    def close(self) -> None:
        """Close the tab."""
        self._open.close()

    def run(self, *states: WidgetState) -> None:
        """Let the page run with what was clicked, and take in what it shows."""
        self.send(*states)
        self._forget()
        self.listen()

    def _forget(self) -> None:
        """Forget what the page showed."""
        self.widgets, self.texts, self.errors, self._again = {}, [], [], None

    def send(self, *states: WidgetState, fragment: str = "") -> None:
        """Say what was clicked, or that a fragment is to be drawn again, without waiting for the page."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.widget_states.widgets.extend(states)
        if fragment:
            message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, True
        self._socket.send(message.SerializeToString())

    def listen(self, enough: Callable[[], bool] = lambda: False, *, part: bool = False) -> None:
        """Take in what the page shows until its run has ended, or that is enough; first perhaps part of it."""
        while not enough():
            heard = self._hear()
            kind = heard.WhichOneof("type")
            if kind == "new_session":
                self.session_id, self._page = (
                    heard.new_session.initialize.session_id,
                    heard.new_session.page_script_hash,
                )
                if not part:
                    self._forget()
                # Whatever follows a fragment in the same breath is the whole page.
                part = False
            elif kind == "auto_rerun":
                self._again = heard.auto_rerun.fragment_id, heard.auto_rerun.interval
            elif kind == "navigation":
                self._pages = {each.url_pathname: each.page_script_hash for each in heard.navigation.app_pages}
                self._page = heard.navigation.page_script_hash
            elif kind == "delta" and heard.delta.WhichOneof("type") == "new_element":
                self._take(heard.delta.new_element)
            elif kind == "script_finished" and heard.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def go(self, page: str) -> None:
        """Go to a page by its name in the address."""
        self._page = self._pages[page]
        self.run()

    def leave_for(self, page: str) -> None:
        """Go to a page by its name in the address, without waiting for it."""
        self._page = self._pages[page]
        self.send()

    def click(self, key: str) -> None:
        """Press a button by its key."""
        self.run(self.pressed(key))

    def pressed(self, key: str) -> WidgetState:
        """Return what the browser says of a pressed button."""
        return WidgetState(id=self.widgets[key].id, trigger_value=True)

    def until(self, ready: Callable[[], bool]) -> float:
        """Look at the page again and again until it is as wanted; return the seconds that it took."""
        start = time.monotonic()
        while not ready():
            if time.monotonic() - start > LONGEST_WAIT_SECONDS:
                message = f"not after {LONGEST_WAIT_SECONDS} s; the page says {self.texts}"
                raise TimeoutError(message)
            self.look_again()
        return time.monotonic() - start

    def look_again(self) -> None:
        """Wait as long as a browser does, and let draw again what it would: a fragment, or the whole page."""
        fragment, seconds = self._again or ("", LOOK_EVERY_SECONDS)
        time.sleep(seconds)
        if fragment:
            self.texts = []
            self.send(fragment=fragment)
            self.listen(part=True)
        else:
            self.run()

    def says(self, text: str) -> bool:
        """Whether the page shows a text."""
        return any(text in each for each in self.texts)

    def answered(self) -> bool:
        """Whether the Data page shows the table of a file, or says what is wrong with it."""
        return any("We read" in each for each in self.texts) or bool(self.errors)

    def has(self, key: str) -> bool:
        """Whether the page has a widget whose key begins so."""
        return any(each.startswith(key) for each in self.widgets)

    def upload(self, key: str, name: str, content: bytes) -> None:
        """Drop a file on the upload field whose key begins so, and wait for the page."""
        self.drop(key, name, content)
        self._forget()
        self.listen()

    def drop(self, key: str, name: str, content: bytes) -> None:
        """Drop a file on the upload field whose key begins so, without waiting for the page."""
        urls = self.put(name, content)
        field = next(widget for each, widget in self.widgets.items() if each.startswith(key))
        state = WidgetState(id=field.id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(content), urls.file_id
        info.file_urls.CopyFrom(urls)
        self.send(state)

    def put(self, name: str, content: bytes) -> Any:  # noqa: ANN401 - Streamlit's message
        """Send a file to the server for no field, and return where it lies."""
        asked = BackMsg()
        asked.file_urls_request.request_id = uuid.uuid4().hex
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.session_id
        self._socket.send(asked.SerializeToString())
        while (heard := self._hear()).WhichOneof("type") != "file_urls_response":
            pass
        urls = heard.file_urls_response.file_urls[0]
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        token = self._cookie.partition("=")[2]
        self._request(
            "PUT",
            urls.upload_url,
            body,
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "Cookie": self._cookie,
                "X-Xsrftoken": token,
            },
        )
        return urls

    def download(self, key: str) -> tuple[str, bytes]:
        """Return a download's address and bytes; one built on the click is asked for first."""
        url = self.address_of(key)
        return url, self.fetch(url)

    def address_of(self, key: str) -> str:
        """Return where a download lies; one built on the click is built first."""
        button = self.widgets[key]
        return self._built(button.deferred_file_id) if button.HasField("deferred_file_id") else str(button.url)

    def fetch(self, url: str) -> bytes:
        """Return the bytes of a download."""
        return self._request("GET", url, None, {})

    def _built(self, file_id: str) -> str:
        """Have a download built and return its address."""
        asked = BackMsg()
        request = asked.backend_operation_request
        request.request_id, request.session_id = uuid.uuid4().hex, self.session_id
        request.deferred_file.file_id = file_id
        self._socket.send(asked.SerializeToString())
        while (heard := self._hear()).WhichOneof("type") != "backend_operation_response":
            pass
        answer = heard.backend_operation_response
        if answer.error_msg:
            raise RuntimeError(answer.error_msg)
        return str(answer.deferred_file.url)

    def _hear(self) -> ForwardMsg:
        heard = ForwardMsg()
        heard.ParseFromString(self._socket.recv(timeout=PATIENCE_SECONDS))
        return heard

    def _take(self, element: Any) -> None:  # noqa: ANN401 - one of some forty kinds
        kind = element.WhichOneof("type")
        shown = getattr(element, kind)
        if getattr(shown, "id", ""):
            # An identifier ends in the key that the page gave the widget.
            self.widgets[shown.id.split("-", 2)[-1]] = shown
        if kind == "alert" and shown.format == shown.ERROR:
            self.errors.append(shown.body)
        for each in ("body", "text", "value", "label"):
            if isinstance(text := getattr(shown, each, None), str):
                self.texts.append(text)

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= 300:
                message = f"{method} {path}: {answer.status}"
                raise RuntimeError(message)
            self._set_cookie = answer.getheader("Set-Cookie") or ""
            return content
        finally:
            connection.close()

    def _get_cookie(self) -> str:
        self._request("GET", "/_stcore/health", None, {})
        return self._set_cookie.partition(";")[0]

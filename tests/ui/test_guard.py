"""What is sent to the server without a page that takes it, and from pages of other hosts."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import websockets
from starlette.datastructures import Headers
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from segmenter.ui.guard import BUSY, TOO_MANY, is_own_origin, memory

ROOT = Path(__file__).parents[2]


STREAMLIT = ("streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port")
OURS = ("segmenter", "app", "--port")


@contextmanager
def serving(command=STREAMLIT, **environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    try:
        end = time.time() + 60
        while time.time() < end and not is_healthy(port):
            time.sleep(0.2)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def is_healthy(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


class Visitor:
    """One session without a browser."""

    def __init__(self, port, connection):
        self.port, self.connection, self.session, self.shown = port, connection, "", ""

    async def listen(self, until, seconds=60):
        """Take messages until one of a kind, or one that shows a text."""
        end = time.time() + seconds
        while time.time() < end:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(self.connection.recv(), seconds))
            self.session = message.new_session.initialize.session_id or self.session
            self.shown += str(message.delta)
            if message.WhichOneof("type") == until or until in self.shown:
                return
        pytest.fail(f"the page did not come to {until}")

    def put(self, content):
        """Send a file that no page asked for; return the answer's status and text."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health") as answer:
            cookies = answer.headers.get_all("Set-Cookie") or []
        token = next((found[1] for cookie in cookies if (found := re.match('_streamlit_xsrf="?([^;"]+)', cookie))), "")
        edge = "----edge"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\n'
        body = head.encode() + b"Content-Type: text/csv\r\n\r\n" + content + f"\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_stcore/upload_file/{self.session}/{uuid.uuid4()}",
            data=body,
            method="PUT",
            headers={
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "X-Xsrftoken": token,
                "Cookie": f"_streamlit_xsrf={token}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def run_apart(work):
    """Run a coroutine in a thread of its own: a browser of another test may leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def visit(port, what, **how):
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, **how) as connection:
        visitor = Visitor(port, connection)
        message = BackMsg()
        message.rerun_script.query_string = ""
        await connection.send(message.SerializeToString())
        await visitor.listen("script_finished")
        return await what(visitor)


def held_mb(pid):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


def test_uploads_that_no_page_takes_are_limited_and_the_page_says_so(server):
    port, pid = server

    async def send_many(visitor):
        await asyncio.to_thread(visitor.put, b"a,b\n")
        before = held_mb(pid)
        answers = [await asyncio.to_thread(visitor.put, b"x" * 4_000_000) for _ in range(30)]
        await visitor.listen(TOO_MANY)
        return answers, held_mb(pid) - before

    answers, added = run_apart(visit(port, send_many))
    assert [status for status, _ in answers] == [204] * 9 + [503] * 21
    assert answers[-1] == (503, TOO_MANY)
    assert added < 9 * 4 + 40
    assert is_healthy(port)


def test_one_visitor_cannot_use_up_what_another_may_upload(server):
    async def send_one(visitor):
        return await asyncio.to_thread(visitor.put, b"a,b\n1,2\n")

    assert run_apart(visit(server[0], send_one))[0] == 204


def test_pages_of_other_hosts_open_no_session(server):
    async def nothing(visitor):
        return visitor.session

    port = server[0]
    assert run_apart(visit(port, nothing, origin=f"http://127.0.0.1:{port}"))
    for origin in ("http://localhost:3000", "http://127.0.0.1:1", "https://example.com", "null"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            run_apart(visit(port, nothing, origin=origin))
        assert refused.value.response.status_code == 403


def test_above_a_share_of_the_memory_the_app_is_busy_and_says_so_behind_the_products_own_command_too():
    async def send_one(visitor):
        answer = await asyncio.to_thread(visitor.put, b"x" * 1_000_000)
        await visitor.listen(BUSY)
        return answer

    with serving(OURS, SEGMENTER_MEMORY_MB="100") as (port, _):
        assert run_apart(visit(port, send_one)) == (503, BUSY)
        assert is_healthy(port)
        with pytest.raises(websockets.InvalidStatus):
            run_apart(visit(port, send_one, origin="http://localhost:3000"))


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("https://app.example.com", "app.example.com", True),
        ("https://app.example.com", "app.example.com:443", True),
        ("https://APP.example.com", "app.example.com", True),
        ("https://app.example.com:8443", "app.example.com:8443", True),
        ("https://app.example.com:8443", "app.example.com", False),
        ("http://localhost:8501", "localhost:8501", True),
        ("http://localhost:8502", "localhost:8501", False),
        ("http://[::1]:8501", "[::1]:8501", True),
        ("https://app.example.com.evil.org", "app.example.com", False),
        ("https://app.example.com:99999", "app.example.com", False),
        ("", "app.example.com", False),
    ],
)
def test_an_origin_is_own_when_host_and_port_are_those_that_are_served(origin, host, own):
    assert is_own_origin(Headers({"origin": origin, "host": host})) is own


def test_who_sends_no_origin_is_no_browser():
    assert is_own_origin(Headers({"host": "app.example.com"}))


def system(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MACHINE = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 600 kB\n"


def test_memory_is_the_machines_where_no_container_limits_it(tmp_path):
    found = memory(system(tmp_path, proc__meminfo=MACHINE))
    assert (found.used, found.limit) == (400 * 1024, 1000 * 1024)


def test_memory_is_the_containers_where_that_is_scarcer(tmp_path):
    system(tmp_path, proc__meminfo=MACHINE)
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir()
    (tmp_path / "proc/self/cgroup").write_text("0::/app.slice/one\n")
    (group / "memory.max").write_text("200000\n")
    (group / "memory.current").write_text("190000\n")
    (group / "memory.stat").write_text("anon 1\ninactive_file 10000\n")
    found = memory(tmp_path)
    assert (found.used, found.limit) == (180_000, 200_000)
    (group / "memory.max").write_text("max\n")
    assert memory(tmp_path).limit == 1000 * 1024


def test_memory_of_an_older_kind_of_container_is_read_too(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("4:memory:/docker/abc\n2:cpu:/\n")
    group = tmp_path / "sys/fs/cgroup/memory"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text("1000\n")
    (group / "memory.usage_in_bytes").write_text("900\n")
    assert memory(tmp_path).share == 0.9


def test_a_system_that_tells_no_memory_is_told_apart_from_a_full_one(tmp_path):
    assert memory(tmp_path) is None

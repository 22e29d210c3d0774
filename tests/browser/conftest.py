"""A real server and a real Chromium for the journeys."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class StreamlitPage:
    """A browser page that knows when Streamlit has finished running."""

    def __init__(self, page, address):
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        self._message = ForwardMsg
        self.page, self.address = page, address
        # Slow machines take their time; what never comes fails all the same.
        page.set_default_timeout(120_000)
        self.runs, self.errors, self.foreign = 0, [], []
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _request(self, request):
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.foreign.append(request.url)

    def _frame(self, payload):
        message = self._message()
        message.ParseFromString(payload if isinstance(payload, bytes) else payload.encode())
        self.runs += message.WhichOneof("type") == "script_finished"

    def settle(self, timeout=180_000):
        self.page.wait_for_function(
            """() => { const app = document.querySelector('[data-testid="stApp"]');
            return app && app.dataset.testScriptState === 'notRunning'
              && app.dataset.testConnectionState === 'CONNECTED'
              && !document.querySelector('[data-testid="stSkeleton"]'); }""",
            timeout=timeout,
        )

    def act(self, action, timeout=180.0):
        before, end = self.runs, time.time() + timeout
        action()
        while self.runs == before:
            assert time.time() < end, "nothing was rerun"
            self.page.wait_for_timeout(20)
        self.settle(int(timeout * 1000))

    def until(self, locator, timeout=300.0):
        """Wait for an element that work in the background brings, then for the page to settle."""
        end = time.time() + timeout
        while not locator.first.is_visible():
            assert time.time() < end, f"{locator} did not appear"
            self.page.wait_for_timeout(100)
        self.settle()

    def open(self, path=""):
        self.act(lambda: self.page.goto(f"{self.address}/{path}"))

    def press(self, name, *, exact=True):
        self.act(lambda: self.page.get_by_role("button", name=name, exact=exact).first.click())

    def next(self):
        """Go on to the next step, by the button that names what comes."""
        button = self.page.locator(".st-key-step_next button:not([disabled])").first
        self.act(button.click)

    def compare(self):
        """Go to Choose and wait until it has compared numbers of segments; return how many it recommends."""
        self.go("Choose")
        self.until(self.page.locator(".st-key-choose_cards"))
        return int(self.page.locator('input[aria-label="Number of segments"]').input_value())

    def unfold(self, title):
        """Open what is folded away under a title."""
        self.page.locator('[data-testid="stExpander"] summary').filter(has_text=title).first.click()
        # What is opened moves while it opens, and a list in it would close again.
        self.page.wait_for_timeout(600)
        self.settle()

    def choose(self, label, option):
        """Pick from a list, of which only what stands in sight is drawn: what is typed brings it there."""
        box = self.page.get_by_role("combobox", name=label).first
        box.click()
        box.fill(option)
        self.act(lambda: self.page.get_by_role("option").filter(has_text=option).first.click())

    def download(self, key):
        """Click a download and return where it went; less common ones are folded away."""
        button = self.page.locator(f"[class*='{key}_download'] button").first
        button.wait_for(state="attached")
        if not button.is_visible():
            self.unfold("More files")
        with self.page.expect_download() as started:
            button.click()
        return started.value.path()

    def go(self, step):
        self.act(lambda: self.page.get_by_test_id("stTopNavLink").filter(has_text=step).first.click())

    def upload(self, path, field=0):
        # Nobody finds a file sooner after a page has opened: see segmenter.ui.uploads.AT_FIRST.
        self.page.wait_for_timeout(500)
        inputs = self.page.get_by_test_id("stFileUploaderDropzoneInput")
        self.act(lambda: inputs.nth(field).set_input_files(str(path)))


@contextmanager
def serving(folder, **environment):
    """Run the app on a free port, with its log in a folder, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "streamlit", "run", "app.py",
            "--server.port", str(port), "--server.address", "127.0.0.1",
        ],
        cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    end = time.time() + 60
    while time.time() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            # Work in the background that nobody cancelled holds the process up.
            process.kill()
        log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def serve(browser, tmp_path):
    """Return a maker of servers of one's own; as a context it yields the page of a first visitor."""

    @contextmanager
    def visited(**environment):
        with serving(tmp_path, **environment) as address:
            context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
            page = StreamlitPage(context.new_page(), address)
            page.open()
            yield page
            context.close()

    return visited


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine; tests/browser/install.sh says how to get one")
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=60_000)
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(server, browser):
    """Open the app as a new visitor; call with width, height and colour scheme."""
    contexts = []

    def visitor(width=1440, height=1000, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
            accept_downloads=True,
        )
        contexts.append(context)
        page = StreamlitPage(context.new_page(), server)
        page.open()
        return page

    yield visitor
    for context in contexts:
        context.close()

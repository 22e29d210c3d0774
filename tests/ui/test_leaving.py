"""What is read or built for a visitor ends with them, and with what they do instead."""

import sqlite3
import sys
import time

import psutil
import pytest

from benchmarks.visitors import Visitor, served
from segmenter.config import UPLOADS_WAITING
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_cells
from segmenter.progress import Cancelled
from segmenter.ui.jobs import READERS, Job
from segmenter.ui.state import Session

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the worker among processes")

FEW = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n % 31) for n in range(40))
# How long the work of somebody who has left may go on.
SECONDS = 20.0


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """Return a small file that takes all the time that reading may take: a view that counts for ever."""
    path = tmp_path_factory.mktemp("files") / "endless.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW endless AS "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        )
    return path.read_bytes()


def workers(pid):
    """Return the processes that work below a server's, but for the one that only forks."""
    below = []
    for each in psutil.Process(pid).children(recursive=True):
        try:
            if each.status() != psutil.STATUS_ZOMBIE and each.parent().pid != pid:
                below.append(each.pid)
        except (psutil.NoSuchProcess, AttributeError):
            continue
    return set(below)


def until(ready, seconds=30.0):
    end = time.monotonic() + seconds
    while not (found := ready()):
        if time.monotonic() > end:
            return found
        time.sleep(0.05)
    return found


def reading(tab, pid, content):
    """Drop a file, and return the worker that reads it."""
    before = workers(pid)
    tab.drop("data_upload", "endless.sqlite", content)
    found = until(lambda: workers(pid) - before)
    assert found, "nothing reads it"
    return found


def ends(pid, which):
    return until(lambda: not (workers(pid) & which), SECONDS)


@pytest.fixture(scope="module")
def server():
    # Whoever has closed their tab has left for good after so many seconds.
    with served(2, "--server.disconnectedSessionTTL", "2") as running:
        yield running


@pytest.fixture
def tab(server):
    tab = Visitor(server[0])
    tab.click("sample_mall")
    yield tab
    tab.close()


def test_a_worker_ends_when_its_visitor_deletes_the_data(server, tab, endless):
    process = reading(tab, server[1].pid, endless)
    tab.send(tab.pressed("delete_data"))
    assert ends(server[1].pid, process)
    tab.listen()
    tab.run()
    assert not tab.has("missing_map")
    assert not tab.says("endless")
    assert not workers(server[1].pid)


def test_a_worker_ends_when_another_file_is_uploaded_which_is_the_one_that_is_kept(server, tab, endless):
    process = reading(tab, server[1].pid, endless)
    tab.drop("data_upload", "few.csv", FEW)
    assert ends(server[1].pid, process)
    tab.until(lambda: tab.says("few"))
    assert tab.says("40")


def test_a_worker_ends_when_its_visitor_cancels_and_what_was_there_stays(server, tab, endless):
    process = reading(tab, server[1].pid, endless)
    tab.listen(lambda: tab.has("reading_cancel"))
    tab.send(tab.pressed("reading_cancel"))
    assert ends(server[1].pid, process)
    tab.listen()
    tab.run()
    assert tab.says("300")
    assert not workers(server[1].pid)


def test_a_worker_ends_when_its_visitor_has_closed_the_tab(server, endless):
    tab = Visitor(server[0])
    process = reading(tab, server[1].pid, endless)
    tab.close()
    assert until(lambda: not (workers(server[1].pid) & process), 2 + SECONDS)


def test_a_click_elsewhere_does_not_begin_to_read_again(server, tab, endless):
    process = reading(tab, server[1].pid, endless)
    tab.listen(lambda: tab.has("reading_cancel"))
    tab.leave_for("prepare")
    time.sleep(1.5)
    assert workers(server[1].pid) == process


def test_uploads_that_wait_are_deleted_with_the_data(tab):
    for _ in range(UPLOADS_WAITING):
        tab.put("c.csv", FEW)
    with pytest.raises(RuntimeError, match="503"):
        tab.put("c.csv", FEW)
    tab.click("delete_data")
    for _ in range(UPLOADS_WAITING):
        tab.put("c.csv", FEW)


def test_a_download_built_on_a_click_is_there_though_others_use_the_server_before_it_is_fetched(server, tab):
    for page, shown in (("choose", "choose_k"), ("segments", "segments_pick"), ("export", "export_customers-csv")):
        tab.go(page)
        tab.until(lambda shown=shown: tab.has(shown))
    url = tab.address_of("export_customers-csv_download")
    other = Visitor(server[0])
    for _ in range(3):
        other.run()
    other.close()
    assert tab.fetch(url).count(b"\n") == 301


def test_leaving_ends_reading_and_building_and_nothing_is_an_error(endless):
    def read(*_):
        return read_cells(endless, "endless", ReadOptions())

    def build(progress, _):
        while True:
            progress(0.5, "at it")
            time.sleep(0.01)

    mine = Session()
    jobs = Job("reading", "a file", read, scheduler=READERS), Job("export_excel", None, build)
    mine.jobs.start_reading(jobs[0])
    mine.jobs.start_building(jobs[1])
    time.sleep(0.5)
    assert all(job.running for job in jobs)
    mine.leave()
    assert [type(job.wait(SECONDS)) for job in jobs] == [Cancelled, Cancelled]
    assert (mine.jobs.reading, mine.jobs.building) == (None, None)

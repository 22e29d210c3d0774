"""What a visitor leaves behind ends with them, and not before they could have come back."""

import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from segmenter.progress import Cancelled
from segmenter.ui.jobs import Job
from segmenter.ui.state import Session, TableRead
from segmenter.ui.uploads import Visitors

ROOT = Path(__file__).parents[2]


class LeftBehind:
    def __init__(self):
        self.attended, self.left = True, False

    def attend(self, *, attended):
        self.attended = attended

    def leave(self):
        self.left = True


class House:
    """Visitors by a clock that the test moves, with connections that it opens and closes."""

    def __init__(self):
        self.now, self.connected, self.closed, self.tidied = 0.0, set(), [], 0
        self.collected = []
        self.refuse_to_close = False
        self.visitors = Visitors(
            self.connected.__contains__,
            self.close,
            lambda: 45.0,
            lambda: self.now,
            self.count_tidying,
            lambda: self.collected.append(self.now),
        )

    def close(self, identifier, end):
        if not self.refuse_to_close:
            self.closed.append(identifier)
            end()

    def count_tidying(self):
        self.tidied += 1

    def arrive(self, identifier):
        left_behind = LeftBehind()
        self.connected.add(identifier)
        self.visitors.welcome(identifier, left_behind)
        return left_behind

    def pass_seconds(self, seconds):
        for _ in range(seconds):
            self.now += 1
            self.visitors.look()


@pytest.fixture
def house():
    return House()


def test_who_is_connected_stays_for_as_long_as_they_like(house):
    left_behind = house.arrive("a")
    house.pass_seconds(10_000)
    assert (left_behind.attended, left_behind.left) == (True, False)


def test_the_work_of_a_closed_tab_lets_others_pass_at_once_and_ends_within_five_seconds_of_the_reconnect_time(house):
    gone, stays = house.arrive("a"), house.arrive("b")
    house.connected.remove("a")
    house.pass_seconds(1)
    assert not gone.attended
    house.pass_seconds(44)
    assert not gone.left
    house.pass_seconds(5)
    assert gone.left
    assert house.closed == ["a"]
    assert not stays.left


def test_who_comes_back_in_time_finds_everything_and_may_be_away_as_long_again(house):
    left_behind = house.arrive("a")
    for _ in range(3):
        house.connected.remove("a")
        house.pass_seconds(40)
        house.connected.add("a")
        house.pass_seconds(1)
        assert left_behind.attended
    assert not left_behind.left


def test_who_comes_back_at_the_last_moment_loses_nothing(house):
    left_behind = house.arrive("a")
    house.connected.remove("a")
    house.refuse_to_close = True  # as the server does for a session that is connected again by then
    house.pass_seconds(47)
    house.connected.add("a")
    house.refuse_to_close = False
    house.pass_seconds(40)
    assert not left_behind.left
    house.connected.remove("a")
    house.pass_seconds(47)
    assert left_behind.left


def test_memory_is_given_back_after_somebody_has_left(house):
    house.arrive("a")
    house.connected.remove("a")
    house.pass_seconds(46)
    assert house.tidied == 0
    house.pass_seconds(5)
    assert house.tidied == 1
    house.pass_seconds(100)
    assert house.tidied == 2


def test_what_pages_leave_behind_is_collected_now_and_then_and_only_while_somebody_is_there(house):
    house.pass_seconds(100)
    assert house.collected == []
    house.arrive("a")
    house.pass_seconds(100)
    assert 3 <= len(house.collected) <= 4
    assert min(np.diff(house.collected)) >= 30


def test_no_run_of_a_page_stops_all_visitors_to_collect_what_it_left():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["runner"]["postScriptGC"] is False


def test_a_session_that_began_anew_is_the_one_that_is_looked_after(house):
    before, after = house.arrive("a"), house.arrive("a")
    house.connected.remove("a")
    house.pass_seconds(50)
    assert (before.left, after.left) == (False, True)


def test_leaving_ends_the_work_and_forgets_everything():
    def for_ever(progress, _):
        while True:
            progress(0.5, "at it")
            time.sleep(0.01)

    session, job = Session(file=TableRead(source=b"customers"), n_segments=4), Job("choose", None, for_ever)
    session.jobs.start_job(job)
    session.leave()
    assert isinstance(job.wait(30), Cancelled)
    assert (session.file.source, session.n_segments, session.jobs.job) == (b"", None, None)

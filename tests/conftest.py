"""What every test may ask for."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

# Idle threads of compiled loops and matrix products sleep instead of spinning: tests in other processes have the
# processors meanwhile. The libraries read this when they are loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
# What is compiled is kept, also where the environment has it otherwise: every process that tests start would compile
# the product anew, and every run the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from segmenter.threads import n_threads
from tests.worker.here import work_here

sys.dont_write_bytecode = False

# The same examples in every run, so that a change is judged by what it changes; HYPOTHESIS_PROFILE=random
# draws new ones.
settings.register_profile(
    "same", max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
settings.register_profile("random", settings.get_profile("same"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_xdist_auto_num_workers() -> int:
    """Take one worker more than processors: those that wait for a browser, a database or a server leave theirs idle."""
    return n_threads() + 1


# These take longest, for all that they work or wait, those that take longest of all first: begun last, one would keep a
# worker while the others have nothing left.
_LONG = (
    "tests/browser/",
    "tests/engines/test_spark.py",
    "tests/cli/test_every_method.py",
    "tests/io/read/test_d",
    "tests/worker/",
    "tests/choose/test_k.py",
    "tests/classification/test_known_segments_file.py",
    "tests/io/",
    "tests/engines/",
    "tests/test_public_names.py",
    "tests/test_patterns.py",
    "tests/ui/",
    "tests/cli/",
    "tests/choose/",
    "tests/classification/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: next((at for at, long in enumerate(_LONG) if item.nodeid.startswith(long)), len(_LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a file's tests to one worker, so that what they share is made once; so do all that need a browser."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)

    return ByFile(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder with real customer files is not beside this project")
    return folder


@pytest.fixture(scope="session")
def make_customers() -> Callable[..., pd.DataFrame]:
    """Return a maker of made-up customers: three groups in income and spend, and columns that tell nothing."""

    def make(n: int = 150, seed: int = 0) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        group = np.sort(random.choice(3, n, p=[0.5, 0.3, 0.2]))
        return pd.DataFrame(
            {
                "customer_id": [f"C{number:05d}" for number in range(n)],
                "income": (np.array([20.0, 60.0, 100.0])[group] + random.normal(0, 3, n)).round(2),
                "spend": (np.array([10.0, 90.0, 30.0])[group] + random.normal(0, 3, n)).round(2),
                "visits": random.integers(1, 20, n),
                "city": random.choice(["Oslo", "Rome", "Paris"], n),
            }
        )

    return make


@pytest.fixture
def without_workers(monkeypatch):
    """Have this process do what workers do, where what is read is the question and not who reads it."""
    work_here(monkeypatch)


class Downloads(dict):
    """The downloads that pages have offered: key → (label, data or what makes it, file name, what a click calls)."""

    def content(self, key):
        """Return what a click on a download hands over."""
        data = self[key][1]
        return data() if callable(data) else data

    def name(self, key):
        return self[key][2]


@pytest.fixture
def offered(monkeypatch):
    """Watch what pages offer to download; the test framework itself does not say."""
    import streamlit as st
    from streamlit.delta_generator import DeltaGenerator

    taken = Downloads()

    def spy(self, label, data, file_name, *more, **options):
        taken[options.get("key")] = (label, data, file_name, options.get("on_click"))
        return original(self, label, data, file_name, *more, **options)

    original = DeltaGenerator.download_button
    monkeypatch.setattr(DeltaGenerator, "download_button", spy)
    monkeypatch.setattr(st, "download_button", lambda *args, **options: spy(st._main, *args, **options))
    return taken

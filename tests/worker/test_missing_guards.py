"""The main job runs, and says what it lacks, on systems that have not what Linux has."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from segmenter.worker.processes import can_fork

# What macOS, Windows or both do not have; a module's name alone takes the whole module away. Without any one of the
# first, reading starts a new Python in place of a forked one.
FORKING = (
    "os.fork",
    "os.memfd_create",
    "socket.AF_UNIX",
    "socket.SOCK_SEQPACKET",
    "socket.send_fds",
    "socket.recv_fds",
    "select.poll",
)
LIMITING = ("resource",)
OTHERS = (
    "/proc",
    "os.sched_getaffinity",
    "os.pread",
    "os.sysconf",
    "select.select",
    "signal.SIGALRM",
    "signal.alarm",
    "mmap.MAP_POPULATE",
)
MISSING = (*FORKING, *LIMITING, *OTHERS)
# Runs before anything else in every Python of this environment, in workers too.
CUSTOMIZE = """
import builtins, importlib, io, json, pathlib, selectors, sys

try:  # built for this system, it takes for granted what another system's own build does without
    import psutil
except ImportError:
    pass
for name in json.loads(pathlib.Path(__file__).with_name("missing.json").read_text()):
    module, _, attribute = name.partition(".")
    if attribute:
        vars(importlib.import_module(module)).pop(attribute, None)
    elif module == "/proc":
        def without_proc(path, *rest, _open=io.open, **options):
            if str(path).startswith("/proc/self/statm"):
                raise FileNotFoundError(path)
            return _open(path, *rest, **options)
        builtins.open = io.open = without_proc
    else:
        sys.modules[module] = None
"""
READ = """
import json
from segmenter.cli import main
from segmenter.io.read import stop
from segmenter.worker import missing_protections
from segmenter.worker.processes import can_fork

with open("customers.csv", "w") as table:
    table.write("customer_id,income\\n" + "".join(f"C{at:04d},{at * 7 % 40}\\n" for at in range(120)))
ended = main(["describe", "customers.csv"])
stop()
print(json.dumps({"ended": [ended], "forks": can_fork(), "missing": missing_protections()}))
"""
JOB = """
import json, pathlib, pickle, sys
import numpy as np, pandas as pd
from sklearn.cluster import KMeans
from segmenter.cli import main
from segmenter.io.read import stop
from segmenter.threads import n_threads
from segmenter.worker import missing_protections

random = np.random.default_rng(0)
group = np.repeat([0, 1], 60)
frame = pd.DataFrame({
    "customer_id": [f"C{at:04d}" for at in range(120)],
    "income": (np.array([20.0, 80.0])[group] + random.normal(0, 2, 120)).round(2),
    "spend": (np.array([70.0, 10.0])[group] + random.normal(0, 2, 120)).round(2),
    "visits": (visits := random.integers(1, 20, 120)),
    "tier": np.array(["gold", "silver"])[(visits + random.normal(0, 3, 120) > 10).astype(int)],
})
frame.to_csv("customers.csv", index=False)
model = KMeans(2, n_init=1, random_state=0).fit(frame[["income", "spend"]].to_numpy())
pathlib.Path("old.pkl").write_bytes(pickle.dumps(model))
columns = ["--columns", "income,spend"]
quick = "--classifier decision-tree --compete decision-tree --no-tuning --folds 2".split()
ended = [
    main(["describe", "customers.csv"]),
    main(["segment", "customers.csv", *columns, "--segments", "2", "--out", "result"]),
    main(["assign", "result/model.segmodel.json", "customers.csv", "--out", "placed"]),
    main(["convert-model", "old.pkl", *columns, "--fitted-on", "customers.csv", "--out", "old.segmodel.json"]),
]
if "learn" in sys.argv:
    ended += [
        main(["choose", "customers.csv", *columns]),
        main(["learn", "customers.csv", "--target", "tier", "--columns", "visits,income", *quick, "--out", "tiers"]),
        main(["classify", "tiers", "customers.csv", "--out", "told"]),
    ]
stop()
segments = pd.read_csv("result/customers.csv")["segment"].to_numpy()
placed = pd.read_csv("placed/customers.csv")["segment"].to_numpy()
print(json.dumps({
    "ended": ended,
    "segments": len({*zip(group.tolist(), segments.tolist())}),
    "placed_alike": bool((segments == placed).all()),
    "threads": n_threads(),
    "missing": missing_protections(),
}))
"""


@pytest.fixture(scope="module")
def python_without(tmp_path_factory):
    """Return a maker of environments whose every Python lacks something."""

    def make(*missing):
        folder = tmp_path_factory.mktemp("python")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        found = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        )
        packages = Path(found.stdout.strip())
        # Not a sitecustomize: some systems bring one of their own, which would come first.
        (packages / "ours.pth").write_text(
            f"{sysconfig.get_path('purelib')}\nimport without_guards\n", encoding="utf-8"
        )
        (packages / "without_guards.py").write_text(CUSTOMIZE, encoding="utf-8")
        (packages / "missing.json").write_text(json.dumps(missing), encoding="utf-8")
        return python

    return make


def run(job, python, folder, *what):
    root = Path(__file__).resolve().parents[2]
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    environment["PYTHONPATH"] = str(root)
    ran = subprocess.run(
        [python, "-c", job, *what], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ran.stderr, ran.stderr[-2000:]
    said = json.loads(ran.stdout.splitlines()[-1])
    assert set(said["ended"]) == {0}, ran.stderr
    assert all(each in ran.stderr for each in said["missing"])
    return said, ran.stderr


def main_job(python, folder, *what):
    said, stderr = run(JOB, python, folder, *what)
    assert said["segments"] == 2
    assert said["placed_alike"]
    assert said["threads"] >= 1
    return said, stderr


@pytest.mark.parametrize("name", FORKING)
def test_nothing_is_forked_without(monkeypatch, name):
    monkeypatch.delattr(name)
    assert not can_fork()


def test_reading_takes_another_way_without_what_forking_needs(python_without, tmp_path):
    said, _ = run(READ, python_without(*FORKING), tmp_path)
    assert not said["forks"]
    if sys.platform == "linux":
        assert said["missing"] == []


@pytest.mark.parametrize("names", [LIMITING, OTHERS], ids=["limits", "others"])
def test_the_main_job_runs_without(python_without, tmp_path, names):
    said, _ = main_job(python_without(*names), tmp_path)
    lost = len(said["missing"]) if sys.platform != "linux" else 4 if names is LIMITING else 0
    assert len(said["missing"]) == lost


def test_the_main_job_and_classifiers_run_without_all_of_it(python_without, tmp_path):
    said, stderr = main_job(python_without(*MISSING), tmp_path, "learn")
    assert "the memory that reading a file may take" in said["missing"][0]
    # Said once, however many commands a process runs.
    assert stderr.count(said["missing"][0]) == 1


def test_a_system_that_has_everything_says_nothing(python_without, tmp_path):
    said, _ = run(READ, python_without(), tmp_path)
    if sys.platform == "linux":
        assert (said["missing"], said["forks"]) == ([], True)

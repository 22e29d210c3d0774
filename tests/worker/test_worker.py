"""Work in a limited worker: ended by the clock, by whoever leaves, and without harm to what was checked."""

import mmap
import os
import threading
import time

import numpy as np
import pandas as pd
import pytest

from segmenter import errors, read_purchases, read_table
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_cells
from segmenter.progress import Cancelled
from segmenter.purchases.customers import RowType
from segmenter.table.columns import build_dataset
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer import in_worker
from segmenter.table.infer.in_worker import Cells
from segmenter.threads import n_threads
from segmenter.worker import processes
from segmenter.worker.channel import MemoryFile, mapped
from segmenter.worker.client import Cancellation
from segmenter.worker.limits import Limits


@pytest.fixture(params=["forked", "spawned"])
def start(request, monkeypatch):
    """Have workers started in each of the two ways."""
    if request.param == "spawned":
        for module in ("processes", "client"):
            monkeypatch.setattr(f"segmenter.worker.{module}.can_fork", lambda: False)
    elif not processes.can_fork():
        pytest.skip("nothing can be forked here")
    return request.param


TABLES = {
    "plain": "id,age,spend,plan,joined\n"
    + "".join(f"C{at},{20 + at},{at * 1.5},{'ab'[at % 2]},2024-01-{1 + at:02d}\n" for at in range(25)),
    "gaps": "a,b,c\n"
    + "".join(f"{at or ''},{'n/a' if at % 5 else 'x'},{'yes' if at % 2 else 'no'}\n" for at in range(25)),
    "comma": "a;b\n" + "".join(f"{at},5;€ {at},25\n" for at in range(25)),
    "blank": "a,b\n" + ",x\n" * 25,
    "repeated names": "a,a,\n" + "1,2,3\n2,3,4\n" * 5,
}


@pytest.mark.parametrize("name", TABLES)
def test_what_a_worker_infers_is_what_this_process_would(start, name):
    read = read_table(TABLES[name].encode())
    cells = read.original.set_axis([column.header for column in read.columns], axis=1)
    here = build_dataset(cells, read.name, fingerprint=read.fingerprint, dialect=read.dialect)
    assert read.columns == here.columns
    assert read.notes[-len(here.notes) :] == here.notes if here.notes else True
    pd.testing.assert_frame_equal(read.frame, here.frame)


def test_no_cell_of_a_file_is_judged_in_this_process(start, monkeypatch, tmp_path):
    def never(*_, **__):
        raise AssertionError

    lines = "customer,date,amount,shop\n" + "".join(
        f"C{at % 7},2024-01-{1 + at % 28:02d},{at}.5,S{at % 3}\n" for at in range(80)
    )
    (tmp_path / "lines.csv").write_text(lines)
    monkeypatch.setattr("segmenter.table.columns._understand_all", never)
    cells = read_cells(TABLES["plain"].encode(), "t", ReadOptions())
    assert cells.understood(ReadOptions()).n_customers == 25
    assert cells.understood(ReadOptions(decimal=","), {"age": ColumnKind.CODE}).n_customers == 25
    assert read_purchases(tmp_path / "lines.csv", meaning=RowType.TRANSACTIONS).n_customers == 7


def test_a_kind_that_the_user_names_is_inferred_from_the_cells_that_were_read(start):
    cells = read_cells(TABLES["plain"].encode(), "t", ReadOptions())
    assert cells.understood(ReadOptions()).column("age").kind is ColumnKind.NUMBER
    changed = cells.understood(ReadOptions(), {"age": ColumnKind.CATEGORY})
    assert changed.column("age").kind is ColumnKind.CATEGORY
    assert cells.understood(ReadOptions()).frame["age"].tolist() == list(map(float, range(20, 45)))


def test_values_of_every_type_come_back(start):
    frame = pd.DataFrame(
        {
            "n": [1.5, np.nan, 3.0],
            "i": [1, 2, 3],
            "when": pd.to_datetime(["2024-01-01 00:00", None, "2024-03-01 12:00"]),
            "word": pd.array(["x", None, "z"], dtype="str"),
            "flag": [True, False, True],
        }
    )
    found = Cells.of(frame).inferred(in_worker.WordOnColumns())
    here = in_worker.infer_columns(frame, in_worker.WordOnColumns())
    assert found.columns == here.columns
    for ours, theirs in zip(found.values, here.values, strict=True):
        pd.testing.assert_series_equal(ours, theirs, check_names=False)


def test_inferring_too_long_is_said_as_reading_too_long(start, monkeypatch):
    cells = read_cells(TABLES["plain"].encode(), "t", ReadOptions())
    monkeypatch.setattr(in_worker, "reading_limits", lambda size: Limits(20, 0, 2_000_000_000, 1_000_000))
    with pytest.raises(errors.ReadingTooLongError, match="took longer"):
        cells.understood(ReadOptions(), {"age": ColumnKind.CODE})


def test_inferring_that_fails_is_said_as_reading_that_fails(start, monkeypatch):
    cells = read_cells(TABLES["plain"].encode(), "t", ReadOptions())
    monkeypatch.setattr(in_worker, "reading_limits", lambda size: Limits(20, 20, 2_000_000_000, 10))
    if start == "spawned":
        pytest.skip("an answer over a pipe writes no file")
    with pytest.raises(errors.ReadingTooMuchMemoryError):
        cells.understood(ReadOptions(), {"age": ColumnKind.CODE})


def test_a_worker_is_ended_when_its_visitor_leaves(start):
    leaving, found = Cancellation(), []

    def keep():
        with leaving:
            try:
                while True:
                    read_table(TABLES["plain"].encode())
            except Cancelled:
                found.append("cancelled")

    visitor = threading.Thread(target=keep)
    visitor.start()
    time.sleep(0.5)
    leaving.cancel()
    visitor.join(20)
    assert found == ["cancelled"]
    with leaving, pytest.raises(Cancelled):
        read_table(TABLES["plain"].encode())
    assert read_table(TABLES["plain"].encode()).n_customers == 25


def test_nothing_of_the_environment_reaches_a_worker(monkeypatch):
    monkeypatch.setenv("SEGMENTER_DATABASE", "postgresql://reader:secret@db/shop")
    assert "secret" not in str(processes._environment())


def test_what_was_handed_over_can_no_longer_be_changed():
    file = MemoryFile.shared(b"checked")
    if file.descriptor is None:
        pytest.skip("no files in memory here")
    file.seal()
    with pytest.raises(PermissionError):
        os.write(file.descriptor, b"x")
    with pytest.raises(PermissionError):
        os.ftruncate(file.descriptor, 0)
    assert bytes(file.view()) == b"checked"


def test_a_file_is_mapped_also_where_only_windows_ways_are_there(monkeypatch, tmp_path):
    (tmp_path / "f").write_bytes(b"cells")
    monkeypatch.delattr(mmap, "PROT_READ")
    with (tmp_path / "f").open("rb") as file:
        assert bytes(mapped(file.fileno())) == b"cells"


@pytest.mark.parametrize(("said", "threads"), [("3", 3), ("2,1", 2), ("0", None), ("many", None), ("", None)])
def test_threads_are_what_the_environment_allows_or_all_cores(monkeypatch, said, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert n_threads() == (threads or n_threads()) >= 1
    if threads is None:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
        monkeypatch.delattr(os, "process_cpu_count", raising=False)
        assert n_threads() == os.cpu_count()

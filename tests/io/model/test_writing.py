"""Nothing is cut off, lost or overwritten, whoever writes beside and whatever interrupts."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from segmenter.cli.output import write_files
from segmenter.errors.models import UnsavedModelError, UnwritableFolderError
from segmenter.io import writing
from segmenter.io.model.folder import SUFFIX, keep, list_models
from segmenter.io.writing import LOCK, locked_folder, write_atomically, write_together
from tests.io.model import saving


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def saved(folder, text="one"):
    content = text.encode()
    return keep(folder, content, saving.draft("Model", content), SUFFIX)


# --- files ------------------------------------------------------------------------------------------------------


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(tmp_path, monkeypatch):
    write_files(tmp_path, {"customers.csv": b"old\n", "run.json": b"{}"})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnwritableFolderError, match="No space left on device"):
        write_files(tmp_path, {"customers.csv": b"new\n" * 1000, "segments.csv": b"x"})
    assert names(tmp_path) == ["customers.csv", "run.json"]
    assert (tmp_path / "customers.csv").read_bytes() == b"old\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_real_limit_on_the_disk_cuts_nothing_off(tmp_path):
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from segmenter.cli.output import write_files\n"
        "from segmenter.errors import UnwritableFolderError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: write_files(Path(sys.argv[1]), {'segments.csv': b's', 'customers.csv': b'c' * 100_000})\n"
        "except UnwritableFolderError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert "could not be written: File too large" in ran.stdout
    assert names(tmp_path) == []


def test_files_take_their_names_only_when_all_are_complete(tmp_path, monkeypatch):
    write_together({tmp_path / "a": b"old", tmp_path / "b": b"old"})
    (tmp_path / "c").mkdir()
    with pytest.raises(IsADirectoryError):
        write_together({tmp_path / "a": b"new", tmp_path / "b": b"new", tmp_path / "c": b"new"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"old"
    assert names(tmp_path) == ["a", "b", "c"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")
def test_a_file_keeps_its_permissions_and_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    write_atomically(real, b"1")
    assert stat.S_IMODE(real.stat().st_mode) == 0o666 & ~_umask()
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, b"2")
    assert link.is_symlink()
    assert real.read_bytes() == b"2"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with names are POSIX's")
def test_a_pipe_is_written_to_and_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"through")
    reader.join(10)
    assert read == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


# --- several processes ------------------------------------------------------------------------------------------


def test_processes_that_save_at_once_lose_nothing(tmp_path):
    folder, done = tmp_path / "models", tmp_path / "done"
    saving.save_beside(folder, done, n_processes=3, n_saves=15)
    found = list_models(folder)
    assert saving.names(found) == set(saving.noted(done))
    assert len(found.models) == len({entry.title for entry in found.models}) == 45
    assert not found.refused
    assert not found.ignored


@pytest.mark.parametrize("file", ["", saving.FIXED])
def test_a_save_that_is_killed_loses_nothing_and_leaves_nothing(tmp_path, file):
    folder, done = tmp_path / "models", tmp_path / "done"
    assert saving.save_and_kill(folder, done, 8, file) >= 6
    found = list_models(folder)
    assert not found.refused
    assert set(saving.noted(done)) <= saving.names(found)
    saved(folder, "after")
    assert not list(folder.glob(".saving-*"))
    assert "after" in {(folder / entry.file).read_text() for entry in list_models(folder).models}


def test_only_what_an_interrupted_save_left_is_removed(tmp_path):
    mine, others = tmp_path / ".saving-0123456789abcdef.tmp", tmp_path / "notes.tmp"
    for path in (mine, others):
        path.write_bytes(b"x")
    saved(tmp_path)
    assert not mine.exists()
    assert others.exists()


def test_a_save_that_waits_too_long_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "LOCK_SECONDS", 0.2)
    with locked_folder(tmp_path), pytest.raises(UnsavedModelError, match="another save into its folder"):
        saved(tmp_path)
    assert saved(tmp_path).title == "Model"


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / LOCK).symlink_to(elsewhere)
    with pytest.raises(UnsavedModelError):
        saved(folder)
    assert not elsewhere.exists()

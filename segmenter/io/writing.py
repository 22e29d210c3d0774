"""Writing files so that a name never stands for half of one, whatever interrupts it and whoever writes beside."""

import io
import json
import math
import os
import secrets
import struct
import time
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Final

from filelock import FileLock
from isal import isal_zlib

from segmenter.threads import n_threads

LOCK: Final = ".lock"
# A save takes milliseconds; whoever holds the lock for so long hangs.
LOCK_SECONDS: Final = 60.0
# No clock is asked; the format knows no earlier day.
_NO_DAY: Final = (1980, 1, 1, 0, 0, 0)
# Tables compress well at once; more effort saves a tenth and takes three times as long.
_EFFORT: Final = 1
# Files of fewer bytes in all are packed before threads have begun.
_WORTH_THREADS: Final = 1_000_000
# From so many bytes on, Intel's packer is five times as fast as zlib, twice for hashes, and packs as well. Small files
# are packed by what every Python has.
_LARGE: Final = 65_536
_TEMPORARY: Final = ".tmp"
_SAVING: Final = ".saving-"
# On Windows a file that somebody is reading cannot be replaced at that moment.
_PAUSES: Final = (0.01, 0.05, 0.2, 0.5, 1.0) if os.name == "nt" else ()


def json_text(record: object) -> str:
    """Return plain values as the JSON of `--json` and of every downloaded record.

    A number that JSON has no word for, NaN or infinite, is null: whoever reads the text may be a strict parser.

    Parameters
    ----------
    record
        Mappings, sequences, texts, numbers (NumPy's too), dates, enumerations and dataclasses, nested at will.
    """
    return json.dumps(_plain(record), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        return _plain(value.tolist())
    if isinstance(value, Collection):
        return [_plain(each) for each in value]
    message = f"{type(value).__name__} has no JSON"
    raise TypeError(message)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as one zip, whose bytes tell no day: the same whenever it is made.

    Another kind of processor may pack large files in other bytes; what comes out of the zip is the same everywhere.

    Parameters
    ----------
    files
        Content by name, in the order in which they stand in the zip.
    """
    size = sum(map(len, files.values()))
    if size > zipfile.ZIP64_LIMIT or len(files) > zipfile.ZIP_FILECOUNT_LIMIT:
        return _zipped_one_by_one(files)
    with ThreadPoolExecutor(n_threads() if size > _WORTH_THREADS else 1) as pool:
        packed = list(pool.map(_deflated, files.values()))
    parts, directory, offset = [], [], 0
    for (name, content), data in zip(files.items(), packed, strict=True):
        entry = _entry(name)
        entry.CRC, entry.file_size, entry.compress_size = zlib.crc32(content), len(content), len(data)
        header = entry.FileHeader()
        parts += [header, data]
        # What the header says after its mark, then where the file stands (APPNOTE.TXT 4.3.12).
        directory.append(b"PK\x01\x02\x14\x03" + header[4:28])
        directory.append(struct.pack("<HHHHII", 0, 0, 0, 0, entry.external_attr, offset))
        directory.append(header[30:])
        offset += len(header) + len(data)
    listed = b"".join(directory)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(files), len(files), len(listed), offset, 0)
    return b"".join([*parts, listed, end])


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_DAY)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
    return entry


def _zipped_one_by_one(files: Mapping[str, bytes]) -> bytes:
    """Return a zip whose sizes and offsets may be those of ZIP64."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(_entry(name), content, compresslevel=_EFFORT)
    return target.getvalue()


def _deflated(content: bytes) -> bytes:
    """Return the raw DEFLATE stream of a file."""
    if len(content) < _LARGE:
        packer = zlib.compressobj(_EFFORT, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(content) + packer.flush()
    quick = isal_zlib.compressobj(_EFFORT, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    return quick.compress(content) + quick.flush()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that its name stands for the old content or for all of the new.

    Raises
    ------
    OSError
        If it cannot be written, the disk being full for one; the old content is still there then.
    """
    write_together({path: content})


def write_together(files: Mapping[Path, bytes], *, locked: bool = False) -> None:
    """Write several files: none takes its name before all are complete on the disk.

    A link is followed, and what is no file, such as /dev/stdout, is written to as it stands.

    Parameters
    ----------
    files
        Contents by path.
    locked
        Whether the caller holds the lock of the files' folder, so that whoever holds it next may remove what
        an interrupted writing leaves.

    Raises
    ------
    OSError
        If one cannot be written. None is then replaced, except where renaming itself fails.
    """
    complete: dict[Path, Path] = {}
    try:
        for named, content in files.items():
            path = named.resolve() if named.is_symlink() else named
            if path.is_dir():
                raise IsADirectoryError(21, "a folder of that name is there", str(path))
            if path.exists() and not path.is_file():
                path.write_bytes(content)
                continue
            temporary = path.with_name(f"{_SAVING if locked else '.'}{secrets.token_hex(8)}{_TEMPORARY}")
            complete[temporary] = path
            _write(temporary, content)
            if path.exists():
                # Who may read it stays as it was.
                temporary.chmod(path.stat().st_mode & 0o777)
        for temporary, path in complete.items():
            _rename(temporary, path)
    except BaseException:
        for temporary in complete:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise
    for folder in {path.parent for path in complete.values()}:
        _settle(folder)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time write into a folder, and remove what interrupted ones left.

    The lock is the operating system's and ends with the process that holds it, however that ends. Between
    machines it holds where their shared file system has such locks, as NFS and SMB have.

    Raises
    ------
    TimeoutError
        If somebody else holds the lock for longer than a minute.
    OSError
        If the folder cannot be written to.
    """
    with FileLock(folder / LOCK, timeout=LOCK_SECONDS):
        for path in folder.glob(f"{_SAVING}*{_TEMPORARY}"):
            # These names are given under this lock only, so that whoever began it is gone.
            with suppress(OSError):
                path.unlink()
        yield


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _rename(temporary: Path, path: Path) -> None:
    for pause in _PAUSES:
        try:
            temporary.replace(path)
            return
        except PermissionError:
            time.sleep(pause)
    temporary.replace(path)


def _settle(folder: Path) -> None:
    """Make names last through a power cut, where the system lets a folder be written out."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

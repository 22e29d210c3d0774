"""The manifest of a folder of models."""

import json
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from segmenter.errors.models import DamagedManifestError

MANIFEST: Final = "MANIFEST.json"
SEGMENTATION: Final = "segmentation"
MOST_BYTES: Final = 20_000_000
_LONGEST_TEXT: Final = 1_000
_LONGEST_FILE: Final = 255
_LARGEST: Final = 10**15
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class ModelEntry:
    """One line of the manifest: what a file is and what its content must be.

    `kind` is "segmentation" or "classifier"; of a classifier `k` is the number of segments that it tells.
    """

    file: str
    title: str
    sha256: str
    bytes: int
    algorithm: str
    k: int
    features: tuple[str, ...]
    made_with: str
    created: str
    licence: str
    origin: str
    load: bool = True
    kind: str = SEGMENTATION


@dataclass(frozen=True)
class Manifest:
    """The list of a folder's models.

    Attributes
    ----------
    entries
        What this version understands of its lines, in their order.
    plain
        The whole as it stands in the file, so that what a later version added is kept when a line joins.
    """

    entries: tuple[ModelEntry, ...] = ()
    plain: Mapping[str, object] = field(default_factory=dict)

    def with_entry(self, entry: ModelEntry, *, beside: bool = False) -> "Manifest":
        """Return a list that ends with this entry, in place of earlier ones of its file or `beside` them."""
        listed = self.plain.get("models", [])
        assert isinstance(listed, list)
        kept = [n for n, each in enumerate(self.entries) if beside or each.file != entry.file]
        lines = [*(listed[n] for n in kept), asdict(entry)]
        return Manifest((*(self.entries[n] for n in kept), entry), {**self.plain, "models": lines})

    def to_bytes(self) -> bytes:
        """Return the list as JSON.

        Raises
        ------
        ValueError, RecursionError
            If it holds what JSON cannot say.
        """
        return (json.dumps(self.plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def read_manifest(folder: Path) -> Manifest:
    """Return a folder's list of models; an empty one where there is none.

    Raises
    ------
    DamagedManifestError
        If it is not what this product writes. Nobody may replace it then: it may be all that is left of the list.
    """
    path = folder / MANIFEST
    try:
        if not os.path.lexists(path):
            return Manifest()
        if not path.is_file():
            raise DamagedManifestError("it is no file")
        if path.stat().st_size > MOST_BYTES:
            raise DamagedManifestError(f"it has more than {MOST_BYTES // 10**6} MB")
        # Editors on Windows begin a file with a byte order mark.
        text = path.read_bytes().decode("utf-8-sig")
        plain = json.loads(text, object_pairs_hook=_object, parse_constant=_number, parse_float=_number)
    except UnicodeDecodeError as error:
        raise DamagedManifestError("it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise DamagedManifestError("it is not JSON") from error
    except OSError as error:
        raise DamagedManifestError(f"it cannot be read: {error.strerror or 'no reason given'}") from error
    if not isinstance(plain, dict) or not isinstance(plain.get("models"), list):
        raise DamagedManifestError("it holds no list named models")
    manifest = Manifest(tuple(_entry(line, f"models[{n}]") for n, line in enumerate(plain["models"])), plain)
    try:
        manifest.to_bytes()
    except (ValueError, RecursionError) as error:
        raise DamagedManifestError("it holds what is no text") from error
    return manifest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _entry(line: object, place: str) -> ModelEntry:
    if not isinstance(line, dict):
        raise DamagedManifestError(f"{place} is not an object")
    values: dict[str, Any] = {}
    for each in fields(ModelEntry):
        if each.name in line:
            check = _CHECKS.get(each.name, _text)
            values[each.name] = check(line[each.name], f"{place}.{each.name}")
        elif each.default is MISSING:
            raise DamagedManifestError(f"{place}.{each.name} is missing")
    return ModelEntry(**values)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise DamagedManifestError(f"{place} is not a text of at most {_LONGEST_TEXT:,} letters")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise DamagedManifestError(f"{place} holds half a letter")
    return value


def _file(value: object, place: str) -> str:
    # A manifest may only name files of its own folder.
    name = Path(_text(value, place)).name
    if name in ("", "..") or len(name.encode()) > _LONGEST_FILE or _CONTROL.search(name):
        raise DamagedManifestError(f"{place} is not the name of a file")
    return name


def _sha256(value: object, place: str) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise DamagedManifestError(f"{place} is not a SHA-256 of 64 digits")
    return value.lower()


def _count(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise DamagedManifestError(f"{place} is not a count")
    return value


def _texts(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise DamagedManifestError(f"{place} is not a list")
    return tuple(_text(each, f"{place}[{n}]") for n, each in enumerate(value))


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise DamagedManifestError(f"{place} is neither true nor false")
    return value


_CHECKS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "file": _file,
    "sha256": _sha256,
    "bytes": _count,
    "k": _count,
    "features": _texts,
    "load": _flag,
}

"""Which saved models are there, and how does another one join them without ever leaving half a file?"""

import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from segmenter.core.segmentation import Segmentation
from segmenter.errors import ModelIntegrityError, SegmenterError, UnsavedModelError
from segmenter.store.format import APP_VERSION, MAX_BYTES, from_bytes, to_bytes

MODELS_FOLDER: Final = Path(os.environ.get("SEGMENTER_MODELS", Path(__file__).resolve().parents[2] / "models"))
MANIFEST: Final = "MANIFEST.json"
SUFFIX: Final = ".segmodel.json"
_TEMPORARY: Final = ".tmp"
_PICKLES: Final = (".pkl", ".pickle", ".joblib", ".sav")
# Two visitors who save at once must not overwrite each other's line in the manifest.
_SAVING = threading.Lock()


@dataclass(frozen=True)
class ModelEntry:
    """One line of the manifest: what a file is and what its content must be."""

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


@dataclass(frozen=True)
class RefusedModel:
    """A file that is not offered, and why, in a sentence."""

    file: str
    reason: str


@dataclass(frozen=True)
class ModelFolder:
    """What the models folder holds.

    Attributes
    ----------
    models
        Those that may be used, in the manifest's order.
    ignored
        Number of model files that the manifest does not name.
    pickles
        Pickled models that somebody put there; only the restricted reader opens them.
    """

    models: tuple[ModelEntry, ...]
    refused: tuple[RefusedModel, ...]
    ignored: int
    pickles: tuple[Path, ...]


def list_models(folder: Path) -> ModelFolder:
    """Return the models whose content is what the manifest says; the others with the reason."""
    if not folder.is_dir():
        return ModelFolder((), (), 0, ())
    entries, problems = _manifest(folder)
    models, refused = [], [RefusedModel(MANIFEST, text) for text in problems]
    for entry in entries:
        try:
            _verified(folder, entry)
        except SegmenterError as error:
            refused.append(RefusedModel(entry.file, str(error)))
        else:
            models.append(entry)
    named = {entry.file for entry in entries}
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return ModelFolder(
        models=tuple(entry for entry in models if entry.load),
        refused=tuple(refused),
        ignored=sum(path.name.endswith(SUFFIX) and path.name not in named for path in files),
        pickles=tuple(path for path in files if path.suffix.lower() in _PICKLES),
    )


def load_model(folder: Path, file: str) -> Segmentation:
    """Read a listed model, after checking its content once more.

    Raises
    ------
    ModelIntegrityError
        If the manifest does not name it or its content has changed.
    """
    entries, _ = _manifest(folder)
    entry = next((each for each in entries if each.file == file and each.load), None)
    if entry is None:
        raise ModelIntegrityError(file, "", "")
    return from_bytes(_verified(folder, entry))


def save_model(folder: Path, segmentation: Segmentation, title: str, *, origin: str = "saved in the app") -> ModelEntry:
    """Save a model beside the others; it never replaces one.

    The file is complete before its name appears, and it is listed only after that: whatever interrupts the
    saving leaves at most a file that is ignored.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to or the disk is full.
    """
    content = to_bytes(segmentation)
    digest = hashlib.sha256(content).hexdigest()
    with _SAVING:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder)
            entries, _ = _manifest(folder)
            free = _free_title(title, [entry.title for entry in entries])
            entry = ModelEntry(
                file=f"{_slug(free)}-{digest[:8]}{SUFFIX}",
                title=free,
                sha256=digest,
                bytes=len(content),
                algorithm=segmentation.recipe.algorithm,
                k=segmentation.n_segments,
                features=tuple(each.column for each in segmentation.preparation.columns_),
                made_with=f"segmenter {APP_VERSION}",
                created=datetime.now(UTC).date().isoformat(),
                licence="the owner's",
                origin=origin,
            )
            write_atomically(folder / entry.file, content)
            others = [each for each in entries if each.file != entry.file]
            write_atomically(folder / MANIFEST, _written([*others, entry]))
        except OSError as error:
            raise UnsavedModelError(error.strerror or "the folder cannot be written to") from error
    return entry


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for half of it."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        os.replace(name, path)  # noqa: PTH105 - the one call that is atomic by definition
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove what an interrupted saving left behind."""
    for path in folder.glob(f"*{_TEMPORARY}"):
        path.unlink(missing_ok=True)


def _manifest(folder: Path) -> tuple[list[ModelEntry], list[str]]:
    path = folder / MANIFEST
    if not path.is_file():
        return [], []
    try:
        lines = json.loads(path.read_text(encoding="utf-8"))["models"]
        return [_entry(line) for line in lines], []
    except (OSError, ValueError, KeyError, TypeError):
        return [], [
            "The list of models, MANIFEST.json, is damaged, so no saved model is offered. Restore it from a copy."
        ]


def _entry(line: Mapping[str, object]) -> ModelEntry:
    known = {field.name for field in fields(ModelEntry)}
    values = {key: value for key, value in line.items() if key in known}
    # A manifest may only name files of its own folder.
    values["file"] = Path(str(values["file"])).name
    return ModelEntry(**{**values, "features": tuple(values["features"])})  # type: ignore[arg-type]


def _verified(folder: Path, entry: ModelEntry) -> bytes:
    path = folder / entry.file
    content = path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_BYTES else b""
    found = hashlib.sha256(content).hexdigest()
    if found != entry.sha256:
        raise ModelIntegrityError(entry.title, entry.sha256, found)
    return content


def _written(entries: list[ModelEntry]) -> bytes:
    lines = {"models": [asdict(entry) for entry in entries]}
    return (json.dumps(lines, ensure_ascii=False, indent=2) + "\n").encode()


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "model"


def _free_title(title: str, taken: list[str]) -> str:
    wanted, count = title[:80], 1
    free = wanted
    while free in taken:
        count += 1
        free = f"{wanted} ({count})"
    return free

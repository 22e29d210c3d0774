"""Which saved models are there, and how does another one join them without ever leaving half a file?"""

import hashlib
import os
import re
import tempfile
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from segmenter.core.segmentation import Segmentation
from segmenter.errors import ModelIntegrityError, SegmenterError, UnsavedModelError
from segmenter.store.format import APP_VERSION, MAX_BYTES, from_bytes, to_bytes
from segmenter.store.manifest import MANIFEST, SEGMENTATION, ModelEntry, read_manifest, written_manifest

MODELS_FOLDER: Final = Path(os.environ.get("SEGMENTER_MODELS", Path(__file__).resolve().parents[2] / "models"))
SUFFIX: Final = ".segmodel.json"
_TEMPORARY: Final = ".tmp"
_PICKLES: Final = (".pkl", ".pickle", ".joblib", ".sav")
# Two visitors who save at once must not overwrite each other's line in the manifest.
_SAVING = threading.Lock()


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


def list_models(
    folder: Path, kind: str = SEGMENTATION, suffix: str = SUFFIX, most_bytes: int = MAX_BYTES
) -> ModelFolder:
    """Return the models of a kind whose content is what the manifest says; the others with the reason."""
    if not folder.is_dir():
        return ModelFolder((), (), 0, ())
    listed, problems = read_manifest(folder)
    entries = [entry for entry in listed if entry.kind == kind]
    models, refused = [], [RefusedModel(MANIFEST, text) for text in problems]
    for entry in entries:
        try:
            verified(folder, entry, most_bytes)
        except SegmenterError as error:
            refused.append(RefusedModel(entry.file, str(error)))
        else:
            models.append(entry)
    named = {entry.file for entry in listed}
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return ModelFolder(
        models=tuple(entry for entry in models if entry.load),
        refused=tuple(refused),
        ignored=sum(path.name.endswith(suffix) and path.name not in named for path in files),
        pickles=tuple(path for path in files if path.suffix.lower() in _PICKLES),
    )


def load_model(folder: Path, file: str) -> Segmentation:
    """Read a listed model, after checking its content once more.

    Raises
    ------
    ModelIntegrityError
        If the manifest does not name it or its content has changed.
    """
    return from_bytes(verified(folder, listed_entry(folder, file, SEGMENTATION)))


def listed_entry(folder: Path, file: str, kind: str) -> ModelEntry:
    """Return the manifest's line of a file that may be used.

    Raises
    ------
    ModelIntegrityError
        If there is none.
    """
    entries, _ = read_manifest(folder)
    entry = next((each for each in entries if each.file == file and each.kind == kind and each.load), None)
    if entry is None:
        raise ModelIntegrityError(file, "", "")
    return entry


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
    draft = ModelEntry(
        file="",
        title=title,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        algorithm=segmentation.recipe.algorithm,
        k=segmentation.n_segments,
        features=tuple(each.column for each in segmentation.preparation.columns_),
        made_with=f"segmenter {APP_VERSION}",
        created=datetime.now(UTC).date().isoformat(),
        licence="the owner's",
        origin=origin,
    )
    return keep(folder, content, draft, SUFFIX)


def keep(folder: Path, content: bytes, draft: ModelEntry, suffix: str) -> ModelEntry:
    """Write a file into a folder of models, then list it there; a draft without a file name is given a free one.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to or the disk is full.
    """
    with _SAVING:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder)
            entries, _ = read_manifest(folder)
            entry = draft if draft.file else _named(draft, entries, suffix)
            write_atomically(folder / entry.file, content)
            others = [each for each in entries if each.file != entry.file]
            write_atomically(folder / MANIFEST, written_manifest([*others, entry]))
        except OSError as error:
            raise UnsavedModelError(error.strerror or "the folder cannot be written to") from error
    return entry


def _named(draft: ModelEntry, entries: list[ModelEntry], suffix: str) -> ModelEntry:
    free = _free_title(draft.title, [entry.title for entry in entries])
    return replace(draft, title=free, file=f"{_slug(free)}-{draft.sha256[:8]}{suffix}")


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


def verified(folder: Path, entry: ModelEntry, most_bytes: int = MAX_BYTES) -> bytes:
    """Return a listed file's content, which is what the manifest says.

    Raises
    ------
    ModelIntegrityError
        If it is not.
    """
    path = folder / entry.file
    content = path.read_bytes() if path.is_file() and path.stat().st_size <= most_bytes else b""
    found = hashlib.sha256(content).hexdigest()
    if found != entry.sha256:
        raise ModelIntegrityError(entry.title, entry.sha256, found)
    return content


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "model"


def _free_title(title: str, taken: list[str]) -> str:
    wanted, count = title[:80], 1
    free = wanted
    while free in taken:
        count += 1
        free = f"{wanted} ({count})"
    return free

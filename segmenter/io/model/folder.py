"""The folder of saved models: list, load, and save without ever leaving half a file."""

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from segmenter.errors.models import DamagedManifestError, ModelIntegrityError, UnsavedModelError
from segmenter.io.model.format import APP_VERSION, MAX_BYTES, SUFFIX, from_bytes, to_bytes
from segmenter.io.model.pickled import PICKLES
from segmenter.io.writing import LOCK_SECONDS, locked_folder, write_together
from segmenter.segment.segmentation import Segmentation

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


_CHECKOUT: Final = Path(__file__).resolve().parents[3]
# A checkout's own folder; an installed package keeps its models where it is started.
_USUAL: Final = _CHECKOUT if (_CHECKOUT / "pyproject.toml").exists() else Path.cwd()
MODELS_FOLDER: Final = Path(os.environ.get("SEGMENTER_MODELS", _USUAL / "models"))
# Of a list full of models that are not there, so many are named.
MOST_REFUSED: Final = 50


_NO_NAME: Final = "A pickled model in models has a name that is no text and is not offered. Give it another name."


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
    try:
        files = sorted(path for path in folder.iterdir() if _is_file(path)) if folder.is_dir() else []
    except OSError as error:
        reason = f"The folder of models cannot be read: {error.strerror}. Ask whoever runs this app to allow it."
        return ModelFolder((), (RefusedModel(folder.name, reason),), 0, ())
    models: list[ModelEntry] = []
    refused: list[RefusedModel] = []
    try:
        listed = read_manifest(folder).entries
        models, changed = _vouched_for(folder, [entry for entry in listed if entry.kind == kind], most_bytes)
        if changed:
            # Whoever replaces a file between our two looks has changed the list before: it is looked at once more.
            again = [each for each in read_manifest(folder).entries if each.kind == kind and each.file in changed]
            found, changed = _vouched_for(folder, again, most_bytes)
            models += found
    except DamagedManifestError as error:
        listed, models, changed = (), [], {}
        refused.append(RefusedModel(MANIFEST, str(error)))
    refused += [RefusedModel(file, str(error)) for file, error in list(changed.items())[:MOST_REFUSED]]
    if len(changed) > MOST_REFUSED:
        reason = f"{len(changed) - MOST_REFUSED:,} more models of the list are not there or have changed."
        refused.append(RefusedModel(MANIFEST, reason))
    order = {entry.file: number for number, entry in enumerate(listed)}
    models.sort(key=lambda entry: order.get(entry.file, len(order)))
    pickles = [path for path in files if path.suffix.lower() in PICKLES]
    # A name that is no text can neither be shown nor chosen.
    unnamed = [path for path in pickles if not _is_text(path.name)]
    refused.extend(RefusedModel(str(path.name), _NO_NAME) for path in unnamed)
    named = {entry.file for entry in listed}
    return ModelFolder(
        models=tuple(entry for entry in models if entry.load),
        refused=tuple(refused),
        ignored=sum(path.name.endswith(suffix) and path.name not in named for path in files),
        pickles=tuple(path for path in pickles if path not in unnamed),
    )


def _vouched_for(
    folder: Path, listed: Iterable[ModelEntry], most_bytes: int
) -> tuple[list[ModelEntry], dict[str, ModelIntegrityError]]:
    """Return the lines whose files are what they say, and why the others are not, by file."""
    lines: dict[str, list[ModelEntry]] = {}
    for entry in listed:
        lines.setdefault(entry.file, []).append(entry)
    fitting, changed = [], {}
    for file, its in lines.items():
        found = _digest(_content(folder / file, most_bytes))
        line = next((each for each in its if each.sha256 == found), None)
        if line is None:
            changed[file] = ModelIntegrityError(its[-1].title, its[-1].sha256, found)
        else:
            fitting.append(line)
    return fitting, changed


def load_listed_model(folder: Path, file: str) -> Segmentation:
    """Read a listed model, after checking its content once more.

    Raises
    ------
    DamagedManifestError, ModelIntegrityError
        If the manifest is damaged, does not name it, or its content has changed.
    """
    entry, content = read_listed(folder, file, SEGMENTATION)
    if not entry.load:
        raise ModelIntegrityError(file, "", "")
    return from_bytes(content)


def read_listed(folder: Path, file: str, kind: str, most_bytes: int = MAX_BYTES) -> tuple[ModelEntry, bytes]:
    """Return the manifest's line of a file, and the file's content, which is what the line says.

    Raises
    ------
    DamagedManifestError, ModelIntegrityError
        If the manifest is damaged, does not name the file, or its content has changed; of an unnamed one nothing
        is `expected`.
    """
    # Whoever replaces a file between our two looks has changed the list before: it is looked at once more.
    for last in (False, True):
        lines = [each for each in read_manifest(folder).entries if each.file == file and each.kind == kind]
        if not lines:
            raise ModelIntegrityError(file, "", "")
        content = _content(folder / file, most_bytes)
        found = _digest(content)
        for entry in lines:
            if content is not None and entry.sha256 == found:
                return entry, content
        if last:
            break
    raise ModelIntegrityError(lines[-1].title, lines[-1].sha256, found)


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _content(path: Path, most_bytes: int) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= most_bytes else None
    except (OSError, ValueError):
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def add_model(folder: Path, segmentation: Segmentation, title: str, *, origin: str = "saved in the app") -> ModelEntry:
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

    Whoever saves into the same folder at the same time, in this process or another, waits for its turn.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to, the disk is full, or the list of models is damaged: nothing changes then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked_folder(folder):
            manifest = read_manifest(folder)
            if (folder / MANIFEST).is_symlink():
                raise UnsavedModelError(f"{MANIFEST} is a link to another file, which is never replaced")
            entry = draft if draft.file else _named(draft, manifest.entries, suffix)
            if any(each.file == entry.file for each in manifest.entries):
                # Both are listed while one takes the other's place, so that there is always a line that fits.
                _write_manifest(folder, manifest.with_entry(entry, beside=True))
            write_together({folder / entry.file: content}, locked=True)
            _write_manifest(folder, manifest.with_entry(entry))
    except DamagedManifestError as error:
        raise UnsavedModelError(f"the list of models, {MANIFEST}, is damaged: {error.why}") from error
    except TimeoutError as error:
        raise UnsavedModelError(f"another save into its folder has not ended for {LOCK_SECONDS:.0f} seconds") from error
    except OSError as error:
        raise UnsavedModelError(error.strerror or "the folder cannot be written to") from error
    return entry


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    write_together({folder / MANIFEST: manifest.to_bytes()}, locked=True)


def _named(draft: ModelEntry, entries: Iterable[ModelEntry], suffix: str) -> ModelEntry:
    free = _free_title(draft.title, [entry.title for entry in entries])
    return replace(draft, title=free, file=f"{_slug(free)}-{draft.sha256[:8]}{suffix}")


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "model"


def _free_title(title: str, taken: list[str]) -> str:
    wanted, count = title[:80], 1
    free = wanted
    while free in taken:
        count += 1
        free = f"{wanted} ({count})"
    return free

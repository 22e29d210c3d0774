"""What does a folder of models say about its files?"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

MANIFEST: Final = "MANIFEST.json"
SEGMENTATION: Final = "segmentation"


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


def read_manifest(folder: Path) -> tuple[list[ModelEntry], list[str]]:
    """Return the manifest's lines, and what is wrong with it."""
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


def written_manifest(entries: list[ModelEntry]) -> bytes:
    """Return a manifest of these lines."""
    lines = {"models": [asdict(entry) for entry in entries]}
    return (json.dumps(lines, ensure_ascii=False, indent=2) + "\n").encode()

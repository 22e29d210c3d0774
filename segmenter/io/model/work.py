"""A visitor's work as one file: every decision, the model and its names; no customer is in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from segmenter import config
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.models import ChangedModelError, InvalidModelError, NotAModelError, UnreadableWorkError
from segmenter.io.model import schema
from segmenter.io.model.format import MAX_BYTES, from_bytes, to_bytes
from segmenter.io.read.parsed import ReadOptions
from segmenter.recipe.recipe import Recipe
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import ColumnKind

FORMAT: Final = "segmenter-work"
VERSION: Final = 1
SUFFIX: Final = ".segwork.json"


@dataclass(frozen=True, eq=False)
class Work:
    """Everything that was decided about a file, and what came out.

    Attributes
    ----------
    file
        What the customers' file was called.
    fingerprint
        SHA-256 of its content and how it was understood: the same customers have the same.
    n_customers
        How many there were.
    options, kinds
        The user's word on how it is read, and on what columns are.
    recipe
        The columns that form the segments, how they are prepared, the method and the number of segments.
    k_range
        The smallest and the largest number of segments compared.
    model
        The segments with their names; None where none had been formed.
    """

    file: str
    fingerprint: str
    n_customers: int
    recipe: Recipe
    options: ReadOptions = field(default_factory=ReadOptions)
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    k_range: tuple[int, int] = (2, 10)
    model: Segmentation | None = None


Name = Annotated[str, Meta(max_length=schema.LONGEST_NAME)]
_Number = Annotated[int, Meta(ge=2, le=config.MAX_SEGMENTS)]


class _Options(schema.Plain):
    separator: Name | None
    encoding: Name | None
    decimal: Literal[".", ","] | None
    header_line: Annotated[int, Meta(ge=0, le=10_000)] | None
    date_order: Literal["day first", "month first"] | None
    sheet: Name
    keep_ragged: bool
    keep_footer: bool
    quote: Annotated[str, Meta(max_length=1)] | None


class _Work(schema.Plain):
    format: Literal["segmenter-work"]
    version: Literal[1]
    file: Name
    fingerprint: Annotated[str, Meta(max_length=128)]
    n_customers: Annotated[int, Meta(ge=0, le=schema.MOST_CUSTOMERS)]
    recipe: dict[str, object]
    options: _Options
    kinds: dict[str, str]
    k_range: tuple[_Number, _Number]
    model: str | None


def work_to_bytes(work: Work) -> bytes:
    """Write a visitor's work as JSON.

    Parameters
    ----------
    work
        What is kept.

    Raises
    ------
    UnwritableModelError
        If the model cannot be written.
    """
    plain = {
        "format": FORMAT,
        "version": VERSION,
        "file": work.file[: schema.LONGEST_NAME],
        "fingerprint": work.fingerprint,
        "n_customers": work.n_customers,
        "recipe": json.loads(work.recipe.to_json()),
        "options": work.options.as_plain(),
        "kinds": {name: kind.value for name, kind in work.kinds.items()},
        "k_range": list(work.k_range),
        "model": None if work.model is None else to_bytes(work.model).decode(),
    }
    return json.dumps(plain, ensure_ascii=False, indent=1).encode()


def is_work(content: bytes, name: str) -> bool:
    """Whether an upload is a work that was kept, by its name or its first words.

    Parameters
    ----------
    content
        The file.
    name
        What it was called.
    """
    return name.lower().endswith(SUFFIX) or f'"format": "{FORMAT}"'.encode() in content[:200]


def work_from_bytes(content: bytes) -> Work:
    """Read a work that was kept; nothing in it is trusted before it was checked.

    Parameters
    ----------
    content
        The file.

    Raises
    ------
    UnreadableWorkError
        If it is not a work as it was saved.
    NewerModelError
        If a later version wrote it.
    """
    try:
        return _work_from_bytes(content)
    except (NotAModelError, InvalidModelError, ChangedModelError):
        # Whoever drops a kept work has no model to ask anybody for.
        raise UnreadableWorkError from None


def _work_from_bytes(content: bytes) -> Work:
    if len(content) > 2 * MAX_BYTES:
        raise InvalidModelError("the file", f"is larger than {2 * MAX_BYTES // 10**6} MB")
    schema.version_of(content, FORMAT, VERSION)
    plain = schema.decoded(content, _Work)
    try:
        recipe = Recipe.from_json(json.dumps(plain.recipe))
        kinds = {name: ColumnKind(kind) for name, kind in plain.kinds.items()}
        options = ReadOptions(**msgspec.to_builtins(plain.options))
    except (InvalidSettingError, ValueError, TypeError):
        raise InvalidModelError("recipe, kinds or options", "hold what this app does not know") from None
    low, high = plain.k_range
    if low > high:
        raise InvalidModelError("k_range", "does not begin with the smaller number")
    model = from_bytes(plain.model.encode()) if plain.model is not None else None
    return Work(plain.file, plain.fingerprint, plain.n_customers, recipe, options, kinds, (low, high), model)

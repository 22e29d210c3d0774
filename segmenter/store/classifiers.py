"""How is a classifier kept in one file, as plain data and numbers, and read back to the last bit?

The file is a zip of two parts: `model.json`, everything a person may want to read, and what has learnt, as JSON or
as a skops file. It is only ever opened after its hash was found in the manifest beside it.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from segmenter import config
from segmenter.classifiers import CLASSIFIERS
from segmenter.core.learning.fields import Answer, FieldKind, FormField
from segmenter.core.learning.identities import Identities
from segmenter.core.learning.model import SegmentModel
from segmenter.core.learning.recipe import LearningRecipe
from segmenter.core.recipe import Recipe
from segmenter.errors import InvalidModelError, InvalidSettingError, NewerModelError, NotAModelError
from segmenter.measures.classification import Scores
from segmenter.store import checking
from segmenter.store.columns import read_column, written_column
from segmenter.store.format import APP_VERSION, read_preparation
from segmenter.store.learners import MOST_CLASSES, read_learner, written_learner
from segmenter.store.scores import MOST_CUSTOMERS

SUFFIX: Final = ".segclassifier"
FORMAT: Final = "segclassifier"
FORMAT_VERSION: Final = 1
# A forest of 10,000 customers has some 20 MB; both limits are checked before anything is unpacked.
MOST_BYTES: Final = 500_000_000
MOST_CARD_BYTES: Final = 200_000_000
_CARD: Final = "model.json"
_LEARNER: Final = "learner"
# The same model gives the same bytes.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_PRINT: Final = 16
_KEYS = (
    "format", "version", "app_version", "created", "recipe", "classifier", "settings", "features", "neighbours",
    "classes", "row_count", "base_rate", "held_out", "held_out_customers", "trained_on", "identities", "form",
    "learner",
)  # fmt: skip


def classifier_bytes(model: SegmentModel) -> bytes:
    """Write a classifier: how columns are prepared, what was learnt, the form and the honest score."""
    kind, learnt = written_learner(model.learner)
    neighbours = model.preparation.neighbours_
    card = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "app_version": APP_VERSION,
        "created": datetime.now(UTC).date().isoformat(),
        "recipe": json.loads(model.recipe.to_json()),
        "classifier": model.classifier,
        "settings": [list(pair) for pair in model.settings],
        "features": [written_column(column) for column in model.preparation.columns_],
        "neighbours": None if neighbours is None else neighbours.groups.tolist(),
        "classes": list(model.classes),
        "row_count": model.n_trained,
        "base_rate": model.base_rate,
        "held_out": asdict(model.held_out),
        "held_out_customers": model.n_held_out,
        "trained_on": model.trained_on,
        "identities": _written_identities(model.identities),
        "form": [asdict(field) for field in model.fields],
        "learner": {"kind": kind, "sha256": hashlib.sha256(learnt).hexdigest()},
    }
    written = json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False).encode()
    return _zipped({_CARD: written, _LEARNER: learnt})


def classifier_from_bytes(content: bytes) -> SegmentModel:
    """Read a classifier whose content is known to be what this product wrote.

    Raises
    ------
    NotAModelError, NewerModelError, InvalidModelError, ClassifierRefusedError, ClassifierFailedError
        If it is not what `classifier_bytes` wrote.
    """
    parts = _unzipped(content)
    plain = checking.parsed(parts[_CARD], _CARD)
    if plain.get("format") != FORMAT:
        raise NotAModelError("format")
    version = checking.whole(plain.get("version"), "version", least=1, most=10**6)
    if version > FORMAT_VERSION:
        raise NewerModelError(version, FORMAT_VERSION)
    return _model(checking.mapping(plain, "", _KEYS), parts[_LEARNER])


def _model(plain: Mapping[str, object], learnt: bytes) -> SegmentModel:
    recipe = _recipe(plain)
    listed = checking.array(plain["features"], "features", most=config.MAX_COLUMNS, least=1)
    columns = tuple(read_column(each, f"features[{n}]") for n, each in enumerate(listed))
    preparation = read_preparation(Recipe(recipe.features, scaling=recipe.scaling), columns, plain["neighbours"])
    kept = checking.mapping(plain["learner"], "learner", ("kind", "sha256"))
    if hashlib.sha256(learnt).hexdigest() != kept["sha256"]:
        raise InvalidModelError("learner", "is not the one that belongs to it")
    classes = checking.texts(plain["classes"], "classes", most=MOST_CLASSES)
    learner = read_learner(checking.text(kept["kind"], "learner.kind"), learnt, len(preparation.names_))
    if not set(np.asarray(learner.classes_).tolist()) <= set(range(len(classes))):
        raise InvalidModelError("classes", "do not agree with what was learnt")
    return SegmentModel(
        recipe=recipe,
        classifier=_classifier(plain),
        settings=_settings(plain["settings"]),
        preparation=preparation,
        learner=learner,
        classes=classes,
        n_trained=checking.whole(plain["row_count"], "row_count", least=0, most=MOST_CUSTOMERS),
        base_rate=checking.number(plain["base_rate"], "base_rate"),
        held_out=_scores(plain["held_out"]),
        n_held_out=checking.whole(plain["held_out_customers"], "held_out_customers", least=0, most=MOST_CUSTOMERS),
        trained_on=checking.text(plain["trained_on"], "trained_on"),
        identities=_identities(plain["identities"]),
        fields=_fields(plain["form"]),
    )


def _recipe(plain: Mapping[str, object]) -> LearningRecipe:
    try:
        return LearningRecipe.from_json(json.dumps(plain["recipe"]))
    except InvalidSettingError as error:
        raise InvalidModelError("recipe", "is not a learning recipe") from error


def _classifier(plain: Mapping[str, object]) -> str:
    key = checking.text(plain["classifier"], "classifier")
    if key not in CLASSIFIERS:
        raise InvalidModelError("classifier", "is not one that this version knows")
    return key


def _settings(value: object) -> tuple[tuple[str, float | int | str], ...]:
    found = []
    for n, each in enumerate(checking.array(value, "settings", most=100)):
        name, setting = checking.array(each, f"settings[{n}]", most=2, least=2)
        if isinstance(setting, bool) or not isinstance(setting, int | float | str):
            raise InvalidModelError(f"settings[{n}]", "is neither a number nor a text")
        found.append((checking.text(name, f"settings[{n}]"), setting))
    return tuple(found)


def _scores(value: object) -> Scores:
    names = tuple(field.name for field in fields(Scores))
    plain = checking.mapping(value, "held_out", names)
    return Scores(**{name: checking.number(plain[name], f"held_out.{name}") for name in names})


def _written_identities(identities: Identities) -> dict[str, object]:
    prints = "".join(f"{int(each):0{_PRINT}x}" for each in identities.prints)
    return {"column": identities.column, "salt": identities.salt, "prints": prints}


def _identities(value: object) -> Identities:
    plain = checking.mapping(value, "identities", ("column", "salt", "prints"))
    column = checking.text(plain["column"], "identities.column")
    if not column:
        return Identities()
    written = checking.text(plain["prints"], "identities.prints", longest=MOST_CARD_BYTES)
    pieces = [written[start : start + _PRINT] for start in range(0, len(written), _PRINT)]
    try:
        prints: NDArray[np.uint64] = np.array([int(piece, 16) for piece in pieces], dtype=np.uint64)
        salt = checking.text(plain["salt"], "identities.salt")
        bytes.fromhex(salt)
    except ValueError as error:
        raise InvalidModelError("identities", "are not hexadecimal") from error
    return Identities(column, salt, prints)


def _fields(value: object) -> tuple[FormField, ...]:
    names = tuple(field.name for field in fields(FormField))
    found = []
    for n, each in enumerate(checking.array(value, "form", most=config.MAX_COLUMNS, least=1)):
        place = f"form[{n}]"
        plain = checking.mapping(each, place, names)
        if not isinstance(plain["may_be_missing"], bool):
            raise InvalidModelError(f"{place}.may_be_missing", "is neither true nor false")
        found.append(
            FormField(
                column=checking.text(plain["column"], f"{place}.column"),
                kind=checking.choice(FieldKind, plain["kind"], f"{place}.kind"),
                low=checking.optional_number(plain["low"], f"{place}.low"),
                high=checking.optional_number(plain["high"], f"{place}.high"),
                earliest=checking.text(plain["earliest"], f"{place}.earliest"),
                latest=checking.text(plain["latest"], f"{place}.latest"),
                choices=checking.texts(plain["choices"], f"{place}.choices", most=config.MAX_CATEGORIES + 1),
                typical=_answer(plain["typical"], f"{place}.typical"),
                may_be_missing=plain["may_be_missing"],
            )
        )
    return tuple(found)


def _answer(value: object, place: str) -> Answer:
    if value is None or isinstance(value, str):
        return None if value is None else checking.text(value, place, longest=10_000)
    return checking.number(value, place)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _unzipped(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {each.filename: each.file_size for each in archive.infolist()}
            if set(sizes) != {_CARD, _LEARNER}:
                raise NotAModelError(_CARD)
            if sizes[_CARD] > MOST_CARD_BYTES or sizes[_LEARNER] > MOST_BYTES:
                raise InvalidModelError("the file", f"is larger than {MOST_BYTES // 10**6} MB")
            return {name: archive.read(name) for name in sizes}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise NotAModelError(_CARD) from error

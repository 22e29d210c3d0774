"""A classifier as one file of plain data and numbers; one of scikit-learn predicts in a process of its own.

The file is a zip of two parts: `model.json`, everything a person may want to read, and what has learnt, as JSON or
as a skops file. It is only ever opened after its hash was found in the manifest beside it.
"""

import hashlib
import io
import json
import threading
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.classifier import Predictor
from segmenter.classification.columns import FieldKind, FormField
from segmenter.classification.copies import MembershipFingerprints
from segmenter.classification.model import SegmentModel
from segmenter.classification.recipe import LearningRecipe
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.learning import ClassifierFailedError, ClassifierRefusedError, UnpinnedClassifierError
from segmenter.errors.models import InvalidModelError, ModelIntegrityError, NotAModelError
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.model import codec, schema
from segmenter.io.model.folder import ModelEntry, ModelFolder, keep, list_models, read_listed
from segmenter.io.model.format import APP_VERSION
from segmenter.measures.classification import Scores
from segmenter.prepare.preparation import Preparation
from segmenter.typing import FloatArray, IntArray
from segmenter.worker.client import Answer, Worker, WorkerEndedError, WorkerMemoryError, WorkerTimeoutError
from segmenter.worker.limits import Limits

# One answer may take so long; a forest tells a million customers in about a minute.
SECONDS: Final = 600
# All answers of one process together may take so much work.
CPU_SECONDS: Final = 3_600
# Above what the libraries need: the largest classifier and the rows that it is asked about.
MEMORY_BYTES: Final = 4_000_000_000
# Rows sent at once: 80 MB of 100 columns.
ROWS_AT_ONCE: Final = 100_000
# Each open classifier is a process of some 200 MB.
MOST_OPEN: Final = 4
# It may write to no file: what it answers goes through a pipe.
_LIMITS: Final = Limits(CPU_SECONDS, SECONDS, MEMORY_BYTES, 0)
_TASK: Final = "segmenter.io.model.confined_child:answer"


class ConfinedClassifier:
    """A saved classifier that lives in a limited process of its own, started with the first question.

    Attributes
    ----------
    content
        The skops file.
    classes_
        Shape (n_classes,), ascending.
    """

    def __init__(self, content: bytes) -> None:
        """Open a classifier.

        Raises
        ------
        ClassifierRefusedError, ClassifierFailedError
            If it names a type that no classifier needs, or cannot be read.
        """
        self.content = content
        self._lock = threading.Lock()
        with self._lock:
            self.classes_: IntArray = self._started()

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_classes).

        Raises
        ------
        ClassifierFailedError
            If the process ends or takes too long.
        """
        pieces = [X[first : first + ROWS_AT_ONCE] for first in range(0, len(X), ROWS_AT_ONCE)]
        with self._lock:
            told = [self._probabilities(np.ascontiguousarray(piece, dtype=np.float64)) for piece in pieces]
        return np.vstack(told) if told else np.empty((0, len(self.classes_)))

    def _probabilities(self, X: FloatArray) -> FloatArray:
        if not self._worker.running:
            self._started()
        answer = self._asked({"shape": X.shape}, X.tobytes(), outputs=1)
        told, shape = answer.outputs[0].view(), (len(X), len(self.classes_))
        if len(told) != X.itemsize * shape[0] * shape[1] or answer.said.get("shape") != list(shape):
            self._worker.end()
            raise ClassifierFailedError("it answered something else")
        return np.frombuffer(told, dtype=np.float64).reshape(shape)

    def _started(self) -> IntArray:
        self._worker = Worker(_TASK, _LIMITS)
        said = self._asked({}, self.content, outputs=0).said
        if "classes" in said:
            return np.array(said["classes"], dtype=np.intp)
        self._worker.end()
        if "refused" in said:
            raise ClassifierRefusedError(str(said["refused"]))
        raise ClassifierFailedError("it is damaged")

    def _asked(self, request: dict[str, object], content: bytes, *, outputs: int) -> Answer:
        try:
            return self._worker.ask(request, [content], outputs=outputs)
        except WorkerTimeoutError as error:
            raise ClassifierFailedError(f"it took longer than {SECONDS} seconds") from error
        except WorkerMemoryError as error:
            raise ClassifierFailedError("it needs too much memory") from error
        except WorkerEndedError as error:
            raise ClassifierFailedError("its process ended") from error


_OPEN: Final[dict[str, ConfinedClassifier]] = {}
_OPENING: Final = threading.Lock()


def confined(content: bytes) -> ConfinedClassifier:
    """Return a classifier in its own process; the same one for the same content.

    Raises
    ------
    ClassifierRefusedError, ClassifierFailedError
        If it cannot be opened.
    """
    digest = hashlib.sha256(content).hexdigest()
    with _OPENING:
        found = _OPEN.pop(digest, None) or ConfinedClassifier(content)
        _OPEN[digest] = found
        # The one that was asked for longest ago goes; its process ends when nobody holds it any more.
        while len(_OPEN) > MOST_OPEN:
            del _OPEN[next(iter(_OPEN))]
        return found


def close_all() -> None:
    """Forget every open classifier; their processes end once nobody holds them."""
    with _OPENING:
        _OPEN.clear()


SUFFIX: Final = ".segclassifier"
FORMAT: Final = "segclassifier"
FORMAT_VERSION: Final = max(schema.CARDS)
SKOPS: Final = "skops"
# A forest of 10,000 customers has some 20 MB; all limits are checked before anything is unpacked.
MOST_BYTES: Final = 500_000_000
MOST_CARD_BYTES: Final = 200_000_000
MOST_LEARNT_BYTES: Final = 20_000_000
# Numbers pack to a third, names and structure to a twentieth.
MOST_UNPACK_RATIO: Final = 100
_CARD: Final = "model.json"
_LEARNER: Final = "learner"
# The same model gives the same bytes.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_PRINT: Final = 16


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
        "features": [codec.written_column(column) for column in model.preparation.columns_],
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


def _written_identities(identities: MembershipFingerprints) -> dict[str, object]:
    prints = "".join(f"{int(each):0{_PRINT}x}" for each in identities.prints)
    return {"column": identities.column, "salt": identities.salt, "prints": prints}


def written_learner(learner: Predictor) -> tuple[str, bytes]:
    """Return the kind and the bytes of what has learnt: plain numbers as JSON where possible, else skops."""
    for name, each in codec.LEARNERS.items():
        if type(learner) is each.made:
            return name, json.dumps(each.write(learner), allow_nan=False).encode()
    if isinstance(learner, ConfinedClassifier):
        # What another process opened is written the way it was read.
        return SKOPS, learner.content
    # Half a second to import, which nothing but a classifier of its own kind needs.
    from skops.io import dumps

    return SKOPS, dumps(learner, compression=zipfile.ZIP_DEFLATED, compresslevel=1)


def classifier_from_bytes(content: bytes) -> SegmentModel:
    """Read a classifier whose content is known to be what this product wrote.

    Raises
    ------
    NotAModelError, NewerModelError, InvalidModelError, ClassifierRefusedError, ClassifierFailedError
        If it is not what `classifier_bytes` wrote.
    """
    written, learnt = _unzipped(content)
    version = schema.version_of(written, FORMAT, FORMAT_VERSION)
    return _model(schema.decoded(written, schema.CARDS[version]), learnt)


def read_learner(kind: str, content: bytes, n_columns: int) -> Predictor:
    """Return what has learnt, for so many prepared columns; skops files stay in a process of their own.

    Raises
    ------
    NotAModelError, InvalidModelError, ClassifierRefusedError, ClassifierFailedError
        If the content is not what `written_learner` wrote.
    """
    if kind == SKOPS:
        return confined(content)
    if kind not in codec.LEARNERS:
        raise InvalidModelError("learner.kind", f"is none of {', '.join((SKOPS, *codec.LEARNERS))}")
    if len(content) > MOST_LEARNT_BYTES:
        raise InvalidModelError("learner", f"is larger than {MOST_LEARNT_BYTES // 10**6} MB")
    known = codec.LEARNERS[kind]
    return known.read(schema.decoded(content, known.plain), n_columns)


def _model(plain: schema.ClassifierCard, learnt: bytes) -> SegmentModel:
    recipe = codec.made(LearningRecipe, plain.recipe, features=codec.read_features(plain.recipe.features))
    try:
        recipe.check()
    except InvalidSettingError as error:
        raise InvalidModelError("recipe", f"is not possible: {error}") from error
    segmenting = tuple(spec for spec in recipe.features if spec.segments)
    preparation = codec.read_preparation(segmenting, recipe.scaling, plain.features, plain.neighbours)
    if plain.classifier not in CLASSIFIERS:
        raise InvalidModelError("classifier", "is not one that this version knows")
    codec.distinct(plain.classes, "classes")
    codec.distinct([name for name, _ in plain.settings], "settings")
    form = _form(plain.form, preparation)
    identities = _identities(plain.identities)
    if hashlib.sha256(learnt).hexdigest() != plain.learner.sha256:
        raise InvalidModelError("learner", "is not the one that belongs to it")
    learner = read_learner(plain.learner.kind, learnt, len(preparation.names_))
    if not set(np.asarray(learner.classes_).tolist()) <= set(range(len(plain.classes))):
        raise InvalidModelError("classes", "do not agree with what was learnt")
    return SegmentModel(
        recipe=recipe,
        classifier=plain.classifier,
        settings=plain.settings,
        preparation=preparation,
        learner=learner,
        classes=plain.classes,
        n_trained=plain.row_count,
        base_rate=plain.base_rate,
        held_out=codec.made(Scores, plain.held_out),
        n_held_out=plain.held_out_customers,
        trained_on=plain.trained_on,
        identities=identities,
        fields=form,
    )


def _identities(plain: schema.Prints) -> MembershipFingerprints:
    if not plain.column:
        return MembershipFingerprints()
    if len(plain.prints) % _PRINT:
        raise InvalidModelError("identities.prints", f"are not {_PRINT} hexadecimal digits each")
    prints = np.frombuffer(bytes.fromhex(plain.prints), dtype=">u8").astype(np.uint64)
    return MembershipFingerprints(plain.column, plain.salt, prints)


def _form(questions: list[schema.Question], preparation: Preparation) -> tuple[FormField, ...]:
    codec.distinct([each.column for each in questions], "form")
    if {each.column for each in questions} != {each.column for each in preparation.columns_}:
        raise InvalidModelError("form", "does not ask for the columns of the features")
    for number, each in enumerate(questions):
        place = f"form[{number}]"
        codec.distinct(each.choices, f"{place}.choices")
        if each.kind is FieldKind.YES_NO and len(each.choices) != 2:
            raise InvalidModelError(f"{place}.choices", "are not two")
        if each.kind is FieldKind.DATE and (each.earliest or each.latest):
            codec.check_day(each.earliest, f"{place}.earliest")
            codec.check_day(each.latest, f"{place}.latest")
    return tuple(codec.made(FormField, each) for each in questions)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _unzipped(content: bytes) -> tuple[bytes, bytes]:
    """Return the card and what was learnt."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            sizes = {each.filename: each.file_size for each in parts}
            if len(parts) != 2 or set(sizes) != {_CARD, _LEARNER}:
                raise NotAModelError(_CARD)
            if any(each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for each in parts):
                raise NotAModelError(_CARD)
            if any(each.file_size > MOST_UNPACK_RATIO * each.compress_size + 1_000_000 for each in parts):
                raise InvalidModelError("the file", f"unpacks to more than {MOST_UNPACK_RATIO} times its size")
            if sizes[_CARD] > MOST_CARD_BYTES or sizes[_LEARNER] > MOST_BYTES:
                raise InvalidModelError("the file", f"is larger than {MOST_BYTES // 10**6} MB")
            return archive.read(_CARD), archive.read(_LEARNER)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        # A RuntimeError says that a part is encrypted.
        raise NotAModelError(_CARD) from error


CLASSIFIER: Final = "classifier"
# What the command line calls the one file that it writes.
USUAL_FILE: Final = f"model{SUFFIX}"


def list_classifiers(folder: Path) -> ModelFolder:
    """Return the classifiers whose content is what the manifest says; the others with the reason."""
    return list_models(folder, CLASSIFIER, SUFFIX, MOST_BYTES)


def add_classifier(folder: Path, model: SegmentModel, title: str, *, origin: str = "saved in the app") -> ModelEntry:
    """Save a classifier beside the other models; it never replaces one.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to or the disk is full.
    """
    content = classifier_bytes(model)
    return keep(folder, content, _draft(model, content, title, origin), SUFFIX)


def save_classifier(model: SegmentModel, folder: Path | str, *, origin: str = "saved from Python") -> ModelEntry:
    """Write a classifier as the one of a folder, with the manifest that pins it.

    Parameters
    ----------
    model
        What `learn` returns as `.model`.
    folder
        Is made where there is none; the classifier that it holds is replaced.
    origin
        Where the classifier comes from, in a few words for the manifest.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to or the disk is full.
    ArgumentTypeError
        If `model` is something else than a classifier.
    """
    check_type(model, SegmentModel, "model")
    folder = Path(folder)
    content = classifier_bytes(model)
    draft = _draft(model, content, model.recipe.target, origin, file=USUAL_FILE)
    return keep(folder, content, draft, SUFFIX)


def load_listed_classifier(folder: Path, file: str) -> SegmentModel:
    """Open a listed classifier, after checking its content.

    Raises
    ------
    DamagedManifestError, ModelIntegrityError
        If the manifest is damaged, does not name it, or its content has changed.
    SegmenterError
        If it cannot be opened.
    """
    entry, content = read_listed(folder, file, CLASSIFIER, MOST_BYTES)
    if not entry.load:
        raise ModelIntegrityError(file, "", "")
    return classifier_from_bytes(content)


def load_classifier(path: Path | str) -> SegmentModel:
    """Open a classifier by its path, or the usual one of a folder, if the manifest beside it pins its content.

    Parameters
    ----------
    path
        Of the classifier's file, or of the folder that `save_classifier` wrote.

    Raises
    ------
    FileNotReadableError, DamagedManifestError, UnpinnedClassifierError
        If there is no such file, the manifest is damaged, or it does not name this content.
    SegmenterError
        If it cannot be opened.
    """
    path = Path(path)
    try:
        file = path / USUAL_FILE if path.is_dir() else path
        there = file.is_file()
    except (OSError, ValueError):
        file, there = path, False
    if not there:
        raise FileNotReadableError(str(file))
    try:
        return load_listed_classifier(file.parent, file.name)
    except ModelIntegrityError as error:
        raise UnpinnedClassifierError(file.name, changed=bool(error.expected)) from error


def _draft(model: SegmentModel, content: bytes, title: str, origin: str, file: str = "") -> ModelEntry:
    return ModelEntry(
        file=file,
        title=title,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        algorithm=model.classifier,
        k=len(model.classes),
        features=tuple(field.column for field in model.fields),
        made_with=f"segmenter {APP_VERSION}",
        created=datetime.now(UTC).date().isoformat(),
        licence="the owner's",
        origin=origin,
        kind=CLASSIFIER,
    )

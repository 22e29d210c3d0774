"""The strict schema of model files, one type per object; models/*.schema.json is made from it.

Reading stops at the first value that is not what it should be, before anything more is built in memory, and names it.
What one value alone cannot show (that shapes agree, that splits end) is checked in `codec`.
"""

import json
import re
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from segmenter import config
from segmenter.classification.columns import FieldKind
from segmenter.errors.base import SegmenterError
from segmenter.errors.models import InvalidModelError, NewerModelError, NotAModelError
from segmenter.recipe.recipe import DateUse, EditKind, Missing, Reduction, Role, Scaling, Transform
from segmenter.segment.quality import Light

# Only finished segmentations have more than 30; the screen stops at config.MAX_SEGMENTS.
MOST_SEGMENTS: Final = 50
MOST_CLASSES: Final = 200
MOST_CUSTOMERS: Final = 10**12
MOST_SEED: Final = 2**32 - 1
# A map of 40 × 40 units; 225 is the usual one.
MOST_UNITS: Final = 1_600
# An encoder has three layers of at most 16 × 4 × 2 numbers, a classifier five of 512 and the last.
MOST_LAYERS: Final = 6
MOST_WIDTH: Final = 1_024
MOST_COMPONENTS: Final = 200
MOST_EPOCHS: Final = 1_000
LONGEST_NAME: Final = 200
LONGEST_CELL: Final = 10_000
LONGEST_REASON: Final = 1_000
# 16 hexadecimal digits per customer; the file that holds them has a limit of its own.
LONGEST_PRINTS: Final = 200_000_000

_BORDER: Final = config.LARGEST_NUMBER
# `$` alone would let a line break at the end pass; JSON schema knows this way to say "the very end" too.
_NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f-\x9f]*$(?![\s\S])"
_HEXADECIMAL: Final = r"^([0-9a-f]{2})*$(?![\s\S])"

Number = Annotated[float, Meta(ge=-_BORDER, le=_BORDER)]
NotNegative = Annotated[float, Meta(ge=0, le=_BORDER)]
Positive = Annotated[float, Meta(gt=0, le=_BORDER)]
Share = Annotated[float, Meta(ge=0, le=1)]
Correlation = Annotated[float, Meta(ge=-1, le=1)]
# Fitted ones reach 1 / √.05.
Factor = Annotated[float, Meta(gt=0, le=100)]
Weight = Annotated[float, Meta(gt=0, le=config.LARGEST_WEIGHT)]
Count = Annotated[int, Meta(ge=0, le=MOST_CUSTOMERS)]
Seed = Annotated[int, Meta(ge=0, le=MOST_SEED)]
Segment = Annotated[int, Meta(ge=0, lt=MOST_SEGMENTS)]
Name = Annotated[str, Meta(max_length=LONGEST_NAME, pattern=_NO_CONTROLS)]
Formula = Annotated[str, Meta(max_length=config.LONGEST_FORMULA, pattern=_NO_CONTROLS)]
Cell = Annotated[str, Meta(max_length=LONGEST_CELL)]
Digest = Annotated[str, Meta(min_length=64, max_length=64, pattern=_HEXADECIMAL)]
Setting = tuple[Name, float | Annotated[int, Meta(ge=-(2**53), le=2**53)] | Name]
Row = Annotated[list[Number], Meta(min_length=1)]
Matrix = list[list[Number]]


class Plain(Struct, forbid_unknown_fields=True, kw_only=True):
    """An object with exactly these keys."""


class Feature(Plain):
    """How a recipe uses one column; keys that early versions did not write have what they meant."""

    column: Name
    role: Role = Role.NUMBER
    missing: Missing = Missing.MEDIAN
    transform: Transform = Transform.NONE
    weight: Weight = 1.0
    order: tuple[Cell, ...] = ()
    constant: Number | Cell = 0.0
    indicator: bool = False
    cap: tuple[Annotated[float, Meta(ge=0, le=100)], Annotated[float, Meta(ge=0, le=100)]] | None = None
    rare: Annotated[float, Meta(ge=0, le=config.LARGEST_RARE_SHARE)] = config.RARE_SHARE
    date_use: DateUse = DateUse.DAYS
    reference: Name = ""
    scaling: Scaling | None = None
    unknown: Annotated[tuple[Number, ...], Meta(max_length=100)] = ()
    joined: Annotated[tuple[tuple[Cell, Cell], ...], Meta(max_length=1_000)] = ()


class HandEdit(Plain):
    """A change of the segments by hand."""

    kind: EditKind
    segments: Annotated[tuple[Annotated[int, Meta(ge=1, le=MOST_SEGMENTS)], ...], Meta(max_length=MOST_SEGMENTS)] = ()
    size: Annotated[int, Meta(ge=0, le=config.MAX_ROWS)] = 0
    column: Name = ""


class RecipeOfSegments(Plain):
    """Every decision on how segments were formed; `edits` is left out where nothing was changed by hand."""

    features: Annotated[tuple[Feature, ...], Meta(max_length=config.MAX_COLUMNS)]
    n_segments: Annotated[int, Meta(ge=1, le=MOST_SEGMENTS)]
    scaling: Scaling
    algorithm: Name
    settings: Annotated[tuple[Setting, ...], Meta(max_length=100)]
    seed: Seed
    edits: Annotated[tuple[HandEdit, ...], Meta(max_length=1_000)] = ()
    weight_column: Name = ""
    formulas: Annotated[tuple[tuple[Name, Formula], ...], Meta(max_length=100)] = ()
    reduction: Reduction = Reduction.NONE
    n_components: Annotated[int, Meta(ge=0, le=MOST_COMPONENTS)] = 0


class RecipeOfLearning(Plain):
    """Every decision on how known segments were learnt."""

    target: Name
    features: Annotated[tuple[Feature, ...], Meta(max_length=config.MAX_COLUMNS)]
    scaling: Scaling
    seed: Seed
    folds: Annotated[int, Meta(ge=1, le=100)]
    repeats: Annotated[int, Meta(ge=1, le=100)]
    held_out_share: Share
    classifiers: tuple[Name, ...]
    chosen: Name
    tune: bool
    weight_column: Name = ""
    formulas: Annotated[tuple[tuple[Name, Formula], ...], Meta(max_length=100)] = ()


class NumberFeature(Plain, tag_field="type", tag="number"):
    """A fitted column of numbers, ordered values or dates; see `NumberColumn`."""

    column: Name
    role: Literal["number", "ordinal", "date"]
    missing: Missing
    transform: Transform
    weight: Weight
    fill: Number
    centre: Number
    scale: Positive
    low: Number | None
    p01: Number | None
    p99: Number | None
    high: Number | None
    typical: Number | None
    levels: tuple[Cell, ...]
    latest: Name
    date_use: DateUse = DateUse.DAYS
    floor: Number | None = None
    ceiling: Number | None = None
    power: Number = 1.0
    indicator: NotNegative = 0.0
    origin: Number = 0.0
    unit: Positive = 1.0
    unknown: Annotated[tuple[Number, ...], Meta(max_length=100)] = ()
    joined: Annotated[tuple[tuple[Cell, Cell], ...], Meta(max_length=1_000)] = ()


class CycleFeature(Plain, tag_field="type", tag="cycle"):
    """A fitted column of dates as places on a circle; see `CycleColumn`."""

    column: Name
    date_use: Literal["month", "week", "weekday"]
    missing: Missing
    weight: Weight
    fill: tuple[Correlation, Correlation]
    factor: Factor
    indicator: NotNegative


class CategoryFeature(Plain, tag_field="type", tag="category"):
    """A fitted column of categories; see `CategoryColumn`."""

    column: Name
    missing: Missing
    weight: Weight
    fill: Cell
    categories: Annotated[tuple[Cell, ...], Meta(max_length=config.MAX_CATEGORIES)]
    factor: Factor
    rare: Share = config.RARE_SHARE
    indicator: NotNegative = 0.0
    joined: Annotated[tuple[tuple[Cell, Cell], ...], Meta(max_length=1_000)] = ()


FittedFeature = NumberFeature | CycleFeature | CategoryFeature
Features = Annotated[list[FittedFeature], Meta(min_length=1, max_length=config.MAX_COLUMNS)]


class Layer(Plain):
    """One layer of a network."""

    weights: Matrix
    bias: Annotated[list[Number], Meta(min_length=1, max_length=MOST_WIDTH)]
    relu: bool


Layers = Annotated[list[Layer], Meta(min_length=1, max_length=MOST_LAYERS)]


class UnitsRule(Plain, tag_field="type", tag="nearest-unit"):
    """The nearest unit's segment; maps were first written without a reach and an agreement."""

    units: Annotated[list[list[Number]], Meta(min_length=1, max_length=MOST_UNITS)]
    segments: list[Annotated[int, Meta(ge=-1, lt=MOST_SEGMENTS)]]
    reach: list[NotNegative] | None = None
    agreement: Share = 1.0


class EncodedRule(Plain, tag_field="type", tag="encoded"):
    """The nearest centre of what a network makes of a customer."""

    layers: Layers
    encoded_centres: Matrix


class MixtureRule(Plain, tag_field="type", tag="mixture"):
    """The most probable of normal distributions; their factors as upper triangles, or diagonals."""

    weights: list[Annotated[float, Meta(gt=0, le=1)]]
    means: Matrix
    triangles: Matrix


class NestedRule(Plain, tag_field="type", tag="nested"):
    """The nearer side of every split: onwards to a split, or at the end to −1 − segment."""

    sides: Matrix
    leads_to: list[Annotated[int, Meta(ge=-MOST_SEGMENTS, lt=MOST_SEGMENTS)]]


class PrototypesRule(Plain, tag_field="type", tag="prototypes"):
    """The nearest typical values, a difference in each column counting by its factor."""

    prototypes: Matrix
    factors: list[NotNegative]


class AnswersOfClasses(Plain):
    """One variable of a latent class model: its prepared columns, where its answers part, and their probabilities."""

    columns: Annotated[tuple[Annotated[int, Meta(ge=0, lt=10_000)], ...], Meta(min_length=1, max_length=200)]
    borders: Annotated[list[Number], Meta(max_length=100)]
    probabilities: list[list[Annotated[float, Meta(gt=0, le=1)]]]


class LatentClassRule(Plain, tag_field="type", tag="latent-class"):
    """The most probable of classes in which answers are independent of each other; see `LatentClasses`."""

    weights: list[Annotated[float, Meta(gt=0, le=1)]]
    variables: Annotated[list[AnswersOfClasses], Meta(min_length=1, max_length=config.MAX_COLUMNS)]
    by_answers: bool = False


class ComponentsRule(Plain, tag_field="type", tag="components"):
    """A rule for the components of the prepared columns, of which there are `width`."""

    layers: Layers
    rule: UnitsRule | MixtureRule | NestedRule | PrototypesRule | EncodedRule | LatentClassRule
    width: Annotated[int, Meta(ge=1, le=MOST_COMPONENTS)]


Rule = UnitsRule | EncodedRule | MixtureRule | NestedRule | PrototypesRule | LatentClassRule | ComponentsRule


class SegmentScores(Plain):
    """How well segments are separated; `per_segment` holds (segment, silhouette)."""

    wcss: float
    silhouette: float
    silhouette_se: float
    silhouette_rows: Count
    calinski_harabasz: float
    davies_bouldin: float
    per_segment: Annotated[list[tuple[Segment, Number]], Meta(max_length=MOST_SEGMENTS)]


class FoundAgain(Plain):
    """How reliably one segment is found again."""

    segment: Segment
    jaccard: Share
    light: Light
    found: Share | None = None
    # Written by earlier versions, which measured something else; read, and forgotten.
    slsw: Share | None = None
    slsw_quartiles: tuple[Share, Share] | None = None


class KnownLabels(Plain):
    """Which known label each segment stands for."""

    column: Name
    labels: Annotated[tuple[Cell, ...], Meta(max_length=MOST_SEGMENTS)]
    accuracy: Share
    baseline: Share
    agreement: Correlation
    n_customers: Count


class RememberedColumn(Plain):
    """How the customers of the fit were spread over one column; see `ColumnProfile`."""

    column: Name
    edges: Annotated[tuple[Number, ...], Meta(max_length=100)]
    categories: Annotated[tuple[Cell, ...], Meta(max_length=config.MAX_CATEGORIES + 1)]
    counts: Annotated[tuple[Count, ...], Meta(max_length=config.MAX_CATEGORIES + 2)]


class RememberedSegment(Plain):
    """How large one segment was and how far its customers lay from its centre; see `SegmentExtent`."""

    size: Count
    typical: NotNegative
    reach: NotNegative
    cross_fitted: Count | None = None


class Remembered(Plain):
    """The customers of the fit, as next month's are compared with them."""

    columns: Annotated[tuple[RememberedColumn, ...], Meta(max_length=config.MAX_COLUMNS)]
    segments: Annotated[tuple[RememberedSegment, ...], Meta(max_length=MOST_SEGMENTS)]


class FormedFrom(Plain):
    """From which model segments were formed anew, when and why; see `Lineage`."""

    trained_on: Name
    when: Name
    why: Annotated[str, Meta(max_length=LONGEST_REASON, pattern=_NO_CONTROLS)]


class ModelV1(Plain):
    """A segmentation as the first version wrote it: its centres say where customers belong."""

    format: Literal["segmodel"]
    version: Literal[1]
    app_version: Name
    created: Name
    algorithm: Name
    seed: Seed
    k: Annotated[int, Meta(ge=1, le=MOST_SEGMENTS)]
    recipe: RecipeOfSegments
    features: Features
    neighbours: list[list[Number]] | None
    centres: Annotated[list[list[Number]], Meta(min_length=1, max_length=MOST_SEGMENTS)]
    segment_names: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MOST_SEGMENTS)]
    row_count: Count
    trained_on: Name
    quality: SegmentScores | None
    stability: Annotated[list[FoundAgain], Meta(max_length=MOST_SEGMENTS)]
    sha256_of_rest: Digest


class ModelV2(ModelV1):
    """As the second version wrote it: with the rule that places customers, null for the nearest centre."""

    version: Literal[2]  # type: ignore[assignment]
    placement: Rule | None


class ModelV3(ModelV2):
    """As the third version wrote it: with the known label that each segment stands for, if any."""

    version: Literal[3]  # type: ignore[assignment]
    known: KnownLabels | None


class ModelV4(ModelV3):
    """As this version writes it: with how the customers of the fit were spread, null where that is not known.

    `colours` is there where segments keep the colour that people know them by under another number; `verdict`,
    `value_column` and `lineage` where they are known.
    """

    version: Literal[4]  # type: ignore[assignment]
    profile: Remembered | None
    colours: Annotated[tuple[Annotated[int, Meta(ge=0, le=1_000)], ...], Meta(max_length=MOST_SEGMENTS)] = ()
    verdict: Name = ""
    value_column: Name = ""
    lineage: FormedFrom | None = None


MODELS: Final[dict[int, type[ModelV1]]] = {1: ModelV1, 2: ModelV2, 3: ModelV3, 4: ModelV4}


class HeldOutScores(Plain):
    """How good the answers for customers held out were."""

    accuracy: Share
    balanced_accuracy: Share
    macro_f1: Share
    log_loss: NotNegative


class Prints(Plain):
    """Keyed fingerprints of the customers that were learnt from, 16 hexadecimal digits each."""

    column: Name
    salt: Annotated[str, Meta(max_length=128, pattern=_HEXADECIMAL)]
    prints: Annotated[str, Meta(max_length=LONGEST_PRINTS, pattern=_HEXADECIMAL)]


class Question(Plain):
    """One field of the form."""

    column: Name
    kind: FieldKind
    low: Number | None
    high: Number | None
    earliest: Name
    latest: Name
    choices: Annotated[tuple[Cell, ...], Meta(max_length=config.MAX_CATEGORIES + 1)]
    typical: Number | Cell | None
    may_be_missing: bool


class WhatLearnt(Plain):
    """How what has learnt is written, and the SHA-256 of its part of the file."""

    kind: Name
    sha256: Digest


class ClassifierCard(Plain):
    """A classifier of known segments, all but what it has learnt."""

    format: Literal["segclassifier"]
    version: Literal[1]
    app_version: Name
    created: Name
    recipe: RecipeOfLearning
    classifier: Name
    settings: Annotated[tuple[Setting, ...], Meta(max_length=100)]
    features: Features
    neighbours: list[list[Number]] | None
    classes: Annotated[tuple[Cell, ...], Meta(min_length=2, max_length=MOST_CLASSES)]
    row_count: Count
    base_rate: Share
    held_out: HeldOutScores
    held_out_customers: Count
    trained_on: Name
    identities: Prints
    form: Annotated[list[Question], Meta(min_length=1, max_length=config.MAX_COLUMNS)]
    learner: WhatLearnt


CARDS: Final[dict[int, type[ClassifierCard]]] = {1: ClassifierCard}

Codes = Annotated[list[Annotated[int, Meta(ge=0, lt=MOST_CLASSES)]], Meta(min_length=1, max_length=MOST_CLASSES)]
Flags = list[Annotated[int, Meta(ge=0, le=1)]]


class LearntBayes(Plain):
    """What naive Bayes has learnt; see `MixedNaiveBayes`."""

    classes: Codes
    log_prior: list[Annotated[float, Meta(ge=-_BORDER, le=0)]]
    borders: list[Number]
    two_valued: Flags
    telling: Flags
    mean: Matrix
    variance: list[list[NotNegative]]
    yes: list[list[Share]]


Small = Annotated[int, Meta(ge=0, le=10_000)]


class NetworkOptions(Plain):
    """How a network was told to learn."""

    layers: Small
    width: Small
    dropout: Share
    rate: Share
    batch: Small
    epochs: Small
    patience: Small
    flat: Small


Losses = Annotated[tuple[Number, ...], Meta(max_length=MOST_EPOCHS)]


class Curve(Plain):
    """The losses after each epoch."""

    training: Losses
    validation: Losses
    rates: Losses
    measured: Name


class LearntNetwork(Plain):
    """What a deep network has learnt."""

    settings: NetworkOptions
    seed: Seed
    classes: Codes
    layers: Layers
    curve: Curve


class PickledAnswer(Plain):
    """What the reader of old pickled models says of one."""

    centres: Annotated[list[list[Number]], Meta(min_length=1, max_length=1_000)]
    mean: list[Number] | None = None
    scale: list[Positive] | None = None
    feature_names: tuple[Name, ...] = ()
    made_with: Name = ""


Object = TypeVar("Object", bound=Plain)


class _Head(Struct):
    """What is looked at before anything else; all other keys are passed over."""

    format: str = ""
    version: Annotated[int, Meta(ge=1, le=1_000_000)] = 0


def version_of(content: bytes, wanted: str, newest: int) -> int:
    """Return the version, 1 to `newest`, of a file of the format `wanted`.

    Raises
    ------
    NotAModelError, NewerModelError, InvalidModelError
        If it is another kind of file, or of a version that is not known.
    """
    try:
        head = msgspec.json.decode(content, type=_Head)
    except msgspec.ValidationError as error:
        if not str(error).endswith("`$.version`"):
            raise NotAModelError(f'"format": "{wanted}"') from None
        raise InvalidModelError("version", f"is not a whole number from 1 to {newest}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _not_json(content, error) from None
    if head.format != wanted:
        raise NotAModelError(f'"format": "{wanted}"')
    if head.version > newest:
        raise NewerModelError(head.version, newest)
    if head.version < 1:
        raise InvalidModelError("version", f"is not a whole number from 1 to {newest}")
    return head.version


def decoded(content: bytes, kind: type[Object]) -> Object:
    """Return what JSON bytes hold, every value checked.

    Raises
    ------
    NotAModelError, InvalidModelError
        With the first value that is not what it should be.
    """
    try:
        found = msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _not_json(content, error) from None
    # Of a key that comes twice one reader takes the first, another the last. The numbers are not wanted again.
    json.loads(content, object_pairs_hook=_refuse_twins, parse_float=len, parse_int=len)
    return found


def _refuse_twins(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise InvalidModelError(name, "stands there twice in one object")
        seen.add(name)


_FIELD: Final = re.compile(r"Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
_BOUND: Final = re.compile(r"Expected `(\w+)` (of length )?([<>]=?)? ?([-+.e\d]+)")
_TYPE: Final = re.compile(r"Expected `([^`]+)`(?:, got `.+`)?")
_TYPES: Final = {
    "float": "a number", "int": "a whole number", "str": "a text", "bool": "true or false", "array": "a list",
    "object": "an object",
}  # fmt: skip
_LENGTHS: Final = {">=": "has fewer than", "<=": "has more than", None: "does not have"}
_SIZES: Final = {">=": "is below", "<=": "is above", ">": "is not above", "<": "is not below"}
_NOT_FINITE: Final = f"is not a finite number of at most {_BORDER:.0e}"
_LONGEST_SHOWN: Final = 60


def _refusal(message: str) -> SegmenterError:
    """Return what msgspec says of a value in this product's words."""
    # The place comes last, whatever a name before it holds.
    what, _, place = message.rpartition(" - at `$") if message.endswith("`") else ("", "", "")
    what, place = (what, place.removesuffix("`").removeprefix(".")) if what else (message, "")
    field = _FIELD.fullmatch(what)
    if field is None:
        return InvalidModelError(place or "the file", _words(what))
    missing = field[1] == "missing required"
    if missing and not place:
        return NotAModelError(field[2])
    name = f"{place}.{_shown(field[2])}".removeprefix(".")
    return InvalidModelError(name, "is missing" if missing else "does not belong there")


def _words(what: str) -> str:
    if bound := _BOUND.fullmatch(what):
        kind, is_length, how, border = bound.groups()
        if is_length and (how, border) == (">=", "1"):
            return "is empty"
        if is_length:
            return f"{_LENGTHS[how]} {border} {'letters' if kind == 'str' else 'values'}"
        return _NOT_FINITE if abs(float(border)) == _BORDER else f"{_SIZES[how]} {float(border):.15g}"
    if "out of range" in what:
        return _NOT_FINITE
    if "matching regex" in what:
        return "is not hexadecimal" if "a-f" in what else "holds a control character"
    kinds = _TYPE.fullmatch(what)
    if kinds is None:
        return "is not one of the possible choices"
    return f"is not {' or '.join(_TYPES.get(each, each) for each in kinds[1].split(' | '))}"


def _shown(name: str) -> str:
    """Return a name that a stranger wrote: not too long, and without what cannot be seen."""
    cut = name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in cut)


_HALF_LETTER: Final = re.compile(rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]")
_KEY: Final = re.compile(rb'"([^"\\]{1,60})"\s*:')


def _not_json(content: bytes, error: Exception) -> SegmenterError:
    """Return where bytes stop being JSON, by the last key before it."""
    if not content.lstrip().startswith(b"{"):
        return NotAModelError("format")
    if isinstance(error, RecursionError):
        return InvalidModelError("the file", "holds lists within lists without end")
    half, at = _HALF_LETTER.search(content), re.search(r"\(byte (\d+)\)", str(error))
    end = half.start() if half else int(at[1]) if at else len(content)
    keys = _KEY.findall(content, max(end - 1_000_000, 0), end)
    place = _shown(keys[-1].decode("utf-8", "replace")) if keys else "the file"
    return InvalidModelError(
        place, "holds half a letter (a lone surrogate)" if half else "is followed by what is not JSON"
    )


def published() -> dict[str, bytes]:
    """Return the JSON schemas (2020-12) that stand beside the models, by file name: every version that is read."""
    return {
        "segmodel.schema.json": _json_schema("A saved segmentation", tuple(MODELS.values())),
        "segclassifier.schema.json": _json_schema("model.json of a saved classifier", tuple(CARDS.values())),
    }


def _json_schema(title: str, kinds: tuple[type[Plain], ...]) -> bytes:
    found, parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "anyOf": list(found),
        "$defs": parts,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def publish(folder: Path) -> None:
    """Write the published schemas into the folder of models."""
    for name, content in published().items():
        (folder / name).write_bytes(content)

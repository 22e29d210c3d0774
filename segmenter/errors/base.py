"""The base class of every error that a user can mend, and the check of what a public function is given."""

from enum import StrEnum
from typing import Final


class Surface(StrEnum):
    """Where a user meets the product."""

    PAGE = "page"
    COMMAND_LINE = "command line"
    PYTHON = "Python"


class SegmenterError(Exception):
    """Anything that the user can repair; `str()` says what, where and what to do, in plain text."""

    def told_on(self, surface: Surface) -> str:  # noqa: ARG002 - most errors say the same everywhere
        """Return the same with the way out that is at hand where the user is."""
        return str(self)


class ArgumentTypeError(SegmenterError, TypeError):
    """A public function was given a value of another type than the one that it works on."""

    def __init__(self, argument: str, expected: str, value: object) -> None:
        self.argument, self.expected = argument, expected
        self.found, self.cure = _described(value), _cure(expected, value)
        super().__init__(argument, expected, self.found)

    def __str__(self) -> str:
        return f"{self.argument} must be {_with_article(self.expected)}, not {self.found}: {self.cure}."


# How each type comes about, by its name; errors are at the bottom of the layers and cannot import the types.
_MADE_BY: Final = {
    "Dataset": "read_table(path) reads one from a file, read_frame(table) makes one of a pandas table",
    "Recipe": "Recipe(suggest_features(dataset), n_segments=4) makes one",
    "LearningRecipe": 'LearningRecipe("the column to learn") makes one',
    "Segmentation": "fit_segmentation(dataset, recipe) makes one, load_model(path) reads a saved one",
    "SegmentModel": "learn(dataset, recipe).model is one, load_classifier(path) reads a saved one",
    "DataFrame": "read_table(path) reads a file, and what it returns needs no read_frame",
    "path or the bytes of a file": "read_frame(table) takes a table that is in memory already",
    "path": 'write it as text, such as "result/model.segmodel.json"',
    "mapping": 'write {"column": value, …}',
    "Result": "Result(dataset, segmentation) makes one",
    "FeatureSpec": 'suggest_features(dataset) makes them all, FeatureSpec("column") one',
}
# What is wanted of a value of one type where another is expected: (expected, found) to the way.
_CURES: Final = {
    ("Dataset", "DataFrame"): "read_frame(table) makes one of it",
    ("Dataset", "Recipe"): "the data comes first, then the recipe",
    ("Dataset", "LearningRecipe"): "the data comes first, then the recipe",
    ("Dataset", "Segmentation"): "the data comes first, then the segmentation",
    ("Dataset", "SegmentModel"): "the data comes first, then the model",
    ("Dataset", "KSelection"): "the data comes first; a KSelection only says how many segments to form of it",
    ("DataFrame", "Dataset"): "it is a Dataset already, so use it as it is",
    ("path or the bytes of a file", "Dataset"): "it is a Dataset already, so use it as it is",
    ("Segmentation", "SegmentModel"): "classify(dataset, model) takes a classifier",
    ("SegmentModel", "Segmentation"): "assign_segments(dataset, segmentation) takes a segmentation",
    ("SegmentModel", "Learned"): "its .model is one",
    ("Segmentation", "Result"): "its .segmentation is one",
    ("Segmentation", "Assignment"): "its .segmentation is one",
}


def check_type(value: object, expected: type, argument: str) -> None:
    """Check that an argument is what a function works on, before a stranger value fails somewhere inside.

    Parameters
    ----------
    value
        What the caller handed in.
    expected
        The class whose instance it must be.
    argument
        The parameter's name, for the message.

    Raises
    ------
    ArgumentTypeError
        If it is not; the message names the function that makes the right thing of the wrong one.
    """
    if not isinstance(value, expected):
        raise ArgumentTypeError(argument, expected.__name__, value)


def _cure(expected: str, value: object) -> str:
    found = type(value).__name__
    if (expected, found) in _CURES:
        return _CURES[expected, found]
    if expected == "Dataset" and (isinstance(value, str | bytes) or hasattr(value, "__fspath__")):
        return "read_table(path) reads one from a file"
    if expected == "DataFrame" and hasattr(value, "to_pandas"):
        return "call its .to_pandas() first"
    return _MADE_BY.get(expected, "see the documentation of the function")


def _described(value: object) -> str:
    """Return what a value is, in words; never the value itself, which may be a customer's."""
    if value is None:
        return "None"
    library = type(value).__module__.partition(".")[0]
    named = f"{library} " if library in {"pandas", "polars", "numpy", "pyarrow"} else ""
    return _with_article(named + type(value).__name__)


def _with_article(name: str) -> str:
    return f"{_article(name)} {name}"


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"


class PowerError(SegmenterError):
    """No test can be planned with these rates, lifts or sizes."""


class ResultsError(SegmenterError):
    """Responses or revenue cannot be read back."""


class RfmGridError(SegmenterError):
    """Customers cannot be scored, or a grid has a hole or an overlap."""


class CustomerValueError(SegmenterError):
    """What customers will be worth cannot be foretold."""


class OffersError(SegmenterError):
    """What customers buy cannot be compared."""

"""Every error says in whole sentences what is wrong, with what it was given, and can travel to another process."""

import importlib
import inspect
import pickle
import pkgutil
import re

import pytest

import segmenter.errors as package
from segmenter.errors.base import SegmenterError

# What an error may be given, by the name of its parameter: an error that takes something else needs a line here.
GIVEN = {
    "absent": ["age"],
    "address": "sc://localhost:15002",
    "algorithm": "kmeans",
    "answer": "999",
    "argument": "dataset",
    "available": ["income", "spend"],
    "changed": True,
    "choices": ["yes", "no"],
    "classes": ["gold"],
    "column": "income",
    "columns": ["tags", "items"],
    "copies": True,
    "counts": {"city": 900},
    "customers": 31,
    "distinct": 31,
    "doing": "reading the table",
    "driver": "oracle",
    "encoding": "cp1250",
    "enough": "SELECT on the tables is enough",
    "example": "12 apples",
    "expected": "Dataset",
    "few": {"gold": 2},
    "file": "rfm.segclf",
    "folder": "results",
    "found": 81,
    "function": "pg_terminate_backend",
    "goes_on": True,
    "high": "90",
    "hit": 31,
    "known": 31,
    "labels": 81,
    "left_out": ["id"],
    "limit": 31,
    "line": 31,
    "lines": 31,
    "looks_like": "a picture",
    "low": "18",
    "may": "write",
    "megabytes": 412.0,
    "missing": ["incme"],
    "most": 31,
    "n_numbers": 31,
    "n_rows": 81,
    "n_segments": 81,
    "n_units": 81,
    "name": "os.system",
    "named": 31,
    "needed": 81,
    "needs": "numbers",
    "neighbours": 81,
    "place": "centres",
    "path": "customers.csv",
    "platform": "Klaviyo",
    "possible": ("kmeans", "som"),
    "ragged": 31,
    "rate": 0.1,
    "reason": "e-mail addresses",
    "role": "amount",
    "row": 31,
    "rows": 81,
    "seconds": 31,
    "seen": ["name (text)"],
    "sheet": "Customers 2031",
    "smallest": 31,
    "source": "orders.parquet",
    "suggestions": {"age": ["Age in years"]},
    "table": "customers_2031",
    "target": "Tier",
    "text": "31/31/2024",
    "title": "HDBSCAN",
    "value": 1e300,
    "version": 31,
    "what": "missing",
    "why": "the disk is full",
    "word": "kmean",
    "within": "a_view",
}
# The same name for something of another type.
OTHERWISE = {
    ("MissingColumnsError", "needed"): ["income", "age"],
    ("ModelIntegrityError", "expected"): "9f86d081884c7d65",
    ("ModelIntegrityError", "found"): "2c26b46b68ffc68f",
    ("NoIdentifierError", "needed"): ["e-mail"],
    ("NotAModelError", "missing"): "centres",
    ("ParquetTooLargeError", "columns"): 31,
    ("SheetTooLargeError", "columns"): 31,
    ("TooManyColumnsError", "columns"): 31,
    ("UnknownPlatformError", "known"): ["meta", "klaviyo"],
    ("UnknownPlatformError", "name"): "friendster",
}
# Errors whose whole sentence is written where they are raised.
WRITTEN_WHERE_RAISED = {
    "AudienceError",
    "CustomerValueError",
    "InvalidSettingError",
    "OffersError",
    "PowerError",
    "ResultsError",
    "RfmGridError",
    "TemplateError",
}


def error_classes(base=SegmenterError):
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found = {}
    waiting = [base]
    while waiting:
        for each in waiting.pop().__subclasses__():
            if each.__module__.startswith(package.__name__):
                found[each.__name__] = each
                waiting.append(each)
    return [found[name] for name in sorted(found)]


def example(error_class):
    """Return one such error, and what it was given."""
    parameters = [
        each
        for each in inspect.signature(error_class.__init__).parameters.values()
        if each.name != "self" and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    given = {each.name: OTHERWISE.get((error_class.__name__, each.name), GIVEN.get(each.name)) for each in parameters}
    unknown = [name for name, value in given.items() if value is None]
    assert not unknown, f"{error_class.__name__} takes {unknown}: give GIVEN an example of it"
    return error_class(**given), given


@pytest.mark.parametrize("error_class", error_classes(), ids=lambda each: each.__name__)
def test_an_error_speaks_in_whole_sentences_and_names_what_it_was_given(error_class):
    if error_class.__name__ in WRITTEN_WHERE_RAISED:
        assert str(error_class("Row 3 has no date. Add one.")) == "Row 3 has no date. Add one."
        return
    error, given = example(error_class)
    said = str(error)
    assert said.endswith(".") or ": pip install" in said, said
    assert len(said.split()) >= 5, said
    assert said == " ".join(said.split()), "one paragraph, no stray blanks"
    # A command is written as it is typed.
    prose = re.sub(r"pip install '[^']*'|columns=\{[^}]*\}", "", said)
    assert not any(odd in prose for odd in ("None,", "None.", "{", "}", "[", "]", "<", "Error")), said
    numbers = [value for value in given.values() if type(value) is int]
    texts = [value for value in given.values() if isinstance(value, str)]
    assert not numbers or any(f"{value:,}" in said for value in numbers), said
    assert not texts or any(text[:4] in said for text in texts), said


@pytest.mark.parametrize("error_class", error_classes(), ids=lambda each: each.__name__)
def test_an_error_survives_the_way_from_the_process_that_met_it(error_class):
    if error_class.__name__ in WRITTEN_WHERE_RAISED:
        error = error_class("Row 3 has no date. Add one.")
    else:
        error, _ = example(error_class)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)

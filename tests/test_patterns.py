"""No pattern of the product takes more than linear time, whatever text it is given.

The patterns are collected from the product itself: those that its modules hold and those that are written where
they are used, so that a new one is tested without being listed here.
"""

import ast
import importlib
import pkgutil
import re
import time
from pathlib import Path

import pytest
from phonenumbers import PhoneMetadata

import segmenter
from segmenter.io.read.csv.delimited import _WRITTEN_ELSEWHERE

ROOT = Path(segmenter.__file__).parent
# Which argument is the pattern, in functions of `re`, of Arrow and of pandas' text columns.
OF_RE = ("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split")
OF_PANDAS = ("contains", "match", "fullmatch", "extract", "extractall", "findall", "count", "replace", "split")
MAY_MATCH = re.compile(r"\bre\.|_regex\(|\.str\b")
# Telephone numbers of a region, as the library of them writes them.
NUMBERS = tuple(
    f"^(?:{PhoneMetadata.metadata_for_region(region).general_desc.national_number_pattern})$"
    for region in ("AT", "DE", "US", "GB", "IN")
)
# Patterns that are put together while the product runs, out of what the file decides: some of each.
PUT_TOGETHER = {
    ("segmenter.io.read.csv.records", "_unescaped"): (r'\\([\\\r\n"])|""', r"\\([\\\r\n'])|''"),
    ("segmenter.table.infer.numbers", "to_numbers"): (),  # one of FORMS, which are compiled beside it
    ("segmenter.table.infer.numbers", "_mixed_groups"): (r"\d,\d{3}", r"\d\.\d{3}"),
    ("segmenter.io.read.csv.layout", "may_hold_labels"): ("(?i)gesamt|total|zusammen|Σ|итого",),
    ("segmenter.io.read.csv.delimited", "_letters_of_pages"): tuple(_WRITTEN_ELSEWHERE.values()),
    ("segmenter.io.read.csv.delimited", "_odd_cells"): (),  # a pattern that stands beside it
    ("segmenter.io.read.csv.delimited", "_some_marked"): (),  # one that stands in fast
    ("segmenter.io.read.csv.fast", "is_marked_as_text"): (),  # a pattern that stands beside it
    ("segmenter.table.infer.dates", "read_dates"): (),  # one of those compiled beside it
    ("segmenter.activate.identifiers", "recognise_contacts"): (
        r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$",
        r"^\+\d[\d ()./-]{6,}$",
    ),
    ("segmenter.activate.identifiers", "_usual_numbers"): NUMBERS,
    ("segmenter.activate.rfm", "read_cuts"): (r"[;\s]+", r"[,\s]+"),
    ("segmenter.activate.identifiers", "_accepted"): NUMBERS,
    ("segmenter.io.export.audiences", "_quoted_texts"): ('["\\r\\n,]', '["\\r\\n;]', '["\\r\\n\\t]'),
}
# What cells are made of, alone and one after the other.
DIGITS, WORDS = ("0", "9"), ("a", "Z", "é", "š", "_")
MARKS = (" ", "\t", "\n", '"', "'", ",", ";", ".", "-", "/", ":", "@", "(", "\\", "<", "=", "$", "€", "|")
PIECES = ("2024-01-", "2024-01-02 ", "12:30", "1,234", "a1", "@.", ",;", "x  ", '\\"', ",'", "total ", "weg ")
# Ends runs of letters, blanks and marks, and the line but not the text: what took them looks for another way.
END = "q\x00\nq"
TINY, SHORT, LONG, LARGEST_RATIO = 400, 4_000, 20_000, 10
# Every letter of the short text with every other one is 8 million pairs: what takes less than .1 ns for each of them
# does not go through them. What takes so long on the tiny one grows with a higher power still.
SECONDS_UNSUSPECTED, SECONDS_STUCK = 0.0008, 0.03


def _calls(tree):
    """Every call of a method in a module, with the function that it stands in."""

    def visit(node, function):
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
                yield child, inner
            yield from visit(child, inner)

    yield from visit(tree, "")


def _pattern_of(call):
    """The source of the pattern that a call is given; None when it takes none."""
    method, owner = call.func.attr, call.func.value
    if isinstance(owner, ast.Name) and owner.id == "re" and method in OF_RE:
        return ast.unparse(call.args[0])
    if method.endswith("_regex"):
        return ast.unparse(call.args[1])
    if isinstance(owner, ast.Attribute) and owner.attr == "str" and method in OF_PANDAS and call.args:
        plain = any(word.arg == "regex" and ast.unparse(word.value) == "False" for word in call.keywords)
        return None if plain else ast.unparse(call.args[0])
    return None


def _compiled(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _compiled(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _compiled(each)


def _collected():
    """All patterns of the product, and where one is put together that PUT_TOGETHER does not list."""
    found, unlisted = {}, []
    for entry in pkgutil.walk_packages([str(ROOT)], "segmenter."):
        if entry.name.endswith("__main__"):
            continue
        module = importlib.import_module(entry.name)
        for value in list(vars(module).values()):
            found.update({(each.pattern, each.flags): each for each in _compiled(value)})
        text = Path(module.__file__).read_text(encoding="utf-8")
        # Most modules call no such function, and need not be parsed.
        for call, function in _calls(ast.parse(text)) if MAY_MATCH.search(text) else ():
            source = _pattern_of(call)
            if source is None:
                continue
            try:
                value = eval(source, dict(vars(module)))
            except NameError:
                listed = PUT_TOGETHER.get((entry.name, function))
                if listed is None and function:
                    unlisted.append((entry.name, function, source))
                found.update({(each, 0): re.compile(each) for each in listed or ()})
                continue
            if isinstance(value, str | bytes):
                found.setdefault((value, 0), re.compile(value))
    return list({(each.pattern, each.flags): each for each in found.values()}.values()), unlisted


PATTERNS, UNLISTED = _collected()


def _texts(pattern):
    """Pieces to repeat: what cells hold, and what the pattern itself speaks of."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    own = re.findall(r"[A-Za-zß]{2,}|[^\sA-Za-z0-9]", re.sub(r"\\[A-Za-z]", " ", source))[:20]
    pieces = dict.fromkeys((*DIGITS, *WORDS, *MARKS, *PIECES, *own))
    for piece in pieces:
        yield piece
        for other in ("0", "a", " ", ","):
            yield piece + other
    # A beginning that fits, then much that goes on and an end that does not fit.
    for start in dict.fromkeys(
        ("total", "a@", "x@a", "(", "<c", '<c r="A1">', "/*", "sep=", "1", ">", '{"', "0,", *own)
    ):
        for piece in (" ", "0", "a", ".", ",", ",000"):
            yield start, piece


def _text(piece, length, of_bytes):
    start, again = piece if isinstance(piece, tuple) else ("", piece)
    text = start + again * ((length - len(start)) // len(again)) + END
    return text.encode("utf-8") if of_bytes else text


def _seconds(pattern, method, text):
    # The processor's time of this thread: others that share the machine don't count.
    begun = time.thread_time()
    if method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)
    return time.thread_time() - begun


def _growth(pattern, method, piece):
    """How many times as long five times the text takes; 0 where both are too quick to tell."""
    tiny, short, long = (_text(piece, length, isinstance(pattern.pattern, bytes)) for length in (TINY, SHORT, LONG))
    if min(_seconds(pattern, method, tiny) for _ in range(2)) > SECONDS_STUCK:
        return float("inf")
    at_short = _seconds(pattern, method, short)
    if at_short < SECONDS_UNSUSPECTED:
        return 0
    at_short = min(at_short, _seconds(pattern, method, short))
    at_long = _seconds(pattern, method, long)
    # Twice what is suspected is no accident of the clock; less is measured again.
    if LARGEST_RATIO * at_short <= at_long < 2 * LARGEST_RATIO * at_short:
        at_short = min(at_short, *(_seconds(pattern, method, short) for _ in range(3)))
        at_long = min(at_long, *(_seconds(pattern, method, long) for _ in range(2)))
    return at_long / at_short


def test_every_pattern_is_among_those_that_are_tried():
    assert not UNLISTED, "say in PUT_TOGETHER what these come to"
    assert len(PATTERNS) > 60


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: repr(pattern.pattern)[:60])
def test_five_times_the_text_takes_no_pattern_more_than_ten_times_as_long(pattern):
    slow = [
        (method, piece, ratio)
        for piece in dict.fromkeys(_texts(pattern))
        for method in ("fullmatch", "finditer")
        if (ratio := _growth(pattern, method, piece)) >= LARGEST_RATIO
    ]
    assert not slow


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        (r"\d+.*\b(?:street|road)\b", "0"),
        (r"^total\b\W*(?:rows)?\W*\d*\W*$", ("total", " ")),
        (r"<c\b[^>]*?\br=", "<c "),
    ],
)
def test_a_pattern_that_goes_back_again_and_again_is_found_out(pattern, piece):
    assert _growth(re.compile(pattern), "finditer", piece) >= LARGEST_RATIO

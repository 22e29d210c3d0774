"""Every dirty file is read right, or with a notice, or refused: never wrongly in silence."""

import numpy as np
import pytest

from segmenter.errors.base import SegmenterError
from segmenter.io.read.table import read_table
from segmenter.table.dataset import Dataset
from tests.io.read.dirty_files import NOTICE, REFUSED, RIGHT, DirtyFile, clean_twins, dirty_files

# What is read is the question here, a thousand times over, and not who reads it.
pytestmark = pytest.mark.usefixtures("without_workers")

DIRTY = list(dirty_files())
CLEAN = list(clean_twins())


def outcome_of(file: DirtyFile) -> tuple[str, str]:
    """Return the outcome and what there is to say about it."""
    try:
        dataset = read_table(file.content)
    except SegmenterError as error:
        return REFUSED, str(error)
    said = "; ".join(note.text for note in dataset.notes)
    fault = misread(dataset, file)
    if fault and (not dataset.notes or fault.startswith("!")):
        return "silently wrong", fault + " " + said
    return (NOTICE if dataset.notes else RIGHT), said


def misread(dataset: Dataset, file: DirtyFile) -> str:
    """Return how the table differs from the truth; nothing when it does not."""
    rows = dataset.original.fillna("").astype(str).to_numpy().tolist()
    truth = file.truth.rows
    if len(rows[0]) != len(file.truth.header):
        return f"{len(rows[0])} columns instead of {len(file.truth.header)}"
    known = {tuple(row) for row in truth}
    strange = [row for row in rows if tuple(row) not in known]
    if strange:
        # A wrong row is wrong whatever is said beside it.
        return f"! row {strange[0]}"
    if len(truth) - len(rows) > file.may_lack:
        return f"{len(rows)} rows instead of {len(truth)}"
    for name, numbers in file.numbers.items():
        if not np.allclose(dataset.frame[name], numbers, atol=0.006):
            return f"! numbers of {name}"
    return ""


@pytest.mark.parametrize("file", DIRTY, ids=lambda file: file.name)
def test_a_dirty_file_is_read_right_or_said_so(file):
    outcome, said = outcome_of(file)
    assert outcome in file.outcomes, said


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(DIRTY) >= 500
    assert len(CLEAN) >= 300


@pytest.mark.parametrize("file", CLEAN, ids=lambda file: file.name)
def test_a_clean_file_is_read_without_a_word(file):
    assert outcome_of(file) == (RIGHT, "")

"""Exports of shops, customer systems, advertising and form tools are read right, in eight locales and more."""

import numpy as np
import pytest

from segmenter.io.read.table import read_table
from tests.io.read.exports import exports

# What is read is the question here, and not who reads it.
pytestmark = pytest.mark.usefixtures("without_workers")

EXPORTS = list(exports())


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_an_export_is_read_right(export):
    dataset = read_table(export.content)
    # A column of several answers in a cell brings further ones, named after it.
    answers = tuple(f"{name}: " for name in export.header)
    own = [name for name in dataset.original.columns if not name.startswith(answers)]
    assert own == export.header
    assert dataset.original[own].fillna("").astype(str).to_numpy().tolist() == export.rows
    for name, numbers in export.numbers.items():
        assert np.allclose(dataset.frame[name], numbers)
    said = [note.text for note in dataset.notes]
    if export.said:
        assert said
    else:
        assert [note.text for note in dataset.notes if note.warning and note.column is None] == []


def test_there_are_exports_of_enough_tools():
    assert len({export.name for export in EXPORTS}) >= 30

"""Words for numbers say what the numbers say."""

import pytest

from segmenter.ui.messages import share_words


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0.0%"), (24 / 1_000_000, "< 0.1%"), (0.0005, "0.1%"), (0.25, "25.0%"), (1.0, "100.0%")]
)
def test_a_few_missing_values_are_not_none(share, words):
    assert share_words(share) == words

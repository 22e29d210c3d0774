"""Words for numbers say what the numbers say."""

import re

import pytest

from segmenter.ui.messages import safe_md, share_words


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0.0%"), (24 / 1_000_000, "< 0.1%"), (0.0005, "0.1%"), (0.25, "25.0%"), (1.0, "100.0%")]
)
def test_a_few_missing_values_are_not_none(share, words):
    assert share_words(share) == words


@pytest.mark.parametrize(
    "text", ["http://a.example", "HTTPS://a.example/b", "www.a.example", "x@a.example", "mailto:x@a.b"]
)
def test_no_address_is_left_for_the_page_to_make_a_link_of(text):
    shown = re.sub(r"\\(.)", r"\1", safe_md(f"spend {text}"))
    assert shown.replace("\u2060", "") == f"spend {text}"
    assert not re.search(r"https?://|www\.|[-.\w+]@[-\w]", shown, re.IGNORECASE)

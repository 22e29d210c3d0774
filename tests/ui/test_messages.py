"""Words for numbers say what the numbers say."""

import re

import pytest

from segmenter.ui.jobs import Queued
from segmenter.ui.messages import queue_words, safe_md, share_words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0.0 %"), (24 / 1_000_000, "< 0.1 %"), (0.0005, "0.1 %"), (0.25, "25.0 %"), (1.0, "100.0 %")],
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


@pytest.mark.parametrize(
    ("queued", "words"),
    [
        (Queued(0, 0.0, started=False), "Waiting: you are next"),
        (Queued(1, 4.0, started=False), "Waiting: 1 other visitor's work goes first, a few seconds more"),
        (Queued(3, 42.0, started=False), "Waiting: the work of 3 others goes first, about 40 seconds"),
        (Queued(2, 63.0, started=True), "Paused: the work of 2 others goes first, about 1 minute"),
        (Queued(9, 900.0, started=False), "Waiting: the work of 9 others goes first, about 15 minutes"),
        (Queued(99, 9e4, started=False), "Waiting: the work of 99 others goes first, more than an hour"),
    ],
)
def test_who_waits_reads_how_many_go_first_and_for_about_how_long(queued, words):
    assert queue_words(queued) == words

"""Spreadsheets must not run what customers typed."""

import pandas as pd
import pytest

from segmenter.io.export.csv import escaped, escaped_cells

RISKY = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    " =1",
    "＝1",
    "-",
    "-abc",
    "+44 20 7946 0958",
    "\t=1",
    "\r=1",
    "\ufeff=1",
    "=cmd|' /C calc'!A0",
    "'=1",
    "''@SUM(A1)",
]
HARMLESS = ["-5", "-1,234.50", "-1.2e-3", "+5%", "abc", "", "1=1", "a@b.c", "3-4", "'-5", "'abc"]


@pytest.mark.parametrize("text", RISKY)
def test_a_formula_gets_an_apostrophe(text):
    assert escaped(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_a_signed_number_or_a_word_stays_as_it_is(text):
    assert escaped(text) == text


def test_a_column_is_escaped_like_its_cells():
    texts = pd.Series([*RISKY, *HARMLESS, None], dtype="str")
    assert list(escaped_cells(texts)[:-1]) == [escaped(text) for text in (*RISKY, *HARMLESS)]


def test_no_two_texts_are_written_alike():
    texts = [marks + text for text in (*RISKY, *HARMLESS) for marks in ("", "'", "''")]
    assert len({escaped(text) for text in texts}) == len(set(texts))

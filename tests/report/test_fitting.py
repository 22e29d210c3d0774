"""Texts are measured before they are written, and are never larger than their boxes."""

import time

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from segmenter.display import clean_text
from segmenter.report.blocks import count_lines, fit_text, one_line, text_width

FONT = ImageFont.truetype(f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf", 100)


@pytest.mark.parametrize("text", ["Young big spenders", "iiiiiiiiii", "WWWWWW", "87 k$ (64 % above average)", "Größe"])
def test_a_text_is_as_wide_as_another_program_says(text):
    # Pairs of letters that stand closer together make the difference.
    assert text_width(text, 12) == pytest.approx(FONT.getlength(text) * 12 / 100 / 72, rel=0.03)


def test_letters_of_other_fonts_are_taken_for_wide_ones():
    assert text_width("\U0001f600", 72) >= 1.2
    assert text_width("顾", 72) >= 1.0


@given(st.text(max_size=120), st.floats(0.3, 6), st.floats(0.2, 2))
def test_whatever_is_fitted_takes_no_more_room_than_there_is(text, width, height):
    fitted = fit_text(text, width, height, (20, 14, 9))
    assert count_lines(fitted.text, width, fitted.size) <= max(1, fitted.lines)
    assert fitted.height <= max(height, 9 * 1.2 / 72) + 1e-6
    assert fitted.text == clean_text(text) or fitted.text.endswith("…")


@given(st.text(st.characters(), max_size=60))
def test_a_cleaned_text_is_one_that_every_file_can_hold(text):
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\n" not in cleaned
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


def test_what_fits_is_left_whole_and_as_large_as_can_be():
    assert fit_text("Short", 3, 1, (20, 10)) == fit_text("Short", 3, 1, (20,))
    assert one_line("Short", 3, 10) == "Short"
    assert one_line("A sentence that is far too long for it", 1, 10).endswith("…")


def test_words_and_units_that_belong_together_stay_together():
    assert clean_text("54\u00a0k$  and\tmore") == "54\u00a0k$ and more"


@pytest.mark.parametrize("piece", ["x", "many words "])
def test_time_grows_no_faster_than_a_text(piece):
    def cost(times):
        began = time.process_time()
        fit_text(piece * times, 4, 2, (14, 12, 10))
        return time.process_time() - began

    cost(1_000)
    assert cost(400_000) < 60 * max(cost(20_000), 0.005)

"""The web page of a report needs nothing, runs nothing, and holds no customer."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    SECTIONS,
    FeatureSpec,
    KSelection,
    Page,
    Recipe,
    Result,
    Section,
    Verdict,
    build_report,
    fit_segmentation,
    read_frame,
)
from segmenter.charts.theme import PALETTE
from segmenter.display import clean_text, sum_text
from segmenter.recipe.recipe import Role
from segmenter.report.blocks import Text
from segmenter.ui.messages import structure_words
from tests.report.results_for_tests import FORMULA, HOSTILE, PERSONAL, SCRIPT

EMPTY = {"meta", "br", "img", "col", "rect", "hr"}
POINTING = {"src", "href", "srcset", "data", "action", "poster", "xlink:href", "background"}


class Reader(HTMLParser):
    """Collects tags, attributes and texts, and whether every tag that opens closes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.open, self.unmatched = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unmatched.append(tag)

    def handle_data(self, text):
        self.texts.append(text)


def read(content):
    reader = Reader()
    reader.feed(content.decode("utf-8"))
    reader.close()
    return reader


@pytest.fixture(scope="module")
def content(hostile):
    return build_report(hostile, "html")


@pytest.fixture(scope="module")
def page(content):
    return read(content)


def test_it_is_well_formed_and_runs_nothing(page):
    assert page.open == page.unmatched == []
    assert "script" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    policy = next(value for name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")


def test_it_asks_no_other_place_for_anything(page, content):
    targets = [value for name, value in page.attributes if name in POINTING]
    assert targets
    assert not [each for each in targets if not each.startswith(("#", "data:image/svg+xml;base64,"))]
    style = content.decode().split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    for picture in (each for each in targets if each.startswith("data:")):
        drawing = base64.b64decode(picture.split(",")[1]).decode()
        # A drawing points to its own parts and to the pixels that lie in it.
        assert not [each for each in re.findall(r'href="([^"]*)"', drawing) if not each.startswith(("#", "data:"))]
        assert "<script" not in drawing


def test_every_name_is_read_as_it_stands(page, hostile):
    text = "".join(page.texts)
    for name in HOSTILE[: hostile.segmentation.n_segments]:
        # Shorter than what a table's cell shows.
        assert clean_text(name)[:30] in text
    assert SCRIPT in text
    assert FORMULA.lower() in text.lower()


def test_what_no_file_can_hold_or_what_turns_words_around_is_left_out(content):
    text = content.decode("utf-8")
    assert not set(text) & set("\x00\x07\x1b\u202e\u202d\u2066\u2028")


def test_every_link_of_the_contents_leads_somewhere(page):
    ids = {value for name, value in page.attributes if name == "id"}
    links = [value[1:] for name, value in page.attributes if name == "href"]
    assert links
    assert set(links) <= ids


def test_no_customer_is_in_it(page, content):
    assert PERSONAL.format(7) not in content.decode()
    assert "Muller" not in content.decode()
    # The column is named among what is not shown, at most.
    assert "@example.com" not in "".join(page.texts)


def test_the_numbers_are_those_of_the_profiles(mall_result):
    text = " ".join(read(build_report(mall_result, "html")).texts)
    for profile in mall_result.profiles:
        assert f"{profile.size:,} customers" in text
        for index in profile.index.values():
            assert f" {index:.0f} " in text


def test_the_same_result_gives_the_same_bytes(hostile, content):
    assert build_report(hostile, "html") == content


def test_a_section_added_to_the_registry_stands_in_every_report(mall_result, monkeypatch):
    def then_and_now(source):
        return [Page("Then and now", (Text((f"{source.result.n_placed} customers stayed.",)),))]

    monkeypatch.setitem(SECTIONS, "then-and-now", Section(then_and_now))
    text = build_report(mall_result, "html").decode()
    assert "300 customers stayed." in text
    # What is no appendix stands before it.
    assert text.index("Then and now</span></h2>") < text.index("What to be careful with</span></h2>")
    assert b"ppt/slides/slide" in build_report(mall_result, "pptx")


def test_segments_keep_the_colours_that_people_know_them_by(mall_result):
    carried = replace(mall_result.segmentation, colours=(4, 3, 2, 1, 0))
    text = build_report(replace(mall_result, segmentation=carried), "html").decode()
    chips = re.findall(r'class="chip" style="background:(#[0-9a-f]{6})[^>]*>(\d)<', text)
    assert {number: shade for shade, number in chips} == {str(n + 1): PALETTE[4 - n] for n in range(5)}


@pytest.mark.parametrize(("verdict", "borders"), [(verdict, ()) for verdict in Verdict])
def test_the_report_says_first_what_the_page_said(mall_result, verdict, borders):
    selection = KSelection((), verdict=verdict, recommended=5, reason="Because.", borders=borders)
    text = build_report(replace(mall_result, structure=selection.structure), "html").decode()
    assert f'<p class="lead">{structure_words(selection)[0]}</p>' in text
    assert ("a convention" in text) == (verdict in (Verdict.NONE, Verdict.CONSTRUCTED))


def test_the_title_s_share_is_that_of_the_customers_and_no_sum_of_rounded_ones(mall_result):
    sizes = sorted((profile.size for profile in mall_result.profiles), reverse=True)
    count = next(n for n in range(1, 6) if sum(sizes[:n]) >= sum(sizes) / 2)
    text = build_report(mall_result, "html").decode()
    held = float(re.search(rf"{count} of the 5 segments hold ([\d.]+) % of the customers", text)[1])
    assert held == pytest.approx(100 * sum(sizes[:count]) / sum(sizes), abs=0.5)


@pytest.mark.parametrize(
    ("shares", "written"),
    [
        ((0.346, 0.258), "60.4 %"),
        ((0.346, 0.262), "61 %"),
        ((0.683,), "68 %"),
        ((0.144, 0.144, 0.144, 0.144), "58 %"),
    ],
)
def test_a_sum_whose_parts_stand_beside_it_does_not_contradict_them(shares, written):
    # 35 % and 26 % are read beside the first, and add up to 61; of four, nobody adds up.
    assert sum_text(shares) == written


@pytest.mark.parametrize(
    ("revenue", "title"),
    [
        ((10, 10, 10), "How the segments share the revenue"),
        ((10, 18, 10), "30 % of the customers hold 44 % of the revenue"),
        ((1, 1, 40), "One segment holds 91 % of the revenue"),
    ],
)
def test_the_title_of_the_money_says_what_is_news(revenue, title):
    group = np.repeat([0, 1, 2], [50, 30, 20])
    frame = pd.DataFrame({"age": np.array([25.0, 45.0, 70.0])[group], "revenue": np.array(revenue, float)[group]})
    dataset = read_frame(frame)
    segmentation = fit_segmentation(dataset, Recipe((FeatureSpec("age", Role.NUMBER),), n_segments=3))
    text = build_report(Result(dataset, segmentation, value_column="revenue"), "html").decode()
    assert title in text

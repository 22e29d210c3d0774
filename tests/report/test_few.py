"""A report of customers placed in segments from before, of which hardly anybody is in some."""

import html
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    Result,
    assign_segments,
    choose_features,
    describe_segments,
    fit_segmentation,
    leave_out_unfit,
    read_frame,
)
from segmenter.monitor.drift import Advice, check_model
from segmenter.report.months import check_pages
from segmenter.report.sections import ReportSource, each_segment, money, opening, values_in_own_units
from segmenter.segment.quality import Light, SegmentStability


def customers(sizes, seed, *, strange=0):
    random = np.random.default_rng(seed)
    age = np.repeat([20.0, 40.0, 60.0], sizes) + random.normal(size=sum(sizes))
    spend = np.repeat([100.0, 500.0, 900.0], sizes) + 10 * random.normal(size=sum(sizes))
    age[:strange] += 500
    return read_frame(pd.DataFrame({"age": age.round(1), "annual_spend": spend.round(2)}))


@pytest.fixture(scope="module")
def placed():
    formed = customers((200, 150, 100), 1)
    model = fit_segmentation(formed, Recipe(choose_features(formed, ("age", "annual_spend")), 3))
    lights = tuple(SegmentStability(segment, 0.99, 1.0, Light.GREEN) for segment in range(3))
    model = replace(model, stability=lights)
    now = customers((200, 150, 1), 2, strange=100)
    nearest = assign_segments(now, model)
    kept = leave_out_unfit(now, nearest, check_model(now, nearest))
    return Result(now, kept.segmentation, kept)


def test_shares_of_placed_customers_are_those_of_all(placed):
    cards = ReportSource(placed).cards
    assert [card.share for card in cards] == [card.size / placed.dataset.n_customers for card in cards]
    assert [profile.share for profile in placed.profiles] == [card.share for card in cards]
    total = placed.dataset.frame["annual_spend"].sum()
    assert cards[0].money.share == pytest.approx(cards[0].money.sum / total)
    shown = check_pages(ReportSource(placed).change.check)[0].blocks[0]
    assert shown.categories[-1] == "In none"
    assert shown.series[1].values[:-1] == tuple(card.share for card in cards)


def test_a_report_says_no_value_of_a_segment_of_few(placed):
    source = ReportSource(placed)
    few = source.cards[2]
    assert few.size == 1
    row = placed.dataset.frame.iloc[-1]
    text = html.unescape(str([*each_segment(source)[2:], *values_in_own_units(source), *money(source)]))
    assert "Too few customers to describe without naming them" in text
    assert f"{row['annual_spend']:,.0f}" not in text
    assert "As a filter" not in str(each_segment(source)[2])
    # On the page, whoever has the file at hand sees them.
    assert describe_segments(placed.dataset, placed.segmentation, placed=True)[2].markers


def test_reliability_is_said_of_no_segment_that_is_hardly_there(placed):
    source = ReportSource(placed)
    assert [card.light for card in source.cards] == [Light.GREEN, Light.GREEN, None]
    assert placed.profiles[2].stability is None
    assert source.change.check.advice is Advice.REFIT
    assert "reliable" not in str(opening(source)[0].blocks[0])


def test_what_a_segment_of_few_brings_is_not_said_to_be_of_nobody():
    formed = customers((200, 150, 5), 3)
    recipe = Recipe(choose_features(formed, ("age", "annual_spend")), 3)
    page = money(ReportSource(Result(formed, fit_segmentation(formed, recipe))))[0]
    assert "in no segment" not in page.lead
    assert "Too few customers to show what they bring: 3." in page.lead
    assert "of the 2 segments" not in page.title

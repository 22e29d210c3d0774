"""The month's pages of a report: then and now, who moved, what has drifted, what was done; and several months."""

import html
import io
import re

import numpy as np
import pandas as pd
import pytest
from pptx import Presentation

from segmenter import Recipe, Result, assign_segments, build_report, fit_segmentation, name_segments, read_frame
from segmenter.io.export.report import months_report
from segmenter.monitor.drift import check_model
from segmenter.monitor.movement import compare_months, month, shares_over_time
from segmenter.prepare.suggest import suggest_features
from segmenter.report.months import MonthChange


def customers(seed, richer=1.0):
    random = np.random.default_rng(seed)
    group = np.arange(300) % 3
    return pd.DataFrame({
        "customer_id": [f"C{number:04d}" for number in range(300)],
        "spend": (np.array([20.0, 100.0, 300.0])[group] * random.normal(richer, 0.05, 300)).round(2),
        "orders": np.array([2, 10, 25])[group] + random.integers(0, 3, 300),
    })  # fmt: skip


@pytest.fixture(scope="module")
def changed():
    before = read_frame(customers(1), "march.csv")
    model = name_segments(before, fit_segmentation(before, Recipe(suggest_features(before), n_segments=3)))
    frame = customers(2, richer=1.6)
    # Ten of the first group buy like the third now, twenty are gone, fifteen are new.
    frame.loc[:27:3, ["spend", "orders"]] = frame.loc[2:29:3, ["spend", "orders"]].to_numpy()
    frame = frame.iloc[:280]
    new = frame.iloc[30:45].assign(customer_id=[f"N{number}" for number in range(15)])
    dataset = read_frame(pd.concat([frame, new], ignore_index=True), "april.csv")
    assignment = assign_segments(dataset, model)
    result = Result(dataset, assignment.segmentation, assignment)
    months = [
        month(each.name, each.original["customer_id"], labels.map(dict(enumerate(model.names))), names=model.names)
        for each, labels in ((before, model.labels), (dataset, assignment.segmentation.labels))
    ]
    return result, MonthChange(check_model(dataset, assignment), compare_months(*months)), months


def slide_texts(content):
    found = []
    for slide in Presentation(io.BytesIO(content)).slides:
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        texts += [
            cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells
        ]
        found.append("\n".join(texts))
    return found


def test_a_report_says_what_has_changed_since_last_month(changed):
    result, change, _ = changed
    movement = change.movement
    page = html.unescape(re.sub(r"<[^>]+>", " ", build_report(result, "html", change=change).decode()))
    moved = movement.n_moved
    assert moved >= 10
    assert f"{moved:,} of 280 returning customers changed segment, 15 are new, 20 are gone." in page
    assert change.check.sentence in page
    assert "1 of 2 columns moved clearly since then" in page
    assert "march.csv, by the customers' numbers: 280 are in both" in page
    slides = slide_texts(build_report(result, "pptx", change=change))
    assert any(
        "From which segment to which" in text and str(int(movement.customers.iloc[0, 0])) in text for text in slides
    )
    assert any("What was done" in text and "formed before from 300 customers" in text for text in slides)


def test_who_moved_is_left_out_where_last_month_is_not_at_hand(changed):
    result, change, _ = changed
    page = build_report(result).decode()
    assert html.escape(change.check.sentence, quote=False) in page
    assert "changed segment" not in page


def test_no_customer_of_either_month_stands_in_the_report(changed):
    result, change, _ = changed
    assert not re.search(r"\b[CN]\d{4}\b|\bN\d\b", build_report(result, "html", change=change).decode())


def test_shares_in_the_charts_of_slides_are_those_of_the_check(changed):
    result, change, _ = changed
    charts = [
        shape.chart
        for slide in Presentation(io.BytesIO(build_report(result, "pptx", change=change))).slides
        for shape in slide.shapes
        if shape.has_chart
    ]
    then, now = charts[0].plots[0].series
    none = [change.check.in_none] if any(change.check.in_none) else []
    assert list(now.values) == [*(shift.now for shift in change.check.segments), *(now for _, now in none)]
    assert list(then.values) == [*(shift.before for shift in change.check.segments), *(then for then, _ in none)]


def test_several_months_are_one_report_as_a_page_and_as_slides(changed):
    result, change, months = changed
    shares = shares_over_time(months)
    checks = {"march.csv": None, "april.csv": change.check}
    page = html.unescape(months_report(checks, shares, [change.movement], "html").decode())
    assert "<script" not in page
    assert f"{100 * shares.loc['april.csv', result.segmentation.names[0]]:.1f} %" in page
    slides = Presentation(io.BytesIO(months_report(checks, shares, [change.movement], "pptx"))).slides
    lines = next(shape.chart for shape in slides[0].shapes if shape.has_chart)
    assert [list(series.values) for series in lines.plots[0].series] == shares.T.to_numpy().tolist()

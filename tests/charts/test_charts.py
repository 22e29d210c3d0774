"""Charts carry the numbers that the tables carry, and words that mean nothing to Plotly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from segmenter import (
    Recipe,
    Result,
    choose_features,
    compare_k,
    fit_segmentation,
    read_frame,
    read_sample,
    read_table,
    suggest_features,
)
from segmenter.charts import CHARTS, is_empty
from segmenter.charts.comparison import crosstab_map, elbow, silhouettes, splits
from segmenter.charts.maps import pair_map, scatter
from segmenter.charts.months import movement_sankey, then_and_now
from segmenter.charts.paper import as_png, histogram_figure, scatter_figure
from segmenter.charts.profiles import (
    box_plots,
    correlation_map,
    customer_lines,
    histogram,
    index_map,
    index_rows,
    missing_map,
    sizes,
)
from segmenter.charts.theme import (
    LABEL_GROUND,
    LABEL_INK,
    PALETTE,
    annotate_segments,
    colour,
    escape_text,
    for_page,
)
from segmenter.choose.k import compare_solutions, segments_across_k
from segmenter.display import ink_on
from segmenter.monitor.drift import SegmentShift
from segmenter.monitor.movement import compare_months, month
from segmenter.recipe.recipe import FeatureSpec, Role
from segmenter.segment.embed import best_pair, rank_columns_by_eta_squared
from segmenter.table.repeats import missing_pattern

COLUMNS = ("Annual Income (k$)", "Spending Score (1-100)")


@pytest.fixture(scope="module")
def result():
    dataset = read_sample("mall")
    return Result(dataset, fit_segmentation(dataset, Recipe(choose_features(dataset, COLUMNS), 5)))


def test_bars_show_the_sizes(result):
    assert list(sizes(result.profiles).data[0].x) == [profile.size for profile in result.profiles]


def test_a_segment_has_one_colour_in_every_chart(result):
    expected = list(PALETTE[:5])
    assert list(sizes(result.profiles).data[0].marker.color) == expected
    assert [trace.marker.color for trace in scatter(result, COLUMNS).data[:5]] == expected
    assert [trace.marker.color for trace in histogram(result, COLUMNS[0]).data] == expected


def test_centres_stand_in_the_users_own_units(result):
    centres = scatter(result, COLUMNS).layout.annotations
    means = [profile.means[COLUMNS[0]] for profile in result.profiles]
    assert [each.x for each in centres] == pytest.approx(means)
    assert [each.text for each in centres] == [f"<b>{number}</b>" for number in range(1, 6)]


def test_no_point_is_drawn_over_the_numbers_of_the_segments(result):
    # Points are drawn by WebGL, which lies above every plain trace and beneath every annotation.
    assert {trace.type for trace in scatter(result, COLUMNS).data} == {"scattergl"}
    assert len(scatter(result, (*COLUMNS, "Age")).layout.scene.annotations) == 5


def test_every_customer_is_drawn_once(result):
    drawn = sum(len(trace.x) for trace in scatter(result, COLUMNS).data)
    assert drawn == result.n_placed


def test_three_columns_make_a_third_axis(result):
    figure = scatter(result, (*COLUMNS, "Age"))
    assert len(figure.data[0].z) == result.profiles[0].size


def test_the_histogram_holds_every_value_of_a_segment(result):
    assert [len(trace.x) for trace in histogram(result, "Age").data] == [profile.size for profile in result.profiles]


def test_segments_of_categories_alone_are_told_apart_by_the_shares_of_their_values():
    dataset = read_table(b"city,kind\n" + b"Oslo,a\n" * 20 + b"Rome,b\n" * 30)
    recipe = Recipe((FeatureSpec("city", Role.CATEGORY), FeatureSpec("kind", Role.CATEGORY)), 2)
    drawn = CHARTS["index"].draw(Result(dataset, fit_segmentation(dataset, recipe))).data[0]
    rows = dict(zip(drawn.y, drawn.z, strict=True))
    # Per cent above or below everyone: nobody of the first segment is from Oslo, all of the second are.
    assert rows["City: Oslo"] == pytest.approx((-100.0, 150.0))
    assert rows["Kind: b"] == pytest.approx((100 / 0.6 - 100, -100.0))


@pytest.mark.parametrize(
    "trace",
    [go.Pie(values=[1]), go.Histogram(x=[1]), go.Heatmap(z=[[1]]), go.Treemap(labels=["a"], parents=[""]),
     go.Indicator(value=0), go.Sankey(link={"source": [0], "target": [1], "value": [2]})],
)  # fmt: skip
def test_a_chart_of_any_kind_is_shown(trace):
    assert not is_empty(go.Figure(trace))


@pytest.mark.parametrize("trace", [go.Bar(x=["a"], y=[]), go.Pie(values=[]), go.Scatterpolar(r=[]), go.Bar(name="a")])
def test_a_chart_without_values_is_empty(trace):
    assert is_empty(go.Figure(trace))
    assert is_empty(go.Figure())


@pytest.mark.parametrize("name", CHARTS)
def test_every_registered_chart_draws(name, result):
    assert CHARTS[name].draw(result).data


def test_the_recommended_number_is_marked():
    dataset = read_sample("mall")
    selection = compare_k(dataset, Recipe(choose_features(dataset, COLUMNS)), range(2, 7))
    for draw in (elbow, silhouettes):
        figure = draw(selection)
        assert list(figure.data[1].x) == [selection.recommended]


def test_words_from_a_file_are_shown_literally():
    assert escape_text("<b>x</b> <a href='http://x'>") == "‹b›x‹/b› ‹a href='http://x'›"
    assert "%{" not in escape_text("%{x}")
    assert escape_text("income (k$)") == "income (k$)"
    assert "$" not in escape_text("$a$")
    assert len(escape_text("x" * 1000)) == 60


def test_a_name_with_markup_reaches_no_chart_as_markup(result):
    named = Result(result.dataset, result.segmentation.renamed(tuple("<i>&" * 3 for _ in range(5))))
    for chart in CHARTS.values():
        assert "<i>" not in chart.draw(named).to_json()


def test_missing_stripes_show_the_share_missing():
    dataset = read_table(b"a,b\n1,1\n,2\n3,\n,4\n")
    pattern = missing_pattern(dataset)
    assert pattern["a"].mean() == pytest.approx(0.5)
    assert missing_map(pattern).data[0].z.shape == (2, 4)


def test_no_legend_stands_on_the_title_of_an_axis(result):
    legend = histogram(result, "Age").layout.legend
    assert legend.y >= 1
    assert legend.yanchor == "bottom"


def test_the_paper_picture_is_a_png(result):
    assert as_png(histogram_figure(result, "Age")).startswith(b"\x89PNG")


def test_colours_repeat_only_after_twelve():
    assert len({colour(segment) for segment in range(12)}) == 12


def test_bands_carry_every_customer_from_each_number_of_segments_to_the_next():
    two, three = np.array([0, 0, 0, 0, 1, 1, 1]), np.array([1, 1, 2, 2, 0, 0, 0])
    link = splits(segments_across_k({2: two, 3: three})).data[0].link
    assert sum(link.value) == 7
    assert sorted(link.value) == [2, 2, 3]


def test_the_crosstab_shows_the_counts():
    found = compare_solutions(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0]))
    assert crosstab_map(found).data[0].z.tolist() == [[1, 2], [2, 0]]


def test_numbers_that_would_stand_on_each_other_are_moved_apart():
    figure = go.Figure(go.Scatter(x=[0, 100], y=[0, 100]))
    places = {0: (50.0, 50.0), 1: (50.0, 50.0), 2: (50.5, 50.2), 3: (90.0, 10.0)}
    signs = {sign.text: sign for sign in annotate_segments(figure, places).layout.annotations}
    at = {
        text: np.array([sign.x / 100 * 520 + (sign.ax or 0), sign.y / 100 * 400 - (sign.ay or 0)])
        for text, sign in signs.items()
    }
    names = sorted(at)
    apart = [np.hypot(*(at[one] - at[two])) for place, one in enumerate(names) for two in names[:place]]
    assert min(apart) >= 28
    assert not signs["<b>4</b>"].showarrow  # nobody is near it


def test_correlations_are_those_of_pandas():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 4, 6, 9], "c": [4.0, 3, 1, 0]})
    drawn = correlation_map(frame).data[0]
    np.testing.assert_allclose(np.array(drawn.z), frame.corr())


@pytest.mark.parametrize("dark", [False, True])
def test_a_number_is_read_on_every_segments_colour(dark):
    def luminance(code):
        parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for segment in range(12):
        ground = colour(segment, dark=dark)
        light, deep = sorted((luminance(ground), luminance(ink_on(ground))), reverse=True)
        assert (light + 0.05) / (deep + 0.05) >= 4.5, ground


def test_on_a_dark_page_segments_take_colours_that_do_not_sink():
    figure = go.Figure(go.Bar(x=[1], y=["a"], marker_color=[colour(0)]))
    assert for_page(figure, dark=True).data[0].marker.color[0] == colour(0, dark=True)
    assert for_page(figure, dark=False) is figure
    months = (month(name, pd.Series(["a", "b"]), pd.Series(["Big", segment]), names=("Big", "Small"))
              for name, segment in (("May", "Big"), ("June", "Small")))  # fmt: skip
    (moves,) = for_page(movement_sankey(compare_months(*months)), dark=True).data
    # Ribbons are of the colour of the bars that they begin at, and words are light.
    red, green, blue = (int(moves.node.color[0][at : at + 2], 16) for at in (1, 3, 5))
    assert moves.node.color[0] == colour(0, dark=True)
    assert all(ribbon.startswith(f"rgba({red},{green},{blue},") for ribbon in moves.link.color)
    assert moves.textfont.color == "#e9eff2"


def test_changes_are_written_with_a_true_minus_sign():
    shifts = [SegmentShift(0, "Big", 0.4, 0.33, 0.3, 0.36, 0.01), SegmentShift(1, "Small", 0.6, 0.67, 0.6, 0.7, 0.01)]
    words = " ".join(each.text for each in then_and_now(shifts).layout.annotations)
    assert "−7.0" in words
    assert "+7.0" in words
    assert "-" not in words


def test_what_stands_in_the_cells_of_a_heat_map_is_read_on_a_dark_page():
    frame = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [3.0, 2.0, 1.0, 0.0], "c": [0.0, 5.0, 5.0, 0.0]})
    cells, words = for_page(correlation_map(frame), dark=True).data
    assert list(words.text[:3]) == ["1", "−1", "0"]
    (_, falling), (_, neither), (_, rising) = cells.colorscale
    assert list(words.textfont.color[:3]) == [ink_on(rising), ink_on(falling), ink_on(neither)]


def test_labels_on_points_are_read_on_a_dark_page():
    figure = go.Figure()
    figure.add_annotation(text="a label", bgcolor=LABEL_GROUND, font={"color": LABEL_INK})
    figure.add_annotation(text="1", bgcolor=colour(0), font={"color": ink_on(colour(0))})
    label, number = for_page(figure, dark=True).layout.annotations
    assert (label.bgcolor, label.font.color) == ("rgba(16,22,26,0.75)", "#e9eff2")
    assert number.font.color == ink_on(colour(0, dark=True))


def test_rates_are_per_cent_on_every_axis_as_on_the_cards():
    random = np.random.default_rng(5)
    share = np.r_[random.uniform(0.05, 0.1, 60), random.uniform(0.7, 0.9, 60)]
    dataset = read_frame(pd.DataFrame({"discount_share": share, "orders": random.poisson(4, 120)}))
    result = Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), 2)))
    columns = ("discount_share", "orders")
    for figure in (pair_map(result, columns), scatter(result, columns), box_plots(result, "discount_share")):
        axis = figure.layout.xaxis
        assert axis.tickformat == ".0%"
        assert axis.labelalias["40%"] == "40 %"
    assert box_plots(result, "orders").layout.xaxis.tickformat is None
    assert [(each.label, max(each["values"]) > 1) for each in customer_lines(result).data[0].dimensions] == [
        ("Discount share, %", True),
        ("Orders", True),
    ]


@pytest.mark.parametrize("name", sorted(CHARTS.keys() - {"index"}))
def test_whoever_sees_a_chart_reads_the_names_that_somebody_gave(result, name):
    given = tuple(f"Ours {number}" for number in range(5))
    renamed = Result(result.dataset, result.segmentation.renamed(given))
    figure = CHARTS[name].draw(renamed)
    # Of bars, beside them; above panels; else in the legend.
    read = [str(part) for trace in figure.data for part in (trace.y if trace.type in ("bar", "box") else ())]
    read += [str(trace.name) for trace in figure.data if figure.layout.showlegend is not False]
    read += [sign.text for sign in figure.layout.annotations]
    assert all(any(each in text.replace("<br>", " ") for text in read) for each in given)


def test_answers_in_words_are_drawn_as_bars_in_their_order():
    scale = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    answers = pd.DataFrame({"I like it": [scale[0], scale[4], scale[3], scale[1]] * 30, "I buy it": scale[1:] * 30})
    dataset = read_frame(answers)
    segmented = fit_segmentation(dataset, Recipe(suggest_features(dataset), 2))
    figure = CHARTS["small-multiples"].draw(Result(dataset, segmented))
    column = figure.layout.xaxis.title.text.replace("<br>", " ").partition(":")[0]
    wanted = pd.crosstab(answers[column], segmented.labels, normalize="columns")
    for segment, bars in enumerate(figure.data):
        assert list(bars.y) == [level for level in scale if level in set(answers[column])]
        assert list(bars.x) == pytest.approx(list(wanted[segment].reindex(bars.y)))


def test_the_index_map_at_a_glance_keeps_the_value_farthest_from_everyone():
    group = np.repeat(["A", "B", "C", "D"], [400, 300, 200, 100])
    height = np.repeat([10.0, 20.0, 30.0, 40.0], [400, 300, 200, 100])
    dataset = read_frame(pd.DataFrame({"height": height + np.arange(1000) % 7 / 10, "kind": group}))
    features = [
        replace(each, role=Role.DESCRIPTOR) if each.column == "kind" else each for each in suggest_features(dataset)
    ]
    profiles = Result(dataset, fit_segmentation(dataset, Recipe(tuple(features), 4))).profiles
    kinds = [name for name in index_rows(profiles, 8) if name.startswith("kind")]
    assert len(kinds) == 3
    assert "kind: D" in kinds


def test_rows_of_the_index_map_are_never_drawn_over_each_other():
    answers = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    random = np.random.default_rng(4)
    table = pd.DataFrame({f"I think that shop number {n} is a good one": random.choice(answers, 120) for n in (1, 2)})
    dataset = read_frame(table)
    drawn = index_map(Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), 3))).profiles).data[0]
    assert len(set(drawn.y)) == len(drawn.y) == 10


def test_no_number_covers_another_on_paper():
    random = np.random.default_rng(6)
    dataset = read_frame(pd.DataFrame({name: random.normal(0, 1, 300) for name in ("a", "b", "c", "d")}))
    figure = scatter_figure(
        Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), 12))), ("a", "b")
    )
    as_png(figure)
    boxes = [sign.get_bbox_patch().get_window_extent() for sign in figure.axes[0].texts]
    assert len(boxes) == 12
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_the_map_opens_on_columns_of_more_than_two_values_where_there_are_any():
    rng = np.random.default_rng(3)
    group = np.repeat([0, 1], 40)
    frame = pd.DataFrame({"member": group, "visits": 9 * group + rng.normal(size=80), "spend": rng.normal(size=80)})
    dataset = read_frame(frame)
    features = tuple(FeatureSpec(name) for name in frame)
    found = Result(dataset, fit_segmentation(dataset, Recipe(features, 2)))
    assert rank_columns_by_eta_squared(found)[0] == "member"
    assert best_pair(found) == ("visits", "spend")

"""What only one method has to show stands in a tab of its own."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.cluster.som import SomMap, closeness, order
from segmenter.display import percent_text
from segmenter.ui.widgets.details_view import VIEWS, view_of
from segmenter.ui.widgets.learn_results import ELBOW_CAUTION


def page(method, settings=()):
    from segmenter import Recipe, Result, choose_features, fit_segmentation, read_sample
    from segmenter.ui.state import session
    from segmenter.ui.widgets.result_view import show_result

    if session().result.latest is None:
        dataset = read_sample("mall")
        features = choose_features(dataset, ("Annual Income (k$)", "Spending Score (1-100)", "Age"))
        recipe = Recipe(features, 5, algorithm=method, settings=settings)
        session().dataset, session().features = dataset, features
        session().result.keep(Result(dataset, fit_segmentation(dataset, recipe)), None)
    show_result(session().result.latest, "segments")


@pytest.fixture(scope="module")
def app():
    run = AppTest.from_function(page, default_timeout=180, kwargs={"method": "som"}).run()
    run.segmented_control(key="segments_view").set_value("Map of units").run()
    assert not run.exception
    return run


def views_of(app):
    return app.segmented_control(key="segments_view").options


def words_on(app):
    return " ".join(str(each.value) for each in (*app.markdown, *app.subheader))


def test_a_map_of_units_has_a_tab(app):
    assert views_of(app)[-1] == "Map of units"


def test_both_errors_of_the_map_are_figures_with_their_meaning_in_words(app):
    figures = {figure.label: figure for figure in app.metric}
    found = app.session_state["segmenter"].result.latest.segmentation.clusterer.details_
    close, torn = figures["Quantization error (scaled units)"], figures["Topographic error"]
    assert close.value == f"{found.quantization_error:.2f}"
    assert close.help == closeness(found)
    assert torn.value == percent_text(found.topographic_error, 1)
    assert torn.help == order(found)


def test_each_chart_of_the_map_is_there_and_every_unit_in_a_table(app):
    for title in ("Borders and customers", "Customers per unit", "What the units are like", "How the units merge"):
        assert title in words_on(app)
    tables = [table.value for table in app.dataframe if "distance to neighbours" in table.value]
    assert [len(table) for table in tables] == [225]
    assert tables[0]["customers"].sum() == 300


def test_the_line_can_be_moved_and_what_it_shows_be_taken(app):
    assert "segments_own_use_cut" not in [button.key for button in app.button]
    app.slider(key="segments_own_cut").set_value(3).run()
    assert not app.exception
    app.button(key="segments_own_use_cut").click().run()
    assert app.session_state["segmenter"].n_segments == 3


@pytest.mark.parametrize("details", [None, object()])
def test_what_no_view_knows_has_no_tab(details):
    clusterer = SimpleNamespace(details_=details)
    assert view_of(SimpleNamespace(segmentation=SimpleNamespace(clusterer=clusterer))) is None


def test_segments_of_k_means_have_the_usual_tabs():
    run = AppTest.from_function(page, default_timeout=180, kwargs={"method": "k-means"}).run()
    assert not run.exception
    assert views_of(run) == [
        "Differences", "Profiles", "Rules", "Money", "Customers", "Map", "Columns", "Quality", "Known labels",
        "Lists", "Inside groups",
    ]  # fmt: skip


def test_every_view_has_a_title_of_its_own():
    titles = [view.title for view in VIEWS.values()]
    assert SomMap in VIEWS
    assert len(set(titles)) == len(titles)
    assert not {"Differences", "Map", "Columns", "Quality"} & set(titles)


def test_more_units_than_customers_are_said(app):
    # The sample's 300 customers stand on 225 units.
    assert "more units than customers" not in words_on(app)
    few = AppTest.from_function(page_of_few, default_timeout=180).run()
    assert not few.exception
    assert "225 units for 60 customers: more units than customers" in words_on(few)


def page_of_few():
    import numpy as np
    import pandas as pd

    from segmenter import Recipe, Result, choose_features, fit_segmentation, read_frame
    from segmenter.ui.widgets.details_view import show_som

    random = np.random.default_rng(1)
    dataset = read_frame(pd.DataFrame(random.normal(size=(60, 2)) * 10, columns=["spend", "visits"]))
    recipe = Recipe(choose_features(dataset, ("spend", "visits")), 3, algorithm="som")
    show_som(Result(dataset, fit_segmentation(dataset, recipe)), "few")


def test_the_elbow_in_an_encoding_stands_beside_the_common_one_with_its_caution():
    asked = {"method": "autoencoder", "settings": (("epochs", 2),)}
    app = AppTest.from_function(page, default_timeout=180, kwargs=asked).run()
    app.segmented_control(key="segments_view").set_value("Training").run()
    assert ELBOW_CAUTION not in [each.value for each in app.caption]
    before = len(app.get("plotly_chart"))
    next(each for each in app.toggle if each.label == "Elbow in the encoding").set_value(True).run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == before + 1
    assert ELBOW_CAUTION in [each.value for each in app.caption]

"""The Prepare page and the table of kinds, used as a visitor uses them."""

import time

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmenter.recipe.recipe import DateUse, Missing, Role, Scaling, Transform
from tests.ui.test_pages import columns_list

PREPARE = "segmenter/ui/pages/prepare.py"
N = 120


def customers():
    random = np.random.default_rng(0)
    spend = random.lognormal(3, 1.2, N).round(2)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:04d}" for number in range(N)],
            "email": [f"someone{number}@example.com" for number in range(N)],
            "spend": spend,
            "cost": (spend * 0.6).round(2),
            "age": random.integers(18, 80, N).astype(float),
            "mood": random.choice(["plum", "teal", "sage"], N),
            "tier": random.choice(["Low", "Average", "High"], N),
            "city": random.choice(["Oslo", "Rome", "Bonn"], N, p=[0.6, 0.37, 0.03]),
            "joined": pd.date_range("2023-01-01", periods=N, freq="3D").strftime("%Y-%m-%d"),
        }
    )
    frame.loc[::6, "age"] = None
    frame.loc[3, "spend"] = 90_000.0
    return frame.to_csv(index=False).encode()


@pytest.fixture
def app():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("c.csv", customers(), "text/csv")).run()
    return at(app, PREPARE)


def at(app, page):
    app.switch_page(page).run()
    assert not app.exception
    return app


def session_of(app):
    return app.session_state["segmenter"]


def spec_of(app, column):
    return next(spec for spec in session_of(app).features if spec.column == column)


def use(app, *columns):
    """Form segments of these columns, and open the settings of the first."""
    columns_list(app).set_value(list(columns)).run()
    app.selectbox(key="prepare_one").set_value(columns[0]).run()
    assert not app.exception
    return app


def table_of(app):
    """Return the table of columns: one line a column."""
    return next(each.value for each in app.data_editor if "What we did" in each.value).set_index("Column")


def tick(app, **ticks):
    """Tick columns in the table, or take their ticks away."""
    dataset, view = session_of(app).dataset, app.session_state["prepare_view"]
    rows = list(table_of(app).index)
    app.session_state[f"prepare_table_{dataset.fingerprint[:8]}_{view}_{session_of(app).ticked_anew}"] = {
        "edited_rows": {rows.index(name): {"In": on} for name, on in ticks.items()},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    return app


def opened(app, line):
    app.session_state[line] = True
    return app.run()


def texts(elements):
    return " ".join(str(each.value) for each in elements).replace("\\", "")


def test_the_page_needs_no_click_and_draws_no_picture_before_one(app):
    # A tier is an earlier grouping; mood and city only describe.
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["age", "cost", "spend"]
    assert app.title[0].value == "3 of 9 columns form the segments."
    assert "A few very large values in 2 columns were evened out." in texts(app.markdown)
    assert "20 empty cells were filled in" in texts(app.markdown)
    assert not app.get("plotly_chart")


def test_each_column_has_a_line_that_says_what_it_is_and_what_was_done(app):
    table = table_of(app)
    assert list(table.index) == [column.name for column in session_of(app).dataset.columns]
    assert table["In"].sum() == 3
    assert table.loc["age", "What we did"] == "20 empty cells got the median"
    assert table.loc["spend", "What we did"] == "Evened out, as a few values are very large"
    assert table.loc["email", "What we did"] == "Out: personal data never forms segments"
    assert table.loc["customer_id", "What we did"] == "Out: only names the customer"
    assert table.loc["city", "What we did"] == "Out: describes the segments"
    # Bars add up to the customers who have a value; nothing of a person's own is pictured or named.
    assert sum(table.loc["age", "Picture"]) == 100
    assert sum(table.loc["city", "Picture"]) == N
    assert table.loc["email", "Picture"] is None
    assert "@" not in "".join(table["Values"])


def test_a_tick_takes_a_column_in_or_out_and_the_views_follow(app):
    tick(app, age=False, city=True)
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["city", "cost", "spend"]
    assert columns_list(app).value == ["spend", "cost", "city"]
    app.segmented_control(key="prepare_view").set_value("Out").run()
    assert "age" in table_of(app).index
    assert "city" not in table_of(app).index
    # What is picked elsewhere counts, and no old tick comes back.
    columns_list(app).set_value(["age"]).run()
    app.run()
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["age"]


def test_a_tick_at_personal_data_is_refused_in_words(app):
    tick(app, email=True)
    assert "email cannot form segments" in texts(app.warning)
    assert "email" not in [spec.column for spec in session_of(app).recipe.segmenting]


def test_personal_data_is_not_among_the_columns_to_segment_by(app):
    assert "email" not in columns_list(app).options
    assert "city" in columns_list(app).options


def test_redundant_columns_are_named_and_one_click_leaves_one_out():
    rows = "\n".join(f"{n % 17},{3 * (n % 17) + n % 11},{n * 7 % 50}" for n in range(90))
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("c.csv", f"a,b,c\n{rows}\n".encode(), "text/csv")).run()
    at(app, PREPARE)
    assert "a and b carry nearly the same information" in texts(app.info)
    app.button(key="prepare_leave_0").click().run()
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["a", "c"]
    assert columns_list(app).value == ["a", "c"]


def test_a_value_too_large_is_named_and_the_page_still_works():
    rows = "\n".join(f"{n % 17},{n * n % 31}" for n in range(60))
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("c.csv", f"a,b\n{rows}\n1e200,1\n".encode(), "text/csv")).run()
    at(app, PREPARE)
    assert "Row 61, a = 1e+200 is too large to use" in texts(app.error)
    assert table_of(app)["In"].all()


def test_evening_out_and_special_codes_have_one_switch_each_that_goes_back_and_forth():
    rows = "\n".join(f"{n % 17},{1.12 ** (n % 90):.2f},{99 if n % 30 == 0 else n % 4}" for n in range(180))
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("c.csv", f"a,tail,children\n{rows}\n".encode(), "text/csv")).run()
    at(app, PREPARE)
    assert spec_of(app, "tail").transform is not Transform.NONE
    app.toggle(key="prepare_even_on").set_value(False).run()
    assert spec_of(app, "tail").transform is Transform.NONE
    app.toggle(key="prepare_even_off").set_value(True).run()
    assert spec_of(app, "tail").transform is not Transform.NONE
    label = app.toggle(key="prepare_unknown_children_on").label.replace("\\", "")
    assert label == "Does 99 in children (6 customers) mean “not known”?"
    app.toggle(key="prepare_unknown_children_on").set_value(False).run()
    assert spec_of(app, "children").unknown == ()
    assert not app.exception


def test_what_is_off_says_why_and_is_taken_in_by_one_click(app):
    said = table_of(app).loc["tier", "What we did"]
    assert said == "Out: an earlier segment, score or prediction, as the column is called"
    tick(app, tier=True)
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["age", "cost", "spend", "tier"]
    assert "tier" in columns_list(app).value


def test_skewed_columns_are_drawn_in_by_one_click_and_their_fields_follow(app):
    app.toggle(key="prepare_even_on").set_value(False).run()
    use(app, "spend", "age")
    assert "Strongly skewed: spend" in texts(app.warning)
    app.button(key="prepare_log").click().run()
    assert spec_of(app, "spend").transform is not Transform.NONE
    assert app.segmented_control(key="prepare_col_shape_spend").value == spec_of(app, "spend").transform
    assert "Strongly skewed" not in texts(app.warning)


def test_every_choice_for_missing_values_is_previewed_and_taken(app):
    use(app, "age", "spend")
    table = next(each.value for each in app.dataframe if "Filled in" in each.value)
    assert table["Filled in"].tolist() == [0, 0, 20, 20, 20, 20]
    assert table["Left out"].tolist() == [0, 20, 0, 0, 0, 0]
    app.selectbox(key="prepare_col_missing_age").set_value(Missing.CONSTANT).run()
    app.number_input(key="prepare_col_missing_value_age").set_value(33.0).run()
    app.toggle(key="prepare_col_mark_age").set_value(True).run()
    assert not app.exception
    age = spec_of(app, "age")
    assert (age.missing, age.constant, age.indicator) == (Missing.CONSTANT, 33.0, True)


def test_customers_far_out_are_named_and_capped_or_scaled_robustly(app):
    use(app, "spend", "age")
    app.segmented_control(key="prepare_col_shape_spend").set_value("none").run()
    named = next(each.value for each in app.dataframe if "Row" in each.value)
    assert named.iloc[0].tolist() == [4, "C0003", "90000.0"]
    app.segmented_control(key="prepare_col_tail_spend").set_value("cap").run()
    assert spec_of(app, "spend").cap == (1.0, 99.0)
    app.slider(key="prepare_col_cap_spend").set_value((0.0, 95.0)).run()
    assert spec_of(app, "spend").cap == (0.0, 95.0)
    app.segmented_control(key="prepare_col_tail_spend").set_value("robust").run()
    assert (spec_of(app, "spend").cap, spec_of(app, "spend").scaling) == (None, Scaling.ROBUST)


def test_a_recognised_scale_comes_in_its_order_and_can_be_turned_round(app):
    use(app, "tier", "spend")
    assert (spec_of(app, "tier").role, spec_of(app, "tier").order) == (Role.ORDINAL, ("Low", "Average", "High"))
    order = spec_of(app, "tier").order
    app.session_state[f"prepare_col_order_tier_{hash(order)}"] = {
        "edited_rows": {0: {"Step": 9}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    assert spec_of(app, "tier").order == ("Average", "High", "Low")


def test_an_unknown_scale_is_asked_for_and_never_alphabetical(app):
    use(app, "mood", "spend")
    assert spec_of(app, "mood").role is Role.CATEGORY
    app.segmented_control(key="prepare_col_use_mood").set_value("ordinal").run()
    assert "Nothing tells which value is lowest" in texts(app.markdown)
    as_in_the_file = session_of(app).dataset.frame["mood"].unique()
    assert spec_of(app, "mood").order == tuple(as_in_the_file)


def test_rare_values_and_weights_are_adjusted(app):
    use(app, "city", "spend")
    app.number_input(key="prepare_col_rare_city").set_value(2.0).run()
    app.number_input(key="prepare_col_weight_city").set_value(2.5).run()
    assert (spec_of(app, "city").rare, spec_of(app, "city").weight) == (0.02, 2.5)
    assert "Gathered as other:** 1 values" in texts(app.markdown)
    assert not app.exception


def test_a_date_becomes_what_the_visitor_says(app):
    use(app, "joined", "spend")
    app.selectbox(key="prepare_col_date_joined").set_value("month").run()
    assert spec_of(app, "joined").date_use is DateUse.MONTH
    app.selectbox(key="prepare_col_date_joined").set_value("age").run()
    app.date_input(key="prepare_col_day_joined").set_value(pd.Timestamp("2025-01-01").date()).run()
    assert (spec_of(app, "joined").date_use, spec_of(app, "joined").reference) == (DateUse.AGE, "2025-01-01")


def test_how_much_each_column_counts_is_shown(app):
    use(app, "spend", "age", "city")
    opened(app, "prepare_counts_open")
    table = next(each.value for each in app.dataframe if "Share of the distance" in each.value)
    assert table["Share of the distance"].tolist() == ["33.3 %"] * 3
    assert dict(zip(table["Column"], table["Prepared columns"], strict=True))["city"] == 3


def test_other_choices_are_tried_in_the_background(app):
    use(app, "age", "spend")
    opened(app, "prepare_try_open")
    app.number_input(key="prepare_try_segments").set_value(3).run()
    app.button(key="prepare_try").click().run()
    session_of(app).jobs.job.wait(180)
    app.run()
    assert not app.exception
    table = next(each.value for each in app.dataframe if "Would move" in each.value)
    assert "age: leave these customers out" in table["Instead"].tolist()
    assert table["Agreement"].is_monotonic_increasing
    app.segmented_control(key="prepare_scaling").set_value(Scaling.ROBUST).run()
    assert not any("Would move" in each.value for each in app.dataframe)


def change_kind(app, column, kind):
    opened(app, "kinds_open")
    dataset = session_of(app).dataset
    row = [each.name for each in dataset.columns].index(column)
    app.session_state[f"kind_table_{dataset.fingerprint[:12]}"] = {
        "edited_rows": {row: {"Taken for": kind}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    assert not app.exception


def test_a_kind_is_changed_in_the_table_and_other_columns_stay_as_they_were_set(app):
    use(app, "spend", "age")
    app.number_input(key="prepare_col_weight_spend").set_value(3.0).run()
    change_kind(app, "age", "identifier")
    assert session_of(app).dataset.column("age").kind == "identifier"
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["spend"]
    assert spec_of(app, "spend").weight == 3.0


def test_a_kind_that_cells_cannot_be_is_refused_in_words(app):
    change_kind(app, "city", "number")
    assert session_of(app).dataset.column("city").kind == "category"
    assert "can't be taken for a number" in texts(app.warning)


def test_the_table_of_kinds_stands_on_the_page_of_the_file_too(app):
    at(app, "segmenter/ui/pages/data.py")
    change_kind(app, "age", "code")
    assert spec_of(app, "age").role is Role.IGNORED


def test_a_column_of_ones_own_forms_segments_and_can_be_taken_away(app):
    app.session_state["prepare_own_open"] = True
    app.run()
    app.text_input(key="prepare_own_name").set_value("margin")
    app.text_input(key="prepare_own_formula").set_value("1 - cost / nobody")
    next(button for button in app.button if button.label == "Add the column").click().run()
    assert "there is no column" in app.error[0].value
    app.text_input(key="prepare_own_formula").set_value("spend - cost")
    next(button for button in app.button if button.label == "Add the column").click().run()
    assert not app.exception
    assert spec_of(app, "margin").role is Role.NUMBER
    assert session_of(app).recipe.formulas in ((), (("margin", '"spend" - "cost"'),))
    use(app, "margin", "age")
    assert session_of(app).recipe.formulas == (("margin", '"spend" - "cost"'),)
    app.session_state["prepare_own_open"] = True
    app.run()
    app.button(key="prepare_own_0").click().run()
    assert "margin" not in session_of(app).dataset.frame


def test_weights_and_components_are_picked_in_the_settings(app):
    use(app, "spend", "age", "cost")
    app.selectbox(key="prepare_weights").set_value("cost").run()
    assert session_of(app).recipe.weight_column == "cost"
    assert {spec.column for spec in session_of(app).recipe.segmenting} == {"spend", "age"}
    app.selectbox(key="prepare_reduction").set_value("pca").run()
    app.number_input(key="prepare_components").set_value(1).run()
    assert (session_of(app).recipe.reduction.value, session_of(app).recipe.n_components) == ("pca", 1)
    app.selectbox(key="prepare_weights").set_value("").run()
    assert session_of(app).recipe.weight_column == ""
    assert not app.exception


def test_heaps_are_looked_for_on_a_click_with_the_caution(app):
    app.session_state["prepare_heaps_open"] = True
    app.run()
    app.button(key="prepare_heaps").click().run()
    for _ in range(100):
        if app.metric:
            break
        time.sleep(0.1)
        app.run()
    assert app.metric[0].label == "Hopkins statistic"
    assert any("does not mean that there are groups" in each.value for each in app.markdown)

"""Choose the columns that form the segments and how they are made comparable."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from segmenter import config
from segmenter.charts.profiles import distance_picture, influence_bars
from segmenter.choose.evidence import TENDENCY_MEASURES, clustering_tendency, unweighted_words
from segmenter.display import percent_text
from segmenter.errors.base import SegmenterError
from segmenter.measures.tendency import Tendency
from segmenter.prepare.diagnostics import PREVIEW_ROWS, column_influence
from segmenter.prepare.formulas import HELP, LONGEST_NAME
from segmenter.prepare.preparation import prepare
from segmenter.prepare.suggest import can_segment, missing_effect, transformed_features, transforms_in_words, unused
from segmenter.recipe.recipe import Reduction, Role, Scaling
from segmenter.table.dataset import NUMERIC_KINDS, Dataset, subsample
from segmenter.ui import messages
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.column_settings import column_settings
from segmenter.ui.widgets.columns_table import (
    ask_about_codes,
    change_line,
    column_pictures,
    columns_table,
    pick_columns,
    pick_view,
    show_findings,
    toggle_transforms,
)
from segmenter.ui.widgets.corrections import kinds_table
from segmenter.ui.widgets.k_view import show_sensitivity
from segmenter.ui.widgets.notes import show_chart, show_error
from segmenter.ui.widgets.purchases import looks_like_purchases
from segmenter.ui.widgets.text_fields import text_line
from segmenter.ui.widgets.working import Work, run_job

STILL_LINES = (
    "These rows look like purchases, not customers: each line counts as a customer from here on, unless you turn the "
    "lines into customers on Data."
)
WEIGHTS_HELP = (
    "For surveys: a column that says how many people of the market each row stands for. It counts in segments, shares, "
    "means, tests and scores, and never forms segments itself."
)
REDUCTION_WORDS = {
    Reduction.NONE: "The columns as they are",
    Reduction.PCA: "Principal components (PCA)",
    Reduction.FAMD: "Components of numbers and categories (FAMD)",
}
REDUCTION_HELP = (
    "Components put columns that go together into one. They rarely serve better than the columns: scores are always "
    "those of the columns, so that you see whether they do."
)
OWN_INTRO = (
    "A ratio, a difference or groups of a number often say more than the columns that they are made of: "
    "`spend / orders`, `bins(age, 18, 35, 65)`, `where(country == 'DE', 1, 0)`. The formula is kept in the model and "
    "worked out again for next month's file."
)
TENDENCY_INTRO = (
    "Two old questions about data before segments are formed. Neither is a verdict: that is on Choose, which tells one "
    "crowd from several groups."
)
HOPKINS_HELP = "0.5: customers are spread as evenly as chance would; near 1: they are in heaps."
NO_VERDICT = "One single crowd is a heap too, so a high value does not mean that there are groups."
VAT_CAPTION = (
    "Distances between a sample of customers, those near each other side by side (VAT): dark blocks along the diagonal "
    "are heaps, one dark whole is one crowd."
)
INFLUENCE_HELP = (
    "What each column contributes to the distance between two customers. A category is scaled so that, at weight 1, it "
    "counts as much as a standardised number, however many values it has."
)


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    _answer(dataset)
    _remind_of_lines(dataset)
    ask_about_codes(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        table = st.container(width="content")
        with st.popover("Settings", icon=":material/tune:"):
            _pick_columns(dataset)
            _pick_scaling()
            toggle_transforms(dataset)
            _pick_weights(dataset)
            _pick_components(dataset)
    with table:
        view = pick_view(dataset)
    columns_table(dataset, view)
    _one_column(dataset)
    with st.expander("What stands out in these columns", icon=":material/lightbulb:", key="open_findings"):
        show_findings()
    _more(dataset)


def _answer(dataset: Dataset) -> None:
    recipe = session().recipe
    forming, columns = len(recipe.segmenting), len(dataset.columns)
    form = "forms" if forming == 1 else "form"
    st.title(f"{forming:,} of {columns:,} columns {form} the segments.")
    if not forming:
        st.warning("Pick at least one column.", icon=":material/warning:")
        return
    effect = missing_effect(dataset, recipe)
    ordered = sum(spec.role is Role.ORDINAL for spec in recipe.segmenting)
    changed = transforms_in_words(transformed_features(session().features))
    st.write(change_line(dataset, changed, effect.values_filled, effect.rows_left_out, ordered))


def _remind_of_lines(dataset: Dataset) -> None:
    if looks_like_purchases(dataset):
        st.warning(STILL_LINES, icon=":material/receipt_long:")
        st.page_link(page_file("data"), label="Go to Data", icon=":material/upload_file:")


def _pick_columns(dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns if can_segment(column)]
    current = [spec.column for spec in session().features if spec.segments]
    mine = session()
    if mine.columns_listed != set(current):
        # A list that the browser has drawn would bring back the columns of before, and take every click for itself.
        mine.columns_listed, mine.column_lists = frozenset(current), mine.column_lists + 1
    picked = st.multiselect("Columns to segment by", names, current, key=f"prepare_columns_{mine.column_lists}")
    if set(picked) != set(current):
        mine.columns_listed = frozenset(picked)
        pick_columns(picked, dataset)
        mine.ticked_anew += 1
        st.rerun()


def _pick_scaling() -> None:
    options = list(Scaling)
    picked = st.segmented_control(
        "Scaling",
        options,
        default=session().scaling,
        required=True,
        format_func=lambda each: messages.SCALING_WORDS[each.value],
        help=messages.SCALING_HELP,
        key="prepare_scaling",
    )
    session().scaling = picked or session().scaling
    if session().scaling is Scaling.NONE:
        st.warning(messages.UNSCALED, icon=":material/warning:")


def _pick_weights(dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns if column.kind in NUMERIC_KINDS]
    if not names:
        return
    options = ["", *names]
    current = session().weight_column if session().weight_column in options else ""
    session().weight_column = st.selectbox(
        "Survey weights",
        options,
        options.index(current),
        format_func=lambda name: name or "Every customer counts the same",
        help=WEIGHTS_HELP,
        key="prepare_weights",
    )
    chosen = session().weight_column
    if any(spec.segments and spec.column == chosen for spec in session().features):
        session().features = tuple(unused(spec) if spec.column == chosen else spec for spec in session().features)
        session().ticked_anew += 1
        st.rerun()


def _pick_components(dataset: Dataset) -> None:
    picked = st.selectbox(
        "Form the segments of",
        [each.value for each in Reduction],
        list(Reduction).index(session().reduction),
        format_func=lambda each: REDUCTION_WORDS[Reduction(each)],
        help=REDUCTION_HELP,
        key="prepare_reduction",
    )
    session().reduction = Reduction(picked)
    if session().reduction is Reduction.NONE:
        return
    most = max(len(session().features), 2) if dataset.n_customers else 2
    session().n_components = int(
        st.number_input(
            "Components (0: as many as hold 80 % of the variance)",
            0,
            most,
            min(session().n_components, most),
            key="prepare_components",
        )
    )


def _own_columns(dataset: Dataset) -> None:
    """Let the visitor add a column by a formula, and take such a one away again."""
    st.write(OWN_INTRO)
    with st.form("prepare_own_form", border=False):
        left, right = st.columns([1, 3])
        name = text_line("Name", where=left, key="prepare_own_name", most=LONGEST_NAME, placeholder="basket")
        formula = text_line(
            "Formula",
            where=right,
            key="prepare_own_formula",
            most=config.LONGEST_FORMULA,
            placeholder="spend / orders",
            help=HELP,
        )
        if st.form_submit_button("Add the column", icon=":material/add:"):
            try:
                session().add_own(name, formula)
            except SegmenterError as error:
                show_error(error)
            else:
                st.rerun()
    for number, column in enumerate(each for each in dataset.columns if each.formula):
        words, button = st.columns([5, 1], vertical_alignment="center")
        words.write(f"**{messages.safe_md(column.name)}** is worked out: {messages.safe_md(column.formula, 500)}")
        if button.button("Take away", icon=":material/close:", key=f"prepare_own_{number}"):
            session().remove_own(column.name)
            st.rerun()


def _tendency(dataset: Dataset) -> None:
    """Offer the Hopkins statistic and the picture of distances, with what they do not say."""
    st.write(TENDENCY_INTRO)
    recipe = session().recipe
    of = (dataset.fingerprint, recipe)
    keep = partial(session().tendency.keep, basis=of)

    def ask() -> Work[Tendency] | None:
        if st.button("Look for heaps", icon=":material/blur_on:", key="prepare_heaps", disabled=not recipe.segmenting):
            return lambda progress, _: clustering_tendency(dataset, recipe, progress=progress)
        return None

    if run_job("tendency", lambda: of, ask, keep, n_cells=dataset.frame.size):
        return
    found = session().tendency.on(of)
    if found is None:
        return
    words, picture = st.columns([1, 2])
    words.metric("Hopkins statistic", f"{found.hopkins:.2f}", help=HOPKINS_HELP)
    words.write(f"± {found.spread:.2f} over draws of {found.n_drawn:,} customers. {NO_VERDICT}")
    with picture:
        show_chart(distance_picture(found), key="prepare_vat")
    picture.caption(VAT_CAPTION)
    if said := unweighted_words(TENDENCY_MEASURES, recipe.weight_column):
        st.caption(messages.safe_md(said, 400))


def _one_column(dataset: Dataset) -> None:
    """Draw the settings of one column that forms segments, and what they do to it."""
    forming = {spec.column: spec for spec in session().features if spec.segments}
    if not forming:
        return
    picked = st.selectbox(
        "Change how a column is used",
        list(forming),
        index=None,
        format_func=str,
        placeholder="Pick a column: missing values, shape, weight, far out",
        key="prepare_one",
    )
    if picked is None:
        return
    spec = forming[picked]
    with st.container(border=True):
        now = column_settings(spec, dataset)
        if now != spec:
            session().features = tuple(now if each is spec else each for each in session().features)
            st.rerun()
        column_pictures(now, dataset, session().recipe)


def _more(dataset: Dataset) -> None:
    _lazily("A column of your own", "function", "prepare_own_open", lambda: _own_columns(dataset))
    _lazily("How much each column counts", "balance", "prepare_counts_open", lambda: _influence(dataset))
    _lazily(
        "Would other choices change the segments?", "science", "prepare_try_open", lambda: show_sensitivity(dataset)
    )
    _lazily("Are customers in heaps at all?", "blur_on", "prepare_heaps_open", lambda: _tendency(dataset))
    _lazily("What each column is, and why", "table_view", "kinds_open", lambda: kinds_table(dataset))


def _lazily(label: str, icon: str, key: str, draw: Callable[[], None]) -> None:
    line = st.expander(label, icon=f":material/{icon}:", key=key, on_change="rerun")
    if line.open:
        with line:
            draw()


def _influence(dataset: Dataset) -> None:
    st.write(INFLUENCE_HELP)
    try:
        prepared = prepare(subsample(dataset, PREVIEW_ROWS), session().recipe)
    except SegmenterError as error:
        show_error(error)
        return
    influences = column_influence(prepared)
    show_chart(influence_bars(influences), key="prepare_influence")
    st.dataframe(
        [
            {
                "Column": each.column,
                "Share of the distance": percent_text(each.share, 1),
                "Prepared columns": each.n_prepared,
            }
            for each in influences
        ],
        hide_index=True,
        width="stretch",
    )


if __name__ == "__main__":
    render()

"""What customers are worth: the RFM grid, who will order again, what to offer, and who comes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from segmenter.activate.offers import bought_together, cohorts, preferred_products
from segmenter.activate.rfm import (
    FREQUENCY,
    MONETARY,
    RECENCY,
    Across,
    Rfm,
    RfmCell,
    RfmChoices,
    Scoring,
    cells_of_grid,
    default_cells,
    draw_grid,
    has_rfm,
    read_cuts,
    read_rfm_cells,
    score_rfm,
)
from segmenter.activate.value import CustomerValue, OrdersModel, predict_value
from segmenter.display import percent_text
from segmenter.errors.base import SegmenterError
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.progress import Progress, called_from_within
from segmenter.purchases.customers import CustomerTable, purchase_lines
from segmenter.purchases.spec import Purchases
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.ui.jobs import Job
from segmenter.ui.pages import page_file
from segmenter.ui.state import RFM_CELLS, Built, Identity, keep, keeping, kept, session, widget_value
from segmenter.ui.widgets.notes import in_per_cent, short_cells, show_charts, show_error, show_notes
from segmenter.ui.widgets.text_fields import text_box, text_line
from segmenter.ui.widgets.working import Work, run_job

NAME: Final = "worth"
WORTH: Final = "What customers are worth"
NO_PURCHASES: Final = (
    "This page takes recency, orders and spend of each customer. Upload purchase lines and turn them into customers "
    "on the Data page, or a file with the columns recency_days, orders and spend."
)
NO_LINES: Final = (
    "This takes the purchases one by one: upload purchase lines, and turn them into customers on the Data page."
)
GRID_HELP: Final = (
    "Recency, frequency and money are each scored, 5 is best. Equal customers always get equal scores. Each cell of "
    "the grid has one name: no customer has two, and none has no name."
)
CUTS_HELP: Final = "Lowest first, with semicolons between; one fewer than there are scores."
LEAVING: Final = {
    OrdersModel.BG_NBD: "After any repeat order (BG/NBD)",
    OrdersModel.MBG_NBD: "Also after the first order (MBG/NBD)",
}
LEAVING_HELP: Final = (
    "Two models of when customers stop. Where many order once and never again, the second often fits better: take the "
    "one whose check is closer."
)
PRODUCT_HELP: Final = "Products, or a column of their categories."
FORECAST_HEADS: Final = {
    "customers": "Customers",
    "expected_alive": "Still customers",
    "orders": "Orders",
    "orders_low": "Orders, at least",
    "orders_high": "Orders, at most",
    "revenue": "Revenue",
    "revenue_low": "Revenue, at least",
    "revenue_high": "Revenue, at most",
}
BY_RULE: Final = "By rule"
ON_GRID: Final = "On the grid"
OFFER_HEADS: Final = {
    "segment": "Segment",
    "product": "Product",
    "with": "With",
    "orders": "Orders with both",
    "buyers": "Buyers",
    "share": "Of the segment",
    "share_of_all": "Of all customers",
    "index": "Index",
    "support": "Of all orders",
    "confidence": "Of the first one's orders",
    "lift": "Lift",
    "p_holm": "p (Holm)",
}


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    if not has_rfm(dataset):
        st.title(WORTH)
        st.info(NO_PURCHASES, icon=":material/receipt_long:")
        if st.button("Go to Data", type="primary", key="worth_to_data"):
            st.switch_page(page_file("data"))
        return
    answer = st.container()
    grid, value, offers, back = st.tabs(["RFM grid", "Orders to come", "What to offer", "Who comes back"])
    try:
        with grid:
            rfm = _show_grid(dataset)
        if rfm is not None:
            best = rfm.cells.iloc[0]
            answer.title(
                f"{best['customers']:,} {best['cell']} ({percent_text(best['share'])} of customers) bring "
                f"{percent_text(best['revenue_share'])} of the revenue"
                if pd.notna(best["revenue_share"])
                else WORTH
            )
        else:
            answer.title(WORTH)
        lines = _lines()
        if lines is None:
            for tab in (value, offers, back):
                tab.info(NO_LINES, icon=":material/receipt_long:")
            return
        segments = _segments(dataset, rfm)
        with value:
            _show_value(segments)
        with offers:
            _show_offers(segments)
        with back:
            _show_cohorts(lines)
    except SegmenterError as error:
        show_error(error)


def _show_grid(dataset: Dataset) -> Rfm | None:
    left, middle, right = st.columns(3)
    ways, sizes, sides = list(Scoring), [3, 4, 5], list(Across)
    scoring = left.selectbox(
        "Scores by", ways, ways.index(kept("worth_scoring", Scoring.QUANTILES)), format_func=str.capitalize,
        **keeping("worth_scoring"),
    )  # fmt: skip
    n_scores = middle.selectbox("Scores a side", sizes, sizes.index(kept("worth_scores", 5)), **keeping("worth_scores"))
    words = {Across.FREQUENCY: "Frequency", Across.MONETARY: "Money", Across.BOTH: "Both"}
    side = right.selectbox(
        "Recency against", sides, sides.index(kept("worth_across", Across.FREQUENCY)), format_func=words.__getitem__,
        **keeping("worth_across"),
    )  # fmt: skip
    try:
        cuts = _pick_cuts(dataset, n_scores) if scoring is Scoring.CUTS else ()
        found = score_rfm(dataset, RfmChoices(n_scores, scoring, side, _pick_cells(n_scores, side), cuts))
    except SegmenterError as error:
        show_error(error)
        return None
    session().worth.grid.keep(found, Identity(dataset))
    show_notes(found.notes)
    show_charts(found, NAME)
    shown: dict[str, Any] = {
        "cell": "Cell",
        "customers": st.column_config.NumberColumn("Customers", format="localized"),
        "orders": st.column_config.NumberColumn("Orders", format="localized"),
        "revenue": st.column_config.NumberColumn("Revenue", format="localized"),
        "average_order": st.column_config.NumberColumn("Average order", format="%.2f"),
        "advice": st.column_config.TextColumn("What to do", width="large"),
    }
    cells, shares = in_per_cent(found.cells, ["share", "revenue_share"], decimals=1)
    for name, title in (("share", "Share"), ("revenue_share", "Share of revenue")):
        shown[name] = {**shares[name], "label": title}
    st.dataframe(cells, hide_index=True, width="stretch", height="content", column_config=shown)
    segments = _segment_names(dataset)
    if segments is not None:
        st.header("Beside the segments found")
        beside = found.crosstab(segments).rename_axis("Cell")
        whole = dict.fromkeys(beside.columns, st.column_config.NumberColumn(format="localized"))
        st.dataframe(beside, width="stretch", height="content", column_config=whole)
    with st.container(horizontal=True):
        if st.button("Make lists of these cells", key="worth_to_use", icon=":material/send:"):
            session().used = RFM_CELLS
            st.switch_page(page_file("use"))
        _offer_csv("rfm", "Build customers with their cell (CSV)", found.choices, lambda: found.labelled(dataset))
    return found


def _offer_csv(stem: str, label: str, basis: object, make: Callable[[], pd.DataFrame]) -> None:
    """Draw a download that is built when it is asked for; `basis` tells two of them apart by its words."""
    built, slot = session().downloads.built, f"{NAME}_{stem}_{basis!r}"
    if st.button(label, key=f"worth_build_{stem}"):
        built[slot] = Built(to_csv(make()))
    if slot in built:
        content = built[slot].content
        name = f"{stem}_{check_code(content)}_{session().downloads.nonce}.csv"
        st.download_button(
            "Download", content, name, "text/csv", on_click="ignore", key=f"worth_download_{stem}",
            icon=":material/download:",
        )  # fmt: skip


def _pick_cuts(dataset: Dataset, n_scores: int) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Draw the thresholds of each column, beginning with those that part the customers evenly."""
    words = {RECENCY: "Days since the last order", FREQUENCY: "Orders", MONETARY: "Spend"}
    cuts = []
    with st.container(horizontal=True):
        for name, label in words.items():
            parts, values = [part / n_scores for part in range(1, n_scores)], dataset.frame[name].dropna()
            usual = values.quantile(parts)
            # Where many have placed one order, even parts have no borders.
            usual = usual if usual.is_unique else values.drop_duplicates().quantile(parts)
            # A count between two whole numbers parts customers as the next whole one does.
            whole = pd.Series(np.ceil(usual), usual.index)
            usual = whole if (values == np.rint(values)).all() and whole.is_unique else usual
            key = f"worth_cuts_{name}_{n_scores}"
            text = text_line(
                f"{label}: thresholds", kept(key, "; ".join(dict.fromkeys(f"{each:.6g}" for each in usual))),
                most=200, help=CUTS_HELP, width=260, **keeping(key),
            )  # fmt: skip
            cuts.append((name, read_cuts(text)))
    return tuple(cuts)


def _pick_cells(n_scores: int, side: Across) -> tuple[RfmCell, ...]:
    """Draw the names of the cells, to be changed by rules or in the grid itself; nothing where they stay."""
    with st.expander("Draw the cells yourself", icon=":material/edit:"):
        now = kept("worth_drawing", BY_RULE)
        way = st.segmented_control("How", [BY_RULE, ON_GRID], default=now, required=True, **keeping("worth_drawing"))
        if way == BY_RULE:
            rules = text_box(
                "One rule a line", kept("worth_rules", ""), placeholder="Champions: R 5, F 4-5", most=4_000,
                help=GRID_HELP, **keeping("worth_rules"),
            )  # fmt: skip
            return read_rfm_cells(rules)
        # The most recent on top, the most orders on the right.
        grid = draw_grid(default_cells(n_scores), n_scores)
        usual = pd.DataFrame(
            reversed(grid),
            index=pd.Index([f"R {score}" for score in range(n_scores, 0, -1)], name="Recency"),
            columns=[f"{side} {score}" for score in range(1, n_scores + 1)],
        )
        key = f"worth_grid_{n_scores}_{side}"
        if widget_value(key) is None:
            # Shown again it begins with what was drawn; while it is shown, what it began with has to stay.
            keep(f"{key}_start", kept(f"{key}_drawn", usual))
        drawn = st.data_editor(kept(f"{key}_start", usual), width="stretch", key=key)
        keep(f"{key}_drawn", drawn)
        st.markdown(f":gray[{GRID_HELP}]")
        rows = drawn.fillna("").astype(str).to_numpy().tolist()
        return () if drawn.equals(usual) else cells_of_grid(rows[::-1])


def _purchases() -> tuple[Dataset, Purchases, date | None] | None:
    """Return the file's own rows, what its columns hold, and the last day that counts, where somebody said it."""
    rows, cells = session().file.rows, session().file.cells
    if rows is None or not isinstance(cells, CustomerTable):
        return None
    return rows.dataset, cells.account.purchases, None if cells.account.is_default else cells.account.snapshot


def _lines(product: str = "", *, with_free: bool = False) -> pd.DataFrame | None:
    """Return the purchases behind the customers, read once."""
    found = _purchases()
    if found is None:
        return None
    rows, purchases, day = found
    held, of = session().worth, (Identity(session().file.cells), product)
    memo = held.visits if with_free else held.categories if product else held.lines
    if memo.on(of) is None:
        named = replace(purchases, product=product) if product else purchases
        memo.keep(purchase_lines(rows, named, day, with_free=with_free), of)
    return memo.on(of)


def _segment_names(dataset: Dataset) -> pd.Series | None:
    result = session().current_result()
    if result is None:
        return None
    found, names = result.segmentation.labels, result.segmentation.names
    # By number, as on every page.
    named = pd.Categorical(found.map(dict(enumerate(names))), list(dict.fromkeys(names)))
    return pd.Series(named, index=found.index).reindex(dataset.frame.index)


def _segments(dataset: Dataset, rfm: Rfm | None) -> pd.Series | None:
    """Return each customer's segment by customer number: the segments found, else the cells of the grid."""
    names, cells = _segment_names(dataset), session().file.cells
    if names is None and rfm is not None:
        names = rfm.scores["cell"]
    if names is None or not isinstance(cells, CustomerTable):
        return None
    customer = cells.cells.iloc[:, 0].astype("str")
    return pd.Series(names.astype(object).to_numpy(), index=customer).dropna()


def _show_value(segments: pd.Series | None) -> None:
    lines, found = _lines(with_free=True), _purchases()
    if lines is None or found is None:
        return
    with st.container(horizontal=True):
        days = int(st.number_input("Days ahead", 1, 730, kept("worth_days", 90), width=160, **keeping("worth_days")))
        models = list(LEAVING)
        model = st.selectbox(
            "Customers may leave", models, models.index(kept("worth_model", models[0])),
            format_func=LEAVING.__getitem__, help=LEAVING_HELP, width=320, **keeping("worth_model"),
        )  # fmt: skip
    today = found[2]
    of, memo = (Identity(lines), days, model, _basis(segments)), session().worth.value

    def ask() -> Work[CustomerValue] | None:
        if memo.on(of) is not None:
            return None
        st.write(
            "First the last third of the history is foretold from the first two: figures are shown if that was right."
        )
        if not st.button("Foretell orders", type="primary", key="worth_foretell"):
            return None

        def work(progress: Progress, _: Job[CustomerValue]) -> CustomerValue:
            with called_from_within(progress, 0.1, "Learning the customers' rhythm"):
                return predict_value(lines, days=days, today=today, segments=segments, model=model)

        return work

    def take(value: CustomerValue) -> None:
        memo.keep(value, of)
        session().downloads.forget_page(f"{NAME}_value")

    run_job(NAME, lambda: of, ask, take, n_cells=lines.size)
    if (value := memo.on(of)) is not None:
        _show_forecast(value, _order())


def _basis(segments: pd.Series | None) -> object:
    """Return what a finding by segment rests on: who is in which."""
    result, rfm = session().current_result(), session().worth.grid.latest
    if segments is None:
        return None
    if result is not None:
        return Identity(result.segmentation.labels), result.segmentation.names
    return None if rfm is None else rfm.choices


def _order() -> tuple[str, ...]:
    """Return the segments found in the order of their numbers, or the cells of the grid, the best first."""
    result, rfm = session().current_result(), session().worth.grid.latest
    if result is not None:
        return tuple(result.segmentation.names)
    return () if rfm is None else tuple(rfm.cells["cell"])


def _show_forecast(found: CustomerValue, order: tuple[str, ...]) -> None:
    for text in found.unmet:
        st.warning(f"No forecast: {text}", icon=":material/block:")
    if found.check is not None:
        (st.success if found.check.passes else st.warning)(found.check.sentence())
        show_charts(found.check, NAME)
    show_notes(found.notes)
    if found.is_shown:
        numbers = [name for name in found.segments.columns if name != "segment"]
        heads = {name: st.column_config.NumberColumn(FORECAST_HEADS.get(name), format="localized") for name in numbers}
        places = {name: place for place, name in enumerate(order)}
        table = found.segments.sort_values("segment", key=lambda names: names.map(places), kind="stable")
        st.dataframe(
            table.round(dict.fromkeys(numbers, 0)), hide_index=True, width="stretch", height="content",
            column_config={"segment": "Segment", **heads},
        )  # fmt: skip
        _offer_csv("value", "Build customers with their forecast (CSV)", found.until, lambda: found.customers)


def _show_offers(segments: pd.Series | None) -> None:
    found = _purchases()
    products = [] if found is None else _product_columns(*found[:2])
    if found is None or not products:
        st.info("No column says what was bought. Name it on the Data page.", icon=":material/inventory_2:")
        return
    now = kept("worth_product", products[0] if found[1].product else None, products)
    product = st.selectbox(
        "What was bought", products, None if now is None else products.index(now), placeholder="Pick the column",
        help=PRODUCT_HELP, width=320, **keeping("worth_product", products),
    )  # fmt: skip
    if product is None:
        return
    lines = _lines("" if product == found[1].product else product)
    if lines is None or "product" not in lines:
        return
    memo, of = session().worth.offers, (Identity(lines), _basis(segments))
    if memo.on(of) is None:
        known = segments is not None and len(set(segments)) > 1
        memo.keep((preferred_products(lines, segments) if known else None, bought_together(lines)), of)  # type: ignore[arg-type]
        session().downloads.forget_page(f"{NAME}_preferred")
        session().downloads.forget_page(f"{NAME}_together")
    preferred, together = memo.on(of) or (None, None)
    if preferred is not None:
        st.header("What each segment buys more than others")
        show_notes(preferred.notes)
    if preferred is not None and len(preferred.table):
        table, config = in_per_cent(_readable(preferred.table), ["share", "share_of_all"], decimals=1)
        config["index"] = st.column_config.NumberColumn(format="%.0f")
        st.dataframe(table, hide_index=True, width="stretch", column_config=_headed(config, table))
        _offer_csv("preferred", "Build this table (CSV)", product, lambda: preferred.table)
    if together is not None:
        st.header("Bought together")
        show_notes(together.notes)
    if together is not None and len(together.table):
        table, config = in_per_cent(_readable(together.table.head(200)), ["support", "confidence"], decimals=1)
        config["lift"] = st.column_config.NumberColumn(format="%.1f")
        st.dataframe(table, hide_index=True, width="stretch", column_config=_headed(config, table))
        _offer_csv("together", "Build this table (CSV)", product, lambda: together.table)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with short names, and without the many zeros of tiny p-values."""
    return short_cells(table).assign(p_holm=[f"{p:.4f}" if p >= 0.0001 else "< 0.0001" for p in table["p_holm"]])


def _headed(config: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Return the columns' configuration with a title for each."""
    return {name: {**config.get(name, {}), "label": OFFER_HEADS.get(name, name)} for name in map(str, table.columns)}


def _product_columns(rows: Dataset, purchases: Purchases) -> list[str]:
    """Return the columns that may say what was bought: the one that is known to, then others, such as categories."""
    taken = set(purchases.roles.values()) - {purchases.product}
    kinds = (ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.CODE)
    others = [each.name for each in rows.columns if each.kind in kinds and each.name not in taken]
    first = [purchases.product] if purchases.product else []
    return [*first, *(name for name in others if name not in first)]


def _show_cohorts(lines: pd.DataFrame) -> None:
    memo, of = session().worth.cohorts, Identity(lines)
    if memo.on(of) is None:
        memo.keep(cohorts(lines), of)
    found = memo.on(of)
    if found is not None:
        show_notes(found.notes)
        show_charts(found, NAME)
        with st.expander("Revenue of each month's new customers, by months since", icon=":material/table:"):
            money = found.revenue.rename(columns=str)
            whole = dict.fromkeys(money.columns, st.column_config.NumberColumn(format="localized"))
            st.dataframe(money.round(0), width="stretch", height="content", column_config=whole)


if __name__ == "__main__":
    render()

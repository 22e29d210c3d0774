"""Purchase lines to customers on the page, and back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.errors.reading import NoPurchasesError
from segmenter.purchases.amounts import fit_price
from segmenter.purchases.customers import AggregationReport, CustomerTable, customers_from, reconciliation
from segmenter.purchases.recognition import doubts_about, guess_purchases, missing_parts, recognise_purchases
from segmenter.purchases.spec import MEASURES, Purchases, Returns
from segmenter.table.dataset import NUMERIC_KINDS, ColumnKind, Dataset
from segmenter.table.repeats import Repeated
from segmenter.ui.messages import safe_md
from segmenter.ui.state import FileToPlace, Rows, Session, session, set_widget, start_widget, widget_value
from segmenter.ui.widgets.notes import show_error

OFFER = (
    "Segments are of customers: turn the lines into one row a customer, with how recently, how often and for how much "
    "each one bought. You can go back to the lines at any time."
)
NOT_RECOGNISED = "Is each row a purchase rather than a customer?"
ROWS_ARE_CUSTOMERS = "Each row is a customer"
KEEP_HELP = "Where these are no purchases after all: every row goes on as a customer of its own."
LABELS = {
    "customer": "Customer",
    "date": "Date of the purchase",
    "amount": "Amount of the line",
    "quantity": "Quantity",
    "price": "Unit price",
    "order": "Order or invoice",
    "product": "Product",
    "store": "Store",
    "cancelled": "Mark of cancelled lines",
}
NO_AMOUNT = "quantity × unit price"
NO_COLUMN = "none"
RETURNS_WORDS = {
    Returns.SUBTRACTED: "Net: what came back is taken off",
    Returns.LEFT_OUT: "Gross: before anything came back",
}
RETURNS_HELP = (
    "Net: cancelled and returned lines lower the spend, an order that was cancelled in whole counts as none, and who "
    "only gave something back has no order. Gross: such lines are left out, and so are customers without a purchase."
)
SNAPSHOT_HELP = (
    "Recency is the number of days from a customer's last order to this day; lines after it do not count. By default "
    "it is the day after the last order in the file, so that an old file is not judged by today."
)


def looks_like_purchases(dataset: Dataset) -> bool:
    """Whether the rows on the page are lines that have not been turned into customers."""
    kept = dataset.repeated == Repeated.KEEP
    return not kept and session().file.rows is None and recognise_purchases(dataset) is not None


def show_purchases(dataset: Dataset, of: Session | FileToPlace) -> None:
    """Offer to turn lines into customers, or show how they were turned and the way back.

    Parameters
    ----------
    of
        What the customers take the place of lines in: the visitor's own data, or a file that is only placed.
    """
    read = of.file if isinstance(of, Session) else of
    rows, cells = read.rows, read.cells
    if rows is not None and isinstance(cells, CustomerTable):
        _show_turned(rows, cells.account, of)
        return
    found = recognise_purchases(dataset)
    if found is not None and dataset.repeated != Repeated.KEEP:
        with st.container(border=True):
            st.markdown(f"**This looks like purchases, not customers:** {safe_md(found.reason, 400)}.")
            st.write(OFFER)
            _show_offer(dataset, found.purchases, of)
            if isinstance(of, Session) and st.button(ROWS_ARE_CUSTOMERS, key="purchases_keep", help=KEEP_HELP):
                of.keep_row(Repeated.KEEP)
                st.rerun()
    elif _has_dates_and_numbers(dataset):
        with st.expander(NOT_RECOGNISED, icon=":material/receipt_long:"):
            st.write(OFFER)
            _show_offer(dataset, guess_purchases(dataset), of)


def _show_offer(dataset: Dataset, guessed: Purchases, of: Session | FileToPlace) -> None:
    doubts = doubts_about(dataset, guessed)
    for note in doubts:
        st.warning(safe_md(note.text, 600), icon=":material/help:")
    with st.expander("Which column holds what", icon=":material/view_column:", expanded=bool(doubts)):
        purchases = _pick_columns(dataset, guessed)
    if st.button("Turn into customers", type="primary", key="purchases_turn", icon=":material/groups:"):
        _turn(dataset, purchases, None, of)


def _show_turned(rows: Rows, account: AggregationReport, of: Session | FileToPlace) -> None:
    with st.container(border=True):
        st.markdown(f"**{account.tally.lines:,} lines became {account.n_customers:,} customers.**")
        left, right = st.columns([1, 2], vertical_alignment="bottom")
        start_widget("purchases_snapshot", account.snapshot)
        snapshot = left.date_input(
            "Recency counts back from",
            min_value=date(1900, 1, 1),
            max_value=date(2200, 1, 1),
            help=SNAPSHOT_HELP,
            key="purchases_snapshot",
        )
        with right.container(horizontal=True):
            reset = not account.is_default and st.button("Day after the last order", key="purchases_default")
            back = st.button("Back to the lines", key="purchases_back", icon=":material/undo:")
        returns = _pick_returns(account.purchases.returns)
        doubts = doubts_about(rows.dataset, account.purchases, _changed(rows.dataset, account.purchases))
        with st.expander("Which column holds what", icon=":material/view_column:", expanded=bool(doubts)):
            purchases = replace(_pick_columns(rows.dataset, account.purchases), returns=returns)
        with st.expander("Which lines count, and what they come to", icon=":material/functions:"):
            grouped = st.column_config.NumberColumn(format="localized")
            money = st.column_config.NumberColumn(format="accounting")
            st.dataframe(
                reconciliation(account),
                hide_index=True,
                width="stretch",
                column_config={"Lines": grouped, "Amount": money, "In spend": money},
            )
    if back:
        of.turn_back()
        _placed_again(of)
        st.rerun()
    if reset or purchases != account.purchases or snapshot != account.snapshot:
        by_default = reset or (account.is_default and snapshot == account.snapshot)
        _turn(rows.dataset, purchases, None if by_default else snapshot, of)


def _turn(lines: Dataset, purchases: Purchases, snapshot: date | None, of: Session | FileToPlace) -> None:
    try:
        absent = missing_parts(purchases)
        if absent:
            raise NoPurchasesError(absent)
        with st.spinner("Adding the lines up …"):
            of.turn(customers_from(lines, purchases, snapshot, _changed(lines, purchases)))
        _placed_again(of)
    except SegmenterError as error:
        show_error(error)
        return
    st.rerun()


def _changed(lines: Dataset, purchases: Purchases) -> list[str]:
    """Return the parts that hold something else than what was found."""
    found = guess_purchases(lines).roles
    return [role for role in LABELS if purchases.roles.get(role) != found.get(role)]


def _placed_again(of: Session | FileToPlace) -> None:
    """Place what a file has become; the visitor's own data started over by itself."""
    if isinstance(of, FileToPlace):
        session().place(of)


def _pick_columns(lines: Dataset, now: Purchases) -> Purchases:
    """Draw one choice a part, and return what is chosen."""
    # Row by row, so that a narrow screen shows the parts in their order.
    places = [place for _ in range(0, len(LABELS), 3) for place in st.columns(3)]
    picked = {role: _pick(lines, role, getattr(now, role), place) for role, place in zip(LABELS, places, strict=True)}
    others = tuple(name for name in now.attributes if name not in picked.values())
    return Purchases(**picked, returns=now.returns, attributes=others)


def _pick_returns(now: Returns) -> Returns:
    start_widget("purchases_returns", now)
    picked = st.radio(
        "Spend",
        list(RETURNS_WORDS),
        format_func=RETURNS_WORDS.__getitem__,
        key="purchases_returns",
        horizontal=True,
        help=RETURNS_HELP,
    )
    return picked or now


def _pick(lines: Dataset, role: str, now: str, place: st.delta_generator.DeltaGenerator) -> str:
    possible = _possible(lines, role)
    options = list(dict.fromkeys([*([] if role in ("customer", "date") and now else [""]), *possible, now]))
    empty = NO_AMOUNT if role == "amount" else NO_COLUMN
    start_widget(f"purchases_{role}", now)
    picked = place.selectbox(
        LABELS[role],
        options,
        format_func=lambda name: name or empty,
        key=f"purchases_{role}",
        on_change=_let_the_others_go if role in MEASURES else None,
        args=(role,) if role in MEASURES else None,
    )
    return picked or ""


def _let_the_others_go(role: str) -> None:
    """Let what was chosen last count: quantity times price instead of an amount, or an amount instead of a price."""
    chosen = {one: widget_value(f"purchases_{one}") for one in sorted(MEASURES)}
    if role == "amount" and chosen["amount"]:
        set_widget("purchases_price", "")
    elif role != "amount" and chosen[role] and chosen["quantity"] and (chosen["price"] or _is_price(chosen["amount"])):
        set_widget("purchases_price", chosen["price"] or chosen["amount"])
        set_widget("purchases_amount", "")


def _is_price(name: object) -> bool:
    return isinstance(name, str) and fit_price(name) > 0


def _possible(lines: Dataset, role: str) -> Sequence[str]:
    """Return the columns that can play a part."""
    frame = lines.frame
    if role == "date":
        return [name for name in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[name].dtype)]
    if role in MEASURES:
        return [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name].dtype)]
    return [column.name for column in lines.columns if column.kind is not ColumnKind.DATE]


def _has_dates_and_numbers(dataset: Dataset) -> bool:
    kinds = {column.kind for column in dataset.columns}
    return ColumnKind.DATE in kinds and bool(kinds & NUMERIC_KINDS)

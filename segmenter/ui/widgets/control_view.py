"""Test and control on the screen: what a test can show before anything is sent, and what came back of one."""

from typing import Final

import pandas as pd
import streamlit as st

from segmenter.activate.control import Arm, Control, plan_test, smallest_lift
from segmenter.activate.identifiers import recognise_contacts
from segmenter.activate.platforms import Field
from segmenter.activate.results import Outcome, Results, arms_of, measure_results
from segmenter.errors.base import SegmenterError
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import says_consent
from segmenter.table.infer.typed import as_text
from segmenter.ui.messages import safe_md
from segmenter.ui.state import MadeAudiences, session
from segmenter.ui.widgets.notes import show_error, show_notes

KIND_WORDS: Final = {Outcome.RESPONSE: "Who responded (0 or 1)", Outcome.REVENUE: "Revenue"}
RATE_HELP: Final = "The share who would buy, or click, anyway. Last year's figure of the same weeks is a good guess."
LIFT_HELP: Final = "The smallest rise that would be worth the campaign: from 2 % to 2.4 % is a rise of 20 %."
NOBODY_KEPT: Final = "Nobody is kept back, so nothing can be measured afterwards. Choose a share above."
PLANNED_HELP: Final = (
    "As the manifest in the zip says. A segment in which far more or fewer were kept back was mixed up, and nothing is "
    "said of it. Empty holds each segment against the share of all."
)
READ: Final = (
    "Upload above, under “People to leave out, and other files”, who responded or what they spent, and the sheet of "
    "both sides from the zip of that campaign. Without a sheet, the two sides of the lists above are compared."
)


def show_plan(made: MadeAudiences | None, control: Control) -> None:
    """Say how many stand on each side and what a test of them can show."""
    groups = made.audiences.groups if made is not None else pd.DataFrame({"segment": [], "arm": []})
    if not control.share:
        st.markdown(f":gray[{NOBODY_KEPT}]")
        return
    if not len(groups):
        return
    counts = groups["arm"].value_counts()
    contacted, kept = (int(counts.get(arm.value, 0)) for arm in Arm)
    st.markdown(f"**{contacted:,} are contacted, {kept:,} are kept back**, of those who can be reached.")
    with st.container(horizontal=True):
        rate = st.number_input(
            "Respond without contact, %", 0.01, 99.0, 2.0, 0.5, key="use_base_rate", help=RATE_HELP, width=200
        )
        lift = st.number_input(
            "Rise that would matter, %", 1.0, 1_000.0, 20.0, 5.0, key="use_lift", help=LIFT_HELP, width=200
        )
    if not contacted or not kept:
        st.info("One side has nobody. Choose another share, or more segments.", icon=":material/balance:")
        return
    sizes = {str(name): int(n) for name, n in groups["segment"].value_counts(sort=False).items()}
    try:
        seen = smallest_lift(rate / 100, contacted, kept)
        plan = plan_test(sizes, rate / 100, lift / 100, control.share)
    except SegmenterError as error:
        show_error(error)
        return
    together = "all segments together" if len(sizes) > 1 else "this segment"
    if seen is None:
        st.markdown(f"**Not even a response of everybody would be noticed** with {together}.")
    else:
        st.metric(f"The smallest rise that you would notice with {together}", f"{rate:.3g} → {rate * (1 + seen):.3g} %")
    st.markdown("\n".join(f"- {safe_md(sentence, 600)}" for sentence in plan.sentences))


def show_results(made: MadeAudiences | None) -> None:
    """Read the result of a test back: what contact changed in each segment, and what to do next."""
    held = session().activation
    st.header("What came of it")
    if held.outcomes is None:
        st.markdown(f":gray[{READ}]")
        return
    test = _test_of(made)
    if test is None:
        st.info(READ, icon=":material/upload_file:")
        return
    outcomes = held.outcomes
    names = [column.name for column in outcomes.columns]
    contacts = recognise_contacts(outcomes)
    usual = next((contacts[of] for of in (Field.CUSTOMER_ID, Field.EMAIL) if of in contacts), names[0])
    numbers = [name for name in names if name != usual and pd.api.types.is_float_dtype(outcomes.frame[name])]
    cells = {name: outcomes.original[name].dropna().unique()[:200] for name in names if name not in (usual, *numbers)}
    answers = [name for name, different in cells.items() if len(different) and says_consent(different)]
    if not numbers and not answers:
        st.info(
            f"{safe_md(outcomes.name)} has no column of outcomes. Give one with 0 and 1, with yes and no, or with "
            "amounts of money.",
            icon=":material/123:",
        )
        return
    with st.container(horizontal=True):
        ids = st.selectbox("Customer number", names, names.index(usual), key="use_outcome_id", width=220)
        column = st.selectbox("Outcome", [*numbers, *answers], key="use_outcome", width=220)
        written = outcomes.original[column] if column in answers else outcomes.frame[column]
        binary = column in answers or set(written.dropna().unique()) <= {0.0, 1.0}
        kind = st.selectbox(
            "It is", list(KIND_WORDS), 0 if binary else 1, format_func=KIND_WORDS.__getitem__,
            key=f"use_outcome_kind_{column}", width=220,
        )  # fmt: skip
        worth = None
        if kind is Outcome.RESPONSE:
            worth = st.number_input("A response is worth", 0.0, value=None, key="use_outcome_worth", width=200)
        cost = st.number_input("A contact costs", 0.0, value=0.0, key="use_outcome_cost", width=200)
    customers, segments, sides, planned = test
    try:
        arms, mixed_up = arms_of(customers, sides, None)
        found = measure_results(
            customers, segments, arms, as_text(outcomes.original[ids]), written,
            outcome=kind, planned=planned, mixed_up=mixed_up,
            response_value=worth, contact_cost=float(cost or 0.0),
        )  # fmt: skip
    except SegmenterError as error:
        show_error(error)
        return
    _show(found)


Test = tuple[pd.Series, pd.Series, pd.Series, float | None]


def _test_of(made: MadeAudiences | None) -> Test | None:
    """Return customers, segments, sides and planned share: of the uploaded sheet, else of the lists made here."""
    sheet = session().activation.sheet
    if sheet is not None:
        names = {"customer": "", "segment": "", "arm": ""}
        there = {column.name.casefold(): column.name for column in sheet.columns}
        names = {key: there.get(key, "") for key in names}
        if not all(names.values()):
            st.info(
                f"{safe_md(sheet.name)} is no sheet of both sides: it needs the columns customer, segment and arm, as "
                "test_and_control.csv in the zip has them.",
                icon=":material/table:",
            )
            return None
        customers, segments, written = (_written(sheet, names[key]) for key in ("customer", "segment", "arm"))
        planned = st.number_input(
            "Kept back as planned, %", 0.1, 99.0, value=None, key="use_planned", help=PLANNED_HELP, width=220
        )
        return customers, segments, written, None if planned is None else planned / 100
    if made is None or not len(made.audiences.groups):
        return None
    groups = made.audiences.groups
    options = made.audiences.options
    return groups["customer"], groups["segment"], groups["arm"], options.control.share if options.control else None


def _written(sheet: Dataset, name: str) -> pd.Series:
    return as_text(sheet.original[name]).where(sheet.original[name].notna())


def _show(found: Results) -> None:
    in_all = found.in_all
    st.markdown(f"**In all:** {safe_md(in_all.advice, 600)}")
    for each in found.segments:
        st.markdown(f"- **{safe_md(each.name)}:** {safe_md(each.advice, 600)}")
    table = found.table()
    share = found.outcome is Outcome.RESPONSE
    shown = {
        str(name): st.column_config.NumberColumn(
            str(name).replace("_", " ").capitalize(),
            format="percent" if name in _SHARES and (share or name.startswith("lift")) else "%.4g",
        )
        for name in table.columns
        if pd.api.types.is_numeric_dtype(table[name])
    }
    st.dataframe(table, hide_index=True, width="stretch", column_config=shown, key="use_results")
    show_notes(found.notes)
    content = to_csv(table)
    st.download_button(
        "Download the result", content, f"results_{check_code(content)}_{session().downloads.nonce}.csv", "text/csv",
        on_click="ignore", key="use_results_download", icon=":material/download:",
    )  # fmt: skip


_SHARES: Final = frozenset(
    {"contacted", "control", "difference", "difference_low", "difference_high", "lift", "lift_low", "lift_high"}
)  # fmt: skip

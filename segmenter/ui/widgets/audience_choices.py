"""The choices on the way to lists for a platform: columns, consent, people to leave out; test and control groups."""

from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from segmenter.activate.audience import field_words
from segmenter.activate.control import Arm, Control, plan_test, smallest_lift
from segmenter.activate.identifiers import NOWHERE, further_contacts, recognise_contacts, region_names
from segmenter.activate.permission import EVERYBODY_AGREED, Consent, consent_columns, read_suppression
from segmenter.activate.platforms import Field, Platform, platforms
from segmenter.activate.render import read_template
from segmenter.activate.results import Outcome, Results, arms_of, measure_results
from segmenter.errors.base import SegmenterError
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.io.model.pickled import refuse_foreign
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_cells
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import says_consent
from segmenter.table.infer.infer_type import as_text
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import Activation, MadeAudiences, keeping, kept, session
from segmenter.ui.widgets.notes import in_per_cent, show_error, show_notes
from segmenter.ui.widgets.reading import Upload, upload_field

NOT_USED: Final = ""
KINDS: Final = {"ads": "Ads", "crm": "E-mail and CRM", "plain": "Other"}
SUPPRESSION: Final = "People who must not be contacted"
EARLIER: Final = "A list of an earlier campaign"
TEMPLATE: Final = "The platform's own empty template"
BEFORE: Final = "Last time's customers with their segments"
SHEET: Final = "The sheet of both sides of a campaign (test_and_control.csv)"
OUTCOMES: Final = "What came back: responses or revenue by customer"
FILES: Final = (SUPPRESSION, EARLIER, TEMPLATE, BEFORE, OUTCOMES, SHEET)
ALL_THERE: Final = "All who are in it now"
JOINED: Final = "Who has joined since"
LEFT: Final = "Who has left since"
# Each kind of file that decides what is in a list: its name, and what a list is like without it.
DECIDING_WORDS: Final = {
    "suppressed": ("a list of people who must not be contacted", "hold those people, too"),
    "earlier": ("the list of an earlier campaign", "hold its people, too"),
    "template": ("the platform's own template", "have the columns that we know of"),
    "before": ("last time's customers", "hold all who are in a segment now"),
}
FILES_HELP: Final = (
    "Customer numbers, e-mail addresses or telephone numbers, plain or as SHA-256. A template's first line decides the "
    "columns. Nothing of these files is kept when you leave the page."
)
AGREED: Final = "Everybody in this file has agreed to be contacted."
AGREED_HELP: Final = "Your word is written into the record that goes with the lists."
FURTHER_HELP: Final = (
    "Platforms that take several get them all; for the others they stand in where the first is empty or not valid."
)
HASHES_HELP: Final = "Plain is the safe choice: the platform hashes by its own, newest rule."


def pick_platform(customers: Dataset) -> Platform:
    """Draw the choice of a platform."""
    known = platforms()
    contacts = recognise_contacts(customers)
    usual = "google" if Field.EMAIL in contacts or Field.PHONE in contacts else "plain"
    picked = st.selectbox(
        "Platform",
        list(known),
        list(known).index(kept("use_platform", usual)),
        format_func=lambda name: f"{known[name].title} ({KINDS[known[name].kind]})",
        **keeping("use_platform"),
    )
    return known[picked]


def pick_consent(customers: Dataset) -> Consent:
    """Draw what says who may be contacted; without a column it is asked once, and kept."""
    names = [column.name for column in customers.columns]
    found = [name for name in consent_columns(customers) if name in names]
    columns = st.multiselect(
        "Consent",
        names,
        kept("use_consent", found, names),
        placeholder="No column says who has agreed",
        help="All of these columns must say yes. An empty cell is no.",
        **keeping("use_consent", names),
    )
    if columns:
        return Consent(tuple(columns))
    agreed = st.checkbox(AGREED, session().everybody_agreed, help=AGREED_HELP, key="use_agreed")
    session().everybody_agreed = agreed
    return Consent(stated=EVERYBODY_AGREED if agreed else "")


def pick_columns(
    customers: Dataset, platform: Platform, region_here: DeltaGenerator
) -> tuple[dict[Field, str], dict[Field, tuple[str, ...]], str]:
    """Draw which columns hold what the platform finds people by, and the country of telephone numbers.

    Return the first column of each kind, further ones, and the country.

    Parameters
    ----------
    region_here
        Where the country is asked, if it has to be.
    """
    found = recognise_contacts(customers)
    names = [NOT_USED, *(column.name for column in customers.columns)]
    wanted = [field for field in platform.fields if field is not Field.VALUE]
    wanted += [field for field in (Field.CUSTOMER_ID,) if field not in wanted]
    if Field.PHONE in wanted and Field.COUNTRY not in wanted:
        wanted.append(Field.COUNTRY)
    chosen: dict[Field, str] = {}
    with st.container(horizontal=True):
        for field in wanted:
            words, key = field_words(field), f"use_field_{field.value}"
            chosen[field] = st.selectbox(
                words[0].upper() + words[1:],
                names,
                names.index(kept(key, found.get(field, NOT_USED), names)),
                format_func=lambda name: name or "Not in the file",
                width=220,
                **keeping(key, names),
            )
    # Whatever else the file holds still tells who is the same person.
    all_used = {**{field: name for field, name in found.items() if field not in wanted}, **chosen}
    region = ""
    if platform.has(Field.PHONE) and chosen.get(Field.PHONE):
        with region_here if not chosen.get(Field.COUNTRY) else st.container():
            region = _pick_region(empty_only=bool(chosen.get(Field.COUNTRY)))
    used = {field: name for field, name in all_used.items() if name}
    return used, _pick_further(customers, used), region


def _pick_further(customers: Dataset, used: dict[Field, str]) -> dict[Field, tuple[str, ...]]:
    """Draw which other columns hold further addresses and numbers, where there are such."""
    picked = {}
    for field, names in further_contacts(customers, used).items():
        key = f"use_further_{field.value}"
        picked[field] = tuple(
            st.multiselect(
                f"Further columns of {field_words(field)}", names, kept(key, names, names), help=FURTHER_HELP,
                **keeping(key, names),
            )
        )  # fmt: skip
    return picked


def _pick_region(*, empty_only: bool) -> str:
    countries = {NOWHERE: "Leave them out", **region_names()}
    others = "of customers whose country is empty" if empty_only else "without country code"
    before = kept("use_region", NOWHERE if empty_only else None, empty_only)
    picked = st.selectbox(
        f"Country of telephone numbers {others}",
        list(countries),
        None if before is None else list(countries).index(before),
        format_func=lambda code: countries[code] if code == NOWHERE else f"{countries[code]} ({code})",
        placeholder="Pick the country: it is never guessed",
        **keeping("use_region", empty_only),
    )
    return str(picked or "")


def missing_files() -> dict[str, str]:
    """Return what a list is like without each file that decided what is in it and went with the page."""
    held = session().activation
    gone = [kind for kind in DECIDING_WORDS if kind in held.missing and not getattr(held, kind)]
    if kept("use_since", ALL_THERE) == ALL_THERE:
        gone = [kind for kind in gone if kind != "before"]
    return dict(DECIDING_WORDS[kind] for kind in gone)


def show_files(region: str) -> None:
    """Draw the field for files of people to leave out and the like, and what has come so far."""
    what = st.selectbox("What the file is", FILES, key="use_file_kind")
    took = upload_field("File", "use_upload", FILES_HELP, page="use", use=partial(_take, region=region), said=what)
    if took:
        st.rerun()
    held = session().activation
    if held.problem:
        st.error(held.problem, icon=":material/error:")
    said = [f"{safe_md(each.name)}: {len(each):,} people who must not be contacted" for each in held.suppressed]
    said += [f"{safe_md(each.name)}: {len(each):,} identifiers of an earlier campaign" for each in held.earlier]
    if held.template is not None:
        said.append(f"Template with {messages.count_columns(len(held.template.headers))}")
    if held.before is not None:
        said.append(f"{safe_md(held.before.name)}: {held.before.n_customers:,} customers of last time")
    if held.sheet is not None:
        said.append(f"{safe_md(held.sheet.name)}: {held.sheet.n_customers:,} customers of a campaign, on two sides")
    if held.outcomes is not None:
        said.append(f"{safe_md(held.outcomes.name)}: {held.outcomes.n_customers:,} lines of what came back")
    for each in said:
        st.markdown(f":material/check: {each}")
    if said and st.button("Forget these files", icon=":material/delete:", key="use_forget"):
        session().activation = Activation()
        st.rerun()


def _take(upload: Upload, region: str) -> None:
    held, what = session().activation, upload.said
    held.problem = ""
    try:
        if what == TEMPLATE:
            held.template = read_template(upload.content)
            return
        refuse_foreign(upload.content, upload.name)
        listed = read_cells(upload.content, upload.name, ReadOptions()).understood(ReadOptions())
        if what == BEFORE:
            held.before = listed
        elif what == SHEET:
            held.sheet = listed
        elif what == OUTCOMES:
            held.outcomes = listed
        elif what == EARLIER:
            held.earlier = (*held.earlier, read_suppression(listed, region))
        else:
            held.suppressed = (*held.suppressed, read_suppression(listed, region))
    except SegmenterError as error:
        held.problem = messages.explain(error)


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
    contacted, kept_back = (int(counts.get(arm.value, 0)) for arm in Arm)
    st.markdown(f"**{contacted:,} are contacted, {kept_back:,} are kept back**, of those who can be reached.")
    with st.container(horizontal=True):
        rate = st.number_input(
            "Respond without contact, %", 0.01, 99.0, kept("use_base_rate", 2.0), 0.5, help=RATE_HELP, width=200,
            **keeping("use_base_rate"),
        )  # fmt: skip
        lift = st.number_input(
            "Rise that would matter, %", 1.0, 1_000.0, kept("use_lift", 20.0), 5.0, help=LIFT_HELP, width=200,
            **keeping("use_lift"),
        )  # fmt: skip
    if not contacted or not kept_back:
        st.info("One side has nobody. Choose another share, or more segments.", icon=":material/balance:")
        return
    sizes = {str(name): int(n) for name, n in groups["segment"].value_counts(sort=False).items()}
    try:
        # By the share that was asked for, as the sentences below: what was drawn differs from it by chance.
        n_people = contacted + kept_back
        seen = smallest_lift(rate / 100, n_people * (1 - control.share), n_people * control.share)
        plan = plan_test(sizes, rate / 100, lift / 100, control.share)
    except SegmenterError as error:
        show_error(error)
        return
    together = "all segments together" if len(sizes) > 1 else "this segment"
    if seen is None:
        st.markdown(f"**Not even a response of everybody would be noticed** with {together}.")
    else:
        # A telephone has room for so many words above a figure.
        st.metric("Smallest rise that would be noticed", f"{rate:.3g} → {rate * (1 + seen):.3g} %")
        st.markdown(f":gray[That is with {together}.]")
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
    for mark, each in (("", found.in_all), *(("- ", each) for each in found.segments)):
        effect = f"{each.effect(found.outcome)}  \n" if each.difference is not None else ""
        st.markdown(f"{mark}**{safe_md(each.name)}:** {effect}{safe_md(each.advice, 600)}")
    table = found.table()
    share = found.outcome is Outcome.RESPONSE
    shares = [name for name in _SHARES if share or name.startswith("lift")]
    cells, written = in_per_cent(table, shares, decimals=1)
    numbers = [str(name) for name in table.columns if pd.api.types.is_numeric_dtype(table[name])]
    # Thousands are set apart, and no count is written as a power of ten.
    amounts = [name for name in numbers if name not in written and not name.startswith("p_")]
    large = {name: 0 if name.startswith("earned") else 2 for name in amounts}
    cells = cells.round(large)
    plain, small = st.column_config.NumberColumn(format="localized"), st.column_config.NumberColumn(format="%.3g")
    formats = {name: written.get(name, plain if name in large else small) for name in numbers}
    shown: dict[str, Any] = {
        str(name): {**formats.get(str(name), {}), "label": RESULT_HEADS.get(str(name), str(name))}
        for name in table.columns
    }
    st.dataframe(cells, hide_index=True, width="stretch", column_config=shown, key="use_results")
    show_notes(found.notes)
    content = to_csv(table)
    st.download_button(
        "Download the result", content, f"results_{check_code(content)}_{session().downloads.nonce}.csv", "text/csv",
        on_click="ignore", key="use_results_download", icon=":material/download:",
    )  # fmt: skip


RESULT_HEADS: Final = {
    "segment": "Segment",
    "n_contacted": "Contacted",
    "n_control": "Kept back",
    "contacted": "Outcome, contacted",
    "control": "Outcome, kept back",
    "difference": "Difference",
    "difference_low": "Difference, at least",
    "difference_high": "Difference, at most",
    "lift": "Lift",
    "lift_low": "Lift, at least",
    "lift_high": "Lift, at most",
    "p_value": "p",
    "p_holm": "p, for all segments (Holm)",
    "earned": "Earned",
    "earned_low": "Earned, at least",
    "earned_high": "Earned, at most",
    "next": "What to do",
}
_SHARES: Final = frozenset(
    {"contacted", "control", "difference", "difference_low", "difference_high", "lift", "lift_low", "lift_high"}
)  # fmt: skip

"""The choices on the way to lists for a platform: columns, consent, files of people to leave out."""

from functools import partial
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from segmenter.activate.audience import field_words
from segmenter.activate.identifiers import NOWHERE, further_contacts, recognise_contacts, region_names
from segmenter.activate.permission import EVERYBODY_AGREED, Consent, consent_columns, read_suppression
from segmenter.activate.platforms import Field, Platform, platforms
from segmenter.activate.render import read_template
from segmenter.errors.base import SegmenterError
from segmenter.io.model.pickled import refuse_foreign
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_cells
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import Activation, session
from segmenter.ui.widgets.upload import Upload, upload_field

NOT_USED: Final = ""
KINDS: Final = {"ads": "Ads", "crm": "E-mail and CRM", "plain": "Other"}
SUPPRESSION: Final = "People who must not be contacted"
EARLIER: Final = "A list of an earlier campaign"
TEMPLATE: Final = "The platform's own empty template"
BEFORE: Final = "Last time's customers with their segments"
SHEET: Final = "The sheet of both sides of a campaign (test_and_control.csv)"
OUTCOMES: Final = "What came back: responses or revenue by customer"
FILES: Final = (SUPPRESSION, EARLIER, TEMPLATE, BEFORE, OUTCOMES, SHEET)
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
        list(known).index(usual),
        format_func=lambda name: f"{known[name].title} ({KINDS[known[name].kind]})",
        key="use_platform",
    )
    return known[picked]


def pick_consent(customers: Dataset) -> Consent:
    """Draw what says who may be contacted; without a column it is asked once, and kept."""
    names = [column.name for column in customers.columns]
    found = [name for name in consent_columns(customers) if name in names]
    columns = st.multiselect(
        "Consent",
        names,
        found,
        placeholder="No column says who has agreed",
        help="All of these columns must say yes. An empty cell is no.",
        key="use_consent",
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
            words = field_words(field)
            chosen[field] = st.selectbox(
                words[0].upper() + words[1:],
                names,
                names.index(found.get(field, NOT_USED)),
                format_func=lambda name: name or "Not in the file",
                key=f"use_field_{field.value}",
                width=220,
            )
    # Whatever else the file holds still tells who is the same person.
    kept = {**{field: name for field, name in found.items() if field not in wanted}, **chosen}
    region = ""
    if platform.has(Field.PHONE) and chosen.get(Field.PHONE):
        with region_here if not chosen.get(Field.COUNTRY) else st.container():
            region = _pick_region(empty_only=bool(chosen.get(Field.COUNTRY)))
    used = {field: name for field, name in kept.items() if name}
    return used, _pick_further(customers, used), region


def _pick_further(customers: Dataset, used: dict[Field, str]) -> dict[Field, tuple[str, ...]]:
    """Draw which other columns hold further addresses and numbers, where there are such."""
    found = further_contacts(customers, used)
    return {
        field: tuple(
            st.multiselect(
                f"Further columns of {field_words(field)}", names, names, help=FURTHER_HELP,
                key=f"use_further_{field.value}",
            )
        )
        for field, names in found.items()
    }  # fmt: skip


def _pick_region(*, empty_only: bool) -> str:
    countries = {NOWHERE: "Leave them out", **region_names()}
    others = "of customers whose country is empty" if empty_only else "without country code"
    picked = st.selectbox(
        f"Country of telephone numbers {others}",
        list(countries),
        0 if empty_only else None,
        format_func=lambda code: countries[code] if code == NOWHERE else f"{countries[code]} ({code})",
        placeholder="Pick the country: it is never guessed",
        key="use_region",
    )
    return str(picked or "")


def show_files(region: str) -> None:
    """Draw the field for files of people to leave out and the like, and what has come so far."""
    what = st.selectbox("What the file is", FILES, key="use_file_kind")
    took = upload_field("File", "use_upload", FILES_HELP, page="use", use=partial(_take, what=what, region=region))
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


def _take(upload: Upload, what: str, region: str) -> None:
    held = session().activation
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

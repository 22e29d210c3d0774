"""Take the segments to the place where they are used: lists for a platform, with consent and a control group."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.activate.audience import (
    STEPS,
    Audience,
    AudienceOptions,
    Audiences,
    build_audiences,
    field_words,
)
from segmenter.activate.control import Control
from segmenter.activate.platforms import Field, Platform
from segmenter.activate.rfm import CELL_COLUMN, has_rfm, score_rfm
from segmenter.activate.selection import (
    Segments,
    found_by,
    most_typical,
    moved,
    narrowed,
    segments_of_result,
    segments_of_rfm,
)
from segmenter.display import listed
from segmenter.engines.segmenting import EngineSample
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import AudienceError
from segmenter.io.export import check_code
from segmenter.io.export.audiences import audiences_zip, list_names
from segmenter.progress import Progress
from segmenter.segment.result import Result
from segmenter.table.dataset import ColumnKind, Dataset, Note
from segmenter.ui.jobs import Job
from segmenter.ui.messages import advise, safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import RFM_CELLS, Identity, MadeAudiences, keeping, kept, session
from segmenter.ui.widgets.audience_choices import (
    ALL_THERE,
    HASHES_HELP,
    JOINED,
    LEFT,
    missing_files,
    pick_columns,
    pick_consent,
    pick_platform,
    show_files,
    show_plan,
    show_results,
)
from segmenter.ui.widgets.downloads import offer_work, show_downloads
from segmenter.ui.widgets.engines import sample_caption, show_all_customers
from segmenter.ui.widgets.notes import show_error, show_notes
from segmenter.ui.widgets.text_fields import text_line
from segmenter.ui.widgets.working import Work, run_job

NAME: Final = "use"
INTRO: Final = "Take each segment to the place where you work, and keep a few customers back to see whether it helped."
ASKS: Final = "No column of the file says who has agreed to be contacted. Name the column, or give your word below."
PRIVATE: Final = (
    "Nothing is sent anywhere: you upload the lists yourself. They hold what the platform finds people by, and nothing "
    "else of your customers. This page forgets them, and the files that you gave it, when you leave it."
)
CELLS_FILE: Final = "See the grid, and its file, on RFM and value"
STEP_WORDS: Final = {
    "no consent": "without consent",
    "suppressed": "who must not be contacted",
    "held out": "kept back",
    "no identifier": "with nothing to be found by",
    "invalid": "with nothing valid to be found by",
    "duplicate": "listed already",
}
HEADS: Final = {
    "no consent": "No consent",
    "suppressed": "Not to contact",
    "held out": "Kept back",
    "no identifier": "Nothing to find by",
    "invalid": "Not valid",
    "duplicate": "Twice",
}
SHARES: Final = {"None": 0.0, "10 %": 0.1, "20 %": 0.2, "50 %": 0.5}


def render() -> None:
    """Draw the page in the order in which it is read."""
    # The answer stands first, and is known last.
    answer = st.container()
    whose = _pick_whose()
    if whose is None:
        with answer:
            _lead_to_segments()
        return
    customers, segments, result = whose.customers, whose.segments, whose.result
    if result is not None:
        show_all_customers(result, NAME)
    left, right = st.columns([3, 2], gap="medium")
    with right, st.container(border=True):
        control = _pick_control(customers)
        sides = st.container()
    with left, st.container(border=True):
        st.header("Lists for your platforms")
        if result is not None and (caption := sample_caption(result)):
            st.warning(
                f"**Lists made here are {caption}.** Lists of all customers are made beside the engine: "
                "`segmenter activate --engine`, with the model from More files below.",
                icon=":material/dns:",
            )
        platform = pick_platform(customers)
        titles, key = segments.titles(), "use_segments" if result is not None else "use_cells"
        usual = titles if result is not None else segments.held_titles()
        chosen = st.pills(
            "Segments", titles, selection_mode="multi", default=kept(key, usual, titles), format_func=safe_md,
            **keeping(key, titles),
        )  # fmt: skip
        since = _pick_since()
        consent = pick_consent(customers)
        region_here, shown = st.container(), st.container()
    with st.expander("Which columns are used", icon=":material/view_column:"):
        columns, further, region = pick_columns(customers, platform, region_here)
    missing = missing_files()
    with st.expander("People to leave out, and other files", expanded=bool(missing), icon=":material/person_off:"):
        show_files(region)
    with st.expander("More choices", icon=":material/tune:"):
        narrow = _pick_narrow(since)
        hashes, identifier, value, match_rate = _pick_form(platform, customers)
    held = session().activation
    options = AudienceOptions(
        consent,
        columns,
        region,
        held.suppressed,
        held.earlier,
        control,
        hashes=hashes,
        identifier=identifier,
        value=value,
        match_rate=match_rate,
        template=held.template,
        further=further,
    )
    of = (whose.basis, platform.id, tuple(chosen), narrow, _key(options), held.before)
    with shown:
        if missing:
            _ask_for_missing(missing)
        made = None if missing else _made(whose, tuple(chosen), narrow, platform, options, of)
        if made is not None:
            _show_lists(made, platform, n_outside=int((segments.labels < 0).sum()))
    with sides:
        show_plan(made, control)
    with st.container(border=True):
        show_results(made)
    with answer:
        _show_answer(whose, made, asks=not consent.columns and not consent.stated)
    if result is None:
        st.page_link(page_file("worth"), label=CELLS_FILE, icon=":material/grid_on:")
        return
    st.header("Your customers with their segments, and other files")
    show_downloads(result, NAME)
    offer_work(NAME)


def _ask_for_missing(missing: dict[str, str]) -> None:
    """Say which files were forgotten with the page; nothing is made until it is settled."""
    it = "it" if len(missing) == 1 else "them"
    st.warning(
        f"You had given {listed(list(missing))}. This page forgot {it} when you left it. Give {it} again under “People "
        f"to leave out, and other files”, or go on without {it}: the lists then {listed(list(missing.values()))}.",
        icon=":material/person_off:",
    )
    if st.button(f"Go on without {it}", key="use_without"):
        session().activation.missing = frozenset()
        st.rerun()


def _lead_to_segments() -> None:
    st.title("Form the segments first.")
    st.write("Then you take them along from here: as lists for a platform, as files and as a report.")
    if st.button("Go to Segments", type="primary", key="use_to_segments"):
        st.switch_page(page_file("segments"))


@dataclass(frozen=True, eq=False)
class _Whose:
    """The customers that lists are made of, and where each stands.

    Attributes
    ----------
    result
        None for the cells of an RFM grid, which need no segments.
    basis
        What the lists rest on.
    """

    customers: Dataset
    segments: Segments
    result: Result | None
    basis: object


def _pick_whose() -> _Whose | None:
    """Return the customers with segments that the lists are of; it is asked where there are several."""
    usable, dataset = session().usable_results(), session().dataset
    is_sample = isinstance(session().file.cells, EngineSample)
    on_grid = dataset if dataset is not None and has_rfm(dataset) and not is_sample else None
    names = [*usable, *([RFM_CELLS] if on_grid is not None else [])]
    if not names:
        return None
    sizes = {name: each.dataset.n_customers for name, each in usable.items()}
    if on_grid is not None:
        sizes[RFM_CELLS] = on_grid.n_customers
    picked = names[0]
    if len(names) > 1:
        current = names.index(session().used) if session().used in names else 0
        picked = st.selectbox(
            "Whose lists", names, current, key="use_result",
            format_func=lambda name: f"{name}: {sizes[name]:,} customers",
        )  # fmt: skip
        session().used = picked
    if picked in usable:
        result = usable[picked]
        return _Whose(result.dataset, segments_of_result(result), result, result)
    if on_grid is None:
        return None
    rfm = session().worth.grid.on(Identity(on_grid)) or score_rfm(on_grid)
    return _Whose(on_grid, segments_of_rfm(rfm), None, (Identity(on_grid), rfm.choices))


def _key(options: AudienceOptions) -> tuple[object, ...]:
    """Return what tells two sets of choices apart; files are equal to themselves alone."""
    return (
        options.consent,
        tuple(sorted((options.columns or {}).items())),
        options.region,
        options.suppressed,
        options.earlier,
        options.control,
        options.hashes,
        options.identifier,
        options.value,
        options.match_rate,
        options.template,
        tuple(sorted((options.further or {}).items())),
    )


def _pick_control(customers: Dataset) -> Control:
    st.header("Did it work? Keep some back")
    share = st.segmented_control(
        "Kept back", list(SHARES), default=kept("use_share", "None"), required=True, **keeping("use_share")
    )
    campaign = text_line(
        "Campaign",
        kept("use_campaign", ""),
        most=60,
        placeholder="The same customers in every campaign",
        help="A name keeps others back in each campaign; empty keeps the same customers back in all of them.",
        **keeping("use_campaign"),
    )
    identifiers = any(column.kind is ColumnKind.IDENTIFIER for column in customers.columns)
    by = "customer number" if identifiers else "e-mail address or telephone number"
    st.markdown(
        f":gray[Who is kept back is fixed by the {by}: it stays the same next month, whatever the order of the file. "
        "The zip holds a sheet of both sides, to read the result with.]"
    )
    return Control(SHARES[str(share)], campaign=campaign.strip())


Narrow = tuple[str, str, int]


def _pick_since() -> str:
    """Draw whether those who joined or left are asked for, where last month's customers are there."""
    if session().activation.before is None:
        return ALL_THERE
    ways, now = [ALL_THERE, JOINED, LEFT], kept("use_since", ALL_THERE)
    return str(st.segmented_control("Of each segment", ways, default=now, required=True, **keeping("use_since")))


def _pick_narrow(since: str) -> Narrow:
    """Draw who of the segments is asked for besides: those whom a rule finds, the most typical."""
    with st.container(horizontal=True):
        now = kept("use_rule", "")
        rule = text_line(
            "Only customers with", now, most=200, placeholder="spend >= 100", width=260, **keeping("use_rule")
        )
        typical = st.number_input(
            "Only the most typical of each segment",
            0,
            value=kept("use_typical", 0),
            help="The nearest to its centre; 0 takes all.",
            width=260,
            **keeping("use_typical"),
        )
    return since, rule.strip(), int(typical)


def _pick_form(platform: Platform, customers: Dataset) -> tuple[bool, Field | None, str, float]:
    """Draw how the platform's file is written: hashed or plain, by what, with which values, how many are found."""
    hashes, identifier, value = False, None, ""
    with st.container(horizontal=True):
        if platform.hashing == "by choice":
            form = st.segmented_control(
                "Identifiers", ["Plain", "Hashed"], default=kept("use_hashes", "Plain"), required=True,
                help=HASHES_HELP, **keeping("use_hashes"),
            )  # fmt: skip
            hashes = form == "Hashed"
        if platform.one_identifier:
            kinds = [fields[0] for fields in platform.identified_by]
            identifier = st.selectbox(
                "Found by", kinds, kinds.index(kept("use_identifier", kinds[0], platform.id)), format_func=field_words,
                width=220, **keeping("use_identifier", platform.id),
            )  # fmt: skip
        if platform.has(Field.VALUE):
            names = [column.name for column in customers.columns]
            offered = ["", *(name for name in names if pd.api.types.is_float_dtype(customers.frame[name]))]
            value = st.selectbox(
                "Value of each customer",
                offered,
                offered.index(kept("use_value", "", offered)),
                format_func=lambda name: name or "Leave it out",
                help="For audiences that look like your best customers. It is the only other column that leaves.",
                width=260,
                **keeping("use_value", offered),
            )
        rate = st.number_input(
            "Found by the platform, %",
            1,
            100,
            kept("use_rate", 40),
            help="The share of people whom you expect it to know, usually 30 to 60.",
            width=220,
            **keeping("use_rate"),
        )
    return hashes, identifier, value, rate / 100


def _made(
    whose: _Whose,
    chosen: tuple[str, ...],
    narrow: Narrow,
    platform: Platform,
    options: AudienceOptions,
    of: object,
) -> MadeAudiences | None:
    """Return the lists, made at once for a small file, in the background for a large one; None where there are none."""
    held = session().activation
    if (made := held.made.on(of)) is not None:
        return made
    if not options.consent.columns and not options.consent.stated:
        return None
    before = held.before

    def make() -> MadeAudiences:
        customers = whose.customers
        audiences = _asked_for(whose, chosen, narrow, before)
        made = build_audiences(customers, audiences, platform, options)
        return MadeAudiences(made, audiences_zip(customers, made))

    if whose.customers.n_customers <= config.LISTS_AT_ONCE:
        try:
            held.made.keep(make(), of)
        except SegmenterError as error:
            show_error(error)
            return None
        return held.made.latest
    other = session().jobs.job
    waits = session().jobs.cancelled_of == of or (other is not None and other.name != NAME)

    def ask() -> Work[MadeAudiences] | None:
        if waits and not st.button("Make the lists", type="primary", key="use_make"):
            return None

        def work(progress: Progress, _: Job[MadeAudiences]) -> MadeAudiences:
            progress(0.1, f"Checking the addresses of {whose.customers.n_customers:,} customers")
            return make()

        return work

    run_job(NAME, lambda: of, ask, partial(held.made.keep, basis=of), n_cells=whose.customers.frame.size)
    return None


def _asked_for(whose: _Whose, chosen: tuple[str, ...], narrow: Narrow, before: Dataset | None) -> list[Audience]:
    customers, segments = whose.customers, whose.segments
    if not chosen:
        message = "No segment is chosen. Choose at least one."
        raise AudienceError(message)
    since, rule, typical = narrow
    if before is not None and since != ALL_THERE:
        of_cells = whose.result is None and any(column.name == CELL_COLUMN for column in before.columns)
        column = CELL_COLUMN if of_cells else ""
        audiences = moved(customers, segments, chosen, before, joined=since == JOINED, column=column).audiences
    else:
        audiences = segments.audiences(chosen)
    if rule:
        audiences = narrowed(audiences, found_by(customers, [rule]))
    return most_typical(audiences, segments, typical) if typical else audiences


def _show_answer(whose: _Whose, made: MadeAudiences | None, *, asks: bool) -> None:
    is_sample = whose.result is not None and bool(sample_caption(whose.result))
    if made is not None:
        total = int(made.audiences.reconciliation["in segment"].iloc[-1])
        outside = int((whose.segments.labels < 0).sum())
        is_all = total + outside >= whose.customers.n_customers
        n_all = whose.customers.n_customers
        of = f"your {n_all:,} customers" if is_all else f"the {total:,} customers asked for"
        if is_sample:
            of = f"the {total:,} customers of the sample; all are {_n_customers(whose):,}"
        st.title(f"You can reach {made.audiences.n_people:,} of {of}.")
        st.write(INTRO)
    elif asks:
        st.title(f"Who of your {_n_customers(whose):,} customers may you contact?")
        st.write(ASKS)
    else:
        st.title("Your lists are not made yet.")
        st.write(INTRO)


def _show_lists(made: MadeAudiences, platform: Platform, *, n_outside: int) -> None:
    audiences = made.audiences
    sheet = audiences.reconciliation
    rows, total = sheet.iloc[:-1], sheet.iloc[-1]
    there = [step for step in STEPS if total[step]]
    table = rows[["segment", "in file", "in segment", *there]].rename(
        columns={"segment": "Segment", "in file": "In the list", "in segment": "of", **HEADS}
    )
    numbers = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        table, hide_index=True, width="stretch", key="use_table",
        column_config=dict.fromkeys(table.columns[1:], numbers),
    )  # fmt: skip
    off = "".join(f" + {total[step]:,} {STEP_WORDS[step]}" for step in there)
    outside = f" {n_outside:,} more {'is' if n_outside == 1 else 'are'} in no segment." if n_outside else ""
    st.markdown(f":gray[{total['in segment']:,} customers = {total['in file']:,} in the lists{off}.{outside}]")
    _download(made, platform)
    st.markdown(f":gray[{_holds(audiences)} {PRIVATE}]")
    old = platform.age_note(date.today())
    show_notes([*([Note(old, warning=True)] if old else []), *(note for note in audiences.notes if note.warning)])
    told = [note for note in audiences.notes if not note.warning]
    if told:
        with st.expander("Good to know", icon=":material/info:"):
            st.markdown("\n".join(f"- {advise(note)}" for note in told))
    with st.expander("How sure we are of this format", icon=":material/fact_check:"):
        st.markdown(f"{safe_md(platform.certainty, 600)} Of {platform.checked_on.isoformat()}, from:")
        st.markdown("\n".join(f"- {safe_md(source, 200)}" for source in platform.sources))


def _holds(audiences: Audiences) -> str:
    headers = audiences.lists[0].headers[:14]
    columns = ", ".join(safe_md(header) for header in headers)
    each = "column" if len(headers) == 1 else "columns"
    return f"Each list has the {each} {columns}. The zip also says of everybody who is in no list why."


def _download(made: MadeAudiences, platform: Platform) -> None:
    n_lists = len(list_names(made.audiences))
    lists = "1 list" if n_lists == 1 else f"{n_lists} lists"
    st.download_button(
        f"Download {lists} for {platform.title}",
        made.content,
        f"audiences_{platform.id}_{check_code(made.content)}_{session().downloads.nonce}.zip",
        "application/zip",
        on_click="ignore",
        key="use_download",
        type="primary",
        icon=":material/download:",
        disabled=not made.audiences.n_people,
    )


def _n_customers(whose: _Whose) -> int:
    cells = session().engine_sample_of(whose.result) if whose.result is not None else None
    return whose.customers.n_customers if cells is None else cells.n_rows


if __name__ == "__main__":
    render()

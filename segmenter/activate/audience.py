"""Audiences: who of each segment is in the list for a platform, and to the last customer why the others are not.

One person is linked by any equal identifier: customer number, mailbox or telephone number, through as many rows as it
takes. Consent and suppression hold for the person: one row that says no, and none of the person's rows is sent. Each
person is in one list once, in the first that was asked for, by the first row of the file that can be sent.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from segmenter.activate.control import Arm, Control
from segmenter.activate.identifiers import (
    DESTROYED,
    NO_COUNTRY,
    Checked,
    further_contacts,
    recognise_chosen,
    recognise_contacts,
)
from segmenter.activate.permission import Consent, Consents, KnownIdentifiers, SuppressionList, read_consent
from segmenter.activate.platforms import Field, FileColumn, Platform
from segmenter.activate.render import (
    MOST_SHARING,
    Contacts,
    Template,
    factorised,
    hashed,
    read_contacts,
    rendered,
    template_columns,
    unwritten_identifiers,
    written_cells,
    written_columns,
)
from segmenter.display import percent_text
from segmenter.errors.forming import AudienceError, CountryNeededError, NoIdentifierError, UnknownColumnError
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import BoolArray, IntArray

ONE_PERSON: Final = (
    "Rows with an equal customer number, mailbox or telephone number are one person. One row without consent, or on "
    "the suppression list, holds for all of the person's rows. Each person is in one list once."
)
# In the order in which they are taken off; the sheet has one column each.
STEPS: Final = ("no consent", "suppressed", "held out", "no identifier", "invalid", "duplicate")
# The last row of the sheet.
IN_ALL: Final = "in all"
NO_CONSENT, SUPPRESSED, HELD_OUT, NO_IDENTIFIER, INVALID, DUPLICATE = range(1, len(STEPS) + 1)
_FIELD_WORDS: Final = {
    Field.EMAIL: "e-mail address", Field.PHONE: "telephone number", Field.FIRST_NAME: "first name",
    Field.LAST_NAME: "last name", Field.COUNTRY: "country", Field.ZIP: "postcode", Field.CITY: "city",
    Field.DEVICE_ID: "advertising id", Field.CUSTOMER_ID: "customer number", Field.COMPANY: "company",
    Field.JOB_TITLE: "job title", Field.VALUE: "value", Field.STATE: "state", Field.BIRTH_DATE: "date of birth",
    Field.GENDER: "gender", Field.FACEBOOK_ID: "Facebook user id",
}  # fmt: skip


def field_words(of: Field) -> str:
    """Return what a field is called in a sentence."""
    return _FIELD_WORDS[of]


@dataclass(frozen=True, eq=False)
class Audience:
    """Customers who were asked for, under one name; usually a segment.

    Attributes
    ----------
    rows
        Which customers, shape (n_customers,).
    number
        Of the segment, which the file's name says; None where it has none.
    """

    name: str
    rows: BoolArray
    number: int | None = None


@dataclass(frozen=True, eq=False)
class AudienceOptions:
    """Every decision on the way to a platform's files.

    Attributes
    ----------
    columns
        Field → column of the file; what is recognised where it is None.
    further
        Field → further columns of e-mail addresses or telephone numbers; what is recognised where it is None.
    region
        ISO code of the country of customers whose own is not known; NOWHERE leaves their numbers without country code
        out, and empty text asks.
    suppressed, earlier
        Who must not be contacted, and whom earlier campaigns have reached.
    hashes
        Whether identifiers are hashed, where the platform leaves the choice.
    identifier
        The one to write, for platforms whose lists hold one kind; the first that the file has where it is None.
    value
        The column of customers' values, for look-alike audiences; none where it is empty.
    match_rate
        Share of people whom the user expects the platform to find, 0-1.
    template
        A header row of the platform, which decides the columns in place of ours.
    """

    consent: Consent
    columns: Mapping[Field, str] | None = None
    region: str = ""
    suppressed: tuple[SuppressionList, ...] = ()
    earlier: tuple[SuppressionList, ...] = ()
    control: Control | None = None
    hashes: bool = False
    identifier: Field | None = None
    value: str = ""
    match_rate: float = 0.4
    template: Template | None = None
    further: Mapping[Field, tuple[str, ...]] | None = None


@dataclass(frozen=True, eq=False)
class AudienceList:
    """One platform file, still as a table.

    Attributes
    ----------
    cells
        (n_people × n_columns) text as it is written; empty text for nothing.
    rows
        Row of each person in the customer file, from 0.
    number
        As in `Audience`.
    """

    name: str
    headers: tuple[str, ...]
    cells: pd.DataFrame
    rows: IntArray
    number: int | None = None

    @property
    def n_bytes(self) -> int:
        """Length of the file that it becomes, short of its head and of quotes around cells."""
        texts = (pa.array(self.cells[place], pa.large_string()) for place in self.cells.columns)
        characters = sum(pc.sum(pc.binary_length(each)).as_py() or 0 for each in texts)
        # A mark after each cell, and two at the end of a line.
        return characters + len(self.rows) * (len(self.headers) + 1)


@dataclass(frozen=True, eq=False)
class Audiences:
    """The lists for a platform, and where every other customer has stayed.

    Attributes
    ----------
    reconciliation
        One row per audience and one for all: in segment, then one column per step, then in file; the first is the sum
        of the others.
    left_out
        One row per customer who was asked for and is in no list: `row` (from 1), `customer`, `segment`, `step`,
        `reason`.
    dropped
        Every cell that could not be used: `row`, `customer`, `column`, `written`, `reason`; of customers in a list too.
    groups
        Who was contacted and who held out, of those who can be reached: `customer`, `segment`, `arm`; empty without a
        control group.
    """

    platform: Platform
    options: AudienceOptions
    contacts: Contacts
    hashes: bool
    lists: tuple[AudienceList, ...]
    reconciliation: pd.DataFrame
    left_out: pd.DataFrame
    dropped: pd.DataFrame
    groups: pd.DataFrame
    notes: tuple[Note, ...] = ()

    @property
    def n_people(self) -> int:
        """Number of people in the lists."""
        return sum(len(each.rows) for each in self.lists)


def build_audiences(
    dataset: Dataset, audiences: Sequence[Audience], platform: Platform, options: AudienceOptions
) -> Audiences:
    """Return the lists of some audiences for a platform, each customer accounted for.

    Parameters
    ----------
    dataset
        The customers, with what identifies them.
    audiences
        Who is wanted in each list.
    platform
        For whom the lists are; see `platforms`.
    options
        Consent, suppression, control group and the like.

    Raises
    ------
    ConsentUnknownError
        If nothing says who may be contacted.
    CountryNeededError
        If telephone numbers have no country code, and nobody said where they are.
    NoIdentifierError
        If the file has nothing that the platform could find dataset by.
    UnknownColumnError
        If a column is named that the file does not have.
    AudienceError
        If there is no audience, or something was asked for that the platform does not take.
    """
    hashes = _hashes(platform, options)
    contacts = _contacts(dataset, platform, options)
    consents = read_consent(dataset, options.consent)
    only = _one_identifier(platform, options, contacts)
    columns, hashed_ones = _columns(platform, contacts, options, only, hashes=hashes)
    _check_countries(columns, contacts, options)
    pairs = zip(columns, hashed_ones, strict=True)
    cells = [written_cells(column, contacts, hashes=is_hashed) for column, is_hashed in pairs]
    cells = _whole_groups(columns, cells)
    reachable, given, faults, way = _reachable(platform, columns, cells, contacts)
    known = contacts.known_slots()
    people = _people(contacts, known)
    unwritten = (
        unwritten_identifiers(dataset, contacts, options.region) if options.suppressed or options.earlier else None
    )
    fates = _fates(people, consents, options, known, unwritten, reachable, given, faults)
    asked = [_settled(audience, fates, people, way) for audience in _checked(audiences, dataset)]
    if options.template is not None:
        headers = options.template.headers
    else:
        headers = tuple(column.written_header(hashes=hashes) for column in columns)
    rows = [np.flatnonzero(fate == 0) for _, fate in asked]
    tables = _tables(hashed_ones, cells, rows)
    lists = tuple(
        AudienceList(audience.name, headers, table, theirs, audience.number)
        for (audience, _), table, theirs in zip(asked, tables, rows, strict=True)
    )
    result = Audiences(
        platform,
        options,
        contacts,
        hashes or any(column.always_hashed for column in columns),
        lists,
        _reconciliation(asked),
        _left_out(asked, fates.reasons, people),
        _dropped(dataset, contacts, columns, cells, asked, people),
        _groups(asked, people, reachable, options.control),
    )
    return replace(result, notes=_notes(result, consents, fates.named))


def _hashes(platform: Platform, options: AudienceOptions) -> bool:
    if options.hashes and platform.hashing == "never":
        message = f"{platform.title} takes no hashes; leave identifiers plain."
        raise AudienceError(message)
    return options.hashes or platform.hashing == "always"


def _contacts(customers: Dataset, platform: Platform, options: AudienceOptions) -> Contacts:
    named = dict(recognise_contacts(customers) if options.columns is None else options.columns)
    if options.template is not None:
        # A template that asks for them is the user's choice.
        asked = recognise_chosen(customers)
        asked_for = {column.source for column in template_columns(options.template, platform, hashes=False)[0]}
        named = {**{of: name for of, name in asked.items() if of in asked_for}, **named}
    if options.value:
        if not platform.has(Field.VALUE) and options.template is None:
            message = f"{platform.title} takes no column of values. Leave it out."
            raise AudienceError(message)
        named[Field.VALUE] = options.value
    available = [column.name for column in customers.columns]
    unknown = [name for name in named.values() if name not in available]
    if unknown:
        raise UnknownColumnError(unknown, available)
    drops = any("inner blanks removed" in column.rule.value for column in platform.columns)
    further = further_contacts(customers, named) if options.further is None else options.further
    missing = [name for names in further.values() for name in names if name not in available]
    if missing:
        raise UnknownColumnError(missing, available)
    return read_contacts(customers, named, options.region, further=further, drop_inner_blanks=drops)


def _check_countries(columns: Sequence[FileColumn], contacts: Contacts, options: AudienceOptions) -> None:
    """Ask for the country of telephone numbers, where they are written and nobody said it."""
    written = any(column.source is Field.PHONE for column in columns) and Field.PHONE in contacts.columns
    if written and not options.region and Field.COUNTRY not in contacts.columns:
        lacking = int((contacts.checked[Field.PHONE].reasons == NO_COUNTRY).sum())
        if lacking:
            raise CountryNeededError(lacking)


def _one_identifier(platform: Platform, options: AudienceOptions, contacts: Contacts) -> Field | None:
    if not platform.one_identifier:
        return None
    possible = [fields[0] for fields in platform.identified_by]
    if options.identifier is not None and options.identifier not in possible:
        message = f"{platform.title} lists hold one of {', '.join(field_words(each) for each in possible)}."
        raise AudienceError(message)
    return options.identifier or next((each for each in possible if each in contacts.columns), possible[0])


def _columns(
    platform: Platform, contacts: Contacts, options: AudienceOptions, only: Field | None, *, hashes: bool
) -> tuple[tuple[FileColumn, ...], tuple[bool, ...]]:
    """Return the columns that are written, and which of them are hashed."""
    if options.template is not None:
        return template_columns(options.template, platform, hashes=hashes)
    columns = written_columns(platform, contacts, only, value=bool(options.value), hashes=hashes)
    return columns, tuple(column.is_hashed(hashes=hashes) for column in columns)


def _whole_groups(columns: Sequence[FileColumn], cells: Sequence[Checked]) -> list[Checked]:
    """Empty the cells of a group where one of them is empty: half an address finds nobody."""
    whole: dict[str, BoolArray] = {}
    for column, checked in zip(columns, cells, strict=True):
        if column.group:
            there = checked.values.notna().to_numpy()
            whole[column.group] = whole.get(column.group, np.ones(len(there), dtype=bool)) & there
    return [
        Checked(checked.values.where(whole[column.group]), checked.reasons) if column.group else checked
        for column, checked in zip(columns, cells, strict=True)
    ]


def _reachable(
    platform: Platform, columns: Sequence[FileColumn], cells: Sequence[Checked], contacts: Contacts
) -> tuple[BoolArray, BoolArray, dict[int, str], IntArray]:
    """Return who has what the platform finds people by, who has something in its place, the fault, and the best way.

    The fault is that of each row which has something, and nothing that is valid. Ways are numbered in the platform's
    order, which begins with the one that it finds people by best.
    """
    first = (pair for pair in zip(columns, cells, strict=True) if not pair[0].slot)
    by_field = {column.source: each for column, each in first if column.source is not None}
    reachable = np.zeros(contacts.n_customers, dtype=bool)
    given = np.zeros(contacts.n_customers, dtype=bool)
    ways = platform.identified_by
    usable = [fields for fields in ways if all(each in by_field and each in contacts.columns for each in fields)]
    if not usable:
        needed = [" and ".join(field_words(each) for each in fields) for fields in platform.identified_by]
        raise NoIdentifierError(platform.title, needed)
    way = np.full(contacts.n_customers, len(usable), dtype=np.intp)
    for place, fields in enumerate(usable):
        complete = np.ones(contacts.n_customers, dtype=bool)
        for each in fields:
            complete &= by_field[each].values.notna().to_numpy()
        way[complete & ~reachable] = place
        reachable |= complete
        given |= np.logical_and.reduce([contacts.checked[each].given for each in fields])
    faults: dict[int, str] = {}
    invalid = np.flatnonzero(given & ~reachable)
    for of in dict.fromkeys(each for fields in usable for each in fields):
        why = by_field[of].reasons.iloc[invalid]
        for row, reason in zip(invalid.tolist(), why, strict=True):
            if reason:
                faults.setdefault(row, f"{field_words(of)}: {reason}")
    return reachable, given, faults, way


@dataclass(frozen=True, eq=False)
class _People:
    """Which rows are one person.

    Attributes
    ----------
    index
        First row of each row's person, shape (n_customers,).
    names
        Each row's own name in lists: the customer number, or nothing.
    ids
        What each row's person is drawn by for control groups, the same for all of the person's rows.
    several
        The rows of persons who have more than one, ascending.
    """

    index: IntArray
    names: pd.Series
    ids: pd.Series
    several: IntArray

    def any_of(self, rows: BoolArray) -> BoolArray:
        """Return which rows are of a person of whom one row is marked."""
        marked = np.zeros(int(self.index.max(initial=-1)) + 1, dtype=bool)
        marked[self.index[rows]] = True
        return marked[self.index]


def _people(contacts: Contacts, known: Sequence[KnownIdentifiers]) -> _People:
    first = known[0]
    links = [[first.ids]]
    if Field.EMAIL not in contacts.codes:
        links.append([each.emails for each in known])
    if Field.PHONE not in contacts.codes:
        links.append([each.phones for each in known])
    if Field.DEVICE_ID in contacts.columns:
        # Whatever a list is matched by tells people apart.
        links.append([contacts.values(Field.DEVICE_ID).str.lower()])
    open_ones = [pd.concat(each, ignore_index=True) for each in links]
    index = _linked([*contacts.codes.values(), *factorised(open_ones)], contacts.n_customers)
    own = first.ids
    if own.isna().any():
        own = own.fillna(first.emails).fillna(first.phones)
    if own.isna().any():
        # Whoever has an address or a device alone is drawn by that.
        rest = [contacts.values(of)[own.isna()].fillna("") for of in contacts.columns if of is not Field.VALUE]
        own[own.isna()] = ["|".join(texts).strip("|") for texts in zip(*rest, strict=True)]
    # The smallest of a person's names, so that the order of rows does not matter.
    several = np.flatnonzero(np.bincount(index)[index] > 1)
    ids = own.copy()
    if len(several):
        named = own.iloc[several].mask(own.iloc[several] == "")
        ids.iloc[several] = named.groupby(index[several]).transform("min").fillna("").to_numpy()
    return _People(index, first.ids, ids, several)


def _linked(links: Sequence[IntArray], n_customers: int) -> IntArray:
    """Return the first row of the connected component of each row, rows being joined by equal codes.

    Parameters
    ----------
    links
        Per kind of identifier the codes of all columns, one after the other; -1 for none.
    """
    rows, nodes, n_nodes = [], [], n_customers
    for codes in links:
        # What stands once joins nothing; the last place is that of rows without one.
        counts = np.bincount(codes + 1)[1:]
        joined = np.flatnonzero(np.append(counts > 1, False)[codes])
        rows.append(joined % n_customers)
        nodes.append(codes[joined] + n_nodes)
        n_nodes += len(counts)
    first = np.arange(n_customers)
    if not sum(map(len, rows)):
        return first
    # Most people stand in one row: the graph is that of the others.
    at, joined = np.unique(np.concatenate(rows), return_inverse=True)
    to = np.unique(np.concatenate(nodes), return_inverse=True)[1] + len(at)
    graph = coo_array((np.ones(len(to), dtype=np.int8), (joined, to)), shape=(int(to.max()) + 1,) * 2)
    components = connected_components(graph, directed=False)[1][: len(at)]
    _, starts, numbers = np.unique(components, return_index=True, return_inverse=True)
    first[at] = at[starts][numbers]
    return first


@dataclass(frozen=True, eq=False)
class _Fates:
    """The first step that takes each row off, 0 where none does, and why; shape (n_customers,) each.

    `named` is how many rows each list of people to leave out names.
    """

    steps: IntArray
    reasons: np.ndarray
    named: tuple[int, ...]


def _fates(
    people: _People,
    consents: Consents,
    options: AudienceOptions,
    known: Sequence[KnownIdentifiers],
    unwritten: tuple[KnownIdentifiers, IntArray] | None,
    reachable: BoolArray,
    given: BoolArray,
    faults: Mapping[int, str],
) -> _Fates:
    steps = np.zeros(len(reachable), dtype=np.intp)
    reasons = np.full(len(reachable), "", dtype=object)

    def take_off(rows: BoolArray, step: int, why: str, others: str = "") -> None:
        """Take off those rows who are still there, and, where the others are given a reason, all of their people's."""
        everyone = people.any_of(rows) if others else rows
        new = everyone & (steps == 0)
        reasons[new & rows] = why
        reasons[new & ~rows] = others
        steps[new] = step

    take_off(~consents.given, NO_CONSENT, "no consent", "another row of this person has no consent")
    lists = [(each, f"on the suppression list ({each.name})") for each in options.suppressed]
    lists += [(each, f"in an earlier campaign ({each.name})") for each in options.earlier]
    named = []
    for listed, why in lists:
        rows = np.logical_or.reduce([listed.names(each) for each in known])
        if unwritten is not None:
            others, of_rows = unwritten
            rows[of_rows[listed.names(others)]] = True
        named.append(int(rows.sum()))
        take_off(rows, SUPPRESSED, why, f"another row of this person is {why}")
    if options.control is not None and options.control.share:
        there = steps == 0
        drawn = np.zeros(len(steps), dtype=bool)
        drawn[there] = options.control.held_out(people.ids[there])
        take_off(drawn, HELD_OUT, "held out as control")
    take_off(~reachable & ~given, NO_IDENTIFIER, "nothing by which the platform finds people")
    take_off(~reachable, INVALID, "no valid identifier")
    for row in np.flatnonzero(steps == INVALID).tolist():
        reasons[row] = faults.get(row, reasons[row])
    return _Fates(steps, reasons, tuple(named))


def _checked(audiences: Sequence[Audience], customers: Dataset) -> Sequence[Audience]:
    if not audiences:
        message = "No segment was chosen. Choose at least one."
        raise AudienceError(message)
    names = [audience.name for audience in audiences]
    if len(set(names)) < len(names) or any(len(audience.rows) != customers.n_customers for audience in audiences):
        message = "Each audience needs a name of its own, and a yes or no for every customer of the file."
        raise AudienceError(message)
    return audiences


def _first_rows(rows: IntArray, person: IntArray) -> IntArray:
    """Return the first of some rows of each person."""
    first = np.empty(int(person.max(initial=-1)) + 1, dtype=np.intp)
    # The last that is written stays.
    first[person[rows[::-1]]] = rows[::-1]
    return np.asarray(rows[first[person[rows]] == rows], dtype=np.intp)


def _settled(audience: Audience, fates: _Fates, people: _People, way: IntArray) -> tuple[Audience, IntArray]:
    """Return the fate of each row in this audience, −1 for those outside; persons in it are settled for later ones.

    A person stands there by the row that the platform finds best, the first of these.
    """
    person, several = people.index, people.several
    rows = np.flatnonzero(audience.rows)
    fate = np.full(len(person), -1, dtype=np.intp)
    fate[rows] = fates.steps[rows]
    rows = rows[fates.steps[rows] == 0]
    by_way = rows[np.argsort(way[rows], kind="stable")] if len(several) else rows
    first = np.sort(_first_rows(by_way, person))
    fate[rows] = DUPLICATE
    fate[first] = 0
    # Whoever is listed here is a duplicate in every audience that follows, and so are the person's other rows.
    listed = np.zeros(len(person), dtype=bool)
    listed[person[first]] = True
    again = np.concatenate([first, several[listed[person[several]] & (fates.steps[several] == 0)]])
    fates.steps[again] = DUPLICATE
    fates.reasons[again] = f"the same person is in the list of {audience.name}"
    return audience, fate


def _tables(hashed_ones: Sequence[bool], cells: Sequence[Checked], rows: Sequence[IntArray]) -> list[pd.DataFrame]:
    """Return the cells of each list's people as text: only these are hashed."""
    kept = np.concatenate(rows)
    # List after list, so that each is a share of the whole that nobody copies.
    texts = [checked.values.array.take(kept) for checked in cells]
    written = [
        hashed(pd.Series(each)) if is_hashed else pd.Series(each)
        for each, is_hashed in zip(texts, hashed_ones, strict=True)
    ]
    table = pd.DataFrame({place: each.fillna("") for place, each in enumerate(written)})
    ends = np.cumsum([0, *map(len, rows)])
    return [table.iloc[first:last].reset_index(drop=True) for first, last in pairwise(ends)]


def _reconciliation(asked: Sequence[tuple[Audience, IntArray]]) -> pd.DataFrame:
    rows = []
    for audience, fate in asked:
        counts = np.bincount(fate[fate >= 0], minlength=len(STEPS) + 1)
        rows.append([audience.name, int(counts.sum()), *counts[1:].tolist(), int(counts[0])])
    table = pd.DataFrame(rows, columns=["segment", "in segment", *STEPS, "in file"])
    total = table.drop(columns="segment").sum()
    return pd.concat([table, pd.DataFrame([[IN_ALL, *total]], columns=table.columns)], ignore_index=True)


def _left_out(asked: Sequence[tuple[Audience, IntArray]], reasons: np.ndarray, people: _People) -> pd.DataFrame:
    parts = []
    for audience, fate in asked:
        rows = np.flatnonzero(fate > 0)
        parts.append(
            pd.DataFrame(
                {
                    "row": rows + 1,
                    "customer": people.names.iloc[rows].fillna("").array,
                    "segment": _repeated([audience.name], np.zeros(len(rows), dtype=np.intp)),
                    "step": _repeated(["", *STEPS], fate[rows]),
                    "reason": _repeated(*reversed(pd.factorize(reasons[rows]))),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _repeated(texts: Sequence[str], codes: IntArray) -> ExtensionArray:
    """Return each row's text; a million of few different ones cost no million strings of Python's."""
    return pd.Series(texts, dtype="str").array.take(codes)


def _dropped(
    customers: Dataset,
    contacts: Contacts,
    columns: Sequence[FileColumn],
    cells: Sequence[Checked],
    asked: Sequence[tuple[Audience, IntArray]],
    people: _People,
) -> pd.DataFrame:
    chosen = np.logical_or.reduce([fate >= 0 for _, fate in asked])
    parts = []
    for name, checked in _cells_by_column(contacts, columns, cells):
        rows = np.flatnonzero(chosen & (checked.reasons != "").to_numpy())
        parts.append(
            pd.DataFrame(
                {
                    "row": rows + 1,
                    "customer": people.names.iloc[rows].fillna("").to_numpy(),
                    "column": name,
                    "written": customers.original[name].iloc[rows].astype("str").to_numpy(),
                    "reason": checked.reasons.iloc[rows].to_numpy(),
                }
            )
        )
    empty = pd.DataFrame({name: [] for name in ("row", "customer", "column", "written", "reason")})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _cells_by_column(
    contacts: Contacts, columns: Sequence[FileColumn], cells: Sequence[Checked]
) -> Iterator[tuple[str, Checked]]:
    """Yield each column of the file that is written, with its cells as they are written and why some are not."""
    for column, checked in zip(columns, cells, strict=True):
        if column.source is None or column.source not in contacts.columns or column.slot:
            continue
        if column.source not in contacts.written:
            yield contacts.columns[column.source], checked
            continue
        for name, each in contacts.written[column.source]:
            yield name, rendered(each, column.rule, contacts)


def _groups(
    asked: Sequence[tuple[Audience, IntArray]], people: _People, reachable: BoolArray, control: Control | None
) -> pd.DataFrame:
    """Return who is compared with whom: people once, and of those held out only those who could have been reached."""
    if control is None or not control.share:
        return pd.DataFrame({"customer": [], "segment": [], "arm": []})
    parts, seen = [], np.zeros(int(people.index.max(initial=-1)) + 1, dtype=bool)
    for audience, fate in asked:
        held = np.flatnonzero((fate == HELD_OUT) & reachable & ~seen[people.index])
        held = _first_rows(held, people.index)
        seen[people.index[held]] = True
        rows = np.sort(np.concatenate([np.flatnonzero(fate == 0), held]))
        parts.append(
            pd.DataFrame(
                {
                    "customer": people.ids.iloc[rows].array,
                    "segment": _repeated([audience.name], np.zeros(len(rows), dtype=np.intp)),
                    "arm": _repeated(list(Arm), (fate[rows] != 0).astype(np.intp)),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _notes(result: Audiences, consents: Consents, named: Sequence[int]) -> tuple[Note, ...]:
    notes = [*_consent_notes(consents), *_suppression_notes(result.options, named), *_dropped_notes(result)]
    notes += _shared_notes(result.contacts)
    sizes = {each.name: len(each.rows) for each in result.lists}
    lengths = {each.name: each.n_bytes for each in result.lists}
    notes += size_notes(result.platform, sizes, result.options.match_rate, lengths)
    if (
        result.options.control is not None
        and result.options.control.share
        and Field.CUSTOMER_ID not in result.contacts.columns
    ):
        notes.append(
            Note(
                "No column holds customer numbers: control groups are drawn by e-mail address, or telephone number, "
                "and a customer who changes it may change sides.",
                warning=True,
            )
        )
    notes += [Note(text) for text in result.platform.warnings]
    return tuple(notes)


def _shared_notes(contacts: Contacts) -> list[Note]:
    """Say which addresses stand for so many customers that they are nobody's."""
    return [
        Note(
            f"More than {MOST_SHARING} customers share one {field_words(of)} ({count:,} cells in all): a placeholder "
            "or a company's. It is not used, and does not make one person of them.",
            warning=True,
        )
        for of, count in contacts.shared.items()
    ]


def _consent_notes(consents: Consents) -> list[Note]:
    return [
        Note(
            f"{column}: “{cell}” ({count:,} {'customer' if count == 1 else 'customers'}) says neither yes nor no; it "
            "counts as no.",
            warning=True,
            column=column,
        )
        for column, cell, count in consents.unclear[:5]
    ]


def _suppression_notes(options: AudienceOptions, named: Sequence[int]) -> list[Note]:
    lists = (*options.suppressed, *options.earlier)
    notes = [Note(f"{each.name}: {_unreadable(each)}", warning=True) for each in lists if each.n_unreadable]
    notes += [
        Note(
            f"{each.name} names nobody in this file. Make sure that both hold the same kind of identifier: customer "
            "numbers, e-mail addresses, telephone numbers, or unsalted hashes of them.",
            warning=True,
        )
        for each, found in zip(lists, named, strict=True)
        if not found and each.n_read
    ]
    return notes


def _unreadable(listed: SuppressionList) -> str:
    if listed.n_unreadable == 1:
        return f"1 of {listed.n_read:,} entries is no identifier; it leaves nobody out."
    return f"{listed.n_unreadable:,} of {listed.n_read:,} entries are no identifiers; they leave nobody out."


def _dropped_notes(result: Audiences) -> list[Note]:
    notes: list[tuple[int, Note]] = []
    counts = Counter(zip(result.dropped["column"], result.dropped["reason"], strict=True))
    for (column, reason), count in counts.items():
        values = "1 cell is not used" if count == 1 else f"{count:,} cells are not used"
        notes.append((count, Note(f"{column}: {values}: {reason}.", warning=reason == DESTROYED, column=str(column))))
    return [note for _, note in sorted(notes, key=lambda pair: (not pair[1].warning, -pair[0]))[:12]]


def size_notes(
    platform: Platform, sizes: Mapping[str, int], match_rate: float, n_bytes: Mapping[str, int] | None = None
) -> list[Note]:
    """Return advice on lists that are too small or too large for a platform, at the user's own match rate.

    Parameters
    ----------
    platform
        Whose limits count.
    sizes
        People in each list, by its name.
    match_rate
        Share of people whom the platform is expected to find, 0-1.
    n_bytes
        Length of each list's file, where it is known.
    """
    limits, notes = platform.limits, []
    small = {name: size for name, size in sizes.items() if size < (limits.min_rows or 0)}
    together = " Send them together." if len(sizes) > 1 else ""
    if small:
        notes.append(
            Note(
                f"{platform.title} takes lists of {limits.min_rows:,} rows or more; {_sized(small)}.{together}",
                warning=True,
            )
        )
    needed = limits.min_matched or 0
    few = {name: size for name, size in sizes.items() if size * match_rate < needed and name not in small}
    if few:
        enough = int(np.ceil(needed / match_rate)) if match_rate else None
        advice = (
            f"at {percent_text(match_rate)} found, that takes {enough:,}"
            if enough
            else "nobody is expected to be found"
        )
        notes.append(
            Note(
                f"{platform.title} uses lists in which it finds {needed:,} people; {advice}. {_sized(few)}.",
                warning=True,
            )
        )
    large = {name: size for name, size in sizes.items() if limits.rows is not None and size > limits.rows}
    if large:
        notes.append(
            Note(
                f"{platform.title} takes at most {limits.rows:,} rows a file; {_sized(large)}. Divide them.",
                warning=True,
            )
        )
    long = {name: size for name, size in (n_bytes or {}).items() if limits.bytes is not None and size > limits.bytes}
    if limits.bytes is not None and long:
        most, megabytes = limits.bytes // 10**6, {name: -(-size // 10**6) for name, size in long.items()}
        notes.append(
            Note(
                f"{platform.title} takes files of at most {most:,} MB; {_sized(megabytes, ' MB')}. Divide them.",
                warning=True,
            )
        )
    return notes


def _sized(sizes: Mapping[str, int], unit: str = "") -> str:
    shown = [f"{name} has {size:,}{unit}" for name, size in list(sizes.items())[:3]]
    more = f" and {len(sizes) - 3} more" if len(sizes) > 3 else ""
    return f"{', '.join(shown)}{more}"


def checked_on_note(platform: Platform, today: date | None = None) -> str:
    """Return a sentence where a platform's format was last looked up too long ago; empty text otherwise."""
    return platform.age_note(today or date.today())

"""The upload field, how the file was read, and the switches to read it another way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import streamlit as st

from segmenter.engines.segmenting import EngineSample
from segmenter.errors.base import SegmenterError
from segmenter.io.export import check_code
from segmenter.io.export.csv import left_out_csv
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import ReadCells, read_cells
from segmenter.purchases.customers import CustomerTable, customers_behind
from segmenter.table.dataset import ColumnKind, Dataset, Dialect
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, session
from segmenter.ui.uploads import UPLOADS, UploadUnderway, arrived, current_session, drop
from segmenter.ui.widgets.notes import short_cells, show_error
from segmenter.ui.widgets.working import read_now

FILE_GONE = (
    "The file itself is no longer kept, only its table; upload it again to change what is greyed out here. "
    "Decimal mark, order of dates and the meaning of columns can still be changed."
)
FILE_KEPT = "The file is kept until you go on to the next step, so that a change here reads it again at once."
QUOTES = {'"': 'double "', "'": "single '", "": "none"}
DATE_ORDERS = {"": "as found in each column", "day first": "day first", "month first": "month first"}
DECIMALS = {".": "point: 1,234.5", ",": "comma: 1.234,5"}
SEPARATORS = {**messages.SEPARATOR_WORDS, " ": "space"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "latin-1": "ISO 8859-1 (old Western Europe)",
    "mac-roman": "Macintosh",
}
LEFT_OUT_HEADERS = {"line": "Line", "reason": "Why", "text": "Text"}
SHOWN_LINES = 200
# Where the word on a file is given, here and in the table of kinds.
_SWITCHES = ("read_", "kind_")

Changes = dict[str, str | int | bool | None]


def show_reading(dataset: Dataset) -> None:
    """Draw everything that was guessed about the file, each with its switch."""
    if session().file.cells is None or session().file.rows is not None:
        return
    st.markdown(f":gray[{_headline(dataset.dialect)}]")
    # A fixed label: one that changed with each switch would close it.
    with st.expander("Change how it was read", icon=":material/settings:", key="open_reading", on_change="rerun"):
        changes: Changes = {}
        columns = st.columns(4)
        switches = _switches(dataset.dialect)
        for place, switch in enumerate(switches):
            with columns[place % 4]:
                changes.update(switch())
        if dataset.dialect is not None:
            changes.update(_rows_kept())
            st.caption(FILE_KEPT if session().file.source else FILE_GONE)
    if changes:
        read_again(replace(session().file.options, **changes), session().file.kinds)  # type: ignore[arg-type]


def show_left_out(dataset: Dataset) -> None:
    """List the lines that are in no row, and offer them as a file."""
    lines = dataset.left_out
    if not len(lines):
        return
    title = f"{len(lines):,} lines left out"
    place = st.expander(title, icon=":material/rule:", key="open_left_out", on_change="rerun")
    if not place.open:
        return
    with place:
        shown = short_cells(lines.head(SHOWN_LINES))
        st.dataframe(shown, hide_index=True, width="stretch", column_config=LEFT_OUT_HEADERS)
        content = left_out_csv(dataset)
        name = f"left_out_{check_code(content)}_{session().downloads.nonce}.csv"
        st.download_button(
            f"Download all {len(lines):,} lines",
            content,
            name,
            "text/csv",
            on_click="ignore",
            key="left_out_download",
            icon=":material/download:",
        )


def read_file(
    content: bytes, name: str, of: str, cancelled: Callable[[], object] | None = None
) -> tuple[ReadCells, Dataset]:
    """Wait for a file to be read, and return its table as it stands and as it is understood.

    Raises
    ------
    SegmenterError
        If it cannot be read, or only by guessing.
    """

    def read() -> tuple[ReadCells, Dataset]:
        cells = read_cells(content, name, ReadOptions())
        dataset = cells.understood(ReadOptions())
        # Lines of purchases are added up while the visitor sees progress, and not when the page is drawn.
        customers_behind(dataset)
        return cells, dataset

    return read_now(of, read, f"Reading {messages.safe_md(name)}", n_bytes=len(content), cancelled=cancelled)


def read_again(wanted: ReadOptions, kinds: dict[str, ColumnKind]) -> None:
    """Read the file another way, or only understand its table another way where that is enough."""
    before, source = session().file.cells, session().file.source
    assert before is not None
    another_way = _without_meaning(wanted) != _without_meaning(session().file.options)

    def read() -> tuple[ReadCells | CustomerTable | EngineSample, Dataset]:
        cells = read_cells(source, before.name, wanted) if another_way else before
        return cells, cells.understood(wanted, kinds)

    n_bytes = len(source) if another_way else 0
    doing = f"Reading {messages.safe_md(before.name)} again"
    try:
        cells, dataset = read_now(
            (before.name, wanted, kinds), read, doing, n_bytes=n_bytes, cancelled=partial(forget_widgets, *_SWITCHES)
        )
        session().reread(dataset, wanted, kinds, cells)
    except SegmenterError as error:
        show_error(error)
        return
    st.rerun()


def _without_meaning(options: ReadOptions) -> ReadOptions:
    """Leave out what only says how cells are understood, not how they are read."""
    return replace(options, decimal=None, date_order=None)


def _headline(dialect: Dialect | None) -> str:
    if dialect is None:
        return "Read as it is stored: nothing had to be guessed but the meaning of its columns."
    parts = [f"sheet {messages.safe_md(dialect.sheet)}"] if dialect.sheet else []
    if dialect.separator:
        parts += [SEPARATORS.get(dialect.separator, messages.safe_md(dialect.separator)), _encoding_name(dialect)]
    parts.append("decimal comma" if dialect.decimal == "," else "decimal point")
    parts.append(f"column names in line {dialect.header_line}" if dialect.header_line else "no line of column names")
    return f"Read with: {', '.join(parts)}"


def _encoding_name(dialect: Dialect) -> str:
    return ENCODINGS.get(dialect.encoding, messages.safe_md(dialect.encoding))


def _switches(dialect: Dialect | None) -> list[Callable[[], Changes]]:
    if dialect is None:
        return [_date_order]
    switches: list[Callable[[], Changes]] = []
    if len(dialect.sheets) > 1:
        switches.append(
            lambda: _one_of("sheet", "Sheet or table", dialect.sheet, {name: name for name in dialect.sheets})
        )
    if dialect.separator:
        switches += [
            lambda: _one_of("separator", "Separator", dialect.separator, SEPARATORS, own=True),
            lambda: _one_of("encoding", "Encoding", dialect.encoding, ENCODINGS, own=True),
            lambda: _one_of("quote", "Quotation mark", dialect.quote, QUOTES),
        ]
    if not _is_sqlite(dialect):
        switches.append(lambda: _header_line(dialect.header_line))
    return [*switches, lambda: _decimal(dialect.decimal), _date_order]


def _is_sqlite(dialect: Dialect) -> bool:
    return not dialect.header_line and bool(dialect.sheet)


def _one_of(field: str, label: str, shown: str, words: dict[str, str], *, own: bool = False) -> Changes:
    """Draw a choice; `own` lets the visitor type what is not in the list."""
    values = list(dict.fromkeys([shown, *words]))
    picked = st.selectbox(
        label,
        values,
        format_func=lambda value: words.get(value, value),
        key=f"read_{field}",
        disabled=not session().file.source,
        accept_new_options=own,
    )
    return {field: picked} if picked and picked != shown else {}


def _header_line(shown: int) -> Changes:
    label = "Line of column names (0: none)"
    picked = st.number_input(label, 0, 1000, shown, key="read_header", disabled=not session().file.source)
    return {"header_line": int(picked)} if picked != shown else {}


def _decimal(shown: str) -> Changes:
    marks = list(DECIMALS)
    picked = st.selectbox(
        "Decimal mark", marks, marks.index(shown), format_func=DECIMALS.__getitem__, key="read_decimal"
    )
    return {"decimal": picked} if picked != shown else {}


def _date_order() -> Changes:
    shown = session().file.options.date_order or ""
    orders = list(DATE_ORDERS)
    picked = st.selectbox(
        "Order of dates", orders, orders.index(shown), format_func=DATE_ORDERS.__getitem__, key="read_dates"
    )
    return {"date_order": picked or None} if picked != shown else {}


def _rows_kept() -> Changes:
    """Offer to take in what was left out, wherever something was."""
    options, dataset = session().file.options, session().dataset
    changes: Changes = {}
    if dataset is None or not (len(dataset.left_out) or options.keep_ragged or options.keep_footer):
        return changes
    for field, label in (
        ("keep_ragged", "Keep rows with too few or too many values: what is missing is empty, what is too much is cut"),
        ("keep_footer", "Keep the lines below the table, such as totals, as customers"),
    ):
        shown = bool(getattr(options, field))
        if st.checkbox(label, shown, key=f"read_{field}", disabled=not session().file.source) != shown:
            changes[field] = not shown
    return changes


_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Upload:
    """A file's bytes, the name it was given, which is only ever shown, and its identifier in the upload field.

    `said` is what stood beside the field when the file was dropped there.
    """

    content: bytes
    name: str
    file_id: str
    said: str = ""

    def forget(self) -> None:
        """Empty the field, and remove the copy that Streamlit keeps."""
        drop(self.file_id)
        session().file.uploads += 1


def upload_field(
    label: str,
    key: str,
    help_text: str,
    *,
    page: str,
    use: Callable[[Upload], None],
    takes: Callable[[str], bool] = lambda _: True,
    said: str = "",
) -> bool:
    """Draw an upload field, use what was dropped on it, once, and return whether there was anything.

    Streamlit keeps uploads until the visitor's session ends and copies them on every run while the field shows
    them, so the bytes are taken, its copy dropped, and the field emptied by giving it a new key. Its copy is dropped
    last: a visitor who goes to another page while a file is read ends that run, and is taken back to it.

    Parameters
    ----------
    page
        The page that the field is on: it also takes what was dropped on it before the visitor went elsewhere.
    use
        Reads the file and keeps what is in it, or what is wrong with it.
    takes
        Whether a file of this name is meant for this field, where the page has several.
    said
        What stands beside the field and says what the file is: it counts as it stood when the file was dropped.
    """
    UPLOADS.show_field(current_session(), page, key, label, takes, said)
    uploaded = st.file_uploader(label, key=f"{key}_{session().file.uploads}", help=help_text)
    begun = [each for each in UPLOADS.under_way(current_session()) if each.page == page]
    if uploaded is not None:
        then = next((each.said for each in begun if each.file_id == uploaded.file_id), said)
        upload = Upload(uploaded.getvalue(), uploaded.name, uploaded.file_id, then)
    else:
        mine = (each for each in begun if each.left and takes(each.name) and _is_for(each, key))
        found = next(((each, record) for each in mine if (record := arrived(each)) is not None), None)
        if found is None:
            return False
        upload = Upload(found[1].data, found[1].name, found[1].file_id, found[0].said)
    use(upload)
    upload.forget()
    return True


def _is_for(upload: UploadUnderway, key: str) -> bool:
    """Whether a field is the one that an upload was dropped on; the visitor is asked where it may be another one."""
    fields = UPLOADS.fields_for(current_session(), upload)
    if len(fields) < 2 or upload.meant:
        return upload.meant in ("", key)
    if key == next(iter(fields)) and arrived(upload) is not None:
        UPLOADS.ask(current_session(), upload.file_id)
        st.info(messages.UPLOAD_FOR_WHICH.format(safe_md(upload.name)), icon=":material/upload_file:")
        with st.container(horizontal=True):
            for each, label in fields.items():
                if st.button(label, key=f"upload_for_{each}"):
                    UPLOADS.ask(current_session(), upload.file_id, each)
                    st.rerun()
            if st.button("Do not use it", key="upload_for_none"):
                drop(upload.file_id)
                st.rerun()
    return False


def elsewhere(page: str) -> UploadUnderway | None:
    """Return an upload that was dropped on another page's field, and has not been taken yet."""
    for each in UPLOADS.under_way(current_session()):
        if each.asked and each.page != page:
            # Who goes on without an answer does not want it.
            drop(each.file_id)
    return next((each for each in UPLOADS.under_way(current_session()) if each.page not in ("", page)), None)


@contextmanager
def taken_here(page: str) -> Iterator[None]:
    """Let the fields of a page take what has arrived for them; what none of them wants is not waited for any more."""
    here = [each for each in UPLOADS.under_way(current_session()) if each.page == page and arrived(each) is not None]
    yield
    asked = {each.file_id for each in UPLOADS.under_way(current_session()) if each.asked}
    for each in here:
        if each.file_id not in asked:
            UPLOADS.done(current_session(), each.file_id)


@st.fragment(run_every=_LOOK_SECONDS)
def wait_for(upload: UploadUnderway) -> None:
    """Say that an upload is on its way; rerun the page when it is here or nobody waits for it any more."""
    if arrived(upload) is not None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(messages.UPLOAD_UNDER_WAY.format(safe_md(upload.name)), icon=":material/upload_file:")
        if st.button("Do not wait for it", key="upload_forget"):
            drop(upload.file_id)
            st.rerun()

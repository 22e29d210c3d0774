"""A report as slides (PPTX): text in boxes that hold it, tables, and charts whose numbers can be edited."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.dml.color import RGBColor
from pptx.dml.fill import FillFormat
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.shapes.autoshape import Shape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.text.text import TextFrame
from pptx.util import Emu, Inches, Pt
from xlsxwriter import Workbook

from segmenter.charts.theme import PALETTE
from segmenter.display import clean_text, ink_on
from segmenter.io.writing import zipped
from segmenter.progress import Progress, silent
from segmenter.report.blocks import (
    LINE,
    POINTS,
    Bars,
    Block,
    Card,
    Cards,
    Cell,
    Facts,
    Fitted,
    Lines,
    Page,
    Picture,
    Table,
    Text,
    columns_that_fit,
    fit_text,
    one_line,
    widest_number,
)

# Inches, of a slide of 16:9.
WIDTH: Final = 13.333
HEIGHT: Final = 7.5
_MARGIN: Final = 0.6
_GAP: Final = 0.2
_BOTTOM: Final = 6.95
_FOOT: Final = 7.05
# On every system, or replaced by a font of the same widths.
FONT: Final = "Arial"
INK: Final = "#16232b"
_GREY: Final = "#4d5c66"
_LINE: Final = "#d5dde3"
LIGHTS: Final = {"green": "#1a7f37", "amber": "#9a5b00", "red": "#b42318"}

_TITLE: Final = (28, 24, 20, 18)
_LEAD: Final = (15, 13)
_BODY: Final = 13
_TABLE: Final = (11, 10, 9)
_SMALL: Final = 10
# Where a name would be cut otherwise.
_TIGHT: Final = (8, 7)
_CARDS_A_SLIDE: Final = 6
_CHIP: Final = 0.72
_BULLET: Final = 0.25
_CONTINUED: Final = "(continued)"
_PAD: Final = 0.06
# So that a table stays one that is read.
_MOST_COLUMNS: Final = 16
_MOST_LINES: Final = 3

_NO_STYLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
# The format has no time zone; one date keeps equal content equal bytes.
_MADE: Final = datetime(2000, 1, 1)


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


class _SafeWriter(CategoryWorkbookWriter):
    """Writes a chart's numbers so that no name becomes a formula or a link, and equal numbers are equal bytes."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: io.BytesIO) -> Iterator[tuple[Any, Any]]:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = Workbook(xlsx_file, options)
        book.set_properties({"created": _MADE})
        yield book, book.add_worksheet()
        book.close()


class _ChartData(CategoryChartData):
    @property
    def _workbook_writer(self) -> _SafeWriter:
        return _SafeWriter(self)


def slides(pages: Sequence[Page], *, title: str, source: str, progress: Progress = silent) -> bytes:
    """Return pages as slides.

    Parameters
    ----------
    pages
        One slide each, or several where one does not hold it.
    title
        Of the whole, in the file's properties.
    source
        Stands at the foot of every slide.
    progress
        Is called with the share done, 0 to 1, and what is being done.
    """
    deck = Presentation()
    _prepare(deck, clean_text(title))
    made = [slide for page in pages for slide in _split(page)]
    for number, page in enumerate(made, start=1):
        progress(0.9 * number / len(made), f"Drawing slide {number} of {len(made)}")
        _draw(deck, page, clean_text(source), number)
    progress(0.95, "Packing the slides")
    return _packed(deck)


def _prepare(deck: Deck, title: str) -> None:
    """Make the built-in template a wide one, in the product's font and colours, with nobody's name in it."""
    stretch = Inches(WIDTH) / deck.slide_width
    for layout in (deck.slide_master, *deck.slide_layouts):
        for shape in layout.placeholders:
            shape.left, shape.width = Emu(round(shape.left * stretch)), Emu(round(shape.width * stretch))
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    tree = etree.fromstring(theme.blob)
    for latin in tree.iter(qn("a:latin")):
        latin.set("typeface", FONT)
    for number, shade in enumerate(PALETTE[:6], start=1):
        for accent in tree.iter(qn(f"a:accent{number}")):
            for old in list(accent):
                accent.remove(old)
            etree.SubElement(accent, qn("a:srgbClr"), val=shade[1:])
    theme._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    package = deck.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package._rels.pop(key)
    about = deck.core_properties
    about.title, about.author, about.last_modified_by = title[:255], "Segmenter", "Segmenter"
    about.subject = about.keywords = about.comments = ""
    about.created = about.modified = about.last_printed = _MADE
    about.revision = 1


def _packed(deck: Deck) -> bytes:
    written = io.BytesIO()
    deck.save(written)
    with zipfile.ZipFile(written) as packed:
        # Zipped once more: the library writes the time into its zip.
        return zipped({name: packed.read(name) for name in packed.namelist()})


# How much a slide holds


def _split(page: Page) -> list[Page]:
    """Return a page as slides: what does not fit on one goes on the next."""
    height = _BOTTOM - _top(page)
    wide = WIDTH - 2 * _MARGIN
    main, rest = _filled(page.blocks, _columns(page)[0], height)
    side, more = _filled(page.side, _columns(page)[-1], height)
    made = [replace(page, blocks=main, side=side)]
    following = (*rest, *more)
    while following:
        page = replace(page, title=f"{made[0].title} {_CONTINUED}", lead="", blocks=(), side=())
        taken, following = _filled(following, wide, _BOTTOM - _top(page))
        if not following and all(isinstance(block, Text) and block.small for block in taken):
            # Small print alone is no slide: it goes with the last rows of what it is about.
            made[-1], taken = _with_last_rows(made[-1], taken)
        made.append(replace(page, blocks=taken))
    return made


def _with_last_rows(page: Page, notes: tuple[Block, ...]) -> tuple[Page, tuple[Block, ...]]:
    """Return a slide without the last third of its table, and these rows before the notes that follow on the next."""
    for place, block in reversed(list(enumerate(page.blocks))):
        if isinstance(block, Table) and len(block.rows) >= _MOST_LINES:
            count = len(block.rows) - len(block.rows) // 3
            first, last = replace(block, rows=block.rows[:count]), replace(block, rows=block.rows[count:])
            after = page.blocks[place + 1 :]
            return replace(page, blocks=(*page.blocks[:place], first)), (last, *after, *notes)
    return page, notes


def _columns(page: Page) -> tuple[float, ...]:
    """Return the widths of a page's columns."""
    wide = WIDTH - 2 * _MARGIN
    left = wide * page.split
    return (left, wide - left - 2 * _GAP) if page.side else (wide,)


def _filled(blocks: Sequence[Block], width: float, height: float) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Return what fits into a column from its top, and what is left."""
    taken: list[Block] = []
    left = [part for block in blocks for part in _parts(block, width)]
    while left:
        needed = _least_height(left[0], width)
        if needed > height:
            head, tail = _divided(left[0], width, height, below_others=bool(taken))
            if head is not None and tail is not None:
                taken.append(head)
                left[:1] = [tail]
            elif not taken:
                # Nothing on the slide yet, and no part that is smaller: it is drawn as large as there is room.
                taken.append(left.pop(0))
            break
        height -= needed + _GAP
        taken.append(left.pop(0))
    return tuple(taken), tuple(left)


def _parts(block: Block, width: float) -> tuple[Block, ...]:
    """Return a block as parts of which each may stand on a slide of its own."""
    match block:
        case Cards(cards):
            return tuple(Cards(cards[place : place + _CARDS_A_SLIDE]) for place in range(0, len(cards), _CARDS_A_SLIDE))
        case Table():
            return block.columns(columns_that_fit(block, width, _TABLE[-1], _PAD, _MOST_COLUMNS))
        case _:
            return (block,)


# Fewer rows of a table below something else are a stray beginning of what follows on the next slide.
_FEWEST_ROWS: Final = 3


def _divided(
    block: Block, width: float, height: float, *, below_others: bool
) -> tuple[Block, Block] | tuple[None, None]:
    """Return the part of a block that fits, and the rest; nothing where it has no parts or none fits."""
    match block:
        case Table(rows=rows):
            heights = _row_heights(block, width)
            room = height - heights[0] - _caption_height(block, width)
            count = _fitting(heights[1:], room)
            if (_FEWEST_ROWS if below_others else 1) <= count < len(rows):
                return replace(block, rows=rows[:count]), replace(block, rows=rows[count:])
        case Text(paragraphs):
            count = _fitting([_paragraph(each, block, width).height + 0.08 for each in paragraphs], height)
            if 0 < count < len(paragraphs):
                return replace(block, paragraphs=paragraphs[:count]), replace(block, paragraphs=paragraphs[count:])
        case _:
            pass
    return None, None


def _fitting(heights: Sequence[float], room: float) -> int:
    """Return how many of these heights stand one below the other."""
    count = 0
    for height in heights:
        room -= height
        if room < -1e-6:
            return count
        count += 1
    return count


def _least_height(block: Block, width: float) -> float:
    match block:
        case Text(paragraphs):
            return sum(_paragraph(each, block, width).height + 0.08 for each in paragraphs)
        case Facts(facts):
            return 0.95 * -(-len(facts) // _facts_abreast(width, len(facts)))
        case Cards(cards):
            return 1.9 * -(-len(cards) // _cards_abreast(len(cards))) - _GAP
        case Bars(categories=categories, series=series):
            return 0.6 + max(1.2, 0.15 * len(categories) * len(series))
        case Lines():
            return 3.2
        case Table():
            return sum(_row_heights(block, width)) + _caption_height(block, width)
        case Picture():
            return 2.5


def _grows(block: Block) -> bool:
    """Whether a block looks better with more height than it needs."""
    return isinstance(block, Bars | Cards | Lines | Picture)


def _paragraph(text: str, block: Text, width: float) -> Fitted:
    sizes = (_SMALL,) if block.small else (_BODY, 12, 11)
    return fit_text(text, width - (_BULLET if block.listed else 0.0), 3.0, sizes)


def _cards_abreast(count: int) -> int:
    return count if count <= 2 else 2 if count == 4 else 3


def _facts_abreast(width: float, count: int) -> int:
    return max(1, min(count, int(width / 1.7)))


def _caption_height(table: Table, width: float) -> float:
    return fit_text(table.caption, width, 0.6, (_SMALL,)).height + 0.08 if table.caption else 0.0


def _table_size(table: Table, width: float) -> int:
    """Return the largest size of the font in which every number stands on one line."""
    room = _widths(table, width)[-1] - 2 * _PAD
    return next((size for size in _TABLE if widest_number(table, size) <= room), _TABLE[-1])


def _widths(table: Table, width: float) -> list[float]:
    others = len(table.headers) - 1
    label = width * table.label_share if others else width
    return [label, *[(width - label) / others] * others] if others else [label]


def _cell(cell: Cell, width: float, size: int, most_lines: int) -> Fitted:
    # A number is never cut, and a name shrinks, then takes a second line, before it is.
    sizes = [each for each in (*_TABLE, *_TIGHT) if each <= size]
    fitted = fit_text(cell.text, width - 2 * _PAD, 2.0, sizes, bold=cell.bold, most_lines=most_lines)
    if cell.number or most_lines > 1 or fitted.text == clean_text(cell.text):
        return fitted
    return fit_text(cell.text, width - 2 * _PAD, 2.0, _TIGHT, bold=cell.bold, most_lines=2)


def _row_heights(table: Table, width: float) -> list[float]:
    size, widths = _table_size(table, width), _widths(table, width)
    return [
        max(_cell(cell, each, size, lines).height for (cell, lines), each in zip(row, widths, strict=True)) + 2 * _PAD
        for row in _drawn_rows(table)
    ]


def _drawn_rows(table: Table) -> list[tuple[tuple[Cell, int], ...]]:
    """Return the rows as they are drawn, headers first: each cell, and how many lines it may take."""
    heads = tuple((replace(cell, bold=True), _MOST_LINES) for cell in table.headers)
    return [heads, *(tuple((cell, 1 if cell.number else table.lines) for cell in row) for row in table.rows)]


# Drawing


def _top(page: Page) -> float:
    return 0.45 + _title(page).height + (0.12 + _lead(page).height if page.lead else 0.0) + 0.28


def _title(page: Page) -> Fitted:
    room = WIDTH - 2 * _MARGIN - (_CHIP if page.number else 0.0)
    return fit_text(page.title, room, 0.95, _TITLE, bold=True, most_lines=3)


def _lead(page: Page) -> Fitted:
    return fit_text(page.lead, WIDTH - 2 * _MARGIN, 0.75, _LEAD, most_lines=3)


def _draw(deck: Deck, page: Page, source: str, number: int) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Only"))
    title, y = _title(page), 0.45
    x, wide = _MARGIN, WIDTH - 2 * _MARGIN
    if page.number:
        _chip(slide, page.number, page.colour, x, y, 0.52)
        x, wide = x + _CHIP, wide - _CHIP
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = map(Inches, (x, y, wide, title.height + 0.04))
    _write(_bare(heading.text_frame), [title], bold=True)
    heading.text_frame.vertical_anchor = MSO_ANCHOR.TOP
    y += title.height
    if page.lead:
        lead = _lead(page)
        _text(slide, [lead], _Box(_MARGIN, y + 0.12, WIDTH - 2 * _MARGIN, lead.height + 0.04), colour=_GREY)
    top = _top(page)
    for x, width, blocks in zip(
        (_MARGIN, _MARGIN + _columns(page)[0] + 2 * _GAP), _columns(page), (page.blocks, page.side), strict=False
    ):
        _stack(slide, blocks, _Box(x, top, width, _BOTTOM - top))
    foot = fit_text(source, 9.0, 0.25, (9,), most_lines=1)
    _text(slide, [foot], _Box(_MARGIN, _FOOT, 9.0, 0.2), colour=_GREY)
    page_number = fit_text(str(number), 1.0, 0.25, (9,))
    _text(slide, [page_number], _Box(WIDTH - _MARGIN - 1.0, _FOOT, 1.0, 0.2), colour=_GREY, align="r")


def _stack(slide: Slide, blocks: Sequence[Block], box: _Box) -> None:
    """Draw blocks one below the other; those that grow share what the others leave."""
    least = [_least_height(block, box.width) for block in blocks]
    spare = max(0.0, box.height - sum(least) - _GAP * max(0, len(blocks) - 1))
    growing = sum(map(_grows, blocks))
    y = box.y
    for block, needed in zip(blocks, least, strict=True):
        height = needed + (spare / growing if _grows(block) else 0.0)
        height = min(height, box.y + box.height - y)
        _DRAWN[type(block)](slide, block, _Box(box.x, y, box.width, height))
        y += height + _GAP


def _draw_text(slide: Slide, block: Text, box: _Box) -> None:
    fitted = [_paragraph(each, block, box.width) for each in block.paragraphs]
    if block.listed:
        fitted = [replace(each, text=f"•  {each.text}") for each in fitted]
    _text(slide, fitted, box, after=0.08)


def _draw_facts(slide: Slide, block: Facts, box: _Box) -> None:
    abreast = _facts_abreast(box.width, len(block.facts))
    wide = (box.width - _GAP * (abreast - 1)) / abreast
    for place, (value, label) in enumerate(block.facts):
        row, column = divmod(place, abreast)
        x, y = box.x + column * (wide + _GAP), box.y + row * 0.95
        figure = fit_text(value, wide, 0.5, (26, 22, 18, 14, 11), bold=True, most_lines=1)
        below = fit_text(label, wide, 0.4, (11, 10, 9), most_lines=2)
        _text(slide, [figure], _Box(x, y, wide, 0.48), bold=True)
        _text(slide, [below], _Box(x, y + 0.52, wide, 0.4), colour=_GREY)


def _draw_cards(slide: Slide, block: Cards, box: _Box) -> None:
    abreast = _cards_abreast(len(block.cards))
    rows = -(-len(block.cards) // abreast)
    wide = (box.width - _GAP * (abreast - 1)) / abreast
    high = min((box.height - _GAP * (rows - 1)) / rows, 2.6)
    for place, card in enumerate(block.cards):
        row, column = divmod(place, abreast)
        _draw_card(slide, card, _Box(box.x + column * (wide + _GAP), box.y + row * (high + _GAP), wide, high))


def _draw_card(slide: Slide, card: Card, box: _Box) -> None:
    frame = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *map(Inches, (box.x, box.y, box.width, box.height)))
    _unstyled(frame).fill.background()
    frame.line.color.rgb, frame.line.width = _rgb(_LINE), Pt(1)
    _chip(slide, card.number, card.colour, box.x + 0.15, box.y + 0.15, 0.38)
    inner, x = box.width - 0.3, box.x + 0.15
    name = fit_text(card.name, inner - 0.5, 0.5, (15, 13, 12, 11, 10, 9), bold=True, most_lines=2)
    _text(slide, [name], _Box(x + 0.5, box.y + 0.15, inner - 0.5, 0.5), bold=True, anchor=MSO_ANCHOR.MIDDLE)
    y = box.y + 0.72
    foot = [(card.size, INK, True), (card.money, INK, False), (card.light_words, LIGHTS.get(card.light, _GREY), False)]
    feet = [
        (fit_text(text, inner, 0.2, (11, 10, 9, *_TIGHT), most_lines=1), shade, bold)
        for text, shade, bold in foot
        if text
    ]
    below = 0.2 * len(feet)
    room = box.y + box.height - 0.1 - below - y
    sentence = fit_text(card.sentence, inner, room, (12, 11, 10, 9))
    if card.sentence:
        _text(slide, [sentence], _Box(x, y, inner, room))
    y = box.y + box.height - 0.1 - below
    for fitted, shade, bold in feet:
        _text(slide, [fitted], _Box(x, y, inner, 0.2), colour=shade, bold=bold)
        y += 0.2


def _draw_bars(slide: Slide, block: Bars, box: _Box) -> None:
    data = _ChartData(number_format=block.number_format)
    size = 11 if len(block.categories) * len(block.series) <= 14 else 9 if len(block.categories) <= 24 else 8
    # Programs give names a quarter of the width or more, and break them into lines.
    labels_wide, room = 0.25 * box.width, (box.height - 0.8) / max(len(block.categories), 1)
    sizes = [each for each in (11, 10, 9, *_TIGHT) if each <= size]
    named = [fit_text(each, labels_wide, room, sizes, most_lines=_MOST_LINES) for each in block.categories]
    size = int(min((each.size for each in named), default=size))
    data.categories = [
        fit_text(each, labels_wide, room, (size,), most_lines=_MOST_LINES).text for each in block.categories
    ]
    for series in block.series:
        data.add_series(one_line(series.name, box.width * 0.4, size), series.values)
    caption = fit_text(block.title, box.width, 0.4, (12, 11), bold=True, most_lines=1)
    _text(slide, [caption], _Box(box.x, box.y, box.width, 0.28), bold=True)
    told = "; ".join(map(clean_text, _as_sentences(block)))
    chart = _chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, data, box, size, f"{block.title}: {told}")
    # A key has one colour for each series; where each bar has its own, the title says which is which.
    chart.has_legend = len(block.series) > 1 and all(len(series.colours) == 1 for series in block.series)
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    across, along = chart.category_axis, chart.value_axis
    across.reverse_order = True
    across.major_tick_mark, across.format.line.color.rgb = XL_TICK_MARK.NONE, _rgb("#8a8f98")
    across.has_major_gridlines = False
    across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    along.visible, along.has_major_gridlines = False, False
    known = [value for series in block.series for value in series.values if value is not None]
    if known:
        # Room for the numbers beside the longest bars.
        low, high = min(0.0, *known), max(0.0, *known)
        room = 0.18 * (high - low or 1.0)
        along.maximum_scale, along.minimum_scale = high + room, low - (room if block.signed else 0.0)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap, plot.vary_by_categories = 45, -5, False
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = block.number_format, False
    labels.position, labels.show_value = XL_LABEL_POSITION.OUTSIDE_END, True
    for drawn, series in zip(plot.series, block.series, strict=True):
        drawn.invert_if_negative = False
        if len(series.colours) == 1:
            _fill(drawn.format.fill, series.colours[0])
            continue
        for place in range(len(block.categories)):
            _fill(drawn.points[place].format.fill, series.colour(place))


def _chart(slide: Slide, kind: XL_CHART_TYPE, data: _ChartData, box: _Box, size: int, told: str) -> Any:  # noqa: ANN401
    """Draw a chart below its caption, and say what it shows to those who do not see it."""
    frame = slide.shapes.add_chart(kind, *map(Inches, (box.x, box.y + 0.3, box.width, box.height - 0.3)), data)
    _describe(frame, told)
    chart = frame.chart
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(size), FONT, _rgb(INK)
    chart.has_title = False
    return chart


def _draw_lines(slide: Slide, block: Lines, box: _Box) -> None:
    data = _ChartData(number_format=block.number_format)
    data.categories = [one_line(each, box.width / max(len(block.points), 3) * 1.4, 10) for each in block.points]
    for series in block.series:
        data.add_series(one_line(series.name, box.width * 0.3, 10), series.values)
    caption = fit_text(block.title, box.width, 0.4, (12, 11), bold=True, most_lines=1)
    _text(slide, [caption], _Box(box.x, box.y, box.width, 0.28), bold=True)
    told = "; ".join(f"{clean_text(series.name)}: {', '.join(series.texts)}" for series in block.series)
    chart = _chart(slide, XL_CHART_TYPE.LINE_MARKERS, data, box, 10, f"{block.title}: {told}")
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.RIGHT, False
    across, along = chart.category_axis, chart.value_axis
    across.has_major_gridlines = along.has_major_gridlines = False
    across.format.line.color.rgb = _rgb("#8a8f98")
    along.minimum_scale = 0
    along.tick_labels.number_format, along.tick_labels.number_format_is_linked = block.number_format, False
    for drawn, series in zip(chart.plots[0].series, block.series, strict=True):
        drawn.smooth = False
        drawn.format.line.color.rgb, drawn.format.line.width = _rgb(series.colours[0]), Pt(2.25)
        drawn.marker.style, drawn.marker.size = XL_MARKER_STYLE.CIRCLE, 7
        _fill(drawn.marker.format.fill, series.colours[0])
        drawn.marker.format.line.fill.background()


def _as_sentences(block: Bars) -> list[str]:
    return [
        f"{category}: " + ", ".join(series.texts[place] for series in block.series)
        for place, category in enumerate(block.categories)
    ]


def _draw_table(slide: Slide, block: Table, box: _Box) -> None:
    size, widths, heights = _table_size(block, box.width), _widths(block, box.width), _row_heights(block, box.width)
    rows = _drawn_rows(block)
    frame = slide.shapes.add_table(len(rows), len(block.headers), *map(Inches, (box.x, box.y, box.width, sum(heights))))
    table = frame.table
    frame._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = _NO_STYLE
    table.horz_banding = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    for number, (row, height) in enumerate(zip(rows, heights, strict=True)):
        table.rows[number].height = Inches(height)
        for place, ((cell, lines), width) in enumerate(zip(row, widths, strict=True)):
            is_central = block.is_map or (place == 0 and bool(cell.fill))
            align = "l" if not cell.number else "ctr" if is_central else "r"
            shade = ink_on(cell.fill) if cell.fill else INK
            drawn = table.cell(number, place)
            fitted = _cell(cell, width, size, lines)
            _write(drawn.text_frame, [fitted], bold=cell.bold, colour=shade, align=align)
            _style(drawn, cell.fill, INK if number == 0 else _LINE)
    if block.caption:
        below = fit_text(block.caption, box.width, 0.6, (_SMALL,))
        _text(slide, [below], _Box(box.x, box.y + sum(heights) + 0.06, box.width, below.height + 0.02), colour=_GREY)


def _draw_picture(slide: Slide, block: Picture, box: _Box) -> None:
    below = fit_text(block.caption, box.width, 0.4, (_SMALL, 9)) if block.caption else None
    room = box.height - (below.height + 0.08 if below else 0.0)
    width = min(box.width, room * block.ratio)
    shape = slide.shapes.add_picture(
        io.BytesIO(block.png), *map(Inches, (box.x + (box.width - width) / 2, box.y, width, width / block.ratio))
    )
    shape._element.nvPicPr.cNvPr.set("descr", clean_text(block.description))
    if below:
        _text(slide, [below], _Box(box.x, box.y + room + 0.06, box.width, below.height + 0.02), colour=_GREY)


_DRAWN: Final[dict[type, Callable[[Any, Any, _Box], None]]] = {
    Text: _draw_text,
    Facts: _draw_facts,
    Cards: _draw_cards,
    Bars: _draw_bars,
    Lines: _draw_lines,
    Table: _draw_table,
    Picture: _draw_picture,
}


def _chip(slide: Slide, number: int, shade: str, x: float, y: float, size: float) -> None:
    """Draw a segment's number on its colour."""
    chip = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *map(Inches, (x, y, size, size)))
    _fill(_unstyled(chip).fill, shade)
    chip.line.fill.background()
    frame = chip.text_frame
    _bare(frame).vertical_anchor = MSO_ANCHOR.MIDDLE
    fitted = fit_text(str(number), size, size, (16, 14, 12) if size > 0.45 else (13, 12, 11), bold=True)
    _write(frame, [fitted], bold=True, colour=ink_on(shade), align="ctr")


def _unstyled(shape: Shape) -> Shape:
    """Return a shape without the shadow and the edge that the template gives to every one."""
    shape._element.remove(shape._element.find(qn("p:style")))
    return shape


def _text(
    slide: Slide,
    fitted: Sequence[Fitted],
    box: _Box,
    *,
    bold: bool = False,
    colour: str = INK,
    align: str = "l",
    anchor: MSO_ANCHOR = MSO_ANCHOR.TOP,
    after: float = 0.0,
) -> None:
    shape = slide.shapes.add_textbox(*map(Inches, (box.x, box.y, box.width, box.height)))
    _bare(shape.text_frame).vertical_anchor = anchor
    _write(shape.text_frame, fitted, bold=bold, colour=colour, align=align, after=after)


def _write(
    frame: TextFrame,
    fitted: Sequence[Fitted],
    *,
    bold: bool = False,
    colour: str = INK,
    align: str = "l",
    after: float = 0.0,
) -> None:
    """Write texts into a frame, one paragraph each, in lines of exactly the height that was reckoned with.

    The elements are made one by one: by way of the library's properties a table takes ten times as long.
    """
    body = frame._txBody
    for old in body.findall(qn("a:p")):
        body.remove(old)
    for each in fitted:
        size = str(round(each.size * 100))
        paragraph = etree.SubElement(body, qn("a:p"))
        settings = etree.SubElement(paragraph, qn("a:pPr"), algn=align)
        etree.SubElement(
            etree.SubElement(settings, qn("a:lnSpc")), qn("a:spcPts"), val=str(round(each.size * LINE * 100))
        )
        for kind, points in (("a:spcBef", 0), ("a:spcAft", round(after * POINTS * 100))):
            etree.SubElement(etree.SubElement(settings, qn(kind)), qn("a:spcPts"), val=str(points))
        etree.SubElement(settings, qn("a:buNone"))
        run = etree.SubElement(paragraph, qn("a:r"))
        style = etree.SubElement(run, qn("a:rPr"), lang="en-GB", sz=size, b=str(int(bold)), dirty="0")
        etree.SubElement(etree.SubElement(style, qn("a:solidFill")), qn("a:srgbClr"), val=colour[1:].upper())
        for script in ("a:latin", "a:cs"):
            etree.SubElement(style, qn(script), typeface=FONT)
        etree.SubElement(run, qn("a:t")).text = each.text


def _bare(frame: TextFrame) -> TextFrame:
    """Return a box's frame without margins, in which text breaks at the end of a line and changes no size."""
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    return frame


def _style(cell: _Cell, fill: str, line: str) -> None:
    """Give a cell of a table its margins, its fill and a line below."""
    margin = str(Inches(_PAD))
    old = cell._tc.tcPr
    if old is not None:
        cell._tc.remove(old)
    style = etree.SubElement(cell._tc, qn("a:tcPr"), marL=margin, marR=margin, marT=margin, marB=margin, anchor="ctr")
    below = etree.SubElement(style, qn("a:lnB"), w="9525")
    etree.SubElement(etree.SubElement(below, qn("a:solidFill")), qn("a:srgbClr"), val=line[1:].upper())
    if fill:
        etree.SubElement(etree.SubElement(style, qn("a:solidFill")), qn("a:srgbClr"), val=fill[1:].upper())
    else:
        etree.SubElement(style, qn("a:noFill"))


def _fill(fill: FillFormat, shade: str) -> None:
    fill.solid()
    fill.fore_color.rgb = _rgb(shade)


def _describe(frame: GraphicFrame, text: str) -> None:
    frame._element.nvGraphicFramePr.cNvPr.set("descr", text[:2000])


def _rgb(colour: str) -> RGBColor:
    return RGBColor(*bytes.fromhex(colour[1:]))

"""The sections of a report: from a result to pages, whatever they are written as."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from segmenter import config
from segmenter.charts import CHARTS
from segmenter.charts.paper import PICTURE_RATIO, as_png, as_svg, scatter_figure
from segmenter.charts.theme import FAINT, NEUTRAL, PALETTE, colour, mix
from segmenter.cluster import ALGORITHMS
from segmenter.display import counted, number_text, percent_text, shortened, sum_text
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.cards import LIGHT_WORDS, SegmentCard, describe_segments
from segmenter.explain.columns import ColumnWords, column_title, column_words
from segmenter.explain.contrasts import FEW_VALUES, Contrast, contrasts
from segmenter.explain.language import language
from segmenter.explain.money import Money, earned_note, outside_note
from segmenter.explain.rules import rules_of
from segmenter.monitor.drift import Advice, check_model
from segmenter.report.blocks import (
    PERCENT,
    Bars,
    Block,
    Card,
    Cards,
    Cell,
    Facts,
    Page,
    Picture,
    Series,
    Table,
    Text,
    index_fill,
)
from segmenter.report.months import (
    IN_NONE,
    MonthChange,
    check_pages,
    done_pages,
    drift_pages,
    movement_pages,
    words_of_model,
)
from segmenter.segment.embed import rank_columns_by_eta_squared
from segmenter.segment.profile import low_base_key
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.typing import BoolArray

# Longer names are cut in tables and charts; the segment's own page has more of it.
_LONGEST_NAME: Final = 60
_IN_A_CHART: Final = 8
_BESIDE_IT: Final = 12
# With more segments than this, names no longer fit over the columns of a table, and stand below it.
_NAMED_HEADS: Final = 6
_IN_A_HEAD: Final = 60
# A list of more segments would push everything else off the first page.
_ON_THE_FIRST_PAGE: Final = 14
# Of fewer, long names have two lines there.
_TWO_LINES: Final = 8
_IN_A_MAP: Final = 13
_MISSING: Final = "–"
_TOO_FEW: Final = "Too few customers to describe without naming them."
# Survey practice colours what lies outside this band.
_EFFECT_FULL: Final = 1.5


@dataclass(frozen=True, eq=False)
class ReportSource:
    """Everything that sections draw on, each computed once.

    Attributes
    ----------
    value_column
        The column that says what a customer is worth, as in `build_report`; None for the result's own.
    given
        What is known of this month against the one before.
    """

    result: Result
    value_column: str | None = None
    given: MonthChange | None = None

    @cached_property
    def change(self) -> MonthChange:
        """What has changed since the segments were formed, of customers who were placed in segments from before."""
        given = self.given or MonthChange()
        if given.check is not None or self.result.assignment is None or not self.result.n_placed:
            return given
        try:
            return replace(given, check=check_model(self.result.dataset, self.result.assignment))
        except InvalidSettingError:
            # A model of an earlier version cannot tell.
            return given

    @cached_property
    def _described(self) -> tuple[SegmentCard, ...]:
        """The segments as they are, also those of a few customers."""
        result = self.result
        value = result.value_column if self.value_column is None else self.value_column
        placed = result.assignment is not None
        return describe_segments(result.dataset, result.segmentation, value_column=value, placed=placed)

    @property
    def all_money(self) -> tuple[Money, ...]:
        """What all segments bring, also those of which the report shows no values."""
        return tuple(card.money for card in self._described if card.money is not None)

    @cached_property
    def cards(self) -> tuple[SegmentCard, ...]:
        """One per segment, the largest first; of a few customers without what would be told of each of them."""
        result = self.result
        cards = tuple(_without_values(card) if 0 < card.size < config.SMALL_GROUP else card for card in self._described)
        if result.assignment is None:
            return cards
        # Segments from before keep the names that they had, whoever is in them now.
        return tuple(replace(card, name=name) for card, name in zip(cards, result.segmentation.names, strict=True))

    @cached_property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Where segments stand in each column that may be shown: those that formed them first, the clearest first.

        Values of a category that few customers share could point at one of them, and are not listed.
        """
        result = self.result
        recipe, labels = result.segmentation.recipe, result.segmentation.labels.to_numpy()
        words = column_words(result.dataset, recipe)
        found = contrasts(result.dataset, recipe, words, labels, result.segmentation.n_segments)
        customers = np.array([card.size for card in self.cards], dtype=np.float64)
        shown = [
            each
            for each in found
            if each.level is None or each.overall * np.nansum(each.known * customers) >= config.SMALL_GROUP
        ]
        few = customers < config.SMALL_GROUP
        shown = [each if not few.any() else _hidden(each, few) for each in shown]
        return tuple(sorted(shown, key=lambda each: (not each.words.forming, -_strength(each))))

    @property
    def told_of(self) -> str:
        """Whose shares those of the cards are."""
        return "those in segments" if self.result.assignment is None else "all"

    @property
    def footer(self) -> str:
        """What the report is of."""
        return f"{self.result.dataset.name} · {counted(self.result.n_placed, 'customer')} in segments · Segmenter"


def opening(source: ReportSource) -> list[Page]:
    """Return whether there are segments at all, and how many."""
    result, structure = source.result, source.result.structure
    lights = [card.light for card in source.cards if card.light]
    reliable = sum(light is Light.GREEN for light in lights)
    check = source.change.check
    facts = [
        (f"{result.n_placed:,}", "customers in segments"),
        (f"{result.segmentation.n_segments}", "segment" if result.segmentation.n_segments == 1 else "segments"),
    ]
    # Segments that should be formed anew are not praised for what they were.
    if lights and (check is None or check.advice is not Advice.REFIT):
        words = "segments are reliable: fresh samples find them again"
        if result.assignment is not None:
            words = "segments were reliable when they were formed: fresh samples found them again"
        facts.append((f"{reliable} of {len(source.cards)}", words))
    if result.n_left_out:
        facts.append((f"{result.n_left_out:,}", "customers without a segment"))
    said = []
    if structure is not None:
        said.append(structure.reason)
        shown = result.segmentation.n_segments
        # Of a crowd no number is advised; one beside another is told.
        if structure.kind != "none" and structure.recommended != shown:
            said.append(f"This report shows {shown}; {counted(structure.recommended, 'segment')} would be advised.")
    if result.assignment is not None:
        said.append("These customers were placed in segments that were formed from others before.")
    title = f"{counted(len(source.cards), 'segment')} of {counted(result.n_placed, 'customer')}"
    blocks: list[Block] = [Facts(tuple(facts))]
    if said:
        blocks.append(Text(tuple(said)))
    few = len(source.cards) <= _ON_THE_FIRST_PAGE
    without = (result.n_left_out, result.n_left_out / result.dataset.n_customers) if result.assignment else (0, 0.0)
    listed = (_list_of(source.cards, *without), *_marked(source.cards)) if few else ()
    return [Page(title, tuple(blocks), lead=structure.headline if structure else "", side=listed, split=0.4)]


def _list_of(cards: Sequence[SegmentCard], n_without: int = 0, share_without: float = 0.0) -> Table:
    has_lights = any(card.light for card in cards)
    heads = [Cell("Segment"), Cell("Customers", number=True), Cell("Share", number=True)]
    rows = []
    for card in cards:
        row = [Cell(_label(card)), Cell(f"{card.size:,}", number=True), Cell(f"{card.percent} %", number=True)]
        if has_lights:
            row.append(Cell(f"{_MARKS[card.light]} {LIGHT_WORDS[card.light]}" if card.light else _MISSING))
        rows.append(tuple(row))
    if n_without:
        none = [Cell(IN_NONE), Cell(f"{n_without:,}", number=True), Cell(percent_text(share_without), number=True)]
        rows.append((*none, Cell(_MISSING)) if has_lights else tuple(none))
    if has_lights:
        heads.append(Cell("Reliability"))
    return Table(tuple(heads), tuple(rows), 0.4, lines=2 if len(cards) <= _TWO_LINES else 1)


def month_then_and_now(source: ReportSource) -> list[Page]:
    """Return whether the segments are still true of these customers, and their shares then and now."""
    return check_pages(source.change.check) if source.change.check is not None else []


def month_moved(source: ReportSource) -> list[Page]:
    """Return who moved since last month."""
    return movement_pages(source.change.movement) if source.change.movement is not None else []


def month_drifted(source: ReportSource) -> list[Page]:
    """Return which columns have moved."""
    check = source.change.check
    return drift_pages(check, words_of_model(source.result)) if check is not None else []


def month_done(source: ReportSource) -> list[Page]:
    """Return what was done with customers who were placed in segments from before."""
    return done_pages(source.result, source.change)


def segments_at_a_glance(source: ReportSource) -> list[Page]:
    """Return a card for each segment."""
    cards = Cards(tuple(map(_card, source.cards)))
    return [Page("Who the segments are", (cards, *_marked(source.cards)))]


def sizes(source: ReportSource) -> list[Page]:
    """Return how large the segments are."""
    cards, unfit = source.cards, int(source.result.fits_none.sum())
    if len(cards) < 2 and not unfit:
        return []
    none = "Like no segment"
    if source.result.assignment is not None:
        # Shares of all add up with everybody who is in none, whatever the reason.
        unfit, none = source.result.n_left_out, IN_NONE
    labels = [*map(_label, cards), *([none] if unfit else [])]
    values = [*(card.size for card in cards), *([unfit] if unfit else [])]
    texts = [
        *(f"{card.size:,} · {card.percent} %" for card in cards),
        *([f"{unfit:,} · {percent_text(unfit / source.result.dataset.n_customers)} of all"] if unfit else []),
    ]
    shades = (*(colour(card.segment - 1) for card in cards), *((NEUTRAL,) if unfit else ()))
    series = Series("Customers", tuple(map(float, values)), tuple(texts), shades)
    return [
        Page(
            _half([card.share for card in cards], "of the customers", len(cards)),
            (Bars("Customers", tuple(labels), (series,), "#,##0"), *_marked(cards)),
        )
    ]


def what_makes_different(source: ReportSource) -> list[Page]:
    """Return the index map: every column of every segment against all customers."""
    rated = [each for each in source.contrasts if np.isfinite(each.index).any()]
    if not rated or len(source.cards) < 2:
        return []
    rows = tuple(
        (Cell(f"{contrast_name(each)}{statistic_note(each)}"), *(_index_cell(float(index)) for index in each.index))
        for each in rated[:_IN_A_MAP]
    )
    caption = (
        "Index: 100 is all customers in segments; 150 means half as much again, 50 half as much. For a category it is "
        "the share of a value."
    )
    left = len(rated) - len(rows)
    if left > 0:
        caption += f" {left} more stand under “In their own units”."
    table = Table((Cell("Index"), *_heads(source.cards)), rows, 0.26, caption)
    return [Page("What makes each segment different", (table, *_legend(source.cards), *_marked(source.cards)))]


def money(source: ReportSource) -> list[Page]:
    """Return what each segment brings, beside how large it is."""
    cards = [card for card in source.cards if card.money is not None]
    if len(cards) < 2:
        return []
    words, rows = value_words(source), []
    for card in cards:
        assert card.money is not None
        share, per_head = card.money.share, card.money.per_head
        rows.append(
            (
                _chip(card),
                Cell(card.money.sum_text, number=True),
                Cell(_MISSING if share is None else percent_text(share), number=True),
                Cell(_MISSING if per_head is None else words.text(per_head), number=True),
            )
        )
    value = words.label
    earned = earned_note(words)
    outside = outside_note(words, source.all_money)
    hidden = [str(card.segment) for card in source.cards if card.money is None]
    few = f"Too few customers to show what they bring: {', '.join(hidden)}." if hidden else ""
    lead = " ".join(filter(None, (earned, outside, few)))
    heads = ("Segment", f"Sum of {value}", "Share", "A customer")
    table = Table(tuple(Cell(head, number=place > 0) for place, head in enumerate(heads)), tuple(rows), 0.18)
    shares = [card.money.share for card in cards if card.money is not None and card.money.share is not None]
    if len(shares) < len(cards):
        verb = language().text("money", "earn" if earned else "bring")
        blocks = (table, *_all_names(cards), *_marked(cards))
        return [Page(f"What the segments {verb} in {value}", blocks, lead=lead)]
    labels = tuple(map(_label, cards))
    # Of customers, the whole per cents of the cards: no slide says what another denies.
    bars = Bars(
        f"Share of the customers and of the {value}",
        labels,
        (
            Series(
                "Customers", tuple(c.percent / 100 for c in cards), tuple(f"{c.percent} %" for c in cards), (NEUTRAL,)
            ),
            # Whoever edits the chart sees its numbers as they are.
            Series(value, tuple(round(share, 4) for share in shares), tuple(map(percent_text, shares)), (PALETTE[0],)),
        ),
        PERCENT,
    )
    return [
        Page(
            _most_of_it(cards, shares, f"of the {value}", len(source.cards)),
            (bars,),
            lead=lead,
            side=(table, *_marked(cards)),
        )
    ]


def customers_on_two_columns(source: ReportSource) -> list[Page]:
    """Return the customers on the two columns in which segments differ most, of those with more than a few values."""
    frame = source.result.dataset.frame
    names = [name for name in rank_columns_by_eta_squared(source.result) if frame[name].nunique() > FEW_VALUES][:2]
    if len(names) < 2 or len(source.cards) < 2:
        return []
    figure = scatter_figure(source.result, (names[0], names[1]))
    first, second = (shortened(column_title(source.result, name), _LONGEST_NAME) for name in names)
    words = f"Customers by {first} and {second}, each dot in its segment's colour, numbers in the segments' middles."
    caption = "A few customers far out may lie beyond the edges."
    picture = Picture(as_svg(figure), as_png(figure), PICTURE_RATIO, words, caption)
    rows = tuple((_chip(card), Cell(shortened(card.name, _LONGEST_NAME))) for card in source.cards)
    names_of = Table((Cell("Segment"), Cell("Name")), rows, 0.2, lines=1)
    return [Page(f"Where the segments lie in {first} and {second}", (picture,), side=(names_of,))]


def drawn_charts(source: ReportSource) -> list[Page]:
    """Return a page for each chart of the registry that has a drawing for paper."""
    pages = []
    for chart in CHARTS.values():
        figure = chart.paper(source.result) if chart.paper else None
        if figure is not None:
            ratio = figure.get_figwidth() / figure.get_figheight()
            picture = Picture(as_svg(figure), as_png(figure), ratio, chart.help or chart.title, chart.help)
            pages.append(Page(chart.title, (picture,)))
    return pages


def each_segment(source: ReportSource) -> list[Page]:
    """Return a page for each segment: who it is, and how it differs from all customers."""
    return [_segment_page(source, card) for card in source.cards]


def values_in_own_units(source: ReportSource) -> list[Page]:
    """Return every column of every segment in its own unit."""
    head = (Cell("Column"), Cell("All", number=True), *_heads(source.cards))
    size = (
        Cell("Customers"),
        Cell(f"{source.result.n_placed:,}", number=True),
        *(Cell(f"{card.size:,}", number=True) for card in source.cards),
    )
    body = [
        (
            Cell(f"{contrast_name(each)}{statistic_note(each)}"),
            Cell(_shown(each, each.overall), number=True),
            *(_value_cell(each, segment) for segment in range(len(source.cards))),
        )
        for each in source.contrasts
    ]
    caption = "Coloured where a segment lies clearly above (blue) or below (brown) all customers."
    table = Table(head, (size, *body), 0.26, caption, lines=1)
    return [Page("In their own units", (*_legend(source.cards), table, *_marked(source.cards)))]


def reliability(source: ReportSource) -> list[Page]:
    """Return how far each segment can be relied on."""
    known = [(card, card.stability) for card in source.cards if card.stability is not None]
    if not known:
        return []
    silhouettes = source.result.segmentation.quality
    rows = tuple(
        (
            Cell(_label(card)),
            Cell(LIGHT_WORDS[stability.light]),
            Cell(_MISSING if stability.found is None else percent_text(stability.found), number=True),
            Cell(percent_text(stability.jaccard), number=True),
            Cell(
                number_text(silhouettes.per_segment[card.segment - 1], 2)
                if silhouettes and card.segment - 1 in silhouettes.per_segment
                else _MISSING,
                number=True,
            ),
        )
        for card, stability in known
    )
    heads = ("Segment", "Reliability", "Found again in", "Same customers", "Silhouette")
    caption = (
        "Found again: the share of fresh samples in which three quarters of the segment's customers are the same. "
        "Reliable: in at least 9 of 10; doubtful: in at least 4 of 10. Found again does not mean separated: that is "
        "what the silhouette tells, from −1 to 1, below 0.25 hardly."
    )
    if source.result.assignment is not None:
        caption = f"As it was when the segments were formed. {caption}"
    table = Table(tuple(Cell(head, number=place > 1) for place, head in enumerate(heads)), rows, 0.45, caption, lines=1)
    return [Page("How far each segment can be relied on", (table, *_marked(source.cards)))]


def method(source: ReportSource) -> list[Page]:
    """Return how the segments were formed, so that it can be done again."""
    result = source.result
    segmentation, dataset = result.segmentation, result.dataset
    recipe = segmentation.recipe
    algorithm = ALGORITHMS.get(recipe.algorithm)
    columns = [_as_in_the_file(result, each.column) for each in segmentation.preparation.columns_]
    lines = len(dataset.left_out)
    facts = {
        "File": dataset.name,
        "Customers": f"{dataset.n_customers:,} read, {result.n_placed:,} in segments, {result.n_left_out:,} without"
        + (f"; {lines:,} lines could not be read" if lines else ""),
        "Columns that formed them": ", ".join(columns),
        "Way of forming them": algorithm.title if algorithm else recipe.algorithm,
        "Scaling": f"{recipe.scaling.value}; random start {recipe.seed}",
        "Formed from": counted(segmentation.n_trained, "customer"),
    }
    if segmentation.quality is not None:
        quality = segmentation.quality
        facts["Mean silhouette"] = (
            f"{number_text(quality.silhouette, 2)} (1 is best; below 0.25 segments hardly stand apart)"
        )
    if segmentation.known is not None:
        when = "" if result.assignment is None else "when the segments were formed, "
        facts["Known labels"] = (
            f"{segmentation.known.column}: {when}right for {percent_text(segmentation.known.accuracy)} of "
            f"{counted(segmentation.known.n_customers, 'customer')}, each held out in turn"
        )
    facts["Made with"] = f"Segmenter {config.VERSION}"
    rows = tuple((Cell(key), Cell(value)) for key, value in facts.items())
    return [Page("How the segments were formed", (Table((Cell("What"), Cell("How")), rows, 0.26),))]


def _as_in_the_file(result: Result, column: str) -> str:
    """Return a column's name in words, with the one that it has in the file where that reads otherwise."""
    title = column_title(result, column)
    if _letters(title) == _letters(column):
        return title
    return f"{title.rpartition(' (')[0] if title.endswith(')') else title} ({column})"


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def caveats(source: ReportSource) -> list[Page]:
    """Return what to be careful with."""
    result, points = source.result, []
    structure = result.structure
    if structure is not None and structure.kind in ("none", "constructed") and result.segmentation.n_segments > 1:
        points.append(
            "The borders between these segments are a convention, not a fact about the customers: expect some to "
            "change segment when the segments are formed again."
        )
    few = [card for card in source.cards if card.low_base]
    if few:
        numbers = ", ".join(f"{card.segment}{card.low_base}" for card in few)
        points.append(f"Segments of few customers: {numbers} (* under 60, ** under 30). Their averages are uncertain.")
    points += [
        note.text for note in (*result.segmentation.notes, *(result.assignment.notes if result.assignment else ()))
    ]
    points += [
        "Averages describe a segment, not each of its customers.",
        "What lies together is not thereby its cause: whether a segment answers to an offer, a test with a control "
        "group tells.",
        f"Values of a category that fewer than {config.SMALL_GROUP} customers share, and columns of personal data, are "
        "not shown.",
    ]
    return [Page("What to be careful with", (Text(tuple(points), listed=True),))]


def contrast_name(contrast: Contrast) -> str:
    """Return what a column, or a value of a category, is called."""
    label = contrast.words.label
    # Cut for sentences; here is room for more of what the file calls it.
    label = shortened(contrast.words.column if label.endswith("…") else label, _LONGEST_NAME)
    return label if contrast.level is None else f"{label}: {shortened(contrast.level, _LONGEST_NAME)}"


def statistic_note(contrast: Contrast) -> str:
    """Return what is added to a name over values that are medians; those of the other columns are means or shares."""
    return " (median)" if contrast.statistic == "median" else ""


def _segment_page(source: ReportSource, card: SegmentCard) -> Page:
    place = card.segment - 1
    ranked = sorted(
        (each for each in source.contrasts if np.isfinite(each.values[place])),
        key=lambda each: (not each.words.forming, -abs(float(each.effects[place]))),
    )
    shown = _one_value_each(ranked)[:_BESIDE_IT]
    drawn = shown[:_IN_A_CHART]
    facts = [(f"{card.size:,}{card.low_base}", f"customers, {card.percent} % of {source.told_of}")]
    if card.money is not None:
        share = card.money.share
        label = value_words(source).label
        facts.append(
            (card.money.sum_text, f"of {label}")
            if share is None
            else (percent_text(share), f"of {label}: {card.money.sum_text}")
        )
    if card.stability is not None:
        then = ", when it was formed" if source.result.assignment is not None else ""
        facts.append((LIGHT_WORDS[card.stability.light], _found_again(card) + then))
    rows = tuple(
        (
            Cell(f"{contrast_name(each)}{statistic_note(each)}"),
            Cell(_shown(each, float(each.values[place])), bold=True, number=True),
            Cell(_shown(each, each.overall), number=True),
            _index_cell(float(each.index[place])),
        )
        for each in shown
    )
    side: list[Block] = []
    if rows:
        heads = ("Column", "This segment", "All", "Index")
        side.append(Table(tuple(Cell(head, number=at > 0) for at, head in enumerate(heads)), rows, 0.4))
    blocks: list[Block] = [Facts(tuple(facts))]
    if shown and len(source.cards) > 1:
        series = Series(
            card.name,
            tuple(round(float(each.effects[place]), 1) + 0.0 for each in drawn),
            tuple(_shown(each, float(each.values[place])) for each in drawn),
            (colour(place),),
        )
        title = "Below and above all customers, in standard deviations"
        blocks.append(Bars(title, tuple(map(contrast_name, drawn)), (series,), "+0.0;−0.0;0.0", signed=True))
    # A filter that finds a handful of people names them.
    told = len(source.cards) > 1 and card.size >= config.SMALL_GROUP
    if told and (rule := rules_of(source.result).rules[place]).conditions:
        side.append(
            Text(
                (
                    f"As a filter: {rule.text}.",
                    f"It finds {percent_text(rule.coverage)} of the segment; {percent_text(rule.exclusivity)} of those "
                    "found are in it.",
                ),
                small=True,
            )
        )
    side += _marked((card,))
    return Page(
        card.name, tuple(blocks), lead=card.sentence, side=tuple(side), number=card.segment, colour=colour(place)
    )


def _without_values(card: SegmentCard) -> SegmentCard:
    """Return a card that says how many there are and nothing of what they are like."""
    sentence = f"{counted(card.size, 'customer')}. {_TOO_FEW}"
    return replace(card, sentence=sentence, traits=_TOO_FEW, markers=(), money=None)


def _hidden(contrast: Contrast, few: BoolArray) -> Contrast:
    """Return a contrast without the values of some segments."""
    values, effects, index = (
        np.where(few, np.nan, each) for each in (contrast.values, contrast.effects, contrast.index)
    )
    return replace(contrast, values=values, effects=effects, index=index)


def _card(card: SegmentCard) -> Card:
    light = card.light
    return Card(
        number=card.segment,
        name=card.name,
        sentence=card.traits,
        size=f"{counted(card.size, 'customer')}, {card.percent} %{card.low_base}",
        money=card.money.text if card.money else "",
        light=light.value if light else "",
        light_words=f"{_MARKS[light]} {LIGHT_WORDS[light]}" if light else "",
        colour=colour(card.segment - 1),
    )


# A shape of its own for each light, for whoever does not tell the colours apart.
_MARKS: Final = {Light.GREEN: "●", Light.AMBER: "◐", Light.RED: "○"}


def _found_again(card: SegmentCard) -> str:
    assert card.stability is not None
    if card.stability.found is None:
        return "how far fresh samples find it again"
    return f"found again in {percent_text(card.stability.found)} of fresh samples"


def _chip(card: SegmentCard) -> Cell:
    return Cell(f"{card.segment}{card.low_base}", colour(card.segment - 1), bold=True, number=True)


def _label(card: SegmentCard) -> str:
    """Return number and name: equal names, and names that nobody can read, are told apart by the number."""
    return f"{card.segment}{card.low_base} · {shortened(card.name, _LONGEST_NAME)}"


def _heads(cards: Sequence[SegmentCard]) -> tuple[Cell, ...]:
    named = len(cards) <= _NAMED_HEADS
    return tuple(
        Cell(
            f"{card.segment}{card.low_base}" + (f" {shortened(card.name, _IN_A_HEAD)}" if named else ""),
            colour(card.segment - 1),
            bold=True,
            number=not named,
        )
        for card in cards
    )


def _legend(cards: Sequence[SegmentCard]) -> tuple[Block, ...]:
    """Return what the numbers over a table stand for, where names do not fit there."""
    if len(cards) <= _NAMED_HEADS:
        return ()
    return _all_names(cards)


def _all_names(cards: Sequence[SegmentCard]) -> tuple[Block, ...]:
    named = (f"{card.segment}{card.low_base} {shortened(card.name, _LONGEST_NAME)}" for card in cards)
    return (Text((" · ".join(named),), small=True),)


def _marked(cards: Sequence[SegmentCard]) -> tuple[Block, ...]:
    """Return what the marks of segments of few customers mean, where there is one."""
    key = low_base_key(card.size for card in cards)
    return (Text((key,), small=True),) if key else ()


def _shown(contrast: Contrast, value: float) -> str:
    if not np.isfinite(value):
        return _MISSING
    return percent_text(value) if contrast.level is not None else contrast.words.text(value)


def _index_cell(index: float) -> Cell:
    if not np.isfinite(index):
        return Cell(_MISSING, number=True)
    return Cell(f"{index:,.0f}", index_fill(index), number=True)


def _value_cell(contrast: Contrast, segment: int) -> Cell:
    value, effect = float(contrast.values[segment]), float(contrast.effects[segment])
    fill = ""
    if np.isfinite(value) and abs(effect) >= 0.5:
        fill = mix(FAINT, "#8fb3c4" if effect > 0 else "#dca98a", min(1.0, abs(effect) / _EFFECT_FULL))
    return Cell(_shown(contrast, value), fill, number=True)


def _strength(contrast: Contrast) -> float:
    return float(np.nanmax(np.abs(contrast.effects), initial=0.0))


def _one_value_each(ranked: Sequence[Contrast]) -> list[Contrast]:
    """Return contrasts with only the clearest value of each category."""
    first: dict[str, Contrast] = {}
    for each in ranked:
        first.setdefault(each.words.column, each)
    return list(first.values())


def _half(shares: Sequence[float], of: str, n_segments: int) -> str:
    """Return the smallest number of all segments that hold half of something, as a sentence."""
    ordered = sorted(shares, reverse=True)
    for count in range(1, len(ordered) + 1):
        if sum(ordered[:count]) >= 0.5:
            which = "One segment holds" if count == 1 else f"{count} of the {n_segments} segments hold"
            return f"{which} {sum_text(ordered[:count])} {of}"
    return f"How the segments share {of.removeprefix('of ')}"


# That half of the customers hold half of the value is no news.
_MORE_THAN_THEIR_SHARE: Final = 0.05


def _most_of_it(cards: Sequence[SegmentCard], shares: Sequence[float], of: str, n_segments: int) -> str:
    """Return with whom the value lies, as a sentence: the fewest segments, or else customers, that hold most of it."""
    order = sorted(range(len(shares)), key=lambda place: -shares[place])
    held = np.cumsum([shares[place] for place in order])
    few = order[: int(np.searchsorted(held, 0.5 - 1e-9)) + 1]
    if sum(shares[place] - cards[place].share for place in few) >= _MORE_THAN_THEIR_SHARE:
        return _half(shares, of, n_segments)
    lead = max(range(len(shares)), key=lambda place: shares[place] - cards[place].share)
    if shares[lead] - cards[lead].share >= _MORE_THAN_THEIR_SHARE:
        return f"{cards[lead].percent} % of the customers hold {percent_text(shares[lead])} {of}"
    return f"How the segments share {of.removeprefix('of ')}"


def value_words(source: ReportSource) -> ColumnWords:
    """Return how the column that says what a customer is worth is spoken of; there must be one."""
    column = next(card.money.column for card in source.cards if card.money is not None)
    dataset = source.result.dataset
    known = {each.column: each for each in column_words(dataset, source.result.segmentation.recipe)}
    return known.get(column) or ColumnWords(column, column, dataset.column(column).kind)

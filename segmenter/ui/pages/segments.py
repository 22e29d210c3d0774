"""Form the segments and see what they are."""

from typing import Final

import streamlit as st

from segmenter.choose.k import KSelection, Verdict
from segmenter.display import counted, percent_text, sum_text
from segmenter.explain.cards import SegmentCard, name_segments
from segmenter.explain.columns import column_words, is_earned
from segmenter.explain.money import concentrate, words_of_value
from segmenter.progress import Progress, part
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.engines import counted_cards, formed_where_they_are, show_all_customers
from segmenter.ui.widgets.result_view import cards_of, show_result
from segmenter.ui.widgets.segment_cards import show_edits
from segmenter.ui.widgets.working import AT_ONCE_SECONDS, Work, run_job, running, was_cancelled

NAME = "segments"
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    if not session().may_form:
        st.title(messages.CHOOSE_FIRST)
        if session().result.latest is not None:
            st.info(messages.CHANGED_SINCE, icon=":material/query_stats:")
        if st.button("Go to Choose", type="primary", key="segments_to_choose"):
            st.switch_page(page_file("choose"))
        return
    result = session().current_result()
    if result is None:
        _form()
        return
    answer = st.container()
    cards = counted_cards(cards_of(result), show_all_customers(result, NAME, cards=True))
    with answer:
        _answer(result, cards)
        _warn_of_convention()
    show_result(result, NAME, cards)
    show_edits(result)


def _answer(result: Result, cards: tuple[SegmentCard, ...]) -> None:
    """Say in one sentence what the segments are, and what the small bars mean."""
    money = tuple(card.money for card in cards if card.money)
    bars = "In the small bars, the line marks everyone's average."
    if money and len(cards) > 1:
        words = words_of_value(column_words(result.dataset, result.segmentation.recipe), money[0].column)
        found = concentrate(
            result.dataset, words, result.segmentation.labels.to_numpy(), money, result.counted_of_total
        )
        if (
            found is not None
            and len(found.segments) < len(cards)
            and _says_something(found.segments_share, found.segments_customers)
        ):
            holds = "earn" if is_earned(words.column) else "hold"
            holds += "s" if len(found.segments) == 1 else ""
            label = safe_md(words.label)
            few = f"{_number(len(found.segments))} of your {_number(len(cards)).lower()} segments"
            held = sum_text([money[segment - 1].share or 0.0 for segment in found.segments])
            st.title(f"{few} {holds} {held} of the {label}.")
            names = " and ".join(f"**{safe_md(cards[segment - 1].name)}**" for segment in found.segments[:3])
            said = "It is" if len(found.segments) == 1 else "They are"
            said += f" {names}," if len(found.segments) <= 3 else ""
            of_all = sum_text([cards[segment - 1].share for segment in found.segments])
            st.write(f"{said} {of_all} of your customers. {bars}")
            return
        richest = max(cards, key=lambda card: (card.money.share or 0.0) - card.share if card.money else 0.0)
        share = richest.money.share if richest.money else None
        if share is not None and _says_something(share, richest.share):
            holds = "earn" if is_earned(words.column) else "hold"
            label = safe_md(words.label)
            st.title(f"{richest.percent} % of your customers {holds} {percent_text(share)} of the {label}.")
            st.write(f"They are the segment **{safe_md(richest.name)}**. {bars}")
            return
    largest = max(cards, key=lambda card: card.size)
    if len(cards) == 1:
        st.title("Your customers are one segment.")
        st.write(bars)
        return
    # One crowd falls into nothing: it is cut.
    do = "are cut" if _is_convention(session().current_selection()) else "fall"
    st.title(f"Your customers {do} into {counted(len(cards), 'segment')}.")
    st.write(f"The largest is **{safe_md(largest.name)}**, {largest.percent} % of your customers. {bars}")


# That half of the customers hold half of the value is no news.
_MORE_THAN_THEIR_SHARE: Final = 0.05


def _says_something(of_value: float, of_customers: float) -> bool:
    return of_value - of_customers >= _MORE_THAN_THEIR_SHARE


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _is_convention(selection: KSelection | None) -> bool:
    return selection is not None and selection.verdict in (Verdict.NONE, Verdict.CONSTRUCTED)


def _warn_of_convention() -> None:
    """Carry the verdict along where the lights alone would say more than it did."""
    selection = session().current_selection()
    if selection is None or not _is_convention(selection):
        return
    # A division is constructed where there are groups that it does not follow each time.
    words = messages.BORDERS_ARE_A_CONVENTION if selection.verdict is Verdict.NONE else messages.BORDERS_MOVE
    st.warning(words, icon=":material/content_cut:")


def _form() -> None:
    """Start forming the segments, watch it, or take what it found."""
    dataset, recipe, cells = session().dataset, session().recipe, session().file.cells
    if dataset is None:
        return
    of = (dataset.fingerprint, recipe)
    value_column = session().value_column.on(dataset.fingerprint)
    selection = session().current_selection()
    structure = selection.structure if selection else None
    solution = selection.solution(recipe.n_segments) if selection else None
    cancelled = session().jobs.cancelled_of == of
    # After work that failed, or was another page's, the visitor says when to begin.
    waits = cancelled or session().jobs.job is not None
    stands_still = was_cancelled(NAME, of) and not running(NAME)
    st.title(messages.SEGMENTS_NOT_FORMED if stands_still else messages.SEGMENTS_TITLE)

    def ask() -> Work[Result] | None:
        if cancelled:
            st.info(messages.SEGMENTS_CANCELLED, icon=":material/stop_circle:")
        if waits and not st.button(messages.FORM_SEGMENTS, type="primary", key="segments_again"):
            return None
        return lambda progress, _: _formed(progress)

    def _formed(progress: Progress) -> Result:
        told = part(progress, 0.0, 0.95)
        formed = formed_where_they_are(cells, dataset, recipe, told)
        if formed is None:
            formed = fit_segmentation(dataset, recipe, solution=solution, progress=told)
        named = name_segments(dataset, formed, progress=part(progress, 0.95, 1.0))
        return Result(dataset, named, value_column=value_column, structure=structure)

    run_job(NAME, lambda: of, ask, session().keep_result, n_cells=dataset.frame.size, patience=AT_ONCE_SECONDS)


if __name__ == "__main__":
    render()

"""Learn known segments, and see how well they are told."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.learn import learn
from segmenter.classification.model import Learned, held_out_verdict, is_hardly_better
from segmenter.classification.recipe import SEGMENTS, LearningRecipe
from segmenter.display import whole_percent
from segmenter.errors.base import SegmenterError
from segmenter.progress import Progress
from segmenter.table.dataset import Dataset
from segmenter.ui.jobs import Job
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, session
from segmenter.ui.widgets.learn_results import board_rows, show_keeping, show_learned, show_records, show_rows
from segmenter.ui.widgets.learn_setup import (
    pick_checking,
    pick_columns,
    pick_target,
    segmentation_of_file,
)
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.working import Work, run_job

NAME = "learn"
TITLE = "Which column do you want to foretell?"
INTRO = (
    "We learn it from customers of whom it is known, and try ourselves on others that were set aside. Then new "
    "customers are placed, one at a time or a file at a time."
)
DONT_BUILD = "Don't build on the answers."
# More questions than these are listed under Details alone.
MOST_ASKED = 4
CHANGED = "What is to be learnt, or how, has changed since. The result below is that of before; learn again."


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    # The answer and what to do with it stand first; another question can be asked below it.
    answer, found = st.container(), st.container()
    basis, size = partial(_basis, dataset), dataset.frame.size
    keep = partial(session().learning.keep, of=basis())
    under_way = run_job(NAME, basis, partial(_ask, dataset), keep, n_cells=size, draw=draw)
    learned = None if under_way else session().learning.learned.latest
    with answer:
        _answer(learned)
    if learned is None:
        return
    with found:
        if session().learning.learned.on(_basis(dataset)) is None:
            st.info(CHANGED, icon=":material/update:")
        show_keeping(learned, NAME)
        with st.expander("Details", icon=":material/query_stats:", key="open_learned"):
            show_learned(learned, NAME)
            show_records(learned)


def _answer(learned: Learned | None) -> None:
    held_out = learned.held_out if learned is not None else None
    if held_out is None:
        st.title(TITLE)
        st.write(INTRO)
        return
    hardly = is_hardly_better(held_out.scores.accuracy, held_out.base_rate, held_out.n_customers)
    than = ", hardly better than always guessing the largest group" if hardly else ""
    st.title(f"{whole_percent(held_out.scores.accuracy)} of 100 customers are foretold right{than}.")
    guessed = f"Always guessing the largest group would be right for {whole_percent(held_out.base_rate)}."
    tried = f"It was tried on {held_out.n_customers:,} customers who had been set aside."
    asked = learned.golden.columns if learned is not None and learned.golden is not None and not hardly else ()
    enough = f" Enough to ask: {', '.join(asked)}." if 0 < len(asked) <= MOST_ASKED else ""
    st.write(safe_md(f"{guessed} {DONT_BUILD if hardly else tried}{enough}", 600))


def _basis(dataset: Dataset) -> tuple[object, ...]:
    """Return what a result rests on: the file, every decision, and the segments if these are learnt."""
    recipe = session().learning.recipe
    segmentation = segmentation_of_file() if recipe and recipe.target == SEGMENTS else None
    formed = (segmentation.recipe, segmentation.names) if segmentation else ()
    return dataset.fingerprint, recipe, formed


def _ask(dataset: Dataset) -> Work[Learned] | None:
    """Let the visitor decide, and start to learn on a click."""
    if session().learning.learned.latest is not None:
        st.header("Learn again")
    picked = pick_target(dataset)
    if picked is None:
        return None
    recipe, check = picked
    if not check.problem:
        recipe = pick_columns(recipe, dataset, check)
    recipe = pick_checking(recipe, dataset, classifiers=not check.problem)
    before, session().learning.recipe = session().learning.recipe, recipe
    if before is not None and (before.folds, before.held_out_share) != (recipe.folds, recipe.held_out_share):
        # Whether there are enough customers, which is said above, hangs on these.
        st.rerun()
    if before is not None and before.weight_column != recipe.weight_column:
        # Nothing is told by the weights, so that they are no column to tick.
        forget_widgets("learn_columns")
        st.rerun()
    ready = not check.problem and any(spec.segments for spec in recipe.features)
    label = "Learn again" if session().learning.learned.latest else "Learn"
    if not st.button(label, type="primary", icon=":material/play_arrow:", key="learn_run", disabled=not ready):
        return None
    try:
        recipe.check()
    except SegmenterError as error:
        show_error(error)
        return None
    return _work(dataset, recipe)


def _work(dataset: Dataset, recipe: LearningRecipe) -> Work[Learned]:
    segmentation = segmentation_of_file() if recipe.target == SEGMENTS else None

    def work(progress: Progress, job: Job[Learned]) -> Learned:
        underway = LearningUnderway(recipe.competing)
        job.show(underway)
        return learn(dataset, recipe, segmentation, progress=progress, partial=underway.found)

    return work


@dataclass
class LearningUnderway:
    """What a job has found so far: networks and classifiers hand it out from several threads.

    Attributes
    ----------
    competing
        Keys of the classifiers that compete.
    """

    competing: tuple[str, ...]
    learned: Learned | None = None

    def found(self, learned: Learned) -> None:
        """Take what was found so far."""
        self.learned = learned


def draw(underway: LearningUnderway) -> None:
    """Draw the leaderboard as far as it goes."""
    board = underway.learned.leaderboard if underway.learned else None
    waiting = board.waiting if board else underway.competing
    if waiting:
        titles = ", ".join(CLASSIFIERS[key].title for key in waiting)
        st.write(f"{len(underway.competing) - len(waiting)} of {len(underway.competing)} done. At work: {titles}.")
    if board:
        show_rows(board_rows(board))
    if underway.learned and underway.learned.held_out:
        st.write(safe_md(held_out_verdict(underway.learned.held_out), 600))


if __name__ == "__main__":
    render()

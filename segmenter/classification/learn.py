"""Learning known segments: leaderboard, tuning, held-out evaluation, interpretation."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.columns import (
    LabelledCustomers,
    check_customers,
    find_leaks,
    form_fields,
    known_segments,
    learning_features,
    usable,
    without_leaks,
)
from segmenter.classification.copies import fingerprint_members, group_customers
from segmenter.classification.folds import LabelledRows, outer_splits, prepared_folds, probabilities, split_held_out
from segmenter.classification.interpretation import (
    TOP_COLUMNS,
    MinimalFeatures,
    column_importances,
    minimal_features,
    partial_dependences,
)
from segmenter.classification.leaderboard import Leaderboard, Search, Tuning, run_leaderboard, tune
from segmenter.classification.model import (
    Choice,
    HeldOut,
    Learned,
    SegmentModel,
    fit_pipeline,
    is_hardly_better,
    repeats_notes,
)
from segmenter.classification.recipe import AUTO, LearningRecipe
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.measures.classification import calibration, confusion, report, score, weighted_mean
from segmenter.prepare.formulas import formulas_of, with_formulas
from segmenter.prepare.weights import checked_weight_column, column_weights
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Missing, Role, SettingPairs
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import BoolArray, FloatArray, IntArray

# Shares of the work at which each stage ends.
COMPARED, TUNED, JUDGED, ASKED = 0.45, 0.8, 0.85, 0.95
# The time grows with the customers; the accuracy on tables of some dozen columns hardly does any more.
MOST_CUSTOMERS = 50_000
# Few questions are told by what a spreadsheet can work out.
SHORT = "logistic-regression"
ENOUGH = "each segment in proportion; more would hardly change what is learnt."

Partial = Callable[[Learned], None]


def learn(
    dataset: Dataset,
    recipe: LearningRecipe,
    segmentation: Segmentation | None = None,
    *,
    progress: Progress = silent,
    partial: Partial = lambda _: None,
) -> Learned:
    """Learn known segments, check what was learnt on customers set aside, and explain it.

    Parameters
    ----------
    dataset
        The customers, some or all with a known segment.
    recipe
        Which column is learnt, from which others, and how.
    segmentation
        Whose segments are learnt when the recipe's target is `SEGMENTS`.
    progress
        Is called with the share done, 0 to 1, and what is being done.
    partial
        Is handed what was found so far after each classifier and each stage.

    Raises
    ------
    SegmenterError
        If the target or the columns cannot be used.
    Cancelled
        When the progress says so.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, LearningRecipe, "recipe")
    if segmentation is not None:
        check_type(segmentation, Segmentation, "segmentation")
    recipe.check()
    work = _set_out(dataset, recipe, segmentation, progress)
    found = replace(work.found, leaderboard=_compared(work, part(progress, 0.0, COMPARED), partial))
    found = _tuned(work, found, part(progress, COMPARED, TUNED))
    partial(found)
    found = _judged(work, found, part(progress, TUNED, JUDGED))
    partial(found)
    found = replace(found, golden=_golden(work, found, part(progress, JUDGED, ASKED)))
    partial(found)
    model = _kept(work, found, part(progress, ASKED, 1.0))
    return replace(found, model=model, notes=(*found.notes, *_privacy(model)))


def golden_recipe(learned: Learned) -> LearningRecipe:
    """Return the recipe that learns once more from the golden questions alone.

    Logistic regression is kept, unless another one was asked for by name: a spreadsheet's formulas can follow it. The
    customers held out are those of before, whom the choice of questions has not seen.

    Parameters
    ----------
    learned
        What `learn` found from all columns.

    Raises
    ------
    InvalidSettingError
        If its golden questions were not looked for to the end, or there are none since nothing tells the segments.
    """
    check_type(learned, Learned, "learned")
    held_out = learned.held_out
    if learned.golden is None or held_out is None:
        message = "The golden questions of this result were not found yet. Hand in what learn has returned."
        raise InvalidSettingError(message)
    if is_hardly_better(held_out.scores.accuracy, held_out.base_rate, held_out.n_customers):
        message = (
            "There are no golden questions: all columns together hardly tell more than a guess. Learn from other "
            "columns, or without the choice of golden questions."
        )
        raise InvalidSettingError(message)
    recipe, asked = learned.recipe, learned.golden.columns
    features = tuple(each if each.column in asked else replace(each, role=Role.IGNORED) for each in recipe.features)
    return replace(recipe, features=features, chosen=SHORT if recipe.chosen == AUTO else recipe.chosen)


@dataclass(frozen=True, eq=False)
class _Work:
    """The customers, split once and for all before anything is looked at."""

    dataset: Dataset
    known: LabelledCustomers
    rows: LabelledRows
    learning: LabelledRows
    held_out: LabelledRows
    splits: list[tuple[IntArray, IntArray]]
    found: Learned

    @property
    def recipe(self) -> LearningRecipe:
        return self.found.recipe


def _set_out(dataset: Dataset, recipe: LearningRecipe, segmentation: Segmentation | None, progress: Progress) -> _Work:
    dataset = with_formulas(dataset, recipe.formulas)
    checked_weight_column(dataset, recipe.weight_column)
    known = known_segments(dataset, recipe, segmentation)
    complete = _complete(dataset, recipe)[known.rows]
    if not complete.all():
        known = known.only(complete, recipe)
    n_known = len(known.rows)
    known = stratified_subsample(known, recipe, MOST_CUSTOMERS)
    weights = column_weights(dataset, recipe.weight_column, known.rows)
    customers = group_customers(dataset, known.rows, recipe.target, progress)
    check_customers(known, customers.groups, recipe)
    learning, held_out = split_held_out(known.codes, customers.groups, recipe)
    leaks = find_leaks(dataset, known.rows[learning], known.codes[learning], recipe.target, customers.groups[learning])
    suggested = recipe.features or without_leaks(learning_features(dataset, recipe.target), leaks)
    # A column of weights says nothing of a customer; `replace` takes it out of the features.
    recipe = replace(recipe, features=suggested)
    recipe = replace(recipe, features=usable(dataset, recipe.features, recipe.target))
    own = formulas_of(dataset, recipe.formulas, [spec.column for spec in recipe.features if spec.segments])
    recipe = replace(recipe, formulas=own)
    rows = LabelledRows(dataset.frame.iloc[known.rows], known.codes, customers.groups, weights)
    notes = [_leak_note(recipe, leak.column, leak.reason) for leak in leaks]
    if len(known.rows) < n_known:
        notes.append(Note(f"{len(known.rows):,} of the {n_known:,} customers with a known segment were used: {ENOUGH}"))
    if known.n_unlabelled:
        notes.append(Note(f"{known.n_unlabelled:,} customers without a value in {recipe.target} were left out."))
    notes.extend(repeats_notes(customers))
    if weights is not None:
        text = (
            f"Each customer counts as {recipe.weight_column} says: in learning, and in every share and score; the "
            "table of who was taken for what counts rows."
        )
        notes.append(Note(text, column=recipe.weight_column))
    found = Learned(
        recipe, known.classes, len(known.codes), known.n_unlabelled, int((~complete).sum()), leaks, notes=tuple(notes),
        n_customers=customers.n_groups, n_repeated=customers.n_repeated, n_copies=customers.n_copies,
    )  # fmt: skip
    taken = rows.taken(learning)
    return _Work(dataset, known, rows, taken, rows.taken(held_out), outer_splits(taken, recipe), found)


def stratified_subsample(known: LabelledCustomers, recipe: LearningRecipe, most: int) -> LabelledCustomers:
    """Return as many customers as are worth learning from, each class in proportion."""
    if len(known.rows) <= most:
        return known
    used, _ = train_test_split(
        np.arange(len(known.rows)), train_size=most, stratify=known.codes, random_state=recipe.seed
    )
    return known.only(np.isin(np.arange(len(known.rows)), used), recipe)


def _privacy(model: SegmentModel) -> tuple[Note, ...]:
    if not CLASSIFIERS[model.classifier].keeps_rows:
        return ()
    return (Note(f"{model.title} keeps the prepared values of its {model.n_trained:,} customers in the saved file."),)


def _complete(dataset: Dataset, recipe: LearningRecipe) -> BoolArray:
    keeps = np.ones(dataset.n_customers, dtype=bool)
    for spec in recipe.features:
        if spec.segments and spec.missing is Missing.DROP and spec.column in dataset.frame:
            keeps &= dataset.frame[spec.column].notna().to_numpy()
    return keeps


def _leak_note(recipe: LearningRecipe, column: str, reason: str) -> Note:
    used = any(spec.column == column for spec in recipe.features)
    return Note(f"{reason} It is {'used all the same' if used else 'left out'}.", warning=True, column=column)


def _compared(work: _Work, progress: Progress, partial: Partial) -> Leaderboard:
    recipe = work.recipe
    folds = list(prepared_folds(work.learning, work.splits, recipe.features, recipe.scaling))
    return run_leaderboard(
        folds,
        recipe.competing,
        recipe.seed,
        progress,
        lambda board: partial(replace(work.found, leaderboard=board)),
    )


def _tuned(work: _Work, found: Learned, progress: Progress) -> Learned:
    board = found.leaderboard
    assert board is not None
    key = board.rows[0].classifier if work.recipe.chosen == AUTO else work.recipe.chosen
    reason = "the most accurate" if work.recipe.chosen == AUTO else "as asked for"
    if not (work.recipe.tune and CLASSIFIERS[key].grid):
        return replace(found, choice=Choice(key, (), reason))
    folds = prepared_folds(work.learning, work.splits, work.recipe.features, work.recipe.scaling)
    outer = list(zip(work.splits, folds, strict=True))
    tuning = tune(_search(work, key), work.learning, outer, board.row(key), progress)
    settings: SettingPairs = tuning.settings if tuning.better else ()
    return replace(found, tuning=tuning, choice=Choice(key, settings, f"{reason}; {_gain(tuning)}"))


def _gain(tuning: Tuning) -> str:
    if tuning.better:
        return f"tuned, which gives an accuracy of {tuning.standing.accuracy:.3f} on the same parts"
    return "tuning did not make it more accurate, so its usual settings are kept"


def _judged(work: _Work, found: Learned, progress: Progress) -> Learned:
    recipe, choice = work.recipe, found.choice
    assert choice is not None
    pipeline = fit_pipeline(work.learning, recipe, choice.classifier, choice.settings, part(progress, 0.0, 0.4))
    n = len(found.classes)

    def tell(frame: pd.DataFrame) -> FloatArray:
        return probabilities(pipeline["classify"].learner_, pipeline["prepare"].transform(frame), n)

    told, truth = tell(work.held_out.frame), work.held_out.codes
    weights = work.held_out.weights
    largest = np.bincount(work.learning.codes, work.learning.weights).argmax()
    answers = told.argmax(axis=1)
    held_out = HeldOut(
        n_customers=len(truth),
        base_rate=weighted_mean(truth == largest, weights),
        scores=score(truth, told, weights),
        confusion=confusion(truth, answers, n),
        report=report(truth, answers, n, weights),
        calibration=calibration(truth, told, weights=weights),
    )
    columns = [spec.column for spec in recipe.features]
    importances = column_importances(tell, work.held_out, columns, recipe.seed, part(progress, 0.4, 0.8))
    top = [each.column for each in importances[:TOP_COLUMNS]]
    drawn = partial_dependences(tell, work.held_out, pipeline["prepare"], top, part(progress, 0.8, 1.0))
    return replace(found, held_out=held_out, importances=importances, dependences=drawn)


def _golden(work: _Work, found: Learned, progress: Progress) -> MinimalFeatures:
    assert found.choice is not None
    search = _search(work, found.choice.classifier)
    return minimal_features(search, work.learning, work.held_out, found.choice.settings, progress)


def _search(work: _Work, key: str) -> Search:
    recipe = work.recipe
    return Search(key, recipe.features, recipe.scaling, recipe.seed, len(work.known.classes))


def _kept(work: _Work, found: Learned, progress: Progress) -> SegmentModel:
    recipe, choice, held_out = work.recipe, found.choice, found.held_out
    assert choice is not None
    assert held_out is not None
    rows = work.rows
    pipeline = fit_pipeline(rows, recipe, choice.classifier, choice.settings, progress)
    shares = np.bincount(rows.codes, rows.weights)
    return SegmentModel(
        recipe=recipe,
        classifier=choice.classifier,
        settings=choice.settings,
        preparation=pipeline["prepare"],
        learner=pipeline["classify"].learner_,
        classes=found.classes,
        n_trained=len(rows),
        base_rate=float(shares.max() / shares.sum()),
        held_out=held_out.scores,
        n_held_out=held_out.n_customers,
        trained_on=work.dataset.fingerprint,
        identities=fingerprint_members(work.dataset, work.known.rows),
        fields=form_fields(work.dataset, work.known.rows, pipeline["prepare"]),
    )

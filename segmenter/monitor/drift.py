"""Whether a saved model is still true of a new file: columns, shares of segments, customers who fit none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from segmenter.config import MAX_CATEGORIES, SMALL_GROUP
from segmenter.display import percent_text, shown
from segmenter.errors.forming import InvalidSettingError
from segmenter.measures.association import holm, wilson
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.recipe.recipe import DateUse, Role
from segmenter.segment.assign import MOSTLY_UNSEEN, Assignment, as_model_reads, unread_cells, written_cells
from segmenter.segment.quality import (
    ColumnProfile,
    SegmentExtent,
    TrainingProfile,
    bin_counts,
    score_segments,
    share_that_counts,
)
from segmenter.segment.segmentation import FITS_NONE, UNASSIGNED, Segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import BoolArray, FloatArray, IntArray

# Differences that chance alone makes in less than 1 % of files, everything looked at together.
ALPHA: Final = 0.01
# Columns, shares of segments, customers who fit none: each may be wrong in a third of these files (Bonferroni).
_N_QUESTIONS: Final = 3
# Pearson's test and that of ranks.
_N_TESTS: Final = 2
# The usual borders of the population stability index (Siddiqi 2006), applied to what exceeds chance.
SHIFTED: Final = 0.10
STRONGLY_SHIFTED: Final = 0.25
# More than so many customers fit no segment, surely: the segments no longer cover the customers.
MOST_UNFIT: Final = 0.05
CONFIDENCE: Final = 0.95
# Among so many customers, growth of one column by 1.3 is seen in about half of all files; among fewer, less often.
FEWEST: Final = 20
# Of fewer customers, then or now, it is said what so many can show.
MANY: Final = 2_000
# A change is said to show where it does four times in five (Cohen 1988).
POWER: Final = 0.8


class Drift(StrEnum):
    """How far a column's values have moved."""

    NONE = "none"
    SLIGHT = "slight"
    CLEAR = "clear"
    STRONG = "strong"


class Advice(StrEnum):
    """What to do with a model next month."""

    KEEP = "still true"
    LOOK = "look at these"
    REFIT = "form anew"


@dataclass(frozen=True)
class ColumnDrift:
    """How one column differs from the customers of the fit.

    Attributes
    ----------
    psi
        Population stability index: Σ (new share − old share) · ln(new share / old share) over the bins.
    psi_by_chance
        What it is on average where nothing has changed: (bins − 1) · (1/N + 1/M) (Yurdakul 2018).
    ks
        Largest difference of the two cumulative shares at the bins' borders (Kolmogorov-Smirnov), 0-1; None for
        categories.
    p_value
        Of the tests that both files come from one population, Pearson's χ² and, for numbers, Mann and Whitney's;
        corrected for the number of columns (Holm) and for all else that is looked at.
    new_values
        Share of the customers whose value the model does not know, and that share when the model was made; such as
        values that fewer than ten customers had, and cells that cannot be read as numbers.
    missing
        Share without a value now, and when the model was made.
    example
        The commonest value that the model does not know; empty where there is none.
    typical
        Median, or most frequent value, now and when the model was made; None where there is none.
    shares
        Share of the customers in each bin, now and when the model was made: tenths of the customers of then, or the
        values of a category, "(other)" last; missing values are not among them.
    edges
        Borders between those bins, ascending, in the column's own units; empty for categories.
    """

    column: str
    psi: float
    psi_by_chance: float
    ks: float | None
    p_value: float
    new_values: tuple[float, float]
    missing: tuple[float, float]
    typical: tuple[float | str | None, float | str | None] = (None, None)
    shares: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    example: str = ""
    edges: tuple[float, ...] = ()

    @property
    def level(self) -> Drift:
        """How far the values have moved, beyond what chance does."""
        if self.p_value >= ALPHA:
            return Drift.NONE
        excess = self.psi - self.psi_by_chance
        if excess >= STRONGLY_SHIFTED:
            return Drift.STRONG
        return Drift.CLEAR if excess >= SHIFTED else Drift.SLIGHT


@dataclass(frozen=True)
class SegmentShift:
    """How the share of one segment has changed.

    Attributes
    ----------
    segment
        From 0, as in the labels.
    before, now
        Shares of all customers of the file, also those in no segment, 0-1.
    low, high
        95 % interval of the share now (Wilson).
    p_value
        Of the test that the two shares are equal, corrected for the number of segments (Holm) and for all else that is
        looked at.
    """

    segment: int
    name: str
    before: float
    now: float
    low: float
    high: float
    p_value: float

    @property
    def changed(self) -> bool:
        """Whether chance hardly makes such a difference."""
        return self.p_value < ALPHA


@dataclass(frozen=True)
class Sensitivity:
    """The smallest changes that so many customers show four times in five.

    Attributes
    ----------
    n_before, n_now
        Customers compared.
    segment
        The largest one's name, its share then, and to what it must grow; None where no growth is large enough.
    column
        The first column of numbers, what is typical of it, and what must be; None where there is none, or no shift is
        large enough.
    unfit
        The share who must fit no segment.
    """

    n_before: int
    n_now: int
    segment: tuple[str, float, float] | None
    column: tuple[str, float, float] | None
    unfit: float

    @property
    def sentence(self) -> str:
        """What so many customers can show."""
        few = min(self.n_before, self.n_now)
        found = [f"{percent_text(self.unfit)} of the customers fit no segment"]
        if self.column is not None:
            name, before, now = self.column
            found.insert(0, f"{name} is typically {shown(now)} instead of {shown(before)}")
        if self.segment is not None:
            name, share, grown = self.segment
            found.insert(0, f"{name} grows from {percent_text(share)} to {percent_text(grown)}")
        *others, last = found
        said = f"{', '.join(others)} or {last}" if others else last
        return (
            f"With {few:,} customers, then or now, a change is seen four times in five where it is as large as this: "
            f"{said}. Smaller ones may go unseen."
        )


@dataclass(frozen=True, eq=False)
class ModelCheck:
    """Whether a model is still true of a file's customers.

    Attributes
    ----------
    fits_none
        Which customers are farther from their segment's centre than 99 of 100 were when it was formed, shape
        (n_customers,).
    unfit, unfit_by_chance
        Share of the placed customers who are, and the share that chance alone would make so.
    unfit_interval
        95 % interval of that share (Wilson).
    advice, reasons
        What to do, and why, the weightiest reason first; empty where the model is still true.
    same_file
        Whether these are the very customers that the segments were formed from.
    in_none
        Share of all customers who are in no segment, when the model was made and now.
    sizes, beyond
        Customers whom the model puts in each segment, and those of them who lie beyond its reach, shape (n_segments,).
    n_customers
        All customers of the file.
    sensitivity
        What so few customers can show; None of many.
    """

    columns: tuple[ColumnDrift, ...]
    segments: tuple[SegmentShift, ...]
    fits_none: BoolArray
    unfit: float
    unfit_by_chance: float
    unfit_interval: tuple[float, float]
    advice: Advice
    reasons: tuple[str, ...]
    same_file: bool = False
    in_none: tuple[float, float] = (0.0, 0.0)
    sizes: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    beyond: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    n_customers: int = 0
    sensitivity: Sensitivity | None = None

    @property
    def is_of_the_fit(self) -> bool:
        """Whether these are the customers whom the segments were formed from, wherever and in whatever order they are.

        Every bin of every column and every segment holds the share that it held then, to the last customer.
        """
        return all(each.psi == 0 for each in self.columns) and all(each.now == each.before for each in self.segments)

    @property
    def fit_sentence(self) -> str:
        """How many customers fit no segment, beside how many would by chance."""
        low, high = self.unfit_interval
        return (
            f"{percent_text(self.unfit, 1)} of the customers ({percent_text(low, 1)} to {percent_text(high, 1)}) fit "
            "no segment: they lie farther from its centre than 99 of 100 did when it was formed. By chance it would be "
            f"{percent_text(self.unfit_by_chance, 1)}."
        )

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        if self.same_file and self.advice is Advice.KEEP:
            return (
                "The segments are still true: these are the very customers that they were formed from, so nothing can "
                "have changed. Take a later file to see whether they hold."
            )
        if self.advice is Advice.KEEP and self.n_customers < FEWEST:
            few = "1 customer is" if self.n_customers == 1 else f"{self.n_customers:,} customers are"
            return f"Nothing speaks against the segments: {few} too few to tell whether they are still true."
        match self.advice:
            case Advice.KEEP:
                return "The segments are still true: these customers are like those that they were formed from."
            case Advice.LOOK:
                return f"The segments can be used, but look at this first: {self.reasons[0]}"
            case Advice.REFIT:
                return f"Form the segments anew: {self.reasons[0]}"


def check_model(dataset: Dataset, assignment: Assignment) -> ModelCheck:
    """Compare a file's dataset with those that a model was made from.

    Parameters
    ----------
    dataset
        The customers of the new file.
    assignment
        Where `assign_segments` placed them.

    Raises
    ------
    InvalidSettingError
        If the model was saved before models remembered their dataset, or nobody could be placed.
    """
    model = assignment.segmentation
    profile = checked_profile(model)
    same_file = dataset.fingerprint == model.trained_on
    fitted = {column.column: column for column in model.preparation.columns_}
    names = {name: assignment.matched.get(name, name) for name in fitted}
    dataset = as_model_reads(dataset, model, assignment.matched)
    frame = pd.DataFrame({ours: dataset.frame[theirs] for ours, theirs in names.items()})
    nearest = assignment.nearest or (model.labels, assignment.distance)
    labels, distance = nearest[0].to_numpy(), nearest[1].to_numpy()
    placed = labels != UNASSIGNED
    far = _beyond(profile.segments, labels, distance)
    # Who lacks a value, or has one that cannot be used, is not judged.
    outside = ~placed & (assignment.reasons == FITS_NONE).to_numpy()
    counts = FileCounts(
        {
            each.column: bin_counts(fitted[each.column], frame[each.column], each.edges, each.categories)
            for each in profile.columns
        },
        {each.column: median_of(fitted[each.column], frame[each.column]) for each in profile.columns},
        np.bincount(labels[placed], minlength=model.n_segments),
        np.bincount(labels[far], minlength=model.n_segments),
        int(outside.sum()),
        strange_values(model, dataset, names),
    )
    found = check_counts(model, counts, assignment.matched, assignment.questions)
    found = replace(
        found, fits_none=far | outside, same_file=same_file, sensitivity=None if same_file else found.sensitivity
    )
    return found if assignment.nearest is None else without_unfit(model, found)


@dataclass(frozen=True)
class StrangeValues:
    """What a model does not know of a column.

    Attributes
    ----------
    count, n_customers
        Customers who have such a value, of how many.
    example, n_example
        The commonest, and how many have it.
    n_distinct
        Number of different values of a column of categories, known ones too; 0 for others.
    """

    count: int
    n_customers: int
    example: str
    n_example: int
    n_distinct: int


@dataclass(frozen=True, eq=False)
class FileCounts:
    """What is counted of a file's customers, wherever they live.

    Attributes
    ----------
    bins
        Column → customers in each bin of the model's profile, those without a value last.
    middles
        Column → median of its numbers; None where there is none.
    sizes
        Customers of each segment, shape (n_segments,).
    beyond
        Customers of each segment that lie beyond its reach, shape (n_segments,).
    outside
        Customers whose values can all be used, and who are in no segment.
    strange
        Column → what the model does not know of it; there may be none. Of a sample, where the customers are many.
    """

    bins: Mapping[str, IntArray]
    middles: Mapping[str, float | None]
    sizes: IntArray
    beyond: IntArray
    outside: int
    strange: Mapping[str, StrangeValues] = field(default_factory=dict)


def check_counts(
    model: Segmentation, counts: FileCounts, matched: Mapping[str, str], questions: Sequence[Note]
) -> ModelCheck:
    """Compare what was counted of a file with the customers that a model was made from; see `check_model`.

    Parameters
    ----------
    model
        The model.
    counts
        What was counted.
    matched
        Model column → file column, where the names are not equal.
    questions
        What is to be confirmed about the file before anything else.

    Raises
    ------
    InvalidSettingError
        As for `check_model`. Nobody is named in `fits_none`.
    """
    profile = checked_profile(model)
    n_placed = int(counts.sizes.sum())
    if not n_placed:
        message = "None of these customers could be placed, so there is nothing to compare."
        raise InvalidSettingError(message)
    fitted = {column.column: column for column in model.preparation.columns_}
    columns = _columns(fitted, profile.columns, counts)
    # Every customer is in one bin of a column, those without a value too.
    n_customers = max(int(next(iter(counts.bins.values())).sum()), n_placed)
    counts_as = share_that_counts(model.clusterer, profile, model.n_trained)
    segments, in_none = _segments(profile, model.names, counts.sizes, n_customers, counts_as)
    n_judged, like_none = n_placed + counts.outside, int(counts.beyond.sum()) + counts.outside
    unfit = like_none / n_judged
    shares = counts.sizes / n_placed
    n_formed = sum(extent.size_without for extent in profile.segments)
    # Customers who were in no segment when the model was made; a sample of a larger table does not tell.
    n_all = profile.columns[0].n_customers
    outside = (model.n_trained - n_formed) / model.n_trained if n_formed < model.n_trained <= n_all else 0.0
    beyond = float((shares * np.array([extent.beyond for extent in profile.segments])).sum())
    expected = outside + (1 - outside) * beyond
    interval = wilson(like_none, n_judged)
    fit = _Fit(like_none, n_judged, expected, max(round(n_formed * counts_as), 1))
    advice, reasons = _advice(matched, questions, columns, segments, fit)
    nobody = np.zeros(0, dtype=bool)
    return ModelCheck(
        columns, segments, nobody, unfit, expected, interval, advice, reasons,
        in_none=in_none, sizes=counts.sizes, beyond=counts.beyond, n_customers=n_customers,
        sensitivity=_sensitivity(fitted, profile, segments, fit, n_customers, counts_as),
    )  # fmt: skip


def without_unfit(model: Segmentation, check: ModelCheck) -> ModelCheck:
    """Return a check that counts those who fit no segment in none, as `leave_out_unfit` places them.

    What is said of shares then agrees with the lists, the cards and the files of these customers.

    Parameters
    ----------
    model
        The model.
    check
        What `check_model` found where all were placed in the nearest segment.
    """
    profile = checked_profile(model)
    segments, in_none = _segments(
        profile, model.names, check.sizes - check.beyond, check.n_customers,
        share_that_counts(model.clusterer, profile, model.n_trained), leaves_out=True,
    )  # fmt: skip
    said = set(_shifted(check.segments))
    reasons = (*(reason for reason in check.reasons if reason not in said), *_shifted(segments))
    advice = check.advice
    if advice is not Advice.REFIT:
        advice = Advice.LOOK if reasons else Advice.KEEP
    return replace(check, segments=segments, in_none=in_none, advice=advice, reasons=reasons)


def checked_profile(model: Segmentation) -> TrainingProfile:
    """Return what a model remembers of its customers.

    Raises
    ------
    InvalidSettingError
        If it was saved before models remembered them.
    """
    if model.profile is None:
        message = (
            "This model was saved by an earlier version, which did not keep what the comparison needs. Form the "
            "segments again, or place the customers without the comparison."
        )
        raise InvalidSettingError(message)
    return model.profile


def leave_out_unfit(dataset: Dataset, assignment: Assignment, check: ModelCheck) -> Assignment:
    """Return the same assignment without those who fit no segment: they stand in none, with the reason.

    The customers whom the segments were formed from stay where they are: a segment is what its own customers are.

    Parameters
    ----------
    dataset, assignment
        What was checked.
    check
        What `check_model` found.
    """
    model = assignment.segmentation
    out = check.fits_none & (model.labels != UNASSIGNED).to_numpy()
    if not out.any() or dataset.fingerprint == model.trained_on or check.is_of_the_fit:
        return assignment
    labels = model.labels.mask(out, UNASSIGNED)
    placed = (labels != UNASSIGNED).to_numpy()
    names = {each.column: assignment.matched.get(each.column, each.column) for each in model.preparation.columns_}
    dataset = as_model_reads(dataset, model, assignment.matched)
    frame = pd.DataFrame({ours: dataset.frame.loc[placed, theirs] for ours, theirs in names.items()})
    quality = score_segments(model.preparation.transform(frame), labels[placed].to_numpy()) if placed.any() else None
    return replace(
        assignment,
        segmentation=replace(model, labels=labels, quality=quality),
        distance=assignment.distance.mask(out),
        reasons=assignment.reasons.mask(out, FITS_NONE),
        nearest=(model.labels, assignment.distance),
    )


def strange_values(model: Segmentation, dataset: Dataset, names: Mapping[str, str]) -> dict[str, StrangeValues]:
    """Return which values of a file a model does not know, by column; columns without any are left out.

    Parameters
    ----------
    model
        The model.
    dataset
        The customers, as the model reads them.
    names
        Model column → file column.
    """
    known = {each.column: each.categories for each in checked_profile(model).columns}
    found = {}
    for column in model.preparation.columns_:
        ours = {column.column: names[column.column]}
        frame, written = (
            pd.DataFrame({column.column: dataset.frame[names[column.column]]}),
            written_cells(dataset, ours),
        )
        if isinstance(column, CategoryColumn):
            cells = column.words(frame[column.column])
            strange, n_distinct = (cells.notna() & ~cells.isin(known[column.column][:-1])).to_numpy(), cells.nunique()
        else:
            cells, n_distinct = written[column.column], 0
            strange = unread_cells(column, frame, written)
        if strange.any():
            # The texts of those alone: of a million customers they cost more than the whole comparison.
            texts = cells[strange].astype("str").str.strip()
            counts = texts.value_counts().sort_index().sort_values(ascending=False, kind="stable")
            found[column.column] = StrangeValues(
                int(strange.sum()), len(cells), str(counts.index[0]), int(counts.iloc[0]), int(n_distinct)
            )
    return found


def population_stability(before: IntArray, now: IntArray) -> tuple[float, float]:
    """Return the population stability index of two sets of counts per bin, and its mean where nothing has changed.

    Half a customer is added to every bin, so that an empty one does not make it infinite.
    """
    used = (before + now) > 0
    old, new = before[used] + 0.5, now[used] + 0.5
    old, new = old / old.sum(), new / new.sum()
    psi = float(((new - old) * np.log(new / old)).sum())
    chance = (int(used.sum()) - 1) * (1 / max(before.sum(), 1) + 1 / max(now.sum(), 1))
    return psi, float(chance)


def _columns(
    fitted: Mapping[str, FittedColumn], profiles: Sequence[ColumnProfile], counts: FileCounts
) -> tuple[ColumnDrift, ...]:
    found = []
    for before in profiles:
        name = before.column
        now = counts.bins[name]
        old = np.array(before.counts, dtype=np.intp)
        psi, chance = population_stability(old, now)
        is_category = isinstance(fitted[name], CategoryColumn)
        shares = old / max(old.sum(), 1), now / max(now.sum(), 1)
        # The cumulative shares of those with a value, at each border.
        known = old[:-1] / max(old[:-1].sum(), 1), now[:-1] / max(now[:-1].sum(), 1)
        ks = None if is_category else float(np.abs(np.cumsum(known[0]) - np.cumsum(known[1])).max(initial=0.0))
        new_values = (float(shares[1][-2]), float(shares[0][-2])) if is_category else (0.0, 0.0)
        missing = (float(shares[1][-1]), float(shares[0][-1]))
        strange = counts.strange.get(name)
        if strange is not None and not is_category:
            # They are among those without a value.
            new_values = (min(strange.count / strange.n_customers, missing[0]), 0.0)
            missing = (missing[0] - new_values[0], missing[1])
        tests = [_chi_square(old, now)]
        if isinstance(fitted[name], NumberColumn):
            # Pearson's test sees any change, that of ranks half so large a shift.
            tests.append(_rank_test(old[:-1], now[:-1]))
            most = int(old[:-1].argmax())
            if 2 * old[most] > old[:-1].sum():
                # Ranks of all say little of those who are not among the many with the same value.
                tests.append(_rank_test(np.delete(old[:-1], most), np.delete(now[:-1], most)))
        elif is_category:
            tests += _tests_of_others(old, now, strange)
        # The best of several counts as often.
        p_value = min(len(tests) * min(tests), 1.0)
        column = ColumnDrift(
            name, psi, chance, ks, p_value, new_values, missing,
            _typical(fitted[name], before, now, counts.middles[name]),
            (tuple(known[1].tolist()), tuple(known[0].tolist())), "" if strange is None else strange.example,
            before.edges,
        )  # fmt: skip
        found.append(column)
    corrected = _corrected([each.p_value for each in found])
    return tuple(replace(each, p_value=float(p_value)) for each, p_value in zip(found, corrected, strict=True))


def _corrected(p_values: Sequence[float]) -> FloatArray:
    return np.minimum(_N_QUESTIONS * holm(np.array(p_values)), 1.0)


def median_of(column: FittedColumn, values: pd.Series) -> float | None:
    """Return the median of a column as a model reads it; None where it is no number column, or has none."""
    if not isinstance(column, NumberColumn):
        return None
    numbers = column.numbers(values)
    numbers = numbers[~np.isnan(numbers)]
    return float(np.median(numbers)) if len(numbers) else None


def _typical(
    column: FittedColumn, before: ColumnProfile, now: IntArray, middle: float | None
) -> tuple[float | str | None, float | str | None]:
    """Return the median, or most frequent value, of now and of then."""
    if isinstance(column, CategoryColumn):
        then, here = (np.asarray(counts[:-1]) for counts in (before.counts, now))
        return _commonest(before.categories, here), _commonest(before.categories, then)
    if isinstance(column, CycleColumn):
        return None, None
    if column.role is Role.DATE and column.date_use is DateUse.DAYS:
        # A day says more than how long before another one it was.
        days = [None if each is None else _day(column.latest, each) for each in (middle, column.typical)]
        return days[0], days[1]
    if not column.levels:
        return middle, column.typical
    steps = [None if each is None else column.levels[round(each)] for each in (middle, column.typical)]
    return steps[0], steps[1]


def _day(latest: str, days_before: float) -> str:
    return (pd.Timestamp(latest) - pd.Timedelta(days=days_before)).date().isoformat()


def _commonest(categories: tuple[str, ...], counts: IntArray) -> str | None:
    """Return the commonest value that has a name, if any."""
    if not counts[:-1].sum():
        return categories[-1] if counts.sum() else None
    return categories[int(counts[:-1].argmax())]


def _chi_square(before: IntArray, now: IntArray) -> float:
    """Return the probability of so different counts where both come from one population.

    Rare bins are pooled until five are expected in each file, as the approximation wants (Cochran 1954).
    """
    order = np.argsort(before + now, kind="stable")
    old, new = before[order].astype(float), now[order].astype(float)
    share = min(old.sum(), new.sum()) / max(old.sum() + new.sum(), 1)
    pooled: list[list[float]] = []
    waiting = [0.0, 0.0]
    for count_before, count_now in zip(old, new, strict=True):
        waiting = [waiting[0] + count_before, waiting[1] + count_now]
        if sum(waiting) * share >= 5:
            pooled.append(waiting)
            waiting = [0.0, 0.0]
    if pooled and sum(waiting):
        pooled[-1] = [pooled[-1][0] + waiting[0], pooled[-1][1] + waiting[1]]
    if len(pooled) < 2:
        return 1.0
    return float(stats.chi2_contingency(np.array(pooled).T, correction=False).pvalue)


def _rank_test(before: IntArray, now: IntArray) -> float:
    """Return the probability of so different ranks where both come from one population (Mann & Whitney 1947).

    Values of one bin are ties; many customers are taken for granted.
    """
    both = (before + now).astype(float)
    n_before, n_now, n = float(before.sum()), float(now.sum()), float(both.sum())
    if not n_before or not n_now:
        return 1.0
    ranks = np.cumsum(both) - (both - 1) / 2
    mean = (n + 1) / 2
    variance = n_before * n_now / (n * max(n - 1, 1)) * float((both * (ranks - mean) ** 2).sum())
    if not variance:
        return 1.0
    return float(2 * stats.norm.sf(abs(float((now * (ranks - mean)).sum())) / np.sqrt(variance)))


def _segments(
    profile: TrainingProfile,
    names: tuple[str, ...],
    counts: IntArray,
    n_now: int,
    counts_as: float,
    *,
    leaves_out: bool = False,
) -> tuple[tuple[SegmentShift, ...], tuple[float, float]]:
    """Return each segment's share of all customers then and now, and the share of those in none then and now.

    Those of then tell as much as this share of them would (`counts_as`).
    """
    sizes = np.array([extent.size for extent in profile.segments])
    n_before = max(profile.columns[0].n_customers, int(sizes.sum()))
    # Who formed a segment stays in it, however far out; of new ones so many are left out by chance.
    kept = np.array([1 - extent.beyond if leaves_out else 1.0 for extent in profile.segments])
    without = np.array([extent.size_without for extent in profile.segments])
    # Those who formed a segment may come again, or others in their place: no share between these is a change.
    least, most = (np.rint(each(sizes, without) * kept).astype(int) for each in (np.minimum, np.maximum))
    raw = [
        1.0
        if low * n_now <= count * n_before <= high * n_now
        else max(
            _equal_shares(round(size * counts_as), round(n_before * counts_as), int(count), n_now)
            for size in (low, high)
        )
        for low, high, count in zip(least, most, counts, strict=True)
    ]
    shifts = tuple(
        SegmentShift(
            segment, names[segment], sizes[segment] / n_before, counts[segment] / n_now,
            *wilson(int(counts[segment]), n_now), float(p_value),
        )
        for segment, p_value in enumerate(_corrected(raw))
    )  # fmt: skip
    return shifts, (int(n_before - sizes.sum()) / n_before, int(n_now - counts.sum()) / n_now)


def _shifted(segments: Sequence[SegmentShift]) -> list[str]:
    return [
        f"{shift.name} holds {percent_text(shift.now)} of the customers; it held {percent_text(shift.before)}."
        for shift in segments
        if shift.changed
    ]


def _tests_of_others(old: IntArray, now: IntArray, strange: StrangeValues | None) -> list[float]:
    """Return how often chance makes so many customers of values that the model does not know, all and the commonest.

    No value that is not known had a small group of customers when the model was made: as many as that had it, at worst.
    """
    tests = [_equal_shares(int(old[-2]), int(old.sum()), int(now[-2]), int(now.sum()))]
    if strange is None:
        return [*tests, 1.0]
    most = min(int(old[-2]), SMALL_GROUP - 1)
    if len(old) - 2 >= MAX_CATEGORIES:
        # The list was full: others may have been as common as the last one on it.
        most = max(most, int(old[:-2].min()))
    n_before, rest = int(old.sum()), strange.n_customers - strange.n_example
    table = np.array([[strange.n_example, rest], [most, n_before - most]])
    p_value = float(stats.fisher_exact(table, alternative="greater").pvalue)
    return [*tests, min(strange.n_distinct * p_value, 1.0)]


def _equal_shares(count_before: int, n_before: int, count_now: int, n_now: int) -> float:
    table = np.array([[count_before, n_before - count_before], [count_now, n_now - count_now]])
    if (table.sum(axis=0) == 0).any():
        return 1.0
    if table.min() < 5:
        return float(stats.fisher_exact(table).pvalue)
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _beyond(extents: tuple[SegmentExtent, ...], labels: IntArray, distances: FloatArray) -> BoolArray:
    reach = np.array([extent.reach for extent in extents])
    placed = labels != UNASSIGNED
    beyond = np.zeros(len(labels), dtype=bool)
    beyond[placed] = distances[placed] > reach[labels[placed]]
    return beyond


@dataclass(frozen=True)
class _Fit:
    """How many customers fit no segment, of how many, and the share of them that chance would make.

    As many as `n_formed` independent customers formed the segments, and with them the distance beyond which somebody
    fits none.
    """

    count: int
    n_customers: int
    expected: float
    n_formed: int

    @property
    def p_value(self) -> float:
        """How often chance makes so many, corrected for all else that is looked at.

        A percentile of n customers is passed by a share of new ones that varies as a beta distribution with n + 1
        customers behind it, so that their number is beta-binomial and not binomial.
        """
        return min(_N_QUESTIONS * float(self._by_chance.sf(self.count - 1)), 1.0)

    @property
    def seen(self) -> float:
        """The share that chance hardly makes, four times in five where as many fit none."""
        least = int(self._by_chance.isf(ALPHA / _N_QUESTIONS)) + 1
        # The share whose binomial distribution reaches that number with the usual power (Clopper & Pearson 1934).
        return float(stats.beta.ppf(POWER, least, max(self.n_customers - least + 1, 1)))

    @property
    def _by_chance(self) -> Any:  # noqa: ANN401 - SciPy has no public name for it
        a, b = self.expected * (self.n_formed + 1), (1 - self.expected) * (self.n_formed + 1)
        return stats.betabinom(self.n_customers, a, b)


def _sensitivity(
    fitted: Mapping[str, FittedColumn],
    profile: TrainingProfile,
    segments: Sequence[SegmentShift],
    fit: _Fit,
    n_now: int,
    counts_as: float,
) -> Sensitivity | None:
    """Return what so many customers of then and now can show, in numbers that a user knows; None of many."""
    n_before = profile.columns[0].n_customers
    if not FEWEST <= min(n_before, n_now) < MANY:
        return None
    largest = max(segments, key=lambda each: each.before)
    grown = _share_seen(largest.before, n_before * counts_as, n_now, ALPHA / _N_QUESTIONS / len(segments))
    limits = [(each, fitted[each.column], ALPHA / _N_QUESTIONS / len(profile.columns)) for each in profile.columns]
    numbers = (_shift_seen(each, column, n_before, n_now, alpha) for each, column, alpha in limits)
    return Sensitivity(
        n_before, n_now, None if grown is None else (largest.name, largest.before, grown),
        next((each for each in numbers if each is not None), None), fit.seen,
    )  # fmt: skip


def _share_seen(share: float, n_before: float, n_now: int, alpha: float) -> float | None:
    """Return the share that differs so much from another one that a test of both finds it with the usual power."""
    shares = np.linspace(share, 1.0, 1001)[1:]
    both = (share * n_before + shares * n_now) / (n_before + n_now)
    sampled = np.sqrt(share * (1 - share) / n_before + shares * (1 - shares) / n_now)
    by_chance = np.sqrt(both * (1 - both) * (1 / n_before + 1 / n_now))
    seen = shares - share >= stats.norm.isf(alpha / 2) * by_chance + stats.norm.ppf(POWER) * sampled
    return float(shares[seen.argmax()]) if seen.any() else None


def _shift_seen(
    before: ColumnProfile, column: FittedColumn, n_before: int, n_now: int, alpha: float
) -> tuple[str, float, float] | None:
    """Return a column's name, its median and the median that a test of ranks finds with the usual power.

    The share of pairs in which the later customer has more must exceed a half by the quantiles of the normal
    distribution times the statistic's standard deviation (Noether 1987); a shift of a normal distribution that does
    brings its middle to where so many customers were below it.
    """
    counts = np.array(before.counts[:-1], dtype=float)
    if not isinstance(column, NumberColumn) or column.levels or column.role is Role.DATE or not before.edges:
        return None
    if column.typical is None or 2 * counts.max() > counts.sum():
        return None
    quantiles = stats.norm.isf(alpha / 2 / _N_TESTS) + stats.norm.ppf(POWER)
    more = 0.5 + quantiles * np.sqrt((n_before + n_now + 1) / (12 * n_before * n_now))
    if more >= 1:
        return None
    below = stats.norm.cdf(np.sqrt(2) * stats.norm.ppf(more))
    reached = np.cumsum(counts[:-1]) / counts.sum()
    if not reached[0] <= below <= reached[-1]:
        return None
    middle = float(np.interp(below, reached, before.edges))
    return (before.column, column.typical, middle) if middle > column.typical else None


def _advice(
    matched: Mapping[str, str],
    questions: Sequence[Note],
    columns: tuple[ColumnDrift, ...],
    segments: tuple[SegmentShift, ...],
    fit: _Fit,
) -> tuple[Advice, tuple[str, ...]]:
    """Return what to do and why; reasons to form the segments anew come first."""
    unfit, expected = fit.count / fit.n_customers, fit.expected
    low, _ = wilson(fit.count, fit.n_customers)
    anew: list[str] = []
    look: list[str] = []
    for text, mendable in _asked(matched, questions, columns):
        (look if mendable else anew).append(text)
    for column in sorted(columns, key=lambda each: each.psi_by_chance - each.psi):
        text = f"{column.column} has moved ({_moved(column)})."
        if column.level is Drift.STRONG:
            anew.append(text)
        elif column.level is not Drift.NONE:
            look.append(text)
    if low > max(MOST_UNFIT, 2 * expected):
        anew.append(f"{percent_text(unfit)} of the customers fit no segment; {percent_text(expected)} would by chance.")
    elif fit.p_value < ALPHA:
        look.append(
            f"{percent_text(unfit, 1)} of the customers fit no segment; {percent_text(expected, 1)} would by chance."
        )
    look += _shifted(segments)
    if anew:
        return Advice.REFIT, (*anew, *look)
    return (Advice.LOOK, tuple(look)) if look else (Advice.KEEP, ())


def _asked(
    matched: Mapping[str, str], questions: Sequence[Note], columns: Sequence[ColumnDrift]
) -> Iterator[tuple[str, bool]]:
    """Yield what is asked about the model's columns, and whether that is mended in the file, not by other segments.

    A customer who comes twice is a fault of the file alone, and is asked about before anybody is placed.
    """
    drift = {matched.get(each.column, each.column): each for each in columns} | {c.column: c for c in columns}
    for question in questions:
        if (about := drift.get(question.column or "")) is not None:
            # So are a few cells that are spelled otherwise.
            yield question.text, 0 < about.new_values[0] <= MOSTLY_UNSEEN


def _moved(column: ColumnDrift) -> str:
    now, before = column.new_values
    if now - before >= 0.01:
        such = f", such as {column.example}" if column.example else ""
        share, had = percent_text(now), percent_text(before)
        return f"{share} of the customers have values that the model does not list{such}; {had} had"
    now, before = column.missing
    if abs(now - before) >= 0.05:
        return f"{percent_text(now)} of the values are missing, {percent_text(before)} were"
    words = [each if each is None else shown(each) for each in column.typical]
    if None in words or words[0] == words[1]:
        return "its values are spread differently, by more than chance explains"
    return f"typically {words[0]}, it was {words[1]}"

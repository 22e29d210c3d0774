"""What this visitor has done so far: the session and its parts. The only file that touches Streamlit's session."""

import contextlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar, cast

import pandas as pd
import streamlit as st

from segmenter.activate.audience import Audiences
from segmenter.activate.offers import Cohorts, Offers
from segmenter.activate.permission import SuppressionList
from segmenter.activate.render import Template
from segmenter.activate.rfm import Rfm
from segmenter.activate.value import CustomerValue
from segmenter.choose.evidence import FurtherEvidence, Sensitivity
from segmenter.choose.k import KSelection
from segmenter.choose.methods import BASELINE, MethodChoice, MethodComparison
from segmenter.classification.columns import Answer, LeakFlag
from segmenter.classification.model import Learned, SegmentModel
from segmenter.classification.predict import Classified, CustomerPrediction
from segmenter.classification.recipe import LearningRecipe
from segmenter.engines.segmenting import AllCustomers, EngineSample
from segmenter.errors.base import SegmenterError
from segmenter.explain.cards import SegmentCard
from segmenter.explain.within import WithinGroups
from segmenter.io.model.work import Work
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import ReadCells
from segmenter.measures.tendency import Tendency
from segmenter.monitor.drift import ModelCheck
from segmenter.monitor.movement import Movement
from segmenter.monitor.refit import Succession
from segmenter.prepare.diagnostics import ColumnDiagnostics, column_diagnostics
from segmenter.prepare.formulas import add_column, formulas_used, with_formulas, without_column
from segmenter.prepare.suggest import can_segment, kept_features, suggest_features, unused, used
from segmenter.purchases.customers import CustomerTable, customers_behind
from segmenter.purchases.recognition import recognise_purchases
from segmenter.recipe.recipe import Edit, FeatureSpec, Recipe, Reduction, Scaling, SettingPairs
from segmenter.segment.assign import assign_segments
from segmenter.segment.edits import EditPrice
from segmenter.segment.embed import CustomerMap
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import ColumnKind, Dataset, Note
from segmenter.table.repeats import Repeated, find_repeated_customers, one_row_each
from segmenter.table.spellings import join_spellings
from segmenter.ui.jobs import Job
from segmenter.ui.uploads import VISITORS, forget_uploads, look_after

T = TypeVar("T")


@dataclass
class Memo(Generic[T]):
    """A value and the basis that it was computed from: what rests on another basis is not handed out.

    Attributes
    ----------
    latest
        The value, whatever it rests on; None until there is one.
    basis
        What it was computed from; compared by equality.
    """

    latest: T | None = None
    basis: object | None = None

    def on(self, basis: object | None) -> T | None:
        """Return the value, unless it rests on another basis."""
        return self.latest if self.basis == basis else None

    def keep(self, value: T, basis: object | None) -> None:
        """Keep a value in place of the one before."""
        self.latest, self.basis = value, basis

    def forget(self) -> None:
        """Hold nothing."""
        self.latest = self.basis = None


@dataclass(frozen=True, eq=False)
class Identity:
    """An object as a basis: equal to itself alone, and alive as long as something rests on it."""

    thing: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


@dataclass(frozen=True, eq=False)
class Rows:
    """A file's own rows, and how they were read."""

    dataset: Dataset
    options: ReadOptions
    kinds: dict[str, ColumnKind]
    cells: ReadCells | CustomerTable | EngineSample | None


@dataclass
class FileToPlace:
    """Customers that are placed in segments and never form any; kept apart from the visitor's own.

    Attributes
    ----------
    cells
        What the customers were made of, where they were made of lines of purchases or are a sample of an engine's.
    rows
        Those lines.
    """

    dataset: Dataset
    cells: CustomerTable | EngineSample | None = None
    rows: Rows | None = None

    def turn(self, table: CustomerTable) -> None:
        """Place the customers behind the lines of purchases, which are kept for the way back."""
        self.rows = self.rows or Rows(self.dataset, ReadOptions(), {}, None)
        self.dataset, self.cells = table.understood(), table

    def turn_back(self) -> None:
        """Place the lines of purchases themselves."""
        if self.rows is not None:
            self.dataset, self.cells, self.rows = self.rows.dataset, None, None


@dataclass(frozen=True)
class TargetCheck:
    """Whether what is to be learnt can be learnt.

    Attributes
    ----------
    of
        What was looked at, so that a changed choice is noticed.
    counts
        (class, customers) in the classes' order.
    leaks
        The columns that give the answer away.
    problem
        Why it cannot be learnt, as Markdown; empty where it can.
    repeats
        How many rows are one customer's, or copies.
    """

    of: object
    counts: tuple[tuple[str, int], ...] = ()
    n_unlabelled: int = 0
    leaks: tuple[LeakFlag, ...] = ()
    problem: str = ""
    repeats: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Built:
    """A download that is ready.

    Attributes
    ----------
    marked
        How many of its texts had to be changed to be safe or to fit; said beside it.
    """

    content: bytes
    marked: int = 0


@dataclass(frozen=True, eq=False)
class Placed:
    """A file's customers in known segments, with the first lines of the table to show."""

    classified: Classified
    preview: pd.DataFrame


@dataclass
class Placing:
    """What is placed with which classifier; it outlives the file that was learnt from.

    Attributes
    ----------
    learnt
        The classifier learnt in this session, saved or not.
    model, title
        The one in use, and its file or what else it was picked as.
    answers, answer
        The last customer of the form, and where it belongs.
    matches
        Column that the classifier knows → column of the file, where the visitor said so.
    placed
        The last file, by the classifier, file and columns that it was placed with.
    built
        Downloads of it.
    """

    learnt: SegmentModel | None = None
    model: SegmentModel | None = None
    title: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    answer: CustomerPrediction | None = None
    matches: dict[str, str] = field(default_factory=dict)
    placed: Memo[Placed] = field(default_factory=Memo)
    built: dict[str, Built] = field(default_factory=dict)

    def use(self, model: SegmentModel | None, title: str) -> None:
        """Place with another classifier from now on."""
        self.model, self.title = model, title
        self.answers, self.answer = {}, None
        self.matches = {}
        self.forget()

    def keep(self, placed: Placed, of: object) -> None:
        """Keep a placed file in place of the one before."""
        self.placed.keep(placed, of)
        self.built = {}

    def forget(self) -> None:
        """Hold no placed file."""
        self.placed.forget()
        self.built = {}


@dataclass
class Learning:
    """Everything about known segments; None until a step is done.

    Attributes
    ----------
    recipe
        Every decision, its features as they stand on the page.
    learned
        What was found, by the basis that it was started from.
    """

    recipe: LearningRecipe | None = None
    check: TargetCheck | None = None
    learned: Memo[Learned] = field(default_factory=Memo)
    placing: Placing = field(default_factory=Placing)

    def keep(self, learned: Learned, of: object) -> None:
        """Keep what was found, and place with it unless something else is picked."""
        self.learned.keep(learned, of)
        self.placing.learnt = learned.model
        self.placing.use(None, "")

    def for_another_file(self) -> "Learning":
        """Return what stays when other customers are loaded: the classifiers to place them with."""
        return Learning(placing=self.placing)


@dataclass(frozen=True, eq=False)
class MadeAudiences:
    """Lists for a platform, and the zip that holds them."""

    audiences: Audiences
    content: bytes


# Files given on the page Use that decide who is in a list, or what it looks like.
DECIDING: Final = ("suppressed", "earlier", "template", "before")


@dataclass
class Activation:
    """What the page Use holds: identifiers of people, so all of it is forgotten when the visitor leaves the page.

    Attributes
    ----------
    suppressed, earlier
        Lists of people to leave out, in the order in which they came.
    before
        Last time's customers with their segments.
    sheet, outcomes
        Who stood on which side of an earlier campaign, and what came back of it.
    made
        The lists, by every choice that they were made by.
    problem
        Why the last file could not be read, as Markdown.
    missing
        Kinds of files (of `DECIDING`) that were here and were forgotten: until they are given again, or the visitor
        says that they go on without them, no list is made that could hold others than before.
    """

    suppressed: tuple[SuppressionList, ...] = ()
    earlier: tuple[SuppressionList, ...] = ()
    template: Template | None = None
    before: Dataset | None = None
    sheet: Dataset | None = None
    outcomes: Dataset | None = None
    made: Memo[MadeAudiences] = field(default_factory=Memo)
    problem: str = ""
    missing: frozenset[str] = frozenset()

    @property
    def deciding(self) -> frozenset[str]:
        """Which kinds of files that decide what is in a list are here, or were and are missing."""
        return self.missing | {kind for kind in DECIDING if getattr(self, kind)}


@dataclass(frozen=True, eq=False)
class EditTried:
    """A change of the segments by hand that is not made yet: what it would give, and its price."""

    edit: Edit
    result: Result
    price: EditPrice


@dataclass
class Worth:
    """What the page on RFM and value has found, each by the purchases and segments that it rests on.

    Attributes
    ----------
    grid
        Customers on the grid as it was drawn last, by the customers.
    lines, visits, categories
        The purchases behind the customers: without and with lines that cost nothing, and by another column of products.
    """

    grid: Memo[Rfm] = field(default_factory=Memo)
    visits: Memo[pd.DataFrame] = field(default_factory=Memo)
    categories: Memo[pd.DataFrame] = field(default_factory=Memo)
    lines: Memo[pd.DataFrame] = field(default_factory=Memo)
    value: Memo[CustomerValue] = field(default_factory=Memo)
    offers: Memo[tuple[Offers | None, Offers]] = field(default_factory=Memo)
    cohorts: Memo[Cohorts] = field(default_factory=Memo)


@dataclass(frozen=True, eq=False)
class Refitted:
    """Segments formed anew, and what of the old ones they carry on."""

    result: Result
    succession: Succession


@dataclass(frozen=True, eq=False)
class Placement:
    """Customers where a model places them, and whether it is still true; None where the model cannot tell."""

    result: Result
    check: ModelCheck | None


@dataclass
class AtEngine:
    """What an engine does for customers whom it holds.

    Attributes
    ----------
    counted, written
        What it has counted of all customers, and the file that it has written, by the segments.
    """

    counted: Memo[AllCustomers] = field(default_factory=Memo)
    written: Memo[str] = field(default_factory=Memo)


@dataclass
class NextMonth:
    """The model, the customers that it places, and what the page Next month has found about both.

    Attributes
    ----------
    model, model_title, model_problem
        The model that is to be applied, what it was picked as, and why the last one that was picked is not.
    placing, placing_problem
        The file whose customers are to be placed; None while they are those that segments are formed of. And why
        the last one could not be read.
    placement
        Where that model places them and whether it is still true, by the model, the customers and the columns.
    applied
        The same as it is shown, by whether those who fit no segment are left out.
    leaves_out
        Whether those who fit no segment are left out of what is shown.
    engine
        What an engine has counted and written of these customers, where it holds them.
    engine_anew
        The same of the segments formed anew.
    earlier
        Last month's customers, as they were uploaded; None where those of the Data page stand for them, or nobody.
    earlier_in_engine
        Last month's customers where an engine holds them; None where none were picked.
    problem
        Why the last file of theirs could not be read, as Markdown.
    movement
        Who moved, by both months' segments and the columns that they were joined by.
    lists_written
        The file of who joined and who left that an engine has written.
    refitted
        The segments formed anew, by the model and everything chosen.
    """

    model: Segmentation | None = None
    model_title: str = ""
    model_problem: str = ""
    placing: FileToPlace | None = None
    placing_problem: str = ""
    placement: Memo[Placement] = field(default_factory=Memo)
    applied: Memo[Result] = field(default_factory=Memo)
    leaves_out: bool = False
    engine: AtEngine = field(default_factory=AtEngine)
    engine_anew: AtEngine = field(default_factory=AtEngine)
    earlier: Dataset | None = None
    earlier_in_engine: EngineSample | None = None
    problem: str = ""
    movement: Memo[Movement] = field(default_factory=Memo)
    lists_written: Memo[str] = field(default_factory=Memo)
    refitted: Memo[Refitted] = field(default_factory=Memo)

    def for_another_file(self) -> "NextMonth":
        """Return what stays when other customers are loaded: the model to place them with."""
        return NextMonth(
            self.model, self.model_title, self.model_problem, placement=self.placement, applied=self.applied
        )


@dataclass
class TableRead:
    """How the visitor's file was read, and what it can be read again from.

    Attributes
    ----------
    source
        The uploaded bytes, kept until the visitor leaves the Data page so that a switched separator can re-read
        them.
    kinds
        What the visitor says that columns are, in place of what they were taken for.
    cells
        The table as it was read, which can be understood another way without the file.
    rows
        The lines of purchases that the customers were made of; None when they are the file's own rows.
    repeated
        Which row counts where a customer stands in several, by the visitor's word; None while nothing was said.
    as_read
        The table with all of its rows, where customers stood in several of them.
    joined
        The columns in which other spellings count as what they are meant for.
    unjoined
        The table before any spelling was joined and any row chosen, for the way back.
    tables
        The tables of a database, by its name.
    uploads
        Counts uploads: a new number gives an empty upload field.
    problem
        Why the last file could not be read, as Markdown.
    """

    source: bytes = b""
    options: ReadOptions = field(default_factory=ReadOptions)
    kinds: dict[str, ColumnKind] = field(default_factory=dict)
    cells: ReadCells | CustomerTable | EngineSample | None = None
    rows: Rows | None = None
    repeated: Repeated | None = None
    as_read: Dataset | None = None
    joined: frozenset[str] = frozenset()
    unjoined: Dataset | None = None
    tables: Memo[tuple[str, ...]] = field(default_factory=Memo)
    uploads: int = 0
    problem: str = ""

    def possible_row(self, dataset: Dataset) -> Repeated | None:
        """Return the visitor's word on which row counts, unless another reading of the file has made it impossible."""
        found = find_repeated_customers(dataset)
        return self.repeated if found is None or self.repeated in found.choices else None


@dataclass
class Downloads:
    """Files that were built for the visitor, by the page and what they are.

    Attributes
    ----------
    marked
        How many texts each of them has to change.
    nonce
        Part of every download's name, so that no two visitors ever share one.
    """

    built: dict[str, Built] = field(default_factory=dict)
    marked: dict[str, int] = field(default_factory=dict)
    nonce: str = field(default_factory=lambda: secrets.token_hex(3))

    def forget(self) -> None:
        """Drop what was built."""
        self.built, self.marked = {}, {}

    def forget_page(self, page: str) -> None:
        """Drop what was built on a page."""
        self.built = {slot: content for slot, content in self.built.items() if not slot.startswith(f"{page}_")}
        self.marked = {slot: count for slot, count in self.marked.items() if not slot.startswith(f"{page}_")}


@dataclass
class ByHand:
    """Changes of the segments by hand.

    Attributes
    ----------
    made
        The changes, by the recipe and data that the segments were formed from.
    before
        The segments before each of these changes, for the way back.
    tried
        The last change whose price was asked for.
    """

    made: Memo[tuple[Edit, ...]] = field(default_factory=Memo)
    before: list[Result] = field(default_factory=list)
    tried: Memo[EditTried] = field(default_factory=Memo)


@dataclass
class Jobs:
    """Work beside the page.

    Attributes
    ----------
    job, building, reading
        The long work, the download and the file that are under way; each runs beside the others.
    cancelled_of
        What the job was started from that the visitor cancelled, so that it does not start again by itself.
    failure
        Why the last work failed, by its name and what it was started from: it does not start again by itself.
    """

    job: Job[Any] | None = None
    building: Job[Any] | None = None
    reading: Job[Any] | None = None
    cancelled_of: object | None = None
    failure: Memo[SegmenterError] = field(default_factory=Memo)

    def start_job(self, job: Job[Any]) -> None:
        """Take a job in place of whatever ran before: the newest wish wins."""
        self.stop_job()
        self.cancelled_of = None
        self.job = job

    def stop_job(self) -> None:
        """Cancel the long work that is running."""
        if self.job is not None:
            self.job.cancel()
            self.job = None

    def named(self, name: str) -> Job[Any] | None:
        """Return the long work, or the building of a download, with this name."""
        return next((job for job in (self.job, self.building) if job is not None and job.name == name), None)

    def done(self, job: Job[Any]) -> None:
        """Forget work that has ended, once its result is taken."""
        self.job = None if job is self.job else self.job
        self.building = None if job is self.building else self.building

    def cancel(self, job: Job[Any]) -> None:
        """Cancel work as its visitor wishes: it does not start again by itself."""
        if job is self.building:
            self.stop_building()
        else:
            self.cancelled_of = job.of
            self.stop_job()

    def start_building(self, job: Job[Any]) -> None:
        """Take the building of a download in place of another's."""
        self.stop_building()
        self.building = job

    def stop_building(self) -> None:
        """Cancel the building of a download."""
        if self.building is not None:
            self.building.cancel()
            self.building = None

    def start_reading(self, job: Job[Any]) -> None:
        """Take what is read in place of whatever was being read before: the newest wish wins."""
        self.stop_reading()
        self.reading = job

    def stop_reading(self) -> None:
        """End what is being read, and the worker that reads it."""
        if self.reading is not None:
            self.reading.cancel()
            self.reading = None

    def attend(self, *, attended: bool) -> None:
        """Say whether the visitor is connected: work that nobody waits for lets others' pass."""
        for job in (self.job, self.building, self.reading):
            if job is not None:
                job.attend(attended=attended)


_KEY = "segmenter"
# Of the customers, so many stand where a kept work had them: the segments are its segments.
NEARLY_ALL: Final = 0.98
SAME_CUSTOMERS: Final = (
    "These are the customers of your work: your settings, your number of segments and names are back."
)
OTHER_CUSTOMERS: Final = (
    "These are not quite the customers of your work. Your settings are back; the segments are formed anew, and keep "
    "their names only if they are the same."
)
# Widgets whose values mean nothing for another file.
_ABOUT_ONE_FILE = (
    "read_",
    "missing_",
    "kind_",
    "prepare_",
    "choose_",
    "segments_",
    "worth_",
    "match_",
    "confirm_",
    "side_",
    "purchases_",
    "repeated_",
    "use_",
    "edit_",
)
_ABOUT_PLACING = ("match_", "confirm_", "purchases_", "next_month_now_", "anew_")
# What the page Use may take.
FORMED_HERE = "The segments formed here"
PLACED = "The customers of Next month"
FORMED_ANEW = "The segments formed anew on Next month"
RFM_CELLS = "The cells of the RFM grid"


@dataclass
class Session:
    """One visitor's work; None until a step is done.

    The session owns every value; widgets show them. What is computed stands beside its basis, mostly the
    fingerprint of the data and the recipe, so that a changed setting is noticed.

    Attributes
    ----------
    dataset
        The customers.
    file
        How they were read.
    engine
        What an engine does for them.
    method
        The way to form segments, by its key.
    method_settings
        What was set in each method, whether it is in use or not.
    ticked
        The methods to compare with K-Means.
    ticked_anew
        Counts how often columns were picked elsewhere than in the table of columns: its own ticks are then old.
    columns_listed, column_lists
        The columns that the list of them last showed; how often another list took its place, as they were changed
        elsewhere.
    compares_again
        Whether the visitor has just asked to compare numbers of segments once more.
    cards
        The segments of the number that is looked at, in words.
    by_hand
        Changes of the segments by hand.
    value_column
        The column that says what a customer is worth, by the data that has it; empty for none of them.
    maps
        Maps by kind and dimensions, of the labels that they show.
    sensitivity
        What other ways to prepare would change.
    findings
        What stands out in the chosen columns.
    pictures
        The bars and the values in words of each column of the table.
    used
        Whose segments the page Use takes, where there are several; one of the keys of `usable_results`.
    activation
        Everything about audiences; empty on all other pages.
    everybody_agreed
        Whether the visitor has stated that everybody in the file has agreed to be contacted.
    shows_sample
        Whether the visitor asked to see a result of made-up customers, and is led on to it as soon as it is there.
    work
        The work that was kept and opened again, until the customers that it needs are there and its segments formed.
    resumed
        What became of it when they came, in words.
    goes_on
        Whether the number of segments is that of a kept work, by the decisions that it was chosen for.
    kept
        What the visitor has set widgets to that no other value here stands behind, by the widget's key and by what
        it let them choose among.
    """

    dataset: Dataset | None = None
    file: TableRead = field(default_factory=TableRead)
    engine: AtEngine = field(default_factory=AtEngine)
    features: tuple[FeatureSpec, ...] = ()
    scaling: Scaling = Scaling.STANDARD
    weight_column: str = ""
    reduction: Reduction = Reduction.NONE
    n_components: int = 0
    own: tuple[tuple[str, str], ...] = ()
    k_range: tuple[int, int] = (2, 10)
    n_segments: int | None = None
    method: str = BASELINE.key
    method_settings: dict[str, SettingPairs] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()
    ticked_anew: int = 0
    columns_listed: frozenset[str] = frozenset()
    column_lists: int = 0
    compares_again: bool = False
    selection: Memo[KSelection] = field(default_factory=Memo)
    cards: Memo[tuple[SegmentCard, ...]] = field(default_factory=Memo)
    result: Memo[Result] = field(default_factory=Memo)
    by_hand: ByHand = field(default_factory=ByHand)
    value_column: Memo[str] = field(default_factory=Memo)
    comparison: Memo[MethodComparison] = field(default_factory=Memo)
    evidence: Memo[FurtherEvidence] = field(default_factory=Memo)
    tendency: Memo[Tendency] = field(default_factory=Memo)
    within: Memo[WithinGroups] = field(default_factory=Memo)
    maps: Memo[dict[tuple[str, int], CustomerMap]] = field(default_factory=Memo)
    sensitivity: Memo[Sensitivity] = field(default_factory=Memo)
    findings: Memo[ColumnDiagnostics] = field(default_factory=Memo)
    pictures: Memo[dict[str, tuple[list[int] | None, str]]] = field(default_factory=Memo)
    next_month: NextMonth = field(default_factory=NextMonth)
    learning: Learning = field(default_factory=Learning)
    worth: Worth = field(default_factory=Worth)
    used: str = ""
    activation: Activation = field(default_factory=Activation)
    everybody_agreed: bool = False
    downloads: Downloads = field(default_factory=Downloads)
    jobs: Jobs = field(default_factory=Jobs)
    work: Work | None = None
    resumed: str = ""
    goes_on: Memo[bool] = field(default_factory=Memo)
    shows_sample: bool = False
    kept: dict[str, Memo[Any]] = field(default_factory=dict)

    @property
    def choice(self) -> MethodChoice:
        """The way to form segments and what was set in it."""
        return self.choice_of(self.method)

    @property
    def recipe(self) -> Recipe:
        """The decisions so far."""
        return replace(self._formed_by, edits=self.edits)

    @property
    def _formed_by(self) -> Recipe:
        """The decisions so far but for changes by hand, which are of the segments that these form."""
        recipe = Recipe(
            self.features, self.n_segments or 2, self.scaling, weight_column=self.weight_column,
            reduction=self.reduction, n_components=self.n_components if self.reduction is not Reduction.NONE else 0,
        )  # fmt: skip
        if self.dataset is not None and self.own:
            recipe = replace(recipe, formulas=formulas_used(self.dataset, recipe))
        return self.choice.within(recipe)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Changes by hand of the segments that are formed as things are decided now."""
        return self.by_hand.made.on(self._edit_basis()) or ()

    def _edit_basis(self) -> object | None:
        return None if self.dataset is None else (self.dataset.fingerprint, self._formed_by)

    def make_edit(self, before: Result, tried: EditTried) -> None:
        """Put changed segments in the place of those that they were made from."""
        if not self.edits:
            self.by_hand.before = []
        self.by_hand.before.append(before)
        self.by_hand.made.keep(tried.result.segmentation.recipe.edits, self._edit_basis())
        self.result.keep(tried.result, self._basis())
        self.downloads.built = {}

    def undo_edit(self) -> None:
        """Take the last change by hand back."""
        if self.by_hand.before:
            before = self.by_hand.before.pop()
            self.by_hand.made.keep(before.segmentation.recipe.edits, self._edit_basis())
            self.result.keep(before, self._basis())
            self.downloads.built = {}
        elif self.edits:
            # Changes of a kept work have no segments before them: these are formed again.
            self.by_hand.made.keep(self.edits[:-1], self._edit_basis())

    @property
    def k_means_recipe(self) -> Recipe:
        """The decisions so far as K-Means takes them, whose advice on the number of segments serves every method."""
        return BASELINE.within(replace(self._formed_by, n_segments=2))

    def choice_of(self, method: str) -> MethodChoice:
        """Return a method and what was set in it."""
        choice = MethodChoice.named(method)
        return replace(choice, settings=self.method_settings.get(choice.key, ()))

    def choose_method(self, choice: MethodChoice) -> None:
        """Form segments this way from now on."""
        self.method = choice.key
        self.method_settings[choice.key] = choice.settings
        if choice.reduction is not None:
            self.reduction, self.n_components = choice.reduction, 0
            forget_widgets("prepare_reduction", "prepare_components")

    def add_own(self, name: str, formula: str) -> None:
        """Add a column that is worked out from the others; it forms segments where columns of its kind do.

        Raises
        ------
        InvalidSettingError
            If the formula cannot be worked out.
        """
        if self.dataset is None:
            return
        dataset = add_column(self.dataset, name, formula)
        self.own = (*self.own, (dataset.columns[-1].name, dataset.columns[-1].formula))
        self._take_columns(dataset)

    def remove_own(self, name: str) -> None:
        """Take away a column of one's own, and those that are worked out from it."""
        if self.dataset is not None:
            dataset = without_column(self.dataset, name)
            self.own = tuple(each for each in self.own if each[0] in dataset.frame)
            self._take_columns(dataset)

    def _take_columns(self, dataset: Dataset) -> None:
        kept = {spec.column: spec for spec in self.features}
        self.dataset = dataset
        # Who writes a formula wants its column, also where it follows from others.
        self.features = tuple(
            kept.get(spec.column) or (used(spec, dataset) if can_segment(dataset.column(spec.column)) else spec)
            for spec in suggest_features(dataset)
        )
        self.n_segments = None
        self.ticked_anew += 1
        forget_widgets("prepare_", "choose_")

    def load(self, dataset: Dataset, cells: ReadCells | EngineSample | None = None, source: bytes = b"") -> None:
        """Start over with the customers of another file, and with K-Means.

        Lines of purchases become the customers behind them at once; there is a way back.
        """
        self.file.repeated, self.file.joined = None, frozenset()
        if self.dataset is not None:
            # Lists of the former file's customers would look like lists of these.
            self.place(None)
            self.next_month, self.used = self.next_month.for_another_file(), ""
        self.own, self.weight_column, self.reduction, self.n_components = (), "", Reduction.NONE, 0
        self.reread(dataset, ReadOptions(), {}, cells)
        self.file.source = source
        self.method, self.method_settings = BASELINE.key, {}
        table = customers_behind(dataset)
        if table is not None:
            self.turn(table)

    def kept_work(self) -> Work | None:
        """Return what the visitor has decided and found so far, to go on with later; None without customers."""
        if self.dataset is None:
            return None
        result = self.current_result()
        return Work(
            self.dataset.name,
            self.dataset.fingerprint,
            self.dataset.n_customers,
            self.recipe,
            self.file.options,
            self.file.kinds,
            self.k_range,
            result.segmentation if result is not None and result.assignment is None else None,
        )

    def resume(self) -> bool:
        """Take over the decisions of a kept work whose customers have come; return whether these have its columns."""
        work, dataset = self.work, self.dataset
        if work is None or dataset is None:
            return False
        with contextlib.suppress(SegmenterError):
            for name, formula in work.recipe.formulas:
                if name not in dataset.frame:
                    self.add_own(name, formula)
        dataset = self.dataset or dataset
        there = {column.name for column in dataset.columns}
        if not {spec.column for spec in work.recipe.segmenting} <= there:
            return False
        decided = {spec.column: spec for spec in work.recipe.features}
        self.features = tuple(decided.get(spec.column, unused(spec)) for spec in self.features)
        self.scaling, self.k_range, self.n_segments = work.recipe.scaling, work.k_range, work.recipe.n_segments
        self.weight_column = work.recipe.weight_column if work.recipe.weight_column in there else ""
        self.reduction, self.n_components = work.recipe.reduction, work.recipe.n_components
        self.choose_method(MethodChoice(work.recipe.algorithm, work.recipe.settings))
        forget_widgets("prepare_", "choose_")
        self.goes_on.keep(True, self._basis(compare=True))
        same = work.fingerprint == dataset.fingerprint
        if same and work.recipe.edits:
            self.by_hand.before = []
            self.by_hand.made.keep(work.recipe.edits, self._edit_basis())
        self.resumed = SAME_CUSTOMERS if same else OTHER_CUSTOMERS
        return True

    def _with_names(self, result: Result) -> Result:
        """Give segments that are those of the kept work the names that they had in it."""
        work, self.work = self.work, None
        if work is None or work.model is None or work.model.n_segments != result.segmentation.n_segments:
            return result
        try:
            labels = assign_segments(result.dataset, work.model).segmentation.labels
        except SegmenterError:
            return result
        if (labels.to_numpy() == result.segmentation.labels.to_numpy()).mean() < NEARLY_ALL:
            return result
        return replace(result, segmentation=result.segmentation.renamed(work.model.names))

    def forget_source(self) -> None:
        """Drop the uploaded bytes; the table that was read from them stays."""
        self.file.source = b""

    def reread(
        self,
        dataset: Dataset,
        options: ReadOptions,
        kinds: dict[str, ColumnKind],
        cells: ReadCells | CustomerTable | EngineSample | None,
    ) -> None:
        """Start over with the same file, read another way."""
        if not isinstance(cells, CustomerTable):
            self.file.rows = None
        forget_widgets(*_ABOUT_ONE_FILE)
        told = cells is not None and cells is self.file.cells and options == self.file.options
        # Only the meaning of some columns has changed: what was chosen for the others stays.
        kept = kept_features(self.features, self.dataset, dataset) if told and self.dataset else None
        self.file.as_read = dataset if find_repeated_customers(dataset) is not None else None
        self.file.unjoined = dataset
        if recognise_purchases(dataset) is None or self.file.repeated is not None:
            dataset = one_row_each(dataset, self.file.possible_row(dataset))
        dataset = join_spellings(dataset, [each.name for each in dataset.columns if each.name in self.file.joined])
        self.features = kept or suggest_features(dataset)
        for name, formula in self.own:
            with contextlib.suppress(SegmenterError):
                dataset = with_formulas(dataset, [(name, formula)])
        self.own = tuple((each.name, each.formula) for each in dataset.columns if each.formula)
        if self.own:
            known = {spec.column: spec for spec in self.features}
            self.features = tuple(known.get(spec.column, spec) for spec in suggest_features(dataset))
        if self.weight_column not in dataset.frame:
            self.weight_column = ""
        self.dataset, self.file.options, self.file.kinds, self.file.cells = dataset, options, kinds, cells
        self.n_segments = None
        for memo in (self.selection, self.result, self.comparison, self.cards, self.jobs.failure):
            memo.forget()
        if self.next_month.placing is None:
            self.next_month.applied.forget()
            self.next_month.placement.forget()
        self.learning = self.learning.for_another_file()
        self.file.problem = ""
        self.downloads.forget()
        self.activation, self.everybody_agreed = Activation(), False
        self.worth = Worth()
        self.jobs.stop_job()
        self.jobs.stop_building()

    def keep_row(self, repeated: Repeated) -> None:
        """Start over with this row of each customer that stands in several."""
        self.file.repeated = repeated
        table = self.file.unjoined or self.dataset
        if table is not None:
            self.reread(table, self.file.options, self.file.kinds, self.file.cells)

    def join(self, columns: Collection[str]) -> None:
        """Let other spellings in these columns count as what they are meant for; the rest stays as it was set."""
        self._join_anew(self.file.joined | frozenset(columns), columns)

    def separate(self, columns: Collection[str]) -> None:
        """Let other spellings in these columns count as different again; the rest stays as it was set."""
        self._join_anew(self.file.joined - frozenset(columns), columns)

    def _join_anew(self, joined: frozenset[str], columns: Collection[str]) -> None:
        table = self.file.unjoined or self.dataset
        if table is None:
            return
        self.file.joined, features = joined, self.features
        self.reread(table, self.file.options, self.file.kinds, self.file.cells)
        renewed = {spec.column: spec for spec in self.features}
        self.features = tuple(renewed[spec.column] if spec.column in columns else spec for spec in features)

    @property
    def is_undecided(self) -> bool:
        """Whether the rows are no customers yet: lines of purchases, or customers whose rows contradict each other."""
        if self.dataset is None or self.dataset.repeated == Repeated.KEEP:
            return False
        lines = self.file.rows is None and recognise_purchases(self.dataset) is not None
        return lines or find_repeated_customers(self.dataset) is not None

    def engine_sample_of(self, result: Result) -> EngineSample | None:
        """Return what an engine holds all customers of, where a result's are a sample of them."""
        placing = self.next_month.placing
        own = (self.dataset, self.file.cells)
        for dataset, cells in (own, (placing.dataset, placing.cells) if placing is not None else own):
            here = dataset is not None and dataset.fingerprint == result.dataset.fingerprint
            if here and isinstance(cells, EngineSample):
                return cells
        return None

    def place(self, file: FileToPlace | None) -> None:
        """Place the customers of this file from now on, or the visitor's own; segments and settings stay."""
        forget_widgets(*_ABOUT_PLACING)
        self.next_month.placing, self.next_month.placing_problem = file, ""

    @property
    def to_place(self) -> Dataset | None:
        """The customers that a model or classifier places: those of a file of their own, or the visitor's."""
        return self.next_month.placing.dataset if self.next_month.placing is not None else self.dataset

    def turn(self, table: CustomerTable) -> None:
        """Start over with the customers behind lines of purchases, which are kept for the way back."""
        if self.file.rows is None and self.dataset is not None:
            self.file.rows = Rows(self.dataset, self.file.options, self.file.kinds, self.file.cells)
        self.reread(table.understood(), ReadOptions(), {}, table)

    def turn_back(self) -> None:
        """Start over with the lines of purchases themselves."""
        rows = self.file.rows
        if rows is not None:
            self.reread(rows.dataset, rows.options, rows.kinds, rows.cells)

    def current_selection(self) -> KSelection | None:
        """Return the comparison of k, unless a setting has changed since."""
        return self.selection.on(self._basis(compare=True))

    def keep_selection(self, selection: KSelection) -> None:
        """Keep a finished comparison and take its recommendation."""
        self.selection.keep(selection, self._basis(compare=True))
        # Whoever goes on with a kept work has chosen already.
        if self.n_segments not in selection.labels or not self.goes_on.on(self._basis(compare=True)):
            self.n_segments = selection.recommended

    @property
    def may_form(self) -> bool:
        """Whether the number of segments is chosen for what is decided now: here, or in a kept work."""
        basis = self._basis(compare=True)
        return self.n_segments is not None and bool(self.selection.on(basis) or self.goes_on.on(basis))

    def comparison_basis(self) -> tuple[str, Recipe] | None:
        """Return what a comparison of methods rests on: the data, and everything decided but the method."""
        basis = self._basis()
        return None if basis is None else (basis[0], BASELINE.within(replace(basis[1], edits=())))

    def current_comparison(self) -> MethodComparison | None:
        """Return the comparison of methods, unless the data or a decision has changed since."""
        return self.comparison.on(self.comparison_basis())

    def keep_comparison(self, comparison: MethodComparison) -> None:
        """Keep a finished comparison of methods."""
        self.comparison.keep(comparison, self.comparison_basis())

    def current_result(self) -> Result | None:
        """Return the segments, unless a setting has changed since."""
        return self.result.on(self._basis())

    def usable_results(self) -> dict[str, Result]:
        """Return the customers with segments that there are, by what they are called."""
        refitted = self.next_month.refitted.latest
        found = {
            FORMED_HERE: self.current_result(),
            PLACED: self.next_month.applied.latest
            if self.next_month.placing is not None or self.current_result() is None
            else None,
            FORMED_ANEW: refitted.result if refitted is not None else None,
        }
        return {name: result for name, result in found.items() if result is not None}

    def keep_result(self, result: Result) -> None:
        """Keep freshly formed segments."""
        self.result.keep(self._with_names(result), self._basis())
        self.used = FORMED_HERE
        self.downloads.forget()

    def maps_of(self, result: Result) -> dict[tuple[str, int], CustomerMap]:
        """Return the maps drawn of these very segments, by kind and dimensions; those of others are forgotten."""
        labels = Identity(result.segmentation.labels)
        if (maps := self.maps.on(labels)) is None:
            self.maps.keep(maps := {}, labels)
        return maps

    def rename(self, result: Result, names: tuple[str, ...]) -> None:
        """Give the segments of a result other names, everywhere."""
        self.exchange(result, replace(result, segmentation=result.segmentation.renamed(names)))

    def exchange(self, result: Result, changed: Result) -> None:
        """Put a changed result in the place of the one that it was made from."""
        memo = self.next_month.applied if result is self.next_month.applied.latest else self.result
        refitted = self.next_month.refitted
        if refitted.latest is not None and result is refitted.latest.result:
            refitted.keep(replace(refitted.latest, result=changed), refitted.basis)
        else:
            memo.keep(changed, memo.basis)
        self.downloads.forget()

    def forget_activation(self) -> None:
        """Drop every identifier that the page Use has held, and what is still at work on them."""
        self.activation = Activation(missing=self.activation.deciding)
        if self.jobs.job is not None and self.jobs.job.name == "use":
            self.jobs.stop_job()

    def current_findings(self) -> ColumnDiagnostics | None:
        """Return what stands out in the chosen columns, looked for once per setting."""
        basis = self._basis(compare=True)
        if self.dataset is not None and self.findings.on(basis) is None:
            self.findings.keep(column_diagnostics(self.dataset, self.recipe), basis)
        return self.findings.on(basis)

    def attend(self, *, attended: bool) -> None:
        """Say whether the visitor is connected: work that nobody waits for lets others' pass."""
        self.jobs.attend(attended=attended)

    def leave(self) -> None:
        """End the visitor's work and forget everything, whoever may still hold this session."""
        self.jobs.stop_job()
        self.jobs.stop_building()
        self.jobs.stop_reading()
        vars(self).update(vars(Session()))

    def _basis(self, *, compare: bool = False) -> tuple[str, Recipe] | None:
        if self.dataset is None:
            return None
        return self.dataset.fingerprint, self.k_means_recipe if compare else self.recipe


def session() -> Session:
    """Return this visitor's session, starting one on the first run."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session()
        look_after(st.session_state[_KEY])
    return cast(Session, st.session_state[_KEY])


def is_dark() -> bool:
    """Whether the visitor's page is dark."""
    return bool(st.context.theme.type == "dark")


def set_widget(key: str, value: object) -> None:
    """Let a widget show a value; to be called before it is drawn, such as by another one's callback."""
    st.session_state[key] = value


def start_widget(key: str, value: object) -> None:
    """Let a widget that says nothing yet show a value, in place of what the browser kept from the file before."""
    if key not in st.session_state:
        st.session_state[key] = value


def widget_value(key: str) -> object | None:
    """Return what a widget says that may be drawn later on the page; None before it was."""
    return cast("object | None", st.session_state.get(key))


def kept(key: str, usual: T, of: object = None) -> T:
    """Return what the visitor has set a widget to, wherever they have been since; its usual value where they have not.

    Streamlit forgets the widgets of a page that is left. Whoever comes back would find, say, nobody kept back any more.

    Parameters
    ----------
    of
        What the widget lets them choose among, or what else its value means nothing without: a value that was set
        among others is not handed out.
    """
    memo = session().kept.get(key)
    return usual if memo is None or memo.basis != of else cast(T, memo.latest)


def kept_place(key: str, usual: T | None, options: Sequence[T]) -> int | None:
    """Return where in a list what the visitor has picked from it stands, else its usual value; None for nothing."""
    value = kept(key, usual, options)
    return None if value is None else options.index(value)


def keeping(key: str, of: object = None) -> dict[str, Any]:
    """Return the arguments of a widget that keeps what the visitor sets it to, for `kept` to hand out.

    A page's widgets are gone before the next page runs, so that their values are taken as they change.
    """
    return {"key": key, "on_change": keep_widget, "args": (key, of)}


def keep_widget(key: str, of: object = None) -> None:
    """Keep what a widget says now."""
    keep(key, st.session_state[key], of)


def keep(key: str, value: object, of: object = None) -> None:
    """Keep a value for `kept` to hand out."""
    session().kept.setdefault(key, Memo()).keep(value, of)


def forget_widgets(*prefixes: str) -> None:
    """Let the widgets with these prefixes show the session's values instead of what was typed into them."""
    for key in [key for key in st.session_state if str(key).startswith(prefixes)]:
        del st.session_state[key]
    held = session().kept
    for key in [key for key in held if key.startswith(prefixes)]:
        del held[key]


def delete_everything() -> None:
    """Forget this visitor's customers, results and uploads."""
    uploads = session().file.uploads + 1
    session().leave()
    forget_uploads()
    st.session_state.clear()
    session().file.uploads = uploads
    VISITORS.tidy_soon()

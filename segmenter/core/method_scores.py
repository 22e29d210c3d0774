"""What is known of each of several methods on the same customers?"""

from dataclasses import dataclass, replace

from segmenter.algorithms import ALGORITHMS
from segmenter.core.dataset import Note
from segmenter.core.recipe import Recipe
from segmenter.core.refits import Agreement
from segmenter.settings import SettingPairs


@dataclass(frozen=True)
class MethodChoice:
    """A method and what was set in it, as sorted (name, value) pairs."""

    key: str
    settings: SettingPairs = ()

    @property
    def title(self) -> str:
        """Its name on the screen."""
        title = ALGORITHMS[self.key].title if self.key in ALGORITHMS else self.key
        said = ", ".join(f"{name} {value}" for name, value in self.settings)
        return f"{title} ({said})" if said else title

    def within(self, recipe: Recipe) -> Recipe:
        """Return a recipe that forms its segments this way."""
        return replace(recipe, algorithm=self.key, settings=self.settings)


@dataclass(frozen=True)
class MethodScore:
    """One method's segments, judged in the prepared space of the chosen columns; None where undefined.

    Attributes
    ----------
    problem
        Why it formed no segments, as a sentence; empty where it did.
    n_segments
        How many there are, which need not be how many were asked for.
    silhouette, silhouette_se
        Mean over the customers in a segment; its standard error covers both other customers to score and
        other customers to form the segments from.
    over_samples, over_seeds
        How alike the segments are when they are formed again.
    smallest_share, largest_share, noise_share
        Of the smallest and largest segment, and of the customers in no segment, among all customers, 0-1.
    agreement
        Adjusted Rand index with K-Means of the same number of segments, over the customers in a segment.
    seconds, memory_mb
        What forming the segments once took; memory in millions of bytes, None where not measured.
    remark
        What could not be measured, and why; empty where everything was.
    """

    choice: MethodChoice
    problem: str = ""
    n_segments: int = 0
    silhouette: float | None = None
    silhouette_se: float | None = None
    davies_bouldin: float | None = None
    calinski_harabasz: float | None = None
    over_samples: Agreement | None = None
    over_seeds: Agreement | None = None
    smallest_share: float | None = None
    largest_share: float | None = None
    noise_share: float | None = None
    agreement: float | None = None
    seconds: float | None = None
    memory_mb: float | None = None
    remark: str = ""


@dataclass(frozen=True, eq=False)
class MethodComparison:
    """Several methods on the same customers, side by side.

    Attributes
    ----------
    scores
        One per method, K-Means first.
    findings
        Which differences mean something, one sentence each.
    recommended
        The method worth taking; None while the comparison is under way.
    recommendation
        Why, in a sentence or two.
    notes
        How the figures came about.
    """

    scores: tuple[MethodScore, ...] = ()
    findings: tuple[str, ...] = ()
    recommended: MethodChoice | None = None
    recommendation: str = ""
    notes: tuple[Note, ...] = ()

"""Which label that is known from elsewhere does each segment stand for?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelMapping:
    """A known label for each segment: the one that most of its customers have.

    Attributes
    ----------
    column
        The column that holds the known labels.
    labels
        One per segment, in segment order; several segments may stand for the same label.
    accuracy
        Share of the labelled customers whose label is foretold by those of the others alone, 0-1.
    baseline
        Share that is foretold by giving everybody the most frequent label, 0-1.
    agreement
        Adjusted Rand index between segments and known labels.
    n_customers
        Number of customers with a segment and a label that this rests on.
    """

    column: str
    labels: tuple[str, ...]
    accuracy: float
    baseline: float
    agreement: float
    n_customers: int

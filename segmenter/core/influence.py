"""How much does each column count when two customers are compared?"""

from dataclasses import dataclass

import numpy as np

from segmenter.core.prepared import Prepared


@dataclass(frozen=True)
class Influence:
    """One column's part in the distances between customers.

    Attributes
    ----------
    share
        Of the mean squared distance between two customers, 0-1; all columns' shares add up to 1.
    n_prepared
        How many numbers the column became.
    """

    column: str
    share: float
    n_prepared: int


def column_influence(prepared: Prepared) -> tuple[Influence, ...]:
    """Return what each column contributes to the distances, most first.

    The mean squared difference of two customers in a prepared column is twice its variance, and squared
    differences add up.
    """
    owners = [owner for owner, _ in prepared.preparation.owned_names_]
    variances = prepared.X.var(axis=0)
    total = float(variances.sum()) or 1.0
    found = [
        Influence(
            column=column,
            share=float(sum(variances[place] for place, owner in enumerate(owners) if owner == column)) / total,
            n_prepared=owners.count(column),
        )
        for column in dict.fromkeys(owners)
    ]
    return tuple(sorted(found, key=lambda each: (-np.round(each.share, 12), each.column)))

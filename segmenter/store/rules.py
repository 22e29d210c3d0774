"""How are the rules of mixtures, nested splits and typical values written as plain numbers, and read back?"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.mixture import NormalMixture
from segmenter.algorithms.nested import NestedCentres
from segmenter.algorithms.placement import Placement
from segmenter.algorithms.typical import NearestPrototype
from segmenter.core.encoding import Floats
from segmenter.errors import InvalidModelError
from segmenter.store import checking

# A mixture's shares may miss 1 by the rounding of so many additions.
_SUM_TOLERANCE: Final = 1e-6
Plain = Mapping[str, object]
Shape = tuple[int, int]
"""(n_segments, n_features)."""


def written_mixture(placement: Placement) -> dict[str, object]:
    """Return shares, means and the upper triangles of the factors, row by row; diagonals where no more is there."""
    assert isinstance(placement, NormalMixture)
    upper = _cells(placement.factors.shape[1], diagonal=not np.triu(placement.factors, 1).any())
    return {
        "weights": placement.weights.tolist(),
        "means": placement.means.tolist(),
        "triangles": [factor[upper].tolist() for factor in placement.factors],
    }


def read_mixture(value: Plain, shape: Shape) -> NormalMixture:
    """Read what `written_mixture` wrote.

    Raises
    ------
    InvalidModelError
        If a number is none, or the shares and spreads are not possible.
    """
    k, width = shape
    plain = checking.mapping(value, "placement", ("type", "weights", "means", "triangles"))
    weights = _exactly([plain["weights"]], "placement.weights", (1, k))[0]
    if (weights <= 0).any() or abs(weights.sum() - 1) > _SUM_TOLERANCE:
        raise InvalidModelError("placement.weights", "are not shares that add up to 1")
    means = _exactly(plain["means"], "placement.means", shape)
    listed = checking.array(plain["triangles"], "placement.triangles", most=k, least=k)
    diagonal = isinstance(listed[0], list) and len(listed[0]) == width
    upper = _cells(width, diagonal=diagonal)
    factors = np.zeros((k, width, width))
    factors[:, *upper] = _exactly(listed, "placement.triangles", (k, len(upper[0])))
    if (np.diagonal(factors, axis1=1, axis2=2) <= 0).any():
        raise InvalidModelError("placement.triangles", "hold a spread that is not above zero")
    return NormalMixture(weights, means, factors)


def written_nested(placement: Placement) -> dict[str, object]:
    """Return both sides of every split, and where each side leads."""
    assert isinstance(placement, NestedCentres)
    return {"sides": placement.centres.tolist(), "leads_to": placement.leads_to.tolist()}


def read_nested(value: Plain, shape: Shape) -> NestedCentres:
    """Read what `written_nested` wrote.

    Raises
    ------
    InvalidModelError
        If a number is none, or a customer could walk in circles or end nowhere.
    """
    k, width = shape
    plain = checking.mapping(value, "placement", ("type", "sides", "leads_to"))
    sides = _exactly(plain["sides"], "placement.sides", (2 * (k - 1), width))
    listed = checking.array(plain["leads_to"], "placement.leads_to", most=len(sides), least=len(sides))
    leads_to = [
        # A split leads onwards only, so every walk ends.
        checking.whole(each, f"placement.leads_to[{n}]", least=-k, most=k - 2)
        for n, each in enumerate(listed)
    ]
    onwards = [split for n, split in enumerate(leads_to) if split > n // 2]
    ends = [-1 - split for split in leads_to if split < 0]
    if sorted(onwards) != list(range(1, k - 1)) or sorted(ends) != list(range(k)):
        raise InvalidModelError("placement.leads_to", "does not lead to every segment once")
    return NestedCentres(sides, np.array(leads_to, dtype=np.intp))


def written_prototypes(placement: Placement) -> dict[str, object]:
    """Return the typical values of each segment, and what each column counts."""
    assert isinstance(placement, NearestPrototype)
    return {"prototypes": placement.prototypes.tolist(), "factors": placement.factors.tolist()}


def read_prototypes(value: Plain, shape: Shape) -> NearestPrototype:
    """Read what `written_prototypes` wrote.

    Raises
    ------
    InvalidModelError
        If a number is none, or a column counts less than nothing.
    """
    plain = checking.mapping(value, "placement", ("type", "prototypes", "factors"))
    prototypes = _exactly(plain["prototypes"], "placement.prototypes", shape)
    factors = _exactly([plain["factors"]], "placement.factors", (1, shape[1]))[0]
    if (factors < 0).any():
        raise InvalidModelError("placement.factors", "holds a number below zero")
    return NearestPrototype(prototypes, factors)


def _cells(width: int, *, diagonal: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of a factor's numbers: its diagonal, or its upper triangle."""
    first, second = np.diag_indices(width) if diagonal else np.triu_indices(width)
    return first, second


def _exactly(value: object, place: str, shape: Shape) -> Floats:
    """Return a matrix of this very shape."""
    found = checking.matrix(value, place, most_rows=max(shape[0], 1), width=shape[1])
    if len(found) != shape[0]:
        raise InvalidModelError(place, f"does not have {shape[0]} rows")
    return found

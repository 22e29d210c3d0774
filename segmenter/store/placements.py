"""How is the rule that places customers written as plain values, and read back? Add one to `PLACEMENTS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from segmenter.algorithms.encoded import Encoded
from segmenter.algorithms.mixture import NormalMixture
from segmenter.algorithms.nested import NestedCentres
from segmenter.algorithms.placement import NearestCentre, Placement
from segmenter.algorithms.typical import NearestPrototype
from segmenter.algorithms.units import NearestUnit
from segmenter.core.encoding import Floats
from segmenter.errors import InvalidModelError, UnwritableModelError
from segmenter.store import checking
from segmenter.store.encoder import read_encoder, written_encoder
from segmenter.store.rules import (
    read_mixture,
    read_nested,
    read_prototypes,
    written_mixture,
    written_nested,
    written_prototypes,
)

# A map of 40 × 40 units; 225 is the usual one.
MOST_UNITS: Final = 1_600


@dataclass(frozen=True)
class PlacementFormat:
    """How one kind of rule is written.

    Attributes
    ----------
    made
        The rule's class.
    write
        Rule to plain values, without its "type".
    read
        (plain values, shape (n_segments, n_features)) to the rule; checks every value.
    """

    made: type[Placement]
    write: Callable[[Placement], dict[str, object]]
    read: Callable[[Mapping[str, object], tuple[int, int]], Placement]


def written_placement(placement: Placement, algorithm: str) -> dict[str, object] | None:
    """Return a rule as plain values; None for the nearest centre, which the centres say all about.

    Raises
    ------
    UnwritableModelError
        If this kind of rule cannot be saved.
    """
    if isinstance(placement, NearestCentre):
        return None
    for name, kind in PLACEMENTS.items():
        if type(placement) is kind.made:
            return {"type": name, **kind.write(placement)}
    raise UnwritableModelError(algorithm)


def read_placement(value: object, centres: Floats) -> Placement:
    """Read a rule.

    Raises
    ------
    InvalidModelError
        If it is not one that `written_placement` wrote.
    """
    if value is None:
        return NearestCentre(centres)
    name = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(name, str) or name not in PLACEMENTS:
        raise InvalidModelError("placement.type", f"is none of {', '.join(PLACEMENTS)}")
    return PLACEMENTS[name].read(value, (len(centres), centres.shape[1]))


def _written_units(placement: Placement) -> dict[str, object]:
    assert isinstance(placement, NearestUnit)
    return {
        "units": placement.units.tolist(),
        "segments": placement.segments.tolist(),
        "reach": None if placement.reach is None else placement.reach.tolist(),
        "agreement": placement.agreement,
    }


def _read_units(value: Mapping[str, object], shape: tuple[int, int]) -> NearestUnit:
    # Maps were written without these two at first.
    value = {"reach": None, "agreement": 1.0, **value}
    plain = checking.mapping(value, "placement", ("type", "units", "segments", "reach", "agreement"))
    units = checking.matrix(plain["units"], "placement.units", most_rows=MOST_UNITS, width=shape[1])
    listed = checking.array(plain["segments"], "placement.segments", most=len(units), least=len(units))
    segments = [
        checking.whole(each, f"placement.segments[{n}]", least=-1, most=shape[0] - 1) for n, each in enumerate(listed)
    ]
    agreement = checking.number(plain["agreement"], "placement.agreement")
    if not 0 <= agreement <= 1:
        raise InvalidModelError("placement.agreement", "is not a share from 0 to 1")
    return NearestUnit(units, np.array(segments, dtype=np.intp), _reach(plain["reach"], len(units)), agreement)


def _reach(value: object, n_units: int) -> Floats | None:
    if value is None:
        return None
    reach: Floats = checking.matrix([value], "placement.reach", most_rows=1, width=n_units)[0]
    if (reach < 0).any():
        raise InvalidModelError("placement.reach", "holds a number below zero")
    return reach


PLACEMENTS: dict[str, PlacementFormat] = {
    "nearest-unit": PlacementFormat(NearestUnit, _written_units, _read_units),
    "encoded": PlacementFormat(Encoded, written_encoder, read_encoder),
    "mixture": PlacementFormat(NormalMixture, written_mixture, read_mixture),
    "nested": PlacementFormat(NestedCentres, written_nested, read_nested),
    "prototypes": PlacementFormat(NearestPrototype, written_prototypes, read_prototypes),
}

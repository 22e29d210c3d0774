"""How is the rule that places customers written as plain values, and read back? Add one to `PLACEMENTS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from segmenter.algorithms.encoded import Encoded
from segmenter.algorithms.placement import NearestCentre, Placement
from segmenter.algorithms.units import NearestUnit
from segmenter.core.encoding import Floats
from segmenter.errors import InvalidModelError, UnwritableModelError
from segmenter.store import checking
from segmenter.store.encoder import read_encoder, written_encoder

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
    return {"units": placement.units.tolist(), "segments": placement.segments.tolist()}


def _read_units(value: Mapping[str, object], shape: tuple[int, int]) -> NearestUnit:
    plain = checking.mapping(value, "placement", ("type", "units", "segments"))
    units = checking.matrix(plain["units"], "placement.units", most_rows=MOST_UNITS, width=shape[1])
    listed = checking.array(plain["segments"], "placement.segments", most=len(units), least=len(units))
    segments = [
        checking.whole(each, f"placement.segments[{n}]", least=-1, most=shape[0] - 1) for n, each in enumerate(listed)
    ]
    return NearestUnit(units, np.array(segments, dtype=np.intp))


PLACEMENTS: dict[str, PlacementFormat] = {
    "nearest-unit": PlacementFormat(NearestUnit, _written_units, _read_units),
    "encoded": PlacementFormat(Encoded, written_encoder, read_encoder),
}

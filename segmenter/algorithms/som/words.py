"""How true is a map, in words?"""

from typing import Final

from segmenter.algorithms.som.fit import SomMap

# A topographic error up to the first is faithful, up to the second usable.
FAITHFUL: Final = 0.10
USABLE: Final = 0.20


def in_words(found: SomMap) -> str:
    """Say how closely the map follows the customers, and whether like stands beside like."""
    return f"{closeness(found)} {order(found)}"


def closeness(found: SomMap) -> str:
    """Say how closely the map follows the customers."""
    return (
        f"On average a customer is {found.quantization_error:.2f} scaled units away from its unit of the map "
        f"(quantization error) and {found.spread:.2f} from the middle of all customers: the map takes away "
        f"{found.explained_share:.0%} of the distance."
    )


def order(found: SomMap) -> str:
    """Say whether like stands beside like."""
    torn = f"{found.topographic_error:.1%} of the customers have two most similar units that do not touch"
    if found.topographic_error <= FAITHFUL:
        return f"Like stands beside like on the map: only {torn} (topographic error)."
    if found.topographic_error <= USABLE:
        return f"Like mostly stands beside like on the map: {torn} (topographic error); more smoothness lowers it."
    return (
        f"Like does not reliably stand beside like on the map: {torn} (topographic error). Raise the smoothness "
        "before you read meaning into places on the map."
    )

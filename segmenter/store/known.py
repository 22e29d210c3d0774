"""How is the mapping of segments to known labels read back?"""

from dataclasses import fields

from segmenter.core.label_mapping import LabelMapping
from segmenter.errors import InvalidModelError
from segmenter.store import checking
from segmenter.store.scores import MOST_CUSTOMERS, MOST_SEGMENTS

_KEYS = tuple(field.name for field in fields(LabelMapping))


def read_known(value: object, k: int) -> LabelMapping | None:
    """Read which known label each of `k` segments stands for; None where nobody said.

    Raises
    ------
    InvalidModelError
        If it is not what a model file holds.
    """
    if value is None:
        return None
    plain = checking.mapping(value, "known", _KEYS)
    listed = checking.array(plain["labels"], "known.labels", most=MOST_SEGMENTS)
    if len(listed) != k:
        raise InvalidModelError("known.labels", "does not agree with the number of segments")
    return LabelMapping(
        column=checking.text(plain["column"], "known.column"),
        labels=tuple(checking.text(each, f"known.labels[{n}]") for n, each in enumerate(listed)),
        accuracy=_share(plain["accuracy"], "known.accuracy"),
        baseline=_share(plain["baseline"], "known.baseline"),
        agreement=checking.number(plain["agreement"], "known.agreement"),
        n_customers=checking.whole(plain["n_customers"], "known.n_customers", least=0, most=MOST_CUSTOMERS),
    )


def _share(value: object, place: str) -> float:
    found = checking.number(value, place)
    if not 0 <= found <= 1:
        raise InvalidModelError(place, "is no share from 0 to 1")
    return found

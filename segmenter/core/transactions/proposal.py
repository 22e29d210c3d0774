"""How are customers that were made of purchase lines best segmented?"""

from dataclasses import replace
from typing import Final

from segmenter.core.dataset import Dataset, Note
from segmenter.core.features import skewed_columns, suggest_features
from segmenter.core.recipe import FeatureSpec, Role, Transform

# Recency, frequency and monetary value; the other measures largely follow from them.
BASIS: Final = ("recency_days", "orders", "spend")
_FOLLOWING: Final = ("average_order_value", "days_as_customer", "items", "distinct_products", "share_of_returns")


def propose_features(customers: Dataset) -> Dataset:
    """Return the customers with a suggestion: by recency, orders and spend, long tails as logarithms."""
    features = suggest_features(customers)
    skewed = skewed_columns(customers, features)
    tails = [name for name in (*BASIS, *_FOLLOWING) if skewed.get(name, 0.0) > 0]
    carrying = sum(each.column in BASIS and each.role is Role.NUMBER for each in features)
    suggested = tuple(_proposed(each, tails, narrow=carrying > 1) for each in features)
    used = [each.column for each in suggested if each.segments]
    notes = (*customers.notes, *_note(used, tails))
    return replace(customers, suggested=suggested, notes=notes)


def _proposed(spec: FeatureSpec, tails: list[str], *, narrow: bool) -> FeatureSpec:
    transform = Transform.LOG if spec.column in tails else spec.transform
    role = Role.DESCRIPTOR if narrow and spec.segments and spec.column in _FOLLOWING else spec.role
    return replace(spec, role=role, transform=transform)


def _note(used: list[str], tails: list[str]) -> list[Note]:
    logged = [name for name in tails if name in used]
    if not logged:
        return []
    verb = "is" if len(logged) == 1 else "are"
    few = "A few very large values would decide alone otherwise; this can be changed."
    return [Note(f"{_listed(logged)} {verb} strongly skewed and taken as logarithm. {few}")]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

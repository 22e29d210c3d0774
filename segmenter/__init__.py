"""Segmenter: customer segments that can be trusted, understood and used.

>>> from segmenter import Recipe, fit_segmentation, profile_segments, read_sample, suggest_features
>>> customers = read_sample("mall")
>>> segmentation = fit_segmentation(customers, Recipe(suggest_features(customers), n_segments=5))
>>> [profile.size for profile in profile_segments(customers, segmentation)]  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

from segmenter import config

__version__ = config.VERSION

# Every name is imported when it is first asked for: reading a file takes 110 MB of memory without the libraries
# that form segments, 250 MB with them.
if TYPE_CHECKING:
    from segmenter.core.assignment import Assignment, assign_segments
    from segmenter.core.columns import read_frame
    from segmenter.core.dataset import Dataset
    from segmenter.core.features import choose_features, suggest_features
    from segmenter.core.learning.customer import CustomerAnswer, place_customer
    from segmenter.core.learning.learn import learn
    from segmenter.core.learning.learned import Learned
    from segmenter.core.learning.model import SegmentModel
    from segmenter.core.learning.placing import Classified, classify
    from segmenter.core.learning.recipe import LearningRecipe
    from segmenter.core.method_scores import MethodChoice, MethodComparison
    from segmenter.core.methods import compare_methods
    from segmenter.core.profile import SegmentProfile, profile_segments, summary_table
    from segmenter.core.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
    from segmenter.core.result import Result
    from segmenter.core.segmentation import Segmentation, fit_segmentation
    from segmenter.core.selection import KSelection, compare_k
    from segmenter.importers import read_table
    from segmenter.importers.options import ReadOptions
    from segmenter.importers.purchases import read_customers
    from segmenter.importers.samples import read_sample
    from segmenter.store import from_bytes, to_bytes

__all__ = [
    "Assignment",
    "Classified",
    "CustomerAnswer",
    "Dataset",
    "FeatureSpec",
    "KSelection",
    "Learned",
    "LearningRecipe",
    "MethodChoice",
    "MethodComparison",
    "Missing",
    "ReadOptions",
    "Recipe",
    "Result",
    "Role",
    "Scaling",
    "SegmentModel",
    "SegmentProfile",
    "Segmentation",
    "Transform",
    "assign_segments",
    "choose_features",
    "classify",
    "compare_k",
    "compare_methods",
    "fit_segmentation",
    "from_bytes",
    "learn",
    "place_customer",
    "profile_segments",
    "read_customers",
    "read_frame",
    "read_sample",
    "read_table",
    "suggest_features",
    "summary_table",
    "to_bytes",
]

_HOMES = {
    "Assignment": "core.assignment",
    "Classified": "core.learning.placing",
    "CustomerAnswer": "core.learning.customer",
    "Dataset": "core.dataset",
    "FeatureSpec": "core.recipe",
    "KSelection": "core.selection",
    "Learned": "core.learning.learned",
    "LearningRecipe": "core.learning.recipe",
    "MethodChoice": "core.method_scores",
    "MethodComparison": "core.method_scores",
    "Missing": "core.recipe",
    "ReadOptions": "importers.options",
    "Recipe": "core.recipe",
    "Result": "core.result",
    "Role": "core.recipe",
    "Scaling": "core.recipe",
    "SegmentModel": "core.learning.model",
    "SegmentProfile": "core.profile",
    "Segmentation": "core.segmentation",
    "Transform": "core.recipe",
    "assign_segments": "core.assignment",
    "choose_features": "core.features",
    "classify": "core.learning.placing",
    "compare_k": "core.selection",
    "compare_methods": "core.methods",
    "fit_segmentation": "core.segmentation",
    "from_bytes": "store",
    "learn": "core.learning.learn",
    "place_customer": "core.learning.customer",
    "profile_segments": "core.profile",
    "read_customers": "importers.purchases",
    "read_frame": "core.columns",
    "read_sample": "importers.samples",
    "read_table": "importers",
    "suggest_features": "core.features",
    "summary_table": "core.profile",
    "to_bytes": "store",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})

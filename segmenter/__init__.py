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
    from segmenter.activate.audience import Audience, AudienceOptions, Audiences, build_audiences
    from segmenter.activate.consent import Consent
    from segmenter.activate.control import Control
    from segmenter.activate.platforms import platforms
    from segmenter.activate.selection import segments_in_file, segments_of_result
    from segmenter.activate.suppression import read_suppression
    from segmenter.choose.k import KSelection, compare_k
    from segmenter.choose.methods import compare_methods
    from segmenter.choose.recommend_method import MethodChoice, MethodComparison
    from segmenter.classification.learn import learn
    from segmenter.classification.learned import Learned
    from segmenter.classification.model import SegmentModel
    from segmenter.classification.predict import Classified, classify
    from segmenter.classification.recipe import LearningRecipe
    from segmenter.classification.single import CustomerPrediction, classify_customer
    from segmenter.io.export.audiences import audiences_zip
    from segmenter.io.model.format import from_bytes, to_bytes
    from segmenter.io.read.options import ReadOptions
    from segmenter.io.read.purchases import read_customers
    from segmenter.io.read.samples import read_sample
    from segmenter.io.read.table import read_table
    from segmenter.prepare.suggest import choose_features, suggest_features
    from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
    from segmenter.segment.assign import Assignment, assign_segments
    from segmenter.segment.profile import SegmentProfile, profile_segments, summary_table
    from segmenter.segment.result import Result
    from segmenter.segment.segmentation import Segmentation, fit_segmentation
    from segmenter.table.columns import read_frame
    from segmenter.table.dataset import Dataset

__all__ = [
    "Assignment",
    "Audience",
    "AudienceOptions",
    "Audiences",
    "Classified",
    "Consent",
    "Control",
    "CustomerPrediction",
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
    "audiences_zip",
    "build_audiences",
    "choose_features",
    "classify",
    "classify_customer",
    "compare_k",
    "compare_methods",
    "fit_segmentation",
    "from_bytes",
    "learn",
    "platforms",
    "profile_segments",
    "read_customers",
    "read_frame",
    "read_sample",
    "read_suppression",
    "read_table",
    "segments_in_file",
    "segments_of_result",
    "suggest_features",
    "summary_table",
    "to_bytes",
]

_HOMES = {
    "Assignment": "segment.assign",
    "Audience": "activate.audience",
    "AudienceOptions": "activate.audience",
    "Audiences": "activate.audience",
    "Consent": "activate.consent",
    "Control": "activate.control",
    "audiences_zip": "io.export.audiences",
    "build_audiences": "activate.audience",
    "platforms": "activate.platforms",
    "read_suppression": "activate.suppression",
    "segments_in_file": "activate.selection",
    "segments_of_result": "activate.selection",
    "Classified": "classification.predict",
    "CustomerPrediction": "classification.single",
    "Dataset": "table.dataset",
    "FeatureSpec": "recipe.recipe",
    "KSelection": "choose.k",
    "Learned": "classification.learned",
    "LearningRecipe": "classification.recipe",
    "MethodChoice": "choose.recommend_method",
    "MethodComparison": "choose.recommend_method",
    "Missing": "recipe.recipe",
    "ReadOptions": "io.read.options",
    "Recipe": "recipe.recipe",
    "Result": "segment.result",
    "Role": "recipe.recipe",
    "Scaling": "recipe.recipe",
    "SegmentModel": "classification.model",
    "SegmentProfile": "segment.profile",
    "Segmentation": "segment.segmentation",
    "Transform": "recipe.recipe",
    "assign_segments": "segment.assign",
    "choose_features": "prepare.suggest",
    "classify": "classification.predict",
    "classify_customer": "classification.single",
    "compare_k": "choose.k",
    "compare_methods": "choose.methods",
    "fit_segmentation": "segment.segmentation",
    "from_bytes": "io.model.format",
    "learn": "classification.learn",
    "profile_segments": "segment.profile",
    "read_customers": "io.read.purchases",
    "read_frame": "table.columns",
    "read_sample": "io.read.samples",
    "read_table": "io.read.table",
    "suggest_features": "prepare.suggest",
    "summary_table": "segment.profile",
    "to_bytes": "io.model.format",
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

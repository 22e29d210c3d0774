"""Segmenter: customer segments that can be trusted, understood and used.

>>> from segmenter import Recipe, fit_segmentation, profile_segments, read_sample, suggest_features
>>> customers = read_sample("mall")
>>> segmentation = fit_segmentation(customers, Recipe(suggest_features(customers), n_segments=5))
>>> [profile.size for profile in profile_segments(customers, segmentation)]  # doctest: +SKIP
"""

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

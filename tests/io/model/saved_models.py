"""Small models of every method, version and kind of column, as the files that the product writes."""

import io
import json
import zipfile
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from segmenter import LearningRecipe, Recipe, fit_segmentation, learn, read_frame
from segmenter.classification.folds import fit_learner
from segmenter.cluster import ALGORITHMS
from segmenter.io.model.classifiers import classifier_bytes
from segmenter.io.model.format import to_bytes
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Role, Transform
from segmenter.segment.segmentation import MajorityLabelMap

# What models of the first version, and some of the second, were written without.
LATER_IN_FEATURES = {
    "number": ("date_use", "floor", "ceiling", "power", "indicator"),
    "category": ("rare", "indicator"),
    "cycle": (),
}
LATER_IN_RECIPES = ("constant", "indicator", "cap", "rare", "date_use", "reference", "scaling")
LATER_IN_UNITS = ("reach", "agreement")

MIXED = (
    FeatureSpec("income", missing=Missing.KNN),
    FeatureSpec("spend", transform=Transform.YEO_JOHNSON, cap=(1.0, 99.0), indicator=True, weight=2.0),
    FeatureSpec("size", Role.ORDINAL, Missing.MODE, order=("Low", "Average", "High")),
    FeatureSpec("joined", Role.DATE, date_use=DateUse.AGE, reference="2025-01-01"),
    FeatureSpec("seen", Role.DATE, date_use=DateUse.DAYS),
    FeatureSpec("born", Role.DATE, Missing.MODE, date_use=DateUse.MONTH, indicator=True),
    FeatureSpec("city", Role.CATEGORY, Missing.CATEGORY, indicator=True),
    FeatureSpec("note", Role.DESCRIPTOR),
    FeatureSpec("customer_id", Role.ID),
)
PLAIN = (FeatureSpec("income"), FeatureSpec("spend", missing=Missing.DROP))


@cache
def customers(n=140):
    """Return a small file with every kind of column and some gaps."""
    random = np.random.default_rng(0)
    group = np.sort(random.choice(3, n, p=[0.5, 0.3, 0.2]))
    days = pd.to_timedelta(random.integers(0, 800, (3, n)).ravel(), "D").to_numpy().reshape(3, n)
    dates = [(pd.Timestamp("2021-03-04") + pd.Series(each)).dt.strftime("%Y-%m-%d") for each in days]
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(n)],
            "income": (np.array([20.0, 60.0, 100.0])[group] + random.normal(0, 6, n)).round(2),
            "spend": (np.array([10.0, 90.0, 30.0])[group] + random.normal(0, 6, n)).round(2),
            "size": np.array(["Low", "Average", "High"])[random.integers(0, 3, n)],
            "joined": dates[0],
            "seen": dates[1],
            "born": dates[2],
            "city": np.array(["Oslo", "Rome", "Paris"])[group],
            "note": random.choice(["a", "b"], n),
            "tier": np.array(["gold", "silver", "tin"])[group],
        }
    )
    for column in ("income", "spend", "size", "joined", "born", "city"):
        frame.loc[random.choice(n, 4, replace=False), column] = None
    return read_frame(frame)


SETTINGS = {"autoencoder": (("epochs", 5),), "som": (("rows", 4), ("columns", 4))}


@cache
def segmentation(method, *, mixed):
    """Return segments of three by a method, of two number columns or of every kind of column."""
    recipe = Recipe(MIXED if mixed else PLAIN, 3, algorithm=method, settings=SETTINGS.get(method, ()))
    if method == "hdbscan":
        recipe = replace(recipe, features=PLAIN)
    return fit_segmentation(customers(), recipe)


MODELS = (
    *(f"{method}{columns}" for method in ALGORITHMS for columns in ("", " of mixed columns")),
    "with known labels",
    "full mixture",
    "mixture of components",
)


@cache
def model_file(name):
    """Return the bytes of one of MODELS: of each method, and one that knows what its segments stand for."""
    if name == "with known labels":
        known = MajorityLabelMap("tier", ("gold", "silver", "tin"), 0.9, 0.5, 0.8, 140)
        return to_bytes(replace(segmentation("k-means", mixed=True), known=known))
    if name == "full mixture":
        full = replace(Recipe(PLAIN, 3, algorithm="gaussian-mixture"), settings=(("shape", "full"),))
        return to_bytes(fit_segmentation(customers(), full))
    if name == "mixture of components":
        recipe = Recipe(MIXED, 3, algorithm="gaussian-mixture", reduction="famd", n_components=2)
        return to_bytes(fit_segmentation(customers(), recipe))
    return to_bytes(segmentation(name.removesuffix(" of mixed columns"), mixed=name.endswith(" of mixed columns")))


def older(plain, version):
    """Return a model's plain values as an earlier version wrote them."""
    plain = json.loads(json.dumps(plain))
    plain["version"] = version
    plain.pop("profile")
    if version < 3:
        plain.pop("known")
    if version == 1:
        plain.pop("placement")
        for feature in plain["features"]:
            for name in LATER_IN_FEATURES[feature["type"]]:
                feature.pop(name, None)
        for feature in plain["recipe"]["features"]:
            for name in LATER_IN_RECIPES:
                feature.pop(name)
    elif version == 2 and plain["placement"] is not None:
        for name in LATER_IN_UNITS:
            plain["placement"].pop(name, None)
    return plain


CLASSIFIERS_AS_NUMBERS = {"naive-bayes": (), "network": (("epochs", 3), ("width", 4))}


@cache
def classifier_file(key):
    """Return the bytes of a classifier that is written as plain numbers."""
    features = tuple(replace(each, missing=Missing.MEDIAN) if each.column == "income" else each for each in MIXED[:7])
    learned = learn(
        customers(), LearningRecipe("tier", features, classifiers=("naive-bayes",), tune=False, folds=2)
    ).model
    X = learned.preparation.transform(customers().frame)
    y = customers().frame["tier"].map({name: code for code, name in enumerate(learned.classes)}).to_numpy()
    learner = fit_learner(key, X, y.astype(np.intp), seed=0, settings=CLASSIFIERS_AS_NUMBERS[key])
    return classifier_bytes(replace(learned, classifier=key, learner=learner))


def parts_of(content):
    """Return the card and what was learnt of a classifier's file, as plain values."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.loads(archive.read("model.json")), json.loads(archive.read("learner"))

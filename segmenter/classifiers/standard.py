"""Which classifiers does scikit-learn lend, with which settings?"""

from collections.abc import Mapping

from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from segmenter.classifiers.bayes import MixedNaiveBayes
from segmenter.classifiers.classifier import Classifier, Learner
from segmenter.settings import SettingValue

# No depth limit, in scikit-learn's words None; a recipe holds numbers and words only.
NO_LIMIT = 0


def _logistic(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return LogisticRegression(C=settings["C"], max_iter=2_000, random_state=seed)


def _neighbours(seed: int, settings: Mapping[str, SettingValue]) -> Learner:  # noqa: ARG001 - one signature for all
    return KNeighborsClassifier(n_neighbors=settings["n_neighbors"], weights=settings["weights"])


def _tree(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    depth = settings["max_depth"] or None
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=settings["min_samples_leaf"], random_state=seed)


def _bayes(seed: int, settings: Mapping[str, SettingValue]) -> Learner:  # noqa: ARG001
    return MixedNaiveBayes(smoothing=float(settings["smoothing"]), least_spread=float(settings["least_spread"]))


def _forest(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return RandomForestClassifier(
        n_estimators=settings["n_estimators"],
        min_samples_leaf=settings["min_samples_leaf"],
        random_state=seed,
        n_jobs=1,
    )


def _boosting(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return GradientBoostingClassifier(**settings, random_state=seed)


def _histogram_boosting(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    # Its own early stopping would set rows aside above 10,000 customers only; tuning sets the rounds instead.
    return HistGradientBoostingClassifier(**settings, early_stopping=False, random_state=seed)


STANDARD = (
    Classifier(
        "logistic-regression",
        "Logistic regression",
        _logistic,
        "effects that add up; the easiest to explain",
        {"C": 1.0},
        {"C": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)},
    ),
    Classifier(
        "nearest-neighbours",
        "k-nearest neighbours",
        _neighbours,
        "few columns, many customers; it keeps their prepared rows",
        {"n_neighbors": 5, "weights": "uniform"},
        {"n_neighbors": (5, 11, 21, 41, 81), "weights": ("uniform", "distance")},
        keeps_rows=True,
    ),
    Classifier(
        "decision-tree",
        "Decision tree",
        _tree,
        "rules that can be read aloud",
        {"max_depth": NO_LIMIT, "min_samples_leaf": 1},
        {"max_depth": (3, 5, 7, NO_LIMIT), "min_samples_leaf": (5, 20, 50)},
    ),
    Classifier(
        "naive-bayes",
        "Naive Bayes",
        _bayes,
        "very few customers; columns that know nothing of each other",
        {"smoothing": 1.0, "least_spread": 0.01},
        {"smoothing": (0.1, 1.0, 10.0), "least_spread": (0.001, 0.01, 0.1)},
    ),
    Classifier(
        "random-forest",
        "Random forest",
        _forest,
        "columns that act together; needs no tuning",
        {"n_estimators": 100, "min_samples_leaf": 1},
        {"min_samples_leaf": (1, 3, 5, 10, 20)},
        searched_by="histogram-gradient-boosting",
    ),
    Classifier(
        "gradient-boosting",
        "Gradient boosting",
        _boosting,
        "some thousand customers, where it is often the most accurate; slow",
        {"learning_rate": 0.1, "max_depth": 3, "n_estimators": 100},
        {"learning_rate": (0.05, 0.1, 0.2), "max_depth": (2, 3)},
        searched_by="histogram-gradient-boosting",
    ),
    Classifier(
        "histogram-gradient-boosting",
        "Histogram gradient boosting",
        _histogram_boosting,
        "large files; wants tuning",
        {"learning_rate": 0.1, "max_leaf_nodes": 31, "max_iter": 100},
        {"learning_rate": (0.05, 0.1), "max_leaf_nodes": (6, 12, 31)},
    ),
)

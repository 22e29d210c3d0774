"""Every decision of the user about learning, and nothing computed."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Final, Self

from segmenter import config
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.recipe import FeatureSpec, Role, Scaling, feature_of, read_plain

AUTO: Final = "auto"
# What is learnt when no column is: the segments that were just formed.
SEGMENTS: Final = "the segments"
FEWEST_FOLDS, MOST_FOLDS, MOST_REPEATS = 2, 20, 20
LEAST_HELD_OUT, MOST_HELD_OUT = 0.05, 0.5


@dataclass(frozen=True)
class LearningRecipe:
    """How known segments are to be learnt.

    Attributes
    ----------
    target
        The column to learn, or `SEGMENTS`.
    features
        One per column; empty for the suggested ones.
    folds, repeats
        Customers are split into so many parts, so many times; each part is told by the others once.
    held_out_share
        Of the customers, set aside before anything is looked at, for one last score.
    classifiers
        Keys of those that compete; empty for all.
    chosen
        Key of the one to keep, or `AUTO` for the most accurate.
    tune
        Whether the chosen one's settings are searched for.
    weight_column
        The column that says how many people a customer stands for, as in a survey; empty where all count the same.
        Nothing is told by it.
    formulas
        (name, formula) of columns that are worked out from others, such as ("basket", "spend / orders").
    """

    target: str
    features: tuple[FeatureSpec, ...] = ()
    scaling: Scaling = Scaling.STANDARD
    seed: int = config.DEFAULT_SEED
    folds: int = 5
    repeats: int = 1
    held_out_share: float = 0.2
    classifiers: tuple[str, ...] = ()
    chosen: str = AUTO
    tune: bool = True
    weight_column: str = ""
    formulas: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "formulas", tuple((str(name), str(text)) for name, text in self.formulas))
        if self.weight_column:
            object.__setattr__(
                self,
                "features",
                tuple(
                    replace(each, role=Role.IGNORED) if each.column == self.weight_column and each.segments else each
                    for each in self.features
                ),
            )

    @property
    def competing(self) -> tuple[str, ...]:
        """Keys of the classifiers that compete, the chosen one among them."""
        keys = self.classifiers or tuple(CLASSIFIERS)
        return keys if self.chosen in (AUTO, *keys) else (*keys, self.chosen)

    def check(self) -> None:
        """Raise what cannot be done.

        Raises
        ------
        InvalidSettingError
            If a number is out of its range or there is no such classifier.
        """
        for key in self.competing:
            if key not in CLASSIFIERS:
                message = f"There is no classifier {key!r}. There are: {', '.join(CLASSIFIERS)}."
                raise InvalidSettingError(message)
        if self.weight_column and self.weight_column == self.target:
            message = f"{self.target} cannot be learnt and say what a customer counts at once. Name another column."
            raise InvalidSettingError(message)
        _in_range("parts (folds)", self.folds, FEWEST_FOLDS, MOST_FOLDS)
        _in_range("repeats", self.repeats, 1, MOST_REPEATS)
        _in_range("the share held out", self.held_out_share, LEAST_HELD_OUT, MOST_HELD_OUT)

    def to_json(self) -> str:
        """Return the recipe as JSON text."""
        plain = asdict(self)
        for name in ("weight_column", "formulas"):
            if not plain[name]:
                # As it was written before there were any, so that earlier versions read it.
                del plain[name]
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the recipe that `to_json` wrote.

        Raises
        ------
        InvalidSettingError
            If the text is not a recipe.
        """
        return read_plain(
            text,
            "learning recipe",
            lambda plain: cls(
                target=str(plain["target"]),
                features=tuple(feature_of(each) for each in plain["features"]),
                scaling=Scaling(plain["scaling"]),
                seed=int(plain["seed"]),
                folds=int(plain["folds"]),
                repeats=int(plain["repeats"]),
                held_out_share=float(plain["held_out_share"]),
                classifiers=tuple(str(each) for each in plain["classifiers"]),
                chosen=str(plain["chosen"]),
                tune=bool(plain["tune"]),
                weight_column=str(plain.get("weight_column", "")),
                formulas=tuple((str(name), str(text)) for name, text in plain.get("formulas", ())),
            ),
        )


def _in_range(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        message = f"{what.capitalize()}: {value:g} was asked for; {low:g} to {high:g} are possible."
        raise InvalidSettingError(message)

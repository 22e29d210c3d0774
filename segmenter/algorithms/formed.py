"""What does a way to form segments take and give?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.placement import Placement
from segmenter.errors import InvalidSettingError
from segmenter.progress import Progress

SettingValue = float | int | str
Settings = Mapping[str, SettingValue]


@dataclass(frozen=True)
class Setting:
    """Something about a method that the user may change.

    Attributes
    ----------
    key
        Its name on the command line and in a recipe.
    title
        Its name on the screen.
    default
        Its type is the setting's: whole number, number or text.
    low, high
        The range of a number, both ends included.
    choices
        The values of a text.
    explanation
        One plain sentence on what a change does.
    """

    key: str
    title: str
    default: SettingValue
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    explanation: str = ""

    def checked(self, value: SettingValue) -> SettingValue:
        """Return the value in this setting's type.

        Raises
        ------
        InvalidSettingError
            If it is not one that this setting can have.
        """
        if isinstance(self.default, str):
            return self._choice(str(value))
        try:
            number = type(self.default)(value)
        except (ValueError, OverflowError):
            number = float("nan")
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        if not low <= number <= high or number != float(value):
            message = f"{self.title} ({self.key}) = {value} is not possible; {self.low:g} to {self.high:g} are."
            raise InvalidSettingError(message)
        return number

    def _choice(self, value: str) -> str:
        if value not in self.choices:
            message = f"{self.title} ({self.key}) = {value} is not possible; there are: {', '.join(self.choices)}."
            raise InvalidSettingError(message)
        return value


@dataclass(frozen=True, eq=False)
class Formed:
    """Segments as a method formed them.

    Attributes
    ----------
    labels
        Shape (n,), 0 … k-1 in any order, -1 for "fits no segment".
    placement
        The rule that places new customers.
    details
        What only this method has to show (a dendrogram, a map, a learning curve); never saved.
    notes
        What the user should know about how the segments were formed, in sentences.
    """

    labels: NDArray[np.intp]
    placement: Placement
    details: object | None = None
    notes: tuple[str, ...] = ()


FitFunction = Callable[[NDArray[np.float64], int, int, Settings, Progress], Formed]
"""(X of shape (n_customers, n_features), n_segments, seed, settings, progress) to segments."""


def complete(known: Sequence[Setting], given: Settings) -> dict[str, SettingValue]:
    """Return every setting's value: the given one or the default.

    Raises
    ------
    InvalidSettingError
        If a given one is not known or not possible.
    """
    by_key = {setting.key: setting for setting in known}
    unknown = [key for key in given if key not in by_key]
    if unknown:
        there = f"There are: {', '.join(by_key)}." if by_key else "It has none."
        message = f"This method has no setting {unknown[0]!r}. {there}"
        raise InvalidSettingError(message)
    return {key: setting.checked(given.get(key, setting.default)) for key, setting in by_key.items()}

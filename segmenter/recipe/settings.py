"""Settings of a method: name, range and default."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from segmenter.errors.forming import InvalidSettingError

SettingValue = float | int | str
Settings = Mapping[str, SettingValue]
SettingPairs = tuple[tuple[str, SettingValue], ...]
"""Settings as recipes keep them, hashable: sorted (name, value); what is not named takes its default."""


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
    parse
        In place of choices: raises ValueError, with what is wrong in words, for a text that is not possible.
    example
        A text that is.
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
    parse: Callable[[str], object] | None = None
    example: str = ""

    def checked(self, value: SettingValue) -> SettingValue:
        """Return the value in this setting's type.

        Raises
        ------
        InvalidSettingError
            If it is not one that this setting can have.
        """
        if isinstance(self.default, str):
            return self._choice(str(value)) if self.parse is None else self._parsed(str(value).strip(), self.parse)
        try:
            number = type(self.default)(value)
        except (ValueError, OverflowError):
            number = math.nan
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if not low <= number <= high or number != float(value):
            message = f"{self.title} ({self.key}) = {value} is not possible; {self.low:g} to {self.high:g} are."
            raise InvalidSettingError(message)
        return number

    def _parsed(self, value: str, parse: Callable[[str], object]) -> str:
        try:
            if value != self.default:
                parse(value)
        except ValueError as error:
            message = (
                f"{self.title} ({self.key}) = {value[:60]} is not possible: {error}. Write it like {self.example}."
            )
            raise InvalidSettingError(message) from None
        return value

    def _choice(self, value: str) -> str:
        if value not in self.choices:
            message = f"{self.title} ({self.key}) = {value} is not possible; there are: {', '.join(self.choices)}."
            raise InvalidSettingError(message)
        return value


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


def pairs_of(settings: Settings) -> SettingPairs:
    """Return settings in the form that recipes keep them in."""
    return tuple(sorted(settings.items()))

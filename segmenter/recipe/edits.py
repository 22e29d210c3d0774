"""Changes of segments by hand, as decisions: what is changed, and nothing computed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from segmenter.errors.forming import InvalidSettingError


class EditKind(StrEnum):
    """What is changed about segments."""

    MERGE = "merge"
    SPLIT = "split"
    MINIMUM = "minimum"
    TOGETHER = "together"
    WITHOUT = "without"


@dataclass(frozen=True)
class Edit:
    """One change by hand.

    Attributes
    ----------
    segments
        The numbers, from 1, of the segments that are merged or split, as they stand after the changes before.
    size
        Customers that every segment must have at least.
    column
        Whose equal values must stay together, or that is left out.
    """

    kind: EditKind
    segments: tuple[int, ...] = ()
    size: int = 0
    column: str = ""

    def words(self, names: Sequence[str] = ()) -> str:
        """Return what is changed, in words.

        Parameters
        ----------
        names
            What the segments are called before the change; their numbers are said where it is empty.
        """
        called = [names[number - 1] if 0 < number <= len(names) else f"segment {number}" for number in self.segments]
        match self.kind:
            case EditKind.MERGE:
                return f"Merge {' and '.join(called)}"
            case EditKind.SPLIT:
                return f"Split {', '.join(called)} in two"
            case EditKind.MINIMUM:
                return f"At least {self.size:,} customers in every segment"
            case EditKind.TOGETHER:
                return f"Customers with the same {self.column} stay together"
            case EditKind.WITHOUT:
                return f"Leave {self.column} out"


# So many letters are a list of segments; longer ones are something else.
_LONGEST: Final = 400
FORMS: Final = "merge 2,3 · split 1 · minimum 50 · together COLUMN · without COLUMN"


def read_edit(text: str) -> Edit:
    """Return a change as it is written on the command line, such as `merge 2,3`.

    Parameters
    ----------
    text
        What to do, then the segments' numbers, a size, or a column.

    Raises
    ------
    InvalidSettingError
        If it is none.
    """
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    only_numbers = len(rest) <= _LONGEST and not re.search(r"[^0-9,;\s]", rest)
    numbers = tuple(map(int, re.findall(r"[0-9]+", rest))) if only_numbers else ()
    match word.casefold():
        case "merge" if len(numbers) >= 2:
            return Edit(EditKind.MERGE, numbers)
        case "split" if len(numbers) == 1:
            return Edit(EditKind.SPLIT, numbers)
        case "minimum" if len(numbers) == 1:
            return Edit(EditKind.MINIMUM, size=numbers[0])
        case "together" if rest:
            return Edit(EditKind.TOGETHER, column=rest)
        case "without" if rest:
            return Edit(EditKind.WITHOUT, column=rest)
    message = f"{text!r} is no change of segments. Write one of: {FORMS}."
    raise InvalidSettingError(message)

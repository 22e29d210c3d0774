"""Which of a file's columns stands for each of a model's?"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from segmenter.core.dataset import Dataset
from segmenter.errors import MissingColumnsError

# Names as alike as this are offered as a match, never taken silently.
SIMILAR_NAME = 0.6
# So many pairs of names are compared at most: one of two long names takes .2 ms, and 500 × 500 would hold a server up.
_MOST_PAIRS = 4_000


@dataclass(frozen=True)
class ColumnMatch:
    """Which of a file's columns stands for each of a model's.

    Attributes
    ----------
    found
        Model column → file column: equal names first, then names equal but for case, spaces and marks.
    suggestions
        Model column that was not found → the most similar names of the file, best first; none for the later ones
        of very many.
    """

    found: Mapping[str, str]
    suggestions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class UsedColumns:
    """The columns of a file that a model looks at.

    Attributes
    ----------
    names
        Model column → file column, in the model's order.
    """

    names: Mapping[str, str]

    @property
    def matched(self) -> dict[str, str]:
        """Model column → file column, where the names are not exactly equal."""
        return {ours: theirs for ours, theirs in self.names.items() if ours != theirs}

    def unused(self, customers: Dataset) -> tuple[str, ...]:
        """Return the other columns of the file."""
        used = set(self.names.values())
        return tuple(str(name) for name in customers.frame.columns if name not in used)


def match_names(names: Iterable[str], dataset: Dataset) -> ColumnMatch:
    """Find columns of some names in a file, never by position."""
    available = [column.name for column in dataset.columns]
    plain: dict[str, str] = {}
    for name in reversed(available):
        plain[_bare(name)] = name
    found: dict[str, str] = {}
    suggestions: dict[str, tuple[str, ...]] = {}
    most_compared = max(1, _MOST_PAIRS // max(1, len(plain)))
    for wanted in names:
        if wanted in available:
            found[wanted] = wanted
        elif _bare(wanted) in plain:
            found[wanted] = plain[_bare(wanted)]
        elif len(suggestions) >= most_compared:
            suggestions[wanted] = ()
        else:
            close = difflib.get_close_matches(_bare(wanted), list(plain), n=3, cutoff=SIMILAR_NAME)
            suggestions[wanted] = tuple(plain[each] for each in close)
    return ColumnMatch(found, suggestions)


def used_columns(wanted: list[str], customers: Dataset, by_hand: Mapping[str, str] | None = None) -> UsedColumns:
    """Return where a model's columns stand in a file, as names and the user say.

    Parameters
    ----------
    by_hand
        Model column → file column, for names that the user matched.

    Raises
    ------
    MissingColumnsError
        If one is absent.
    """
    match = match_names(wanted, customers)
    names = {**match.found, **(by_hand or {})}
    absent = [name for name in wanted if names.get(name) not in customers.frame]
    if absent:
        raise MissingColumnsError(wanted, absent, match.suggestions, list(customers.frame.columns))
    return UsedColumns({name: names[name] for name in wanted})


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())

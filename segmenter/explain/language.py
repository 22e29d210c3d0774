"""What is said of columns and segments, in one language: read from a table, so that another is another table."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final


@dataclass(frozen=True)
class Word:
    """What may be said of customers who are clearly below, or above, everyone in a column.

    Attributes
    ----------
    below, above
        In the column's own unit: the word is true only of a value on this side.
    above_years_ago
        The same of a year that lies fewer years back.
    """

    word: str
    below: float | None = None
    above: float | None = None
    above_years_ago: float | None = None

    @property
    def is_always_true(self) -> bool:
        """Whether the word has no limit."""
        return self.below is None and self.above is None and self.above_years_ago is None

    def is_true_of(self, value: float, this_year: int, days: float = 1.0) -> bool:
        """Whether the word may be said of a segment with this value, whose unit is so many days long."""
        return (
            (self.below is None or value * days < self.below)
            and (self.above is None or value * days > self.above)
            and (self.above_years_ago is None or value > this_year - self.above_years_ago)
        )


@dataclass(frozen=True)
class ColumnRole:
    """What a column says of a customer: how old, how much is earned, spent, ordered, how long ago.

    Attributes
    ----------
    place
        Where its word stands in a name: "who", "when" and "means" before the head, "head" last.
    words, phrases
        What a column of this role has in its name; `banned` are words that no such column has.
    low, high
        Words for customers below and above everyone, the first that is true.
    mid, noun
        What those near everyone are called where a word on their means stands before it; what customers are here.
    between
        What values of such a column lie between; None for any.
    wide_from
        Where some values are so large, others may lie below `between`, from 0 on; None for no such columns.
    clause
        What a sentence says of it; `clause_one` of exactly one, and `score_clause` where the column is a score out of
        something.
    needs, clause_needs
        The unit without which neither words nor clause, or not the clause, would be true; "time" for any unit of time.
    """

    key: str
    place: str
    words: frozenset[str]
    banned: frozenset[str]
    phrases: tuple[tuple[str, ...], ...] = ()
    low: tuple[Word, ...] = ()
    high: tuple[Word, ...] = ()
    mid: str = ""
    noun: str = ""
    one: str = ""
    comparative: tuple[str, str] | None = None
    between: tuple[float, float] | None = None
    wide_from: float | None = None
    clause: str = ""
    clause_one: str = ""
    score_clause: str = ""
    needs: str = ""
    clause_needs: str = ""
    unit: str = ""
    year: bool = False

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether a column with these words in its name plays this role."""
        if set(words) & self.banned:
            return False
        return bool(set(words) & self.words) or any(holds_phrase(words, phrase) for phrase in self.phrases)

    def speaks_in(self, unit: str, *, clause: bool = False) -> bool:
        """Whether its words, or its clause, are true of a column in this unit."""
        needed = (self.needs or self.clause_needs) if clause else self.needs
        return needed in ("", unit) or (needed == "time" and unit in language().table["unit_days"])


def holds_phrase(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether some words stand one after another among others."""
    length = len(phrase)
    return any(words[at : at + length] == phrase for at in range(len(words) - length + 1))


@dataclass(frozen=True)
class Language:
    """Every word of one language that names and sentences are made of.

    Attributes
    ----------
    value_words
        Words of columns that say what a customer is worth, the best first; `value_banned` are words of columns
        that never do, `value_prices` of those that are money without being what a customer brings.
    bare_levels
        Values of categories that mean something only beside their column's name.
    dropped
        First words of a label that say nothing beside the others.
    units
        Words in a header that name a unit, to the unit's name.
    not_in_time
        Words of headers that count something within a time, so that a unit of time at their end is not theirs.
    earned
        Words, and phrases, of columns that say what a customer earns or has elsewhere, and does not spend here.
    texts
        Templates by section and key.
    table
        Everything else that the language's table holds, by section and key.
    """

    roles: tuple[ColumnRole, ...]
    value_words: tuple[tuple[tuple[str, ...], ...], ...]
    value_banned: frozenset[str]
    value_prices: frozenset[str]
    bare_levels: frozenset[str]
    dropped: frozenset[str]
    units: Mapping[str, str]
    not_in_time: frozenset[str]
    earned: tuple[tuple[str, ...], ...] = ()
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    table: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def text(self, section: str, key: str, **facts: object) -> str:
        """Return a template of the language with facts filled in."""
        return str(self.texts[section][key]).format(**facts)

    def words(self, section: str, key: str) -> frozenset[str]:
        """Return the words that stand under a key of a section."""
        return _word_set(self.table[section][key])


@cache
def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def language() -> Language:
    """Return the language that segments are described in."""
    table = tomllib.loads(files("segmenter.explain").joinpath("words.toml").read_text(encoding="utf-8"))
    groups = tuple(tuple(tuple(each.split("_")) for each in group.split()) for group in table["value"]["groups"])
    units = {word: unit for unit, words in table["units"].items() for word in words.split()}
    texts = {section: table[section] for section in ("sentence", "names", "money", "criteria")}
    return Language(
        roles=tuple(_role(key, plain) for key, plain in table["roles"].items()),
        value_words=groups,
        value_banned=frozenset(table["value"]["not"].split()),
        value_prices=frozenset(table["value"]["prices"].split()),
        bare_levels=frozenset(table["levels"]["bare"].split()),
        dropped=frozenset(table["labels"]["dropped"].split()),
        units=units,
        not_in_time=frozenset(table["not_measured_in_time"]["words"].split()),
        earned=(
            *((word,) for word in table["value"]["earned"].split()),
            *(tuple(phrase.split()) for phrase in table["value"]["earned_phrases"].split(",")),
        ),
        texts=texts,
        table=table,
    )


_AS_THEY_ARE: Final = (
    "mid",
    "noun",
    "one",
    "clause",
    "clause_one",
    "score_clause",
    "needs",
    "clause_needs",
    "wide_from",
    "unit",
    "year",
)


def _role(key: str, plain: Mapping[str, Any]) -> ColumnRole:
    settings = {name: plain[name] for name in _AS_THEY_ARE if name in plain}
    return ColumnRole(
        key=key,
        place=plain["place"],
        words=frozenset(plain["words"].split()),
        banned=frozenset(plain["not"].split()) if "not" in plain else frozenset(),
        phrases=tuple(tuple(phrase.split()) for phrase in plain.get("phrases", "").split(",") if phrase),
        low=tuple(Word(**word) for word in plain.get("low", ())),
        high=tuple(Word(**word) for word in plain.get("high", ())),
        comparative=tuple(plain["comparative"]) if "comparative" in plain else None,
        between=tuple(plain["between"]) if "between" in plain else None,
        **settings,
    )

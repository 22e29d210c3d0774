"""How a column is spoken of: its label, its unit, the digits that its values deserve, and what it says of customers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from segmenter.display import number_text, percent_text, shortened
from segmenter.explain.language import ColumnRole, holds_phrase, language
from segmenter.recipe.recipe import Recipe, Role
from segmenter.segment.result import Result
from segmenter.table.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.table.infer.header import without_accents, words_of
from segmenter.table.infer.meanings import are_years, plain_words, protected_ground
from segmenter.table.infer.numbers import CURRENCIES
from segmenter.typing import FloatArray

LONGEST_LABEL: Final = 32
# Words shorter than this, such as "of", "the", "mit" and "der", do not end a label that is cut.
_LEADS_ON_BELOW: Final = 4
# A unit is short; longer words in brackets explain, and belong to the label.
_LONGEST_UNIT: Final = 12
_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]\s*$")
_RANGE: Final = re.compile(r"(?:(?<!\d)\d++\s*+(?:-|–|to|bis)\s*+|out of |of |/)(\d+)", re.IGNORECASE)
_CURRENCY_CODES: Final = frozenset({"eur", "usd", "gbp", "chf", "jpy", "inr", "aud", "cad", "sek", "nok", "dkk", "pln"})
_PERIOD: Final = re.compile(r"(\d{1,4})([a-z]{1,6})")
_ACRONYM: Final = 4
_SIGNS_LOOKED_AT: Final = 50
_UMLAUT: Final = re.compile("[äöüßÄÖÜ]")
_COLUMNS_OF_A_LANGUAGE: Final = 2


@dataclass(frozen=True)
class ColumnWords:
    """How one column is spoken of.

    Attributes
    ----------
    label
        Its name as words, without the unit; shorter than `LONGEST_LABEL`.
    role
        What it says of a customer; None where its name does not tell.
    prefix, unit
        Before and after a value: "£", "k$", "years", "%".
    known_unit
        The unit that its values have, also where it stands in the label.
    most
        The best score where the header says one, such as "100" of "(1-100)".
    decimals
        Digits after the point that values of this size deserve.
    counted
        Whether the shares of its values are counted, rather than a mean of them.
    forming
        Whether it formed the segments.
    protected
        Whether it tells what the law protects; it names nobody and rules over nobody.
    is_share
        Whether its mean is the share of customers that say yes.
    is_count
        Whether it says how many of something a customer has: "visits per week".
    order
        The values of an ordered category, lowest first.
    is_rate
        Whether it is a share of something, 0-1, written in per cent: an open rate.
    is_year
        Whether its numbers are calendar years, written without a comma and compared by no ratio.
    """

    column: str
    label: str
    kind: ColumnKind
    role: ColumnRole | None = None
    prefix: str = ""
    unit: str = ""
    known_unit: str = ""
    most: str = ""
    decimals: int = 0
    counted: bool = False
    forming: bool = False
    protected: bool = False
    is_share: bool = False
    is_count: bool = False
    order: tuple[str, ...] = ()
    is_rate: bool = False
    is_year: bool = False

    @property
    def days_a_unit(self) -> float:
        """How many days its unit of time is long; 1 where it has none."""
        return float(language().table["unit_days"].get(self.known_unit, 1.0))

    @property
    def title(self) -> str:
        """What stands beside an axis: "Monthly fee (EUR)"."""
        unit = self.prefix or self.unit or (f"of {self.most}" if self.most else "")
        name = f"{self.label[:1].upper()}{self.label[1:]}"
        return f"{name} ({unit})" if unit else name

    @property
    def places(self) -> int:
        """Digits after the point as they are written: an amount of money has two for its cents, or none."""
        is_money = self.decimals == 1 and bool(self.prefix or self.unit.lower() in _CURRENCY_CODES)
        return 2 if is_money else self.decimals

    def text(self, value: float) -> str:
        """Return a value in the column's own unit, with as many digits as its size deserves."""
        if self.kind is ColumnKind.DATE:
            return date_text(value)
        if self.is_share:
            return percent_text(value)
        if self.is_rate:
            return f"{number_text(100 * value, max(self.decimals - 2, 0))} %"
        if self.is_year:
            return f"{value:.0f}"
        plain = number_text(value, self.places)
        if self.decimals == 1:
            plain = plain.removesuffix(".00" if self.places == 2 else ".0")
        if value == 0:
            plain = "0"
        unit = self.unit.removesuffix("s") if plain in ("1", "−1") and self.unit.endswith("s") else self.unit
        sign, digits = ("−", plain[1:]) if plain.startswith("−") else ("", plain)
        written = f"{sign}{self.prefix}{digits}"
        if self.most:
            return language().text("sentence", "of_most", value=written, most=self.most)
        return f"{written} {unit}" if unit else written


def date_text(nanoseconds: float) -> str:
    """Return a day, given as nanoseconds since 1970."""
    return f"{pd.Timestamp(int(nanoseconds)):%Y-%m-%d}"


def decimals_for(size: float, *, whole: bool = False) -> int:
    """Return how many digits after the point a number of this size deserves; two figures tell what three do not.

    Parameters
    ----------
    size
        The magnitude that the column's values have.
    whole
        Whether the values are whole numbers, whose means need no digit from ten on.
    """
    if not np.isfinite(size) or size >= 100 or (whole and size >= 10) or size == 0:
        return 0
    if size >= 1 or (whole and size >= 0.1):
        return 1
    return min(12, 1 - int(np.floor(np.log10(size)))) if size < 0.1 else 2


def column_words(dataset: Dataset, recipe: Recipe) -> tuple[ColumnWords, ...]:
    """Return how each column that describes customers is spoken of, in file order; personal data never is.

    Parameters
    ----------
    recipe
        Says which columns formed the segments.
    """
    basis = tuple((spec.column, spec.role) for spec in recipe.segmenting), recipe.weight_column
    known = _WORDS.get(dataset)
    if known is None or known[0] != basis:
        known = _WORDS[dataset] = basis, _spoken_of(dataset, recipe)
    return known[1]


# Whatever stands on a page asks for them again, and a dataset never changes: its last are kept as long as it lives.
_WORDS: Final[WeakKeyDictionary[Dataset, tuple[object, tuple[ColumnWords, ...]]]] = WeakKeyDictionary()


def _spoken_of(dataset: Dataset, recipe: Recipe) -> tuple[ColumnWords, ...]:
    roles = {spec.column: spec.role for spec in recipe.segmenting}
    as_spelt = _has_german_headers([column.name for column in dataset.columns])
    words = [
        _words(column, dataset, roles.get(column.name), as_spelt=as_spelt)
        for column in dataset.columns
        if column.name != recipe.weight_column and _describes(column, dataset, forming=column.name in roles)
    ]
    words = [each if _plays_alone(each, words) else replace(each, role=None) for each in words]
    # Of a name that was cut, the end that tells it apart is lost.
    cut = {column.name: column.header for column in dataset.columns if len(column.header) > len(column.name)}
    return tuple(_with_own_labels(words, cut))


def _with_own_labels(words: Sequence[ColumnWords], headers: Mapping[str, str]) -> list[ColumnWords]:
    """Return columns of which no two are called alike: those that are, are called by the words that tell them apart."""
    alike: dict[str, list[ColumnWords]] = {}
    for each in words:
        alike.setdefault(each.label, []).append(each)
    taken = {label for label, columns in alike.items() if len(columns) == 1}
    own: dict[str, str] = {}
    for label, columns in alike.items():
        if len(columns) == 1:
            continue
        full = [
            _label_words(headers.get(each.column, each.column), as_spelt=not label.islower()) or [label]
            for each in columns
        ]
        for each, said in zip(columns, _told_apart(full), strict=True):
            tries = [said, *(f"{shortened(said, LONGEST_LABEL - 5)} ({number})" for number in range(2, len(words) + 2))]
            own[each.column] = next(name for name in tries if name not in taken)
            taken.add(own[each.column])
    return [replace(each, label=own.get(each.column, each.label)) for each in words]


def _told_apart(names: Sequence[list[str]]) -> list[str]:
    """Return names that are short enough: the questions of a grid share their beginning, and differ at their ends."""
    whole = [" ".join(name) for name in names]
    if all(len(name) <= LONGEST_LABEL for name in whole):
        return whole
    shared = 0
    while all(len(name) > shared + 1 for name in names) and len({name[shared].lower() for name in names}) == 1:
        shared += 1
    return [_cut(_without_brackets(" ".join(name[shared:]))) for name in names]


def _without_brackets(text: str) -> str:
    """Return what brackets around all of a text hold, and a text without brackets that nothing opens or closes."""
    for opening, closing in ("()", "[]"):
        if text.startswith(opening) and text.find(closing) in (-1, len(text) - 1):
            text = text.removeprefix(opening)
        if text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text.removesuffix(closing)
    return text


def _plays_alone(words: ColumnWords, others: Sequence[ColumnWords]) -> bool:
    """Whether "spending 20" says which column is meant: of two columns of a role, each is called by its own label."""
    if words.role is None:
        return True
    same = [each for each in others if each.role is words.role]
    forming = [each for each in same if each.forming]
    return len(same) == 1 or (len(forming) == 1 and words.forming)


def forming_first(words: Sequence[ColumnWords]) -> tuple[ColumnWords, ...]:
    """Return columns in file order, those that formed the segments before those that only describe them."""
    return tuple(sorted(words, key=lambda each: not each.forming))


_DESCRIBING: Final = frozenset(
    {*NUMERIC_KINDS, ColumnKind.YES_NO, ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.DATE}
)


def _describes(column: Column, dataset: Dataset, *, forming: bool) -> bool:
    if column.kind is ColumnKind.PERSONAL or column.name not in dataset.frame:
        return False
    return column.kind in _DESCRIBING or forming


def _has_german_headers(headers: Sequence[str]) -> bool:
    """Whether a file's columns have German names, whose nouns begin with capitals also within a sentence."""
    german = language().words("labels", "german")
    is_german = [bool(_UMLAUT.search(header) or german & set(plain_words(header))) for header in headers]
    return sum(is_german) >= _COLUMNS_OF_A_LANGUAGE


def _words(column: Column, dataset: Dataset, used_as: Role | None, *, as_spelt: bool = False) -> ColumnWords:
    values = dataset.frame[column.name]
    is_numeric = bool(pd.api.types.is_numeric_dtype(values))
    numbers = (*NUMERIC_KINDS, ColumnKind.YES_NO) if used_as is None else (column.kind,)
    # A yes or no is told as the share that says yes, whatever it is used as.
    is_share = (
        column.kind in (ColumnKind.YES_NO, ColumnKind.CONSENT) and is_numeric and values.isin([0, 1, np.nan]).all()
    )
    is_number = is_share or (is_numeric and column.kind in numbers and used_as is not Role.CATEGORY)
    # One of the answers to a question: where both are too long, the answer says what the column is.
    question = f"{column.part_of}: " if column.part_of and len(column.name) > LONGEST_LABEL else ""
    label, unit, known_unit, most = read_header(column.name.removeprefix(question), as_spelt=as_spelt)
    if column.kind is ColumnKind.PERCENTAGE:
        unit = known_unit = "%"
    prefix, unit = _currency(column, unit, dataset.original[column.name])
    decimals, role, is_count, is_rate, is_year = 0, None, False, False, False
    if is_number:
        known = values.to_numpy(dtype=np.float64)
        known = known[np.isfinite(known)]
        if len(known):
            whole = bool((known == np.round(known)).all())
            if unit == "%" and column.kind is not ColumnKind.PERCENTAGE and known.max() <= 1:
                # Called a percentage, and kept as a share.
                unit = known_unit = ""
                of_rates = True
            else:
                of_rates = _is_of_rates(label)
            is_rate = bool(not (whole or unit or prefix) and of_rates and known.min() >= 0 and known.max() <= 1)
            decimals = decimals_for(max(abs(float(known.mean())), float(known.std())), whole=whole)
            is_year = not (prefix or unit or most) and are_years(column.name, known)
            is_plain = not (is_year or is_share or prefix or unit or most)
            is_count = is_plain and known.min() >= 0 and counts_things(label, whole=whole)
        if not is_share:
            role = role_of_column(column.name, known)
            if role is None and label.startswith(f"{language().table['header']['time']} "):
                role = role_of_column(label, known)
            if role is not None and role.key == "spend" and is_earned(column.name):
                role = None
    if role is not None and not unit:
        # "Tage seit letztem Kauf" names the unit in words that stay as they are.
        of_time = known_unit if "time" in (role.needs, role.clause_needs) else ""
        unit = role.unit or of_time
        known_unit = unit or known_unit
    shown = tuple(values.dropna().unique()[:21]) if column.kind in (ColumnKind.CATEGORY, ColumnKind.ORDERED) else ()
    return ColumnWords(
        column=column.name,
        label=label,
        kind=column.kind,
        role=role,
        prefix=prefix,
        unit=unit,
        known_unit=known_unit,
        most=most,
        decimals=decimals,
        counted=not is_number and column.kind is not ColumnKind.DATE,
        is_share=bool(is_share),
        is_count=bool(is_count),
        order=column.levels,
        is_rate=is_rate,
        is_year=is_year or bool(role and role.year),
        forming=used_as is not None,
        protected=bool(protected_ground(column.name, [str(value) for value in shown])),
    )


def _is_of_rates(label: str) -> bool:
    """Whether a label is that of a share: an open rate, a mobile share of visits, a share of weekend."""
    words, prepositions = label.lower().split(), language().words("header", "prepositions")
    end = next((at for at, word in enumerate(words) if at and word in prepositions), len(words))
    return bool({words[0], words[end - 1]} & language().words("header", "rates"))


def role_of_column(header: str, values: FloatArray) -> ColumnRole | None:
    """Return what a column of numbers says of customers, by its name and by where its values lie.

    Parameters
    ----------
    values
        Shape (n,), those that are known.
    """
    words = plain_words(header)
    for role in language().roles:
        if not role.fits(words):
            continue
        if role.between and len(values):
            low, high = np.quantile(values, [0.02, 0.98])
            # Where some are old, those below the limit are their children.
            is_wide = role.wide_from is not None and high >= role.wide_from and low >= 0
            if (low < role.between[0] and not is_wide) or high > role.between[1]:
                continue
        return role
    return None


def read_header(header: str, *, as_spelt: bool = False) -> tuple[str, str, str, str]:
    """Return a header's label, the unit to write after values, the unit that is known, and the best score.

    `Annual Income (k$)` gives ("annual income", "k$", "k$", ""), `recency_days` ("recency", "days", "days", ""),
    `Total_Trans_Ct` ("transactions", "", "", ""), `MntMeatProducts` ("spending on meat products", "", "", "").

    Parameters
    ----------
    as_spelt
        Whether words keep their capitals, as German nouns do.
    """
    text, unit, most = header, "", ""
    if found := _BRACKETS.search(text):
        inside = found[1].strip()
        if ranged := _RANGE.fullmatch(inside):
            most, text = ranged[1], text[: found.start()]
        elif (period := _last_period(inside)) is not None:
            text = f"{text[: found.start()]} {period}"
        elif len(inside) <= _LONGEST_UNIT and not any(letter.isdecimal() for letter in inside):
            unit, text = inside.removeprefix("in "), text[: found.start()]
    words = _asked(_label_words(_with_blanks(text), as_spelt=as_spelt))
    words = _as_time_since(words)
    units = language().units
    if unit and (ago := unit.lower().split())[-1] == language().table["header"]["ago"] and ago[0] in units:
        # "Last open (days ago)" is the time since then.
        unit = ago[0]
        if words[:1] and words[0].lower() in language().words("header", "last"):
            words = [str(language().table["header"]["time"]), str(language().table["header"]["since"]), *words]
    if unit.lower() == "min" and not {word.lower() for word in words} & language().words("header", "magnitude_after"):
        # In brackets it is the unit, and not the least: but of money.
        unit = units["minutes"]
    known = unit = units.get(unit.lower(), _of_money(unit))
    if not unit:
        words, unit, known = _without_unit(words)
    words = _of_what(_hyphenated(words), known)
    label = " ".join(_spoken(words, has_unit=bool(unit)))
    label = label or "".join(letter for letter in header if letter.isprintable()).strip() or "column"
    return _cut(label), unit, known, most


def _with_blanks(header: str) -> str:
    """Return a header in which a sign of per cent, and "per" written as a stroke, stand apart: "orders per year"."""
    text = f"{header[:-1]} %" if header.endswith("%") else header
    front, stroke, period = text.rpartition(str(language().table["header"]["slash"]))
    periods = language().words("header", "of_a_period")
    return (
        f"{front} {language().table['header']['per']} {period}"
        if stroke and period.strip().lower() in periods
        else text
    )


def _of_what(words: list[str], unit: str) -> list[str]:
    """Return a label's words with what is measured, where they name only its unit, or only what is used: "data use"."""
    header = language().table["header"]
    last = words[-1].lower() if words else ""
    if language().units.get(last) == unit and unit in header["of_unit"]:
        return [*words[:-1], *str(header["of_unit"][unit]).split()]
    said = str(header["in_unit"].get(last, ""))
    fits = unit in header["of_unit"] or unit in language().words("header", "capacity")
    is_capacity = unit in language().words("header", "capacity")
    if len(words) == 1 and said and fits and is_capacity == said.endswith("capacity"):
        return said.split()
    return words


def _of_money(unit: str) -> str:
    """Return a unit of money in thousands or millions as it stands behind a number: "m EUR", "k$"."""
    magnitudes = language().words("header", "magnitudes")
    first, *rest = unit.split() or [""]
    if len(rest) == 1 and rest[0].lower() in magnitudes:
        is_sign = bool(re.fullmatch(CURRENCIES, first)) and not first.isalpha()
        return f"{rest[0]}{first}" if is_sign else f"{rest[0]} {first}" if first.lower() in _CURRENCY_CODES else unit
    if first[:1] and not rest and not first[0].isalnum() and first[1:].lower() in magnitudes:
        return f"{first[1:]}{first[0]}"
    return unit


def _last_period(inside: str) -> str | None:
    """Return the time that brackets name, as a label says it: "last 30 d" of "30d", None for anything else."""
    words = [word for word in _label_words(inside) if word not in language().words("header", "in_last_left_out")]
    joined = _PERIOD.fullmatch(words[-1].lower()) if words else None
    if joined:
        words[-1:] = joined[1], joined[2]
    if len(words) > 2 and words[0].lower() in language().words("header", "last"):
        del words[0]
    is_period = len(words) == 2 and words[0].isdecimal() and words[1].lower() in language().table["periods"]
    return f"{language().table['header']['of_last']} {words[0]} {words[1]}" if is_period else None


def _as_time_since(words: list[str]) -> list[str]:
    """Return "last visit days" and "last login days ago" as "days since last visit", and what begins with "since"."""
    table, lowered = language().table["header"], [word.lower() for word in words]
    if len(words) > 2 and lowered[-1] == table["ago"]:
        words, lowered = words[:-1], lowered[:-1]
    *rest, last = lowered or [""]
    unit = language().units.get(last, "")
    is_long = language().table["unit_days"].get(unit, 0) >= 1
    silent = language().words("header", "of_a_period") | language().words("header", "lasts")
    is_event = len(rest) > 1 and rest[0] == table["of_last"] and not set(rest) & (silent | set(language().units))
    if is_long and is_event and not any(map(str.isdecimal, rest)):
        return [words[-1], str(table["since"]), *words[:-1]]
    if len(words) > 1 and lowered[0] == table["since"]:
        return [str(table["time"]), *words]
    return words


def _asked(words: list[str]) -> list[str]:
    """Return what a question asks for: "satisfaction with our shop" of "How satisfied are you with our shop"."""
    table, lowered = language().table["questions"], [word.lower().rstrip("?") for word in words]
    words = [word.rstrip("?") or word for word in words]
    if len(words) > 3 and lowered[0] == table["how"] and lowered[1] in table["nouns"]:
        if lowered[2] in table["are"].split() and lowered[3] in table["you"].split():
            return [*str(table["nouns"][lowered[1]]).split(), *words[4:]]
        if lowered[2] in table["are"].split():
            return [*str(table["nouns"][lowered[1]]).split(), str(language().table["header"]["of"]), *words[3:]]
    return words


def _without_unit(words: list[str]) -> tuple[list[str], str, str]:
    """Return a label's words without the unit that one of them names, the unit to write, and the unit that is known."""
    units, headers = language().units, language().table["header"]
    lowered = [without_accents(word.lower()) for word in words]
    if len(words) == 3 and lowered[0] == headers["no"] and lowered[2] in units:
        words = headers["free_of"].format(thing=singular_of(words[1]), times=units[lowered[2]]).split()
        return words, "", units[lowered[2]]
    if share := _of_percents(words):
        return share, "%", "%"
    if money := _take_unit_of_money(words):
        return words, money, money
    is_bare = len(words) == 1 or (len(words) == 2 and lowered[0] in language().words("header", "silent_in_names"))
    if is_bare and units.get(lowered[-1]) in headers["of_unit"]:
        # What is measured takes the unit's place.
        return words, units[lowered[-1]], units[lowered[-1]]
    if len(words) == 2 and is_bare and lowered[-1] in units:
        # "Annual km": nothing would be left that says what is measured.
        return [words[0], units[lowered[-1]]], "", units[lowered[-1]]
    letter = language().table["periods"].get(lowered[-1], "") if len(lowered[-1:][0] if lowered else "") == 1 else ""
    if letter and len(words) > 1 and lowered[-2] in language().words("header", "before_a_letter"):
        return words[:-1], letter, letter
    if len(words) > 1 and lowered[-1] in units and _measures_time(words[:-1]):
        unit = units[words.pop().lower()]
        return words, unit, unit
    if len(words) > 1 and lowered[-1] == "min" and set(lowered) & language().words("header", "min_after"):
        return words[:-1], units["minutes"], units["minutes"]
    if len(words) > 2 and lowered[0] in units and lowered[1] in language().words("header", "between"):
        unit = units[lowered[0]]
        return [str(headers["time"]), *words[1:]], unit, unit
    return words, "", units.get(lowered[0], "") if words else ""


def _of_percents(words: Sequence[str]) -> list[str]:
    """Return a label's words without the one that says per cent; none where none does."""
    percents = language().words("labels", "percents")
    if len(words) > 1 and words[-1].lower() in percents:
        return [*words[:-1]]
    if len(words) > 1 and words[0].lower() in percents:
        # "Pct online" is the share that is; "completion %" is a share by its unit.
        is_said = words[-1].lower() in language().words("header", "rates")
        return [*words[1:], *([] if is_said else [str(language().table["header"]["share"])])]
    return []


def _take_unit_of_money(words: list[str]) -> str:
    """Take the unit of money out of a label's words and return it: "EUR", "m EUR", "k"; empty where there is none."""
    magnitudes = language().words("header", "magnitudes")
    for place in range(len(words) - 1, 0, -1):
        if words[place].lower() in _CURRENCY_CODES:
            code = words.pop(place).upper()
            near = next((at for at in (place, place - 1) if 0 < at < len(words) and words[at].lower() in magnitudes), 0)
            return _of_money(f"{code} {words.pop(near)}") if near else code
    # An "m" alone may be metres or months.
    is_magnitude = len(words) > 1 and words[-1].lower() in magnitudes - {"m"}
    is_money = bool({word.lower() for word in words[:-1]} & language().words("header", "magnitude_after"))
    return words.pop() if is_magnitude and is_money else ""


def _spoken(words: Sequence[str], *, has_unit: bool) -> list[str]:
    """Return a label's words as they are spoken: nothing shortened, counts as plurals, periods with their prepositions.

    What is spelt in another language stays as it is.
    """
    table, header, said = language().table, language().table["header"], list(words)
    while len(said) > 1 and said[0].lower() in language().dropped:
        del said[0]
    careful = language().words("labels", "dropped_with_care")
    is_of = len(said) > 2 and said[1].lower() == header["of"]
    # "No orders" are a number of them; "no claims years" have none.
    if said and said[0].lower() in careful and (is_of or (len(said) == 2 and not has_unit)):
        del said[0]
    if len(said) > 1 and said[0].lower() == header["of"]:
        del said[0]
    said = _with_periods(said)
    if len(said) > 1 and not {said[1].lower()} & (language().words("header", "not_spent_on") | {header["of"]}):
        if said[0].lower() in language().words("header", "spends") and not any(map(str.isdecimal, "".join(said))):
            said[:1] = header["spending_on"].split()
        elif said[0].lower() in language().words("header", "shares"):
            said.insert(1, header["of"])
    said = [piece for word in said for piece in table["abbreviations"].get(word.lower(), word).split()]
    if len(said) > 1 and said[-1] == language().table["abbreviations"]["mnt"].split()[-1]:
        del said[-1]
    if len(said) > 1 and said[-1].lower() in language().words("labels", "counters"):
        said[-2:] = [_plural(said[-2])]
        if len(said) > 1 and said[0] in (table["abbreviations"]["tot"], *language().dropped):
            del said[0]
    said = _with_one_plural(said)
    acronyms = {word.lower(): word for word in table["labels"]["acronyms"].split()}
    return [acronyms.get(word.lower(), word) for word in said]


def _with_one_plural(words: list[str]) -> list[str]:
    """Return words without the plural of a noun that only tells of which kind the next one is: "deal purchases"."""
    before = language().words("header", "prepositions")
    end = next((at for at, word in enumerate(words) if at and word.lower() in before), len(words))
    if end > 1 and _is_plural(words[end - 1]) and _is_plural(words[end - 2]):
        words[end - 2] = words[end - 2][:-1]
    return words


def _is_plural(word: str) -> bool:
    """Whether a word looks like the plural of something that is counted."""
    lowered = word.lower()
    is_none = lowered.endswith(("ss", "is", "us")) or lowered in language().words("counts", "not")
    return len(word) > 3 and lowered.endswith("s") and not is_none


def _with_periods(words: list[str]) -> list[str]:
    """Return words in which a period at the end is said as one: "in the last 30 days", "per month"."""
    table, header = language().table["periods"], language().table["header"]
    joined = _PERIOD.fullmatch(words[-1].lower()) if len(words) > 1 else None
    if joined and joined[2] in table:
        words = [*words[:-1], joined[1], joined[2]]
    if len(words) > 2 and words[-2].isdecimal() and words[-1].lower() in table:
        n, period, rest = words[-2], table[words[-1].lower()], words[:-2]
        is_last = len(rest) > 1 and rest[-1].lower() in language().words("header", "last")
        rest = rest[:-1] if is_last else rest
        rest = rest[:-1] if len(rest) > 1 and rest[-1].lower() in ("in", "the") else rest
        rest = rest[:-1] if len(rest) > 1 and rest[-1].lower() == "in" else rest
        return [*rest, *header["in_last" if is_last else "in"].format(n=n, period=period).split()]
    if len(words) > 1 and words[-1].lower() in language().words("header", "of_a_period"):
        before = words[-2].lower()
        if len(words) > 2 and before in language().words("header", "each"):
            return [*words[:-2], header["per"], words[-1]]
        if before in language().words("header", "counted_short"):
            words = [*words[:-2], f"{_spoken_alone(before).removesuffix('s')}s", words[-1]]
            before = words[-2]
        done = before.endswith("ed") or before in language().words("counts", "participles")
        is_counted = before.endswith("s") and before not in language().words("counts", "not")
        # "Hours watched (a) week" are counted as "hours (a) week" would be.
        is_counted |= done and any(_is_counted(word) for word in words[:-2])
        is_paid = before in language().words("header", "by_the_period")
        if before not in language().words("header", "names_a_period") and (is_counted or is_paid):
            return [*words[:-1], header["per"], words[-1]]
    return words


def _hyphenated(words: Sequence[str]) -> list[str]:
    """Return words with those as one that are written with a hyphen: "in-app"."""
    said = list(words)
    for plain, written in language().table["header"]["compounds"]:
        first, second = plain.split()
        for at in range(len(said) - 2, -1, -1):
            if (said[at].lower(), said[at + 1].lower()) == (first, second):
                said[at : at + 2] = [str(written)]
    return said


def _spoken_alone(word: str) -> str:
    return str(language().table["abbreviations"].get(word, word))


def _is_counted(word: str) -> bool:
    return _is_plural(word) or word.lower() in language().words("counts", "times")


def _plural(noun: str) -> str:
    for ending, plural in language().table["counts"]["plurals"]:
        if noun.endswith(ending):
            return noun.removesuffix(ending) + str(plural)
    return f"{noun}s"


def singular_of(label: str) -> str:
    """Return a label of what is counted as it is said of one: "booking canceled"."""
    words = label.split()
    at = _counted_noun([word.lower() for word in words])
    if at is None:
        return label
    for ending, single in language().table["counts"]["singulars"]:
        if words[at].endswith(ending):
            words[at] = words[at].removesuffix(ending) + str(single)
            break
    return " ".join(words)


def _counted_noun(words: Sequence[str]) -> int | None:
    """Return where in a label in lower case the noun of what is counted stands; None where nothing stands before it."""
    prepositions = language().words("header", "prepositions")
    end = next((at for at, word in enumerate(words) if at and word in prepositions), len(words))
    if end == 0:
        return None
    if words[0] in language().words("counts", "times"):
        # "1 year supporting".
        return 0
    done = end > 1 and (words[end - 1].endswith("ed") or words[end - 1] in language().words("counts", "participles"))
    return end - 2 if done else end - 1


def plural_of(label: str) -> str:
    """Return a label whose last word is a plural."""
    *words, last = label.split()
    return " ".join([*words, _plural(last)])


def counts_things(label: str, *, whole: bool) -> bool:
    """Whether a label is the plural of what is counted, such as "open tickets" or "visits per week"."""
    words = label.lower().split()
    before = next(
        (at for at, word in enumerate(words) if at and word in language().words("header", "prepositions")), None
    )
    head = words[:before]
    if not head or head[0] in language().words("counts", "averages") | language().words("counts", "measures"):
        return False
    times = language().words("counts", "times")
    if len(head) > 1 and head[-1] in language().words("counts", "after_times") and head[-2] in times:
        return True
    if head[0] in language().words("counts", "times"):
        return True
    at = _counted_noun(words)
    noun = words[at] if at is not None else ""
    is_rate = before is not None and words[before] == language().table["header"]["per"]
    if not (whole or is_rate):
        return False
    if noun in language().words("counts", "always") or (is_rate and noun in times):
        return True
    return _is_plural(noun)


def _words_of(result: Result, column: str) -> ColumnWords | None:
    described = column_words(result.dataset, result.segmentation.recipe)
    return next((each for each in described if each.column == column), None)


def column_title(result: Result, column: str) -> str:
    """Return what stands beside a column's axis or row: "Monthly fee (EUR)"; its own name where it has no words."""
    words = _words_of(result, column)
    return words.title if words else column


# How D3 is told to write a share; what it writes is "64%", which `charts.theme.axis_written` mends.
D3_PERCENT: Final = ".0%"


def axis_format(result: Result, column: str) -> str | None:
    """Return how an axis writes a column's values, as D3 does: rates in per cent, years without a comma."""
    words = _words_of(result, column)
    if words is None:
        return None
    return D3_PERCENT if words.is_rate else "d" if words.is_year else None


def names_currency(column: str) -> bool:
    """Whether a column's name says in which currency its values are: `iap_usd`, "Spa (€)"."""
    unit = read_header(column)[1]
    return unit.lower() in _CURRENCY_CODES or bool(re.fullmatch(CURRENCIES, unit))


def is_earned(column: str) -> bool:
    """Whether a column says what a customer earns or has elsewhere, by its name, and not what is spent here."""
    words = plain_words(column)
    return any(holds_phrase(words, phrase) for phrase in language().earned)


def _measures_time(words: Sequence[str]) -> bool:
    """Whether what stands before a unit of time is measured in it, and not counted within it: visits last 30 days."""
    return not any(word.lower() in language().not_in_time or word.isdecimal() for word in words)


def _label_words(text: str, *, as_spelt: bool = False) -> list[str]:
    """Return a name's words in lower case, but for short ones in capitals beside others that are not."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    shouted = printable.upper() == printable
    words: list[str] = []
    for part in re.split(r"[\s_]+", printable):
        # Signs inside a name are kept: A/B, R&D, c++.
        is_unit = part.lower() in language().units
        pieces = list(words_of(part)) if part.isalnum() and part.isascii() and not is_unit else [part]
        kept = [part[at : at + len(piece)] for at, piece in _positions(part, pieces)]
        words += [_as_written(word, shouted=shouted, as_spelt=as_spelt) for word in kept]
    return [word.strip(" .:;,-–") for word in words if word.strip(" .:;,-–")]


def _as_written(word: str, *, shouted: bool, as_spelt: bool) -> str:
    """Return a word of a header in the letters that it has within a sentence."""
    unit = language().units.get(word.lower(), "")
    if unit and not unit.islower():
        return unit
    # "DAU/MAU" is one word of two.
    is_acronym = word.isupper() and len(word) <= (2 * _ACRONYM + 1 if "/" in word else _ACRONYM)
    return word if (is_acronym and (not shouted or "/" in word)) or (as_spelt and not shouted) else word.lower()


def _positions(part: str, pieces: Sequence[str]) -> list[tuple[int, str]]:
    found, at = [], 0
    for piece in pieces:
        at = max(part.lower().find(piece.lower(), at), 0)
        found.append((at, piece))
        at += len(piece)
    return found


def _cut(label: str) -> str:
    """Return a label that is short enough: without words that say nothing where that will do, else its beginning."""
    if len(label) <= LONGEST_LABEL:
        return label
    silent = language().words("header", "silent_in_names")
    words = label.split()
    for at in [at for at, word in enumerate(words) if word in silent]:
        words[at] = ""
        if len(shorter := " ".join(filter(None, words))) <= LONGEST_LABEL:
            return shorter
    # Where the end is lost all the same, the beginning says most, and no word that leads on to what is gone.
    whole = label[: LONGEST_LABEL - 1].rpartition(" ")[0].split()
    while len(whole) > 1 and len(whole[-1]) < _LEADS_ON_BELOW:
        del whole[-1]
    kept = " ".join(whole)
    return f"{kept}…" if len(kept) > LONGEST_LABEL // 3 else shortened(label, LONGEST_LABEL)


def _currency(column: Column, unit: str, original: pd.Series) -> tuple[str, str]:
    """Return what stands before and after an amount: the header's sign, or that on which the cells agree."""
    if len(unit) == 1 and re.fullmatch(CURRENCIES, unit):
        # "Fee (£)": £24.90, as English writes it; "k$" and "EUR" stand behind.
        return unit, ""
    if column.kind is not ColumnKind.MONEY or unit:
        return "", unit
    cells = original.dropna().astype("str").head(_SIGNS_LOOKED_AT)
    signs = set(cells.str.extract(rf"({CURRENCIES})", expand=False).dropna())
    if len(signs) != 1:
        return "", ""
    sign = signs.pop()
    leads = bool(cells.str.strip().str.lstrip("+-−(").str.startswith(sign).mean() > 0.5)
    return (sign, "") if leads and len(sign) == 1 else ("", sign)

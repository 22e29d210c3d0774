"""Numbers that are written with a word: 1.2K, $3.4M, 35 years, 1 h 20 min, 01:20:00."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from segmenter.table.infer.cells import TextCells, beginnings
from segmenter.table.infer.header import without_accents
from segmenter.table.infer.missing_values import is_missing_word
from segmenter.table.infer.numbers import (
    CURRENCIES,
    NUMERIC_SHARE,
    DecimalMarks,
    NumberReading,
    count_decimal_marks,
    is_number,
)

_WORTH_TRYING: Final = 0.85
_WORD: Final = r"[A-Za-zÀ-ɏЀ-ӿ万億亿千만천]{1,12}\.?"
_QUANTITY: Final = re.compile(
    rf"^(?P<sign>[-+−]?)(?P<before>(?:{CURRENCIES})?) ?(?P<size>\d[\d.,'’]{{0,20}}) ?(?P<word>(?:{_WORD})?) ?"
    rf"(?P<after>(?:{CURRENCIES})?)$"
)
_MULTIPLIERS: Final = {
    **dict.fromkeys(
        ("k", "tsd", "thousand", "thsd", "mil", "mille", "mila", "тыс", "tys", "tis", "bin", "千", "천"), 1e3
    ),
    **dict.fromkeys(("m", "mn", "mm", "mio", "million", "millions", "millionen", "mln", "mill", "млн", "milyon"), 1e6),
    **dict.fromkeys(("b", "bn", "mrd", "mld", "md", "billion", "billions", "миллиард", "млрд", "milyar"), 1e9),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 1e5),
    **dict.fromkeys(("crore", "crores", "cr"), 1e7),
    **dict.fromkeys(("万", "만"), 1e4),
    **dict.fromkeys(("億", "亿"), 1e8),
}
# A single letter alone may be a unit: 5 m, 12 b.
_UNIT_LETTERS: Final = frozenset({"m", "b", "mm", "md", "cr", "mil"})
_MINUTES_PER: Final = {
    **dict.fromkeys(
        [
            "s",
            "sec",
            "secs",
            "second",
            "seconds",
            "sek",
            "sekunde",
            "sekunden",
            "seconde",
            "secondes",
            "segundo",
            "segundos",
        ],
        1 / 60,
    ),
    **dict.fromkeys(["secondi", "segundos", "sekund", "sek", "с", "сек"], 1 / 60),
    **dict.fromkeys(
        ["m", "min", "mins", "minute", "minutes", "minuten", "minuto", "minutos", "minuti", "minuut", "minuter", "мин"],
        1.0,
    ),
    **dict.fromkeys(
        [
            "h",
            "hr",
            "hrs",
            "hour",
            "hours",
            "std",
            "stunde",
            "stunden",
            "heure",
            "heures",
            "hora",
            "horas",
            "ora",
            "ore",
            "uur",
            "uren",
            "ч",
            "godz",
        ],
        60.0,
    ),
    **dict.fromkeys(
        [
            "d",
            "day",
            "days",
            "tag",
            "tage",
            "tagen",
            "jour",
            "jours",
            "dia",
            "dias",
            "giorno",
            "giorni",
            "dag",
            "dagen",
            "dni",
            "gun",
            "дн",
        ],
        1440.0,
    ),
    **dict.fromkeys(
        [
            "w",
            "wk",
            "wks",
            "week",
            "weeks",
            "woche",
            "wochen",
            "semaine",
            "semaines",
            "semana",
            "semanas",
            "settimane",
            "weken",
        ],
        10_080.0,
    ),
    **dict.fromkeys(
        [
            "mo",
            "mos",
            "mon",
            "month",
            "months",
            "monat",
            "monate",
            "monaten",
            "mois",
            "mes",
            "meses",
            "mese",
            "mesi",
            "maand",
            "maanden",
        ],
        43_829.1,
    ),
    **dict.fromkeys(
        [
            "y",
            "yr",
            "yrs",
            "year",
            "years",
            "jahr",
            "jahre",
            "jahren",
            "an",
            "ans",
            "ano",
            "anos",
            "anno",
            "anni",
            "jaar",
            "lat",
            "rok",
        ],
        525_949.2,
    ),
}
_PART: Final = re.compile(r"(?P<size>\d{1,9}(?:[.,]\d{1,6})?) ?(?P<unit>[A-Za-zÀ-ɏЀ-ӿ]{1,10})\.?,?")
_CLOCK: Final = re.compile(r"^(?P<hours>\d{1,4}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d(?:[.,]\d{1,6})?))?$")
_ISO: Final = re.compile(
    r"^P(?:(?P<days>\d{1,6})D)?T?(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6}(?:\.\d{1,6})?)S)?$"
)
_MINUTES_A_DAY: Final = 1440.0
_FEWEST_WITH_UNIT: Final = 5
_SHORTEST_UNIT: Final = 2


def read_quantities(column: TextCells, marks: DecimalMarks) -> tuple[NumberReading, str] | None:
    """Read a column of numbers with words beside them; None when under 95 % of its filled cells are such.

    Returns
    -------
    tuple
        The numbers, and what they are: "numbers with K, M", "durations, in minutes", "numbers of years".
    """
    sample = column.known
    if not sample or sum(any(map(str.isdigit, cell)) for cell in sample) < _WORTH_TRYING * len(sample):
        return None
    seen = count_decimal_marks([match["size"] for cell in sample if (match := _QUANTITY.match(cell))])
    mark = marks.told or ("," if seen.comma > seen.point else "." if seen.point else marks.found or ".")
    for make in (_clock, _multiplied, _with_unit, _durations):
        read = make(sample, mark)
        if read is None:
            continue
        reader, words = read
        reading = _all_cells(column, reader, mark)
        if reading is not None:
            return reading, words
    return None


def _all_cells(column: TextCells, reader: Callable[[str], float | None], mark: str) -> NumberReading | None:
    per_value = np.full(len(column.values), np.nan)
    unread_value = np.zeros(len(column.values), np.bool_)
    for place, cell in enumerate(beginnings(column.values)):
        number = reader(cell or "")
        if number is not None:
            per_value[place] = number
        else:
            unread_value[place] = not is_missing_word(cell or "")
    n_read = int(column.counts[~np.isnan(per_value)].sum())
    if n_read < NUMERIC_SHARE * (n_read + int(column.counts[unread_value].sum())) or not n_read:
        return None
    positions = column.encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    unread = np.flatnonzero(np.append(unread_value, False)[positions])
    return NumberReading(np.append(per_value, np.nan)[positions], unread, np.empty(0, np.int64), mark)


def _enough(numbers: list[float | None]) -> bool:
    return sum(number is not None for number in numbers) >= _WORTH_TRYING * len(numbers)


def _size(text: str, mark: str) -> float | None:
    if not is_number(text, mark):
        return None
    plain = re.sub(r"['’ ]", "", text).replace("," if mark == "." else ".", "").replace(",", ".")
    return float(plain)


def _multiplied(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 1.2K and $3.4M; a letter that may be a unit counts beside a currency, or where others are there too."""
    matches = [match for cell in sample if (match := _QUANTITY.match(cell)) and match["word"]]
    words = {without_accents(match["word"].rstrip(".")) for match in matches} & set(_MULTIPLIERS)
    with_currency = any(match["before"] or match["after"] for match in matches)
    capitals = any(match["word"] in ("M", "B") for match in matches)
    if not words or (words <= _UNIT_LETTERS and not with_currency and not (capitals and _plain_beside(sample, mark))):
        return None

    def read(cell: str) -> float | None:
        match = _QUANTITY.match(cell)
        if match is None:
            return None
        factor = _MULTIPLIERS.get(without_accents(match["word"].rstrip("."))) if match["word"] else 1.0
        size = _size(match["size"], mark)
        if factor is None or size is None:
            return None
        return round(size * factor, 6) * (-1 if match["sign"] in "-−" and match["sign"] else 1)

    shown = sorted({match["word"] for match in matches})[:4]
    return (read, f"numbers with {', '.join(shown)}") if _enough([read(cell) for cell in sample]) else None


def _plain_beside(sample: list[str], mark: str) -> bool:
    return any(is_number(cell, mark) for cell in sample) or len({cell[-1:] for cell in sample}) > 1


def _with_unit(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read numbers that all have the same unit: 35 years, 70 kg."""
    matches = [match for cell in sample if (match := _QUANTITY.match(cell)) and match["word"]]
    units = Counter(_stem(match["word"]) for match in matches)
    if len(matches) < _WORTH_TRYING * len(sample) or len(units) != 1:
        return None
    (unit,) = units
    known = unit in {_stem(word) for word in _MINUTES_PER}
    # 10b and 11b are rather names.
    if not known and (len(unit) < _SHORTEST_UNIT or len({match["size"] for match in matches}) < _FEWEST_WITH_UNIT):
        return None

    def read(cell: str) -> float | None:
        match = _QUANTITY.match(cell)
        if match is None or (match["word"] and _stem(match["word"]) != unit):
            return None
        size = _size(match["size"], mark)
        return size if size is None or match["sign"] in ("", "+") else -size

    return (read, f"numbers of {matches[0]['word']}") if _enough([read(cell) for cell in sample]) else None


def _stem(word: str) -> str:
    return without_accents(word.rstrip(".")).rstrip("sne")


def _durations(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 1 h 20 min and 2 years 3 months, in minutes or in days."""
    del mark
    long = any(
        _MINUTES_PER.get(without_accents(part["unit"]), 0) >= _MINUTES_A_DAY
        for cell in sample
        for part in _PART.finditer(cell)
    )
    factor = 1 / _MINUTES_A_DAY if long else 1.0

    def read(cell: str) -> float | None:
        total, end = 0.0, 0
        if iso := _ISO.match(cell):
            parts = {name: float(text or 0) for name, text in iso.groupdict().items()}
            return factor * (
                _MINUTES_A_DAY * parts["days"] + 60 * parts["hours"] + parts["minutes"] + parts["seconds"] / 60
            )
        for part in _PART.finditer(cell):
            minutes = _MINUTES_PER.get(without_accents(part["unit"]))
            between = cell[end : part.start()].strip()
            if minutes is None or between not in {"", "and", "und", "et", "y", "e", "en", ","}:
                return None
            total, end = total + minutes * float(part["size"].replace(",", ".")), part.end()
        return round(total * factor, 6) if end and not cell[end:].strip() else None

    words = f"durations, in {'days' if long else 'minutes'}"
    return (read, words) if _enough([read(cell) for cell in sample]) else None


def _clock(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 01:20:00 and 14:30 as minutes."""
    del mark

    def read(cell: str) -> float | None:
        match = _CLOCK.match(cell)
        if match is None:
            return None
        seconds = float((match["seconds"] or "0").replace(",", "."))
        return round(60 * int(match["hours"]) + int(match["minutes"]) + seconds / 60, 6)

    return (read, "hours and minutes, in minutes") if _enough([read(cell) for cell in sample]) else None

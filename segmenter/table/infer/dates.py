"""Dates in a column of text, and their order of day and month."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.table.infer.cells import TextCells, is_missing_word, missing_words
from segmenter.table.infer.header import known_words, without_accents, word_set, words_of
from segmenter.table.infer.numbers import without_long

DATE_SHARE: Final = 0.95
# In the sample a little less is enough to look at all cells.
_WORTH_TRYING: Final = 0.85
_FEW_CELLS: Final = 20
# One or two words that come back, in up to this share of the cells, say that there is no date.
_MOST_WORDS: Final = 2
_MOST_WORDS_SHARE: Final = 0.5
_FEWEST_DATES: Final = 12
# Two-digit years up to this many years ahead of today are taken as such, later ones as of the last century.
_CENTURY_PIVOT: Final = 30

_LETTERS: Final = "A-Za-zÀ-ɏͰ-Ͽ\u0400-\u04ff\u0621-\u064a"
_ZONE: Final = (
    r"(?: ?(?P<zone>Z|(?:UTC|GMT)?[+\-]\d{1,2}(?::?\d{2})?|UTC|GMT|CET|CEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|BST|IST"
    r"|JST|MSK))?"
)
# 15:05, 15h05 and 15.05 Uhr; before it what "at" is in some languages, or the half of the day in some of Asia.
_CLOCK: Final = (
    r"(?:(?:[T ,]+(?:(?:at|um|à|a las|alle|às|om|kl\.?|klo|o|v|в) )?|:)"
    r"(?P<asian>(?:오전|오후|上午|下午|午前|午後|凌晨|晚上)? ?)"
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?(?: Uhr)?"
    r"(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?"
    + _ZONE
    + r"(?: \(["
    + _LETTERS
    + r" ]{2,40}\))?(?:\[[A-Za-z_/+\-]{3,40}\])?)?"
)
# "2022 r." and "2022 г." are the year; a weekday may follow the date.
_END: Final = (
    r"(?: ?(?:r|г|р)\.?)?(?: ?\([月火水木金土日]\)|,? (?:Pazartesi|Salı|Çarşamba|Perşembe|Cuma|Cumartesi|Pazar"
    r"|Mon|Tue|Wed|Thu|Fri|Sat|Sun))?" + _CLOCK + "$"
)
# The months in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish and Norwegian,
# Czech, Turkish, Finnish, Russian, Ukrainian, Romanian, Hungarian, Greek, Indonesian and Arabic, as they are written
# out and shortened.
_MONTH_WORDS: Final = (
    "jan january januar janner janv janvier ene enero gen gennaio janeiro januari sty stycznia styczen led ledna "
    "leden oca ocak tammi tammikuu tammikuuta янв января январь ian ianuarie ιανουαριου ιαν січня січень сiчня "
    "يناير",
    "feb february februar feber fev fevr fevrier febrero febbraio fevereiro februari lut lutego luty uno unora "
    "unor sub subat helmi helmikuu helmikuuta фев февр февраля февраль februarie φεβρουαριου φεβ лютого лютий "
    "فبراير",
    "mar march marz maerz mrz mars marzo marco mrt maart marca marzec marts bre brezna brezen mart maalis "
    "maaliskuu maaliskuuta мар марта март martie marcius maret μαρτιου μαρ березня березень مارس",
    "apr april avr avril abr abril aprile kwi kwietnia kwiecien dub dubna duben nis nisan huhti huhtikuu "
    "huhtikuuta апр апреля апрель aprilis aprilie απριλιου απρ квітня квітень أبريل ابريل",
    "may mai mayo mag maggio maio mei maj maja kve kvetna kveten mayis touko toukokuu toukokuuta мая май majus "
    "μαιου μαι травня травень مايو",
    "jun june juni juin junio giu giugno junho cze czerwca czerwiec cer cervna cerven haz haziran kesa kesakuu "
    "kesakuuta июн июня июнь iunie iun junius ιουνιου ιουν червня червень يونيو",
    "jul july juli juil juillet julio lug luglio julho lip lipca lipiec cvc cervence cervenec tem temmuz heina "
    "heinakuu heinakuuta июл июля июль iulie iul julius ιουλιου ιουλ липня липень يوليو",
    "aug august aou aout ago agosto augustus sie sierpnia sierpien augusti srp srpna srpen agu agustos elo elokuu "
    "elokuuta авг августа август augusztus agustus αυγουστου αυγ серпня серпень أغسطس اغسطس",
    "sep sept september septembre septiembre set sett settembre setembro wrz wrzesnia wrzesien zar zari eyl eylul "
    "syys syyskuu syyskuuta сен сент сентября сентябрь septembrie szeptember szept σεπτεμβριου σεπ вересня "
    "вересень سبتمبر",
    "oct october okt oktober octobre octubre ott ottobre out outubro paz pazdziernika pazdziernik rij rijna rijen "
    "eki ekim loka lokakuu lokakuuta окт октября октябрь octombrie οκτωβριου οκτ жовтня жовтень أكتوبر اكتوبر",
    "nov november novembre noviembre novembro lis listopada listopadu listopad kas kasim marras marraskuu "
    "marraskuuta ноя нояб ноября ноябрь noiembrie noi νοεμβριου νοε листопада листопад نوفمبر",
    "dec december dez dezember decembre dic diciembre dicembre dezembro gru grudnia grudzien desember pro "
    "prosince prosinec ara aralik joulu joulukuu joulukuuta дек декабря декабрь decembrie δεκεμβριου δεκ грудня "
    "грудень ديسمبر",
)
# Word → number of the month, 1 to 12.
MONTHS: Final = {
    without_accents(word): number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split()
}
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_MONTH_NAME: Final = rf"(?P<month>[{_LETTERS}]{{3,13}})\.?"
_WEEKDAY: Final = rf"(?:[{_LETTERS}]{{2,12}}\.?,? )?"
_YEAR: Final = r"(?P<year>\d{4}|\d{2})"
_OF: Final = r"(?:de |del |d'|of )?"

_YEAR_FIRST: Final = re.compile(r"^(?P<year>\d{4})[-/.] ?(?P<month>\d{1,2})[-/.] ?(?P<day>\d{1,2})\.?" + _END)
_TWO_PARTS: Final = re.compile(r"^(?P<one>\d{1,2})(?P<mark>[-/.]) ?(?P<two>\d{1,2})[-/.] ?" + _YEAR + _END)
_DAY_NAME: Final = re.compile(
    rf"^{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|re|º|ª|\.)?(?:[-/]| ?){_OF}{_MONTH_NAME},?(?:[-/]| ?){_OF}{_YEAR}"
    + _END
)  # fmt: skip
_NAME_DAY: Final = re.compile(rf"^{_WEEKDAY}{_MONTH_NAME}[- ](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}" + _END)
# Thu Apr 15 09:05:00 2021
_NAME_DAY_CLOCK: Final = re.compile(
    rf"^[{_LETTERS}]{{2,4}} {_MONTH_NAME} {{1,2}}(?P<day>\d{{1,2}}) (?P<hour>\d{{2}}):(?P<minute>\d{{2}})"
    r":(?P<second>\d{2})(?: [A-Z]{3,4})? (?P<year>\d{4})$"
)
_DAY_ROMAN: Final = re.compile(
    rf"^(?P<day>\d{{1,2}})[-/. ]{{1,2}}(?P<month>{'|'.join(reversed(_ROMAN))})[-/. ]{{1,2}}(?P<year>\d{{4}})" + _END
)
_YEAR_NAME_DAY: Final = re.compile(rf"^(?P<year>\d{{4}})\.?[- ]{_MONTH_NAME}[- ](?P<day>\d{{1,2}})\.?" + _CLOCK + "$")
_SIGNS: Final = re.compile(
    r"^(?P<year>\d{4}) ?[年년] ?(?P<month>\d{1,2}) ?[月월](?P<day> ?\d{1,2} ?[日일])?"
    r"(?: ?[(（][月火水木金土日월화수목금토일][)）])?"
    + _CLOCK + "$"
)  # fmt: skip
_VIETNAMESE: Final = re.compile(r"^(?:[Nn]gày )?(?P<day>\d{1,2}) tháng (?P<month>\d{1,2}),? năm (?P<year>\d{4})$")
# Years of a Japanese emperor: 令和4年3月5日, R4.3.5.
_ERA: Final = re.compile(
    r"^(?P<era>令和|平成|昭和|[RHS])(?P<year>\d{1,2}|元)[年./-](?P<month>\d{1,2})[月./-](?P<day>\d{1,2})日?$"
)
_NAME_YEAR: Final = re.compile(rf"^{_MONTH_NAME}[-/ ,']{{1,2}}{_OF}{_YEAR}$")
_NAME_YEAR_TOGETHER: Final = re.compile(rf"^(?P<month>[{_LETTERS}]{{3}})(?P<year>(?:19|20)\d{{2}})$")
_YEAR_NAME: Final = re.compile(rf"^(?P<year>\d{{4}})[-/ ,]{{1,2}}{_MONTH_NAME}$")
_YEAR_MONTH: Final = re.compile(r"^(?P<year>(?:19|20)\d{2})[-/.]?[Mm]?(?P<month>0[1-9]|1[0-2])$")
_YEAR_M_MONTH: Final = re.compile(r"^(?P<year>(?:19|20)\d{2})[-/.]?[Mm](?P<month>0?[1-9]|1[0-2])$")
_MONTH_YEAR: Final = re.compile(r"^(?P<month>0?[1-9]|1[0-2])[-/.](?P<year>(?:19|20)\d{2})$")
_YEAR_WEEK: Final = re.compile(
    r"^(?P<year>(?:19|20)\d{2})[-/ ]?(?:W|KW ?|CW ?|w|年第)(?P<week>\d{1,2})(?:-?(?P<weekday>[1-7]))?[周週]?$"
)
_WEEK_YEAR: Final = re.compile(
    r"^(?:W|KW|CW|w|S|[Ss]em|[Ww]eek|Woche|[Ss]emaine|[Ss]emana|[Ss]ettimana|[Vv]ecka|[Vv]|[Uu]ge|[Uu]ke|[Tt]ydzień"
    r"|[Tt]ýden|[Vv]iikko|[Hh]afta|[Нн]еделя)\.?[ -]?(?P<week>\d{1,2})[-/, ]{1,2}(?:de )?(?P<year>(?:19|20)\d{2})$"
)
_YEAR_QUARTER: Final = re.compile(
    r"^(?P<year>(?:19|20)\d{2})(?:[-/ .]{0,2}(?:Q|T|q|kv)|[年년] ?第?)(?P<quarter>[1-4])(?:四半期|季度|분기)?$"
)
_SHORT_YEAR_QUARTER: Final = re.compile(r"^(?P<year>\d{2})Q(?P<quarter>[1-4])$")
_QUARTER_WORDS: Final = (
    r"(?:Quartal|[Qq]uarter|[Tt]rimestre|[Tt]rim|[Kk]wartaal|[Kk]wartał|[Kk]w|[Kk]vartal|[Kk]v|[Čč]tvrtletí|[Çç]eyrek"
    r"|[Nn]eljännes|[Кк]вартал|[Кк]в)"
)
_QUARTER_YEAR: Final = re.compile(
    rf"^(?:(?:Q|T|q|{_QUARTER_WORDS} )(?P<quarter>[1-4])|(?P<ordinal>[1-4]|IV|I{{1,3}})(?:Q|T"
    rf"|(?:er|e|º|°|ª|\.|st|nd|rd|th|ème|-й)? ?{_QUARTER_WORDS}\.?))"
    r"[-/ .,']{0,2}(?:de )?(?P<year>(?:19|20)\d{2}|\d{2})(?: ?[rгр]\.)?$"
)
_HALF_YEAR: Final = re.compile(
    r"^(?:(?:H|HJ ?)(?P<half_year>[12])[-/ .']{0,2}(?P<year>(?:19|20)\d{2})"
    r"|(?P<first_year>(?:19|20)\d{2})[-/ .]{0,2}(?:H|HJ ?)(?P<second_half>[12]))$"
)
_YEAR_MONTH_APART: Final = re.compile(r"^(?P<year>(?:19|20)\d{2})[-/.](?P<month>0[1-9]|1[0-2])$")
_COMPACT: Final = re.compile(r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})$")
_COMPACT_DAY: Final = re.compile(r"^(?P<day>\d{1,2})(?P<month>0[1-9]|1[0-2])(?P<year>(?:19|20)\d{2})$")
_COMPACT_TIME: Final = re.compile(
    r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)"
    r"(?P<second>[0-5]\d)$"
)
_COMPACT_DATE: Final = re.compile(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")
_FEW_COMPACT: Final = 3
_PLAIN: Final = (
    _YEAR_FIRST, _TWO_PARTS, _DAY_NAME, _NAME_DAY, _NAME_DAY_CLOCK, _DAY_ROMAN, _YEAR_NAME_DAY, _SIGNS, _VIETNAMESE,
    _ERA, _NAME_YEAR, _NAME_YEAR_TOGETHER, _YEAR_NAME, _YEAR_M_MONTH, _MONTH_YEAR, _YEAR_WEEK, _WEEK_YEAR,
    _YEAR_QUARTER, _SHORT_YEAR_QUARTER, _QUARTER_YEAR, _HALF_YEAR,
)  # fmt: skip
_WHOLE_PERIODS: Final = {
    _NAME_YEAR: "months", _YEAR_NAME: "months", _YEAR_MONTH: "months", _YEAR_MONTH_APART: "months",
    _NAME_YEAR_TOGETHER: "months", _YEAR_M_MONTH: "months", _MONTH_YEAR: "months", _YEAR_WEEK: "weeks",
    _WEEK_YEAR: "weeks", _YEAR_QUARTER: "quarters", _QUARTER_YEAR: "quarters", _HALF_YEAR: "half-years",
    _SHORT_YEAR_QUARTER: "quarters",
}  # fmt: skip

_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100
_MOST_WEEKS: Final = 53
_HALVES: Final = 2
_MONTHS_A_YEAR: Final = 12
_MOST_DAYS: Final = 31
_FEWEST_DAYS: Final = 10
# The years of the Buddhist calendar, as Thailand counts them, that are 1900 to 2100 here.
_AHEAD: Final = 543
_BUDDHIST: Final = (_FIRST_YEAR + _AHEAD, _LAST_YEAR + _AHEAD)
_ERAS: Final = ((("令和", "R"), 2018), (("平成", "H"), 1988), (("昭和", "S"), 1925))
_FIRST_OF_ERA: Final = "元"
_AFTERNOON: Final = ("오후", "下午", "午後", "晚上")

# Days as spreadsheets count them since 1899-12-30, and seconds since 1970: 1954 to 2079, and 1980 to 2096.
_SERIALS: Final = (20_000, 65_500)
_SECONDS: Final = (315_532_800, 4_000_000_000)
_SECONDS_PER: Final = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
_SERIAL_START: Final = np.datetime64("1899-12-30", "us")
# Numbers under these names are days or moments where they lie within those limits.
_STAMPED: Final = word_set(
    """
date dt datum fecha data dato tag jour dob birthday birthdate born geburtsdatum joined signup registered registration
created updated modified since serial expires expiry first last start end begin until renewal hired opened closed
activated visit visited login seen purchase order signed contacted replied naissance nacimiento nascita nascimento
paivays tarih enrolled letzter letzte letzten erster erste kauf bestellung besuch anmeldung dernier derniere premier
premiere achat commande visite inscription ultimo ultima primero primera compra pedido visita acquisto ordine primo
prima laatste eerste aankoop bestelling bezoek ostatni ostatnia pierwszy pierwsza zakup zamowienie wizyta senaste siste
sidste forsta forste kop besok posledni nakup
последняя последнии последнее первая первыи покупка покупки заказ визит дата
"""
)
_MOMENTS: Final = word_set("time timestamp ts unix epoch datetime zeit zeitstempel heure hora ora tijd created updated")
_ENDS_OF_DATES: Final = (
    "datum", "date", "fecha", "dato", "tarihi", "дата", "日", "日期", "日付", "日時", "일자", "날짜"
)  # fmt: skip
_WEEKS: Final = word_set(
    "week yearweek isoweek kw kalenderwoche woche semaine semana settimana vecka uge uke tyden tydzien viikko hafta"
)
_PERIODS: Final = word_set("month period monat mois mes mese maand yearmonth yyyymm quarter")
_NO_DATES: Final = word_set(
    """
days day months years amount spend spent value price count number id usage gb mb volume plan limit duration minutes
seconds hours length income salary balance revenue total avg average score points orders cost zip plz code sum qty
"""
)


@dataclass(frozen=True, eq=False)
class DateReading:
    """A column of text read as dates.

    Attributes
    ----------
    values
        (n_rows,) datetime64[us], NaT where missing or unreadable.
    unread
        Rows (from 0) whose cells are no dates.
    order
        "year first", "day first", "month first", or what else they are: "months", "weeks", "quarters".
    distinct
        How many different dates there are.
    ambiguous
        Whether day and month could be exchanged in every cell.
    n_other_order
        How many cells only the other order of day and month explains.
    n_forms
        In how many ways the dates are written.
    zones
        The time zones that the cells name.
    buddhist
        Whether the years are of the Buddhist calendar, 543 ahead of ours, from which they were brought.
    placeholders
        Dates that programs write where none is known, with the number of their rows.
    """

    values: np.ndarray
    unread: np.ndarray
    order: str
    distinct: int
    ambiguous: bool = False
    n_other_order: int = 0
    n_forms: int = 1
    zones: tuple[str, ...] = ()
    buddhist: bool = False
    placeholders: tuple[tuple[str, int], ...] = ()


# Programs write these where no date is known; they count where all other dates are years away.
_PLACEHOLDERS: Final = np.array(
    ["0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01", "2099-12-31",
     "2999-12-31", "9999-12-31"],
    "datetime64[D]",
)  # fmt: skip
_YEARS_AWAY: Final = np.timedelta64(3652, "D")


def find_placeholders(dates: np.ndarray) -> tuple[tuple[str, int], ...]:
    """Return dates that programs write where none is known, and how many rows have each.

    Parameters
    ----------
    dates
        (n_rows,) datetime64, NaT where missing.
    """
    days = dates[~np.isnat(dates)].astype("datetime64[D]")
    written = np.isin(days, _PLACEHOLDERS)
    others = days[~written]
    if not written.any() or not len(others):
        return ()
    found = [
        (str(day), int(np.count_nonzero(days == day)))
        for day in np.unique(days[written])
        if day < others.min() - _YEARS_AWAY or day > others.max() + _YEARS_AWAY
    ]
    return tuple(found)


def read_dates(column: TextCells, order: str | None = None, *, compact: bool = False) -> DateReading | None:
    """Read a column as dates; None when under 95 % of its filled cells are dates.

    Parameters
    ----------
    order
        "day first" or "month first" when the user said so.
    compact
        Whether eight digits such as 20240131 count as a date, and six as a month.
    """
    sample = column.known
    patterns = _patterns_of(sample, compact=compact)
    if not patterns:
        return None
    texts = without_long(column.values)
    per_value = np.full(len(texts), np.datetime64("NaT", "us"))
    said, ambiguous, n_other, n_forms, buddhist = "", False, 0, 0, False
    zones: set[str] = set()
    for pattern in patterns:
        left = np.isnat(per_value)
        if not left.any():
            break
        parts = pc.extract_regex(texts, pattern.pattern)
        buddhist = buddhist or (pattern is not _ERA and _are_buddhist(_integers(pc.struct_field(parts, "year"))))
        if pattern is _TWO_PARTS and order is None and _year_stands_first(parts):
            found, read = "year first", _dates(parts, "two", "year", "one")
        elif pattern is _TWO_PARTS:
            found, open_order, other = _order_of(parts)
            found, ambiguous, n_other = (order, False, 0) if order else (found, open_order, other)
            names = ("two", "one") if found == "day first" else ("one", "two")
            read = _dates(parts, *names)
            if n_other:
                # A mixed column: what is no date in the usual order is one in the other.
                read = np.where(np.isnat(read), _dates(parts, *reversed(names)), read)
        else:
            found, read = _WHOLE_PERIODS.get(pattern, "year first"), _period_starts(parts, pattern)
        zones |= _zones_of(parts)
        if len(zones) > 1:
            read = _in_utc(read, parts)
        taken = left & ~np.isnat(read)
        n_forms += bool(taken.any())
        per_value[taken] = read[taken]
        said = said or found
    per_value = _with_serials(per_value, texts)
    reading = _reading(column, texts, per_value, said, ambiguous=ambiguous)
    if reading is None:
        return None
    zones = {"UTC" if zone == "Z" else zone for zone in zones}
    return replace(
        reading,
        n_other_order=n_other,
        n_forms=n_forms,
        zones=tuple(sorted(zones)),
        buddhist=buddhist,
        placeholders=find_placeholders(reading.values),
    )


def as_stamps(values: np.ndarray, header: str) -> tuple[np.ndarray, str] | None:
    """Return numbers as dates where their name and their range say so: days of a spreadsheet, or seconds since 1970.

    Returns
    -------
    tuple
        (n_rows,) datetime64[us] and what the numbers count; None where they are no dates.
    """
    known = values[~np.isnan(values)]
    words = set(known_words(header))
    if not len(known) or words & _NO_DATES:
        return None
    ends_in_time = words_of(header)[-1:] in (("at",), ("on",))
    low, high = float(known.min()), float(known.max())
    dated = bool(words & _STAMPED) or ends_in_time or any(word.endswith(_ENDS_OF_DATES) for word in words)
    if words & _WEEKS and (weeks := _as_weeks(values, known)) is not None:
        return weeks, "years and weeks"
    whole = _as_written(values, known, low, high) if dated or words & _PERIODS else None
    if whole is not None:
        return whole
    if dated or words & _MOMENTS:
        for unit, per_second in _SECONDS_PER.items():
            if _SECONDS[0] <= low / per_second and high / per_second <= _SECONDS[1]:
                micro = np.where(np.isnan(values), 0.0, values) * (1e6 / per_second)
                return _stamped(np.datetime64(0, "us"), micro, values), f"{unit} since 1970"
    if dated and _SERIALS[0] <= low and high <= _SERIALS[1]:
        days = np.where(np.isnan(values), 0.0, values)
        return _stamped(_SERIAL_START, np.rint(days * 86_400) * 1e6, values), "days as spreadsheets count them"
    return None


def _as_written(values: np.ndarray, known: np.ndarray, low: float, high: float) -> tuple[np.ndarray, str] | None:
    """Read numbers such as 20240131 and 202401, where every one has a month and a day."""
    if low < 190_001 or (known != np.rint(known)).any() or len(np.unique(known)) < _FEW_COMPACT:
        return None
    with_day = low >= 19_000_101
    numbers = np.where(np.isnan(values), 0, values).astype(np.int64)
    numbers = numbers if with_day else numbers * 100 + 1
    years, months, days = numbers // 10_000, numbers // 100 % 100, numbers % 100
    valid = (years >= 1900) & (years < 2100) & (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    if not valid[~np.isnan(values)].all() or high >= 21_000_000:
        return None
    start = np.where(valid, (years - 1970) * 12 + months - 1, 0).astype("datetime64[M]").astype("datetime64[D]")
    dates = start + np.where(valid, days - 1, 0).astype("timedelta64[D]")
    found = np.where(np.isnan(values), np.datetime64("NaT", "us"), dates.astype("datetime64[us]"))
    return found, "years, months and days" if with_day else "years and months"


def _as_weeks(values: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    """Read numbers such as 202409, the ninth week of 2024."""
    years, weeks = np.floor(known / 100), known % 100
    in_time = (years >= _FIRST_YEAR) & (years < _LAST_YEAR) & (weeks >= 1) & (weeks <= _MOST_WEEKS)
    if not in_time.all() or (known != np.rint(known)).any() or len(np.unique(known)) < _FEW_COMPACT:
        return None
    numbers = np.where(np.isnan(values), 0, values).astype(np.int64)
    return _mondays(numbers // 100, numbers % 100, 1)


def _stamped(start: np.datetime64, micro: np.ndarray, values: np.ndarray) -> np.ndarray:
    dates = start + np.rint(micro).astype(np.int64).astype("timedelta64[us]")
    return np.where(np.isnan(values), np.datetime64("NaT", "us"), dates)


# Under one of these names, a column is one of dates.
_SURELY_DATES: Final = word_set("date datum fecha dato tarih tarihi дата dob birthdate 日付 日期 날짜 일자")
_LEAST_DIGITS: Final = 4
# A day or a week, a word and a year.
_LIKE_A_DATE: Final = re.compile(r"^[^\d]{0,14}(?P<part>\d{1,2})[^\d]{1,14}(?:19|20)\d{2}[^\d]{0,8}$")
# 21-Apr is a day, or what a spreadsheet made of April 2021.
_WITHOUT_YEAR: Final = re.compile(rf"^\d{{1,2}}\.?[-/ ]?(?P<month>[{_LETTERS}]{{3,12}})\.?$")
_MOSTLY: Final = 0.9
_FEWEST_LIKE_DATES: Final = 8


def may_be_dates(header: str, cells: Sequence[str]) -> bool:
    """Whether cells that could not be read as dates may be some: by the column's name, or by what they look like."""
    words = known_words(header)
    if not cells or not words or set(words) & _NO_DATES:
        return False
    named = bool(set(words) & _SURELY_DATES) or any(word.endswith(_ENDS_OF_DATES) for word in words)
    if named and words[-1] not in _DATE_PARTS:
        digits = sum(sum(map(str.isdecimal, cell)) >= _LEAST_DIGITS for cell in cells)
        return digits >= _MOSTLY * len(cells)
    without_year = [match for cell in cells if (match := _WITHOUT_YEAR.match(cell)) and _month_of(match["month"]) > 0]
    if len(without_year) >= _MOSTLY * len(cells):
        return True
    matches = [match for cell in cells if (match := _LIKE_A_DATE.match(cell))]
    parts = {int(match["part"]) for match in matches}
    return (
        len(matches) >= _MOSTLY * len(cells)
        and len(set(cells)) >= _FEWEST_LIKE_DATES
        and len(parts) >= _FEWEST_LIKE_DATES
        and max(parts) <= _MOST_WEEKS
    )


_DATE_PARTS: Final = word_set("type id count status source format key code range flag hour")


def are_compact_dates(cells: list[str]) -> bool:
    """Whether eight-digit numbers all have the month and the day of a date, as one in 1,000 others has."""
    filled = {cell.strip() for cell in set(cells) if not is_missing_word(cell)}
    return len(filled) >= _FEW_COMPACT and all(map(_COMPACT_DATE.match, filled))


def _patterns_of(sample: list[str], *, compact: bool) -> list[re.Pattern[str]]:
    """Return the ways in which a sample is written, commonest first; none where too little of it is dates."""
    shares: list[tuple[int, re.Pattern[str]]] = []
    left = sample
    more = (_COMPACT, _YEAR_MONTH, _COMPACT_DAY, _COMPACT_TIME) if compact else (_YEAR_MONTH_APART,)
    for pattern in (*_PLAIN, *more):
        # A few cells tell most columns of numbers or words apart from dates; neighbours too, as forms may take turns.
        step = max(1, len(left) // _FEW_CELLS)
        few = [*left[::step], *left[1::step]]
        if not left or not (any(map(pattern.match, few)) or shares):
            continue
        rest = [cell for cell in left if not _matches(pattern, cell)]
        if len(rest) < len(left):
            shares.append((len(left) - len(rest), pattern))
            left = rest
    n_serials = sum(map(_is_serial, left)) if shares else 0
    if shares and _are_few_words(left) and len(left) <= _MOST_WORDS_SHARE * len(sample):
        return [pattern for _, pattern in sorted(shares, key=lambda one: -one[0])]
    if sum(share for share, _ in shares) + n_serials < _WORTH_TRYING * len(sample) or not shares:
        return []
    if n_serials > len(sample) / 2:
        return []
    return [pattern for _, pattern in sorted(shares, key=lambda one: -one[0])]


def _are_few_words(cells: Iterable[str]) -> bool:
    """Whether cells are one or two words that come back: whoever wrote them had no date."""
    words = set(cells)
    return len(words) <= _MOST_WORDS and not any(letter.isdecimal() for word in words for letter in word)


def _matches(pattern: re.Pattern[str], cell: str) -> bool:
    match = pattern.match(cell)
    if match is None:
        return False
    month = match.groupdict().get("month") or "1"
    return month.isdecimal() or _month_of(month) > 0


@lru_cache(maxsize=1_000)
def _month_of(word: str) -> int:
    """Return the month that a word, or the beginning of one, names; -1 where it names none or several."""
    if word in _ROMAN:
        return _ROMAN.index(word) + 1
    word = without_accents(word)
    begun = {number for name, number in MONTHS.items() if name.startswith(word)} if len(word) > 2 else set()
    return MONTHS.get(word) or (begun.pop() if len(begun) == 1 else -1)


def _is_serial(cell: str) -> bool:
    return cell.replace(".", "", 1).isdecimal() and len(cell) < 12 and _SERIALS[0] <= float(cell) <= _SERIALS[1]


def _with_serials(per_value: np.ndarray, texts: pa.Array) -> np.ndarray:
    """Read the days of a spreadsheet among written dates, as a spreadsheet leaves them where text was mixed in."""
    left = np.flatnonzero(np.isnat(per_value))
    for place in left.tolist():
        cell = texts[place].as_py() or ""
        if _is_serial(cell):
            per_value[place] = _SERIAL_START + np.timedelta64(round(float(cell) * 86_400), "s")
    return per_value


def _order_of(parts: pa.StructArray) -> tuple[str, bool, int]:
    """Tell the day from the month by what can't be a month, then by what stays the same.

    Also whether the cells leave it open, and how many different ones only the other order explains.
    """
    one, two = (_integers(pc.struct_field(parts, name)) for name in ("one", "two"))
    held = one >= 0
    one, two = one[held], two[held]
    n_day_first, n_month_first = np.count_nonzero(one > 12), np.count_nonzero(two > 12)
    if n_day_first != n_month_first or n_day_first:
        other = int(min(n_day_first, n_month_first))
        return ("day first" if n_day_first >= n_month_first else "month first"), False, other
    # Monthly figures are dated on one day, usually the first: the part that never changes is the day.
    n_one, n_two = len(np.unique(one)), len(np.unique(two))
    if min(n_one, n_two) == 1 and max(n_one, n_two) >= 3:
        return ("day first", False, 0) if n_one == 1 else ("month first", False, 0)
    marks = pc.unique(pc.struct_field(parts, "mark")).to_pylist()
    # Points are written between day, month and year in that order only.
    return "day first", "." not in marks, 0


def _year_stands_first(parts: pa.StructArray) -> bool:
    """Whether 21/04/15 is the fifteenth of April: the first part varies as years do, and the last as days do."""
    one, two = (_integers(pc.struct_field(parts, name)) for name in ("one", "two"))
    last = pc.struct_field(parts, "year")
    held = one >= 0
    lengths = pc.fill_null(pc.binary_length(last), 0).to_numpy(zero_copy_only=False)[held]
    days = _integers(last)[held]
    if not held.any() or (lengths != len("21")).any() or (two[held] > _MONTHS_A_YEAR).any() or days.max() > _MOST_DAYS:
        return False
    n_days = len(np.unique(days))
    return n_days >= _FEWEST_DAYS and 2 * len(np.unique(one[held])) <= n_days and bool(one[held].min() > 0)


def _are_buddhist(years: np.ndarray) -> bool:
    held = years[years > 0]
    return len(held) > 0 and bool(held.min() >= _BUDDHIST[0] and held.max() <= _BUDDHIST[1])


def _zones_of(parts: pa.StructArray) -> set[str]:
    if "zone" not in {parts.type[at].name for at in range(parts.type.num_fields)}:
        return set()
    return {zone for zone in pc.unique(pc.struct_field(parts, "zone")).to_pylist() if zone}


def _in_utc(read: np.ndarray, parts: pa.StructArray) -> np.ndarray:
    """Return moments in one time zone, where the cells name several."""
    if "zone" not in {parts.type[at].name for at in range(parts.type.num_fields)}:
        return read
    zones = pc.struct_field(parts, "zone").to_pylist()
    minutes = {zone: _offset(zone or "") for zone in set(zones)}
    return np.asarray(read - np.array([minutes[zone] for zone in zones], "timedelta64[m]"))


def _offset(zone: str) -> int:
    """Return how many minutes a time zone is ahead of UTC."""
    match = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", zone)
    if match:
        return (1 if match[1] == "+" else -1) * (60 * int(match[2]) + int(match[3] or 0))
    hours = {"CET": 1, "CEST": 2, "BST": 1, "MSK": 3, "JST": 9, "IST": 5.5}
    west = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
    return round(60 * {**hours, **west}.get(zone, 0))


def _period_starts(parts: pa.StructArray, pattern: re.Pattern[str]) -> np.ndarray:
    """Return the days of dates, and the first days of months, weeks and quarters."""
    if pattern in (_YEAR_WEEK, _WEEK_YEAR):
        return _weeks(parts)
    if pattern in (_YEAR_QUARTER, _SHORT_YEAR_QUARTER, _QUARTER_YEAR):
        quarter = _integers(pc.struct_field(parts, "quarter"))
        if pattern is _QUARTER_YEAR:
            quarter = np.maximum(quarter, _numbered(pc.struct_field(parts, "ordinal"), _roman_or_digit))
        return _starts_of(_years(pc.struct_field(parts, "year")), 3, quarter)
    if pattern is _HALF_YEAR:
        years, halves = (
            np.maximum(*(_integers(pc.struct_field(parts, name)) for name in names))
            for names in (("year", "first_year"), ("half_year", "second_half"))
        )
        return _starts_of(years, 6, halves)
    if pattern is _ERA:
        return _dates(parts, "month", "day", era=True)
    return _dates(parts, "month", "day")


def _starts_of(years: np.ndarray, n_months: int, parts: np.ndarray) -> np.ndarray:
    """Return the first days of the parts of a year that have so many months each."""
    start = np.where(parts > 0, (years - 1970) * 12 + n_months * (parts - 1), 0).astype("datetime64[M]")
    return np.where((parts > 0) & (years > 0), start.astype("datetime64[us]"), np.datetime64("NaT", "us"))


def _roman_or_digit(text: str) -> int:
    return int(text) if text.isdecimal() else _ROMAN.index(text) + 1 if text in _ROMAN else -1


def _weeks(parts: pa.StructArray) -> np.ndarray:
    """Return the Mondays of ISO weeks, or the day of one."""
    years, weeks = (_integers(pc.struct_field(parts, name)) for name in ("year", "week"))
    names = {parts.type[at].name for at in range(parts.type.num_fields)}
    weekday = np.maximum(_integers(pc.struct_field(parts, "weekday")), 1) if "weekday" in names else 1
    if "weekday" not in names and weeks.max(initial=0) <= _HALVES:
        # S1 2024 and S2 2024 are half-years.
        return np.full(len(weeks), np.datetime64("NaT", "us"))
    return _mondays(years, weeks, weekday)


def _mondays(years: np.ndarray, weeks: np.ndarray, weekday: np.ndarray | int) -> np.ndarray:
    fourth = (np.where(years > 0, years - 1970, 0)).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(
        3, "D"
    )
    # 4 January is always in the first week; 1970-01-01 was a Thursday.
    monday = fourth - ((fourth.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
    days = (7 * (weeks - 1) + weekday - 1).astype("timedelta64[D]")
    valid = (years > 0) & (weeks >= 1) & (weeks <= _MOST_WEEKS)
    return np.where(valid, (monday + days).astype("datetime64[us]"), np.datetime64("NaT", "us"))


def _dates(parts: pa.StructArray, month: str, day: str, year: str = "year", *, era: bool = False) -> np.ndarray:
    fields = {parts.type[position].name for position in range(parts.type.num_fields)}
    if era:
        in_era = _numbered(pc.struct_field(parts, "year"), lambda text: 1 if text == _FIRST_OF_ERA else int(text or -1))
        years = np.where(in_era > 0, in_era + _numbered(pc.struct_field(parts, "era"), _before_era), -1)
    else:
        years = _years(pc.struct_field(parts, year))
    months = _months(pc.struct_field(parts, month))
    days = _days(pc.struct_field(parts, day)) if day in fields else np.ones(len(months), np.int64)
    clock = [_integers(pc.struct_field(parts, name)) if name in fields else 0 for name in ("hour", "minute", "second")]
    valid = (years > 0) & (months >= 1) & (months <= 12) & (days >= 1)
    start = (np.where(valid, (years - 1970) * 12 + months - 1, 0)).astype("datetime64[M]")
    dates = start.astype("datetime64[D]") + np.where(valid, days - 1, 0).astype("timedelta64[D]")
    valid &= dates.astype("datetime64[M]") == start
    seconds = sum(np.maximum(part, 0) * size for part, size in zip(clock, (3600, 60, 1), strict=True))
    if "half" in fields:
        seconds = seconds + _half_day(pc.struct_field(parts, "half"), clock[0])
        words = pc.utf8_trim_whitespace(pc.struct_field(parts, "asian"))
        if pc.any(pc.greater(pc.binary_length(words), 0)).as_py():
            halves = pc.if_else(pc.is_in(words, value_set=pa.array(_AFTERNOON, words.type)), "p", "a")
            seconds = seconds + _half_day(pc.if_else(pc.equal(words, ""), "", halves), clock[0])
    stamped = dates.astype("datetime64[us]") + np.asarray(seconds, np.int64).astype("timedelta64[s]")
    return np.where(valid, stamped, np.datetime64("NaT", "us"))


def _days(texts: pa.Array) -> np.ndarray:
    """Return days of the month; the first where only a month is named, as in 2024年3月."""
    signs = pc.replace_substring_regex(texts, r"[ 日일]", "")
    days = _integers(signs)
    whole_month = pc.fill_null(pc.equal(pc.binary_length(signs), 0), False).to_numpy(zero_copy_only=False)
    return np.where(whole_month, 1, days)


def _half_day(half: pa.Array, hours: np.ndarray | int) -> np.ndarray:
    """Return the seconds that AM and PM add: noon is 12 PM, midnight 12 AM."""
    lower = pc.utf8_lower(half)
    is_pm, is_am = (pc.fill_null(pc.equal(lower, letter), False).to_numpy(zero_copy_only=False) for letter in "pa")
    return np.where(is_pm & (hours != 12), 43_200, 0) - np.where(is_am & (np.asarray(hours) == 12), 43_200, 0)


def _numbered(texts: pa.Array, number_of: Callable[[str], int]) -> np.ndarray:
    """Return the number of each text, of which few are different; -1 where there is none."""
    encoded = pc.dictionary_encode(texts)
    numbers = [number_of(text) for text in encoded.dictionary.to_pylist()]
    places = encoded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*numbers, -1], np.int64)[places])


def _before_era(text: str) -> int:
    """Return the year before the first one of a Japanese era."""
    return next((year for names, year in _ERAS if text in names), -1)


def _integers(texts: pa.Array) -> np.ndarray:
    """Return whole numbers; -1 where there is none."""
    held = pc.if_else(pc.equal(pc.binary_length(texts), 0), pa.scalar(None, texts.type), texts)
    return np.asarray(pc.cast(held, pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False))


def _years(texts: pa.Array) -> np.ndarray:
    years = _integers(texts)
    short = pc.fill_null(pc.equal(pc.binary_length(texts), 2), False).to_numpy(zero_copy_only=False)
    this_year = int(np.datetime64("now", "Y").astype(int)) + 1970
    century = np.where(years + 2000 > this_year + _CENTURY_PIVOT, 1900, 2000)
    years = np.where(short, years + century, years)
    return np.where(years > 0, years - _AHEAD, years) if _are_buddhist(years) else years


def _months(texts: pa.Array) -> np.ndarray:
    return _numbered(texts, lambda word: int(word) if word.isdecimal() else _month_of(word))


def _reading(
    column: TextCells, texts: pa.Array, per_value: np.ndarray, order: str, *, ambiguous: bool = False
) -> DateReading | None:
    absent = missing_words(texts).to_numpy(zero_copy_only=False)
    unread_value = np.isnat(per_value) & ~absent
    n_unread = int(column.counts[unread_value].sum())
    n_read = int(column.counts[~np.isnat(per_value)].sum())
    if n_read < DATE_SHARE * (n_read + n_unread):
        few = n_read >= (1 - _MOST_WORDS_SHARE) * (n_read + n_unread) and np.count_nonzero(unread_value) <= _MOST_WORDS
        if not few or len(per_value) < _FEWEST_DATES or not _are_few_words(texts.filter(unread_value).to_pylist()):
            return None
    positions = column.encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = np.append(per_value, np.datetime64("NaT"))[positions]
    unread = np.append(unread_value, False)[positions]
    # Counted among the different texts: there are fewer of them than rows.
    distinct = len(np.unique(per_value[~np.isnat(per_value)]))
    return DateReading(values, np.flatnonzero(unread), order, distinct, ambiguous)

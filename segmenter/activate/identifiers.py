"""E-mail addresses and telephone numbers: found, checked, in the form and hash that a platform takes."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final, TypeVar

import email_validator
import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from segmenter.activate.platforms import CHOSEN_FIELDS, Field
from segmenter.sampling import systematic_sample
from segmenter.table.dataset import BETWEEN_CONTACTS, FORMER_COLUMN, ColumnKind, Dataset
from segmenter.table.infer.cells import MISSING_AMONG_NUMBERS, text_array, text_scalar
from segmenter.table.infer.consent import folded_name
from segmenter.table.infer.header import names_an_id, names_customers
from segmenter.threads import n_threads
from segmenter.typing import BoolArray, IntArray

DESTROYED: Final = "a spreadsheet has destroyed it: its last digits are lost; export the column as text"
NO_COUNTRY: Final = "it has no country code, and the customer's country is not known"
TWO_IN_ONE: Final = "there are two in one cell"
TOO_LONG: Final = "it is too long"
# The code of no country, for those who know that they don't know: numbers without country code are left out then.
NOWHERE: Final = "ZZ"
UNKNOWN_COUNTRY: Final = "the country is not known"
# Longer cells hold something else, and looking at them takes time that grows with their length.
_LONGEST: Final = 320
# Blanks of all kinds and marks that nobody sees, as both Python's and Arrow's patterns understand them.
_BLANKS: Final = "[\\s\u00a0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff]"
_MARGINS: Final = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\ufeff\u2060\u3000" + "".join(
    chr(code) for low, high in ((0x2000, 0x2010), (0x2028, 0x2030)) for code in range(low, high)
)
# 4.36641E+11, and what a cell shows that could not show its number.
_SCIENTIFIC: Final = r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$"
# The same where an identifier may have letters: 12E5 is one.
_LOST_DIGITS: Final = r"^[+-]?\d+(?:[.,]\d+[eE][+-]?|[eE][+-])\d+$"
_ERRORS: Final = r"^#+$|^#(?:NUM|NAME|REF|VALUE|DIV/0|N/A|ERROR|CALC|SPILL|ZAHL|WERT|BEZUG)[!?]?$"
_AS_DATE: Final = r"^(?:\d{4}-\d{2}-\d{2}(?:[T ].*)?|\d{1,2}[./-](?:\d{1,2}|[A-Za-z]{3})[./-](?:19|20)\d{2})$"
_NOTHING: Final = pa.scalar(None, pa.large_string())
MISSING_WORDS: Final = frozenset(word.casefold() for word in MISSING_AMONG_NUMBERS if not word.startswith("#"))


@dataclass(frozen=True, eq=False)
class Checked:
    """Cells in comparable form.

    Attributes
    ----------
    values
        (n,) text: the comparable form, missing where there is none.
    reasons
        (n,) text: why a cell that holds something has no such form; empty for the others.
    """

    values: pd.Series
    reasons: pd.Series

    @property
    def given(self) -> BoolArray:
        """Which cells hold something, be it good or not, shape (n,)."""
        return (self.values.notna() | (self.reasons != "")).to_numpy()


@dataclass(frozen=True, eq=False)
class CheckedPhones(Checked):
    """Telephone numbers as +E.164.

    Attributes
    ----------
    mobile
        (n,) which of them can be a mobile one.
    """

    mobile: BoolArray


def tidy(cells: pd.Series) -> pd.Series:
    """Return cells as text without blanks, invisible marks and a spreadsheet's apostrophe around; missing where empty.

    A whole number that was stored as one with a fraction loses it again: 6641234567.0 is a telephone number.
    """
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
        whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers.abs() < 2**53)
        texts = cells.astype("str").astype(object)
        texts[whole] = numbers[whole].astype("int64").astype("str")
        cells = texts.where(cells.notna())
    texts = text_array(cells.astype("str"))
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        texts = _without_full_width(texts)
    if _may_have_margins(texts):
        texts = pc.utf8_rtrim(pc.utf8_ltrim(texts, f"{_MARGINS}'"), _MARGINS)
    fractions = pc.ends_with(texts, ".0")
    if pc.any(fractions).as_py():
        texts = pc.replace_substring_regex(texts, r"^(\+?\d{5,})\.0$", r"\1")
    short = pc.less_equal(pc.binary_length(texts), max(map(len, MISSING_WORDS)))
    if pc.any(short).as_py():
        lower = pc.utf8_lower(pc.if_else(short, texts, text_scalar("…")))
        texts = pc.if_else(pc.is_in(lower, pa.array(sorted(MISSING_WORDS), pa.large_string())), _NOTHING, texts)
    return series_of(texts, cells.index)


# The first bytes of what is in front of texts, in UTF-8; whatever ends in no ASCII may have something behind.
_IN_FRONT: Final = np.isin(np.arange(256), [mark.encode()[0] for mark in f"{_MARGINS}'"])
_BEHIND: Final = np.isin(np.arange(256), [ord(mark) for mark in _MARGINS if mark.isascii()] + list(range(128, 256)))


def _may_have_margins(texts: pa.Array) -> bool:
    """Whether any text may have blanks or the like around: a tenth of the time of trimming all."""
    _, offsets, data = texts.buffers()
    if data is None or not data.size:
        return False
    bounds = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    characters = np.frombuffer(data, dtype=np.uint8)
    # An empty text is taken for its neighbours: no harm, as all are looked at then.
    firsts, lasts = characters[np.minimum(bounds[:-1], data.size - 1)], characters[np.maximum(bounds[1:] - 1, 0)]
    return bool(_IN_FRONT[firsts].any() or _BEHIND[lasts].any())


# Letters, digits and marks as wide as Chinese characters, which Japanese and Chinese keyboards write.
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _without_full_width(texts: pa.Array) -> pa.Array:
    wide = pc.match_substring_regex(texts, "[\uff01-\uff5e]")
    if not pc.any(wide).as_py():
        return texts
    narrow = [text.translate(_FULL_WIDTH) for text in texts.filter(wide).to_pylist()]
    return pc.replace_with_mask(texts, pc.fill_null(wide, fill_value=False), pa.array(narrow, pa.large_string()))


def comparable_ids(ids: pd.Series) -> pd.Series:
    """Return identifiers in the form in which spreadsheets and databases leave them equal.

    They are in small letters, whole numbers without zeros in front and .0 behind.
    """
    lower = tidy(ids).str.lower()
    digits = lower.str.removesuffix(".0")
    number = digits.str.isdecimal().fillna(value=False).astype(bool)
    # Zero stays a number.
    return lower.mask(number, digits.str.lstrip("0").where(digits.str.strip("0") != "", "0"))


def no_reasons(index: pd.Index) -> pd.Series:
    """Return empty texts: nothing is wrong with any cell."""
    return series_of(pa.repeat(text_scalar(""), len(index)), index)


def is_destroyed(texts: pd.Series) -> BoolArray:
    """Return which tidy cells hold what a spreadsheet has left of a long number, shape (n,)."""
    arrow = text_array(texts)
    if not _holds(arrow, "eE#"):
        return np.zeros(len(arrow), dtype=bool)
    return _mask(pc.match_substring_regex(arrow, f"{_LOST_DIGITS}|{_ERRORS}"))


_LOCAL: Final = r"[a-z0-9!#$%&'*+/=?^_{|}~`-]+(?:\.[a-z0-9!#$%&'*+/=?^_{|}~`-]+)*"
_USUAL_EMAIL: Final = rf"^{_LOCAL}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]+$"
_LOCAL_LENGTH, _EMAIL_LENGTH = 64, 254
_GMAIL: Final = ("gmail.com", "googlemail.com")


def canonical_emails(cells: pd.Series, *, drop_inner_blanks: bool = False) -> Checked:
    """Return e-mail addresses in small letters, or why there is none.

    Whether a mailbox is there is not asked: that needs a network.

    Parameters
    ----------
    drop_inner_blanks
        Whether blanks within an address are dropped, as some platforms do, or make it none.
    """
    return _in_parts(partial(_canonical_emails, drop_inner_blanks=drop_inner_blanks), cells)


# Rows from which on a share for each thread is worth the way there and back.
_A_SHARE: Final = 50_000
SomeCells = TypeVar("SomeCells", Checked, "CheckedPhones")


def _in_parts(check: Callable[..., SomeCells], *columns: pd.Series) -> SomeCells:
    """Return what a check makes of columns, each cell of which is looked at by itself: a share of them in a thread."""
    n_rows = len(columns[0])
    n_parts = min(n_threads(), n_rows // _A_SHARE)
    if n_parts < 2:
        return check(*columns)
    ends = np.linspace(0, n_rows, n_parts + 1).astype(int)
    shares = [tuple(each.iloc[first:last] for each in columns) for first, last in pairwise(ends)]
    with ThreadPoolExecutor(n_parts) as pool:
        parts = list(pool.map(lambda share: check(*share), shares))
    found = Checked(pd.concat([each.values for each in parts]), pd.concat([each.reasons for each in parts]))
    if not isinstance(parts[0], CheckedPhones):
        return found
    return CheckedPhones(found.values, found.reasons, np.concatenate([each.mobile for each in parts]))  # type: ignore


def _canonical_emails(cells: pd.Series, *, drop_inner_blanks: bool) -> Checked:
    texts = tidy(cells)
    arrow = text_array(texts)
    if _is_wrapped(arrow):
        # Ann Doe <ann@example.org>, as mail programs write it.
        arrow = pc.replace_substring_regex(arrow, r"^[^<>@]*<([^<>]*)>$", r"\1")
        arrow = pc.replace_substring_regex(arrow, r"^(?i:mailto:)|^<", "")
    arrow = pc.utf8_rtrim(arrow, characters=">,;.")
    if drop_inner_blanks:
        arrow = pc.replace_substring_regex(arrow, rf"{_BLANKS}+", "")
    lower = pc.utf8_lower(arrow)
    usual = pc.match_substring_regex(lower, _USUAL_EMAIL)
    at = pc.find_substring(lower, "@")
    usual = pc.and_(usual, pc.less_equal(at, _LOCAL_LENGTH))
    usual = pc.and_(usual, pc.less_equal(pc.utf8_length(lower), _EMAIL_LENGTH))
    # Two parts where the address is a usual one; a text without @ has one.
    domains = pc.list_element(pc.split_pattern(pc.if_else(usual, lower, text_scalar("@")), "@", max_splits=1), 1)
    known = pc.unique(domains.filter(usual)).to_pylist()
    good = [domain for domain in known if not _email_fault(f"a@{domain}")]
    usual = pc.and_(usual, pc.is_in(domains, pa.array(good, pa.large_string())))
    accepted = pc.if_else(usual, lower, _NOTHING)
    return _with_the_rest(accepted, lower, cells.index, _email_of)


def _is_wrapped(texts: pa.Array) -> bool:
    """Whether some addresses may stand as links or in a mail's head do: <a@b.org>, mailto:a@b.org, Ann <a@b.org>."""
    return _holds(texts, "<:")


def _holds(texts: pa.Array, marks: str) -> bool:
    """Whether any of some ASCII marks stands in any of the texts."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return False
    first, last = np.frombuffer(offsets, dtype=np.int64)[[texts.offset, texts.offset + len(texts)]]
    characters = data.slice(int(first), int(last - first)).to_pybytes()
    return any(mark.encode() in characters for mark in marks)


def split_identifiers(cell: str) -> list[str]:
    """Return the identifiers in a cell that holds several addresses or numbers; the cell itself where it does not."""
    if cell.count("@") > 1:
        return [part for part in re.split(r"[;,/|\s]+", cell) if "@" in part]
    parts = re.split(_BETWEEN_NUMBERS, cell)
    return parts if sum(len(re.findall(r"\d", part)) > 5 for part in parts) > 1 and "@" not in cell else [cell]


def gmail_canonical(emails: pd.Series) -> pd.Series:
    """Return addresses by Google's rule: at gmail.com and googlemail.com neither dots nor +tags make a difference."""
    arrow = text_array(emails)
    for domain in _GMAIL:
        there = pc.fill_null(pc.ends_with(arrow, f"@{domain}"), fill_value=False)
        if pc.any(there).as_py():
            local = pc.utf8_slice_codeunits(arrow.filter(there), 0, -len(domain) - 1)
            if _holds(local, "+"):
                local = pc.replace_substring_regex(local, r"^([^+]*)\+.*$", r"\1")
            theirs = pc.binary_join_element_wise(
                pc.replace_substring(local, ".", ""), text_scalar(domain), text_scalar("@")
            )
            arrow = pc.replace_with_mask(arrow, there, theirs)
    return series_of(arrow, emails.index)


# The ASCII name of a domain in other letters: xn--bcher-kva.org is bücher.org.
_ASCII_NAME: Final = r"[@.]xn--"


def mailboxes(emails: pd.Series) -> pd.Series:
    """Return addresses so that those of one mailbox are equal: by Google's rule, domains in their own letters."""
    if not pc.any(pc.match_substring(text_array(emails), "xn--")).as_py():
        return gmail_canonical(emails)
    coded = emails.str.contains(_ASCII_NAME, regex=True).fillna(value=False).astype(bool)
    return gmail_canonical(emails.mask(coded, other_domains(emails)))


def other_domains(emails: pd.Series) -> pd.Series:
    """Return addresses under the other name of their domain, in own letters or in ASCII's; missing where it has one."""
    special = ~emails.str.isascii() | emails.str.contains(_ASCII_NAME, regex=True)
    codes, different = pd.factorize(emails.where(special.fillna(value=False).astype(bool)))
    written = [_other_domain(text) for text in different]
    return pd.Series(pd.Series([*written, None], dtype="str").array.take(codes), index=emails.index)


def _other_domain(text: str) -> str:
    local, _, domain = text.rpartition("@")
    found = email_validator.validate_email(f"a@{domain}", check_deliverability=False)
    return f"{local}@{found.ascii_domain if domain == found.domain else found.domain}"


def _email_of(text: str) -> tuple[str | None, str]:
    if len(text) > _LONGEST:
        return None, TOO_LONG
    if re.match(_SCIENTIFIC, text) or re.match(_ERRORS, text):
        return None, DESTROYED
    if text.count("@") > 1 and re.search(r"[\s,;/|]", text):
        return None, TWO_IN_ONE
    fault = _email_fault(text)
    return (None, fault) if fault else (_normalised_email(text), "")


def _normalised_email(text: str) -> str:
    return email_validator.validate_email(text, check_deliverability=False).normalized.lower()


def _email_fault(text: str) -> str:
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        said = str(error).rstrip(".").replace("The email address", "it").replace("An email", "an e-mail")
        return said[:1].lower() + said[1:]
    return ""


_BETWEEN_DIGITS: Final = " ()./-"
_BETWEEN_NUMBERS: Final = r"[,;/|]|\s(?:or|oder|ou|and|und|et)\s"
_USUAL_PHONE: Final = r"^\+?[0-9(][0-9 ()./\-]*$"
_TYPES: Final = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
_MOBILE: Final = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
_PHONE_FAULTS: Final = {
    phonenumbers.NumberParseException.NOT_A_NUMBER: "it is no telephone number",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "it is too short",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "it is too short",
    phonenumbers.NumberParseException.TOO_LONG: "it is too long",
}


def canonical_phones(cells: pd.Series, regions: pd.Series) -> CheckedPhones:
    """Return telephone numbers as +E.164, or why there is none.

    Parameters
    ----------
    cells
        (n,) as they were written; only what is valid in its country is taken.
    regions
        (n,) ISO codes of the countries in which numbers without country code are; empty text where that is not known.
        It is never guessed.
    """
    return _in_parts(_canonical_phones, cells, regions)


def _canonical_phones(cells: pd.Series, regions: pd.Series) -> CheckedPhones:
    texts = tidy(cells)
    arrow = text_array(texts)
    usual = pc.fill_null(pc.match_substring_regex(arrow, _USUAL_PHONE), fill_value=False)
    if _holds(arrow, "./-"):
        usual = pc.and_not(usual, pc.match_substring_regex(arrow, _AS_DATE))
    bare = arrow
    for mark in _BETWEEN_DIGITS:
        if _holds(bare, mark):
            bare = pc.replace_substring(bare, mark, "")
    chosen = _mask(usual)
    national = chosen & ~_mask(pc.starts_with(bare, "+"))
    codes, different = pd.factorize(regions.fillna("").astype("str"))
    places = np.where(national, codes, -1)
    parts = [_Part.nothing()]
    for place in np.unique(places[chosen]):
        region = str(different[place]) if place >= 0 else ""
        rows = np.flatnonzero(chosen & (places == place)) if region or place < 0 else np.array([], dtype=np.intp)
        parts += [part.within(rows) for part in _usual_numbers(bare.take(pa.array(rows)), region)]
    accepted, mobile = _together(parts, len(texts))
    rest_only = pc.if_else(pc.is_null(accepted), arrow, _NOTHING)
    pairs = pc.binary_join_element_wise(rest_only, text_array(regions.fillna("").astype("str")), text_scalar("\0"))
    checked = _with_the_rest(accepted, pairs, cells.index, _phone_of)
    rest = checked.values.notna().to_numpy() & _mask(pc.is_null(accepted))
    mobile[rest] = [_can_be_mobile(number) for number in checked.values[rest]]
    return CheckedPhones(checked.values, checked.reasons, mobile)


@dataclass(frozen=True, eq=False)
class _Part:
    """Some rows, their numbers (missing where only the library can tell), and which of these can be mobile."""

    rows: IntArray
    numbers: pa.Array
    mobile: BoolArray

    @classmethod
    def nothing(cls) -> "_Part":
        return cls(np.array([], dtype=np.intp), pa.array([], pa.large_string()), np.array([], dtype=bool))

    def within(self, rows: IntArray) -> "_Part":
        """Return the same numbers, these rows being counted in a larger table."""
        return replace(self, rows=rows[self.rows])


def _together(parts: Sequence[_Part], n_rows: int) -> tuple[pa.Array, BoolArray]:
    """Put parts into one column; rows that are in none are missing."""
    rows = np.concatenate([part.rows for part in parts])
    places = np.full(n_rows, -1, dtype=np.intp)
    places[rows] = np.arange(len(rows))
    mobile = np.zeros(n_rows, dtype=bool)
    mobile[rows] = np.concatenate([part.mobile for part in parts])
    numbers = pa.chunked_array([part.numbers for part in parts], pa.large_string()).combine_chunks()
    return numbers.take(pa.array(places, mask=places < 0)), mobile


def _phone_of(pair: str) -> tuple[str | None, str]:
    text, region = pair.split("\0", 1)
    if len(text) > _LONGEST:
        return None, TOO_LONG
    if re.match(_SCIENTIFIC, text) or re.match(_ERRORS, text):
        return None, DESTROYED
    if re.match(_AS_DATE, text):
        return None, "a spreadsheet has made a date of it; export the column as text"
    if sum(len(re.findall(r"\d", part)) > 5 for part in re.split(_BETWEEN_NUMBERS, text)) > 1:
        return None, TWO_IN_ONE
    number, fault = _parsed(text, region)
    if fault and (rest := _before_phone_word(text)):
        return _phone_of(f"{rest}\0{region}")
    if fault:
        number = _after_zeros(text)
    if number is None:
        return None, fault
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""


def _before_phone_word(text: str) -> str:
    """Return what stands before a word for a kind of number, such as (mobile); empty text where none is at the end."""
    rest, _, word = text.rpartition(" ")
    plain = folded_name(word)
    return rest.strip() if plain.isalpha() and (field_of_name(plain) is Field.PHONE or plain in _WHICH) else ""


def _parsed(text: str, region: str) -> tuple[phonenumbers.PhoneNumber | None, str]:
    """Return the number as the library reads it, and what is wrong with it."""
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return None, "there is no such country code" if text.startswith("+") else NO_COUNTRY
        return None, _PHONE_FAULTS[error.error_type]
    is_used = phonenumbers.is_valid_number(number)
    return number, "" if is_used else f"no number in use with +{number.country_code} looks like it"


def _after_zeros(text: str) -> phonenumbers.PhoneNumber | None:
    """Return the number whose country code stands behind 00, the way abroad of most countries; None where none does.

    It is written so in files from anywhere, also where another prefix is dialled: 011 in the USA.
    """
    if not all(unicodedata.decimal(letter, 1) == 0 for letter in text[:2]):
        return None
    try:
        number = phonenumbers.parse(f"+{text[2:]}")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def national_digits(phones: pd.Series) -> pd.Series:
    """Return the digits after the country code, from the first that is no zero, of numbers as +E.164."""
    heads = phones.str[1:4]
    known = {head: len(_country_code(head)) for head in heads.dropna().unique()}
    lengths = heads.map(known)
    found = phones.copy()
    for length in set(known.values()):
        of_it = (lengths == length).to_numpy()
        found[of_it] = phones[of_it].str[1 + length :]
    return found.str.lstrip("0")


def _country_code(head: str) -> str:
    """Return the country code with which some digits begin; empty text where none does."""
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((head[:length] for length in (1, 2, 3) if int(head[:length] or 0) in codes), "")


def countries_of_numbers(numbers: pd.Series) -> pd.Series:
    """Return the ISO code of the country of each valid number in +E.164, shape (n,); missing where there is none."""
    return numbers.map(lambda text: phonenumbers.region_code_for_number(phonenumbers.parse(text)), na_action="ignore")


def _can_be_mobile(number: str) -> bool:
    return phonenumbers.number_type(phonenumbers.parse(number)) in _MOBILE


@dataclass(frozen=True)
class _Plan:
    """How the numbers of one country are built, for the usual ones among them."""

    code: str
    trunk: tuple[str, ...]
    abroad: str
    general: str
    valid: str
    mobile: str


@cache
def _plan(region: str) -> _Plan | None:
    """Return a country's plan; None where only the library can tell its numbers."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if plan is None or plan.country_code is None or plan.national_prefix_transform_rule or plan.general_desc is None:
        return None
    trunk = tuple((plan.national_prefix_for_parsing or "").split("|"))
    if not all(prefix.isdecimal() or not prefix for prefix in trunk):
        return None
    shared = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[plan.country_code]
    if len(shared) > 1 and (shared[0] != region or plan.leading_digits):
        return None
    kinds = {name: getattr(plan, name) for name in _TYPES}
    patterns = {name: kind.national_number_pattern for name, kind in kinds.items() if kind is not None}
    used = {name: pattern for name, pattern in patterns.items() if pattern and pattern != "NA"}
    # As the library counts: where fixed and mobile numbers share a pattern, each can be mobile.
    mobile = used.get("mobile", "")
    return _Plan(
        str(plan.country_code),
        tuple(prefix for prefix in trunk if prefix),
        plan.international_prefix or "",
        plan.general_desc.national_number_pattern or "",
        f"^(?:{'|'.join(used.values())})$",
        f"^(?:{mobile})$" if mobile else "",
    )


def _usual_numbers(bare: pa.Array, region: str) -> list[_Part]:
    """Return the numbers of a region that need no library.

    Parameters
    ----------
    bare
        Digits, with a + in front where they begin with a country code.
    region
        Empty where all do.
    """
    if not len(bare):
        return []
    if not region:
        return _international(bare)
    plan = _plan(region)
    if plan is None or not re.fullmatch(r"\d+", plan.abroad):
        return []
    abroad = pc.starts_with(bare, plan.abroad)
    coded = pc.and_not(pc.starts_with(bare, plan.code), abroad)
    # The country code without its +, where the whole could be no number of the country.
    only_coded = pc.and_not(coded, pc.match_substring_regex(bare, f"^(?:{plan.general})$"))
    parts = []
    for chosen, cut in ((pc.and_not(pc.invert(abroad), coded), 0), (only_coded, len(plan.code))):
        rows = np.flatnonzero(_mask(chosen))
        parts.append(_accepted(pc.utf8_slice_codeunits(bare.take(pa.array(rows)), cut), plan, rows))
    rows = np.flatnonzero(_mask(abroad))
    rest = pc.utf8_slice_codeunits(bare.take(pa.array(rows)), len(plan.abroad))
    international = _usual_numbers(pc.binary_join_element_wise(text_scalar("+"), rest, text_scalar("")), "")
    return [*parts, *(part.within(rows) for part in international)]


def _international(bare: pa.Array) -> list[_Part]:
    """Return the numbers that begin with + and a country code, and need no library."""
    heads = pc.dictionary_encode(pc.utf8_slice_codeunits(bare, 1, 4))
    codes = heads.indices.to_numpy()
    main = [_main_region(head) for head in heads.dictionary.to_pylist()]
    parts = []
    for region in sorted(set(main) - {""}):
        plan = _plan(region)
        if plan is not None:
            rows = np.flatnonzero(np.array([each == region for each in main])[codes])
            rest = pc.utf8_slice_codeunits(bare.take(pa.array(rows)), 1 + len(plan.code))
            parts.append(_accepted(rest, plan, rows))
    return parts


def _accepted(national: pa.Array, plan: _Plan, rows: IntArray) -> _Part:
    """Return which digits after the country code are a valid number; missing is what is not clear."""
    trunk = pa.array(np.zeros(len(national), dtype=bool))
    for prefix in plan.trunk:
        trunk = pc.or_(trunk, pc.starts_with(national, prefix))
    stripped = national
    if plan.trunk and len(plan.trunk[0]) == 1:
        one = pc.starts_with(national, plan.trunk[0])
        stripped = pc.if_else(one, pc.utf8_slice_codeunits(national, 1), national)
        trunk = pc.and_not(trunk, one)
    clear = pc.and_(pc.match_substring_regex(stripped, plan.valid), pc.invert(trunk))
    clear = pc.and_(clear, pc.match_substring_regex(stripped, f"^(?:{plan.general})$"))
    numbers = pc.binary_join_element_wise(text_scalar(f"+{plan.code}"), stripped, text_scalar(""))
    mobile = pc.and_(clear, pc.match_substring_regex(stripped, plan.mobile)) if plan.mobile else pc.and_(clear, False)
    return _Part(rows, pc.if_else(clear, numbers, _NOTHING), _mask(mobile))


@cache
def _main_region(head: str) -> str:
    """Return the country whose numbers begin with these digits; empty where none does."""
    code = _country_code(head)
    region = str(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)][0]) if code else "001"
    return "" if region == "001" else region


def _with_the_rest(
    accepted: pa.Array, texts: pa.Array, index: pd.Index, one: Callable[[str], tuple[str | None, str]]
) -> Checked:
    """Put what was accepted at once together with what is looked at one by one."""
    rest = pc.and_(pc.is_null(accepted), pc.is_valid(texts))
    values, reasons = series_of(accepted, index), no_reasons(index)
    if pc.any(rest).as_py():
        where = np.flatnonzero(_mask(rest))
        codes, unusual = pd.factorize(np.asarray(texts.take(pa.array(where)).to_pylist(), dtype=object))
        looked_at = [one(text) for text in unusual]
        found, why = (pd.Series(each, dtype="str") for each in zip(*looked_at, strict=True))
        values.iloc[where] = found.iloc[codes].set_axis(where)
        reasons.iloc[where] = why.iloc[codes].set_axis(where)
    return Checked(values, reasons)


def series_of(texts: pa.Array, index: pd.Index) -> pd.Series:
    """Return texts of Arrow as a column of pandas."""
    # No text is copied: pandas keeps its own in Arrow's memory, too.
    kind: Any = pd.StringDtype(na_value=np.nan)
    return pd.Series(kind.__from_arrow__(texts), index=index)


def _mask(found: pa.Array) -> BoolArray:
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), dtype=bool)


# ISO 3166: two letters and three. Both are written in files; names come from the library's tables.
_THREE_LETTERS: Final = (
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD "
    "BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN "
    "CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU "
    "DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB "
    "GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG "
    "HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN "
    "KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU "
    "LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR "
    "MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL "
    "OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB "
    "RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP "
    "SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN "
    "TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF "
    "ZMZMB ZWZWE"
)  # fmt: skip
_ALSO_CALLED: Final = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northernireland": "GB", "greatbritain": "GB",
    "grossbritannien": "GB", "britain": "GB", "usa": "US", "us": "US", "america": "US", "unitedstatesofamerica": "US",
    "vereinigtestaatenvonamerika": "US", "eeuu": "US", "etatsunisdamerique": "US", "holland": "NL", "holanda": "NL",
    "thenetherlands": "NL", "nederland": "NL", "czechrepublic": "CZ", "tschechischerepublik": "CZ",
    "tschechien": "CZ", "ceskarepublika": "CZ", "korea": "KR", "southkorea": "KR", "russianfederation": "RU",
    "uae": "AE", "vae": "AE", "turkey": "TR", "macedonia": "MK", "swaziland": "SZ", "ivorycoast": "CI",
    "bundesrepublikdeutschland": "DE", "brd": "DE", "schweiz": "CH", "suisse": "CH", "svizzera": "CH",
    "peoplesrepublicofchina": "CN", "prchina": "CN", "republicofireland": "IE", "slovakrepublic": "SK",
    "tschechei": "CZ", "usamerika": "US", "verenigdestatenvanamerika": "US", "statiunitidamerica": "US",
    "estadosunidosdamerica": "US", "estadosunidosdeamerica": "US", "stanyzjednoczone": "US", "usaamerika": "US",
    "czechy": "CZ", "tjeckien": "CZ", "cechia": "CZ", "tchequie": "CZ", "chequia": "CZ", "slowakei": "SK",
}  # fmt: skip
# Czech, Turkish, Danish and Norwegian are not in the library's table: the countries that their files name most.
_MORE_NAMES: Final = {
    "DE": "Německo Almanya", "AT": "Rakousko Avusturya Østrig Østerrike", "CH": "Švýcarsko İsviçre Svejts Sveits",
    "CZ": "Česko Çekya Tjekkiet Tsjekkia", "SK": "Slovensko Slovakya Slovakiet", "PL": "Polsko Polonya",
    "GB": "Velká-Británie Spojené-království Birleşik-Krallık İngiltere Storbritannien Storbritannia",
    "IE": "Irsko İrlanda Irland", "FR": "Francie Fransa Frankrig Frankrike", "IT": "Itálie İtalya Italien Italia",
    "ES": "Španělsko İspanya Spanien Spania", "PT": "Portugalsko Portekiz",
    "NL": "Nizozemsko Nizozemí Hollanda Nederlandene",
    "BE": "Belgie Belçika Belgien", "LU": "Lucembursko Lüksemburg", "DK": "Dánsko Danimarka Danmark",
    "SE": "Švédsko İsveç Sverige", "NO": "Norsko Norveç Norge", "FI": "Finsko Finlandiya", "IS": "Island İzlanda",
    "HU": "Maďarsko Macaristan Ungarn", "RO": "Rumunsko Romanya Rumænien", "BG": "Bulharsko Bulgaristan Bulgarien",
    "GR": "Řecko Yunanistan Grækenland Hellas", "TR": "Turecko Türkiye Tyrkiet Tyrkia",
    "HR": "Chorvatsko Hırvatistan Kroatien",
    "SI": "Slovinsko Slovenya Slovenien", "RS": "Srbsko Sırbistan Serbien", "UA": "Ukrajina Ukrayna",
    "RU": "Rusko Rusya Rusland Russland",
    "US": "Spojené-státy Spojené-státy-americké Amerika-Birleşik-Devletleri ABD Forenede-Stater",
    "CA": "Kanada", "AU": "Austrálie Avustralya Australien", "CN": "Čína Çin Kina", "JP": "Japonsko Japonya",
    "IN": "Indie Hindistan Indien", "BR": "Brazílie Brezilya Brasilien", "MX": "Mexiko Meksika Mexico",
    "EE": "Estonsko Estonya Estland",
    "LV": "Lotyšsko Letonya Letland", "LT": "Litva Litvanya Litauen",
}  # fmt: skip
_LANGUAGES: Final = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro", "tr", "ru", "uk",
    "el", "bg", "hr", "sl", "ja", "zh", "ar", "ko",
)  # fmt: skip


def canonical_countries(cells: pd.Series) -> Checked:
    """Return the ISO codes (two letters) of countries by code, calling code or name in many languages."""
    # Few are different: only these are looked at.
    codes, different = pd.factorize(cells)
    words = tidy(pd.Series(different))
    regions = [region_of(word) or None if isinstance(word, str) else None for word in words]
    values = pd.Series(pd.Series([*regions, None], dtype="str").array.take(codes), index=cells.index)
    unknown = words.notna().to_numpy() & np.array([region is None for region in regions], dtype=bool)
    reasons = no_reasons(cells.index)
    if unknown.any():
        reasons[np.append(unknown, False)[codes]] = UNKNOWN_COUNTRY
    return Checked(values, reasons)


def region_of(word: str) -> str:
    """Return the ISO code (two letters) of a country; empty text where the word names none, or more than one."""
    word = word.strip()
    if re.fullmatch(r"(?:\+|00)\d{1,3}", word):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(word.lstrip("+").removeprefix("00")), ())
        return (
            regions[0] if len(regions) == 1 or (regions and regions[0] in ("US", "GB", "IT", "NO", "FI", "AU")) else ""
        )
    return _region_names().get(_plain(word), "")


def region_names() -> dict[str, str]:
    """Return the countries that have telephone numbers by ISO code, under their English names, in their order."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    names = {code: _spoken(LOCALE_DATA[code], "en") for code in phonenumbers.SUPPORTED_REGIONS if code in LOCALE_DATA}
    return dict(sorted(names.items(), key=lambda item: _plain(item[1])))


@cache
def _region_names() -> dict[str, str]:
    # 0.4 s to import: only for those who have a country column.
    from phonenumbers.geodata.locale import LOCALE_DATA

    names: dict[str, set[str]] = {}
    for code, spoken in LOCALE_DATA.items():
        for name in (_spoken(spoken, language) for language in _LANGUAGES):
            names.setdefault(_plain(name), set()).add(code)
    for code, more in _MORE_NAMES.items():
        for name in more.split():
            names.setdefault(_plain(name), set()).add(code)
    found = {name: next(iter(codes)) for name, codes in names.items() if name and len(codes) == 1}
    codes = {pair[:2]: pair[2:] for pair in _THREE_LETTERS.split()}
    # Codes and common names win over a name in some language that reads like one.
    return {
        **found,
        **{three.lower(): two for two, three in codes.items()},
        **{two.lower(): two for two in codes},
        **_ALSO_CALLED,
    }


def _spoken(names: dict[str, str], language: str) -> str:
    name = names.get(language, "")
    # The table says "as in that language" by a star and its letters.
    return names.get(name[1:], "") if name.startswith("*") else name


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold().replace("ß", "ss"))
    return "".join(letter for letter in letters if letter.isalnum())


_LOOKED_AT: Final = 2_000
_MOSTLY: Final = 0.5

_WORDS: Final[dict[str, dict[str, str]]] = tomllib.loads(
    files("segmenter.activate").joinpath("words.toml").read_text(encoding="utf-8")
)
STATES: Final = dict(pair.split(":") for pair in _WORDS["states"]["codes"].split())
GENDERS: Final = {word: code for code, words in _WORDS["genders"].items() for word in words.split()}
# What a further column of a kind is called beside its kind.
_WHICH: Final = tuple(map(folded_name, (
    "work", "home", "private", "personal", "business", "office", "alternative", "alternate", "alt", "other", "second",
    "secondary", "main", "primary", "first", "third", "additional", "backup", "privat", "geschäftlich", "dienstlich",
    "weitere", "zweite", "pro", "perso", "professionnel", "secondaire", "particular", "trabajo", "ufficio", "casa",
)))  # fmt: skip
# Of two columns of telephone numbers, the mobile one reaches more people.
_MOBILE_WORDS: Final = re.compile("mobi|cell|handy|gsm|portable|movil|celular|komor|cep|matka|sms|whatsapp|msisdn")


_FIELD_OF: Final = {
    folded_name(name): Field(field) for field, names in _WORDS["columns"].items() for name in names.split()
}


def field_of_name(header: str) -> Field | None:
    """Return what a column of this name holds; None where the name does not say."""
    return _FIELD_OF.get(folded_name(header))


def former_columns(customers: Dataset) -> tuple[str, ...]:
    """Return the columns of addresses that customers had before, as a labelled file writes them.

    People are found by them on lists of those to leave out, and are never written to under them.
    """
    former = folded_name(FORMER_COLUMN)
    return tuple(column.name for column in customers.columns if folded_name(column.name).rstrip("0123456789") == former)


def former_contacts(customers: Dataset, column: str) -> pd.Series:
    """Return the addresses in a column of former ones, each under the row of its customer."""
    cells = tidy(customers.original[column]).dropna()
    return tidy(cells.str.split(BETWEEN_CONTACTS.strip(), regex=False).explode()).dropna()


def further_contacts(customers: Dataset, columns: Mapping[Field, str]) -> dict[Field, tuple[str, ...]]:
    """Return further columns of e-mail addresses and telephone numbers, such as email_2 or a mobile beside a phone.

    Only names decide: the address of somebody else, such as an account manager's, is no address of the customer.

    Parameters
    ----------
    columns
        The first column of each kind, as `recognise_contacts` or the user names it.
    """
    rows = systematic_sample(customers.n_customers, _LOOKED_AT)
    taken, found = set(columns.values()), {}
    for field in (Field.EMAIL, Field.PHONE):
        if field not in columns:
            continue
        named = [
            column.name for column in customers.columns if column.name not in taken and _repeats(column.name, field)
        ]
        cells = {name: tidy(customers.original[name].iloc[rows]).dropna() for name in named}
        more = tuple(name for name in named if len(cells[name]) and _may_hold(field, cells[name]))
        if more:
            found[field] = more
    return found


def _repeats(name: str, field: Field) -> bool:
    """Whether a column is called like another one of its kind: email_2, work e-mail, mobile."""
    plain = folded_name(name).rstrip("0123456789")
    own = (plain.removeprefix(word).removesuffix(word) for word in ("", *_WHICH))
    return any(field_of_name(each) is field for each in own)


def recognise_contacts(customers: Dataset) -> dict[Field, str]:
    """Return the columns that hold what identifies customers, as far as they are recognised."""
    found: dict[Field, str] = {}
    rows = systematic_sample(customers.n_customers, _LOOKED_AT)
    samples = {column.name: tidy(customers.original[column.name].iloc[rows]).dropna() for column in customers.columns}
    former = former_columns(customers)
    names = [name for name, cells in samples.items() if len(cells) and name not in former]
    for name in names:
        # The first of several: email_1 beside email_2.
        field = field_of_name(name) or field_of_name(folded_name(name).rstrip("0123456789"))
        if field is None or field in CHOSEN_FIELDS or not _may_hold(field, samples[name]):
            continue
        better = field is Field.PHONE and field in found and _MOBILE_WORDS.search(folded_name(name)) is not None
        if field not in found or (better and not _MOBILE_WORDS.search(folded_name(found[field]))):
            found[field] = name
    taken = set(found.values())
    for field, pattern in ((Field.EMAIL, r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$"), (Field.PHONE, r"^\+\d[\d ()./-]{6,}$")):
        if field not in found:
            fitting = (each for each in names if each not in taken and samples[each].str.match(pattern).mean() >= 0.8)
            first = next(fitting, None)
            if first is not None:
                found[field] = first
    if Field.CUSTOMER_ID not in found:
        ids = [each.name for each in customers.columns if each.kind is ColumnKind.IDENTIFIER and each.name not in taken]
        named = [name for name in ids if names_customers(name)] or [name for name in ids if names_an_id(name)] or ids
        if named:
            found[Field.CUSTOMER_ID] = named[0]
    return found


def recognise_chosen(customers: Dataset) -> dict[Field, str]:
    """Return the columns of what is written only where it is asked for, as far as their names tell."""
    names = [(field_of_name(column.name), column.name) for column in customers.columns]
    return {field: name for field, name in reversed(names) if field in CHOSEN_FIELDS}


def _may_hold(field: Field, cells: pd.Series) -> bool:
    if field is Field.EMAIL:
        return bool(cells.str.contains("@", regex=False).mean() >= _MOSTLY)
    if field is Field.PHONE:
        return bool(
            (cells.str.count(r"\d") >= 5).mean() >= _MOSTLY or cells.str.match(r"^\d.*[eE]\+\d+$").mean() >= _MOSTLY
        )
    if field is Field.FACEBOOK_ID:
        return bool(cells.str.match(r"^\d{8,20}$").mean() >= _MOSTLY)
    if field in (Field.FIRST_NAME, Field.LAST_NAME, Field.CITY, Field.STATE):
        return bool((cells.str.count(r"[^\W\d_]") > 0).mean() >= _MOSTLY)
    return True


_SIZE = 32
# Texts from which on a compiled loop, in all threads, is worth its import.
_MANY: Final = 50_000
# FIPS 180-4, 5.3.3 and 4.2.2.
_START: Final = np.array([
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
], dtype=np.uint32)  # fmt: skip
_ROUNDS: Final = np.array([
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
], dtype=np.uint32)  # fmt: skip


def digests(texts: Sequence[str] | pd.Series, salt: str = "") -> bytes:
    """Return the digests of salt and text, 32 bytes each, one after the other."""
    if len(texts) < _MANY:
        sha256, salted = hashlib.sha256, salt.encode()
        return b"".join([sha256(salted + text.encode()).digest() for text in texts])
    written = pa.array(texts, pa.large_string())
    written = written.combine_chunks() if isinstance(written, pa.ChunkedArray) else written
    _, ends, characters = written.buffers()
    bounds = np.frombuffer(ends, dtype=np.int64)[written.offset : written.offset + len(written) + 1]
    data = np.frombuffer(characters, dtype=np.uint8) if characters else np.empty(0, dtype=np.uint8)
    start_bytes = np.frombuffer(salt.encode(), dtype=np.uint8)
    found = np.empty((len(written), _SIZE // 4), dtype=">u4")
    loop, words = _compiled_loop(), np.empty((len(written), _SIZE // 4), dtype=np.uint32)
    shares = pairwise(np.linspace(0, len(written), n_threads() + 1).astype(int).tolist())
    with ThreadPoolExecutor(n_threads()) as pool:
        waiting = [pool.submit(loop, data, bounds, start_bytes, words, first, last) for first, last in shares]
        for each in waiting:
            each.result()
    found[:] = words
    return found.tobytes()


@cache
def _compiled_loop() -> Callable[..., None]:
    # Numba takes half a second to import.
    from segmenter.lloyd import compiled

    return compiled(_digest_rows)


# Texts that are hashed side by side: vectors of processors hold 4 to 16 words, and several hide each other's waits.
_LANES: Final = 32


def _digest_rows(  # noqa: C901
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    salt: NDArray[np.uint8],
    found: NDArray[np.uint32],
    first: int,
    last: int,
) -> None:
    """Fill in the digests of some rows, eight words each (FIPS 180-4, 6.2); the interpreter is free meanwhile.

    Parameters
    ----------
    data, bounds
        The characters of all texts, and where each begins and ends: row i has `data[bounds[i]:bounds[i + 1]]`.
    salt
        What stands before each text.
    """
    n_salt = len(salt)
    lengths, n_blocks = np.empty(_LANES, dtype=np.int64), np.empty(_LANES, dtype=np.int64)
    # One row a step, one column a text: W_0 … W_63, then a and then e of the steps -4 … 63 (b, c, d are a of the steps
    # before, and f, g, h are e), all in one array, of which the compiler knows what overlaps.
    s = np.zeros((200, _LANES), dtype=np.uint32)
    for row in range(first, last, _LANES):
        count = min(_LANES, last - row)
        for j in range(count):
            lengths[j] = n_salt + bounds[row + j + 1] - bounds[row + j]
            n_blocks[j] = (lengths[j] + 72) // 64
            for i in range(8):
                found[row + j, i] = _START[i]
        for block in range(n_blocks[:count].max()):
            for j in range(count):
                length, start = lengths[j], bounds[row + j] - n_salt
                for i in range(16):
                    place = 64 * block + 4 * i
                    at = start + place
                    if place >= n_salt and place + 4 <= length:
                        s[i, j] = (
                            np.uint32(data[at]) << np.uint32(24) | np.uint32(data[at + 1]) << np.uint32(16)
                            | np.uint32(data[at + 2]) << np.uint32(8) | np.uint32(data[at + 3])
                        )  # fmt: skip
                        continue
                    word = np.uint32(0)
                    for k in range(place, min(place + 4, length + 1)):
                        byte = np.uint32(128)
                        if k < n_salt:
                            byte = np.uint32(salt[k])
                        elif k < length:
                            byte = np.uint32(data[start + k])
                        word |= byte << np.uint32(8 * (3 - k + place))
                    s[i, j] = word
                if block + 1 == n_blocks[j]:
                    s[14, j] = np.uint32((8 * length) >> 32)
                    s[15, j] = np.uint32((8 * length) & 0xFFFFFFFF)
                for i in range(4):
                    s[67 - i, j] = found[row + j, i]
                    s[135 - i, j] = found[row + j, 4 + i]
            for i in range(16, 64):
                for j in range(_LANES):
                    x, y = s[i - 15, j], s[i - 2, j]
                    s0 = (
                        (x >> np.uint32(7) | x << np.uint32(25))
                        ^ (x >> np.uint32(18) | x << np.uint32(14))
                        ^ x >> np.uint32(3)
                    )
                    s1 = (
                        (y >> np.uint32(17) | y << np.uint32(15))
                        ^ (y >> np.uint32(19) | y << np.uint32(13))
                        ^ y >> np.uint32(10)
                    )
                    s[i, j] = s[i - 16, j] + s0 + s[i - 7, j] + s1
            for i in range(64):
                for j in range(_LANES):
                    a, b, c = s[67 + i, j], s[66 + i, j], s[65 + i, j]
                    e, f, g, h = s[135 + i, j], s[134 + i, j], s[133 + i, j], s[132 + i, j]
                    s1 = (
                        (e >> np.uint32(6) | e << np.uint32(26)) ^ (e >> np.uint32(11) | e << np.uint32(21))
                        ^ (e >> np.uint32(25) | e << np.uint32(7))
                    )  # fmt: skip
                    t1 = h + s1 + ((e & f) ^ (~e & g)) + _ROUNDS[i] + s[i, j]
                    s0 = (
                        (a >> np.uint32(2) | a << np.uint32(30)) ^ (a >> np.uint32(13) | a << np.uint32(19))
                        ^ (a >> np.uint32(22) | a << np.uint32(10))
                    )  # fmt: skip
                    s[136 + i, j] = s[64 + i, j] + t1
                    s[68 + i, j] = t1 + s0 + ((a & b) ^ (a & c) ^ (b & c))
            for j in range(count):
                if block < n_blocks[j]:
                    for i in range(4):
                        found[row + j, i] += s[131 - i, j]
                        found[row + j, 4 + i] += s[199 - i, j]


def hexadecimal(found: bytes) -> pd.Series:
    """Return digests as text, 64 digits in small letters each."""
    n = len(found) // _SIZE
    offsets = np.arange(n + 1, dtype=np.int64) * 2 * _SIZE
    written = _digit_pairs()[np.frombuffer(found, dtype="<u2")]
    texts = pa.Array.from_buffers(pa.large_string(), n, [None, pa.py_buffer(offsets), pa.py_buffer(written)])
    return series_of(texts, pd.RangeIndex(n))


@cache
def _digit_pairs() -> NDArray[np.uint32]:
    """Return the four hexadecimal digits of every two bytes, in the order in which they stand in memory."""
    return np.frombuffer(np.arange(2**16, dtype="<u2").tobytes().hex().encode(), dtype=np.uint32)


def remainders(found: bytes, divisor: int) -> IntArray:
    """Return each digest, read as one number, modulo a divisor below 2**32, shape (n,)."""
    words = np.frombuffer(found, dtype=">u4").reshape(-1, _SIZE // 4)
    rest = np.zeros(len(words), dtype=np.uint64)
    for place in range(words.shape[1]):
        rest = ((rest << np.uint64(32)) + words[:, place]) % np.uint64(divisor)
    return rest.astype(np.intp)

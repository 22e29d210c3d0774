"""Lists of people as the file that a platform takes, also in the shape of a header row just downloaded."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa

from segmenter.activate.identifiers import (
    DESTROYED,
    GENDERS,
    STATES,
    TWO_IN_ONE,
    Checked,
    CheckedPhones,
    canonical_countries,
    canonical_emails,
    canonical_phones,
    countries_of_numbers,
    digests,
    field_of_name,
    former_columns,
    former_contacts,
    gmail_canonical,
    hexadecimal,
    is_destroyed,
    mailboxes,
    no_reasons,
    series_of,
    split_identifiers,
    tidy,
)
from segmenter.activate.permission import KnownIdentifiers
from segmenter.activate.platforms import Field, FileColumn, Format, IdentifierRule, Platform, platforms
from segmenter.errors.forming import TemplateError
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import folded_name
from segmenter.threads import n_threads
from segmenter.typing import BoolArray, IntArray

_LOOKED_AT: Final = 1_000
# Fewer cells in all are compared before threads have begun.
_WORTH_THREADS: Final = 100_000
_NOT_MOBILE: Final = "it is no mobile number"
# Blanks of all kinds: Arrow's \s knows those of ASCII alone.
_INNER_BLANKS: Final = "[\\s\u00a0\u2000-\u200b\u202f\u3000]+"
_NOT_ASCII: Final = "it has letters before the @ that the platform does not take"


def _nothing(n_customers: int) -> pd.Series:
    return series_of(pa.nulls(n_customers, pa.large_string()), pd.RangeIndex(n_customers))


@dataclass(frozen=True, eq=False)
class Contacts:
    """What is known of each customer, in comparable form.

    Attributes
    ----------
    columns
        Field → column of the file.
    checked
        Field → each customer's identifier, and why there is none; the first that is valid where there are several.
    further
        Field → the customers' second, third … e-mail addresses or telephone numbers, all different.
    written
        Field → every column that holds it, and its cells; of fields with several columns.
    shared
        Field → how many cells hold an address or number that stands for many customers, and so for nobody.
    codes
        Field → a number for each customer, equal where mailboxes or telephone numbers are, -1 for none; of fields with
        one column.
    """

    columns: Mapping[Field, str]
    checked: Mapping[Field, Checked]
    n_customers: int
    further: Mapping[Field, tuple[Checked, ...]] = field(default_factory=dict)
    written: Mapping[Field, tuple[tuple[str, Checked], ...]] = field(default_factory=dict)
    shared: Mapping[Field, int] = field(default_factory=dict)
    codes: Mapping[Field, IntArray] = field(default_factory=dict)

    def slots(self, of: Field) -> tuple[Checked, ...]:
        """Return the first, second … identifier of each customer."""
        return (self.checked[of], *self.further.get(of, ())) if of in self.checked else ()

    def values(self, of: Field) -> pd.Series:
        """Return each customer's identifier, shape (n_customers,), missing where there is none."""
        if of in self.checked:
            return self.checked[of].values
        return _nothing(self.n_customers)

    def known(self) -> KnownIdentifiers:
        """Return what tells people apart, by their first identifiers."""
        return self.known_slots()[0]

    def known_slots(self) -> tuple[KnownIdentifiers, ...]:
        """Return what tells people apart: by their first identifiers, by their second, and so on."""
        emails = [each.values for each in self.slots(Field.EMAIL)]
        phones = [each.values for each in self.slots(Field.PHONE)]
        none, ids = _nothing(self.n_customers), self.values(Field.CUSTOMER_ID)
        found = []
        for slot in range(max(len(emails), len(phones), 1)):
            mails = emails[slot] if slot < len(emails) else none
            numbers = phones[slot] if slot < len(phones) else none
            found.append(KnownIdentifiers(mails, numbers, none if slot else ids))
        return tuple(found)


# An address of more customers than this is nobody's own: a placeholder, or the switchboard of a company.
MOST_SHARING: Final = 5
SHARED: Final = "it stands for many customers, so it names none of them"
# Customers with more addresses of one kind are known by their first ones.
MOST_SLOTS: Final = 3


def read_contacts(
    customers: Dataset,
    columns: Mapping[Field, str],
    region: str = "",
    *,
    further: Mapping[Field, tuple[str, ...]] | None = None,
    drop_inner_blanks: bool = False,
) -> Contacts:
    """Check the identifiers of every customer, from the cells as they were handed over.

    Parameters
    ----------
    columns
        Field → column of the file.
    region
        ISO code of the country of customers whose own is not known; empty where nobody said.
    further
        Field → further columns of e-mail addresses or telephone numbers.
    drop_inner_blanks
        Whether blanks within e-mail addresses are dropped or make them invalid.
    """
    written = {of: customers.original[name] for of, name in columns.items()}
    others = (of for of in written if of not in (Field.COUNTRY, Field.EMAIL, Field.PHONE, Field.VALUE))
    checked: dict[Field, Checked] = {of: _as_it_is(written[of]) for of in others}
    if Field.BIRTH_DATE in columns:
        checked[Field.BIRTH_DATE] = _days(customers.frame[columns[Field.BIRTH_DATE]], written[Field.BIRTH_DATE])
    if Field.COUNTRY in written:
        checked[Field.COUNTRY] = canonical_countries(written[Field.COUNTRY])
    several: dict[Field, tuple[tuple[str, Checked], ...]] = {}
    for of in (Field.EMAIL, Field.PHONE):
        if of in columns:
            names = (columns[of], *(further or {}).get(of, ()))
            cells = (customers.original[name] for name in names)
            if of is Field.EMAIL:
                found: list[Checked] = [canonical_emails(each, drop_inner_blanks=drop_inner_blanks) for each in cells]
            else:
                here = _regions(customers, checked.get(Field.COUNTRY), region)
                found = [canonical_phones(each, here) for each in cells]
            several[of] = tuple(zip(names, found, strict=True))
    shared: dict[Field, int] = {}
    texts = {of: pd.concat([each.values for _, each in cells], ignore_index=True) for of, cells in several.items()}
    boxes = [mailboxes(each) if of is Field.EMAIL else each for of, each in texts.items()]
    codes = dict(zip(several, factorised(boxes), strict=True))
    for of, other in ((Field.EMAIL, Field.PHONE), (Field.PHONE, Field.EMAIL)):
        if of in several:
            placeholders = _placeholders(texts[of], codes[of], _person_marks(checked, several.get(other, ())))
            several[of], shared[of] = _without_shared(several[of], placeholders), int(placeholders.sum())
            codes[of] = np.where(placeholders, -1, codes[of])
    slots = {of: _slots([each for _, each in cells]) for of, cells in several.items()}
    if Field.VALUE in columns:
        numbers = customers.frame[columns[Field.VALUE]]
        checked[Field.VALUE] = _numbers(numbers, written[Field.VALUE])
    return Contacts(
        columns,
        {**checked, **{of: each[0] for of, each in slots.items()}},
        customers.n_customers,
        {of: each[1:] for of, each in slots.items() if len(each) > 1},
        {of: each for of, each in several.items() if len(each) > 1},
        {of: count for of, count in shared.items() if count},
        {of: each for of, each in codes.items() if len(several[of]) == 1},
    )


def unwritten_identifiers(
    customers: Dataset, contacts: Contacts, region: str = ""
) -> tuple[KnownIdentifiers, IntArray]:
    """Return what customers are known by beside what can be written of them, and the row of each, shape (n,).

    These are former addresses, those beyond the first few, and all of a cell that holds several: whoever wants nothing
    under one of them wants nothing at all.
    """
    parts: list[tuple[IntArray, pd.Series]] = []
    for of in (Field.EMAIL, Field.PHONE):
        own = contacts.written.get(
            of, ((contacts.columns[of], contacts.checked[of]),) if of in contacts.columns else ()
        )
        for name, checked in own:
            beyond = np.flatnonzero(checked.values.notna()) if len(own) > MOST_SLOTS else np.array([], dtype=np.intp)
            parts.append((beyond, checked.values.iloc[beyond]))
            several = np.flatnonzero(checked.reasons == TWO_IN_ONE)
            cells = tidy(customers.original[name].iloc[several]).map(split_identifiers).reset_index(drop=True).explode()
            parts.append((several[cells.index.to_numpy(dtype=np.intp)], cells))
    for each in former_columns(customers):
        cells = former_contacts(customers, each)
        parts.append((cells.index.to_numpy(dtype=np.intp), cells))
    if customers.former is not None:
        former = customers.former.values
        ids = pd.Series(np.arange(customers.n_customers), index=tidy(customers.original[customers.former.id_column]))
        # A customer whose rows contradict each other stands in several.
        at = former.merge(ids.rename("row"), left_on=tidy(former["customer"]), right_index=True)
        parts.append((at["row"].to_numpy(dtype=np.intp), at["value"]))
    rows = np.concatenate([row for row, _ in parts]) if parts else np.array([], dtype=np.intp)
    texts = pd.Series([text for _, values in parts for text in values], dtype="str")
    # Also a former cell may hold several.
    split = texts.dropna().map(split_identifiers).explode()
    rows, texts = rows[split.index.to_numpy(dtype=np.intp)], split.astype("str").reset_index(drop=True)
    with_at = texts.str.contains("@", regex=False).to_numpy(dtype=bool)
    regions = _regions(customers, contacts.checked.get(Field.COUNTRY), region).iloc[rows].reset_index(drop=True)
    phones = canonical_phones(texts.mask(with_at), regions).values
    return KnownIdentifiers(canonical_emails(texts.where(with_at)).values, phones, _nothing(len(texts))), rows


def factorised(columns: Sequence[pd.Series]) -> list[IntArray]:
    """Return numbers that are equal where texts are, per column, -1 for missing ones; long columns side by side."""
    threads = n_threads() if sum(map(len, columns)) > _WORTH_THREADS else 1
    with ThreadPoolExecutor(max(1, min(threads, len(columns)))) as pool:
        return [codes for codes, _ in pool.map(pd.factorize, columns)]


def _regions(customers: Dataset, countries: Checked | None, region: str) -> pd.Series:
    if countries is None:
        return pd.Series(region, index=customers.original.index, dtype="str")
    # Who has a country that cannot be read is in another one than the user said, for all we know.
    return countries.values.where(countries.given, region).fillna("")


def _person_marks(checked: Mapping[Field, Checked], other: Sequence[tuple[str, Checked]]) -> pd.Series | None:
    """Return what tells customers apart who share an address: their number, else another address, else their name."""
    if Field.CUSTOMER_ID in checked:
        return checked[Field.CUSTOMER_ID].values
    if other:
        return other[0][1].values
    names = [checked[of].values.fillna("") for of in (Field.FIRST_NAME, Field.LAST_NAME) if of in checked]
    if not names:
        return None
    full = names[0] if len(names) == 1 else names[0].str.cat(names[1], sep=" ")
    return full.str.strip().replace("", None)


def _placeholders(texts: pd.Series, codes: IntArray, marks: pd.Series | None) -> BoolArray:
    """Return which cells stand for many customers, shape (n_cells,), of all columns one after the other.

    Parameters
    ----------
    texts
        The cells in comparable form.
    codes
        Equal for cells of one mailbox or number; -1 for none.
    marks
        What tells customers apart, shape (n_customers,).
    """
    found = np.zeros(len(codes), dtype=bool)
    counts = np.bincount(codes[codes >= 0], minlength=1)
    often = np.flatnonzero(np.append(counts > MOST_SHARING, False)[codes])
    if marks is None or not len(often):
        return found
    # Whoever has many accounts at one mailbox, a tag for each, is one person all the same.
    written = pd.factorize(texts.iloc[often])[0]
    differing = marks.iloc[often % len(marks)].groupby(written).nunique()
    found[often] = np.isin(written, differing.index[differing > MOST_SHARING])
    return found


def _without_shared(
    several: tuple[tuple[str, Checked], ...], placeholders: BoolArray
) -> tuple[tuple[str, Checked], ...]:
    """Return the same cells without those that stand for many customers."""
    shares = np.split(placeholders, len(several))
    return tuple(
        (name, _without(each, out, SHARED) if out.any() else each)
        for (name, each), out in zip(several, shares, strict=True)
    )


def _slots(columns: Sequence[Checked]) -> tuple[Checked, ...]:
    """Return the customers' first, second … valid identifiers, all different, whatever columns they stand in."""
    if len(columns) == 1:
        return (columns[0],)
    slots = [columns[0]]
    for column in columns[1:]:
        wandering = column
        for place, slot in enumerate(slots):
            there = slot.values.notna().to_numpy()
            same = there & (slot.values == wandering.values).fillna(False).to_numpy(dtype=bool)
            fills = ~there & wandering.values.notna().to_numpy()
            slots[place] = _filled(slot, wandering, fills)
            wandering = _without(wandering, same | fills, "")
        if len(slots) < MOST_SLOTS and wandering.values.notna().any():
            slots.append(_without(wandering, np.zeros(len(wandering.values), dtype=bool), ""))
    return tuple(slots)


def _filled(slot: Checked, other: Checked, fills: BoolArray) -> Checked:
    """Return a slot whose empty places are filled from another column; what was wrong with the filled is forgotten."""
    values, reasons = slot.values.mask(fills, other.values), slot.reasons.mask(fills, "")
    # Where neither column has anything valid, the reason of either is told.
    open_places = (values.isna() & (reasons == "")).to_numpy()
    reasons = reasons.mask(open_places, other.reasons)
    if isinstance(slot, CheckedPhones) and isinstance(other, CheckedPhones):
        return CheckedPhones(values, reasons, np.where(fills, other.mobile, slot.mobile))
    return Checked(values, reasons)


def _as_it_is(cells: pd.Series) -> Checked:
    texts = tidy(cells)
    destroyed = is_destroyed(texts)
    reasons = no_reasons(texts.index)
    if destroyed.any():
        reasons[destroyed] = DESTROYED
        texts = texts.mask(destroyed)
    return Checked(texts, reasons)


def _days(days: pd.Series, written: pd.Series) -> Checked:
    """Return days as year-month-day, and why a cell holds none."""
    if not pd.api.types.is_datetime64_any_dtype(days):
        days = pd.to_datetime(tidy(written), errors="coerce", format="ISO8601")
    texts = days.dt.strftime("%Y-%m-%d").astype("str")
    reasons = no_reasons(texts.index)
    reasons[(texts.isna() & tidy(written).notna()).to_numpy()] = "it is no date; say how the column's dates are written"
    return Checked(texts, reasons)


def _numbers(numbers: pd.Series, written: pd.Series) -> Checked:
    values = pd.to_numeric(numbers, errors="coerce").astype("float64")
    texts = values.map(lambda number: f"{number:.2f}".removesuffix(".00"), na_action="ignore").astype("str")
    reasons = no_reasons(texts.index)
    reasons[(texts.isna() & tidy(written).notna()).to_numpy()] = "it is no number"
    return Checked(texts, reasons)


def written_columns(
    platform: Platform, contacts: Contacts, only: Field | None, *, value: bool, hashes: bool
) -> tuple[FileColumn, ...]:
    """Return the columns that are written: all, or those for which the file has something.

    Parameters
    ----------
    only
        The one identifier of platforms whose lists hold one kind.
    value
        Whether the value column was asked for.
    hashes
        Whether the file is one of hashes.
    """
    forms = ("both", "hashed" if hashes else "plain")
    asked = (column for column in platform.columns if column.form in forms and (value or not column.optional))
    columns = [slot for column in asked for slot in _repeated(column, contacts)]
    if platform.one_identifier:
        return tuple(column for column in columns if column.source is only)
    if platform.format.all_columns:
        return tuple(columns)
    absent = {column.group for column in columns if column.group and column.source not in contacts.columns}
    held = (column for column in columns if column.source is None or column.source in contacts.columns)
    # Half an address finds nobody.
    return tuple(column for column in held if column.group not in absent)


def _repeated(column: FileColumn, contacts: Contacts) -> list[FileColumn]:
    """Return a column as often as the platform takes it and customers have something for it."""
    n_slots = len(contacts.slots(column.source)) if column.source is not None else 1
    return [msgspec.structs.replace(column, slot=slot) for slot in range(min(column.most, max(n_slots, 1)))]


def written_cells(column: FileColumn, contacts: Contacts, *, hashes: bool) -> Checked:
    """Return each customer's cell of a column as the platform wants it before it is hashed, and why it is empty."""
    if column.source is None:
        n_customers = contacts.n_customers
        return Checked(
            pd.Series(column.constant, index=range(n_customers), dtype="str"), no_reasons(pd.RangeIndex(n_customers))
        )
    if column.rule is IdentifierRule.PHONE_COUNTRY:
        return _countries_of_mobiles(contacts)
    slots = contacts.slots(column.source)
    if len(slots) <= column.slot:
        return Checked(_nothing(contacts.n_customers), no_reasons(pd.RangeIndex(contacts.n_customers)))
    checked, rule = slots[column.slot], column.written_rule(hashes=hashes)
    if rule in _MOBILE_RULES:
        checked = _mobile_first(slots)
    return rendered(checked, rule, contacts)


_MOBILE_RULES: Final = (IdentifierRule.PHONE_MOBILE, IdentifierRule.PHONE_MOBILE_DIGITS)


def _countries_of_mobiles(contacts: Contacts) -> Checked:
    slots = contacts.slots(Field.PHONE)
    if not slots:
        return Checked(_nothing(contacts.n_customers), no_reasons(pd.RangeIndex(contacts.n_customers)))
    mobiles = rendered(_mobile_first(slots), IdentifierRule.PHONE_MOBILE, contacts).values
    return Checked(countries_of_numbers(mobiles), no_reasons(mobiles.index))


def _mobile_first(slots: Sequence[Checked]) -> Checked:
    """Return each customer's first number that can be a mobile one, else the first."""
    found = slots[0]
    for slot in slots[1:]:
        if isinstance(found, CheckedPhones) and isinstance(slot, CheckedPhones):
            better = slot.mobile & ~found.mobile
            found = CheckedPhones(
                found.values.mask(better, slot.values), found.reasons.mask(better, ""), found.mobile | better
            )
    return found


def rendered(checked: Checked, rule: IdentifierRule, contacts: Contacts) -> Checked:
    """Return identifiers as a rule writes them, and why one is empty."""
    if rule in _MOBILE_RULES and isinstance(checked, CheckedPhones):
        mobiles = _without(checked, checked.values.notna().to_numpy() & ~checked.mobile, _NOT_MOBILE)
        return mobiles if rule is IdentifierRule.PHONE_MOBILE else Checked(_digits(mobiles.values), mobiles.reasons)
    if rule is IdentifierRule.EMAIL_ASCII:
        foreign = checked.values.str.partition("@")[0].map(lambda local: not local.isascii(), na_action="ignore")
        return _without(checked, foreign.fillna(False).to_numpy(dtype=bool), _NOT_ASCII)
    if rule is IdentifierRule.STATE:
        return Checked(_states(checked.values, contacts.values(Field.COUNTRY)), checked.reasons)
    if rule is IdentifierRule.ZIP_LOWER:
        return Checked(_zip_codes(checked.values, contacts.values(Field.COUNTRY)), checked.reasons)
    return Checked(_RULES[rule](checked.values), checked.reasons)


def hashed(texts: pd.Series) -> pd.Series:
    """Return the SHA-256 of each text, hexadecimal in small letters; missing ones stay missing."""
    if texts.head(_LOOKED_AT).nunique() < _LOOKED_AT / 2:
        # Countries and first names come again and again.
        codes, different = pd.factorize(texts)
        once = pd.concat([hexadecimal(digests(list(different))), pd.Series([None], dtype="str")])
        return pd.Series(once.array.take(codes), index=texts.index)
    there = texts.dropna()
    found = hexadecimal(digests(there)).set_axis(there.index)
    return found.reindex(texts.index)


def _without(checked: Checked, refused: BoolArray, why: str) -> Checked:
    values, reasons = checked.values.mask(refused), checked.reasons.mask(refused, why)
    if isinstance(checked, CheckedPhones):
        return CheckedPhones(values, reasons, checked.mobile & ~refused)
    return Checked(values, reasons)


def _unchanged(texts: pd.Series) -> pd.Series:
    return texts


def _letters(texts: pd.Series) -> pd.Series:
    # Small letters of any alphabet, without blanks, marks and digits.
    return texts.map(
        lambda text: "".join(each for each in unicodedata.normalize("NFC", text.lower()) if each.isalpha()),
        na_action="ignore",
    )


def _lower(texts: pd.Series) -> pd.Series:
    return texts.str.lower()


def _lower_without_blanks(texts: pd.Series) -> pd.Series:
    return texts.str.lower().str.replace(_INNER_BLANKS, "", regex=True)


def _digits(texts: pd.Series) -> pd.Series:
    return texts.str.removeprefix("+")


def _states(texts: pd.Series, countries: pd.Series) -> pd.Series:
    bare = _letters(texts)
    codes = bare.map(lambda text: STATES.get(text, text), na_action="ignore")
    # Where no country is known, the name of a state of the USA is taken for one.
    return bare.where(countries.notna().to_numpy() & (countries != "US").to_numpy(), codes)


def _genders(texts: pd.Series) -> pd.Series:
    plain = texts.map(folded_name, na_action="ignore")
    found = plain.map(GENDERS)
    said = frozenset(plain.dropna().unique())
    # Hombre and mujer: with an h beside it and no f, an m is a woman.
    return found.mask(plain == "m", "f") if "h" in said and not said & {"f", "w"} else found


def _zip_codes(texts: pd.Series, countries: pd.Series) -> pd.Series:
    bare = _lower_without_blanks(texts)
    american = (countries == "US").to_numpy() & bare.str.match(re.compile(r"^\d{5}-?\d{4}$"), na=False).to_numpy()
    return bare.mask(american, bare.str[:5])


_RULES: Final[Mapping[IdentifierRule, Callable[[pd.Series], pd.Series]]] = {
    IdentifierRule.TRIMMED: _unchanged,
    IdentifierRule.LOWER: _lower,
    IdentifierRule.LOWER_NO_BLANKS: _lower_without_blanks,
    IdentifierRule.LETTERS: _letters,
    # Addresses, numbers and countries are in their comparable form already.
    IdentifierRule.EMAIL: _unchanged,
    IdentifierRule.EMAIL_NO_BLANKS: _unchanged,
    IdentifierRule.EMAIL_GMAIL: gmail_canonical,
    IdentifierRule.PHONE_E164: _unchanged,
    IdentifierRule.PHONE_DIGITS: _digits,
    IdentifierRule.KEY: lambda texts: texts.str.replace(r"[-+()]", "", regex=True),
    IdentifierRule.GENDER: _genders,
    IdentifierRule.DAY: _unchanged,
    IdentifierRule.YEAR: lambda texts: texts.str[:4],
    IdentifierRule.MONTH: lambda texts: texts.str[5:7],
    IdentifierRule.DAY_OF_MONTH: lambda texts: texts.str[8:],
    IdentifierRule.DIGITS: lambda texts: texts.str.replace(r"\D", "", regex=True),
    IdentifierRule.COUNTRY_UPPER: _unchanged,
    IdentifierRule.COUNTRY_LOWER: _lower,
    IdentifierRule.NUMBER: _unchanged,
}


_LARGEST: Final = 1_000_000
_USUAL_RULES: Final = {
    Field.EMAIL: IdentifierRule.EMAIL,
    Field.PHONE: IdentifierRule.PHONE_E164,
    Field.COUNTRY: IdentifierRule.COUNTRY_UPPER,
    Field.VALUE: IdentifierRule.NUMBER,
    Field.BIRTH_DATE: IdentifierRule.DAY,
    Field.GENDER: IdentifierRule.GENDER,
}
_HASHED: Final = frozenset({Field.EMAIL, Field.PHONE})
_HASH_MARKS: Final = ("sha256", "hashed", "hash")
# What stands beside a name of a column: (required), [optional], Email, main.
_ASIDE: Final = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|(?i:\b(?:required|optional|mandatory|pflichtfeld|obligatoire|obligatorio|obbligatorio)\b)"
)
_FIRST_LINES: Final = 20


@dataclass(frozen=True)
class Template:
    """The header row of a platform's own file.

    Attributes
    ----------
    headers
        As they are written there, in their order.
    """

    headers: tuple[str, ...]
    delimiter: str = ","
    newline: str = "\r\n"

    def format_of(self, platform: Platform) -> Format:
        """Return how the filled template is written."""
        return Format(
            platform.format.extension,
            delimiter=self.delimiter,  # type: ignore[arg-type]
            newline=self.newline,  # type: ignore[arg-type]
            all_columns=True,
        )


def read_template(content: bytes) -> Template:
    """Return the header row of a template: a text file whose first line names the columns.

    Raises
    ------
    TemplateError
        If it is no such file.
    """
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        message = "This template is a workbook. Save its sheet as CSV, and take that."
        raise TemplateError(message)
    if len(content) > _LARGEST:
        message = "This is no empty template: it has more than a megabyte. Download the platform's template anew."
        raise TemplateError(message)
    text = _decoded(content)
    lines = [each for each in text.splitlines() if each.strip()][:_FIRST_LINES]
    # Above the names there may be a line on how to fill the file in.
    line = next((each for each in lines if _names_something(each)), lines[0] if lines else "")
    if not line or any(ord(letter) < 32 and letter != "\t" for letter in line):
        message = "The template has no line of column names. Download the platform's template anew."
        raise TemplateError(message)
    headers, delimiter = _split(line)
    return Template(headers, delimiter, "\r\n" if "\r\n" in text or "\n" not in text else "\n")


def _split(line: str) -> tuple[tuple[str, ...], str]:
    delimiter = max((",", ";", "\t"), key=line.count)
    return tuple(next(csv.reader(io.StringIO(line), delimiter=delimiter))), delimiter


def _names_something(line: str) -> bool:
    return any(_named(header, {})[0].source is not None for header in _split(line)[0])


def _decoded(content: bytes) -> str:
    for start, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(start):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                break
    return content.decode("cp1252", errors="replace")


def template_columns(
    template: Template, platform: Platform, *, hashes: bool
) -> tuple[tuple[FileColumn, ...], tuple[bool, ...]]:
    """Return the columns that a template asks for, and which are hashed.

    A column is filled where its header names something known, else left empty. Columns that repeat are filled by the
    customers' second, third … address or number, or left empty; of a plain and a hashed one side by side, the one that
    was chosen.

    Raises
    ------
    TemplateError
        If no header names an identifier, or hashes are wanted for which there is no column.
    """
    known = {folded_name(column.header): column for column in platform.columns}
    named = [_named(header, known) for header in template.headers]
    marked = {column.source for column, is_marked in named if is_marked}
    unmarked = {column.source for column, is_marked in named if not is_marked}
    filled: dict[Field, int] = {}
    written: set[tuple[Field | None, IdentifierRule]] = set()
    columns, flags = [], []
    for column, is_marked in named:
        of = column.source
        chosen = is_marked == hashes if of in marked and of in unmarked else True
        repeats = of in (Field.EMAIL, Field.PHONE)
        # Year, month and day of one date are columns of their own.
        again = (of, column.rule) in written
        written.add((of, column.rule))
        if of is not None and ((again and not repeats) or not chosen):
            columns.append(FileColumn(column.header))
            flags.append(False)
            continue
        if of is not None:
            column = msgspec.structs.replace(column, slot=min(filled.get(of, 0), 9) if repeats else 0)
            filled[of] = filled.get(of, 0) + 1
        if hashes and column.hashed_header and not is_marked:
            message = f"The template has no column for hashed values of {column.header}. Leave identifiers plain."
            raise TemplateError(message)
        columns.append(column)
        flags.append(is_marked or column.is_hashed(hashes=hashes))
    if not any(set(fields) <= set(filled) for fields in platform.identified_by):
        message = (
            f"No column of the template is known to hold what {platform.title} finds people by. Its columns are: "
            f"{', '.join(template.headers[:12])}."
        )
        asked = {folded_name(header) for header in template.headers}
        others = (each for each in platforms().values() if asked == {folded_name(one.header) for one in each.columns})
        other = next(others, None)
        if other is not None:
            message += f" They are those of {other.title}: choose that platform."
        raise TemplateError(message)
    return tuple(columns), tuple(flags)


def template_preamble(template: Template, platform: Platform) -> tuple[tuple[str, ...], ...]:
    """Return the rows before the customers in the template's order; none where it is not that of the same file."""
    places = {column.header: place for place, column in enumerate(platform.columns)}
    if not set(places) <= set(template.headers):
        return ()
    return tuple(
        tuple(row[places[header]] if header in places else "" for header in template.headers)
        for row in platform.preamble
    )


def _named(header: str, known: dict[str, FileColumn]) -> tuple[FileColumn, bool]:
    """Return what a header asks for, and whether it asks for hashes."""
    is_marked = any(mark in folded_name(header) for mark in _HASH_MARKS)
    bare = _ASIDE.sub(" ", header)
    field = None
    for form in (header, bare, re.split("[,:;/|]", bare)[0]):
        plain = folded_name(form)
        for mark in _HASH_MARKS if is_marked else ():
            plain = plain.replace(mark, "")
        ours = known.get(plain)
        if ours is not None:
            return msgspec.structs.replace(ours, header=header, group="", optional=False), is_marked
        field = field or field_of_name(plain) or field_of_name(plain.removesuffix("s"))
    if field is None:
        return FileColumn(header or " "), False
    return FileColumn(
        header, field, _USUAL_RULES.get(field, IdentifierRule.TRIMMED), hashed=field in _HASHED
    ), is_marked

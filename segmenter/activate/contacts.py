"""Which column of a customer file holds what identifies a customer, by its name and by what stands in it."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import pandas as pd

from segmenter.activate.identifiers import tidy
from segmenter.activate.platforms import Field
from segmenter.sampling import systematic_sample
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.infer.consent import plain_name
from segmenter.table.infer.header import names_an_id, names_customers

_LOOKED_AT: Final = 2_000
_MOSTLY: Final = 0.5

_WORDS: Final[dict[str, dict[str, str]]] = tomllib.loads(
    files("segmenter.activate").joinpath("words.toml").read_text(encoding="utf-8")
)
# What a further column of a kind is called beside its kind.
_WHICH: Final = tuple(map(plain_name, (
    "work", "home", "private", "personal", "business", "office", "alternative", "alternate", "alt", "other", "second",
    "secondary", "main", "primary", "first", "third", "additional", "backup", "privat", "geschäftlich", "dienstlich",
    "weitere", "zweite", "pro", "perso", "professionnel", "secondaire", "particular", "trabajo", "ufficio", "casa",
)))  # fmt: skip
# Of two columns of telephone numbers, the mobile one reaches more people.
_MOBILE: Final = re.compile("mobi|cell|handy|gsm|portable|movil|celular|komor|cep|matka|sms|whatsapp|msisdn")


_FIELD_OF: Final = {
    plain_name(name): Field(field) for field, names in _WORDS["columns"].items() for name in names.split()
}


def field_of_name(header: str) -> Field | None:
    """Return what a column of this name holds; None where the name does not say."""
    return _FIELD_OF.get(plain_name(header))


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
    plain = plain_name(name).rstrip("0123456789")
    own = (plain.removeprefix(word).removesuffix(word) for word in ("", *_WHICH))
    return any(field_of_name(each) is field for each in own)


def recognise_contacts(customers: Dataset) -> dict[Field, str]:
    """Return the columns that hold what identifies customers, as far as they are recognised."""
    found: dict[Field, str] = {}
    rows = systematic_sample(customers.n_customers, _LOOKED_AT)
    samples = {column.name: tidy(customers.original[column.name].iloc[rows]).dropna() for column in customers.columns}
    names = [column.name for column in customers.columns if len(samples[column.name])]
    for name in names:
        # The first of several: email_1 beside email_2.
        field = field_of_name(name) or field_of_name(plain_name(name).rstrip("0123456789"))
        if field is None or not _may_hold(field, samples[name]):
            continue
        better = field is Field.PHONE and field in found and _MOBILE.search(plain_name(name)) is not None
        if field not in found or (better and not _MOBILE.search(plain_name(found[field]))):
            found[field] = name
    taken = set(found.values())
    for field, pattern in ((Field.EMAIL, r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), (Field.PHONE, r"^\+\d[\d ()./-]{6,}$")):
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


def _may_hold(field: Field, cells: pd.Series) -> bool:
    if field is Field.EMAIL:
        return bool(cells.str.contains("@", regex=False).mean() >= _MOSTLY)
    if field is Field.PHONE:
        return bool(
            (cells.str.count(r"\d") >= 5).mean() >= _MOSTLY or cells.str.match(r"^\d.*[eE]\+\d+$").mean() >= _MOSTLY
        )
    if field in (Field.FIRST_NAME, Field.LAST_NAME, Field.CITY):
        return bool((cells.str.count(r"[^\W\d_]") > 0).mean() >= _MOSTLY)
    return True

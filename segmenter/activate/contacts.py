"""Which column of a customer file holds what identifies a customer, by its name and by what stands in it."""

import re
import tomllib
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
# Of two columns of telephone numbers, the mobile one reaches more people.
_MOBILE: Final = re.compile("mobi|cell|handy|gsm|portable|movil|celular|komor|cep|matka|sms|whatsapp|msisdn")


_FIELD_OF: Final = {
    plain_name(name): Field(field) for field, names in _WORDS["columns"].items() for name in names.split()
}


def field_of_name(header: str) -> Field | None:
    """Return what a column of this name holds; None where the name does not say."""
    return _FIELD_OF.get(plain_name(header))


def recognise_contacts(customers: Dataset) -> dict[Field, str]:
    """Return the columns that hold what identifies customers, as far as they are recognised."""
    found: dict[Field, str] = {}
    rows = systematic_sample(customers.n_customers, _LOOKED_AT)
    samples = {column.name: tidy(customers.original[column.name].iloc[rows]).dropna() for column in customers.columns}
    names = [column.name for column in customers.columns if len(samples[column.name])]
    for name in names:
        field = field_of_name(name)
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

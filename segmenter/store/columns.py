"""How is a fitted column written as plain values, and read back?"""

from collections.abc import Mapping
from dataclasses import asdict, fields

import pandas as pd

from segmenter import config
from segmenter.core.encoding import CategoryColumn, FittedColumn, NumberColumn
from segmenter.core.recipe import Missing, Role, Transform
from segmenter.errors import InvalidModelError
from segmenter.store import checking


def written_column(column: FittedColumn) -> dict[str, object]:
    """Return a fitted column as plain values."""
    kind = "category" if isinstance(column, CategoryColumn) else "number"
    return {"type": kind, **asdict(column)}


def read_column(value: object, place: str) -> FittedColumn:
    """Read a fitted column; `place` names it in messages."""
    kind = value.get("type") if isinstance(value, dict) else None
    made = CategoryColumn if kind == "category" else NumberColumn
    plain = checking.mapping(value, place, ("type", *(field.name for field in fields(made))))
    return _category(plain, place) if kind == "category" else _number(plain, place)


def _number(plain: Mapping[str, object], place: str) -> NumberColumn:
    if plain["type"] != "number":
        raise InvalidModelError(f"{place}.type", "is neither number nor category")
    exact = {name: checking.number(plain[name], f"{place}.{name}") for name in ("fill", "centre")}
    above = {name: checking.positive(plain[name], f"{place}.{name}") for name in ("scale", "weight")}
    ranges = {
        name: checking.optional_number(plain[name], f"{place}.{name}")
        for name in ("low", "p01", "p99", "high", "typical")
    }
    latest = checking.text(plain["latest"], f"{place}.latest")
    role = checking.choice(Role, plain["role"], f"{place}.role")
    if role not in (Role.NUMBER, Role.ORDINAL, Role.DATE):
        raise InvalidModelError(f"{place}.role", "is no role of a number")
    if role is Role.DATE and pd.isna(pd.to_datetime(latest, errors="coerce")):
        raise InvalidModelError(f"{place}.latest", "is not a date")
    return NumberColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        role=role,
        missing=checking.choice(Missing, plain["missing"], f"{place}.missing"),
        transform=checking.choice(Transform, plain["transform"], f"{place}.transform"),
        levels=checking.texts(plain["levels"], f"{place}.levels", most=config.MAX_CATEGORIES),
        latest=latest,
        fill=exact["fill"],
        centre=exact["centre"],
        scale=above["scale"],
        weight=above["weight"],
        low=ranges["low"],
        p01=ranges["p01"],
        p99=ranges["p99"],
        high=ranges["high"],
        typical=ranges["typical"],
    )


def _category(plain: Mapping[str, object], place: str) -> CategoryColumn:
    return CategoryColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        missing=checking.choice(Missing, plain["missing"], f"{place}.missing"),
        weight=checking.positive(plain["weight"], f"{place}.weight"),
        fill=checking.text(plain["fill"], f"{place}.fill", longest=10_000),
        categories=checking.texts(plain["categories"], f"{place}.categories", most=config.MAX_CATEGORIES),
        factor=checking.positive(plain["factor"], f"{place}.factor"),
    )

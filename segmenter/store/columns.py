"""How is a fitted column written as plain values, and read back?"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Final

import pandas as pd

from segmenter import config
from segmenter.core.encoding import CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.core.recipe import CYCLES, DateUse, Missing, Role, Transform
from segmenter.errors import InvalidModelError
from segmenter.store import checking

_KINDS: Final[dict[str, type[NumberColumn] | type[CycleColumn] | type[CategoryColumn]]] = {
    "number": NumberColumn,
    "cycle": CycleColumn,
    "category": CategoryColumn,
}
# Models of the first version were written without these.
_LATER: Final[Mapping[str, Mapping[str, object]]] = {
    "number": {
        "date_use": DateUse.DAYS.value, "floor": None, "ceiling": None, "power": 1.0, "indicator": 0.0,
    },
    "category": {"rare": config.RARE_SHARE, "indicator": 0.0},
    "cycle": {},
}  # fmt: skip


def written_column(column: FittedColumn) -> dict[str, object]:
    """Return a fitted column as plain values."""
    kind = next(name for name, made in _KINDS.items() if isinstance(column, made))
    return {"type": kind, **asdict(column)}


def read_column(value: object, place: str) -> FittedColumn:
    """Read a fitted column; `place` names it in messages.

    Raises
    ------
    InvalidModelError
        If a value is missing, does not belong there, or is not what it should be.
    """
    kind = value.get("type") if isinstance(value, dict) else "number"
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidModelError(f"{place}.type", "is neither number, cycle nor category")
    whole = {**_LATER[kind], **value} if isinstance(value, dict) else value
    plain = checking.mapping(whole, place, ("type", *(field.name for field in fields(_KINDS[kind]))))
    if kind == "category":
        return _category(plain, place)
    return _cycle(plain, place) if kind == "cycle" else _number(plain, place)


def _number(plain: Mapping[str, object], place: str) -> NumberColumn:
    exact = {name: checking.number(plain[name], f"{place}.{name}") for name in ("fill", "centre", "power")}
    above = {name: checking.positive(plain[name], f"{place}.{name}") for name in ("scale", "weight")}
    ranges = {
        name: checking.optional_number(plain[name], f"{place}.{name}")
        for name in ("low", "p01", "p99", "high", "typical", "floor", "ceiling")
    }
    return NumberColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        role=_number_role(plain, place),
        missing=checking.choice(Missing, plain["missing"], f"{place}.missing"),
        transform=checking.choice(Transform, plain["transform"], f"{place}.transform"),
        levels=checking.texts(plain["levels"], f"{place}.levels", most=config.MAX_CATEGORIES),
        latest=checking.text(plain["latest"], f"{place}.latest"),
        date_use=checking.choice(DateUse, plain["date_use"], f"{place}.date_use"),
        fill=exact["fill"],
        centre=exact["centre"],
        scale=above["scale"],
        weight=above["weight"],
        low=ranges["low"],
        p01=ranges["p01"],
        p99=ranges["p99"],
        high=ranges["high"],
        typical=ranges["typical"],
        floor=ranges["floor"],
        ceiling=ranges["ceiling"],
        power=exact["power"],
        indicator=_indicator(plain, place),
    )


def _number_role(plain: Mapping[str, object], place: str) -> Role:
    role = checking.choice(Role, plain["role"], f"{place}.role")
    if role not in (Role.NUMBER, Role.ORDINAL, Role.DATE):
        raise InvalidModelError(f"{place}.role", "is no role of a number")
    latest = checking.text(plain["latest"], f"{place}.latest")
    if role is Role.DATE and pd.isna(pd.to_datetime(latest, errors="coerce")):
        raise InvalidModelError(f"{place}.latest", "is not a date")
    return role


def _cycle(plain: Mapping[str, object], place: str) -> CycleColumn:
    use = checking.choice(DateUse, plain["date_use"], f"{place}.date_use")
    if use not in CYCLES:
        raise InvalidModelError(f"{place}.date_use", "is not one of the possible choices")
    x, y = checking.array(plain["fill"], f"{place}.fill", most=2, least=2)
    return CycleColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        date_use=use,
        missing=checking.choice(Missing, plain["missing"], f"{place}.missing"),
        weight=checking.positive(plain["weight"], f"{place}.weight"),
        fill=(checking.number(x, f"{place}.fill[0]"), checking.number(y, f"{place}.fill[1]")),
        factor=checking.positive(plain["factor"], f"{place}.factor"),
        indicator=_indicator(plain, place),
    )


def _category(plain: Mapping[str, object], place: str) -> CategoryColumn:
    return CategoryColumn(
        column=checking.text(plain["column"], f"{place}.column"),
        missing=checking.choice(Missing, plain["missing"], f"{place}.missing"),
        weight=checking.positive(plain["weight"], f"{place}.weight"),
        fill=checking.text(plain["fill"], f"{place}.fill", longest=10_000),
        categories=checking.texts(plain["categories"], f"{place}.categories", most=config.MAX_CATEGORIES),
        factor=checking.positive(plain["factor"], f"{place}.factor"),
        rare=checking.number(plain["rare"], f"{place}.rare"),
        indicator=_indicator(plain, place),
    )


def _indicator(plain: Mapping[str, object], place: str) -> float:
    found = checking.number(plain["indicator"], f"{place}.indicator")
    return found if found == 0 else checking.positive(found, f"{place}.indicator")

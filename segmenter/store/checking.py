"""Is every value of a model file what it should be? The first one that is not is named."""

import json
import math
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmenter import config
from segmenter.errors import InvalidModelError, NotAModelError

LONGEST_TEXT: Final = 200
Choice = TypeVar("Choice", bound=StrEnum)


def parsed(content: bytes, place: str) -> dict[str, object]:
    """Return the object that JSON text holds; infinities and NaN, which are no JSON, are refused."""

    def refuse(constant: str) -> NoReturn:
        raise InvalidModelError(place, f"holds {constant}, which is no number")

    try:
        plain = json.loads(content.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise NotAModelError("format") from error
    if not isinstance(plain, dict):
        raise NotAModelError("format")
    return plain


def mapping(value: object, place: str, keys: Collection[str]) -> Mapping[str, object]:
    """Return an object that has exactly these keys."""
    if not isinstance(value, dict):
        raise InvalidModelError(place, "is not an object")
    for key in keys:
        if key not in value:
            if place == "":
                raise NotAModelError(key)
            raise InvalidModelError(f"{place}.{key}", "is missing")
    extra = sorted(set(value) - set(keys))
    if extra:
        raise InvalidModelError(f"{place}.{extra[0]}".lstrip("."), "does not belong there")
    return value


def array(value: object, place: str, *, most: int, least: int = 0) -> list[object]:
    """Return a list of between `least` and `most` things."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise InvalidModelError(place, f"is not a list of {least} to {most} things")
    return value


def number(value: object, place: str) -> float:
    """Return a finite number that squares can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidModelError(place, "is not a number")
    if isinstance(value, int) and abs(value) > config.LARGEST_NUMBER:
        raise InvalidModelError(place, "is too large")
    if not math.isfinite(value) or abs(value) > config.LARGEST_NUMBER:
        raise InvalidModelError(place, "is not a finite number")
    return float(value)


def optional_number(value: object, place: str) -> float | None:
    """Return a number, or None where none is known."""
    return None if value is None else number(value, place)


def positive(value: object, place: str) -> float:
    """Return a number above zero."""
    found = number(value, place)
    if found <= 0:
        raise InvalidModelError(place, "is not above zero")
    return found


def whole(value: object, place: str, *, least: int, most: int) -> int:
    """Return a whole number in a range."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidModelError(place, f"is not a whole number from {least} to {most}")
    return value


def text(value: object, place: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return a text that is not too long."""
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidModelError(place, f"is not a text of at most {longest} letters")
    return value


def texts(value: object, place: str, *, most: int) -> tuple[str, ...]:
    """Return a list of texts, no two of them equal."""
    found = tuple(text(each, f"{place}[{n}]") for n, each in enumerate(array(value, place, most=most)))
    if len(set(found)) < len(found):
        raise InvalidModelError(place, "holds the same text twice")
    return found


def matrix(value: object, place: str, *, most_rows: int, width: int) -> NDArray[np.float64]:
    """Return rows of `width` numbers each."""
    rows = array(value, place, most=most_rows, least=1)
    made = []
    for n, row in enumerate(rows):
        cells = array(row, f"{place}[{n}]", most=width, least=width)
        made.append([number(cell, f"{place}[{n}][{m}]") for m, cell in enumerate(cells)])
    return np.array(made, dtype=np.float64).reshape(len(rows), width)


def choice(kind: type[Choice], value: object, place: str) -> Choice:
    """Return one of a fixed set of words."""
    try:
        return kind(text(value, place))
    except ValueError as error:
        raise InvalidModelError(place, "is not one of the possible choices") from error

"""Options of the command line that say how each column is prepared."""

import argparse
import csv
from collections.abc import Callable, Sequence
from dataclasses import replace

from segmenter.choose.evidence import CAPS
from segmenter.cli.sources import named_pair, one_of
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.prepare.formulas import with_formulas
from segmenter.prepare.suggest import missing_choices, values_of, with_missing, with_special_codes, with_transforms
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Role, Scaling, Transform
from segmenter.table.dataset import Dataset


def add_column_options(command: argparse.ArgumentParser) -> None:
    """Let a command say how single columns are prepared; each option may come more than once."""
    group = command.add_argument_group("single columns (each may be repeated)")
    for option, form, says in (
        ("--transform", "COLUMN=SHAPE", f"shape of a number: {', '.join(each.value for each in Transform)}"),
        ("--cap", "COLUMN=LOW,HIGH", "percentiles beyond which numbers count as those percentiles"),
        ("--scale", "COLUMN=SCALING", f"scaling of one column: {', '.join(each.value for each in Scaling)}"),
        ("--weight", "COLUMN=NUMBER", "2 makes a difference count as twice the difference"),
        ("--order", "COLUMN=LOW,…,HIGH", "the values of an ordered category, lowest first"),
        ("--rare", "COLUMN=SHARE", "categories that fewer customers have than this share, 0-1, count as other"),
        ("--date", "COLUMN=USE[,DAY]", f"what a date becomes: {', '.join(each.value for each in DateUse)}"),
        ("--mark-missing", "COLUMN", "add a column that says who has no value"),
        ("--unknown", "COLUMN=A,B", "numbers that mean not known, such as -1,99; empty for none"),
    ):
        # Columns of purchases go by the same words, without a sign of equality.
        if option not in command._option_string_actions:
            group.add_argument(option, action="append", default=[], metavar=form, help=says)
    command.add_argument(
        "--no-evening-out", action="store_true", help="leave the columns with a few very large values as they are"
    )
    command.add_argument(
        "--codes-are-numbers",
        action="store_true",
        help="take -1, 99, 999 … for numbers even where they look like “not known”",
    )


def prepared_features(
    features: tuple[FeatureSpec, ...], dataset: Dataset, args: argparse.Namespace
) -> tuple[FeatureSpec, ...]:
    """Return the features with everything that the options say about single columns.

    Raises
    ------
    SegmenterError
        If there is no such column, or a value is not possible.
    """
    if getattr(args, "no_evening_out", False):
        features = with_transforms(features, dataset, on=False)
    if getattr(args, "codes_are_numbers", False):
        features = with_special_codes(features, dataset, [spec.column for spec in features], on=False)
    for text in getattr(args, "missing", None) or ():
        features = _with_missing(features, text)
    for option, change in _CHANGES.items():
        for text in getattr(args, option, None) or ():
            if "=" not in text and option in ("order", "date"):
                continue
            name, word = _column_and_word(text, f"--{option.replace('_', '-')}", features)
            features = tuple(change(each, word, dataset) if each.column == name else each for each in features)
    return features


def own_formulas(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the `NAME=FORMULA` texts of `--formula` as (name, formula).

    Raises
    ------
    InvalidSettingError
        If one is none.
    """
    found = []
    for text in texts:
        name, sign, formula = text.partition("=")
        if not sign or not name.strip() or not formula.strip():
            message = f"--formula {text!r:.80} is no column; write NAME=FORMULA, as in basket=spend / orders."
            raise InvalidSettingError(message)
        found.append((name.strip(), formula.strip()))
    return tuple(found)


def with_own_columns(dataset: Dataset, args: argparse.Namespace) -> Dataset:
    """Return the customers with the columns of `--formula`."""
    return with_formulas(dataset, own_formulas(getattr(args, "formula", ())))


def _with_missing(features: tuple[FeatureSpec, ...], text: str) -> tuple[FeatureSpec, ...]:
    """Take `CHOICE` for all columns, or `COLUMN=CHOICE` and `COLUMN=constant:VALUE` for one."""
    every = ("auto", *(each.value for each in Missing if each is not Missing.CONSTANT))
    if "=" not in text:
        return with_missing(features, one_of("--missing", text, every))
    name, word = _column_and_word(text, "--missing", features)
    spec = next(each for each in features if each.column == name)
    choice, _, value = word.partition(":")
    possible = [each.value for each in missing_choices(spec.role)]
    chosen = replace(spec, missing=Missing(one_of(f"--missing {name}", choice, possible)))
    if chosen.missing is Missing.CONSTANT:
        numeric = spec.role in (Role.NUMBER, Role.DATE)
        chosen = replace(chosen, constant=_number("--missing", name, value) if numeric else value)
    return tuple(chosen if each.column == name else each for each in features)


def _column_and_word(text: str, option: str, features: tuple[FeatureSpec, ...]) -> tuple[str, str]:
    """Split `COLUMN=WORD`; a column whose name holds the sign is found all the same."""
    names = [spec.column for spec in features]
    if option == "--mark-missing":
        text = f"{text}="
    named_pair(option, text)
    fitting = [name for name in names if text.startswith(f"{name}=")]
    if not fitting:
        raise UnknownColumnError([text.rpartition("=")[0]], names)
    name = max(fitting, key=len)
    return name, text[len(name) + 1 :]


def _number(option: str, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        message = f"{option} {name}: {text!r} is no number."
        raise InvalidSettingError(message) from error


def _transform(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    possible = [each.value for each in Transform]
    return replace(spec, transform=Transform(one_of(f"--transform {spec.column}", word, possible)))


def _cap(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    low, _comma, high = (word or f"{CAPS[0]},{CAPS[1]}").partition(",")
    return replace(spec, cap=(_number("--cap", spec.column, low), _number("--cap", spec.column, high)))


def _scale(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    possible = [each.value for each in Scaling]
    return replace(spec, scaling=Scaling(one_of(f"--scale {spec.column}", word, possible)))


def _weight(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    return replace(spec, weight=_number("--weight", spec.column, word))


def _rare(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    return replace(spec, rare=_number("--rare", spec.column, word))


def _unknown(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    codes = [code.strip() for code in word.split(",") if code.strip()]
    return replace(spec, unknown=tuple(_number("--unknown", spec.column, code) for code in codes))


def _mark(spec: FeatureSpec, _word: str, _: Dataset) -> FeatureSpec:
    return replace(spec, indicator=True)


def _order(spec: FeatureSpec, word: str, dataset: Dataset) -> FeatureSpec:
    order = tuple(step.strip() for step in next(csv.reader([word], skipinitialspace=True), []))
    values = values_of(dataset.column(spec.column), dataset)
    left_out = [value for value in values if value not in order]
    if left_out or len(order) < 2 or len(set(order)) < len(order):
        message = f"--order {spec.column} must name every value once, lowest first. There are: {', '.join(values)}."
        raise InvalidSettingError(message)
    role = Role.ORDINAL if spec.segments else spec.role
    missing = spec.missing if spec.missing in missing_choices(Role.ORDINAL) else Missing.MODE
    return replace(spec, role=role, order=order, missing=missing)


def _date(spec: FeatureSpec, word: str, _: Dataset) -> FeatureSpec:
    use, _comma, day = word.partition(",")
    chosen = DateUse(one_of(f"--date {spec.column}", use, [each.value for each in DateUse]))
    return replace(spec, date_use=chosen, reference=day.strip())


_CHANGES: dict[str, Callable[[FeatureSpec, str, Dataset], FeatureSpec]] = {
    "order": _order,
    "transform": _transform,
    "cap": _cap,
    "scale": _scale,
    "weight": _weight,
    "rare": _rare,
    "date": _date,
    "mark_missing": _mark,
    "unknown": _unknown,
}

"""`segmenter power`, `results`, `rfm`, `value`, `offers`: what a test can show, and what customers are worth."""

import argparse
import math
from pathlib import Path
from typing import Any

import pandas as pd

from segmenter.activate.control import Control, plan_test
from segmenter.activate.offers import bought_together, cohorts, preferred_products
from segmenter.activate.results import Outcome, arms_of, measure_results
from segmenter.activate.rfm import Across, RfmChoices, Scoring, read_rfm_cells, score_rfm
from segmenter.activate.value import CustomerValue, OrdersModel, predict_value
from segmenter.cli.output import print_json, read_bytes, say, write_files
from segmenter.cli.purchases import (
    add_purchase_columns,
    add_row_type,
    purchase_columns,
    read_customers,
    returns_of,
    snapshot_date,
)
from segmenter.cli.sources import add_source, named_pair, read_source
from segmenter.display import counted, percent_text
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.columns import decimals_for
from segmenter.io.export.csv import to_csv
from segmenter.io.read.table import read_table
from segmenter.purchases.customers import purchase_lines
from segmenter.purchases.recognition import find_purchases
from segmenter.segment.segmentation import FITS_NONE
from segmenter.table.dataset import Dataset
from segmenter.table.infer.infer_type import as_text


def add_power(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of power."""
    command.add_argument("--base-rate", required=True, metavar="PERCENT", help="who responds without contact")
    command.add_argument(
        "--lift",
        required=True,
        metavar="PERCENT",
        help="the smallest lift that would matter, of the base rate: 20 where 5 %% become 6 %%",
    )
    command.add_argument("--hold-out", default="10", metavar="PERCENT")
    command.add_argument("--size", action="append", default=[], metavar="SEGMENT=N", help="repeatable")
    command.add_argument("--customers", type=Path, metavar="FILE", help="a file with a column of segments, for sizes")
    command.add_argument("--segment-column", default="segment", metavar="COLUMN")
    command.add_argument("--json", action="store_true", help="print JSON")


def add_results(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of results."""
    command.add_argument("customers", type=Path, help="the test's customers, with their segments")
    command.add_argument("outcomes", type=Path, help="responses (0/1) or revenue by customer")
    command.add_argument("--id", required=True, metavar="COLUMN", help="the customers' identifier, in both files")
    command.add_argument("--outcome-id", metavar="COLUMN", help="the same in the outcomes, where it has another name")
    command.add_argument("--outcome", required=True, metavar="COLUMN", help="the column of responses or revenue")
    command.add_argument("--revenue", action="store_true", help="outcomes are amounts, not 0/1")
    command.add_argument("--segment-column", default="segment", metavar="COLUMN")
    command.add_argument("--arm-column", metavar="COLUMN", help="contacted or control; drawn again if left out")
    command.add_argument("--hold-out", metavar="PERCENT", help="as it was planned")
    command.add_argument("--salt", metavar="TEXT", help="of the draw, to find the groups again")
    command.add_argument("--campaign", default="", metavar="NAME")
    command.add_argument("--response-value", type=float, metavar="MONEY", help="what a response is worth")
    command.add_argument("--contact-cost", type=float, default=0.0, metavar="MONEY", help="of contacting one customer")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the table as CSV")
    command.add_argument("--json", action="store_true", help="print JSON")


def add_rfm(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of the grid."""
    add_source(command)
    add_row_type(command)
    command.add_argument("--scores", type=int, default=5, metavar="N", help="scores a side")
    command.add_argument("--scoring", choices=("quantiles", "breaks", "cuts"), default="quantiles")
    command.add_argument(
        "--cuts", action="append", default=[], metavar="COLUMN=A,B", help="own thresholds, lowest first; repeatable"
    )
    command.add_argument("--across", choices=tuple(each.value for each in Across), default="F")
    command.add_argument("--cells", type=Path, metavar="FILE", help="rules such as: Champions: R 5, F 4-5")
    command.add_argument("--recency", default="recency_days", metavar="COLUMN")
    command.add_argument("--frequency", default="orders", metavar="COLUMN")
    command.add_argument("--monetary", default="spend", metavar="COLUMN")
    command.add_argument("--segment-column", metavar="COLUMN", help="segments to stand beside the cells")
    command.add_argument("--out", type=Path, metavar="DIR", help="write customers with their cell, and the cells")
    command.add_argument("--json", action="store_true", help="print JSON")


def add_value(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of customer value."""
    add_source(command)
    add_purchase_columns(command)
    command.add_argument(
        "--snapshot-date", metavar="YYYY-MM-DD", help="the day to foretell from; the last order's if left out"
    )
    command.add_argument("--days", type=int, default=90, help="the horizon")
    command.add_argument("--model", choices=("bg-nbd", "mbg-nbd"), default="bg-nbd")
    _add_segments(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="write customers and segments with their figures")
    command.add_argument("--json", action="store_true", help="print JSON")


def add_offers(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of offers."""
    add_source(command)
    add_purchase_columns(command, without=("product",))
    _add_segments(command)
    command.add_argument("--product", metavar="COLUMN", help="what was bought, or its category; recognised if left out")
    command.add_argument("--out", type=Path, metavar="DIR", help="write the tables as CSV")
    command.add_argument("--json", action="store_true", help="print JSON")


def _add_segments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--segmented", type=Path, metavar="FILE", help="customers with segments, as segment writes them"
    )
    command.add_argument("--segment-column", default="segment_name", metavar="COLUMN")
    command.add_argument(
        "--id", metavar="COLUMN", help="the customers' identifier in that file; as in the lines if left out"
    )


def power(args: argparse.Namespace) -> None:
    """Say what a test can show before it is sent."""
    sizes = {}
    for text in args.size:
        name, number = named_pair("--size", text)
        if not number.isdecimal():
            message = f"--size takes SEGMENT=N with a whole number; not {text!r}."
            raise InvalidSettingError(message)
        sizes[name] = int(number)
    if args.customers:
        column = _column(read_table(args.customers), args.segment_column)
        sizes |= {str(name): int(n) for name, n in column.value_counts(sort=False).sort_index().items()}
    rate, lift, hold_out = (
        _share(f"--{name}", getattr(args, name.replace("-", "_"))) for name in ("base-rate", "lift", "hold-out")
    )
    plan = plan_test(sizes, rate, lift, hold_out)
    if args.json:
        print_json({
            "needed": {"contacted": plan.needed.contacted, "control": plan.needed.control},
            "segments": [
                {"segment": each.name, "customers": each.n_customers, "smallest_lift": each.smallest,
                 "enough": each.enough}
                for each in plan.segments
            ],
            "together": [list(each) for each in plan.together],
            "advice": list(plan.sentences),
        })  # fmt: skip
        return
    for each in plan.segments:
        seen = "nothing" if each.smallest is None else f"a lift from {percent_text(each.smallest, signed=True)} on"
        verb = "sees" if each.n_customers == 1 else "see"
        print(f"{each.name}: {counted(each.n_customers, 'customer')} {verb} {seen}")
    print("\n".join(plan.sentences))


def results(args: argparse.Namespace) -> None:
    """Read results back."""
    customers, outcomes = read_table(args.customers), read_table(args.outcomes)
    planned = _share("--hold-out", args.hold_out) if args.hold_out else None
    if args.salt is not None and planned is None:
        message = "--salt finds the groups again together with --hold-out: give the share that was held out."
        raise InvalidSettingError(message)
    control = Control(planned, args.salt, args.campaign) if args.salt is not None and planned is not None else None
    ids = _column(customers, args.id).reset_index(drop=True)
    written = _column(customers, args.arm_column) if args.arm_column else None
    arms, mixed_up = arms_of(ids, written, control)
    found = measure_results(
        ids,
        _column(customers, args.segment_column),
        arms,
        _column(outcomes, args.outcome_id or args.id),
        _values(outcomes, args.outcome),
        outcome=Outcome.REVENUE if args.revenue else Outcome.RESPONSE,
        planned=planned,
        mixed_up=mixed_up,
        response_value=args.response_value,
        contact_cost=args.contact_cost,
    )
    table = found.table()
    if args.out:
        write_files(args.out.parent, {args.out.name: to_csv(table)})
    if args.json:
        print_json({"results": _records(table), "notes": [note.text for note in found.notes]})
        return
    for each in (*found.segments, found.in_all):
        print(
            f"{each.name}: {each.n_contacted:,} contacted, {each.n_control:,} held out. "
            f"{each.effect(found.outcome)}".rstrip()
        )
        print(f"  {each.advice}")
    say(found.notes)


def rfm(args: argparse.Namespace) -> None:
    """Name customers by the cell of an RFM grid."""
    scoring = {"quantiles": Scoring.QUANTILES, "breaks": Scoring.BREAKS, "cuts": Scoring.CUTS}[args.scoring]
    cuts = tuple((name, _numbers(text)) for name, text in (named_pair("--cuts", each) for each in args.cuts))
    cells = read_rfm_cells(read_bytes(args.cells).decode("utf-8-sig", "replace")) if args.cells else ()
    customers = read_customers(args)
    names = (args.recency, args.frequency, args.monetary)
    found = score_rfm(customers, RfmChoices(args.scores, scoring, Across(args.across), cells, cuts, *names))
    beside = found.crosstab(_column(customers, args.segment_column)) if args.segment_column else None
    if args.out:
        files = {"customers.csv": to_csv(found.labelled(customers)), "cells.csv": to_csv(found.cells)}
        if beside is not None:
            files["crosstab.csv"] = to_csv(beside.reset_index())
        write_files(args.out, files)
    if args.json:
        record: dict[str, object] = {"cells": _records(found.cells), "grid": [list(row) for row in found.grid]}
        print_json(record | ({"crosstab": _records(beside.reset_index())} if beside is not None else {}))
        return
    for row in _records(found.cells):
        print(
            f"{row['cell']}: {counted(int(row['customers']), 'customer')} ({percent_text(row['share'], 1)}), "
            f"revenue {row['revenue']:,.2f}. {row['advice']}"
        )
    if beside is not None:
        print(beside.to_string())
    say((*customers.notes, *found.notes))


def value(args: argparse.Namespace) -> None:
    """Foretell what customers will order and spend."""
    lines, segments = _lines(args, with_free=True), _segments_of(args)
    model = OrdersModel.MBG_NBD if args.model == "mbg-nbd" else OrdersModel.BG_NBD
    found = predict_value(
        lines, days=args.days, today=snapshot_date(args.snapshot_date), segments=segments, model=model
    )
    check, deciles = ("", pd.DataFrame()) if found.check is None else (found.check.sentence(), found.check.deciles)
    if args.out and found.check is not None:
        files = {"calibration.csv": deciles}
        if found.is_shown:
            files |= {"value.csv": found.customers, "segments_value.csv": found.segments}
        write_files(args.out, {name: to_csv(table) for name, table in files.items()})
    if args.json:
        print_json({
            "unmet": list(found.unmet),
            "check": check,
            "calibration": _records(deciles),
            "model": _fitted(found),
            "segments": _records(found.segments),
            "notes": [note.text for note in found.notes],
        })  # fmt: skip
        return
    print("\n".join([*(f"No forecast: {text}" for text in found.unmet), *([check] if check else [])]))
    if len(deciles):
        heads = {"tenth": "tenth of customers", "expected": "orders foretold", "actual": "orders that came"}
        print(_in_print(deciles.rename(columns=heads)).to_string(index=False))
    for row in _records(found.segments):
        money = (
            f", revenue {row['revenue']:,.2f} ({row['revenue_low']:,.2f} to {row['revenue_high']:,.2f})"
            if "revenue" in row
            else ""
        )
        print(
            f"{row['segment']}: {counted(int(row['customers']), 'customer')}, {row['orders']:,.0f} orders "
            f"({row['orders_low']:,.0f} to {row['orders_high']:,.0f}){money}"
        )
    say(found.notes)


def _fitted(found: CustomerValue) -> dict[str, object]:
    """Return the parameters of the models behind a forecast; those of orders, and of spend where it is known."""
    fits = {str(found.model): found.orders, "Gamma-Gamma": found.spend}
    names = {str(found.model): ("r", "alpha", "a", "b"), "Gamma-Gamma": ("p", "q", "gamma")}
    return {
        name: dict(zip(names[name], fit.parameters.tolist(), strict=True)) | {"log_likelihood": fit.log_likelihood}
        for name, fit in fits.items()
        if fit is not None
    }


def offers(args: argparse.Namespace) -> None:
    """Say what to offer to whom."""
    lines, segments = _lines(args, args.product or ""), _segments_of(args)
    months = cohorts(lines)
    by_month = {"retention": months.retention, "cohort_revenue": months.revenue}
    tables = {name: each.rename_axis("cohort").reset_index().rename(columns=str) for name, each in by_month.items()}
    notes = list(months.notes)
    if "product" in lines:
        together = bought_together(lines)
        tables["together"] = together.table
        notes += together.notes
        if segments is not None:
            preferred = preferred_products(lines, segments)
            tables["preferred"] = preferred.table
            notes += preferred.notes
    if args.out:
        write_files(args.out, {f"{name}.csv": to_csv(table) for name, table in tables.items()})
    if args.json:
        print_json({name: _records(table) for name, table in tables.items()})
        return
    for name, table in tables.items():
        print(
            f"{name}:\n{_in_print(table.head(20)).to_string(index=False)}"
            if len(table)
            else f"{name}: nothing beyond chance."
        )
    say(notes)


def _in_print(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it is read: numbers to as many places as their size needs, nothing where there is none."""
    shown = table.astype(object)
    for name in table.columns:
        if pd.api.types.is_float_dtype(table[name]):
            known = table[name].dropna().abs()
            whole = bool((known % 1 == 0).all())
            # Shares reach 1, yet differ by hundredths.
            places = 0 if whole else max(decimals_for(float(known.max())), 2 * (float(known.max()) < 10))
            shown[name] = table[name].map(f"{{:,.{places}f}}".format)
    return shown.where(table.notna(), "")


def _lines(args: argparse.Namespace, product: str = "", *, with_free: bool = False) -> pd.DataFrame:
    rows = read_source(args)
    if product:
        _column(rows, product)
    named = {**purchase_columns(args), **({"product": product} if product else {})}
    purchases = find_purchases(rows, named, returns_of(args))
    args.id = args.id or purchases.customer
    return purchase_lines(rows, purchases, with_free=with_free)


def _segments_of(args: argparse.Namespace) -> pd.Series | None:
    if args.segmented is None:
        return None
    table = read_table(args.segmented)
    segment = _column(table, args.segment_column).replace(["", FITS_NONE], None)
    named = pd.Series(segment.to_numpy(), index=_column(table, args.id).str.strip()).dropna()
    if named.index.has_duplicates:
        message = f"{args.segmented.name} has customers twice. Give each customer one row."
        raise InvalidSettingError(message)
    return named


def _column(table: Dataset, name: str) -> pd.Series:
    """Return a column as it is written."""
    if name not in table.original.columns:
        raise UnknownColumnError([name], list(table.original.columns))
    return as_text(table.original[name]).where(table.original[name].notna())


def _values(table: Dataset, name: str) -> pd.Series:
    _column(table, name)
    return table.frame[name]


def _share(option: str, text: str) -> float:
    try:
        return float(text.rstrip("% ")) / 100
    except ValueError as error:
        message = f"{option} takes a number of per cent, such as 3 or 12.5; not {text!r}."
        raise InvalidSettingError(message) from error


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError as error:
        message = f"--cuts takes COLUMN=A,B with numbers, lowest first; not {text!r}."
        raise InvalidSettingError(message) from error


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.to_dict("records")
    return [
        {
            str(k): (None if isinstance(v, float) and not math.isfinite(v) else getattr(v, "item", lambda v=v: v)())
            for k, v in row.items()
        }
        for row in rows
    ]

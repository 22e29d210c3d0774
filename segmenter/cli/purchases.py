"""What the rows of a file are on the command line: customers or purchases, and one row for each customer."""

import argparse
from dataclasses import replace
from datetime import date
from typing import Final

from segmenter.cli.sources import checked_kinds, kind_overrides, read_options, read_source
from segmenter.errors.reading import UnreadableDayError
from segmenter.purchases.recognition import Recognised, recognise_purchases
from segmenter.purchases.spec import Returns
from segmenter.table.dataset import Dataset, Note
from segmenter.table.repeats import Repeated, RepeatedCustomers, find_repeated_customers, one_row_each, repeated_note
from segmenter.table.spellings import join_spellings

_OFFER: Final = "Other commands add them up to customers; add --as transactions to see those here."
_PARTS: Final = {
    "customer": "who bought",
    "date": "when",
    "amount": "what the line came to",
    "quantity": "how many pieces",
    "price": "the price of a piece",
    "order": "what the lines of one order share",
    "product": "what was bought",
}
SAY_SO_HERE: Final = "If each row is a customer, say so with --as customers."
# As columns that form segments they take a sign of equality, as columns of purchases none.
_BOTH: Final = {
    "date": ("COLUMN[=USE[,DAY]]", "; with =, what a date becomes: days since, age, month, week, weekday"),
    "order": ("COLUMN[=LOW,…,HIGH]", "; with =, the values of an ordered category, lowest first"),
}


def add_row_type(command: argparse.ArgumentParser) -> None:
    """Let a command be told what the rows are, from which day recency counts, and which row of a customer counts."""
    command.add_argument(
        "--as",
        dest="rows_are",
        choices=("customers", "transactions"),
        help="what a row is; recognised if left out, and transactions are added up to customers",
    )
    command.add_argument(
        "--snapshot-date",
        metavar="YYYY-MM-DD",
        help="the day that the recency of transactions counts back from; the day after the last one if left out",
    )
    command.add_argument(
        "--repeated",
        choices=tuple(each.value for each in Repeated),
        help="which row counts where a customer stands in several: the first, the last, all added up, the latest by "
        "date; keep makes each row a customer of its own",
    )
    command.add_argument(
        "--join", action="append", default=[], metavar="COLUMN",
        help="let values that differ by capitals, blanks, accents or one letter count as one: F, female and Femal as "
        "Female; all for every column; repeatable",
    )  # fmt: skip
    add_purchase_columns(command)


def add_purchase_columns(command: argparse.ArgumentParser, *, without: tuple[str, ...] = ()) -> None:
    """Let a command be told which column of purchase lines holds what, and whether spend is net."""
    group = command.add_argument_group("lines of purchases, where their columns were not found or found wrongly")
    for part, says in _PARTS.items():
        if part in without:
            continue
        form, more = _BOTH.get(part, ("COLUMN", ""))
        action = "append" if part in _BOTH else "store"
        group.add_argument(f"--{part}", action=action, metavar=form, help=f"the column that says {says}{more}")
    group.add_argument(
        "--returns",
        choices=("net", "gross"),
        default="net",
        help="whether money that came back lowers the spend (net, if left out)",
    )


def purchase_columns(args: argparse.Namespace) -> dict[str, str]:
    """Return which column holds what, as far as it was said."""
    found = {}
    for part in _PARTS:
        said = getattr(args, part, None)
        texts = [text for text in said if "=" not in text] if isinstance(said, list) else [said] if said else []
        if texts:
            found[part] = texts[-1]
    return found


def returns_of(args: argparse.Namespace) -> Returns:
    """Return whether spend is net or gross."""
    return Returns.LEFT_OUT if getattr(args, "returns", "net") == "gross" else Returns.SUBTRACTED


def read_customers(args: argparse.Namespace) -> Dataset:
    """Read the customers that a command is about: one row each, made of their purchases where the rows are those.

    Raises
    ------
    SegmenterError
        If they can't be read, or the rows can't be what they are said to be.
    """
    # A file that is only described is not added up, and need not wait for what that imports.
    from segmenter.io.read import purchases
    from segmenter.purchases.customers import SAY_SO, RowType, as_customers

    said = _rows_are(args)
    meaning, snapshot = RowType(said) if said else RowType.RECOGNISED, snapshot_date(args.snapshot_date)
    kinds, columns, returns = kind_overrides(args), purchase_columns(args), returns_of(args)
    if args.file is None or args.query or args.table:
        customers = as_customers(read_source(args), meaning, snapshot, kinds, columns, returns)
    else:
        customers = purchases.read_purchases(args.file, read_options(args), meaning, snapshot, kinds, columns, returns)
    customers = _joined(one_row_each(checked_kinds(customers, args), _repeated(args)), args)
    if not any(note.asks for note in customers.notes):
        return customers
    notes = tuple(replace(note, text=note.text.replace(SAY_SO, SAY_SO_HERE)) for note in customers.notes)
    return replace(customers, notes=notes)


def read_as_it_stands(args: argparse.Namespace) -> Dataset:
    """Read what a command is about row by row, saying so where the rows look like purchases or customers come twice."""
    if _rows_are(args) == "transactions" or args.repeated:
        return read_customers(args)
    lines = _joined(read_source(args), args)
    found = _recognised(args, lines)
    if found is not None:
        return replace(lines, notes=(*lines.notes, Note(f"These rows look like purchases: {found.reason}. {_OFFER}")))
    repeated = None if _rows_are(args) == "customers" else find_repeated_customers(lines)
    if repeated is None:
        return lines
    return replace(lines, notes=(*lines.notes, _which_row(repeated)))


def undecided(customers: Dataset) -> tuple[Note, ...]:
    """Say which customers stand in several rows that contradict each other, where nobody has said which row counts."""
    found = None if customers.repeated else find_repeated_customers(customers)
    return () if found is None else (_which_row(found),)


def _which_row(found: RepeatedCustomers) -> Note:
    ways = "; ".join(f"--repeated {choice.value} {does}" for choice, does in found.choices.items())
    first = {
        Repeated.FIRST: "Other commands leave the copies out. To choose: ",
        Repeated.LATEST: "Other commands take each customer's latest row. To choose: ",
    }.get(found.proposed or Repeated.KEEP, "Before segments are formed, say which row counts: ")
    return repeated_note(found, f"{first}{ways}.")


def _joined(customers: Dataset, args: argparse.Namespace) -> Dataset:
    if not args.join:
        return customers
    return join_spellings(customers, None if "all" in args.join else args.join)


def word_for_row(args: argparse.Namespace, rows: Dataset) -> str:
    """Return what a row that a command shows is called."""
    if _recognised(args, rows):
        return "line"
    return "row" if find_repeated_customers(rows) is not None else "customer"


def snapshot_date(text: str | None) -> date | None:
    """Return the day that was asked for; None when none was.

    Raises
    ------
    UnreadableDayError
        If it is no day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableDayError(text) from error


def _recognised(args: argparse.Namespace, rows: Dataset) -> Recognised | None:
    return None if _rows_are(args) else recognise_purchases(rows)


def _rows_are(args: argparse.Namespace) -> str:
    """Return what the rows are by what was said; empty where they are to be recognised."""
    return args.rows_are or ("transactions" if purchase_columns(args) else "")


def _repeated(args: argparse.Namespace) -> Repeated | None:
    if args.repeated:
        return Repeated(args.repeated)
    # Who says that a row is a customer says so of customers in several rows, too.
    return Repeated.KEEP if args.rows_are == "customers" else None

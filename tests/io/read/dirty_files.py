"""A corpus of dirty files: the faults that exports are known for, in several tables each, and what is right.

Nothing here is taken from real files; every table is made by a seeded generator, so that the truth is known.
"""

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

RIGHT, NOTICE, REFUSED = "right", "notice", "refused"


@dataclass(frozen=True)
class Table:
    """What a file ought to say."""

    header: list[str]
    rows: list[list[str]]
    seed: int = 0

    def written(self, separator: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL, **marks: object) -> str:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting, **marks)
        writer.writerows([self.header, *self.rows])
        return text.getvalue()


@dataclass(frozen=True)
class DirtyFile:
    """A file, the outcomes that are right for it, and the rows that may be loaded."""

    name: str
    content: bytes
    outcomes: frozenset[str]
    truth: Table
    may_lack: int = 0
    compares_cells: bool = True
    numbers: dict[str, list[float]] = field(default_factory=dict)


_WORDS = ["Anna", "Bo", "Chloé", "Dieter", "Eva", "Frank", "Gül", "Hana", "Ivo", "Jürgen", "Kim", "Léa"]
_CITIES = ["Paris", "Köln", "Leeds", "Graz", "Roma"]


def clean_tables() -> Iterator[Table]:
    """Yield tables of several shapes: narrow and wide, short and long, with and without text."""
    for seed, n_rows in enumerate((30, 45, 80, 120, 200)):
        yield _customers(seed, n_rows)
    yield _numbers_only(7, 60)
    yield _with_texts(8, 50)
    yield _narrow(9, 40)


def _customers(seed: int, n_rows: int) -> Table:
    pick = random.Random(seed)
    header = ["customer_id", "first_name", "age", "city", "spend", "visits", "joined", "member"]
    rows = [
        [
            f"C{1000 + at}",
            pick.choice(_WORDS),
            str(pick.randint(18, 90)),
            pick.choice(_CITIES),
            f"{pick.uniform(5, 4000):.2f}",
            str(pick.randint(0, 40)),
            _date(pick),
            pick.choice(["Yes", "No"]),
        ]
        for at in range(n_rows)
    ]
    return Table(header, rows, seed)


def _numbers_only(seed: int, n_rows: int) -> Table:
    pick = random.Random(seed)
    header = ["id", "income", "score", "orders", "balance"]
    rows = [
        [
            str(50_000 + 3 * at),
            str(pick.randint(9_000, 99_000)),
            f"{pick.gauss(0, 1):.4f}",
            str(pick.randint(0, 9)),
            f"{pick.uniform(-900, 900):.2f}",
        ]
        for at in range(n_rows)
    ]
    return Table(header, rows, seed)


def _with_texts(seed: int, n_rows: int) -> Table:
    pick = random.Random(seed)
    header = ["id", "segment", "spend", "comment"]
    texts = [
        "fine, thanks",
        'said "maybe"',
        "called twice",
        "prefers e-mail; not post",
        "no reply",
        "moved, new address",
    ]
    rows = [
        [
            f"{at:05d}",
            pick.choice("ABC"),
            f"{pick.uniform(1, 90):.1f}",
            f"{pick.choice(texts)} {pick.randint(1, 999)}",
        ]
        for at in range(n_rows)
    ]
    return Table(header, rows, seed)


def _narrow(seed: int, n_rows: int) -> Table:
    pick = random.Random(seed)
    return Table(
        ["age", "spend"],
        [[str(pick.randint(18, 80)), f"{pick.uniform(1, 500):.2f}"] for _ in range(n_rows)],
        seed,
    )


def _date(pick: random.Random) -> str:
    return f"20{pick.randint(10, 24)}-{pick.randint(1, 12):02d}-{pick.randint(1, 28):02d}"


Fault = Callable[[Table], DirtyFile | None]


def _file(name: str, text: str | bytes, outcomes: str, table: Table, **more: object) -> DirtyFile:
    content = text.encode() if isinstance(text, str) else text
    return DirtyFile(name, content, frozenset(outcomes.split("|")), table, **more)


def dirty_files() -> Iterator[DirtyFile]:
    """Yield every fault in every table that can have it."""
    for at, table in enumerate(clean_tables()):
        for name, fault in FAULTS.items():
            made = fault(table)
            if made is not None:
                yield replace(made, name=f"{name}, table {at}")
    yield from _not_tables()


def clean_twins() -> Iterator[DirtyFile]:
    """Yield the same tables as well-kept programs write them."""
    for at, table in enumerate(clean_tables()):
        for separator in ",;\t|":
            for end in ("\n", "\r\n"):
                for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC):
                    for encoding in ("utf-8", "utf-8-sig"):
                        content = table.written(separator, end, quoting).encode(encoding)
                        yield _file(
                            f"clean {separator!r} {end!r} {quoting} {encoding}, table {at}",
                            content,
                            RIGHT,
                            table,
                        )


def _lines(table: Table, **marks: object) -> list[str]:
    return table.written(**marks).splitlines()


def _with_line(table: Table, at: int, line: str) -> str:
    lines = _lines(table)
    return "\n".join([*lines[:at], line, *lines[at:]]) + "\n"


def _changed(table: Table, row: int, change: Callable[[list[str]], list[str]]) -> Table:
    rows = [list(values) for values in table.rows]
    rows[row] = change(rows[row])
    return replace(table, rows=rows)


def _without(table: Table, *rows: int) -> Table:
    return replace(table, rows=[values for at, values in enumerate(table.rows) if at not in rows])


def _middle(table: Table) -> int:
    return len(table.rows) // 2


def _short_row(row_of: Callable[[Table], int], n_cut: int) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        row = row_of(table)
        broken = _changed(table, row, lambda values: values[:-n_cut])
        return _file("", broken.written(), NOTICE, _without(table, row))

    return fault


def _long_row(row_of: Callable[[Table], int], at: int) -> Fault:
    def fault(table: Table) -> DirtyFile:
        row = row_of(table)
        broken = _changed(table, row, lambda values: [*values[:at], "x", *values[at:]])
        return _file("", broken.written(), NOTICE, _without(table, row))

    return fault


def _title(lines: str) -> Fault:
    return lambda table: _file("", lines + table.written(), NOTICE, table) if len(table.header) > 2 else None


def _footer(make: Callable[[Table], str]) -> Fault:
    return lambda table: _file("", table.written() + make(table), NOTICE, table) if len(table.header) > 2 else None


def _total(label: str) -> Callable[[Table], str]:
    def make(table: Table) -> str:
        cells = [label] + [_sum_of(column) for column in list(zip(*table.rows, strict=True))[1:]]
        return ",".join(cells) + "\n"

    return make


def _sum_of(column: tuple[str, ...]) -> str:
    try:
        return f"{sum(map(float, column)):.2f}"
    except ValueError:
        return ""


def _unclosed(row_of: Callable[[Table], int], at: int) -> Fault:
    def fault(table: Table) -> DirtyFile:
        row = row_of(table)
        lines = _lines(table)
        values = lines[row + 1].split(",")
        values[min(at, len(values) - 1)] = '"' + values[min(at, len(values) - 1)]
        lines[row + 1] = ",".join(values)
        return _file("", "\n".join(lines) + "\n", f"{NOTICE}|{REFUSED}", _without(table, row), may_lack=2)

    return fault


def _cell(column: int, value: str, outcome: str) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        if len(table.header) < 5 or not table.rows[0][column].replace(".", "").isdigit():
            return None
        return _file(
            "",
            _changed(table, 3, lambda values: [*values[:column], value, *values[column + 1 :]]).written(),
            outcome,
            _changed(table, 3, lambda values: [*values[:column], value, *values[column + 1 :]]),
        )

    return fault


def _names(change: Callable[[list[str]], list[str]], outcome: str) -> Fault:
    return lambda table: _file(
        "", replace(table, header=change(list(table.header))).written(), outcome, table, compares_cells=True
    )


def _numbers_as(write: Callable[[float], str], separator: str, outcome: str = RIGHT) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        if "spend" not in table.header or len(table.header) < 5:
            return None
        at = table.header.index("spend")
        changed = replace(table, rows=[[*row[:at], write(float(row[at])), *row[at + 1 :]] for row in table.rows])
        numbers = {"spend": [float(row[at]) for row in table.rows]}
        return _file("", changed.written(separator), outcome, changed, numbers=numbers)

    return fault


def _continental(number: float) -> str:
    return f"{number:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _dates_as(form: str, separator: str) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        if "joined" not in table.header:
            return None
        at = table.header.index("joined")

        def written(row: list[str]) -> list[str]:
            year, month, day = row[at].split("-")
            return [*row[:at], form.format(y=year, m=month, d=day), *row[at + 1 :]]

        changed = replace(table, rows=[written(row) for row in table.rows])
        return _file("", changed.written(separator), RIGHT, changed)

    return fault


def _second_table(blank: str, width: int) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        if len(table.header) < 3:
            return None
        n_values = width or len(table.header)
        second = ",".join(f"other_{at}" for at in range(n_values)) + "\n"
        second += "".join(",".join(f"{at}{row}" for at in range(n_values)) + "\n" for row in range(1, 7))
        return _file("", table.written() + blank + second, NOTICE, table, may_lack=0)

    return fault


def _stray_return(table: Table) -> DirtyFile | None:
    if "city" not in table.header:
        return None
    at = table.header.index("city")
    changed = _changed(table, 4, lambda values: [*values[:at], "Le\reds", *values[at + 1 :]])
    lines = [",".join(values) for values in [changed.header, *changed.rows]]
    return _file("", "\n".join(lines) + "\n", f"{RIGHT}|{NOTICE}", changed)


def _quoted_breaks(table: Table) -> DirtyFile | None:
    if "comment" not in table.header:
        return None
    at = table.header.index("comment")
    changed = replace(
        table,
        rows=[
            [*row[:at], row[at].replace(" ", "\n", 1)] if number % 3 == 0 else row
            for number, row in enumerate(table.rows)
        ],
    )
    return _file("", changed.written(quoting=csv.QUOTE_NONNUMERIC), RIGHT, changed)


def _repeated_header(table: Table) -> DirtyFile:
    return _file("", _with_line(table, _middle(table) + 1, ",".join(table.header)), NOTICE, table)


def _ragged_header(change: Callable[[list[str]], list[str]]) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        if len(table.header) < 4:
            return None
        return _file("", replace(table, header=change(table.header)).written(), NOTICE, table)

    return fault


def _units(table: Table) -> DirtyFile | None:
    if len(table.header) < 4:
        return None
    return _file("", _with_line(table, 1, ",".join(f"({name})" for name in table.header)), NOTICE, table)


def _with_empty_column(table: Table) -> DirtyFile:
    lines = [line + "," for line in _lines(table)]
    return _file("", "\n".join(lines) + "\n", RIGHT, table)


def _trailing_in_rows(table: Table) -> DirtyFile:
    first, *rest = _lines(table)
    return _file("", "\n".join([first, *(line + "," for line in rest)]) + "\n", f"{RIGHT}|{NOTICE}", table)


def _encoded(encoding: str, outcome: str = RIGHT, *, cut: int = 0) -> Fault:
    def fault(table: Table) -> DirtyFile:
        content = table.written().encode(encoding)
        return _file("", content[: len(content) - cut], outcome, table, may_lack=1 if cut else 0)

    return fault


def _central(words: str) -> Fault:
    """Write Central European words, whose letters all mean something else in Windows-1252."""

    def fault(table: Table) -> DirtyFile | None:
        if "city" not in table.header:
            return None
        at, names = table.header.index("city"), words.split()
        rows = [
            ["x" if value in _WORDS else value for value in [*row[:at], names[number % len(names)], *row[at + 1 :]]]
            for number, row in enumerate(table.rows)
        ]
        return _file("", replace(table, rows=rows).written().encode("cp1250"), RIGHT, replace(table, rows=rows))

    return fault


def _missing(words: tuple[str, ...]) -> Fault:
    def fault(table: Table) -> DirtyFile | None:
        if len(table.header) < 5:
            return None
        at = 4
        rows = [
            [*row[:at], words[number % len(words)], *row[at + 1 :]] if number % 5 == 0 else row
            for number, row in enumerate(table.rows)
        ]
        return _file("", replace(table, rows=rows).written(), RIGHT, replace(table, rows=rows))

    return fault


def _with_nul(table: Table) -> DirtyFile:
    content = table.written().encode()
    return _file("", content[:60] + b"\0" + content[60:], REFUSED, table)


def _escaped(table: Table) -> DirtyFile | None:
    if "comment" not in table.header:
        return None
    text = table.written(quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\")
    return _file("", text, RIGHT, table)


def _spaced(lines: list[str], at: int) -> list[str]:
    return [*lines[:at], lines[at].replace(",", ", "), *lines[at + 1 :]]


def _no_names(table: Table) -> DirtyFile:
    return _file("", table.written().split("\n", 1)[1], NOTICE, table)


def _sep_hint(table: Table) -> DirtyFile:
    return _file("", "sep=;\n" + table.written(";"), RIGHT, table)


FAULTS: dict[str, Fault] = {
    "semicolons": lambda table: _file("", table.written(";"), RIGHT, table),
    "tabs": lambda table: _file("", table.written("\t"), RIGHT, table),
    "pipes": lambda table: _file("", table.written("|"), RIGHT, table),
    "carets": lambda table: _file("", table.written("^"), RIGHT, table),
    "two pipes": lambda table: (
        _file("", "\n".join("||".join(row) for row in [table.header, *table.rows]), RIGHT, table)
        if "comment" not in table.header
        else None
    ),
    "comma and space": lambda table: (
        _file("", "\n".join(", ".join(row) for row in [table.header, *table.rows]), RIGHT, table)
        if "comment" not in table.header
        else None
    ),
    "sep= hint": _sep_hint,
    "all quoted": lambda table: _file("", table.written(quoting=csv.QUOTE_ALL), RIGHT, table),
    "apostrophes as quotes": lambda table: _file("", table.written(quoting=csv.QUOTE_ALL, quotechar="'"), RIGHT, table),
    "backslash before quotes": _escaped,
    "quoted line breaks": _quoted_breaks,
    "CRLF": lambda table: _file("", table.written(end="\r\n"), RIGHT, table),
    "CR only": lambda table: _file("", table.written(end="\r"), RIGHT, table),
    "no last line break": lambda table: _file("", table.written().rstrip("\n"), RIGHT, table),
    "many last line breaks": lambda table: _file("", table.written() + "\n\n\n", RIGHT, table),
    "spaces at the end": lambda table: _file("", table.written() + "   \n", RIGHT, table),
    "stray carriage return": _stray_return,
    "UTF-8 with mark": _encoded("utf-8-sig"),
    "UTF-16": _encoded("utf-16"),
    "UTF-16 without mark": _encoded("utf-16-le"),
    "UTF-16 big": _encoded("utf-16-be"),
    "UTF-32": _encoded("utf-32"),
    "Windows-1252": _encoded("cp1252"),
    "Windows-1250, Czech": _central("Praha Plzeň Jeseník Město Přerov Břeclav Příbram"),
    "Windows-1250, Polish": _central("Łódź Kraków Paweł Gdańsk Wałbrzych Rzeszów"),
    "UTF-16 cut": _encoded("utf-16", f"{REFUSED}|{NOTICE}", cut=3),
    "NUL": _with_nul,
    "separators at each end": _with_empty_column,
    "separators at the rows' ends": _trailing_in_rows,
    "one title line": _title("Customer report\n"),
    "title and blank line": _title("Customer report 2024\n\n"),
    "three title lines": _title("Report\nMade on 2024-05-01\nAll customers\n"),
    "title with separators": lambda table: (
        _file("", "Report" + "," * (len(table.header) - 1) + "\n" + table.written(), NOTICE, table)
        if len(table.header) > 2
        else None
    ),
    "no names": _no_names,
    "second line of names": _units,
    "remark below": _footer(lambda _: "Source: the shop\n"),
    "remark below with separators": _footer(lambda table: "Made by the till" + "," * (len(table.header) - 1) + "\n"),
    "blank line and remark below": _footer(lambda _: "\nend of report\n"),
    "total below": _footer(_total("Total")),
    "grand total below": _footer(_total("GRAND TOTAL")),
    "unnamed total below": _footer(_total("")),
    "a row with spaces after its commas": lambda table: (
        _file("", "\n".join(_spaced(_lines(table), 5)) + "\n", NOTICE, table) if "comment" not in table.header else None
    ),
    "a quotation mark in the names": lambda table: _file(
        "", table.written().replace(table.header[1], table.header[1] + '"', 1), NOTICE, table
    ),
    "blank line inside": lambda table: _file("", _with_line(table, _middle(table), ""), f"{RIGHT}|{NOTICE}", table),
    "empty row inside": lambda table: _file(
        "", _with_line(table, _middle(table), "," * (len(table.header) - 1)), f"{RIGHT}|{NOTICE}", table
    ),
    "names again": _repeated_header,
    "wider second table": _second_table("\n", 12),
    "narrower second table": _second_table("\n", 2),
    "second table without a blank line": _second_table("", 12),
    "second table of the same width": _second_table("\n", 0),
    "short first row": _short_row(lambda _: 0, 1),
    "short row": _short_row(_middle, 1),
    "short last row": _short_row(lambda table: len(table.rows) - 1, 1),
    "long first row": _long_row(lambda _: 0, 1),
    "long row": _long_row(_middle, 2),
    "long row by an empty value": lambda table: _file(
        "",
        _changed(table, 5, lambda values: [*values[:1], "", *values[1:]]).written(),
        NOTICE,
        _without(table, 5),
    ),
    "long last row": _long_row(lambda table: len(table.rows) - 1, 1),
    "open quote first": _unclosed(lambda _: 0, 0),
    "open quote": _unclosed(_middle, 1),
    "open quote last": _unclosed(lambda table: len(table.rows) - 1, 1),
    "short names": _ragged_header(lambda names: names[:-1]),
    "long names": _ragged_header(lambda names: [*names, "extra"]),
    "two equal names": _names(lambda names: [*names[:-1], names[0]], NOTICE),
    "a blank name": _names(lambda names: ["", *names[1:]], NOTICE),
    "a word among numbers": _cell(4, "abc", NOTICE),
    "infinity": _cell(4, "inf", NOTICE),
    "a decimal comma among points": _cell(4, "12,55", NOTICE),
    "too large": _cell(4, "1e308", NOTICE),
    "decimal commas": _numbers_as(lambda number: f"{number:.2f}".replace(".", ","), ";"),
    "decimal commas, quoted": _numbers_as(lambda number: f"{number:.2f}".replace(".", ","), ","),
    "continental thousands": _numbers_as(_continental, ";"),
    "thousands": _numbers_as(lambda number: f"{number:,.2f}", ","),
    "pounds": _numbers_as(lambda number: f"£{number:,.2f}", ","),
    "euros": _numbers_as(lambda number: f"{_continental(number)} €", ";"),
    "per cent": _numbers_as(lambda number: f"{number} %", ","),
    "plus signs": _numbers_as(lambda number: f"+{number}", ","),
    "day.month.year": _dates_as("{d}.{m}.{y}", ";"),
    "day/month/year": _dates_as("{d}/{m}/{y}", ","),
    "month/day/year": _dates_as("{m}/{d}/{y}", ","),
    "missing cells": _missing(("",)),
    "words for missing": _missing(("NA", "N/A", "null", "NaN", "-", "")),
}


def _not_tables() -> Iterator[DirtyFile]:
    table = next(clean_tables())
    text = table.written().encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("customers.csv", text)
    contents = {
        "empty": b"",
        "spaces only": b"  \n \n",
        "names only": b"a,b,c\n",
        "packed with gzip": gzip.compress(text),
        "packed with zip": packed.getvalue(),
        "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "a program": b"\x7fELF" + bytes(200),
        "a page": b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>",
        "JSON": b'[{"a": 1, "b": 2}, {"a": 3, "b": 4}]',
        "a pickle": b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00.",
        "NULs": bytes(100_000),
        "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + bytes(600),
        "a damaged Parquet file": b"PAR1" + bytes(100) + b"PAR1",
        "a damaged workbook": b"PK\x03\x04[Content_Types].xml xl/workbook.xml",
        "too many columns": (",".join(f"c{at}" for at in range(600)) + "\n" + ",".join("1" * 600) + "\n").encode(),
    }
    for name, content in contents.items():
        yield _file(name, content, REFUSED, table)


__all__ = ["NOTICE", "REFUSED", "RIGHT", "DirtyFile", "Table", "clean_twins", "dirty_files"]

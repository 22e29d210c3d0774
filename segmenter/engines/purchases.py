"""Lines of purchases become customers where they live: the same classes, orders and sums as in memory, in SQL."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd
import sqlglot

from segmenter.engines.engine import Engine, open_engine
from segmenter.engines.segmenting import EngineSource, EngineTable, check_roles, number_in
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.errors.reading import NoCustomersError, UnsuitableColumnError
from segmenter.io.export.sql.dialects import as_text, date_cell, trimmed
from segmenter.progress import Progress, silent
from segmenter.purchases.aggregate import LARGEST_AMOUNT, WEEKDAYS
from segmenter.purchases.dictionary import CANCEL_WORDS, NOT_CANCELLED, YES
from segmenter.purchases.spec import MEASURES, Purchases, Returns
from segmenter.recipe.recipe import Role
from segmenter.table.dataset import Note
from segmenter.table.infer.cells import CLEAR_MISSING

ATTRIBUTES_NOTE: Final = Note(
    "Columns that describe the customer, such as a city, stay with the lines: join them to the table in the engine."
)


@dataclass(frozen=True)
class _Words:
    """What a dialect calls what the sums need."""

    rint: str
    matches: str
    days: str
    whole: str


_WORDS: Final = {
    "duckdb": _Words(
        "ROUND_EVEN({x}, 0)", "REGEXP_MATCHES({x}, '{p}')", "DATE_DIFF('day', {a}, {b})", "CAST({x} AS BIGINT)"
    ),
    "spark": _Words("RINT({x})", "({x} RLIKE '{p}')", "DATEDIFF({b}, {a})", "CAST({x} AS BIGINT)"),
}
# As in memory: digits and nothing else; C and digits.
_DIGITS, _MARKED = "^[0-9]+$", "^[Cc][0-9]+$"
# The share of amounts finer than a cent from which on money has more decimals.
_FINE_SHARE: Final = 0.01


@contextlib.contextmanager
def open_customers(place: EngineSource, progress: Progress = silent) -> Iterator[Engine]:
    """Open an engine on customers, made of lines of purchases where the place holds those.

    Parameters
    ----------
    place
        Where they are.
    progress
        Is called while customers are made.
    """
    with open_engine(place.address, place.source, place.table) as engine:
        yield customers_of(engine, place, progress)


def customers_of(engine: Engine, place: EngineSource, progress: Progress = silent) -> Engine:
    """Return the connection of an engine on the customers of a place, without rows of totals, made of lines if need be.

    Parameters
    ----------
    engine
        On the rows of the place.
    place
        Where they are.
    progress
        Is called while customers are made.
    """
    rows = engine.without(place.without)
    return rows if place.lines is None else customers_behind_lines(rows, place.lines, progress=progress)


def customers_behind_lines(
    engine: Engine, purchases: Purchases, snapshot: date | None = None, progress: Progress = silent
) -> Engine:
    """Return the connection on the customers behind lines of purchases, added up once by the engine.

    They have the columns that this program makes of lines by itself, but for those that describe the customer.

    Parameters
    ----------
    engine
        On the lines.
    purchases
        Which column holds what.
    snapshot
        The day that recency counts back from; the day after the last order when nothing is said.
    progress
        Is called while the engine adds up.

    Raises
    ------
    InvalidSettingError, UnknownColumnError, UnsuitableColumnError, NoCustomersError
        If the engine cannot, a column is not there or holds what its part can't use, or no line is a purchase.
    """
    if engine.dialect.key not in _WORDS:
        message = f"Purchases become customers on DuckDB and Spark; on {engine.title}, name a table of customers."
        raise InvalidSettingError(message)
    if absent := [name for name in purchases.roles.values() if name not in engine.columns]:
        raise UnknownColumnError(absent, list(engine.columns))
    made = _Sql(engine, purchases, snapshot)
    by_number = False
    if purchases.order:
        looks = made.matches("k.ordered", _DIGITS)
        found = _one(engine, made.counted_orders(looks), progress, "Looking at the orders")
        by_number = 2 * int(found["plain"] or 0) > int(found["n"])
    tally = _one(engine, made.tally(by_number=by_number), progress, "Looking at the amounts")
    n_lines = int(tally["n"])
    for role, largest in (("amount" if purchases.amount else "price", "spent"), ("quantity", "pieces")):
        if float(tally[largest] or 0) > LARGEST_AMOUNT:
            raise UnsuitableColumnError(purchases.roles[role], role, "amounts of at most a hundred thousand million")
    if not int(tally["dated"] or 0):
        raise UnsuitableColumnError(purchases.date, "date", "dates")
    finer = int(tally["fine"] or 0) > _FINE_SHARE * int(tally["amounts"] or 0)
    decimals = 6 if finer and not purchases.price else 2
    held = engine.hold(made.customers(by_number=by_number, decimals=decimals), progress, 0.3, "Adding up the purchases")
    kept = f"{held.source.sql(dialect=held.dialect.key)} AS t"
    last = _one(held, f"SELECT MAX(t.last_order) AS day, COUNT(*) AS n FROM {kept}", progress, "Counting")
    if not int(last["n"]) or pd.isna(last["day"]):
        raise NoCustomersError(n_lines)
    day = snapshot or _after(pd.Timestamp(last["day"]).date())
    return held.seen_as(made.dated(kept, day))


def check_lines(table: EngineTable, purchases: Purchases, progress: Progress = silent) -> None:
    """Check that the engine reads amounts and dates of purchases as this program does.

    Raises
    ------
    EngineCellsError, EngineColumnError, EngineTypeError
        As `check_cells` raises them.
    """
    roles = {purchases.date: Role.DATE}
    roles |= {name: Role.NUMBER for role, name in purchases.roles.items() if role in MEASURES}
    check_roles(table, roles, progress)


def _after(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _one(engine: Engine, written: str, progress: Progress, doing: str) -> pd.Series:
    query = sqlglot.parse_one(written, read=engine.dialect.key)
    if not isinstance(query, sqlglot.exp.Query):
        raise TypeError(written)
    return engine.rows(query, progress, 0.1, doing).iloc[0]


class _Sql:
    """The queries on one table of lines."""

    def __init__(self, engine: Engine, purchases: Purchases, snapshot: date | None) -> None:
        self.engine, self.purchases, self.snapshot = engine, purchases, snapshot
        self.words = _WORDS[engine.dialect.key]
        self.source = engine.source.sql(dialect=engine.dialect.key)

    def matches(self, value: str, pattern: str) -> str:
        return self.words.matches.format(x=value, p=pattern)

    def rint(self, value: str) -> str:
        return self.words.rint.format(x=value)

    def whole(self, value: str) -> str:
        return self.words.whole.format(x=value)

    def name(self, column: str) -> str:
        return sqlglot.exp.column(column, quoted=True).sql(dialect=self.engine.dialect.key)

    def literal(self, text: str) -> str:
        return sqlglot.exp.Literal.string(text).sql(dialect=self.engine.dialect.key)

    def text(self, role: str) -> str:
        """Return a column as text without blanks around it; null where it is missing."""
        column = self.purchases.roles.get(role, "")
        if not column:
            return "CAST(NULL AS STRING)" if self.engine.dialect.key == "spark" else "CAST(NULL AS VARCHAR)"
        kind = "STRING" if self.engine.dialect.key == "spark" else "VARCHAR"
        cell = self.name(column)
        key = self.engine.dialect.key
        written = trimmed(as_text(sqlglot.exp.column(column, quoted=True))).sql(dialect=key)
        if self.engine.types.get(column, "").upper() in ("DOUBLE", "FLOAT", "REAL"):
            # A file of numbers with gaps holds them as 12345.0.
            plain = f"CAST(CAST({cell} AS BIGINT) AS {kind})"
            written = f"CASE WHEN {cell} = FLOOR({cell}) AND ABS({cell}) < 1e15 THEN {plain} ELSE {written} END"
        missing = ", ".join(self.literal(word) for word in ("", *CLEAR_MISSING[1:], "NaN", "nan"))
        return f"CASE WHEN {written} IN ({missing}) THEN NULL ELSE {written} END"

    def measure(self, role: str) -> str:
        column = self.purchases.roles.get(role, "")
        if role not in MEASURES or not column:
            return "1.0" if role == "quantity" else "NULL"
        engine = self.engine
        value = number_in(sqlglot.exp.column(column, quoted=True), column, engine).sql(dialect=engine.dialect.key)
        # Beyond the largest number: no number, which counts as missing.
        return f"CASE WHEN {value} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 THEN {value} END"

    def lines(self) -> str:
        """Return each line's customer, moment, order, product, store, mark, quantity and what it came to."""
        moment = "TIMESTAMP_NTZ" if self.engine.dialect.key == "spark" else "TIMESTAMP"
        day = date_cell(
            sqlglot.exp.column(self.purchases.date, quoted=True),
            self.engine.dialect,
            is_typed=self.purchases.date in self.engine.dialect.typed,
        ).sql(dialect=self.engine.dialect.key)
        spent = (
            self.measure("amount")
            if self.purchases.amount
            else f"({self.measure('quantity')}) * ({self.measure('price')})"
        )
        if self.purchases.quantity:
            # As in memory: what goes back gives money back, whatever sign its amount has.
            spent = f"CASE WHEN ({self.measure('quantity')}) < 0 THEN -ABS({spent}) ELSE {spent} END"
        return (
            f"SELECT {self.text('customer')} AS customer, "
            f"TRY_CAST({day} AS {moment}) AS moment, "
            f"{self.text('order')} AS ordered, {self.text('product')} AS product, {self.text('store')} AS store, "
            f"{self.text('cancelled')} AS mark, CAST({self.measure('quantity')} AS DOUBLE) AS quantity, "
            f"CAST({spent} AS DOUBLE) AS spent FROM {self.source}"
        )

    def counted_orders(self, looks: str) -> str:
        return (
            f"SELECT COUNT(*) AS n, SUM(CASE WHEN {looks} THEN 1 ELSE 0 END) AS plain FROM ({self.lines()}) AS k "
            "WHERE k.ordered IS NOT NULL"
        )

    def classed(self, *, by_number: bool) -> str:
        """Return the lines with the class that each is of; the first that fits counts, as in memory."""
        numbered = f"(k.ordered IS NOT NULL AND {self.matches('k.ordered', _MARKED)})" if by_number else "FALSE"
        marked = "FALSE"
        if self.purchases.cancelled:
            said, yes = "LOWER(k.mark)", ", ".join(map(self.literal, YES))
            word = f"({self.matches(said, CANCEL_WORDS)} AND NOT {self.matches(said, NOT_CANCELLED)})"
            marked = f"(k.mark IS NOT NULL AND ({said} IN ({yes}) OR {word}))"
        later = "FALSE"
        if self.snapshot:
            later = f"k.moment >= CAST('{_after(self.snapshot).isoformat()}' AS TIMESTAMP)"
        free = "FALSE" if self.purchases.free_is_bought else "(k.spent = 0 OR k.quantity = 0)"
        kinds = (
            ("k.customer IS NULL", "without_customer"),
            ("k.moment IS NULL OR k.spent IS NULL OR k.quantity IS NULL", "incomplete"),
            (later, "later"),
            (f"{numbered} OR {marked}", "cancelled"),
            ("k.spent < 0 OR k.quantity < 0", "returned"),
            (free, "free"),
        )
        branches = " ".join(f"WHEN {when} THEN '{kind}'" for when, kind in kinds)
        return (
            f"SELECT k.*, {numbered} AS numbered, CASE {branches} ELSE 'bought' END AS kind FROM ({self.lines()}) AS k"
        )

    def kept(self, *, by_number: bool) -> str:
        """Return the lines that count, those of cancellations as money that comes back."""
        back = "c.kind = 'cancelled' AND c.spent > 0"
        given = "CASE WHEN {back} THEN CASE WHEN c.numbered THEN -c.{x} ELSE 0.0 END ELSE c.{x} END"
        spent, quantity = (given.format(back=back, x=name) for name in ("spent", "quantity"))
        return (
            "SELECT c.customer, c.moment, CAST(c.moment AS DATE) AS day, c.product, COALESCE(c.store, '') AS store, "
            f"CASE WHEN c.ordered IS NULL THEN CONCAT('d', CAST(CAST(c.moment AS DATE) AS {self._kind})) "
            "ELSE CONCAT('o', c.ordered) END AS ordered, "
            f"c.kind, {spent} AS spent, {quantity} AS quantity FROM ({self.classed(by_number=by_number)}) AS c "
            "WHERE c.kind IN ('cancelled', 'returned', 'free', 'bought')"
        )

    @property
    def _kind(self) -> str:
        return "STRING" if self.engine.dialect.key == "spark" else "VARCHAR"

    def tally(self, *, by_number: bool) -> str:
        rest = f"ABS(c.spent * 100 - {self.rint('c.spent * 100')}) > 1e-4"
        counts = "c.kind IN ('cancelled', 'returned', 'free', 'bought')"
        return (
            "SELECT COUNT(*) AS n, MAX(ABS(c.spent)) AS spent, MAX(ABS(c.quantity)) AS pieces, "
            f"COUNT(c.moment) AS dated, SUM(CASE WHEN {counts} THEN 1 ELSE 0 END) AS amounts, "
            f"SUM(CASE WHEN {counts} AND {rest} THEN 1 ELSE 0 END) AS fine "
            f"FROM ({self.classed(by_number=by_number)}) AS c"
        )

    def _exact(self, value: str, counts: str) -> str:
        """Return a sum in whole units and whole millionths: the order of lines changes nothing."""
        counted = f"CASE WHEN {counts} THEN {value} ELSE 0.0 END"
        units = self.whole(f"SUM({self.whole(f'FLOOR({counted})')})")
        rest = self.whole(f"SUM({self.whole(self.rint(f'({counted} - FLOOR({counted})) * 1000000'))})")
        return (
            f"CASE WHEN ABS({units}) < 8796093022208 THEN CAST({units} * 1000000 + {rest} AS DOUBLE) / 1000000.0 "
            f"ELSE CAST({units} AS DOUBLE) + CAST({rest} AS DOUBLE) / 1000000.0 END"
        )

    def customers(self, *, by_number: bool, decimals: int) -> str:
        """Return one row a customer, without what depends on the day of the snapshot."""
        net = self.purchases.returns is Returns.SUBTRACTED
        counts = "k.kind <> 'free'" if net else "k.kind = 'bought'"
        worth = self.whole(self.rint("k.spent * 1000000"))
        order = f"customer, ordered, store, MAX(moment) AS moment, MIN(moment) AS first, SUM({worth}) AS worth"
        scale = 10**decimals
        weekday = self.engine.dialect.weekday.format(x="o.moment")
        at = "PARTITION BY e.customer, e.value ORDER BY e.day, e.back, e.moment, e.ordered, e.store"
        before = f"OVER ({at} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        steps = {
            "kept": self.kept(by_number=by_number),
            "sums": "SELECT k.customer, SUM(CASE WHEN k.kind = 'bought' THEN 1 ELSE 0 END) AS n_bought, "
            "SUM(CASE WHEN k.kind IN ('cancelled', 'returned') THEN 1 ELSE 0 END) AS n_returns, COUNT(*) AS n_lines, "
            f"{self._exact('k.spent', counts)} AS spent, {self._exact('k.quantity', counts)} AS items, "
            "COUNT(DISTINCT CASE WHEN k.kind = 'bought' THEN k.product END) AS distinct_products "
            "FROM kept AS k GROUP BY k.customer",
            "all_orders": f"SELECT {order} FROM kept AS k WHERE k.kind = 'bought' GROUP BY customer, ordered, store",
            "given_back": f"SELECT {order} FROM kept AS k WHERE k.kind <> 'bought' AND {worth} < 0 "
            "GROUP BY customer, ordered, store",
            # Each cancellation takes back the latest order of its worth that is not taken yet, like a stack of plates.
            "events": "SELECT a.customer, a.worth AS value, CAST(a.moment AS DATE) AS day, 0 AS back, a.moment, "
            "a.ordered, a.store FROM all_orders AS a UNION ALL SELECT g.customer, -g.worth AS value, "
            "CAST(g.moment AS DATE) AS day, 1 AS back, g.moment, g.ordered, g.store FROM given_back AS g",
            "summed": f"SELECT e.*, SUM(CASE WHEN e.back = 1 THEN -1 ELSE 1 END) {before} AS level FROM events AS e",
            "stacked": f"SELECT e.*, e.level - LEAST(MIN(e.level) {before}, 0) AS depth FROM summed AS e",
            "followed": "SELECT e.*, MIN(e.depth) OVER "
            f"({at} ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS later FROM stacked AS e",
            "cancelled": "SELECT e.customer, e.ordered, e.store FROM followed AS e "
            "WHERE e.back = 0 AND e.later < e.depth",
            "orders": "SELECT a.* FROM all_orders AS a LEFT JOIN cancelled AS x ON a.customer = x.customer AND "
            "a.ordered = x.ordered AND a.store = x.store WHERE x.customer IS NULL"
            if net
            else "SELECT a.* FROM all_orders AS a",
            "counted": "SELECT o.customer, COUNT(*) AS orders, MIN(o.first) AS first, MAX(o.moment) AS last "
            "FROM orders AS o GROUP BY o.customer",
            "weekdays": f"SELECT o.customer, {weekday} AS weekday, COUNT(*) AS n, MAX(CAST(o.moment AS DATE)) AS day "
            f"FROM orders AS o GROUP BY o.customer, {weekday}",
            "favourites": "SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.customer ORDER BY w.n DESC, w.day DESC) "
            "AS place FROM weekdays AS w",
            "stores": "SELECT o.customer, o.store, COUNT(*) AS n, MAX(o.moment) AS moment FROM orders AS o "
            "WHERE o.store <> '' GROUP BY o.customer, o.store",
            "best_stores": "SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.customer ORDER BY w.n DESC, w.moment DESC, "
            "w.store DESC) AS place FROM stores AS w",
        }
        if not net:
            for unused in ("given_back", "events", "summed", "stacked", "followed", "cancelled"):
                del steps[unused]
        first = self.engine.dialect.monday
        named = " ".join(f"WHEN {first + place} THEN '{name}'" for place, name in enumerate(WEEKDAYS))
        shown = [
            f"s.customer AS {self.name(self.purchases.customer)}",
            "COALESCE(c.orders, 0) AS orders",
            f"{self.rint(f's.spent * {scale}')} / {scale}.0 + 0.0 AS spend",
            "CAST(c.first AS DATE) AS first_order",
            "CAST(c.last AS DATE) AS last_order",
            *(["s.items AS items"] if self.purchases.quantity else []),
            *(["s.distinct_products AS distinct_products"] if self.purchases.product else []),
            "CAST(s.n_returns AS DOUBLE) / s.n_lines AS share_of_returns",
            f"CASE f.weekday {named} END AS favourite_weekday",
            *(["b.store AS favourite_store"] if self.purchases.store else []),
        ]
        joins = (
            "LEFT JOIN counted AS c ON s.customer = c.customer "
            "LEFT JOIN favourites AS f ON s.customer = f.customer AND f.place = 1 "
            "LEFT JOIN best_stores AS b ON s.customer = b.customer AND b.place = 1"
        )
        seen = "" if net else " WHERE s.n_bought > 0"
        written = ", ".join(f"{name} AS ({query})" for name, query in steps.items())
        return f"WITH {written} SELECT {', '.join(shown)} FROM sums AS s {joins}{seen}"

    def dated(self, table: str, day: date) -> str:
        """Return the customers with their recency, in the order of columns that they have in memory."""
        when = f"CAST('{day.isoformat()}' AS DATE)"
        since = {name: self.words.days.format(a=f"t.{name}", b=when) for name in ("last_order", "first_order")}
        shown = [
            f"t.{self.name(self.purchases.customer)}",
            f"{since['last_order']} AS recency_days",
            "t.orders",
            "t.spend",
            "CASE WHEN t.orders > 0 THEN t.spend / t.orders END AS average_order_value",
            "t.first_order",
            "t.last_order",
            f"{since['first_order']} AS days_as_customer",
            *(["t.items"] if self.purchases.quantity else []),
            *(["t.distinct_products"] if self.purchases.product else []),
            "t.share_of_returns",
            "t.favourite_weekday",
            *(["t.favourite_store"] if self.purchases.store else []),
        ]
        return f"SELECT {', '.join(shown)} FROM {table}"

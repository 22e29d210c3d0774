"""Databases: values come back exactly, nothing is ever written, and no secret is ever said."""

import datetime as dt
import json
import logging
import os
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal

import pytest

from segmenter import errors
from segmenter.io.read import connection, sqlite, table
from segmenter.io.read import database as asking
from segmenter.io.read.database import Database, sqlite_address
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.rights import privileges, single_select
from segmenter.io.read.sqlite import read_sqlite_file
from segmenter.io.read.table import read_table
from segmenter.table.dataset import ColumnKind
from segmenter.worker.limits import Limits
from tests.io.read import postgres

ROWS = [
    (f"{number:05d}", Decimal(number) * 3 / 4, number % 7, dt.date(2024, 1, 1 + number % 28), number % 2 == 0)
    for number in range(60)
]


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop & co.db"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE customers (id TEXT, spend REAL, visits INTEGER, joined DATE)")
    made.executemany(
        "INSERT INTO customers VALUES (?, ?, ?, ?)",
        [(key, float(spend), visits, joined.isoformat()) for key, spend, visits, joined, _ in ROWS],
    )
    made.execute('CREATE TABLE "odd ""name" (x)')
    made.commit()
    made.close()
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: sudo apt-get install postgresql")
    with postgres.running(tmp_path_factory.mktemp("postgres"), programs) as started:
        with started.connect() as owner:
            owner.execute(
                "CREATE TABLE customers (id TEXT, spend NUMERIC(12, 2), visits INT, joined DATE, member BOOL)"
            )
            with owner.cursor() as cursor:
                cursor.executemany("INSERT INTO customers VALUES (%s, %s, %s, %s, %s)", ROWS)
            owner.execute("CREATE SCHEMA archive")
            owner.execute('CREATE VIEW archive."old ones" AS SELECT id, spend FROM customers')
            owner.execute("CREATE ROLE changing")
            owner.execute("GRANT INSERT ON customers TO changing")
        started.reader("reader")
        yield started


# What a query may do to outlive its time.
OUTLIVING = [
    "SELECT CASE WHEN i > 1000 THEN pg_sleep(400)::text END FROM generate_series(1, 100000) i",
    "SELECT pg_sleep(400)::text",
    "SELECT count(*) FROM generate_series(1, 100000000000) i",
]
# What acts on more than its own transaction, however it is written.
REACHING = [
    "SELECT set_config('statement_timeout', '0', false), pg_sleep(400)::text",
    "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE usename = current_user",
    'SELECT "pg_cancel_backend" (1)',
    "SELECT pg_catalog . PG_Cancel_Backend /* why */ (1)",
    'SELECT pg_catalog."pg_cancel_backend"--\n(1)',
    "SELECT 1 AS \"'\", pg_notify('a', 'b') AS \"'\"",
    "SELECT $a$'$a$, pg_advisory_lock(1), $a$'$a$",
    "SELECT 1 LIMIT pg_cancel_backend(1)::int",
    "SELECT (SELECT max(n) FROM LATERAL pg_logical_emit_message(false, 'x', repeat('a', visits)) n) FROM customers",
    "WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT 1 FROM a WHERE pg_advisory_unlock_all() IS NULL) SELECT * FROM a",
    "SELECT query_to_xml('select pg_cancel_' || 'backend(1)', true, true, '')::text",
    "SELECT (ts_stat('select to_tsvector(pg_cancel_' || 'backend(1)::text)')).word",
    "SELECT lo_create(0) > 0 AS made",
    "SELECT pg_export_snapshot()",
    "SELECT pg_reload_conf()",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT txid_current()",
    "SELECT query FROM pg_stat_activity",
    "SELECT nextval('pg_catalog.none')",
    'SELECT * FROM "killing them"',
    "SELECT * FROM outer_view",
    "SELECT quietly(1)",
    "SELECT any_text('select pg_cancel_' || 'backend(1)')",
    'SELECT "My ""own"""(1)',
]
REACHING_HELPERS = [
    'CREATE VIEW "killing them" AS SELECT pg_cancel_backend(visits) AS x FROM customers',
    'CREATE VIEW inner_view AS SELECT * FROM "killing them"',
    "CREATE VIEW outer_view AS SELECT x FROM inner_view",
    "CREATE FUNCTION quietly(int) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER AS "
    "'BEGIN PERFORM pg_terminate_backend(0); RETURN 1; END'",
    "CREATE FUNCTION any_text(text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN EXECUTE $1; RETURN 1; END'",
    'CREATE FUNCTION "My ""own"""(int) RETURNS bool LANGUAGE sql AS \'SELECT quietly($1) = 1\'',
    "CREATE FUNCTION grade(numeric) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN round($1); END'",
    "CREATE MATERIALIZED VIEW kept AS SELECT id, spend FROM customers",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
]
READING = [
    "SELECT visits, count(*), sum(spend) FILTER (WHERE member), percentile_cont(0.5) WITHIN GROUP (ORDER BY spend), "
    "string_agg(id, ',' ORDER BY id), stddev(spend), mode() WITHIN GROUP (ORDER BY id) FROM customers GROUP BY visits",
    "SELECT id, row_number() OVER w, lag(spend, 1) OVER w, ntile(4) OVER w, avg(spend) OVER (PARTITION BY visits) "
    "FROM customers WINDOW w AS (ORDER BY joined, id)",
    "SELECT now()::date - joined AS days, age(joined)::text, date_trunc('month', joined), extract(dow FROM joined), "
    "to_char(joined, 'IYYY-IW'), clock_timestamp(), random(), gen_random_uuid()::text FROM customers",
    "SELECT lpad(id, 8, '0'), upper(id), regexp_replace(id, '0', 'x'), split_part(id, '0', 1), concat_ws('-', id, id), "
    "coalesce(nullif(id, ''), 'none'), format('%s', id), md5(id), repeat('*', 3), lower(trim(id)) FROM customers",
    "SELECT json_build_object('id', id)::jsonb ->> 'id', jsonb_path_exists('{\"a\": 1}', '$.a'), "
    "(SELECT string_agg(x, '') FROM unnest(string_to_array(id, '0')) x), row_to_json(c)::text FROM customers c",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i, g FROM n, "
    "generate_series(1, 3) g, LATERAL (SELECT max(spend) FROM customers WHERE visits = i) m",
    "SELECT grade(spend), width_bucket(spend, 0, 50, 5), corr(spend, visits) OVER () FROM kept JOIN customers "
    "USING (id, spend)",
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class",
    "SELECT 'system' AS system, $$it's$$ AS words FROM customers TABLESAMPLE SYSTEM (100)",
]


def left_over(server, wait=5.0):
    """Return what the reader still runs; waits for its end no longer than promised."""
    end = time.monotonic() + wait
    with server.connect() as owner:
        while True:
            found = owner.execute(
                "SELECT query FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'"
            ).fetchall()
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.1)


def asked(address, query="", table=""):
    """Return what the worker would, asked in this process."""
    request = {"url": address, "table": table, "query": query, "request": 5}
    return connection.answer_request(memoryview(json.dumps(request).encode()))


def wait_until(happened):
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


def understood(cells):
    return cells.understood(ReadOptions())


# --- SQLite -----------------------------------------------------------------------------------------------------


def test_a_table_of_a_sqlite_database_is_a_dataset_like_any_file(shop):
    database = Database(sqlite_address(shop))
    assert database.tables() == ("customers", 'odd "name')
    dataset = understood(database.read("customers"))
    assert dataset.original["id"].tolist() == [row[0] for row in ROWS]
    assert dataset.frame["spend"].tolist() == [float(row[1]) for row in ROWS]
    assert [column.kind for column in dataset.columns] == [
        ColumnKind.IDENTIFIER,
        ColumnKind.NUMBER,
        ColumnKind.NUMBER,
        ColumnKind.DATE,
    ]
    assert dataset.frame["joined"].dt.date.tolist() == [row[3] for row in ROWS]


def test_a_query_keeps_its_order_and_what_looks_like_a_parameter(shop):
    query = "SELECT id, ':x %s' AS words FROM customers WHERE visits > 3 ORDER BY id DESC LIMIT 2;"
    dataset = understood(Database(sqlite_address(shop)).read(query=query))
    assert (
        dataset.original.to_numpy().tolist() == [["00055", ":x %s"], ["00054", ":x %s"]] or len(dataset.original) == 2
    )


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM customers",
        "SELECT 1; DELETE FROM customers",
        "WITH gone AS (SELECT 1) DELETE FROM customers",
        "PRAGMA writable_schema = ON",
        "ATTACH 'other.db' AS other",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_database_list",
        "SELECT writefile('x', 'y')",
        "SELECT readfile('/etc/passwd')",
        "SELECT fts3_tokenizer('simple', x'00')",
        "SELECT nothing FROM customers",
        "",
    ],
)
def test_whatever_is_not_reading_is_refused_and_changes_nothing(shop, query):
    before = shop.read_bytes()
    with pytest.raises((errors.NotASingleSelectError, errors.DatabaseQueryError, errors.UnknownTableError)):
        Database(sqlite_address(shop)).read(table="" if query else "no such table", query=query)
    assert shop.read_bytes() == before


def test_reading_lays_nothing_beside_a_database(shop, monkeypatch):
    owner = sqlite3.connect(shop)
    assert owner.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    owner.close()
    assert read_sqlite_file(str(shop), "customers", "").cells.num_rows == 60
    assert [path.name for path in shop.parent.iterdir()] == [shop.name]
    # One that somebody has open is read with what was not yet written back.
    owner = sqlite3.connect(shop)
    owner.execute("INSERT INTO customers VALUES ('x', 1, 1, '2024-01-01')")
    owner.commit()
    assert read_sqlite_file(str(shop), "customers", "").cells.num_rows == 61
    owner.close()

    take_rows = sqlite.take_rows

    def meanwhile(*arguments):
        os.utime(shop, (1, 1))
        return take_rows(*arguments)

    monkeypatch.setattr(sqlite, "take_rows", meanwhile)
    with pytest.raises(errors.DatabaseQueryError, match="somebody wrote to it"):
        read_sqlite_file(str(shop), "customers", "")


def test_no_database_is_made_where_there_is_none(tmp_path):
    with pytest.raises(errors.FileNotReadableError):
        sqlite_address(tmp_path / "none.db")
    with pytest.raises(errors.DatabaseUnreachableError):
        Database(f"sqlite:///{tmp_path}/none.db").tables()
    assert not list(tmp_path.iterdir())


def test_an_endless_query_meets_a_limit_and_the_next_one_is_answered(shop):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    database = Database(sqlite_address(shop))
    with pytest.raises(errors.DatabaseTooManyRowsError, match="WHERE or LIMIT"):
        database.read(query=endless)
    with pytest.raises(errors.SegmenterError):
        database.read(query="SELECT hex(zeroblob(1000000000))")
    assert database.read("customers").parsed.cells.num_rows == 60


def test_a_slow_query_is_stopped_by_the_clock(shop, monkeypatch):
    monkeypatch.setattr(table, "_DATABASE_LIMITS", Limits(1, 1, 10**9, 10**9))
    slow = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(errors.DatabaseTooSlowError):
        Database(sqlite_address(shop)).read(query=slow)


def test_an_uploaded_database_gives_its_first_table_with_rows_and_names_the_others(shop):
    dataset = read_table(shop.read_bytes(), "shop.db")
    assert dataset.original["id"].tolist() == [row[0] for row in ROWS]
    assert dataset.dialect.sheets == ("customers", 'odd "name')
    assert "also has 'odd \"name'" in dataset.notes[0].text
    with pytest.raises(errors.NoRowsError):
        read_table(shop.read_bytes(), options=ReadOptions(sheet='odd "name'))
    with pytest.raises(errors.UnknownTableError, match="customers"):
        read_table(shop.read_bytes(), options=ReadOptions(sheet="none"))


@pytest.mark.parametrize("cut", [100, 2000, 4096, 5000])
def test_a_damaged_database_is_refused_in_words(shop, cut):
    content = shop.read_bytes()
    with pytest.raises(errors.SegmenterError):
        read_table(content[:cut])


def test_texts_that_are_not_utf8_are_read_and_said(tmp_path):
    path = tmp_path / "old.db"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE t (name TEXT, n INT)")
    made.executemany("INSERT INTO t VALUES (CAST(? AS TEXT), ?)", [(b"J\xf6rg", 1), (b"Anna", 2)])
    made.commit()
    made.close()
    dataset = read_table(path)
    assert dataset.original["name"].tolist() == ["Jörg", "Anna"]
    assert "1 texts are not UTF-8" in dataset.notes[0].text


# --- values -----------------------------------------------------------------------------------------------------


def taken(*values):
    """Return what one column of values becomes, fetched three at a time."""
    waiting = [(value,) for value in values]

    def fetch(_):
        batch, waiting[:] = waiting[:3], waiting[3:]
        return batch

    return sqlite.take_rows(["x"], fetch).cells.column(0).to_pylist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("007", None, "x", "y"), ["007", None, "x", "y"]),
        ((1, 2, 3, None, 5), [1, 2, 3, None, 5]),
        ((None, None, None, 4), [None, None, None, 4]),
        ((1, 2, 3, 4.5), [1.0, 2.0, 3.0, 4.5]),
        ((1, 2, 3, "x1"), ["1", "2", "3", "x1"]),
        ((Decimal("1.10"), Decimal("2")), [1.1, 2.0]),
        ((Decimal("12345678901234567890"),), ["12345678901234567890"]),
        ((Decimal("0.12345678901234567890"), 1), ["0.12345678901234567890", "1"]),
        ((2**60 + 1, 0, 0, 0.5), [str(2**60 + 1), "0", "0", "0.5"]),
        ((2**70, 1), [str(2**70), "1"]),
        ((True, None, False), [True, None, False]),
        ((dt.date(2024, 2, 29),), [dt.datetime(2024, 2, 29)]),
        (
            (dt.datetime(2024, 2, 29, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),),
            [dt.datetime(2024, 2, 28, 23)],
        ),
        ((dt.timedelta(hours=36),), [1.5]),
        ((None, None), [None, None]),
    ],
)
def test_values_become_columns_without_changing(values, expected):
    assert taken(*values) == expected


def test_lists_and_bytes_are_refused_by_name():
    with pytest.raises(errors.NestedColumnsError, match="'x'"):
        taken(b"1")


# --- statements -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["select 1", " -- why\n/* how */ (SELECT 1)", "WITH a AS (SELECT 1) SELECT * FROM a;"],
)
def test_a_single_select_is_let_through(query):
    assert single_select(query) == query.strip().removesuffix(";")


@pytest.mark.parametrize(
    "query", ["", "selection", "UPDATE t SET a = 1", "SELECT ';'", "SELECT 1;;", "EXPLAIN SELECT 1", "SELECT 1\0"]
)
def test_anything_else_is_refused(query):
    with pytest.raises(errors.NotASingleSelectError):
        single_select(query)


# --- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["", "no address", "nothing://x", "postgresql+nothing://u:s3cret@h/d", "mssql+pyodbc://u:s3cret@h/d"]
)
def test_an_address_without_driver_is_explained_without_its_password(url):
    with pytest.raises(errors.DatabaseAddressError) as raised:
        Database(url).tables()
    assert "s3cret" not in str(raised.value)


def test_an_unreachable_server_is_said_without_its_address(capfd, caplog):
    database = Database("postgresql+psycopg://someone:s3cret@127.0.0.1:1/private")
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.DatabaseUnreachableError) as raised:
        database.tables()
    said = str(raised.value) + repr(database) + caplog.text + "".join(capfd.readouterr())
    assert not [word for word in ("s3cret", "someone", "private", "127.0.0.1") if word in said]


# --- rights of MySQL and MariaDB ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant", "given"),
    [
        ("GRANT USAGE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*7B84'", {"USAGE"}),
        ("GRANT SELECT, SHOW VIEW ON `shop`.* TO `reader`@`%`", {"SELECT", "SHOW VIEW"}),
        ("GRANT SELECT (`id`, `name`), UPDATE (`name`) ON `shop`.`c` TO `a`@`%`", {"SELECT", "UPDATE"}),
        ("GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%` WITH GRANT OPTION", {"ALL PRIVILEGES"}),
        ("GRANT FILE ON *.* TO `a`@`%`", {"FILE"}),
        ("GRANT `role` TO `reader`@`%`", set()),
        ("GRANT SELECT, INSERT ON `test\\_%`.* TO PUBLIC", set()),
        ("GRANT SELECT, INSERT ON `testing`.* TO PUBLIC", {"SELECT", "INSERT"}),
    ],
)
def test_what_a_line_of_grants_gives_is_understood(grant, given):
    assert privileges(grant) == given


# --- PostgreSQL -------------------------------------------------------------------------------------------------


class TestPostgres:
    def test_values_come_back_exactly(self, server):
        database = Database(server.address("reader"))
        assert database.tables() == ("customers", "archive.old ones")
        dataset = understood(database.read("customers"))
        assert dataset.original["id"].tolist() == [row[0] for row in ROWS]
        assert dataset.frame["spend"].tolist() == [float(row[1]) for row in ROWS]
        assert dataset.frame["joined"].dt.date.tolist() == [row[3] for row in ROWS]
        kinds = {column.name: column.kind for column in dataset.columns}
        assert kinds["id"] == ColumnKind.IDENTIFIER
        assert kinds["member"] == ColumnKind.YES_NO
        assert kinds["joined"] == ColumnKind.DATE
        assert understood(database.read("archive.old ones")).original["id"].tolist() == [row[0] for row in ROWS]

    def test_the_same_query_gives_the_same_fingerprint(self, server):
        query = "SELECT id, spend::text || ' €' AS spend, ':y' AS words, visits % 3 AS rest FROM customers ORDER BY id"
        first, second = (understood(Database(server.address("reader")).read(query=query)) for _ in range(2))
        assert first.fingerprint == second.fingerprint
        assert first.original["words"].unique().tolist() == [":y"]
        assert first.column("spend").kind == ColumnKind.MONEY

    @pytest.mark.parametrize(
        "query",
        [
            "WITH gone AS (DELETE FROM customers RETURNING *) SELECT * FROM gone",
            "SELECT * INTO copied FROM customers",
            "SELECT nothing FROM customers",
            "SELECT * FROM customers FOR UPDATE",
        ],
    )
    def test_whatever_writes_is_refused_and_changes_nothing(self, server, query):
        with pytest.raises(errors.DatabaseQueryError) as raised:
            Database(server.address("reader")).read(query=query)
        assert server.password not in str(raised.value)
        with server.connect() as owner:
            tables = owner.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
            assert tables == (1,)
            assert owner.execute("SELECT count(*) FROM customers").fetchone() == (60,)

    def test_what_acts_beyond_its_own_transaction_is_refused_and_reading_is_not(self, server):
        """The first by whatever way it is written or hidden; no visitor ends another's query or writes."""
        with server.connect() as owner:
            try:
                for statement in REACHING_HELPERS:
                    owner.execute(statement)
                for query in REACHING:
                    with pytest.raises(errors.DatabaseFunctionError, match="may do more than read"):
                        asked(server.address("reader"), query)
                with pytest.raises(errors.DatabaseFunctionError, match="pg_cancel_backend, by way of killing them"):
                    asked(server.address("reader"), table="outer_view")
                with pytest.raises(errors.DatabaseQueryError, match="not accepted"):
                    asked(server.address("reader"), 'SELECT U&"pg\\005fcancel_backend"(1)')
                for query in READING:
                    assert asked(server.address("reader"), query).cells.num_rows > 0, query
                assert asked(server.address("reader"), table="kept").cells.num_rows == 60
            finally:
                for kind, name in [
                    ("VIEW", '"killing them"'),
                    ("MATERIALIZED VIEW", "kept"),
                    ("FUNCTION", 'quietly, any_text, grade, "My ""own"""'),
                ]:
                    owner.execute(f"DROP {kind} IF EXISTS {name} CASCADE")

    @pytest.mark.parametrize("query", OUTLIVING)
    def test_no_query_lives_on_after_its_time(self, server, monkeypatch, query):
        monkeypatch.setattr(table, "_DATABASE_LIMITS", Limits(3, 3, 3 * 10**9, 10**9))
        with pytest.raises(errors.DatabaseTooSlowError):
            Database(server.address("reader")).read(query=query)
        assert not left_over(server)

    def test_no_query_lives_on_when_its_worker_is_killed(self, server, monkeypatch):
        program = "import sys; from segmenter.io.read.connection import answer_request as answer\n"
        program += "answer(memoryview(sys.stdin.buffer.read()))"

        def killed(request, *_):
            worker = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
            worker.stdin.write(request)
            worker.stdin.close()
            wait_until(lambda: left_over(server, wait=0))
            worker.kill()
            worker.wait()
            raise KeyboardInterrupt

        monkeypatch.setattr(asking, "parse", killed)
        with pytest.raises(KeyboardInterrupt):
            Database(server.address("reader")).read(query=OUTLIVING[1])
        assert not left_over(server)

    def test_a_slow_query_is_cancelled_in_parts_too(self, server, monkeypatch):
        """The server's limit counts each part of an answer anew; the whole has one, too."""
        monkeypatch.setattr(connection, "DATABASE_SECONDS", 1)
        with pytest.raises(errors.DatabaseTooSlowError, match="WHERE or LIMIT"):
            asked(server.address("reader"), OUTLIVING[0])
        assert not left_over(server)

    @pytest.mark.parametrize(
        ("account", "rights", "said"),
        [
            ("inserting", "GRANT INSERT ON customers TO inserting", "may change the table customers"),
            ("correcting", "GRANT UPDATE (spend) ON customers TO correcting", "may change the table customers"),
            ("viewing", 'GRANT DELETE ON archive."old ones" TO viewing', "may change the table old ones"),
            ("becoming", "ALTER ROLE becoming NOINHERIT; GRANT changing TO becoming", "may change the table"),
            ("holding", "CREATE TABLE held (a int); ALTER TABLE held OWNER TO holding", "owns the table held"),
            ("ruling", "CREATE SCHEMA ruled AUTHORIZATION ruling", "owns the schema ruled"),
            ("filing", "GRANT pg_read_server_files TO filing", "member of pg_read_server_files"),
            ("running", "GRANT pg_execute_server_program TO running", "member of pg_execute_server_program"),
            ("peeking", "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO peeking", "function pg_read_file"),
            ("making", "ALTER ROLE making CREATEROLE", "may make roles"),
            ("passing", "ALTER ROLE passing BYPASSRLS", "policies of rows"),
            ("tying", "GRANT REFERENCES, TRIGGER ON customers TO tying", "may change the table customers"),
            ("counting", "CREATE SEQUENCE held; GRANT USAGE ON SEQUENCE held TO counting", "change the sequence held"),
            ("numbering", "CREATE SEQUENCE held; ALTER SEQUENCE held OWNER TO numbering", "owns the sequence held"),
            (
                "coding",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO coding",
                "owns the function f()",
            ),
            (
                "storing",
                "SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO storing",
                "owns the large object 4711",
            ),
            ("editing", "SELECT lo_create(4711); GRANT ALL ON LARGE OBJECT 4711 TO editing", "the large object 4711"),
            (
                "building",
                "GRANT CREATE ON SCHEMA public TO building",
                "REVOKE CREATE ON SCHEMA public FROM the account",
            ),
            ("everybody", "GRANT CREATE ON SCHEMA archive TO PUBLIC", "REVOKE CREATE ON SCHEMA archive FROM PUBLIC"),
            ("founding", "GRANT CREATE ON DATABASE postgres TO founding", "REVOKE CREATE ON DATABASE"),
            ("forgetting", "GRANT EXECUTE ON FUNCTION pg_stat_reset() TO forgetting", "function pg_stat_reset"),
            ("listing", "GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO PUBLIC", "function pg_ls_waldir"),
            ("setting", "GRANT SET ON PARAMETER log_min_messages TO setting", "settings of the server"),
        ],
    )
    def test_an_account_that_may_do_more_than_read_is_refused(self, server, account, rights, said):
        address = server.reader(account, *rights.split("; "))
        try:
            with pytest.raises(errors.DatabaseRightsError, match="CONNECT on the database, USAGE") as raised:
                asked(address, table="customers")
        finally:
            with server.connect() as owner:
                owner.execute(f"DROP OWNED BY {account} CASCADE")
                owner.execute("DROP SEQUENCE IF EXISTS held; REVOKE CREATE ON SCHEMA archive FROM PUBLIC")
                owner.execute("REVOKE EXECUTE ON FUNCTION pg_ls_waldir() FROM PUBLIC")
                owner.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
        assert said in str(raised.value)
        assert account not in str(raised.value).replace(said, "")

    def test_a_superuser_is_refused_even_where_the_address_makes_it_another(self, server):
        for address in (server.url, f"{server.url}?options=-crole%3Dreader"):
            with pytest.raises(errors.DatabaseRightsError, match="is a superuser"):
                Database(address).tables()

    def test_an_account_that_may_ask_other_servers_is_refused(self, server):
        with server.connect() as owner:
            if not owner.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'dblink'").fetchone():
                pytest.skip("dblink is not installed here")
            owner.execute("CREATE EXTENSION dblink")
            try:
                with pytest.raises(errors.DatabaseRightsError, match="may run the function dblink"):
                    Database(server.address("reader")).read("customers")
                owner.execute("ALTER EXTENSION dblink SET SCHEMA archive; REVOKE USAGE ON SCHEMA archive FROM reader")
                assert Database(server.address("reader")).read("customers").parsed.cells.num_rows == 60
            finally:
                owner.execute("DROP EXTENSION dblink; GRANT USAGE ON SCHEMA archive TO reader")

    def test_an_account_that_may_read_everything_is_welcome(self, server):
        address = server.reader("analyst", "GRANT pg_read_all_data, pg_monitor TO analyst")
        assert Database(address).read("customers").parsed.cells.num_rows == 60

    def test_the_time_limit_is_the_servers_too(self, server):
        query = "SELECT current_setting('statement_timeout') AS most, current_setting('transaction_read_only') AS ro"
        said = Database(server.address("reader")).read(query=query).parsed.cells.to_pylist()
        assert said == [{"0": "1min", "1": "on"}]

    def test_what_cannot_be_a_column_is_refused_by_name(self, server):
        with pytest.raises(errors.NestedColumnsError, match="tags"):
            Database(server.address("reader")).read(query="SELECT ARRAY[1, 2] AS tags")

    def test_a_wrong_password_is_said_without_it(self, server):
        with pytest.raises(errors.DatabaseUnreachableError) as raised:
            Database(server.address("reader").replace(server.password, "wr0ng")).tables()
        assert "wr0ng" not in str(raised.value)

"""What a query and its account may do: nothing but read."""

import json
import re
from typing import Final

import sqlalchemy as sql

from segmenter.errors.reading import (
    DatabaseFunctionError,
    DatabaseQueryError,
    DatabaseRightsError,
    NotASingleSelectError,
)

# Roles of PostgreSQL's own that read; those that write, read the host's files, run programs or end other people's
# queries are all the others, those of later versions too.
_READING_ROLES: Final = (
    "pg_read_all_data", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables", "pg_monitor",
    "pg_use_reserved_connections",
)  # fmt: skip
# Functions that reach past the transaction, which a query in a read-only one may call all the same. Ordinary
# accounts may run only dblink's, and only where somebody has installed it.
_REACHING_FUNCTIONS: Final = (
    "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "lo_import", "lo_export", "pg_file_write",
    "pg_file_unlink", "pg_file_rename", "pg_file_sync", "pg_reload_conf", "pg_rotate_logfile", "pg_switch_wal",
    "pg_promote", "pg_create_restore_point", "dblink", "dblink_exec", "dblink_connect", "dblink_connect_u",
    "dblink_open", "dblink_send_query",
)  # fmt: skip
_POSTGRES_ENOUGH: Final = "GRANT CONNECT on the database, USAGE on the schema and SELECT on the tables are enough"
# The account is every role that it can become: a query may change its role. What belongs to an extension, such as
# the table of map projections that everybody may change by default, says nothing about the account; nor does the
# right to make tables in the schema public that PostgreSQL gave to everybody before version 15, and TEMPORARY.
# Functions that the database keeps from everybody count when somebody gave them away later (pg_init_privs).
_POSTGRES: Final = f"""
    WITH account AS (
        SELECT oid, rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
        FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
    ), here AS (
        SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
    ), grantee AS (
        SELECT oid FROM account UNION ALL SELECT 0
    ), found AS (
        SELECT 1 AS place, 'is a superuser' AS right_, '' AS name WHERE EXISTS (SELECT 1 FROM account WHERE rolsuper)
        UNION ALL SELECT 2, 'may make roles, databases or replicas', '' FROM account
            WHERE rolcreaterole OR rolcreatedb OR rolreplication
        UNION ALL SELECT 2, 'may pass over the policies of rows (BYPASSRLS)', '' FROM account WHERE rolbypassrls
        UNION ALL SELECT 3, 'is a member of', rolname FROM account
            WHERE rolname ~ '^pg_' AND rolname <> ALL (ARRAY{list(_READING_ROLES)})
        UNION ALL SELECT 4, 'may run the function', p.proname FROM pg_catalog.pg_proc p, account a
            WHERE p.proname = ANY (ARRAY{list(_REACHING_FUNCTIONS)})
            AND pg_catalog.has_function_privilege(a.oid, p.oid, 'EXECUTE')
            AND pg_catalog.has_schema_privilege(a.oid, p.pronamespace, 'USAGE')
        UNION ALL SELECT 4, 'may run the function', p.proname
            FROM pg_catalog.pg_init_privs i JOIN pg_catalog.pg_proc p ON p.oid = i.objoid,
                pg_catalog.aclexplode(p.proacl) g
            WHERE i.classoid = 'pg_catalog.pg_proc'::regclass AND g.grantee IN (SELECT oid FROM grantee)
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.aclexplode(i.initprivs) f WHERE f.grantee IN (0, g.grantee))
        UNION ALL SELECT 5, 'owns the ' || CASE WHEN d.classid = 'pg_catalog.pg_database'::regclass THEN 'database'
                ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END, ''
            FROM pg_catalog.pg_shdepend d JOIN account a ON a.oid = d.refobjid
            WHERE d.deptype = 'o' AND d.refclassid = 'pg_catalog.pg_authid'::regclass
            AND (d.dbid = (SELECT oid FROM here) OR d.dbid = 0 AND (d.objid = (SELECT oid FROM here)
                OR d.classid <> 'pg_catalog.pg_database'::regclass))
        UNION ALL SELECT 6, 'may change the table', c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, account a
            WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^(pg_|information_schema$)'
            AND (pg_catalog.has_table_privilege(a.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                OR pg_catalog.has_any_column_privilege(a.oid, c.oid, 'INSERT, UPDATE, REFERENCES'))
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'
                AND d.classid = 'pg_catalog.pg_class'::regclass)
        UNION ALL SELECT 7, 'may change the sequence', c.relname
            FROM pg_catalog.pg_class c, account a
            WHERE c.relkind = 'S' AND pg_catalog.has_sequence_privilege(a.oid, c.oid, 'USAGE, UPDATE')
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'
                AND d.classid = 'pg_catalog.pg_class'::regclass)
        UNION ALL SELECT 8, 'may change the large object', m.oid::text
            FROM pg_catalog.pg_largeobject_metadata m, pg_catalog.aclexplode(m.lomacl) g
            WHERE g.privilege_type = 'UPDATE' AND g.grantee IN (SELECT oid FROM grantee)
        UNION ALL SELECT 9, 'may make tables in the schema ' || n.nspname || ', which REVOKE CREATE ON SCHEMA '
                || n.nspname || ' FROM ' || CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE 'the account' END
                || ' takes away', ''
            FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) g
            WHERE g.privilege_type = 'CREATE' AND g.grantee IN (SELECT oid FROM grantee) AND n.nspname !~ '^pg_'
            AND NOT (g.grantee = 0 AND n.nspname = 'public'
                AND pg_catalog.current_setting('server_version_num')::int < 150000)
        UNION ALL SELECT 10, 'may make schemas in the database, which REVOKE CREATE ON DATABASE takes away', ''
            FROM account a
            WHERE pg_catalog.has_database_privilege(a.oid, pg_catalog.current_database(), 'CREATE')
        UNION ALL SELECT 11, 'may use the foreign server', s.srvname FROM pg_catalog.pg_foreign_server s, account a
            WHERE pg_catalog.has_server_privilege(a.oid, s.oid, 'USAGE')
        UNION ALL SELECT 12, 'may use the foreign-data wrapper', w.fdwname
            FROM pg_catalog.pg_foreign_data_wrapper w, account a
            WHERE pg_catalog.has_foreign_data_wrapper_privilege(a.oid, w.oid, 'USAGE')
        UNION ALL SELECT 13, 'may put tables into the tablespace', t.spcname FROM pg_catalog.pg_tablespace t, account a
            WHERE pg_catalog.has_tablespace_privilege(a.oid, t.oid, 'CREATE')
        UNION ALL SELECT 14, 'may change settings of the server', '' FROM pg_catalog.pg_shdepend d
            JOIN account a ON a.oid = d.refobjid
            WHERE d.deptype = 'a' AND d.classid = pg_catalog.to_regclass('pg_catalog.pg_parameter_acl')
    )
    SELECT right_, name FROM found ORDER BY place, name LIMIT 1
"""
# Functions that are volatile and yet harm nobody. All other volatile ones are refused: those end or hold up other
# connections, write outside the transaction, reach files, or run a text as SQL.
_HARMLESS: Final = frozenset((
    "random", "random_normal", "setseed", "gen_random_uuid", "uuidv4", "uuidv7", "uuid_generate_v1",
    "uuid_generate_v1mc", "uuid_generate_v4", "normal_rand", "gen_random_bytes", "gen_salt", "clock_timestamp",
    "timeofday", "current_query", "pg_sleep", "pg_sleep_for", "pg_sleep_until", "system", "bernoulli", "system_rows",
    "system_time", "pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size",
    "pg_database_size", "pg_tablespace_size", "pg_partition_tree", "pg_partition_ancestors", "pg_is_in_recovery",
    "pg_xact_commit_timestamp", "pgp_sym_encrypt", "pgp_sym_encrypt_bytea", "pgp_pub_encrypt",
    "pgp_pub_encrypt_bytea", "st_generatepoints", "lo_get", "plpgsql_call_handler",
))  # fmt: skip
# Not volatile, and refused all the same: they number a transaction, show what others ask, or run a text as SQL.
_REFUSED: Final = frozenset((
    "txid_current", "pg_current_xact_id", "pg_stat_activity", "pg_stat_get_activity", "pg_stat_get_backend_activity",
    "crosstab", "crosstab2", "crosstab3", "crosstab4", "connectby", "xpath_table",
))  # fmt: skip
# All functions and views that have one of some words for a name, or an unusual name that stands in the text.
_NAMED: Final = """
    WITH word AS (SELECT pg_catalog.json_array_elements_text(CAST(:words AS json)) AS name)
    SELECT p.proname, n.nspname IN ('pg_catalog', 'information_schema'), p.provolatile = 'v', l.lanname, l.lanpltrusted,
        CASE WHEN l.lanname IN ('sql', 'plpgsql') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            THEN pg_catalog.pg_get_functiondef(p.oid) ELSE '' END
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prorettype NOT IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
    AND (p.proname::text IN (SELECT name FROM word) OR p.proname ~ '[^A-Za-z0-9_$]'
        AND pg_catalog.strpos(:asked, pg_catalog.replace(p.proname::text, '"', '""')) > 0)
    UNION ALL
    SELECT c.relname, n.nspname = 'pg_catalog', false, 'view', true,
        CASE WHEN n.nspname = 'pg_catalog' THEN '' ELSE pg_catalog.pg_get_viewdef(c.oid) END
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v' AND n.nspname <> 'information_schema'
    AND (c.relname::text IN (SELECT name FROM word) OR c.relname ~ '[^A-Za-z0-9_$]'
        AND pg_catalog.strpos(:asked, pg_catalog.replace(c.relname::text, '"', '""')) > 0)
"""
_WORD: Final = re.compile("[A-Za-z0-9_$\u0080-\U0010ffff]+")
_UNICODE_NAME: Final = re.compile('u&"', re.IGNORECASE)
_LONGEST_NAME: Final = 63
_MYSQL_ENOUGH: Final = "GRANT SELECT on the tables is enough"
_MYSQL_READING: Final = frozenset(
    {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "EXECUTE", "REPLICATION CLIENT", "BINLOG MONITOR"}
)
# MariaDB lets everybody write into the database for trials that it comes with.
_TRIALS: Final = re.compile(r"`test(\\+_%)?`\.\* TO PUBLIC", re.IGNORECASE)
_COLUMNS: Final = re.compile(r"\([^()]*\)")


def refuse_other_rights(connection: sql.Connection) -> None:
    """Refuse an account that may do more than read, where the database says what an account may.

    PostgreSQL, MySQL and MariaDB do; SQLite has no accounts; of others nothing is known here.

    Raises
    ------
    DatabaseRightsError
        If it is a superuser, owns, may make or may change anything, or may reach the host's files or other servers.
    """
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(_POSTGRES).first()
        if found is not None:
            raise DatabaseRightsError(f"{found[0]} {found[1]}".strip(), _POSTGRES_ENOUGH)
    elif connection.dialect.name in ("mysql", "mariadb"):
        grants = [str(grant) for grant in connection.exec_driver_sql(_show_grants(connection)).scalars()]
        other = sorted(privilege for grant in grants for privilege in privileges(grant) - _MYSQL_READING)
        if other:
            raise DatabaseRightsError(f"has the right {other[0]}", _MYSQL_ENOUGH)


def refuse_other_functions(connection: sql.Connection, asked: str) -> None:
    """Refuse what a query, or a table's name, would run in PostgreSQL beside reading.

    A read-only transaction holds back neither the end of other people's queries nor a message into the server's log of
    changes. Every word counts, wherever it stands, as a comment or a quotation mark might hide it from any other
    reading; of the views and functions that it names, the definitions are read in the same way.

    Raises
    ------
    DatabaseFunctionError
        If a function may do more than read.
    DatabaseQueryError
        If a name is written in a way that hides it.
    """
    if connection.dialect.name != "postgresql":
        return
    if _UNICODE_NAME.search(asked):
        raise DatabaseQueryError('a name written as U&"…" is not accepted here')
    texts, known, read = [("", asked)], set[str](), {"", asked}
    while texts:
        within, text = texts.pop()
        words = _words(text) - known
        known |= words
        found = connection.execute(
            sql.text(_NAMED), {"words": json.dumps(sorted(words), ensure_ascii=False), "asked": text}
        ).all()
        for name, built_in, volatile, language, trusted, definition in found:
            harmless = name in _HARMLESS or not volatile
            if built_in or language not in ("sql", "plpgsql", "view"):
                refused = not harmless or not (built_in or trusted or language in ("c", "internal"))
            else:
                refused = language == "plpgsql" and "execute" in _words(definition)
            if refused or name in _REFUSED:
                raise DatabaseFunctionError(name, within)
            if definition not in read:
                read.add(definition)
                texts.append((name, definition))


def _words(text: str) -> set[str]:
    """Return every word that PostgreSQL may take for a name, in all the ways that it may spell it."""
    found = {word for match in _WORD.findall(text) for word in (match, *match.split("$"), match.lstrip("0123456789"))}
    found |= {word.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore") for word in found}
    return found | {word.lower() for word in found} | {_ascii_lower(word) for word in found}


def _ascii_lower(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


def _show_grants(connection: sql.Connection) -> str:
    roles = connection.exec_driver_sql("SELECT CURRENT_ROLE()").scalar()
    # MariaDB tells the rights of active roles without being asked.
    if getattr(connection.dialect, "is_mariadb", False) or roles in (None, "NONE"):
        return "SHOW GRANTS"
    return f"SHOW GRANTS FOR CURRENT_USER() USING {roles}"


def privileges(grant: str) -> frozenset[str]:
    """Return the privileges that a line of SHOW GRANTS gives; none of a role, or of MariaDB's trials."""
    given, on, whom = grant.partition(" ON ")
    if not (given.upper().startswith("GRANT ") and on and " TO " in whom.upper()) or _TRIALS.match(whom):
        return frozenset()
    listed = _COLUMNS.sub("", given[len("GRANT ") :]).split(",")
    return frozenset(each.strip().upper() for each in listed)


_READS: Final = re.compile(r"(?:select|with)\b", re.IGNORECASE)


def _begin(statement: str) -> int:
    """Return where a statement's first word stands, behind blanks, comments and brackets."""
    at = 0
    while at < len(statement):
        if statement[at].isspace() or statement[at] == "(":
            at += 1
        elif statement.startswith("--", at):
            at = statement.find("\n", at) % (len(statement) + 1)
        elif statement.startswith("/*", at):
            end = statement.find("*/", at + 2)
            at = len(statement) if end < 0 else end + 2
        else:
            break
    return at


def single_select(query: str) -> str:
    """Return a query without the semicolon at its end.

    Which quotation marks and comments hide a semicolon differs between databases, so that any reading of them
    can be led astray; none is therefore accepted at all. The connection refuses to write besides.

    Raises
    ------
    NotASingleSelectError
        If it does not begin with SELECT or WITH, or may be several statements.
    """
    statement = query.strip().removesuffix(";").rstrip()
    if ";" in statement or "\0" in statement or not _READS.match(statement, _begin(statement)):
        raise NotASingleSelectError
    return statement

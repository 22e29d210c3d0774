"""What a query and its account may do: nothing but read."""

import re
from typing import Final

import sqlalchemy as sql

from segmenter.errors.reading import DatabaseRightsError, NotASingleSelectError

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
# the table of map projections that everybody may change by default, says nothing about the account.
_POSTGRES: Final = f"""
    WITH account AS (
        SELECT oid, rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_catalog.pg_roles
        WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
    ), found AS (
        SELECT 1 AS place, 'is a superuser' AS right_, '' AS name WHERE EXISTS (SELECT 1 FROM account WHERE rolsuper)
        UNION ALL SELECT 2, 'may make roles, databases or replicas', '' FROM account
            WHERE rolcreaterole OR rolcreatedb OR rolreplication
        UNION ALL SELECT 3, 'is a member of', rolname FROM account
            WHERE rolname ~ '^pg_' AND rolname <> ALL (ARRAY{list(_READING_ROLES)})
        UNION ALL SELECT 4, 'may run the function', p.proname FROM pg_catalog.pg_proc p, account a
            WHERE p.proname = ANY (ARRAY{list(_REACHING_FUNCTIONS)})
            AND pg_catalog.has_function_privilege(a.oid, p.oid, 'EXECUTE')
            AND pg_catalog.has_schema_privilege(a.oid, p.pronamespace, 'USAGE')
        UNION ALL SELECT 5, 'owns the database', '' FROM pg_catalog.pg_database d, account a
            WHERE d.datname = pg_catalog.current_database() AND d.datdba = a.oid
        UNION ALL SELECT 6, 'owns the schema', n.nspname FROM pg_catalog.pg_namespace n, account a
            WHERE n.nspowner = a.oid AND n.nspname !~ '^pg_'
        UNION ALL SELECT 7, CASE WHEN c.relowner = a.oid THEN 'owns' ELSE 'may change' END || ' the table', c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, account a
            WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^(pg_|information_schema$)'
            AND (c.relowner = a.oid
                OR pg_catalog.has_table_privilege(a.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                OR pg_catalog.has_any_column_privilege(a.oid, c.oid, 'INSERT, UPDATE'))
            AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'
                AND d.classid = 'pg_catalog.pg_class'::regclass)
    )
    SELECT right_, name FROM found ORDER BY place, name LIMIT 1
"""
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
        If it is a superuser, owns or may change a table, or may reach the host's files or other servers.
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

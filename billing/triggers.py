"""Append-only in the database itself: triggers refuse UPDATE and DELETE on ledger and story.

SQLite loses triggers silently whenever Django rebuilds a table, so they are installed again
after every migrate, and `missing_triggers` lets commands and tests prove that they are there.
"""

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY_TABLES = ("billing_ledgerentry", "billing_orderevent")
OPERATIONS = ("update", "delete")


def trigger_names() -> set[str]:
    """Every trigger that must exist."""
    return {f"{table}_no_{op}" for table in APPEND_ONLY_TABLES for op in OPERATIONS}


def missing_triggers(*, using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Names of triggers that should exist and do not."""
    connection = connections[using]
    sql = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return trigger_names() - {name for (name,) in cursor.fetchall()}


def install_triggers(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Create what is missing; calling it again changes nothing."""
    connection = connections[using]
    missing = missing_triggers(using=using)
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for table in APPEND_ONLY_TABLES:
            # A database migrated only part of the way has no such table yet.
            if table not in tables:
                continue
            for operation in OPERATIONS:
                if f"{table}_no_{operation}" in missing:
                    for statement in _statements(connection, table, operation):
                        cursor.execute(statement)


def drop_triggers(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the triggers away, for test databases that must be emptied between tests."""
    connection = connections[using]
    existing = trigger_names() - missing_triggers(using=using)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name in existing:
            table = name.rsplit("_no_", 1)[0]
            suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{suffix}")


def _statements(connection: BaseDatabaseWrapper, table: str, operation: str) -> list[str]:
    name = f"{table}_no_{operation}"
    if connection.vendor == "postgresql":
        return [
            (
                "CREATE OR REPLACE FUNCTION billing_append_only() RETURNS trigger AS $$ "
                "BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME "
                "USING ERRCODE = 'restrict_violation'; END $$ LANGUAGE plpgsql"
            ),
            (
                f"CREATE TRIGGER {name} BEFORE {operation.upper()} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION billing_append_only()"
            ),
        ]
    return [
        (
            f"CREATE TRIGGER {name} BEFORE {operation.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
        )
    ]

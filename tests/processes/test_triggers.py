"""The database itself refuses to change ledger and story, also after every kind of migrate."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField
from pytest_django import Settings

from billing import migrations
from billing.models import LedgerEntry
from billing.triggers import APPEND_ONLY_TABLES, drop_triggers, missing_triggers, trigger_names
from tests.processes.fixtures import Install
from tests.processes.shop import IN_ORDER, the_books

pytestmark = pytest.mark.processes

# A change of every kind that raw SQL can try on rows that are there.
CHANGES = ("UPDATE {} SET id = id", "UPDATE {} SET id = id WHERE id = 1", "DELETE FROM {}")


@pytest.fixture
def opened(install: Install) -> Iterator[None]:
    """A migrated and seeded database, open in this process."""
    with install().opened():
        yield


def refused(statement: str) -> bool:
    """Whether the database refuses it and says why."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "never changed or deleted" in str(error)
    return False


def rows(table: str) -> list[dict[str, object]]:
    """All that a table holds, by column: a rebuilt table may have them in another order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 (a name of ours)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_raw_sql_cannot_change_or_delete_a_row(table: str, change: str) -> None:
    before = rows(table)

    assert before != []
    assert refused(change.format(table))
    assert rows(table) == before


@pytest.mark.usefixtures("opened")
def test_without_the_triggers_nothing_would_be_refused() -> None:
    """The control: it is the triggers that refuse, and the check sees that they are gone."""
    drop_triggers()

    assert [refused(CHANGES[0].format(table)) for table in APPEND_ONLY_TABLES] == [False, False]
    assert missing_triggers() == trigger_names()


@pytest.mark.usefixtures("opened")
def test_the_triggers_come_back_with_an_app_that_was_migrated_to_zero() -> None:
    call_command("migrate", "billing", "zero", verbosity=0)
    gone = missing_triggers()
    call_command("migrate", verbosity=0)

    assert gone == trigger_names()
    assert missing_triggers() == set()


@pytest.mark.usefixtures("opened")
def test_the_triggers_outlive_a_migration_that_rebuilds_their_tables(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite makes a new table and copies the rows when a column changes: triggers are lost."""
    before = {table: rows(table) for table in APPEND_ONLY_TABLES}
    rebuilding_migration(tmp_path, settings, monkeypatch)

    call_command("migrate", "billing", verbosity=0)

    assert {table: rows(table) for table in APPEND_ONLY_TABLES} == before
    assert missing_triggers() == set()
    assert all(refused(change.format(t)) for t in APPEND_ONLY_TABLES for change in CHANGES)
    assert the_books() == IN_ORDER


@pytest.mark.usefixtures("opened")
def test_a_rebuilt_table_alone_loses_its_triggers_on_sqlite() -> None:
    """The control: without what runs after migrate, the loss is real and silent."""
    key = LedgerEntry._meta.get_field("key")
    longer = CharField(max_length=200, unique=True)
    longer.set_attributes_from_name("key")
    longer.model = LedgerEntry

    with connection.schema_editor() as editor:
        editor.alter_field(LedgerEntry, key, longer)

    lost = {"billing_ledgerentry_no_update", "billing_ledgerentry_no_delete"}
    assert missing_triggers() == (lost if connection.vendor == "sqlite" else set())


def rebuilding_migration(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give billing one more migration, which alters a column of both tables."""
    package = folder / "rebuilt_billing"
    package.mkdir()
    (package / "__init__.py").touch()
    names = sorted(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
    for name in names:
        (package / f"{name}.py").write_text(
            f"from importlib import import_module\n\n"
            f'Migration = import_module("billing.migrations.{name}").Migration\n'
        )
    (package / "9999_rebuild.py").write_text(
        dedent(f"""
            from django.db import migrations, models


            class Migration(migrations.Migration):
                dependencies = [("billing", "{names[-1]}")]
                operations = [
                    migrations.AlterField(
                        "ledgerentry", "key", models.CharField(max_length=200, unique=True)
                    ),
                    migrations.AlterField(
                        "orderevent", "by", models.CharField(default="system", max_length=120)
                    ),
                ]
        """)
    )
    monkeypatch.syspath_prepend(folder)
    settings.MIGRATION_MODULES = {"billing": "rebuilt_billing"}

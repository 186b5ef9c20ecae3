"""The tables of a database file and those in the code stay the same, there and back."""

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from api.database import open_database, session
from api.migrations import downgrade, is_current, tables, upgrade


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "county.db"
    upgrade(path)
    return path


def differences(path, metadata: MetaData) -> list:
    engine = open_database(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        found = compare_metadata(context, metadata)
    engine.dispose()
    return found


def contents(path, kind: str) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = ?", (kind,))
        return {name: " ".join((sql or "").split()) for name, sql in rows}


def test_the_migrated_file_has_the_tables_of_the_code(path):
    assert differences(path, tables()) == []


def test_a_table_without_a_migration_is_noticed(path):
    """Negative control: one more table in the code makes one difference."""
    grown = MetaData()
    for table in tables().tables.values():
        table.to_metadata(grown)
    Table("canteen", grown, Column("id", Integer, primary_key=True))
    ((verb, table),) = differences(path, grown)
    assert (verb, table.name) == ("add_table", "canteen")


def test_there_and_back_and_there_again(path):
    once = contents(path, "table")
    downgrade(path, "base")
    assert set(contents(path, "table")) == {"alembic_version"}
    assert contents(path, "trigger") == {}
    upgrade(path)
    assert contents(path, "table") == once


def test_the_guard_of_the_ledger_is_that_of_the_code(path, tmp_path):
    """The triggers a migration makes are those that `create_all` makes for tests."""
    engine = open_database(tmp_path / "fresh.db")
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
    engine.dispose()
    fresh = contents(tmp_path / "fresh.db", "trigger")
    assert contents(path, "trigger") == {
        name: sql.replace("IF NOT EXISTS ", "") for name, sql in fresh.items()
    }
    assert len(fresh) >= 6


def test_a_file_that_is_current_is_left_alone(path):
    assert is_current(path)
    assert upgrade(path) is None


def test_before_a_change_a_copy_is_made(path):
    """The copy still holds the unit that the downgrade dropped."""
    engine = open_database(path)
    with session(engine) as opened:
        opened.exec(text("INSERT INTO unit (id, name, kind) VALUES ('441226', '德庆县', 'county')"))
    engine.dispose()
    copy = downgrade(path, "base")
    assert copy is not None
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM unit").fetchone() == ("德庆县",)


def test_foreign_keys_hold_after_a_migration(path):
    engine = open_database(path)
    with pytest.raises(IntegrityError), session(engine) as opened:
        opened.exec(text("INSERT INTO unit VALUES ('1', 'x', 'nowhere', 'county', '', '', '')"))
    engine.dispose()

"""The tables of a database and those in the code stay the same, there and back, on both databases."""

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, DefaultClause, Integer, MetaData, Table, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.database import open_database, reading, session
from api.migrations import downgrade, is_current, is_new, tables, upgrade, write
from tests import databases


@pytest.fixture(scope="module")
def migrated(dialect, tmp_path_factory):
    """A database that every migration has run on; whoever changes it brings it back."""
    with databases.fresh(tmp_path_factory.mktemp("migrated"), tables=False) as target:
        upgrade(target)
        yield target


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "county.db"
    upgrade(path)
    return path


def differences(target, metadata: MetaData) -> list:
    engine = open_database(target)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        found = compare_metadata(context, metadata)
    engine.dispose()
    return found


TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname || ' on ' || tgrelid::regclass, pg_get_triggerdef(oid)"
    " FROM pg_trigger WHERE NOT tgisinternal",
}


def triggers(target) -> dict[str, str]:
    engine = open_database(target)
    with reading(engine) as opened:
        found = dict(opened.exec(text(TRIGGERS[engine.dialect.name])).all())
    engine.dispose()
    return found


def checks(target) -> dict[str, set[str]]:
    """Return the names of the checks of every table, which a comparison of models passes over."""
    engine = open_database(target)
    seen = inspect(engine)
    found = {
        name: {str(check["name"]) for check in seen.get_check_constraints(name)}
        for name in seen.get_table_names()
    }
    engine.dispose()
    return found


def names(target) -> set[str]:
    engine = open_database(target)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_the_migrated_database_has_the_tables_of_the_code(migrated):
    assert differences(migrated, tables()) == []
    assert names(migrated) == {*tables().tables, "alembic_version"}


def test_a_table_without_a_migration_is_noticed(migrated):
    """Negative control: one more table in the code makes one difference."""
    grown = MetaData()
    for table in tables().tables.values():
        table.to_metadata(grown)
    Table("canteen", grown, Column("id", Integer, primary_key=True))
    ((verb, table),) = differences(migrated, grown)
    assert (verb, table.name) == ("add_table", "canteen")


def test_a_default_of_the_code_is_noticed(migrated):
    """Negative control: a default that only the models have would be another table."""
    grown = MetaData()
    for table in tables().tables.values():
        table.to_metadata(grown)
    grown.tables["round"].columns["title"].server_default = DefaultClause("x")
    assert len(differences(migrated, grown)) == 1


def test_there_and_back_and_there_again(migrated):
    once = triggers(migrated), checks(migrated)
    downgrade(migrated, "base")
    assert names(migrated) == {"alembic_version"}
    assert triggers(migrated) == {}
    upgrade(migrated)
    assert differences(migrated, tables()) == []
    assert (triggers(migrated), checks(migrated)) == once


def test_the_guards_and_checks_are_those_of_the_code(migrated, target):
    """What a migration makes is what `create_all` makes for tests."""
    assert triggers(migrated) == triggers(target)
    assert len(triggers(migrated)) >= 4
    ours = checks(migrated)
    assert {name: found for name, found in ours.items() if name != "alembic_version"} == checks(
        target
    )


def test_rows_of_an_old_round_live_on(new_target):
    """A round stored by the first release is a draft of the second, whatever joined its table."""
    target = new_target(tables=False)
    upgrade(target, "0001")
    engine = open_database(target)
    with session(engine) as opened:
        opened.exec(
            text("INSERT INTO round VALUES ('R1', '2026', 2026, '441226', 6, 'seed', '{\"a\": 1}')")
        )
    upgrade(target)
    with reading(engine) as opened:
        kept = opened.exec(text("SELECT id, state, version, settings FROM round")).one()
    engine.dispose()
    assert (kept.id, kept.state, kept.version) == ("R1", "draft", 0)
    downgrade(target, "0001")
    assert "hand_in" not in names(target)


def test_answers_of_before_are_counted(new_target):
    """Items answered in a database of an earlier release are in its counts once it is brought up."""
    target = new_target(tables=False)
    upgrade(target, "0004")
    engine = open_database(target)
    with session(engine) as opened:
        for statement in (
            "INSERT INTO unit (id, name, kind) VALUES ('U', 'U', 'county')",
            "INSERT INTO school (id, name, unit_id, stages, residence, staff, flags)"
            " VALUES ('S', 'S', 'U', '[]', 'town', 9, '[]')",
            "INSERT INTO teacher (id, name, id_hash, id_last4, school_id, stage, subject,"
            " other_subjects, roles, years, tier, phone_masked, flags)"
            " VALUES ('T', 'T', '', '', 'S', 'primary', 'x', '[]', '[]', 1, '0', '', '[]')",
            "INSERT INTO diagnosis VALUES ('D', 'T', 'common', 1, 's', 2, '', '', '')",
            "INSERT INTO item_answer VALUES ('D', 1, 'A', 1, NULL, ''), ('D', 2, 'B', 1, NULL, '')",
        ):
            opened.exec(text(statement))
    upgrade(target)
    with session(engine) as opened:
        opened.exec(text("INSERT INTO item_answer VALUES ('D', 3, 'A', 1, NULL, '')"))
    with reading(engine) as opened:
        found = opened.exec(text("SELECT framework, item, total FROM item_count ORDER BY item"))
        assert [tuple(row) for row in found] == [("common", "A", 2), ("common", "B", 1)]
    engine.dispose()


def test_a_draft_of_a_migration_is_empty_where_nothing_changed(migrated, monkeypatch):
    """The command that writes migrations finds nothing to write for the tables of this release."""
    from alembic.script import ScriptDirectory

    drafted = []

    def keep(_self, revision, message, **rest):
        drafted.append((revision, message, "op." in str(rest["upgrades"])))

    monkeypatch.setattr(ScriptDirectory, "generate_revision", keep)
    write(migrated, "9999", "nothing")
    assert drafted == [("9999", "nothing", False)]


def test_what_is_current_is_left_alone(migrated):
    assert is_current(migrated)
    assert not is_new(migrated)
    assert upgrade(migrated) is None


def test_before_a_change_a_copy_of_the_file_is_made(path):
    """The copy still holds the unit that the downgrade dropped."""
    engine = open_database(path)
    with session(engine) as opened:
        opened.exec(text("INSERT INTO unit (id, name, kind) VALUES ('441226', '德庆县', 'county')"))
    engine.dispose()
    copy = downgrade(path, "base")
    assert copy is not None
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM unit").fetchone() == ("德庆县",)


def test_a_migration_that_fails_leaves_the_database_as_it_was(new_target):
    """A table that is in the way of the second step undoes the first one too."""
    target = new_target(tables=False)
    engine = open_database(target)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE snapshot (id INTEGER)")
    engine.dispose()
    with pytest.raises(DBAPIError, match="snapshot"):
        upgrade(target)
    assert names(target) == {"snapshot"}


def test_foreign_keys_hold_after_a_migration(migrated):
    engine = open_database(migrated)
    with pytest.raises(IntegrityError), session(engine) as opened:
        opened.exec(text("INSERT INTO unit VALUES ('1', 'x', 'county', 'nowhere', '', '', '')"))
    with pytest.raises(IntegrityError), session(engine) as opened:
        opened.exec(text("INSERT INTO unit VALUES ('1', 'x', 'nowhere', 'county', '', '', '')"))
    engine.dispose()

"""What tests rely on: databases start empty, and PostgreSQL cannot be left out unnoticed."""

import pytest
from sqlalchemy import inspect, text

from api.database import open_database, reading, session
from tests import conftest, databases


def count(target) -> int:
    engine = open_database(target)
    with reading(engine) as opened:
        found = opened.exec(text("SELECT count(*) FROM ledger_entry")).scalar_one()
    engine.dispose()
    return found


def post_a_line(target) -> None:
    engine = open_database(target)
    line = "'L1', 'T1', 2026, 'c', 1440, '', '', 1, '', NULL, '', '', '[]', '', NULL, ''"
    with session(engine) as opened:
        opened.exec(text("INSERT INTO unit (id, name, kind) VALUES ('U', '县', 'county')"))
        opened.exec(text("INSERT INTO school VALUES ('P', '', 'U', '[]', '', 1, 1, 1, '[]')"))
        opened.exec(
            text("INSERT INTO teacher VALUES ('T1','','','','P','','','[]','[]',1,1,1,'','','[]')")
        )
        opened.exec(text(f"INSERT INTO ledger_entry VALUES ({line})"))
    engine.dispose()


def test_a_database_that_serves_again_is_empty(dialect):
    """Even of lines that nobody may delete."""
    for _ in range(2):
        with databases.fresh() as target:
            assert count(target) == 0
            post_a_line(target)
            assert count(target) == 1


def test_a_database_whose_tables_were_changed_serves_nobody_else(dialect):
    with databases.fresh() as target:
        engine = open_database(target)
        with session(engine) as opened:
            opened.exec(text("ALTER TABLE unit ADD COLUMN colour TEXT"))
        engine.dispose()
    with databases.fresh() as target:
        engine = open_database(target)
        assert "colour" not in {column["name"] for column in inspect(engine).get_columns("unit")}
        engine.dispose()


@pytest.mark.parametrize("required", [False, True])
def test_a_machine_without_postgresql_says_so(monkeypatch, required):
    """Skipped with a word, or failed where the flag says that it must be there."""
    monkeypatch.setattr(databases, "running", None)
    monkeypatch.setattr(databases.shutil, "which", lambda _: None)
    monkeypatch.setattr(databases.Path, "glob", lambda *_: iter(()))
    monkeypatch.setenv("XUANKE_REQUIRE_POSTGRES", "1" if required else "")
    outcome = pytest.fail.Exception if required else pytest.skip.Exception
    with pytest.raises(outcome, match="apt-get install postgresql"):
        conftest.need_postgres()

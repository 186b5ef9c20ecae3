"""What tests rely on: databases start empty, and PostgreSQL cannot be left out unnoticed."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

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


@pytest.mark.postgres
def test_a_server_ends_with_the_process_that_started_it():
    """Even one that is killed leaves no server behind."""
    conftest.need_postgres()
    code = "import os, tests.databases as d; print(d.Cluster().data, flush=True); os.kill(os.getpid(), 9)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -9
    data = Path(ended.stdout.strip())
    for _ in range(100):
        if not data.exists():
            break
        time.sleep(0.1)
    assert not data.exists()
    shutil.rmtree(data.parent)

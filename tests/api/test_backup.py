"""What was backed up comes back row by row; a damaged backup touches nothing."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from api.backup import BackupRefused, backup, drill, restore, server
from api.backup.manifest import states_of
from api.database import open_database, reading, session
from api.migrations import upgrade
from api.places import beside

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def office(new_target, tmp_path, monkeypatch):
    """A county in use: units, a line of the ledger, a key, and a rule of the province."""
    monkeypatch.setenv("XUANKE_HOME", str(tmp_path / "home"))
    target = new_target()
    run(
        target,
        "INSERT INTO unit (id, name, kind) VALUES ('441226', '德庆县', 'county')",
        "INSERT INTO school VALUES ('PT1', '德城中学', '441226', '[\"2\"]', '121', 9, 5, 1, '[]')",
        "INSERT INTO teacher VALUES ('T1', '陈', '', '', 'PT1', '2', 'jyt:13', '[]', '[]', 1, 4, 1,"
        " '0', '', '[]')",
        "INSERT INTO ledger_entry VALUES ('L1', 'T1', 2026, 'zhuanye', 1440, '县', '证书7', 1,"
        " 'sheet', NULL, '', '', '[]', '', NULL, '')",
    )
    key = beside(target, "key")
    key.parent.mkdir(exist_ok=True)
    key.write_text("ab" * 32)
    rules = beside(target, "province") / "terms"
    rules.mkdir(parents=True)
    (rules / "subjects.csv").write_text("code,zh\n")
    return target


def run(target, *statements: str) -> None:
    engine = open_database(target)
    try:
        with session(engine) as opened:
            for statement in statements:
                opened.exec(text(statement))
    finally:
        engine.dispose()


def unit_names(target) -> list[str]:
    engine = open_database(target)
    with reading(engine) as opened:
        found = list(opened.exec(text("SELECT name FROM unit ORDER BY id")).scalars())
    engine.dispose()
    return found


def refused(function, *arguments, **options) -> str:
    with pytest.raises(BackupRefused) as caught:
        function(*arguments, **options)
    assert caught.value.say("zh")
    assert caught.value.say("en")
    return caught.value.code


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_backed_up_comes_back(office, tmp_path, new_target):
    made = backup(office, tmp_path / "safe", NOW)
    other = new_target(tables=False)
    back = restore(tmp_path / "safe", other)
    assert back == made
    assert states_of(other) == states_of(office) == made.tables
    assert (made.tables["ledger_entry"].rows, made.made_at) == (1, "2026-07-01T09:00:00+00:00")
    assert beside(other, "key").read_text() == "ab" * 32
    assert (beside(other, "province") / "terms" / "subjects.csv").exists()


def test_the_guards_come_back_too(office, tmp_path, new_target):
    backup(office, tmp_path / "safe", NOW)
    other = new_target(tables=False)
    restore(tmp_path / "safe", other)
    with pytest.raises(Exception, match="append-only"):
        run(other, "UPDATE ledger_entry SET minutes = 9999")


def test_a_backup_is_made_while_others_write(office, tmp_path):
    """It holds the state at its beginning: what is not committed is not in it."""
    engine = open_database(office)
    with session(engine) as writer:
        writer.exec(text("INSERT INTO unit (id, name, kind) VALUES ('441227', '外县', 'county')"))
        made = backup(office, tmp_path / "safe", NOW)
    engine.dispose()
    assert made.tables["unit"].rows == 1
    assert len(unit_names(office)) == 2


@pytest.mark.parametrize(
    "name", ["database", "key", "province/terms/subjects.csv", "manifest.json"]
)
def test_one_flipped_byte_is_refused_and_nothing_touched(office, tmp_path, name):
    backup(office, tmp_path / "safe", NOW)
    run(office, "UPDATE unit SET name = '今'")
    file = tmp_path / "safe" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    before = states_of(office)
    for way in (restore, drill):
        options = {"force": True} if way is restore else {}
        assert refused(way, tmp_path / "safe", office, **options) == "backup_spoilt"
    assert states_of(office) == before
    assert beside(office, "key").read_text() == "ab" * 32


def test_a_file_too_many_or_too_few_is_refused(office, tmp_path):
    backup(office, tmp_path / "safe", NOW)
    (tmp_path / "safe" / "extra").write_text("x")
    assert refused(restore, tmp_path / "safe", office, force=True) == "backup_spoilt"
    (tmp_path / "safe" / "extra").unlink()
    (tmp_path / "safe" / "key").unlink()
    assert refused(restore, tmp_path / "safe", office, force=True) == "backup_spoilt"
    assert refused(restore, tmp_path, office, force=True) == "backup_none"


def test_rows_that_are_not_those_of_the_manifest_never_take_over(office, tmp_path):
    """A database whose file is in order but whose rows are not: every table is compared as well."""
    backup(office, tmp_path / "safe", NOW)
    manifest = tmp_path / "safe" / "manifest.json"
    lie(manifest)
    before = states_of(office)
    assert refused(restore, tmp_path / "safe", office, force=True) == "backup_spoilt"
    assert refused(drill, tmp_path / "safe", office) == "backup_spoilt"
    assert states_of(office) == before


def lie(manifest: Path) -> None:
    """Say in a manifest, well sealed, that there is one more unit."""
    from api.backup.manifest import Manifest, TableState

    content = json.loads(manifest.read_text(encoding="utf-8"))
    del content["digest"]
    tables = {name: TableState(**state) for name, state in content.pop("tables").items()}
    tables["unit"] = TableState(2, tables["unit"].digest)
    Manifest(tables=tables, **content).write(manifest.parent)


def test_a_database_with_rows_is_only_replaced_by_force(office, tmp_path):
    backup(office, tmp_path / "safe", NOW)
    run(office, "UPDATE unit SET name = '今'")
    assert refused(restore, tmp_path / "safe", office) == "restore_not_empty"
    assert unit_names(office) == ["今"]
    restore(tmp_path / "safe", office, force=True)
    assert unit_names(office) == ["德庆县"]


def test_a_database_with_tables_and_no_row_is_empty(office, tmp_path, new_target):
    backup(office, tmp_path / "safe", NOW)
    fresh = new_target()
    restore(tmp_path / "safe", fresh)
    assert unit_names(fresh) == ["德庆县"]


def test_a_database_in_use_is_left_alone(office, tmp_path):
    backup(office, tmp_path / "safe", NOW)
    engine = open_database(office)
    with engine.execution_options(reads_only=True).connect() as connection:
        connection.execute(text("SELECT 1"))
        assert refused(restore, tmp_path / "safe", office, force=True) == "restore_in_use"
    engine.dispose()
    restore(tmp_path / "safe", office, force=True)


def test_the_drill_restores_elsewhere_and_leaves_nothing(office, tmp_path):
    made = backup(office, tmp_path / "safe", NOW)
    before = everything(tmp_path / "safe")
    assert drill(tmp_path / "safe", office) == made
    assert everything(tmp_path / "safe") == before
    assert states_of(office) == made.tables
    assert made.rows == 4


def test_a_backup_overwrites_nothing(office, tmp_path):
    backup(office, tmp_path / "safe", NOW)
    assert refused(backup, office, tmp_path / "safe", NOW) == "backup_there"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_same_rows_have_the_same_digests_on_both(new_server, tmp_path):
    """A table is digested by what it says, not by how a database keeps it."""
    found = []
    for target in (tmp_path / "one.db", new_server()):
        upgrade(target)
        run(
            target,
            "INSERT INTO unit (id, name, kind) VALUES ('2', '中', 'county'), ('1', '丁', 'city')",
            "INSERT INTO import_batch VALUES (1, 's', 'f', 'd', 1, 2, 3, true)",
            "INSERT INTO import_change VALUES (1, 1, '[\"k\"]', 'null', '{\"b\": 1, \"a\": [2]}')",
        )
        found.append(states_of(target))
    assert found[0] == found[1]


# A SQLite file


def test_a_damaged_file_is_not_backed_up_as_if_it_were_whole(tmp_path):
    upgrade(tmp_path / "county.db")
    with closing(sqlite3.connect(tmp_path / "county.db")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with (tmp_path / "county.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    assert refused(backup, tmp_path / "county.db", tmp_path / "safe", NOW) == "backup_damaged"
    assert not (tmp_path / "safe").exists()
    assert refused(backup, tmp_path / "no.db", tmp_path / "safe", NOW) == "backup_no_database"


def test_a_damaged_file_is_replaced_and_kept(tmp_path):
    path = tmp_path / "county.db"
    upgrade(path)
    run(path, "INSERT INTO unit (id, name, kind) VALUES ('441226', '德庆县', 'county')")
    backup(path, tmp_path / "safe", NOW)
    path.write_bytes(b"\xff" * 9000)
    assert refused(restore, tmp_path / "safe", path) == "restore_not_empty"
    restore(tmp_path / "safe", path, force=True)
    assert unit_names(path) == ["德庆县"]
    assert (tmp_path / "county.db.replaced").read_bytes() == b"\xff" * 9000


def test_a_row_without_its_parent_is_damage(tmp_path):
    path = tmp_path / "county.db"
    upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO rating VALUES ('T1', 'd', 'self', 'T1', 3, NULL)")
        connection.commit()
    assert refused(backup, path, tmp_path / "safe", NOW) == "backup_damaged"


# PostgreSQL


def test_without_its_programs_a_server_is_not_backed_up(new_server, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(backup, new_server(), tmp_path / "safe", NOW) == "backup_no_program"


def test_a_restore_that_was_cut_off_is_put_back_by_the_next(new_server, tmp_path, monkeypatch):
    """Killed after the tables were set aside: nothing is lost, the next restore begins with them."""
    monkeypatch.setenv("XUANKE_HOME", str(tmp_path))
    url = new_server()
    upgrade(url)
    run(url, "INSERT INTO unit (id, name, kind) VALUES ('441226', '德庆县', 'county')")
    backup(url, tmp_path / "safe", NOW)
    run(url, f"ALTER SCHEMA public RENAME TO {server.ASIDE}", "CREATE SCHEMA public")
    (tmp_path / "safe" / "database").rename(tmp_path / "dump")
    assert refused(restore, tmp_path / "safe", url) == "backup_spoilt"
    (tmp_path / "dump").rename(tmp_path / "safe" / "database")
    restore(tmp_path / "safe", url, force=True)
    assert unit_names(url) == ["德庆县"]


def test_kinds_do_not_mix(new_server, tmp_path):
    upgrade(tmp_path / "county.db")
    backup(tmp_path / "county.db", tmp_path / "safe", NOW)
    assert refused(restore, tmp_path / "safe", new_server()) == "backup_other_kind"


def test_a_password_is_in_no_list_of_processes(monkeypatch):
    asked = []

    def note(command, env, **_):
        asked.append((command, env["PGPASSWORD"]))
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(server.subprocess, "run", note)
    server._run("postgresql://office:secret@db.example/county", "pg_dump", "-Fc")
    ((command, password),) = asked
    assert password == "secret"
    assert "secret" not in " ".join(command)
    assert "postgresql://office@db.example/county" in command

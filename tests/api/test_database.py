"""The database keeps its promises: settings on every connection, one writer, plain refusals."""

import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from api.database import open_database, reading, session
from api.errors import CannotOpenDatabase


@pytest.fixture
def engine(tmp_path):
    engine = open_database(tmp_path / "county.db", busy_milliseconds=200)
    with session(engine) as opened:
        opened.exec(text("CREATE TABLE school (id TEXT PRIMARY KEY)"))
        opened.exec(
            text("CREATE TABLE teacher (id TEXT PRIMARY KEY, school TEXT REFERENCES school(id))")
        )
    yield engine
    engine.dispose()


def count(engine, table: str) -> int:
    with reading(engine) as opened:
        return opened.exec(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_every_connection_is_safe(engine):
    """WAL, FULL (2) and foreign keys hold on a second pooled connection too."""
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    readers = engine.execution_options(reads_only=True)
    with readers.connect() as first, readers.connect() as second:
        for connection in (first, second):
            values = [connection.exec_driver_sql(f"PRAGMA {n}").scalar_one() for n in names]
            assert values == ["wal", 2, 1, 200]


def test_a_row_without_its_parent_is_refused(engine):
    with pytest.raises(IntegrityError), session(engine) as opened:
        opened.exec(text("INSERT INTO teacher VALUES ('T1', 'nowhere')"))
    assert count(engine, "teacher") == 0


def write_and_fail(engine) -> None:
    with session(engine) as opened:
        opened.exec(text("INSERT INTO school VALUES ('PT1')"))
        raise RuntimeError("the second half failed")


def test_a_failed_transaction_leaves_nothing(engine):
    with pytest.raises(RuntimeError, match="second half"):
        write_and_fail(engine)
    assert count(engine, "school") == 0


def test_a_writer_holds_the_lock_from_its_first_word(engine):
    """BEGIN IMMEDIATE: a second writer waits 0.2 s and is told, although nothing was written yet."""
    with session(engine) as first:
        first.exec(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"), session(engine) as second:
            second.exec(text("SELECT 1"))


def test_a_reader_never_waits_for_a_writer(engine):
    with session(engine) as writer:
        writer.exec(text("INSERT INTO school VALUES ('PT1')"))
        assert count(engine, "school") == 0
    assert count(engine, "school") == 1


@pytest.mark.parametrize("way", [session, reading])
def test_rows_stay_readable_after_the_session(tmp_path, way):
    """What a command has read it may still print when the lock is given back."""
    from api.migrations import upgrade
    from catalog.tables import UnitRow

    upgrade(tmp_path / "county.db")
    engine = open_database(tmp_path / "county.db")
    with session(engine) as opened:
        opened.add(UnitRow(id="441226", name="德庆县", kind="county"))
    with way(engine) as opened:
        unit = opened.get(UnitRow, "441226")
    assert unit.name == "德庆县"
    engine.dispose()


def test_two_writers_in_turn_lose_nothing(engine):
    """20 + 20 increments from two threads make 40: what was read is still true when it is written."""
    with session(engine) as opened:
        opened.exec(text("CREATE TABLE tally (n INTEGER)"))
        opened.exec(text("INSERT INTO tally VALUES (0)"))
    patient = open_database(engine.url.database)

    def add_twenty() -> None:
        for _ in range(20):
            with session(patient) as opened:
                n = opened.exec(text("SELECT n FROM tally")).scalar_one()
                opened.connection().exec_driver_sql("UPDATE tally SET n = ?", (n + 1,))

    threads = [threading.Thread(target=add_twenty) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(patient) as opened:
        assert opened.exec(text("SELECT n FROM tally")).scalar_one() == 40
    patient.dispose()


def refusal(path, **options) -> str:
    with pytest.raises(CannotOpenDatabase) as caught:
        open_database(path, **options)
    assert str(path) in caught.value.say("zh")
    return caught.value.code


def test_places_that_cannot_hold_a_database_are_refused(tmp_path):
    (tmp_path / "note.db").write_text("dear county office, this is a letter, not a database" * 99)
    assert refusal(tmp_path / "missing" / "x.db") == "db_no_folder"
    assert refusal(tmp_path) == "db_is_folder"
    assert refusal(tmp_path / "note.db") == "db_not_ours"


def test_a_place_that_cannot_lock_is_refused(tmp_path, monkeypatch):
    """A share that grants no write-ahead log answers another journal mode than the one asked for."""

    class Share(sqlite3.Connection):
        def execute(self, sql, *rest):
            return super().execute("SELECT 'delete'" if "journal_mode" in sql else sql, *rest)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=Share, **k))
    assert refusal(tmp_path / "x.db") == "db_no_lock"


def test_a_database_that_another_program_writes_is_named_as_busy(engine):
    with session(engine) as writer:
        writer.exec(text("SELECT 1"))
        assert refusal(engine.url.database, busy_milliseconds=50) == "db_busy"

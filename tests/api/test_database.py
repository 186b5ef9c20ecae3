"""The database keeps its promises: settings on every connection, one state, plain refusals."""

import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from api import database
from api.database import open_database, reading, retrying, session
from api.errors import CannotOpenDatabase, DatabaseBusy


@pytest.fixture
def engine(new_target):
    """Two tables, whatever the rooms have."""
    opened = with_two_tables(open_database(new_target(tables=False), busy_milliseconds=200))
    yield opened
    opened.dispose()


@pytest.fixture
def file(tmp_path):
    """The same in a SQLite file."""
    opened = with_two_tables(open_database(tmp_path / "county.db", busy_milliseconds=200))
    yield opened
    opened.dispose()


@pytest.fixture
def server(new_server):
    """The same on PostgreSQL."""
    opened = with_two_tables(open_database(new_server()))
    yield opened
    opened.dispose()


def with_two_tables(engine):
    with session(engine) as opened:
        opened.exec(text("CREATE TABLE school (id TEXT PRIMARY KEY, staff INTEGER DEFAULT 0)"))
        opened.exec(
            text("CREATE TABLE teacher (id TEXT PRIMARY KEY, school TEXT REFERENCES school(id))")
        )
    return engine


def count(engine, table: str) -> int:
    with reading(engine) as opened:
        return opened.exec(text(f"SELECT count(*) FROM {table}")).scalar_one()


def add(engine, *schools: str) -> None:
    with session(engine) as opened:
        for name in schools:
            opened.exec(text(f"INSERT INTO school (id) VALUES ('{name}')"))


# Both databases


def test_a_row_without_its_parent_is_refused(engine):
    with pytest.raises(IntegrityError), session(engine) as opened:
        opened.exec(text("INSERT INTO teacher VALUES ('T1', 'nowhere')"))
    assert count(engine, "teacher") == 0


def write_and_fail(engine) -> None:
    with session(engine) as opened:
        opened.exec(text("INSERT INTO school (id) VALUES ('PT1')"))
        raise RuntimeError("the second half failed")


def test_a_failed_transaction_leaves_nothing(engine):
    with pytest.raises(RuntimeError, match="second half"):
        write_and_fail(engine)
    assert count(engine, "school") == 0


def test_a_reader_never_waits_for_a_writer(engine):
    with session(engine) as writer:
        writer.exec(text("INSERT INTO school (id) VALUES ('PT1')"))
        assert count(engine, "school") == 0
    assert count(engine, "school") == 1


def test_a_reader_sees_one_state_to_its_end(engine):
    with reading(engine) as opened:
        before = opened.exec(text("SELECT count(*) FROM school")).scalar_one()
        add(engine, "PT1")
        after = opened.exec(text("SELECT count(*) FROM school")).scalar_one()
    assert (before, after, count(engine, "school")) == (0, 0, 1)


def test_what_is_read_for_show_cannot_be_written_upon(engine):
    """Check-then-write on a state that may be gone is refused, not left to care."""
    with pytest.raises(DBAPIError, match=r"read-?only"), reading(engine) as opened:
        opened.exec(text("INSERT INTO school (id) VALUES ('PT1')"))
    add(engine, "PT2")  # the connection serves writers again
    assert count(engine, "school") == 1


@pytest.mark.parametrize("way", [session, reading])
def test_rows_stay_readable_after_the_session(target, way):
    """What a command has read it may still print when the lock is given back."""
    from catalog.tables import UnitRow

    engine = open_database(target)
    with session(engine) as opened:
        opened.add(UnitRow(id="441226", name="德庆县", kind="county"))
    with way(engine) as opened:
        unit = opened.get(UnitRow, "441226")
    assert unit.name == "德庆县"
    engine.dispose()


def test_a_budget_of_a_province_fits(target):
    """300 million yuan in fen are more than 2^31."""
    from catalog.tables import ProgrammeRow

    engine = open_database(target)
    fields = {"name": "省级", "year": 2026, "level": "province"}
    with session(engine) as opened:
        opened.add(ProgrammeRow(id="P1", budget_fen=30_000_000_000, **fields))
    with reading(engine) as opened:
        assert opened.get(ProgrammeRow, "P1").budget_fen == 30_000_000_000
    engine.dispose()


def test_texts_have_the_same_order_as_in_python(engine):
    names = ["丁", "é", "a", "_", "Z", "T9", "T10", "𬭩", "中", "b", "t1"]
    add(engine, *names)
    with reading(engine) as opened:
        stored = opened.exec(text("SELECT id FROM school ORDER BY id")).scalars().all()
    assert stored == sorted(names)


def test_two_writers_in_turn_lose_nothing(engine):
    """20 + 20 increments from two threads make 40: what was read is still true when it is written."""
    add(engine, "PT1")
    patient = open_database(engine.url.render_as_string(False).removeprefix("sqlite:///"))
    lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""

    def add_twenty() -> None:
        for _ in range(20):
            with session(patient) as opened:
                n = opened.exec(text(f"SELECT staff FROM school{lock}")).scalar_one()
                opened.exec(text(f"UPDATE school SET staff = {n + 1}"))

    threads = [threading.Thread(target=add_twenty) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(patient) as opened:
        assert opened.exec(text("SELECT staff FROM school")).scalar_one() == 40
    patient.dispose()


# A SQLite file


def test_every_connection_of_a_file_is_safe(file):
    """WAL, FULL (2) and foreign keys hold on a second pooled connection too."""
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    readers = file.execution_options(reads_only=True)
    with readers.connect() as first, readers.connect() as second:
        for connection in (first, second):
            values = [connection.exec_driver_sql(f"PRAGMA {n}").scalar_one() for n in names]
            assert values == ["wal", 2, 1, 200]


def test_a_writer_holds_the_lock_from_its_first_word(file):
    """BEGIN IMMEDIATE: a second writer waits 0.2 s and is told, although nothing was written yet."""
    with session(file) as first:
        first.exec(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"), session(file) as second:
            second.exec(text("SELECT 1"))


def test_a_file_that_another_program_writes_is_busy(file):
    with session(file) as first:
        first.exec(text("SELECT 1"))
        with pytest.raises(DatabaseBusy):
            retrying(file, lambda opened: opened.exec(text("SELECT 1")))


def refusal(target, **options) -> str:
    with pytest.raises(CannotOpenDatabase) as caught:
        open_database(target, **options)
    assert str(target) in caught.value.say("zh")
    return caught.value.code


def test_a_file_that_would_not_wait_for_the_disk_is_refused(tmp_path, monkeypatch):
    """Negative control: somebody lowers the setting for speed."""
    monkeypatch.setattr(database, "SYNCHRONOUS", "NORMAL")
    assert refusal(tmp_path / "county.db") == "db_not_durable"


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


def test_a_database_that_another_program_writes_is_named_as_busy(file):
    with session(file) as writer:
        writer.exec(text("SELECT 1"))
        assert refusal(file.url.database, busy_milliseconds=50) == "db_busy"


# PostgreSQL


def shows(connection, setting: str) -> str:
    return connection.exec_driver_sql(f"SHOW {setting}").scalar_one()


def test_every_connection_to_a_server_is_safe(server):
    with server.connect() as first, server.connect() as second:
        for connection in (first, second):
            assert shows(connection, "transaction_isolation") == "read committed"
            assert shows(connection, "lock_timeout") == "3s"
            assert shows(connection, "synchronous_commit") == "on"
    assert server.pool.size() >= 40


def test_readers_and_writers_on_a_server_differ(server):
    with reading(server) as opened:
        assert shows(opened.connection(), "transaction_isolation") == "repeatable read"
    with session(server) as opened:
        assert shows(opened.connection(), "transaction_isolation") == "read committed"


def test_a_writer_in_another_isolation_is_stopped(server):
    """REPEATABLE READ makes a correct FOR UPDATE wrong, so no writer begins in it."""
    wrong = server.execution_options(isolation_level="REPEATABLE READ")
    with pytest.raises(AssertionError, match="FOR UPDATE"), session(wrong) as opened:
        opened.exec(text("SELECT 1"))


def lock_in(order: list[str], both_started: threading.Barrier):
    """Return work that locks two schools; at its first attempt only after the other has begun too."""
    attempts = []

    def work(opened) -> int:
        attempts.append(1)
        for at, name in enumerate(order):
            opened.exec(text(f"UPDATE school SET staff = staff + 1 WHERE id = '{name}'"))
            if at == 0 and len(attempts) == 1:
                both_started.wait(10)
        return len(attempts)

    return work


def deadlock(engine, attempts: int) -> list:
    """Let two units of work lock the same schools in opposite order; return how each ended."""
    both_started = threading.Barrier(2)
    ends: list = []

    def run(order: list[str]) -> None:
        try:
            ends.append(retrying(engine, lock_in(order, both_started), attempts))
        except DatabaseBusy as error:
            ends.append(error)

    orders = (["A", "B"], ["B", "A"])
    threads = [threading.Thread(target=run, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends, key=str)


def test_a_deadlock_is_repeated_until_both_are_done(server):
    add(server, "A", "B")
    winner, loser = deadlock(server, attempts=5)
    assert winner == 1
    assert 2 <= loser <= 5  # it may lose again before the winner has gone
    with reading(server) as opened:
        assert opened.exec(text("SELECT sum(staff) FROM school")).scalar_one() == 4


def test_without_another_attempt_the_deadlock_ends_one_of_them(server):
    """Negative control: a real deadlock, and the one that loses it leaves nothing behind."""
    add(server, "A", "B")
    done, busy = deadlock(server, attempts=1)
    assert (done, type(busy)) == (1, DatabaseBusy)
    with reading(server) as opened:
        assert opened.exec(text("SELECT sum(staff) FROM school")).scalar_one() == 2


def test_a_lock_that_does_not_come_is_told(server, monkeypatch):
    """Three seconds of patience shortened to 50 ms; two attempts, then the plain word."""
    add(server, "A")
    with session(server) as first:
        first.exec(text("SELECT id FROM school FOR UPDATE"))

        def work(opened) -> None:
            opened.exec(text("SET LOCAL lock_timeout = 50"))
            opened.exec(text("SELECT id FROM school FOR UPDATE"))

        with pytest.raises(DatabaseBusy) as caught:
            retrying(server, work, attempts=2)
    assert caught.value.__cause__.orig.sqlstate == "55P03"


def test_other_errors_are_not_repeated(server):
    attempts = []

    def work(opened) -> None:
        attempts.append(1)
        opened.exec(text("INSERT INTO teacher VALUES ('T1', 'nowhere')"))

    with pytest.raises(IntegrityError):
        retrying(server, work)
    assert attempts == [1]


def test_a_server_that_does_not_answer_is_named_without_the_password(tmp_path):
    url = f"postgresql://office:secret@/county?host={tmp_path}"
    with pytest.raises(CannotOpenDatabase) as caught:
        open_database(url)
    assert caught.value.code == "db_no_server"
    assert "secret" not in caught.value.say("zh") + caught.value.say("en")


def test_a_server_that_does_not_wait_for_the_disk_is_refused(new_server):
    url = new_server()
    with raw(url) as connection:
        connection.execute("ALTER ROLE xuanke SET synchronous_commit = off")
    try:
        with pytest.raises(CannotOpenDatabase) as caught:
            open_database(url)
    finally:
        with raw(url) as connection:
            connection.execute("ALTER ROLE xuanke RESET synchronous_commit")
    assert caught.value.code == "db_not_durable"


def raw(url):
    import psycopg

    return psycopg.connect(url, autocommit=True)


@pytest.mark.parametrize(
    "made",
    [
        "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'zh'",
        "ENCODING 'SQL_ASCII' LOCALE 'C'",
    ],
)
def test_a_database_that_sorts_by_a_language_is_refused(new_server, made):
    """An ICU order puts é before Z and t1 before T9; SQL_ASCII keeps bytes that mean nothing."""
    url = new_server()
    with raw(url) as connection:
        connection.execute(f"CREATE DATABASE sorted TEMPLATE template0 {made}")
    with pytest.raises(CannotOpenDatabase) as caught:
        open_database(url.replace(url.split("?")[0].rsplit("/", 1)[1], "sorted"))
    with raw(url) as connection:
        connection.execute("DROP DATABASE sorted")
    assert caught.value.code == "db_wrong_order"
    assert "LOCALE 'C'" in caught.value.say("zh")

"""The database: a SQLite file or a PostgreSQL database that keeps what it has promised.

A path names a SQLite file: every connection uses a write-ahead log, waits for the disk (a receipt is
a promise), checks foreign keys, and waits its turn when another process writes. A writing transaction
takes the write lock when it begins, so that what it has read is still true when it writes.

A URL (`postgresql://user@host/name`) names a PostgreSQL database. Writers run READ COMMITTED and lock
the rows they decide upon; a lock that does not come within three seconds is an error, and `retrying`
repeats the unit of work. Texts are ordered by code point in both, or the database is refused.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from api.errors import CannotOpenDatabase, DatabaseBusy
from api.places import Target, is_url

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlmodel import Session

__all__ = ["open_database", "open_for_serving", "reading", "retrying", "session"]

BUSY_MILLISECONDS = 15_000
"""How long a command at the terminal or a worker waits for another writer (SQLite)."""

SERVING_MILLISECONDS = 3_000
"""How long a server does: whoever asked waits in its line meanwhile, ten seconds at most."""

LOCK_MILLISECONDS = 3_000
PATIENCE_SECONDS = 6.0
"""No attempt begins later than that after the first; each waits three seconds for a lock at most."""

SILENCE_SECONDS = 6.0
"""After so long without a word a PostgreSQL server counts as frozen; a lock answers in half of it."""

POOL_SECONDS = 3.0
CONNECT_SECONDS = 3
THREADS = 40
"""Connections an engine may hold: as many as threads that answer requests."""

SYNCHRONOUS = "FULL"
PAUSES = (0.01, 0.03, 0.1, 0.3)
"""Seconds between the attempts of `retrying`; the last is repeated."""

TRANSIENT = {"40001", "40P01", "55P03"}
"""SQLSTATE of a serialization failure, a deadlock, and a lock that did not come in time."""

T = TypeVar("T")


def open_database(
    target: Target,
    busy_milliseconds: int = BUSY_MILLISECONDS,
    *,
    foreign_keys: bool = True,
    threads: int = THREADS,
    silence: float | None = None,
) -> Engine:
    """Open the database at `target` and return its engine; a file is made when there is none.

    Parameters
    ----------
    target
        A file, or the URL of a PostgreSQL database. A password is better kept where PostgreSQL's own
        programs look for it (`PGPASSFILE`, `PGPASSWORD`) than in the URL.
    busy_milliseconds
        How long a writer waits for another one (SQLite).
    foreign_keys
        False only while tables are rebuilt by a migration, when neither keys nor triggers that name
        a table may be looked at (SQLite).
    threads
        How many connections may be open at once.
    silence
        Seconds after which a server that says nothing is given up (PostgreSQL); None waits as long as
        it takes, as commands do.

    Raises
    ------
    CannotOpenDatabase
        If the place cannot keep a database, or does not keep what it is told.
    """
    if is_url(target):
        from api.postgres import open_server

        return open_server(str(target), threads, silence)
    return _open_file(Path(target), busy_milliseconds, foreign_keys, threads)


def open_for_serving(target: Target) -> Engine:
    """Open a database for a process that answers requests: people wait, so it waits less."""
    return open_database(target, SERVING_MILLISECONDS, silence=SILENCE_SECONDS)


@contextmanager
def session(engine: Engine) -> Iterator[Session]:
    """Give a session for one unit of work; it commits at the end, or undoes everything.

    On SQLite it holds the write lock from the beginning; on PostgreSQL it locks what it asks for.
    """
    from sqlmodel import Session

    with Session(engine, expire_on_commit=False) as opened, opened.begin():
        yield opened


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session for reading one unchanging state; it never waits for a writer.

    What is to be written depends on `session`, never on what was read here: writing is refused.
    """
    from sqlmodel import Session

    options: dict[str, Any] = {"reads_only": True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with Session(engine.execution_options(**options)) as opened:
        yield opened
        opened.expunge_all()  # what was read stays readable after the session has ended
        opened.rollback()


def retrying(
    engine: Engine, work: Callable[[Session], T], attempts: int = 5, since: float | None = None
) -> T:
    """Run a unit of work in a session of its own, again when the database asks for it.

    A deadlock, a serialization failure or a lock that did not come undoes everything, so the work is
    done anew from its first question. It must not touch anything but the session.

    Parameters
    ----------
    since
        When whoever waits for it began to wait, by `time.monotonic`; now, where it is not said.

    Raises
    ------
    DatabaseBusy
        If the last attempt was refused too, or SQLite's writer did not finish in time.
    """
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import TimeoutError as NoConnection

    until = (time.monotonic() if since is None else since) + PATIENCE_SECONDS
    for attempt in range(1, attempts + 1):
        try:
            with session(engine) as opened:
                return work(opened)
        except NoConnection as error:
            raise DatabaseBusy("db_locked") from error
        except DBAPIError as error:
            if not (again := _is_transient(error)) and not _is_locked(error):
                raise
            if not again or attempt == attempts or time.monotonic() > until:
                raise DatabaseBusy("db_locked") from error
        time.sleep(PAUSES[min(attempt, len(PAUSES)) - 1])
    raise AssertionError("attempts must be at least 1")


def _is_transient(error: Any) -> bool:
    return getattr(error.orig, "sqlstate", None) in TRANSIENT


def _is_locked(error: Any) -> bool:
    """Tell SQLite's lock, which was waited for already, from every other error."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def _open_file(path: Path, busy_milliseconds: int, foreign_keys: bool, threads: int) -> Engine:
    from sqlalchemy import create_engine, event, pool

    _probe(path, busy_milliseconds)
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=pool.QueuePool,
        pool_size=threads,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin
        connection.execute(f"PRAGMA busy_timeout={busy_milliseconds}")
        connection.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        connection.execute(f"PRAGMA legacy_alter_table={'OFF' if foreign_keys else 'ON'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        if connection.info.get("reads_only") is not reads_only:
            connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
            connection.info["reads_only"] = reads_only
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    _assert_durable(engine, path)
    return engine


def _assert_durable(engine: Engine, path: Path) -> None:
    """Refuse a SQLite that answers before its log has reached the disk (0 off, 1 normal, 2 full)."""
    with engine.execution_options(reads_only=True).connect() as connection:
        level = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if level < 2:
        engine.dispose()
        raise CannotOpenDatabase("db_not_durable", path=path, error=f"synchronous={level}")


def _probe(path: Path, busy_milliseconds: int) -> None:
    """Refuse a path that is no database of ours to write, before anything relies on it."""
    if not path.parent.is_dir():
        raise CannotOpenDatabase("db_no_folder", path=path, folder=path.parent)
    if path.is_dir():
        raise CannotOpenDatabase("db_is_folder", path=path)
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=busy_milliseconds / 1000)
        try:
            _try_lock(connection, path)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise CannotOpenDatabase(_why(error), path=path, error=error) from error


def _try_lock(connection: sqlite3.Connection, path: Path) -> None:
    """Take the write lock once; without a write-ahead log two processes could spoil the file."""
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise CannotOpenDatabase("db_no_lock", path=path, error=f"journal_mode {mode}")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")


def _why(error: sqlite3.DatabaseError) -> str:
    """Tell a foreign file, a busy database and a place that cannot lock apart."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_NOTADB"):
        return "db_not_ours"
    if name.startswith("SQLITE_CORRUPT"):
        return "db_spoilt"
    return "db_busy" if name.startswith("SQLITE_BUSY") else "db_no_lock"

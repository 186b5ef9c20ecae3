"""The database: one SQLite file that keeps what it has promised.

Every connection uses a write-ahead log, waits for the disk (a receipt is a promise), checks foreign
keys, and waits its turn when another process writes. A writing transaction takes the write lock when
it begins, so that what it has read is still true when it writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import CannotOpenDatabase

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlmodel import Session

__all__ = ["open_database", "reading", "session"]

BUSY_MILLISECONDS = 15_000


def open_database(
    path: Path, busy_milliseconds: int = BUSY_MILLISECONDS, *, foreign_keys: bool = True
) -> Engine:
    """Open (or make) the database file at `path` and return its engine.

    Parameters
    ----------
    path
        The file.
    busy_milliseconds
        How long a writer waits for another one.
    foreign_keys
        False only while tables are rebuilt by a migration.

    Raises
    ------
    CannotOpenDatabase
        If the folder is missing, the file is no database, or the place cannot lock files.
    """
    from sqlalchemy import create_engine, event, pool

    path = Path(path)
    _probe(path, busy_milliseconds)
    engine = create_engine(f"sqlite:///{path}", poolclass=pool.QueuePool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin
        connection.execute(f"PRAGMA busy_timeout={busy_milliseconds}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def session(engine: Engine) -> Iterator[Session]:
    """Give a session that holds the write lock; it commits at the end, or undoes everything."""
    from sqlmodel import Session

    with Session(engine, expire_on_commit=False) as opened, opened.begin():
        yield opened


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session for reading one unchanging state; it never waits for a writer."""
    from sqlmodel import Session

    with Session(engine.execution_options(reads_only=True)) as opened:
        yield opened
        opened.expunge_all()  # what was read stays readable after the session has ended
        opened.rollback()


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

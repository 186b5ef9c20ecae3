"""A PostgreSQL server: opened, found fit for what is promised, and given up when it says nothing.

A frozen server (its machine stopped, its disk hanging) keeps its connections open and never answers.
No timeout of its own helps, for it does not run. So whoever serves counts the seconds without a word:
after `silence` of them the connection is closed and the caller is told that the outcome is unknown.
While nobody can be reached one caller tries each second, and all others are told at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import IsolationLevel
from psycopg.errors import ConnectionTimeout, OperationalError
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from api.database import CONNECT_SECONDS, LOCK_MILLISECONDS, POOL_SECONDS
from api.errors import CannotOpenDatabase
from api.places import shown

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ORDER = ("T10", "T9", "Z", "_", "a", "b", "t1", "é", "丁", "中", "𬭩")
"""Texts in the order of their code points, which is the order of SQLite and of Python."""

AGAIN_SECONDS = 1.0
"""After a server could not be reached, nobody tries for so long."""

T = TypeVar("T")
Steps = Generator[Any, Any, T]
"""A conversation with a server: it yields what it waits for and is sent what came, 0 for nothing."""


class Listening(psycopg.Connection[Any]):
    """A connection that is closed when the server says nothing for too long.

    Attributes
    ----------
    silence
        Seconds without a word; None waits as long as it takes.
    """

    silence: float | None = None

    def wait(self, gen: Steps[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Hold a conversation; every word begins the count anew.

        Raises
        ------
        OperationalError
            If the server fell silent: what it does with what it was told is not known.
        """
        if self.silence is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(_heard(gen, self.silence), interval, timeout)
        except _Silent:
            self.pgconn.finish()
            raise OperationalError("the server has not said a word in time") from None


class _Silent(Exception):
    """Nothing was heard for too long."""


def _heard(gen: Steps[T], silence: float) -> Steps[T]:
    """Pass a conversation on for as long as something is heard."""
    try:
        wanted, last = next(gen), time.monotonic()
        while True:
            if came := (yield wanted):
                last = time.monotonic()
            elif time.monotonic() - last > silence:
                raise _Silent
            wanted = gen.send(came)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class Reaching:
    """Makes connections; while the server is silent one caller tries, and all others are told at once.

    Parameters
    ----------
    connect
        Makes a connection, or raises `ConnectionTimeout` after a few seconds.
    now
        Seconds that only grow.
    """

    def __init__(
        self, connect: Callable[..., Listening], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._connect = connect
        self._now = now
        self._lock = Lock()
        self._is_silent = False
        self._again = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Listening:
        """Return a new connection.

        Raises
        ------
        OperationalError
            If the server was silent a moment ago, or does not answer now.
        """
        with self._lock:
            if self._is_silent and self._now() < self._again:
                raise OperationalError("the server was silent a moment ago")
            self._again = self._now() + CONNECT_SECONDS + AGAIN_SECONDS
        try:
            made = self._connect(*args, **kwargs)
        except ConnectionTimeout:
            self._is_silent, self._again = True, self._now() + AGAIN_SECONDS
            raise
        except OperationalError:
            self._is_silent = False
            raise
        self._is_silent = False
        return made


def open_server(url: str, threads: int, silence: float | None) -> Engine:
    """Open a PostgreSQL database and return its engine.

    Parameters
    ----------
    threads
        How many connections may be open at once.
    silence
        Seconds after which a server that says nothing is given up; None waits as long as it takes.

    Raises
    ------
    CannotOpenDatabase
        If it cannot be reached, forgets what it promised, or sorts otherwise.
    """
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=threads,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={
            "options": f"-c lock_timeout={LOCK_MILLISECONDS} -c timezone=UTC",
            "application_name": "xuanke",
            "client_encoding": "utf8",  # else a SQL_ASCII server answers in bytes, and init fails
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": LOCK_MILLISECONDS * 2,
        },
    )

    reaching = Reaching(Listening.connect)

    @event.listens_for(engine, "do_connect")
    def _reach(_dialect: Any, _record: Any, args: Any, kwargs: Any) -> Listening:
        connection = reaching(*args, **kwargs)
        connection.silence = silence
        return connection

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        level = connection.connection.driver_connection.isolation_level  # type: ignore[union-attr]
        reads_only = connection.get_execution_options().get("reads_only", False)
        assert reads_only or level == IsolationLevel.READ_COMMITTED, (
            f"a writer in {level}: FOR UPDATE would decide upon a state that is gone"
        )

    _probe(engine, url)
    return engine


def _probe(engine: Engine, url: str) -> None:
    """Refuse a server that cannot be reached, forgets what it promised, or sorts otherwise."""
    try:
        with engine.connect() as connection:
            fault = _fault(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise CannotOpenDatabase("db_no_server", path=shown(url), error=why) from error
    if fault:
        engine.dispose()
        raise CannotOpenDatabase(fault[0], path=shown(url), error=fault[1])


def _fault(connection: Connection) -> tuple[str, str] | None:
    """Return what is wrong with a PostgreSQL database for us: a code and a detail."""
    ask = connection.exec_driver_sql
    version = int(ask("SHOW server_version_num").scalar_one())
    if version < 140000:
        return "db_server_old", str(ask("SHOW server_version").scalar_one())
    if (commit := ask("SHOW synchronous_commit").scalar_one()) == "off":
        return "db_not_durable", f"synchronous_commit={commit}"
    encoding = ask("SHOW server_encoding").scalar_one()
    ordered = "SELECT array_agg(x ORDER BY x) FROM unnest(%s::text[]) AS x"
    if encoding != "UTF8" or ask(ordered, (list(ORDER),)).scalar_one() != list(ORDER):
        return "db_wrong_order", encoding
    return None

"""One thread that writes for everybody in this process, many units of work to a commit.

A disk confirms a few hundred commits a second; a thousand teachers press the button in the last one.
So the units of work wait in line, the thread runs up to 200 of them in one transaction, each behind a
savepoint of its own, and nobody is answered before the disk has confirmed. A commit that fails fails
exactly those who wait for it. The line is bounded: who finds it full is told at once.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import IO, TYPE_CHECKING, Generic, TypeVar

from sqlmodel import Session

from api.errors import Overloaded, ServedAlready, Unconfirmed
from matching.rounds.life import shared

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.pool import PoolProxiedConnection

T = TypeVar("T")
Outcome = tuple[T | None, Exception | None]
"""What a unit of work returned, or why nothing of it is kept."""

_LOG = logging.getLogger(__name__)

MOST_WAITING = 5_000
AT_ONCE = 200
PAUSE_SECONDS = 0.2
"""Between a failure and the next attempt to reach the disk."""

PATIENCE_SECONDS = 9.0
"""Who has stood in line for so long is told to come again. A rush of five seconds that is worked off
within five more after closing keeps nobody waiting longer, but who came at its very beginning."""

LONGEST_SECONDS = 9.5
"""Nobody waits longer for an answer, whatever holds the thread up: a disk that hangs says nothing."""


@dataclass(frozen=True, slots=True)
class Waiter(Generic[T]):
    """A unit of work in line, where its outcome goes, and since when it stands there."""

    work: Callable[[Session], T]
    future: Future[T]
    since: float


class Writer(Generic[T]):
    """The thread, its line, and whether the last commit succeeded.

    Parameters
    ----------
    engine
        The database; the thread keeps one connection for as long as all goes well.
    most_waiting
        How many units of work may stand in line.
    at_once
        How many go into one commit at most.
    patience
        Seconds after which nobody in line is begun with any more.
    now
        Seconds that only grow.

    Attributes
    ----------
    healthy
        False from a failed commit until the next that succeeds; when nobody writes meanwhile, the
        thread tries the disk by itself.
    """

    def __init__(
        self,
        engine: Engine,
        most_waiting: int = MOST_WAITING,
        at_once: int = AT_ONCE,
        patience: float = PATIENCE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.healthy = True
        self._now = now
        self._engine = engine
        self._most_waiting = most_waiting
        self._at_once = at_once
        self._patience = patience
        self._line: deque[Waiter[T]] = deque()
        self._changed = Condition()
        self._closing = False
        self._connection: Connection | None = None
        self._thread = Thread(target=self._supervise, name="writer", daemon=True)
        self._thread.start()

    @property
    def is_full(self) -> bool:
        """Whether nobody more is taken into the line."""
        return self._closing or len(self._line) >= self._most_waiting

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Put a unit of work in line; the future holds its outcome after the commit.

        Raises
        ------
        Overloaded
            If the line is full, or closed.
        """
        waiter: Waiter[T] = Waiter(work, Future(), self._now())
        with self._changed:
            if self._closing or len(self._line) >= self._most_waiting:
                raise Overloaded("overloaded")
            self._line.append(waiter)
            self._changed.notify()
        return waiter.future

    def close(self) -> None:
        """Take nothing more, write what stands in line, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _supervise(self) -> None:
        """Keep the thread writing whatever happens: a dead writer would let everybody wait for ever."""
        while True:
            try:
                while (batch := self._take()) is not None:
                    self._write(batch)
                return self._hang_up()
            except BaseException:
                _LOG.exception("the writer failed; it starts again")
                time.sleep(PAUSE_SECONDS)

    def _take(self) -> list[Waiter[T]] | None:
        """Wait for work and return it; None at the end; nothing when it is time to try the disk."""
        with self._changed:
            timeout = None if self.healthy else PAUSE_SECONDS
            self._changed.wait_for(lambda: self._line or self._closing, timeout)
            if self._closing and not self._line:
                return None
            late = self._late()
            taken = [self._line.popleft() for _ in range(min(len(self._line), self._at_once))]
        for waiter in late:
            if waiter.future.set_running_or_notify_cancel():
                waiter.future.set_exception(Overloaded("overloaded"))
        return [waiter for waiter in taken if waiter.future.set_running_or_notify_cancel()]

    def _late(self) -> list[Waiter[T]]:
        """Take those out of the line who have waited too long; they stand at its front."""
        until = self._now() - self._patience
        late: list[Waiter[T]] = []
        while self._line and self._line[0].since < until:
            late.append(self._line.popleft())
        return late

    def _write(self, batch: list[Waiter[T]]) -> None:
        """Run a batch in one transaction and answer after its commit."""
        try:
            outcomes = self._commit(batch)
        except BaseException as error:
            self.healthy = False
            for waiter in batch:
                waiter.future.set_exception(Unconfirmed("unconfirmed", error=error))
            raise
        self.healthy = True
        for waiter, (result, failure) in zip(batch, outcomes, strict=True):
            if failure is None:
                waiter.future.set_result(result)  # type: ignore[arg-type]
            else:
                waiter.future.set_exception(failure)

    def _commit(self, batch: list[Waiter[T]]) -> list[Outcome[T]]:
        """Run a batch in one transaction; what it returns is on the disk."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                if not self.healthy:
                    _touch(self._connection)
                shared.carry_on(self._connection)
                return [_outcome(self._connection, waiter.work) for waiter in batch]
        except BaseException:
            self._connection.invalidate()
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        """Give the connection back; the next batch takes another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _outcome(connection: Connection, work: Callable[[Session], T]) -> Outcome[T]:
    """Run one unit of work behind a savepoint: its result, or why nothing of it is kept.

    Every unit has a session of its own: one that has seen a savepoint rolled back would remember rows
    that are gone. A session opens a savepoint of its own inside this one as soon as it is used as
    such; whoever only asks for its connection is spared that.
    """
    driver = connection.connection
    _say(driver, "SAVEPOINT unit")
    session = Session(connection, join_transaction_mode="create_savepoint")
    try:
        result = work(session)
        if _is_used(session):
            shared.forget(connection)
            session.commit()
    except Exception as error:
        _assert_open(connection, error)
        if _is_used(session):
            shared.forget(connection)
            session.close()
        _say(driver, "ROLLBACK TO unit")
        _say(driver, "RELEASE unit")
        return None, error
    _say(driver, "RELEASE unit")
    return result, None


def _is_used(session: Session) -> bool:
    """Tell whether a session was used as such, and not only asked for its connection."""
    return session.in_transaction() or bool(session.new)


def _say(driver: PoolProxiedConnection, words: str) -> None:
    cursor = driver.cursor()
    cursor.execute(words)
    cursor.close()


def _assert_open(connection: Connection, error: Exception) -> None:
    """Give up the batch if SQLite has ended the whole transaction, as it may when the disk is full."""
    driver = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and not getattr(driver, "in_transaction", False):
        raise error


def _touch(connection: Connection) -> None:
    """Write something that changes nothing, to learn whether the disk takes it again."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version={version}")


def in_time(future: Future[T], longest: float = LONGEST_SECONDS) -> T:
    """Wait for an outcome, but not for ever.

    Raises
    ------
    Overloaded
        If the work was not even begun; it is taken out of the line.
    Unconfirmed
        If it is under way and nothing is known of it.
    """
    try:
        return future.result(longest)
    except TimeoutError:
        if future.done():  # its own outcome is that error
            raise
        raise too_late(future) from None


def too_late(future: Future[T]) -> Overloaded | Unconfirmed:
    """Give an outcome up and return what its waiter is told: nothing was done, or nobody knows."""
    return Overloaded("overloaded") if future.cancel() else Unconfirmed("unanswered")


def serve_alone(database: Path) -> IO[str]:
    """Make this the one process that serves a SQLite file, until the returned file is closed.

    Raises
    ------
    ServedAlready
        If another process does: two writers that each think they are alone double every wait.
    """
    import fcntl

    lock = database.with_name(f"{database.name}.serving")
    held = lock.open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise ServedAlready("served_already", path=database) from error
    return held

"""One request, one transaction: what a service did, the log, the answer and the messages together.

A service changes rows through the session it is given and returns what happened; it never commits.
The office writes the lines of the log, the answer under its idempotency key and one outbox row for
each person to be told into the same transaction, and returns after the commit. So nothing is
answered that could be lost, nobody is told of what was not kept, and a repeated request repeats
nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING, Any

import rfc8785
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from api import log
from api.clock import Clock, system_clock
from api.database import PATIENCE_SECONDS, reading, retrying
from api.errors import OtherBody, Overloaded, Unconfirmed
from api.writer import MOST_WAITING, Writer, in_time, serve_alone
from catalog.prepared import Prepared, connection_of
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened

if TYPE_CHECKING:
    from sqlalchemy import Engine

Command = Callable[[Session], Happened | tuple[Happened, ...]]

ANSWERED = SQLModel.metadata.tables["answered"]
OUTBOX = SQLModel.metadata.tables["outbox"]
TOLD_ONCE = ("kind", "person", "reference")

_ANSWER = Prepared(
    select(ANSWERED.c.request_digest, ANSWERED.c.status, ANSWERED.c.body).where(
        ANSWERED.c.actor == bindparam("actor"), ANSWERED.c.key == bindparam("key")
    )
)
_KEEP = Prepared(ANSWERED.insert())
_TELL = {
    dialect.name: insert(OUTBOX).on_conflict_do_nothing(index_elements=TOLD_ONCE)
    for dialect, insert in (
        (sqlite.dialect, sqlite.insert),
        (postgresql.dialect, postgresql.insert),
    )
}

UNIQUE_VIOLATION = "23505"
THREADS = 16


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a repeated request known: who sends it, the key she chose, what she asks."""

    actor: str
    key: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, and is kept.

    Attributes
    ----------
    events
        The numbers of its lines in the log; none when an earlier answer is repeated.
    replayed
        Whether the answer was given before and nothing was done now.
    """

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    events: tuple[int, ...] = ()
    replayed: bool = False


Opened = tuple[Call, Command, Key | None]
"""A command whose caller is known."""


class Office:
    """Where every change of the stored state goes through; one per process.

    Parameters
    ----------
    engine
        The database.
    clock
        What time it is; `call.now` is taken from it when a request arrives, before it waits in line.
    serving
        True in the process that answers requests. On SQLite all commands then go through one writer
        thread, and a second serving process on the same file is refused. Other processes (a worker, a
        command line) write now and then, in short transactions of their own.
    most_waiting
        How many commands may wait before further ones are turned away.

    Raises
    ------
    ServedAlready
        If another process serves this SQLite file.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock = system_clock,
        *,
        serving: bool = False,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.clock = clock
        self._engine = engine
        self._serving = serving
        self._alone: IO[str] | None = None
        self._writer: Writer[Done] | None = None
        self._room = BoundedSemaphore(most_waiting)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="office")
        if serving and engine.dialect.name == "sqlite":
            self._alone = serve_alone(Path(str(engine.url.database)))
            self._writer = Writer(engine, most_waiting)

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def healthy(self) -> bool:
        """Whether the last commit succeeded, as far as this process knows."""
        return self._writer is None or self._writer.healthy

    @property
    def is_full(self) -> bool:
        """Whether a further command would be turned away."""
        if self._writer is not None:
            return self._writer.is_full
        if has_room := self._room.acquire(blocking=False):
            self._room.release()
        return not has_room

    def do(
        self, call: Call, command: Command, key: Key | None = None, *, status: int = 200
    ) -> Done:
        """Run a command and return after its commit; its refusal is raised and leaves nothing.

        Parameters
        ----------
        call
            Who asks, and when it arrived.
        command
            Changes rows through the session and says what happened. It may run again from its
            beginning, so it touches nothing but the session.
        key
            With it, the same request is answered again instead of done again.
        status
            What a new answer counts as for whoever asked over HTTP.

        Raises
        ------
        OtherBody
            If the key was used for another request.
        Overloaded
            If too many wait already; nothing was done.
        Unconfirmed
            If the commit failed; ask again with the same key.
        """
        work = partial(_perform, call=call, command=command, key=key, status=status)
        if self._writer is not None:
            return in_time(self._writer.submit(work))
        return self._run(work, time.monotonic())

    def submit(
        self, call: Call, command: Command, key: Key | None = None, *, status: int = 200
    ) -> Future[Done]:
        """Run a command as `do` does, without waiting: the future is done after the commit.

        Raises
        ------
        Overloaded
            If too many wait already; nothing was done.
        """
        work = partial(_perform, call=call, command=command, key=key, status=status)
        if self._writer is not None:
            return self._writer.submit(work)
        return self._hand_to_thread(work)

    def submit_opened(self, opening: Callable[[Session], Opened]) -> Future[Done]:
        """Run a command as `submit` does, where only the database tells whose it is.

        Parameters
        ----------
        opening
            Returns call, command and key in the transaction that will keep what is done.
        """
        if self._writer is not None:
            return self._writer.submit(partial(_open_and_perform, opening=opening))
        return self._hand_to_thread(partial(_open_and_perform, opening=opening))

    def read(self) -> AbstractContextManager[Session]:
        """Give a session that reads one unchanging state and cannot write."""
        return reading(self._engine)

    def close(self) -> None:
        """Finish what waits and take nothing more."""
        if self._writer is not None:
            self._writer.close()
        self._threads.shutdown()
        if self._alone is not None:
            self._alone.close()

    def _run(self, work: Callable[[Session], Done], since: float, attempts: int = 3) -> Done:
        """Run in this thread; two who insert the same row at once are put one after the other.

        Whoever asked a service for it is told where a connection was lost on the way, which leaves open
        what was kept.
        """
        if time.monotonic() > since + PATIENCE_SECONDS:
            raise Overloaded("overloaded")
        for _ in range(attempts - 1):
            try:
                return retrying(self._engine, work, since=since)
            except DBAPIError as error:
                if self._serving and error.connection_invalidated:
                    raise Unconfirmed("unanswered") from error
                if getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION:
                    raise
        return retrying(self._engine, work, since=since)

    def _hand_to_thread(self, work: Callable[[Session], Done]) -> Future[Done]:
        if not self._room.acquire(blocking=False):
            raise Overloaded("overloaded")
        future = self._threads.submit(self._run, work, time.monotonic())
        future.add_done_callback(lambda _: self._room.release())
        return future


def _open_and_perform(session: Session, opening: Callable[[Session], Opened]) -> Done:
    call, command, key = opening(session)
    return _perform(session, call, command, key, 200)


def _perform(session: Session, call: Call, command: Command, key: Key | None, status: int) -> Done:
    """Do everything a command means inside the transaction of a session."""
    if key is not None and (before := _answer_before(session, key)) is not None:
        return before
    said = command(session)
    happened = said if isinstance(said, tuple) else (said,)
    answer: dict[str, Any] = {}
    for one in happened:
        answer |= one.answer
    done = Done(status, json.loads(json.dumps(answer, allow_nan=False)))
    session.flush()
    events = _write_down(session, call, happened)
    if key is not None:
        _keep_answer(session, call, key, done)
    return Done(done.status, done.body, events)


def _answer_before(session: Session, key: Key) -> Done | None:
    """Return the answer this key was given, after waiting for a request that uses it right now."""
    connection = connection_of(session)
    if connection.dialect.name == "postgresql":
        digest = sha256(rfc8785.dumps([key.actor, key.key])).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({number})")
    row = _ANSWER.first(connection, {"actor": key.actor, "key": key.key})
    if row is None:
        return None
    request_digest, status, body = row
    if request_digest != key.request_digest:
        raise OtherBody("idempotency_other_body", key=key.key)
    return Done(status, body, replayed=True)


def _write_down(session: Session, call: Call, happened: tuple[Happened, ...]) -> tuple[int, ...]:
    """Add a line for each event and a message for each person it concerns."""
    if not happened:
        return ()
    head = log.locked_head(session)
    first = head.seq + 1
    for one in happened:
        head = log.append(session, call, one, head)
        _tell(session, call, one, head.seq)
    return tuple(range(first, head.seq + 1))


def _tell(session: Session, call: Call, happened: Happened, seq: int) -> None:
    """Put the messages of an event into the outbox; what a person was told is not told again."""
    messages: list[Mapping[str, Any]] = [
        {
            "id": f"{seq}-{number}",
            "event_seq": seq,
            "round_id": happened.round_id,
            "person": notice.person,
            "kind": notice.kind,
            "reference": notice.reference,
            "values": dict(notice.values),
            "state": "waiting",
            "channel": "",
            "attempts": 0,
            "written_at": stamp(call.now),
            "told_at": "",
            "trouble": "",
        }
        for number, notice in enumerate(happened.notices, 1)
    ]
    if messages:
        connection = connection_of(session)
        connection.execute(_TELL[connection.dialect.name], messages)


def _keep_answer(session: Session, call: Call, key: Key, done: Done) -> None:
    row = {
        "actor": key.actor,
        "key": key.key,
        "request_digest": key.request_digest,
        "status": done.status,
        "etag": str(done.body.get("version", "")),
        "body": done.body,
        "at": stamp(call.now),
    }
    _KEEP.write(connection_of(session), row)

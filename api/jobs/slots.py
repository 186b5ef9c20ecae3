"""Who works: each worker holds a numbered slot, and the system frees it when the worker dies.

A slot is a lock that ends with its process, so nobody has to guess from a clock whether a worker is
still alive. Beside a SQLite file it is the lock of an empty file; on PostgreSQL it is an advisory lock of a
session, which the server drops when the process or its host is gone.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from api.errors import UserError
from api.places import Target, beside, is_url

if TYPE_CHECKING:
    import psycopg

MOST_WORKERS = 32
LOCKS = 0x5875616E
"""The first key of our advisory locks; the second is the number of the slot."""

KEEPALIVE = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
"""Within 25 seconds the server notices that a worker's host is gone."""


class TooManyWorkers(UserError):
    """Every slot is taken."""


class Slot(Protocol):
    """A lock that this process holds."""

    name: str

    def is_held(self) -> bool:
        """Tell whether the lock is still ours."""

    def free(self) -> None:
        """Let it go."""


def take(target: Target, number: int) -> Slot | None:
    """Take one slot; None if somebody alive holds it."""
    return _take_on_server(str(target), number) if is_url(target) else _take_file(target, number)


def take_any(target: Target) -> Slot:
    """Take the first free slot.

    Raises
    ------
    TooManyWorkers
        If there is none.
    """
    for number in range(1, MOST_WORKERS + 1):
        if slot := take(target, number):
            return slot
    raise TooManyWorkers("jobs_too_many", most=MOST_WORKERS)


def number_of(name: str) -> int | None:
    """Return the number of a slot from its name; None if it is no slot of ours."""
    digits = name.removeprefix("worker-")
    return int(digits) if digits.isdigit() and digits != name else None


def somebody_works(target: Target) -> bool:
    """Tell whether any worker is alive."""
    if is_url(target):
        return _held_on_server(str(target))
    for number in range(1, MOST_WORKERS + 1):
        if not _file(target, number).exists():
            return False
        slot = take(target, number)
        if slot is None:
            return True
        slot.free()
    return False


def _name(number: int) -> str:
    return f"worker-{number}"


class _FileSlot:
    def __init__(self, number: int, lock: IO[str]) -> None:
        self.name = _name(number)
        self._lock = lock

    def is_held(self) -> bool:
        return not self._lock.closed

    def free(self) -> None:
        self._lock.close()


def _take_file(target: Target, number: int) -> Slot | None:
    import fcntl

    lock = _file(target, number).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return _FileSlot(number, lock)


def _file(target: Target, number: int) -> Path:
    return beside(target, _name(number))


class _ServerSlot:
    def __init__(self, number: int, session: psycopg.Connection[Any]) -> None:
        self.name = _name(number)
        self._session = session

    def is_held(self) -> bool:
        import psycopg

        try:
            self._session.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def free(self) -> None:
        self._session.close()


def _take_on_server(url: str, number: int) -> Slot | None:
    session = _connect(url, _name(number))
    for setting, value in KEEPALIVE.items():
        session.execute("SELECT set_config(%s, %s, false)", (setting, str(value)))
    (got,) = session.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, number)).fetchone() or (
        False,
    )
    if not got:
        session.close()
        return None
    return _ServerSlot(number, session)


def _held_on_server(url: str) -> bool:
    with _connect(url, "watch") as session:
        held = session.execute(
            "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND datname = current_database() LIMIT 1",
            (LOCKS,),
        ).fetchone()
    return held is not None


def _connect(url: str, what: str) -> psycopg.Connection[Any]:
    import psycopg

    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        return psycopg.connect(
            plain, autocommit=True, connect_timeout=10, application_name=f"xuanke {what}"
        )
    except psycopg.OperationalError as error:
        raise ConnectionError(str(error)) from error

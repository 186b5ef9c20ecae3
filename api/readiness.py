"""Whether what is sent now would be kept: asked of the database itself, the writer, its line, the worker.

`failing` means that a hand-in would be refused or lost, so nobody should be sent here. A worker that
has stopped is told and changes nothing for a teacher: solves wait in the database until one runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol

import anyio
import anyio.to_thread
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session

from api.migrations import head
from api.reads.reach import columns
from matching.rounds.life.clock import stamp
from matching.rounds.life.tables import JobRow

if TYPE_CHECKING:
    from api.unit_of_work import Office

Finding = Literal[
    "ok", "opening", "silent", "other_release", "failing", "full", "stopped", "elsewhere"
]

SECONDS = 2.0
"""The database is silent when it has not answered by then."""

LATE = timedelta(seconds=60)
"""A solve that nobody has begun by then, while none runs, waits for a worker that is not there."""

ASKING = anyio.CapacityLimiter(2)
"""Questions on their way; those that are never answered keep no others waiting for ever."""

_job = columns(JobRow)


class Worker(Protocol):
    """The worker that this process keeps running."""

    @property
    def is_alive(self) -> bool:
        """Whether its process lives."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found, part by part.

    Attributes
    ----------
    status
        `ok`, `degraded` where only the worker has stopped, `failing` where nothing can be kept.
    """

    status: Literal["ok", "degraded", "failing"]
    checks: dict[str, Finding]


async def readiness(office: Office | None, worker: Worker | None) -> Readiness:
    """Look whether what is sent now would be kept.

    Parameters
    ----------
    office
        None while it is being opened.
    worker
        That of this process; None where workers run elsewhere.
    """
    if office is None:
        return _summed({"database": "opening"}, "ok")
    found = await _in_time(lambda: _asked(office))
    if found is None:
        return _summed({"database": "silent"}, "ok")
    if not office.healthy:
        found["writer"] = "failing"
    found["line"] = "full" if office.is_full else "ok"
    late = found.pop("solves") != "ok"
    return _summed(found, _worker(worker, late))


async def _in_time(ask: Callable[[], dict[str, Finding]]) -> dict[str, Finding] | None:
    """Return what a question answers; None if it is not answered in time, or by an error."""
    with anyio.move_on_after(SECONDS):
        try:
            return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True, limiter=ASKING)
        except (SQLAlchemyError, OSError):
            return None
    return None


def _asked(office: Office) -> dict[str, Finding]:
    with office.read() as session:
        takes: Finding = "ok" if _takes_changes(session) else "failing"
        version = _version(session)
        tables: Finding = "ok" if version == head() else "other_release"
        late = tables == "ok" and _is_late(session, office)
    return {
        "database": "ok",
        "tables": tables,
        "writer": takes,
        "solves": "stopped" if late else "ok",
    }


def _version(session: Session) -> str | None:
    """Return which migration a database has; None without any."""
    try:
        return session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError:  # it answers, and has no such table
        return None


def _takes_changes(session: Session) -> bool:
    """Tell whether a server lets anybody write: a standby does not."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    asked = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool"
    return not session.execute(text(asked)).scalar_one()


def _is_late(session: Session, office: Office) -> bool:
    asked = select(_job.state, func.min(_job.asked_at)).group_by(_job.state)
    oldest = {state: at for state, at in session.execute(asked)}
    waits = oldest.get("queued", "")
    return waits != "" and "running" not in oldest and waits < stamp(office.clock() - LATE)


def _worker(worker: Worker | None, late: bool) -> Finding:
    if late or (worker is not None and not worker.is_alive):
        return "stopped"
    return "ok" if worker is not None else "elsewhere"


def _summed(checks: dict[str, Finding], worker: Finding) -> Readiness:
    if any(found != "ok" for found in checks.values()):
        return Readiness("failing", checks)
    return Readiness("degraded" if worker == "stopped" else "ok", checks | {"worker": worker})

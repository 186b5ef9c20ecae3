"""Who was shown whose data: one line for every answer that shows somebody teachers who are not herself.

The line is committed before the answer leaves, in the writer's line on SQLite and in a transaction of
its own on PostgreSQL. So whoever saw something stands here, even if the power failed a moment later,
and where nothing can be written nothing is shown. A teacher who reads of herself, and a ballot that is
handed in, write nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import Session, SQLModel

import api.tables  # noqa: F401  (declares the tables below)
from catalog.prepared import Prepared, connection_of
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened

ACCESSES = SQLModel.metadata.tables["access_log"]
SUBJECTS = SQLModel.metadata.tables["access_subject"]
_ADD_ACCESS, _ADD_SUBJECTS = Prepared(ACCESSES.insert()), SUBJECTS.insert()

FORGOTTEN = "accesses.forgotten"

KEPT_DAYS = 400
"""What is older is forgotten; the database refuses to forget earlier than after 183 days."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows: by which operation, of which round, which teachers."""

    what: str
    round_id: str
    teachers: frozenset[str]


def keep(session: Session, call: Call, shown: Shown) -> tuple[()]:
    """Write down whom the caller is shown; it is no event of a round and makes no line of its log."""
    at = stamp(call.now)
    line = {
        "id": call.request_id,
        "at": at,
        "actor": call.actor,
        "role": call.role,
        "scope_id": call.scope.id,
        "what": shown.what,
        "round_id": shown.round_id,
        "count": len(shown.teachers),
    }
    connection = connection_of(session)
    _ADD_ACCESS.write(connection, line)
    connection.execute(_ADD_SUBJECTS, list(_subjects(shown.teachers, at, call.request_id)))
    return ()


def _subjects(teachers: Iterable[str], at: str, access_id: str) -> Iterable[dict[str, str]]:
    for teacher in sorted(teachers):
        yield {"teacher_id": teacher, "at": at, "access_id": access_id}


def forget(session: Session, call: Call) -> tuple[Happened, ...]:
    """Delete what has been kept long enough; the log tells how many lines, and up to when."""
    until = stamp(call.now - timedelta(days=KEPT_DAYS))
    connection = session.connection()
    connection.execute(delete(SUBJECTS).where(SUBJECTS.c.at < until))
    gone = connection.execute(delete(ACCESSES).where(ACCESSES.c.at < until)).rowcount
    if not gone:
        return ()
    return (Happened(FORGOTTEN, "", {"before": until, "accesses": gone}),)

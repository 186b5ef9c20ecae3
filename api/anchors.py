"""Who was shown whom, held by the chained log: every hour a digest of the lines that have come to rest.

The record of accesses is no chain of its own, for then readers would wait behind each other and behind
hand-ins. So the clock adds a line to the log that names a span of time and the digest of everything
written down in it. Whoever changes, adds or takes away a line of that span later no longer has this
digest, and the log that holds it is a chain with a published head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from api.accesses import ACCESSES, FORGOTTEN, SUBJECTS
from api.log import BODIES, IN_PARTS, LINES, Fault, locked_head
from matching.rounds.life.calls import Call
from matching.rounds.life.canonical import canonical
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened

ANCHORED = "accesses.anchored"

REST = timedelta(hours=2)
"""How long nothing is anchored: a clock may be set back by an hour, and a line of then still comes in."""

_a, _of = ACCESSES.c, SUBJECTS.c


@dataclass(frozen=True, slots=True)
class Anchor:
    """A span of time, after one moment and up to another, and what was written down in it."""

    after: str
    until: str
    accesses: int
    digest: str

    @property
    def body(self) -> dict[str, Any]:
        """What the log says of it."""
        return {name: getattr(self, name) for name in self.__slots__}


def next_anchor(session: Session, call: Call) -> Anchor:
    """Return the span from the last anchor to what has come to rest by now."""
    after = _last(session).until
    return _anchor(session, after, max(after, stamp(call.now - REST)))


def keep(session: Session, anchor: Anchor) -> tuple[Happened, ...]:
    """Add the anchor to the log; nothing for an empty span, or if another server was quicker."""
    locked_head(session)
    if not anchor.accesses or _last(session).until != anchor.after:
        return ()
    return (Happened(ANCHORED, "", anchor.body),)


def faults(session: Session) -> Iterator[Fault]:
    """Yield each anchor that what is written down does not confirm; what was forgotten is passed over."""
    forgotten = max((body.get("before", "") for _, body in _told(session, FORGOTTEN)), default="")
    until = ""
    for seq, body in _told(session, ANCHORED):
        found = body.get("after") == until and (
            body["after"] < forgotten or _anchor(session, until, body["until"]).body == body
        )
        if not found:
            yield Fault("log_accesses", seq)
        until = body.get("until", until)


def _anchor(session: Session, after: str, until: str) -> Anchor:
    """Return a span with the digest of its lines, in order of time."""
    digest, count = sha256(), 0
    for line in _lines(session, after, until):
        digest.update(canonical(dict(line)) + b"\n")
        count += 1
    return Anchor(after, until, count, digest.hexdigest())


def _lines(session: Session, after: str, until: str) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of a span, each with the teachers whom it showed."""
    query = (
        select(ACCESSES, _of.teacher_id)
        .outerjoin(SUBJECTS, _of.access_id == _a.id)
        .where(_a.at > after, _a.at <= until)
        .order_by(_a.at, _a.id, _of.teacher_id)
    )
    found = session.connection().execute(query, execution_options=IN_PARTS).mappings()
    for _, rows in groupby(found, key=lambda row: row["id"]):
        first, *rest = rows
        line = {str(name): value for name, value in first.items() if name != "teacher_id"}
        yield line | {"teachers": [row["teacher_id"] for row in (first, *rest)]}


def _last(session: Session) -> Anchor:
    """Return the latest anchor; before the first, one that ends where time begins."""
    _, body = next(_told(session, ANCHORED, latest_first=True), (0, {}))
    return Anchor(**body) if body else Anchor("", "", 0, "")


def _told(
    session: Session, kind: str, *, latest_first: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines of one kind, in order, each with its body, empty if that is gone."""
    seq = LINES.c.seq
    query = (
        select(seq, BODIES.c.body)
        .outerjoin(BODIES, BODIES.c.seq == seq)
        .where(LINES.c.kind == kind)
        .order_by(seq.desc() if latest_first else seq)
    )
    for found, body in session.connection().execute(query).all():
        yield found, body or {}

"""The log as a file: one line of JSON per event, with the body as the very text it was hashed as."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import Row, select
from sqlmodel import Session

from api.errors import UserError
from api.log import BODIES, HASHED, LINES, head, locked_head
from matching.rounds.errors import BadRound

ARCHIVED = ("round.archive", "round.archived")
"""The event of archiving, which comes after the bundle so that it can name it.

Its body tells with `last` where the log of the bundle ends: other rounds go on meanwhile.
"""


LINKS = ("seq", "kind", "at", "body_digest", "previous", "hash")
"""What everybody may see of a line: how it hangs in the chain, not who did it."""


class Outrun(UserError):
    """Something happened to a round while its bundle was written."""


def end_of(session: Session, round_id: str) -> int:
    """Return the number of the last line that a bundle of a round holds."""
    query = (
        select(LINES.c.seq, BODIES.c.body)
        .outerjoin(BODIES, BODIES.c.seq == LINES.c.seq)
        .where(LINES.c.round_id == round_id, LINES.c.kind.in_(ARCHIVED))
    )
    archived = session.connection().execute(query).one_or_none()
    if archived is None:
        return head(session).seq
    return int((archived.body or {}).get("last", archived.seq - 1))


def require_unchanged(session: Session, round_id: str, last: int) -> None:
    """Let nobody add a line before the commit, and refuse if the round has one after `last`.

    Raises
    ------
    Outrun
        If something has happened to the round since its bundle was written.
    """
    locked_head(session)
    later = select(LINES.c.seq).where(LINES.c.round_id == round_id, LINES.c.seq > last).limit(1)
    if session.connection().execute(later).first() is not None:
        raise Outrun("archive_outrun", id=round_id)


def salt_of(session: Session, round_id: str) -> str:
    """Return a secret of the round that no public bundle shows: the salt of its first event.

    Raises
    ------
    BadRound
        If that event's body was deleted.
    """
    query = select(BODIES.c.salt).join(LINES, LINES.c.seq == BODIES.c.seq)
    first = query.where(LINES.c.round_id == round_id).order_by(LINES.c.seq).limit(1)
    salt = session.connection().execute(first).scalar_one_or_none()
    if salt is None:
        raise BadRound("life_no_round", id=round_id)
    return str(salt)


def bodies(session: Session, round_id: str) -> Iterator[dict[str, Any]]:
    """Yield the bodies of the events of a round, oldest first."""
    query = select(BODIES.c.body).join(LINES, LINES.c.seq == BODIES.c.seq)
    mine = query.where(LINES.c.round_id == round_id).order_by(LINES.c.seq)
    yield from session.connection().execute(mine).scalars()


def write_log(
    session: Session, round_id: str, last: int, file: Path, *, public: bool
) -> dict[str, Any]:
    """Write the log up to a line and return what the manifest says of it."""
    kinds: Counter[str] = Counter()
    top = ""
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for line in _lines(session, last):
            kinds[line.kind] += 1
            top = line.hash
            told = _links(line) if public else _told(line, with_body=line.round_id == round_id)
            out.write(json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n")
    return {"events": sum(kinds.values()), "kinds": dict(kinds), "head": top}


def _lines(session: Session, last: int) -> Iterable[Row[Any]]:
    query = (
        select(LINES, BODIES.c.salt, BODIES.c.body)
        .outerjoin(BODIES, BODIES.c.seq == LINES.c.seq)
        .where(LINES.c.seq <= last)
        .order_by(LINES.c.seq)
    )
    return session.connection().execute(query, execution_options={"yield_per": 1000})


def _links(line: Row[Any]) -> dict[str, Any]:
    return {name: getattr(line, name) for name in LINKS}


def _told(line: Row[Any], *, with_body: bool) -> dict[str, Any]:
    told = {name: getattr(line, name) for name in (*HASHED, "hash")}
    if with_body and line.salt is not None:
        told |= {"salt": line.salt, "body": rfc8785.dumps(line.body).decode()}
    return told

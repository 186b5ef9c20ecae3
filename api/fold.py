"""The tables of a round's life, worked out again from the log alone.

The body of an event holds every row it changed in one of `REBUILT`, whole and as it was afterwards.
Going through the bodies in order must therefore end at the rows that are stored; where it does not,
something was changed beside the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from api.log import BODIES, IN_PARTS, LINES
from matching.rounds.life.events import REBUILT

RowKey = tuple[Any, ...]
Rows = dict[str, dict[RowKey, dict[str, Any]]]
"""By table, by primary key: the row."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that the log and the database tell differently; None where there is none."""

    table: str
    key: RowKey
    logged: dict[str, Any] | None
    stored: dict[str, Any] | None


def fold(bodies: Iterable[Mapping[str, Any]]) -> Rows:
    """Return the rows that are left after all events, from their bodies in order."""
    left: Rows = {name: {} for name in REBUILT}
    for body in bodies:
        for change in body.get("rows", ()):
            table, after = change["table"], change["after"]
            if "deleted" in after:
                left[table].pop(tuple(after["deleted"]), None)
            else:
                left[table][_key(table, after)] = after
    return left


def rebuild(session: Session) -> Rows:
    """Return the rows as the log tells them; it needs every body."""
    query = select(BODIES.c.body).order_by(BODIES.c.seq)
    return fold(session.connection().execute(query, execution_options=IN_PARTS).scalars())


def forgotten(session: Session) -> list[int]:
    """Return the numbers of the lines whose body was deleted, which a rebuild would miss."""
    query = (
        select(LINES.c.seq)
        .outerjoin(BODIES, BODIES.c.seq == LINES.c.seq)
        .where(BODIES.c.seq.is_(None))
        .order_by(LINES.c.seq)
    )
    return list(session.connection().execute(query).scalars())


def differences(session: Session) -> tuple[Difference, ...]:
    """Compare the stored rows with those that the log tells, table by table, in order of key."""
    logged = rebuild(session)
    found = []
    for table in REBUILT:
        stored = _stored(session, table)
        for key in sorted(logged[table].keys() | stored.keys()):
            said, there = logged[table].get(key), stored.get(key)
            if said != there:
                found.append(Difference(table, key, said, there))
    return tuple(found)


def _stored(session: Session, table: str) -> dict[RowKey, dict[str, Any]]:
    rows = session.connection().execute(select(SQLModel.metadata.tables[table])).mappings()
    return {_key(table, row): {str(name): row[name] for name in row} for row in rows}


def _key(table: str, row: Mapping[Any, Any]) -> RowKey:
    return tuple(row[column.name] for column in SQLModel.metadata.tables[table].primary_key)

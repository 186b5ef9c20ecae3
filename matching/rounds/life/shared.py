"""What units of work that are committed together read, or make, only once.

Between them nobody else can have changed it. It belongs to a transaction; the one writer of a SQLite
file may carry it on into the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from catalog.prepared import connection_of
from matching.rounds.store import Course

SHARED = "read by a transaction"
"""Under this name a connection keeps it."""

Made = TypeVar("Made")


@dataclass(slots=True)
class Shared:
    """What was read.

    Attributes
    ----------
    of
        The transaction it was read in.
    version
        That of the database as the connection sees it, if it may be carried on from here.
    courses, parents
        Sections with what they are runs of, and what lies above each unit.
    made
        What was made of rows, by what it is.
    """

    of: object
    version: int | None = None
    courses: dict[str, Course] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    made: dict[tuple[str, ...], Any] = field(default_factory=dict)


def shared(connection: Connection) -> Shared:
    """Return what the transaction of a connection has read so far."""
    transaction = connection.get_transaction()
    found: Shared | None = connection.info.get(SHARED)
    if found is None or found.of is not transaction:
        found = connection.info[SHARED] = Shared(transaction)
    return found


def once(session: Session, what: tuple[str, ...], make: Callable[[], Made]) -> Made:
    """Return what units of work of one transaction make once and share, for reading only.

    Parameters
    ----------
    what
        What it is, and of what: all that it depends upon beside the courses.
    """
    made = shared(connection_of(session)).made
    if what not in made:
        made[what] = make()
    return cast(Made, made[what])


def carry_on(connection: Connection) -> None:
    """Let a new transaction share what the one before it on this connection has read.

    It is for the one writer of a SQLite file: the file tells when any other connection has changed it,
    and the writer calls `forget` when one of its own units may have.
    """
    cursor = connection.connection.cursor()
    (version,) = cursor.execute("PRAGMA data_version").fetchone()
    cursor.close()
    transaction = connection.get_transaction()
    found: Shared | None = connection.info.get(SHARED)
    if found is not None and found.version == version:
        found.of = transaction
    else:
        connection.info[SHARED] = Shared(transaction, version)


def forget(connection: Connection) -> None:
    """Forget what units of work have read: one of them may have changed it."""
    connection.info.pop(SHARED, None)

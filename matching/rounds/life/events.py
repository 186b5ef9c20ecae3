"""What a service says has happened; whoever commits writes it down in the same transaction.

The log is good enough to rebuild the tables of a round's life from it. So the body of an event holds,
under `"rows"`, every row it changed in a table of `REBUILT`, whole and as it is afterwards:

    row = session.get(HandInRow, (round_id, teacher_id))
    row.version += 1
    return Happened("ballot.handed_in", round_id, {"rows": rows(row), "version": row.version})

gives `{"rows": [{"table": "hand_in", "after": {...all columns...}}], "version": 3}`. A row that was
deleted is passed as `rows(..., deleted=[row])` and stands as `{"table": ..., "after": {"deleted":
[key, ...]}}`. Call `rows` at the end, when every column has its last value; other keys of the body are
free. A body is plain JSON and never holds the secret of the lottery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlmodel import SQLModel

REBUILT = (
    "hand_in",
    "place",
    "waiting",
    "limit_use",
    "override",
    "transfer",
    "attendance_mark",
    "posting",
)
"""The tables whose rows are told in the log, and which a rebuild is compared with."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person, worded when it is sent.

    Attributes
    ----------
    person
        A teacher.
    kind
        `opening`, `closing_soon`, `result`, `offer`, `refill`, `cancellation`, `transfer`,
        `ballot_changed`.
    reference
        What the message is about; the same kind, person and reference are told once only.
    values
        What the sentence names, plain data.
    """

    person: str
    kind: str
    reference: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that a service did, for the log, the caller and the people concerned.

    Attributes
    ----------
    kind
        A dotted name such as `ballot.handed_in` or `round.sealed`.
    body
        Plain data that a rebuild of the tables needs; personal parts are deletable with it.
    answer
        What the caller is told.
    """

    kind: str
    round_id: str
    body: Mapping[str, Any]
    answer: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


class Changed(Protocol):
    """A changed row: of a session, or one that was written past it."""

    def model_dump(self) -> dict[str, Any]:
        """Return all columns."""


def rows(*changed: Changed, deleted: Iterable[SQLModel] = ()) -> list[dict[str, Any]]:
    """Return changed rows of the database as the body of an event holds them, in the order given."""
    after = [{"table": _table(row), "after": row.model_dump()} for row in changed]
    gone = [{"table": _table(row), "after": {"deleted": key_of(row)}} for row in deleted]
    return after + gone


def key_of(row: SQLModel) -> list[Any]:
    """Return the primary key of a row, in the order of its columns."""
    return [getattr(row, column.name) for column in row.__table__.primary_key]  # type: ignore[attr-defined]


def _table(row: object) -> str:
    return str(row.__tablename__)  # type: ignore[attr-defined]

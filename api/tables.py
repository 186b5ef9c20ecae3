"""The rows of the doors: the log, answers given once, messages, tokens, and who was shown whom.

Moments are text as `matching.rounds.life.clock.stamp` writes it: UTC, fixed width, in order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import api.choosing.tables  # noqa: F401  (the tables of menus)
import matching.rounds.life.tables  # noqa: F401  (naming convention and the tables referred to)
from catalog.guards import Kept, append_only


class EventRow(SQLModel, table=True):
    """One line of the log: append-only, numbered without gaps, each line holding the hash before it.

    `hash` covers everything here and the salted digest of the body, so that a body can be deleted
    and the chain still be checked.
    """

    __tablename__ = "event_log"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    round_id: str = Field(index=True)
    kind: str
    actor: str
    role: str
    scope: str
    request_id: str
    at: str
    reason: str = ""
    second: str = ""
    body_digest: str
    previous: str
    hash: str


append_only("event_log", "seq = NEW.seq")


class EventBodyRow(SQLModel, table=True):
    """What happened in full, with the salt of its digest; may be deleted for a person's sake."""

    __tablename__ = "event_body"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    salt: str
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class AnsweredRow(SQLModel, table=True):
    """The answer that an idempotency key has been given; the same key gets the same answer."""

    __tablename__ = "answered"

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_digest: str
    status: int
    etag: str = ""
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: str


class OutboxRow(SQLModel, table=True):
    """One message to one person, written with the event it tells of and sent after the commit."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "person", "reference"),
        Index("ix_outbox_state", "state"),
    )

    id: str = Field(primary_key=True)
    event_seq: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    round_id: str = Field(index=True)
    person: str
    kind: str
    reference: str
    values: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str = "waiting"
    """`waiting`, `sending`, `sent`, `failed` (given up) or `on_paper` (a slip or a sheet)."""
    channel: str = ""
    attempts: int = 0
    written_at: str = ""
    told_at: str = ""
    trouble: str = ""


class TokenRow(SQLModel, table=True):
    """A key to the API, stored as its hash: whose it is, what it covers, when it ends."""

    __tablename__ = "api_token"

    id: str = Field(primary_key=True)
    hash: str = Field(index=True, unique=True)
    holder: str
    role: str
    scope_id: str
    label: str = ""
    made_at: str
    ends_at: str
    last_used: str = ""
    revoked: bool = False


class AccessRow(SQLModel, table=True):
    """One answer that showed somebody data of teachers who are not herself: who, what, when, how many.

    It is written before the answer leaves, and kept for half a year at least, as the law asks of such logs.
    """

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_actor_at", "actor", "at"),)

    id: str = Field(primary_key=True)
    """The number of the request."""
    at: str = Field(index=True)
    actor: str
    role: str
    scope_id: str
    what: str
    """The name of the operation, which says what for."""
    round_id: str = ""
    count: int


class AccessSubjectRow(SQLModel, table=True):
    """One of the teachers whom an answer showed; she outlives her row in `teacher`."""

    __tablename__ = "access_subject"

    teacher_id: str = Field(primary_key=True)
    at: str = Field(primary_key=True, index=True)
    access_id: str = Field(primary_key=True, index=True)


LEAST_DAYS = 183
append_only("access_log", "id = NEW.id", Kept("at", LEAST_DAYS))
append_only(
    "access_subject",
    "teacher_id = NEW.teacher_id AND at = NEW.at AND access_id = NEW.access_id",
    Kept("at", LEAST_DAYS),
)

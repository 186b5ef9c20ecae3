"""The rows that the life of a round adds to ballots, results and seats.

Moments are text as `matching.rounds.life.clock.stamp` writes it: UTC, fixed width, in order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

import matching.rounds.tables  # noqa: F401  (the round, which every row here refers to)
from catalog.guards import append_only, immutable_when


class RoundSecretRow(SQLModel, table=True):
    """The secret half of the lottery seed; read by nobody before the snapshot is sealed."""

    __tablename__ = "round_secret"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    secret: str
    public_value: str = ""
    """A value from outside (drawn balls, a beacon) named only after sealing; empty if none is used."""


class HandInRow(SQLModel, table=True):
    """One teacher's ballot in a round: what she is typing, and what she has handed in.

    `lines` are one entry per rank, `A+B` a bundle. The moment of arrival is kept for the audit and
    never read by the matching. `salt` keeps the leaf of a short ballot from being guessed.
    """

    __tablename__ = "hand_in"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    version: int
    """Grows by one with every change, drafts included."""
    draft: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """As typed: {"lines": [...], "most_sections": ...}, unchecked; None once handed in."""
    handed_in: bool = False
    lines: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    most_sections: int | None = None
    school: str = "pending"
    """`pending`, `approved` or `returned` by the school."""
    school_reason: str = ""
    entered_by: str = ""
    """Who entered it on her behalf; empty if she did."""
    salt: str = ""
    digest: str = ""
    received_at: str = ""


class SnapshotRow(SQLModel, table=True):
    """What a round is solved from, frozen at sealing; solves read this and nothing else."""

    __tablename__ = "snapshot"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    digest: str
    root: str
    """Merkle root over the digests of the ballots, by teacher."""
    ballots: int
    body: str = Field(sa_column=Column(Text, nullable=False))
    """Canonical JSON (RFC 8785)."""
    sealed_at: str


class AnswerRow(SQLModel, table=True):
    """What one solve of a snapshot answered; nothing is overwritten, a re-run is a new version."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("round_id", "snapshot_digest", "configuration"),
        UniqueConstraint("round_id", "number", "version"),
    )

    id: str = Field(primary_key=True)
    """`round/number/version`."""
    round_id: str = Field(foreign_key="round.id", index=True)
    number: int
    version: int
    snapshot_digest: str
    configuration: str
    """Digest of everything beside the snapshot that decides: number, locks, effort, code version."""
    digest: str
    status: str
    gap: float | None = None
    job_id: str = ""
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Result, seats and reasons as plain data."""


append_only("answer", "id = NEW.id")


class JobRow(SQLModel, table=True):
    """A solve on its way, for whoever watches it; at most one lives per round."""

    __tablename__ = "job"

    id: str = Field(primary_key=True)
    round_id: str = Field(foreign_key="round.id", index=True)
    number: int
    snapshot_digest: str
    configuration: str
    state: str = "queued"
    """`queued`, `running`, `done`, `infeasible` or `failed`."""
    attempt: int = 0
    """The fencing token: grows with every start; an older attempt can no longer write."""
    stop_wanted: bool = False
    stage: str = ""
    tier: int = 0
    tiers: int = 0
    seats_filled: int = 0
    value: int | None = None
    bound: int | None = None
    gap: float | None = None
    seconds: float = 0.0
    answer_id: str = ""
    effort: str = ""
    """Asked for this solve; empty for the effort of the settings."""
    witness: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    """Reasons that clash, where the settings cannot be met."""
    trouble: str = Field(default="", sa_column=Column(Text, nullable=False))
    asked_by: str = ""
    asked_at: str = ""


class OverrideRow(SQLModel, table=True):
    """A seat locked by hand (or forbidden), with its reason and the two who decided it."""

    __tablename__ = "override"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    section_id: str = Field(primary_key=True, foreign_key="section.id")
    kind: str
    """`lock` or `forbid`."""
    reason: str
    decided_by: str
    second: str


class AppealRow(SQLModel, table=True):
    """An objection during the 公示, and its answer."""

    __tablename__ = "appeal"

    id: str = Field(primary_key=True)
    round_id: str = Field(foreign_key="round.id", index=True)
    teacher_id: str = Field(foreign_key="teacher.id", index=True)
    text: str
    raised_at: str
    answer: str = ""
    answered_by: str = ""


class PlaceRow(SQLModel, table=True):
    """One numbered seat of a section; capacity is how many rows there are."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("round_id", "section_id", "teacher_id"),
        CheckConstraint("(state = 'free') = (teacher_id IS NULL)", name="place_holder"),
        Index("ix_place_state", "round_id", "state"),
    )

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    section_id: str = Field(primary_key=True, foreign_key="section.id")
    number: int = Field(primary_key=True)
    state: str = "free"
    """`free`, `offered` or `confirmed`."""
    teacher_id: str | None = Field(default=None, foreign_key="teacher.id", index=True)
    origin: str = ""
    """`chosen`, `assignable`, `locked` (by hand) or `waitlist`."""
    rank: int = 0
    expires_at: str = ""


class WaitingRow(SQLModel, table=True):
    """A place in the published order of those who wait for a section."""

    __tablename__ = "waiting"
    __table_args__ = (UniqueConstraint("round_id", "section_id", "teacher_id"),)

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    section_id: str = Field(primary_key=True, foreign_key="section.id")
    position: int = Field(primary_key=True)
    teacher_id: str = Field(foreign_key="teacher.id", index=True)
    rank: int
    state: str = "waiting"
    """`waiting`, `offered`, or `out`: declined, expired or withdrawn, never to re-enter by itself."""


class LimitRow(SQLModel, table=True):
    """How much of a shared limit (quota, release of a half-day, budget ...) is used."""

    __tablename__ = "limit_use"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    row: str = Field(primary_key=True)
    most: int
    used: int


class TransferRow(SQLModel, table=True):
    """A teacher who has changed schools since her round was sealed; the last change counts."""

    __tablename__ = "transfer"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    school_id: str = Field(foreign_key="school.id")


class MarkRow(SQLModel, table=True):
    """Whether a teacher was there on one half-day."""

    __tablename__ = "attendance_mark"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    section_id: str = Field(primary_key=True, foreign_key="section.id")
    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    day: str = Field(primary_key=True)
    half: str = Field(primary_key=True)
    mark: str
    """`present`, `absent` or `excused`."""
    marked_by: str
    marked_at: str


class PostingRow(SQLModel, table=True):
    """The hours of one section on their way to the ledger; two people approve."""

    __tablename__ = "posting"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    section_id: str = Field(primary_key=True, foreign_key="section.id")
    state: str
    """`submitted`, `first_approved`, `posted`."""
    submitted_by: str
    first_by: str = ""
    second_by: str = ""


class ProposalRow(SQLModel, table=True):
    """What one person wants to do that needs two; it happens when the second agrees."""

    __tablename__ = "proposal"

    id: str = Field(primary_key=True)
    round_id: str = Field(foreign_key="round.id", index=True)
    verb: str
    arguments: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str
    proposed_by: str
    proposed_at: str
    state: str = "waiting"
    """`waiting`, `agreed` or `dropped`."""
    second: str = ""


immutable_when(
    "hand_in", "EXISTS (SELECT 1 FROM snapshot WHERE snapshot.round_id = {row}.round_id)"
)
append_only("snapshot", "round_id = NEW.round_id")

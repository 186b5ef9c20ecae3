"""The rows a round keeps: ballots handed in, and what each solve answered.

Importing `diagnostics.tables` first sets the naming convention and the tables that rows refer to.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

import diagnostics.tables  # noqa: F401  (teachers and sections, which rows here refer to)


class RoundRow(SQLModel, table=True):
    """A round with the settings it is run by and the digest its lottery seed is committed to."""

    __tablename__ = "round"

    id: str = Field(primary_key=True)
    title: str
    year: int
    unit_id: str
    list_length: int
    seed_commitment: str
    settings: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str = "draft"
    """See `matching.rounds.life.phases`."""
    version: int = 0
    """Grows with every move or change; an edit must name the version it was made from."""
    number: int = 1
    """Which of the two solves the round is at."""
    opens_at: str = ""
    closes_at: str = ""
    closing_told: str = ""
    """The deadline that those without a ballot have been reminded of."""
    paused_at: str = ""
    notice_until: str = ""
    confirm_until: str = ""
    published: str = ""
    """The answer that everybody sees; publishing flips this pointer and nothing else."""
    successor: str = ""
    """The round that replaces a voided one."""


class BallotRow(SQLModel, table=True):
    """The ballot of one teacher as handed in; the time of entry is not kept, for it never counts."""

    __tablename__ = "ballot"

    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    choices: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """One entry per rank; `A+B` is a bundle, all or none."""
    most_sections: int | None = None
    returned: bool = False
    """The school answered 不同意: the ballot is kept and not used."""
    entered_by: str = ""


class ResultRow(SQLModel, table=True):
    """What one solve of a round answered; the same question has at most one answer."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: str = Field(primary_key=True)
    round_id: str = Field(foreign_key="round.id", index=True)
    number: int
    status: str
    digest: str
    instance_digest: str
    seed: str
    backend: str
    version: str
    gap: float | None = None
    settings: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    goals: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    closed: list[str] = Field(sa_column=Column(JSON, nullable=False))


class SeatRow(SQLModel, table=True):
    """One teacher in one section; `number` is the round (1 or 2) that gave the seat."""

    __tablename__ = "seat"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    section_id: str = Field(primary_key=True, foreign_key="section.id")
    number: int
    rank: int
    kind: str


class ReasonRow(SQLModel, table=True):
    """Why a choice was missed or a seat assigned: data first, the sentence is made when read."""

    __tablename__ = "reason"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    number: int = Field(primary_key=True)
    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    subject: str = Field(primary_key=True)
    code: str
    have: int
    need: int
    field: str = ""
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))

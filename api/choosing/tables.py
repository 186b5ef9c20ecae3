"""The rows of menus: what a teacher was shown and would rather take, hers alone; and dry runs.

They are no part of a round: nothing is decided by them, no bundle holds them, and nobody but the
teacher reads her own. A dry run is of the whole round. Moments are text as `matching.rounds.life.clock.stamp` writes it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

import matching.rounds.tables  # noqa: F401  (the round, which every row here refers to)


class ShownRow(SQLModel, table=True):
    """One menu as it was shown to a teacher for the first time; the same menu again is no new row."""

    __tablename__ = "menu_shown"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    teacher_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    at: str = Field(index=True)
    lines: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    """From the first place on: section, score, price in points, odds in thousandths or null."""


class InterviewRow(SQLModel, table=True):
    """The questions "A or B?" that a teacher is asked about her list in a round."""

    __tablename__ = "interview"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    teacher_id: str = Field(primary_key=True)
    version: int
    """Grows with every answer, every one taken back and every new beginning."""
    sections: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """What the questions are about."""
    scores: list[int] = Field(sa_column=Column(JSON, nullable=False))
    """Points of each section without price and sameness, as they were when she began."""
    drafted: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """Those she had put in order herself when she began."""
    answers: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    """Better and worse, in the order of the answers."""
    began_at: str


class DryRunRow(SQLModel, table=True):
    """What menus of a round go by until it has a result: prices and odds of a dry run."""

    __tablename__ = "dry_run"

    round_id: str = Field(primary_key=True, foreign_key="round.id")
    job_id: str
    at: str
    asked_by: str
    teachers: int
    sections: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    """Section, price in thousandths of a menu's points, asked, seated, better, odds in thousandths."""
    digest: str
    """Of `sections`, as the log tells it."""

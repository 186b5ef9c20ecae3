"""The rows this room keeps: teachers, ratings, answers, diagnoses, bans and the append-only credit ledger.

Importing `catalog.tables` first sets the naming convention and the tables that rows here refer to.
"""

from __future__ import annotations

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import catalog.tables  # noqa: F401  (naming convention, and the tables of the foreign keys)
from catalog.guards import append_only, counted


class TeacherRow(SQLModel, table=True):
    """A teacher as stored: no identity number, only its keyed hash and last four characters."""

    __tablename__ = "teacher"

    id: str = Field(primary_key=True)
    name: str
    id_hash: str = Field(default="", index=True)
    id_last4: str = ""
    school_id: str = Field(foreign_key="school.id", index=True)
    stage: str
    subject: str
    other_subjects: list[str] = Field(default_factory=list, sa_type=JSON)
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    title_rank: int | None = None
    years: int
    office_years: int | None = None
    tier: str = "0"
    phone_masked: str = ""
    flags: list[str] = Field(default_factory=list, sa_type=JSON)


class RatingRow(SQLModel, table=True):
    """One rating of one dimension of one teacher by one rater; the teacher rates too."""

    __tablename__ = "rating"

    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    dimension: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    rater: str = Field(primary_key=True)
    level: int
    day: str | None = None


class ResponseRow(SQLModel, table=True):
    """What one person answered to the items of a questionnaire about one teacher, on a sheet.

    `options` maps an item's code to the option chosen, from 1, as it stood on the page. A teacher
    who answers about herself is her own rater.
    """

    __tablename__ = "response"

    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    rater: str = Field(primary_key=True)
    options: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    day: str | None = None


class DiagnosisRow(SQLModel, table=True):
    """A questionnaire that a teacher answers item by item, and how far she is."""

    __tablename__ = "diagnosis"
    __table_args__ = (Index("ix_diagnosis_teacher", "teacher_id", "framework"),)

    id: str = Field(primary_key=True)
    teacher_id: str = Field(foreign_key="teacher.id")
    framework: str
    version: int
    """Of the framework."""
    seed: str
    """With the teacher it decides which of equal items are asked."""
    answers: int = 0
    ended: str = ""
    """Why it ended (a message code); empty while it goes on."""
    opened_at: str
    ended_at: str = ""


class ItemAnswerRow(SQLModel, table=True):
    """One answer of a diagnosis, in the order given."""

    __tablename__ = "item_answer"

    diagnosis_id: str = Field(primary_key=True, foreign_key="diagnosis.id")
    number: int = Field(primary_key=True)
    item: str = Field(index=True)
    option: int
    """The option chosen, from 1, as it stood on the page."""
    seconds: float | None = None
    at: str


class ItemCountRow(SQLModel, table=True):
    """How often an item of a framework was answered, over everybody; the database counts."""

    __tablename__ = "item_count"

    framework: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    total: int


class LedgerEntryRow(SQLModel, table=True):
    """One line of the credit ledger; lines are added, never changed (see the guard below).

    `minutes` are account minutes (1/60 学时), negative in a correction, which names the line it
    corrects. Level, mode and topics are frozen at posting, so that a later change of the catalogue
    changes no balance.
    """

    __tablename__ = "ledger_entry"

    id: str = Field(primary_key=True)
    teacher_id: str = Field(foreign_key="teacher.id", index=True)
    year: int = Field(index=True)
    category: str
    minutes: int
    source: str
    evidence: str
    number: int
    origin: str = "sheet"
    offering_id: str | None = None
    level: str = ""
    mode: str = ""
    topics: list[str] = Field(default_factory=list, sa_type=JSON)
    posted_on: str = ""
    corrects: str | None = Field(default=None, foreign_key="ledger_entry.id")
    reason: str = ""


class LedgerApprovalRow(SQLModel, table=True):
    """One of the two approvals of a ledger line; one person cannot give both."""

    __tablename__ = "ledger_approval"
    __table_args__ = (UniqueConstraint("entry_id", "approver"),)

    entry_id: str = Field(primary_key=True, foreign_key="ledger_entry.id")
    step: int = Field(primary_key=True)
    approver: str


class BanRow(SQLModel, table=True):
    """A teacher barred from some sections for some years, unless she is excused."""

    __tablename__ = "ban"

    teacher_id: str = Field(primary_key=True, foreign_key="teacher.id")
    event: str = Field(primary_key=True)
    from_day: str = Field(primary_key=True)
    until_day: str
    where: str
    note: str = ""
    excuse: str = ""
    excused_by: str = ""


append_only("ledger_entry", "id = NEW.id")
append_only(
    "ledger_approval",
    "entry_id = NEW.entry_id AND (step = NEW.step OR approver = NEW.approver)",
)
counted(
    "item_answer",
    "item_count",
    {
        "framework": "(SELECT framework FROM diagnosis WHERE diagnosis.id = {row}.diagnosis_id)",
        "item": "{row}.item",
    },
)

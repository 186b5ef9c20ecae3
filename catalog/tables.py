"""How the catalog is kept: one table per entity, natural keys, dates as ISO text, money in fen.

What holds for every table of the project is set here, so rooms above import this module before they
declare tables of their own: the names of constraints, and whole numbers of 64 bits on PostgreSQL as
on SQLite (2^31 fen are no more than 21 million yuan).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData, Table, event
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


@event.listens_for(Table, "after_parent_attach")
def _keep_whole_numbers_whole(table: Table, metadata: MetaData) -> None:
    """Store every whole number of ours in 64 bits."""
    for column in table.columns if metadata is SQLModel.metadata else ():
        if isinstance(column.type, Integer):
            column.type = BigInteger().with_variant(Integer(), "sqlite")


class UnitRow(SQLModel, table=True):
    """A holder of quotas (单位): its place in the tree is `parent_id`, never its code."""

    __tablename__ = "unit"

    id: str = Field(primary_key=True)
    name: str
    parent_id: str | None = Field(default=None, foreign_key="unit.id", index=True)
    kind: str
    gb2260: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class SchoolRow(SQLModel, table=True):
    """A school; `release_percent` and `release_max` override the round's release rule."""

    __tablename__ = "school"

    id: str = Field(primary_key=True)
    name: str
    unit_id: str = Field(foreign_key="unit.id", index=True)
    stages: list[str] = Field(sa_type=JSON)
    residence: str
    staff: int
    release_percent: int | None = None
    release_max: int | None = None
    flags: list[str] = Field(sa_type=JSON)


class InstitutionRow(SQLModel, table=True):
    """An institution that offers training, and the licence it has for certain levels."""

    __tablename__ = "institution"

    id: str = Field(primary_key=True)
    name: str
    type: str
    levels: list[str] = Field(sa_type=JSON)
    licence: str
    valid_from: str
    valid_to: str


class ProgrammeRow(SQLModel, table=True):
    """A programme: who pays (also the fund), for whom, and its least share of practice."""

    __tablename__ = "programme"

    id: str = Field(primary_key=True)
    name: str
    year: int
    level: str
    budget_fen: int | None = None
    eligibility: str = ""
    practice_percent: int | None = None


class OfferingRow(SQLModel, table=True):
    """A course as filed by an institution (课程); times are account minutes and half-days."""

    __tablename__ = "offering"

    id: str = Field(primary_key=True)
    title: str
    institution_id: str = Field(foreign_key="institution.id", index=True)
    programme_id: str = Field(foreign_key="programme.id", index=True)
    level: str
    category: str
    stages: list[str] = Field(sa_type=JSON)
    subjects: list[str] = Field(sa_type=JSON)
    roles: list[str] = Field(sa_type=JSON)
    max_years: int | None = None
    min_years: int | None = None
    half_days: int
    minutes: int
    practice_minutes: int
    mode: str
    method: str
    topics: list[str] = Field(sa_type=JSON)
    dimensions: list[str] = Field(sa_type=JSON)
    prerequisites: list[str] = Field(sa_type=JSON)
    licence: str


class SectionRow(SQLModel, table=True):
    """One run of an offering that teachers sit in (班次); meetings are `2026-08-03 AM` and so on."""

    __tablename__ = "section"

    id: str = Field(primary_key=True)
    offering_id: str = Field(foreign_key="offering.id", index=True)
    minimum: int
    capacity: int
    meetings: list[str] = Field(sa_type=JSON)
    site: str = ""
    fee_fen: int = 0
    chief_expert: str
    class_head: str
    life_head: str


class QuotaRow(SQLModel, table=True):
    """Places given to a unit in a programme; an empty stage, subject or role is open."""

    __tablename__ = "quota"

    unit_id: str = Field(foreign_key="unit.id", primary_key=True)
    programme_id: str = Field(foreign_key="programme.id", primary_key=True)
    stage: str = Field(default="", primary_key=True)
    subject: str = Field(default="", primary_key=True)
    role: str = Field(default="", primary_key=True)
    min_seats: int = 0
    max_seats: int
    green_seats: int = 0
    note: str = ""


class ImportBatchRow(SQLModel, table=True):
    """One import of one sheet: what it came from and what it changed; kept when undone."""

    __tablename__ = "import_batch"

    id: int | None = Field(default=None, primary_key=True)
    sheet: str
    file_name: str
    file_digest: str
    added: int
    changed: int
    removed: int
    undone: bool = False


class ImportChangeRow(SQLModel, table=True):
    """One row that an import added, changed or removed, as it was before and after."""

    __tablename__ = "import_change"

    batch_id: int = Field(foreign_key="import_batch.id", primary_key=True)
    number: int = Field(primary_key=True)
    key: list[str] = Field(sa_type=JSON)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)

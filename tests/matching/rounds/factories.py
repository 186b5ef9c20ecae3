"""A tiny county for stories: one call makes a database, every part can be changed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, select

from api.database import open_database
from catalog.tables import (
    InstitutionRow,
    OfferingRow,
    ProgrammeRow,
    QuotaRow,
    SchoolRow,
    SectionRow,
    UnitRow,
)
from diagnostics.tables import TeacherRow
from matching.rounds.settings import RoundSettings
from matching.rounds.settings_file import read_settings
from matching.rounds.tables import BallotRow
from tests.databases import fresh

EXAMPLE = Path(__file__).with_name("round_example.toml")
COUNTY = "441226"


@contextmanager
def database(*rows: SQLModel):
    """Open a database with some rows in it; of both kinds where a test asks for `dialect`."""
    with fresh() as target:
        engine = open_database(target)
        try:
            with Session(engine) as session:
                add(session, *rows)
                yield session
        finally:
            engine.dispose()


def add(session: Session, *rows: SQLModel) -> None:
    """Add copies of rows, table by table, those first to which others refer.

    A row whose key is there already takes its place, and so does a later one with the same key.
    """
    tables = SQLModel.metadata.sorted_tables
    kinds = sorted({type(row) for row in rows}, key=lambda kind: tables.index(kind.__table__))
    for kind in kinds:
        table = inspect(kind)
        there = {tuple(key) for key in session.execute(select(*table.primary_key))}
        for row in [row for row in rows if type(row) is kind]:
            key = tuple(table.primary_key_from_instance(row))
            if key in there:
                session.merge(row)
            else:
                session.add(kind(**row.model_dump()))
            if None not in key:
                there.add(key)
        session.flush()


def settings(**changes: object) -> RoundSettings:
    """Return the example's settings without level shares, fill targets and required hours, then changed."""
    plain = replace(read_settings(EXAMPLE), shares=(), fills=(), programmes=(), required=())
    return replace(plain, **changes)


def units() -> list[UnitRow]:
    return [
        UnitRow(id="440000", name="省", kind="province"),
        UnitRow(id="441200", name="市", kind="prefecture", parent_id="440000"),
        UnitRow(id=COUNTY, name="县", kind="county", parent_id="441200"),
    ]


def school(id: str = "P1", staff: int = 20, **more: object) -> SchoolRow:
    defaults = {"name": id, "unit_id": COUNTY, "stages": ["2"], "residence": "121", "flags": []}
    return SchoolRow(id=id, staff=staff, **{**defaults, **more})


def teacher(id: str, school_id: str = "P1", **more: object) -> TeacherRow:
    defaults = {
        "name": f"教师{id}",
        "stage": "2",
        "subject": "jyt:13",
        "years": 10,
        "other_subjects": [],
        "roles": ["10"],
        "flags": [],
    }
    return TeacherRow(id=id, school_id=school_id, **{**defaults, **more})


def institution(id: str = "I1") -> InstitutionRow:
    return InstitutionRow(
        id=id,
        name="县教师发展中心",
        type="teacher_centre",
        levels=["county", "city", "province"],
        licence="L",
        valid_from="2020-01-01",
        valid_to="2030-12-31",
    )


def programme(id: str = "P-COUNTY", level: str = "county", **more: object) -> ProgrammeRow:
    return ProgrammeRow(id=id, **{"name": id, "year": 2026, "level": level, **more})


def days(first: str, count: int) -> list[str]:
    """Return whole days, such as days("2026-08-03", 2)."""
    month, day = first[:8], int(first[8:])
    return [f"{month}{day + i:02d} {half}" for i in range(count) for half in ("AM", "PM")]


def course(id: str, meetings: list[str], capacity: int = 10, minimum: int = 0, **more: object):
    """Return an offering with its one section of the same id."""
    fields = {
        "institution_id": "I1",
        "programme_id": "P-COUNTY",
        "level": "county",
        "category": "zhuanye",
        "stages": [],
        "subjects": [],
        "roles": [],
        "mode": "f2f",
        "method": "workshop",
        "topics": [],
        "dimensions": [],
        "prerequisites": [],
        "practice_minutes": 0,
        "minutes": 240 * len(meetings),
        "title": f"课程{id}",
    }
    site, fee = more.pop("site", ""), more.pop("fee_fen", 0)
    offering = OfferingRow(id=id, half_days=len(meetings), licence="L", **{**fields, **more})
    section = SectionRow(
        id=id,
        offering_id=id,
        minimum=minimum,
        capacity=capacity,
        meetings=meetings,
        site=site,
        fee_fen=fee,
        chief_expert="甲",
        class_head="乙",
        life_head="丙",
    )
    return [offering, section]


def ballot(teacher_id: str, *choices: str, **more: object) -> BallotRow:
    return BallotRow(teacher_id=teacher_id, choices=list(choices), **more)


def quota(programme_id: str = "P-COUNTY", max_seats: int = 5, **more: object) -> QuotaRow:
    return QuotaRow(
        **{"unit_id": COUNTY, "programme_id": programme_id, "max_seats": max_seats, **more}
    )


def county(*more: SQLModel) -> list[SQLModel]:
    """Return what every story needs, followed by the story's own rows."""
    return [*units(), school(), institution(), programme(), *more]

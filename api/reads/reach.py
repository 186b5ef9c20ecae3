"""How far a scope reaches: which units, schools, teachers and courses it covers.

Teachers see themselves, schools their teachers, institutions their own courses, counties and
auditors their unit and everything below it. A scope of another kind covers nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, false, select, true
from sqlalchemy.sql.base import ColumnCollection
from sqlmodel import Session, SQLModel

from api.http_errors import not_found
from catalog.tables import OfferingRow, SchoolRow, UnitRow
from diagnostics.tables import TeacherRow
from matching.rounds.life.calls import Scope

Columns = ColumnCollection[str, Column[Any]]


def columns(table: type[SQLModel]) -> Columns:
    """Return the columns of a table, for questions that load no objects."""
    found: Columns = table.__table__.c  # type: ignore[attr-defined]
    return found


unit = columns(UnitRow)
school = columns(SchoolRow)
teacher = columns(TeacherRow)
offering = columns(OfferingRow)

STAFF = ("county", "auditor")


def below(unit_id: str) -> Select[Any]:
    """Return the question for a unit and every unit below it."""
    tree = select(unit.id).where(unit.id == unit_id).cte("below", recursive=True)
    return select(tree.union(select(unit.id).join(tree, unit.parent_id == tree.c.id)).c.id)


def above(unit_id: Select[Any]) -> Select[Any]:
    """Return the question for some units and every unit above them."""
    line = select(unit.id, unit.parent_id).where(unit.id.in_(unit_id)).cte("above", recursive=True)
    more = select(unit.id, unit.parent_id).join(line, unit.id == line.c.parent_id)
    return select(line.union(more).c.id)


def teachers(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a teacher that a scope covers her."""
    if scope.role == "teacher":
        return teacher.id == scope.id
    if scope.role == "school":
        return teacher.school_id == scope.id
    if scope.role in STAFF:
        inside = select(school.id).where(school.unit_id.in_(below(scope.id)))
        return teacher.school_id.in_(inside)
    return false()


def schools(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a school that a scope covers it."""
    if scope.role == "teacher":
        return school.id.in_(select(teacher.school_id).where(teacher.id == scope.id))
    if scope.role == "school":
        return school.id == scope.id
    if scope.role in STAFF:
        return school.unit_id.in_(below(scope.id))
    return false()


def units(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a unit that a scope covers it: her own line, or all below hers."""
    if scope.role in STAFF:
        return unit.id.in_(below(scope.id))
    if scope.role == "institution":
        return false()
    return unit.id.in_(above(select(school.unit_id).where(schools(scope))))


def courses(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a course: an institution sees its own, everybody else all."""
    return offering.institution_id == scope.id if scope.role == "institution" else true()


def require_teacher(session: Session, scope: Scope, teacher_id: str) -> str:
    """Return the code of a teacher that a scope covers.

    Raises
    ------
    Refused
        404, whether she is another's or nobody.
    """
    known = select(teacher.id).where(teacher.id == teacher_id, teachers(scope))
    if session.execute(known).scalar() is None:
        raise not_found()
    return teacher_id

"""Units, schools, courses and sections as a caller may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select
from sqlmodel import Session

from api.http_errors import not_found
from api.reads import reach
from catalog.tables import OfferingRow, SchoolRow, SectionRow, UnitRow
from matching.rounds.life.calls import Scope

_section = SectionRow.__table__.c  # type: ignore[attr-defined]
_offering = reach.offering


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one part of a list, and whether there are more after them."""

    rows: tuple[RowMapping, ...]
    more: bool


def part(session: Session, question: Select[Any], limit: int) -> Part:
    """Return at most `limit` rows of a question."""
    rows = tuple(session.execute(question.limit(limit + 1)).mappings())
    return Part(rows[:limit], len(rows) > limit)


def units(session: Session, scope: Scope, after: str, limit: int) -> Part:
    """Return the units a scope covers, by code."""
    wanted = select(UnitRow.__table__).where(reach.units(scope), reach.unit.id > after)  # type: ignore[attr-defined]
    return part(session, wanted.order_by(reach.unit.id), limit)


def unit(session: Session, scope: Scope, unit_id: str) -> RowMapping:
    """Return one unit."""
    table = UnitRow.__table__  # type: ignore[attr-defined]
    return one(session, select(table).where(reach.unit.id == unit_id, reach.units(scope)))


def schools(session: Session, scope: Scope, after: str, limit: int) -> Part:
    """Return the schools a scope covers, by code."""
    wanted = select(SchoolRow.__table__).where(reach.schools(scope), reach.school.id > after)  # type: ignore[attr-defined]
    return part(session, wanted.order_by(reach.school.id), limit)


def school(session: Session, scope: Scope, school_id: str) -> RowMapping:
    """Return one school."""
    table = SchoolRow.__table__  # type: ignore[attr-defined]
    return one(session, select(table).where(reach.school.id == school_id, reach.schools(scope)))


def offerings(
    session: Session, scope: Scope, wanted: Mapping[str, str], after: str, limit: int
) -> Part:
    """Return the courses a scope covers that have what is asked for, by code."""
    table = OfferingRow.__table__  # type: ignore[attr-defined]
    question = select(table).where(reach.courses(scope), _offering.id > after, *_asked(wanted))
    return part(session, question.order_by(_offering.id), limit)


def offering(session: Session, scope: Scope, offering_id: str) -> RowMapping:
    """Return one course."""
    table = OfferingRow.__table__  # type: ignore[attr-defined]
    return one(session, select(table).where(_offering.id == offering_id, reach.courses(scope)))


def sections(
    session: Session, scope: Scope, wanted: Mapping[str, str], after: str, limit: int
) -> Part:
    """Return the sections a scope covers whose course has what is asked for, by code."""
    question = _sections(scope).where(_section.id > after, *_asked(wanted))
    return part(session, question.order_by(_section.id), limit)


def section(session: Session, scope: Scope, section_id: str) -> RowMapping:
    """Return one section."""
    return one(session, _sections(scope).where(_section.id == section_id))


def _sections(scope: Scope) -> Select[Any]:
    shared = (_offering.title, _offering.institution_id, _offering.minutes, _offering.mode)
    table = SectionRow.__table__  # type: ignore[attr-defined]
    joined = select(table, *shared).join(
        OfferingRow.__table__,  # type: ignore[attr-defined]
        _offering.id == _section.offering_id,
    )
    return joined.where(reach.courses(scope))


def one(session: Session, question: Select[Any]) -> RowMapping:
    """Return the one row of a question.

    Raises
    ------
    Refused
        404, if there is none.
    """
    row = session.execute(question).mappings().one_or_none()
    if row is None:
        raise not_found()
    return row


def _asked(wanted: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter; `text` looks into the title, the rest are codes."""
    found = [_offering[name] == value for name, value in wanted.items() if value and name != "text"]
    if text := wanted.get("text"):
        found.append(_offering.title.contains(text, autoescape=True))
    return found

"""Who was shown whose data, as a teacher may see it of herself and an auditor of her unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select, tuple_
from sqlmodel import Session

from api.accesses import ACCESSES, SUBJECTS
from api.reads import reach
from api.reads.catalog import Part, part
from matching.rounds.life.calls import Scope

_c = ACCESSES.c
_of = SUBJECTS.c


def of_herself(session: Session, scope: Scope, after: tuple[str, ...], limit: int) -> Part:
    """Return who was shown a teacher's data, the latest first."""
    mine = _ordered(select(ACCESSES).join(SUBJECTS, _of.access_id == _c.id), _of.at, after)
    return part(session, mine.where(_of.teacher_id == scope.id), limit)


def within(
    session: Session,
    scope: Scope,
    teacher_id: str,
    actor: str,
    after: tuple[str, ...],
    limit: int,
) -> Part:
    """Return who was shown teachers that a scope covers, the latest first.

    Parameters
    ----------
    teacher_id, actor
        Whose data, and by whom; empty for everybody's.
    """
    if teacher_id:
        joined = select(ACCESSES).join(SUBJECTS, _of.access_id == _c.id)
        asked = _ordered(joined, _of.at, after).where(_of.teacher_id == teacher_id, _covered(scope))
    else:
        about = select(_of.access_id).where(_of.access_id == _c.id, _covered(scope)).exists()
        asked = _ordered(select(ACCESSES), _c.at, after).where(about)
    return part(session, asked.where(_c.actor == actor) if actor else asked, limit)


def subjects(session: Session, scope: Scope, rows: tuple[RowMapping, ...]) -> dict[str, list[str]]:
    """Return access -> the teachers within reach whom it showed, in order."""
    asked = select(_of.access_id, _of.teacher_id).where(
        _of.access_id.in_([row["id"] for row in rows]), _covered(scope)
    )
    found: dict[str, list[str]] = {}
    for access_id, teacher_id in session.execute(asked.order_by(_of.teacher_id)):
        found.setdefault(access_id, []).append(teacher_id)
    return found


def _covered(scope: Scope) -> ColumnElement[bool]:
    return _of.teacher_id.in_(select(reach.teacher.id).where(reach.teachers(scope)))


def _ordered(asked: Select[Any], at: Any, after: tuple[str, ...]) -> Select[Any]:
    """Return a question in order, the latest first, from behind the last row that was told."""
    if after:
        asked = asked.where(tuple_(at, _c.id) < tuple_(*after))
    return asked.order_by(at.desc(), _c.id.desc())

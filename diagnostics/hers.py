"""What is stored of one teacher, by statements that are compiled once.

A look at a menu or a profile asks all of it. Putting a statement together and wrapping rows takes the
toolkit several times as long as the database needs to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlmodel import Session, SQLModel

import diagnostics.tables  # noqa: F401  (declares the tables below)
from catalog.prepared import Prepared, connection_of
from diagnostics import store
from diagnostics.credit.integrity import Ban, ban_of
from diagnostics.credit.ledger import LedgerLine, line_of
from diagnostics.errors import UnknownTeacher
from diagnostics.responses import Rating
from diagnostics.tables import ResponseRow
from diagnostics.teachers import Teacher

_OF: BindParameter[str] = bindparam("teacher")
_tables = SQLModel.metadata.tables
_teacher, _school, _unit = (_tables[name].c for name in ("teacher", "school", "unit"))
_rating, _response, _ban = (_tables[name].c for name in ("rating", "response", "ban"))
_diagnosis, _answer = _tables["diagnosis"].c, _tables["item_answer"].c
_line, _approval = _tables["ledger_entry"].c, _tables["ledger_approval"].c

_TEACHER = Prepared(
    select(_tables["teacher"], _school.unit_id)
    .join(_tables["school"], _school.id == _teacher.school_id)
    .where(_teacher.id == _OF)
)
_PARENTS = Prepared(select(_unit.id, _unit.parent_id))
_RATINGS = Prepared(
    select(_tables["rating"])
    .where(_rating.teacher_id == _OF)
    .order_by(_rating.dimension, _rating.source, _rating.rater)
)
_RESPONSES = Prepared(
    select(_tables["response"]).where(_response.teacher_id == _OF).order_by(_response.rater)
)
_ASKED = Prepared(
    select(_diagnosis.teacher_id, _diagnosis.opened_at, _answer.item, _answer.option)
    .join(_tables["item_answer"], _answer.diagnosis_id == _diagnosis.id)
    .where(_diagnosis.teacher_id == _OF, _diagnosis.framework == bindparam("framework"))
    .order_by(_diagnosis.opened_at, _diagnosis.id, _answer.number)
)
_LINES = Prepared(
    select(_tables["ledger_entry"], _approval.approver)
    .outerjoin(_tables["ledger_approval"], _approval.entry_id == _line.id)
    .where(_line.teacher_id == _OF)
    .order_by(_line.id, _approval.step)
)
_BANS = Prepared(
    select(_tables["ban"]).where(_ban.teacher_id == _OF).order_by(_ban.from_day, _ban.event)
)


def teacher(session: Session, number: str) -> Teacher:
    """Return one teacher.

    Raises
    ------
    UnknownTeacher
        If nobody has this number.
    """
    connection = connection_of(session)
    row = _TEACHER.first(connection, {"teacher": number})
    if row is None:
        raise UnknownTeacher(f"no teacher has the number {number}; import the roster first")
    return store.teacher_of(row, row.unit_id, dict(_PARENTS.all(connection, {})))


def ratings(session: Session, teacher_id: str) -> tuple[Rating, ...]:
    """Return the ratings of a teacher, in the order of their keys."""
    return tuple(store.rating_of(row) for row in _all(_RATINGS, session, teacher_id))


def responses(session: Session, framework: str, teacher_id: str) -> tuple[ResponseRow, ...]:
    """Return all answers about a teacher, one row for each who answered (`store.together`)."""
    sheets = (ResponseRow(**row._asdict()) for row in _all(_RESPONSES, session, teacher_id))
    return store.together(sheets, _all(_ASKED, session, teacher_id, framework=framework))


def ledger(session: Session, teacher_id: str) -> tuple[LedgerLine, ...]:
    """Return the ledger of a teacher, pending lines too, by the ids of its lines."""
    found = groupby(_all(_LINES, session, teacher_id), attrgetter("id"))
    return tuple(_line_of(list(rows)) for _, rows in found)


def _line_of(rows: list[Any]) -> LedgerLine:
    """Return a line from its rows, one for each who approved it."""
    return line_of(rows[0], tuple(row.approver for row in rows if row.approver is not None))


def bans(session: Session, teacher_id: str) -> tuple[Ban, ...]:
    """Return every ban of a teacher on record, excused ones too."""
    return tuple(ban_of(row) for row in _all(_BANS, session, teacher_id))


def _all(asked: Prepared, session: Session, teacher_id: str, **more: str) -> list[Any]:
    values: Mapping[str, str] = {"teacher": teacher_id, **more}
    return asked.all(connection_of(session), values)

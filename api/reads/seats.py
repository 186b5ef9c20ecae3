"""Numbered seats, who waits for them, objections and messages, as a caller may see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlmodel import Session

from api.http_errors import not_found
from api.reads import reach
from api.reads import rounds as reads
from api.reads.catalog import Part, one, part, section
from api.reads.reach import columns
from api.tables import OutboxRow
from catalog.tables import SchoolRow, SectionRow
from diagnostics.tables import TeacherRow
from matching.rounds.life import appeals as life
from matching.rounds.life.calls import Scope
from matching.rounds.life.tables import (
    AppealRow,
    MarkRow,
    PlaceRow,
    PostingRow,
    WaitingRow,
)
from matching.rounds.tables import RoundRow

_place = columns(PlaceRow)
_waiting = columns(WaitingRow)
_outbox = columns(OutboxRow)


def of_teacher(
    session: Session, scope: Scope, round_id: str, teacher_id: str
) -> tuple[list[PlaceRow], list[WaitingRow]]:
    """Return the seats a teacher holds or is offered, and the sections she waits for."""
    row = reads.the_round(session, scope, round_id)
    reach.require_teacher(session, scope, teacher_id)
    held = select(PlaceRow).where(_place.round_id == row.id, _place.teacher_id == teacher_id)
    waits = select(WaitingRow).where(
        _waiting.round_id == row.id, _waiting.teacher_id == teacher_id, _waiting.state != "out"
    )
    return (
        list(session.scalars(held.order_by(_place.section_id))),
        list(session.scalars(waits.order_by(_waiting.section_id))),
    )


def of_section(
    session: Session, scope: Scope, round_id: str, section_id: str
) -> tuple[RoundRow, list[RowMapping]]:
    """Return who sits in a section, by number; an institution asks for its own sections."""
    row = _of_round(session, scope, round_id, section_id)
    asked = (
        select(
            _place.number,
            _place.state,
            _place.teacher_id,
            reach.teacher.name,
            reach.teacher.school_id,
            reach.school.name.label("school"),
        )
        .outerjoin(TeacherRow.__table__, reach.teacher.id == _place.teacher_id)  # type: ignore[attr-defined]
        .outerjoin(SchoolRow.__table__, reach.school.id == reach.teacher.school_id)  # type: ignore[attr-defined]
        .where(_place.round_id == row.id, _place.section_id == section_id)
    )
    return row, list(session.execute(asked.order_by(_place.number)).mappings())


def _of_round(session: Session, scope: Scope, round_id: str, section_id: str) -> RoundRow:
    """Return a round in which the caller may look into a section."""
    row = reads.the_round(session, scope, round_id)
    section(session, scope, section_id)
    return row


def marks(session: Session, scope: Scope, round_id: str, section_id: str) -> list[MarkRow]:
    """Return who was there on which half-day of a section."""
    row = _of_round(session, scope, round_id, section_id)
    mine = columns(MarkRow)
    asked = select(MarkRow).where(mine.round_id == row.id, mine.section_id == section_id)
    return list(session.scalars(asked.order_by(mine.teacher_id, mine.day, mine.half)))


def postings(session: Session, scope: Scope, round_id: str) -> list[PostingRow]:
    """Return how far the hours of each section within reach are on their way to the ledger."""
    row = reads.the_round(session, scope, round_id)
    mine = columns(PostingRow)
    asked = select(PostingRow).where(mine.round_id == row.id)
    if scope.role == "institution":
        section_ids = _sections_of(scope)
        asked = asked.where(mine.section_id.in_(section_ids))
    return list(session.scalars(asked.order_by(mine.section_id)))


def _sections_of(scope: Scope) -> Select[Any]:
    mine = columns(SectionRow)
    own = select(reach.offering.id).where(reach.courses(scope))
    return select(mine.id).where(mine.offering_id.in_(own))


def appeals(session: Session, scope: Scope, round_id: str) -> list[AppealRow]:
    """Return the objections of the teachers a scope covers, oldest first."""
    row = reads.the_round(session, scope, round_id)
    hers = set(session.scalars(select(reach.teacher.id).where(reach.teachers(scope))))
    return [each for each in life.of_round(session, row.id) if each.teacher_id in hers]


def appeal(session: Session, scope: Scope, appeal_id: str) -> AppealRow:
    """Return one objection to those who lead its round."""
    row = session.get(AppealRow, appeal_id)
    if row is None:
        raise not_found()
    reads.led(session, scope, row.round_id)
    return row


def notice(session: Session, scope: Scope, round_id: str, notice_id: str) -> RowMapping:
    """Return one message of a round to a teacher herself."""
    row = reads.the_round(session, scope, round_id)
    asked = select(OutboxRow.__table__).where(  # type: ignore[attr-defined]
        _outbox.round_id == row.id, _outbox.person == scope.id, _outbox.id == notice_id
    )
    return one(session, asked)


def messages(
    session: Session, scope: Scope, round_id: str, state: str, after: str, limit: int
) -> Part:
    """Return the messages of a round to the people a scope covers, by number."""
    row = reads.the_round(session, scope, round_id)
    hers = select(reach.teacher.id).where(reach.teachers(scope))
    asked = select(OutboxRow.__table__).where(  # type: ignore[attr-defined]
        _outbox.round_id == row.id, _outbox.person.in_(hers), _outbox.id > after
    )
    if state:
        asked = asked.where(_outbox.state == state)
    return part(session, asked.order_by(_outbox.id), limit)

"""What a round answered: the published result, and for each teacher her seats and reasons."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlmodel import Session

from api.http_errors import Refused
from api.reads import reach
from api.reads import rounds as reads
from api.reads.reach import columns
from catalog.tables import OfferingRow, SectionRow
from matching.rounds.life import results, sealing
from matching.rounds.life.calls import Scope
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.tables import AnswerRow
from matching.rounds.tables import ReasonRow, RoundRow, SeatRow
from matching.rounds.view import RoundView
from matching.rounds.viewing import round_view

_seat = columns(SeatRow)
_reason = columns(ReasonRow)
_section = columns(SectionRow)


@dataclass(frozen=True)
class Hers:
    """What one teacher received and why not more; sections by code with their titles."""

    seats: tuple[SeatRow, ...]
    reasons: tuple[ReasonRow, ...]
    titles: dict[str, str]
    lottery: int | None


def published(session: Session, scope: Scope, round_id: str) -> tuple[RoundRow, AnswerRow]:
    """Return the answer that everybody sees.

    Raises
    ------
    Refused
        If none is published.
    """
    row = reads.the_round(session, scope, round_id)
    if not row.published:
        raise Refused(409, "http_no_result")
    return row, results.published(session, row)


def answers(session: Session, scope: Scope, round_id: str) -> list[AnswerRow]:
    """Return every answer of a round, published or not, to those who lead it."""
    return results.answers(session, reads.led(session, scope, round_id).id)


def hers(session: Session, scope: Scope, round_id: str, teacher_id: str) -> Hers:
    """Return what a teacher received in a round, and the reason for each choice she missed.

    Raises
    ------
    Refused
        404 for a teacher out of reach; 409 if nothing is published.
    """
    reach.require_teacher(session, scope, teacher_id)
    row, answer = published(session, scope, round_id)
    seats = select(SeatRow).where(_seat.round_id == row.id, _seat.teacher_id == teacher_id)
    why = select(ReasonRow).where(
        _reason.round_id == row.id,
        _reason.teacher_id == teacher_id,
        _reason.number == answer.number,
    )
    found = tuple(session.scalars(seats.order_by(_seat.rank, _seat.section_id)))
    reasons = tuple(session.scalars(why.order_by(_reason.subject)))
    named = {seat.section_id for seat in found} | {reason.subject for reason in reasons}
    number = sealing.lottery_number(session, scope, row.id, teacher_id)
    return Hers(found, reasons, titles(session, named), number)


def titles(session: Session, sections: set[str]) -> dict[str, str]:
    """Return the titles of sections by code."""
    asked = select(_section.id, reach.offering.title).join(
        OfferingRow.__table__,  # type: ignore[attr-defined]
        reach.offering.id == _section.offering_id,
    )
    rows = session.execute(asked.where(_section.id.in_(sorted(sections))))
    return {code: title for code, title in rows}


def seated(
    session: Session, scope: Scope, round_id: str, after: tuple[str, ...], limit: int
) -> tuple[list[SeatRow], bool]:
    """Return the published seats of the teachers a scope covers, and whether more follow."""
    row, _ = published(session, scope, round_id)
    mine = select(reach.teacher.id).where(reach.teachers(scope))
    asked = select(SeatRow).where(
        _seat.round_id == row.id,
        _seat.teacher_id.in_(mine),
    )
    if after:
        asked = asked.where(tuple_(_seat.teacher_id, _seat.section_id) > tuple_(*after))
    rows = session.scalars(
        asked.order_by(_seat.teacher_id, _seat.section_id).limit(limit + 1)
    ).all()
    return list(rows[:limit]), len(rows) > limit


def view(session: Session, scope: Scope, round_id: str) -> RoundView:
    """Return the published result as lists and reports read it, to those who lead the round."""
    row = reads.led(session, scope, round_id)
    published(session, scope, row.id)
    return round_view(session, settings_of(row), orders=0)

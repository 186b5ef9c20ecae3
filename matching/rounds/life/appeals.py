"""Objections during the 公示: anybody of the round may raise one, every one is answered."""

from __future__ import annotations

from sqlmodel import Session, col, select

from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import when
from matching.rounds.life.events import Happened
from matching.rounds.life.hold import held, require_role, require_state
from matching.rounds.life.reach import require_teacher
from matching.rounds.life.tables import AppealRow

LONGEST = 2000
"""Characters of an objection or of its answer."""


def raise_(session: Session, call: Call, round_id: str, teacher_id: str, text: str) -> Happened:
    """Object to a published result, while the 公示 lasts.

    Raises
    ------
    BadRound
        If it is too late or too early, nothing is said, or the teacher is not the caller's.
    """
    said = _said(text)
    require_role(call, "teacher", "school", "county")
    row = store.round_to_enter(session, round_id)
    teacher = store.teacher_to_enter(session, teacher_id)
    require_teacher(session, call.scope, row, teacher, teacher_id)
    require_state(row, "notice")
    if stamp(call.now) >= row.notice_until:
        raise BadRound("life_notice_over", until=when(row.notice_until))
    hers = [each for each in of_round(session, round_id) if each.teacher_id == teacher_id]
    appeal = AppealRow(
        id=f"{round_id}/{teacher_id}/{len(hers) + 1}",
        round_id=round_id,
        teacher_id=teacher_id,
        text=said,
        raised_at=stamp(call.now),
    )
    store.keep(session, appeal)
    body = appeal.model_dump()
    return Happened("appeal.raised", round_id, body, body)


def answer_(session: Session, call: Call, round_id: str, appeal_id: str, text: str) -> Happened:
    """Answer an objection, once.

    Raises
    ------
    BadRound
        If there is no such objection without an answer, or nothing is said.
    """
    said = _said(text)
    held(session, call, round_id, "notice")
    require_role(call, "county")
    appeal = session.get(AppealRow, appeal_id)
    if appeal is None or appeal.round_id != round_id or appeal.answer:
        raise BadRound("life_no_appeal", id=appeal_id)
    appeal.answer, appeal.answered_by = said, call.actor
    session.flush()
    body = appeal.model_dump()
    return Happened("appeal.answered", round_id, body, body)


def of_round(session: Session, round_id: str) -> list[AppealRow]:
    """Return the objections of a round, oldest first."""
    mine = select(AppealRow).where(AppealRow.round_id == round_id)
    return list(session.exec(mine.order_by(col(AppealRow.raised_at), col(AppealRow.id))))


def unanswered(session: Session, round_id: str) -> list[AppealRow]:
    """Return the objections that still wait for an answer."""
    return [each for each in of_round(session, round_id) if not each.answer]


def _said(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise BadRound("life_appeal_length", most=LONGEST)
    return said

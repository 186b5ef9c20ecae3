"""Every question about solves and what they answered; nothing here commits."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, col, select

from matching.rounds import service
from matching.rounds.by_hand import ByHand, Decided
from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.sealing import final_seed
from matching.rounds.life.snapshots import restore
from matching.rounds.life.tables import AnswerRow, JobRow, OverrideRow
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.store import results as stored_results
from matching.rounds.tables import RoundRow

LIVE = ("queued", "running")
"""States of a job that has not ended."""


def jobs(session: Session, round_id: str) -> list[JobRow]:
    """Return the solves of a round, in the order they were asked for."""
    mine = select(JobRow).where(JobRow.round_id == round_id)
    return list(session.exec(mine.order_by(col(JobRow.id))))


def job(session: Session, round_id: str, job_id: str, *, to_move: bool = False) -> JobRow:
    """Return one solve of a round; `to_move` locks it until the commit.

    Raises
    ------
    BadRound
        If the round has no such solve.
    """
    row = session.get(JobRow, job_id, populate_existing=True, with_for_update=to_move or None)
    if row is None or row.round_id != round_id:
        raise BadRound("life_no_job", job=job_id)
    return row


def live(session: Session, round_id: str, job_id: str, attempt: int) -> JobRow:
    """Return a job that this attempt may end, to be moved.

    Raises
    ------
    BadRound
        If it has ended, or was given to another worker since (`life_stale_worker`).
    """
    found = job(session, round_id, job_id, to_move=True)
    if found.state not in LIVE or found.attempt != attempt:
        raise BadRound("life_stale_worker", job=job_id, attempt=attempt)
    return found


def answers(session: Session, round_id: str, number: int | None = None) -> list[AnswerRow]:
    """Return the answers of a round (of one of its two solves), oldest first."""
    mine = select(AnswerRow).where(AnswerRow.round_id == round_id)
    if number is not None:
        mine = mine.where(AnswerRow.number == number)
    return list(session.exec(mine.order_by(col(AnswerRow.number), col(AnswerRow.version))))


def answered(
    session: Session, round_id: str, snapshot_digest: str, configuration: str
) -> AnswerRow | None:
    """Return the answer that a question has been given, None if it is new."""
    mine = select(AnswerRow).where(
        AnswerRow.round_id == round_id,
        AnswerRow.snapshot_digest == snapshot_digest,
        AnswerRow.configuration == configuration,
    )
    return session.exec(mine).first()


def candidate(session: Session, row: RoundRow) -> AnswerRow:
    """Return the answer that a round is about to publish: that of its last solve.

    Raises
    ------
    BadRound
        If the last solve has none.
    """
    last = next(iter(reversed(jobs(session, row.id))), None)
    found = session.get(AnswerRow, last.answer_id) if last and last.answer_id else None
    if found is None or found.number != row.number:
        raise BadRound("life_no_answer", id=row.id)
    return found


def published(session: Session, row: RoundRow) -> AnswerRow:
    """Return the answer that everybody sees.

    Raises
    ------
    BadRound
        If nothing is published.
    """
    found = session.get(AnswerRow, row.published) if row.published else None
    if found is None:
        raise BadRound("life_no_answer", id=row.id)
    return found


def published_first(session: Session, row: RoundRow) -> AnswerRow:
    """Return the published answer of round 1, which round 2 builds on.

    Raises
    ------
    BadRound
        If round 1 has not been published.
    """
    digests = [
        each.digest for each in stored_results(session, row.id) if each.number == service.FIRST
    ]
    first = answers(session, row.id, service.FIRST)
    found = next((each for each in reversed(first) if each.digest in digests), None)
    if found is None:
        raise BadRound("round_no_first", id=row.id)
    return found


def overrides(session: Session, round_id: str) -> list[OverrideRow]:
    """Return what was decided by hand, by teacher and section."""
    mine = select(OverrideRow).where(OverrideRow.round_id == round_id)
    order = (col(OverrideRow.teacher_id), col(OverrideRow.section_id))
    return list(session.exec(mine.order_by(*order)))


def by_hand(session: Session, round_id: str) -> ByHand:
    """Return what was decided by hand, as a solve reads it."""
    rows = overrides(session, round_id)
    return ByHand(
        locked=tuple(_decided(row) for row in rows if row.kind == "lock"),
        forbidden=tuple(_decided(row) for row in rows if row.kind == "forbid"),
    )


def _decided(row: OverrideRow) -> Decided:
    return Decided(row.teacher_id, row.section_id, row.reason)


def sealed(session: Session, row: RoundRow) -> tuple[Stored, RoundSettings]:
    """Return what a round was sealed as, with the final seed in its settings.

    Raises
    ------
    BadRound
        If the round is not sealed.
    """
    found = store.snapshot(session, row.id)
    if found is None:
        raise BadRound("life_not_sealed", id=row.id)
    stored, settings = restore(found.body)
    hidden = store.secret(session, row.id)
    return stored, replace(settings, seed=final_seed(hidden.secret, hidden.public_value))

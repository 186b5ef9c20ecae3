"""From a candidate to what everybody sees: accepted by a person, published by flipping one pointer.

Who reads the lists reads the published answer, whole: the pointer and the rows behind it change in
one transaction, so nobody sees a mix of two answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from matching.rounds import service
from matching.rounds import store as rounds_store
from matching.rounds.errors import BadRound
from matching.rounds.life import appeals, results
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import BEIJING, stamp
from matching.rounds.life.deadlines import when
from matching.rounds.life.events import Happened, Notice
from matching.rounds.life.moves import Told, move
from matching.rounds.life.refereeing import referee
from matching.rounds.life.tables import AnswerRow
from matching.rounds.store import Stored
from matching.rounds.tables import ReasonRow, ResultRow, RoundRow, SeatRow

NOTICE_DAYS = 7
"""How long the 公示 lasts and objections are taken, if the office says nothing else."""

TOLD_DAYS = 10
"""So many days before a section starts, everybody must know whether it opens."""


def accept(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Sign a candidate off after all rules have been checked again.

    Raises
    ------
    BadRound
        If there is no candidate, or the referee finds anything.
    """

    def step(row: RoundRow) -> Told:
        answer = results.candidate(session, row)
        referee(session, row, answer)
        return _told(session, row, answer)

    return move(session, call, round_id, "accept", step, expected_version=expected_version)


def publish(
    session: Session,
    call: Call,
    round_id: str,
    notice_days: int = NOTICE_DAYS,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Let everybody see the accepted answer, and open the time for objections.

    Raises
    ------
    BadRound
        If a section that opens starts too soon for anybody to prepare, with all such sections.
    """
    if notice_days < 1:
        raise BadRound("life_notice_days", days=notice_days)

    def step(row: RoundRow) -> Told:
        answer = results.candidate(session, row)
        stored, _ = results.sealed(session, row)
        seats = [*_before(session, row), *(SeatRow(**seat) for seat in answer.body["seats"])]
        require_time_to_tell(stored, {seat.section_id for seat in seats}, call.now)
        row.published = answer.id
        row.notice_until = stamp(call.now + timedelta(days=notice_days))
        session.flush()
        flip(session, row, answer)
        people = stored.ballots.keys() | {seat.teacher_id for seat in seats}
        return _told(session, row, answer, _notices(row, people))

    return move(session, call, round_id, "publish", step, expected_version=expected_version)


def require_time_to_tell(stored: Stored, sections: Iterable[str], now: datetime) -> None:
    """Refuse to open sections that start within ten days.

    Raises
    ------
    BadRound
        With the sections and their first days.
    """
    earliest = now.astimezone(BEIJING).date() + timedelta(days=TOLD_DAYS)
    soon = [
        f"{section} ({first})"
        for section in sorted(sections)
        if (first := first_day(stored, section)) is not None and first < earliest
    ]
    if soon:
        raise BadRound("life_too_soon", sections=tuple(soon), days=TOLD_DAYS, earliest=earliest)


def first_day(stored: Stored, section: str) -> date | None:
    """Return the day a section begins; one without meetings is always open."""
    days = [meeting[:10] for meeting in stored.sections[section].meetings]
    return date.fromisoformat(min(days)) if days else None


def _before(session: Session, row: RoundRow) -> tuple[SeatRow, ...]:
    return service.first_seats(session, row.id) if row.number > service.FIRST else ()


def flip(session: Session, row: RoundRow, answer: AnswerRow) -> None:
    """Put the rows of an answer in the place of those published before it."""
    body, number = answer.body, answer.number
    rounds_store.forget_answers(session, row.id, number)
    columns = set(ResultRow.model_fields)
    found = {name: value for name, value in body["result"].items() if name in columns}
    rounds_store.keep(session, [ResultRow(**found)])
    seats = [SeatRow(**seat) for seat in body["seats"]]
    rounds_store.keep(session, [*seats, *(ReasonRow(**reason) for reason in body["reasons"])])


def _notices(row: RoundRow, people: Iterable[str]) -> Iterator[Notice]:
    values = {"until": row.notice_until}
    for person in sorted(people):
        yield Notice(person, "result", row.published, values)


def finalise(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Make the published answer final once objections are over and answered.

    Raises
    ------
    BadRound
        If the time for objections still runs, or one of them has no answer.
    """

    def step(row: RoundRow) -> Told:
        if stamp(call.now) < row.notice_until:
            raise BadRound("life_notice_runs", until=when(row.notice_until))
        if waiting := appeals.unanswered(session, round_id):
            raise BadRound("life_appeals_wait", count=len(waiting), first=waiting[0].id)
        return _told(session, row, results.published(session, row))

    return move(session, call, round_id, "finalise", step, expected_version=expected_version)


def second_round(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Go on to round 2, which keeps what round 1 has published.

    Raises
    ------
    BadRound
        If this was round 2 already.
    """

    def step(row: RoundRow) -> Told:
        if row.number != service.FIRST:
            raise BadRound("life_no_third", id=round_id)
        row.number = service.LAST
        return _told(session, row, results.published(session, row))

    return move(session, call, round_id, "second_round", step, expected_version=expected_version)


def rerun(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Go back to solve once more; the next answer is a new version beside this one.

    What is published stays so until another answer is published.
    """
    return move(session, call, round_id, "rerun", expected_version=expected_version)


def told(session: Session, row: RoundRow, answer: AnswerRow) -> dict[str, Any]:
    """Return what an answer says of itself: from what, by what, how good, how much by hand."""
    solved = answer.body["result"]
    names = ("status", "gap", "seed", "version", "settings", "goals", "closed", "instance_digest")
    return {name: solved[name] for name in names} | {
        "id": answer.id,
        "number": answer.number,
        "digest": answer.digest,
        "snapshot_digest": answer.snapshot_digest,
        "configuration": answer.configuration,
        "overrides": len(results.overrides(session, row.id)),
    }


def _told(
    session: Session, row: RoundRow, answer: AnswerRow, notices: Iterable[Notice] = ()
) -> Told:
    body = {
        "number": row.number,
        "answer": answer.id,
        "digest": answer.digest,
        "published": row.published,
        "notice_until": row.notice_until,
    }
    said = {"notice_until": row.notice_until, "answer": told(session, row, answer)}
    return Told(body, said, tuple(notices))

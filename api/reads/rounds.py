"""Rounds, ballots, solves and results as a caller may see them.

A draft is its office's alone. A teacher and her school see the rounds she takes part in, an
institution those that offer its courses, a county and its auditors those they stand above.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import BindParameter, bindparam, select
from sqlmodel import Session

from api.http_errors import not_found
from api.reads import reach
from api.reads.catalog import Part, part
from api.reads.reach import columns
from catalog.prepared import Prepared, connection_of
from catalog.tables import ProgrammeRow
from matching.rounds.life import results, store
from matching.rounds.life.calls import Scope
from matching.rounds.life.reach import leads
from matching.rounds.life.tables import HandInRow, JobRow, ProposalRow, SnapshotRow
from matching.rounds.store import is_open
from matching.rounds.tables import RoundRow

_round = columns(RoundRow)
_hand_in = columns(HandInRow)
_programme = columns(ProgrammeRow)
_THE_ROUND = Prepared(select(*_round).where(_round.id == bindparam("round")))
_WHO: BindParameter[str] = bindparam("who")
_HER_SCHOOL = select(reach.teacher.school_id).where(reach.teacher.id == _WHO)
_ABOVE = {
    role: Prepared(reach.above(select(reach.school.unit_id).where(mine)))
    for role, mine in (
        ("teacher", reach.school.id.in_(_HER_SCHOOL)),
        ("school", reach.school.id == _WHO),
    )
}
"""Role -> the question for the units above."""


def sees(session: Session, scope: Scope, row: RoundRow) -> bool:
    """Tell whether a caller may know of a round."""
    if scope.role in reach.STAFF:
        return leads(session, scope, row)
    if row.state == "draft":
        return False
    if scope.role == "institution":
        return _offers(session, scope, row)
    above = _ABOVE[scope.role].all(connection_of(session), {"who": scope.id})
    return (row.unit_id,) in above


def _offers(session: Session, scope: Scope, row: RoundRow) -> bool:
    """Tell whether an institution has a course in a round."""
    mine = select(reach.offering.programme_id).where(reach.courses(scope))
    programmes = session.scalars(select(ProgrammeRow).where(_programme.id.in_(mine)))
    wanted = row.settings.get("programmes", [])
    return any(is_open(programme, wanted, row.year) for programme in programmes)


def rounds(session: Session, scope: Scope, after: str, limit: int) -> tuple[list[RoundRow], bool]:
    """Return the rounds a caller may know of, by code, and whether more follow."""
    rest = session.scalars(select(RoundRow).where(_round.id > after).order_by(_round.id))
    seen = [row for row in rest if sees(session, scope, row)]
    return seen[:limit], len(seen) > limit


def the_round(session: Session, scope: Scope, round_id: str) -> RoundRow:
    """Return a round as its columns say, known to no session.

    Raises
    ------
    Refused
        404, if it is not there or not hers to know of.
    """
    row = cast(RoundRow | None, _THE_ROUND.first(connection_of(session), {"round": round_id}))
    if row is None or not sees(session, scope, row):
        raise not_found()
    return row


def led(session: Session, scope: Scope, round_id: str) -> RoundRow:
    """Return a round that the caller stands above; to anybody else it is not there."""
    row = the_round(session, scope, round_id)
    if not leads(session, scope, row):
        raise not_found()
    return row


def sealed(session: Session, scope: Scope, round_id: str) -> SnapshotRow | None:
    """Return what a round was sealed as, None before."""
    return store.snapshot(session, the_round(session, scope, round_id).id)


def ballot(session: Session, scope: Scope, round_id: str, teacher_id: str) -> HandInRow:
    """Return what a teacher has typed or handed in, a blank one at version 0 if nothing."""
    row = the_round(session, scope, round_id)
    reach.require_teacher(session, scope, teacher_id)
    found = store.hand_in(session, row.id, teacher_id)
    return found or HandInRow(round_id=row.id, teacher_id=teacher_id, version=0)


def ballots(
    session: Session, scope: Scope, round_id: str, state: str, after: str, limit: int
) -> Part:
    """Return the ballots handed in by the teachers a scope covers, by teacher."""
    row = the_round(session, scope, round_id)
    mine = select(reach.teacher.id).where(reach.teachers(scope))
    wanted = select(HandInRow.__table__).where(  # type: ignore[attr-defined]
        _hand_in.round_id == row.id,
        _hand_in.handed_in,
        _hand_in.teacher_id.in_(mine),
        _hand_in.teacher_id > after,
    )
    if state:
        wanted = wanted.where(_hand_in.school == state)
    return part(session, wanted.order_by(_hand_in.teacher_id), limit)


def proposals(session: Session, scope: Scope, round_id: str) -> list[ProposalRow]:
    """Return what was proposed for a round, oldest first."""
    row = led(session, scope, round_id)
    mine = columns(ProposalRow)
    asked = select(ProposalRow).where(mine.round_id == row.id)
    return list(session.scalars(asked.order_by(mine.proposed_at, mine.id)))


def proposal(session: Session, scope: Scope, proposal_id: str) -> ProposalRow:
    """Return one proposal."""
    row = session.get(ProposalRow, proposal_id)
    if row is None:
        raise not_found()
    led(session, scope, row.round_id)
    return row


def jobs(session: Session, scope: Scope, round_id: str) -> list[JobRow]:
    """Return the solves of a round."""
    return results.jobs(session, led(session, scope, round_id).id)


def job(session: Session, scope: Scope, job_id: str) -> JobRow:
    """Return one solve."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise not_found()
    led(session, scope, row.round_id)
    return row

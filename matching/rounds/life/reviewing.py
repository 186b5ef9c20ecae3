"""What a school says to the ballots of its teachers: approved, or returned with a reason."""

from __future__ import annotations

from sqlmodel import Session

from matching.rounds.errors import BadRound
from matching.rounds.life import entries
from matching.rounds.life.adopting import changed_by
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened, rows
from matching.rounds.life.handing import Entry, entry, shown
from matching.rounds.life.phases import word
from matching.rounds.life.receipts import RETURNED

REVIEWING = ("open", "school_review")


def approve(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    reason: str = "",
    *,
    expected_version: int | None = None,
) -> Happened:
    """Approve a teacher's ballot.

    Parameters
    ----------
    expected_version
        The version of the ballot that was read; None does not care.
    """
    found = _reviewed(session, call, round_id, teacher_id, expected_version)
    return _decided(session, call, found, "approved", reason)


def return_(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    reason: str,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Return a ballot with a reason: it does not count, and she may change it until sealing."""
    if not reason.strip():
        raise BadRound("life_return_reason")
    found = _reviewed(session, call, round_id, teacher_id, expected_version)
    return _decided(session, call, found, RETURNED, reason)


def _reviewed(
    session: Session, call: Call, round_id: str, teacher_id: str, version: int | None
) -> Entry:
    found = entry(session, call, round_id, teacher_id, version)
    if call.role == "teacher":
        raise BadRound("life_school_decides")
    if found.row.state not in REVIEWING:
        raise BadRound("life_not_reviewing", state=word("state", found.row.state))
    if not found.mine.handed_in:
        raise BadRound("life_no_ballot", id=teacher_id)
    return found


def _decided(session: Session, call: Call, found: Entry, school: str, reason: str) -> Happened:
    """Write what the school decided; a return is told to the teacher."""
    mine = found.mine
    mine.school, mine.school_reason = school, reason.strip()
    entries.write(session, mine)
    notices = (changed_by(mine, call.actor, mine.school_reason),) if school == RETURNED else ()
    return Happened(f"ballot.{school}", mine.round_id, {"rows": rows(mine)}, shown(mine), notices)

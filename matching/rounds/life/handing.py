"""Ballots on their way: typed, handed in with a receipt, changed until closing, withdrawn.

A ballot is judged by the moment its call arrived, `opens_at <= now < closes_at`, while the round is
open; when it was handed in never counts for anything else. Every change names the version it was made
from, and makes the next one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from matching.rounds import store as rounds_store
from matching.rounds.errors import BadRound
from matching.rounds.life import entries, store
from matching.rounds.life.adopting import adopted, changed_by, told_of_paper
from matching.rounds.life.calls import Call
from matching.rounds.life.checking import Checked, checked
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import when
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.entries import Ballot, Person
from matching.rounds.life.events import Happened, Notice, rows
from matching.rounds.life.phases import BEFORE_SEAL, word
from matching.rounds.life.reach import require_round, require_teacher
from matching.rounds.life.reaching import shortfall
from matching.rounds.life.receipts import RETURNED, digest_of, new_salt, receipt
from matching.rounds.life.tables import HandInRow
from matching.rounds.tables import RoundRow

__all__ = ["Entry", "adopt", "amend", "entry", "hand_in", "receipt", "save_draft", "withdraw"]

LONGEST_DRAFT = 8_000
"""Characters of a draft as JSON."""

TYPING = BEFORE_SEAL[1:]
"""States in which somebody may go on typing."""

MAY_ENTER = ("teacher", "school", "county")


@dataclass(frozen=True, slots=True)
class Entry:
    """One teacher's ballot in the hands of a caller who may change it; `mine` is new at version 0."""

    row: RoundRow
    person: Person
    mine: Ballot


def entry(
    session: Session, call: Call, round_id: str, teacher_id: str, version: int | None
) -> Entry:
    """Return a ballot for a change, in a round that cannot move meanwhile.

    Parameters
    ----------
    version
        The version the change was made from, 0 for none yet; None does not care.

    Raises
    ------
    BadRound
        If round or teacher is out of reach, or the ballot has changed since.
    """
    row = entries.the_round(session, round_id)
    person = entries.the_person(session, round_id, teacher_id)
    if person is None or call.role not in MAY_ENTER:
        raise BadRound("life_no_teacher", id=teacher_id)
    require_teacher(session, call.scope, row, person.teacher, teacher_id, person.school)
    mine = person.mine
    if version is not None and version != mine.version:
        raise BadRound("life_stale", have=mine.version, said=version)
    return Entry(row, person, mine)


def save_draft(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    typed: Mapping[str, Any],
    version: int,
) -> Happened:
    """Keep what is being typed exactly as it is; it counts for nothing until it is handed in.

    Parameters
    ----------
    typed
        Plain data such as `{"lines": [...], "most_sections": ...}`, unchecked.
    """
    found = entry(session, call, round_id, teacher_id, version)
    if found.row.state not in TYPING:
        raise BadRound("life_not_open", state=word("state", found.row.state))
    if len(json.dumps(dict(typed))) > LONGEST_DRAFT:
        raise BadRound("life_draft_too_long", most=LONGEST_DRAFT)
    found.mine.draft = dict(typed)
    return _changed(session, call, found, "ballot.drafted")


def hand_in(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    lines: Sequence[str],
    most_sections: int | None,
    version: int,
) -> Happened:
    """Hand in a ballot; what it names is checked, and the answer holds her receipt.

    Parameters
    ----------
    lines
        One entry per rank, `A+B` a bundle of which she wants all or none.
    most_sections
        How many sections she wants at most; None leaves it to the round.

    Raises
    ------
    BadRound
        If the call arrived outside the window, or the ballot has changed since `version`.
    BadBallot
        With everything that is wrong with the ballot.
    """
    found = entry(session, call, round_id, teacher_id, version)
    require_window(found.row, call)
    return _put(session, call, found, lines, most_sections, "ballot.handed_in")


def amend(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    lines: Sequence[str],
    most_sections: int | None,
    version: int,
) -> Happened:
    """Hand in anew what the school has returned; possible until the round is sealed."""
    found = entry(session, call, round_id, teacher_id, version)
    if found.row.state not in ("open", "school_review"):
        raise BadRound("life_not_open", state=word("state", found.row.state))
    if found.mine.school != RETURNED:
        raise BadRound("life_not_returned")
    return _put(session, call, found, lines, most_sections, "ballot.amended")


def withdraw(
    session: Session, call: Call, round_id: str, teacher_id: str, version: int
) -> Happened:
    """Take a ballot back while the round takes ballots; she may hand in another one."""
    found = entry(session, call, round_id, teacher_id, version)
    require_window(found.row, call)
    if not found.mine.handed_in:
        raise BadRound("life_no_ballot", id=teacher_id)
    blank = Ballot(round_id, teacher_id, found.mine.version, entered_by=_on_behalf(call))
    return _changed(session, call, replace(found, mine=blank), "ballot.withdrawn")


def adopt(session: Session, call: Call, round_id: str, teacher_ids: Collection[str]) -> Happened:
    """Take paper ballots that were imported while the round is open, as entered by the school.

    Parameters
    ----------
    teacher_ids
        Whose sheets the import added or changed.
    """
    row = store.round_to_move(session, round_id)
    require_round(session, call.scope, row)
    require_window(row, call)
    stored = rounds_store.load(session, settings_of(row))
    taken = adopted(session, call, row, stored, frozenset(teacher_ids))
    body = {"rows": rows(*taken), "adopted": len(taken)}
    return Happened("ballot.adopted", row.id, body, {"adopted": len(taken)}, told_of_paper(taken))


def require_window(row: RoundRow, call: Call) -> None:
    """Refuse a call that arrived when the round took no ballots; only its arrival counts.

    Raises
    ------
    BadRound
        With the state or the moment that stands in the way.
    """
    now = stamp(call.now)
    if row.state != "open":
        raise BadRound("life_not_open", state=word("state", row.state))
    if now < row.opens_at:
        raise BadRound("life_opens_later", opens_at=when(row.opens_at))
    if now >= row.closes_at:
        raise BadRound("life_deadline_past", closes_at=when(row.closes_at))


def _put(
    session: Session,
    call: Call,
    found: Entry,
    lines: Sequence[str],
    most_sections: int | None,
    kind: str,
) -> Happened:
    """Check a ballot and put it in the place of the one before."""
    ballot = checked(session, found.row, found.person, lines, most_sections)
    mine, salt = found.mine, new_salt()
    mine.draft, mine.handed_in = None, True
    mine.lines, mine.most_sections = ballot.lines, ballot.most_sections
    mine.school, mine.school_reason = "pending", ""
    mine.entered_by = _on_behalf(call)
    mine.salt, mine.received_at = salt, stamp(call.now)
    whose = (mine.round_id, mine.teacher_id)
    mine.digest = digest_of(*whose, ballot.lines, ballot.most_sections, salt)
    return _changed(session, call, found, kind, _warnings(session, found, ballot))


def _changed(
    session: Session,
    call: Call,
    found: Entry,
    kind: str,
    warnings: Sequence[Mapping[str, Any]] = (),
) -> Happened:
    """Write the next version of a ballot, and tell her if somebody else has changed it."""
    mine = found.mine
    entries.write(session, mine)
    answer = {**shown(mine), "warnings": list(warnings)}
    return Happened(kind, mine.round_id, {"rows": rows(mine)}, answer, _told(call, mine, kind))


def shown(mine: Ballot | HandInRow) -> dict[str, Any]:
    """Return a ballot as its teacher sees it, receipt included."""
    return {
        "teacher_id": mine.teacher_id,
        "version": mine.version,
        "handed_in": mine.handed_in,
        "lines": mine.lines,
        "most_sections": mine.most_sections,
        "school": mine.school,
        "school_reason": mine.school_reason,
        "entered_by": mine.entered_by,
        "digest": mine.digest,
        "salt": mine.salt,
        "received_at": mine.received_at,
    }


def _on_behalf(call: Call) -> str:
    return "" if call.role == "teacher" else call.actor


def _told(call: Call, mine: Ballot, kind: str) -> tuple[Notice, ...]:
    if call.role == "teacher" or kind == "ballot.drafted":
        return ()
    return (changed_by(mine, call.actor, call.reason),)


def _warnings(session: Session, found: Entry, ballot: Checked) -> list[dict[str, Any]]:
    short = shortfall(session, found.row, found.person, ballot)
    if short is None:
        return []
    return [{"code": "life_list_short", "due_minutes": short.due, "reach_minutes": short.reach}]

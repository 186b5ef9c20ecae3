"""Ballots on paper (sheet T2), taken into a round as entered by the school."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlmodel import Session

from matching.rounds import store as rounds_store
from matching.rounds.ballots import sections_of
from matching.rounds.life import store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.entries import Ballot
from matching.rounds.life.events import Notice
from matching.rounds.life.notices import PAPER
from matching.rounds.life.receipts import digest_of, new_salt
from matching.rounds.life.tables import HandInRow
from matching.rounds.store import Stored
from matching.rounds.tables import BallotRow, RoundRow


def adopted(
    session: Session,
    call: Call,
    row: RoundRow,
    stored: Stored,
    only: Collection[str] | None = None,
) -> list[HandInRow]:
    """Take paper ballots into a round and return what was taken, by teacher.

    A sheet that names no section of this round was written for another one and stays where it is.

    Parameters
    ----------
    only
        The teachers whose sheets are new, besides those who have no entry yet; None for all.
    """
    entered = {ballot.teacher_id for ballot in store.hand_ins(session, row.id)}
    taken = [
        _taken(session, call, row, paper, stored.teachers[paper.teacher_id].school)
        for paper in _papers(session, stored)
        if only is None or paper.teacher_id in only or paper.teacher_id not in entered
    ]
    store.keep(session, *taken)
    return taken


def told_of_paper(taken: Iterable[HandInRow]) -> tuple[Notice, ...]:
    """Return the news for everybody whose ballot was taken from paper."""
    return tuple(changed_by(row, row.entered_by, PAPER) for row in taken)


def changed_by(row: HandInRow | Ballot, by: str, reason: str) -> Notice:
    """Return the news that somebody else has entered or changed a ballot."""
    reference = f"{row.round_id}/{row.version}"
    return Notice(row.teacher_id, "ballot_changed", reference, {"by": by, "reason": reason})


def _papers(session: Session, stored: Stored) -> Iterator[BallotRow]:
    for paper in rounds_store.ballots(session).values():
        named = {section for line in paper.choices for section in sections_of(line)}
        if paper.teacher_id in stored.teachers and (not named or named & stored.sections.keys()):
            yield paper


def _taken(session: Session, call: Call, row: RoundRow, paper: BallotRow, school: str) -> HandInRow:
    mine = store.hand_in(session, row.id, paper.teacher_id)
    if mine is None:
        mine = HandInRow(round_id=row.id, teacher_id=paper.teacher_id, version=0)
    salt = new_salt()
    lines, most = list(paper.choices), paper.most_sections
    mine.sqlmodel_update(
        {
            "version": mine.version + 1,
            "draft": None,
            "handed_in": True,
            "lines": lines,
            "most_sections": most,
            "school": "returned" if paper.returned else "approved",
            "school_reason": "",
            "entered_by": paper.entered_by or school,
            "salt": salt,
            "digest": digest_of(row.id, paper.teacher_id, lines, most, salt),
            "received_at": stamp(call.now),
        }
    )
    return mine

"""Sheets of paper ballots that an import adds, changes or removes while a round is under way.

The round follows in the same transaction: what a new sheet says counts, and what was taken from a sheet
that is gone is withdrawn. What a teacher has handed in herself since then stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlmodel import Session

from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.adopting import changed_by
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened, rows
from matching.rounds.life.handing import adopt, require_window
from matching.rounds.life.notices import PAPER
from matching.rounds.life.phases import word
from matching.rounds.life.reach import require_round
from matching.rounds.life.tables import HandInRow
from matching.rounds.tables import BallotRow, RoundRow

OPEN = "open"
RESTING = ("paused", "school_review")
"""States in which ballots are there, and no sheet may change them."""


def follow(
    session: Session,
    call: Call,
    round_id: str,
    changed: Collection[str],
    removed: Mapping[str, BallotRow],
) -> tuple[Happened, ...]:
    """Let a round follow an import of paper ballots.

    Parameters
    ----------
    changed
        The teachers whose sheets are new or have changed.
    removed
        Teacher -> her sheet as it was before it was removed.

    Raises
    ------
    BadRound
        If ballots would have to change while the round takes none; with the teachers whose ballots
        would be withdrawn.
    """
    row = store.round_to_move(session, round_id)
    require_round(session, call.scope, row)
    if row.state not in (OPEN, *RESTING):
        return ()
    gone = list(_taken_from(session, row, removed))
    if gone and row.state in RESTING:
        who = tuple(sorted(mine.teacher_id for mine in gone))
        raise BadRound("life_sheets_rest", state=word("state", row.state), teachers=who)
    happened = [_withdrawn(session, call, row, gone)] if gone else []
    if changed and row.state == OPEN:
        happened.append(adopt(session, call, round_id, changed))
    return tuple(happened)


def _taken_from(
    session: Session, row: RoundRow, sheets: Mapping[str, BallotRow]
) -> Iterable[HandInRow]:
    """Yield the ballots that still are what these sheets say."""
    for teacher_id, sheet in sorted(sheets.items()):
        mine = store.hand_in(session, row.id, teacher_id)
        if mine is None or not (mine.handed_in and mine.entered_by):
            continue
        if (mine.lines, mine.most_sections) == (list(sheet.choices), sheet.most_sections):
            yield mine


def _withdrawn(session: Session, call: Call, row: RoundRow, gone: list[HandInRow]) -> Happened:
    """Withdraw ballots on behalf of their teachers, who are told."""
    require_window(row, call)
    for mine in gone:
        blank = HandInRow(
            round_id=row.id,
            teacher_id=mine.teacher_id,
            version=mine.version + 1,
            entered_by=call.actor,
        )
        mine.sqlmodel_update(blank.model_dump())
    store.keep(session, *gone)
    told = tuple(changed_by(mine, call.actor, PAPER) for mine in gone)
    people = [mine.teacher_id for mine in gone]
    return Happened("ballot.withdrawn", row.id, {"rows": rows(*gone)}, {"withdrawn": people}, told)

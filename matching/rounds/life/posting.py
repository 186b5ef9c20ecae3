"""Hours on their way to the ledger: the institution submits, two other people approve, each once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlmodel import Session, col, select

from catalog.tables import SectionRow
from diagnostics.credit.ledger import LedgerLine
from matching.rounds.attendance import Mark, postings
from matching.rounds.attendance import post as post_lines
from matching.rounds.errors import BadRound
from matching.rounds.hours import required_bookings
from matching.rounds.life import marking, results, store
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened, rows
from matching.rounds.life.hold import held, require_role, require_state
from matching.rounds.life.membership import HalfDay, half_of, roll_of
from matching.rounds.life.moves import Told, move
from matching.rounds.life.tables import PostingRow
from matching.rounds.tables import RoundRow

STATES = ("running", "evaluated")


def submit(session: Session, call: Call, round_id: str, section_id: str) -> Happened:
    """Submit the attendance of a section for posting; from here on its marks rest.

    Raises
    ------
    BadRound
        If the section is not the caller's, marks are missing, or it is submitted already.
    """
    row = store.round_to_move(session, round_id)
    section = marking.section_to_lead(session, call, row, section_id)
    require_state(row, *STATES)
    marking.require_unsubmitted(session, round_id, section_id)
    if count := marking.missing(session, round_id, section):
        raise BadRound("life_marks_missing", sections=(f"{section_id} ({count})",))
    posting = PostingRow(
        round_id=round_id, section_id=section_id, state="submitted", submitted_by=call.actor
    )
    store.keep(session, posting)
    return _happened("hours.submitted", posting)


def approve_first(session: Session, call: Call, round_id: str, section_id: str) -> Happened:
    """Approve the hours of a section for the first time.

    Raises
    ------
    BadRound
        If they are not submitted, or by the one who submitted them.
    """
    _, posting = _to_approve(session, call, round_id, section_id, "submitted")
    posting.state, posting.first_by = "first_approved", call.actor
    session.flush()
    return _happened("hours.approved", posting)


def approve_second(session: Session, call: Call, round_id: str, section_id: str) -> Happened:
    """Approve the hours of a section for the second time, and write them into the ledger.

    Raises
    ------
    BadRound
        If there is no first approval, or by one who has submitted or approved them before.
    """
    row, posting = _to_approve(session, call, round_id, section_id, "first_approved")
    posting.state, posting.second_by = "posted", call.actor
    session.flush()
    stored, settings = results.sealed(session, row)
    marks = marks_in(session, round_id, section_id)
    lines = post_lines(
        session, postings(stored, settings, marks), posting.first_by, posting.second_by
    )
    return _happened("hours.posted", posting, lines)


def _to_approve(
    session: Session, call: Call, round_id: str, section_id: str, state: str
) -> tuple[RoundRow, PostingRow]:
    require_role(call, "county")
    row = held(session, call, round_id, *STATES)
    posting = session.get(PostingRow, (round_id, section_id))
    if posting is None or posting.state != state:
        raise BadRound("life_not_to_approve", section=section_id)
    if call.actor in (posting.submitted_by, posting.first_by):
        raise BadRound("life_approved_before", section=section_id, actor=call.actor)
    return row, posting


def marks_in(session: Session, round_id: str, section_id: str) -> tuple[Mark, ...]:
    """Return what the institution marked, as hours are counted from it: an excuse earns none.

    Who has left the section counts with the half-days until then, who came late with those since.
    """
    section = session.get_one(SectionRow, section_id)
    known = marking.marks_of(session, round_id, section_id)
    roll = roll_of(session, round_id, section)
    return tuple(_mark(section, teacher, halves, known) for teacher, halves in roll.items())


def _mark(
    section: SectionRow,
    teacher: str,
    halves: Collection[HalfDay],
    known: Mapping[tuple[str, HalfDay], str],
) -> Mark:
    here = {half for half in halves if known.get((teacher, half)) == "present"}
    planned = tuple(meeting for meeting in section.meetings if half_of(meeting) in halves)
    attended = tuple(meeting for meeting in planned if half_of(meeting) in here)
    return Mark(teacher, section.id, "came" if here else "no_show", planned, attended)


def post(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Close the accounts of a round: everything is in the ledger, the required hours of all too.

    Raises
    ------
    BadRound
        With the sections whose hours are not posted yet.
    """

    def step(row: RoundRow) -> Told:
        posted = {each.section_id for each in of_round(session, row.id) if each.state == "posted"}
        sections = marking.sections_held(session, row.id)
        if open_ := tuple(id_ for id_ in sections if id_ not in posted):
            raise BadRound("life_not_posted", sections=open_)
        stored, settings = results.sealed(session, row)
        wanted = required_bookings(settings, stored.teachers)
        lines = post_lines(session, wanted, call.actor, call.second)
        said = {"sections": len(sections), "required_minutes": sum(line.minutes for line in lines)}
        return Told(said, said)

    return move(session, call, round_id, "post", step, expected_version=expected_version)


def of_round(session: Session, round_id: str) -> list[PostingRow]:
    """Return how far the hours of every section are, by section."""
    mine = select(PostingRow).where(PostingRow.round_id == round_id)
    return list(session.exec(mine.order_by(col(PostingRow.section_id))))


def _happened(kind: str, posting: PostingRow, lines: Iterable[LedgerLine] = ()) -> Happened:
    written = {line.id: line.minutes for line in lines}
    answer = {
        "section": posting.section_id,
        "state": posting.state,
        "lines": len(written),
        "minutes": sum(written.values()),
    }
    body = answer | {"ledger": written, "rows": rows(posting)}
    return Happened(kind, posting.round_id, body, answer)

"""On which half-days somebody belongs to a section: all of them, unless she came late or left early.

The marks say it. Who leaves a section that has met keeps a mark for each half-day that had begun, `open`
until the institution says whether she was there; who comes into one that has met gets the mark `outside`
for what was before her. So attendance stays with the section it was earned in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from catalog.tables import SectionRow
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import BEIJING, stamp
from matching.rounds.life.tables import MarkRow, PlaceRow

OPEN = "open"
"""She belonged to the section then, and nobody has said yet whether she was there."""

OUTSIDE = "outside"
"""She did not belong to the section then."""

NOON = 12

HalfDay = tuple[str, str]
WHOLE = ("", "")
"""The one half-day of a section without meetings."""

Roll = dict[str, list[HalfDay]]
"""Teacher -> the half-days on which she is to be marked."""


def half_of(meeting: str) -> HalfDay:
    """Return a meeting of the catalogue (`2026-08-03 AM`) as a half-day."""
    day, _, half = meeting.partition(" ")
    return day, half.lower()


def half_days(section: SectionRow) -> list[HalfDay]:
    """Return the half-days of a section to be marked."""
    return sorted(map(half_of, section.meetings)) or [WHOLE]


def begun(meetings: Iterable[str], now: datetime) -> list[HalfDay]:
    """Return the half-days that have begun: a morning with its day, an afternoon at noon, in Beijing."""
    local = now.astimezone(BEIJING)
    until = local.date().isoformat(), "am" if local.hour < NOON else "pm"
    return sorted(half for half in map(half_of, meetings) if half <= until)


def holders(session: Session, round_id: str, section_id: str) -> list[str]:
    """Return who has confirmed a seat in a section, by id."""
    mine = select(PlaceRow.teacher_id).where(
        PlaceRow.round_id == round_id,
        PlaceRow.section_id == section_id,
        PlaceRow.state == "confirmed",
    )
    return sorted(str(teacher) for teacher in session.exec(mine))


def mark_rows(session: Session, round_id: str, section_id: str) -> list[MarkRow]:
    """Return all marks of a section, by teacher and half-day."""
    mine = select(MarkRow).where(MarkRow.round_id == round_id, MarkRow.section_id == section_id)
    order = (col(MarkRow.teacher_id), col(MarkRow.day), col(MarkRow.half))
    return list(session.exec(mine.order_by(*order)))


def version_of(marks: Iterable[MarkRow]) -> int:
    """Return a number that stands for what the marks of a section say; 0 while there are none."""
    said = sorted((row.teacher_id, row.day, row.half, row.mark) for row in marks)
    return int(sha256(repr(said).encode()).hexdigest()[:13], 16) if said else 0


def roll_of(session: Session, round_id: str, section: SectionRow) -> Roll:
    """Return everybody who belongs to a section or did so once, with the half-days that are hers."""
    said: dict[str, dict[HalfDay, str]] = {}
    for row in mark_rows(session, round_id, section.id):
        said.setdefault(row.teacher_id, {})[row.day, row.half] = row.mark
    roll: Roll = {id_: [] for id_ in holders(session, round_id, section.id)}
    for teacher in sorted(roll.keys() | said.keys()):
        other = OPEN if teacher in roll else OUTSIDE
        marks = said.get(teacher, {})
        hers = [half for half in half_days(section) if marks.get(half, other) != OUTSIDE]
        if hers or teacher in roll:
            roll[teacher] = hers
    return dict(sorted(roll.items()))


def sections_held(session: Session, round_id: str) -> list[str]:
    """Return the sections that somebody belongs to or did so once."""
    seats = select(PlaceRow.section_id).where(
        PlaceRow.round_id == round_id, PlaceRow.state == "confirmed"
    )
    marks = select(MarkRow.section_id).where(MarkRow.round_id == round_id, MarkRow.mark != OUTSIDE)
    return sorted({*session.exec(seats), *session.exec(marks)})


def left(
    session: Session, call: Call, round_id: str, section_id: str, teacher_id: str
) -> list[MarkRow]:
    """Return the marks that keep a teacher on the roll for what had begun when she left."""
    return _marked(session, call, round_id, section_id, teacher_id, OPEN)


def came(
    session: Session, call: Call, round_id: str, section_id: str, teacher_id: str
) -> list[MarkRow]:
    """Return the marks that keep a teacher off the roll for what had begun before she came."""
    return _marked(session, call, round_id, section_id, teacher_id, OUTSIDE)


def _marked(
    session: Session, call: Call, round_id: str, section_id: str, teacher_id: str, mark: str
) -> list[MarkRow]:
    key = {"round_id": round_id, "section_id": section_id, "teacher_id": teacher_id}
    rows = mark_rows(session, round_id, section_id)
    known = {(row.day, row.half) for row in rows if row.teacher_id == teacher_id}
    said = {"mark": mark, "marked_by": call.actor, "marked_at": stamp(call.now)}
    meetings = session.get_one(SectionRow, section_id).meetings
    return [
        MarkRow(**key, day=day, half=half, **said)
        for day, half in begun(meetings, call.now)
        if (day, half) not in known
    ]

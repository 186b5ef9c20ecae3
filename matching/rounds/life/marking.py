"""Attendance: who was there, half-day by half-day, as the institution says.

A section without meetings is an online one; it has a single mark, for the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlmodel import Session

from catalog.tables import OfferingRow, SectionRow
from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import BEIJING, stamp
from matching.rounds.life.events import Happened, rows
from matching.rounds.life.hold import require_role, require_state
from matching.rounds.life.membership import (
    WHOLE,
    HalfDay,
    half_days,
    holders,
    mark_rows,
    roll_of,
    sections_held,
    version_of,
)
from matching.rounds.life.moves import Told, move
from matching.rounds.life.reach import require_round
from matching.rounds.life.tables import MarkRow, PostingRow
from matching.rounds.tables import RoundRow

__all__ = [
    "MARKS",
    "evaluate",
    "half_days",
    "holders",
    "mark",
    "mark_all",
    "marks_of",
    "missing",
    "require_unsubmitted",
    "section_to_lead",
    "sections_held",
    "start",
]

MARKS = ("present", "absent", "excused")
"""What can be said of somebody; `membership` has two more, which say that nothing is (to be) said."""


def start(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Let the sections begin."""
    return move(session, call, round_id, "start", expected_version=expected_version)


def mark(
    session: Session,
    call: Call,
    round_id: str,
    section_id: str,
    teacher_id: str,
    day: str,
    half: str,
    mark: str,
) -> Happened:
    """Say whether somebody was there on one half-day; both are blank for an online section."""
    marks = {teacher_id: {f"{day} {half}".strip(): mark}}
    return mark_all(session, call, round_id, section_id, marks)


def mark_all(
    session: Session,
    call: Call,
    round_id: str,
    section_id: str,
    marks: Mapping[str, Mapping[str, str]],
    *,
    expected_version: int | None = None,
) -> Happened:
    """Say for people of a section on which half-days they were there; later marks replace earlier ones.

    Parameters
    ----------
    marks
        Teacher -> half-day (`2026-08-03 AM`) -> `present`, `absent` or `excused`. In an online section
        whoever is named without a mark was there.
    expected_version
        The version of the marks that the caller has seen (`membership.version_of`); None does not care.

    Raises
    ------
    BadRound
        If the section is not the caller's, its hours are submitted already, a teacher has no
        confirmed seat in it or had none then, it does not meet then, that day is still to come, or
        somebody else has changed the marks since.
    """
    row = store.round_to_enter(session, round_id)
    section = section_to_lead(session, call, row, section_id)
    require_state(row, "running")
    require_unsubmitted(session, round_id, section_id)
    held = half_days(section)
    wanted = {
        (teacher, half): said
        for teacher, given in marks.items()
        for half, said in _spelt(given, held)
    }
    _require_sound(session, call, row, section, wanted)
    rows_before = mark_rows(session, round_id, section_id)
    if expected_version is not None and expected_version != version_of(rows_before):
        raise BadRound("life_marks_changed", section=section_id)
    known = {(m.teacher_id, (m.day, m.half)): m for m in rows_before}
    changed = []
    for (teacher, (day, half)), said in sorted(wanted.items()):
        key = {"round_id": round_id, "section_id": section_id, "teacher_id": teacher}
        said_by = {"mark": said, "marked_by": call.actor, "marked_at": stamp(call.now)}
        found = known.get((teacher, (day, half))) or MarkRow(**key, day=day, half=half, **said_by)
        changed.append(found.sqlmodel_update(said_by))
    session.add_all(changed)
    session.flush()
    answer = {"section": section_id, "marks": len(changed)}
    body = answer | {"rows": rows(*changed)}
    now = version_of(mark_rows(session, round_id, section_id))
    return Happened("attendance.marked", round_id, body, answer | {"version": now})


def _spelt(given: Mapping[str, str], held: Iterable[HalfDay]) -> Iterator[tuple[HalfDay, str]]:
    if not given and list(held) == [WHOLE]:
        yield WHOLE, "present"
    for text, said in given.items():
        day, _, half = text.partition(" ")
        yield (day, half.lower()), said


def _require_sound(
    session: Session,
    call: Call,
    row: RoundRow,
    section: SectionRow,
    wanted: Mapping[tuple[str, HalfDay], str],
) -> None:
    roll, held = roll_of(session, row.id, section), half_days(section)
    today = call.now.astimezone(BEIJING).date().isoformat()
    for (teacher, half), said in sorted(wanted.items()):
        if said not in MARKS:
            raise BadRound("life_no_mark", mark=said, marks=MARKS)
        if teacher not in roll:
            raise BadRound("life_not_seated", teacher=teacher, section=section.id)
        said_half = " ".join(half).strip() or "–"
        if half not in held:
            raise BadRound("life_no_half_day", section=section.id, half=said_half)
        if half not in roll[teacher]:
            raise BadRound("life_not_in_then", teacher=teacher, section=section.id, half=said_half)
        if half[0] > today:
            raise BadRound("life_not_held_yet", section=section.id, half=" ".join(half))


def section_to_lead(session: Session, call: Call, row: RoundRow, section_id: str) -> SectionRow:
    """Return a section that the caller teaches (its institution) or oversees (the county).

    Raises
    ------
    BadRound
        In the words for a section that is not there, if it is not the caller's.
    """
    require_role(call, "institution", "county")
    section = session.get(SectionRow, section_id)
    if section is None:
        raise BadRound("life_no_section", id=section_id)
    if call.role == "county":
        require_round(session, call.scope, row)
    elif session.get_one(OfferingRow, section.offering_id).institution_id != call.scope.id:
        raise BadRound("life_no_section", id=section_id)
    return section


def marks_of(session: Session, round_id: str, section_id: str) -> dict[tuple[str, HalfDay], str]:
    """Return the marks of a section by teacher and half-day."""
    return {
        (row.teacher_id, (row.day, row.half)): row.mark
        for row in mark_rows(session, round_id, section_id)
    }


def missing(session: Session, round_id: str, section: SectionRow) -> int:
    """Return how many marks of a section are still missing."""
    known = marks_of(session, round_id, section.id)
    roll = roll_of(session, round_id, section)
    wanted = ((who, half) for who, halves in roll.items() for half in halves)
    return sum(known.get(pair) not in MARKS for pair in wanted)


def require_unsubmitted(session: Session, round_id: str, section_id: str) -> None:
    """Refuse to touch what has been submitted for posting.

    Raises
    ------
    BadRound
        If the hours of the section have been submitted.
    """
    if session.get(PostingRow, (round_id, section_id)) is not None:
        raise BadRound("life_submitted", section=section_id)


def evaluate(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Say that all sections are over and everybody is marked.

    Raises
    ------
    BadRound
        With the sections in which marks are missing.
    """

    def step(row: RoundRow) -> Told:
        sections = {id_: session.get_one(SectionRow, id_) for id_ in sections_held(session, row.id)}
        short = {id_: missing(session, row.id, each) for id_, each in sections.items()}
        if open_ := tuple(f"{id_} ({count})" for id_, count in short.items() if count):
            raise BadRound("life_marks_missing", sections=open_)
        return Told({"sections": sorted(sections)})

    return move(session, call, round_id, "evaluate", step, expected_version=expected_version)

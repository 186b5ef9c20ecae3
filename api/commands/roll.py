"""`xuanke round roll|post`: attendance on a sheet, and hours into the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.commands.life import Who, do, office_of, tell_state, the_round
from api.commands.showing import show
from api.commands.two import calls_of_two
from api.console import Desk
from api.errors import UserError
from catalog.messages import Language

if TYPE_CHECKING:
    from sqlmodel import Session

    from matching.rounds.life.calls import Call
    from matching.rounds.life.events import Happened

Marks = Mapping[str, str]
"""Half-day -> mark."""

MOST_SHOWN = 12
"""Faults of a sheet that are shown at once."""


def write(desk: Desk, who: Who, out: Path) -> None:
    """Write the roll of everybody who belongs to a section; only absences are to be filled in."""
    from catalog.importing.template import write_rows
    from diagnostics.tables import TeacherRow
    from matching.rounds import store
    from matching.rounds.life.roll import ROLL, holders

    with desk.database() as engine, office_of(engine) as office, office.read() as session:
        row = the_round(office, who.round_id)
        names = {teacher.id: teacher.name for teacher in store.everything(session, TeacherRow)}
        rows = holders(session, row.id, names)
        show(engine, "roll", (str(each["teacher_id"]) for each in rows), row.id)
    write_rows(ROLL, rows, out, desk.lang)
    desk.say("roll_written", path=out, count=len(rows))


def read(desk: Desk, who: Who, file: Path) -> None:
    """Read a filled roll, all of it or nothing, and submit its sections for posting.

    Raises
    ------
    UserError
        With everything that is wrong in the sheet.
    """
    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        with office.read() as session:
            sections = _sections(session, row.id, file, desk.lang)
        do(office, who, row, partial(_keep, sections))
        people = sum(len(marks) for marks in sections.values())
        desk.say("roll_read", sections=len(sections), count=people)
        tell_state(desk, office, row.id)


def _sections(
    session: Session, round_id: str, file: Path, lang: Language
) -> dict[str, dict[str, Marks]]:
    """Return section -> teacher -> marks, as the sheet has them."""
    from catalog.importing.plan import plan
    from catalog.importing.rows import read_sheet
    from catalog.tables import SectionRow
    from matching.rounds import store
    from matching.rounds.life.roll import ROLL, parts_of, sittings

    wanted = plan(session, ROLL, read_sheet(file, ROLL))
    if wanted.errors:
        said = "\n".join(error.say(lang) for error in wanted.errors[:MOST_SHOWN])
        raise UserError("roll_wrong", path=file, errors=said)
    meetings = {each.id: each.meetings for each in store.everything(session, SectionRow)}
    found: dict[str, dict[str, Marks]] = {}
    rows, parts = (row.row for row in wanted.parsed.rows), parts_of(session, round_id)
    for sitting in sittings(rows, meetings, parts):
        found.setdefault(sitting.section, {})[sitting.teacher] = sitting.marks
    return found


def _keep(
    sections: Mapping[str, Mapping[str, Marks]], session: Session, call: Call, round_id: str
) -> tuple[Happened, ...]:
    from matching.rounds.life import marking, posting

    happened: list[Happened] = []
    for section, people in sorted(sections.items()):
        happened.append(marking.mark_all(session, call, round_id, section, people))
        happened.append(posting.submit(session, call, round_id, section))
    return tuple(happened)


def post(desk: Desk, who: Who) -> None:
    """Let two people approve the hours of every submitted section, and close the accounts."""
    from matching.rounds.life import posting

    with desk.database() as engine, office_of(engine) as office:
        row = the_round(office, who.round_id)
        if not who.second:
            raise UserError("two_needed")
        first, second = calls_of_two(office, who, row)
        for call, step in (
            (first, partial(_approve, "submitted")),
            (second, partial(_approve, "first_approved")),
            (first, posting.post),
        ):
            office.do(call, partial(step, call=call, round_id=row.id))
        tell_state(desk, office, row.id)


def _approve(state: str, session: Session, call: Call, round_id: str) -> tuple[Happened, ...]:
    """Approve what stands at one of the two steps, section by section."""
    from matching.rounds.life import posting

    step = posting.approve_first if state == "submitted" else posting.approve_second
    return tuple(
        step(session, call, round_id, each.section_id)
        for each in posting.of_round(session, round_id)
        if each.state == state
    )

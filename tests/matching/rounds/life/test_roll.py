"""The roll comes back with absences only; everybody else was there."""

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from catalog.importing.plan import plan
from catalog.importing.rows import read_sheet
from catalog.importing.template import write_rows
from matching.rounds.life.roll import ROLL, holders, sittings
from matching.rounds.life.tables import PlaceRow
from matching.rounds.tables import RoundRow
from tests.matching.rounds.factories import (
    COUNTY,
    add,
    course,
    days,
    institution,
    programme,
    school,
    teacher,
    units,
)

MEETINGS = days("2026-08-03", 1)


@pytest.fixture
def session(engine):
    with Session(engine) as opened:
        people = [teacher("T1", name="李娜"), teacher("T2", name="王强"), teacher("T3")]
        round_row = RoundRow(
            id="R1",
            title="R1",
            year=2026,
            unit_id=COUNTY,
            list_length=6,
            seed_commitment="",
            settings={},
        )
        add(opened, *units(), school(), institution(), programme(), *course("C1", MEETINGS))
        add(opened, *people, round_row)
        add(opened, place(1, "T1"), place(2, "T2"), place(3, "T3", "offered"), place(4))
        yield opened


def place(number: int, holder: str | None = None, state: str = "confirmed") -> PlaceRow:
    held = state if holder else "free"
    return PlaceRow(round_id="R1", section_id="C1", number=number, state=held, teacher_id=holder)


def roll(session, tmp_path, **written: str):
    """Write the roll out, fill in cells as {teacher_column: text}, and read it back."""
    path = tmp_path / "roll.xlsx"
    write_rows(ROLL, holders(session, "R1", {"T1": "李娜", "T2": "王强"}), path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        for place_, text in written.items():
            id_, _, key = place_.partition("_")
            if row[columns["教师编号"] - 1].value == id_:
                row[columns[ROLL.column(key).zh] - 1].value = text
    book.save(path)
    return plan(session, ROLL, read_sheet(path, ROLL))


def read_back(session, tmp_path, **written: str) -> dict[str, dict[str, str]]:
    """Return teacher -> the marks that a roll filled in without errors comes to."""
    assert not roll(session, tmp_path, **written).errors
    rows = [row.row for row in read_sheet(tmp_path / "roll.xlsx", ROLL).rows]
    return {
        sitting.teacher: dict(sitting.marks) for sitting in sittings(rows, {"C1": MEETINGS}, {})
    }


def test_only_those_with_a_confirmed_seat_stand_on_the_roll(session):
    assert [row["teacher_id"] for row in holders(session, "R1", {})] == ["T1", "T2"]


def test_a_row_left_blank_was_there_all_day(session, tmp_path):
    assert read_back(session, tmp_path)["T1"] == dict.fromkeys(MEETINGS, "present")


def test_absences_and_leave_are_marked_half_by_half(session, tmp_path):
    said = read_back(session, tmp_path, T1_absent="2026-08-03 上午", T2_excused="全部")
    assert said["T1"] == {"2026-08-03 AM": "absent", "2026-08-03 PM": "present"}
    assert said["T2"] == dict.fromkeys(MEETINGS, "excused")


def test_a_half_day_the_section_does_not_meet_on_is_named(session, tmp_path):
    planned = roll(session, tmp_path, T1_absent="2026-09-09 上午")
    assert "2026-09-09 AM" in planned.errors[0].say("zh")
    assert "2026-08-03 AM;2026-08-03 PM" in planned.errors[0].say("en")


def test_absent_and_excused_at_once_is_refused(session, tmp_path):
    planned = roll(session, tmp_path, T1_absent="全部", T1_excused="全部")
    assert len(planned.errors) == 1

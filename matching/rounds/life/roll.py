"""The roll of a section as a sheet: one row a person, only absences need to be written.

The office writes it out with everybody who holds a seat, the institution fills it in, and what comes
back are the marks of every half-day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from catalog.importing.parse import code, fold, half_days
from catalog.importing.spec import Column, NumberedRow, Row, RowError, SheetKind
from catalog.tables import SectionRow
from matching.rounds import store
from matching.rounds.life.tables import PlaceRow

ROOM = "matching.rounds.life"
ALL = "*"
"""Every half-day of the section."""


def halves(cell: str) -> list[str]:
    """Return half-days as the catalogue writes them; 全部 or all stands for every one."""
    if fold(cell).lower() in ("全部", "all", ALL):
        return [ALL]
    return half_days(cell)


def _shown(value: list[str] | None) -> str:
    return "全部" if value == [ALL] else ";".join(value or ())


_HELP_ZH = "如 2026-08-03 上午；多个用分号隔开；“全部”即每个半天"
_HELP_EN = "such as 2026-08-03 AM; several joined by semicolons; all for every half-day"
SECTION = Column("section_id", "班次代码", "Section id", code, example="C01", is_id=True)
TEACHER = Column("teacher_id", "教师编号", "Teacher id", code, example="T0001", is_id=True)
NAME = Column("name", "姓名", "Name", required=False, default="", stored=False)
ABSENT = Column(
    "absent", "缺席半天", "Absent", halves, False, None, "全部", _HELP_ZH, _HELP_EN, show=_shown
)
EXCUSED = Column(
    "excused", "请假半天", "Excused", halves, False, None, "", _HELP_ZH, _HELP_EN, show=_shown
)


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one row says about one person in one section: half-day -> mark."""

    section: str
    teacher: str
    marks: Mapping[str, str]


def _check(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    sections = {row.id: row for row in store.everything(session, SectionRow)}
    for row in rows:
        section = sections.get(row.row["section_id"])
        if section is None:
            yield row.wrong(SECTION, "roll_no_section", room=ROOM)
            continue
        for column in (ABSENT, EXCUSED):
            for half in row.row[column.key] or ():
                if half != ALL and half not in section.meetings:
                    held = ";".join(section.meetings)
                    yield row.wrong(column, "roll_no_half_day", room=ROOM, half=half, held=held)
        both = set(row.row["absent"] or ()) & set(row.row["excused"] or ())
        if both:
            yield row.wrong(EXCUSED, "roll_both", room=ROOM, half=";".join(sorted(both)))


def sittings(rows: Iterable[Row], meetings: Mapping[str, Sequence[str]]) -> Iterator[Sitting]:
    """Yield the marks of each row: present wherever neither absent nor excused.

    Parameters
    ----------
    meetings
        Section -> its half-days.
    """
    for row in rows:
        held = meetings[row["section_id"]]
        absent, excused = (_spelt(row[key], held) for key in ("absent", "excused"))
        marks = {
            half: "absent" if half in absent else "excused" if half in excused else "present"
            for half in held
        }
        yield Sitting(row["section_id"], row["teacher_id"], marks)


def _spelt(written: Sequence[str] | None, held: Sequence[str]) -> set[str]:
    return set(held) if written and ALL in written else set(written or ())


def holders(session: Session, round_id: str, names: Mapping[str, str]) -> list[Row]:
    """Return a row for everybody who holds a confirmed seat, all present."""
    wanted = (
        select(PlaceRow)
        .where(PlaceRow.round_id == round_id, PlaceRow.state == "confirmed")
        .order_by(col(PlaceRow.section_id), col(PlaceRow.teacher_id))
    )
    return [
        {
            "section_id": place.section_id,
            "teacher_id": place.teacher_id,
            "name": names.get(str(place.teacher_id), ""),
            "absent": None,
            "excused": None,
        }
        for place in session.exec(wanted)
    ]


ROLL = SheetKind(
    code="T3",
    slug="roll",
    zh="出勤登记表",
    en="Roll",
    columns=(SECTION, TEACHER, NAME, ABSENT, EXCUSED),
    key=("section_id", "teacher_id"),
    check=_check,
    load=lambda session: {},
    save=lambda session, rows: None,
    remove=lambda session, keys: None,
)
"""Its rows become marks through `matching.rounds.life.marking`, never rows of their own."""

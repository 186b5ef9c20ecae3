"""The roll of a section as a sheet: one row a person, only absences need to be written.

The office writes it out with everybody who belongs to a section or did so once, the institution fills
it in, and what comes back are the marks of every half-day that is hers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from catalog.importing.parse import code, fold, half_days
from catalog.importing.spec import Column, NumberedRow, Row, RowError, SheetKind
from catalog.tables import SectionRow
from matching.rounds import store
from matching.rounds.life.membership import half_of, roll_of, sections_held

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


_DAYS_ZH = "空白即全程；中途转入或转出的，只登记这些半天"
_DAYS_EN = "blank for all of them; who came late or left is marked for these only"
_HELP_ZH = "如 2026-08-03 上午；多个用分号隔开；“全部”即每个半天"
_HELP_EN = "such as 2026-08-03 AM; several joined by semicolons; all for every half-day"
SECTION = Column("section_id", "班次代码", "Section id", code, example="C01", is_id=True)
TEACHER = Column("teacher_id", "教师编号", "Teacher id", code, example="T0001", is_id=True)
NAME = Column("name", "姓名", "Name", required=False, default="", stored=False)
DAYS = Column(
    "days",
    "在班半天",
    "In the section",
    required=False,
    default="",
    help_zh=_DAYS_ZH,
    help_en=_DAYS_EN,
    stored=False,
)
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


Seat = tuple[str, str]
"""A section and a teacher."""


def sittings(
    rows: Iterable[Row],
    meetings: Mapping[str, Sequence[str]],
    parts: Mapping[Seat, Sequence[str]],
) -> Iterator[Sitting]:
    """Yield the marks of each row: present wherever neither absent nor excused.

    Parameters
    ----------
    meetings
        Section -> its half-days.
    parts
        The half-days of those who belong to a section for a part of it only.
    """
    for row in rows:
        seat = row["section_id"], row["teacher_id"]
        held = parts.get(seat, meetings[row["section_id"]])
        absent, excused = (_spelt(row[key], held) for key in ("absent", "excused"))
        marks = {
            half: "absent" if half in absent else "excused" if half in excused else "present"
            for half in held
        }
        yield Sitting(row["section_id"], row["teacher_id"], marks)


def _spelt(written: Sequence[str] | None, held: Sequence[str]) -> set[str]:
    return set(held) if written and ALL in written else set(written or ())


def parts_of(session: Session, round_id: str) -> dict[Seat, list[str]]:
    """Return the half-days of those who came into a section late, or have left it."""
    return {
        seat: halves for seat, (halves, whole) in _seats(session, round_id).items() if not whole
    }


def holders(session: Session, round_id: str, names: Mapping[str, str]) -> list[Row]:
    """Return a row for everybody who belongs to a section or did so once, all present."""
    return [
        {
            "section_id": section,
            "teacher_id": teacher,
            "name": names.get(teacher, ""),
            "days": "" if whole else _shown(halves),
            "absent": None,
            "excused": None,
        }
        for (section, teacher), (halves, whole) in _seats(session, round_id).items()
    ]


def _seats(session: Session, round_id: str) -> dict[Seat, tuple[list[str], bool]]:
    """Return everybody on a roll with her half-days, and whether they are all there are."""
    found: dict[Seat, tuple[list[str], bool]] = {}
    for section_id in sections_held(session, round_id):
        section = session.get_one(SectionRow, section_id)
        for teacher, halves in roll_of(session, round_id, section).items():
            hers = [meeting for meeting in section.meetings if half_of(meeting) in halves]
            found[section_id, teacher] = hers, len(hers) == len(section.meetings)
    return found


ROLL = SheetKind(
    code="T3",
    slug="roll",
    zh="出勤登记表",
    en="Roll",
    columns=(SECTION, TEACHER, NAME, DAYS, ABSENT, EXCUSED),
    key=("section_id", "teacher_id"),
    check=_check,
    load=lambda session: {},
    save=lambda session, rows: None,
    remove=lambda session, keys: None,
)
"""Its rows become marks through `matching.rounds.life.marking`, never rows of their own."""

"""Ballots: the sheet T2 推荐表, on which teachers rank what they want and schools say yes or no.

A cell holds one section, or several joined by `+`: a bundle of which the teacher wants all or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from catalog.importing.parse import BadCell, code, fold, whole
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind
from catalog.tables import SchoolRow
from diagnostics import store as diagnosed
from diagnostics.teachers import Teacher
from matching.rounds import store
from matching.rounds.attributes import teacher_attributes
from matching.rounds.eligibility import Ask, asks, first_unmet
from matching.rounds.settings import LONGEST_LIST
from matching.rounds.store import Course
from matching.rounds.tables import BallotRow, RoundRow

ROOM = "matching.rounds"
TAKES_SHEETS = ("draft", "announced", "open")
"""States of a round in which a sheet of ballots may still be imported."""

OPINIONS = {"同意": True, "agree": True, "不同意": False, "disagree": False}


def choice(cell: str) -> str:
    """Return one line of a ballot: a section, or a bundle as `A+B` in the order written."""
    parts = [code(part.strip()) for part in fold(cell).split("+")]
    if len(set(parts)) < len(parts):
        raise BadCell("round_bundle_twice", room=ROOM)
    return "+".join(parts)


def opinion(cell: str) -> bool:
    """Return whether the school agrees."""
    folded = fold(cell).lower()
    if folded not in OPINIONS:
        raise BadCell("round_opinion", room=ROOM)
    return OPINIONS[folded]


def _opinion_shown(agreed: bool | None) -> str:
    return "" if agreed is None else "同意" if agreed else "不同意"


CHOICES = tuple(
    Column(
        f"choice_{rank}",
        f"志愿{rank}",
        f"Choice {rank}",
        choice,
        required=False,
        example="C01" if rank == 1 else "",
        help_zh="班次代码;用 + 连接表示捆绑,要么全要要么全不要",
        help_en="section code; joined by + it is a bundle, all or none",
    )
    for rank in range(1, LONGEST_LIST + 1)
)
TEACHER = Column("teacher_id", "教师编号", "Teacher id", code, example="T0001", is_id=True)
NAME = Column("name", "姓名", "Name", required=False, default="", example="李娜", stored=False)
SCHOOL = Column(
    "school_id", "学校代码", "School id", code, False, "", "PT1", is_id=True, stored=False
)
MOST = Column("most_sections", "最多班次", "Most sections", whole(1, 99), required=False)
OPINION = Column(
    "school_opinion",
    "学校意见",
    "School opinion",
    opinion,
    required=False,
    default=True,
    example="同意",
    help_zh="同意或不同意;空白即同意。不同意的志愿表退回,不参加录取",
    help_en="agree or disagree (blank: agree); a returned ballot is not used",
    show=_opinion_shown,
)
ENTERED = Column("entered_by", "代填", "Entered by", required=False, default="")


def sections_of(line: str) -> list[str]:
    """Return the sections of one line of a ballot."""
    return line.split("+")


def lines_of(row: Row) -> list[str]:
    """Return the ranked lines of a sheet row; blanks between choices are closed up."""
    return [row[column.key] for column in CHOICES if row.get(column.key)]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a line from being on a ballot; `code` is a message of this room."""

    rank: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


class Book:
    """The sections that some ballots name, with what each asks.

    Parameters
    ----------
    courses
        Section -> the section with its offering and programme.
    known
        The round they are for, if there is one yet.
    """

    def __init__(self, courses: Mapping[str, Course], known: RoundRow | None) -> None:
        self.courses = courses
        self.longest = known.list_length if known else LONGEST_LIST
        self._subject = known.settings.get("subject_match", "any") if known else "any"
        self._asks: dict[str, tuple[Ask, ...]] = {}

    def asks_of(self, section: str) -> tuple[Ask, ...]:
        """Return what a section asks of its teachers."""
        if section not in self._asks:
            course = self.courses[section]
            self._asks[section] = asks(course.offering, course.programme, self._subject)
        return self._asks[section]

    def faults(
        self, lines: Iterable[tuple[int, str]], attributes: Mapping[str, set[str]]
    ) -> Iterator[Fault]:
        """Yield everything wrong with the ranked lines of a teacher with these attributes."""
        seen: dict[str, int] = {}
        for rank, line in lines:
            if rank > self.longest:
                yield Fault(rank, "round_list_too_long", {"most": self.longest})
            for section in sections_of(line):
                if fault := self._fault(rank, section, seen, attributes):
                    yield fault
                seen.setdefault(section, rank)

    def _fault(
        self,
        rank: int,
        section: str,
        seen: Mapping[str, int],
        attributes: Mapping[str, set[str]],
    ) -> Fault | None:
        if section in seen:
            column = CHOICES[seen[section] - 1]
            first = {"zh": column.zh, "en": column.en}
            return Fault(rank, "round_listed_twice", {"section": section, "first": first})
        if section not in self.courses:
            return Fault(rank, "round_no_section", {"section": section})
        if ask := first_unmet(self.asks_of(section), attributes):
            asked = {"zh": ask.wording("zh"), "en": ask.wording("en")}
            return Fault(rank, "round_not_eligible", {"section": section, "asked": asked})
        return None


def _check(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    known = store.the_round(session)
    teachers = {teacher.id: teacher for teacher in diagnosed.teachers(session)}
    schools = {row.id: row for row in store.everything(session, SchoolRow)}
    lines = (line for row in rows for line in lines_of(row.row))
    book = Book(store.courses(session, (s for line in lines for s in sections_of(line))), known)
    for row in rows:
        teacher = teachers.get(row.row["teacher_id"])
        if known is not None and known.state not in TAKES_SHEETS:
            yield row.wrong(TEACHER, "round_takes_no_sheet", room=ROOM, title=known.title)
        elif teacher is None:
            yield row.wrong(TEACHER, "round_no_teacher", room=ROOM)
        else:
            yield from _who(row, teacher)
            attributes = teacher_attributes(teacher, schools[teacher.school])
            for fault in book.faults(_ranked(row.row), attributes):
                column = CHOICES[fault.rank - 1]
                yield row.wrong(column, fault.code, room=ROOM, **fault.values)


def _ranked(row: Row) -> list[tuple[int, str]]:
    """Return the lines with the ranks of the columns they stand in."""
    cells = ((rank, row.get(column.key)) for rank, column in enumerate(CHOICES, start=1))
    return [(rank, line) for rank, line in cells if line]


def _who(row: NumberedRow, teacher: Teacher) -> Iterator[RowError]:
    if row.row["name"] and row.row["name"] != teacher.name:
        yield row.wrong(NAME, "round_other_name", room=ROOM, name=teacher.name, id=teacher.id)
    if row.row["school_id"] and row.row["school_id"] != teacher.school:
        yield row.wrong(SCHOOL, "round_other_school", room=ROOM, school=teacher.school)


def _row(ballot: BallotRow, teacher: Teacher) -> Row:
    lines = {
        column.key: ballot.choices[i] if i < len(ballot.choices) else None
        for i, column in enumerate(CHOICES)
    }
    return {
        "teacher_id": ballot.teacher_id,
        "name": teacher.name,
        "school_id": teacher.school,
        **lines,
        "most_sections": ballot.most_sections,
        "school_opinion": not ballot.returned,
        "entered_by": ballot.entered_by,
    }


def _load(session: Session) -> dict[Key, Row]:
    ballots = store.ballots(session)
    teachers = {teacher.id: teacher for teacher in diagnosed.teachers(session)}
    return {(id_,): _row(ballot, teachers[id_]) for id_, ballot in ballots.items()}


def ballot_of(row: Row) -> BallotRow:
    """Return a row of the sheet as it is stored."""
    return BallotRow(
        teacher_id=row["teacher_id"],
        choices=lines_of(row),
        most_sections=row["most_sections"],
        returned=not row["school_opinion"],
        entered_by=row["entered_by"],
    )


def _save(session: Session, rows: Iterable[Row]) -> None:
    store.save_ballots(session, map(ballot_of, rows))


def _remove(session: Session, keys: Iterable[Key]) -> None:
    store.remove_ballots(session, keys)


BALLOTS = SheetKind(
    code="T2",
    slug="ballots",
    zh="推荐表",
    en="Ballots",
    columns=(TEACHER, NAME, SCHOOL, *CHOICES, MOST, OPINION, ENTERED),
    key=("teacher_id",),
    check=_check,
    load=_load,
    save=_save,
    remove=_remove,
    headers=(CHOICES[0].key,),
)
SHEETS: tuple[SheetKind, ...] = (BALLOTS,)

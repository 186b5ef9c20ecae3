"""The few questions behind every ballot that is entered, asked as cheaply as they can be.

Thousands hand in during the last seconds. So there is one statement for the round, one for everything
about the teacher, one for each section she names (which the units of work of one transaction share)
and one that writes, all compiled once for all. A change is written only over the version it was made
from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, ClassVar, cast

from sqlalchemy import Text, bindparam, exists, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from catalog.prepared import Prepared, connection_of
from catalog.tables import OfferingRow, ProgrammeRow, SchoolRow, SectionRow, UnitRow
from diagnostics.tables import BanRow, LedgerEntryRow, TeacherRow
from matching.rounds.errors import BadRound
from matching.rounds.life.shared import shared
from matching.rounds.life.tables import HandInRow
from matching.rounds.store import Course
from matching.rounds.tables import RoundRow


def _table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]


def _labelled(*rows: type[SQLModel]) -> list[Any]:
    """Return all columns of some tables, each named after its table too."""
    tables = [_table(row) for row in rows]
    return [column.label(f"{t.name}.{column.name}") for t in tables for column in t.c]


def _names(row: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.name for column in _table(row).c)


_ROUND, _HAND_IN = _table(RoundRow), _table(HandInRow)
_TEACHER, _SCHOOL, _UNIT = _table(TeacherRow), _table(SchoolRow), _table(UnitRow)
_SECTION, _OFFERING, _PROGRAMME = _table(SectionRow), _table(OfferingRow), _table(ProgrammeRow)
_BAN, _LEDGER = _table(BanRow), _table(LedgerEntryRow)

THE_ROUND = Prepared(
    select(*(type_coerce(c, Text) if c.name == "settings" else c for c in _ROUND.c))
    .where(_ROUND.c.id == bindparam("round"))
    .with_for_update(read=True)
)
THE_PERSON = Prepared(
    select(
        *_labelled(TeacherRow, SchoolRow, HandInRow),
        exists().where(_BAN.c.teacher_id == _TEACHER.c.id).label("banned"),
        exists().where(_LEDGER.c.teacher_id == _TEACHER.c.id).label("booked"),
    )
    .join(_SCHOOL, _SCHOOL.c.id == _TEACHER.c.school_id)
    .outerjoin(
        _HAND_IN,
        (_HAND_IN.c.teacher_id == _TEACHER.c.id) & (_HAND_IN.c.round_id == bindparam("round")),
    )
    .where(_TEACHER.c.id == bindparam("teacher"))
)
THE_COURSE = Prepared(
    select(*_labelled(SectionRow, OfferingRow, ProgrammeRow))
    .join(_OFFERING, _OFFERING.c.id == _SECTION.c.offering_id)
    .join(_PROGRAMME, _PROGRAMME.c.id == _OFFERING.c.programme_id)
    .where(_SECTION.c.id == bindparam("section"))
)
THE_UNITS = Prepared(select(_UNIT.c.id, _UNIT.c.parent_id))
OVER_THE_VERSION = Prepared(
    update(_HAND_IN).where(
        _HAND_IN.c.round_id == bindparam("round"),
        _HAND_IN.c.teacher_id == bindparam("teacher"),
        _HAND_IN.c.version == bindparam("made_from"),
    )
)
THE_FIRST = {
    "sqlite": Prepared(sqlite.insert(_HAND_IN).on_conflict_do_nothing()),
    "postgresql": Prepared(postgresql.insert(_HAND_IN).on_conflict_do_nothing()),
}

ROUND, TEACHER, SCHOOL = _names(RoundRow), _names(TeacherRow), _names(SchoolRow)
SECTION, OFFERING = _names(SectionRow), _names(OfferingRow)
PROGRAMME = _names(ProgrammeRow)


@dataclass(slots=True)
class Ballot:
    """A row of `hand_in` on its way: the columns of `HandInRow`, known to no session."""

    __tablename__: ClassVar[str] = "hand_in"

    round_id: str
    teacher_id: str
    version: int = 0
    draft: dict[str, Any] | None = None
    handed_in: bool = False
    lines: list[str] = field(default_factory=list)
    most_sections: int | None = None
    school: str = "pending"
    school_reason: str = ""
    entered_by: str = ""
    salt: str = ""
    digest: str = ""
    received_at: str = ""

    def model_dump(self) -> dict[str, Any]:
        """Return all columns, as a row of a session does."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Person:
    """A teacher with her school and her ballot, which is new at version 0.

    Attributes
    ----------
    banned, booked
        Whether any ban, or any line of the ledger, is hers.
    """

    teacher: TeacherRow
    school: SchoolRow
    mine: Ballot
    banned: bool
    booked: bool


def the_round(session: Session, round_id: str) -> RoundRow:
    """Return a round that nobody can move until the commit, for reading only."""
    row = THE_ROUND.first(connection_of(session), {"round": round_id})
    if row is None:
        raise BadRound("life_no_round", id=round_id)
    found = _part(ROUND, row)
    if isinstance(found.settings, str):
        found.settings = _settings(found.settings)
    return cast(RoundRow, found)


@lru_cache(maxsize=16)
def _settings(text: str) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = json.loads(text)
    return settings


def the_person(session: Session, round_id: str, teacher_id: str) -> Person | None:
    """Return everything about a teacher that a ballot of hers depends upon."""
    asked = {"round": round_id, "teacher": teacher_id}
    row = THE_PERSON.first(connection_of(session), asked)
    if row is None:
        return None
    school, mine = len(TEACHER), len(TEACHER) + len(SCHOOL)
    hers, banned, booked = row[mine:-2], row[-2], row[-1]
    return Person(
        cast(TeacherRow, _part(TEACHER, row[:school])),
        cast(SchoolRow, _part(SCHOOL, row[school:mine])),
        Ballot(round_id, teacher_id) if hers[0] is None else Ballot(*hers),
        banned,
        booked,
    )


def courses(session: Session, sections: Iterable[str]) -> Mapping[str, Course]:
    """Return courses by section, those of the sections named among them; one that is not there is not.

    Units of work that are committed together read each section once: between them nobody else can
    have changed it.
    """
    connection = connection_of(session)
    known = shared(connection).courses
    for section in sections:
        if section not in known and (row := THE_COURSE.first(connection, {"section": section})):
            known[section] = _course(row)
    return known


def parents(session: Session) -> Mapping[str, str | None]:
    """Return what lies above each unit, read once by units of work that are committed together."""
    known = shared(connection_of(session)).parents
    if not known:
        known.update(THE_UNITS.all(connection_of(session), {}))
    return known


def write(session: Session, mine: Ballot) -> None:
    """Write the next version of a ballot over the one it was made from.

    Raises
    ------
    BadRound
        If somebody else has written it meanwhile.
    """
    made_from, connection = mine.version, connection_of(session)
    mine.version += 1
    values = mine.model_dump()
    if made_from == 0:
        written = THE_FIRST[connection.dialect.name].write(connection, values)
    else:
        key = {"round": mine.round_id, "teacher": mine.teacher_id, "made_from": made_from}
        written = OVER_THE_VERSION.write(connection, values | key)
    if written != 1:
        raise BadRound("life_stale", have=mine.version, said=made_from)


def _part(names: Sequence[str], values: Sequence[Any]) -> SimpleNamespace:
    """Return the columns of one table out of a row, to be read and not to be stored."""
    return SimpleNamespace(**dict(zip(names, values, strict=True)))


def _course(row: tuple[Any, ...]) -> Course:
    offering, programme = len(SECTION), len(SECTION) + len(OFFERING)
    return Course(
        cast(SectionRow, _part(SECTION, row[:offering])),
        cast(OfferingRow, _part(OFFERING, row[offering:programme])),
        cast(ProgrammeRow, _part(PROGRAMME, row[programme:])),
    )

"""The few questions behind every ballot that is entered, asked as cheaply as they can be.

Thousands hand in during the last seconds. So there is one statement for the round, one for everything
about the teacher, one for the sections she names (which the units of work of one transaction share)
and one that writes. A change is written only over the version it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, RowMapping, Select, bindparam, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from catalog.tables import OfferingRow, ProgrammeRow, SchoolRow, SectionRow, UnitRow
from diagnostics.tables import BanRow, LedgerEntryRow, TeacherRow
from matching.rounds.errors import BadRound
from matching.rounds.life.tables import HandInRow
from matching.rounds.store import Course
from matching.rounds.tables import RoundRow

SHARED = "read by a transaction"
Part = TypeVar("Part", bound=SQLModel)


def _table(row: type[SQLModel]) -> Any:
    return row.__table__  # type: ignore[attr-defined]


def _labelled(*rows: type[SQLModel]) -> list[Any]:
    """Return all columns of some tables, each named after its table too."""
    tables = [_table(row) for row in rows]
    return [column.label(f"{t.name}.{column.name}") for t in tables for column in t.c]


_ROUND, _HAND_IN = _table(RoundRow), _table(HandInRow)
_TEACHER, _SCHOOL, _UNIT = _table(TeacherRow), _table(SchoolRow), _table(UnitRow)
_SECTION, _OFFERING, _PROGRAMME = _table(SectionRow), _table(OfferingRow), _table(ProgrammeRow)
_BAN, _LEDGER = _table(BanRow), _table(LedgerEntryRow)

THE_ROUND: Select[Any] = (
    select(_ROUND).where(_ROUND.c.id == bindparam("round")).with_for_update(read=True)
)
THE_PERSON: Select[Any] = (
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
THE_COURSES: Select[Any] = (
    select(*_labelled(SectionRow, OfferingRow, ProgrammeRow))
    .join(_OFFERING, _OFFERING.c.id == _SECTION.c.offering_id)
    .join(_PROGRAMME, _PROGRAMME.c.id == _OFFERING.c.programme_id)
    .where(_SECTION.c.id.in_(bindparam("sections", expanding=True)))
)
THE_UNITS = select(_UNIT.c.id, _UNIT.c.parent_id)
OVER_THE_VERSION = update(_HAND_IN).where(
    _HAND_IN.c.round_id == bindparam("round"),
    _HAND_IN.c.teacher_id == bindparam("teacher"),
    _HAND_IN.c.version == bindparam("made_from"),
)
THE_FIRST = {
    "sqlite": sqlite.insert(_HAND_IN).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_HAND_IN).on_conflict_do_nothing(),
}


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
    mine: HandInRow
    banned: bool
    booked: bool


@dataclass(slots=True)
class _Shared:
    """What units of work of one transaction read once."""

    of: object
    courses: dict[str, Course] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)


def the_round(session: Session, round_id: str) -> RoundRow:
    """Return a round that nobody can move until the commit, for reading only."""
    row = _connection(session).execute(THE_ROUND, {"round": round_id}).first()
    if row is None:
        raise BadRound("life_no_round", id=round_id)
    return cast(RoundRow, row)


def the_person(session: Session, round_id: str, teacher_id: str) -> Person | None:
    """Return everything about a teacher that a ballot of hers depends upon."""
    asked = {"round": round_id, "teacher": teacher_id}
    row = _connection(session).execute(THE_PERSON, asked).mappings().first()
    if row is None:
        return None
    if row["hand_in.version"] is None:
        mine = HandInRow(round_id=round_id, teacher_id=teacher_id, version=0, lines=[])
    else:
        mine = HandInRow(**_columns(row, HandInRow))
    teacher, school = _part(row, TeacherRow), _part(row, SchoolRow)
    return Person(teacher, school, mine, row["banned"], row["booked"])


def courses(session: Session, sections: Iterable[str]) -> dict[str, Course]:
    """Return sections with what they are runs of; one that is not there is left out.

    Units of work that are committed together read each section once: between them nobody else can
    have changed it.
    """
    wanted, shared = sorted(set(sections)), _shared(_connection(session)).courses
    if missing := [id_ for id_ in wanted if id_ not in shared]:
        for row in _connection(session).execute(THE_COURSES, {"sections": missing}).mappings():
            parts = (_part(row, SectionRow), _part(row, OfferingRow), _part(row, ProgrammeRow))
            shared[parts[0].id] = Course(*parts)
    return {id_: shared[id_] for id_ in wanted if id_ in shared}


def parents(session: Session) -> Mapping[str, str | None]:
    """Return what lies above each unit, read once by units of work that are committed together."""
    shared = _shared(_connection(session))
    if not shared.parents:
        units = _connection(session).execute(THE_UNITS)
        shared.parents.update({id_: parent for id_, parent in units})
    return shared.parents


def write(session: Session, mine: HandInRow) -> None:
    """Write the next version of a ballot over the one it was made from.

    Raises
    ------
    BadRound
        If somebody else has written it meanwhile.
    """
    made_from, connection = mine.version, _connection(session)
    mine.version += 1
    values = mine.model_dump()
    if made_from == 0:
        first = THE_FIRST[connection.dialect.name]
        written = connection.execute(first, values, execution_options={"preserve_rowcount": True})
    else:
        key = {"round": mine.round_id, "teacher": mine.teacher_id, "made_from": made_from}
        written = connection.execute(OVER_THE_VERSION.values(values), key)
    if written.rowcount != 1:
        raise BadRound("life_stale", have=mine.version, said=made_from)


def _connection(session: Session) -> Connection:
    session.flush()
    return session.connection()


def _part(row: RowMapping, table: type[Part]) -> Part:
    """Return the columns of one table out of a row, to be read and not to be stored."""
    return cast(Part, SimpleNamespace(**_columns(row, table)))


def _columns(row: RowMapping, table: type[SQLModel]) -> dict[str, Any]:
    return {name: row[label] for name, label in _labels(table)}


@cache
def _labels(table: type[SQLModel]) -> tuple[tuple[str, str], ...]:
    """Return the names of a table's columns, and what a row with other tables calls them."""
    found = _table(table)
    return tuple((column.name, f"{found.name}.{column.name}") for column in found.c)


def _shared(connection: Connection) -> _Shared:
    """Return what the transaction of a connection has read so far."""
    transaction = connection.get_transaction()
    found: _Shared | None = connection.info.get(SHARED)
    if found is None or found.of is not transaction:
        found = connection.info[SHARED] = _Shared(transaction)
    return found

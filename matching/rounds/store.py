"""Every question a round asks the database, and every row it writes; nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select

from catalog.importing.spec import Key
from catalog.store import Table
from catalog.tables import (
    InstitutionRow,
    OfferingRow,
    ProgrammeRow,
    QuotaRow,
    SchoolRow,
    SectionRow,
    UnitRow,
)
from diagnostics import store as diagnosed
from diagnostics.credit.integrity import Ban
from diagnostics.credit.ledger import LedgerLine, counting
from diagnostics.tables import RatingRow, ResponseRow
from diagnostics.teachers import Teacher
from matching.rounds.life.tables import HandInRow
from matching.rounds.settings import RoundSettings
from matching.rounds.tables import BallotRow, ReasonRow, ResultRow, RoundRow, SeatRow

Row = TypeVar("Row", bound=SQLModel)

OVER = ("archived", "voided")
"""States in which a round needs nothing any more."""


@dataclass(frozen=True, slots=True)
class Course:
    """A section with the offering it is a run of, and its programme."""

    section: SectionRow
    offering: OfferingRow
    programme: ProgrammeRow


@dataclass(frozen=True)
class Stored:
    """The rows a round is made of, each by its id."""

    units: dict[str, UnitRow]
    schools: dict[str, SchoolRow]
    institutions: dict[str, InstitutionRow]
    programmes: dict[str, ProgrammeRow]
    offerings: dict[str, OfferingRow]
    sections: dict[str, SectionRow]
    quotas: tuple[QuotaRow, ...]
    teachers: dict[str, Teacher]
    ballots: dict[str, BallotRow]
    ledger: dict[str, tuple[LedgerLine, ...]]
    """Teacher -> her lines that count, without what she earned in this round itself."""
    bans: tuple[Ban, ...]
    ratings: tuple[RatingRow, ...]
    responses: tuple[ResponseRow, ...] = ()
    """What was answered to items, one row for each who answered about a teacher."""


def load(session: Session, settings: RoundSettings) -> Stored:
    """Return what belongs to a round: the teachers of its unit and the sections of its programmes."""
    teachers = {
        teacher.id: teacher
        for teacher in diagnosed.teachers(session)
        if settings.unit in teacher.lineage
    }
    schools = _by_id(everything(session, SchoolRow))
    programmes = [row for row in everything(session, ProgrammeRow) if _open(row, settings)]
    open_ids = {row.id for row in programmes}
    offerings = _by_id(r for r in everything(session, OfferingRow) if r.programme_id in open_ids)
    sections = _by_id(r for r in everything(session, SectionRow) if r.offering_id in offerings)
    return Stored(
        units=_by_id(everything(session, UnitRow)),
        schools={id_: schools[id_] for id_ in sorted({t.school for t in teachers.values()})},
        institutions=_by_id(everything(session, InstitutionRow)),
        programmes=_by_id(programmes),
        offerings=offerings,
        sections=sections,
        quotas=tuple(row for row in everything(session, QuotaRow) if row.programme_id in open_ids),
        teachers=teachers,
        ballots={id_: row for id_, row in _ballots(session, settings) if id_ in teachers},
        ledger=_ledger(session, teachers, settings.id),
        bans=tuple(ban for ban in diagnosed.bans(session) if ban.teacher in teachers),
        ratings=tuple(r for r in everything(session, RatingRow) if r.teacher_id in teachers),
        responses=tuple(
            row
            for row in diagnosed.responses(session, settings.framework)
            if row.teacher_id in teachers
        ),
    )


def everything(session: Session, table: type[Row]) -> list[Row]:
    """Return a whole table in the order of its key."""
    keys = table.__table__.primary_key.columns  # type: ignore[attr-defined]
    return list(session.exec(select(table).order_by(*keys)))


def ballots(session: Session) -> dict[str, BallotRow]:
    """Return every ballot by its teacher."""
    return {row.teacher_id: row for row in everything(session, BallotRow)}


def _ballots(session: Session, settings: RoundSettings) -> Iterator[tuple[str, BallotRow]]:
    """Yield what was handed in; the sheet itself counts until the round is open for ballots."""
    mine = select(HandInRow).where(HandInRow.round_id == settings.id)
    fresh = mine.execution_options(populate_existing=True)
    handed = list(session.exec(fresh.order_by(col(HandInRow.teacher_id))))
    if not handed:
        yield from ballots(session).items()
    for row in handed:
        if row.handed_in:
            yield row.teacher_id, _ballot(row, settings)


def _ballot(row: HandInRow, settings: RoundSettings) -> BallotRow:
    missed = settings.approval and row.school != "approved"
    return BallotRow(
        teacher_id=row.teacher_id,
        choices=list(row.lines),
        most_sections=row.most_sections,
        returned=row.school == "returned" or missed,
        entered_by=row.entered_by,
    )


def find(session: Session, table: type[Row], ids: Iterable[str]) -> dict[str, Row]:
    """Return rows of a table by id, in one question."""
    wanted = sorted(set(ids))
    key = table.__table__.primary_key.columns[0]  # type: ignore[attr-defined]
    rows: dict[str, Row] = {}
    for start in range(0, len(wanted), 500):
        part = select(table).where(key.in_(wanted[start : start + 500]))
        rows.update({str(getattr(row, key.name)): row for row in session.exec(part)})
    return rows


def courses(session: Session, sections: Iterable[str]) -> dict[str, Course]:
    """Return sections by id with what they are runs of; one that is not there is left out."""
    found = find(session, SectionRow, sections)
    offerings = find(session, OfferingRow, (row.offering_id for row in found.values()))
    programmes = find(session, ProgrammeRow, (row.programme_id for row in offerings.values()))
    return {
        id_: Course(row, offering := offerings[row.offering_id], programmes[offering.programme_id])
        for id_, row in found.items()
    }


def the_round(session: Session) -> RoundRow | None:
    """Return the round that is being prepared, None when there is none or several."""
    rows = [row for row in everything(session, RoundRow) if row.state not in OVER]
    return rows[0] if len(rows) == 1 else None


def round_row(session: Session, round_id: str) -> RoundRow | None:
    """Return a round by its id."""
    return session.get(RoundRow, round_id)


def save_ballots(session: Session, rows: Iterable[BallotRow]) -> None:
    """Insert or replace ballots."""
    Table(BallotRow).save(session, (row.model_dump() for row in rows))


def remove_ballots(session: Session, keys: Iterable[Key]) -> None:
    """Delete the ballots of some teachers."""
    Table(BallotRow).remove(session, keys)


def forget_answers(session: Session, round_id: str, number: int) -> None:
    """Delete the answers of this solve and of later ones, before a new answer is stored."""
    for table in (ReasonRow, SeatRow, ResultRow):
        mine = (col(table.round_id) == round_id) & (col(table.number) >= number)
        session.execute(delete(table).where(mine))
    session.expire_all()


def keep(session: Session, rows: Sequence[SQLModel]) -> None:
    """Store rows of a round, those that others refer to first."""
    session.add_all(rows)
    session.flush()


def save_round(session: Session, row: RoundRow) -> None:
    """Insert or replace the round itself."""
    session.merge(row)
    session.flush()


def results(session: Session, round_id: str) -> list[ResultRow]:
    """Return what the solves of a round answered, first round first."""
    return [row for row in everything(session, ResultRow) if row.round_id == round_id]


def seats(session: Session, round_id: str) -> list[SeatRow]:
    """Return the seats a round gave out, by teacher and section."""
    return [row for row in everything(session, SeatRow) if row.round_id == round_id]


def reasons(session: Session, round_id: str) -> list[ReasonRow]:
    """Return the reasons of a round."""
    return [row for row in everything(session, ReasonRow) if row.round_id == round_id]


def _ledger(
    session: Session, teachers: Mapping[str, Teacher], round_id: str
) -> dict[str, tuple[LedgerLine, ...]]:
    """Return what counts before this round: hours earned in its own sections are left out."""
    found: dict[str, list[LedgerLine]] = {id_: [] for id_ in teachers}
    for line in counting(diagnosed.ledger_lines(session, set(teachers))):
        if not is_of_round(line, round_id):
            found[line.teacher_id].append(line)
    return {id_: tuple(lines) for id_, lines in found.items()}


def is_of_round(line: LedgerLine, round_id: str) -> bool:
    """Tell whether a line was earned in a section of this round (its evidence says so)."""
    return line.origin == "section" and line.evidence.startswith(f"{round_id}/")


def is_open(programme: ProgrammeRow, programmes: Sequence[str], year: int) -> bool:
    """Tell whether a round takes a programme: one it names, or one of its year if it names none."""
    return programme.id in programmes if programmes else programme.year == year


def _open(programme: ProgrammeRow, settings: RoundSettings) -> bool:
    return is_open(programme, settings.programmes, settings.year)


def _by_id(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row.id): row for row in rows}  # type: ignore[attr-defined]

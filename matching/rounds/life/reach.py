"""How far a caller reaches: what lies outside is answered as if it did not exist."""

from __future__ import annotations

from sqlmodel import Session

from catalog.tables import SchoolRow
from diagnostics.tables import TeacherRow
from matching.rounds.errors import BadRound
from matching.rounds.life import entries, store
from matching.rounds.life.calls import Scope
from matching.rounds.tables import RoundRow

MACHINES = ("engine", "clock")


def require_round(session: Session, scope: Scope, row: RoundRow) -> None:
    """Refuse to lead a round of another unit.

    Raises
    ------
    BadRound
        In the words for a round that is not there.
    """
    if not leads(session, scope, row):
        raise BadRound("life_no_round", id=row.id)


def leads(session: Session, scope: Scope, row: RoundRow) -> bool:
    """Tell whether a unit (or one of our own programs) stands above a round."""
    if scope.role in MACHINES:
        return True
    return scope.role in ("county", "auditor") and scope.id in store.lineage(session, row.unit_id)


def require_teacher(
    session: Session,
    scope: Scope,
    row: RoundRow,
    teacher: TeacherRow | None,
    id_: str,
    school: SchoolRow | None = None,
) -> TeacherRow:
    """Return a teacher of a round whom the caller may act for.

    Parameters
    ----------
    school
        Her school, if the caller has read it already.

    Raises
    ------
    BadRound
        In the words for a teacher who is not there, if she is not in the round or not the caller's.
    """
    if teacher is None or not _mine(session, scope, row, teacher, school):
        raise BadRound("life_no_teacher", id=id_)
    return teacher


def _mine(
    session: Session,
    scope: Scope,
    row: RoundRow,
    teacher: TeacherRow,
    school: SchoolRow | None,
) -> bool:
    """Tell whether a caller reaches a teacher and the round reaches her too."""
    own = {"teacher": teacher.id, "school": teacher.school_id}
    if scope.role in own and scope.id != own[scope.role]:
        return False
    if scope.role not in own and not leads(session, scope, row):
        return False
    school = school or session.get_one(SchoolRow, teacher.school_id)
    if school.unit_id == row.unit_id:
        return True
    return row.unit_id in store.upwards(school.unit_id, entries.parents(session))

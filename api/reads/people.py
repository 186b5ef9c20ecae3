"""Teachers, their hours and what is believed of groups of them, as a caller may see it."""

from __future__ import annotations

from sqlalchemy import RowMapping, func, select
from sqlmodel import Session

from api.reads import reach
from api.reads.catalog import Part, one, part
from diagnostics import store
from diagnostics.credit.ledger import LedgerLine
from diagnostics.credit.rules import rule_set
from diagnostics.credit.statements import Statement, statement
from diagnostics.framework import Framework, framework
from diagnostics.messages import Language
from diagnostics.profile import GroupFigure, Profile, group_figures, hidden_parts, profiles
from diagnostics.responses import Rating
from diagnostics.tables import RatingRow
from diagnostics.teachers import Teacher
from matching.rounds.life.calls import Scope

_rating = RatingRow.__table__.c  # type: ignore[attr-defined]
_columns = [
    reach.teacher[name]
    for name in ("id", "name", "school_id", "stage", "subject", "roles", "title_rank", "years")
]


def teachers(session: Session, scope: Scope, school_id: str, after: str, limit: int) -> Part:
    """Return the teachers a scope covers, of one school if asked, by code."""
    wanted = select(*_columns).where(reach.teachers(scope), reach.teacher.id > after)
    if school_id:
        wanted = wanted.where(reach.teacher.school_id == school_id)
    return part(session, wanted.order_by(reach.teacher.id), limit)


def teacher(session: Session, scope: Scope, teacher_id: str) -> RowMapping:
    """Return one teacher."""
    return one(
        session, select(*_columns).where(reach.teacher.id == teacher_id, reach.teachers(scope))
    )


def hours(
    session: Session, scope: Scope, teacher_id: str, year: int, rules: str, lang: Language
) -> Statement:
    """Return the statement of a teacher's hours in a year by a rule set."""
    reach.require_teacher(session, scope, teacher_id)
    lines = store.ledger_lines(session, {teacher_id})
    return statement(rule_set(rules), teacher_id, lines, year, lang)


def ledger(
    session: Session, scope: Scope, teacher_id: str, after: str, limit: int
) -> tuple[tuple[LedgerLine, ...], bool]:
    """Return a part of a teacher's ledger by the number of its lines, and whether more follow."""
    reach.require_teacher(session, scope, teacher_id)
    lines = sorted(store.ledger_lines(session, {teacher_id}), key=lambda line: line.id)
    rest = [line for line in lines if line.id > after]
    return tuple(rest[:limit]), len(rest) > limit


def own_profile(session: Session, scope: Scope) -> tuple[Framework, Profile, Teacher]:
    """Return a teacher's own profile; nobody else's can be asked for."""
    reach.require_teacher(session, scope, scope.id)
    frame = framework()
    (profile,) = profiles(frame, [scope.id], store.ratings(session, scope.id))
    return frame, profile.read_by(scope.id), store.teacher(session, scope.id)


def group(
    session: Session, scope: Scope, school_id: str
) -> tuple[Framework, tuple[GroupFigure, ...] | None]:
    """Return what is believed of the teachers of a school, or of all that a scope covers.

    None where they are too few for nobody to be known by it; a school is left out, too, where the
    figures of all less hers would tell of too few (`hidden_parts`).
    """
    frame = framework()
    wanted = select(reach.teacher.id).where(reach.teachers(scope))
    if school_id:
        wanted = wanted.where(reach.teacher.school_id == school_id)
    columns = (_rating.teacher_id, _rating.dimension, _rating.source, _rating.rater, _rating.level)
    rated = session.execute(select(*columns).where(_rating.teacher_id.in_(wanted)))
    ratings = [Rating(*row) for row in rated]
    figures = group_figures(frame, profiles(frame, session.scalars(wanted), ratings))
    if not school_id or figures is None:
        return frame, figures
    sizes, minimum = _rated_by_school(session, scope), frame.model.minimum_group
    shown = (f for f in figures if school_id not in hidden_parts(sizes[f.dimension], minimum))
    return frame, tuple(shown) or None


def _rated_by_school(session: Session, scope: Scope) -> dict[str, dict[str, int]]:
    """Return dimension -> school -> how many of its teachers were rated in it."""
    count = func.count(_rating.teacher_id.distinct())
    columns = (_rating.dimension, reach.teacher.school_id, count)
    found = (
        select(*columns)
        .where(reach.teacher.id == _rating.teacher_id, reach.teachers(scope))
        .group_by(_rating.dimension, reach.teacher.school_id)
    )
    sizes: dict[str, dict[str, int]] = {}
    for dimension, school, people in session.execute(found):
        sizes.setdefault(dimension, {})[school] = people
    return sizes

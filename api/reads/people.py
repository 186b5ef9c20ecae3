"""Teachers, their hours and what is believed of groups of them, as a caller may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from api.reads import reach
from api.reads.catalog import Part, one, part
from diagnostics import hers, store
from diagnostics.county import county
from diagnostics.credit.ledger import LedgerLine
from diagnostics.credit.rules import rule_set
from diagnostics.credit.statements import Statement, statement
from diagnostics.framework import Framework, framework
from diagnostics.frameworks.reading import questionnaire
from diagnostics.messages import Language
from diagnostics.profile import GroupFigure, Profile, group_figures, hidden_parts
from diagnostics.teachers import Teacher
from matching.rounds.life.calls import Scope

NAME = "common"
"""The framework that profiles are read by."""

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
    lines = hers.ledger(session, teacher_id)
    return statement(rule_set(rules), teacher_id, lines, year, lang)


def ledger(
    session: Session, scope: Scope, teacher_id: str, after: str, limit: int
) -> tuple[tuple[LedgerLine, ...], bool]:
    """Return a part of a teacher's ledger by the number of its lines, and whether more follow."""
    reach.require_teacher(session, scope, teacher_id)
    lines = sorted(hers.ledger(session, teacher_id), key=lambda line: line.id)
    rest = [line for line in lines if line.id > after]
    return tuple(rest[:limit]), len(rest) > limit


def own_profile(session: Session, scope: Scope) -> tuple[Framework, Profile, Teacher]:
    """Return a teacher's own profile; nobody else's can be asked for."""
    reach.require_teacher(session, scope, scope.id)
    frame = framework()
    ratings, answered = hers.ratings(session, scope.id), hers.responses(session, NAME, scope.id)
    (profile,) = county(questionnaire(), [scope.id], ratings, answered).profiles
    return frame, profile.read_by(scope.id), hers.teacher(session, scope.id)


def group(
    session: Session, scope: Scope, school_id: str
) -> tuple[Framework, tuple[GroupFigure, ...] | None]:
    """Return what is believed of the teachers of a school, or of all that a scope covers.

    None where they are too few for nobody to be known by it; a school is left out, too, where the
    figures of all less hers would tell of too few (`hidden_parts`).
    """
    frame = framework()
    wanted = select(reach.teacher.id, reach.teacher.school_id).where(reach.teachers(scope))
    schools: dict[str, str] = {id_: school for id_, school in session.execute(wanted)}
    ratings = store.ratings(session)
    found = county(questionnaire(), schools, ratings, store.responses(session, NAME)).profiles
    mine = [each for each in found if school_id in ("", schools[each.teacher])]
    figures = group_figures(frame, mine)
    if not school_id or figures is None:
        return frame, figures
    sizes, minimum = _told_by_school(found, schools), frame.model.minimum_group
    shown = (f for f in figures if school_id not in hidden_parts(sizes[f.dimension], minimum))
    return frame, tuple(shown) or None


def _told_by_school(
    found: Iterable[Profile], schools: Mapping[str, str]
) -> dict[str, Counter[str]]:
    """Return dimension -> school -> how many of its teachers have evidence in it."""
    sizes: dict[str, Counter[str]] = {}
    for profile in found:
        for estimate in profile.estimates:
            if estimate.evidence:
                sizes.setdefault(estimate.dimension, Counter())[schools[profile.teacher]] += 1
    return sizes

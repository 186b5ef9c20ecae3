"""A teacher's diagnosis over the API: begun, answered, and looked at by herself alone.

The chained log holds that a diagnosis was begun, answered and ended, never what was answered.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from api.http_errors import not_found
from api.messages import Language
from diagnostics import asking, hers
from diagnostics.asking import Standing
from diagnostics.frameworks.items import Item
from diagnostics.frameworks.reading import questionnaire
from diagnostics.messages import say
from diagnostics.profile import Profile
from diagnostics.tables import DiagnosisRow
from diagnostics.teachers import Teacher
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened

OF_NO_ROUND = ""


def begin(
    session: Session, call: Call, framework: str, id: str, seed: str, lang: Language
) -> Happened:
    """Begin a diagnosis of the teacher who calls, or go on with the one that is open."""
    teacher = hers.teacher(session, call.scope.id)
    found = asking.begin(session, teacher, framework, id, seed, stamp(call.now))
    return _happened("diagnosis.begun", found, teacher, lang)


def answer(
    session: Session,
    call: Call,
    id: str,
    item: str,
    option: int,
    seconds: float | None,
    version: int,
    lang: Language,
) -> Happened:
    """Take in the answer to the item that is asked now."""
    row, teacher = own(session, call.scope, id)
    found = asking.answer(session, row, teacher, item, option, seconds, stamp(call.now), version)
    ended = "diagnosis.ended" if row.ended else "diagnosis.answered"
    return _happened(ended, found, teacher, lang)


def look(session: Session, scope: Scope, id: str, lang: Language) -> dict[str, Any]:
    """Return where one's own diagnosis stands."""
    row, teacher = own(session, scope, id)
    return told(asking.standing(session, row, teacher), teacher, lang)


def read(
    session: Session, scope: Scope, id: str, lang: Language
) -> tuple[Profile, Teacher, str, list[str]]:
    """Return one's own profile after the answers so far, what to be careful about, and signs."""
    row, teacher = own(session, scope, id)
    profile, signs = asking.profile(session, row, teacher)
    caution = questionnaire(row.framework).caution(asking.counts(session, row.framework), lang)
    return profile.read_by(scope.id), teacher, caution, [sign.say(lang) for sign in signs]


def own(session: Session, scope: Scope, id: str) -> tuple[DiagnosisRow, Teacher]:
    """Return a diagnosis of the teacher a scope is of; another's is answered like none."""
    row = session.get(DiagnosisRow, id)
    if row is None or scope.role != "teacher" or row.teacher_id != scope.id:
        raise not_found()
    return row, hers.teacher(session, row.teacher_id)


def told(found: Standing, teacher: Teacher, lang: Language) -> dict[str, Any]:
    """Return what a page needs: the question, how far she is, or why nothing more is asked."""
    row, why = found.row, found.row.ended or found.notice
    return {
        "id": row.id,
        "framework": row.framework,
        "version": row.answers,
        "most": found.longest,
        "ended": row.ended,
        "why": say(why, lang) if why else "",
        "question": _question(row.framework, found.item, teacher.stage, lang),
    }


def _happened(kind: str, found: Standing, teacher: Teacher, lang: Language) -> Happened:
    body = {"diagnosis": found.row.id, "answers": found.row.answers}
    return Happened(kind, OF_NO_ROUND, body, told(found, teacher, lang))


def _question(
    framework: str, item: Item | None, stage: str, lang: Language
) -> dict[str, Any] | None:
    if item is None:
        return None
    dimension = questionnaire(framework).framework.dimension(item.dimension)
    return {
        "item": item.code,
        "kind": item.kind,
        "dimension": dimension.title(lang),
        "prompt": item.scale.prompt.at(stage, lang),
        "stem": item.stem.at(stage, lang),
        "options": [option.at(stage, lang) for option in item.scale.options],
    }

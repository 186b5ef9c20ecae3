"""Questions "A or B?" over the API: begun, answered, taken back, and the order that follows.

What is stored are the sections with their points when she began, and her answers; the next question
and the order follow from them, on any device. The order is a proposal: nothing is handed in by it.
The chained log holds that questions were answered, never what was preferred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlmodel import Session

from api.choosing.tables import InterviewRow
from api.http_errors import Refused, not_found
from api.reads.menus import AtBoard, Her
from api.reads.reach import columns
from catalog.choices import Item
from catalog.entries import PARTS
from catalog.pairwise import LONGEST, MOST_ASKED, Answer, Interview, Question
from catalog.prepared import Prepared, connection_of
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened
from matching.rounds.life.tables import HandInRow

_interview, _hand_in = columns(InterviewRow), columns(HandInRow)
_ROUND: BindParameter[str] = bindparam("round")
_TEACHER: BindParameter[str] = bindparam("teacher")
_HERS = (_interview.round_id == _ROUND, _interview.teacher_id == _TEACHER)
_FIND = Prepared(select(*_interview).where(*_HERS))
_LOCKED = Prepared(select(*_interview).where(*_HERS).with_for_update())
_ADD = Prepared(insert(InterviewRow))
_CHANGE = Prepared(update(InterviewRow).where(*_HERS))
_LISTED = Prepared(
    select(_hand_in.draft, _hand_in.handed_in, _hand_in.lines).where(
        _hand_in.round_id == _ROUND, _hand_in.teacher_id == _TEACHER
    )
)

OF_NO_ROUND = ""
NOT_WORTH = ("price", "variety")
"""Parts that say how easy a section is to get and what stands beside it, not what it is worth."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where her questions stand: the next one, and the order that follows from her answers."""

    version: int
    asked: int
    question: Question | None
    order: tuple[Item, ...]
    drafted: tuple[str, ...]

    @property
    def why(self) -> str:
        """Why nothing more is asked (a message code); empty while something is."""
        if self.question is not None:
            return ""
        return "questions_all_asked" if self.asked >= MOST_ASKED else "questions_settled"


Step = tuple[str, InterviewRow]
"""What happened, as the log calls it, and the questions as they are afterwards."""


def begin(session: Session, call: Call, round_id: str, her: Her, *, afresh: bool) -> Step:
    """Begin the questions of a teacher, or go on with those she has begun.

    Parameters
    ----------
    afresh
        Forget what she has answered, and ask about her menu and her list as they are now.
    """
    before = _row(session, _LOCKED, round_id, her.chooser.teacher)
    if before is not None and not afresh:
        return "questions.begun", before
    sections, scores, drafted = _about(session, round_id, her)
    row = InterviewRow(
        round_id=round_id,
        teacher_id=her.chooser.teacher,
        version=before.version + 1 if before else 0,
        sections=sections,
        scores=scores,
        drafted=drafted,
        answers=[],
        began_at=stamp(call.now),
    )
    return "questions.begun", _kept(session, row, is_new=before is None)


def answer(
    session: Session, round_id: str, her: AtBoard, better: str, worse: str, version: int
) -> Step:
    """Take in which of the two sections asked about now she would rather take."""
    row = _at(session, round_id, her, version)
    now = interview(row, her).question
    if now is None or {better, worse} != {now.one.section, now.other.section}:
        raise Refused(409, "question_not_asked")
    row.answers = [*row.answers, [better, worse]]
    return "questions.answered", _moved(session, row)


def undo(session: Session, round_id: str, her: AtBoard, version: int) -> Step:
    """Take back the last answer."""
    row = _at(session, round_id, her, version)
    if not row.answers:
        raise Refused(409, "question_nothing_to_undo")
    row.answers = row.answers[:-1]
    return "questions.undone", _moved(session, row)


def look(session: Session, scope: Scope, round_id: str) -> InterviewRow:
    """Return the questions that a teacher has begun; to anybody else they are not there."""
    row = _row(session, _FIND, round_id, scope.id)
    if row is None or scope.role != "teacher":
        raise not_found()
    return row


def standing(row: InterviewRow, her: AtBoard) -> Standing:
    """Return where the questions stand."""
    found = interview(row, her)
    items = {item.section: item for item in found.items}
    order = tuple(items[section] for section in found.order)
    return Standing(row.version, len(row.answers), found.question, order, found.drafted)


def interview(row: InterviewRow, her: AtBoard) -> Interview:
    """Return the questions without what has been withdrawn or is no longer for her."""
    items = her.may_take()
    known = [(s, score) for s, score in zip(row.sections, row.scores, strict=True) if s in items]
    return Interview(
        tuple(items[section] for section, _ in known),
        tuple(score for _, score in known),
        tuple(section for section in row.drafted if section in items),
        tuple(Answer(*pair) for pair in row.answers if items.keys() >= set(pair)),
    )


def _about(session: Session, round_id: str, her: Her) -> tuple[list[str], list[int], list[str]]:
    """Return what is asked about: her own list, then her menu; with points, and her own order."""
    board = her.laid.board
    parts = board.parts(her.chooser, her.needs)
    worth = parts[[at for at, name in enumerate(PARTS) if name not in NOT_WORTH]].sum(axis=0)
    points = dict(zip((item.section for item in board.items), worth.tolist(), strict=True))
    may = her.may_take()
    drafted = [section for section in _listed(session, round_id, her) if section in may]
    shown = [entry.item.section for entry in her.menu().entries]
    sections = sorted(list(dict.fromkeys([*drafted, *shown]))[:LONGEST])
    return sections, [points[section] for section in sections], drafted


def _listed(session: Session, round_id: str, her: Her) -> Sequence[str]:
    """Return the sections of the list she is typing, else of the one she has handed in, in order."""
    key = {"round": round_id, "teacher": her.chooser.teacher}
    row = _LISTED.first(connection_of(session), key)
    if row is None:
        return ()
    lines = row.draft["lines"] if row.draft else row.lines if row.handed_in else []
    return list(dict.fromkeys(part.strip() for line in lines for part in str(line).split("+")))


def _row(session: Session, asked: Prepared, round_id: str, teacher_id: str) -> InterviewRow | None:
    """Return her questions, known to no session."""
    found = asked.first(connection_of(session), {"round": round_id, "teacher": teacher_id})
    return None if found is None else InterviewRow(**found._asdict())


def _at(session: Session, round_id: str, her: AtBoard, version: int) -> InterviewRow:
    """Return her questions, if they still are at the version she has seen."""
    row = _row(session, _LOCKED, round_id, her.chooser.teacher)
    if row is None:
        raise not_found()
    if row.version != version:
        raise Refused(412, "questions_moved", have=row.version, said=version)
    return row


def _moved(session: Session, row: InterviewRow) -> InterviewRow:
    row.version += 1
    return _kept(session, row, is_new=False)


def _kept(session: Session, row: InterviewRow, *, is_new: bool) -> InterviewRow:
    key = {"round": row.round_id, "teacher": row.teacher_id}
    (_ADD if is_new else _CHANGE).write(connection_of(session), row.model_dump() | key)
    return row


def happened(step: Step, told: dict[str, Any]) -> Happened:
    """Return what the log holds of a step and what she is told; never what she prefers."""
    kind, row = step
    body = {"round": row.round_id, "version": row.version, "answers": len(row.answers)}
    return Happened(kind, OF_NO_ROUND, body, told)

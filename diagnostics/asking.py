"""A diagnosis as it is stored: begun, answered item by item, ended, and read by the teacher alone.

What is stored are the answers; where a diagnosis stands follows from them, so it can be left and
taken up on any device.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from catalog.prepared import Prepared, connection_of
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.session import Answer as Told
from diagnostics.adaptive.session import Session as Asked
from diagnostics.county import county
from diagnostics.frameworks.items import Item
from diagnostics.paper import Paper, paper
from diagnostics.profile import Profile
from diagnostics.quality import Flag, flags
from diagnostics.responses import Answer, answers_of
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, ItemCountRow, ResponseRow
from diagnostics.teachers import Teacher

MOST_KEPT = 512
"""Diagnoses that are kept ready between two answers."""

_OPEN = select(DiagnosisRow).where(
    DiagnosisRow.teacher_id == bindparam("teacher"),
    DiagnosisRow.framework == bindparam("framework"),
    DiagnosisRow.version == bindparam("version"),
    DiagnosisRow.ended == "",
)
_GIVEN = Prepared(
    select(ItemAnswerRow.__table__)  # type: ignore[attr-defined]
    .where(ItemAnswerRow.diagnosis_id == bindparam("diagnosis"))
    .order_by(col(ItemAnswerRow.number))
)
_COUNTS = Prepared(
    select(ItemCountRow.item, ItemCountRow.total).where(
        ItemCountRow.framework == bindparam("framework")
    )
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a diagnosis stands: the item to answer now, or why nothing more is asked.

    `notice` is what changed since it began (`diagnosis_old`, `diagnosis_recalibrated`), if anything.
    """

    row: DiagnosisRow
    item: Item | None
    longest: int
    notice: str = ""


def begin(
    session: Session, teacher: Teacher, framework: str, id: str, seed: str, at: str
) -> Standing:
    """Begin a diagnosis; where one of the same framework is open, return that one instead."""
    asked = paper(framework, teacher.stage)
    version = asked.questions.framework.version
    hers = {"teacher": teacher.id, "framework": framework, "version": version}
    row = session.exec(_OPEN, params=hers).first()
    if row is None:
        row = DiagnosisRow(
            id=id,
            teacher_id=teacher.id,
            framework=framework,
            version=version,
            seed=seed,
            opened_at=at,
        )
        session.add(row)
        session.flush()
    return standing(session, row, teacher)


def standing(session: Session, row: DiagnosisRow, teacher: Teacher) -> Standing:
    """Return where a diagnosis stands."""
    asked = paper(row.framework, teacher.stage)
    if row.ended:
        return Standing(row, None, asked.longest)
    if row.version != asked.questions.framework.version:
        return Standing(row, None, asked.longest, "diagnosis_old")
    return _stands(row, asked, _going(row, asked, teacher, _given(session, row.id)))


def answer(
    session: Session,
    row: DiagnosisRow,
    teacher: Teacher,
    item: str,
    option: int,
    seconds: float | None,
    at: str,
    version: int | None = None,
) -> Standing:
    """Take in the answer to the item asked now.

    Parameters
    ----------
    option
        From 1, as the options stand on the page.
    version
        How many answers there were when she saw the question; None does not care.

    Raises
    ------
    CannotAsk
        `diagnosis_ended`, `diagnosis_old`, `diagnosis_moved`, `not_asked` or `no_option`.
    """
    asked = paper(row.framework, teacher.stage)
    if row.version != asked.questions.framework.version:
        raise CannotAsk("diagnosis_old")
    if version is not None and version != row.answers:
        raise CannotAsk("diagnosis_moved", have=row.answers, said=version)
    if row.ended:
        raise CannotAsk("diagnosis_ended")
    given = _given(session, row.id)
    going = _going(row, asked, teacher, given)
    now = _item(asked, going)
    if now is None or now.code != item:
        raise CannotAsk("not_asked", now=now.code if now else "–")
    if not 1 <= option <= len(now.scale.options):
        raise CannotAsk("no_option", item=now.code, most=len(now.scale.options))
    told = ItemAnswerRow(
        diagnosis_id=row.id,
        number=row.answers + 1,
        item=item,
        option=option,
        seconds=seconds,
        at=at,
    )
    session.add(told)
    row.answers += 1
    going = _going(row, asked, teacher, (*given, told))
    if going.ended is not None:
        row.ended, row.ended_at = going.ended, at
    session.add(row)
    session.flush()
    return _stands(row, asked, going)


def profile(
    session: Session, row: DiagnosisRow, teacher: Teacher
) -> tuple[Profile, tuple[Flag, ...]]:
    """Return what is believed of the teacher after the answers so far, and signs of haste.

    It is kept by these answers: her menu, which rests on them too, does not weigh them again.
    """
    asked = paper(row.framework, teacher.stage)
    given = _given(session, row.id)
    hers = ResponseRow(teacher_id=teacher.id, rater=teacher.id)
    hers.options = {each.item: each.option for each in given}
    (found,) = county(asked.questions, [teacher.id], answered=[hers]).profiles
    told = [
        Answer(
            teacher.id,
            each.item,
            teacher.id,
            asked.questions.item(each.item).value(each.option),
            each.at,
            row.id,
            each.seconds,
        )
        for each in given
    ]
    answers = answers_of(asked.instrument.bank, told, [teacher.id])
    return found, flags(asked.instrument, answers, told)


def counts(session: Session, framework: str) -> dict[str, int]:
    """Return how often each item of a framework was answered, over everybody.

    The database keeps these counts (`item_count`), so that a look costs a row an item however many
    teachers have answered.
    """
    found = _COUNTS.all(connection_of(session), {"framework": framework})
    return {item: total for item, total in found if total}


def _given(session: Session, id: str) -> tuple[ItemAnswerRow, ...]:
    return tuple(_GIVEN.all(connection_of(session), {"diagnosis": id}))


def _stands(row: DiagnosisRow, asked: Paper, going: Asked) -> Standing:
    notice = "diagnosis_recalibrated" if going.departed else ""
    return Standing(row, _item(asked, going), asked.longest, notice)


def _item(asked: Paper, going: Asked) -> Item | None:
    place = going.next_item
    return None if place is None else asked.questions.item(asked.pool.bank.items[place])


def _going(
    row: DiagnosisRow, asked: Paper, teacher: Teacher, given: tuple[ItemAnswerRow, ...]
) -> Asked:
    """Return the session behind these answers; one that was left a step before goes on."""
    told = [_told(asked, each) for each in given]
    going = _desk.take(row.id, tuple(told))
    if going is None or going.pool is not asked.pool:
        going = asked.begin(teacher, row.seed)
    going.resume(told[len(going.answers) :])
    _desk.put(row.id, going)
    return going


def _told(asked: Paper, given: ItemAnswerRow) -> Told:
    item = asked.questions.item(given.item)
    return Told(asked.pool.bank.items.index(given.item), item.value(given.option))


class _Desk:
    """Sessions that are going on in this process; losing one costs the time to replay it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Asked] = OrderedDict()
        self._lock = Lock()

    def take(self, id: str, told: tuple[Told, ...]) -> Asked | None:
        """Return the session of a diagnosis if what it knows is the beginning of what was told."""
        with self._lock:
            going = self._kept.pop(id, None)
        if going is None or tuple(going.answers) != told[: len(going.answers)]:
            return None
        return going

    def put(self, id: str, going: Asked) -> None:
        """Keep a session for the next request."""
        with self._lock:
            self._kept[id] = going
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


_desk = _Desk()

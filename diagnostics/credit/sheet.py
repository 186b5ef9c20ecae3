"""T7, hours earned elsewhere: stored as ledger lines, so undoing an import adds reversing lines.

`load` returns the net state per piece of work (its line with all corrections), `save` takes back
what differs and posts the new state, `remove` takes back what is left. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from catalog.importing.parse import code, hours, shown_hours, text, whole
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind
from catalog.terms import CATEGORIES
from diagnostics import store
from diagnostics.credit import ledger
from diagnostics.credit.ledger import LedgerLine, Posting
from diagnostics.messages import say

if TYPE_CHECKING:
    from sqlmodel import Session

ROOM = "diagnostics"
ORIGIN = "sheet"

_TEACHER = Column("teacher_id", "教师编号", "teacher number", code, example="T0001", is_id=True)
_MINUTES = Column(
    "minutes", "学时", "hours", hours, example="24", aliases=("hours",), show=shown_hours,
    help_zh="一天8学时，半天4学时。", help_en="A day is 8, half a day 4.",
)  # fmt: skip
_OFFERING = Column(
    "offering_id", "课程代码", "offering code", code, required=False, example="C01", is_id=True
)
_SECOND = Column("second_approver", "审批人", "second approver", text, example="李审批")

COLUMNS = (
    _TEACHER,
    Column("year", "年度", "year", whole(2000, 2100), example="2026"),
    Column(
        "category", "学时类别", "category of hours", CATEGORIES.parse, example="公需科目",
        choices=CATEGORIES.choices, show=lambda value: CATEGORIES.word(str(value)),
    ),
    _MINUTES,
    Column("source", "来源", "where from", text, example="省公需课平台"),
    Column("evidence", "证明", "evidence", text, example="证书2026-0001"),
    _OFFERING,
    Column("first_approver", "初审人", "first approver", text, example="王初审"),
    _SECOND,
)  # fmt: skip


def check(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    """Yield unknown teachers and courses, hours of zero, and one person approving twice."""
    teachers, offerings = store.teacher_ids(session), store.offering_facts(session)
    for numbered in rows:
        row = numbered.row
        if row["teacher_id"] not in teachers:
            yield numbered.wrong(_TEACHER, "no_such_teacher", room=ROOM)
        if row["offering_id"] is not None and row["offering_id"] not in offerings:
            yield numbered.wrong(_OFFERING, "no_such_offering", room=ROOM)
        if row["minutes"] <= 0:
            yield numbered.wrong(_MINUTES, "hours_not_positive", room=ROOM)
        if row["first_approver"] == row["second_approver"]:
            yield numbered.wrong(_SECOND, "approved_twice_by_one", room=ROOM)


def load(session: Session) -> dict[Key, Row]:
    """Return what each piece of work stands at now; what was taken back whole is not there."""
    found = {}
    for key, lines in _works(store.ledger_lines(session)).items():
        if (minutes := sum(line.minutes for line in lines)) > 0:
            found[key] = _row(lines, minutes)
    return found


def _works(lines: Iterable[LedgerLine]) -> dict[Key, list[LedgerLine]]:
    works: dict[Key, list[LedgerLine]] = {}
    for line in lines:
        if line.origin == ORIGIN:
            works.setdefault(line.key, []).append(line)
    return works


def _row(lines: Sequence[LedgerLine], minutes: int) -> Row:
    """Return one piece of work in the shape of the sheet, as its last posting says."""
    last = max((line for line in lines if line.corrects is None), key=lambda line: line.number)
    first_approver, second_approver = (*last.approvers, "", "")[:2]
    return {
        "teacher_id": last.teacher_id,
        "year": last.year,
        "category": last.category,
        "minutes": minutes,
        "source": last.source,
        "evidence": last.evidence,
        "offering_id": last.offering_id,
        "first_approver": first_approver,
        "second_approver": second_approver,
    }


def save(session: Session, rows: Iterable[Row]) -> None:
    """Post new states; a state that is there already is left alone, another one is taken back."""
    wanted = {HOURS.key_of(row): row for row in rows}
    works = _works(store.ledger_lines(session, {key[0] for key in wanted}))
    facts = store.offering_facts(session)
    batches: dict[tuple[str, str], list[Posting]] = {}
    for key, row in wanted.items():
        lines = works.get(key, [])
        left = sum(line.minutes for line in lines)
        if left > 0 and _row(lines, left) == row:
            continue
        approvers = (row["first_approver"], row["second_approver"])
        if left > 0:
            ledger.reverse(session, lines, say("reason_replaced"), approvers)
        batches.setdefault(approvers, []).append(_posting(row, facts))
    for approvers, postings in batches.items():
        ledger.post(session, postings, approvers)


def _posting(row: Row, facts: dict[str, tuple[str, str, tuple[str, ...]]]) -> Posting:
    level, mode, topics = facts.get(row["offering_id"], ("", "", ()))
    known = {name: row[name] for name in ("teacher_id", "year", "category", "minutes", "source")}
    return Posting(
        **known,
        evidence=row["evidence"],
        origin=ORIGIN,
        offering_id=row["offering_id"],
        level=level,
        mode=mode,
        topics=topics,
    )


def remove(session: Session, keys: Iterable[Key]) -> None:
    """Take back what is left of some pieces of work by negative lines."""
    gone = set(keys)
    works = _works(store.ledger_lines(session, {key[0] for key in gone}))
    lines = [line for key in sorted(gone) for line in works.get(key, [])]
    ledger.reverse(session, lines, say("reason_withdrawn"))


HOURS = SheetKind(
    "T7",
    "hours",
    "校外学时登记表",
    "hours earned elsewhere",
    COLUMNS,
    ("teacher_id", "year", "category", "source", "evidence"),
    check,
    load,
    save,
    remove,
)

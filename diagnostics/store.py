"""What this room keeps of everybody, read and written; `diagnostics.hers` asks of one teacher.

Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import BindParameter, bindparam, insert
from sqlmodel import Session, col, or_, select

from catalog.importing.spec import Key, Row
from catalog.store import Table
from catalog.tables import OfferingRow, SchoolRow, UnitRow
from diagnostics.credit.integrity import Ban, ban_of, row_of
from diagnostics.credit.ledger import LedgerLine, WorkKey, line_of
from diagnostics.responses import Rating
from diagnostics.tables import (
    BanRow,
    DiagnosisRow,
    ItemAnswerRow,
    LedgerApprovalRow,
    LedgerEntryRow,
    RatingRow,
    ResponseRow,
    TeacherRow,
)
from diagnostics.teachers import TaughtSubject, Teacher

_ASKED = (
    select(
        DiagnosisRow.teacher_id, DiagnosisRow.opened_at, ItemAnswerRow.item, ItemAnswerRow.option
    )
    .join(ItemAnswerRow, col(ItemAnswerRow.diagnosis_id) == col(DiagnosisRow.id))
    .where(DiagnosisRow.framework == bindparam("framework"))
    .order_by(DiagnosisRow.opened_at, DiagnosisRow.id, col(ItemAnswerRow.number))
)
_LINES = select(LedgerEntryRow).order_by(LedgerEntryRow.teacher_id, LedgerEntryRow.id)
_APPROVALS = select(LedgerApprovalRow).order_by(
    col(LedgerApprovalRow.entry_id), col(LedgerApprovalRow.step)
)
_FEW_OF: BindParameter[str] = bindparam("few", expanding=True)
_LINES_OF = _LINES.where(col(LedgerEntryRow.teacher_id).in_(_FEW_OF))
_APPROVALS_OF = _APPROVALS.where(col(LedgerApprovalRow.entry_id).in_(_FEW_OF))


def teacher_ids(session: Session) -> set[str]:
    """Return the numbers of all teachers."""
    return set(session.exec(select(TeacherRow.id)))


def school_ids(session: Session) -> set[str]:
    """Return the codes of all schools."""
    return set(session.exec(select(SchoolRow.id)))


def teacher_rows(session: Session) -> Sequence[TeacherRow]:
    """Return every teacher as stored, by number."""
    return session.exec(select(TeacherRow).order_by(TeacherRow.id)).all()


def teachers(session: Session) -> tuple[Teacher, ...]:
    """Return every teacher with the unit of her school and all units above it, by number."""
    units = dict(session.exec(select(SchoolRow.id, SchoolRow.unit_id)).all())
    parents = dict(session.exec(select(UnitRow.id, UnitRow.parent_id)).all())
    return tuple(teacher_of(row, units[row.school_id], parents) for row in teacher_rows(session))


def teacher_of(row: TeacherRow, unit: str, parents: Mapping[str, str | None]) -> Teacher:
    """Return a stored teacher, given the unit of her school and what lies above each unit."""
    others = tuple(TaughtSubject(code) for code in row.other_subjects)
    lineage: list[str] = []
    at: str | None = unit
    while at is not None and at not in lineage:
        lineage.append(at)
        at = parents.get(at)
    return Teacher(
        id=row.id,
        name=row.name,
        school=row.school_id,
        stage=row.stage,
        subjects=(TaughtSubject(row.subject, main=True), *others),
        years=row.years,
        roles=tuple(row.roles),
        title_rank=row.title_rank,
        office_years=row.office_years,
        tier=row.tier,
        unit=unit,
        lineage=tuple(lineage),
        flags=tuple(row.flags),
        id_last4=row.id_last4,
    )


def save_teachers(session: Session, rows: Iterable[Row]) -> None:
    """Insert or update teachers, each given by its columns."""
    Table(TeacherRow).save(session, rows)


def remove_teachers(session: Session, keys: Iterable[Key]) -> None:
    """Delete teachers; the database refuses where ratings or ledger lines name them."""
    Table(TeacherRow).remove(session, keys)


def rating_rows(session: Session) -> Sequence[RatingRow]:
    """Return the ratings of everybody, in the order of their keys."""
    order = (RatingRow.teacher_id, RatingRow.dimension, RatingRow.source, RatingRow.rater)
    return session.exec(select(RatingRow).order_by(*order)).all()


def ratings(session: Session) -> tuple[Rating, ...]:
    """Return the ratings of everybody as the profile reads them."""
    return tuple(rating_of(row) for row in rating_rows(session))


def rating_of(row: RatingRow) -> Rating:
    """Return a stored rating as the profile reads it."""
    return Rating(row.teacher_id, row.dimension, row.source, row.rater, row.level)


def save_ratings(session: Session, rows: Iterable[Row]) -> None:
    """Insert or update ratings, each given by its columns."""
    Table(RatingRow).save(session, rows)


def remove_ratings(session: Session, keys: Iterable[Key]) -> None:
    """Delete ratings by teacher, dimension, source and rater."""
    Table(RatingRow).remove(session, keys)


def response_rows(session: Session) -> Sequence[ResponseRow]:
    """Return the answers on sheets about everybody, in the order of their keys."""
    order = (ResponseRow.teacher_id, ResponseRow.rater)
    return session.exec(select(ResponseRow).order_by(*order)).all()


def save_responses(session: Session, rows: Iterable[Row]) -> None:
    """Insert or replace the answers of one person about one teacher, each given by its columns."""
    Table(ResponseRow).save(session, rows)


def remove_responses(session: Session, keys: Iterable[Key]) -> None:
    """Delete answers by teacher and rater."""
    Table(ResponseRow).remove(session, keys)


def responses(session: Session, framework: str) -> tuple[ResponseRow, ...]:
    """Return all answers about everybody, one row for each who answered (`together`)."""
    sheets = (ResponseRow(**row.model_dump()) for row in response_rows(session))
    return together(sheets, session.exec(_ASKED, params={"framework": framework}))


def together(
    sheets: Iterable[ResponseRow], asked: Iterable[tuple[str, str, str, int]]
) -> tuple[ResponseRow, ...]:
    """Return the answers on sheets with those over the API, one row for each who answered.

    What a teacher answered over the API counts beside what came on a sheet, and before it where
    both answer one item.

    Parameters
    ----------
    asked
        Whose diagnosis, begun when, has which option of which item, the latest last.
    """
    found = {(row.teacher_id, row.rater): row for row in sheets}
    own: dict[tuple[str, str], dict[str, int]] = {}
    days: dict[tuple[str, str], str] = {}
    for teacher, opened_at, item, option in asked:
        key = (teacher, teacher)
        own.setdefault(key, {})[item] = option
        days[key] = opened_at[:10]
    for key, options in own.items():
        row = found.setdefault(key, ResponseRow(teacher_id=key[0], rater=key[1], options={}))
        row.options, row.day = row.options | options, days[key]
    return tuple(found[key] for key in sorted(found))


def add_to_ledger(
    session: Session, entries: Sequence[Row], approvals: Sequence[tuple[str, int, str]]
) -> None:
    """Append ledger lines, each given by its columns, and (line, step, approver) approvals."""
    if entries:
        session.execute(insert(LedgerEntryRow), list(entries))
    if approvals:
        columns = ("entry_id", "step", "approver")
        rows = [dict(zip(columns, approval, strict=True)) for approval in approvals]
        session.execute(insert(LedgerApprovalRow), rows)


def ledger_lines(
    session: Session, teacher_ids: Collection[str] | None = None
) -> tuple[LedgerLine, ...]:
    """Return the ledger of some or all teachers with its approvals, in the order of posting keys.

    Pending lines are among them; `ledger.counting` leaves what counts.
    """
    if teacher_ids is None:
        return _with_approvals(session, session.exec(_LINES).all())
    if len(teacher_ids) <= _FEW:
        found = session.exec(_LINES_OF, params={"few": sorted(teacher_ids)}).all()
        return _with_approvals(session, found)
    rows = [row for row in session.exec(_LINES) if row.teacher_id in teacher_ids]
    return _with_approvals(session, rows)


def ledger_family(session: Session, line_id: str) -> tuple[LedgerLine, ...]:
    """Return a line and everything that corrects it."""
    query = select(LedgerEntryRow).where(
        or_(LedgerEntryRow.id == line_id, LedgerEntryRow.corrects == line_id)
    )
    return _with_approvals(session, session.exec(query.order_by(LedgerEntryRow.id)).all())


def ledger_line(session: Session, line_id: str) -> LedgerLine:
    """Return one line.

    Raises
    ------
    LookupError
        If the ledger has no such line.
    """
    row = session.get(LedgerEntryRow, line_id)
    if row is None:
        raise LookupError(f"the ledger has no line {line_id}")
    return _with_approvals(session, [row])[0]


def ledger_numbers(session: Session, teacher_ids: Collection[str]) -> dict[WorkKey, int]:
    """Return how many lines each key of these teachers has."""
    counts: dict[WorkKey, int] = {}
    for line in ledger_lines(session, teacher_ids):
        counts[line.key] = counts.get(line.key, 0) + 1
    return counts


_FEW = 500
"""Up to so many ids are asked for by name; beyond, everything is read once and sieved here."""


def _with_approvals(session: Session, rows: Sequence[LedgerEntryRow]) -> tuple[LedgerLine, ...]:
    if not rows:
        return ()
    approvers: dict[str, list[str]] = {}
    few = {"few": [row.id for row in rows]} if len(rows) <= _FEW else None
    query = _APPROVALS_OF if few else _APPROVALS
    for approval in session.exec(query, params=few):
        approvers.setdefault(approval.entry_id, []).append(approval.approver)
    return tuple(line_of(row, tuple(approvers.get(row.id, ()))) for row in rows)


def offering_facts(session: Session) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return level, mode and topics of every offering, to be frozen on ledger lines."""
    rows = session.exec(
        select(OfferingRow.id, OfferingRow.level, OfferingRow.mode, OfferingRow.topics)
    )
    return {code: (level, mode, tuple(topics)) for code, level, mode, topics in rows}


def bans(session: Session) -> tuple[Ban, ...]:
    """Return every ban on record, excused ones too."""
    order = (BanRow.teacher_id, BanRow.from_day, BanRow.event)
    return tuple(ban_of(row) for row in session.exec(select(BanRow).order_by(*order)))


def record_ban(session: Session, ban: Ban) -> None:
    """Keep a ban, or the same ban with its excuse."""
    session.merge(row_of(ban))
    session.flush()

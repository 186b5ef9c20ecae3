"""Every question the life of a round asks of its rows; nothing here commits.

Who writes locks first, in this order: the round, then the teacher. A round that moves is locked
against everything, a round that takes an entry against moving, so that no entry follows a closing.
SQLite has one writer at a time and needs no lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, select

from catalog.tables import SchoolRow, UnitRow
from diagnostics.credit.integrity import Ban, ban_of
from diagnostics.tables import BanRow, TeacherRow
from matching.rounds.errors import BadRound
from matching.rounds.life.tables import HandInRow, RoundSecretRow, SnapshotRow
from matching.rounds.tables import RoundRow


def round_to_move(session: Session, round_id: str) -> RoundRow:
    """Return a round that nobody else can move or enter anything in until the commit."""
    return _found(session, round_id, select(RoundRow).with_for_update())


def round_to_enter(session: Session, round_id: str) -> RoundRow:
    """Return a round that nobody can move until the commit."""
    return _found(session, round_id, select(RoundRow).with_for_update(read=True))


def round_to_read(session: Session, round_id: str) -> RoundRow:
    """Return a round."""
    return _found(session, round_id, select(RoundRow))


def _found(session: Session, round_id: str, question: object) -> RoundRow:
    fresh = question.where(RoundRow.id == round_id).execution_options(populate_existing=True)  # type: ignore[attr-defined]
    row: RoundRow | None = session.exec(fresh).first()
    if row is None:
        raise BadRound("life_no_round", id=round_id)
    return row


def teacher_to_enter(session: Session, teacher_id: str) -> TeacherRow | None:
    """Return a teacher for whom nobody else can enter anything until the commit."""
    mine = select(TeacherRow).where(TeacherRow.id == teacher_id)
    return session.exec(mine.with_for_update(key_share=True)).first()


def teacher(session: Session, teacher_id: str) -> TeacherRow | None:
    """Return a teacher."""
    return session.get(TeacherRow, teacher_id)


def bans_of(session: Session, teacher_id: str) -> list[Ban]:
    """Return every ban of a teacher on record, excused ones too."""
    mine = select(BanRow).where(BanRow.teacher_id == teacher_id)
    return [ban_of(row) for row in session.exec(mine.order_by(BanRow.from_day, BanRow.event))]


def people(session: Session, unit_id: str) -> list[str]:
    """Return the teachers of a unit with everything below it."""
    parents = dict(session.exec(select(UnitRow.id, UnitRow.parent_id)).all())
    below = [id_ for id_ in parents if unit_id in upwards(id_, parents)]
    schools = select(SchoolRow.id).where(col(SchoolRow.unit_id).in_(below))
    mine = select(TeacherRow.id).where(col(TeacherRow.school_id).in_(schools))
    return list(session.exec(mine.order_by(TeacherRow.id)))


def hand_in(session: Session, round_id: str, teacher_id: str) -> HandInRow | None:
    """Return what a teacher has typed or handed in, as it is now."""
    return session.get(HandInRow, (round_id, teacher_id), populate_existing=True)


def hand_ins(session: Session, round_id: str) -> list[HandInRow]:
    """Return everything handed in or typed in a round, by teacher."""
    mine = select(HandInRow).where(HandInRow.round_id == round_id)
    fresh = mine.execution_options(populate_existing=True)
    return list(session.exec(fresh.order_by(col(HandInRow.teacher_id))))


def hand_ins_of(session: Session, teacher_ids: Iterable[str]) -> list[HandInRow]:
    """Return what some teachers have typed or handed in, in any round, by teacher and round."""
    mine = select(HandInRow).where(col(HandInRow.teacher_id).in_(sorted(set(teacher_ids))))
    return list(session.exec(mine.order_by(col(HandInRow.teacher_id), col(HandInRow.round_id))))


def secret(session: Session, round_id: str) -> RoundSecretRow:
    """Return the secret half of the lottery seed."""
    row = session.get(RoundSecretRow, round_id)
    if row is None:
        raise BadRound("life_no_secret", id=round_id)
    return row


def snapshot(session: Session, round_id: str) -> SnapshotRow | None:
    """Return what a round was sealed as, None before."""
    return session.get(SnapshotRow, round_id)


def lineage(session: Session, unit_id: str) -> tuple[str, ...]:
    """Return a unit and everything above it."""
    return upwards(unit_id, dict(session.exec(select(UnitRow.id, UnitRow.parent_id)).all()))


def upwards(unit_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return a unit and everything above it, given what lies above each unit."""
    found: list[str] = []
    at: str | None = unit_id
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return tuple(found)


def keep(session: Session, *rows: object) -> None:
    """Write rows, those that others refer to first."""
    session.add_all(rows)
    session.flush()


def has_round(session: Session, round_id: str) -> bool:
    """Tell whether a round of this id is stored."""
    return session.get(RoundRow, round_id) is not None


def rounds(session: Session, ids: Iterable[str]) -> list[RoundRow]:
    """Return rounds by id."""
    return list(session.exec(select(RoundRow).where(col(RoundRow.id).in_(sorted(set(ids))))))

"""The rules of a published round, ready to be asked: built once per process, then only looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from catalog.tables import SchoolRow
from matching.rounds.life import results, store
from matching.rounds.life.tables import AnswerRow, TransferRow
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow

if TYPE_CHECKING:
    from matching.waitlist import Standing

MOST_KEPT = 8

Key = tuple[str, tuple[tuple[str, str], ...]]
"""Digest of the published answer, which covers its instance and seed, and the transfers since."""

_ASKED = (
    select(AnswerRow.digest, TransferRow.teacher_id, TransferRow.school_id)
    .join(TransferRow, col(TransferRow.round_id) == AnswerRow.round_id, isouter=True)
    .where(AnswerRow.id == bindparam("published"))
    .order_by(col(TransferRow.teacher_id))
)

_kept: OrderedDict[Key, Standing] = OrderedDict()
_lock = Lock()


def standing_of(session: Session, row: RoundRow) -> Standing:
    """Return the rules by which free seats of a round are given, with all transfers so far."""
    found = session.exec(_ASKED, params={"published": row.published}).all()
    moves = tuple((teacher, school) for _, teacher, school in found if teacher is not None)
    key = (found[0][0], moves)
    with _lock:
        if key not in _kept:
            _kept[key] = _built(session, row, moves)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _built(session: Session, row: RoundRow, moves: Iterable[tuple[str, str]]) -> Standing:
    from matching.rounds.assemble import assemble
    from matching.waitlist import Standing

    stored, settings = results.sealed(session, row)
    moved = _moved(session, stored, moves)
    by_hand = results.by_hand(session, row.id)
    return Standing(assemble(moved, settings, last=False, by_hand=by_hand).instance)


def _moved(session: Session, stored: Stored, moves: Iterable[tuple[str, str]]) -> Stored:
    """Return what was sealed, but for teachers who now belong to another school."""
    teachers, schools = dict(stored.teachers), dict(stored.schools)
    for teacher, school_id in moves:
        school = schools.setdefault(school_id, session.get_one(SchoolRow, school_id))
        teachers[teacher] = replace(
            teachers[teacher],
            school=school_id,
            unit=school.unit_id,
            lineage=store.lineage(session, school.unit_id),
        )
    return replace(stored, teachers=teachers, schools=dict(sorted(schools.items())))

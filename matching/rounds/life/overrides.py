"""Seats locked or forbidden by hand: two people, a reason, and all rules checked by solving again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import Session

from matching.rounds.eligibility import first_unmet
from matching.rounds.errors import BadRound
from matching.rounds.facts import Facts
from matching.rounds.life import results, store
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened, rows
from matching.rounds.life.moves import Told, move
from matching.rounds.life.tables import OverrideRow
from matching.rounds.service import FIRST, first_seats
from matching.rounds.tables import RoundRow

KINDS = ("lock", "forbid", "lift")
"""`lift` takes an earlier decision back."""


def override(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    section_id: str,
    kind: str,
    reason: str = "",
    *,
    expected_version: int | None = None,
) -> Happened:
    """Decide by hand about one seat; the round is to be solved again, so every rule is checked.

    Raises
    ------
    BadRound
        If the two people or the reason are missing, the seat is none of this round, the section is
        not meant for the teacher, or round 1 has published the seat: round 2 keeps those.
    """
    if kind not in KINDS:
        raise BadRound("life_override_kind", kind=kind, kinds=KINDS)
    call = replace(call, reason=reason or call.reason)

    def step(row: RoundRow) -> Told:
        _require_seat(session, row, teacher_id, section_id, kind)
        changed = _decide(session, call, round_id, (teacher_id, section_id), kind)
        count = len(results.overrides(session, round_id))
        said = {"teacher": teacher_id, "section": section_id, "kind": kind, "overrides": count}
        return Told({"rows": changed} | said, said)

    return move(session, call, round_id, "override", step, expected_version=expected_version)


def _decide(
    session: Session, call: Call, round_id: str, seat: tuple[str, str], kind: str
) -> list[dict[str, Any]]:
    """Keep a decision, or take it back; return the changed rows."""
    teacher_id, section_id = seat
    found = session.get(OverrideRow, (round_id, *seat))
    if kind == "lift":
        if found is None:
            raise BadRound("life_no_override", teacher=teacher_id, section=section_id)
        session.delete(found)
        session.flush()
        return rows(deleted=[found])
    said = {"kind": kind, "reason": call.reason, "decided_by": call.actor, "second": call.second}
    row = found or OverrideRow(
        round_id=round_id, teacher_id=teacher_id, section_id=section_id, **said
    )
    row.sqlmodel_update(said)
    store.keep(session, row)
    return rows(row)


def _given(session: Session, row: RoundRow) -> set[tuple[str, str]]:
    return {(seat.teacher_id, seat.section_id) for seat in first_seats(session, row.id)}


def _require_seat(
    session: Session, row: RoundRow, teacher_id: str, section_id: str, kind: str
) -> None:
    """Refuse what no solve could respect, before anybody waits for one."""
    if row.number > FIRST and (teacher_id, section_id) in _given(session, row):
        raise BadRound("life_override_published", teacher=teacher_id, section=section_id)
    facts = Facts(*results.sealed(session, row))
    if teacher_id not in facts.people:
        raise BadRound("life_no_teacher", id=teacher_id)
    if section_id not in facts.asks:
        raise BadRound("life_no_section", id=section_id)
    unmet = first_unmet(facts.asks[section_id], facts.people[teacher_id])
    if kind == "lock" and unmet is not None:
        wanted = {"zh": unmet.wording("zh"), "en": unmet.wording("en")}
        raise BadRound("life_not_meant", teacher=teacher_id, section=section_id, wanted=wanted)

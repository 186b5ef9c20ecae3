"""What must be true of the seats of a round after every command, looked at from outside."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

from sqlmodel import Session, select

from catalog.tables import SectionRow
from matching.assignment import Assignment
from matching.check import check
from matching.result import Seat
from matching.rounds.life.clock import stamp
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import LimitRow, PlaceRow, WaitingRow
from matching.rounds.tables import RoundRow
from matching.waitlist import Standing

LOWER = ("minimum_to_open", "hours_due", "compulsory_topic", "locked_seat", "level_share")
"""Rules that ask for more people, which a decline may break and no refill can be blamed for."""


def taken(session: Session, round_id: str) -> list[PlaceRow]:
    mine = select(PlaceRow).where(PlaceRow.round_id == round_id, PlaceRow.teacher_id.is_not(None))
    return list(session.exec(mine))


def broken(session: Session, round_id: str, now=None) -> list[str]:
    """Return every invariant (I5 to I7) that does not hold; none is the only good answer."""
    row = session.get_one(RoundRow, round_id)
    standing = standing_of(session, row)
    found = [*_conserved(session, round_id, standing), *_lawful(session, round_id, standing)]
    if row.state == "confirming" and (now is None or stamp(now) < row.confirm_until):
        found += _nobody_waits_in_vain(session, round_id, standing, now)
    return found


def _conserved(session, round_id, standing):
    """I5: offered + confirmed + free = capacity, numbered without gaps; nobody twice."""
    places = session.exec(select(PlaceRow).where(PlaceRow.round_id == round_id)).all()
    numbers: dict[str, list[int]] = {}
    for place in places:
        numbers.setdefault(place.section_id, []).append(place.number)
        if (place.state == "free") != (place.teacher_id is None):
            yield f"{place.section_id}/{place.number} is {place.state} for {place.teacher_id}"
    for section, found in numbers.items():
        if sorted(found) != list(range(1, standing.chairs[section] + 1)):
            yield f"{section} has seats {sorted(found)}, capacity {standing.chairs[section]}"
    twice = Counter((p.teacher_id, p.section_id) for p in places if p.teacher_id)
    yield from (f"{pair} sits {times} times" for pair, times in twice.items() if times > 1)


def _lawful(session, round_id, standing):
    """I6: the referee finds nothing, and the limits used are the limits counted."""
    instance, seats, held = standing.instance, [], {}
    for place in taken(session, round_id):
        held.setdefault(place.teacher_id, []).append(place.section_id)
        pair = instance.teacher_index[place.teacher_id], instance.section_index[place.section_id]
        arc = instance.arc_index[pair]
        kinds, ranks = instance["choices"].text("kind"), instance["choices"].integers("rank")
        seats.append(Seat(place.teacher_id, place.section_id, int(ranks[arc]), kinds[arc]))
    for breach in check(instance, Assignment.of(seats).seats):
        if breach.rule not in (*LOWER, "mislabelled") and breach.found > breach.allowed:
            yield f"{breach}"
    counted = standing.usage(held)
    for limit in session.exec(select(LimitRow).where(LimitRow.round_id == round_id)):
        found = counted.get(limit.row)
        if limit.used != found or limit.used > limit.most:
            yield f"{limit.row}: {limit.used} used, {found} counted, {limit.most} most"


def _nobody_waits_in_vain(session, round_id, standing: Standing, now):
    """I7: no seat is free while somebody who waits for it may take it, unless its section has met."""
    mine = select(PlaceRow).where(PlaceRow.round_id == round_id)
    places = session.exec(mine).all()
    free = Counter(place.section_id for place in places if place.state == "free")
    held: dict[str, list[str]] = {}
    for place in places:
        if place.teacher_id:
            held.setdefault(place.teacher_id, []).append(place.section_id)
    used = standing.usage(held)
    waiting = select(WaitingRow).where(
        WaitingRow.round_id == round_id, WaitingRow.state == "waiting"
    )
    for wait in session.exec(waiting):
        group = standing.group(wait.teacher_id, wait.section_id)
        hers = held.get(wait.teacher_id, [])
        if now is not None and any(has_met(session, section, now) for section in group):
            continue
        if standing.may(wait.teacher_id, group, hers, used, free) is None:
            yield f"{wait.teacher_id} waits for {group} in vain"


def has_met(session: Session, section_id: str, now: datetime) -> bool:
    """Tell whether the first meeting of a section lies behind, by the clock of Beijing."""
    there = now.astimezone(timezone(timedelta(hours=8)))
    meetings = session.get_one(SectionRow, section_id).meetings
    return bool(meetings) and min(meetings) <= f"{there:%Y-%m-%d %p}"

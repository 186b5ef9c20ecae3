"""What happens to seats from outside: a section is cancelled, a teacher changes schools.

Everybody else keeps what she has. Whoever is affected is solved again alone, and told.
"""

from __future__ import annotations

from collections import Counter

from sqlmodel import Session, select

from catalog.tables import SchoolRow
from matching.rounds.errors import BadRound
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import CLOCK_GRACE
from matching.rounds.life.events import Happened, Notice
from matching.rounds.life.hall import Hall, hall_of
from matching.rounds.life.hold import require_role
from matching.rounds.life.marking import require_unsubmitted
from matching.rounds.life.posting import of_round
from matching.rounds.life.reach import require_round
from matching.rounds.life.refill import Given, expire_due, offer, plain, refill, release, told
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import LimitRow, PlaceRow, TransferRow

STATES = ("confirming", "settled", "running")


def cancel_section(session: Session, call: Call, round_id: str, section_id: str) -> Happened:
    """Cancel a section: its people, in the order of the lot, get the best that is left for them.

    While the confirm window runs that is an offer like any other; later it is theirs at once, for
    nobody is left to ask.

    Raises
    ------
    BadRound
        If no reason is given, its hours are submitted, or the section has no seats (any more).
    """
    hall = _office(session, call, round_id)
    require_unsubmitted(session, round_id, section_id)
    expire_due(hall, stamp(call.now - CLOCK_GRACE))
    places = hall.places_in(section_id)
    if not places:
        raise BadRound("life_no_section", id=section_id)
    people = {place.teacher_id for place in places if place.teacher_id}
    affected = sorted(people, key=hall.standing.number)
    lost = [Given(teacher, _give_up(hall, teacher, section_id)) for teacher in affected]
    for place in hall.places_in(section_id):
        hall.delete(place)
    hall.close_waiting(section_id)
    again = [_solve_alone(hall, teacher) for teacher in affected]
    given = refill(hall)
    answer = {"section": section_id, "lost": plain(lost), "again": plain(again)}
    body = answer | {"refilled": plain(given), "reason": call.reason, "rows": hall.changes()}
    news = (*_told(hall, section_id, affected), *told(hall, given))
    return Happened("section.cancelled", round_id, body, answer, news)


def _office(session: Session, call: Call, round_id: str) -> Hall:
    require_role(call, "county")
    hall = hall_of(session, call, round_id, *STATES)
    require_round(session, call.scope, hall.row)
    if not call.reason.strip():
        raise BadRound("life_reason_missing")
    return hall


def _give_up(hall: Hall, teacher: str, section_id: str) -> tuple[str, ...]:
    held = [place.section_id for place in hall.places_of(teacher)]
    gone = hall.standing.falls(teacher, section_id, held)
    release(hall, teacher, gone)
    return gone


def _solve_alone(hall: Hall, teacher: str) -> Given:
    """Give a teacher the best of what she still waits for, everybody else held fixed.

    Sections whose hours are submitted are over; nobody comes in any more.
    """
    standing = hall.standing
    over = {posting.section_id for posting in of_round(hall.session, hall.row.id)}
    waits = [wait.section_id for wait in hall.waits_of(teacher) if wait.state == "waiting"]
    waits = [section for section in waits if section not in over]
    wishes = {standing.group(teacher, section) for section in waits}
    wishes = {wish for wish in wishes if set(wish) <= set(waits)}
    held = [place.section_id for place in hall.places_of(teacher)]
    limits = {limit for wish in wishes for limit in standing.touched(teacher, wish)}
    used, free = hall.used(limits), hall.free()
    best = standing.best(teacher, sorted(wishes), held, used, free)
    if best:
        state = "offered" if hall.is_open else "confirmed"
        offer(hall, teacher, best, "waitlist", state=state)
    return Given(teacher, best)


def _told(hall: Hall, section_id: str, people: list[str]) -> tuple[Notice, ...]:
    values = {"section": section_id, "reason": hall.call.reason}
    reference = f"{hall.row.id}/{section_id}"
    return tuple(Notice(person, "cancellation", reference, values) for person in people)


def transfer(
    session: Session, call: Call, round_id: str, teacher_id: str, school_id: str
) -> Happened:
    """Let a teacher go on at another school: a seat stays if that school can let her go, else it falls.

    Hours she has earned stay with her; the ledger knows people, not schools.

    Raises
    ------
    BadRound
        If no reason is given, or there is no such teacher or school.
    """
    hall = _office(session, call, round_id)
    if not hall.standing.knows(teacher_id):
        raise BadRound("life_no_teacher", id=teacher_id)
    if session.get(SchoolRow, school_id) is None:
        raise BadRound("life_no_school", id=school_id)
    places = hall.places_of(teacher_id)
    moved = session.merge(
        TransferRow(round_id=round_id, teacher_id=teacher_id, school_id=school_id)
    )
    hall.changing(moved)
    session.flush()
    hall.standing = standing_of(session, hall.row)
    _count_anew(hall)
    fallen = _fallen(hall, teacher_id, places)
    release(hall, teacher_id, fallen)
    given = refill(hall)
    stay = sorted({place.section_id for place in hall.places_of(teacher_id)})
    answer = {"teacher": teacher_id, "school": school_id, "stay": stay, "fallen": list(fallen)}
    body = answer | {"refilled": plain(given), "reason": call.reason, "rows": hall.changes()}
    return Happened("teacher.transferred", round_id, body, answer, told(hall, given))


def _count_anew(hall: Hall) -> None:
    """Count the use of every shared limit from the seats: at another school other limits bind."""
    held: dict[str, list[str]] = {}
    for place in hall.taken():
        held.setdefault(str(place.teacher_id), []).append(place.section_id)
    mine = select(LimitRow).where(LimitRow.round_id == hall.row.id)
    known = {limit.row: limit for limit in hall.session.exec(mine)}
    for row, used in hall.standing.usage(held).items():
        most = hall.standing.limits[row]
        limit = known.pop(row, None)
        if limit is None:
            hall.add([LimitRow(round_id=hall.row.id, row=row, most=most, used=used)])
        elif limit.used != used:
            limit.used = used
            hall.changing(limit)
    for limit in known.values():
        hall.delete(limit)


def _fallen(hall: Hall, teacher: str, places: list[PlaceRow]) -> tuple[str, ...]:
    """Return the seats that a teacher cannot keep: confirmed ones are kept first, then by rank."""
    standing = hall.standing
    order = sorted(places, key=lambda place: (place.state, place.rank, place.section_id))
    all_ = [place.section_id for place in places]
    used = Counter(hall.used(standing.touched(teacher, all_)))
    used.update(standing.change(teacher, all_, []))
    kept: list[str] = []
    for place in order:
        group = [s for s in standing.group(teacher, place.section_id) if s in all_]
        if place.section_id in kept:
            continue
        own = dict.fromkeys(group, 1)
        if standing.may(teacher, group, kept, used, own) is None:
            used.update(standing.change(teacher, kept, [*kept, *group]))
            kept += group
    return tuple(section for section in all_ if section not in kept)

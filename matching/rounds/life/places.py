"""Offers, confirmations, declines and expiry: the seats of a final result, one numbered row each.

Capacity is how many rows a section has, so no command can give a seat that is not there. Every
command that frees a seat offers it, before it ends, to the next who may take it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from matching.result import Seat
from matching.rounds import store as rounds_store
from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.calls import Call
from matching.rounds.life.changes import cancel_section, transfer
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import CLOCK_GRACE, when
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.events import Happened, Notice
from matching.rounds.life.hall import OFFER_DAYS, Hall, hall_of
from matching.rounds.life.hold import require_role, require_state
from matching.rounds.life.moves import Told, move
from matching.rounds.life.reach import require_round, require_teacher
from matching.rounds.life.refill import expire_due, plain, refill, release, told
from matching.rounds.life.tables import LimitRow, PlaceRow, WaitingRow
from matching.rounds.life.workdays import end_of_working_day
from matching.rounds.tables import RoundRow, SeatRow

__all__ = [
    "OFFER_DAYS",
    "REASONS",
    "WINDOW_DAYS",
    "below_minimum",
    "cancel_section",
    "confirm_seat",
    "decline",
    "expire",
    "open_confirming",
    "settle",
    "stop_waiting",
    "transfer",
]

WINDOW_DAYS = 2 * OFFER_DAYS
"""Working days from the first offers to the last refill."""

REASONS = ("illness", "duty", "family", "clash", "moved", "assigned", "other")
"""Why a seat may be declined; a decline with a listed reason costs nothing, silence is a decline."""


def open_confirming(
    session: Session,
    call: Call,
    round_id: str,
    days: int = OFFER_DAYS,
    window_days: int = WINDOW_DAYS,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Offer everybody her seat, and publish the order of those who wait.

    Parameters
    ----------
    days
        Working days in which a seat must be confirmed.
    window_days
        Working days after which no more offers are made.

    Raises
    ------
    BadRound
        If the days are none, or no time is left for refilling.
    """
    if not 1 <= days <= window_days:
        raise BadRound("life_offer_days", days=days, window=window_days)

    def step(row: RoundRow) -> Told:
        closed = settings_of(row).release.closed
        row.confirm_until = stamp(end_of_working_day(call.now, window_days, closed))
        hall = Hall(session, call, row)
        seats = rounds_store.seats(session, round_id)
        expiry = stamp(end_of_working_day(call.now, days, closed))
        hall.add(_places(hall, seats, expiry))
        hall.add(_waiting(hall, seats))
        hall.add(_limits(hall, seats))
        row.state = "confirming"  # from here on free seats are offered
        given = refill(hall)
        counts = {"offers": len(seats), "refilled": len(given)}
        news = (*(_offered(row, seat, expiry) for seat in seats), *told(hall, given))
        body = {"confirm_until": row.confirm_until, **counts, "rows": hall.changes()}
        return Told(body, {"confirm_until": row.confirm_until, **counts}, news)

    return move(session, call, round_id, "confirm", step, expected_version=expected_version)


def _places(hall: Hall, seats: Iterable[SeatRow], expiry: str) -> Iterable[PlaceRow]:
    """Yield the numbered seats of the sections that open; those that are given come first."""
    given: dict[str, list[SeatRow]] = {}
    for seat in seats:
        given.setdefault(seat.section_id, []).append(seat)
    for section in sorted(given):
        for number in range(1, hall.standing.chairs[section] + 1):
            place = PlaceRow(round_id=hall.row.id, section_id=section, number=number)
            if number <= len(given[section]):
                seat = given[section][number - 1]
                place.state, place.expires_at = "offered", expiry
                place.teacher_id, place.origin = seat.teacher_id, seat.kind
                place.rank = seat.rank
            yield place


def _waiting(hall: Hall, seats: Iterable[SeatRow]) -> Iterable[WaitingRow]:
    held = [Seat(seat.teacher_id, seat.section_id, seat.rank) for seat in seats]
    for section, people in hall.standing.order(held).items():
        for position, (teacher, rank) in enumerate(people, start=1):
            yield WaitingRow(
                round_id=hall.row.id,
                section_id=section,
                position=position,
                teacher_id=teacher,
                rank=rank,
            )


def _limits(hall: Hall, seats: Iterable[SeatRow]) -> Iterable[LimitRow]:
    held: dict[str, list[str]] = {}
    for seat in seats:
        held.setdefault(seat.teacher_id, []).append(seat.section_id)
    for row, used in hall.standing.usage(held).items():
        most = hall.standing.limits[row]
        yield LimitRow(round_id=hall.row.id, row=row, most=most, used=used)


def _offered(row: RoundRow, seat: SeatRow, expiry: str) -> Notice:
    values = {"section": seat.section_id, "until": expiry}
    return Notice(seat.teacher_id, "offer", f"{row.id}/{seat.section_id}", values)


def _her_hall(session: Session, call: Call, round_id: str, teacher_id: str, *states: str) -> Hall:
    """Return the seats of a round to somebody who may act for a teacher."""
    require_role(call, "teacher", "school", "county")
    row = store.round_to_move(session, round_id)
    require_teacher(session, call.scope, row, store.teacher(session, teacher_id), teacher_id)
    require_state(row, *states)
    return Hall(session, call, row)


def confirm_seat(
    session: Session, call: Call, round_id: str, teacher_id: str, section_id: str
) -> Happened:
    """Take an offered seat; a bundle is taken as a whole.

    Raises
    ------
    BadRound
        If there is no such offer, or it has expired.
    """
    hall = _her_hall(session, call, round_id, teacher_id, "confirming")
    places = hall.places_of(teacher_id)
    place = _hers(places, teacher_id, section_id)
    if place.state == "confirmed":
        raise BadRound("life_confirmed", teacher=teacher_id, section=section_id)
    if stamp(call.now) >= place.expires_at:
        raise BadRound("life_offer_over", section=section_id, until=when(place.expires_at))
    group = hall.standing.group(teacher_id, section_id)
    taken = [each for each in places if each.section_id in group and each.state == "offered"]
    for each in taken:
        each.state, each.expires_at = "confirmed", ""
        hall.changing(each)
    answer = {"teacher": teacher_id, "confirmed": [each.section_id for each in taken]}
    return Happened("seat.confirmed", round_id, answer | {"rows": hall.changes()}, answer)


def decline(
    session: Session,
    call: Call,
    round_id: str,
    teacher_id: str,
    section_id: str,
    reason: str = "other",
) -> Happened:
    """Give a seat up, with all that is tied to it or builds on it; the next in order is asked.

    Raises
    ------
    BadRound
        If she has no such seat, or the reason is not in the list.
    """
    if reason not in REASONS:
        raise BadRound("life_decline_reason", reason=reason, reasons=REASONS)
    hall = _her_hall(session, call, round_id, teacher_id, "confirming", "settled")
    places = hall.places_of(teacher_id)
    _hers(places, teacher_id, section_id)
    held = [place.section_id for place in places]
    gone = hall.standing.falls(teacher_id, section_id, held)
    release(hall, teacher_id, gone)
    given = refill(hall)
    answer = {"teacher": teacher_id, "declined": list(gone), "reason": reason}
    body = answer | {"refilled": plain(given), "rows": hall.changes()}
    return Happened("seat.declined", round_id, body, answer, told(hall, given))


def stop_waiting(
    session: Session, call: Call, round_id: str, teacher_id: str, section_id: str
) -> Happened:
    """Take a teacher out of a waiting list, with all she has tied to that section.

    Raises
    ------
    BadRound
        If she does not wait for it.
    """
    hall = _her_hall(session, call, round_id, teacher_id, "confirming")
    group = hall.standing.group(teacher_id, section_id)
    waits = [w for w in hall.waits_of(teacher_id) if w.state == "waiting" and w.section_id in group]
    if section_id not in [wait.section_id for wait in waits]:
        raise BadRound("life_not_waiting", teacher=teacher_id, section=section_id)
    for wait in waits:
        wait.state = "out"
        hall.changing(wait)
    answer = {"teacher": teacher_id, "left": [wait.section_id for wait in waits]}
    return Happened("seat.unwanted", round_id, answer | {"rows": hall.changes()}, answer)


def _hers(places: Iterable[PlaceRow], teacher_id: str, section_id: str) -> PlaceRow:
    found = next((place for place in places if place.section_id == section_id), None)
    if found is None:
        raise BadRound("life_no_offer", teacher=teacher_id, section=section_id)
    return found


def expire(session: Session, call: Call, round_id: str) -> Happened:
    """Take back the offers that nobody has answered in time; the next in order are asked.

    Who says nothing is not asked again in this round.
    """
    require_role(call, "county", "clock")
    hall = hall_of(session, call, round_id, "confirming")
    require_round(session, call.scope, hall.row)
    until = stamp(call.now - CLOCK_GRACE)
    gone = expire_due(hall, until)
    given = refill(hall) if gone else []
    answer = {"expired": len(gone), "refilled": len(given)}
    body = answer | {"gone": plain(gone), "given": plain(given), "rows": hall.changes()}
    return Happened("seat.expired", round_id, body, answer, told(hall, given))


def settle(
    session: Session, call: Call, round_id: str, *, expected_version: int | None = None
) -> Happened:
    """Close the list of names once the confirm window is over.

    Raises
    ------
    BadRound
        If the window still runs, or sections have fewer people than they need: the office cancels
        them, so that those people are seen to.
    """

    def step(row: RoundRow) -> Told:
        if stamp(call.now) < row.confirm_until:
            raise BadRound("life_confirm_runs", until=when(row.confirm_until))
        hall = Hall(session, call, row)
        gone = expire_due(hall, stamp(call.now))
        if short := below_minimum(hall):
            said = tuple(f"{section} ({have}/{need})" for section, have, need in short)
            raise BadRound("life_below_minimum", sections=said)
        confirmed = len(hall.taken())
        body = {"expired": plain(gone), "confirmed": confirmed, "rows": hall.changes()}
        return Told(body, {"expired": len(gone), "confirmed": confirmed})

    return move(session, call, round_id, "settle", step, expected_version=expected_version)


def below_minimum(hall: Hall) -> list[tuple[str, int, int]]:
    """Return the sections that people have seats in, but too few: (section, people, needed)."""
    people: dict[str, int] = {}
    for place in hall.taken():
        people[place.section_id] = people.get(place.section_id, 0) + 1
    return [
        (section, count, need)
        for section, count in sorted(people.items())
        if count < (need := hall.standing.minima[section])
    ]

"""What happens to seats from outside: a section is cancelled, a teacher changes schools.

Everybody else keeps what she has. Whoever is affected is solved again alone, and told. Sections that have
met already are no candidates; the office can name one by hand, under every rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from catalog.tables import SchoolRow, SectionRow
from matching.rounds.errors import BadRound
from matching.rounds.life import membership
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import CLOCK_GRACE
from matching.rounds.life.drafting import public
from matching.rounds.life.events import Happened, Notice
from matching.rounds.life.hall import Hall, hall_of
from matching.rounds.life.hold import require_role
from matching.rounds.life.marking import require_unsubmitted
from matching.rounds.life.phases import word
from matching.rounds.life.posting import of_round
from matching.rounds.life.reach import require_round
from matching.rounds.life.refill import Given, expire_due, offer, plain, refill, release, told
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import LimitRow, PlaceRow, TransferRow

STATES = ("confirming", "settled", "running")


@dataclass(frozen=True, slots=True)
class Again:
    """What a teacher got instead of what she lost.

    Attributes
    ----------
    given
        The seats.
    begun
        What she still waits for and was not offered, because it has met already.
    """

    given: Given
    begun: tuple[str, ...]


def cancel_section(
    session: Session, call: Call, round_id: str, section_id: str, into: str = ""
) -> Happened:
    """Cancel a section: its people, in the order of the lot, get the best that is left for them.

    While the confirm window runs that is an offer like any other; later it is theirs at once, for
    nobody is left to ask. Half-days that were held stay on the roll of the section.

    Parameters
    ----------
    into
        A section that the office wants its people in, as far as they wait for it and may take it; it
        may have met already.

    Raises
    ------
    BadRound
        If no reason is given, its hours are submitted, the section has no seats (any more), or nobody
        can go where the office wants them.
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
    by_hand = _by_hand(hall, affected, into) if into else []
    again = [_solve_alone(hall, teacher) for teacher in affected]
    given = refill(hall)
    said = {"section": section_id, "lost": plain(lost), **_said(by_hand, again)}
    news = (*_told(hall, section_id, affected), *told(hall, given))
    return _changed(hall, "section.cancelled", said, given, news)


def _office(session: Session, call: Call, round_id: str) -> Hall:
    require_role(call, "county")
    hall = hall_of(session, call, round_id, *STATES)
    require_round(session, call.scope, hall.row)
    if not call.reason.strip():
        raise BadRound("life_reason_missing")
    return hall


def _changed(
    hall: Hall, kind: str, said: dict[str, Any], given: list[Given], news: tuple[Notice, ...]
) -> Happened:
    """Tell what was changed; the round has another version now, so that no older view decides."""
    hall.row.version += 1
    body = {
        **said,
        "refilled": plain(given),
        "reason": hall.call.reason,
        "version": hall.row.version,
        "rows": hall.changes(),
    }
    return Happened(kind, hall.row.id, body, {**public(hall.row), **said}, news)


def _said(by_hand: Iterable[Given], again: Iterable[Again]) -> dict[str, Any]:
    found = tuple(again)
    return {
        "by_hand": plain(by_hand),
        "again": plain(each.given for each in found),
        "begun": [[each.given.teacher, list(each.begun)] for each in found if each.begun],
    }


def _give_up(hall: Hall, teacher: str, section_id: str) -> tuple[str, ...]:
    held = [place.section_id for place in hall.places_of(teacher)]
    gone = hall.standing.falls(teacher, section_id, held)
    release(hall, teacher, gone)
    return gone


def _solve_alone(hall: Hall, teacher: str) -> Again:
    """Give a teacher the best of what she still waits for, everybody else held fixed.

    Sections whose hours are submitted are over; into those that have met nobody comes by herself.
    """
    standing = hall.standing
    over = {posting.section_id for posting in of_round(hall.session, hall.row.id)}
    waits = [wait.section_id for wait in hall.waits_of(teacher) if wait.state == "waiting"]
    begun = hall.begun(waits) - over
    waits = [section for section in waits if section not in over | begun]
    wishes = {standing.group(teacher, section) for section in waits}
    wishes = {wish for wish in wishes if set(wish) <= set(waits)}
    held = [place.section_id for place in hall.places_of(teacher)]
    limits = {limit for wish in wishes for limit in standing.touched(teacher, wish)}
    used, free = hall.used(limits), hall.free()
    best = standing.best(teacher, sorted(wishes), held, used, free)
    _seat(hall, teacher, best)
    return Again(Given(teacher, best), tuple(sorted(begun & free.keys())))


def _seat(hall: Hall, teacher: str, sections: tuple[str, ...]) -> None:
    """Offer seats while people are asked; afterwards they are hers at once."""
    if sections:
        state = "offered" if hall.is_open else "confirmed"
        offer(hall, teacher, sections, "waitlist", state=state)


def _by_hand(hall: Hall, people: Iterable[str], into: str) -> list[Given]:
    """Seat people where the office wants them, as far as they wait for it and every rule holds.

    Raises
    ------
    BadRound
        If that section is over, or nobody of them can go there, with what stopped the first.
    """
    require_unsubmitted(hall.session, hall.row.id, into)
    _require_ahead(hall, into)
    given: list[Given] = []
    stopped: list[BadRound] = []
    for teacher in people:
        try:
            given.append(_put_into(hall, teacher, into))
        except BadRound as why:
            stopped.append(why)
    if not given and stopped:
        raise stopped[0]
    return given


def _require_ahead(hall: Hall, section_id: str) -> None:
    """Refuse a section that nobody has a seat in, or of which nothing is left."""
    section = hall.session.get(SectionRow, section_id)
    if section is None or not hall.places_in(section_id):
        raise BadRound("life_no_section", id=section_id)
    held = membership.begun(section.meetings, hall.call.now)
    if section.meetings and len(held) == len(section.meetings):
        raise BadRound("life_into_over", section=section_id)


def _put_into(hall: Hall, teacher: str, section_id: str) -> Given:
    """Seat one teacher by hand, with all she has tied to that section.

    Raises
    ------
    BadRound
        If she does not wait for it, or a rule is in the way.
    """
    standing = hall.standing
    group = standing.group(teacher, section_id)
    waits = [w.section_id for w in hall.waits_of(teacher, group) if w.state == "waiting"]
    if not set(group) <= set(waits):
        raise BadRound("life_not_waiting", teacher=teacher, section=section_id)
    held = [place.section_id for place in hall.places_of(teacher)]
    used = hall.used(standing.touched(teacher, group))
    if breach := standing.may(teacher, group, held, used, hall.free()):
        why = word("rule", breach.rule)
        raise BadRound("life_not_into", teacher=teacher, section=section_id, why=why)
    _seat(hall, teacher, group)
    for section in group:
        hall.add(membership.came(hall.session, hall.call, hall.row.id, section, teacher))
    return Given(teacher, group)


def _told(hall: Hall, section_id: str, people: list[str]) -> tuple[Notice, ...]:
    values = {"section": section_id, "reason": hall.call.reason}
    reference = f"{hall.row.id}/{section_id}"
    return tuple(Notice(person, "cancellation", reference, values) for person in people)


def transfer(
    session: Session, call: Call, round_id: str, teacher_id: str, school_id: str, into: str = ""
) -> Happened:
    """Let a teacher go on at another school: a seat stays if that school can let her go, else it falls.

    Hours she has earned stay with her; the ledger knows people, not schools. Of a seat that falls the
    half-days that were held stay on the roll of its section. Once the confirm window is over she gets
    the best that is left for her in its place.

    Parameters
    ----------
    into
        A section she waits for and that the office wants her in; it may have met already.

    Raises
    ------
    BadRound
        If no reason is given, there is no such teacher or school, or she cannot go where the office
        wants her.
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
    stay = sorted({place.section_id for place in hall.places_of(teacher_id)})
    by_hand = _by_hand(hall, [teacher_id], into) if into else []
    again = [_solve_alone(hall, teacher_id)] if fallen and not hall.is_open else []
    given = refill(hall)
    said = {"teacher": teacher_id, "school": school_id, "stay": stay, "fallen": list(fallen)}
    said |= _said(by_hand, again)
    instead = [section for one in (*by_hand, *(a.given for a in again)) for section in one.sections]
    news = (_moved(hall, teacher_id, stay, fallen, instead), *told(hall, given))
    return _changed(hall, "teacher.transferred", said, given, news)


def _moved(
    hall: Hall, teacher: str, stay: Iterable[str], lost: Iterable[str], given: Iterable[str]
) -> Notice:
    """Return the news for a teacher who has changed schools, each change of hers anew."""
    reference = f"{hall.row.id}/{hall.row.version + 1}"
    values = {"stay": list(stay), "lost": list(lost), "given": list(given)}
    return Notice(teacher, "transfer", reference, values | {"reason": hall.call.reason})


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

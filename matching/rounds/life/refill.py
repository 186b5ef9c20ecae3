"""Free seats go to those who wait, in the published order and under every rule.

After every command: no seat is free while somebody who waits for it may take it. A freed limit (a
school that may let one more go, a quota) can let in somebody who waits for another section, so all
sections with free seats are looked at, not only the one that a seat was given up in. Sections that have
met already are not among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from matching.rounds.life import membership
from matching.rounds.life.events import Notice
from matching.rounds.life.hall import Hall
from matching.rounds.life.tables import PlaceRow


class Given(NamedTuple):
    """Seats offered to one teacher at once: one section, or all of a bundle."""

    teacher: str
    sections: tuple[str, ...]


def refill(hall: Hall) -> list[Given]:
    """Offer free seats to those who wait and may take them; nothing outside the confirm window."""
    free = Counter(hall.free()) if hall.is_open else Counter[str]()
    queue = _in_time(hall, hall.waiting_in(free)) if free else []
    if not queue:
        return []
    held = hall.held_by({teacher for teacher, _, _ in queue})
    used = Counter(hall.used(_limits(hall, queue)))
    given: list[Given] = []
    while offered := _one_pass(hall, queue, held, used, free):
        given += offered
    for each in given:
        offer(hall, each.teacher, each.sections, "waitlist")
    return given


def _in_time(hall: Hall, queue: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Leave out who waits for a section that has met, alone or in a bundle."""
    late = hall.begun({section for _, section, _ in queue}) if queue else set()
    if not late:
        return queue
    group = hall.standing.group
    return [each for each in queue if late.isdisjoint(group(each[0], each[1]))]


def _one_pass(
    hall: Hall,
    queue: list[tuple[str, str, int]],
    held: dict[str, list[str]],
    used: Counter[str],
    free: Counter[str],
) -> list[Given]:
    """Go through the queue once; what is given changes what the next may take."""
    standing, given = hall.standing, []
    for teacher, section, _ in queue:
        group = standing.group(teacher, section)
        hers = held[teacher]
        if section in hers or standing.may(teacher, group, hers, used, free) is not None:
            continue
        used.update(standing.change(teacher, hers, [*hers, *group]))
        free.subtract(group)
        held[teacher] = [*hers, *group]
        given.append(Given(teacher, group))
    return given


def _limits(hall: Hall, queue: Iterable[tuple[str, str, int]]) -> set[str]:
    """Return the shared limits that anybody in the queue could touch."""
    found: set[str] = set()
    for teacher, section, _ in queue:
        found |= hall.standing.touched(teacher, hall.standing.group(teacher, section))
    return found


def offer(
    hall: Hall, teacher: str, sections: Collection[str], origin: str, *, state: str = "offered"
) -> None:
    """Give a teacher the first free seat of each section, and count what it uses.

    Parameters
    ----------
    state
        `confirmed` where a seat takes the place of one that was cancelled after the confirm window.
    """
    before = [place.section_id for place in hall.places_of(teacher)]
    for place in hall.free_places(sections):
        place.state, place.origin = state, origin
        place.rank = hall.standing.rank(teacher, place.section_id)
        place.expires_at = hall.expiry if state == "offered" else ""
        hall.give(teacher, place)
    for wait in hall.waits_of(teacher, sections):
        wait.state = "offered"
        hall.changing(wait)
    hall.use(hall.standing.change(teacher, before, [*before, *sections]))


def release(hall: Hall, teacher: str, sections: Collection[str]) -> list[PlaceRow]:
    """Free a teacher's seats in some sections; she never comes back to them by herself.

    Where she had confirmed one and the section has met, she stays on its roll for that.
    """
    before = [place.section_id for place in hall.places_of(teacher)]
    freed = [place for place in hall.places_of(teacher) if place.section_id in sections]
    confirmed = [place.section_id for place in freed if place.state == "confirmed"]
    for section in sorted(hall.begun(confirmed)):
        hall.add(membership.left(hall.session, hall.call, hall.row.id, section, teacher))
    waited = [place.section_id for place in freed if place.origin == "waitlist"]
    for place in freed:
        hall.take(teacher, place)
    for wait in hall.waits_of(teacher, waited) if waited else ():
        wait.state = "out"
        hall.changing(wait)
    after = [section for section in before if section not in sections]
    hall.use(hall.standing.change(teacher, before, after))
    return freed


def expire_due(hall: Hall, until: str) -> list[Given]:
    """Free what was offered until a moment and never answered; return whose seats are gone."""
    silent: dict[str, list[str]] = {}
    for place in hall.due(until):
        silent.setdefault(str(place.teacher_id), []).append(place.section_id)
    gone: list[Given] = []
    for teacher, sections in sorted(silent.items()):
        held = [place.section_id for place in hall.places_of(teacher)]
        falling = {each for s in sections for each in hall.standing.falls(teacher, s, held)}
        release(hall, teacher, falling)
        for wait in hall.waits_of(teacher):
            if wait.state == "waiting":
                wait.state = "out"
                hall.changing(wait)
        gone.append(Given(teacher, tuple(sorted(falling))))
    return gone


def told(hall: Hall, given: Iterable[Given]) -> tuple[Notice, ...]:
    """Return the news for those to whom free seats were offered."""
    return tuple(
        Notice(
            each.teacher,
            "refill",
            f"{hall.row.id}/{section}",
            {"section": section, "until": hall.expiry},
        )
        for each in given
        for section in each.sections
    )


def plain(given: Iterable[Given]) -> list[list[Any]]:
    """Return whose seats were given or taken, as plain data."""
    return [[each.teacher, list(each.sections)] for each in given]

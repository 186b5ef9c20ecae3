"""How teachers fill in their lists: the behaviour model that the README describes.

utility = popularity + own subject + diagnosed need - travel - absence in term + noise; a teacher
writes down the best sections, in order. Six lines always hold a way to 40 hours; short lists may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from examples.pilot import county as c
from examples.pilot import offered as o
from examples.pilot.chance import Chance
from examples.pilot.people import Teacher

POPULARITY = {
    "PR1": 0.4,
    "PR2": 0.9,
    "MU1": 0.9,
    "MU2": 1.0,
    "C01": 0.6,
    "C02": 0.6,
    "C03": 0.2,
    "C04": 0.5,
    "C05": 0.5,
    "C06": 0.5,
    "C07": 0.8,
    "C08": 0.8,
    "C09": 0.8,
    "C10": 0.9,
    "C11": 0.4,
    "C12": 1.6,
    "C13": 0.4,
    "C14": 0.2,
    "C15": 1.3,
    "C16": -0.8,
    "C17": 1.4,
    "C18": 0.9,
    "C19": 0.6,
    "C20": 0.3,
    "C21": 0.2,
    "C22": 0.1,
    "C23": 0.1,
    "C24": 1.0,
    "C25": 0.8,
    "C26": 0.3,
}
"""What the talk in the staff room says about an offering; practice and safety drills differ."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The strength of each motive, in the unit of the noise (a standard Gumbel times `noise`)."""

    own_subject: float = 1.0
    need: float = 0.35
    travel_city: float = 0.3
    travel_province: float = 0.5
    travel_rural: float = 0.15
    absence_per_day: float = 0.20
    absence_with_duty: float = 0.08
    other_zone: float = 3.2
    noise: float = 0.7
    short_list: float = 0.05
    bundle: float = 0.04
    returned: float = 0.005
    list_length: int = 6


@dataclass(frozen=True, slots=True)
class Ballot:
    """A teacher's list; a choice of several sections is a bundle, all or none."""

    teacher: Teacher
    choices: tuple[tuple[str, ...], ...]
    entered_by: str = ""
    opinion: str = "同意"


def eligible(teacher: Teacher, section: o.Section) -> bool:
    """Return whether the section's rules admit the teacher (any subject she teaches counts)."""
    return (
        (not section.stages or teacher.school.stage in section.stages)
        and (not section.subjects or bool(set(section.subjects) & set(teacher.subjects)))
        and (not section.roles or bool(set(section.roles) & set(teacher.roles)))
        and (section.max_years is None or teacher.years <= section.max_years)
    )


def reach(sections: Iterable[o.Section]) -> int:
    """Return the most hours that can be had without meeting on one day twice."""
    rows = list(sections)
    best = 0
    for size in range(1, len(rows) + 1):
        for some in combinations(rows, size):
            days = [day for s in some for day in s.day_numbers]
            if len(days) == len(set(days)) and len({s.offering for s in some}) == size:
                best = max(best, 8 * len(days))
    return best


def ballots(
    people: Sequence[Teacher],
    sections: Sequence[o.Section],
    seed: int,
    how: Behaviour,
) -> list[Ballot]:
    """Return one ballot per teacher; a few come back from their schools."""
    drawn = [_ballot(teacher, sections, seed, how) for teacher in people]
    chance = Chance(seed, "returned")
    back = {chance.below(len(drawn)) for _ in range(round(how.returned * len(drawn)))}
    return [replace(b, opinion="不同意") if n in back else b for n, b in enumerate(drawn)]


def cut(ballot: Ballot, length: int) -> Ballot:
    """Return the ballot with its first `length` lines."""
    return replace(ballot, choices=ballot.choices[:length])


def _ballot(teacher: Teacher, sections: Sequence[o.Section], seed: int, how: Behaviour) -> Ballot:
    chance = Chance(seed, "ballot", teacher.id)
    scored = [(_utility(teacher, s, chance, how), s) for s in sections if eligible(teacher, s)]
    liked = [s for _, s in sorted(scored, key=lambda pair: (-pair[0], pair[1].id))]
    length = 2 + chance.below(3) if chance.yes(how.short_list) else how.list_length
    picked = liked[:length]
    choices = tuple((s.id,) for s in picked)
    if chance.yes(how.bundle):
        choices = _tied(picked)
    by = "学校" if teacher.school.rural and chance.yes(0.08) else ""
    return Ballot(teacher, choices, entered_by=by)


def _utility(teacher: Teacher, section: o.Section, chance: Chance, how: Behaviour) -> float:
    needs = [max(0.0, 0.5 - teacher.ability[d]) for d in o.DIMENSIONS_OF[section.offering]]
    value = POPULARITY[section.offering] + how.need * sum(needs) / len(needs)
    value += how.own_subject * (teacher.subject in section.subjects)
    value -= how.travel_province * (section.level == c.PROVINCIAL)
    value -= how.travel_city * (section.level == c.MUNICIPAL)
    value -= how.travel_rural * teacher.school.rural
    if section.start >= c.FIRST_TERM_DAY:
        busy = bool(set(teacher.roles) & {"22", "23", "31"})
        value -= section.days * (how.absence_per_day + how.absence_with_duty * busy)
    if section.zone and section.zone != teacher.school.zone:
        value -= how.other_zone
    return value + how.noise * chance.gumbel()


def _tied(picked: Sequence[o.Section]) -> tuple[tuple[str, ...], ...]:
    """Tie the first choice to the next one that can be attended with it."""
    first, *rest = picked
    for other in rest:
        if not set(first.day_numbers) & set(other.day_numbers) and first.days + other.days <= 6:
            left = [s for s in rest if s is not other]
            return ((first.id, other.id), *((s.id,) for s in left))
    return tuple((s.id,) for s in picked)

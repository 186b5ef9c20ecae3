"""What the kinds of generated rounds differ in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.instance import DEFAULT_TIERS


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of round; the defaults are the county of matching.md.

    Parameters
    ----------
    options
        The most sections a teacher can receive one of: those she ranks and, after them, those that
        may be assigned to her.
    ranked
        Fewest and most sections on a list.
    bundle
        The most sections a teacher holds.
    sections_per_teacher, fewest_sections, most_sections
        How many sections a county has of its own.
    seats
        Fewest and most seats of a section of a county of 5,000.
    scarcity
        What people want over what there is.
    minimum
        Fewest people with whom a section opens.
    tastes
        How much people of one subject and stage differ; 0: all want the same, and nobody more.
    hours
        Hours of 学时 an offering may have, from the most to the least frequent.
    hour_limits
        The most hours one person may sit in; each person has one of them.
    allow_assigned
        Whether sections nobody ranked may be assigned.
    """

    options: int = 40
    ranked: tuple[int, int] = (10, 15)
    bundle: int = 5
    sections_per_teacher: float = 0.06
    fewest_sections: int = 40
    most_sections: int = 300
    seats: tuple[int, int] = (12, 200)
    scarcity: float = 1.2
    minimum: int = 0
    tastes: float = 0.8
    hours: tuple[int, ...] = (8, 16, 4, 12, 24, 32, 40)
    hour_limits: tuple[int, ...] = (48, 64, 80, 100)
    allow_assigned: bool = True

    def own_sections(self, teachers: int) -> int:
        """Return how many sections a county of so many teachers has."""
        wanted = round(self.sections_per_teacher * teachers)
        return max(self.fewest_sections, min(wanted, self.most_sections))


COUNTY = 5_000
"""Teachers of one county of a province."""

OWN, SHARED, FEWEST_SHARED = 35, 15, 265
"""Sections a county of a province has, and the province per county; the fewest of the province."""

KINDS: dict[str, Shape] = {
    "county": Shape(),
    "county-minima": Shape(minimum=10),
    "province": Shape(fewest_sections=OWN, most_sections=OWN),
    "huge": Shape(
        sections_per_teacher=1 / 250, fewest_sections=12, most_sections=40, seats=(50, 5_000)
    ),
    "tiny": Shape(sections_per_teacher=1 / 3, most_sections=5_000, seats=(3, 9)),
    "ties": Shape(tastes=0.0),
    "thin": Shape(scarcity=5.0, seats=(2, 60), allow_assigned=False),
    "long": Shape(
        options=80, ranked=(25, 40), bundle=8, hours=(4, 8, 12, 16, 24), hour_limits=(64, 100)
    ),
    "every-rule": Shape(),
}
"""The shipped kinds; `matching/generate/__init__.py` says what each is for."""

TIERS: Mapping[str, list[dict[str, int]]] = {
    "merged": [{"welfare": 30, "hours_short": 1, "quota_short": 3_000}],
    "hours-first": [{"hours_short": 1}, {"quota_short": 1}, {"welfare": 1}],
    "default": [dict(goals) for goals in DEFAULT_TIERS],
}
"""What a round is after; merged, a missing seat of a quota weighs 100 points."""

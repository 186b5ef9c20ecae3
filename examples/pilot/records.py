"""What is on file before the round: ratings of ability, and hours earned elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from examples.pilot import county as c
from examples.pilot.chance import Chance
from examples.pilot.people import Teacher

RATED_SHARE, OBSERVED_SHARE, EARNED_SHARE = 0.85, 0.30, 0.06


@dataclass(frozen=True, slots=True)
class Rating:
    """A level that somebody gave a teacher in one dimension."""

    teacher: str
    dimension: str
    source: str
    rater: str
    level: int
    day: str


@dataclass(frozen=True, slots=True)
class Earned:
    """Class hours that a teacher earned elsewhere, with who approved them."""

    teacher: str
    category: str
    hours: int
    source: str
    evidence: str


def ratings(people: Sequence[Teacher], dimensions: Sequence[str], seed: int) -> list[Rating]:
    """Return self ratings of five teachers in six, and observers' ratings of some of these.

    A rating follows the latent ability, shifted by the rater's leniency and blurred; people rate
    themselves about a third of a level too high.
    """
    colleagues: dict[str, list[Teacher]] = {}
    for teacher in people:
        colleagues.setdefault(teacher.school.id, []).append(teacher)
    out: list[Rating] = []
    for teacher in people:
        chance = Chance(seed, "ratings", teacher.id)
        if not chance.yes(RATED_SHARE):
            continue
        out += _rated(teacher, teacher, dimensions, "self", chance)
        if chance.yes(OBSERVED_SHARE):
            others = [t for t in colleagues[teacher.school.id] if t.years >= 8 and t is not teacher]
            seen = chance.shuffled(dimensions)[:6]
            out += _rated(teacher, chance.one_of(others), sorted(seen), "observer", chance)
    return out


def _rated(
    teacher: Teacher, rater: Teacher, dimensions: Sequence[str], source: str, chance: Chance
) -> list[Rating]:
    kindness = rater.leniency + (0.35 if source == "self" else 0.0)
    day = f"{c.YEAR}-05-{10 + chance.below(18):02d}"
    return [
        Rating(
            teacher.id,
            dimension,
            source,
            rater.id,
            max(
                1,
                min(
                    4,
                    round(
                        2.3 + 0.8 * teacher.ability[dimension] + kindness + 0.5 * chance.normal()
                    ),
                ),
            ),
            day,
        )
        for dimension in dimensions
    ]


def earned(people: Sequence[Teacher], seed: int) -> list[Earned]:
    """Return the hours of the few teachers who have earned some elsewhere this year."""
    out = []
    for teacher in people:
        chance = Chance(seed, "earned", teacher.id)
        if chance.yes(EARNED_SHARE):
            number = f"{c.YEAR}-{teacher.id}"
            out.append(
                Earned(teacher.id, "zhuanye", 8, "市学科教研活动（面授）", f"市研证{number}")
            )
        elif chance.yes(EARNED_SHARE):
            out.append(
                Earned(teacher.id, "gongxu", 6, "省继续教育平台（春季）", f"省平台{teacher.id}")
            )
    return out

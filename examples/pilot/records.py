"""What is on file before the round: hours earned elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from examples.pilot import county as c
from examples.pilot.chance import Chance
from examples.pilot.people import Teacher

EARNED_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Earned:
    """Class hours that a teacher earned elsewhere, with who approved them."""

    teacher: str
    category: str
    hours: int
    source: str
    evidence: str


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

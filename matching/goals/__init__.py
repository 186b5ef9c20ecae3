"""The goals of a round: one objective term per file, solved in tiers.

Which goals stand in which tier, and with what weight, is data of the round (`meta["tiers"]`).
"""

from __future__ import annotations

from collections.abc import Mapping

from matching.goals import (
    assigned_seats,
    cost,
    hours_short,
    lottery,
    overshoot,
    quota_short,
    travel,
    unserved,
    welfare,
)
from matching.goals.kinds import Goal, Sense

_ALL: tuple[Goal, ...] = (
    hours_short,
    quota_short,
    assigned_seats,
    unserved,
    welfare,
    overshoot,
    travel,
    cost,
    lottery,
)

GOALS: dict[str, Goal] = {goal.code: goal for goal in _ALL}

__all__ = ["GOALS", "Goal", "Sense", "unit_and_sense"]


def unit_and_sense(tier: Mapping[str, int]) -> tuple[str, Sense]:
    """Return how a tier is told: as its goal is, or in points to be gained if it mixes several."""
    known = GOALS.get("+".join(tier))
    return (known.unit, known.sense) if known else ("points", "max")

"""The goals of a round: one objective term per file, solved in tiers.

Which goals stand in which tier, and with what weight, is data of the round (`meta["tiers"]`).
"""

from __future__ import annotations

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

__all__ = ["GOALS", "Goal", "Sense"]

"""quota_short: seats missing to quota minima, level shares and soft reserves, each by its weight."""

from __future__ import annotations

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft
from matching.rules.level_share import heads
from matching.rules.quota import filled
from matching.rules.reserve import unfilled

code = "quota_short"
unit = "weighted_seats"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the weighted seats that are missing."""
    rows = [*filled(instance, assignment), *heads(instance, assignment)]
    minima: int = sum(
        row["weight"] * max(0, row["minimum"] - found) for row, found in rows if not row["strict"]
    )
    return minima + sum(weight * short for _, short, weight in unfilled(instance, assignment))


def post(instance: Instance, draft: Draft) -> None:
    """Post nothing: quota, level_share and reserve price their rows with this goal."""

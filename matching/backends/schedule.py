"""How hard an effort tries: counted steps, never a clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many steps of each kind an effort allows.

    `steps`, `near` and `rounds` belong to pricing (price steps, bundles a teacher gains per round,
    rounds of bundles); `columns`, `mip_nodes` and `mip_gap` to choosing among bundles; `nodes` and
    `gap` to the search over openings; `opening_nodes` to asking what a closed section would cost;
    with `dive` openings are rounded before choosing.
    """

    steps: int
    near: int
    rounds: int
    columns: int
    mip_nodes: int
    mip_gap: float
    nodes: int
    gap: float
    opening_nodes: int
    dive: bool = False


SCHEDULES = {
    "quick": Schedule(60, 6, 15, 8, 20, 5e-3, 40, 5e-3, 1),
    "standard": Schedule(100, 8, 25, 14, 200, 1e-3, 150, 1e-3, 24),
    "long": Schedule(240, 16, 60, 60, 5_000, 1e-5, 2_000, 0.0, 200),
}

LARGE = 1_500
"""From so many teachers on, fewer bundles are chosen among and fewer openings searched."""

LARGE_SCHEDULES = {
    "quick": Schedule(120, 6, 12, 6, 2, 1e-2, 3, 1e-2, 0, dive=True),
    "standard": Schedule(200, 6, 18, 8, 10, 5e-3, 5, 5e-3, 0, dive=True),
    "long": Schedule(400, 6, 12, 10, 200, 1e-3, 40, 1e-3, 4, dive=True),
}


def schedule_for(effort: str, teachers: int) -> Schedule:
    """Return the counted steps of an effort for a round of some size."""
    return (LARGE_SCHEDULES if teachers >= LARGE else SCHEDULES)[effort]

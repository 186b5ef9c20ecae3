"""How hard an effort tries: counted steps, never a clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many steps of each kind an effort allows.

    `steps`, `near` and `rounds` belong to pricing (price steps, bundles a teacher gains per round,
    rounds of bundles); `columns`, `mip_nodes` and `mip_gap` to choosing among bundles; `nodes` and
    `gap` to the search over openings; `opening_nodes` to asking what a closed section would cost;
    with `block` teachers are seated in blocks of about so many, in so many `sweeps`.
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
    block: int = 0
    sweeps: int = 0


SCHEDULES = {
    "quick": Schedule(60, 6, 15, 8, 20, 5e-3, 40, 5e-3, 1),
    "standard": Schedule(100, 8, 25, 14, 200, 1e-3, 150, 1e-3, 24),
    "long": Schedule(240, 16, 60, 60, 5_000, 1e-5, 2_000, 0.0, 200),
}

LARGE = 600
"""From so many teachers on, a round is filled block by block."""

LARGE_SCHEDULES = {
    "quick": Schedule(100, 3, 6, 2, 20, 1e-3, 40, 1e-2, 0, block=500, sweeps=1),
    "standard": Schedule(150, 4, 8, 2, 50, 1e-3, 150, 2e-4, 0, block=500, sweeps=1),
    "long": Schedule(300, 6, 20, 6, 200, 1e-4, 500, 0.0, 0, block=500, sweeps=6),
}


def schedule_for(effort: str, teachers: int) -> Schedule:
    """Return the counted steps of an effort for a round of some size."""
    return (LARGE_SCHEDULES if teachers >= LARGE else SCHEDULES)[effort]

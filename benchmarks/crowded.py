"""A county whose teachers like the same sections: a seeded world with its truth, and our own round.

8,000 teachers want three of 300 sections each; seats are 1.1 times what is wanted and very unequal.
What is estimated of a teacher (need, taste, how popular a section is) is known to the menus; her true
points add what nobody but her knows. Points are hundredths of a standard deviation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.columns import Words
from matching.instance import Instance
from matching.result import Result
from matching.settings import Effort, Settings
from matching.solve import solve

Ints = NDArray[np.int64]

WANTED = 3
RANK_POINTS = (100, 80, 64, 51, 41, 33, 26, 21, 17, 13)
TIERS: tuple[Mapping[str, int], ...] = ({"unserved": 1}, {"welfare": 1}, {"lottery": 1})
WELFARE: tuple[Mapping[str, int], ...] = ({"welfare": 1},)
NOTHING = -1


@dataclass(frozen=True, eq=False)
class World:
    """Points of each teacher for each section (estimated, true), and the seats of each section."""

    estimate: Ints
    truth: Ints
    capacity: Ints
    coverage: NDArray[np.float64]

    @property
    def sections(self) -> tuple[str, ...]:
        """Ids of the sections."""
        return ids("C", len(self.capacity))


def ids(letter: str, count: int) -> tuple[str, ...]:
    """Return ids that sort as their numbers do."""
    return tuple(f"{letter}{number:05}" for number in range(count))


def world(teachers: int = 8_000, sections: int = 300, seed: int = 0, slack: float = 1.1) -> World:
    """Draw a world: six dimensions of need, eight of taste, and popularity common to all."""
    draw = np.random.default_rng(seed)
    need, coverage = (
        draw.dirichlet(np.full(6, 0.7), teachers),
        draw.dirichlet(np.full(6, 0.3), sections),
    )
    taste, kind = draw.normal(size=(teachers, 8)), draw.normal(size=(sections, 8))
    popular = 0.8 * draw.normal(size=sections)
    estimate = 2 * need @ coverage.T + 0.35 * taste @ kind.T / np.sqrt(8) + popular
    truth = estimate + 0.3 * draw.normal(size=(teachers, sections))
    seats = draw.lognormal(0, 0.5, sections)
    capacity = np.maximum(10, np.round(seats / seats.sum() * slack * WANTED * teachers))
    return World(_points(estimate), _points(truth), capacity.astype(np.int64), coverage)


def _points(utility: NDArray[np.float64]) -> Ints:
    """Return utilities as points above 0."""
    return np.rint(100 * (utility - utility.min())).astype(np.int64) + 1


def round_of(
    lists: Ints, points: Ints, capacity: Ints, tiers: Sequence[Mapping[str, int]], seed: int = 0
) -> Instance:
    """Return a round: teacher i ranks `lists[i]` (NOTHING: no line), worth `points` of its shape."""
    teacher, line = np.nonzero(lists != NOTHING)
    section = lists[teacher, line]
    order = np.lexsort((section, teacher))
    teachers, sections = ids("T", len(lists)), ids("C", len(capacity))
    columns: dict[str, Any] = {
        "teachers": {"id": list(teachers), "most_sections": np.full(len(lists), WANTED)},
        "sections": {"id": list(sections), "offering": list(sections), "capacity": capacity},
        "choices": {
            "teacher": Words(teacher[order], teachers),
            "section": Words(section[order], sections),
            "rank": line[order] + 1,
            "kind": Words(np.zeros(len(order), np.int8), ("chosen",)),
            "points": points[teacher, line][order],
        },
    }
    meta = {"format": 1, "round": "crowded", "seed": str(seed), "allow_assigned": False}
    return Instance.from_columns(meta | {"tiers": [{"goals": dict(g)} for g in tiers]}, columns)


def seated(
    lists: Ints, capacity: Ints, seed: int = 0, effort: Effort = "quick"
) -> NDArray[np.bool_]:
    """Return which lines of ranked lists get a seat in our round, in the shape of `lists`."""
    points = np.broadcast_to(np.array(RANK_POINTS)[: lists.shape[1]], lists.shape)
    instance = round_of(lists, points, capacity, TIERS, seed)
    result = solve(instance, Settings(effort=effort, reasons=False))
    held = np.zeros((len(lists), len(capacity)), np.bool_)
    for seat in result.seats:
        held[int(seat.teacher[1:]), int(seat.section[1:])] = True
    rows = np.arange(len(lists))[:, None]
    return held[rows, np.maximum(lists, 0)] & (lists != NOTHING)


def dry_run(points: Ints, capacity: Ints, effort: Effort = "quick") -> Result:
    """Solve as if everybody asked for everything at her points: prices, and a bound that is proved."""
    everything = np.broadcast_to(np.arange(points.shape[1]), points.shape)
    instance = round_of(everything, points, capacity, WELFARE)
    return solve(instance, Settings(effort=effort, reasons=False))


def prices_of(result: Result) -> dict[str, int]:
    """Return the price of a seat of each section, in thousandths of a point."""
    rows = (price.row.partition(":") for price in result.prices)
    found = zip(rows, result.prices, strict=True)
    return {section: price.price for (rule, _, section), price in found if rule == "seat_capacity"}


def bound_of(result: Result) -> int:
    """Return what nobody's assignment can exceed, proved by the prices."""
    (goal,) = result.goals
    assert goal.bound is not None
    return goal.bound


def gini(exposure: NDArray[np.float64]) -> float:
    """Return how unequal some shares are: 0 all alike, near 1 all in one."""
    ordered, count = np.sort(exposure), len(exposure)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float(weights @ ordered / (count * ordered.sum()))

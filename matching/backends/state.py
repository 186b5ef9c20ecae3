"""Where a solve stands between two tiers: bundles left, rows enforced, floors, the best choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matching.backends.bundles import Bundles, goal_values, strict_shortage
from matching.backends.master import Master
from matching.backends.objective import FREE, Floor, Objective
from matching.backends.pulse import Pulse
from matching.backends.schedule import Schedule
from matching.instance import Ints, Mask
from matching.primitives import Draft, SharedRow

STRICT = "strict"
"""The goal code of the tier that comes before all: strict minima of the round."""

STRICT_TIER: Mapping[str, int] = {STRICT: 1}

WHOLE = -1
"""In place of a multiplier: the earlier tier is at everybody's best, and is kept by restricting."""


def row_weight(row: SharedRow, goal: str) -> int:
    """Return what one unit below a row's `lo` costs a goal, 0 where it costs nothing."""
    if goal == STRICT:
        return int(row.goal is None and row.lo > 0 and not row.switch)
    return row.weight if row.goal == goal else 0


class State:
    """The bundles still allowed, the rows that must be kept, and the best choice so far."""

    def __init__(
        self, draft: Draft, bundles: Bundles, schedule: Schedule, pulse: Pulse | None = None
    ) -> None:
        self.draft = draft
        self.pulse = pulse or Pulse()
        self.schedule = schedule
        self.master = Master(draft, bundles)
        rows = self.master.rows
        self.enforced: Mask = np.zeros(len(rows), bool)
        self.floors: tuple[Floor, ...] = ()
        self.floor_goals: tuple[Mapping[str, int], ...] = ()
        self.kept_whole: tuple[bool, ...] = ()
        self.pick: Ints = bundles.start[:-1]
        self.is_filled = False
        self.is_at_start = True

    def objective(self, goals: Mapping[str, int]) -> Objective:
        """Return the objective of a weighted set of goals under the floors so far."""
        free = np.full(len(self.master.switches), FREE)
        return Objective(*self._terms(goals), free, self.floors)

    def _terms(self, goals: Mapping[str, int]) -> tuple[Ints, Ints, Mask, Ints]:
        master = self.master
        values = np.zeros(len(master.bundles), np.int64)
        weights = np.zeros(len(master.rows), np.int64)
        switch_values = np.zeros(len(master.switches), np.int64)
        for goal, weight in sorted(goals.items()):
            values = values + weight * self._bundle_values(goal)
            weights = weights + weight * np.array(
                [row_weight(row, goal) for row in master.rows], np.int64
            )
            for i, switch in enumerate(master.switches):
                if self.draft.switches[switch].goal == goal:
                    switch_values[i] += weight * self.draft.switches[switch].value
        return values, weights * ~self.enforced, self.enforced, switch_values

    def _bundle_values(self, goal: str) -> Ints:
        if goal == STRICT:
            return -strict_shortage(self.draft, self.master.bundles)
        return goal_values(self.draft, self.master.bundles, goal)

    def most(self, objective: Objective) -> int:
        """Return what a tier would be worth with every teacher at her best and nothing short."""
        best = np.maximum.reduceat(objective.values, self.master.bundles.start[:-1])
        return int(best.sum()) + int(np.maximum(objective.switch_values, 0).sum())

    def spread(self, goals: Mapping[str, int]) -> int:
        """Return the most that one teacher's bundle or one missing head changes a tier, at least 1."""
        values, weights, _, _ = self._terms(goals)
        return max(int(np.ptp(values)), int(weights.max(initial=0)), 1)

    def choose(self, pick: Ints) -> None:
        """Let a better choice of bundles take the place of the one so far."""
        self.pick, self.is_at_start = pick, False

    def value(self, objective: Objective) -> int:
        """Return what the best choice so far is worth in a tier."""
        return self.master.value(objective, self.pick)

    @property
    def held(self) -> Ints:
        """The choices held by the best choice so far."""
        held = self.master.bundles.arcs[self.pick].ravel()
        return np.sort(held[held < self.draft.arcs])

    @property
    def is_stopped(self) -> bool:
        """Whether the watch has stopped the solve."""
        return bool(self.pulse.stopped_at)

    def is_answer(self) -> bool:
        """Tell whether the best choice so far keeps every strict rule."""
        strict = self.objective(STRICT_TIER)
        return self.value(strict) == 0 and self.master.feasible(strict, self.pick)

    def multipliers(self, floors: list[int]) -> tuple[int, ...]:
        """Return one multiplier for each earlier tier, WHOLE where it is at everybody's best."""
        told = iter(floors)
        return tuple(WHOLE if whole else next(told) for whole in self.kept_whole)

    def beat(self, stage: str, objective: Objective, bound: int | None = None) -> bool:
        """Tell one step of a tier; return whether the solve is stopped."""
        value = self.value(objective)
        return self.pulse.beat(stage, len(self.held), value, bound, self.is_answer)

    def keep(self, goals: Mapping[str, int]) -> None:
        """Make sure that no later tier lowers what `goals` reached."""
        values, weights, _, switch_values = self._terms(goals)
        master = self.master
        best = np.maximum.reduceat(values, master.bundles.start[:-1])
        objective = self.objective(goals)
        reached = master.value(objective, self.pick)
        whole = reached == self.most(objective)
        if goals is not STRICT_TIER:
            self.kept_whole = (*self.kept_whole, whole)
        if whole:
            self.enforced = self.enforced | ((weights > 0) & (master.lo > 0))
            self._restrict(values == np.repeat(best, np.diff(master.bundles.start)))
        else:
            self.floor_goals = (*self.floor_goals, goals)
            self.floors = (*self.floors, Floor(values, weights, switch_values, reached))

    def require_strict(self) -> None:
        """Leave only what keeps the strict minima of teachers, and enforce those of rows."""
        strict = np.array([row_weight(row, STRICT) for row in self.master.rows], np.int64)
        self.enforced = self.enforced | (strict > 0)
        self._restrict(strict_shortage(self.draft, self.master.bundles) == 0)

    def _restrict(self, mask: Mask) -> None:
        if mask.all():
            return
        self.pick = (np.cumsum(mask) - 1)[self.pick]
        self.floors = tuple(replace(floor, values=floor.values[mask]) for floor in self.floors)
        self.master = self.master.restrict(mask)

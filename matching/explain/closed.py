"""A section that does not open: too few could come, or opening it would cost what counts more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from matching.alone import Bench
from matching.explain.scene import Scene
from matching.instance import Ints, Mask
from matching.result import Reason

IMPOSSIBLE = -1
"""In place of a cost: no answer that keeps the earlier tiers opens the section."""


def costs(bench: Bench, pick: Ints, if_opened: Mapping[str, int]) -> Mapping[str, int]:
    """Return for each switch that stayed off what the tier with welfare would lose at least.

    Parameters
    ----------
    if_opened
        What that tier could reach at most if the switch were on and no earlier tier fell.
    """
    tiers = bench.draft.instance.tiers
    tier = next((i for i, goals in enumerate(tiers) if "welfare" in goals), None)
    if tier is None or not if_opened:
        return {}
    value, least = int(bench.total(pick)[tier]), _least(bench, tier)
    return {
        switch: IMPOSSIBLE if most < least else max(0, value - most)
        for switch, most in if_opened.items()
    }


def _least(bench: Bench, tier: int) -> int:
    """Return a value of a tier that every assignment at all reaches."""
    worst = np.minimum.reduceat(bench.values[tier], bench.master.bundles.start[:-1]).sum()
    short = (bench.weights[tier] * bench.master.lo)[bench.master.switch_of < 0].sum()
    return int(worst - short + np.minimum(bench.switch_values[tier], 0).sum())


class Closings:
    """The sections of one result that stay closed, with what opening each would cost."""

    def __init__(self, scene: Scene, if_opened: Mapping[str, int]) -> None:
        self.scene = scene
        self.costs = if_opened
        self._counts: dict[int, tuple[int, int]] = {}

    @cached_property
    def _alive(self) -> Mask:
        """Which choices no rule drops."""
        alive = np.ones(self.scene.draft.arcs, bool)
        for dropped in self.scene.draft.dropped.values():
            alive &= ~dropped
        return alive

    def closed(self, arc: int, place: int) -> Reason:
        """Return the reason of a miss whose own section stays closed (its minimum is row `place`)."""
        scene, row = self.scene, self.scene.rows[place]
        code, cost = "closed_below_minimum", self.costs.get(row.switch, 0)
        if not cost or self._alive[row.arcs].sum() < row.lo:
            cost = 0
        elif cost == IMPOSSIBLE:
            code, cost = "closed_impossible", 0
        else:
            code = "closed_costly"
        if place not in self._counts:
            self._counts[place] = self._count(scene.section(arc))
        listed, could = self._counts[place]
        return scene.tell(code, arc, listed, row.lo, "minimum_to_open", cost=cost, could=could)

    def _count(self, section: int) -> tuple[int, int]:
        """Return how many listed a section, and how many could come if it needed nobody else."""
        scene = self.scene
        arcs = scene.draft.arcs_in[section]
        listed = arcs[scene.chosen[arcs]].tolist()
        return len(listed), sum(map(scene.ways.could_come, listed))

"""A section that does not open: too few could come, or opening it would cost what counts more."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from matching.explain.scene import Scene
from matching.instance import Mask
from matching.result import Reason


class Closings:
    """The sections of one result that stay closed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._could: dict[int, int] = {}

    @cached_property
    def _alive(self) -> Mask:
        """Which choices no rule drops."""
        alive = np.ones(self.scene.draft.arcs, bool)
        for dropped in self.scene.draft.dropped.values():
            alive &= ~dropped
        return alive

    @cached_property
    def _value(self) -> int:
        """What the tier with welfare reached."""
        return int(self.scene.bench.total(self.scene.pick)[self.scene.welfare])

    @cached_property
    def _least(self) -> int:
        """A value of that tier that every assignment at all reaches."""
        bench, tier = self.scene.bench, self.scene.welfare
        worst = np.minimum.reduceat(bench.values[tier], bench.master.bundles.start[:-1]).sum()
        short = (bench.weights[tier] * bench.master.lo)[bench.master.switch_of < 0].sum()
        return int(worst - short + np.minimum(bench.switch_values[tier], 0).sum())

    def closed(self, arc: int, place: int) -> Reason:
        """Return the reason of a miss whose own section stays closed (its minimum is row `place`)."""
        scene, row = self.scene, self.scene.rows[place]
        listed = np.flatnonzero(scene.chosen & (scene.draft.arc_section == scene.section(arc)))
        code, cost = "closed_below_minimum", 0
        if row.switch in scene.if_opened and self._alive[row.arcs].sum() >= row.lo:
            most = scene.if_opened[row.switch]
            if most < self._least:
                code = "closed_impossible"
            elif most < self._value:
                code, cost = "closed_costly", self._value - most
        if place not in self._could:
            self._could[place] = sum(self._could_come(one, place) for one in listed.tolist())
        detail = {"cost": cost, "could": self._could[place]}
        return scene.tell(code, arc, len(listed), row.lo, "minimum_to_open", **detail)

    def _could_come(self, arc: int, place: int) -> bool:
        """Tell whether somebody could change to the section if it needed nobody else."""
        options = self.scene.options(self.scene.teacher(arc))
        under = options.under.copy()
        under[place] = False
        fine = options.lawful & ~(options.over | under).any(axis=0)
        return bool((fine & self.scene.bench.holds(options, arc)).any())

"""A full section: how many hold stronger and weaker claims, and what keeps the weaker there.

A claim is the points of a choice. What somebody seated would lose by leaving, and what a teacher
would gain in her place, are each told with all others held fixed.
"""

from __future__ import annotations

import numpy as np

from matching.alone import Options
from matching.explain.scene import Scene
from matching.result import Reason


class Claims:
    """The claims of all seats of one result."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._leaving: dict[int, tuple[bool, int]] = {}

    def full(self, arc: int, place: int) -> Reason:
        """Return the reason of a miss whose own section has no seat left (row `place`)."""
        scene, row = self.scene, self.scene.rows[place]
        rivals = np.flatnonzero(scene.held & (scene.draft.arc_section == scene.section(arc)))
        mine = int(scene.points[arc])
        weaker = rivals[scene.points[rivals] < mine].tolist()
        losses = [self._loss_of_leaving(rival) for rival in weaker]
        in_points = [points for bound, points in losses if not bound]
        stronger = int((scene.points[rivals] > mine).sum())
        code = "full_points" if in_points else "full_goals" if weaker else "full"
        return scene.tell(
            code,
            arc,
            int(scene.usage[place]),
            row.hi,
            "seat_capacity",
            points=mine,
            stronger=stronger,
            equal=len(rivals) - stronger - len(weaker),
            weaker=len(weaker),
            bound_by_goals=len(weaker) - len(in_points),
            least=min(in_points, default=0),
            gain=self._gain(arc, place),
        )

    def _loss_of_leaving(self, arc: int) -> tuple[bool, int]:
        """Return (a rule or an earlier goal forbids it, points lost) if a seat were given up."""
        if arc not in self._leaving:
            options = self.scene.options(self.scene.teacher(arc))
            without = options.possible & ~self.scene.bench.holds(options, arc)
            self._leaving[arc] = self._change(arc, options, options.best(without))
        return self._leaving[arc]

    def _gain(self, arc: int, place: int) -> int:
        """Return the points the assignment would gain if one seat there were free for her."""
        options = self.scene.options(self.scene.teacher(arc))
        free = self.scene.bench.holds(options, arc) & options.possible_but_for(place)
        bound, loss = self._change(arc, options, options.best(free))
        return 0 if bound else max(0, -loss)

    def _change(self, arc: int, options: Options, best: int | None) -> tuple[bool, int]:
        if best is None:
            return True, 0
        loss = options.worth[:, self.scene.now(self.scene.teacher(arc))] - options.worth[:, best]
        welfare = self.scene.welfare
        return bool(loss[:welfare].any()), int(loss[welfare]) if welfare < len(loss) else 0

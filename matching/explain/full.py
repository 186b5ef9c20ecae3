"""A full section: how many hold stronger and weaker claims, and what keeps the weaker there.

A claim is the points of a choice. What somebody seated would lose by leaving, and what a teacher
would gain in her place, are each told with all others held fixed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from matching.explain.scene import Scene
from matching.explain.ways import Worth
from matching.result import Reason


class Claims:
    """The claims of all seats of one result."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        held = np.flatnonzero(scene.held)
        order = np.lexsort((scene.points[held], scene.draft.arc_section[held]))
        edges = np.cumsum(
            np.bincount(scene.draft.arc_section[held], minlength=scene.draft.sections)
        )
        self._rivals: list[list[int]] = [part.tolist() for part in np.split(held[order], edges)]
        self._claims: list[list[int]] = [scene.points[part].tolist() for part in self._rivals]
        self._losses: dict[int, list[tuple[int, int]]] = {}

    def full(self, arc: int, place: int, best: Worth | None) -> Reason:
        """Return the reason of a miss whose own section has no seat left (row `place`).

        `best` is the worth of her best bundle with one more seat there, None if there is none.
        """
        scene, row = self.scene, self.scene.rows[place]
        mine = int(scene.points[arc])
        claims = self._claims[scene.section(arc)]
        weaker, stronger = bisect_left(claims, mine), len(claims) - bisect_right(claims, mine)
        bound, least = self._weaker(scene.section(arc), weaker)
        code = "full_points" if bound < weaker else "full_goals" if weaker else "full"
        return scene.tell(
            code,
            arc,
            scene.used(place),
            row.hi,
            "seat_capacity",
            points=mine,
            stronger=stronger,
            equal=len(claims) - stronger - weaker,
            weaker=weaker,
            bound_by_goals=bound,
            least=least,
            gain=self._gain(arc, best),
        )

    def _weaker(self, section: int, count: int) -> tuple[int, int]:
        """Return how many of the weakest so many cannot leave, and the least points lost by others."""
        known = self._losses.setdefault(section, [(0, 0)])
        while len(known) <= count:
            bound, least = known[-1]
            is_bound, points = self._change(self._rivals[section][len(known) - 1])
            if not is_bound:
                least = points if bound == len(known) - 1 else min(least, points)
            known.append((bound + is_bound, least))
        return known[count]

    def _change(self, arc: int) -> tuple[bool, int]:
        """Return (a rule or an earlier goal forbids it, points lost) if a seat were given up."""
        return self._loss(arc, self.scene.ways.without(arc))

    def _gain(self, arc: int, best: Worth | None) -> int:
        """Return the points the assignment would gain if one seat there were free for her."""
        bound, loss = self._loss(arc, best)
        return 0 if bound else max(0, -loss)

    def _loss(self, arc: int, best: Worth | None) -> tuple[bool, int]:
        if best is None:
            return True, 0
        now, welfare = self.scene.ways.now(self.scene.teacher(arc)), self.scene.welfare
        points = now[welfare] - best[welfare] if welfare < len(now) else 0
        return now[:welfare] != best[:welfare], points

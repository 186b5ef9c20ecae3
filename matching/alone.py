"""What one teacher could hold with everybody else held fixed.

Used twice: to make sure that no single teacher can be improved alone, and to tell the true reason
of every choice that was not received.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.backends.bundles import Bundles, goal_values, strict_shortage
from matching.backends.master import Master
from matching.instance import Ints, Mask
from matching.primitives import Draft
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Options:
    """The bundles of one teacher beside what all others hold.

    Parameters
    ----------
    bundles
        Shape (bundles of hers,): their positions.
    over, under
        Shape (rows, bundles): which shared rows each would push above `hi` or below `lo`.
    worth
        Shape (tiers, bundles): what the whole assignment would be worth but for what no bundle of
        hers changes; higher is better, earlier tiers first.
    lawful
        Shape (bundles,): whether the bundle keeps her own strict minima.
    """

    bundles: Ints
    over: Mask
    under: Mask
    worth: Ints
    lawful: Mask

    @property
    def broken(self) -> Mask:
        """Which shared rows each bundle would break."""
        return self.over | self.under

    @property
    def possible(self) -> Mask:
        """Which bundles break nothing."""
        return self.lawful & ~self.broken.any(axis=0)

    def possible_but_for(self, row: int) -> Mask:
        """Which bundles break nothing but the upper side of one row."""
        over = self.over.copy()
        over[row] = False
        return self.lawful & ~(over | self.under).any(axis=0)

    def best(self, among: Mask) -> int | None:
        """Return the place of the best bundle among some, None if there is none."""
        places = np.flatnonzero(among)
        if not len(places):
            return None
        keys = self.worth[::-1, places]
        return int(places[np.lexsort((-places, *keys))[-1]])


class Bench:
    """All bundles of all teachers, with what each is worth in every tier."""

    def __init__(self, draft: Draft, bundles: Bundles, tiers: Sequence[Mapping[str, int]]) -> None:
        self.draft = draft
        self.master = Master(draft, bundles)
        self.strict = np.array(
            [row.goal is None and row.lo > 0 and not row.switch for row in self.master.rows], bool
        )
        self.missing = strict_shortage(draft, bundles)
        self.values = np.stack([self._values(goals) for goals in tiers])
        self.weights = np.stack([self._weights(goals) for goals in tiers])
        self.switch_values = np.stack([self._switch_values(goals) for goals in tiers])

    def _values(self, goals: Mapping[str, int]) -> Ints:
        bundles = self.master.bundles
        total = np.zeros(len(bundles), np.int64)
        for goal, weight in sorted(goals.items()):
            total += weight * goal_values(self.draft, bundles, goal)
        return total

    def _weights(self, goals: Mapping[str, int]) -> Ints:
        return np.array(
            [row.weight * goals.get(row.goal or "", 0) for row in self.master.rows], np.int64
        )

    def _switch_values(self, goals: Mapping[str, int]) -> Ints:
        switches = (self.draft.switches[name] for name in self.master.switches)
        return np.array([each.value * goals.get(each.goal, 0) for each in switches], np.int64)

    def total(self, pick: Ints) -> Ints:
        """Return what a choice of bundles is worth in every tier."""
        master = self.master
        usage = master.usage(pick)
        on = self._on(np.arange(len(usage)), usage[:, None])[:-1, 0]
        short = np.maximum(master.lo - usage, 0) * (master.switch_of < 0)
        return np.asarray(
            self.values[:, pick].sum(axis=1) - self.weights @ short + self.switch_values @ on
        )

    def pick_of(self, arcs: Ints) -> Ints:
        """Return each teacher's bundle that holds exactly her choices among `arcs`."""
        held = np.zeros(self.draft.arcs, np.int64)
        held[arcs] = 1
        bundles = self.master.bundles
        mine = np.bincount(self.draft.arc_teacher[arcs], minlength=self.draft.teachers)
        sizes = (bundles.arcs < self.draft.arcs).sum(axis=1)
        exact = (bundles.total(held) == sizes) & (sizes == mine[bundles.teacher])
        return np.flatnonzero(exact)

    def options(self, teacher: int, pick: Ints, usage: Ints) -> Options:
        """Return a teacher's bundles, given what everybody holds (`usage` of all `pick`).

        Only rows that some bundle of hers uses, and those under the same switches, can differ.
        """
        master = self.master
        place = master.bundles.of(teacher)
        which = np.arange(place.start, place.stop)
        sparse_columns = master.columns(which)
        rows = self._with_switches(np.flatnonzero(np.diff(sparse_columns.indptr)))
        columns = sparse_columns[rows].toarray()
        others = usage[rows] - columns[:, int(pick[teacher]) - place.start]
        after = others[:, None] + columns
        on = self._on(rows, after)
        switched = (master.switch_of[rows] >= 0)[:, None]
        scale = np.where(switched, on[master.switch_of[rows]], True)
        lo, hi = master.lo[rows, None] * scale, master.hi[rows, None]
        hi = np.where(hi < UNLIMITED, hi * scale, hi)
        over, under = (np.zeros((len(master.rows), len(which)), bool) for _ in range(2))
        over[rows] = (after > hi) & (columns > 0)
        under[rows] = (after < lo) & (switched | self.strict[rows, None])
        short = np.maximum(master.lo[rows, None] - after, 0) * ~switched
        worth = self.values[:, which] - self.weights[:, rows] @ short
        worth = worth + self.switch_values @ on[:-1]
        return Options(which, over, under, worth, self.missing[which] == 0)

    def _with_switches(self, rows: Ints) -> Ints:
        """Return some rows and all rows under the same switches."""
        switch_of = self.master.switch_of
        switches = self.master.switches_of(rows)
        return np.union1d(rows, np.flatnonzero(np.isin(switch_of, switches)))

    def _on(self, rows: Ints, after: Ints) -> Mask:
        """Return which switches of some rows would be yes, one column per bundle.

        Switches of other rows, and a last row, are no.
        """
        master = self.master
        on = np.zeros((len(master.switches) + 1, after.shape[1]), bool)
        switched = np.flatnonzero(master.switch_of[rows] >= 0)
        for place in switched:
            on[master.switch_of[rows[place]]] |= after[place] > 0
        for place in switched[master.hi[rows[switched]] == UNLIMITED]:
            on[master.switch_of[rows[place]]] &= after[place] >= master.lo[rows[place]]
        return on

    def holds(self, options: Options, arc: int) -> Mask:
        """Return which of a teacher's bundles hold a choice."""
        return np.asarray((self.master.bundles.arcs[options.bundles] == arc).any(axis=1))

    def improve(self, pick: Ints, order: Ints) -> Ints:
        """Return a choice of bundles in which nobody can be improved alone.

        Teachers are visited in `order` again and again until nobody moves; every move raises the
        tiers in their order, so it ends.
        """
        pick = pick.copy()
        usage = self.master.usage(pick)
        moved = True
        while moved:
            moved = False
            for teacher in order.tolist():
                better = self._better(teacher, pick, usage)
                if better is not None:
                    usage += self.master.usage_of(better) - self.master.usage_of(int(pick[teacher]))
                    pick[teacher] = better
                    moved = True
        return pick

    def _better(self, teacher: int, pick: Ints, usage: Ints) -> int | None:
        options = self.options(teacher, pick, usage)
        best = options.best(options.possible)
        now = int(pick[teacher] - options.bundles[0])
        if best is None or tuple(options.worth[:, best]) <= tuple(options.worth[:, now]):
            return None
        return int(options.bundles[best])

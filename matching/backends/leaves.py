"""Leaves as they are published: bounds against the final values, with every multiplier written out.

While a solve runs, a tier at everybody's best is kept by leaving only the best bundles. To somebody
who has the files alone the same is said by a multiplier: so large that no bundle below its
teacher's best can pay, whatever the later tier offers. Here the smallest such number is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matching.backends.bundles import Bundles
from matching.backends.master import Master
from matching.backends.objective import FREE, NO, PRICE_SCALE, YES, Floor, Objective, Prices
from matching.backends.rounding import rounded, step_of
from matching.backends.schedule import Schedule
from matching.backends.state import STRICT_TIER, WHOLE, State
from matching.backends.tiers import TierValue
from matching.certificate import Leaf
from matching.instance import Ints, Mask
from matching.primitives import Draft

_NEVER = -(1 << 62)


def published(
    draft: Draft,
    bundles: Bundles,
    schedule: Schedule,
    tiers: Sequence[TierValue],
    values: Sequence[int],
) -> tuple[TierValue, ...]:
    """Return every tier with its final value, its leaves as published and the bound they prove."""
    state = State(draft, bundles, schedule)
    if all(tier.goals != STRICT_TIER for tier in tiers):
        state.require_strict()
    floors: tuple[Floor, ...] = ()
    found = []
    for tier, value in zip(tiers, values, strict=True):
        objective = replace(state.objective(tier.goals), floors=floors)
        step = step_of(draft, tier.goals)
        leaves = tuple(
            _published(state.master, objective, leaf, value, step) for leaf in tier.leaves
        )
        bound = max((leaf.bound for leaf in leaves), default=max(tier.bound, value))
        found.append(replace(tier, value=value, bound=bound, leaves=leaves))
        own = objective.values, objective.weights, objective.switch_values
        floors = (*floors, Floor(*own, value))
    return tuple(found)


def _published(master: Master, objective: Objective, leaf: Leaf, value: int, step: int) -> Leaf:
    told = dict(leaf.decided)
    answers = [
        (FREE if name not in told else YES if told[name] else NO) for name in master.switches
    ]
    objective = replace(objective, decided=np.array(answers, np.int64))
    priced = dict(leaf.prices)
    rows = np.array([priced.get(row.id, 0) for row in master.rows], np.int64)
    left_out = (0,) * (len(objective.floors) - len(leaf.floors))
    written = _Written(master, objective, rows, (*leaf.floors, *left_out), value)
    if written.is_exact:
        bound = rounded(written.bound, step)
        return Leaf(leaf.decided, leaf.prices, tuple(written.floors.tolist()), bound)
    plain = (0,) * len(objective.floors)
    bound = _Written(master, objective, np.zeros_like(rows), plain, value).bound
    return Leaf(leaf.decided, (), plain, rounded(bound, step))


class _Written:
    """The multipliers of one leaf, written out from the last tier at its best to the first.

    `is_exact` is False where a multiplier would be too large for exact sums.
    """

    def __init__(
        self, master: Master, objective: Objective, rows: Ints, floors: Sequence[int], value: int
    ) -> None:
        self.master, self.objective, self.rows = master, objective, rows
        self.value = value
        self.floors = np.maximum(np.array(floors, np.int64), 0)
        self.is_exact = True
        self.open = ~self._closed()
        whole = [tier for tier, floor in enumerate(floors) if floor == WHOLE]
        among = [self.open]
        for tier in whole:
            among.append(self._best(among[-1], objective.floors[tier].values))
        for place in reversed(range(len(whole))):
            self._write(whole[place], among[place], among[place + 1])

    def _closed(self) -> Mask:
        """Return the bundles that hold a seat this case closes."""
        closed = self.master.closed(self.objective).astype(np.int64)
        paid = self.master.paid(closed)
        return np.asarray(paid > 0)

    def _most(self, among: Mask, values: Ints) -> Ints:
        start = self.master.bundles.start[:-1]
        return np.maximum.reduceat(np.where(among, values, _NEVER), start)

    def _best(self, among: Mask, values: Ints) -> Mask:
        sizes = np.diff(self.master.bundles.start)
        return np.asarray(among & (values == np.repeat(self._most(among, values), sizes)))

    @property
    def reduced(self) -> Ints:
        """What each bundle is worth less what it pays, in 1/PRICE_SCALE points."""
        found = self.master.reduced(self.objective, Prices(self.rows, self.floors))
        return np.where(self.open, found, _NEVER)

    @property
    def bound(self) -> int:
        """What the leaf proves."""
        return self.master.bound(self.objective, Prices(self.rows, self.floors), self.reduced)

    def _write(self, tier: int, among: Mask, best: Mask) -> None:
        """Find the multiplier of one tier: what lies below its best must not pay, nor a shortage."""
        floor, sizes = self.objective.floors[tier], np.diff(self.master.bundles.start)
        reduced = self.reduced
        gain = reduced - np.repeat(self._most(best, reduced), sizes)
        loss = np.repeat(self._most(best, floor.values), sizes) - floor.values
        tempted = among & ~best & (gain > 0)
        least = int((-(-gain[tempted] // loss[tempted])).max(initial=0))
        self._set(tier, max(least, self._for_rows(floor)))
        missing = floor.at_least - self._reachable(best, floor)
        excess = self.bound - self.value
        if missing > 0 and excess > 0:
            self._set(tier, int(self.floors[tier]) + -(-excess * PRICE_SCALE // missing))

    def _set(self, tier: int, multiplier: int) -> None:
        """Set a multiplier, unless sums with it would not be exact."""
        most = self.master.dearest_floor(self.objective.floors[tier])
        self.is_exact = self.is_exact and multiplier <= most
        self.floors[tier] = min(multiplier, most)

    def _for_rows(self, floor: Floor) -> int:
        """Return what makes the prices of rows that may not fall short lawful."""
        weights = self.objective.weights * PRICE_SCALE
        for each, multiplier in zip(self.objective.floors, self.floors.tolist(), strict=True):
            weights = weights + each.weights * multiplier
        soft = (floor.weights > 0) & ~self.objective.strict & (self.master.switch_of < 0)
        need = np.maximum(-self.rows[soft] - weights[soft], 0)
        return int((-(-need // floor.weights[soft])).max(initial=0))

    def _reachable(self, best: Mask, floor: Floor) -> int:
        """Return what the tier could still be worth in this case."""
        free = self.objective.decided != NO
        return int(self._most(best, floor.values).sum()) + int(
            np.maximum(floor.switch_values, 0)[free].sum()
        )

"""The backend for rounds with more bundles than can be listed: prices, seats, dives, proof.

All tiers up to welfare are filled together, as one weighted sum in which a unit of an earlier tier
outweighs what later tiers could give for it; the bound of each tier is proved for itself, with the
values of earlier tiers kept by multipliers. Steps are counted, so no clock decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.asking import Asking
from matching.backends.closing import decided
from matching.backends.dive import Width, dive
from matching.backends.market import Market, Purpose
from matching.backends.master import FORBIDDING, PRICE_SCALE
from matching.backends.pulse import Pulse
from matching.backends.recover import Seating
from matching.backends.solved import Solved
from matching.backends.state import STRICT_TIER
from matching.backends.tiers import TierValue
from matching.certificate import Leaf
from matching.errors import SolverFailed
from matching.instance import Ints
from matching.lottery import drawn
from matching.primitives import Draft
from matching.result import Proof
from matching.watch import Watch

Tiers = Sequence[Mapping[str, int]]


@dataclass(frozen=True)
class Course:
    """How hard an effort tries, in counted steps.

    `prices` are the steps of the first prices, `again` those after openings were decided, `proof`
    those of the bound of an earlier tier; each of `dives` is taken once, in turn.
    """

    prices: Steps
    again: Steps
    proof: Steps
    dives: tuple[Width, ...]


def _wide(free: float, column: float, nodes: int = 0) -> Width:
    """Return a width in hundredths of what the best option is worth."""
    return Width(free / 100, column / 100, 24, nodes, is_late=nodes > 0)


COURSES = {
    "quick": Course(
        Steps(60, 0.13, 1e-3), Steps(20, 5e-3, 1e-3), Steps(30, 0.13, 1e-3), (_wide(0.67, 2),)
    ),
    "standard": Course(
        Steps(120, 0.13, 2e-4),
        Steps(30, 5e-3, 2e-4),
        Steps(60, 0.13, 3e-4),
        (_wide(0.67, 2), _wide(1.3, 4)),
    ),
    "long": Course(
        Steps(300, 0.13, 5e-5),
        Steps(80, 5e-3, 5e-5),
        Steps(150, 0.13, 1e-4),
        (_wide(0.67, 2), _wide(1.3, 4), _wide(1.3, 4, 20), _wide(2, 6, 20), _wide(2.7, 10, 20)),
    ),
}


CROWD = 200_000
"""From so many teachers on a round takes the courses for crowds."""

CROWDED = COURSES | {
    "quick": replace(COURSES["quick"], dives=()),
    "standard": replace(COURSES["standard"], prices=Steps(90, 0.13, 4e-4), dives=(_wide(0.67, 2),)),
}
"""Prices settle in fewer steps where sections are many, and dives cost more than prices."""


def solve_unlisted(draft: Draft, effort: str, watch: Watch | None = None) -> Solved:
    """Solve a compiled instance without listing its bundles.

    Raises
    ------
    SolverFailed
        If strict minima are not met and nothing proves that they cannot be.
    """
    market = Market(draft)
    tiers = draft.instance.tiers
    if (market.local.size < 0).any():
        return Solved(None, is_unlisted=True)
    course = (CROWDED if draft.teachers >= CROWD else COURSES)[effort]
    return _Solve(market, tiers, course, Pulse(watch, len(tiers))).run()


class _Solve:
    """One solve on its way."""

    def __init__(self, market: Market, tiers: Tiers, course: Course, pulse: Pulse) -> None:
        self.market, self.tiers, self.course, self.pulse = market, tiers, course, pulse
        instance = market.draft.instance
        turn = np.array(drawn(instance.teacher_ids, instance.seed, instance.round_id), np.int64)
        must = np.flatnonzero(market.local.must)
        fixed = np.zeros(len(turn), bool)
        fixed[np.searchsorted(market.local.start, must, side="right") - 1] = True
        self.order: Ints = np.concatenate([turn[fixed[turn]], turn[~fixed[turn]]])
        self.last = next((i for i, tier in enumerate(tiers) if "welfare" in tier), len(tiers) - 1)
        self.weights = multipliers(market, tiers[: self.last + 1])
        self.guide = market.purpose(merged(tiers, self.weights))

    def run(self) -> Solved:
        """Fill the round, improve it, and prove each tier."""
        market, guide = self.market, self.guide
        self.pulse.begin(1, self.tiers[0])
        root = ascend(market, guide, self.course.prices)
        number = np.empty_like(self.order)
        number[self.order] = np.arange(len(number))
        leaning = replace(guide, lot=number, lean=max(1, guide.unit // LEANING))
        purpose, prices, seating = decided(market, leaning, root, self.order, self.course.again)
        stopped = self._beat("root", seating)
        for width in () if stopped else self.course.dives:
            dive(seating, prices, width)
            if self._beat("improvement", seating):
                break
        purpose = replace(purpose, lean=0)
        seating = Seating(market, purpose, seating.held)
        seating.upgrade(self.order, 3)
        self._finish(seating, prices)
        self._settle(seating)
        if not market.is_whole(guide, seating.held):
            return self._short()
        found = [self._tier(place, seating, root) for place in range(len(self.tiers))]
        arcs = market.local.arc[seating.held[seating.held >= 0]].astype(np.int64)
        named = self._named(root)
        return Solved(
            np.sort(arcs),
            tuple(found),
            named,
            stopped_at=self.pulse.stopped_at,
            is_unlisted=True,
        )

    def _finish(self, seating: Seating, prices: Ints) -> None:
        """Let an integer program over every bundle that a better answer could use have the last word.

        A better answer cannot hold a bundle that stays further below its owner's best than the
        bound is above the answer.
        """
        market, purpose = self.market, seating.purpose
        if market.local.teachers > FINISHED or self.pulse.stopped_at:
            return
        spare = market.ask(purpose, prices).bound - seating.worth
        if 0 < spare <= SPARE * purpose.unit and market.is_whole(purpose, seating.held):
            near = spare / purpose.unit
            dive(seating, prices, Width(near, near, 64, NODES))
            self._beat("improvement", seating)

    def _beat(self, stage: str, seating: Seating) -> bool:
        values = self.market.worth(self.guide, seating.held) // PRICE_SCALE
        seats = int((seating.held >= 0).sum())
        is_answer = self.market.is_whole(self.guide, seating.held)
        return self.pulse.beat(stage, seats, values, None, lambda: is_answer)

    def _settle(self, seating: Seating) -> None:
        """Let nobody be improvable alone, earlier tiers first."""
        market = self.market
        if market.is_whole(self.guide, seating.held):
            known = market.local, market.bundle_rows
            Asking(market.draft, self.tiers, seating.held, known).improve(self.order)

    def _tier(self, place: int, seating: Seating, root: Ints) -> TierValue:
        """Return what a tier reached and the bound that its leaf proves."""
        market, goals = self.market, self.tiers[place]
        self.pulse.begin(place + 1, goals)
        alone = market.purpose({goal: PRICE_SCALE * weight for goal, weight in goals.items()})
        value = market.worth(alone, seating.held) // PRICE_SCALE
        floors = tuple(self._floor(tier, place) for tier in range(place))
        weights = [*floors, PRICE_SCALE]
        purpose = market.purpose(merged(self.tiers[: place + 1], weights))
        if place == self.last:
            prices = root
        elif place > self.last:
            prices = market.legal(purpose, np.zeros(market.local.rows, np.int64))
        else:
            start = np.rint(root * (PRICE_SCALE / self.weights[place]))
            prices = ascend(market, purpose, self.course.proof, start.astype(np.int64))
        kept = sum(floor * self._value(tier, seating) for tier, floor in enumerate(floors))
        leaves = [self._leaf(purpose, prices, floors, kept)]
        nothing = market.legal(alone, np.zeros(market.local.rows, np.int64))
        leaves.append(self._leaf(alone, nothing, (0,) * place, 0))
        leaf = min(leaves, key=lambda each: each.bound)
        bound = leaf.bound
        self._beat("root", seating)
        proof: Proof = "exact" if value == bound else "prices"
        return TierValue(place + 1, goals, value, bound, bound, proof, (leaf,))

    def _leaf(self, purpose: Purpose, prices: Ints, floors: tuple[int, ...], kept: int) -> Leaf:
        """Return the leaf of some prices, with what the earlier tiers keep taken off its bound."""
        bound = (self.market.ask(purpose, prices).bound - kept) // PRICE_SCALE
        return Leaf((), self._named(prices), floors, bound)

    def _floor(self, tier: int, place: int) -> int:
        """Return the multiplier of an earlier tier in the bound of a later one."""
        if place > self.last:
            return 0
        return round(PRICE_SCALE * self.weights[tier] / self.weights[place])

    def _value(self, tier: int, seating: Seating) -> int:
        alone = self.market.purpose(self.tiers[tier])
        return self.market.worth(alone, seating.held)

    def _short(self) -> Solved:
        """Answer that strict minima cannot be met, if prices prove it."""
        market = self.market
        strict = market.purpose({})
        weight = PRICE_SCALE * market.strict
        lo_weight = PRICE_SCALE * market.local.strict_lo.astype(np.int64)
        market.strict = np.zeros(len(market.strict), bool)
        market.local = market.soft
        empty = -int((market.local.lo.sum(axis=0) * lo_weight).sum())
        purpose = replace(
            strict, row_weight=weight, lo_weight=lo_weight, empty=empty, largest=PRICE_SCALE
        )
        prices = ascend(market, purpose, self.course.prices)
        bound = market.ask(purpose, prices).bound // PRICE_SCALE
        if bound >= 0:
            raise SolverFailed(
                "some strict minima are short, but nothing proves that they cannot be met; "
                "try a longer effort"
            )
        leaf = Leaf((), self._named(prices), (), bound)
        tier = TierValue(0, STRICT_TIER, bound, bound, bound, "prices", (leaf,))
        return Solved(None, (tier,), is_unlisted=True)

    def _named(self, prices: Ints) -> tuple[tuple[str, int], ...]:
        rows = zip(self.market.draft.shared_rows, prices.tolist(), strict=True)
        return tuple((row.id, price) for row, price in rows if 0 != price != FORBIDDING)


LEANING = 2_000
"""The lottery adds less than this part of what the best option is worth."""

FINISHED, SPARE, NODES = 600, 5, 100
"""Rounds of up to so many teachers, proved to within so many of the best option, end with an integer
program of so many nodes."""

AHEAD = 3
"""How often the most that an option gives a later tier is outweighed by one of an earlier tier."""


def merged(tiers: Tiers, weights: Sequence[int]) -> dict[str, int]:
    """Return several tiers as one weighted set of goals."""
    found: dict[str, int] = {}
    for goals, outer in zip(tiers, weights, strict=False):
        for goal, weight in goals.items():
            found[goal] = found.get(goal, 0) + outer * weight
    return found


def multipliers(market: Market, tiers: Tiers) -> tuple[int, ...]:
    """Return how much each tier counts while all are filled together, PRICE_SCALE for the last."""
    found = [PRICE_SCALE]
    for later in range(len(tiers) - 1, 0, -1):
        below = market.purpose(merged(tiers[later:], found)).largest
        own = market.purpose(tiers[later - 1]).largest
        found.insert(0, -(-AHEAD * below // own))
    return tuple(found)

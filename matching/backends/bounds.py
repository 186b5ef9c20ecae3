"""The bound of each tier, proved for itself, the values of earlier tiers kept by multipliers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from matching.backends.ascent import Steps, ascend, brief
from matching.backends.cases import Case
from matching.backends.courses import Course
from matching.backends.lists import Places
from matching.backends.market import CUT_SHORT, Market, Purpose
from matching.backends.objective import PRICE_SCALE
from matching.backends.outweigh import Tiers, merged
from matching.backends.recover import Seating
from matching.backends.tiers import TierValue
from matching.backends.tolls import Posted, leaf_of, settled
from matching.certificate import Leaf
from matching.instance import Ints
from matching.result import Proof


@dataclass(frozen=True)
class Trial:
    """An answer at some multipliers: their weighted sum, its prices, and what each tier comes to.

    `values` are those of the tiers before welfare; `told` holds the tiers bounded so far.
    """

    weights: tuple[int, ...]
    guide: Purpose
    root: Ints
    posted: Posted
    seating: Seating
    values: tuple[int, ...]
    cases: tuple[Case, ...] = ()
    told: dict[int, TierValue] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[bool, tuple[int, ...]]:
        """What makes one trial better than another: lawful, earlier tiers first."""
        is_whole = self.seating.market.is_whole(self.guide, self.seating.held)
        return is_whole, self.values


class Bounds:
    """The bounds of the tiers of a market, and what these are worth without anybody's seats."""

    def __init__(self, market: Market, tiers: Tiers, course: Course) -> None:
        self.market, self.tiers, self.course = market, tiers, course
        self.last = next((i for i, tier in enumerate(tiers) if "welfare" in tier), len(tiers) - 1)
        self.pure: Posted | None = None

    def nothing(self, place: int) -> int:
        """Return what nobody holding anything is worth to a tier."""
        nobody = np.full((self.market.local.teachers, 1), -1, np.int32)
        return self.market.worth(self.alone(place), nobody) // PRICE_SCALE

    def alone(self, place: int) -> Purpose:
        """Return a tier as the only thing that is maximised."""
        goals = self.tiers[place]
        return self.market.purpose({goal: PRICE_SCALE * each for goal, each in goals.items()})

    def values(self, held: Places) -> tuple[int, ...]:
        """Return what some seats are worth to each tier before welfare."""
        worths = (self.market.worth(self.alone(place), held) for place in range(self.last))
        return tuple(worth // PRICE_SCALE for worth in worths)

    def tier(self, place: int, trial: Trial, others: Sequence[Trial] = ()) -> TierValue:
        """Return what a tier reached and the bound that its leaf proves.

        Of the last tier the multipliers and prices of other trials prove something, too: higher
        multipliers may win an hour of an earlier tier and leave coarse prices.
        """
        market, goals, held = self.market, self.tiers[place], trial.seating.held
        alone = self.alone(place)
        value = market.worth(alone, held) // PRICE_SCALE
        nothing = market.legal(alone, np.zeros(market.local.rows, np.int64))
        is_only = place == self.last == 0 and not market.switches
        is_told = not is_only and market.ask(alone, nothing, brief(market)).bound < CUT_SHORT
        leaf = leaf_of(market, goals, alone, Posted(nothing), (0,) * place, 0) if is_told else None
        if leaf is None or (place <= self.last and value < leaf.bound):
            by = (trial, *others) if place == self.last else (trial,)
            found = [self._proved(place, each, held) for each in by]
            leaf = min(found if leaf is None else [leaf, *found], key=lambda each: each.bound)
        leaves: tuple[Leaf, ...] = (leaf,)
        if place == self.last and trial.cases and value < leaf.bound:
            told = tuple(self._proved(place, trial, held, case) for case in trial.cases)
            leaves = told if max(each.bound for each in told) < leaf.bound else leaves
        bound = max(each.bound for each in leaves)
        proof: Proof = "exact" if value == bound else "prices"
        return TierValue(place + 1, goals, value, bound, leaf.bound, proof, leaves)

    def _proved(self, place: int, by: Trial, held: Places, case: Case | None = None) -> Leaf:
        """Return what a trial's multipliers prove of a tier where earlier ones keep what seats reach.

        In a case of openings that is what its own prices prove.
        """
        market, tiers = self.market, self.tiers
        floors = tuple(self._floor(tier, place, by.weights) for tier in range(place))
        purpose = market.purpose(merged(tiers[: place + 1], [*floors, PRICE_SCALE]))
        kept = sum(floor * self._value(tier, held) for tier, floor in enumerate(floors))
        if case is None:
            posted = self._posted(place, purpose, by)
        else:
            purpose, posted = replace(purpose, decided=case.decided), case.posted
        return leaf_of(market, tiers[place], purpose, posted, floors, kept)

    def _posted(self, place: int, purpose: Purpose, trial: Trial) -> Posted:
        """Return prices for the bound of a tier; those of the first one depend on no multiplier."""
        if place == self.last:
            return trial.posted
        if place:
            start = np.rint(trial.root * (PRICE_SCALE / trial.weights[place])).astype(np.int64)
            return self._settled(purpose, self.course.proof, start)
        self.pure = self.pure or self._settled(purpose, self.course.alone)
        return self.pure

    def _settled(self, purpose: Purpose, steps: Steps, start: Ints | None = None) -> Posted:
        prices = ascend(self.market, purpose, steps, start)
        return settled(self.market, purpose, prices, self.course.tolls[:1])

    def _floor(self, tier: int, place: int, weights: tuple[int, ...]) -> int:
        """Return the multiplier of an earlier tier in the bound of a later one."""
        return round(PRICE_SCALE * weights[tier] / weights[place])

    def _value(self, tier: int, held: Places) -> int:
        return self.market.worth(self.market.purpose(self.tiers[tier]), held)

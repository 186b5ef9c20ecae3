"""The backend for rounds with more bundles than can be listed: prices, seats, dives, proof.

All tiers up to welfare are filled together, as one weighted sum; the multipliers of earlier tiers
rise until each is near its bound (`outweigh`). The bound of each tier is proved for itself, with the
values of earlier tiers kept by multipliers. Steps are counted, so no clock decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matching.backends.ascent import ascend
from matching.backends.asking import Asking
from matching.backends.bounds import Bounds, Trial
from matching.backends.branching import branched
from matching.backends.cases import Case, searched
from matching.backends.closing import decided
from matching.backends.courses import (
    BRANCHES,
    CHOSEN,
    CROWD,
    FINISHED,
    GENERATED,
    LEANING,
    MORE,
    NODES,
    PROGRAMMED,
    RESEATED,
    ROUGH,
    SEARCHED,
    Course,
    course_of,
)
from matching.backends.dive import dive, dive_block
from matching.backends.exact import improve
from matching.backends.frame import Frame
from matching.backends.generation import generate
from matching.backends.market import Market, Purpose
from matching.backends.narrow import LAST, UPGRADES, narrowed, rank_of
from matching.backends.objective import PRICE_SCALE
from matching.backends.outweigh import (
    RAISE,
    Tiers,
    aimed,
    is_near,
    is_nearer,
    merged,
    multipliers,
    raised,
)
from matching.backends.pulse import Pulse
from matching.backends.recover import Seating
from matching.backends.rescue import rescued
from matching.backends.rounding import rounded, step_of
from matching.backends.solved import Solved
from matching.backends.state import STRICT_TIER
from matching.backends.tied import NEARLY, SEVERAL, is_tied, seat_anew, trail_of
from matching.backends.tiers import TierValue
from matching.backends.tolls import Posted, if_opened, named, settled
from matching.certificate import Leaf
from matching.errors import SolverFailed
from matching.instance import Ints
from matching.lottery import drawn
from matching.primitives import Draft
from matching.shards.engine import Engine
from matching.watch import Watch


def solve_unlisted(
    draft: Draft,
    effort: str,
    watch: Watch | None = None,
    engine: Engine | None = None,
    frame: Frame | None = None,
    attempt: int = 1,
) -> Solved:
    """Solve a compiled instance without listing its bundles.

    Parameters
    ----------
    engine
        Where everybody is asked for her best bundle; in this process if it is not given.
    frame
        How large the round is, if that is known.
    attempt
        The how manieth way to solve the round this is, for the names of its steps.

    Raises
    ------
    SolverFailed
        If strict minima are not met and nothing proves that they cannot be.
    """
    market = Market(draft, engine, frame)
    tiers = draft.instance.tiers
    if (market.local.size < 0).any():
        return Solved(None, is_unlisted=True)
    course = course_of(draft.teachers, effort)
    return _Solve(market, tiers, course, Pulse(watch, len(tiers), attempt)).run()


class _Solve:
    """One solve on its way."""

    def __init__(self, market: Market, tiers: Tiers, course: Course, pulse: Pulse) -> None:
        self.market, self.tiers, self.course, self.pulse = market, tiers, course, pulse
        instance = market.draft.instance
        turn = drawn(instance.teacher_ids, instance.seed, instance.round_id)
        must = np.flatnonzero(market.local.must)
        fixed = np.zeros(len(turn), bool)
        fixed[np.searchsorted(market.local.start, must, side="right") - 1] = True
        self.order: Ints = np.concatenate([turn[fixed[turn]], turn[~fixed[turn]]])
        self.bounds = Bounds(market, tiers, course)
        self.last = self.bounds.last
        self.trail: tuple[Ints, ...] = ()

    def run(self) -> Solved:
        """Fill the round, improve it, and prove each tier."""
        market = self.market
        self.pulse.begin(1, self.tiers[0])
        best = self._trial(*self._begun())
        trials = [best]
        for _ in range(self.course.raises):
            late = self._late(best)
            if late is None or self.pulse.stopped_at:
                break
            by = max(RAISE, aimed(self.bounds.nothing(late), self._tier(late, best)))
            weights = raised(best.weights, late, by)
            again = self._trial(weights, self._moved(best.root, best.weights, weights))
            trials.append(again)
            before, best = best, max(best, again, key=lambda each: each.rank)
            if best is before or not is_nearer(self._tier(late, before), again.values[late]):
                break
        seating, root = best.seating, best.root
        if not market.is_whole(best.guide, seating.held):
            return self._short()
        others = [each for each in trials if each is not best]
        found = [self._tier(place, best, others) for place in range(len(self.tiers))]
        arcs = market.local.choices(seating.held[seating.held >= 0]).astype(np.int64)
        arcs.sort()
        return Solved(
            arcs,
            tuple(found),
            named(self.market, root),
            stopped_at=self.pulse.stopped_at,
            is_unlisted=True,
            opening_costs=self._opening_costs(best, found[self.last].value),
        )

    def _opening_costs(self, trial: Trial, value: int) -> dict[str, int]:
        """Return for each section that stays closed what the last tier would lose at least."""
        market = self.market
        if market.local.teachers >= CROWD or self.pulse.stopped_at:
            return {}
        closed = np.flatnonzero(~market.opened(trial.seating.usage))
        kept = market.worth(trial.guide, trial.seating.held) - PRICE_SCALE * value
        found = if_opened(market, trial.guide, trial.posted, closed)
        least = {switch: value - (most - kept) // PRICE_SCALE for switch, most in found.items()}
        return {market.switches[switch]: cost for switch, cost in least.items() if cost > 0}

    def _begun(self) -> tuple[tuple[int, ...], Ints]:
        """Return multipliers to begin with, and prices.

        Where the first of several tiers stays clearly below, or comes nearer than it is meant to,
        though seats are given roughly, its multiplier is set by that. A tied round changes the course.
        """
        market, course = self.market, self.course
        weights = multipliers(market, self.tiers[: self.last + 1])
        guide = market.purpose(merged(self.tiers, weights))
        prices = ascend(market, guide, course.several if self.last else course.prices)
        nearly = SEVERAL if self.last else NEARLY
        if FINISHED < market.local.teachers < CROWD and is_tied(market, guide, prices, nearly):
            self.course = self.bounds.course = course.where_tied()
            return weights, self._followed(guide)
        if not self.last:
            return weights, prices
        if market.local.teachers <= FINISHED:
            return weights, self._moved(prices, weights, weights)
        seating = narrowed(market, guide, prices, self.order, ROUGH)
        values = self.bounds.values(seating.held)
        tier = self._tier(0, Trial(weights, guide, prices, Posted(prices), seating, values))
        by = aimed(self.bounds.nothing(0), tier)
        first = raised(weights, 0, by)
        return first, self._moved(prices, weights, first)

    def _followed(self, guide: Purpose) -> Ints:
        """Return the prices of a tied round; what was met on the way to them seats everybody."""
        self.trail = trail_of(self.market, guide, self.course.prices)
        return self.trail[0]

    def _moved(self, prices: Ints, before: tuple[int, ...], weights: tuple[int, ...]) -> Ints:
        """Return prices at other multipliers: those of the first tier count for more, too."""
        guide = self.market.purpose(merged(self.tiers, weights))
        if self.trail:
            return self._followed(guide)
        more = (weights[0] - before[0]) / PRICE_SCALE
        first = 0 if self.bounds.pure is None else more * self.bounds.pure.prices
        start = self.market.legal(guide, np.rint(prices + first).astype(np.int64))
        return ascend(self.market, guide, self.course.moved, start)

    def _trial(self, weights: tuple[int, ...], root: Ints) -> Trial:
        """Fill the round with some multipliers and tell what the tiers before welfare come to."""
        market = self.market
        guide = market.purpose(merged(self.tiers, weights))
        posted = settled(market, guide, root, self.course.tolls)
        prices, seating = self._seated(guide, posted)
        stopped = self._beat("root", guide, seating)
        if self.trail and not stopped:
            seat_anew(seating, self.trail)
            stopped = self._beat("improvement", guide, seating)
        for width in () if stopped else self.course.dives:
            dive(seating, prices, replace(width, more=MORE if self.last else 0))
            if self._beat("improvement", guide, seating):
                break
        if self.course.dives or market.switches:
            seating.upgrade(self.order, UPGRADES)
        step = step_of(market.draft, merged(self.tiers, weights))
        lowest, pinned = self._finish(seating, prices, guide, step)
        is_larger = market.local.teachers > FINISHED and not self.pulse.stopped_at
        if self.last and self.course.rescues and is_larger:
            lowest = self._rescue(seating, prices, guide, step)
        if lowest is not None and lowest.bound(market, guide) < posted.bound(market, guide):
            root, posted = lowest.prices, lowest
        seating, cases = self._search(guide, posted, seating, step)
        cases = cases or pinned
        self._settle(seating)
        values = self.bounds.values(seating.held)
        return Trial(weights, guide, root, posted, seating, values, cases)

    def _search(
        self, guide: Purpose, posted: Posted, seating: Seating, step: int
    ) -> tuple[Seating, tuple[Case, ...]]:
        """Try other openings; return the best answer, and cases that prove how good it could be."""
        market = self.market
        if not market.switches or not 0 < market.local.teachers <= SEARCHED:
            return seating, ()
        if not market.is_whole(guide, seating.held):
            return seating, ()
        lowest = rounded(posted.bound(market, guide), step)
        if self.pulse.stopped_at or lowest <= seating.worth:
            return seating, ()

        def finish(purpose: Purpose, posted: Posted) -> int:
            nonlocal seating
            seating = max(seating, self._reseated(purpose, posted, step), key=rank_of)
            return seating.worth

        search, leaves = searched(
            seating,
            posted,
            step,
            self.course.cases,
            finish,
            lambda: self._beat("node", guide, seating),
        )
        is_small = market.local.teachers <= CHOSEN and not self.pulse.stopped_at
        held = search.chosen(NODES // 10) if is_small else None
        if held is not None:
            chosen = Seating(market, replace(guide, decided=search.purpose.decided), held)
            seating = max(seating, chosen, key=rank_of)
        undecided = [case for case in leaves if search.doubtful(case) is not None]
        for case in undecided[:RESEATED]:
            if rounded(case.bound, step) > seating.worth and not self.pulse.stopped_at:
                finish(search.settled(case), case.posted)
        return seating, search.proof(leaves)

    def _reseated(self, purpose: Purpose, posted: Posted, step: int) -> Seating:
        """Return an answer with some openings, to begin with at some prices."""
        market = self.market
        prices = market.legal(purpose, posted.prices)
        seating = narrowed(market, purpose, prices, self.order, self.course.narrowings[0])
        if market.local.teachers <= FINISHED and market.is_whole(purpose, seating.held):
            found = generate(market, purpose, prices, GENERATED, step)
            if seating.worth < found.bound:
                improve(seating, found, step, NODES // 10)
        self._beat("improvement", purpose, seating)
        return seating

    def _seated(self, purpose: Purpose, posted: Posted) -> tuple[Ints, Seating]:
        """Return an assignment, its openings decided, and the prices it was made at."""
        market, order, prices = self.market, self.order, posted.prices
        found: Seating | None = None
        if market.switches:
            rank = np.empty_like(order)
            rank[order] = np.arange(len(order))
            leaning = replace(purpose, lot=rank, lean=max(1, purpose.unit // LEANING))
            leaning, prices, first = decided(market, leaning, posted, order, self.course.again)
            purpose = replace(leaning, lean=0)
            found = Seating(market, purpose, first.held)
        course, is_small = self.course, market.local.teachers <= FINISHED
        stages = course.together if self.last else course.narrowings
        if is_small:
            stages = stages[:1] if self.last or market.switches else (course.few,)
        for narrowing in stages:
            seating = narrowed(market, purpose, prices, order, narrowing)
            if found is None or rank_of(seating) > rank_of(found):
                found = seating
        assert found is not None
        return prices, found

    def _late(self, trial: Trial) -> int | None:
        """Return the first earlier tier that stays clearly below its bound; later ones wait for it."""
        if not trial.rank[0]:
            return None
        near = (
            is_near(self.bounds.nothing(place), self._tier(place, trial))
            for place in range(self.last)
        )
        return next((place for place, each in enumerate(near) if not each), None)

    def _finish(
        self, seating: Seating, prices: Ints, guide: Purpose, step: int
    ) -> tuple[Posted | None, tuple[Case, ...]]:
        """Let the last word be had over all bundles in a small round.

        Told are the lowest prices, and cases of decided seats where these alone do not prove the answer
        best.
        """
        market, purpose, cases = self.market, seating.purpose, tuple[Case, ...]()
        if not 0 < market.local.teachers <= FINISHED or self.pulse.stopped_at:
            return None, ()
        found = generate(market, purpose, prices, GENERATED, step)
        if seating.worth < found.bound and market.is_whole(purpose, seating.held):
            is_best = improve(seating, found, step, NODES)
            stopped = self._beat("improvement", purpose, seating)
            if is_best and not (stopped or market.switches or self.last):
                cases = branched(seating, found, step, BRANCHES)
        return Posted(market.legal(guide, found.prices)), cases

    def _rescue(self, seating: Seating, prices: Ints, guide: Purpose, step: int) -> Posted | None:
        """Seat anew who lost most where several tiers are one sum; return the lowest prices if known.

        In rounds that are not too large the linear program over all bundles tells prices, and seats
        everybody whom it leaves whole: nearly all of them (relax and fix, as in Berthold 2014, RENS).
        """
        market, purpose, lowest = self.market, seating.purpose, None
        if market.local.teachers <= PROGRAMMED:
            found = generate(market, purpose, prices, GENERATED, step)
            prices, lowest = found.prices, Posted(market.legal(guide, found.prices))
            dive_block(seating, found.columns, LAST)
        for rescue in self.course.rescues:
            rescued(seating, prices, rescue)
        self._beat("improvement", purpose, seating)
        return lowest

    def _beat(self, stage: str, purpose: Purpose, seating: Seating) -> bool:
        values = self.market.worth(purpose, seating.held) // PRICE_SCALE
        seats = int((seating.held >= 0).sum())
        is_answer = self.market.is_whole(purpose, seating.held)
        return self.pulse.beat(stage, seats, values, None, lambda: is_answer)

    def _settle(self, seating: Seating) -> None:
        """Let nobody be improvable alone, earlier tiers first.

        In a crowd upgrades have seen to it, by the weighted sum.
        """
        market = self.market
        if market.local.teachers < CROWD and market.is_whole(seating.purpose, seating.held):
            known = market.local, market.bundle_rows
            Asking(market.draft, self.tiers, seating.held, known).improve(self.order)

    def _tier(self, place: int, trial: Trial, others: Sequence[Trial] = ()) -> TierValue:
        """Return what a tier reached and its bound; it is bounded, and told, once."""
        if place not in trial.told:
            self.pulse.begin(place + 1, self.tiers[place])
            trial.told[place] = self.bounds.tier(place, trial, others)
            self._beat("root", trial.guide, trial.seating)
        return trial.told[place]

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
        leaf = Leaf((), named(self.market, prices), (), bound)
        tier = TierValue(0, STRICT_TIER, bound, bound, bound, "exact", (leaf,))
        return Solved(None, (tier,), is_unlisted=True)

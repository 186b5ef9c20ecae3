"""The backend for rounds with more bundles than can be listed: prices, seats, dives, proof.

All tiers up to welfare are filled together, as one weighted sum; the multipliers of earlier tiers
rise until each is near its bound (`outweigh`). The bound of each tier is proved for itself, with the
values of earlier tiers kept by multipliers. Steps are counted, so no clock decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.asking import Asking
from matching.backends.cases import Case, Search, searched
from matching.backends.closing import decided
from matching.backends.dive import Width, dive
from matching.backends.exact import improve
from matching.backends.generation import generate
from matching.backends.lists import Places
from matching.backends.local import Frame
from matching.backends.market import Market, Purpose
from matching.backends.narrow import UPGRADES, Narrowing, narrowed
from matching.backends.objective import PRICE_SCALE
from matching.backends.outweigh import RAISE, Tiers, aimed, is_near, merged, multipliers, raised
from matching.backends.pulse import Pulse
from matching.backends.recover import Seating
from matching.backends.rounding import rounded, step_of
from matching.backends.solved import Solved
from matching.backends.state import STRICT_TIER
from matching.backends.tied import is_tied, seat_anew, trail_of
from matching.backends.tiers import TierValue
from matching.backends.tolls import Posted, if_opened, leaf_of, named, settled
from matching.certificate import Leaf
from matching.errors import SolverFailed
from matching.instance import Ints
from matching.lottery import drawn
from matching.primitives import Draft
from matching.result import Proof
from matching.shards.engine import Engine
from matching.watch import Watch


@dataclass(frozen=True)
class Course:
    """How hard an effort tries, in counted steps.

    `prices` are the steps of the first prices, `several` those where several tiers are one weighted
    sum, `moved` those after their multipliers changed, `tolls` those after tolls were collected, in
    turn, `again` those after openings were decided, `proof` those of the bound of an earlier tier;
    each of `dives` is taken once, in turn. `tied` takes the place of `prices` where nearly everybody
    has two bundles worth the same. Multipliers rise `raises` times at most, and `cases` of
    openings are priced at most.
    """

    prices: Steps
    several: Steps
    moved: Steps
    tolls: tuple[Steps, ...]
    again: Steps
    proof: Steps
    narrowings: tuple[Narrowing, ...]
    dives: tuple[Width, ...]
    raises: int
    cases: int
    tied: Steps

    def where_tied(self) -> Course:
        """Return the course of a round in which nearly everybody has two bundles worth the same."""
        return replace(self, prices=self.tied, narrowings=(ROUGH,))


def _wide(free: float, column: float, nodes: int = 0) -> Width:
    """Return a width in hundredths of what the best option is worth."""
    return Width(free / 100, column / 100, 24, nodes, is_late=nodes > 0)


LEANING = 2_000
"""The lottery adds less than this part of what the best option is worth."""

CALM = (0.7, 0.8)
"""What steps keep of earlier slopes where several tiers are one sum, or one tier is nearly tied."""

ROUGH = Narrowing((0.8, 0.5, 0.5, 0.5), Steps(20, 0.02, 1e-3), few=210)
FINE = Narrowing((0.8, *[0.2] * 14, 0.5), Steps(80, 0.02, 1e-4, (0.8, 0.95)), few=210)
BOTH = (FINE, replace(FINE, lean=LEANING))
"""Where tastes differ the lottery only blurs them, where many want the same it helps: both are tried."""

COURSES = {
    "quick": Course(
        Steps(45, 0.4, 1e-3),
        Steps(60, 0.4, 1e-3, CALM),
        Steps(30, 0.03, 1e-3, CALM),
        (),
        Steps(20, 5e-3, 1e-3),
        Steps(50, 0.05, 5e-4, CALM),
        (ROUGH,),
        (_wide(0.67, 2),),
        raises=1,
        cases=20,
        tied=Steps(150, 0.4, 2e-4, CALM),
    ),
    "standard": Course(
        Steps(90, 0.4, 2e-4),
        Steps(80, 0.4, 5e-4, CALM),
        Steps(80, 0.03, 5e-5, CALM),
        (Steps(20, 2e-3, 2e-4), Steps(20, 1e-3, 5e-5)),
        Steps(30, 5e-3, 2e-4),
        Steps(100, 0.03, 2e-4, CALM),
        BOTH,
        (),
        raises=2,
        cases=80,
        tied=Steps(300, 0.4, 5e-5, CALM),
    ),
    "long": Course(
        Steps(300, 0.4, 5e-5),
        Steps(300, 0.4, 5e-5, CALM),
        Steps(200, 0.03, 1e-5, CALM),
        (Steps(80, 2e-3, 1e-4), Steps(80, 1e-3, 5e-5), Steps(80, 5e-4, 1e-5)),
        Steps(80, 5e-3, 5e-5),
        Steps(250, 0.03, 5e-5, CALM),
        (*BOTH, Narrowing((0.5, *[0.2] * 12, 0.5, 0.5), FINE.steps)),
        (_wide(0.67, 2), _wide(1.3, 4), _wide(1.3, 4, 20), _wide(2, 6, 20), _wide(2.7, 10, 20)),
        raises=4,
        cases=400,
        tied=Steps(600, 0.4, 2e-5, CALM),
    ),
}


CROWD = 200_000
"""From so many teachers on a round takes the courses for crowds."""

CROWDED = COURSES | {
    "quick": replace(
        COURSES["quick"],
        narrowings=(Narrowing((0.7, 0.5, 0.5, 0.5, 0.5), ROUGH.steps),),
        dives=(),
    ),
    "standard": replace(
        COURSES["standard"],
        prices=Steps(60, 0.4, 4e-4),
        narrowings=(Narrowing((0.8, *[0.2] * 8, 0.5, 0.5), FINE.steps),),
    ),
}
"""Dives cost a crowd more than prices do."""

THRONG = 500_000
"""From so many teachers on prices settle in fewer steps."""

THRONGED = CROWDED | {
    "quick": replace(
        CROWDED["quick"],
        prices=Steps(38, 0.4, 1e-3),
        narrowings=(Narrowing((0.7, 0.5, 0.5, 0.5, 0.5), Steps(16, 0.02, 1e-3)),),
    ),
}


def course_of(teachers: int, effort: str) -> Course:
    """Return the course of an effort for so many teachers."""
    courses = COURSES if teachers < CROWD else CROWDED if teachers < THRONG else THRONGED
    return courses[effort]


def _rank_of(seating: Seating) -> tuple[bool, int]:
    """Return what makes one assignment better than another: lawful, then its worth."""
    return seating.market.is_whole(seating.purpose, seating.held), seating.worth


@dataclass(frozen=True)
class _Trial:
    """An answer at some multipliers: their weighted sum, its prices, and the tiers before welfare."""

    weights: tuple[int, ...]
    guide: Purpose
    root: Ints
    posted: Posted
    seating: Seating
    earlier: tuple[TierValue, ...]
    cases: tuple[Case, ...] = ()

    @property
    def rank(self) -> tuple[bool, tuple[int, ...]]:
        """What makes one trial better than another: lawful, earlier tiers first."""
        is_whole = self.seating.market.is_whole(self.guide, self.seating.held)
        return is_whole, tuple(tier.value for tier in self.earlier)


def solve_unlisted(
    draft: Draft,
    effort: str,
    watch: Watch | None = None,
    engine: Engine | None = None,
    frame: Frame | None = None,
) -> Solved:
    """Solve a compiled instance without listing its bundles.

    Parameters
    ----------
    engine
        Where everybody is asked for her best bundle; in this process if it is not given.
    frame
        How large the round is, if that is known.

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
    return _Solve(market, tiers, course, Pulse(watch, len(tiers))).run()


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
        self.last = next((i for i, tier in enumerate(tiers) if "welfare" in tier), len(tiers) - 1)
        self.pure: Posted | None = None
        self.trail: tuple[Ints, ...] = ()

    def run(self) -> Solved:
        """Fill the round, improve it, and prove each tier."""
        market = self.market
        self.pulse.begin(1, self.tiers[0])
        best = self._trial(*self._begun())
        for _ in range(self.course.raises):
            late = self._late(best)
            if late is None or self.pulse.stopped_at:
                break
            by = max(RAISE, aimed(self._nothing(late), best.earlier[late]))
            weights = raised(best.weights, late, by)
            again = self._trial(weights, self._moved(best.root, best.weights, weights))
            best = max(best, again, key=lambda each: each.rank)
        seating, root = best.seating, best.root
        if not market.is_whole(best.guide, seating.held):
            return self._short()
        later = range(len(best.earlier), len(self.tiers))
        found = [*best.earlier, *(self._tier(place, best) for place in later)]
        arcs = market.local.choices(seating.held[seating.held >= 0]).astype(np.int64)
        return Solved(
            np.sort(arcs),
            tuple(found),
            named(self.market, root),
            stopped_at=self.pulse.stopped_at,
            is_unlisted=True,
            opening_costs=self._opening_costs(best, found[self.last].value),
        )

    def _opening_costs(self, trial: _Trial, value: int) -> dict[str, int]:
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
        though seats are given roughly, its multiplier is set by that.
        """
        market, course = self.market, self.course
        weights = multipliers(market, self.tiers[: self.last + 1])
        guide = market.purpose(merged(self.tiers, weights))
        if not self.last:
            return weights, self._first(guide)
        prices = ascend(market, guide, course.several)
        if market.local.teachers <= FINISHED:
            return weights, self._moved(prices, weights, weights)
        seating = narrowed(market, guide, prices, self.order, ROUGH)
        tier = self._tier(0, _Trial(weights, guide, prices, Posted(prices), seating, ()))
        by = aimed(self._nothing(0), tier)
        first = raised(weights, 0, by)
        return first, self._moved(prices, weights, first)

    def _first(self, guide: Purpose) -> Ints:
        """Return prices of one tier to begin with; where it is tied the course changes."""
        prices = ascend(self.market, guide, self.course.prices)
        is_some = FINISHED < self.market.local.teachers < CROWD
        if not is_some or not is_tied(self.market, guide, prices):
            return prices
        self.course = self.course.where_tied()
        self.trail = trail_of(self.market, guide, self.course.prices)
        return self.trail[0]

    def _moved(self, prices: Ints, before: tuple[int, ...], weights: tuple[int, ...]) -> Ints:
        """Return prices at other multipliers: those of the first tier count for more, too."""
        more = (weights[0] - before[0]) / PRICE_SCALE
        first = 0 if self.pure is None else more * self.pure.prices
        guide = self.market.purpose(merged(self.tiers, weights))
        start = self.market.legal(guide, np.rint(prices + first).astype(np.int64))
        return ascend(self.market, guide, self.course.moved, start)

    def _nothing(self, place: int) -> int:
        """Return what nobody holding anything is worth to a tier."""
        nobody = np.full((self.market.local.teachers, 1), -1, np.int32)
        return self.market.worth(self._alone(place), nobody) // PRICE_SCALE

    def _trial(self, weights: tuple[int, ...], root: Ints) -> _Trial:
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
        lowest = self._finish(seating, prices, guide, step)
        if lowest is not None and lowest.bound(market, guide) < posted.bound(market, guide):
            root, posted = lowest.prices, lowest
        seating, cases = self._search(guide, posted, seating, step)
        self._settle(seating)
        trial = _Trial(weights, guide, root, posted, seating, (), cases)
        for place in range(self.last):
            earlier = (*trial.earlier, self._tier(place, trial))
            trial = replace(trial, earlier=earlier)
        return trial

    def _search(
        self, guide: Purpose, posted: Posted, seating: Seating, step: int
    ) -> tuple[Seating, tuple[Case, ...]]:
        """Try other openings; return the best answer, and cases that prove how good it could be."""
        market = self.market
        is_whole = market.is_whole(guide, seating.held)
        lowest = rounded(posted.bound(market, guide), step)
        if not market.switches or not 0 < market.local.teachers <= SEARCHED or not is_whole:
            return seating, ()
        if self.pulse.stopped_at or lowest <= seating.worth:
            return seating, ()
        search, leaves = searched(
            seating, posted, step, self.course.cases, lambda: self._beat("node", guide, seating)
        )
        is_small = market.local.teachers <= CHOSEN and not self.pulse.stopped_at
        held = search.chosen(NODES // 10) if is_small else None
        if held is not None:
            chosen = Seating(market, replace(guide, decided=search.purpose.decided), held)
            seating = max(seating, chosen, key=_rank_of)
        for case in leaves[:RESEATED]:
            if rounded(case.bound, step) > seating.worth and not self.pulse.stopped_at:
                again = self._reseated(search, case, step)
                seating = max(seating, again, key=_rank_of)
        return seating, search.proof(leaves)

    def _reseated(self, search: Search, case: Case, step: int) -> Seating:
        """Return an answer with the openings of a case."""
        market, purpose = self.market, search.settled(case)
        prices = market.legal(purpose, case.posted.prices)
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
        is_small = market.local.teachers <= FINISHED
        for narrowing in self.course.narrowings[: 1 if is_small else None]:
            seating = narrowed(market, purpose, prices, order, narrowing)
            if found is None or _rank_of(seating) > _rank_of(found):
                found = seating
        assert found is not None
        return prices, found

    def _late(self, trial: _Trial) -> int | None:
        """Return the first earlier tier that stays clearly below its bound."""
        if not trial.rank[0]:
            return None
        late = (
            place
            for place, tier in enumerate(trial.earlier)
            if not is_near(self._nothing(place), tier)
        )
        return next(late, None)

    def _alone(self, place: int) -> Purpose:
        goals = self.tiers[place]
        return self.market.purpose({goal: PRICE_SCALE * each for goal, each in goals.items()})

    def _finish(self, seating: Seating, prices: Ints, guide: Purpose, step: int) -> Posted | None:
        """Let the last word be had over all bundles in a small round; return the lowest prices."""
        market, purpose = self.market, seating.purpose
        if not 0 < market.local.teachers <= FINISHED or self.pulse.stopped_at:
            return None
        found = generate(market, purpose, prices, GENERATED, step)
        if seating.worth < found.bound and market.is_whole(purpose, seating.held):
            improve(seating, found, step, NODES)
            self._beat("improvement", purpose, seating)
        return Posted(market.legal(guide, found.prices))

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

    def _tier(self, place: int, trial: _Trial) -> TierValue:
        """Return what a tier reached and the bound that its leaf proves."""
        market, goals, held = self.market, self.tiers[place], trial.seating.held
        self.pulse.begin(place + 1, goals)
        alone = self._alone(place)
        value = market.worth(alone, held) // PRICE_SCALE
        nothing = market.legal(alone, np.zeros(market.local.rows, np.int64))
        is_only = place == self.last == 0 and not market.switches
        leaf = None if is_only else self._leaf(alone, Posted(nothing), (0,) * place, 0)
        if leaf is None or (place <= self.last and value < leaf.bound):
            floors = tuple(self._floor(tier, place, trial.weights) for tier in range(place))
            purpose = market.purpose(merged(self.tiers[: place + 1], [*floors, PRICE_SCALE]))
            posted = self._posted(place, purpose, trial)
            kept = sum(floor * self._value(tier, held) for tier, floor in enumerate(floors))
            again = self._leaf(purpose, posted, floors, kept)
            leaf = again if leaf is None else min(leaf, again, key=lambda each: each.bound)
        leaves: tuple[Leaf, ...] = (leaf,)
        bound = leaf.bound
        if place == self.last and trial.cases and value < bound:
            told = [
                self._leaf(replace(purpose, decided=case.decided), case.posted, floors, kept)
                for case in trial.cases
            ]
            bound = min(bound, max(each.bound for each in told))
            leaves = tuple(told) if bound < leaf.bound else leaves
        self._beat("root", trial.guide, trial.seating)
        proof: Proof = "exact" if value == bound else "prices"
        return TierValue(place + 1, goals, value, bound, leaf.bound, proof, leaves)

    def _posted(self, place: int, purpose: Purpose, trial: _Trial) -> Posted:
        """Return prices for the bound of a tier; those of the first one depend on no multiplier."""
        if place == self.last:
            return trial.posted
        if place == 0 and self.pure is not None:
            return self.pure
        start = np.rint(trial.root * (PRICE_SCALE / trial.weights[place])).astype(np.int64)
        prices = ascend(self.market, purpose, self.course.proof, start)
        posted = settled(self.market, purpose, prices, self.course.tolls[:1])
        self.pure = posted if place == 0 else self.pure
        return posted

    def _leaf(self, purpose: Purpose, posted: Posted, floors: tuple[int, ...], kept: int) -> Leaf:
        """Return the leaf of some prices, with what the earlier tiers keep taken off its bound."""
        return leaf_of(self.market, self.tiers[len(floors)], purpose, posted, floors, kept)

    def _floor(self, tier: int, place: int, weights: tuple[int, ...]) -> int:
        """Return the multiplier of an earlier tier in the bound of a later one."""
        return round(PRICE_SCALE * weights[tier] / weights[place])

    def _value(self, tier: int, held: Places) -> int:
        return self.market.worth(self.market.purpose(self.tiers[tier]), held)

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


SEARCHED, RESEATED = 2_000, 2
"""In rounds of up to so many teachers openings are searched; the most promising cases are seated."""

CHOSEN = 200
"""In rounds of up to so many teachers one integer program chooses among the bundles of all cases."""

FINISHED, GENERATED, NODES = 600, 60, 500
"""Rounds of up to so many teachers get the prices of so many linear programs over all bundles, and end
with integer programs of so many nodes."""

MORE = 3
"""So many bundles a dive gives everybody still open after each linear program, where several tiers
are one sum; with one tier they made no difference that could be told from chance."""

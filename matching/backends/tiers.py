"""One tier: bounded by prices, improved by choosing among bundles, settled by searching openings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from matching.backends.choosing import program_over
from matching.backends.linear import solve_mip
from matching.backends.master import Master
from matching.backends.objective import FORBIDDING, FREE, NO, PRICE_SCALE, YES, Objective, Prices
from matching.backends.openings import Case, search
from matching.backends.prices import Priced, ascend, losses, nearest, price
from matching.backends.state import State
from matching.certificate import Leaf
from matching.instance import Ints
from matching.result import Proof
from matching.schema import UNLIMITED

_NONE: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True)
class TierValue:
    """What one goal tier reached, in higher-is-better units, and what it could reach at most.

    `leaves` prove the bound; without any it is the search's word alone.
    """

    tier: int
    goals: Mapping[str, int]
    value: int
    bound: int
    price_bound: int
    proof: Proof
    leaves: tuple[Leaf, ...] = ()


def bring_up(
    state: State, tier: int, goals: tuple[Mapping[str, int], ...]
) -> tuple[TierValue, Priced]:
    """Bring the first of some tiers as far as the schedule allows.

    The guide adds what the later tiers want at smaller weights: a tier alone is full of ties, and
    the bundles that serve it best in company are the ones worth choosing among.
    """
    state.pulse.begin(tier, goals[0])
    objective = state.objective(goals[0])
    root = root_of(state, objective)
    bound = root.bound
    cases: tuple[Case, ...] = (case_of(objective, root),)
    if not state.beat("root", objective, bound) and state.value(objective) < bound:
        later = _until_welfare(goals)[1:]
        guide = state.objective(guide_of(state, goals)) if later else objective
        steered = root_of(state, guide) if later else root
        aim = Aim(objective, guide)
        if not state.beat("guide", objective):
            _improve(state, aim, guide, steered)
        if not state.is_stopped and state.value(objective) < bound:
            cases = _searched(state, aim, root, steered)
            bound = max(case.bound for case in cases)
            cases = cases if bound < root.bound else (case_of(objective, root),)
        if not state.is_stopped and state.value(objective) < bound == state.most(objective):
            _improve(state, aim, guide, steered, wider=3)
    value = state.value(objective)
    proof: Proof = "exact" if value == bound else "prices"
    leaves = tuple(leaf(state, case) for case in cases)
    return TierValue(tier, goals[0], value, bound, root.bound, proof, leaves), root


def case_of(objective: Objective, priced: Priced) -> Case:
    """Return an objective with the prices that bound it."""
    return Case(objective.decided, priced.prices, priced.bound)


def leaf(state: State, case: Case) -> Leaf:
    """Return a case by names; a tier kept at everybody's best has no multiplier of its own yet."""
    master = state.master
    told = zip(master.switches, case.decided.tolist(), strict=True)
    rows = zip(master.rows, case.prices.rows.tolist(), strict=True)
    return Leaf(
        tuple((switch, answer == YES) for switch, answer in told if answer != FREE),
        tuple((row.id, value) for row, value in rows if 0 != value != FORBIDDING),
        state.multipliers(case.prices.floors.tolist()),
        case.bound,
    )


def _until_welfare(goals: tuple[Mapping[str, int], ...]) -> tuple[Mapping[str, int], ...]:
    """Return the tiers up to the one with welfare; what follows only breaks its ties."""
    last = next((i for i, tier in enumerate(goals) if "welfare" in tier), len(goals) - 1)
    return goals[: last + 1]


@dataclass(frozen=True)
class Aim:
    """What a tier is after: its own objective first, then the guide."""

    objective: Objective
    guide: Objective

    def worth(self, master: Master, pick: Ints) -> tuple[int, int]:
        """Return the value of a choice for the tier, then for the guide."""
        return master.value(self.objective, pick), master.value(self.guide, pick)


def _allowed(state: State, objective: Objective) -> int:
    """Return how far below a bound a value may stay without further search."""
    return int(abs(state.value(objective)) * state.schedule.gap)


def tie_break(
    state: State, tier: int, goals: Mapping[str, int], ranked: Mapping[str, int]
) -> tuple[TierValue, Priced]:
    """Choose among answers of equal welfare that open the same sections.

    Prices with the openings decided tell which bundles such answers can use at all.
    """
    state.pulse.begin(tier, goals)
    objective = state.objective(goals)
    root = root_of(state, objective, steps=state.schedule.steps // 4, rounds=3)
    if not state.beat("root", objective, root.bound) and state.value(objective) < root.bound:
        master = state.master
        on = master.switched_on(master.usage(state.pick))[: len(master.switches)]
        decided = np.where(on, YES, NO)
        again = replace(state.objective(ranked), decided=decided)
        near = root_of(state, again, steps=state.schedule.steps // 4)
        spare = (near.bound - state.value(again)) * PRICE_SCALE
        which = np.union1d(np.flatnonzero(near.loss <= spare), state.pick)
        if len(which) <= state.schedule.columns * state.draft.teachers:
            aim = Aim(objective, objective)
            choose(state, aim, replace(objective, decided=decided), which)
    value = state.value(objective)
    proof: Proof = "exact" if value == root.bound else "prices"
    leaves = (leaf(state, case_of(objective, root)),)
    return TierValue(tier, goals, value, root.bound, root.bound, proof, leaves), root


def left_out(state: State, tier: int, goals: Mapping[str, int]) -> TierValue:
    """Return a tier that a stop left out: bounded by what everybody's best would be worth."""
    objective = state.objective(goals)
    most = state.most(objective)
    rows, floors = len(state.master.rows), len(state.floors)
    nothing = Prices(np.zeros(rows, np.int64), np.zeros(floors, np.int64))
    leaves = (leaf(state, Case(objective.decided, nothing, most)),)
    return TierValue(tier, goals, state.value(objective), most, most, "prices", leaves)


def _searched(state: State, aim: Aim, root: Priced, steered: Priced) -> tuple[Case, ...]:
    """Search the switches; return the cases that the search ended with."""
    schedule, master, objective = state.schedule, state.master, aim.objective

    def target() -> int:
        return state.value(objective) + _allowed(state, objective)

    def finish(decided: Objective, priced: Priced) -> None:
        guide = replace(aim.guide, decided=decided.decided)
        if aim.guide is not aim.objective:
            columns = np.union1d(priced.columns, steered.columns)
            priced = price(master, guide, steered.prices, columns, schedule.near, 6)
        _improve(state, aim, guide, priced)

    def stopped(bound: int) -> bool:
        return state.beat("node", objective, min(bound, root.bound))

    found = search(master, objective, root, schedule.nodes, schedule.near, target, finish, stopped)
    return found.cases


def root_of(
    state: State,
    objective: Objective,
    steps: int | None = None,
    rounds: int | None = None,
    enough: int = -UNLIMITED,
) -> Priced:
    """Price an objective from nothing; stop at once where the present choice is proved best."""
    schedule, master = state.schedule, state.master
    value = max(state.value(objective), enough)
    start = ascend(master, objective, steps or schedule.steps, value)
    columns = np.union1d(
        nearest(master, losses(master, master.reduced(objective, start)), schedule.near), state.pick
    )
    return price(master, objective, start, columns, schedule.near, rounds or schedule.rounds, value)


LATER, FIRST = 4, 64
"""How much more a tier weighs in a guide than the next one, and the first than all others."""


def guide_of(state: State, goals: tuple[Mapping[str, int], ...]) -> Mapping[str, int]:
    """Return one weighted set of goals, up to welfare, in which earlier tiers outweigh later ones."""
    merged: dict[str, int] = {}
    scale = 1
    wanted = (goals[0], *_until_welfare(goals)[1:])
    for place, tier in reversed(tuple(enumerate(wanted))):
        scale *= FIRST if place == 0 else LATER
        largest = state.spread(tier)
        for goal, weight in tier.items():
            merged[goal] = merged.get(goal, 0) + weight * max(1, scale // largest)
        scale = max(scale, largest)
    return merged


def _improve(state: State, aim: Aim, objective: Objective, priced: Priced, wider: int = 1) -> None:
    """Look for a better choice with an integer program over bundles near their teacher's best."""
    master, schedule = state.master, state.schedule
    used = priced.columns[priced.x[: len(priced.columns)] > 1e-9] if len(priced.x) else _NONE
    which = np.union1d(nearest(master, priced.loss, schedule.columns * wider), used)
    which = np.union1d(which, state.pick)
    choose(state, aim, objective, which)


def choose(state: State, aim: Aim, objective: Objective, which: Ints) -> None:
    """Let an integer program choose among some bundles; keep its choice if it is better."""
    schedule, master = state.schedule, state.master
    program, _ = program_over(master, objective, which, integer=True)
    answer = solve_mip(program, schedule.mip_nodes, schedule.mip_gap)
    if answer is not None:
        take(state, aim, which[np.flatnonzero(answer.x[: len(which)] > 0.5)])
    state.beat("improvement", aim.objective)


def take(state: State, aim: Aim, chosen: Ints) -> None:
    """Take a choice of bundles if it is whole, keeps every rule and is worth more."""
    master = state.master
    whole = len(chosen) == state.draft.teachers and master.feasible(aim.objective, chosen)
    if whole and aim.worth(master, chosen) > aim.worth(master, state.pick):
        state.choose(chosen)

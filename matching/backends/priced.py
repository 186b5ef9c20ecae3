"""The bundle backend: enumerate bundles, price the shared rows, choose bundles, prove the gap.

Tiers are solved in turn. For each one the prices give a bound; where the present choice does not
reach it, an integer program over the bundles near their teacher's best looks for a better choice,
guided by what the later tiers want. An earlier tier then either restricts the bundles (when every
teacher and row is at its best) or stays as a floor row with a multiplier of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from matching.alone import Bench
from matching.backends.bundles import Bundles, enumerate_bundles, goal_values, strict_shortage
from matching.backends.linear import solve_mip
from matching.backends.master import (
    FREE,
    NO,
    PRICE_SCALE,
    YES,
    Floor,
    Master,
    Objective,
    Prices,
)
from matching.backends.openings import rounded, search
from matching.backends.prices import Priced, ascend, losses, nearest, price
from matching.errors import SolverFailed
from matching.instance import Ints, Mask
from matching.lottery import lottery_numbers
from matching.primitives import Draft, SharedRow
from matching.result import Proof
from matching.schema import UNLIMITED

name = "bundles"

STRICT = "strict"
"""The goal code of the tier that comes before all: strict minima of the round."""

_STRICT_TIER: Mapping[str, int] = {STRICT: 1}

_NONE: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many steps of each kind an effort allows."""

    steps: int
    near: int
    rounds: int
    columns: int
    mip_nodes: int
    mip_gap: float
    nodes: int
    gap: float
    opening_nodes: int
    dive: bool = False


SCHEDULES = {
    "quick": Schedule(60, 6, 15, 8, 20, 5e-3, 40, 5e-3, 1),
    "standard": Schedule(100, 8, 25, 14, 200, 1e-3, 150, 1e-3, 24),
    "long": Schedule(240, 16, 60, 60, 5_000, 1e-5, 2_000, 0.0, 200),
}

LARGE = 1_500
"""From so many teachers on, linear programs are dear: prices come from more steps instead."""

LARGE_SCHEDULES = {
    "quick": Schedule(120, 6, 12, 6, 2, 1e-2, 3, 1e-2, 0, dive=True),
    "standard": Schedule(200, 6, 18, 8, 10, 5e-3, 5, 5e-3, 0, dive=True),
    "long": Schedule(400, 6, 12, 10, 200, 1e-3, 40, 1e-3, 4, dive=True),
}


def schedule_for(effort: str, teachers: int) -> Schedule:
    """Return the counted steps of an effort for a round of some size."""
    return (LARGE_SCHEDULES if teachers >= LARGE else SCHEDULES)[effort]


@dataclass(frozen=True)
class TierValue:
    """What one goal tier reached, in higher-is-better units, and what it could reach at most."""

    tier: int
    goals: Mapping[str, int]
    value: int
    bound: int
    price_bound: int
    proof: Proof


@dataclass(frozen=True)
class Solved:
    """What the backend hands to the front door; `pick` is None when strict minima cannot be met.

    `if_opened` holds for each section that stays closed what welfare could be at most if it had to
    open, all earlier tiers kept (below 0: then they cannot be kept). `clash` and `short_teachers`
    name the rows and the teachers that stay short when strict minima cannot be met.
    """

    arcs: Ints | None
    tiers: tuple[TierValue, ...]
    prices: tuple[tuple[str, int], ...]
    if_opened: Mapping[str, int] = field(default_factory=dict)
    clash: tuple[SharedRow, ...] = ()
    short_teachers: tuple[int, ...] = ()


class _State:
    """The bundles still allowed, the rows that must be kept, and the best choice so far."""

    def __init__(self, draft: Draft, bundles: Bundles, schedule: Schedule) -> None:
        self.draft = draft
        self.schedule = schedule
        self.master = Master(draft, bundles)
        rows = self.master.rows
        self.enforced: Mask = np.zeros(len(rows), bool)
        self.floors: tuple[Floor, ...] = ()
        self.floor_goals: tuple[Mapping[str, int], ...] = ()
        self.pick: Ints = bundles.start[:-1]

    def objective(self, goals: Mapping[str, int]) -> Objective:
        """Return the objective of a weighted set of goals under the floors so far."""
        free = np.full(len(self.master.switches), FREE)
        return Objective(*self._terms(goals), free, self.floors)

    def _terms(self, goals: Mapping[str, int]) -> tuple[Ints, Ints, Mask, Ints]:
        master = self.master
        values = np.zeros(len(master.bundles), np.int64)
        weights = np.zeros(len(master.rows), np.int64)
        switch_values = np.zeros(len(master.switches), np.int64)
        for goal, weight in sorted(goals.items()):
            values = values + weight * self._bundle_values(goal)
            weights = weights + weight * np.array(
                [_row_weight(row, goal) for row in master.rows], np.int64
            )
            for i, switch in enumerate(master.switches):
                if self.draft.switches[switch].goal == goal:
                    switch_values[i] += weight * self.draft.switches[switch].value
        return values, weights * ~self.enforced, self.enforced, switch_values

    def _bundle_values(self, goal: str) -> Ints:
        if goal == STRICT:
            return -strict_shortage(self.draft, self.master.bundles)
        return goal_values(self.draft, self.master.bundles, goal)

    def most(self, objective: Objective) -> int:
        """Return what a tier would be worth with every teacher at her best and nothing short."""
        best = np.maximum.reduceat(objective.values, self.master.bundles.start[:-1])
        return int(best.sum()) + int(np.maximum(objective.switch_values, 0).sum())

    def spread(self, goals: Mapping[str, int]) -> int:
        """Return the most that one teacher's bundle or one missing head changes a tier, at least 1."""
        values, weights, _, _ = self._terms(goals)
        return max(int(np.ptp(values)), int(weights.max(initial=0)), 1)

    def value(self, objective: Objective) -> int:
        """Return what the best choice so far is worth in a tier."""
        return self.master.value(objective, self.pick)

    def keep(self, goals: Mapping[str, int]) -> None:
        """Make sure that no later tier lowers what `goals` reached."""
        values, weights, _, switch_values = self._terms(goals)
        master = self.master
        best = np.maximum.reduceat(values, master.bundles.start[:-1])
        objective = self.objective(goals)
        reached = master.value(objective, self.pick)
        if reached == self.most(objective):
            self.enforced = self.enforced | ((weights > 0) & (master.lo > 0))
            self._restrict(values == np.repeat(best, np.diff(master.bundles.start)))
        else:
            self.floor_goals = (*self.floor_goals, goals)
            self.floors = (*self.floors, Floor(values, weights, switch_values, reached))

    def _restrict(self, mask: Mask) -> None:
        if mask.all():
            return
        self.pick = (np.cumsum(mask) - 1)[self.pick]
        self.floors = tuple(replace(floor, values=floor.values[mask]) for floor in self.floors)
        self.master = self.master.restrict(mask)


def solve(draft: Draft, effort: str) -> Solved:
    """Solve a compiled instance, tier by tier.

    Parameters
    ----------
    draft
        What the rules and goals have posted.
    effort
        A key of SCHEDULES.

    Raises
    ------
    UnsupportedInstance
        If more bundles are possible than fit.
    SolverFailed
        If OR-Tools stops without an answer.
    """
    bundles = enumerate_bundles(draft)
    empty = np.flatnonzero(np.diff(bundles.start) == 0)
    if len(empty):
        return Solved(None, (), (), short_teachers=tuple(empty.tolist()))
    state = _State(draft, bundles, schedule_for(effort, draft.teachers))
    if over := _overfull(state):
        return Solved(None, (), (), clash=over)
    found: list[TierValue] = []
    prices: Prices | None = None
    if _has_strict(draft):
        reached, _ = _tier(state, 0, (_STRICT_TIER, *draft.instance.tiers))
        if reached.value < 0:
            return _short(state, reached)
        state.keep(_STRICT_TIER)
    ranked: Mapping[str, int] | None = None
    opened: Mapping[str, int] = {}
    for tier, goals in enumerate(draft.instance.tiers):
        if ranked is None:
            reached, root = _tier(state, tier + 1, draft.instance.tiers[tier:])
        else:
            reached, root = _tie_break(state, tier + 1, goals, ranked)
        found.append(reached)
        if "welfare" in goals:
            prices, ranked = root.prices, goals
            opened = _if_opened(state, state.objective(goals), root)
        state.keep(goals)
    settled = _settled(draft, bundles, state, tuple(found), _named(state, prices))
    return replace(settled, if_opened=opened)


def _if_opened(state: _State, objective: Objective, root: Priced) -> Mapping[str, int]:
    """Return for each closed switch what the tier could reach at most if it had to be yes."""
    master, schedule = state.master, state.schedule
    on = master.switched_on(master.usage(state.pick))[: len(master.switches)]
    value = state.value(objective)
    found: dict[str, int] = {}
    if not schedule.opening_nodes:
        return found
    for switch in np.flatnonzero(~on[: len(master.switches)]).tolist():
        forced = objective.decide(switch, YES)
        start = price(master, forced, root.prices, root.columns, schedule.near, 12, -1)
        searched = search(
            master, forced, start, schedule.opening_nodes, schedule.near, lambda: value, _no_finish
        )
        found[master.switches[switch]] = min(start.bound, searched.bound)
    return found


def _no_finish(objective: Objective, priced: Priced) -> None:
    """Leave a node as it is: here only its bound is wanted."""


def strict_bound(draft: Draft, bundles: Bundles, effort: str, enough: int = -UNLIMITED) -> int:
    """Return a proved bound on how well the strict minima can be met: below 0 they cannot be.

    The bound is minus the least total shortage, in the units of the rows; the work ends as soon as
    it is at or below `enough`.
    """
    state = _State(draft, bundles, schedule_for(effort, draft.teachers))
    if _overfull(state):
        return -1
    objective = state.objective(_STRICT_TIER)
    root = _root(state, objective, enough=enough)
    if root.bound <= enough or state.value(objective) == root.bound:
        return root.bound
    return _tier(state, 0, (_STRICT_TIER,))[0].bound


def _settled(
    draft: Draft,
    bundles: Bundles,
    state: _State,
    found: tuple[TierValue, ...],
    prices: tuple[tuple[str, int], ...],
) -> Solved:
    """Let nobody be improvable alone, and state every tier as it finally stands."""
    bench = Bench(draft, bundles, draft.instance.tiers)
    numbers = lottery_numbers(
        draft.instance.teacher_ids, draft.instance.seed, draft.instance.round_id
    )
    order = np.argsort([numbers[name] for name in draft.instance.teacher_ids], kind="stable")
    pick = bench.improve(bench.pick_of(_held(state)), order)
    tiers = []
    for tier, value in zip(found, bench.total(pick).tolist(), strict=True):
        bound = max(tier.bound, value)
        proof: Proof = "exact" if value == bound else "prices"
        tiers.append(replace(tier, value=value, bound=bound, proof=proof))
    held = bundles.arcs[pick].ravel()
    return Solved(np.sort(held[held < draft.arcs]), tuple(tiers), prices)


def _has_strict(draft: Draft) -> bool:
    local = any(row.lo is not None and row.lo_goal is None for row in draft.bundle_rows)
    return local or any(_row_weight(row, STRICT) for row in draft.shared_rows)


def _row_weight(row: SharedRow, goal: str) -> int:
    if goal == STRICT:
        return int(row.goal is None and row.lo > 0 and not row.switch)
    return row.weight if row.goal == goal else 0


def _overfull(state: _State) -> tuple[SharedRow, ...]:
    """Return the rows that the locked seats alone already overfill."""
    usage = state.master.usage(state.pick)
    return tuple(state.master.rows[i] for i in np.flatnonzero(usage > state.master.hi))


def _tier(
    state: _State, tier: int, goals: tuple[Mapping[str, int], ...]
) -> tuple[TierValue, Priced]:
    """Bring the first of some tiers as far as the schedule allows.

    The guide adds what the later tiers want at smaller weights: a tier alone is full of ties, and
    the bundles that serve it best in company are the ones worth choosing among.
    """
    objective = state.objective(goals[0])
    root = _root(state, objective)
    bound = root.bound
    if state.value(objective) < bound:
        later = _until_welfare(goals)[1:]
        guide = state.objective(_guide(state, (goals[0], *later))) if later else objective
        steered = _root(state, guide) if later else root
        aim = _Aim(objective, guide, steered)
        _improve(state, aim, guide, steered)
        if state.value(objective) < bound:
            bound = _searched(state, aim, root)
        if state.value(objective) < bound == state.most(objective):
            _improve(state, aim, guide, steered, wider=3)
    value = state.value(objective)
    proof: Proof = "exact" if value == bound else "prices"
    return TierValue(tier, goals[0], value, bound, root.bound, proof), root


def _until_welfare(goals: tuple[Mapping[str, int], ...]) -> tuple[Mapping[str, int], ...]:
    """Return the tiers up to the one with welfare; what follows only breaks its ties."""
    last = next((i for i, tier in enumerate(goals) if "welfare" in tier), len(goals) - 1)
    return goals[: last + 1]


@dataclass(frozen=True)
class _Aim:
    """What a tier is after: its own objective first, then the guide, with the guide's prices."""

    objective: Objective
    guide: Objective
    steered: Priced

    def worth(self, master: Master, pick: Ints) -> tuple[int, int]:
        """Return the value of a choice for the tier, then for the guide."""
        return master.value(self.objective, pick), master.value(self.guide, pick)


def _allowed(state: _State, objective: Objective) -> int:
    """Return how far below a bound a value may stay without further search."""
    return int(abs(state.value(objective)) * state.schedule.gap)


def _tie_break(
    state: _State, tier: int, goals: Mapping[str, int], ranked: Mapping[str, int]
) -> tuple[TierValue, Priced]:
    """Choose among answers of equal welfare that open the same sections.

    Prices with the openings decided tell which bundles such answers can use at all.
    """
    objective = state.objective(goals)
    root = _root(state, objective, steps=state.schedule.steps // 4, rounds=3)
    if state.value(objective) < root.bound:
        master = state.master
        on = master.switched_on(master.usage(state.pick))[: len(master.switches)]
        decided = np.where(on, YES, NO)
        again = replace(state.objective(ranked), decided=decided)
        near = _root(state, again, steps=state.schedule.steps // 4)
        spare = (near.bound - state.value(again)) * PRICE_SCALE
        which = np.union1d(np.flatnonzero(near.loss <= spare), state.pick)
        if len(which) <= state.schedule.columns * state.draft.teachers:
            aim = _Aim(objective, objective, root)
            _choose(state, aim, replace(objective, decided=decided), which)
    value = state.value(objective)
    proof: Proof = "exact" if value == root.bound else "prices"
    return TierValue(tier, goals, value, root.bound, root.bound, proof), root


def _searched(state: _State, aim: _Aim, root: Priced) -> int:
    """Search the switches; return the bound that the prices of all open nodes prove."""
    schedule, master, objective = state.schedule, state.master, aim.objective

    def target() -> int:
        return state.value(objective) + _allowed(state, objective)

    def finish(decided: Objective, priced: Priced) -> None:
        guide = replace(aim.guide, decided=decided.decided)
        if aim.guide is not aim.objective:
            columns = np.union1d(priced.columns, aim.steered.columns)
            priced = price(master, guide, aim.steered.prices, columns, schedule.near, 6)
        _improve(state, aim, guide, priced)

    found = search(master, objective, root, schedule.nodes, schedule.near, target, finish)
    return max(min(found.bound, root.bound), state.value(objective))


def _root(
    state: _State,
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


def _guide(state: _State, goals: tuple[Mapping[str, int], ...]) -> Mapping[str, int]:
    """Return one weighted set of goals in which an earlier tier outweighs the later ones."""
    merged: dict[str, int] = {}
    scale = 1
    for place, tier in reversed(tuple(enumerate(goals))):
        scale *= FIRST if place == 0 else LATER
        largest = state.spread(tier)
        for goal, weight in tier.items():
            merged[goal] = merged.get(goal, 0) + weight * max(1, scale // largest)
        scale = max(scale, largest)
    return merged


def _improve(
    state: _State, aim: _Aim, objective: Objective, priced: Priced, wider: int = 1
) -> None:
    """Look for a better choice with an integer program over bundles near their teacher's best."""
    master, schedule = state.master, state.schedule
    if schedule.dive:
        objective = rounded(master, objective, priced)
        start = priced.prices
        priced = price(master, objective, start, priced.columns, schedule.near, schedule.rounds)
    used = priced.columns[priced.x[: len(priced.columns)] > 1e-9] if len(priced.x) else _NONE
    which = np.union1d(nearest(master, priced.loss, schedule.columns * wider), used)
    which = np.union1d(which, state.pick)
    if schedule.dive and len(priced.x):
        which = _undecided(master, priced, which)
    _choose(state, aim, objective, which)


def _undecided(master: Master, priced: Priced, which: Ints) -> Ints:
    """Leave the teachers to whom the linear program gives one whole bundle with just that one."""
    share = priced.x[: len(priced.columns)]
    whole = priced.columns[share > 0.999]
    settled = np.zeros(master.draft.teachers, bool)
    settled[master.bundles.teacher[whole]] = True
    return np.union1d(whole, which[~settled[master.bundles.teacher[which]]])


def _choose(state: _State, aim: _Aim, objective: Objective, which: Ints) -> None:
    """Let an integer program choose among some bundles; keep its choice if it is better."""
    schedule, master = state.schedule, state.master
    program, _ = master.program(objective, which, integer=True)
    answer = solve_mip(program, schedule.mip_nodes, schedule.mip_gap)
    if answer is None:
        return
    chosen = which[np.flatnonzero(answer.x[: len(which)] > 0.5)]
    if len(chosen) != state.draft.teachers or not master.feasible(aim.objective, chosen):
        return
    if aim.worth(master, chosen) > aim.worth(master, state.pick):
        state.pick = chosen


def _short(state: _State, reached: TierValue) -> Solved:
    """Return what stays short when the strict minima cannot all be met.

    Raises
    ------
    SolverFailed
        If it is not proved that they cannot be met: more effort may find a way.
    """
    if reached.bound >= 0:
        raise SolverFailed(
            f"the strict minima are still {-reached.value} short, but nothing proves that they "
            "cannot be met; try a longer effort"
        )
    usage = state.master.usage(state.pick)
    short = usage < state.master.lo
    rows = tuple(
        row for i, row in enumerate(state.master.rows) if short[i] and _row_weight(row, STRICT)
    )
    missing = strict_shortage(state.draft, state.master.bundles)[state.pick]
    return Solved(None, (reached,), (), {}, rows, tuple(np.flatnonzero(missing).tolist()))


def _held(state: _State) -> Ints:
    held = state.master.bundles.arcs[state.pick].ravel()
    return np.sort(held[held < state.draft.arcs])


def _named(state: _State, prices: Prices | None) -> tuple[tuple[str, int], ...]:
    if prices is None:
        return ()
    rows = zip(state.master.rows, prices.rows.tolist(), strict=True)
    floors = (
        ("floor:" + "+".join(sorted(goals)), multiplier)
        for goals, multiplier in zip(state.floor_goals, prices.floors.tolist(), strict=False)
    )
    return (*((row.id, value) for row, value in rows if value), *floors)

"""The bundle backend: enumerate bundles, price the shared rows, choose bundles, prove the gap.

A round that is a network is left to `flow`; where there are more bundles than can be listed,
`unlisted` takes over.

Tiers are solved in turn. For each one the prices give a bound; where the present choice does not
reach it, an integer program over the bundles near their teacher's best looks for a better choice,
guided by what the later tiers want. An earlier tier then either restricts the bundles (when every
teacher and row is at its best) or stays as a floor row with a multiplier of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matching.alone import Bench
from matching.backends.bundles import Bundles, enumerate_bundles
from matching.backends.courses import CHOSEN, FINISHED
from matching.backends.flow import solve_flow
from matching.backends.frame import frame_of
from matching.backends.large import bring_up_large, tail_large
from matching.backends.leaves import published
from matching.backends.listable import is_listable, sets_of
from matching.backends.objective import YES, Objective, Prices
from matching.backends.openings import search
from matching.backends.prices import Priced, price
from matching.backends.pulse import Pulse
from matching.backends.reproof import reproved
from matching.backends.schedule import schedule_for
from matching.backends.solved import Solved
from matching.backends.state import STRICT, STRICT_TIER, State, row_weight
from matching.backends.tiers import (
    Aim,
    TierValue,
    bring_up,
    left_out,
    root_of,
    take,
    tie_break,
)
from matching.backends.unlisted import solve_unlisted
from matching.errors import SolverFailed, UnsupportedInstance
from matching.lottery import lottery_numbers
from matching.primitives import Draft
from matching.schema import UNLIMITED
from matching.shards.engine import Engine
from matching.watch import Watch

name = "bundles"


def solve(
    draft: Draft, effort: str, watch: Watch | None = None, engine: Engine | None = None
) -> Solved:
    """Solve a compiled instance, tier by tier.

    Parameters
    ----------
    draft
        What the rules and goals have posted.
    effort
        A key of SCHEDULES.
    watch
        Is told every step and may stop the solve.
    engine
        Works on shards of a round whose bundles cannot be listed.

    Raises
    ------
    SolverFailed
        If OR-Tools stops without an answer.
    """
    frame = frame_of(draft)
    if (flown := solve_flow(draft, frame, watch)) is not None:
        return flown
    if not is_listable(frame):
        return solve_unlisted(draft, effort, watch, engine, frame)
    is_opened = _is_opened(draft)
    is_second = (is_opened or _is_plain(draft)) and sets_of(frame) > LISTED_AT_ONCE
    if is_second:
        proved = solve_unlisted(draft, effort, watch, engine)
        is_enough = is_opened or _is_best(proved) or _is_near(draft, effort, proved)
        if proved.stopped_at or is_enough:
            return proved
    try:
        bundles = enumerate_bundles(draft)
    except UnsupportedInstance:
        return solve_unlisted(draft, effort, watch, engine)
    if (np.diff(bundles.start) == 0).any():
        return Solved(None)
    pulse = Pulse(watch, len(draft.instance.tiers), 1 + is_second)
    state = State(draft, bundles, schedule_for(effort, draft.teachers), pulse)
    if _overfull(state):
        return Solved(None)
    is_large = state.schedule.block > 0
    bring = bring_up_large if is_large else bring_up
    found: list[TierValue] = []
    prices: Prices | None = None
    if _has_strict(draft):
        reached, _ = bring(state, 0, (STRICT_TIER, *draft.instance.tiers))
        if is_large and reached.value < 0 <= reached.bound:
            reached, _ = bring_up(state, 0, (STRICT_TIER, *draft.instance.tiers))
        if reached.value < 0:
            return _proved_short(draft, bundles, state, reached)
        state.keep(STRICT_TIER)
    ranked: Mapping[str, int] | None = None
    opened: Mapping[str, int] = {}
    for tier, goals in enumerate(draft.instance.tiers):
        if state.is_stopped:
            found.append(left_out(state, tier + 1, goals))
            continue
        if ranked is None:
            reached, root = bring(state, tier + 1, draft.instance.tiers[tier:])
            is_empty = state.is_at_start and bool(draft.switches) and not is_large
            if is_empty and reached.value < reached.bound:
                _begin_by_prices(state, goals, effort)
                reached, root = bring(state, tier + 1, draft.instance.tiers[tier:])
        elif is_large:
            reached, root = tail_large(state, tier + 1, goals)
        else:
            reached, root = tie_break(state, tier + 1, goals, ranked)
        found.append(reached)
        if "welfare" in goals:
            prices, ranked = root.prices, goals
            opened = _if_opened(state, state.objective(goals), root)
        state.keep(goals)
    settled = _settled(draft, bundles, state, tuple(found), _named(state, prices))
    listed = replace(settled, if_opened=opened, stopped_at=state.pulse.stopped_at)
    if not is_opened or listed.stopped_at or _is_best(listed):
        return listed
    other = solve_unlisted(draft, effort, watch, engine, attempt=2)
    better = max(listed, other, key=_merit)
    return replace(better, if_opened=opened, stopped_at=other.stopped_at)


def _merit(solved: Solved) -> tuple[int, int]:
    """Return what the one tier of an answer came to, and minus what it could come to; none is least."""
    return (solved.tiers[0].value, -solved.tiers[0].bound) if solved.tiers else (-UNLIMITED, 0)


def _begin_by_prices(state: State, goals: Mapping[str, int], effort: str) -> None:
    """Take the answer of the search without lists where no choice of bundles was found at all."""
    draft, state.is_at_start = state.draft, False
    try:
        found = solve_unlisted(draft, effort)
    except SolverFailed:
        return
    if found.arcs is not None:
        objective = state.objective(goals)
        bench = Bench(draft, state.master.bundles, draft.instance.tiers)
        take(state, Aim(objective, objective), bench.pick_of(found.arcs))


def _is_best(solved: Solved) -> bool:
    """Tell whether every tier is proved to be at its best."""
    return bool(solved.tiers) and all(tier.proof == "exact" for tier in solved.tiers)


def _is_near(draft: Draft, effort: str, solved: Solved) -> bool:
    """Tell whether a large plain round is too near its bound for a search of minutes over lists."""
    if effort == "long" or draft.teachers <= FINISHED or not solved.tiers:
        return False
    (tier,), (goals,) = solved.tiers, draft.instance.tiers
    most = sum(
        int(np.abs(draft.values[goal].astype(np.int64)).max(initial=0)) * abs(weight)
        for goal, weight in goals.items()
        if goal in draft.values
    )
    return (tier.bound - tier.value) * NEAR <= draft.teachers * most


NEAR = 50_000
"""A round is near its bound if less is missing than this part of a best option for everybody."""

LISTED_AT_ONCE = 200_000
"""With more sets of options a plain round is first tried without listing its bundles. That is the answer
of a small one in which sections open only with enough people, since linear programs over lists have no
tolls; with fewer sets the better of the two is, unless the lists prove the best."""


def _is_plain(draft: Draft) -> bool:
    """Tell whether a round has one tier, nothing to open, and nothing that must be met."""
    return _is_single(draft) and not draft.switches


def _is_opened(draft: Draft) -> bool:
    """Tell whether a small round has one tier, something to open, and nothing that must be met."""
    return _is_single(draft) and bool(draft.switches) and draft.teachers <= CHOSEN


def _is_single(draft: Draft) -> bool:
    return len(draft.instance.tiers) == 1 and not _has_strict(draft)


def _if_opened(state: State, objective: Objective, root: Priced) -> Mapping[str, int]:
    """Return for each closed switch what the tier could reach at most if it had to be yes."""
    master, schedule = state.master, state.schedule
    on = master.switched_on(master.usage(state.pick))[: len(master.switches)]
    value = state.value(objective)
    found: dict[str, int] = {}
    if not schedule.opening_nodes or state.is_stopped:
        return found
    for switch in np.flatnonzero(~on[: len(master.switches)]).tolist():
        forced = objective.decide(switch, YES)
        start = price(master, forced, root.prices, root.columns, schedule.near, 12, -1)
        searched = search(
            master,
            forced,
            start,
            schedule.opening_nodes,
            schedule.near,
            lambda: value,
            _no_finish,
            _go_on,
        )
        found[master.switches[switch]] = min(start.bound, searched.bound)
        if state.beat("opening", objective):
            break
    return found


def _no_finish(objective: Objective, priced: Priced) -> None:
    """Leave a node as it is: here only its bound is wanted."""


def _go_on(bound: int) -> bool:
    """Let a search take all its nodes."""
    return False


def strict_bound(draft: Draft, bundles: Bundles, effort: str, enough: int = -UNLIMITED) -> int:
    """Return a proved bound on how well the strict minima can be met: below 0 they cannot be.

    The bound is minus the least total shortage, in the units of the rows; the work ends as soon as
    it is at or below `enough`.
    """
    state = State(draft, bundles, schedule_for(effort, draft.teachers))
    if _overfull(state):
        return -1
    objective = state.objective(STRICT_TIER)
    root = root_of(state, objective, enough=enough)
    if root.bound <= enough or state.value(objective) == root.bound:
        return root.bound
    return bring_up(state, 0, (STRICT_TIER,))[0].bound


def _settled(
    draft: Draft,
    bundles: Bundles,
    state: State,
    found: tuple[TierValue, ...],
    prices: tuple[tuple[str, int], ...],
) -> Solved:
    """Let nobody be improvable alone, and state every tier as it finally stands."""
    bench = Bench(draft, bundles, draft.instance.tiers)
    numbers = lottery_numbers(
        draft.instance.teacher_ids, draft.instance.seed, draft.instance.round_id
    )
    order = np.argsort([numbers[name] for name in draft.instance.teacher_ids], kind="stable")
    pick = bench.improve(bench.pick_of(state.held), order)
    values = bench.total(pick).tolist()
    tiers = published(draft, bundles, state.schedule, found, values)
    if state.schedule.block and not state.is_stopped:
        tiers = reproved(draft, tiers, state.schedule.gap)
    held = bundles.arcs[pick].ravel()
    return Solved(np.sort(held[held < draft.arcs]), tuple(map(_proved, tiers)), prices)


def _proved(tier: TierValue) -> TierValue:
    """Return a tier with what proves its bound."""
    if not tier.leaves:
        return replace(tier, proof="search")
    return replace(tier, proof="exact" if tier.value == tier.bound else "prices")


def _has_strict(draft: Draft) -> bool:
    local = any(row.lo is not None and row.lo_goal is None for row in draft.bundle_rows)
    return local or any(row_weight(row, STRICT) for row in draft.shared_rows)


def _overfull(state: State) -> bool:
    """Tell whether the locked seats alone already overfill a row."""
    return bool((state.master.usage(state.pick) > state.master.hi).any())


def _proved_short(draft: Draft, bundles: Bundles, state: State, reached: TierValue) -> Solved:
    """Answer that the strict minima cannot all be met.

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
    return Solved(None, published(draft, bundles, state.schedule, (reached,), (reached.value,)))


def _named(state: State, prices: Prices | None) -> tuple[tuple[str, int], ...]:
    if prices is None:
        return ()
    rows = zip(state.master.rows, prices.rows.tolist(), strict=True)
    floors = (
        ("floor:" + "+".join(sorted(goals)), multiplier)
        for goals, multiplier in zip(state.floor_goals, prices.floors.tolist(), strict=False)
    )
    return (*((row.id, value) for row, value in rows if value), *floors)

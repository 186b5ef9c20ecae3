"""One tier of a large round: the same bound by prices, but filled and improved block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matching.backends.blocks import Blocks, blocks_of
from matching.backends.objective import NO, YES, Objective
from matching.backends.openings import Case, search
from matching.backends.prices import Priced, ascend, losses, nearest, price
from matching.backends.state import State
from matching.backends.sweeps import Sweep, cleared
from matching.backends.tiers import Aim, TierValue, case_of, choose, guide_of, leaf, take
from matching.instance import Mask
from matching.result import Proof


def bring_up_large(
    state: State, tier: int, goals: tuple[Mapping[str, int], ...]
) -> tuple[TierValue, Priced]:
    """Bring the first of some tiers as far as the schedule of a large round allows."""
    state.pulse.begin(tier, goals[0])
    objective = state.objective(goals[0])
    root = large_root(state, objective)
    cases: tuple[Case, ...] = (case_of(objective, root),)
    if not state.beat("root", objective, root.bound) and state.value(objective) < root.bound:
        sweeps = 0 if state.is_filled and "welfare" not in goals[0] else state.schedule.sweeps
        aim = Aim(objective, state.objective(guide_of(state, goals)))
        _improve(state, aim.objective, aim.guide, sweeps)
        if state.draft.teachers <= SEARCHED and not state.is_stopped:
            cases = _searched(state, aim, root)
    value, bound = state.value(objective), max(case.bound for case in cases)
    proof: Proof = "exact" if value == bound else "prices"
    leaves = tuple(leaf(state, case) for case in cases)
    return TierValue(tier, goals[0], value, bound, root.bound, proof, leaves), root


def _searched(state: State, aim: Aim, root: Priced) -> tuple[Case, ...]:
    """Search the openings of the whole round; return the cases that prove what it came to.

    What was seated block by block is where the search begins: mostly it only has to prove that no
    other openings are better.
    """
    schedule, master, objective = state.schedule, state.master, aim.objective

    def target() -> int:
        value = state.value(objective)
        return value + int(abs(value) * schedule.gap)

    def finish(decided: Objective, priced: Priced) -> None:
        _seat(state, objective, replace(aim.guide, decided=decided.decided), priced)

    def stopped(bound: int) -> bool:
        return state.beat("node", objective, min(bound, root.bound))

    found = search(master, objective, root, schedule.nodes, schedule.near, target, finish, stopped)
    return found.cases if found.bound < root.bound else (case_of(objective, root),)


SEARCHED = 2_000
"""In larger rounds the cases of too many neighbourhoods multiply, and each takes seconds."""


def large_root(state: State, objective: Objective, rounds: int | None = None) -> Priced:
    """Price an objective from nothing, multipliers of earlier tiers included."""
    schedule, master = state.schedule, state.master
    value = state.value(objective)
    start = ascend(master, objective, schedule.steps, value, floors=True)
    loss = losses(master, master.reduced(objective, start))
    columns = np.union1d(nearest(master, loss, schedule.near), state.pick)
    rounds = schedule.rounds if rounds is None else rounds
    return price(master, objective, start, columns, schedule.near, rounds, value)


def tail_large(state: State, tier: int, goals: Mapping[str, int]) -> tuple[TierValue, Priced]:
    """Measure and bound a tier after welfare; only single teachers are still improved for it."""
    state.pulse.begin(tier, goals)
    objective = state.objective(goals)
    root = large_root(state, objective, rounds=0)
    state.beat("root", objective, root.bound)
    value = state.value(objective)
    proof: Proof = "exact" if value == root.bound else "prices"
    leaves = (leaf(state, case_of(objective, root)),)
    return TierValue(tier, goals, value, root.bound, root.bound, proof, leaves), root


def _improve(state: State, objective: Objective, guide: Objective, sweeps: int) -> None:
    """Fill the round if that was not done yet, then settle seats and try other openings."""
    blocks = blocks_of(state.master, state.schedule.block)
    if not state.is_filled:
        _fill(state, objective, guide, blocks)
    if state.is_stopped:
        return
    on = _on(state)
    priced = _seat(state, objective, replace(guide, decided=np.where(on, YES, NO)))
    for _ in range(sweeps):
        if state.is_stopped:
            return
        before = state.pick
        priced = _sweep(state, objective, guide, blocks, priced)
        if before is state.pick:
            return


def _sweep(
    state: State, objective: Objective, guide: Objective, blocks: Blocks, priced: Priced
) -> Priced:
    """Ask every block for its openings; try the answers together, then in halves while they clash."""
    sweep = Sweep(state.master, guide, blocks, state.schedule, state.pick)
    wanted = []
    for block in range(len(blocks)):
        wanted.append(sweep.reopened(block, priced.prices) - sweep.on)
        if state.beat("block", objective):
            return priced
    groups = [[change for change in wanted if change.any()]]
    while groups and not state.is_stopped:
        group = groups.pop(0)
        if not group:
            continue
        before = state.pick
        decided = np.clip(_on(state) + sum(group), NO, YES)
        again = _seat(state, objective, replace(guide, decided=decided), priced)
        if before is not state.pick:
            priced = again
        elif len(group) > 1:
            half = len(group) // 2
            groups += [group[:half], group[half:]]
    return priced


def _on(state: State) -> Mask:
    master = state.master
    return master.switched_on(master.usage(state.pick))[: len(master.switches)]


def _fill(state: State, objective: Objective, guide: Objective, blocks: Blocks) -> None:
    sweep = Sweep(state.master, guide, blocks, state.schedule, state.pick)
    done = np.zeros(len(blocks), bool)
    for block in range(len(blocks)):
        sweep.fill(block, done)
        done[block] = True
        if state.beat("block", objective):
            return
    state.is_filled = True
    take(state, Aim(objective, guide), sweep.pick)


def _seat(
    state: State, objective: Objective, decided: Objective, before: Priced | None = None
) -> Priced:
    """Settle who sits where with the openings decided, and return the prices of that."""
    master, schedule = state.master, state.schedule
    if before is None:
        priced = large_root(state, decided)
    else:
        start = cleared(before.prices)
        loss = losses(master, master.reduced(decided, master.legal(decided, start)))
        columns = np.union1d(nearest(master, loss, schedule.near), before.columns)
        value = master.value(decided, state.pick)
        priced = price(master, decided, start, columns, schedule.near, schedule.rounds, value)
        if priced.bound <= value:
            return priced
    used = priced.columns[priced.x[: len(priced.columns)] > 1e-9]
    which = np.union1d(nearest(master, priced.loss, schedule.columns), used)
    choose(state, Aim(objective, decided), decided, np.union1d(which, state.pick))
    return priced

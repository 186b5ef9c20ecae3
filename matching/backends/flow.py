"""Rounds that are a network are solved by min-cost flows, one for each tier, and proved best.

The potentials of a best flow, which are shortest ways through what it leaves free, are whole-numbered
prices of the shared rows, and of all such prices the lowest. What a tier's best flows have in common is
fixed for the tiers after it: an arc that would cost or gain something there keeps its flow. So the tiers
stay apart, and the potentials of earlier ones, each times a multiplier that is just large enough, prove
the bound of a later one. Among answers that are equal in every tier the lottery decides.
Source: Ahuja, Magnanti, Orlin 1993, "Network Flows", chapter 9; the flows are OR-Tools'.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from matching.backends.frame import Frame
from matching.backends.lists import Places
from matching.backends.market import Market
from matching.backends.network import Network, network_of
from matching.backends.objective import PRICE_SCALE
from matching.backends.outweigh import Tiers, merged
from matching.backends.pulse import Pulse
from matching.backends.solved import Solved
from matching.backends.tiers import TierValue
from matching.backends.tolls import Posted, leaf_of
from matching.certificate import Leaf
from matching.exactness import TooLargeNumbers
from matching.instance import Ints, Mask
from matching.lottery import drawn
from matching.primitives import Draft
from matching.result import Proof
from matching.watch import Watch


def solve_flow(draft: Draft, frame: Frame, watch: Watch | None = None) -> Solved | None:
    """Solve a compiled instance by flows; None if it is no network, or minima cannot be met."""
    network = network_of(draft, frame)
    if network is None:
        return None
    market, tiers = Market(draft, frame=frame), draft.instance.tiers
    flows, pulse = _Flows(market, network), Pulse(watch, len(tiers))
    found: list[TierValue] = []
    for place, goals in enumerate(tiers):
        pulse.begin(place + 1, goals)
        if not pulse.stopped_at and not flows.settle(place):
            return None
        found.append(flows.tier(place))
        pulse.beat("root", len(flows.arcs), found[-1].value, found[-1].bound, lambda: True)
    if not pulse.stopped_at:
        flows.draw()
    prices = found[welfare_of(tiers)].leaves[0].prices
    stopped = pulse.stopped_at
    return Solved(flows.arcs, tuple(found), prices, stopped_at=stopped, is_unlisted=True)


def welfare_of(tiers: Tiers) -> int:
    """Return which tier has welfare, the last one if none has."""
    return next((i for i, goals in enumerate(tiers) if "welfare" in goals), len(tiers) - 1)


class Dual(NamedTuple):
    """What a tier's flow proves.

    Parameters
    ----------
    potential
        Shape (nodes,): how dear the cheapest way to each node is.
    reduced
        Shape (arcs,): what one more unit on an arc would cost all in all.
    free
        Shape (arcs,): whether earlier tiers left the arc open.
    """

    potential: Ints
    reduced: Ints
    free: Mask


class _Flows:
    """One solve on its way: what the tiers so far leave open, and a flow that is best in them."""

    def __init__(self, market: Market, network: Network) -> None:
        self.market, self.network = market, network
        self.tiers = market.draft.instance.tiers
        self.lo, self.hi = network.lo, network.hi
        self.flow = network.lo
        self.duals: list[Dual] = []
        self.values: list[int] = []

    def settle(self, place: int) -> bool:
        """Take a best flow for a tier and fix what all of them have in common; tell if there is one."""
        purpose = self.market.purpose(self.tiers[place]).fine()
        cost = self.network.cost(purpose.value, purpose.lo_weight, purpose.row_weight)
        flow = least_cost(self.network, self.lo, self.hi, cost)
        if flow is None:
            return False
        potential = potentials(self.network, self.lo, self.hi, cost, flow)
        reduced = cost + potential[self.network.tail] - potential[self.network.head]
        self.duals.append(Dual(potential, reduced, self.lo < self.hi))
        self.flow = flow
        self.lo = np.where(reduced != 0, flow, self.lo)
        self.hi = np.where(reduced != 0, flow, self.hi)
        return True

    def draw(self) -> None:
        """Let the lottery decide among equal answers: what is worth most goes to who is drawn first.

        Nobody is seated where nothing is gained.
        """
        instance, network = self.market.draft.instance, self.network
        purpose = self.market.purpose(self.tiers[welfare_of(self.tiers)])
        value = purpose.value.astype(np.int64)
        turn = drawn(instance.teacher_ids, instance.seed, instance.round_id)
        weight = np.empty(len(turn), np.int64)
        weight[turn] = np.arange(len(turn), 0, -1)
        gain = weight[self.market.local.teacher] * value - (value <= 0)
        cost = network.cost(gain, 0 * purpose.lo_weight, 0 * purpose.row_weight)
        flow = least_cost(network, self.lo, self.hi, cost)
        self.flow = self.flow if flow is None else flow

    def tier(self, place: int) -> TierValue:
        """Return what a tier reached, and its bound with the prices that prove it."""
        alone = self.market.purpose(
            {each: PRICE_SCALE * n for each, n in self.tiers[place].items()}
        )
        value = self.market.worth(alone, self._held()) // PRICE_SCALE
        self.values.append(value)
        leaf = self._leaf(place, (0,) * place, np.zeros(self.network.nodes, np.int64))
        if place < len(self.duals) and value < leaf.bound:
            with suppress(TooLargeNumbers):
                best = self._leaf(place, *combined(self.network, self.flow, self.duals))
                leaf = min(leaf, best, key=lambda each: each.bound)
        proof: Proof = "exact" if value == leaf.bound else "prices"
        return TierValue(
            place + 1, self.tiers[place], value, leaf.bound, leaf.bound, proof, (leaf,)
        )

    def _leaf(self, place: int, floors: tuple[int, ...], potential: Ints) -> Leaf:
        """Return the leaf of a tier at some potentials and multipliers of earlier tiers."""
        market = self.market
        floors = tuple(PRICE_SCALE * floor for floor in floors)
        purpose = market.purpose(merged(self.tiers[: place + 1], [*floors, PRICE_SCALE]))
        prices = PRICE_SCALE * self.network.prices(potential, market.local.rows)
        posted = Posted(market.legal(purpose, prices))
        kept = sum(floor * value for floor, value in zip(floors, self.values, strict=False))
        return leaf_of(market, self.tiers[place], purpose, posted, floors, kept)

    @property
    def arcs(self) -> Ints:
        """The choices that are held."""
        options = np.flatnonzero(self.flow[: self.network.options])
        return self.market.local.choices(options).astype(np.int64)

    def _held(self) -> Places:
        """Return what everybody holds."""
        options, local = np.flatnonzero(self.flow[: self.network.options]), self.market.local
        teacher = local.teacher[options]
        held = np.full((local.teachers, max(1, int(local.size.max(initial=0)))), -1, np.int32)
        held[teacher, np.arange(len(options)) - np.searchsorted(teacher, teacher)] = options
        return held


def combined(network: Network, flow: Ints, duals: Sequence[Dual]) -> tuple[tuple[int, ...], Ints]:
    """Return a multiplier for each tier but the last, and potentials that prove the last one.

    A multiplier is the least at which no arc that its tier fixed would pay in the last one.
    """
    *earlier, (potential, reduced, _) = duals
    floors: list[int] = []
    for dual in reversed(earlier):
        fixed = dual.free & (dual.reduced != 0)
        pays = (reduced < 0) & (flow < network.hi) | (reduced > 0) & (flow > network.lo)
        wrong = fixed & pays
        ratio = -(-np.abs(reduced[wrong]) // np.abs(dual.reduced[wrong]))
        floors.insert(0, int(ratio.max(initial=0)))
        reduced = reduced + floors[0] * dual.reduced
        potential = potential + floors[0] * dual.potential
    return tuple(floors), potential


def least_cost(network: Network, lo: Ints, hi: Ints, cost: Ints) -> Ints | None:
    """Return a flow of least cost within some limits; None if there is none."""
    from ortools.graph.python import min_cost_flow

    open_ = np.flatnonzero(lo < hi)
    tail, head = network.tail[open_], network.head[open_]
    supply = np.zeros(network.nodes, np.int64)
    np.add.at(supply, network.head, lo)
    np.subtract.at(supply, network.tail, lo)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, (hi - lo)[open_], cost[open_])
    solver.set_nodes_supplies(np.arange(network.nodes), supply)
    if solver.solve() != solver.OPTIMAL:
        return None
    flow = lo.copy()
    flow[open_] += solver.flows(np.arange(len(open_)))
    return flow


def potentials(network: Network, lo: Ints, hi: Ints, cost: Ints, flow: Ints) -> Ints:
    """Return how dear the cheapest way from node 0 to every node is in what a best flow leaves free.

    Where no way leads it is as dear as no way can be.
    Source: Bellman 1958 and Ford 1956, all arcs in every round.
    """
    more, less = flow < hi, flow > lo
    tail = np.concatenate([network.tail[more], network.head[less]])
    head = np.concatenate([network.head[more], network.tail[less]])
    length = np.concatenate([cost[more], -cost[less]])
    order = np.argsort(head, kind="stable")
    tail, length = tail[order], length[order]
    reached, first = np.unique(head[order], return_index=True)
    found = np.full(network.nodes, network.nodes * (1 + int(np.abs(cost).max(initial=0))))
    found[0] = 0
    while len(first):
        nearer = np.minimum(found[reached], np.minimum.reduceat(found[tail] + length, first))
        if (nearer == found[reached]).all():
            break
        found[reached] = nearer
    return found

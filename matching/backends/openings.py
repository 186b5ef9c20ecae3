"""Which sections open: branch and bound over the switches that prices cannot decide.

Prices do not see a minimum (its hull is [0, capacity]), but once the doubtful sections are decided
the linear program is nearly whole-numbered. So the search branches on the section whose demand lies
deepest between nothing and its minimum; every node is bounded by prices of its own, in whole
numbers, and the bound of the search is the highest bound of a node that was not searched on.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matching.backends.linear import Floats
from matching.backends.master import Master
from matching.backends.objective import FREE, NO, YES, Objective, Prices
from matching.backends.prices import Priced, price
from matching.instance import Ints

SMALL = 1e-6
"""What a linear program's rounding may leave."""


@dataclass(frozen=True)
class Case:
    """One case of what opens (FREE, NO or YES for each switch) and the prices that bound it."""

    decided: Ints
    prices: Prices
    bound: int


@dataclass(frozen=True)
class Searched:
    """The outcome of a search: the cases it ended with, which cover all, and how many it priced."""

    cases: tuple[Case, ...]
    nodes: int

    @property
    def bound(self) -> int:
        """The highest bound of a case: what the search proves."""
        return max(case.bound for case in self.cases)


@dataclass(order=True)
class _Node:
    rank: tuple[int, int]
    objective: Objective
    priced: Priced

    @property
    def case(self) -> Case:
        """What proves the bound of this node."""
        return Case(self.objective.decided, self.priced.prices, self.priced.bound)


def search(
    master: Master,
    objective: Objective,
    root: Priced,
    nodes: int,
    near: int,
    target: Callable[[], int],
    finish: Callable[[Objective, Priced], None],
    stopped: Callable[[int], bool],
) -> Searched:
    """Search the switches from a priced root.

    Parameters
    ----------
    root
        The priced root node.
    nodes
        How many nodes may be priced.
    near
        Bundles a teacher may gain per round of pricing.
    target
        The value at which a node is not worth searching; asked anew for every node.
    finish
        Called for a node whose linear program keeps every minimum: look for a solution there.
    stopped
        Called after every node with the bound so far; true ends the search.
    """
    open_nodes = [_Node((-root.bound, 0), objective, root)]
    used, closed = 1, list[Case]()
    pool: Ints = root.columns
    while open_nodes and used < nodes and not stopped(_highest(closed, -open_nodes[0].rank[0])):
        node = heapq.heappop(open_nodes)
        if node.priced.bound <= target():
            closed.append(node.case)
            continue
        switch = doubtful(master, node.objective, node.priced)
        if switch is None:
            finish(settled(master, node.objective, node.priced), node.priced)
            closed.append(node.case)
            continue
        for answer in (YES, NO):
            child = node.objective.decide(switch, answer)
            priced = price(master, child, node.priced.prices, pool, near, 30, target())
            pool = np.union1d(pool, priced.columns)
            used += 1
            heapq.heappush(open_nodes, _Node((-priced.bound, used), child, priced))
    return Searched((*closed, *(node.case for node in open_nodes)), used)


def _highest(closed: list[Case], still_open: int) -> int:
    return max([still_open, *(case.bound for case in closed)])


def settled(master: Master, objective: Objective, priced: Priced) -> Objective:
    """Decide every switch as the linear program of a node without doubts has it.

    The program's solution keeps all these decisions, so they cost nothing of its bound.
    """
    if not len(priced.x):
        return objective
    switched = np.flatnonzero(master.switch_of >= 0)
    used = _usage(master, priced)[switched] > SMALL
    on = np.bincount(master.switch_of[switched], used, minlength=len(master.switches))
    decided = np.where(on > 0, YES, NO)
    return replace(
        objective, decided=np.where(objective.decided == FREE, decided, objective.decided)
    )


def _usage(master: Master, priced: Priced) -> Floats:
    return np.asarray(master.columns(priced.columns) @ priced.x[: len(priced.columns)])


def doubtful(master: Master, objective: Objective, priced: Priced) -> int | None:
    """Return the undecided switch whose rows are used deepest between nothing and their minimum."""
    if not len(priced.x):
        return None
    usage = _usage(master, priced)
    switched = np.flatnonzero(master.switch_of >= 0)
    depth = np.zeros(len(master.switches))
    missing = np.maximum(master.lo[switched] - usage[switched], 0)
    inside = np.minimum(missing, usage[switched]) / np.maximum(master.lo[switched], 1)
    np.maximum.at(depth, master.switch_of[switched], inside)
    depth[objective.decided != FREE] = 0
    return int(np.argmax(depth)) if len(depth) and depth.max() > SMALL else None

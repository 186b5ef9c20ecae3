"""Which sections open where bundles are not listed: cases, each with a linear program of its own.

Tolls bound all doubtful sections at once, each as if the others stood (`tolls`). The tolls of a
linear program are the best for all of them together: whoever sits in a section that opens in part
sits there in part (`links`). Where that still leaves several mixtures cases tell: one that decides
enough has a linear program that is nearly whole-numbered. The bundles of all cases are kept
together, since most serve in every one.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from matching.backends.columns import Columns, columns_of, listed, program_of, usage_matrix
from matching.backends.linear import Floats, Program, solve_lp, solve_mip
from matching.backends.links import Links, free_tolls
from matching.backends.lists import Places
from matching.backends.market import Market, Purpose
from matching.backends.objective import FORBIDDING, FREE, NO, YES
from matching.backends.openings import SMALL
from matching.backends.passes import near_of
from matching.backends.recover import Seating
from matching.backends.rounding import rounded
from matching.backends.tolls import Posted, Tolls
from matching.instance import Ints
from matching.schema import UNLIMITED

ROUNDS, GAINED, WITHIN = 24, 4, 500
"""So many linear programs a case has at most; in each everybody gains so many bundles, none further
below her best than this part of what an option is worth."""

MANY = 3_000
"""With more bundles there is no integer program over those of all cases."""


@dataclass(frozen=True)
class Case:
    """What is decided about every switch, and the prices and tolls that bound what can follow.

    `bound` is in 1/PRICE_SCALE points; `usage` is what the linear program uses of every row.
    """

    decided: Ints
    posted: Posted
    bound: int
    usage: Floats


def searched(
    seating: Seating, posted: Posted, step: int, nodes: int, stopped: Callable[[], bool]
) -> tuple[Search, tuple[Case, ...]]:
    """Search the openings of what a seating maximises; return the cases, the highest bound first.

    Parameters
    ----------
    seating
        The best answer so far: cases that prove to be no better are left as they are.
    posted
        Prices and tolls to begin with.
    nodes
        How many cases are priced at most.
    stopped
        Called before every case; true ends the search.
    """
    market = seating.market
    purpose = replace(seating.purpose, decided=np.full(len(market.switches), FREE))
    near = near_of(
        market.local, purpose.terms(posted.prices), market.everybody, FIRST, purpose.unit // 50
    )
    owner, held = listed(near, seating.held.shape[1])
    owner = np.concatenate([owner, market.everybody])
    held = np.concatenate([held, seating.held])
    columns = columns_of(market, purpose, market.everybody, owner, held)
    search = Search(market, purpose, columns, step, seating.worth)
    return search, search.leaves(posted, nodes, stopped)


FIRST = 8
"""So many bundles everybody has at first."""


@dataclass
class _Node:
    """A case and the two it was divided into."""

    case: Case
    children: list[_Node] = field(default_factory=list)

    def cover(self, enough: int) -> Iterator[Case]:
        """Yield the first cases on every way down that are bounded by so much, or at its end."""
        if not self.children or self.case.bound <= enough:
            yield self.case
        else:
            for child in self.children:
                yield from child.cover(enough)


class Search:
    """A search over openings on its way.

    Parameters
    ----------
    purpose
        What is maximised; what it decides stays decided.
    columns
        Bundles to begin with.
    step
        What every value is a multiple of, in 1/PRICE_SCALE points.
    worth
        What an answer that is known is worth: cases that cannot be better are left as they are.
    """

    def __init__(
        self, market: Market, purpose: Purpose, columns: Columns, step: int, worth: int
    ) -> None:
        self.market, self.purpose, self.step, self.worth = market, purpose, step, worth
        self.columns = columns
        self.usage = usage_matrix(market.local, columns.held)
        self.links = Links(market, purpose)

    def leaves(self, posted: Posted, nodes: int, stopped: Callable[[], bool]) -> tuple[Case, ...]:
        """Return the cases a search of so many ends with, the highest bound first."""
        self.root = _Node(self.priced(self.purpose.decided, posted))
        waiting, used = [(-self.root.case.bound, 0, self.root)], 1
        while waiting and used < nodes and not stopped():
            *_, node = heapq.heappop(waiting)
            switch = self._doubtful(node.case)
            if switch is None or rounded(node.case.bound, self.step) <= self.worth:
                continue
            for answer in (YES, NO):
                decided = node.case.decided.copy()
                decided[switch] = answer
                child = _Node(self.priced(decided, node.case.posted))
                node.children.append(child)
                used += 1
                heapq.heappush(waiting, (-child.case.bound, used, child))
        return tuple(sorted(self.root.cover(-UNLIMITED), key=lambda case: -case.bound))

    def proof(self, leaves: tuple[Case, ...]) -> tuple[Case, ...]:
        """Return as few cases as prove what the leaves prove."""
        return tuple(self.root.cover(max(case.bound for case in leaves)))

    def settled(self, case: Case) -> Purpose:
        """Return the purpose with every switch decided as the linear program of a case has it."""
        reached = np.ones(len(self.market.switches) + 1, bool)
        short = case.usage < np.maximum(self.market.lo, SMALL) - SMALL
        np.logical_and.at(reached, self.market.switch_of, ~short)
        answer = np.where(reached[:-1], YES, NO)
        decided = np.where(case.decided == FREE, answer, case.decided)
        return replace(self.purpose, decided=decided)

    def chosen(self, nodes: int) -> Places | None:
        """Return what everybody holds in the best answer among the bundles of all cases.

        Openings are free in this integer program of so many nodes; there is no answer if it finds
        none, or if the bundles are too many for it.
        """
        if len(self.columns.owner) > MANY:
            return None
        program, *_ = self._program(self.purpose)
        count, width = len(self.columns.owner), len(program.objective)
        free = int((self.purpose.decided == FREE).sum())
        whole = np.arange(width) < count
        whole[width - free :] = True
        objective = program.objective / self.step
        answer = solve_mip(replace(program, objective=objective, integer=whole), nodes, 0.0)
        if answer is None:
            return None
        taken = np.flatnonzero(answer.x[:count] > 0.5)
        held = np.full((self.market.local.teachers, self.columns.held.shape[1]), -1, np.int32)
        held[self.columns.owner[taken]] = self.columns.held[taken]
        return held

    def priced(self, decided: Ints, posted: Posted) -> Case:
        """Return a case with prices and tolls of its linear program over all bundles, or nearly so."""
        market, purpose = self.market, replace(self.purpose, decided=decided)
        prices = np.where(np.abs(posted.prices) < FORBIDDING, posted.prices, 0)
        posted = Posted(market.legal(purpose, prices), free_tolls(market, purpose, posted.tolls))
        asked = market.ask(posted.tolls.charged(market, purpose), posted.prices)
        best = Case(decided, posted, asked.bound, asked.usage.astype(float))
        for _ in range(ROUNDS):
            program, rows, links = self._program(purpose)
            answer = solve_lp(program)
            if answer is None:
                break
            posted = self._posted(purpose, answer.duals, rows, links)
            bound = posted.bound(market, purpose)
            if bound < best.bound:
                best = replace(best, posted=posted, bound=bound)
            best = replace(best, usage=self.usage @ answer.x[: len(self.columns.owner)])
            constant = purpose.empty + int(purpose.switch_value[decided == YES].sum())
            lowest = rounded(constant + int(np.floor(answer.value)) + 1, self.step)
            is_lowest = rounded(bound, self.step) <= lowest
            is_broken = self.links.find(purpose, self.columns.held, answer.x)
            if rounded(best.bound, self.step) <= self.worth:
                break
            if (is_lowest or not self._gain(purpose, posted)) and not is_broken:
                break
        return best

    def _posted(self, purpose: Purpose, duals: Floats, rows: Ints, links: Ints) -> Posted:
        """Return the prices and tolls that a linear program ends with."""
        prices = np.zeros(self.market.local.rows)
        shared = np.flatnonzero(rows >= 0)
        np.add.at(prices, rows[shared], duals[shared])
        whole = self.market.legal(purpose, np.rint(prices).astype(np.int64))
        amounts = np.rint(duals[len(rows) :]).astype(np.int64)
        paid = amounts > 0
        return Posted(whole, Tolls(self.links.row_of[links[paid]], links[paid], amounts[paid]))

    def _gain(self, purpose: Purpose, posted: Posted) -> bool:
        """Add everybody's best bundles at some prices and tolls; tell whether any is new."""
        market, before = self.market, len(self.columns.owner)
        terms = posted.tolls.charged(market, purpose).terms(posted.prices)
        within = purpose.unit // WITHIN
        near = near_of(market.local, terms, market.everybody, GAINED, within)
        owner, held = listed(near, self.columns.held.shape[1])
        owner = np.concatenate([self.columns.owner, owner])
        held = np.concatenate([self.columns.held, held])
        self.columns = columns_of(market, purpose, market.everybody, owner, held)
        more = len(self.columns.owner) > before
        if more:
            self.usage = usage_matrix(market.local, self.columns.held)
        return more

    def _program(self, purpose: Purpose) -> tuple[Program, Ints, Ints]:
        """Return the linear program in which what is not decided may open in part.

        Its last rows are the links, the third answer says of which options.
        """
        market = self.market
        room = market.room(purpose, np.zeros(market.local.rows, np.int64))
        free = np.append(purpose.decided == FREE, False)[market.switch_of]
        apart = room._replace(hi=np.where(free, UNLIMITED, room.hi))
        every = np.arange(len(self.columns.owner))
        program, rows = program_of(self.columns, every, self.usage, apart, whole=False)
        program, rows = _with_switches(
            program, rows, market, purpose, self.usage, np.flatnonzero(free)
        )
        return self.links.added(program, rows, purpose, self.columns.held)

    def _doubtful(self, case: Case) -> int | None:
        """Return the undecided switch whose rows are used deepest between nothing and their minimum."""
        market = self.market
        inside = np.minimum(market.lo - case.usage, case.usage) / np.maximum(market.lo, 1)
        free = np.append(case.decided == FREE, False)[market.switch_of]
        depth = np.where(free, inside, 0)
        row = int(np.argmax(depth)) if len(depth) else -1
        return int(market.switch_of[row]) if row >= 0 and depth[row] > SMALL else None


def _with_switches(
    program: Program,
    rows: Ints,
    market: Market,
    purpose: Purpose,
    usage: sparse.csc_array,
    free: Ints,
) -> tuple[Program, Ints]:
    """Return a program with a column for each undecided switch and both sides of its rows."""
    switches, at = np.unique(market.switch_of[free], return_inverse=True)
    n, m, width = usage.shape[1], len(switches), program.matrix.shape[1]
    upper, lower = market.hi[free] < UNLIMITED, market.lo[free] > 0
    sides = [(free[upper], at[upper], market.hi), (free[lower], at[lower], market.lo)]
    blocks = [sparse.hstack([program.matrix, sparse.csr_array((program.matrix.shape[0], m))])]
    by_row = sparse.csr_array(usage)
    for which, place, limit in sides:
        amounts = -limit[which].astype(float)
        links = sparse.csr_array((amounts, (np.arange(len(which)), place)), (len(which), m))
        blank = sparse.csr_array((len(which), width - n))
        blocks.append(sparse.hstack([by_row[which], blank, links]))
    no_more, no_less = np.zeros(int(upper.sum())), np.zeros(int(lower.sum()))
    whole = Program(
        np.append(program.objective, purpose.switch_value[switches]),
        np.append(program.lower, np.zeros(m)),
        np.append(program.upper, np.ones(m)),
        np.append(program.integer, np.zeros(m, bool)),
        sparse.csr_array(sparse.vstack(blocks, format="csr")),
        np.concatenate([program.row_lo, no_more - np.inf, no_less]),
        np.concatenate([program.row_hi, no_more, no_less + np.inf]),
    )
    return whole, np.concatenate([rows, *(which for which, *_ in sides)])

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
from matching.backends.courses import CHOSEN
from matching.backends.linear import Floats, Program, solve_lp, solve_mip
from matching.backends.links import Links, free_tolls
from matching.backends.lists import Places
from matching.backends.market import Market, Purpose
from matching.backends.objective import FORBIDDING, FREE, NO, YES
from matching.backends.openings import SMALL
from matching.backends.passes import near_of
from matching.backends.recover import Seating
from matching.backends.rounding import rounded
from matching.backends.tolls import Posted, Tolls, hopeless, shut
from matching.instance import Ints
from matching.schema import UNLIMITED

ROUNDS, GAINED, WITHIN = 200, 4, 500
"""So many linear programs a case has at most; in each everybody gains so many bundles, none further
below her best than this part of what an option is worth."""

MANY = 6_000
"""With more bundles there is no integer program over those that linear programs have taken."""

NEAR = 4
"""A case begins with the bundles that are no further below their owner's best than this part of what
an option is worth."""


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
    seating: Seating,
    posted: Posted,
    step: int,
    nodes: int,
    finish: Callable[[Purpose, Posted], int],
    stopped: Callable[[], bool],
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
    finish
        Called with the openings and prices of a case whose linear program keeps every minimum: seat
        everybody there, and tell what the best answer is worth.
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
    return search, search.leaves(posted, nodes, finish, stopped)


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

    `taken` are the bundles that some linear program takes, in part at least; `never` are the rows
    for which too few could come; they are closed in every program.
    """

    def __init__(
        self, market: Market, purpose: Purpose, columns: Columns, step: int, worth: int
    ) -> None:
        self.market, self.purpose, self.step, self.worth = market, purpose, step, worth
        self.columns = columns
        self.usage = usage_matrix(market.local, columns.held)
        self.links = Links(market, purpose)
        self.taken: Ints = np.zeros(0, np.int64)
        self.never = hopeless(market, purpose)

    def leaves(
        self,
        posted: Posted,
        nodes: int,
        finish: Callable[[Purpose, Posted], int],
        stopped: Callable[[], bool],
    ) -> tuple[Case, ...]:
        """Return the cases a search of so many ends with, the highest bound first.

        In a small round it goes on with the better of the two that a case is divided into until nothing
        is left to decide, so that there is an answer to measure the others by; from then on, and in
        larger rounds from the first, with the case of the highest bound.
        Source: Achterberg 2007, "Constraint Integer Programming", chapter 6.
        """
        self.root = _Node(self.priced(self.purpose.decided, posted))
        is_small = self.market.local.teachers <= CHOSEN
        first = self.root if is_small else None
        waiting, used = [] if is_small else [(-self.root.case.bound, 0, self.root)], 1
        while (first or waiting) and used < nodes and not stopped():
            node, is_first = first or heapq.heappop(waiting)[-1], first is not None
            case, switch, first = node.case, self.doubtful(node.case), None
            if rounded(case.bound, self.step) <= self.worth:
                continue
            if switch is None:
                self.worth = max(self.worth, finish(self.settled(case), case.posted))
                continue
            node.children = self._divided(case, switch)
            first = node.children[0] if is_first else None
            for child in node.children[is_first:]:
                heapq.heappush(waiting, (-child.case.bound, used, child))
                used += 1
            used += is_first
        return tuple(sorted(self.root.cover(-UNLIMITED), key=lambda case: -case.bound))

    def _divided(self, case: Case, switch: int) -> list[_Node]:
        """Return the two cases in which a switch is decided, the one of the higher bound first."""
        children = []
        for answer in (YES, NO):
            decided = case.decided.copy()
            decided[switch] = answer
            children.append(_Node(self.priced(decided, case.posted)))
        return sorted(children, key=lambda child: -child.case.bound)

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
        """Return what everybody holds in the best answer among the bundles taken so far.

        Openings are free in this integer program of so many nodes; there is no answer if it finds
        none, or if there are no bundles or too many for it.
        """
        which = self.taken
        if not 0 < len(which) <= MANY:
            return None
        program, *_ = self._program(self.purpose, which)
        width = len(program.objective)
        free = int((self.purpose.decided == FREE).sum())
        whole = np.arange(width) < len(which)
        whole[width - free :] = True
        objective = program.objective / self.step
        answer = solve_mip(replace(program, objective=objective, integer=whole), nodes, 0.0)
        if answer is None:
            return None
        taken = which[answer.x[: len(which)] > 0.5]
        held = np.full((self.market.local.teachers, self.columns.held.shape[1]), -1, np.int32)
        held[self.columns.owner[taken]] = self.columns.held[taken]
        return held

    def priced(self, decided: Ints, posted: Posted) -> Case:
        """Return a case with prices and tolls of its linear program over all bundles, or nearly so."""
        market, purpose = self.market, replace(self.purpose, decided=decided)
        never = self.never[decided[market.switch_of[self.never]] == FREE]
        closed = purpose.decide(market.switch_of[never], NO)
        prices = np.where(np.abs(posted.prices) < FORBIDDING, posted.prices, 0)
        tolls = free_tolls(market, purpose, posted.tolls)
        posted = shut(market, purpose, Posted(market.legal(purpose, prices), tolls), never)
        asked = market.ask(posted.tolls.charged(market, purpose), posted.prices)
        best = Case(decided, posted, asked.bound, asked.usage.astype(float))
        which = self._near(posted)
        for _ in range(ROUNDS):
            program, rows, links = self._program(closed, which)
            answer = solve_lp(program)
            if answer is None:
                break
            posted = self._posted(purpose, answer.duals, rows, links)
            posted = shut(market, purpose, posted, never)
            bound = posted.bound(market, purpose)
            if bound < best.bound:
                best = replace(best, posted=posted, bound=bound)
            shares = answer.x[: len(which)]
            best = replace(best, usage=self.usage[:, which] @ shares)
            self.taken = np.union1d(self.taken, which[shares > SMALL])
            constant = purpose.empty + int(purpose.switch_value[decided == YES].sum())
            lowest = rounded(constant + int(np.floor(answer.value)) + 1, self.step)
            is_lowest = rounded(bound, self.step) <= lowest
            is_broken = self.links.find(closed, self.columns.held[which], answer.x)
            if rounded(best.bound, self.step) <= self.worth:
                break
            before = len(which)
            if not is_lowest:
                self._gain(purpose, posted)
                which = np.union1d(which, self._near(posted))
            if len(which) == before and not is_broken:
                break
        return best

    def _near(self, posted: Posted) -> Ints:
        """Return the bundles that are near their owner's best at some prices and tolls."""
        tolls = np.zeros(self.market.local.options + 1, np.int64)
        tolls[posted.tolls.option] = posted.tolls.amount
        paid = self.usage.T @ posted.prices + tolls[self.columns.held].sum(axis=1)
        worth = self.columns.worth - paid
        best = np.full(self.market.local.teachers, -UNLIMITED)
        np.maximum.at(best, self.columns.owner, worth)
        return np.flatnonzero(worth >= best[self.columns.owner] - self.purpose.unit // NEAR)

    def _posted(self, purpose: Purpose, duals: Floats, rows: Ints, links: Ints) -> Posted:
        """Return the prices and tolls that a linear program ends with."""
        prices = np.zeros(self.market.local.rows)
        shared = np.flatnonzero(rows >= 0)
        np.add.at(prices, rows[shared], duals[shared])
        whole = self.market.legal(purpose, np.rint(prices).astype(np.int64))
        amounts = np.rint(duals[len(rows) :]).astype(np.int64)
        paid = amounts > 0
        return Posted(whole, Tolls(self.links.row_of[links[paid]], links[paid], amounts[paid]))

    def _gain(self, purpose: Purpose, posted: Posted) -> None:
        """Add everybody's best bundles at some prices and tolls; those there are keep their places."""
        market, before = self.market, len(self.columns.owner)
        terms = posted.tolls.charged(market, purpose).terms(posted.prices)
        within = purpose.unit // WITHIN
        near = near_of(market.local, terms, market.everybody, GAINED, within)
        owner, held = listed(near, self.columns.held.shape[1])
        owner = np.concatenate([self.columns.owner, owner])
        held = np.concatenate([self.columns.held, held])
        self.columns = columns_of(market, purpose, market.everybody, owner, held)
        if len(self.columns.owner) > before:
            self.usage = usage_matrix(market.local, self.columns.held)

    def _program(self, purpose: Purpose, which: Ints) -> tuple[Program, Ints, Ints]:
        """Return the linear program over some bundles in which what is not decided may open in part.

        Its last rows are the links, the third answer says of which options.
        """
        market = self.market
        room = market.room(purpose, np.zeros(market.local.rows, np.int64))
        free = np.append(purpose.decided == FREE, False)[market.switch_of]
        apart = room._replace(hi=np.where(free, UNLIMITED, room.hi))
        usage = self.usage[:, which]
        program, rows = program_of(self.columns, which, usage, apart, whole=False)
        program, rows = _with_switches(program, rows, market, purpose, usage, np.flatnonzero(free))
        return self.links.added(program, rows, purpose, self.columns.held[which])

    def doubtful(self, case: Case) -> int | None:
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

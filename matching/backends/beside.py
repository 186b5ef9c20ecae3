"""What one teacher could hold beside what all others hold, found by search and compiled by numba.

With everybody else held fixed a bundle has an exact worth in every tier, shortages that it mends in
shared rows included, and breaks certain shared rows. The search goes depth first over a teacher's
options and compares bundles tier by tier, earlier tiers first, without weighing one against another.
What it answers is what `matching.alone` reads off the list of all bundles; a test holds the two
against each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.backends.kernel import WORD
from matching.backends.local import Local
from matching.instance import Ints, Mask

LEAST = -(1 << 62)
"""Less than any option could add."""


KEEP_ALL, NO_MUSTS, NO_NEEDS = 0, 1, 2
"""Which local rules are set aside: none, what must be held, or what an option needs beside it."""


BARRED, STRICT_HOURS, BLOCKED, POSSIBLE = 0, 1, 2, 3
"""How a choice stands: no bundle has it, none that keeps her strict minima does, each of those breaks
a shared row, or she could hold it."""


JUDGING, ASKING, MOVING = 0, 1, 2
"""What teachers are visited for: how choices stand, single questions, and to let those move for whom
there is an answer."""


class Stakes(NamedTuple):
    """What counts in every tier, in its own units; higher is better.

    Parameters
    ----------
    value
        Shape (tiers, options).
    lo_weight, hi_weight
        Shape (tiers, bundle rows): price of one unit below `lo` or above `hi`.
    row_weight
        Shape (tiers, rows): price of one unit that a shared row is short.
    switch_value
        Shape (tiers, switches).
    """

    value: Ints
    lo_weight: Ints
    hi_weight: Ints
    row_weight: Ints
    switch_value: Ints


class Limits(NamedTuple):
    """The shared rows: their limits, what is strict or counts heads, and the rows of each switch.

    `priced` rows cost something while short, `rated` switches are worth something.
    """

    lo: Ints
    hi: Ints
    strict: Mask
    heads: Mask
    priced: Mask
    rated: Mask
    switch_of: Ints
    switch_edges: Ints
    switch_rows: Ints


class Question(NamedTuple):
    """What a bundle must be like; options and rows are told by place, -1 for none.

    Parameters
    ----------
    wanted, unwanted
        An option (counted from the teacher's first) that it holds, and one that it does not.
    row
        The only shared row that is asked.
    over, under
        A row whose upper, and one whose lower side is not asked.
    is_checked, is_strict
        Whether shared rows and her own strict minima are asked at all.
    is_first
        Whether any bundle will do; otherwise the best is wanted.
    is_tied
        Whether equals are told apart: fewer options first, then earlier ones.
    free
        Which local rules are set aside.
    is_more
        Whether it must be worth more than what lies in `table.best`.
    """

    wanted: int
    unwanted: int
    row: int
    over: int
    under: int
    is_checked: bool
    is_strict: bool
    is_first: bool
    is_tied: bool
    free: int
    is_more: bool


class Answers(NamedTuple):
    """How choices stand, one place for each.

    `stands` is one of BARRED to POSSIBLE; `row` tells what blocks (-1 - row: from below);
    `has_worth` and `worth` the best bundle with the choice: of the possible ones, or, where its own
    seats are full, of those that break nothing else.
    """

    stands: Ints
    row: Ints
    has_worth: Mask
    worth: Ints


class Table(NamedTuple):
    """Working space of one thread.

    `usage` is what the others use of each row, `taken` what the path uses, `most` what all options
    of the teacher would. `touched`, `needy`, `mended` and `rated` list rows that she could use, that
    could be too low, whose shortage is priced, and switches worth something; `counts` tells how many.
    `hope` is the most an option could add to a tier, `plain` the same without her own bundle rows.
    """

    usage: Ints
    taken: Ints
    most: Ints
    touched: Ints
    needy: Ints
    mended: Ints
    rated: Ints
    seen: NDArray[np.int8]
    counts: Ints
    hope: Ints
    plain: Ints
    order: Ints
    open_: NDArray[np.int8]
    shut: NDArray[np.int64]
    marks: NDArray[np.int64]
    candidates: Ints
    ahead: Ints
    limit: Ints
    top: Ints
    raw: Ints
    total: Ints
    amount: Ints
    path: Ints
    at: Ints
    wants: NDArray[np.int8]
    barred: NDArray[np.int64]
    worth: Ints
    left: Ints
    best: Ints
    found: Ints
    hits: Ints


def table_of(
    local: Local, stakes: Stakes, limits: Limits, usage: Ints, widest: int, deepest: int
) -> Table:
    """Return space for teachers of so many options and bundles of such a size."""
    rows, nodes, tiers = len(limits.lo), len(local.parent), len(stakes.value)
    switches, words = len(limits.switch_edges) - 1, widest // WORD + 1
    return Table(
        usage.copy(),
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(switches, np.int64),
        np.zeros(switches, np.int8),
        np.zeros(4, np.int64),
        np.empty((tiers, widest), np.int64),
        np.empty((tiers, widest), np.int64),
        np.empty(widest, np.int64),
        np.empty(widest, np.int8),
        np.empty((widest, words), np.int64),
        np.zeros((max(1, local.groups), words), np.int64),
        np.empty(widest, np.int64),
        np.empty(widest + 1, np.int64),
        np.empty((tiers, widest + 1), np.int64),
        np.empty((tiers, deepest + 2), np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(len(local.strict_lo), np.int64),
        np.empty(deepest + 1, np.int64),
        np.empty(deepest + 1, np.int64),
        np.zeros(deepest + 1, np.int8),
        np.zeros((deepest + 2, words), np.int64),
        np.empty((deepest + 1, tiers), np.int64),
        np.empty((deepest + 1, tiers), np.int64),
        np.empty(tiers, np.int64),
        np.empty(deepest + 1, np.int64),
        np.empty(rows, np.int64),
    )

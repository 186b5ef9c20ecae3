"""The exact search for what one teacher would rather hold, compiled by numba.

At given prices of the shared rows a teacher's best bundle is found by depth-first search over her
options, the most promising first; a branch ends where even an optimistic sum of what is left cannot
reach what is already found. The same text runs without numba, about a hundred times slower, and a
test holds the two and a plain enumeration against each other.

Values are whole numbers in 1/PRICE_SCALE points. The value of a bundle is told relative to the
empty one, whose priced shortages are the same for every bundle of a teacher. Options are numbered
from 0 for each teacher. Here stand what a search adds up and the desk it works on; `laying`,
`searching`, `counted` and `turns` are its steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.backends.lists import Places
from matching.columns import Numbers
from matching.instance import Ints

if TYPE_CHECKING:
    from matching.backends.local import Local


NOTHING = -(1 << 62)
"""The value of a teacher who has no lawful bundle."""


ENDLESS = 1 << 62
"""No search takes so many steps."""


WORD, BIT = 5, 31
"""A bit set holds 32 candidates a word: candidate c is bit c & BIT of word c >> WORD."""


class Terms(NamedTuple):
    """What a search adds up.

    Parameters
    ----------
    value
        Shape (options,): what each option is worth, in parts of `scale`.
    lo_weight, hi_weight
        Shape (bundle rows,): price of one unit below `lo` or above `hi`, 0 where it is not priced.
    price
        Shape (rows,): price of one unit of each shared row.
    lot, lean
        Shape (teachers,): her number; with it she likes each section by less than `lean` more.
    scale
        What a unit of `value` is worth.
    tries
        A search that has put so many seats on its path is cut short.
    """

    value: Numbers
    lo_weight: Ints
    hi_weight: Ints
    price: Ints
    lot: Ints = np.zeros(0, np.int64)
    lean: int = 0
    scale: int = 1
    tries: int = ENDLESS


class Room(NamedTuple):
    """What the others leave of the shared rows.

    Parameters
    ----------
    usage, lo, hi
        Shape (rows,): what is used now, and the limits.
    weight
        Shape (rows,): what one unit below `lo` costs.
    is_limited
        Whether any of this counts: at prices alone everybody may take what she can pay.
    """

    usage: Ints
    lo: Ints
    hi: Ints
    weight: Ints
    is_limited: bool


class Costs(NamedTuple):
    """What prices make of each offer and body, summed once for all who have it.

    Parameters
    ----------
    cost
        Shape (offers,): price times what one seat uses of the shared rows that count seats.
    more
        Shape (bodies,): the most that mending the shortages of her bundle adds.
    """

    cost: Ints
    more: Ints


class Desk(NamedTuple):
    """Working space of one thread.

    `net`, `hope`, `order` and `body` belong to the candidates, in the order of the search: what one
    is worth by itself, what it could be worth at best but for what one seat mends for all
    (`Local.once`), which option it is, and its body; `place` says of an option which candidate it
    is, where some need others; `shut` are bits of the later candidates that one excludes. `ahead`
    sums the hopes, `top` the largest net values of any one, two, ... candidates. `raw` and `amount`
    count nodes and bundle rows of the path; `path` to `saved` are the stack; `marks` are bits by
    exclusive group, `taken` what the path uses of the shared rows; `found`, `score` and `length`
    are the bundles kept, best first.
    """

    net: Ints
    hope: Ints
    order: Places
    place: Places
    body: Places
    shut: NDArray[np.int64]
    ahead: Ints
    top: Ints
    raw: Ints
    amount: Ints
    path: Places
    at: Places
    worth: Ints
    mended: Ints
    opened: Ints
    barred: NDArray[np.int64]
    saved: Ints
    marks: NDArray[np.int64]
    taken: Ints
    found: Places
    score: Ints
    length: Places


def desk_of(local: Local, teachers: Ints, most: int = 1, size: int = 1) -> Desk:
    """Return space for any of some teachers, `most` bundles of at least `size` options kept."""
    deepest = max(size, int(local.size[teachers].max(initial=0)))
    options = local.start[teachers + 1] - local.start[teachers]
    widest = max(deepest, int(options.max(initial=1)))
    nodes, rows = len(local.parent), local.lo.shape[1]
    words = (widest >> WORD) + 1
    return Desk(
        net=np.empty(widest, np.int64),
        hope=np.empty(widest, np.int64),
        order=np.empty(widest, np.int32),
        place=np.empty(widest, np.int32),
        body=np.empty(widest, np.int32),
        shut=np.empty((widest, words), np.int64),
        ahead=np.empty(widest + 1, np.int64),
        top=np.empty(deepest + 2, np.int64),
        raw=np.zeros(nodes, np.int64),
        amount=np.zeros(rows, np.int64),
        path=np.empty(deepest + 1, np.int32),
        at=np.empty(deepest + 1, np.int32),
        worth=np.empty(deepest + 1, np.int64),
        mended=np.empty(deepest + 1, np.int64),
        opened=np.empty(deepest + 1, np.int64),
        barred=np.zeros((deepest + 2, words), np.int64),
        saved=np.empty((deepest + 1, nodes + rows), np.int64),
        marks=np.zeros((max(1, local.groups), words), np.int64),
        taken=np.zeros(max(1, local.rows), np.int64),
        found=np.empty((most, deepest + 1), np.int32),
        score=np.empty(most, np.int64),
        length=np.empty(most, np.int32),
    )

"""The undecided: a linear program over their near-best bundles, rounded a few people at a time.

Most people hold their best bundle at the prices and nobody else wants what they hold. For the
others a linear program over their few best bundles, in what those who stay put leave, is nearly
whole-numbered; who is whole is fixed, and the rest is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.backends.kernel import NOTHING, Room
from matching.backends.linear import Floats, Program, solve_lp, solve_mip
from matching.backends.lists import Lists, Places
from matching.backends.local import Local
from matching.backends.passes import near_of, worths_of
from matching.backends.recover import Seating
from matching.instance import Ints, Mask
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Width:
    """How wide a dive looks, in parts of what an option is worth at most.

    Parameters
    ----------
    free
        People with a loss, or a second bundle so near to their best, are undecided.
    column, most
        An undecided person may take bundles so near to her best, at most so many.
    nodes
        How many nodes an integer program gets for those who are not whole; 0: rounding alone.
    is_late
        Whether the integer program comes after those who are whole in the linear one are fixed;
        such a dive also cuts its blocks another way.
    """

    free: float
    column: float
    most: int
    nodes: int = 0
    is_late: bool = False


@dataclass(frozen=True)
class Columns:
    """Bundles that some people may take.

    Parameters
    ----------
    people
        Shape (people,): who they are.
    owner
        Shape (columns,): the place of each bundle's owner in `people`.
    held
        Shape (columns, size): its options, padded with -1.
    worth
        Shape (columns,): what it is worth without prices.
    """

    people: Ints
    owner: Ints
    held: Places
    worth: Ints


BLOCK = 2_500
"""A linear program seats at most about so many undecided people; more are taken block by block."""


def dive(seating: Seating, prices: Ints, width: Width) -> None:
    """Improve an assignment by diving over the undecided, block by block where they are many."""
    people = _undecided(seating, prices, width)
    for block in _blocks(seating.market.local, people, width.is_late):
        _dive_block(seating, _columns(seating, prices, width, block), width)


def _dive_block(seating: Seating, columns: Columns, width: Width) -> None:
    market, purpose = seating.market, seating.purpose
    before, worth = seating.held.copy(), seating.worth
    was_whole = market.is_whole(purpose, before)
    seating.held[columns.people] = -1
    _round(seating, columns, width)
    seating.upgrade(columns.people, 2)
    if (seating.worth < worth and was_whole) or was_whole > market.is_whole(purpose, seating.held):
        seating.held = before


def _undecided(seating: Seating, prices: Ints, width: Width) -> Ints:
    """Return the people who hold less than their best, or nearly as gladly held another bundle."""
    market, purpose = seating.market, seating.purpose
    within = int(width.free * purpose.unit)
    near = near_of(market.local, purpose.terms(prices), market.everybody, most=2, within=within)
    return np.flatnonzero((near.found > 1) | (seating.losses(prices) > 0))


def _blocks(local: Local, people: Ints, is_late: bool) -> list[Ints]:
    """Return people in blocks, neighbours by what they may choose together; late ones otherwise."""
    has = local.start[people] < local.start[people + 1]
    people = people[has]
    edge = local.start[people + 1] - 1 if is_late else local.start[people]
    people = people[np.argsort(local.offer[edge], kind="stable")]
    count = -(-len(people) // BLOCK)
    return [np.sort(block) for block in np.array_split(people, count)] if count else []


def _columns(seating: Seating, prices: Ints, width: Width, free: Ints) -> Columns:
    market, purpose = seating.market, seating.purpose
    terms = purpose.terms(prices)
    within = int(width.column * purpose.unit)
    near = near_of(market.local, terms, free, most=width.most, within=within)
    place = np.arange(width.most)[None, :] < near.found[:, None]
    owner = np.concatenate([np.nonzero(place)[0], np.arange(len(free))])
    size = seating.held.shape[1]
    listed = np.full((int(place.sum()), size), -1, np.int32)
    listed[:, : near.held.shape[2]] = near.held[place]
    bundles = np.concatenate([listed, seating.held[free]])
    key = np.column_stack([owner, np.sort(bundles, axis=1)])
    _, first = np.unique(key, axis=0, return_index=True)
    first.sort()
    owner, bundles = owner[first], bundles[first]
    plain = purpose.terms(np.zeros(market.local.rows, np.int64))
    worth = worths_of(market.local, plain, free[owner], bundles)
    lawful = worth > NOTHING
    return Columns(free, owner[lawful], bundles[lawful], worth[lawful])


def usage_matrix(local: Local, held: Places) -> sparse.csc_array:
    """Return what bundles use of each shared row, shape (rows, bundles)."""
    bundle, place = np.nonzero(held >= 0)
    offers = local.offer[held[bundle, place]]
    seats = Lists(local.row_edges, local.row.astype(np.int64), local.coef).of(offers)
    each = local.head.astype(np.int64)
    heads = Lists(local.head_edges, each, each).of(offers)
    at = np.repeat(bundle, np.diff(seats.edges))
    head_at = np.repeat(bundle, np.diff(heads.edges))
    once = np.unique(np.column_stack([heads.values, head_at]), axis=0).astype(np.int64)
    rows = np.concatenate([seats.values, once[:, 0]])
    columns = np.concatenate([at, once[:, 1]])
    amounts = np.concatenate([seats.weights, np.ones(len(once), np.int64)])
    return sparse.csc_array((amounts, (rows, columns)), shape=(local.rows, len(held)))


def _round(seating: Seating, columns: Columns, width: Width) -> None:
    """Seat the people of some columns: linear programs, each fixing those who are whole."""
    market, purpose = seating.market, seating.purpose
    usage = usage_matrix(market.local, columns.held)
    is_open = np.ones(len(columns.people), bool)
    possible = np.ones(len(columns.owner), bool)
    is_first = True
    while is_open.any():
        room = market.room(purpose, seating.held)
        which = np.flatnonzero(is_open[columns.owner] & possible)
        which = which[_fits(usage[:, which], room.hi - room.usage)]
        if not len(which):
            return
        program = _program(columns, which, usage[:, which], room, whole=False)
        answer = solve_lp(program)
        if answer is None:
            return
        x = answer.x[: len(which)]
        part = int((x > 1e-6).sum() - (x > 1 - 1e-6).sum())
        ends = width.nodes > 0 and not (width.is_late and is_first)
        if ends and part:
            whole = _program(columns, which, usage[:, which], room, whole=True)
            found = solve_mip(whole, width.nodes, 1e-6)
            x = x if found is None else found.x[: len(which)]
        waits = width.nodes > 0 and not ends
        fixed = np.flatnonzero(x > 1 - 1e-6) if waits else _chosen(x)
        if not len(fixed):
            return
        taken = _take(fixed, which, columns, usage, room.hi - room.usage)
        seating.held[columns.people[columns.owner[taken]]] = columns.held[taken]
        is_open[columns.owner[taken]] = False
        refused = np.setdiff1d(which[fixed], taken)
        possible[refused] = False
        if not part or ends:
            return
        is_first = False


def _fits(usage: sparse.csc_array, left: Ints) -> Mask:
    columns = np.repeat(np.arange(usage.shape[1]), np.diff(usage.indptr))
    over = usage.data > left[usage.indices]
    return np.asarray(np.bincount(columns, over, minlength=usage.shape[1]) == 0)


def _chosen(x: Floats) -> Ints:
    """Return the whole columns, then the largest quarter of those of at least one half."""
    whole = np.flatnonzero(x > 1 - 1e-6)
    half = np.flatnonzero((x >= 0.5) & (x <= 1 - 1e-6))
    half = half[np.argsort(-x[half], kind="stable")][: max(3, len(half) // 4)]
    if not len(whole) and not len(half):
        half = np.flatnonzero(x > 1e-6)
        half = half[np.argsort(-x[half], kind="stable")][:3]
    return np.concatenate([whole, half])


def _take(fixed: Ints, which: Ints, columns: Columns, usage: sparse.csc_array, left: Ints) -> Ints:
    """Return the columns that fit beside each other, taken in turn, one for each person."""
    left, taken, seen = left.copy(), [], set()
    for column in which[fixed].tolist():
        begin, end = usage.indptr[column], usage.indptr[column + 1]
        rows, amounts = usage.indices[begin:end], usage.data[begin:end]
        owner = int(columns.owner[column])
        if owner not in seen and (amounts <= left[rows]).all():
            left[rows] -= amounts
            seen.add(owner)
            taken.append(column)
    return np.array(taken, np.int64)


def _program(
    columns: Columns, which: Ints, usage: sparse.csc_array, room: Room, *, whole: bool
) -> Program:
    """Return the program over some columns in what is left; shortages have columns of their own."""
    owner = columns.owner[which]
    used = np.flatnonzero(np.bincount(usage.indices, minlength=usage.shape[0]))
    left = (room.hi - room.usage)[used]
    need = np.maximum(room.lo - room.usage, 0)[used] * (room.weight[used] > 0)
    matrix = sparse.csr_array(usage)[used]
    total = np.asarray(matrix.sum(axis=1)).ravel()
    kept = (total > left) | (need > 0)
    matrix, left, need, used = matrix[kept], left[kept], need[kept], used[kept]
    short = np.flatnonzero(need)
    n, k, people = len(which), len(short), int(owner.max()) + 1
    one = sparse.csr_array((np.ones(n), (owner, np.arange(n))), (people, n))
    asked = np.flatnonzero(np.bincount(owner, minlength=people))
    slack = sparse.csr_array((np.ones(k), (short, np.arange(k))), (len(need), k))
    blocks = [
        sparse.hstack([one[asked], sparse.csr_array((len(asked), k))]),
        sparse.hstack([matrix, sparse.csr_array(slack.shape)]),
        sparse.hstack([matrix[short], slack[short]]),
    ]
    upper = np.where(left >= UNLIMITED // 2, np.inf, left.astype(float))
    return Program(
        np.concatenate([columns.worth[which], -room.weight[used[short]]]).astype(float),
        np.zeros(n + k),
        np.concatenate([np.ones(n), np.full(k, np.inf)]),
        np.concatenate([np.full(n, whole), np.zeros(k, bool)]),
        sparse.csr_array(sparse.vstack(blocks, format="csr")),
        np.concatenate([np.full(len(asked) + len(left), -np.inf), need[short].astype(float)]),
        np.concatenate([np.ones(len(asked)), upper, np.full(k, np.inf)]),
    )

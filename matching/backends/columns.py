"""Bundles as columns of a linear or integer program, in what some others leave of the shared rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.backends.kernel import NOTHING, Room
from matching.backends.linear import Program
from matching.backends.lists import Lists, Places
from matching.backends.local import Local
from matching.backends.market import Market, Purpose
from matching.backends.passes import Near, worths_of
from matching.instance import Ints
from matching.schema import UNLIMITED


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


def columns_of(
    market: Market, purpose: Purpose, people: Ints, owner: Ints, held: Places
) -> Columns:
    """Return some bundles as columns, each once and only lawful ones; `owner` is a place in `people`."""
    first = first_of_each(owner, held)
    owner, held = owner[first], held[first]
    plain = purpose.terms(np.zeros(market.local.rows, np.int64))
    worth = worths_of(market.local, plain, people[owner], held)
    lawful = worth > NOTHING
    return Columns(people, owner[lawful], held[lawful], worth[lawful])


def listed(near: Near, size: int) -> tuple[Ints, Places]:
    """Return found bundles one by one: the place of each one's owner, and its options."""
    place, which = np.nonzero(np.arange(near.worth.shape[1])[None, :] < near.found[:, None])
    listed = np.full((len(place), size), -1, np.int32)
    listed[:, : near.held.shape[2]] = near.held[place, which]
    return place, listed


def first_of_each(owner: Ints, bundles: Places) -> Ints:
    """Return the first place of every bundle of every owner, in order."""
    key = np.column_stack([owner, np.sort(bundles, axis=1)])
    _, first = np.unique(key, axis=0, return_index=True)
    return np.sort(first)


def usage_matrix(local: Local, held: Places) -> sparse.csc_array:
    """Return what bundles use of each shared row, shape (rows, bundles)."""
    bundle, place = np.nonzero(held >= 0)
    offers = local.offer[held[bundle, place]]
    seats = Lists(local.row_edges, local.row.astype(np.int64), local.coefs).of(offers)
    each = local.head.astype(np.int64)
    heads = Lists(local.head_edges, each, each).of(offers)
    at = np.repeat(bundle, np.diff(seats.edges))
    head_at = np.repeat(bundle, np.diff(heads.edges))
    once = np.unique(np.column_stack([heads.values, head_at]), axis=0).astype(np.int64)
    rows = np.concatenate([seats.values, once[:, 0]])
    columns = np.concatenate([at, once[:, 1]])
    amounts = np.concatenate([seats.weights, np.ones(len(once), np.int64)])
    return sparse.csc_array((amounts, (rows, columns)), shape=(local.rows, len(held)))


def program_of(
    columns: Columns, which: Ints, usage: sparse.csc_array, room: Room, *, whole: bool
) -> tuple[Program, Ints]:
    """Return the program over some columns in what is left, and the shared row of each of its rows.

    Shortages have columns of their own; rows that only say "one for each person" have -1.
    """
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
    rows = np.concatenate([np.full(len(asked), -1), used, used[short]])
    program = Program(
        np.concatenate([columns.worth[which], -room.weight[used[short]]]).astype(float),
        np.zeros(n + k),
        np.concatenate([np.ones(n), np.full(k, np.inf)]),
        np.concatenate([np.full(n, whole), np.zeros(k, bool)]),
        sparse.csr_array(sparse.vstack(blocks, format="csr")),
        np.concatenate([np.full(len(asked) + len(left), -np.inf), need[short].astype(float)]),
        np.concatenate([np.ones(len(asked)), upper, np.full(k, np.inf)]),
    )
    return program, rows

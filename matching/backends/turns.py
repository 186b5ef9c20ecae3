"""Passes over teachers with the search of one: what each would take, and who moves in her turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matching.backends.counted import note_rows, use, worth_of
from matching.backends.kernel import NOTHING, Costs, Desk, Room, Terms
from matching.backends.laying import coef_at
from matching.backends.lists import Places
from matching.backends.searching import search
from matching.backends.woven import compiled
from matching.instance import Ints

if TYPE_CHECKING:
    from matching.backends.local import Local


@compiled
def near_part(
    local: Local,
    terms: Terms,
    costs: Costs,
    room: Room,
    desk: Desk,
    teachers: Ints,
    wanted: Ints,
    begin: int,
    end: int,
    within: int,
    count: Ints,
    worth: Ints,
    held: Places,
) -> None:
    """Fill the places `begin` to `end` of `near` with the best bundles of some teachers."""
    most = worth.shape[1]
    for i in range(begin, end):
        t = teachers[i]
        count[i] = search(local, terms, costs, room, desk, t, most, within, wanted[i], NOTHING)
        for j in range(count[i]):
            worth[i, j] = desk.score[j]
            for d in range(desk.length[j]):
                held[i, j, d] = local.start[t] + desk.found[j, d]


@compiled
def asked_part(
    local: Local,
    terms: Terms,
    costs: Costs,
    room: Room,
    desk: Desk,
    begin: int,
    end: int,
    every: int,
    usage: Ints,
    total: Ints,
) -> None:
    """Add what some teachers' best bundles are worth, and what they use of each shared row.

    They are those from `begin` on, one in `every`. `total` counts the worth, the teachers who have no
    lawful bundle, and those whose search was cut short.
    """
    offers, row_edges, rows = local.offer, local.row_edges, local.row
    head_edges, heads, has_heads = local.head_edges, local.head, len(local.head) > 0
    found, length, taken = desk.found, desk.length, desk.taken
    for t in range(begin, end, every):
        kept = search(local, terms, costs, room, desk, t, 1, 0, -1, NOTHING)
        if kept < 0:
            total[2] += 1
            kept = -1 - kept
        elif kept == 0:
            total[1] += 1
        if kept == 0:
            continue
        total[0] += desk.score[0]
        first = local.start[t]
        for d in range(length[0]):
            offer = offers[first + found[0, d]]
            for k in range(row_edges[offer], row_edges[offer + 1]):
                usage[rows[k]] += coef_at(local, k)
            for k in range(head_edges[offer], head_edges[offer + 1]):
                usage[heads[k]] += taken[heads[k]] == 0
                taken[heads[k]] = 1
        for d in range(length[0] if has_heads else 0):
            offer = offers[first + found[0, d]]
            for k in range(head_edges[offer], head_edges[offer + 1]):
                taken[heads[k]] = 0


@compiled
def seat_all(
    local: Local,
    terms: Terms,
    costs: Costs,
    room: Room,
    desk: Desk,
    order: Ints,
    held: Places,
    is_upgrade: bool,
    freed: NDArray[np.bool_],
    is_trial: bool,
    begin: int,
    end: int,
    moves: NDArray[np.bool_],
) -> None:
    """Let teachers choose in turn among what is left; `freed` notes the rows that somebody left.

    `begin` and `end` are places in `order`. In a trial nobody moves: `moves` notes who would if all
    others stayed.
    """
    for i in range(begin, end):
        t = order[i]
        use(local, room.usage, desk.taken, held[t], -1)
        above = NOTHING
        if is_upgrade:
            above = worth_of(local, terms, costs, room, desk, t, held[t])
        moves[i] = search(local, terms, costs, room, desk, t, 1, 0, -1, above) > 0
        if moves[i] and not is_trial:
            for option in held[t]:
                if option < 0:
                    break
                note_rows(local, local.offer[option], freed)
            for d in range(held.shape[1]):
                option = -1
                if d < desk.length[0]:
                    option = local.start[t] + desk.found[0, d]
                held[t, d] = option
        use(local, room.usage, desk.taken, held[t], 1)

"""What bundles that are given are worth, and what they use of the shared rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matching.backends.kernel import NOTHING, Costs, Desk, Room, Terms
from matching.backends.laying import coef_at, leaning
from matching.backends.lists import Places
from matching.backends.searching import is_lawful
from matching.backends.woven import compiled, woven
from matching.instance import Ints

if TYPE_CHECKING:
    from matching.backends.local import Local


@compiled
def worths_part(
    local: Local,
    terms: Terms,
    costs: Costs,
    room: Room,
    desk: Desk,
    teachers: Ints,
    held: Places,
    begin: int,
    end: int,
    worth: Ints,
) -> None:
    """Fill the places `begin` to `end` of `worth` with what bundles of some teachers are worth."""
    for i in range(begin, end):
        worth[i] = worth_of(local, terms, costs, room, desk, teachers[i], held[i])


@compiled
def worth_of(
    local: Local, terms: Terms, costs: Costs, room: Room, desk: Desk, teacher: int, held: Places
) -> int:
    """Return what a bundle is worth relative to the empty one; NOTHING if it is not lawful.

    The shared rows are not asked for room, but with limited room all seats together earn what they
    mend.
    """
    price, taken, raw, amount = terms.price, desk.taken, desk.raw, desk.amount
    limited, usage, row_lo, weight = room.is_limited, room.usage, room.lo, room.weight
    for node in range(len(raw)):
        raw[node] = 0
    for row in range(len(amount)):
        amount[row] = 0
    score, depth = 0, 0
    for option in held:
        if option < 0:
            break
        offer = local.offer[option]
        body = local.body[offer]
        desk.path[depth] = depth
        desk.order[depth] = option - local.start[teacher]
        depth += 1
        score += np.int64(terms.value[option]) * terms.scale - costs.cost[offer]
        if terms.lean > 0:
            score += leaning(terms.lot[teacher], local.section[body], terms.lean)
        if limited:
            for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
                row, coef = local.row[k], coef_at(local, k)
                left = row_lo[row] - usage[row] - taken[row]
                if left > 0:
                    score += weight[row] * min(coef, left)
                taken[row] += max(0, coef)
        for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
            row = local.head[k]
            if taken[row] == 0:
                score -= price[row]
                if limited and usage[row] < row_lo[row]:
                    score += weight[row]
            taken[row] += 1
        for k in range(local.node_edges[body], local.node_edges[body + 1]):
            node, step = local.node[k], local.amount[k]
            row = local.owner[node]
            while node >= 0 and step > 0:
                before = min(raw[node], local.cap[node])
                raw[node] += step
                step = min(raw[node], local.cap[node]) - before
                node = local.parent[node]
            amount[row] += step
    for row in range(len(amount)):
        lo, hi = local.lo[teacher, row], local.hi[teacher, row]
        score += terms.lo_weight[row] * min(amount[row], lo)
        score -= terms.hi_weight[row] * max(0, amount[row] - hi)
    lawful = is_lawful(local, desk, teacher, depth)
    for option in range(local.start[teacher], local.start[teacher + 1]):
        if len(local.must) and local.must[option]:
            lawful = lawful and option in held
    for option in held:
        if option < 0:
            break
        offer = local.offer[option]
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            taken[local.row[k]] = 0
        for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
            taken[local.head[k]] = 0
    return score if lawful else NOTHING


@compiled
def uses_part(local: Local, held: Places, usage: Ints, seen: Ints) -> None:
    """Add to `usage` what some bundles use of each shared row; `seen` is all 0."""
    for i in range(len(held)):
        use(local, usage, seen, held[i], 1)


@compiled
def use(local: Local, usage: Ints, seen: Ints, held: Places, sign: int) -> None:
    """Add (or with sign -1 take away) what a bundle uses of the shared rows; `seen` is all 0."""
    offers, row_edges, rows = local.offer, local.row_edges, local.row
    head_edges, heads = local.head_edges, local.head
    for option in held:
        if option < 0:
            break
        offer = offers[option]
        for k in range(row_edges[offer], row_edges[offer + 1]):
            usage[rows[k]] += sign * coef_at(local, k)
        for k in range(head_edges[offer], head_edges[offer + 1]):
            if seen[heads[k]] == 0:
                usage[heads[k]] += sign
                seen[heads[k]] = 1
    for option in held:
        if option < 0:
            break
        offer = offers[option]
        for k in range(head_edges[offer], head_edges[offer + 1]):
            seen[heads[k]] = 0


@woven
def note_rows(local: Local, offer: int, noted: NDArray[np.bool_]) -> None:
    """Note the shared rows that an offer uses."""
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        noted[local.row[k]] = True
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        noted[local.head[k]] = True


@compiled
def keep_reached(
    local: Local, noted: NDArray[np.bool_], teachers: Ints, reached: NDArray[np.bool_]
) -> None:
    """Note which of some teachers have an option that uses a noted row."""
    for i in range(len(teachers)):
        for option in range(local.start[teachers[i]], local.start[teachers[i] + 1]):
            offer = local.offer[option]
            for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
                reached[i] |= noted[local.row[k]]
            for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
                reached[i] |= noted[local.head[k]]
            if reached[i]:
                break

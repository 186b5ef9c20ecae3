"""The candidates of one teacher laid out for the search, the most promising first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.backends.implied import needed_first
from matching.backends.kernel import BIT, WORD, Costs, Desk, Room, Terms
from matching.backends.woven import compiled, woven
from matching.instance import Ints

if TYPE_CHECKING:
    from matching.backends.local import Local


@woven
def leaning(number: int, section: int, lean: int) -> int:
    """Return by how much a teacher with a number likes a section more: less than `lean`."""
    mixed = (number * 48271 + section * 69621 + 1) % MODULUS
    return ((mixed * mixed + section) % MODULUS) % lean


MODULUS = (1 << 31) - 1
"""Mixed numbers stay below this prime, so that their products fit in 64 bits."""


@woven
def coef_at(local: Local, place: int) -> np.int64:
    """Return how much of a shared row a seat uses, by its place in `local.row`."""
    return np.int64(local.coef[place] if len(local.coef) > 0 else 1)


@compiled
def sum_costs(local: Local, terms: Terms, begin: int, end: int, costs: Costs) -> None:
    """Fill in what prices make of some offers, and what mending adds at most to their bodies."""
    row_edges, rows, bodies = local.row_edges, local.row, local.body
    node_edges, nodes, amounts, owner = local.node_edges, local.node, local.amount, local.owner
    price, lo_weight = terms.price, terms.lo_weight
    for offer in range(begin, end):
        paid, more = 0, 0
        for k in range(row_edges[offer], row_edges[offer + 1]):
            paid += price[rows[k]] * coef_at(local, k)
        body = bodies[offer]
        for k in range(node_edges[body], node_edges[body + 1]):
            more += lo_weight[owner[nodes[k]]] * amounts[k]
        costs.cost[offer], costs.more[body] = paid, more


@compiled
def sum_some_costs(
    local: Local, terms: Terms, teachers: Ints, begin: int, end: int, costs: Costs
) -> None:
    """Fill in the costs of the offers of some teachers, given by their places `begin` to `end`."""
    for t in teachers[begin:end]:
        for option in range(local.start[t], local.start[t + 1]):
            sum_costs(local, terms, local.offer[option], local.offer[option] + 1, costs)


@woven
def earned_at_most(local: Local, terms: Terms, room: Room, offer: int) -> int:
    """Return the most that the shared rows of an offer add: heads, and with limited room shortages."""
    price, limited, weight, most = terms.price, room.is_limited, room.weight, 0
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        row = local.head[k]
        earned = -price[row]
        if limited:
            earned += weight[row]
        most += max(0, earned)
    if limited:
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            most += max(0, weight[local.row[k]] * coef_at(local, k))
    return most


@woven
def lay_out(
    local: Local,
    terms: Terms,
    costs: Costs,
    room: Room,
    desk: Desk,
    teacher: int,
    wanted: int,
    least: int,
) -> tuple[int, int]:
    """Put the candidates on the desk; return how many there are, and how many must be held.

    Those that must be held come first, then the most promising, what one seat mends for all apart.
    With limited room a seat that mends a shortage of a row earns that row's weight, as if it were
    the only one. An option that can add less than `least` is left aside. The second number is -1 if
    what must be held has no room.
    """
    # Fields are taken out of their tuples once: inside the loops each access would cost as much as
    # the work itself.
    offers, must, lo, owner = local.offer, local.must, local.lo, local.owner
    bodies, node_edges, nodes, amounts = local.body, local.node_edges, local.node, local.amount
    row_edges, rows = local.row_edges, local.row
    head_edges, heads = local.head_edges, local.head
    once = local.once
    value, scale, price, lo_weight = terms.value, terms.scale, terms.price, terms.lo_weight
    lot, lean, sections = terms.lot, terms.lean, local.section
    cost, more, limited = costs.cost, costs.more, room.is_limited
    usage, row_lo, row_hi, weight = room.usage, room.lo, room.hi, room.weight
    nets, hopes, order, ahead, top = desk.net, desk.hope, desk.order, desk.ahead, desk.top
    first, deepest = local.start[teacher], local.size[teacher]
    plain, has_heads = is_plain(local, teacher), len(heads) > 0
    count, fixed = 0, 0
    for d in range(deepest + 1):
        top[d] = 0
    for i in range(local.start[teacher + 1] - first):
        option = first + i
        offer = offers[option]
        is_fixed = (len(must) > 0 and must[option]) or i == wanted
        own = np.int64(value[option]) * scale
        body = bodies[offer]
        net, bonus, gain, apart, fits = own - cost[offer], 0, 0, 0, True
        lacks = least - net - more[body] - lean
        is_idle = plain and not is_fixed and lacks > 0
        if is_idle and lacks > earned_at_most(local, terms, room, offer):
            continue
        if lean > 0:
            net += leaning(lot[teacher], sections[body], lean)
        if limited:
            for k in range(row_edges[offer], row_edges[offer + 1]):
                row, coef = rows[k], coef_at(local, k)
                if coef > 0 and usage[row] + coef > row_hi[row]:
                    fits = False
                    break
                if usage[row] < row_lo[row]:
                    net += weight[row] * min(coef, row_lo[row] - usage[row])
        if not fits:
            if is_fixed:
                return 0, -1
            continue
        if has_heads:
            for k in range(head_edges[offer], head_edges[offer + 1]):
                row = heads[k]
                earned = -price[row]
                if limited and usage[row] < row_lo[row]:
                    earned += weight[row]
                bonus += max(0, earned)
        for k in range(node_edges[body], node_edges[body + 1]):
            row = owner[nodes[k]]
            if lo_weight[row] > 0:
                mends = lo_weight[row] * min(amounts[k], lo[teacher, row])
                if once[row]:
                    apart += mends
                else:
                    gain += mends
        hope = net + bonus + gain
        if is_fixed:
            place = fixed
            for p in range(count, fixed, -1):
                order[p], nets[p], hopes[p] = order[p - 1], nets[p - 1], hopes[p - 1]
            fixed += 1
        elif plain and hope + apart < least:
            continue
        else:
            place = count
            while place > fixed and hopes[place - 1] < hope:
                p = place - 1
                order[place], nets[place], hopes[place] = order[p], nets[p], hopes[p]
                place = p
            at = deepest
            while at > 0 and net + bonus > top[at]:
                if at < deepest:
                    top[at + 1] = top[at]
                top[at] = net + bonus
                at -= 1
        order[place], nets[place], hopes[place] = i, net, hope
        count += 1
    if local.need_of[teacher] < local.need_of[teacher + 1]:
        needed_first(local, desk, teacher, fixed, count)
    ahead[0] = 0
    for c in range(count):
        ahead[c + 1] = ahead[c] + max(0, hopes[c])
    for d in range(1, deepest + 1):
        top[d] += top[d - 1]
    shut_out(local, desk, first, count)
    return count, fixed


@woven
def is_plain(local: Local, teacher: int) -> bool:
    """Tell whether an option that cannot pay for itself may be left aside."""
    plain = local.tie_of[teacher] == local.tie_of[teacher + 1]
    plain = plain and local.need_of[teacher] == local.need_of[teacher + 1]
    for row in range(len(local.strict_lo)):
        plain = plain and not (local.strict_lo[row] and local.lo[teacher, row] > 0)
    return bool(plain)


@woven
def shut_out(local: Local, desk: Desk, first: int, count: int) -> None:
    """Note for each candidate its body and, as bits, which later ones it excludes."""
    offers, edges, groups = local.offer, local.group_edges, local.group
    order, bodies, shut, marks = desk.order, desk.body, desk.shut, desk.marks
    words = (count >> WORD) + 1
    for c in range(count - 1, -1, -1):
        body = local.body[offers[first + order[c]]]
        bodies[c] = body
        for w in range(words):
            shut[c, w] = 0
        for k in range(edges[body], edges[body + 1]):
            for w in range(words):
                shut[c, w] |= marks[groups[k], w]
            marks[groups[k], c >> WORD] |= 1 << (c & BIT)
    for c in range(count):
        for k in range(edges[bodies[c]], edges[bodies[c] + 1]):
            for w in range(words):
                marks[groups[k], w] = 0

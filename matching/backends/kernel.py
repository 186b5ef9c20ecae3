"""The exact search for what one teacher would rather hold, compiled by numba.

At given prices of the shared rows a teacher's best bundle is found by depth-first search over her
options, the most promising first; a branch ends where even an optimistic sum of what is left cannot
reach what is already found. The same text runs without numba, about a hundred times slower, and a
test holds the two and a plain enumeration against each other.

Values are whole numbers in 1/PRICE_SCALE points. The value of a bundle is told relative to the
empty one, whose priced shortages are the same for every bundle of a teacher. Options are numbered
from 0 for each teacher.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from matching.backends.local import Local, Places
from matching.instance import Ints

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Return a function compiled to machine code, or as it is where numba is not installed.

    All compiled functions stand in this file: numba keeps what it compiled by file, and would not
    notice that a function called from another file has changed.
    """
    try:
        from numba import njit
    except ImportError:
        return function
    return cast(_F, njit(cache=True, nogil=True)(function))


NOTHING = -(1 << 62)
"""The value of a teacher who has no lawful bundle."""

WORD = 63
"""How many options one word of a bit set holds."""


class Terms(NamedTuple):
    """What a search adds up.

    Parameters
    ----------
    value
        Shape (options,): what each option is worth.
    lo_weight, hi_weight
        Shape (bundle rows,): price of one unit below `lo` or above `hi`, 0 where it is not priced.
    price
        Shape (rows,): price of one unit of each shared row.
    """

    value: Ints
    lo_weight: Ints
    hi_weight: Ints
    price: Ints


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


class Desk(NamedTuple):
    """Working space of one thread.

    `net`, `hope` and `shut` belong to options, `order` and `ahead` to the candidates in the order
    of the search, `top` to depths; `raw` and `amount` count nodes and bundle rows of the path;
    `path` to `saved` are the stack; `marks` are bits by exclusive group, `taken` what the path uses
    of the shared rows; `found`, `score` and `length` are the bundles kept, best first.
    """

    net: Ints
    hope: Ints
    shut: NDArray[np.int64]
    order: Places
    ahead: Ints
    top: Ints
    raw: Ints
    amount: Ints
    path: Places
    at: Places
    worth: Ints
    mended: Ints
    barred: NDArray[np.int64]
    saved: Ints
    marks: NDArray[np.int64]
    taken: Ints
    found: Places
    score: Ints
    length: Places


@compiled
def desk_of(local: Local, widest: int, deepest: int, most: int) -> Desk:
    """Return space for teachers of so many options and bundles of such a size, `most` kept."""
    nodes, rows = len(local.parent), local.lo.shape[1]
    words = widest // WORD + 1
    return Desk(
        np.empty(widest, np.int64),
        np.empty(widest, np.int64),
        np.empty((widest, words), np.int64),
        np.empty(widest, np.int32),
        np.empty(widest + 1, np.int64),
        np.empty(deepest + 2, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(rows, np.int64),
        np.empty(deepest + 1, np.int32),
        np.empty(deepest + 1, np.int32),
        np.empty(deepest + 1, np.int64),
        np.empty(deepest + 1, np.int64),
        np.zeros((deepest + 1, words), np.int64),
        np.empty((deepest + 1, nodes + rows), np.int64),
        np.zeros((max(1, local.groups), words), np.int64),
        np.zeros(max(1, local.rows), np.int64),
        np.empty((most, deepest + 1), np.int32),
        np.empty(most, np.int64),
        np.empty(most, np.int32),
    )


@compiled
def lay_out(local: Local, terms: Terms, room: Room, desk: Desk, teacher: int, wanted: int) -> int:
    """Put the options worth looking at on the desk, the most promising first; return how many.

    With limited room a seat that mends a shortage of a row earns that row's weight. `ahead` sums
    what the first candidates could be worth at best, `top` the largest net values of any one, two,
    ... candidates.
    """
    # Fields are taken out of their tuples once: inside the loops each access would cost as much as
    # the work itself.
    offers, must, lo, owner = local.offer, local.must, local.lo, local.owner
    row_edges, rows, coefs = local.row_edges, local.row, local.coef
    head_edges, heads = local.head_edges, local.head
    node_edges, nodes, amounts = local.node_edges, local.node, local.amount
    value, price, lo_weight = terms.value, terms.price, terms.lo_weight
    limited = room.is_limited
    usage, row_lo, row_hi, weight = room.usage, room.lo, room.hi, room.weight
    nets, hopes, order, ahead, top = desk.net, desk.hope, desk.order, desk.ahead, desk.top
    first, count = local.start[teacher], 0
    size, deepest = local.start[teacher + 1] - first, local.size[teacher]
    plain = is_plain(local, teacher)
    for d in range(deepest + 1):
        top[d] = 0
    for i in range(size):
        offer, net, bonus, gain = offers[first + i], value[first + i], 0, 0
        for k in range(row_edges[offer], row_edges[offer + 1]):
            row, coef = rows[k], coefs[k]
            net -= price[row] * coef
            if limited:
                if coef > 0 and usage[row] + coef > row_hi[row]:
                    net = NOTHING
                    break
                if usage[row] < row_lo[row]:
                    net += weight[row] * min(coef, row_lo[row] - usage[row])
        nets[i], hopes[i] = net, NOTHING
        if net == NOTHING:
            continue
        for k in range(head_edges[offer], head_edges[offer + 1]):
            row = heads[k]
            earned = -price[row]
            if limited and usage[row] < row_lo[row]:
                earned += weight[row]
            bonus += max(0, earned)
        for k in range(node_edges[offer], node_edges[offer + 1]):
            row = owner[nodes[k]]
            if lo_weight[row] > 0:
                gain += lo_weight[row] * min(amounts[k], lo[teacher, row])
        hope = net + bonus + gain
        if must[first + i] or i == wanted:
            hopes[i] = hope
            continue
        if plain and hope <= 0:
            continue
        hopes[i] = hope
        place = count
        while place > 0 and hopes[order[place - 1]] < hope:
            order[place] = order[place - 1]
            place -= 1
        order[place] = i
        count += 1
        place = deepest
        while place > 0 and net + bonus > top[place]:
            if place < deepest:
                top[place + 1] = top[place]
            top[place] = net + bonus
            place -= 1
    ahead[0] = 0
    for i in range(count):
        ahead[i + 1] = ahead[i] + max(0, hopes[order[i]])
    for d in range(1, deepest + 1):
        top[d] += top[d - 1]
    shut_out(local, desk, first, size)
    return count


@compiled
def is_plain(local: Local, teacher: int) -> bool:
    """Tell whether an option that cannot pay for itself may be left aside."""
    plain = local.tie_of[teacher] == local.tie_of[teacher + 1]
    plain = plain and local.need_of[teacher] == local.need_of[teacher + 1]
    for row in range(len(local.strict_lo)):
        plain = plain and not (local.strict_lo[row] and local.lo[teacher, row] > 0)
    return bool(plain)


@compiled
def shut_out(local: Local, desk: Desk, first: int, size: int) -> None:
    """Note for each option on the desk, as bits, which ones it excludes, itself included."""
    offers, edges, groups = local.offer, local.group_edges, local.group
    hopes, shut, marks = desk.hope, desk.shut, desk.marks
    words = size // WORD + 1
    for i in range(size):
        if hopes[i] != NOTHING:
            for k in range(edges[offers[first + i]], edges[offers[first + i] + 1]):
                marks[groups[k], i // WORD] |= 1 << (i % WORD)
    for i in range(size):
        if hopes[i] != NOTHING:
            for w in range(words):
                shut[i, w] = 0
            shut[i, i // WORD] = 1 << (i % WORD)
            for k in range(edges[offers[first + i]], edges[offers[first + i] + 1]):
                for w in range(words):
                    shut[i, w] |= marks[groups[k], w]
    for i in range(size):
        if hopes[i] != NOTHING:
            for k in range(edges[offers[first + i]], edges[offers[first + i] + 1]):
                for w in range(words):
                    marks[groups[k], w] = 0


@compiled
def fits_rows(local: Local, room: Room, desk: Desk, offer: int) -> bool:
    """Tell whether the shared rows have room for an option beside those of the path."""
    rows, coefs, heads = local.row, local.coef, local.head
    usage, hi, taken = room.usage, room.hi, desk.taken
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        row, coef = rows[k], coefs[k]
        if coef > 0 and usage[row] + taken[row] + coef > hi[row]:
            return False
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        row = heads[k]
        if taken[row] == 0 and usage[row] + 1 > hi[row]:
            return False
    return True


@compiled
def take_rows(local: Local, terms: Terms, room: Room, desk: Desk, offer: int, sign: int) -> int:
    """Let the path take (or with sign -1 give back) shared rows; return what head rows earn."""
    rows, coefs, heads = local.row, local.coef, local.head
    taken, earned = desk.taken, 0
    if room.is_limited:
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            taken[rows[k]] += sign * coefs[k]
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        row = heads[k]
        if taken[row] == 0:
            earned -= terms.price[row]
            if room.is_limited and room.usage[row] < room.lo[row]:
                earned += room.weight[row]
        taken[row] += sign
    return earned


@compiled
def is_lawful(local: Local, desk: Desk, teacher: int, depth: int) -> bool:
    """Tell whether the present path is a bundle: strict limits, ties and implications."""
    for row in range(len(local.strict_lo)):
        if local.strict_lo[row] and desk.amount[row] < local.lo[teacher, row]:
            return False
        if local.strict_hi[row] and desk.amount[row] > local.hi[teacher, row]:
            return False
    first = local.start[teacher]
    for tie in range(local.tie_of[teacher], local.tie_of[teacher + 1]):
        held = 0
        for k in range(local.tie_edges[tie], local.tie_edges[tie + 1]):
            for d in range(depth):
                held += first + desk.path[d] == local.tie[k]
        if 0 < held < local.tie_edges[tie + 1] - local.tie_edges[tie]:
            return False
    for j in range(local.need_of[teacher], local.need_of[teacher + 1]):
        asked, met = False, False
        for d in range(depth):
            asked = asked or first + desk.path[d] == local.need_option[j]
            for k in range(local.need_edges[j], local.need_edges[j + 1]):
                met = met or first + desk.path[d] == local.need[k]
        if asked and not met:
            return False
    return True


@compiled
def note(desk: Desk, depth: int, score: int, kept: int, most: int) -> int:
    """Keep the present path if it is among the best; return how many are kept."""
    place = kept
    if kept == most:
        place = most - 1
        if score <= desk.score[place]:
            return kept
    while place > 0 and desk.score[place - 1] < score:
        desk.score[place] = desk.score[place - 1]
        desk.length[place] = desk.length[place - 1]
        for d in range(desk.length[place]):
            desk.found[place, d] = desk.found[place - 1, d]
        place -= 1
    desk.score[place] = score
    desk.length[place] = depth
    for d in range(depth):
        desk.found[place, d] = desk.path[d]
    return min(kept + 1, most)


@compiled
def search(
    local: Local,
    terms: Terms,
    room: Room,
    desk: Desk,
    teacher: int,
    most: int,
    within: int,
    wanted: int,
) -> int:
    """Find a teacher's best bundles; they lie on the desk, best first. Return how many.

    At most `most` bundles are kept, none more than `within` below the best. With `wanted` >= 0
    every bundle holds that option of hers. Equal bundles keep the order in which they are met.
    """
    offers, must, owner, parent, cap = local.offer, local.must, local.owner, local.parent, local.cap
    node_edges, nodes, amounts = local.node_edges, local.node, local.amount
    head_edges, strict_hi = local.head_edges, local.strict_hi
    lo, hi = local.lo[teacher], local.hi[teacher]
    lo_weight, hi_weight = terms.lo_weight, terms.hi_weight
    limited = room.is_limited
    nets, hopes, shut, order = desk.net, desk.hope, desk.shut, desk.order
    ahead, top, raw, amount, path = desk.ahead, desk.top, desk.raw, desk.amount, desk.path
    at, worth, open_, barred, saved = desk.at, desk.worth, desk.mended, desk.barred, desk.saved
    first, deepest = local.start[teacher], local.size[teacher]
    size = local.start[teacher + 1] - first
    words = size // WORD + 1
    if deepest < 0:
        return 0
    count = lay_out(local, terms, room, desk, teacher, wanted)
    for node in range(len(parent)):
        raw[node] = 0
    still = 0
    for row in range(len(lo)):
        amount[row] = 0
        still += lo_weight[row] * lo[row]
    for w in range(words):
        barred[0, w] = 0
    depth, score, kept, base = 0, 0, 0, 0
    floor = NOTHING
    i, fixed = 0, 0
    while True:
        # What to put on the path next: first what must be there, then the next candidate that fits.
        j = -1
        if fixed < size:
            while fixed < size and not (must[first + fixed] or fixed == wanted):
                fixed += 1
            if fixed < size:
                j = fixed
                fixed += 1
        is_fixed = j >= 0
        if not is_fixed and fixed == size:
            fixed += 1
            base = depth
            if is_lawful(local, desk, teacher, depth):
                kept = note(desk, depth, score, kept, most)
                floor = score if most == 1 else score - within - 1
        if is_fixed or depth < deepest:
            slots, limit = deepest - depth, floor - score
            while is_fixed or (i < count and (kept == 0 or top[slots] + still > limit)):
                if not is_fixed:
                    j = order[i]
                    if kept and ahead[min(i + slots, count)] - ahead[i] <= limit:
                        j = -1
                        break
                fitting = depth < deepest and (barred[depth, j // WORD] >> (j % WORD)) & 1 == 0
                fitting = fitting and hopes[j] != NOTHING
                if fitting:
                    offer = offers[first + j]
                    for k in range(node_edges[offer], node_edges[offer + 1]):
                        node = nodes[k]
                        row = owner[node]
                        after = min(raw[node] + amounts[k], cap[node])
                        if strict_hi[row] and parent[node] < 0 and after > hi[row]:
                            fitting = False
                            break
                    if fitting and limited:
                        fitting = fits_rows(local, room, desk, offer)
                if fitting:
                    break
                j = -1
                if is_fixed:
                    break
                i += 1
            else:
                j = -1
        if is_fixed and j < 0:
            break
        if j >= 0:
            for node in range(len(parent)):
                saved[depth, node] = raw[node]
            for row in range(len(lo)):
                saved[depth, len(parent) + row] = amount[row]
            at[depth], worth[depth], open_[depth] = i, score, still
            offer = offers[first + j]
            path[depth] = j
            score += nets[j]
            for w in range(words):
                barred[depth + 1, w] = barred[depth, w] | shut[j, w]
            if limited or head_edges[offer] < head_edges[offer + 1]:
                score += take_rows(local, terms, room, desk, offer, 1)
            for k in range(node_edges[offer], node_edges[offer + 1]):
                node, step = nodes[k], amounts[k]
                row = owner[node]
                while node >= 0 and step > 0:
                    before = min(raw[node], cap[node])
                    raw[node] += step
                    step = min(raw[node], cap[node]) - before
                    node = parent[node]
                if step > 0:
                    before, after = amount[row], amount[row] + step
                    amount[row] = after
                    mended = lo_weight[row] * (min(after, lo[row]) - min(before, lo[row]))
                    still -= mended
                    over = max(after, hi[row]) - max(before, hi[row])
                    score += mended - hi_weight[row] * over
            depth += 1
            if not is_fixed:
                i += 1
                if (kept == 0 or score > floor) and is_lawful(local, desk, teacher, depth):
                    kept = note(desk, depth, score, kept, most)
                    floor = desk.score[0] - within - 1
                    if kept == most:
                        floor = max(floor, desk.score[most - 1])
        else:
            if depth == base:
                break
            depth -= 1
            j = path[depth]
            offer = offers[first + j]
            if limited or head_edges[offer] < head_edges[offer + 1]:
                take_rows(local, terms, room, desk, offer, -1)
            for node in range(len(parent)):
                raw[node] = saved[depth, node]
            for row in range(len(lo)):
                amount[row] = saved[depth, len(parent) + row]
            i, score, still = at[depth] + 1, worth[depth], open_[depth]
    while depth > 0:
        depth -= 1
        take_rows(local, terms, room, desk, offers[first + path[depth]], -1)
    while kept and desk.score[kept - 1] < desk.score[0] - within:
        kept -= 1
    return kept


@compiled
def near_part(
    local: Local,
    terms: Terms,
    room: Room,
    teachers: Ints,
    wanted: Ints,
    begin: int,
    end: int,
    space: tuple[int, int],
    within: int,
    count: Ints,
    worth: Ints,
    held: Places,
) -> None:
    """Fill the places `begin` to `end` of `near` with the best bundles of some teachers."""
    most = worth.shape[1]
    desk = desk_of(local, space[0], space[1], most)
    for i in range(begin, end):
        t = teachers[i]
        count[i] = search(local, terms, room, desk, t, most, within, wanted[i])
        for j in range(count[i]):
            worth[i, j] = desk.score[j]
            for d in range(desk.length[j]):
                held[i, j, d] = local.start[t] + desk.found[j, d]


@compiled
def worths_part(
    local: Local,
    terms: Terms,
    room: Room,
    teachers: Ints,
    held: Places,
    begin: int,
    end: int,
    size: int,
    worth: Ints,
) -> None:
    """Fill the places `begin` to `end` of `worth` with what bundles of some teachers are worth."""
    desk = desk_of(local, 1, size, 1)
    for i in range(begin, end):
        worth[i] = worth_of(local, terms, room, desk, teachers[i], held[i])


@compiled
def worth_of(local: Local, terms: Terms, room: Room, desk: Desk, teacher: int, held: Places) -> int:
    """Return what a bundle is worth relative to the empty one; NOTHING if it is not lawful.

    The shared rows are not asked for room, but with limited room each seat earns what it mends.
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
        desk.path[depth] = option - local.start[teacher]
        depth += 1
        score += terms.value[option]
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            row, coef = local.row[k], local.coef[k]
            score -= price[row] * coef
            if limited and usage[row] < row_lo[row]:
                score += weight[row] * min(coef, row_lo[row] - usage[row])
        for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
            row = local.head[k]
            if taken[row] == 0:
                score -= price[row]
                if limited and usage[row] < row_lo[row]:
                    score += weight[row]
            taken[row] += 1
        for k in range(local.node_edges[offer], local.node_edges[offer + 1]):
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
        if local.must[option]:
            lawful = lawful and option in held
    for option in held:
        if option < 0:
            break
        offer = local.offer[option]
        for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
            taken[local.head[k]] = 0
    return score if lawful else NOTHING


@compiled
def uses_part(local: Local, held: Places, usage: Ints) -> None:
    """Add to `usage` what some bundles use of each shared row."""
    seen = np.zeros(local.rows, np.int64)
    for i in range(len(held)):
        use(local, usage, seen, held[i], 1)


@compiled
def use(local: Local, usage: Ints, seen: Ints, held: Places, sign: int) -> None:
    """Add (or with sign -1 take away) what a bundle uses of the shared rows; `seen` is all 0."""
    offers, row_edges, rows, coefs = local.offer, local.row_edges, local.row, local.coef
    head_edges, heads = local.head_edges, local.head
    for option in held:
        if option < 0:
            break
        offer = offers[option]
        for k in range(row_edges[offer], row_edges[offer + 1]):
            usage[rows[k]] += sign * coefs[k]
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


@compiled
def seat_all(
    local: Local,
    terms: Terms,
    room: Room,
    order: Ints,
    held: Places,
    is_upgrade: bool,
    space: tuple[int, int],
) -> int:
    """Let teachers choose in turn among what is left; return how many changed."""
    desk = desk_of(local, space[0], space[1], 1)
    changed = 0
    for t in order:
        use(local, room.usage, desk.taken, held[t], -1)
        is_better = search(local, terms, room, desk, t, 1, 0, -1) > 0
        if is_better and is_upgrade:
            is_better = desk.score[0] > worth_of(local, terms, room, desk, t, held[t])
        if is_better:
            same = True
            for d in range(held.shape[1]):
                option = -1
                if d < desk.length[0]:
                    option = local.start[t] + desk.found[0, d]
                same = same and held[t, d] == option
                held[t, d] = option
            changed += not same
        use(local, room.usage, desk.taken, held[t], 1)
    return changed

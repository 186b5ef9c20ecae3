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
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from matching.backends.lists import Places
from matching.columns import Numbers
from matching.instance import Ints

if TYPE_CHECKING:
    from matching.backends.local import Local

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Return a function compiled to machine code, or as it is where numba is not installed.

    All compiled functions stand in this file: numba keeps what it compiled by file, and would not
    notice that a function called from another file has changed. They create no arrays, so that
    references need not be counted: threads that count the same references wait for each other.
    """
    try:
        from numba import njit
    except ImportError:
        return function
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    return cast(_F, njit(**options)(function))


NOTHING = -(1 << 62)
"""The value of a teacher who has no lawful bundle."""

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
    """

    value: Numbers
    lo_weight: Ints
    hi_weight: Ints
    price: Ints
    lot: Ints = np.zeros(0, np.int64)
    lean: int = 0
    scale: int = 1


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
    """What prices make of each offer, summed once for all who have it.

    Parameters
    ----------
    cost
        Shape (offers,): price times what one seat uses of the shared rows that count seats.
    spare
        Shape (offers,): the most that anything but the value of an option adds to a bundle.
    """

    cost: Ints
    spare: Ints


class Desk(NamedTuple):
    """Working space of one thread.

    `net`, `hope` and `order` belong to the candidates, in the order of the search: what one is worth
    by itself, what it could be worth at best, and which option it is; `shut` are bits of the
    candidates it excludes. `ahead` sums the hopes, `top` the largest net values of any one, two, ...
    candidates. `raw` and `amount` count nodes and bundle rows of the path; `path` to `saved` are the
    stack; `marks` are bits by exclusive group, `taken` what the path uses of the shared rows;
    `found`, `score` and `length` are the bundles kept, best first.
    """

    net: Ints
    hope: Ints
    order: Places
    shut: NDArray[np.int64]
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
        shut=np.empty((widest, words), np.int64),
        ahead=np.empty(widest + 1, np.int64),
        top=np.empty(deepest + 2, np.int64),
        raw=np.zeros(nodes, np.int64),
        amount=np.zeros(rows, np.int64),
        path=np.empty(deepest + 1, np.int32),
        at=np.empty(deepest + 1, np.int32),
        worth=np.empty(deepest + 1, np.int64),
        mended=np.empty(deepest + 1, np.int64),
        barred=np.zeros((deepest + 2, words), np.int64),
        saved=np.empty((deepest + 1, nodes + rows), np.int64),
        marks=np.zeros((max(1, local.groups), words), np.int64),
        taken=np.zeros(max(1, local.rows), np.int64),
        found=np.empty((most, deepest + 1), np.int32),
        score=np.empty(most, np.int64),
        length=np.empty(most, np.int32),
    )


def woven(function: _F) -> _F:
    """Return a function that is compiled into each place that calls it.

    A call hands over some hundred words: all arrays with their shapes.
    """
    try:
        from numba import njit
    except ImportError:
        return function
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False, "forceinline": True}
    return cast(_F, njit(**options)(function))


@woven
def leaning(number: int, section: int, lean: int) -> int:
    """Return by how much a teacher with a number likes a section more: less than `lean`."""
    mixed = (number * 48271 + section * 69621 + 1) % MODULUS
    return ((mixed * mixed + section) % MODULUS) % lean


MODULUS = (1 << 31) - 1
"""Mixed numbers stay below this prime, so that their products fit in 64 bits."""


@compiled
def sum_costs(local: Local, terms: Terms, room: Room, begin: int, end: int, costs: Costs) -> None:
    """Fill in what prices, and with limited room shortages that can be mended, make of offers."""
    row_edges, rows, coefs = local.row_edges, local.row, local.coef
    head_edges, heads, bodies = local.head_edges, local.head, local.body
    node_edges, nodes, amounts, owner = local.node_edges, local.node, local.amount, local.owner
    price, lo_weight = terms.price, terms.lo_weight
    limited, weight = room.is_limited, room.weight
    for offer in range(begin, end):
        paid, more = 0, 0
        for k in range(row_edges[offer], row_edges[offer + 1]):
            paid += price[rows[k]] * coefs[k]
            if limited:
                more += max(0, weight[rows[k]] * coefs[k])
        for k in range(head_edges[offer], head_edges[offer + 1]):
            earned = -price[heads[k]]
            if limited:
                earned += weight[heads[k]]
            more += max(0, earned)
        body = bodies[offer]
        for k in range(node_edges[body], node_edges[body + 1]):
            more += lo_weight[owner[nodes[k]]] * amounts[k]
        costs.cost[offer], costs.spare[offer] = paid, more - paid


@compiled
def sum_some_costs(local: Local, terms: Terms, room: Room, teachers: Ints, costs: Costs) -> None:
    """Fill in the costs of the offers of some teachers."""
    for t in teachers:
        for option in range(local.start[t], local.start[t + 1]):
            sum_costs(local, terms, room, local.offer[option], local.offer[option] + 1, costs)


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

    Those that must be held come first, then the most promising. With limited room a seat that mends
    a shortage of a row earns that row's weight, as if it were the only one. An option that can add less than `least` is left
    aside. The second number is -1 if what must be held has no room.
    """
    # Fields are taken out of their tuples once: inside the loops each access would cost as much as
    # the work itself.
    offers, must, lo, owner = local.offer, local.must, local.lo, local.owner
    bodies, node_edges, nodes, amounts = local.body, local.node_edges, local.node, local.amount
    row_edges, rows, coefs = local.row_edges, local.row, local.coef
    head_edges, heads = local.head_edges, local.head
    value, scale, price, lo_weight = terms.value, terms.scale, terms.price, terms.lo_weight
    lot, lean, sections = terms.lot, terms.lean, local.section
    cost, spare, limited = costs.cost, costs.spare, room.is_limited
    usage, row_lo, row_hi, weight = room.usage, room.lo, room.hi, room.weight
    nets, hopes, order, ahead, top = desk.net, desk.hope, desk.order, desk.ahead, desk.top
    first, deepest = local.start[teacher], local.size[teacher]
    plain = is_plain(local, teacher)
    count, fixed = 0, 0
    for d in range(deepest + 1):
        top[d] = 0
    for i in range(local.start[teacher + 1] - first):
        option = first + i
        offer = offers[option]
        is_fixed = (len(must) > 0 and must[option]) or i == wanted
        own = np.int64(value[option]) * scale
        if plain and not is_fixed and own + spare[offer] + lean < least:
            continue
        net, bonus, gain, fits = own - cost[offer], 0, 0, True
        body = bodies[offer]
        if lean > 0:
            net += leaning(lot[teacher], sections[body], lean)
        if limited:
            for k in range(row_edges[offer], row_edges[offer + 1]):
                row, coef = rows[k], coefs[k]
                if coef > 0 and usage[row] + coef > row_hi[row]:
                    fits = False
                    break
                if usage[row] < row_lo[row]:
                    net += weight[row] * min(coef, row_lo[row] - usage[row])
        if not fits:
            if is_fixed:
                return 0, -1
            continue
        for k in range(head_edges[offer], head_edges[offer + 1]):
            row = heads[k]
            earned = -price[row]
            if limited and usage[row] < row_lo[row]:
                earned += weight[row]
            bonus += max(0, earned)
        for k in range(node_edges[body], node_edges[body + 1]):
            row = owner[nodes[k]]
            if lo_weight[row] > 0:
                gain += lo_weight[row] * min(amounts[k], lo[teacher, row])
        hope = net + bonus + gain
        if is_fixed:
            place = fixed
            for p in range(count, fixed, -1):
                order[p], nets[p], hopes[p] = order[p - 1], nets[p - 1], hopes[p - 1]
            fixed += 1
        elif plain and hope < least:
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
    """Note for each candidate, as bits, which ones it excludes, itself included."""
    offers, bodies, edges, groups = local.offer, local.body, local.group_edges, local.group
    order, shut, marks = desk.order, desk.shut, desk.marks
    words = (count >> WORD) + 1
    for c in range(count):
        body = bodies[offers[first + order[c]]]
        for k in range(edges[body], edges[body + 1]):
            marks[groups[k], c >> WORD] |= 1 << (c & BIT)
    for c in range(count):
        body = bodies[offers[first + order[c]]]
        for w in range(words):
            shut[c, w] = 0
        shut[c, c >> WORD] = 1 << (c & BIT)
        for k in range(edges[body], edges[body + 1]):
            for w in range(words):
                shut[c, w] |= marks[groups[k], w]
    for c in range(count):
        body = bodies[offers[first + order[c]]]
        for k in range(edges[body], edges[body + 1]):
            for w in range(words):
                marks[groups[k], w] = 0


@woven
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


@woven
def take_rows(local: Local, terms: Terms, room: Room, desk: Desk, offer: int, sign: int) -> int:
    """Let the path take (or with sign -1 give back) shared rows; return what head rows earn.

    An option's net value takes all it could mend of a shared row's shortage by itself; what the
    path has mended before is taken off here.
    """
    rows, coefs, heads = local.row, local.coef, local.head
    taken, earned = desk.taken, 0
    if room.is_limited:
        usage, lo, weight = room.usage, room.lo, room.weight
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            row, coef = rows[k], coefs[k]
            if coef > 0 and usage[row] < lo[row]:
                short = lo[row] - usage[row]
                left = max(0, short - taken[row])
                earned -= weight[row] * (min(coef, short) - min(coef, left))
            taken[row] += sign * coef
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        row = heads[k]
        if taken[row] == 0:
            earned -= terms.price[row]
            if room.is_limited and room.usage[row] < room.lo[row]:
                earned += room.weight[row]
        taken[row] += sign
    return earned


@woven
def is_lawful(local: Local, desk: Desk, teacher: int, depth: int) -> bool:
    """Tell whether the present path is a bundle: strict limits, ties and implications."""
    for row in range(len(local.strict_lo)):
        if local.strict_lo[row] and desk.amount[row] < local.lo[teacher, row]:
            return False
        if local.strict_hi[row] and desk.amount[row] > local.hi[teacher, row]:
            return False
    first, order = local.start[teacher], desk.order
    for tie in range(local.tie_of[teacher], local.tie_of[teacher + 1]):
        held = 0
        for k in range(local.tie_edges[tie], local.tie_edges[tie + 1]):
            for d in range(depth):
                held += first + order[desk.path[d]] == local.tie[k]
        if 0 < held < local.tie_edges[tie + 1] - local.tie_edges[tie]:
            return False
    for j in range(local.need_of[teacher], local.need_of[teacher + 1]):
        asked, met = False, False
        for d in range(depth):
            asked = asked or first + order[desk.path[d]] == local.need_option[j]
            for k in range(local.need_edges[j], local.need_edges[j + 1]):
                met = met or first + order[desk.path[d]] == local.need[k]
        if asked and not met:
            return False
    return True


@woven
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
        desk.found[place, d] = desk.order[desk.path[d]]
    return min(kept + 1, most)


@woven
def search(
    local: Local,
    terms: Terms,
    costs: Costs,
    room: Room,
    desk: Desk,
    teacher: int,
    most: int,
    within: int,
    wanted: int,
    above: int,
) -> int:
    """Find a teacher's best bundles; they lie on the desk, best first. Return how many.

    At most `most` bundles are kept, none more than `within` below the best, all worth more than
    `above`. With `wanted` >= 0 every bundle holds that option of hers. Equal bundles keep the order
    in which they are met.
    """
    offers, bodies, owner, parent, cap = (
        local.offer,
        local.body,
        local.owner,
        local.parent,
        local.cap,
    )
    node_edges, nodes, amounts = local.node_edges, local.node, local.amount
    head_edges, strict_hi = local.head_edges, local.strict_hi
    lo, hi = local.lo[teacher], local.hi[teacher]
    lo_weight, hi_weight = terms.lo_weight, terms.hi_weight
    limited, is_flat = room.is_limited, local.is_flat
    nets, shut, order = desk.net, desk.shut, desk.order
    ahead, top, raw, amount, path = desk.ahead, desk.top, desk.raw, desk.amount, desk.path
    at, worth, open_, barred, saved = desk.at, desk.worth, desk.mended, desk.barred, desk.saved
    first, deepest, rows = local.start[teacher], local.size[teacher], len(lo)
    if deepest < 0:
        return 0
    least = -within if within > 0 else 1
    count, fixed = lay_out(local, terms, costs, room, desk, teacher, wanted, least)
    words = (count >> WORD) + 1
    surely = is_flat and is_plain(local, teacher)
    still = 0
    for row in range(rows):
        amount[row] = 0
        still += lo_weight[row] * lo[row]
    for node in range(len(parent)):
        raw[node] = 0
    for w in range(words):
        barred[0, w] = 0
    depth, score, kept, i, floor = 0, 0, 0, fixed, above
    if fixed == 0 and score > floor and (surely or is_lawful(local, desk, teacher, 0)):
        kept = note(desk, 0, score, kept, most)
        floor = max(floor, score if most == 1 else score - within - 1)
    while fixed >= 0:
        # What to put on the path next: first what must be there, then the next candidate that fits.
        slots, limit, c = deepest - depth, floor - score, i
        if depth < fixed:
            c = depth
        elif slots == 0 or top[slots] + still <= limit:
            c = count
        fitting = False
        while c < count:
            if depth >= fixed and ahead[min(c + slots, count)] - ahead[c] <= limit:
                break
            fitting = slots > 0 and (barred[depth, c >> WORD] >> (c & BIT)) & 1 == 0
            if fitting:
                offer = offers[first + order[c]]
                body = bodies[offer]
                for k in range(node_edges[body], node_edges[body + 1]):
                    node = nodes[k]
                    row = owner[node]
                    if strict_hi[row] and parent[node] < 0:
                        before = amount[row] if is_flat else raw[node]
                        if min(before + amounts[k], cap[node]) > hi[row]:
                            fitting = False
                            break
                if fitting and limited:
                    fitting = fits_rows(local, room, desk, offer)
            if fitting or depth < fixed:
                break
            c += 1
        if fitting:
            for row in range(rows):
                saved[depth, row] = amount[row]
            at[depth], worth[depth], open_[depth] = c, score, still
            offer = offers[first + order[c]]
            body = bodies[offer]
            path[depth] = c
            score += nets[c]
            for w in range(words):
                barred[depth + 1, w] = barred[depth, w] | shut[c, w]
            if limited or head_edges[offer] < head_edges[offer + 1]:
                score += take_rows(local, terms, room, desk, offer, 1)
            if not is_flat:
                for node in range(len(parent)):
                    saved[depth, rows + node] = raw[node]
            for k in range(node_edges[body], node_edges[body + 1]):
                node, step = nodes[k], amounts[k]
                row = owner[node]
                while not is_flat and node >= 0 and step > 0:
                    before = min(raw[node], cap[node])
                    raw[node] += step
                    step = min(raw[node], cap[node]) - before
                    node = parent[node]
                before, after = amount[row], amount[row] + step
                amount[row] = after
                mended = lo_weight[row] * (min(after, lo[row]) - min(before, lo[row]))
                still -= mended
                over = max(after, hi[row]) - max(before, hi[row])
                score += mended - hi_weight[row] * over
            depth += 1
            i = max(i, c + 1)
            is_better = depth >= fixed and score > floor
            if is_better and (surely or is_lawful(local, desk, teacher, depth)):
                kept = note(desk, depth, score, kept, most)
                floor = max(floor, desk.score[0] - within - 1)
                if kept == most:
                    floor = max(floor, desk.score[most - 1])
        else:
            if depth <= fixed:
                break
            depth -= 1
            offer = offers[first + order[path[depth]]]
            if limited or head_edges[offer] < head_edges[offer + 1]:
                take_rows(local, terms, room, desk, offer, -1)
            for row in range(rows):
                amount[row] = saved[depth, row]
            if not is_flat:
                for node in range(len(parent)):
                    raw[node] = saved[depth, rows + node]
            i, score, still = at[depth] + 1, worth[depth], open_[depth]
    while depth > 0:
        depth -= 1
        take_rows(local, terms, room, desk, offers[first + order[path[depth]]], -1)
    while kept and desk.score[kept - 1] < desk.score[0] - within:
        kept -= 1
    return kept


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
    usage: Ints,
    total: Ints,
) -> None:
    """Add what some teachers' best bundles are worth, and what they use of each shared row.

    `total` counts the worth, and the teachers who have no lawful bundle.
    """
    offers, row_edges, rows, coefs = local.offer, local.row_edges, local.row, local.coef
    head_edges, heads = local.head_edges, local.head
    found, length, taken = desk.found, desk.length, desk.taken
    for t in range(begin, end):
        if search(local, terms, costs, room, desk, t, 1, 0, -1, NOTHING) == 0:
            total[1] += 1
            continue
        total[0] += desk.score[0]
        first = local.start[t]
        for d in range(length[0]):
            offer = offers[first + found[0, d]]
            for k in range(row_edges[offer], row_edges[offer + 1]):
                usage[rows[k]] += coefs[k]
            for k in range(head_edges[offer], head_edges[offer + 1]):
                usage[heads[k]] += taken[heads[k]] == 0
                taken[heads[k]] = 1
        for d in range(length[0]):
            offer = offers[first + found[0, d]]
            for k in range(head_edges[offer], head_edges[offer + 1]):
                taken[heads[k]] = 0


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
                row, coef = local.row[k], local.coef[k]
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


class Lines(NamedTuple):
    """Which shared rows a seat uses, by groups of sections and of teachers.

    Parameters
    ----------
    all_edges, all_row
        Rows over all teachers, by section.
    of_edges, of
        Groups of teachers that somebody belongs to, by teacher.
    in_edges, in_
        Groups of sections that a section belongs to, by section.
    pair_edges, pair_in, pair_row
        By group of teachers: groups of sections (in order), and the row over both.
    """

    all_edges: Ints
    all_row: Ints
    of_edges: Ints
    of: Ints
    in_edges: Ints
    in_: Ints
    pair_edges: Ints
    pair_in: Ints
    pair_row: Ints


class Found(NamedTuple):
    """Offers found so far: body, and the rows of each as edges and one long array."""

    body: Places
    edges: Places
    row: Places


@woven
def mixed(body: int, rows: Ints | Places, count: int) -> int:
    """Return a number mixed from a body and the first `count` of some rows."""
    found = (np.int64(body) + 1) % MODULUS
    for k in range(count):
        found = (found * 69069 + rows[k] + 1) % MODULUS
    return int(found)


@compiled
def gather_offers(
    start: Ints,
    section: Places,
    body: Places,
    lines: Lines,
    found: Found,
    table: Places,
    buffer: Ints,
    base: int,
    offer: Places,
    done: Ints,
) -> None:
    """Find the offers of options from `base` on, until all are done or there is no more room.

    `section`, `body` and `offer` belong to these options. `done` counts options, offers, entries and
    teachers; `buffer` has room for the rows of one seat.
    """
    all_edges, all_row, of_edges, of = lines.all_edges, lines.all_row, lines.of_edges, lines.of
    in_edges, in_, pair_edges = lines.in_edges, lines.in_, lines.pair_edges
    pair_in, pair_row = lines.pair_in, lines.pair_row
    bodies, edges, rows = found.body, found.edges, found.row
    option, offers, entries, teacher = done[0], done[1], done[2], done[3]
    while option < base + len(offer):
        at_option = option - base
        own = body[at_option]
        while option >= start[teacher + 1]:
            teacher += 1
        if offers == len(bodies) or entries + len(buffer) > len(rows):
            break
        place, count = section[at_option], 0
        for k in range(all_edges[place], all_edges[place + 1]):
            buffer[count] = all_row[k]
            count += 1
        for g in range(of_edges[teacher], of_edges[teacher + 1]):
            begin, end = pair_edges[of[g]], pair_edges[of[g] + 1]
            for k in range(in_edges[place], in_edges[place + 1]):
                at, after = begin, end
                while at < after:
                    middle = (at + after) // 2
                    if pair_in[middle] < in_[k]:
                        at = middle + 1
                    else:
                        after = middle
                while at < end and pair_in[at] == in_[k]:
                    buffer[count] = pair_row[at]
                    count += 1
                    at += 1
        for k in range(1, count):
            row, at = buffer[k], k
            while at > 0 and buffer[at - 1] > row:
                buffer[at] = buffer[at - 1]
                at -= 1
            buffer[at] = row
        slot = mixed(own, buffer, count) % len(table)
        while table[slot] > 0:
            other = table[slot] - 1
            same = bodies[other] == own and edges[other + 1] - edges[other] == count
            for k in range(count):
                same = same and rows[edges[other] + k] == buffer[k]
            if same:
                break
            slot = (slot + 1) % len(table)
        if table[slot] == 0:
            bodies[offers] = own
            for k in range(count):
                rows[entries] = buffer[k]
                entries += 1
            offers += 1
            edges[offers] = entries
            table[slot] = offers
        offer[at_option] = table[slot] - 1
        option += 1
    done[0], done[1], done[2], done[3] = option, offers, entries, teacher


@compiled
def index_offers(found: Found, offers: int, table: Places) -> None:
    """Put offers into an empty table by their mixed numbers."""
    for offer in range(offers):
        begin, end = found.edges[offer], found.edges[offer + 1]
        slot = mixed(found.body[offer], found.row[begin:end], end - begin) % len(table)
        while table[slot] > 0:
            slot = (slot + 1) % len(table)
        table[slot] = offer + 1

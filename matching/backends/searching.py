"""The search for the best bundles of one teacher, depth first over the candidates laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.backends.implied import can_be_met
from matching.backends.kernel import BIT, WORD, Costs, Desk, Room, Terms
from matching.backends.laying import coef_at, is_plain, lay_out
from matching.backends.woven import woven

if TYPE_CHECKING:
    from matching.backends.local import Local


@woven
def fits_rows(local: Local, room: Room, desk: Desk, offer: int) -> bool:
    """Tell whether the shared rows have room for an option beside those of the path."""
    rows, heads = local.row, local.head
    usage, hi, taken = room.usage, room.hi, desk.taken
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        row, coef = rows[k], coef_at(local, k)
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
    rows, heads = local.row, local.head
    taken, earned = desk.taken, 0
    if room.is_limited:
        usage, lo, weight = room.usage, room.lo, room.weight
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            row, coef = rows[k], coef_at(local, k)
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
def added_at_most(desk: Desk, begin: int, count: int, slots: int, shared: int) -> int:
    """Return the most that some candidates from a place on add, as many as there are slots for.

    Any one of them may mend all that is `shared`.
    """
    if slots <= 0 or begin >= count:
        return 0
    ahead, hopes = desk.ahead, desk.hope
    best = ahead[min(begin + slots, count)] - ahead[begin]
    return int(best + max(0, shared + min(0, hopes[begin])))


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

    Of a search cut short what is returned is -1 and less: by one more than bundles were found.

    At most `most` bundles are kept, none more than `within` below the best, all worth more than
    `above`. With `wanted` >= 0 every bundle holds that option of hers. Equal bundles keep the order
    in which they are met.

    What a seat adds to a path falls as the path grows, since less is left to mend. So a candidate is
    passed over where what it adds now, and the best hopes after it, do not reach what is found; and
    where it takes away, unless others need it.
    """
    offers, owner, parent, cap = local.offer, local.owner, local.parent, local.cap
    node_edges, nodes, amounts = local.node_edges, local.node, local.amount
    strict_hi, bodies = local.strict_hi, desk.body
    lo, hi = local.lo[teacher], local.hi[teacher]
    lo_weight, hi_weight = terms.lo_weight, terms.hi_weight
    limited, is_flat = room.is_limited, local.is_flat
    has_heads = len(local.head) > 0
    takes = limited or has_heads
    nets, shut, order = desk.net, desk.shut, desk.order
    top, raw, amount, path = desk.top, desk.raw, desk.amount, desk.path
    at, worth, open_, barred, saved = desk.at, desk.worth, desk.mended, desk.barred, desk.saved
    once, opened = local.once, desk.opened
    first, deepest, rows = local.start[teacher], local.size[teacher], len(lo)
    if deepest < 0:
        return 0
    least = -within if within > 0 else 1
    count, fixed = lay_out(local, terms, costs, room, desk, teacher, wanted, least)
    words = (count >> WORD) + 1
    surely = is_flat and is_plain(local, teacher)
    has_needs = local.need_of[teacher] < local.need_of[teacher + 1]
    still, shared = 0, 0
    for row in range(rows):
        amount[row] = 0
        still += lo_weight[row] * lo[row]
        if once[row]:
            shared += lo_weight[row] * lo[row]
    for node in range(len(parent)):
        raw[node] = 0
    for w in range(words):
        barred[0, w] = 0
    depth, score, kept, i, floor, tries = 0, 0, 0, fixed, above, 0
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
            if depth >= fixed and added_at_most(desk, c, count, slots, shared) <= limit:
                break
            fitting = slots > 0 and (barred[depth, c >> WORD] >> (c & BIT)) & 1 == 0
            if fitting:
                body = bodies[c]
                for k in range(node_edges[body], node_edges[body + 1]):
                    node = nodes[k]
                    row = owner[node]
                    if strict_hi[row] and parent[node] < 0:
                        before = amount[row] if is_flat else raw[node]
                        if min(before + amounts[k], cap[node]) > hi[row]:
                            fitting = False
                            break
                if fitting and limited:
                    fitting = fits_rows(local, room, desk, offers[first + order[c]])
                if fitting and has_needs:
                    fitting = can_be_met(local, desk, teacher, depth, c)
                if fitting and depth >= fixed and not has_heads:
                    gain, others = nets[c], shared
                    for k in range(node_edges[body], node_edges[body + 1]):
                        row = owner[nodes[k]]
                        left = lo[row] - amount[row]
                        if left > 0:
                            mends = lo_weight[row] * min(left, amounts[k])
                            gain += mends
                            if once[row]:
                                others -= mends
                    rest = added_at_most(desk, c + 1, count, slots - 1, others)
                    fitting = gain + rest > limit and (gain >= -within or not surely)
            if fitting or depth < fixed:
                break
            c += 1
        if fitting:
            tries += 1
            if tries > terms.tries:
                break
            for row in range(rows):
                saved[depth, row] = amount[row]
            at[depth], worth[depth], open_[depth], opened[depth] = c, score, still, shared
            body = bodies[c]
            path[depth] = c
            score += nets[c]
            for w in range(words):
                barred[depth + 1, w] = barred[depth, w] | shut[c, w]
            if takes:
                score += take_rows(local, terms, room, desk, offers[first + order[c]], 1)
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
                if once[row]:
                    shared -= mended
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
            if takes:
                take_rows(local, terms, room, desk, offers[first + order[path[depth]]], -1)
            for row in range(rows):
                amount[row] = saved[depth, row]
            if not is_flat:
                for node in range(len(parent)):
                    raw[node] = saved[depth, rows + node]
            i, score, still = at[depth] + 1, worth[depth], open_[depth]
            shared = opened[depth]
    while depth > 0:
        depth -= 1
        take_rows(local, terms, room, desk, offers[first + order[path[depth]]], -1)
    while kept and desk.score[kept - 1] < desk.score[0] - within:
        kept -= 1
    return kept if tries <= terms.tries else -1 - kept

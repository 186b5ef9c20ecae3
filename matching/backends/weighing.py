"""The search for the best bundle beside what all others hold, compared tier by tier."""

from __future__ import annotations

import numpy as np

from matching.backends.beside import (
    LEAST,
    NO_MUSTS,
    NO_NEEDS,
    Limits,
    Question,
    Stakes,
    Table,
)
from matching.backends.breaking import breaks_alone, fits, is_hopeless, is_whole
from matching.backends.facing import is_on, move, used
from matching.backends.kernel import WORD
from matching.backends.local import Local
from matching.backends.woven import compiled
from matching.schema import UNLIMITED


@compiled
def line_up(local: Local, limits: Limits, table: Table, teacher: int, ask: Question) -> int:
    """Put the options worth trying in line, with bounds on what they add; return how many.

    `ahead` sums hopes of the first tier, `limit` is the largest hope from a place on, `top` the
    largest sums of one, two, ... plain worths.
    """
    first, size = local.start[teacher], local.start[teacher + 1] - local.start[teacher]
    deepest, tiers = local.size[teacher], len(table.hope)
    hope, plain, top = table.hope, table.plain, table.top
    candidates, ahead, limit = table.candidates, table.ahead, table.limit
    simple = ask.free == NO_NEEDS or local.need_of[teacher] == local.need_of[teacher + 1]
    simple = simple and local.tie_of[teacher] == local.tie_of[teacher + 1]
    simple = simple and (not ask.is_checked or table.counts[1] == 0)
    for row in range(len(local.strict_lo)):
        simple = simple and not (
            ask.is_strict and local.strict_lo[row] and local.lo[teacher, row] > 0
        )
    count = 0
    for place in range(size):
        i = table.order[place]
        is_open = i != ask.unwanted
        if is_open and ask.is_checked:
            is_open = breaks_alone(local, limits, table, first + i, ask) == 0
        table.open_[i] = is_open
        is_fixed = i == ask.wanted or (
            len(local.must) > 0 and local.must[first + i] and ask.free != NO_MUSTS
        )
        if not is_open or is_fixed:
            continue
        is_useful = not simple
        for tier in range(tiers):
            is_useful = is_useful or hope[tier, i] > 0
        if is_useful:
            candidates[count] = i
            count += 1
    ahead[0] = 0
    for place in range(count):
        ahead[place + 1] = ahead[place] + max(0, hope[0, candidates[place]])
    for tier in range(tiers):
        limit[tier, count] = LEAST
        for place in range(count - 1, -1, -1):
            limit[tier, place] = max(limit[tier, place + 1], hope[tier, candidates[place]])
        for d in range(deepest + 1):
            top[tier, d] = 0
        for place in range(count):
            worth, d = plain[tier, candidates[place]], deepest
            while d > 0 and worth > top[tier, d]:
                if d < deepest:
                    top[tier, d + 1] = top[tier, d]
                top[tier, d] = worth
                d -= 1
        for d in range(1, deepest + 1):
            top[tier, d] += top[tier, d - 1]
    return count


@compiled
def weigh(
    local: Local, stakes: Stakes, limits: Limits, table: Table, teacher: int, depth: int
) -> bool:
    """Fill what the path is worth and could still mend; tell whether it keeps strict upper limits."""
    raw, total, cap, parent, owner = table.raw, table.total, local.cap, local.parent, local.owner
    amount, lo, hi = table.amount, local.lo[teacher], local.hi[teacher]
    lo_weight, hi_weight, value = stakes.lo_weight, stakes.hi_weight, stakes.value
    worths, lefts, path, first = table.worth, table.left, table.path, local.start[teacher]
    for node in range(len(raw)):
        total[node] = raw[node]
    for node in range(len(raw) - 1, -1, -1):
        total[node] = min(total[node], cap[node])
        if parent[node] >= 0:
            total[parent[node]] += total[node]
        else:
            amount[owner[node]] = total[node]
    for row in range(len(amount)):
        if local.strict_hi[row] and amount[row] > hi[row]:
            return False
    for tier in range(len(value)):
        worth, left = 0, 0
        for d in range(depth):
            worth += value[tier, first + path[d]]
        for row in range(len(amount)):
            if lo_weight[tier, row] > 0:
                reached = min(amount[row], lo[row])
                worth += lo_weight[tier, row] * reached
                left += lo_weight[tier, row] * (lo[row] - reached)
            if hi_weight[tier, row] > 0 and amount[row] > hi[row]:
                worth -= hi_weight[tier, row] * (amount[row] - hi[row])
        for k in range(table.counts[2]):
            row = table.mended[k]
            short = limits.lo[row] - table.usage[row]
            worth += stakes.row_weight[tier, row] * min(used(limits, table, row), short)
        for k in range(table.counts[3]):
            switch = table.rated[k]
            before = is_on(limits, table, switch, int(np.int64(0)))
            if not before and is_on(limits, table, switch, int(np.int64(1))):
                worth += stakes.switch_value[tier, switch]
        worths[depth, tier], lefts[depth, tier] = worth, left
    return True


@compiled
def is_better(table: Table, depth: int, size: int, is_known: bool, is_tied: bool) -> bool:
    """Tell whether the path is better than what is known, or comes first among equals."""
    if not is_known:
        return True
    for tier in range(len(table.best)):
        if table.worth[depth, tier] != table.best[tier]:
            return bool(table.worth[depth, tier] > table.best[tier])
    if not is_tied or depth != size:
        return is_tied and depth < size
    mine, known = UNLIMITED, UNLIMITED
    for d in range(depth):
        is_new, is_gone = True, True
        for e in range(depth):
            is_new = is_new and table.path[d] != table.found[e]
            is_gone = is_gone and table.found[d] != table.path[e]
        if is_new:
            mine = min(mine, table.path[d])
        if is_gone:
            known = min(known, table.found[d])
    return mine < known


@compiled
def search(
    local: Local, stakes: Stakes, limits: Limits, table: Table, teacher: int, ask: Question
) -> int:
    """Find the best bundle of a teacher that answers a question; return its size, -1 for none.

    Its options lie in `table.found`, its worth in `table.best`. A branch ends where even the sum
    of what its options could add, tier by tier, does not beat what is found.
    """
    must = local.must
    order, candidates, shut, barred = table.order, table.candidates, table.shut, table.barred
    path, at, wants, worth, left = table.path, table.at, table.wants, table.worth, table.left
    ahead, limit, top, best = table.ahead, table.limit, table.top, table.best
    first, deepest = local.start[teacher], local.size[teacher]
    size = local.start[teacher + 1] - first
    words, tiers = size // WORD + 1, len(best)
    if deepest < 0:
        return -1
    count = line_up(local, limits, table, teacher, ask)
    for w in range(words):
        barred[0, w] = 0
    depth, found, is_known = int(np.int64(0)), int(np.int64(-1)), ask.is_more
    is_fitting = True
    for place in range(size):
        i = order[place]
        if i == ask.wanted or (len(must) > 0 and must[first + i] and ask.free != NO_MUSTS):
            is_fitting = table.open_[i] and depth < deepest
            is_fitting = is_fitting and (barred[depth, i // WORD] >> (i % WORD)) & 1 == 0
            if is_fitting and ask.is_checked:
                is_fitting = fits(local, limits, table, first + i, ask.row, ask.over)
            if not is_fitting:
                break
            move(local, table, first + i, 1)
            path[depth] = i
            for w in range(words):
                barred[depth + 1, w] = barred[depth, w] | shut[i, w]
            depth += 1
    base, place, is_new = depth, 0, True
    while is_fitting:
        if is_new:
            is_new = False
            if not weigh(local, stakes, limits, table, teacher, depth):
                if depth == base:
                    break
                depth -= 1
                move(local, table, first + path[depth], -1)
                place = at[depth] + 1
            else:
                whole = is_whole(local, limits, table, teacher, depth, ask)
                wants[depth] = not whole
                if whole and is_better(table, depth, found, is_known, ask.is_tied):
                    found, is_known = depth, True
                    for tier in range(tiers):
                        best[tier] = worth[depth, tier]
                    for d in range(depth):
                        table.found[d] = path[d]
                    if ask.is_first:
                        break
        slots, j = deepest - depth, -1
        if slots > 0 and place < count:
            is_open = True
            if wants[depth]:
                weigh(local, stakes, limits, table, teacher, depth)
                line = (depth, place, count)
                is_open = not is_hopeless(local, limits, table, teacher, line, ask)
            if is_open:
                while place < count:
                    tier = 0 if is_known else tiers + 1
                    while tier < tiers:
                        more = limit[tier, place]
                        if more > 0:
                            more = min(more * slots, top[tier, slots] + left[depth, tier])
                        if tier == 0:
                            more = min(more, ahead[min(place + slots, count)] - ahead[place])
                        reach = worth[depth, tier] + more
                        if reach < best[tier]:
                            break
                        tier = tiers + 1 if reach > best[tier] else tier + 1
                    if tier < tiers or (tier == tiers and not (ask.is_tied and depth < found)):
                        break
                    i = candidates[place]
                    if (barred[depth, i // WORD] >> (i % WORD)) & 1 == 0 and (
                        not ask.is_checked
                        or fits(local, limits, table, first + i, ask.row, ask.over)
                    ):
                        j = i
                        break
                    place += 1
        if j >= 0:
            move(local, table, first + j, 1)
            path[depth], at[depth] = j, place
            for w in range(words):
                barred[depth + 1, w] = barred[depth, w] | shut[j, w]
            depth += 1
            place += 1
            is_new = True
        elif depth == base:
            break
        else:
            depth -= 1
            move(local, table, first + path[depth], -1)
            place = at[depth] + 1
    while depth > 0:
        depth -= 1
        move(local, table, first + path[depth], -1)
    return found

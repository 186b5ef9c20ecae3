"""What one teacher could hold beside what all others hold, found by search and compiled by numba.

With everybody else held fixed a bundle has an exact worth in every tier, shortages that it mends in
shared rows included, and breaks certain shared rows. The search goes depth first over a teacher's
options and compares bundles tier by tier, earlier tiers first, without weighing one against another.
What it answers is what `matching.alone` reads off the list of all bundles; a test holds the two
against each other. The compiled functions of this file call none of another file, because numba
keeps what it compiled by file.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.backends.kernel import WORD, compiled
from matching.backends.lists import Places
from matching.backends.local import Local
from matching.instance import Ints, Mask
from matching.schema import UNLIMITED

LEAST = -(1 << 62)
"""Less than any option could add."""

KEEP_ALL, NO_MUSTS, NO_NEEDS = 0, 1, 2
"""Which local rules are set aside: none, what must be held, or what an option needs beside it."""

BARRED, STRICT_HOURS, BLOCKED, POSSIBLE = 0, 1, 2, 3
"""How a choice stands: no bundle has it, none that keeps her strict minima does, each of those breaks
a shared row, or she could hold it."""


class Stakes(NamedTuple):
    """What counts in every tier, in its own units; higher is better.

    Parameters
    ----------
    value
        Shape (tiers, options).
    lo_weight, hi_weight
        Shape (tiers, bundle rows): price of one unit below `lo` or above `hi`.
    row_weight
        Shape (tiers, rows): price of one unit that a shared row is short.
    switch_value
        Shape (tiers, switches).
    """

    value: Ints
    lo_weight: Ints
    hi_weight: Ints
    row_weight: Ints
    switch_value: Ints


class Limits(NamedTuple):
    """The shared rows: their limits, what is strict or counts heads, and the rows of each switch.

    `priced` rows cost something while short, `rated` switches are worth something.
    """

    lo: Ints
    hi: Ints
    strict: Mask
    heads: Mask
    priced: Mask
    rated: Mask
    switch_of: Ints
    switch_edges: Ints
    switch_rows: Ints


class Question(NamedTuple):
    """What a bundle must be like; options and rows are told by place, -1 for none.

    Parameters
    ----------
    wanted, unwanted
        An option (counted from the teacher's first) that it holds, and one that it does not.
    row
        The only shared row that is asked.
    over, under
        A row whose upper, and one whose lower side is not asked.
    is_checked, is_strict
        Whether shared rows and her own strict minima are asked at all.
    is_first
        Whether any bundle will do; otherwise the best is wanted.
    is_tied
        Whether equals are told apart: fewer options first, then earlier ones.
    free
        Which local rules are set aside.
    is_more
        Whether it must be worth more than what lies in `table.best`.
    """

    wanted: int
    unwanted: int
    row: int
    over: int
    under: int
    is_checked: bool
    is_strict: bool
    is_first: bool
    is_tied: bool
    free: int
    is_more: bool


class Table(NamedTuple):
    """Working space of one thread.

    `usage` is what the others use of each row, `taken` what the path uses, `most` what all options
    of the teacher would. `touched`, `needy`, `mended` and `rated` list rows that she could use, that
    could be too low, whose shortage is priced, and switches worth something; `counts` tells how many.
    `hope` is the most an option could add to a tier, `plain` the same without her own bundle rows.
    """

    usage: Ints
    taken: Ints
    most: Ints
    touched: Ints
    needy: Ints
    mended: Ints
    rated: Ints
    seen: NDArray[np.int8]
    counts: Ints
    hope: Ints
    plain: Ints
    order: Ints
    open_: NDArray[np.int8]
    shut: NDArray[np.int64]
    marks: NDArray[np.int64]
    candidates: Ints
    ahead: Ints
    limit: Ints
    top: Ints
    raw: Ints
    total: Ints
    amount: Ints
    path: Ints
    at: Ints
    wants: NDArray[np.int8]
    barred: NDArray[np.int64]
    worth: Ints
    left: Ints
    best: Ints
    found: Ints
    hits: Ints


def table_of(
    local: Local, stakes: Stakes, limits: Limits, usage: Ints, widest: int, deepest: int
) -> Table:
    """Return space for teachers of so many options and bundles of such a size."""
    rows, nodes, tiers = len(limits.lo), len(local.parent), len(stakes.value)
    switches, words = len(limits.switch_edges) - 1, widest // WORD + 1
    return Table(
        usage.copy(),
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(switches, np.int64),
        np.zeros(switches, np.int8),
        np.zeros(4, np.int64),
        np.empty((tiers, widest), np.int64),
        np.empty((tiers, widest), np.int64),
        np.empty(widest, np.int64),
        np.empty(widest, np.int8),
        np.empty((widest, words), np.int64),
        np.zeros((max(1, local.groups), words), np.int64),
        np.empty(widest, np.int64),
        np.empty(widest + 1, np.int64),
        np.empty((tiers, widest + 1), np.int64),
        np.empty((tiers, deepest + 2), np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(len(local.strict_lo), np.int64),
        np.empty(deepest + 1, np.int64),
        np.empty(deepest + 1, np.int64),
        np.zeros(deepest + 1, np.int8),
        np.zeros((deepest + 2, words), np.int64),
        np.empty((deepest + 1, tiers), np.int64),
        np.empty((deepest + 1, tiers), np.int64),
        np.empty(tiers, np.int64),
        np.empty(deepest + 1, np.int64),
        np.empty(rows, np.int64),
    )


@compiled
def move(local: Local, table: Table, option: int, sign: int) -> None:
    """Put an option on the path's account of rows and nodes, or with sign -1 take it off."""
    offer = local.offer[option]
    taken, raw = table.taken, table.raw
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        taken[local.row[k]] += sign * local.coef[k]
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        taken[local.head[k]] += sign
    body = local.body[offer]
    for k in range(local.node_edges[body], local.node_edges[body + 1]):
        raw[local.node[k]] += sign * local.amount[k]


@compiled
def leave(local: Local, limits: Limits, table: Table, held: Places, sign: int) -> None:
    """Let the others' usage lose what a teacher holds (sign -1), or have it back (1)."""
    for option in held:
        if option >= 0:
            move(local, table, int(np.int64(option)), 1)
    for option in held:
        if option < 0:
            continue
        offer = local.offer[option]
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            table.usage[local.row[k]] += sign * local.coef[k]
        for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
            if table.taken[local.head[k]] > 0:
                table.usage[local.head[k]] += sign
                table.taken[local.head[k]] = 0
    for option in held:
        if option >= 0:
            offer = local.offer[option]
            body = local.body[offer]
            for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
                table.taken[local.row[k]] = 0
            for k in range(local.node_edges[body], local.node_edges[body + 1]):
                table.raw[local.node[k]] = 0


@compiled
def used(limits: Limits, table: Table, row: int) -> int:
    """Return what the path uses of a row."""
    if limits.heads[row]:
        return min(1, int(table.taken[row]))
    return int(table.taken[row])


@compiled
def is_on(limits: Limits, table: Table, switch: int, is_held: int) -> bool:
    """Tell whether a switch is yes: its rows are used, and those without upper limit reach `lo`.

    The path counts with `is_held` 1, not with 0.
    """
    on = False
    for k in range(limits.switch_edges[switch], limits.switch_edges[switch + 1]):
        row = limits.switch_rows[k]
        after = table.usage[row]
        after += is_held * used(limits, table, row)
        on = on or after > 0
    for k in range(limits.switch_edges[switch], limits.switch_edges[switch + 1]):
        row = limits.switch_rows[k]
        after = table.usage[row]
        after += is_held * used(limits, table, row)
        on = on and (limits.hi[row] < UNLIMITED or after >= limits.lo[row])
    return on


@compiled
def look(local: Local, stakes: Stakes, limits: Limits, table: Table, teacher: int) -> None:
    """Note which rows matter to a teacher and what each of her options could add at best."""
    first, last = local.start[teacher], local.start[teacher + 1]
    touched = 0
    for option in range(first, last):
        offer = local.offer[option]
        for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
            row = np.int64(local.row[k])
            if table.most[row] == 0:
                table.touched[touched] = row
                touched += 1
            table.most[row] += local.coef[k]
        for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
            row = np.int64(local.head[k])
            if table.most[row] == 0:
                table.touched[touched] = row
                touched += 1
            table.most[row] = 1
    table.counts[0] = touched
    note_rows(limits, table)
    hope_for(local, stakes, limits, table, teacher)
    shut_out(local, table, first, last - first)


@compiled
def note_rows(limits: Limits, table: Table) -> None:
    """List the rows that could be too low, those priced while short, and switches of some worth."""
    usage, lo, switch_of = table.usage, limits.lo, limits.switch_of
    needy, mended, rated = 0, 0, 0
    for k in range(table.counts[0]):
        row = table.touched[k]
        switch = switch_of[row]
        if switch < 0 and usage[row] < lo[row]:
            if limits.strict[row]:
                table.needy[needy] = row
                needy += 1
            elif limits.priced[row]:
                table.mended[mended] = row
                mended += 1
        if switch >= 0 and not table.seen[switch]:
            table.seen[switch] = 1
            begin, end = limits.switch_edges[switch], limits.switch_edges[switch + 1]
            is_short = False
            for e in range(begin, end):
                is_short = is_short or usage[limits.switch_rows[e]] < lo[limits.switch_rows[e]]
            for e in range(begin, end if is_short else begin):
                table.needy[needy] = limits.switch_rows[e]
                needy += 1
            if is_short and limits.rated[switch]:
                table.rated[rated] = switch
                rated += 1
    for k in range(table.counts[0]):
        if switch_of[table.touched[k]] >= 0:
            table.seen[switch_of[table.touched[k]]] = 0
    table.counts[1], table.counts[2], table.counts[3] = needy, mended, rated


@compiled
def hope_for(local: Local, stakes: Stakes, limits: Limits, table: Table, teacher: int) -> None:
    """Fill `hope` and `plain`, and put the options in the order of hope, earlier tiers first."""
    first, size = local.start[teacher], local.start[teacher + 1] - local.start[teacher]
    row_edges, rows, coefs = local.row_edges, local.row, local.coef
    head_edges, heads = local.head_edges, local.head
    node_edges, nodes, amounts, owner = local.node_edges, local.node, local.amount, local.owner
    usage, lo, switch_of, due = table.usage, limits.lo, limits.switch_of, local.lo[teacher]
    order, hopes = table.order, table.hope
    row_weight, switch_value, lo_weight = stakes.row_weight, stakes.switch_value, stakes.lo_weight
    tiers, is_mending, is_rating = len(hopes), table.counts[2] > 0, table.counts[3] > 0
    for i in range(size):
        offer = local.offer[first + i]
        body = local.body[offer]
        for tier in range(tiers):
            worth = stakes.value[tier, first + i]
            if is_mending or is_rating:
                for k in range(row_edges[offer], row_edges[offer + 1]):
                    row = np.int64(rows[k])
                    if switch_of[row] >= 0:
                        worth += max(0, switch_value[tier, switch_of[row]])
                    elif usage[row] < lo[row]:
                        worth += row_weight[tier, row] * min(coefs[k], lo[row] - usage[row])
                for k in range(head_edges[offer], head_edges[offer + 1]):
                    row = np.int64(heads[k])
                    if switch_of[row] >= 0:
                        worth += max(0, switch_value[tier, switch_of[row]])
                    elif usage[row] < lo[row]:
                        worth += row_weight[tier, row]
            table.plain[tier, i] = worth
            for k in range(node_edges[body], node_edges[body + 1]):
                row = owner[nodes[k]]
                worth += lo_weight[tier, row] * min(amounts[k], due[row])
            hopes[tier, i] = worth
        place = i
        while place > 0:
            before, tier = order[place - 1], 0
            while tier < tiers - 1 and hopes[tier, before] == hopes[tier, i]:
                tier += 1
            if hopes[tier, before] >= hopes[tier, i]:
                break
            order[place] = before
            place -= 1
        order[place] = i


@compiled
def shut_out(local: Local, table: Table, first: int, size: int) -> None:
    """Note for each option, as bits, which ones it excludes, itself included."""
    edges, groups, shut, marks = local.group_edges, local.group, table.shut, table.marks
    words = size // WORD + 1
    for i in range(size):
        body = local.body[local.offer[first + i]]
        for k in range(edges[body], edges[body + 1]):
            marks[groups[k], i // WORD] |= 1 << (i % WORD)
    for i in range(size):
        body = local.body[local.offer[first + i]]
        for w in range(words):
            shut[i, w] = 0
        shut[i, i // WORD] = 1 << (i % WORD)
        for k in range(edges[body], edges[body + 1]):
            for w in range(words):
                shut[i, w] |= marks[groups[k], w]
    for i in range(size):
        body = local.body[local.offer[first + i]]
        for k in range(edges[body], edges[body + 1]):
            for w in range(words):
                marks[groups[k], w] = 0


@compiled
def breaks_alone(local: Local, limits: Limits, table: Table, option: int, ask: Question) -> int:
    """Tell whether every bundle with an option breaks a row: 1 from above, -1 from below, 0 if not."""
    usage, lo, hi, most = table.usage, limits.lo, limits.hi, table.most
    offer = local.offer[option]
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        r, coef = local.row[k], local.coef[k]
        is_asked = coef > 0 and (ask.row < 0 or r == ask.row)
        if is_asked and r != ask.over and usage[r] + coef > hi[r]:
            return 1
        is_asked = is_asked and r != ask.under and limits.switch_of[r] >= 0
        if is_asked and hi[r] < UNLIMITED and usage[r] + most[r] < lo[r]:
            return -1
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        r = local.head[k]
        is_asked = ask.row < 0 or r == ask.row
        if is_asked and r != ask.over and usage[r] + 1 > hi[r]:
            return 1
        is_asked = is_asked and r != ask.under and limits.switch_of[r] >= 0
        if is_asked and hi[r] < UNLIMITED and usage[r] + 1 < lo[r]:
            return -1
    return 0


@compiled
def fits(local: Local, limits: Limits, table: Table, option: int, row: int, over: int) -> bool:
    """Tell whether the rows have room for an option beside those of the path."""
    usage, taken, hi = table.usage, table.taken, limits.hi
    offer = local.offer[option]
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        r, coef = local.row[k], local.coef[k]
        if coef > 0 and usage[r] + taken[r] + coef > hi[r] and r != over and (row < 0 or r == row):
            return False
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        r = local.head[k]
        if taken[r] == 0 and usage[r] + 1 > hi[r] and r != over and (row < 0 or r == row):
            return False
    return True


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
def is_whole(
    local: Local, limits: Limits, table: Table, teacher: int, depth: int, ask: Question
) -> bool:
    """Tell whether the path is a bundle that answers the question, upper limits apart."""
    first, path = local.start[teacher], table.path
    for row in range(len(local.strict_lo)):
        is_due = ask.is_strict and local.strict_lo[row]
        if is_due and table.amount[row] < local.lo[teacher, row]:
            return False
    for tie in range(local.tie_of[teacher], local.tie_of[teacher + 1]):
        held = 0
        for k in range(local.tie_edges[tie], local.tie_edges[tie + 1]):
            for d in range(depth):
                held += first + path[d] == local.tie[k]
        if 0 < held < local.tie_edges[tie + 1] - local.tie_edges[tie]:
            return False
    for j in range(local.need_of[teacher], local.need_of[teacher + 1]):
        asked, met = False, ask.free == NO_NEEDS
        for d in range(depth):
            asked = asked or first + path[d] == local.need_option[j]
            for k in range(local.need_edges[j], local.need_edges[j + 1]):
                met = met or first + path[d] == local.need[k]
        if asked and not met:
            return False
    for k in range(table.counts[1] if ask.is_checked else 0):
        row = table.needy[k]
        is_asked = row != ask.under and (ask.row < 0 or row == ask.row)
        if is_asked and breaks(limits, table, row) != 0:
            return False
    return True


@compiled
def breaks(limits: Limits, table: Table, row: int) -> int:
    """Tell whether the path breaks a row: 1 from above, -1 from below, 0 if not."""
    mine = used(limits, table, row)
    after, switch = table.usage[row] + mine, limits.switch_of[row]
    if switch >= 0 and not is_on(limits, table, switch, int(np.int64(1))):
        return 1 if mine > 0 and limits.hi[row] < UNLIMITED else 0
    if mine > 0 and after > limits.hi[row]:
        return 1
    if after < limits.lo[row] and (switch >= 0 or limits.strict[row]):
        return -1
    return 0


@compiled
def is_hopeless(
    local: Local,
    limits: Limits,
    table: Table,
    teacher: int,
    line: tuple[int, int, int],
    ask: Question,
) -> bool:
    """Tell whether some row that must not be short stays so whatever of the line is added.

    `line` is the depth of the path, the first place that may still be added, and the last's next.
    """
    depth, begin, end = line
    first, barred = local.start[teacher], table.barred[depth]
    for n in range(table.counts[1] if ask.is_checked else 0):
        row = table.needy[n]
        if row == ask.under or not (ask.row < 0 or row == ask.row) or limits.hi[row] == UNLIMITED:
            continue
        switch = limits.switch_of[row]
        if switch >= 0 and not is_on(limits, table, switch, int(np.int64(1))):
            continue
        after = table.usage[row] + used(limits, table, row)
        for place in range(begin, end):
            j = table.candidates[place]
            if after >= limits.lo[row]:
                break
            if (barred[j // WORD] >> (j % WORD)) & 1 == 0:
                offer = local.offer[first + j]
                for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
                    if local.row[k] == row:
                        after += local.coef[k]
                for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
                    after += local.head[k] == row
        if after < limits.lo[row]:
            return True
    for row in range(len(local.strict_lo) if ask.is_strict else 0):
        if not local.strict_lo[row]:
            continue
        reached = table.amount[row]
        for place in range(begin, end):
            j = table.candidates[place]
            if reached >= local.lo[teacher, row]:
                break
            if (barred[j // WORD] >> (j % WORD)) & 1 == 0:
                body = local.body[local.offer[first + j]]
                for k in range(local.node_edges[body], local.node_edges[body + 1]):
                    if local.owner[local.node[k]] == row:
                        reached += local.amount[k]
        if reached < local.lo[teacher, row]:
            return True
    return False


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


@compiled
def hit_rows(limits: Limits, table: Table) -> int:
    """List the rows that the path breaks in `table.hits`, in order; return how many."""
    count = 0
    for kind in range(2):
        for k in range(table.counts[kind]):
            row = table.touched[k] if kind == 0 else table.needy[k]
            if breaks(limits, table, row) != 0:
                place = count
                while place > 0 and table.hits[place - 1] > row:
                    place -= 1
                if place > 0 and table.hits[place - 1] == row:
                    continue
                for later in range(count, place, -1):
                    table.hits[later] = table.hits[later - 1]
                table.hits[place] = row
                count += 1
    return count


@compiled
def hit_by(local: Local, limits: Limits, table: Table, teacher: int, size: int) -> int:
    """List the rows that the bundle just found breaks in `table.hits`; return how many.

    A row broken from below is told as -1 - row.
    """
    first = local.start[teacher]
    for d in range(size):
        move(local, table, first + table.found[d], 1)
    count = hit_rows(limits, table)
    for k in range(count):
        if breaks(limits, table, table.hits[k]) < 0:
            table.hits[k] = -1 - table.hits[k]
    for d in range(size):
        move(local, table, first + table.found[d], -1)
    return count


@compiled
def blocked_by(
    local: Local, stakes: Stakes, limits: Limits, table: Table, teacher: int, wanted: int, own: int
) -> int:
    """Return the row that keeps a choice out; -1 - row if the best bundle breaks it from below.

    Every lawful bundle with the choice breaks some row. Told is the row of its own seats (`own`) if
    that is among them, else the first that all of them break, else the first that the best breaks.
    """
    option = local.start[teacher] + wanted
    alone = 0
    if own >= 0:
        ask = Question(wanted, -1, own, -1, -1, True, True, True, False, KEEP_ALL, False)
        alone = breaks_alone(local, limits, table, option, ask)
    if alone != 0:
        return own if alone > 0 else -1 - own
    ask = Question(wanted, -1, -1, -1, -1, False, True, True, False, KEEP_ALL, False)
    size = search(local, stakes, limits, table, teacher, ask)
    always, place = -1, 0
    while always < 0 and place < hit_by(local, limits, table, teacher, size):
        row = int(table.hits[place])
        row = row if row >= 0 else -1 - row
        ask = Question(wanted, -1, row, -1, -1, True, True, True, False, KEEP_ALL, False)
        alone = breaks_alone(local, limits, table, option, ask)
        if alone != 0:
            return row if alone > 0 else -1 - row
        if search(local, stakes, limits, table, teacher, ask) < 0:
            always = row
        ask = Question(wanted, -1, -1, -1, -1, False, True, True, False, KEEP_ALL, False)
        size = search(local, stakes, limits, table, teacher, ask)
        place += 1
    ask = Question(wanted, -1, -1, -1, -1, False, True, False, True, KEEP_ALL, False)
    size = search(local, stakes, limits, table, teacher, ask)
    count = hit_by(local, limits, table, teacher, size)
    for k in range(count if always >= 0 else 0):
        if table.hits[k] == -1 - always:
            return int(table.hits[k])
    return always if always >= 0 else int(table.hits[0])


class Answers(NamedTuple):
    """How choices stand, one place for each.

    `stands` is one of BARRED to POSSIBLE; `row` tells what blocks (-1 - row: from below);
    `has_worth` and `worth` the best bundle with the choice: of the possible ones, or, where its own
    seats are full, of those that break nothing else.
    """

    stands: Ints
    row: Ints
    has_worth: Mask
    worth: Ints


@compiled
def judge(
    local: Local,
    stakes: Stakes,
    limits: Limits,
    table: Table,
    teacher: int,
    ask: Question,
    answers: Answers,
    place: int,
) -> None:
    """Tell how the choice of a question stands; the row of its own seats stands in `ask.over`."""
    wanted, own, row = ask.wanted, ask.over, -1
    free = Question(wanted, -1, -1, -1, -1, True, True, False, False, KEEP_ALL, False)
    size = int(np.int64(-1))
    if breaks_alone(local, limits, table, local.start[teacher] + wanted, free) == 0:
        size = search(local, stakes, limits, table, teacher, free)
    stands = POSSIBLE if size >= 0 else BARRED
    for step in range(2 if size < 0 else 0):
        some = Question(wanted, -1, -1, -1, -1, False, step == 0, True, False, KEEP_ALL, False)
        if stands == BARRED and search(local, stakes, limits, table, teacher, some) >= 0:
            stands = BLOCKED if step == 0 else STRICT_HOURS
    if stands == BLOCKED:
        row = blocked_by(local, stakes, limits, table, teacher, wanted, own)
        answers.row[place] = row
        if row == own:
            spared = Question(wanted, -1, -1, row, -1, True, True, False, False, KEEP_ALL, False)
            size = search(local, stakes, limits, table, teacher, spared)
    answers.stands[place] = stands
    answers.has_worth[place] = size >= 0
    for tier in range(len(table.best) if size >= 0 else 0):
        answers.worth[place, tier] = table.best[tier]


JUDGING, ASKING, MOVING = 0, 1, 2
"""What teachers are visited for: how choices stand, single questions, and to let those move for whom
there is an answer."""


@compiled
def visit_part(
    local: Local,
    stakes: Stakes,
    limits: Limits,
    table: Table,
    held: Places,
    aim: int,
    who: Ints,
    edges: Ints,
    asked: Ints,
    begin: int,
    end: int,
    now: Ints,
    answers: Answers,
) -> None:
    """Visit some teachers, each with everybody else's bundles fixed.

    The questions of `who[i]` stand between `edges[i]` and `edges[i + 1]`; `asked` has one column
    for each field of `Question`. `now` is what her bundle is worth.
    """
    for i in range(begin, end):
        t = who[i]
        leave(local, limits, table, held[t], -1)
        look(local, stakes, limits, table, t)
        depth = int(np.int64(0))
        for option in held[t]:
            if option >= 0:
                table.path[depth] = option - local.start[t]
                move(local, table, int(np.int64(option)), 1)
                depth += 1
        weigh(local, stakes, limits, table, t, depth)
        for d in range(depth):
            move(local, table, local.start[t] + table.path[d], -1)
        for tier in range(len(table.best)):
            now[i, tier] = table.worth[depth, tier]
        for place in range(edges[i], edges[i + 1]):
            q = asked[place]
            ask = Question(
                q[0],
                q[1],
                q[2],
                q[3],
                q[4],
                q[5] != 0,
                q[6] != 0,
                q[7] != 0,
                q[8] != 0,
                q[9],
                q[10] != 0,
            )
            if aim == JUDGING:
                judge(local, stakes, limits, table, t, ask, answers, place)
                continue
            for tier in range(len(table.best)):
                table.best[tier] = now[i, tier]
            size = search(local, stakes, limits, table, t, ask)
            answers.has_worth[place] = size >= 0
            for tier in range(len(table.best) if size >= 0 else 0):
                answers.worth[place, tier] = table.best[tier]
            if aim == MOVING and answers.has_worth[place]:
                for d in range(held.shape[1]):
                    held[t, d] = -1
                for d in range(size):
                    held[t, d] = local.start[t] + table.found[d]
        for k in range(table.counts[0]):
            table.most[table.touched[k]] = 0
        leave(local, limits, table, held[t], 1)

"""Which shared rows a bundle breaks, or would whatever came beside it."""

from __future__ import annotations

import numpy as np

from matching.backends.beside import NO_NEEDS, Limits, Question, Table
from matching.backends.facing import is_on, move, used
from matching.backends.kernel import WORD
from matching.backends.laying import coef_at
from matching.backends.local import Local
from matching.backends.woven import compiled
from matching.schema import UNLIMITED


@compiled
def breaks_alone(local: Local, limits: Limits, table: Table, option: int, ask: Question) -> int:
    """Tell whether every bundle with an option breaks a row: 1 from above, -1 from below, 0 if not."""
    usage, lo, hi, most = table.usage, limits.lo, limits.hi, table.most
    offer = local.offer[option]
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        r, coef = local.row[k], coef_at(local, k)
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
        r, coef = local.row[k], coef_at(local, k)
        if coef > 0 and usage[r] + taken[r] + coef > hi[r] and r != over and (row < 0 or r == row):
            return False
    for k in range(local.head_edges[offer], local.head_edges[offer + 1]):
        r = local.head[k]
        if taken[r] == 0 and usage[r] + 1 > hi[r] and r != over and (row < 0 or r == row):
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
                        after += coef_at(local, k)
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

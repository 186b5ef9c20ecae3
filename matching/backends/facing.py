"""What one teacher faces: rows that matter to her, and what her options could add at best."""

from __future__ import annotations

import numpy as np

from matching.backends.beside import Limits, Stakes, Table
from matching.backends.kernel import WORD
from matching.backends.laying import coef_at
from matching.backends.lists import Places
from matching.backends.local import Local
from matching.backends.woven import compiled
from matching.schema import UNLIMITED


@compiled
def move(local: Local, table: Table, option: int, sign: int) -> None:
    """Put an option on the path's account of rows and nodes, or with sign -1 take it off."""
    offer = local.offer[option]
    taken, raw = table.taken, table.raw
    for k in range(local.row_edges[offer], local.row_edges[offer + 1]):
        taken[local.row[k]] += sign * coef_at(local, k)
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
            table.usage[local.row[k]] += sign * coef_at(local, k)
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
            table.most[row] += coef_at(local, k)
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
    row_edges, rows = local.row_edges, local.row
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
                        worth += row_weight[tier, row] * min(
                            coef_at(local, k), lo[row] - usage[row]
                        )
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

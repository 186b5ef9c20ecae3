"""Questions about single teachers put to the search: how choices stand, what else, who moves."""

from __future__ import annotations

import numpy as np

from matching.backends.beside import (
    BARRED,
    BLOCKED,
    JUDGING,
    KEEP_ALL,
    MOVING,
    POSSIBLE,
    STRICT_HOURS,
    Answers,
    Limits,
    Question,
    Stakes,
    Table,
)
from matching.backends.breaking import breaks_alone, hit_by
from matching.backends.facing import leave, look, move
from matching.backends.lists import Places
from matching.backends.local import Local
from matching.backends.weighing import search, weigh
from matching.backends.woven import compiled
from matching.instance import Ints


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

"""lottery: where everything before is equal, the drawn number decides, and says so.

Each of N people draws a number 1 .. N (see `matching.lottery`). A seat in a choice of rank r is
worth (N + 1 - number) x (21 - r) to this goal, nothing from rank 21 on or without a rank: the lower
number receives the better rank. Other goals never count these points.
"""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.lottery import lottery_numbers
from matching.primitives import Draft

code = "lottery"
unit = "lots"
sense: Sense = "max"

LONGEST_LIST = 20


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the sum of what every seat is worth by the drawn numbers."""
    number = lottery_numbers(instance.teacher_ids, instance.seed, instance.round_id)
    ranks = instance["choices"].integers("rank").tolist()
    total = 0
    for seat in assignment.seats:
        pair = instance.teacher_index[seat.teacher], instance.section_index[seat.section]
        rank = ranks[instance.arc_index[pair]]
        if 1 <= rank <= LONGEST_LIST:
            total += (len(number) + 1 - number[seat.teacher]) * (LONGEST_LIST + 1 - rank)
    return total


def post(instance: Instance, draft: Draft) -> None:
    """Post what every choice is worth by the drawn numbers."""
    number = lottery_numbers(instance.teacher_ids, instance.seed, instance.round_id)
    turn = np.array([len(number) + 1 - number[name] for name in instance.teacher_ids], np.int64)
    rank = instance["choices"].integers("rank")
    step = np.where(rank >= 1, np.maximum(LONGEST_LIST + 1 - rank, 0), 0)
    draft.value(code, turn[draft.arc_teacher] * step)

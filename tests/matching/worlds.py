"""Two rounds solved in a world of its own: `python -m tests.matching.worlds ORDER THREADS`.

The round of sixty lists its bundles, the county does not. Rows stand in the order drawn from ORDER.
"""

from __future__ import annotations

import os
import random
import sys
from typing import Any

from matching.backends import passes
from matching.generate import generate
from matching.instance import Instance
from matching.settings import Settings
from matching.solve import solve
from tests.golden.rounds import rows_of
from tests.matching.sixty import QUICK, shuffled


def county(order: int) -> Instance:
    """Return a county, hours first, with its rows in another order (0: as they stand)."""
    drawn = generate("county", 60, 1, "hours-first")
    draw, tables = random.Random(order), rows_of(drawn)
    for lines in tables.values() if order else ():
        draw.shuffle(lines)
    return Instance.from_rows(drawn.meta, tables)


def answer(instance: Instance, settings: Settings = QUICK) -> tuple[Any, ...]:
    """Return digest, goals with bounds, every reason in both languages, and seats in their order."""
    result = solve(instance, settings)
    reasons = [reason.say(lang) for reason in result.reasons for lang in ("zh", "en")]
    seats = [(seat.teacher, seat.section, seat.kind) for seat in result.seats]
    goals = [(goal.code, goal.value, goal.bound) for goal in result.goals]
    return result.digest, goals, reasons, seats


def answers(order: int) -> list[tuple[Any, ...]]:
    """Return the answers to both rounds."""
    return [answer(shuffled(order)), answer(county(order))]


if __name__ == "__main__":
    place, threads = map(int, sys.argv[1:])
    os.cpu_count = lambda: threads
    passes.PART = 7
    sys.stdout.buffer.write(repr(answers(place)).encode())

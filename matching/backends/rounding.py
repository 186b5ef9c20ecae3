"""What every value of a tier is a multiple of, so that its bound may be rounded down to one.

Goals add up points, weights and minutes. If all of these are multiples of 30, so is every value that
any answer can have, and no answer lies between 240 and 269. `matching/verify.py` works the same step
out from the tables; a bound rounded by more than that it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd

import numpy as np

from matching.columns import Numbers
from matching.primitives import Amount, Draft
from matching.schema import UNLIMITED

AT_ONCE = 1 << 20
"""Numbers that are looked at together; once their common divisor is 1 the others do not matter."""


def step_of(draft: Draft, goals: Mapping[str, int]) -> int:
    """Return the greatest number that every value of some goals is a multiple of."""
    found = 0
    for goal, weight in goals.items():
        for step in _steps(draft, goal):
            found = gcd(found, weight * step)
    return max(1, found)


def _steps(draft: Draft, goal: str) -> Iterator[int]:
    """Yield what parts of a goal are multiples of."""
    if goal in draft.values:
        yield _common(draft.values[goal])
    for row in draft.bundle_rows:
        for limit, priced in ((row.lo, row.lo_goal), (row.hi, row.hi_goal)):
            if priced == goal and limit is not None:
                yield row.weight * gcd(_common(limit[limit < UNLIMITED]), _of_amount(row.amount))
    for shared in draft.shared_rows:
        if shared.goal == goal and shared.lo > 0 and not shared.switch:
            unit = 1 if shared.coefs is None else gcd(shared.lo, _common(shared.coefs))
            yield shared.weight * unit
    yield from (switch.value for switch in draft.switches.values() if switch.goal == goal)


def _of_amount(amount: Amount) -> int:
    cap = amount.cap if amount.cap < UNLIMITED else 0
    return gcd(cap, _common(amount.numbers), *map(_of_amount, amount.parts))


def _common(numbers: Numbers) -> int:
    """Return the greatest common divisor of some numbers, 0 if all are 0."""
    found = 0
    for begin in range(0, len(numbers), AT_ONCE):
        part = np.abs(numbers[begin : begin + AT_ONCE].astype(np.int64))
        found = gcd(found, int(np.gcd.reduce(part, initial=0)))
        if found == 1:
            break
    return found


def rounded(bound: int, step: int) -> int:
    """Return the highest value that is not above a bound."""
    return bound // step * step

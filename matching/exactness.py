"""Sums in whole numbers of 64 bits: what is too large for them is refused by name, never wrapped.

Points, hours and weights are multiplied, scaled and added over everybody. Whether the sums fit is
found out in Python's own numbers, which know no limit, before anything is solved.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matching.columns import Numbers
from matching.errors import UnsupportedInstance
from matching.instance import Ints
from matching.messages import Language, say
from matching.primitives import Amount, BundleRow, Draft

MOST_ALONE, MOST_IN_ALL = 1 << 40, 1 << 47
"""The most that one bundle, and a whole round, may be worth in one tier: a thousandth of a point is
counted, multipliers come on top, and no bundle may pay for a seat that a case closes."""

EXACT = 1 << 60
"""Sums below this are exact, with room for what is added to them."""

MOST_MINUTES = (1 << 31) - 1
"""The most that may be asked of one bundle."""


class TooLargeNumbers(UnsupportedInstance):
    """Numbers of the round are too large to be added up exactly."""

    def __init__(self, what: str, found: int, most: int) -> None:
        self.values = {"what": what, "found": found, "most": most}
        super().__init__(self.say("en"))

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence for the reader."""
        return say("error_too_large_numbers", lang, **self.values)


def refuse_inexact(draft: Draft) -> None:
    """Refuse a compiled instance whose sums might not be exact.

    Raises
    ------
    TooLargeNumbers
        If a tier could be worth more than is counted exactly; the message names its goals.
    """
    for row in draft.bundle_rows:
        if row.lo is not None and (asked := int(row.lo.max(initial=0))) > MOST_MINUTES:
            raise TooLargeNumbers(f"{row.rule} {row.subject}", asked, MOST_MINUTES)
    held = _held_at_most(draft)
    for goals in draft.instance.tiers:
        alone = held * _of_one_option(draft, goals)
        in_all = alone * draft.teachers + _of_all_rows(draft, goals)
        refuse_beyond(goals, alone, MOST_ALONE)
        refuse_beyond(goals, in_all, MOST_IN_ALL)


def refuse_beyond(goals: Mapping[str, int], found: int, most: int) -> None:
    """Refuse goals that may come to more than is counted exactly.

    Raises
    ------
    TooLargeNumbers
        If they do.
    """
    if found > most:
        what = ", ".join(f"{goal} x {weight}" for goal, weight in sorted(goals.items()))
        raise TooLargeNumbers(what, found, most)


def _held_at_most(draft: Draft) -> int:
    """Return the most options that a bundle could have."""
    options = np.diff(draft.instance.first_arc)
    wanted = draft.instance["teachers"].integers("most_sections")
    return max(1, int(np.minimum(options, np.maximum(wanted, 1)).max(initial=1)))


def _of_one_option(draft: Draft, goals: Mapping[str, int]) -> int:
    """Return the most that an option changes a tier by, in its own bundle or in shared rows."""
    found = sum(abs(weight) * _largest(draft.values[goal]) for goal, weight in goals.items()
                if goal in draft.values)  # fmt: skip
    for row in draft.bundle_rows:
        found += _weight(row, goals) * _amount(row.amount)
    for shared in draft.shared_rows:
        each = 1 if shared.coefs is None else _largest(shared.coefs)
        found = max(found, shared.weight * abs(goals.get(shared.goal or "", 0)) * each)
    return found


def _of_all_rows(draft: Draft, goals: Mapping[str, int]) -> int:
    """Return what an empty answer is short of, and what switches are worth."""
    found = 0
    for row in draft.bundle_rows:
        if row.lo is not None:
            found += _weight(row, goals) * int(row.lo.sum(dtype=np.int64))
    for shared in draft.shared_rows:
        found += shared.weight * abs(goals.get(shared.goal or "", 0)) * shared.lo
    for switch in draft.switches.values():
        found += abs(switch.value * goals.get(switch.goal, 0))
    return found


def _weight(row: BundleRow, goals: Mapping[str, int]) -> int:
    return row.weight * max(abs(goals.get(goal or "", 0)) for goal in (row.lo_goal, row.hi_goal))


def _amount(amount: Amount) -> int:
    return max([_largest(amount.numbers), *map(_amount, amount.parts)])


def _largest(numbers: Numbers | Ints) -> int:
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))

"""Count the seats that searches try: `python -m tests.matching.backends.counting`, without numba."""

from __future__ import annotations

import os

os.environ["NUMBA_DISABLE_JIT"] = "1"

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.kernel import desk_of
from matching.backends.market import Market
from matching.backends.outweigh import merged, multipliers
from matching.backends.passes import costs_of, endless
from matching.backends.turns import asked_part
from matching.compile import compile_instance
from matching.generate import generate


class Noted(np.ndarray):
    """An array that counts how often something is put into it."""

    puts = 0

    def __setitem__(self, place, value):
        """Put a value, and count it."""
        type(self).puts += 1
        super().__setitem__(place, value)


def tried(kind: str, tiers: str, teachers: int, seed: int, *, is_apart: bool = True) -> int:
    """Return how many seats are tried where prices of all tiers up to welfare have nearly settled.

    Unless `is_apart`, what one seat mends for all is counted for every seat.
    """
    instance = generate(kind, teachers, seed, tiers)
    market = Market(compile_instance(instance), None, None)
    last = next(place for place, goals in enumerate(instance.tiers) if "welfare" in goals)
    goals = instance.tiers[:1] if tiers == "hours-first" else instance.tiers[: last + 1]
    purpose = market.purpose(merged(goals, multipliers(market, goals)))
    prices = ascend(market, purpose, Steps(25, 0.4, 1e-2, (0.8, 0.9)))
    local, everybody = market.local, np.arange(teachers)
    local = local._replace(once=local.once & is_apart)
    terms, desk = purpose.terms(prices), desk_of(local, everybody)
    desk = desk._replace(path=desk.path.view(Noted))
    Noted.puts = 0
    used, total = np.zeros(local.rows, np.int64), np.zeros(3, np.int64)
    costs, free = costs_of(local, terms, everybody), endless(local.rows)
    asked_part(local, terms, costs, free, desk, 0, teachers, 1, used, total)
    return Noted.puts


if __name__ == "__main__":
    print(tried("county", "hours-first", 80, 2))  # noqa: T201
    print(tried("county", "default", 40, 0))  # noqa: T201

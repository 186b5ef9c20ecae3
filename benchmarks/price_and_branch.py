"""Column generation with price-and-branch: what one would build from a textbook, on our bundles.

GLOP solves the linear program over some bundles, our exact search finds everybody's better ones at
its prices, and so on; after half of the time, or when nobody has a better one, HiGHS chooses among
the bundles found. It begins at prices of sixty quick steps, as from nothing it would not come far.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from benchmarks.peers import Found, highs
from matching.backends.ascent import Steps, ascend
from matching.backends.columns import program_of, usage_matrix
from matching.backends.generation import Generated, generated
from matching.backends.market import Market, Purpose
from matching.backends.objective import PRICE_SCALE
from matching.backends.rounding import step_of
from matching.primitives import Draft

START = Steps(60, 0.4, 1e-3)


def price_and_branch(draft: Draft, goals: Mapping[str, int], seconds: float) -> tuple[Found, int]:
    """Return what it finds, and among how many bundles; it knows no minimum to open."""
    started = time.perf_counter()
    market = Market(draft)
    assert not market.switches, "prices do not decide what opens"
    purpose = market.purpose({goal: PRICE_SCALE * weight for goal, weight in goals.items()})
    last = _priced(market, purpose, PRICE_SCALE * step_of(draft, goals), started + seconds / 2)
    columns, rows = last.columns, market.local.rows
    room = market.room(purpose, np.zeros(rows, np.int64))
    every, usage = np.arange(len(columns.owner)), usage_matrix(market.local, columns.held)
    program, _ = program_of(columns, every, usage, room, whole=True)
    chosen = highs(program, max(0.1, started + seconds - time.perf_counter()))
    value = None if chosen.value is None else (chosen.value + purpose.empty) / PRICE_SCALE
    spent = time.perf_counter() - started
    return Found(value, last.bound / PRICE_SCALE, spent), len(columns.owner)


def _priced(market: Market, purpose: Purpose, step: int, until: float) -> Generated:
    """Return the last round of column generation that began in time."""
    prices = ascend(market, purpose, START)
    rounds = generated(market, purpose, prices, step)
    last = next(rounds)
    while time.perf_counter() < until and (more := next(rounds, None)):
        last = more
    return last

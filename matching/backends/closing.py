"""Which sections stay closed when prices leave some below their minimum.

Tolls tell of every doubtful section whether it pays to open it. What then fails all the same while
people are seated is weighed at fixed prices: what its people lose if it closes, and what the cheapest
others lose who would have to join. The clearest cases are decided first, then everybody chooses again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.kernel import NOTHING
from matching.backends.market import Market, Purpose
from matching.backends.objective import FREE, NO, YES
from matching.backends.passes import near_of
from matching.backends.recover import Seating
from matching.backends.tolls import Posted
from matching.instance import Ints


def decided(
    market: Market, purpose: Purpose, posted: Posted, order: Ints, steps: Steps
) -> tuple[Purpose, Ints, Seating]:
    """Return the purpose with openings decided, prices for it, and an assignment that keeps it.

    What still fails after some rounds is closed: what closes cannot fail again, so this ends. What
    no minimum has put in doubt is decided as it stands.
    """
    prices = posted.prices
    if len(posted.tolls.row):
        purpose = replace(purpose, decided=posted.openings(market, purpose))
        start = market.legal(purpose, _cleared(purpose, market, prices))
        prices = ascend(market, purpose, steps, start)
        order = _payers_first(market, posted, order)
    seating = fill(market, purpose, prices, order)
    rounds = 0
    while len(failing := _failing(market, purpose, seating)):
        rounds += 1
        scores = np.array([_closing_gain(market, purpose, prices, seating, s) for s in failing])
        clear = np.argsort(-np.abs(scores), kind="stable")[: max(4, int(len(failing) * CLEAR))]
        if rounds > ROUNDS:
            clear, scores = np.arange(len(failing)), np.ones(len(failing))
        purpose = purpose.decide(failing[clear[scores[clear] >= 0]], NO)
        purpose = purpose.decide(failing[clear[scores[clear] < 0]], YES)
        prices = ascend(
            market, purpose, steps, market.legal(purpose, _cleared(purpose, market, prices))
        )
        seating = fill(market, purpose, prices, order)
    on = market.opened(seating.usage)
    for answer, those in ((YES, on), (NO, ~on)):
        purpose = purpose.decide(np.flatnonzero(those & (purpose.decided == FREE)), answer)
    return purpose, prices, Seating(market, purpose, seating.held)


CLEAR = 0.5
"""Which part of the failing sections is decided in one round, the clearest first."""

ROUNDS = 12
"""After so many rounds what still fails is closed."""


def _payers_first(market: Market, posted: Posted, order: Ints) -> Ints:
    """Return an order that begins with those whom tolls count on, the most eager first.

    A seat that a minimum still needs draws whoever comes by; these lose least by it.
    """
    tolls = posted.tolls
    payers = np.searchsorted(market.local.start, tolls.option, side="right") - 1
    payers = payers[np.argsort(-tolls.amount, kind="stable")]
    _, first = np.unique(payers, return_index=True)
    payers = payers[np.sort(first)]
    return np.concatenate([payers, order[~np.isin(order, payers)]])


def fill(market: Market, purpose: Purpose, prices: Ints, order: Ints) -> Seating:
    """Return an assignment from prices: choose in turn, losers again, then upgrades."""
    seating = Seating(market, purpose)
    seating.choose(prices, order)
    seating.reinsert(prices, order, purpose.unit // 300)
    seating.upgrade(order, 3)
    return seating


def _cleared(purpose: Purpose, market: Market, prices: Ints) -> Ints:
    return np.where(market.closed(purpose), 0, prices)


def _failing(market: Market, purpose: Purpose, seating: Seating) -> Ints:
    """Return the switches that fail; one decided yes that fails all the same is among them."""
    usage = seating.usage
    failing = market.failing(usage)
    forced = np.flatnonzero(purpose.decided == YES)
    short = (market.switch_of >= 0) & (usage < market.lo)
    missed = np.intersect1d(forced, np.unique(market.switch_of[short]))
    return np.union1d(failing, missed)


def _closing_gain(
    market: Market, purpose: Purpose, prices: Ints, seating: Seating, switch: int
) -> int:
    """Return what closing costs less than opening; a forced switch that failed must close."""
    if purpose.decided[switch] == YES:
        return 1 << 60
    local = market.local
    rows = np.flatnonzero(market.switch_of == switch)
    offers = np.flatnonzero(np.isin(local.row, rows))
    offers = np.searchsorted(local.row_edges, offers, side="right") - 1
    options = np.flatnonzero(np.isin(local.offer, offers))
    if not len(options):
        return 1 << 60
    teachers = local.teacher[options]
    joined, _ = near_of(local, purpose.terms(prices), teachers, wanted=options).best()
    closed = market.legal(purpose.decide(np.array([switch]), NO), prices)
    apart, _ = near_of(local, purpose.terms(closed), teachers).best()
    can = joined > NOTHING
    gains = np.sort((joined - apart)[can])[::-1]
    needed = int(market.lo[rows].max())
    if len(gains) < needed:
        return 1 << 60
    return -int(gains[:needed].sum() + np.maximum(gains[needed:], 0).sum())

"""From prices to seats: everybody chooses in turn among what is left, losers first the second time.

The order is the lottery's. A first pass pays the prices, so that scarce seats go to those who gain
most by them; later passes only let people move who gain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.backends.kernel import NOTHING
from matching.backends.lists import Places
from matching.backends.market import Market, Purpose
from matching.backends.passes import reached_by, seat, usage_of, worths_of, would_move
from matching.instance import Ints


class Seating:
    """An assignment on its way: everybody's bundle under a purpose."""

    def __init__(self, market: Market, purpose: Purpose, held: Places | None = None) -> None:
        self.market = market
        self.purpose = purpose
        strict = market.local.strict_lo
        self.soft = replace(purpose, lo_weight=purpose.lo_weight + strict * purpose.forbidding)
        size = max(1, int(market.local.size.max(initial=0)))
        empty = np.full((market.local.teachers, size), -1, np.int32)
        self.held: Places = empty if held is None else held.copy()
        self.usage = usage_of(market.local, self.held)

    @property
    def worth(self) -> int:
        """What the assignment is worth, in 1/PRICE_SCALE points."""
        return self.market.worth(self.purpose, self.held)

    def put(self, people: Ints, bundles: Places | int) -> None:
        """Let some people hold other bundles (-1: nothing)."""
        self.usage -= usage_of(self.market.local, self.held[people])
        self.held[people] = bundles
        self.usage += usage_of(self.market.local, self.held[people])

    def standing(self, people: Ints) -> tuple[bool, int]:
        """Return whether some people's bundles and all shared rows are kept, and what both are worth."""
        market, held = self.market, self.held[people]
        terms = self.purpose.terms(np.zeros(market.local.rows, np.int64))
        own = worths_of(market.soft, terms, people, held)
        lawful = bool((worths_of(market.local, terms, people, held) > NOTHING).all())
        worth = int(own[own > NOTHING].sum()) + market.shared_worth(self.purpose, self.usage)
        return lawful and market.keeps_rows(self.purpose, self.usage), worth

    def choose(self, prices: Ints, order: Ints, *, draws: bool = True) -> None:
        """Let some people choose in turn at prices, whatever they hold.

        With `draws` a seat that a strict minimum still needs draws whoever comes by.
        """
        room = self.market.room(self.purpose, self.usage)
        forced = self.market.strict | (room.weight > self.purpose.row_weight)
        room = room._replace(weight=room.weight * (forced & draws))
        terms = self.soft.terms(prices)
        seat(self.market.soft, terms, room, order, self.held, is_upgrade=False)

    def upgrade(self, order: Ints, rounds: int) -> None:
        """Let everybody move who gains by it, again and again, for some rounds at most.

        Only those come in turn who would gain as things stand; after a round only those can gain who
        would like what somebody left.
        """
        soft, room = self.market.soft, self.market.room(self.purpose, self.usage)
        terms = self.soft.terms(np.zeros(self.market.local.rows, np.int64))
        asked = order
        for _ in range(rounds):
            turn = asked[would_move(soft, terms, room, asked, self.held)]
            if not len(turn):
                return
            freed = seat(soft, terms, room, turn, self.held, is_upgrade=True)
            asked = order[reached_by(self.market.local, freed, order)]

    def losses(self, prices: Ints) -> Ints:
        """Return how far everybody stays below her best bundle at some prices."""
        market, terms = self.market, self.purpose.terms(prices)
        best, _ = market.near(self.purpose, prices).best()
        held = worths_of(market.local, terms, market.everybody, self.held)
        return np.where(held > NOTHING, best - held, best - NOTHING // 2)

    def reinsert(self, prices: Ints, order: Ints, margin: int) -> None:
        """Take those who lost something, and those nearly indifferent, out and let them choose."""
        market = self.market
        near = market.near(self.purpose, prices, most=2, within=margin)
        loss = self.losses(prices)
        out = (loss > 0) | (near.found > 1)
        self.put(np.flatnonzero(out), -1)
        turn = order[out[order]]
        self.choose(prices, turn[np.argsort(-loss[turn], kind="stable")])

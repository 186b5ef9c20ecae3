"""Prices by normalised subgradient steps on what everybody asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.backends.kernel import ENDLESS
from matching.backends.market import Market, Purpose
from matching.backends.objective import FREE, NO, YES
from matching.instance import Ints
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Steps:
    """How many steps are taken and how large they are, as parts of what an option is worth.

    Sizes fall geometrically from `first` to `last`. `kept` are the parts of the mean slope, and of
    its mean square, that a step keeps of the steps before it: little where prices settle fast, more
    where many bundles are worth alike.
    Source: Kingma and Ba 2015 for the normalisation; the sizes were measured on counties.
    """

    count: int
    first: float
    last: float
    kept: tuple[float, float] = (0.5, 0.5)

    def size(self, step: int) -> float:
        """Return the size of one step."""
        return float(self.first * (self.last / self.first) ** (step / max(self.count - 1, 1)))


GUESSED = 200_000
"""From so many teachers on the first step, at no prices at all, goes by what some of them ask for: only
which rows are wanted by too many counts there, and without prices a search takes longest."""

LONG, EARLY, BRIEF = 60, 10, 4_000
"""Where people have more options than this in the mean, a search of so many first steps from nothing is
cut short after so many tries: at low prices there are more bundles to look at than these steps are
worth."""


def brief(market: Market) -> int:
    """Return how many tries a search at low prices is given."""
    return BRIEF if market.local.options > LONG * market.local.teachers else ENDLESS


def ascend(market: Market, purpose: Purpose, steps: Steps, start: Ints | None = None) -> Ints:
    """Return the prices of the lowest bound met on the way."""
    return min(walked(market, purpose, steps, start), key=lambda met: met[0])[1]


def walked(
    market: Market, purpose: Purpose, steps: Steps, start: Ints | None = None
) -> Iterator[tuple[int, Ints]]:
    """Yield the bound and the prices met at every step."""
    price = (_first(market, purpose) if start is None else start).astype(float)
    mean, square = np.zeros(len(price)), np.zeros(len(price))
    drift, spread = steps.kept
    is_guessed = start is None and market.local.teachers >= GUESSED
    for step in range(steps.count):
        trial = market.legal(purpose, np.rint(price).astype(np.int64))
        if step or not is_guessed:
            is_early = start is None and step < EARLY
            bound, usage = market.ask(purpose, trial, brief(market) if is_early else ENDLESS)
            yield bound, trial
        else:
            usage = market.guess(purpose, trial)
        slope = _slope(market, purpose, trial, usage)
        mean = drift * mean + (1 - drift) * slope
        square = spread * square + (1 - spread) * slope * slope
        centred = mean / (1 - drift ** (step + 1))
        typical = np.sqrt(square / (1 - spread ** (step + 1)))
        size = steps.size(step) * purpose.largest
        price = trial + size * centred / (typical + 1e-3)


def _first(market: Market, purpose: Purpose) -> Ints:
    """Return prices to begin with: nothing, but what a switch is worth goes to those who serve it.

    At a price of 0 its whole worth would count though nobody serves it. Of several rows the last
    one receives it.
    """
    prices = np.zeros(market.local.rows, np.int64)
    rows = np.flatnonzero((market.switch_of >= 0) & (market.lo > 0) & (market.hi >= UNLIMITED))
    last = np.full(len(market.switches), -1)
    last[market.switch_of[rows]] = rows
    some = np.flatnonzero((last >= 0) & (purpose.switch_value > 0))
    prices[last[some]] = -purpose.switch_value[some] // market.lo[last[some]]
    return prices


def _slope(market: Market, purpose: Purpose, prices: Ints, usage: Ints) -> Ints:
    """Return usage less what each row allows at these prices.

    A switch that pays asks for its minimum, and so does one decided to be on; one that does not pay
    draws nobody in: its row allows nothing at a price below 0.
    """
    is_on = np.where(purpose.decided == FREE, market.yes(purpose, prices) > 0, purpose.decided)
    asked_for = np.append(is_on == YES, False)[market.switch_of]
    needed = (purpose.row_weight > 0) | market.strict | asked_for
    allowed = np.where(prices > 0, market.hi, np.where(prices < 0, market.lo, 0))
    allowed = np.where(prices == 0, np.clip(usage, market.lo * needed, market.hi), allowed)
    allowed[(prices < 0) & (np.append(is_on, YES)[market.switch_of] == NO)] = 0
    allowed = np.where(market.closed(purpose) | (allowed >= UNLIMITED), usage, allowed)
    return np.asarray(usage - allowed)

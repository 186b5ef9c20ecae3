"""Who proves that some settings of a round clash, and by how much they miss.

Where bundles are listed the proof is that of the strict minima in the solve; otherwise it is prices
at which even everybody's best bundle leaves a minimum short.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from matching.backends.ascent import Steps, ascend
from matching.backends.bundles import enumerate_bundles
from matching.backends.kernel import NOTHING
from matching.backends.market import Market
from matching.backends.objective import PRICE_SCALE
from matching.backends.passes import near_of
from matching.backends.priced import strict_bound
from matching.backends.state import STRICT
from matching.instance import Ints
from matching.primitives import BundleRow, Draft, SharedRow
from matching.schema import UNLIMITED


class Prover(Protocol):
    """What the search for a clash asks."""

    def stuck(self) -> Ints:
        """Return the teachers who have no bundle at all, not even an empty one."""

    def bound(self, draft: Draft, enough: int) -> int:
        """Return a proved bound on how well strict minima can be met: below 0 they cannot be.

        The work may end as soon as the bound is at or below `enough`.
        """

    def bears(self, row: SharedRow) -> bool:
        """Tell whether a row may bear on the clash that was proved so far."""

    def helpless(self, rule: str) -> Ints:
        """Return the teachers none of whose bundles meets her own strict demands of a rule."""


class Listed:
    """The proof over all bundles."""

    def __init__(self, draft: Draft, effort: str) -> None:
        self.draft = draft
        self.effort = effort
        self.bundles = enumerate_bundles(draft)

    def stuck(self) -> Ints:
        """Return the teachers who have no bundle at all, not even an empty one."""
        return np.flatnonzero(np.diff(self.bundles.start) == 0)

    def bound(self, draft: Draft, enough: int) -> int:
        """Return a proved bound on how well strict minima can be met: below 0 they cannot be."""
        return strict_bound(draft, self.bundles, self.effort, enough)

    def bears(self, row: SharedRow) -> bool:
        """Tell whether a row may bear on the clash that was proved so far."""
        return True

    def helpless(self, rule: str) -> Ints:
        """Return the teachers none of whose bundles meets her own strict demands of a rule."""
        missing = np.zeros(len(self.bundles), np.int64)
        for row in self.draft.bundle_rows:
            if row.rule == rule and demands(row) and row.lo is not None:
                lacks = row.lo[self.bundles.teacher] - self.bundles.amount(row.amount)
                missing += np.maximum(lacks, 0)
        return np.flatnonzero(np.minimum.reduceat(missing, self.bundles.start[:-1]))


STEPS = Steps(200, 0.13, 1e-4)
"""Steps on prices for one proof."""


class Priced:
    """The proof by prices alone; each begins at the prices of the last one that was found."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._known: dict[tuple[str, bool], int] = {}

    def stuck(self) -> Ints:
        """Return the teachers who have no bundle at all, not even an empty one."""
        market = Market(_counting(self.draft, lambda row: False))
        terms = market.purpose({}).terms(np.zeros(market.local.rows, np.int64))
        return np.flatnonzero(near_of(market.local, terms, market.everybody).found == 0)

    def bound(self, draft: Draft, enough: int) -> int:
        """Return a proved bound on how well strict minima can be met: below 0 they cannot be."""
        market = Market(_counting(draft, demands))
        purpose = market.purpose({STRICT: PRICE_SCALE})
        prices = market.legal(
            purpose, np.array([self._start(row) for row in draft.shared_rows], np.int64)
        )
        bound = market.ask(purpose, prices).bound // PRICE_SCALE
        if bound > enough:
            prices = ascend(market, purpose, STEPS, prices)
            bound = market.ask(purpose, prices).bound // PRICE_SCALE
        if bound < 0:
            pairs = zip(draft.shared_rows, prices.tolist(), strict=True)
            self._known = {(row.id, price > 0): price for row, price in pairs if price}
        return bound

    def _start(self, row: SharedRow) -> int:
        """Return the last price of a row, that of the side which it has."""
        above = self._known.get((row.id, True), 0) if row.hi < UNLIMITED else 0
        below = self._known.get((row.id, False), 0) if row.lo > 0 else 0
        return above or below

    def bears(self, row: SharedRow) -> bool:
        """Tell whether a row may bear on the clash that was proved so far: whether it has a price."""
        return self._start(row) != 0

    def helpless(self, rule: str) -> Ints:
        """Return the teachers none of whose bundles meets her own strict demands of a rule."""
        market = Market(_counting(self.draft, lambda row: row.rule == rule and demands(row)))
        purpose = market.purpose({STRICT: 1})
        terms = purpose.terms(np.zeros(market.local.rows, np.int64))
        reached, _ = near_of(market.local, terms, market.everybody).best()
        asked = (market.local.lo * purpose.lo_weight).sum(axis=1)
        return np.flatnonzero((reached > NOTHING) & (reached < asked))


def demands(row: BundleRow) -> bool:
    """Tell whether a row is a strict demand on everybody's own bundle."""
    return row.lo is not None and row.lo_goal is None


def _counting(draft: Draft, counts: Callable[[BundleRow], bool]) -> Draft:
    """Return the draft with strict minima as a goal, those of shared rows and some demands."""
    counted = copy.copy(draft)
    counted.bundle_rows = [
        replace(row, lo_goal=STRICT, weight=1)
        if counts(row)
        else replace(row, lo=None)
        if demands(row)
        else row
        for row in draft.bundle_rows
    ]
    counted.shared_rows = [
        replace(row, goal=STRICT, weight=1)
        if row.goal is None and row.lo > 0 and not row.switch
        else row
        for row in draft.shared_rows
    ]
    return counted

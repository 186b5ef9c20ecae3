"""What one tier maximises, what is decided about its switches, and prices of shared rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matching.instance import Ints, Mask

PRICE_SCALE = 1000
"""Prices are whole thousandths of a point."""

FREE, NO, YES = -1, 0, 1
"""What is decided about a switch."""

FORBIDDING = 1 << 52
"""The price of a seat in a section that is decided not to open; nobody can afford it."""


@dataclass(frozen=True)
class Floor:
    """An earlier tier that must keep its value: `values @ x - weights @ short >= at_least`."""

    values: Ints
    weights: Ints
    switch_values: Ints
    at_least: int

    @cached_property
    def largest(self) -> int:
        """What one bundle is worth at most, or costs."""
        return int(np.abs(self.values).max(initial=0))


@dataclass(frozen=True)
class Objective:
    """What one tier maximises.

    Parameters
    ----------
    values
        Shape (bundles,): what a bundle is worth.
    weights
        Shape (rows,): price of one unit below a row's `lo`; 0 where shortage costs nothing.
    strict
        Shape (rows,): whether `lo` must be kept.
    switch_values
        Shape (switches,): what a switch set to yes is worth.
    decided
        Shape (switches,): FREE, NO or YES for each switch.
    floors
        Earlier tiers and the values they keep.
    """

    values: Ints
    weights: Ints
    strict: Mask
    switch_values: Ints
    decided: Ints
    floors: tuple[Floor, ...] = ()

    def decide(self, switch: int, answer: int) -> Objective:
        """Return the same objective with one more switch decided."""
        decided = self.decided.copy()
        decided[switch] = answer
        return replace(self, decided=decided)

    @cached_property
    def short(self) -> Ints:
        """Rows whose shortage is priced, here or in a floor, and not forbidden."""
        priced = self.weights > 0
        for floor in self.floors:
            priced = priced | (floor.weights > 0)
        return np.flatnonzero(priced & ~self.strict)


@dataclass(frozen=True)
class Prices:
    """Whole-number prices of shared rows and multipliers of floors, in 1/PRICE_SCALE points."""

    rows: Ints
    floors: Ints

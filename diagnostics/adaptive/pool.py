"""The items that an adaptive diagnosis may ask, with all that can be known of them beforehand.

Every item looks along one line through the space of traits: an objective item of dimension d at
theta_d, a self-rating at theta_d plus how lenient the teacher is with herself. Items along one line
share a grid of values on that line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.adaptive.errors import CannotAsk
from diagnostics.instrument import Instrument
from diagnostics.irt.models import Bank, Floats, information, log_probabilities

if TYPE_CHECKING:
    from diagnostics.adaptive.ahead import Ahead

NODES: Floats = np.linspace(-6.0, 6.0, 97)
"""Values at which everything along a line is tabled; 1/8 apart, finer than any posterior here."""
COARSE = slice(12, 85, 2)
"""Of these, values from -4.5 to 4.5 and 1/4 apart: enough for what is only compared."""


@dataclass(frozen=True, eq=False)
class Pool:
    """A bank with a line, a content area and a price for each item.

    Parameters
    ----------
    bank
        J items with known parameters.
    lines
        The lines items look along: how much each of the L traits adds, (G, L).
    line_of
        Place of each item's line, (J,).
    area_of
        Content area of each item, (J,), 0 .. A-1.
    aims
        What each area wants to know: how much each trait adds to it, (A, L).
    prices
        What showing an item costs, in units of precision (1 / variance of the aim), (J,); None is
        0 for all. `diagnostics.adaptive.planning` finds prices at which no item is shown too often.
    ahead
        What is left to pay after an answer, if items are chosen by it; prices are then in items.

    Raises
    ------
    CannotAsk
        `pool_shape` if lines, areas, aims or prices do not fit the bank, `pool_ahead` if one is to
        look ahead along several lines.
    """

    bank: Bank
    lines: Floats
    line_of: NDArray[np.intp]
    area_of: NDArray[np.intp]
    aims: Floats
    prices: Floats | None = None
    ahead: Ahead | None = None

    def __post_init__(self) -> None:
        shapes = {self.line_of.shape, self.area_of.shape}
        if self.prices is not None:
            shapes.add(self.prices.shape)
        wide = self.line_of.max() < len(self.lines) and self.area_of.max() < len(self.aims)
        if shapes != {(len(self.bank),)} or not wide or self.aims.shape[1] != self.traits:
            raise CannotAsk("pool_shape", items=len(self.bank))
        if self.ahead is not None and self.lines.shape != (1, 1):
            raise CannotAsk("pool_ahead", lines=len(self.lines))

    def priced(self, prices: Floats) -> Pool:
        """Return the pool with other prices."""
        return replace(self, prices=prices)

    @property
    def traits(self) -> int:
        """Number of traits, L."""
        return int(self.lines.shape[1])

    @cached_property
    def areas(self) -> tuple[NDArray[np.intp], ...]:
        """Places of the items of each content area."""
        return tuple(np.flatnonzero(self.area_of == a) for a in range(len(self.aims)))

    @cached_property
    def kinds(self) -> NDArray[np.intp]:
        """Places of the items along the same line and of the same area, a row each; J fills up."""
        _, kind = np.unique(np.stack([self.line_of, self.area_of]), axis=1, return_inverse=True)
        kind = kind.reshape(-1)
        table = np.full((kind.max() + 1, np.bincount(kind).max()), len(self.bank), np.intp)
        for row in range(len(table)):
            mine = np.flatnonzero(kind == row)
            table[row, : len(mine)] = mine
        return table

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Numbers of the rows of `kinds`."""
        return np.arange(len(self.kinds))

    @cached_property
    def log_probability(self) -> Floats:
        """Log P(answer | value on the line), (J, K, Q)."""
        return log_probabilities(self.bank, NODES)

    @cached_property
    def chances(self) -> Floats:
        """P(answer | value on the line), (J, K, Q)."""
        return np.exp(self.log_probability)

    @cached_property
    def coarse(self) -> Floats:
        """The same at the nodes at which one looks ahead, in single precision."""
        return np.ascontiguousarray(self.chances[:, :, COARSE], np.float32)

    @cached_property
    def information(self) -> Floats:
        """Fisher information at each value on the line, (J, Q)."""
        return information(self.bank, NODES)


def one_trait(bank: Bank, area_of: ArrayLike) -> Pool:
    """Return the pool of a bank that measures one trait through several content areas."""
    areas = np.asarray(area_of, np.intp)
    nothing = np.zeros(len(bank), np.intp)
    return Pool(bank, np.ones((1, 1)), nothing, areas, np.ones((areas.max() + 1, 1)))


def a_trait_each(bank: Bank, dimension_of: ArrayLike) -> Pool:
    """Return the pool of a bank in which every item measures one of several correlated traits."""
    at = np.asarray(dimension_of, np.intp)
    each = np.eye(at.max() + 1)
    return Pool(bank, each, at, at, each)


def asked_of_herself(instrument: Instrument) -> tuple[Pool, NDArray[np.intp]]:
    """Return the pool of what a teacher answers herself, and the places of its items in the bank.

    Traits are the D abilities and leniency. A self item looks at ability and leniency together, a
    test at ability, a vignette at leniency alone; vignettes are an area of their own, the last one.

    Raises
    ------
    CannotAsk
        `nothing_to_ask` if the instrument has no such item.
    """
    places = np.flatnonzero(instrument.are("self", "vignette", "test"))
    if not len(places):
        raise CannotAsk("nothing_to_ask")
    dimensions = len(instrument.dimensions)
    traits = np.eye(dimensions + 1)
    lines = np.concatenate([traits, traits[:-1] + traits[-1]])
    area = instrument.dimension_of[places].copy()
    area[instrument.are("vignette")[places]] = dimensions
    line = np.where(instrument.are("self")[places], area + dimensions + 1, area)
    used, area = np.unique(area, return_inverse=True)
    return Pool(instrument.bank.take(places), lines, line, area, traits[used]), places

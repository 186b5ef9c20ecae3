"""Nodes and weights that stand for a standard normal population."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from diagnostics.irt.models import Floats

REACH = 6.0
"""Even nodes lie between -6 and 6, on the scale of the abilities, as mirt's do."""
SHORTEST = 5.5
"""They reach at least so many standard deviations; of 26 million people one lies beyond."""
FEWEST = 61
"""Even nodes that are always taken; their gaps of 0.2 suit posteriors as narrow as 0.2."""
MOST = 1921
"""Even nodes beyond which a fit gives up; their gaps are 0.00625."""

Kind = Literal["even", "cells", "gauss-hermite"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Nodes in standard deviations and their weights, which add up to 1, both (Q,)."""

    kind: Kind
    nodes: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def gap(self) -> float:
        """The widest distance of two neighbours within two standard deviations of the middle."""
        inner = self.nodes[np.abs(self.nodes) <= 2]
        return float(np.diff(inner).max()) if len(inner) > 1 else math.inf

    @property
    def reach(self) -> float:
        """How far the nodes reach."""
        return float(self.nodes[-1])

    def doubled(self) -> Grid:
        """Return the grid of the same kind with half the gaps (even, cells) or twice the nodes.

        Cells stand for as much room on both sides of each node, so what lies beyond stays cut off.
        """
        if self.kind == "even":
            return even(2 * len(self) - 1, self.reach)
        if self.kind == "cells":
            return replace(even(2 * len(self), self.reach + self.gap / 4), kind="cells")
        return gauss_hermite(2 * len(self))


def even(count: int = FEWEST, reach: float = REACH) -> Grid:
    """Return evenly spaced nodes; the error falls as exp(-2 pi^2 (posterior SD / gap)^2)."""
    nodes = np.linspace(-reach, reach, count)
    density = np.exp(-nodes * nodes / 2)
    return Grid("even", nodes, density / density.sum())


def gauss_hermite(count: int) -> Grid:
    """Return Gauss-Hermite nodes, for comparison: their gaps widen with the distance from 0."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return Grid("gauss-hermite", nodes, weights / weights.sum())


def reach_for(sd: float) -> float:
    """Return how many standard deviations nodes reach that lie between -6 and 6 on the scale."""
    return min(REACH, max(SHORTEST, REACH / sd))


def even_for(width: float, reach: float = REACH) -> Grid:
    """Return even nodes whose gaps are no wider than the narrowest posterior."""
    return even(min(MOST, max(FEWEST, 2 * math.ceil(reach / width) + 1)), reach)

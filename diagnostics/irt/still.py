"""Nodes that stay at -6 to 6 while the population's standard deviation moves, as R's mirt has them.

Where a population is wider than 1.09 (Rasch), nodes that reach 5.5 of its standard deviations lie
beyond 6, and mirt's population is the normal one cut off there. Up to 1.82 less than one person in
1,000 is cut off, which moves parameters by a hundredth of their standard errors: then the figures
told are mirt's, because they can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from diagnostics.irt.errors import NotConverged
from diagnostics.irt.likelihood import Marginal, Masses
from diagnostics.irt.maximum import Maximum, maximise
from diagnostics.irt.models import Floats
from diagnostics.irt.quadrature import REACH, SHORTEST, Grid, even

NEAREST = 3.3
"""Standard deviations beyond which less than one person in 1,000 lies."""


@dataclass(frozen=True, slots=True, eq=False)
class Still(Marginal):
    """A marginal likelihood whose nodes are abilities; their weights follow mean and SD."""

    def nodes(self, mean: float, sd: float) -> tuple[Grid, Floats]:
        """Return nodes in standard deviations with their weights, and the abilities there."""
        away = (self.grid.nodes - mean) / sd
        density = np.exp(-away * away / 2)
        return Grid("even", away, density / density.sum()), self.grid.nodes

    def by_scales(
        self, moved: Masses, masses: Masses, grid: Grid, theta: Floats
    ) -> tuple[Masses, Masses]:
        """Return how the weights' logarithms change with mean and SD, by the masses' means."""
        del moved
        sd = (theta[-1] - theta[0]) / (grid.nodes[-1] - grid.nodes[0])
        first, second = grid.nodes, grid.nodes**2
        return (
            masses @ (first - grid.weights @ first) / sd,
            masses @ (second - grid.weights @ second) / sd,
        )


def as_mirt(top: Maximum) -> Maximum:
    """Return the maximum on mirt's nodes if they cut off next to nobody, or the one given.

    It is also left as it is where mirt's nodes would break a promise (see `maximise`).
    """
    shape = top.marginal.shape
    sd = float(shape.parts(shape.spread(top.x))[1][:, 1].max())
    if len(top.marginal.populations) > 1 or not NEAREST <= REACH / sd < SHORTEST:
        return top
    nodes = replace(even(), kind="cells")
    still = Still(shape, top.marginal.populations, nodes, top.marginal.prior)
    if nodes.gap > sd * float(top.survey[2].min()):
        return top
    try:
        found = maximise(still, still, top.x, nodes)
    except NotConverged:
        return top
    return replace(found, evaluations=top.evaluations + found.evaluations)

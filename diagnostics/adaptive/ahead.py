"""Looking one answer ahead: what a diagnosis of one trait still costs after each possible answer.

To ask is to pay: 1 for an item, and its price (`diagnostics.adaptive.planning`). With what is
expected to be paid from a state of knowledge on, the best item is the one after whose answer least
is expected to be left, its own price added (one step of Bellman's equation). What is left depends
on how much precision is lacking and on where the teacher seems to be; the function is fitted to
simulated diagnoses, as in approximate dynamic programming (Bertsekas & Tsitsiklis, 1996).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.pool import COARSE, NODES, Pool
from diagnostics.irt.models import Floats

SHAPES = 9
"""How many functions of a state the cost to come is made of."""
FAR = 3.2
"""Beyond this distance from 0 the cost to come is taken as constant."""
LACKING, AWAY = 0.05, 0.1
"""Steps of the table of costs: precision that is lacking, and distance from 0."""
POWERS: Floats = (NODES[COARSE] ** np.arange(3)[:, None]).astype(np.float32)


def shapes(lacking: Floats, mean: Floats) -> Floats:
    """Return the functions of which the cost to come is made, (..., 9).

    Two of them fade with the precision lacking: the last items cost more than their share, since
    what they bring beyond the aim is lost.
    """
    square = np.minimum(abs(mean), FAR) ** 2
    one = np.ones_like(lacking)
    steep = [np.exp(-lacking / 0.4), np.exp(-lacking / 1.2)]
    even = [one, lacking, lacking**2]
    far = [lacking * square, lacking * square**2, lacking**2 * square, square * one]
    return np.stack(even + far + steep, axis=-1)


@dataclass(frozen=True, slots=False, eq=False)
class Ahead:
    """What is expected to be paid from a state of knowledge on, until a deviation is reached.

    Parameters
    ----------
    deviation
        Posterior standard deviation at which nothing more is asked.
    weights
        How much each of `shapes` adds, (9,).
    """

    deviation: float
    weights: Floats

    @cached_property
    def table(self) -> Floats:
        """Cost to come by precision lacking (a step a row, none first) and distance from 0.

        At least one item is left where precision is lacking.
        """
        lacking = np.arange(0.5 * LACKING, self.deviation**-2 + LACKING, LACKING)[:, None]
        away = np.arange(0.0, NODES[-1] + AWAY, AWAY)[None, :]
        grid = np.broadcast_arrays(lacking, away)
        left = np.maximum(shapes(*grid) @ self.weights, 1.0)
        return np.concatenate([np.zeros((1, left.shape[1])), left]).astype(np.float32)

    def cost(self, mean: Floats, variance: Floats) -> Floats:
        """Return what is expected to be paid from states on, of any shape; 0 where it is enough."""
        lacking = self.deviation**-2 - 1 / np.maximum(variance, 1e-6)
        row = np.maximum(np.ceil(lacking * (1 / LACKING)), 0.0).astype(np.intp)
        away = (abs(mean) * (1 / AWAY) + 0.5).astype(np.intp)
        return np.asarray(self.table.take(row * self.table.shape[1] + away))

    def after(self, pool: Pool, posterior: Floats, of: NDArray[np.intp] | None = None) -> Floats:
        """Return what is expected to be left to pay after items, (N, n), for N posteriors.

        Parameters
        ----------
        of
            Places of the n items that are looked at; None looks at all.
        """
        chances = pool.coarse if of is None else pool.coarse.take(of, 0)
        items, width, nodes = chances.shape
        belief = posterior[:, COARSE] / posterior[:, COARSE].sum(1, keepdims=True)
        weighted = POWERS[:, None] * belief.astype(np.float32)
        found = weighted.reshape(-1, nodes) @ chances.reshape(items * width, nodes).T
        chance, first, second = found.reshape(len(POWERS), len(posterior), items, width)
        chance = np.maximum(chance, np.float32(1e-9))
        mean = first / chance
        left = chance * self.cost(mean, second / chance - mean * mean)
        return np.asarray(left.sum(2))

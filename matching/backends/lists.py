"""Lists of different lengths as edges and one long array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.columns import Numbers
from matching.instance import Ints

Places = NDArray[np.int32]


class Lists(NamedTuple):
    """Lists of different lengths: edges, values and a weight of each value."""

    edges: Numbers
    values: Numbers
    weights: Numbers

    def of(self, which: Ints | Places) -> Lists:
        """Return some of the lists."""
        sizes = np.diff(self.edges)[which]
        edges = np.concatenate([[0], np.cumsum(sizes)])
        shift = np.repeat(self.edges[which] - edges[:-1], sizes)
        places = np.arange(edges[-1]) + shift
        return Lists(edges, self.values[places], self.weights[places])


def lists_of(count: int, owner: Ints, values: Ints, weights: Ints | None = None) -> Lists:
    """Return lists by owner; inside each, values keep the order they come in."""
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(count + 1))
    weights = np.ones(len(values), np.int64) if weights is None else weights
    return Lists(edges, values[order], weights[order])


def joined(parts: Sequence[Numbers]) -> Ints:
    """Return arrays one after the other as 64-bit numbers; none of them gives an empty one."""
    return np.concatenate([np.zeros(0, np.int64), *parts])

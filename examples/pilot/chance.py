"""Chance that is the same on every machine: one seed, one stream per purpose."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws that depend on the seed and the purpose alone, never on what was drawn for others.

    Only `random.Random.random` is used: it is the one draw that Python keeps equal across versions.
    """

    def __init__(self, seed: int, *purpose: str) -> None:
        self.seed = seed
        text = "|".join((str(seed), *purpose))
        self._random = random.Random(hashlib.sha256(text.encode()).digest()).random

    def share(self) -> float:
        """Return a number in [0, 1)."""
        return self._random()

    def yes(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self._random() < probability

    def below(self, n: int) -> int:
        """Return a whole number in 0..n-1."""
        return int(self._random() * n)

    def one_of(self, items: Sequence[T]) -> T:
        """Return one of the items, all equally likely."""
        return items[self.below(len(items))]

    def weighted(self, weights: dict[T, float]) -> T:
        """Return a key with a probability in proportion to its weight."""
        mark = self._random() * sum(weights.values())
        for key, weight in weights.items():
            mark -= weight
            if mark < 0:
                return key
        return key

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in an order drawn by lot."""
        rest, out = list(items), []
        while rest:
            out.append(rest.pop(self.below(len(rest))))
        return out

    def normal(self) -> float:
        """Return a standard normal number (the sum of twelve shares, less six)."""
        return sum(self._random() for _ in range(12)) - 6

    def gumbel(self) -> float:
        """Return a standard Gumbel number, the noise of a logit choice."""
        return -math.log(-math.log(1 - (1 - 1e-12) * self._random() - 1e-13))

"""What is believed of a teacher's traits after every answer: a normal distribution, made sharper.

Answers along one line multiply into one likelihood on a grid, which is kept exactly. Lines share
what they say through a multivariate normal distribution by expectation propagation (Minka, 2001):
each line's likelihood is replaced by the normal site that gives the exact mean and variance along
that line while all others hold. With one trait nothing is approximated but the grid, and the mean
and standard deviation are EAP and posterior SD (Bock & Mislevy, 1982).
"""

from __future__ import annotations

import math

import numpy as np

from diagnostics.adaptive.pool import NODES, Pool
from diagnostics.irt.models import Floats

SWEEPS = 60
"""Passes over all lines at most; a handful settles them."""
SETTLED = 1e-10
POWERS: Floats = NODES ** np.arange(1, 3)[:, None]


class Belief:
    """Mean (L,) and covariance (L, L) of the traits, given the answers told so far.

    Parameters
    ----------
    pool
        The items that are asked.
    mean, covariance
        What is believed before the first answer, (L,) and (L, L).
    """

    def __init__(self, pool: Pool, mean: Floats, covariance: Floats) -> None:
        self.pool = pool
        self.mean = np.array(mean, np.float64)
        self.covariance = np.array(covariance, np.float64)
        self._likelihood = np.zeros((len(pool.lines), len(NODES)))
        self._precision = np.zeros(len(pool.lines))
        self._shift = np.zeros(len(pool.lines))
        self._last: tuple[int, Floats] | None = None

    def tell(self, item: int, answer: int) -> None:
        """Take in an answer; other lines are told of it, their own sites stay as they are."""
        line = int(self.pool.line_of[item])
        self._likelihood[line] += self.pool.log_probability[item, answer]
        self._renew(line)

    def settle(self) -> None:
        """Renew the sites of all lines until none moves: the order of the answers is forgotten."""
        told = np.flatnonzero(self._likelihood.any(1))
        for _ in range(SWEEPS if len(told) > 1 else 0):
            if max(self._renew(int(line)) for line in told) < SETTLED:
                return

    def along(self, line: int) -> tuple[float, float]:
        """Return mean and variance of what a line looks at."""
        weights = self.pool.lines[line]
        return float(weights @ self.mean), float(weights @ self.covariance @ weights)

    def marginal(self, line: int) -> Floats:
        """Return the distribution along a line, (Q,), exact given what the others say."""
        if self._last is None or self._last[0] != line:
            mean, variance = self._without(line, *self.along(line))
            self._last = line, self._tilted(line, mean, variance)
        return self._last[1]

    def _without(self, line: int, mean: float, variance: float) -> tuple[float, float]:
        """Return mean and variance along a line as if it had said nothing (the cavity)."""
        precision = 1 / variance - float(self._precision[line])
        return (mean / variance - float(self._shift[line])) / precision, 1 / precision

    def _tilted(self, line: int, mean: float, variance: float) -> Floats:
        """Return what a line says times what the others say of it, (Q,), summing to 1."""
        logs = self._likelihood[line] + np.array([mean, -0.5]) / variance @ POWERS
        weights = np.exp(logs - logs.max())
        return np.asarray(weights / weights.sum())

    def _renew(self, line: int) -> float:
        """Fit a line's site to the exact moments; return how far its mean moved, in its SD."""
        towards = self.pool.lines[line]
        gain = self.covariance @ towards
        mean, variance = float(towards @ self.mean), float(towards @ gain)
        cavity_mean, cavity_variance = self._without(line, mean, variance)
        weights = self._tilted(line, cavity_mean, cavity_variance)
        new_mean, square = (POWERS @ weights).tolist()
        new_variance = square - new_mean**2
        precision = 1 / new_variance - 1 / cavity_variance
        shift = new_mean / new_variance - cavity_mean / cavity_variance
        more = precision - float(self._precision[line])
        further = shift - float(self._shift[line])
        self._precision[line], self._shift[line] = precision, shift
        self._last = line, weights
        scale = 1 + more * variance
        self.mean += gain * ((further - more * mean) / scale)
        self.covariance -= gain[:, None] * (gain * (more / scale))
        return float(abs(new_mean - mean) / math.sqrt(variance) + abs(more) * variance)

"""How abilities in several dimensions go together, and what is expected of whom beforehand.

Each item belongs to one dimension, so a person's likelihood is a product of one curve per dimension.
Correlations are estimated pair by pair on the full grid of two dimensions: exact for the pair, where
Laplace-EM came out too low (0.675 for 0.70 with three items a dimension).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.ascent import climb
from diagnostics.irt.coding import Coding
from diagnostics.irt.models import MISSING, Bank, Floats, log_probabilities
from diagnostics.irt.quadrature import Grid
from diagnostics.irt.scoring import nodes_for
from diagnostics.irt.threads import one_thread

CLOSEST = 0.995
"""No two dimensions are taken to be more alike; beyond, they are one."""


@dataclass(frozen=True, slots=True, eq=False)
class Correlated:
    """Several dimensions with their items and what ties them together.

    Parameters
    ----------
    names
        Ids of the D dimensions.
    banks
        Their items, each on the scale of a standard normal population.
    correlations
        Correlation of the abilities, or of what covariates leave over, (D, D).
    weights
        Effect of each covariate, (C, D); None without covariates.
    spreads
        Standard deviation of what covariates leave over, (D,); 1 without.
    neutral
        Correlation of the abilities with covariates left aside, (D, D).
    mended
        Whether the pairs contradicted each other and the matrix was moved to the nearest one.
    """

    names: tuple[str, ...]
    banks: tuple[Bank, ...]
    correlations: Floats
    weights: Floats | None
    spreads: Floats
    neutral: Floats
    mended: bool = False

    @property
    def covariance(self) -> Floats:
        """Prior covariance of the abilities around what is expected, (D, D)."""
        return np.asarray(self.correlations * np.outer(self.spreads, self.spreads))


def correlate(
    names: tuple[str, ...],
    banks: tuple[Bank, ...],
    answers: tuple[NDArray[np.int8], ...],
    covariates: Floats | None = None,
) -> Correlated:
    """Estimate how the dimensions go together, given their calibrated items.

    Parameters
    ----------
    answers
        Per dimension, (N, J_d), the same persons in the same order; -1 for missing.
    covariates
        (N, C), centred; without them abilities are taken around 0.
    """
    grid = nodes_for(*banks)
    with one_thread():
        logs = [likelihoods(b, a, grid.nodes) for b, a in zip(banks, answers, strict=True)]
        given = [(a != MISSING).any(1) for a in answers]
        weights, spreads = None, np.ones(len(banks))
        if covariates is not None:
            found = [
                regress(curve[ok], covariates[ok], grid)
                for curve, ok in zip(logs, given, strict=True)
            ]
            weights = np.stack([effect for effect, _ in found], axis=1)
            spreads = np.array([spread for _, spread in found])
            expected = covariates @ weights
            logs = [
                moved(curve, expected[:, d], float(spreads[d]), grid)
                for d, curve in enumerate(logs)
            ]
        matrix, mended = _matrix(logs, given, grid)
    neutral = matrix
    if covariates is not None and weights is not None:
        together = matrix * np.outer(spreads, spreads)
        neutral = _correlation(together + np.cov(covariates @ weights, rowvar=False))
    return Correlated(names, banks, matrix, weights, spreads, neutral, mended)


def likelihoods(bank: Bank, answers: NDArray[np.int8], theta: Floats) -> Floats:
    """Return each person's log-likelihood at abilities theta, (N, Q); 0 without answers."""
    coding = Coding(answers, bank.categories)
    table = coding.table(log_probabilities(bank, theta))
    found = np.empty((len(answers), len(theta)))
    for part, matrix in coding.chunks():
        found[part] = matrix @ table
    return found


def regress(logs: Floats, covariates: Floats, grid: Grid) -> tuple[Floats, float]:
    """Return the effects of covariates on an ability, (C,), and the SD of what is left over.

    Latent regression (Mislevy, 1984) by maximum likelihood, the items being known.
    """
    size, count = covariates.shape
    curves = np.exp(logs - logs.max(1, keepdims=True))

    def value(x: Floats) -> tuple[float, Floats]:
        spread = np.exp(x[-1])
        away = (grid.nodes - (covariates @ x[:-1])[:, None]) / spread
        joint = curves * np.exp(-away * away / 2)
        total = joint.sum(1)
        first, second = (joint * away).sum(1) / total, (joint * away * away).sum(1) / total
        slope = np.append(covariates.T @ (first / spread), (second - 1).sum())
        return float(np.log(total).sum() - size * x[-1]), slope

    scale = np.zeros((count + 1, count + 1))
    moment = covariates.T @ covariates + 1e-9 * np.eye(count)
    scale[:-1, :-1] = np.linalg.inv(np.linalg.cholesky(moment)).T * 1.5
    scale[-1, -1] = 1.5 / np.sqrt(2 * size)
    end = climb(value, lambda x: abs(float(x[-1])) < 3, np.zeros(count + 1), scale, 1e-4)
    return end.x[:-1], float(np.exp(end.x[-1]))


def moved(logs: Floats, mean: Floats, spread: float, grid: Grid) -> Floats:
    """Return log-likelihoods at mean + spread x nodes from those at the nodes, by cubics."""
    at = (mean[:, None] + spread * grid.nodes - grid.nodes[0]) / grid.gap
    low = np.clip(np.floor(at).astype(np.intp), 1, len(grid) - 3)
    f = np.clip(at, 0, len(grid) - 1) - low
    before, here, there, after = (np.take_along_axis(logs, low + k, 1) for k in (-1, 0, 1, 2))
    bend = 2 * before - 5 * here + 4 * there - after
    turn = 3 * (here - there) + after - before
    return np.asarray(here + f / 2 * (there - before + f * (bend + f * turn)))


def _matrix(logs: list[Floats], given: list[NDArray[np.bool_]], grid: Grid) -> tuple[Floats, bool]:
    found = np.eye(len(logs))
    curves = [np.exp(curve - curve.max(1, keepdims=True)) for curve in logs]
    for d in range(len(logs)):
        for e in range(d):
            both = given[d] & given[e]
            found[d, e] = found[e, d] = pair_correlation(curves[d][both], curves[e][both], grid)
    values, vectors = np.linalg.eigh(found)
    if values[0] > 1e-3:
        return found, False
    return _correlation((vectors * np.maximum(values, 1e-3)) @ vectors.T), True


def _correlation(covariance: Floats) -> Floats:
    size = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(size, size))


def pair_correlation(first: Floats, second: Floats, grid: Grid) -> float:
    """Return the correlation of two standard normal abilities from likelihood curves, (N, Q) each.

    Scoring on the exact derivative of the bivariate normal density; 0 where nobody has both.
    """
    if not len(first):
        return 0.0
    x, y = grid.nodes[:, None], grid.nodes[None, :]
    outer = np.exp(-(x * x + y * y) / 2)
    rho = 0.0
    for _ in range(60):
        rest = 1 - rho * rho
        density = outer * np.exp((2 * rho * x * y - rho * rho * (x * x + y * y)) / (2 * rest))
        density /= np.sqrt(rest)
        change = rho / rest + ((1 + rho * rho) * x * y - rho * (x * x + y * y)) / rest**2
        total = ((first @ density) * second).sum(1)
        slopes = ((first @ (density * change)) * second).sum(1) / total
        step = slopes.sum() / max(float(slopes @ slopes), 1e-9)
        limit = 0.5 * (CLOSEST + 0.005 - abs(rho))
        new = float(np.clip(rho + np.clip(step, -limit, limit), -CLOSEST, CLOSEST))
        if abs(new - rho) < 1e-7:
            return new
        rho = new
    return rho

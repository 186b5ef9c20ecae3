"""Abilities in several dimensions at once: each borrows from what is known of the others.

The posterior is a normal prior times one curve per dimension. Expectation propagation (Minka, 2001)
stands in for each curve with a normal one whose effect on the mean and the variance is exact on the
grid; with smooth single-peaked curves the result is exact to a few thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.correlated import Correlated, likelihoods
from diagnostics.irt.errors import CannotMeasure
from diagnostics.irt.models import MISSING, Floats
from diagnostics.irt.scoring import level_shares, nodes_for
from diagnostics.irt.threads import one_thread

ROUNDS = 30
STILL = 1e-3
"""Rounds end when no precision changes by a larger share."""
BATCH = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Abilities of N persons in D dimensions.

    Parameters
    ----------
    expected, sd
        Posterior means and standard deviations, (N, D).
    answered
        How many items of each dimension a person answered, (N, D).
    levels
        Per dimension probabilities of the levels between its cuts, (N, cuts + 1).
    with_covariates
        Whether something but the answers went in; then they choose items and cold menus only.
    """

    expected: Floats
    sd: Floats
    answered: NDArray[np.intp]
    levels: tuple[Floats, ...]
    with_covariates: bool

    @property
    def borrowed(self) -> NDArray[np.bool_]:
        """Tell where a dimension has no answers of its own and lives on others', (N, D)."""
        return np.asarray((self.answered == 0) & ~self.silent[:, None])

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Tell who answered nothing at all, (N,)."""
        return np.asarray((self.answered == 0).all(1))

    def shown(self) -> Floats:
        """Return the abilities that may be shown, (N, D): nan for persons without answers.

        Raises
        ------
        CannotMeasure
            `prior_is_no_ability` if covariates went in: what is expected of a group of teachers is
            never shown as the ability of one.
        """
        if self.with_covariates:
            raise CannotMeasure("prior_is_no_ability")
        return np.where(self.silent[:, None], np.nan, self.expected)


def profiles(
    model: Correlated,
    answers: tuple[NDArray[np.int8], ...],
    covariates: Floats | None = None,
    *,
    cuts: tuple[ArrayLike, ...] = (),
) -> Profiles:
    """Return the abilities of persons in all dimensions.

    Parameters
    ----------
    answers
        Per dimension, (N, J_d), the same persons in the same order; -1 for missing.
    covariates
        (N, C), as the model was estimated with: the prior is N(covariates x weights, residual
        covariance) and fades as answers come. Without them, the prior is N(0, neutral).
    cuts
        Per dimension, abilities at which a new level begins.
    """
    counts = np.stack([(part != MISSING).sum(1) for part in answers], axis=1)
    size, width = counts.shape
    expected, spread = np.empty((size, width)), np.empty((size, width))
    levels = [np.empty((size, len(np.atleast_1d(cut)) + 1)) for cut in cuts]
    grid = nodes_for(*model.banks)
    shares = [level_shares(grid, np.atleast_1d(np.asarray(cut, np.float64))) for cut in cuts]
    prior, means = model.neutral, np.zeros((size, width))
    if covariates is not None and model.weights is not None:
        prior, means = model.covariance, covariates @ model.weights
    with one_thread():
        for start in range(0, size, BATCH):
            part = slice(start, start + BATCH)
            logs = np.stack(
                [
                    likelihoods(bank, own[part], grid.nodes)
                    for bank, own in zip(model.banks, answers, strict=True)
                ],
                axis=1,
            )
            expected[part], spread[part], masses = _propagate(logs, means[part], prior, grid.nodes)
            for d, share in enumerate(shares):
                levels[d][part] = np.clip(masses[:, d] @ share, 0.0, 1.0)
    used = covariates is not None and model.weights is not None
    return Profiles(expected, spread, counts, tuple(levels), used)


def _propagate(
    logs: Floats, means: Floats, prior: Floats, nodes: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return posterior means and SDs, (N, D), and the masses of the nodes, (N, D, Q)."""
    inverse = np.linalg.inv(prior)
    pull = means @ inverse
    precision = np.zeros_like(means)
    shift = np.zeros_like(means)
    logs = logs - logs.max(2, keepdims=True)
    diagonal = np.arange(len(prior))
    mean, variance = means.copy(), np.broadcast_to(np.diag(prior), means.shape)
    masses = logs
    for _ in range(ROUNDS):
        left = 1 / np.maximum(1 / variance - precision, 1e-8)
        middle = left * (mean / variance - shift)
        masses = logs - (nodes - middle[:, :, None]) ** 2 / (2 * left[:, :, None])
        masses -= masses.max(2, keepdims=True)
        np.exp(masses, out=masses)
        masses /= masses.sum(2, keepdims=True)
        first = masses @ nodes
        second = np.maximum(masses @ (nodes * nodes) - first * first, 1e-8)
        new = np.maximum(1 / second - 1 / left, 0.0)
        push = first / second - middle / left
        change = float((np.abs(new - precision) * second).max())
        precision, shift = new, push
        matrix = np.broadcast_to(inverse, (len(means), *inverse.shape)).copy()
        matrix[:, diagonal, diagonal] += precision
        covariance = np.linalg.inv(matrix)
        mean = np.einsum("nde,ne->nd", covariance, pull + shift)
        variance = covariance[:, diagonal, diagonal]
        if change < STILL:
            break
    return mean, np.sqrt(variance), masses

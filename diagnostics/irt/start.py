"""Where a fit begins: slopes from the first principal component, then a few EM steps on a sample.

EM (Bock and Aitkin, 1981) is quick far from the maximum and slow near it; so it only starts.
"""

from __future__ import annotations

import numpy as np

from diagnostics.irt.answers import Answers
from diagnostics.irt.derivatives import Curves
from diagnostics.irt.likelihood import Marginal, Shape
from diagnostics.irt.models import MISSING, Floats, Model

STEPS = 25
STEEPEST = 4.0
"""The steepest slope that a start takes from correlations."""


def first_guess(answers: Answers, model: Model) -> Floats:
    """Return a table of parameters, (J, P), from frequencies and correlations."""
    categories = answers.categories
    width = int(categories.max())
    table = np.zeros((len(answers.items), width))
    table[:, 0] = _slopes(answers)
    for j, count in enumerate(categories.tolist()):
        given = answers.rows[:, j]
        ok = given != MISSING
        shares = np.bincount(given[ok], weights=answers.counts[ok], minlength=count) + 0.5
        shares /= shares.sum()
        if model == "grm":
            above = np.clip(1 - np.cumsum(shares)[:-1], 0.002, 0.998)
            table[j, 1:count] = np.log(above / (1 - above)) * np.hypot(1, table[j, 0] / 1.7)
        else:
            table[j, 0] /= max(1.0, (count - 1) / 2)
            table[j, 1:count] = np.log(shares[1:] / shares[0])
    return table


def _slopes(answers: Answers) -> Floats:
    """Return slopes from the loadings on the first principal component, their sum positive."""
    rows = answers.rows.astype(np.float64)
    given = answers.rows != MISSING
    weights = answers.counts[:, None] * given
    means = (rows * weights).sum(0) / np.maximum(weights.sum(0), 1.0)
    centred = np.where(given, rows - means, 0.0)
    spread = np.sqrt(np.maximum((centred**2 * weights).sum(0), 1e-12))
    together = (centred * answers.counts[:, None]).T @ centred / np.outer(spread, spread)
    values, vectors = np.linalg.eigh(together)
    share = max(0.05, (values[-1] - 1) / max(1, len(values) - 1))
    loadings = np.clip(vectors[:, -1] * np.sqrt(share * len(values)), -0.92, 0.92)
    slopes = 1.7 * loadings / np.sqrt(1 - loadings**2)
    slopes *= -1.0 if slopes.sum() < 0 else 1.0
    return np.clip(np.where(np.abs(slopes) < 0.2, 0.2, slopes), -STEEPEST, STEEPEST)


def warm(marginal: Marginal, full: Floats, steps: int = STEPS) -> Floats:
    """Return free parameters after some EM steps on the marginal's first population."""
    shape = marginal.shape
    x = _into(shape, full)
    for _ in range(steps):
        expected, found = marginal.expected(x)
        x = _step(marginal, x, expected, found)
    return x


def _into(shape: Shape, full: Floats) -> Floats:
    """Return free parameters as the means of their places in a full vector."""
    used = shape.place >= 0
    sums = np.bincount(shape.place[used], weights=full[used], minlength=shape.free)
    return np.asarray(sums / np.bincount(shape.place[used], minlength=shape.free), np.float64)


def _step(marginal: Marginal, x: Floats, expected: Floats, found: Curves) -> Floats:
    """Return x after one scoring step of all items; expected information, halved while impossible."""
    shape, logs, by = marginal.shape, found.logs, found.by_parameter
    slopes = np.einsum("jkq,jkpq->jp", expected, by, optimize=True)
    chances = np.where(np.isfinite(logs), np.exp(logs), 0.0) * expected.sum(1, keepdims=True)
    curvature = np.einsum("jkq,jkpq,jkrq->jpr", chances, by, by, optimize=True)
    size = shape.width * len(shape.items)
    gradient = shape.gather(np.concatenate([slopes.ravel(), np.zeros(len(shape.fixed) - size)]))
    matrix = np.zeros((shape.free, shape.free))
    for j, block in enumerate(curvature):
        place = shape.place[j * shape.width : (j + 1) * shape.width]
        used = np.flatnonzero(place >= 0)
        np.add.at(matrix, np.ix_(place[used], place[used]), block[np.ix_(used, used)])
    if marginal.prior is not None:
        gradient += marginal.prior.precision * (marginal.prior.centre - x)
        matrix[np.diag_indices_from(matrix)] += marginal.prior.precision
    idle = np.diag(matrix) <= 0
    matrix[idle, idle] = 1.0
    matrix[np.diag_indices_from(matrix)] *= 1 + 1e-6
    step = np.clip(np.linalg.solve(matrix, gradient), -0.7, 0.7)
    while not shape.possible(x + step):
        step /= 2
    return np.asarray(x + step)

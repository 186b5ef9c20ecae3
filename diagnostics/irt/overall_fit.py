"""Does the whole model fit? M2* compares means and products of answers with what the model says.

Tables of all answer patterns are empty nearly everywhere; means and products of pairs are not, so the
statistic is chi-square in small samples too (Maydeu-Olivares and Joe, 2006; M2* for ordered answers:
Cai and Hansen, 2013). With few items of many categories M2* has no degrees of freedom left; then the
shares of the categories stand in for the means (C2: Cai and Monro, 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.calibration import Calibration, shape_of
from diagnostics.irt.models import MISSING, Bank, Floats, probabilities

Kind = Literal["M2*", "C2"]
FEWEST = 100
"""Persons with all answers below which nothing is said."""
MISTAKE = 0.05
"""Chance that RMSEA2 lies below its interval, and that it lies above."""
STEP = 1e-5
"""Step of the numerical Jacobian of the moments, in the parameters' own units."""


@dataclass(frozen=True, slots=True)
class OverallFit:
    """How well a calibration fits the persons who answered everything.

    Parameters
    ----------
    kind
        Which statistic it is.
    rmsea, rmsea_low, rmsea_high
        Misfit per degree of freedom (RMSEA2) and its 90 % interval; about .05 is close for pairs.
    srmsr
        Root mean square of the differences between observed and expected correlations.
    """

    kind: Kind
    statistic: float
    degrees: int
    p: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmsr: float
    persons: int


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What of an answer is compared: R first-order statistics of J items, and products of answers.

    Parameters
    ----------
    owner
        The item of each first-order statistic, (R,).
    value
        Its value for each answer, (R, K): the answer itself (M2*) or 0 and 1 (C2).
    pairs
        The two items of each product, (2, pairs).
    """

    owner: NDArray[np.intp]
    value: Floats
    pairs: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.owner) + int(self.pairs.shape[1])


def overall_fit(found: Calibration, kind: Kind | None = None) -> OverallFit | None:
    """Return M2* of a calibration, or C2 where M2* has no degrees of freedom.

    None if neither has (or the `kind` asked for has not), or if fewer than `FEWEST` persons
    answered everything.
    """
    whole = (found.answers.rows != MISSING).all(1)
    rows, counts = found.answers.rows[whole].astype(np.intp), found.answers.counts[whole]
    persons, free = int(counts.sum()), len(found.errors.covariance)
    for chosen in (kind,) if kind else get_args(Kind):
        parts = _parts(found.bank, chosen)
        if free < len(parts) and persons >= FEWEST:
            away = _observed(parts, rows, counts) - _expected(parts, *_curves(found))
            value = persons * _left(
                away, _covariance(parts, *_curves(found)), _jacobian(found, parts)
            )
            srmsr = _correlations_off(found, rows, counts)
            return _told(chosen, value, len(parts) - free, persons, srmsr)
    return None


def _parts(bank: Bank, kind: Kind) -> _Parts:
    counts = bank.categories.tolist()
    answer = np.arange(bank.width)
    if kind == "M2*":
        owner, value = np.arange(len(bank)), np.tile(answer, (len(bank), 1))
    else:
        places = [(j, k) for j, count in enumerate(counts) for k in range(1, count)]
        owner = np.array([j for j, _ in places])
        value = np.array([answer == k for _, k in places])
    return _Parts(owner, value.astype(np.float64), np.array(np.triu_indices(len(bank), 1)))


def _curves(found: Calibration) -> tuple[Floats, Floats]:
    """Return chances of answers at the nodes, (J, K, Q), and the nodes' weights."""
    theta = found.mean + found.sd * found.grid.nodes
    return probabilities(found.bank, theta), found.grid.weights


def _observed(parts: _Parts, rows: NDArray[np.intp], counts: Floats) -> Floats:
    first = parts.value[np.arange(len(parts.owner)), rows[:, parts.owner]]
    second = rows[:, parts.pairs[0]] * rows[:, parts.pairs[1]]
    return np.asarray(counts @ np.concatenate([first, second], axis=1) / counts.sum())


def _expected(parts: _Parts, chances: Floats, weights: Floats) -> Floats:
    first, mean = _means(parts, chances)
    second = mean[parts.pairs[0]] * mean[parts.pairs[1]]
    return np.asarray(np.concatenate([first, second]) @ weights)


def _means(parts: _Parts, chances: Floats) -> tuple[Floats, Floats]:
    """Return expected statistics, (R, Q), and expected answers, (J, Q)."""
    first = np.einsum("rk,rkq->rq", parts.value, chances[parts.owner])
    return first, np.einsum("k,jkq->jq", np.arange(chances.shape[1]), chances)


def _covariance(parts: _Parts, chances: Floats, weights: Floats) -> Floats:
    """Return the covariance of one person's statistics, (R + pairs, R + pairs).

    Answers are independent given the ability, so products of statistics of different items are
    products of their means; those that share an item are put right.
    """
    first, mean = _means(parts, chances)
    size, (left, right) = len(first), parts.pairs
    every = np.concatenate([first, mean[left] * mean[right]])
    found = (every * weights) @ every.T
    answer = np.arange(chances.shape[1])
    square = np.einsum("k,jkq->jq", answer * answer, chances)
    for j in range(len(mean)):
        own = np.flatnonzero(parts.owner == j)
        pairs = size + np.flatnonzero((left == j) | (right == j))
        others = mean[(left + right - j)[pairs - size]]
        value, share = parts.value[own], chances[j]
        both = np.einsum("rk,sk,kq->rsq", value, value, share) - first[own][:, None] * first[own]
        found[np.ix_(own, own)] += both @ weights
        times = np.einsum("rk,k,kq->rq", value, answer, share) - first[own] * mean[j]
        mixed = (times * weights) @ others.T
        found[np.ix_(own, pairs)] += mixed
        found[np.ix_(pairs, own)] += mixed.T
        found[np.ix_(pairs, pairs)] += (others * (weights * (square[j] - mean[j] ** 2))) @ others.T
    same = size + np.arange(len(left))
    found[same, same] = (square[left] * square[right]) @ weights
    middle = every @ weights
    return np.asarray(found - np.outer(middle, middle))


def _jacobian(found: Calibration, parts: _Parts) -> Floats:
    """Return how the expected statistics change with the free parameters, by central differences."""
    shape = shape_of(found.answers, found.model)
    table = np.column_stack([found.bank.slopes, found.bank.intercepts[:, : shape.width - 1]])
    full = np.append(np.nan_to_num(table).ravel(), [found.mean, found.sd])
    changes = []
    for at in range(shape.free):
        ends = []
        for step in (STEP, -STEP):
            moved = full + step * (shape.place == at)
            mean, sd = shape.parts(moved)[1][0]
            chances = probabilities(shape.bank(moved), mean + sd * found.grid.nodes)
            ends.append(_expected(parts, chances, found.grid.weights))
        changes.append((ends[0] - ends[1]) / (2 * STEP))
    return np.array(changes).T


def _left(away: Floats, covariance: Floats, jacobian: Floats) -> float:
    """Return the quadratic form of what no change of the parameters could explain."""
    beside = np.linalg.qr(jacobian, mode="complete")[0][:, jacobian.shape[1] :]
    rest = beside.T @ away
    return float(rest @ np.linalg.solve(beside.T @ covariance @ beside, rest))


def _correlations_off(found: Calibration, rows: NDArray[np.intp], counts: Floats) -> float:
    """Return the root mean square difference of observed and expected correlations (SRMSR)."""
    chances, weights = _curves(found)
    answer = np.arange(chances.shape[1])
    mean = np.einsum("k,jkq->jq", answer, chances)
    expected = (mean * weights) @ mean.T
    square = np.einsum("k,jkq->jq", answer * answer, chances)
    expected[np.diag_indices_from(expected)] = square @ weights
    seen = (rows * counts[:, None]).T @ rows / counts.sum()
    off = _correlations(seen, counts @ rows / counts.sum()) - _correlations(
        expected, mean @ weights
    )
    return float(np.sqrt((off[np.triu_indices_from(off, 1)] ** 2).mean()))


def _correlations(products: Floats, mean: Floats) -> Floats:
    covariance = products - np.outer(mean, mean)
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def _told(kind: Kind, value: float, degrees: int, persons: int, srmsr: float) -> OverallFit:
    from scipy.special import chdtrc, chndtrinc

    def misfit(excess: float) -> float:
        return float(np.sqrt(max(0.0, excess) / (degrees * (persons - 1))))

    p = float(chdtrc(degrees, value))
    low, high = (
        misfit(chndtrinc(value, degrees, below)) if 1 - p > below else 0.0
        for below in (1 - MISTAKE, MISTAKE)
    )
    return OverallFit(kind, value, degrees, p, misfit(value - degrees), low, high, srmsr, persons)

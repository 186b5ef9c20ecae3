"""Ability and leniency of each teacher at once: the peak of the posterior and what lies around it.

The unknowns of a teacher are her abilities in D dimensions, her leniency, and the severity of each
observer who saw her. Every answer is about one sum z of them: ability + leniency for a self item,
leniency for a vignette, ability + severity for an observation, ability for a test. Under both models
of the bank log P(answer | z) is concave, so Newton's method finds the one peak; the normal density
with the peak's curvature is the posterior (Laplace). Its mean and covariance are then moved by the
third and fourth derivatives, to first order (Tierney & Kadane, 1986; the terms are those of the
two-loop diagrams): with a few answers a posterior is skewed, and spreads that are learnt from
uncorrected covariances come out too small.

Answers about the same sum are added up at once: with G sums and U unknowns nothing is larger than
G x G, whatever the number of items.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.instrument import Instrument
from diagnostics.irt.models import MISSING, Bank, Model

Floats = NDArray[np.float64]
Values = NDArray[np.int8]
Places = NDArray[np.intp]

STEPS = 30
"""Newton steps at most; about six are taken."""
CLOSE = 1e-3
"""A largest step after which the peak counts as found: what is left is about its square."""
LONGEST = 1.5
"""A step is no longer than this, in SDs of ability, so that none overshoots."""
_LOGIT = 16 * np.sqrt(3) / (15 * np.pi)

Shape = Callable[[Floats, bool], tuple[Floats, ...]]
"""(z, later) -> the first derivative of each answer's log chance and minus the second; later, minus
the second, the third and the fourth."""


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Observations of n teachers, up to O of each; a place without one holds missing answers.

    Parameters
    ----------
    values
        (n, O, J).
    mean, variance
        What is believed of the severity in each before these answers, (n, O).
    """

    values: Values
    mean: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The answers that anybody gave, C columns of them in the order of the G sums they are about.

    Parameters
    ----------
    slopes, intercepts, values
        The item of each column, as it reads there, and its answers: (C,), (C, K-1), (n, C).
    of, loads
        The sum of each column, (C,), rising, and what each sum is made of, (G, U).
    starts
        The first column of each sum, (G,).
    squares
        The products of what each sum is made of, (G, U * U).
    """

    slopes: Floats
    intercepts: Floats
    values: Values
    of: Places
    starts: Places
    loads: Floats
    squares: Floats

    def spread(self, at: Floats) -> Floats:
        """Return z of every answer where the unknowns are `at`: (n, U) -> (n, C)."""
        return np.asarray((at @ self.loads.T)[:, self.of])

    def added(self, each: Floats) -> Floats:
        """Add up over the answers about a sum: (n, C) -> (n, G)."""
        return np.asarray(np.add.reduceat(each, self.starts, axis=1))

    def bent(self, bend: Floats) -> Floats:
        """Return the curvature in the unknowns from that in the sums: (n, G) -> (n, U, U)."""
        count = self.loads.shape[1]
        return np.asarray((bend @ self.squares).reshape(-1, count, count))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What answers say of n teachers: D abilities, leniency, and the severity in each of O sets.

    Parameters
    ----------
    mean, covariance
        (n, D+1+O) and (n, D+1+O, D+1+O).
    """

    mean: Floats
    covariance: Floats


def blurred(bank: Bank, noise: Floats) -> Bank:
    """Return the bank as it reads through normal noise in z, of an SD for each item.

    A logistic curve averaged over normal noise is nearly a flatter logistic curve.
    """
    flatter = 1 / np.sqrt(1 + (_LOGIT * bank.slopes * noise) ** 2)
    slopes, intercepts = bank.slopes * flatter, bank.intercepts * flatter[:, None]
    return Bank(bank.items, bank.model, slopes, intercepts, bank.categories)


def columns_of(
    instrument: Instrument, own: tuple[Bank, Values], seen: tuple[Bank, Sets]
) -> Columns:
    """Return own answers and those in every set of observations by what they are about."""
    people, sets = seen[1].mean.shape
    of, loads = _sums(instrument, sets)
    values = np.concatenate([own[1], seen[1].values.reshape(people, -1)], axis=1)
    given = np.flatnonzero((values != MISSING).any(axis=0))
    order = given[np.argsort(of[given], kind="stable")]
    used, starts, of = np.unique(of[order], return_index=True, return_inverse=True)
    slopes = np.concatenate([own[0].slopes, *[seen[0].slopes] * sets])
    intercepts = np.concatenate([own[0].intercepts, *[seen[0].intercepts] * sets])
    loads = loads[used]
    squares = (loads[:, :, None] * loads[:, None, :]).reshape(len(loads), loads.shape[1] ** 2)
    return Columns(slopes[order], intercepts[order], values[:, order], of, starts, loads, squares)


@lru_cache(maxsize=64)
def _sums(instrument: Instrument, sets: int) -> tuple[Places, Floats]:
    """Return the sum that each item is about, own ones first, and what all sums are made of."""
    count = len(instrument.dimensions)
    eye = np.eye(count + 1 + sets)
    ability, lean, severity = eye[:count], eye[count], eye[count + 1 :]
    loads = [ability, ability + lean, lean[None, :]]
    of = instrument.dimension_of + count * instrument.are("self")
    own = np.where(instrument.are("vignette"), 2 * count, of)
    seen = [2 * count + 1 + count * o + instrument.dimension_of for o in range(sets)]
    loads += [ability + severity[o] for o in range(sets)]
    return np.concatenate([own, *seen]), np.concatenate(loads)


def posterior(
    instrument: Instrument,
    own: tuple[Bank, Values],
    seen: tuple[Bank, Sets],
    prior: tuple[Floats, Floats],
    start: Floats | None = None,
) -> Posterior:
    """Return the posterior of n teachers.

    Parameters
    ----------
    own, seen
        Own answers (n, J) and observations, each with the bank as it reads there.
    prior
        Mean (n, D+1) and precision (D+1, D+1) of abilities and leniency.
    start
        Where to look first, (n, D+1); the mean of the prior unless given. The peak is the same.
    """
    columns, sets = columns_of(instrument, own, seen), seen[1]
    mean = np.concatenate([prior[0], sets.mean], axis=1)
    precision = np.zeros((*mean.shape, mean.shape[1]))
    inner = len(prior[1])
    precision[:, :inner, :inner] = prior[1]
    at_sets = np.arange(inner, mean.shape[1])
    precision[:, at_sets, at_sets] = 1 / sets.variance
    if not len(columns.of):
        return Posterior(mean, np.linalg.inv(precision))
    shape = shape_of(instrument.bank.model, columns.slopes, columns.intercepts, columns.values)
    near = mean if start is None else np.concatenate([start, sets.mean], axis=1)
    return _around(_peak(shape, columns, near, mean, precision), shape, columns, precision)


def _peak(shape: Shape, columns: Columns, start: Floats, mean: Floats, precision: Floats) -> Floats:
    """Climb to the peak of every teacher's posterior, (n, U)."""
    at, loads = start.copy(), columns.loads
    for _ in range(STEPS):
        slope, bend = shape(columns.spread(at), False)
        rise = columns.added(slope) @ loads + (precision @ (mean - at)[:, :, None])[:, :, 0]
        curve = precision + columns.bent(columns.added(bend))
        step = np.linalg.solve(curve, rise[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        at += step * np.minimum(1, LONGEST / np.maximum(longest, LONGEST))
        if longest.max(initial=0) < CLOSE:
            break
    return at


def _around(at: Floats, shape: Shape, columns: Columns, precision: Floats) -> Posterior:
    """Return mean and covariance around the peak, with the first-order terms of its skewness."""
    loads, z = columns.loads, columns.spread(at)
    bend, third, fourth = (columns.added(one) for one in shape(z, True))
    covariance = np.linalg.inv(precision + columns.bent(bend))
    reach = covariance @ loads.T
    between = loads @ reach
    own = np.einsum("ngg->ng", between)
    move = 0.5 * (reach @ (third * own)[:, :, None])[:, :, 0]
    straight = 0.5 * fourth * own + third * (move @ loads.T)
    crossed = 0.5 * third[:, :, None] * between**2 * third[:, None, :]
    added = crossed
    each = np.arange(len(loads))
    added[:, each, each] += straight
    moved = reach @ added @ reach.transpose(0, 2, 1)
    return Posterior(at + move, covariance + moved)


def shape_of(model: Model, slopes: Floats, intercepts: Floats, values: Values) -> Shape:
    """Return the derivatives of log P(answer | z) as a function of z; zero where none is given.

    Parameters
    ----------
    slopes, intercepts
        Of the item of each column, (C,) and (C, K-1), nan behind the last intercept of an item.
    values
        (n, C).
    """
    return (_graded if model == "grm" else _partial)(slopes, intercepts, values)


def _graded(a: Floats, intercepts: Floats, values: Values) -> Shape:
    columns = np.arange(len(a))
    ends = np.full((len(a), 1), np.inf)
    bounds = np.concatenate([ends, np.nan_to_num(intercepts, nan=-np.inf), -ends], axis=1)
    given = values != MISSING
    low = np.where(given, bounds[columns, values], np.inf)
    high = np.where(given, bounds[columns, values + 1], -np.inf)

    square = a * a

    def shape(z: Floats, later: bool = False) -> tuple[Floats, ...]:
        steep = a * z
        upper, lower = _logistic(steep + low), _logistic(steep + high)
        if not later:
            both = upper + lower
            bend = both - upper * upper - lower * lower
            return a * (1 - both), square * bend
        up, down = upper * (1 - upper), lower * (1 - lower)
        third = up * (1 - 2 * upper) + down * (1 - 2 * lower)
        fourth = up * (1 - 6 * up) + down * (1 - 6 * down)
        return square * (up + down), -(a**3) * third, -(a**4) * fourth

    return shape


def _logistic(z: Floats) -> Floats:
    """Return the logistic function; numpy's exponential is several times as fast as scipy's expit."""
    np.negative(z, out=z)
    with np.errstate(over="ignore"):
        np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def _partial(a: Floats, intercepts: Floats, values: Values) -> Shape:
    given = (values != MISSING).astype(np.float64)
    k = np.arange(intercepts.shape[1] + 1)
    first = np.zeros((len(a), 1))
    heights = np.concatenate([first, np.nan_to_num(intercepts, nan=-np.inf)], axis=1)

    def shape(z: Floats, later: bool = False) -> tuple[Floats, ...]:
        tall = (a * z)[..., None] * k + heights
        chances = np.exp(tall - tall.max(axis=-1, keepdims=True))
        chances /= chances.sum(axis=-1, keepdims=True)
        mean = chances @ k
        off = k - mean[..., None]
        two = (chances * off**2).sum(axis=-1)
        if not later:
            return given * a * (values - mean), given * a**2 * two
        three, four = ((chances * off**n).sum(axis=-1) for n in (3, 4))
        fourth = -given * a**4 * (four - 3 * two**2)
        return given * a**2 * two, -given * a**3 * three, fourth

    return shape

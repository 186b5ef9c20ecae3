"""Items with ordered answers: the graded response model and the generalized partial credit model.

Both are in slope-intercept form. An answer X is one of 0 .. K-1 (K may differ between items),
theta is the ability on the scale of a standard normal population:

- `grm` (Samejima, 1969): P(X >= k) = 1 / (1 + exp(-(a theta + d_k))), with d_1 > d_2 > ...; with
  K = 2 this is the two-parameter logistic model (2PL);
- `gpcm` (Muraki, 1992): P(X = k) is proportional to exp(k a theta + d_k), with d_0 = 0 left out of
  the intercepts; with one slope for all items this is the partial credit or Rasch model.

These are the parameters that R's mirt prints as a1 and d (d1, d2, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.errors import CannotMeasure

Model = Literal["grm", "gpcm"]
Floats = NDArray[np.float64]

MISSING = -1
"""How a matrix of answers says that there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Items whose parameters are known; J items with up to K categories.

    Parameters
    ----------
    items
        Ids of the items, (J,).
    model
        `grm` or `gpcm`, the same for all items.
    slopes
        Discriminations a, (J,).
    intercepts
        Intercepts d_1 .. d_(K-1), (J, K-1); nan behind the last one of an item.
    categories
        Number of categories of each item, (J,), each 2 or more.

    Raises
    ------
    CannotMeasure
        `bank_shape`, `bank_twice`, `bank_not_finite` or `bank_order` (GRM intercepts that do not
        fall), each with the items meant.
    """

    items: tuple[str, ...]
    model: Model
    slopes: Floats
    intercepts: Floats
    categories: NDArray[np.intp]

    def __post_init__(self) -> None:
        count, width = len(self.items), self.intercepts.shape[-1]
        if (
            self.slopes.shape != (count,)
            or self.intercepts.shape != (count, width)
            or self.categories.shape != (count,)
            or not count
            or self.categories.min() < 2
            or self.categories.max() > width + 1
        ):
            raise CannotMeasure("bank_shape", items=count)
        if len(set(self.items)) != count:
            raise CannotMeasure("bank_twice")
        used = np.arange(1, width + 1) < self.categories[:, None]
        self._refuse(
            ~np.isfinite(self.slopes) | (~np.isfinite(self.intercepts) & used).any(1),
            "bank_not_finite",
        )
        if self.model == "grm":
            falls = np.diff(self.intercepts, axis=1) < 0
            self._refuse((~falls & used[:, 1:]).any(1), "bank_order")

    def _refuse(self, wrong: ArrayLike, code: str) -> None:
        if found := tuple(self.items[j] for j in np.flatnonzero(wrong)):
            raise CannotMeasure(code, items=found)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def width(self) -> int:
        """The largest number of categories of an item, K."""
        return int(self.categories.max())

    def take(self, places: ArrayLike) -> Bank:
        """Return the bank of some of the items, by their places."""
        at = np.arange(len(self))[np.asarray(places)]
        width = int(self.categories[at].max())
        return Bank(
            tuple(self.items[j] for j in at),
            self.model,
            self.slopes[at],
            self.intercepts[at, : width - 1],
            self.categories[at],
        )


def log_probabilities(bank: Bank, theta: ArrayLike) -> Floats:
    """Return log P(X = k | theta), (J, K, Q) for Q abilities; -inf where an item has no category k.

    No probability underflows: GRM differences are taken as s(u) - s(v) = s(u) s(-v) (1 - e^(v-u))
    with the logistic function s.
    """
    at = np.atleast_1d(np.asarray(theta, np.float64))
    return (_graded if bank.model == "grm" else _partial)(bank, at)


def probabilities(bank: Bank, theta: ArrayLike) -> Floats:
    """Return P(X = k | theta), (J, K, Q) for Q abilities; 0 where an item has no category k."""
    return np.exp(log_probabilities(bank, theta))


def score_slopes(bank: Bank, theta: ArrayLike) -> Floats:
    """Return d log P(X = k | theta) / d theta, (J, K, Q); 0 where an item has no category k."""
    at = np.atleast_1d(np.asarray(theta, np.float64))
    slopes = bank.slopes[:, None, None]
    if bank.model == "grm":
        steps = _logistic(slopes * at + _bounds(bank)[:, :, None])
        found = slopes * (1 - steps[:, :-1] - steps[:, 1:])
    else:
        k = np.arange(bank.width)[:, None]
        chances = np.exp(_partial(bank, at))
        found = slopes * (k - (k * chances).sum(1, keepdims=True))
    return np.where(_has(bank)[:, :, None], found, 0.0)


def information(bank: Bank, theta: ArrayLike) -> Floats:
    """Return the Fisher information about theta of each item, (J, Q) for Q abilities."""
    slopes = score_slopes(bank, theta)
    return np.asarray((probabilities(bank, theta) * slopes * slopes).sum(1))


def expected_answers(bank: Bank, theta: ArrayLike) -> Floats:
    """Return the expected answer E(X | theta) of each item, (J, Q): the item's curve."""
    k = np.arange(bank.width)[:, None]
    return np.asarray((k * probabilities(bank, theta)).sum(1))


def _has(bank: Bank) -> NDArray[np.bool_]:
    """Tell whether item j has category k, (J, K)."""
    return np.arange(bank.width) < bank.categories[:, None]


def _logistic(z: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -z))


def _bounds(bank: Bank) -> Floats:
    """Return the intercepts between +inf (always reached) and -inf (never), (J, K+1)."""
    used = np.arange(1, bank.width) < bank.categories[:, None]
    inner = np.where(used, bank.intercepts[:, : bank.width - 1], -np.inf)
    ends = np.full((len(bank), 1), np.inf)
    return np.concatenate([ends, inner, -ends], axis=1)


def _graded(bank: Bank, theta: Floats) -> Floats:
    bounds = _bounds(bank)
    z = bank.slopes[:, None, None] * theta + bounds[:, :, None]
    has = _has(bank)
    falls = np.full(has.shape, np.inf)
    np.subtract(bounds[:, :-1], bounds[:, 1:], out=falls, where=has)
    apart = np.log(-np.expm1(-falls))
    found = apart[:, :, None] - np.logaddexp(0, -z[:, :-1]) - np.logaddexp(0, z[:, 1:])
    return np.where(has[:, :, None], found, -np.inf)


def _partial(bank: Bank, theta: Floats) -> Floats:
    used = np.arange(1, bank.width) < bank.categories[:, None]
    inner = np.where(used, bank.intercepts[:, : bank.width - 1], -np.inf)
    heights = np.concatenate([np.zeros((len(bank), 1)), inner], axis=1)
    steps = np.arange(bank.width)[:, None] * theta
    z = bank.slopes[:, None, None] * steps + heights[:, :, None]
    top = z.max(1, keepdims=True)
    return np.asarray(z - top - np.log(np.exp(z - top).sum(1, keepdims=True)))

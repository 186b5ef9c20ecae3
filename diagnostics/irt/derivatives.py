"""Log probabilities of answers and how they change with an item's parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.models import Bank, Floats, Model, log_probabilities, score_slopes


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What a fit needs of the items at Q abilities; J items, K categories, P = K parameters.

    Parameters
    ----------
    logs
        log P(X = k | theta), (J, K, Q); -inf where there is no such category.
    by_parameter
        Its change with the slope (first) and the intercepts, (J, K, P, Q).
    by_theta
        Its change with theta, (J, K, Q).
    """

    logs: Floats
    by_parameter: Floats
    by_theta: Floats


def bank_of(
    items: tuple[str, ...], model: Model, categories: NDArray[np.intp], table: Floats
) -> Bank:
    """Return the bank of a table of parameters, (J, P): slope, then intercepts."""
    used = np.arange(1, table.shape[1]) < categories[:, None]
    return Bank(items, model, table[:, 0].copy(), np.where(used, table[:, 1:], np.nan), categories)


def curves(bank: Bank, theta: Floats) -> Curves:
    """Return log probabilities and their derivatives at abilities theta, (Q,)."""
    logs = log_probabilities(bank, theta)
    by_theta = score_slopes(bank, theta)
    width = bank.width
    by_parameter = np.zeros((len(bank), width, width, len(theta)))
    by_parameter[:, :, 0] = _by_slope(bank, by_theta, theta)
    (_graded if bank.model == "grm" else _partial)(bank, theta, logs, by_parameter)
    has = np.arange(width) < bank.categories[:, None]
    by_parameter *= has[:, :, None, None] & has[:, None, :, None]
    return Curves(logs, by_parameter, by_theta)


def _by_slope(bank: Bank, by_theta: Floats, theta: Floats) -> Floats:
    """Slope and ability enter as their product; a slope of 0 needs its own way."""
    if (bank.slopes != 0).all():
        return by_theta * theta / bank.slopes[:, None, None]
    unit = Bank(bank.items, bank.model, np.ones(len(bank)), bank.intercepts, bank.categories)
    flat = score_slopes(unit, np.zeros(1)) * theta
    safe = np.where(bank.slopes == 0, 1.0, bank.slopes)[:, None, None]
    return np.where(bank.slopes[:, None, None] == 0, flat, by_theta * theta / safe)


def _graded(bank: Bank, theta: Floats, logs: Floats, out: Floats) -> None:
    """Fill in d log P_k / d d_k = s(-u) + c and d log P_k / d d_(k+1) = -s(v) - c.

    u and v are the logits of reaching k and k+1, c = 1 / (e^(d_k - d_(k+1)) - 1).
    """
    del logs
    z = bank.slopes[:, None, None] * theta + np.nan_to_num(bank.intercepts)[:, :, None]
    steps = np.exp(-np.logaddexp(0.0, -z))
    falls = np.full((len(bank), bank.width - 1), np.inf)
    later = np.arange(2, bank.width) < bank.categories[:, None]
    np.subtract(bank.intercepts[:, :-1], bank.intercepts[:, 1:], out=falls[:, :-1], where=later)
    pull = 1 / np.expm1(np.minimum(falls, 700.0))
    for k in range(1, bank.width):
        out[:, k, k] = 1 - steps[:, k - 1] + pull[:, k - 1, None]
        out[:, k - 1, k] = -steps[:, k - 1]
        if k > 1:
            out[:, k - 1, k] -= pull[:, k - 2, None]


def _partial(bank: Bank, theta: Floats, logs: Floats, out: Floats) -> None:
    """Fill in d log P_k / d d_h = [k = h] - P_h."""
    del theta
    chances = np.exp(logs)
    for h in range(1, bank.width):
        out[:, :, h] = -chances[:, None, h]
        out[:, h, h] += 1

"""Does a person answer as the model says? The standardised log-likelihood lz, and corrected lz*.

lz (Drasgow, Levine and Williams, 1985) takes the estimated ability for the true one and is too
narrow; lz* corrects it for that (Snijders, 2001; for ordered answers Sinharay, 2016). Very negative
values mean answers that fit no ability. A person is flagged for a friendly second look, never
dropped: nothing in this room reads the flag to leave answers out.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.answers import Ints
from diagnostics.irt.calibration import Calibration
from diagnostics.irt.models import MISSING, Bank, Floats, log_probabilities, score_slopes

CHUNK = 2048
"""Rows of answers that are worked on at once."""
STEPS = 30
"""Fisher scoring steps to a person's posterior mode; about five are needed."""
FEWEST = 5
"""Answers below which nothing is said about a person's fit."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonFit:
    """Fit of each person, (N,); nan for those with fewer than `FEWEST` answers.

    Parameters
    ----------
    lz, lz_star
        Standard normal for persons who answer as the model says (lz* nearly so).
    cut
        lz* below it is flagged.
    """

    lz: Floats
    lz_star: Floats
    cut: float

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Whether a person gave enough answers to say anything, (N,)."""
        return np.isfinite(self.lz_star)

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """Who answered in a way that fits no ability, (N,)."""
        return np.asarray(self.judged & (np.nan_to_num(self.lz_star) < self.cut))


def person_fit(found: Calibration, share: float = 0.05) -> PersonFit:
    """Return how well each person of a calibration fits.

    Parameters
    ----------
    share
        Which share of well-behaved persons may be flagged.
    """
    rows, begin = found.answers.rows, found.by_row[0]
    both = np.empty((2, len(rows)))
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        both[:, part] = _fit(found.bank, rows[part], begin[part], found.mean, found.sd)
    both[:, (rows != MISSING).sum(1) < FEWEST] = np.nan
    lz, star = both[:, found.answers.persons]
    return PersonFit(lz, star, NormalDist().inv_cdf(share))


def modes(bank: Bank, rows: Ints, begin: Floats, mean: float, sd: float) -> Floats:
    """Return each row's most probable ability under a normal prior, by Fisher scoring, (M,)."""
    theta, given = begin.copy(), (rows != MISSING).T
    places = np.maximum(rows, 0).T[:, None]
    for _ in range(STEPS):
        slopes, chances = score_slopes(bank, theta), np.exp(log_probabilities(bank, theta))
        own = np.take_along_axis(slopes, places, 1)[:, 0]
        pull = (mean - theta) / sd**2 + (own * given).sum(0)
        known = 1 / sd**2 + ((chances * slopes * slopes).sum(1) * given).sum(0)
        step = np.clip(pull / known, -1.0, 1.0)
        theta += step
        if np.abs(step).max(initial=0.0) < 1e-8:
            break
    return theta


def _fit(bank: Bank, rows: Ints, begin: Floats, mean: float, sd: float) -> tuple[Floats, Floats]:
    theta = modes(bank, rows, begin, mean, sd)
    given = (rows != MISSING).T
    logs, slopes = log_probabilities(bank, theta), score_slopes(bank, theta)
    chances = np.exp(logs)
    weights = np.where(np.isfinite(logs), logs, 0.0)
    expected = (chances * weights).sum(1)
    own = np.take_along_axis(weights, np.maximum(rows, 0).T[:, None], 1)[:, 0]
    away = ((own - expected) * given).sum(0)
    spread = _variance(chances, weights, given)
    tilt = _sum(chances * slopes * weights, given) / _sum(chances * slopes * slopes, given)
    corrected = _variance(chances, weights - tilt * slopes, given)
    shift = tilt * (mean - theta) / sd**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return away / np.sqrt(spread), (away + shift) / np.sqrt(corrected)


def _variance(chances: Floats, values: Floats, given: NDArray[np.bool_]) -> Floats:
    middle = (chances * values).sum(1, keepdims=True)
    return _sum(chances * (values - middle) ** 2, given)


def _sum(values: Floats, given: NDArray[np.bool_]) -> Floats:
    """Return sums over categories and answered items, (M,), never 0."""
    return np.asarray(np.maximum((values.sum(1) * given).sum(0), 1e-300))

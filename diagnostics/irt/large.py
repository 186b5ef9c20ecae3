"""Very many persons: calibrate on a stratified sample, score everybody.

Standard errors of 50,000 persons are far below what a level means, so more persons tell nothing new
of the items; everybody is scored all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.answers import coded
from diagnostics.irt.calibration import Calibration, Fitted, calibrate
from diagnostics.irt.scoring import BATCH, Abilities, score_many

MOST = 50_000
"""Persons that are enough to calibrate items."""


def calibrate_many(
    matrix: NDArray[np.integer],
    model: Fitted = "grm",
    *,
    items: Sequence[str] | None = None,
    strata: ArrayLike | None = None,
    most: int = MOST,
    seed: int = 0,
) -> tuple[Calibration, Abilities]:
    """Return items calibrated on a sample of persons, and abilities of all of them, (N,).

    Parameters
    ----------
    matrix
        Raw answers, persons x items, negative for missing.
    strata
        Stratum of each person, (N,): each is in the sample as it is among all.
    most
        Persons in the sample.
    seed
        Draws the sample.
    """
    chosen = sample(len(matrix), most, strata, seed)
    names = None if items is None else tuple(items)
    found = calibrate(matrix[chosen], model, items=names, seed=seed)
    answers = np.empty(matrix.shape, np.int8)
    for start in range(0, len(matrix), BATCH):
        part = slice(start, start + BATCH)
        answers[part] = coded(matrix[part], found.answers.values)
    return found, score_many(found.bank, answers, found.mean, found.sd)


def sample(
    persons: int, most: int, strata: ArrayLike | None = None, seed: int = 0
) -> NDArray[np.intp]:
    """Return places of a sample, in order, with each stratum's share rounded to whole persons."""
    if persons <= most:
        return np.arange(persons)
    chance = np.random.default_rng(seed)
    group = (
        np.zeros(persons, np.intp) if strata is None else np.unique(strata, return_inverse=True)[1]
    )
    order = chance.permutation(persons)
    order = order[np.argsort(group[order], kind="stable")]
    # Every so many-th person of the list by strata: no share is off by more than one person.
    steps = np.arange(most) * persons // most
    return np.sort(order[steps])

"""How much may be estimated from how many persons.

Below 500 all items weigh the same (partial credit model), and what experts think of them, or plain
parameters, is a prior that answers correct bit by bit; below 200 items are still called uncalibrated.
From 500 on the graded model, from 10,000 its standard errors come from the cross-product (Reise and
Yu, 1990: 500 suffice for the graded model). A rung that does not reach a maximum is left for the one
below, and it is said why. Abilities are always in standard deviations of the population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from diagnostics.irt.answers import coded, prepare
from diagnostics.irt.calibration import Calibration, calibrate
from diagnostics.irt.errors import CannotMeasure
from diagnostics.irt.likelihood import Prior, Shape
from diagnostics.irt.models import Bank, Floats
from diagnostics.irt.scoring import Abilities, abilities

Rung = Literal["expert", "partial_credit", "graded", "graded_many"]

PARTIAL_CREDIT, GRADED, MANY = 200, 500, 10_000
"""Persons with answers from which on a rung is stood on."""
STEP_SD, SPREAD_SD = 1.0, 0.5
"""Prior SD of an item's steps and of the common slope, below 500 persons."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Items as well as the number of persons allows, and the persons on their scale.

    Parameters
    ----------
    rung
        What was done; at `expert` the items are uncalibrated: mostly what was thought of them.
    refused
        Why a higher rung was left, if one was.
    """

    rung: Rung
    bank: Bank
    values: tuple[tuple[int, ...], ...]
    calibration: Calibration | None = None
    refused: CannotMeasure | None = None

    @property
    def calibrated(self) -> bool:
        """Whether the items' parameters come from enough answers."""
        return self.rung != "expert"

    def abilities(self, matrix: ArrayLike) -> Abilities:
        """Return EAP and posterior SD for raw answers, (N, J), negative for missing."""
        return abilities(self.bank, coded(matrix, self.values))


def rung_for(persons: int) -> Rung:
    """Return how far up so many persons with answers allow to stand."""
    if persons < PARTIAL_CREDIT:
        return "expert"
    if persons < GRADED:
        return "partial_credit"
    return "graded" if persons < MANY else "graded_many"


def measure(
    matrix: ArrayLike,
    items: Sequence[str],
    values: Sequence[Sequence[int]],
    expert: Bank | None = None,
) -> Measured:
    """Return items measured as well as the number of persons allows.

    Parameters
    ----------
    matrix
        Raw answers, persons x items, negative for missing.
    values
        The categories each item offers, whether somebody chose them or not.
    expert
        Parameters of a partial credit bank that experts gave; plain ones without.
    """
    table = np.asarray(matrix)
    given = plain_bank(items, [len(v) for v in values]) if expert is None else expert
    known = tuple(tuple(int(v) for v in own) for own in values)
    persons = int((table >= 0).any(1).sum()) if table.size else 0
    rung = rung_for(persons)
    refused: CannotMeasure | None = None
    if rung in ("graded", "graded_many"):
        try:
            found = calibrate(prepare(table, items), "grm")
            return Measured(rung, found.bank, found.answers.values, found)
        except CannotMeasure as reason:
            refused, rung = reason, "partial_credit"
    if persons:
        try:
            answers = prepare(table, items, known)
            found = calibrate(answers, "rasch", prior=lambda shape: steps_prior(shape, given))
            return Measured(rung, _standard(found), known, found, refused)
        except CannotMeasure as reason:
            refused = refused or reason
    return Measured("expert", given, known, None, refused)


def _standard(found: Calibration) -> Bank:
    """Return items of slope 1 and a free variance as items of one slope and variance 1."""
    return replace(found.bank, slopes=np.full(len(found.bank), found.sd))


def plain_bank(items: Sequence[str], categories: Sequence[int]) -> Bank:
    """Return partial credit items of slope 1 whose steps cut the population into equal parts."""
    width = max(categories)
    intercepts = np.full((len(items), width - 1), np.nan)
    for j, count in enumerate(categories):
        steps = [NormalDist().inv_cdf(k / count) for k in range(1, count)]
        intercepts[j, : count - 1] = -np.cumsum(steps)
    ones: Floats = np.ones(len(items))
    return Bank(tuple(items), "gpcm", ones, intercepts, np.asarray(categories, np.intp))


def steps_prior(shape: Shape, given: Bank) -> Prior:
    """Return a prior around given items: each further step is as uncertain as the first.

    An intercept is a sum of steps, so its prior widens with its place.
    """
    centre = np.zeros(shape.free)
    precision = np.zeros(shape.free)
    place = shape.place[:-2].reshape(-1, shape.width)
    for j, count in enumerate(shape.categories.tolist()):
        at = place[j, 1:count]
        centre[at] = given.intercepts[j, : count - 1]
        precision[at] = 1 / (STEP_SD**2 * np.arange(1, count))
    centre[shape.place[-1]], precision[shape.place[-1]] = 1.0, 1 / SPREAD_SD**2
    return Prior(centre, precision)

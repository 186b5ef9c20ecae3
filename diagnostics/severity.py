"""How severe each observer is: learnt where she sees several teachers, else assumed.

What is learnt goes back and forth between teachers and observers: each set of observations says
something of its observer, and what it says counts for her other sets and not for itself (Gaussian
belief propagation; exact where no two observers share two teachers, close to it otherwise).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.population import Beliefs, Case, Population, places_of, posteriors
from diagnostics.responses import Answers

Floats = NDArray[np.float64]

SWEEPS = 8
"""How often observers are compared with each other at most."""
CLOSE = 1e-4


def severities(case: Case) -> Beliefs:
    """Return what is believed of each observer; see the module.

    Where nobody sees several teachers every observer stays with the assumption.
    """
    said, answers = Said(case.answers), case.answers
    several = np.bincount(answers.rater_of, minlength=1).max(initial=0) > 1
    for _ in range(SWEEPS if several else 0):
        if said.listen(case) < CLOSE:
            break
    return said.beliefs(case.population)


class Said:
    """What each set says of its observer, as precision and precision times mean, (R,) each."""

    def __init__(self, answers: Answers) -> None:
        self.rater_of, self.raters = answers.rater_of, len(answers.raters)
        self.weight = np.zeros(len(answers.seen))
        self.push = np.zeros(len(answers.seen))
        self.near: Floats | None = None

    def beliefs(self, population: Population) -> Beliefs:
        """Return the belief before each set, without what it says itself, and after all."""
        assumed = 1 / population.severity_sd**2
        weight = assumed + np.bincount(self.rater_of, self.weight, self.raters)
        push = np.bincount(self.rater_of, self.push, self.raters)
        rest = weight[self.rater_of] - self.weight
        before = (push[self.rater_of] - self.push) / rest
        return Beliefs(before, 1 / rest, push / weight, 1 / weight)

    def listen(self, case: Case) -> float:
        """Read all sets once more; return how far a severity moved at most."""
        population = case.population
        halo = population.halo_sd**2
        before, sd = self.beliefs(population), population.leniency_sd
        weight, push = np.zeros_like(self.weight), np.zeros_like(self.push)
        count = len(case.instrument.dimensions) + 1
        near = np.empty((len(case.answers.teachers), count))
        for rows, found in posteriors(case, sd, before, self.near):
            near[rows] = found.mean[:, :count]
            which, teacher, number = places_of(case.answers, rows)
            place = number + count
            variance = found.covariance[teacher, place, place]
            prior = before.variance[which] + halo
            weight[which] = 1 / variance - 1 / prior
            push[which] = found.mean[teacher, place] / variance - before.mean[which] / prior
            # Of severity a set says less than of severity and halo in one.
            push[which] /= 1 + np.maximum(weight[which], 0) * halo
            weight[which] /= 1 + np.maximum(weight[which], 0) * halo
        self.weight, self.push = np.maximum(weight, 0), np.where(weight > 0, push, 0)
        self.near, after = near, self.beliefs(population)
        return float(np.abs(after.severity - before.severity).max(initial=0))

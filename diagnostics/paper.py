"""A questionnaire as it is put to the teachers of a stage, one item after the other.

It ends when the three dimensions in which a teacher lacks most are settled, or at the number of items
that a short form has, which takes at most twelve minutes (`diagnostics.frameworks.duration`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.menu_stop import MenuSettled, Worth
from diagnostics.adaptive.pool import Pool, asked_of_herself
from diagnostics.adaptive.session import Session
from diagnostics.assumed import instrument_of
from diagnostics.frameworks.forms import Plan
from diagnostics.frameworks.items import Questionnaire
from diagnostics.frameworks.reading import questionnaire
from diagnostics.instrument import Instrument
from diagnostics.irt.models import Floats
from diagnostics.population import ASSUMED
from diagnostics.teachers import Teacher

WEAKEST = 3
"""How many dimensions must be settled before nothing more is asked."""
TOLERANCE = 0.05
"""Share of what she lacks there that may be misjudged in expectation."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A questionnaire for the teachers of a stage, ready to be asked."""

    questions: Questionnaire
    instrument: Instrument
    pool: Pool

    @property
    def longest(self) -> int:
        """Items asked at most: as many as a short form has."""
        areas = {dimension.area for dimension in self.questions.framework.dimensions}
        plan = Plan()
        return plan.items * len(self.instrument.dimensions) + plan.vignettes * len(areas)

    def begin(self, teacher: Teacher, seed: str) -> Session:
        """Return a session in which nothing is answered yet."""
        dimensions = len(self.instrument.dimensions)
        mean = np.append(np.zeros(dimensions), ASSUMED.leniency_mean)
        covariance = ASSUMED.covariance(self.instrument.correlations, ASSUMED.leniency_sd)
        stop = MenuSettled(self.lacking(teacher), WEAKEST, TOLERANCE, self.longest)
        return Session(self.pool, mean, covariance, stop, seed=seed, teacher=teacher.id)

    def lacking(self, teacher: Teacher) -> Worth:
        """Return how far she is below her target in each dimension, as a function of ability."""
        targets = self.questions.framework.targets_for(teacher)
        wanted = np.array([targets[code] for code in self.instrument.dimensions], np.float64)

        def gaps(traits: Floats) -> Floats:
            levels = 1 + (traits[:, :-1, None] > self.instrument.cuts).sum(2)
            return np.asarray(np.maximum(wanted - levels, 0.0))

        return gaps


@lru_cache(maxsize=32)
def paper(framework: str, stage: str) -> Paper:
    """Return the questionnaire of a framework for a stage.

    Raises
    ------
    BadData
        If there is no such framework.
    CannotAsk
        `nothing_to_ask` if it has no item that a teacher of the stage answers herself.
    """
    questions = questionnaire(framework)
    if not any(questions.of("self", "vignette", "test", stage=stage)):
        raise CannotAsk("nothing_to_ask")
    instrument = instrument_of(questions, stage)
    return Paper(questions, instrument, asked_of_herself(instrument)[0])

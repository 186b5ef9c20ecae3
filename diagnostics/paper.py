"""A questionnaire as it is put to the teachers of a stage, one item after the other.

What is asked next is what most helps to tell the three dimensions in which a teacher lacks most. It
ends when no item is worth the minutes that it takes, or at the number of items that a short form
has, which takes at most twelve minutes (`diagnostics.frameworks.duration`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.focus import MenuFocus
from diagnostics.adaptive.pool import Pool, asked_of_herself
from diagnostics.adaptive.session import Session
from diagnostics.assumed import instrument_of
from diagnostics.frameworks.duration import minutes
from diagnostics.frameworks.forms import Plan
from diagnostics.frameworks.items import Questionnaire
from diagnostics.frameworks.reading import questionnaire
from diagnostics.instrument import Instrument
from diagnostics.irt.models import Floats
from diagnostics.population import ASSUMED
from diagnostics.teachers import Teacher

WEAKEST = 3
"""How many dimensions must be settled before nothing more is asked."""
MINUTE = 0.015
"""Levels that these three must gain, in expectation, for a minute of her time."""
LEAST = 1
"""Items about herself that every area is asked before the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A questionnaire for the teachers of a stage, ready to be asked.

    Parameters
    ----------
    minutes
        How long an average reader takes for each item of the pool, its scale being known, (J,).
    area_of
        The framework's area that each item of the pool tells of, (J,); -1 for vignettes.
    """

    questions: Questionnaire
    instrument: Instrument
    pool: Pool
    minutes: Floats
    area_of: NDArray[np.intp]

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
        return Session(
            self.pool, mean, covariance, self._focus(teacher), seed=seed, teacher=teacher.id
        )

    def _focus(self, teacher: Teacher) -> MenuFocus:
        targets = self.questions.framework.targets_for(teacher)
        wanted = np.array([targets[code] for code in self.instrument.dimensions], np.intp)
        return MenuFocus(
            wanted,
            self.instrument.cuts,
            self.minutes,
            WEAKEST,
            MINUTE,
            self.longest,
            self.area_of,
            LEAST,
        )


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
    pool, _ = asked_of_herself(instrument)
    items = [questions.item(code) for code in pool.bank.items]
    areas = sorted({dimension.area for dimension in questions.framework.dimensions})
    area = {each.code: areas.index(each.area) for each in questions.framework.dimensions}
    return Paper(
        questions,
        instrument,
        pool,
        np.array([minutes((i, i), stage) - minutes((i,), stage) for i in items]),
        np.array([-1 if i.kind == "vignette" else area[i.dimension] for i in items], np.intp),
    )

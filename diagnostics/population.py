"""What is believed of everybody before any answer, and the posteriors of many teachers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.instrument import Instrument
from diagnostics.irt.models import MISSING, Bank
from diagnostics.laplace import Posterior, Sets, blurred, posterior
from diagnostics.responses import Answers

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

RANGE = (0.3, 0.6, 0.9)
"""SDs of leniency that are possible where nothing tells which."""
CHUNK = 256
"""Teachers whose posteriors are found at once."""
_SMALLEST = 1e-3


@dataclass(frozen=True, slots=True)
class Population:
    """What is believed of everybody before any answer; SDs in SDs of ability.

    Parameters
    ----------
    leniency_sds
        One if it was learnt, the range of possible ones if not; the middle one is the best guess.
    leniency_mean
        How much people overstate on average.
    leniency_correlation
        Of leniency with ability, the same in every dimension.
    severity_sd
        How much observers differ.
    halo_sd
        How much one observer's view of one teacher as a person colours all her dimensions. Assumed:
        answers of a single observer do not tell it from ability.
    vignette_noise, observer_noise
        Blur of one reading of a vignette and of one item seen by an observer.
    learnt_from
        How many teachers with outside evidence the spreads were learnt from.
    """

    leniency_sds: tuple[float, ...] = RANGE
    leniency_mean: float = 0.0
    leniency_correlation: float = -0.2
    severity_sd: float = 0.5
    vignette_noise: float = 0.3
    observer_noise: float = 0.4
    halo_sd: float = 0.0
    learnt_from: int = 0

    @property
    def leniency_sd(self) -> float:
        """The best guess of the SD of leniency."""
        return self.leniency_sds[len(self.leniency_sds) // 2]

    @property
    def covariant(self) -> float:
        """The covariance of leniency with ability in a dimension."""
        return self.leniency_sd * self.leniency_correlation

    def covariance(self, correlations: Floats, sd: float) -> Floats:
        """Return the covariance of abilities and leniency, (D+1, D+1), for an SD of leniency."""
        count = len(correlations)
        found = np.empty((count + 1, count + 1))
        found[:-1, :-1] = correlations
        found[-1, :-1] = found[:-1, -1] = self.leniency_correlation * sd
        found[-1, -1] = sd * sd
        return found


ASSUMED = Population()
"""What is believed where nothing was learnt."""


@dataclass(frozen=True, slots=True, eq=False)
class Beliefs:
    """What is believed of a rater's severity: before each of R sets is read, and after all.

    Parameters
    ----------
    mean, variance
        Before each set, without what that set says itself, (R,).
    severity, severity_variance
        Of each of P raters after all of her sets, (P,).
    """

    mean: Floats
    variance: Floats
    severity: Floats
    severity_variance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What posteriors are found from.

    Parameters
    ----------
    expected
        Mean ability of people like each teacher, (N, D); 0 for everybody if None.
    """

    instrument: Instrument
    answers: Answers
    population: Population = ASSUMED
    expected: Floats | None = None

    def prior_means(self, rows: slice) -> Floats:
        """Return the mean abilities and leniency of some teachers before any answer, (n, D+1)."""
        count = len(self.instrument.dimensions)
        found = np.zeros((rows.stop - rows.start, count + 1))
        found[:, -1] = self.population.leniency_mean
        if self.expected is not None:
            found[:, :-1] = self.expected[rows]
        return found


def posteriors(
    case: Case, sd: float, beliefs: Beliefs, near: Floats | None = None
) -> Iterator[tuple[slice, Posterior]]:
    """Yield slices of teachers with their posteriors under one SD of leniency.

    Parameters
    ----------
    near
        Where each peak is looked for first, (N, D+1); it changes nothing but the time taken.
    """
    population = case.population
    mine, theirs, precision = _read_as(case.instrument, population, sd)
    for begin in range(0, len(case.answers.teachers), CHUNK):
        rows = slice(begin, min(begin + CHUNK, len(case.answers.teachers)))
        own = (mine, case.answers.own[rows])
        seen = (theirs, _sets(case.answers, rows, beliefs, population.halo_sd**2))
        prior = (case.prior_means(rows), precision)
        start = None if near is None else near[rows]
        yield rows, posterior(case.instrument, own, seen, prior, start)


@lru_cache(maxsize=64)
def _read_as(
    instrument: Instrument, population: Population, sd: float
) -> tuple[Bank, Bank, Floats]:
    """Return the bank as own answers and as observations read it, and the precision of the prior.

    They are the same for every teacher; where one alone is diagnosed they would cost more than she.
    """
    bank = on_ability(instrument, population, sd)
    mine = blurred(bank, np.where(instrument.are("vignette"), population.vignette_noise, 0.0))
    theirs = blurred(bank, np.array([population.observer_noise] * len(bank)))
    covariance = population.covariance(instrument.correlations, max(sd, _SMALLEST))
    return mine, theirs, np.asarray(np.linalg.inv(covariance), np.float64)


def on_ability(instrument: Instrument, population: Population, sd: float) -> Bank:
    """Return the bank on the scale of ability, for an SD of leniency.

    Calibration gives ability + leniency an SD of 1 and a mean of 0. With ability of SD 1 the sum has
    an SD of its own, so that slopes are smaller by as much.
    """
    bank = instrument.bank
    if not instrument.from_self_report:
        return bank
    width = np.sqrt(1 + 2 * population.leniency_correlation * sd + sd * sd)
    own = instrument.are("self")
    slopes = np.where(own, bank.slopes / width, bank.slopes)
    steps = np.arange(1, bank.width) if bank.model == "gpcm" else np.ones(bank.width - 1)
    shift = np.where(own, slopes * population.leniency_mean, 0.0)
    intercepts = bank.intercepts - shift[:, None] * steps
    return Bank(bank.items, bank.model, slopes, intercepts, bank.categories)


def places_of(answers: Answers, rows: slice) -> tuple[slice, Places, Places]:
    """Return the sets about some teachers, and for each its teacher and its number, from 0."""
    begin, end = np.searchsorted(answers.teacher_of, [rows.start, rows.stop])
    teacher = answers.teacher_of[begin:end] - rows.start
    first = np.searchsorted(teacher, teacher)
    return slice(int(begin), int(end)), teacher, np.arange(len(teacher)) - first


def _sets(answers: Answers, rows: slice, beliefs: Beliefs, halo: float) -> Sets:
    """Return the sets about some teachers; what colours a set is severity and halo in one."""
    which, teacher, number = places_of(answers, rows)
    shape = (rows.stop - rows.start, int(number.max(initial=-1)) + 1)
    values = np.full((*shape, answers.own.shape[1]), MISSING, np.int8)
    mean, variance = np.zeros(shape), np.ones(shape)
    values[teacher, number] = answers.seen[which]
    mean[teacher, number] = beliefs.mean[which]
    variance[teacher, number] = beliefs.variance[which] + halo
    return Sets(values, mean, variance)

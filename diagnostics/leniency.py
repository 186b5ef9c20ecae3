"""How much the leniency of teachers and the severity of observers vary, learnt from a county.

The spreads that make the answers most likely are found by fixed points (MacKay, 1992): a spread is
what the estimates vary by, over as many estimates as the answers truly determine. That goes to the
answer in a few dozen rounds, to 0 too, where expectation maximization crawls.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.instrument import Instrument
from diagnostics.irt.models import MISSING
from diagnostics.population import Case, Population, posteriors
from diagnostics.responses import Answers
from diagnostics.severity import Said

Floats = NDArray[np.float64]

FEWEST = 100
"""Teachers with outside evidence below which nothing is learnt and the range stays."""
MOST = 3000
"""Teachers that are looked at; more make it slower and no better."""
ROUNDS = 15
_CLOSE = 5e-4
_SMALLEST, _LARGEST = 0.02, 3.0


def learn(case: Case) -> Population:
    """Return the population with its spreads learnt, or as it is where too few show anything.

    Learnt from teachers who answered self items and have outside evidence beside them: vignettes,
    observers, tests or graded evidence. With items calibrated from self-report only the SDs are: the
    mean of leniency is in the items then, and its correlation with ability goes with its SD.
    """
    rows = _telling(case.instrument, case.answers)
    found = case.population
    if len(rows) < FEWEST:
        return found
    found = replace(found, leniency_sds=(found.leniency_sd,), learnt_from=len(rows))
    some = taken(case, rows[_evenly(len(rows))])
    said = Said(some.answers)

    def better(now: Population) -> Population:
        said.listen(replace(some, population=now))
        return _more_likely(replace(some, population=now), said)

    for _ in range(ROUNDS):
        once = better(found)
        twice = better(once)
        change = np.abs(_spreads(twice) - _spreads(once)).max()
        found = better(_further(case.instrument, found, once, twice))
        if change < _CLOSE:
            break
    return found


def _further(
    instrument: Instrument, start: Population, once: Population, twice: Population
) -> Population:
    """Return where two steps seem to lead (squared extrapolation; Varadhan & Roland, 2008)."""
    step = _spreads(once) - _spreads(start)
    bend = _spreads(twice) - _spreads(once) - step
    straight = max(float(np.linalg.norm(bend)), 1e-12)
    length = min(-1.0, -float(np.linalg.norm(step)) / straight)
    sd, mean, covariant, severity = (
        _spreads(start) - 2 * length * step + length**2 * bend
    ).tolist()
    if min(sd, severity) < _SMALLEST or max(sd, severity) > _LARGEST:
        return twice
    assumed = instrument.from_self_report
    found = replace(
        twice,
        leniency_sds=(sd,),
        leniency_mean=mean,
        leniency_correlation=start.leniency_correlation if assumed else covariant / sd,
        severity_sd=severity,
    )
    possible = np.linalg.eigvalsh(found.covariance(instrument.correlations, sd)).min() > 1e-6
    return found if possible else twice


def taken(case: Case, rows: NDArray[np.intp]) -> Case:
    """Return the case of some teachers, given by their places in rising order."""
    answers = case.answers
    new = np.full(len(answers.teachers), -1)
    new[rows] = np.arange(len(rows))
    sets = new[answers.teacher_of] >= 0
    fewer = replace(
        answers,
        teachers=tuple(answers.teachers[i] for i in rows),
        own=answers.own[rows],
        seconds=answers.seconds[rows],
        seen=answers.seen[sets],
        teacher_of=new[answers.teacher_of[sets]],
        rater_of=answers.rater_of[sets],
    )
    expected = None if case.expected is None else case.expected[rows]
    return replace(case, answers=fewer, expected=expected)


def _telling(instrument: Instrument, answers: Answers) -> NDArray[np.intp]:
    given = answers.own != MISSING
    own = given[:, instrument.are("self")].any(axis=1)
    beside = given[:, ~instrument.are("self")].any(axis=1)
    beside |= np.bincount(answers.teacher_of, minlength=len(own)) > 0
    return np.flatnonzero(own & beside)


def _evenly(count: int) -> NDArray[np.intp]:
    """Return places spread over all, so that no school is looked at alone."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST)).astype(np.intp))


def _spreads(population: Population) -> Floats:
    return np.array(
        [
            population.leniency_sd,
            population.leniency_mean,
            population.covariant,
            population.severity_sd,
        ]
    )


def _more_likely(case: Case, said: Said) -> Population:
    """Return the population that fits what is believed under the present one."""
    population, correlations = case.population, case.instrument.correlations
    mean, covariance = _moments(case, said)
    # Leniency = its mean + slope x trend + rest; trend = 1' C^-1 ability has the same covariance,
    # 1, with every dimension, so that the slope is leniency's covariance with each of them.
    trend = np.append(np.linalg.solve(correlations, np.ones(len(correlations))), 0.0)
    alone = np.append(np.zeros(len(correlations)), 1.0)
    assumed = case.instrument.from_self_report
    lean = mean @ alone
    center = float((lean - population.covariant * (mean @ trend)).mean())
    joint = ((lean - center) * (mean @ trend) + (covariance @ trend) @ alone).sum()
    slope = joint / ((mean @ trend) ** 2 + (covariance @ trend) @ trend).sum()
    if assumed:
        center, slope = population.leniency_mean, population.covariant
    rest = alone - slope * trend
    strength = float(trend[:-1].sum())
    now = population.leniency_sd**2 - population.covariant**2 * strength
    spread = _spread((mean @ rest) - center, (covariance @ rest) @ rest, now)
    sd = np.sqrt(spread + slope**2 * strength)
    if assumed:
        sd = np.sqrt(spread / (1 - population.leniency_correlation**2 * strength))
    sd = max(sd, _SMALLEST)
    beliefs = said.beliefs(population)
    severity = population.severity_sd
    if len(beliefs.severity):
        found = _spread(beliefs.severity, beliefs.severity_variance, severity**2)
        severity = max(np.sqrt(found), _SMALLEST)
    return replace(
        population,
        leniency_sds=(float(sd),),
        leniency_mean=center,
        leniency_correlation=population.leniency_correlation if assumed else float(slope / sd),
        severity_sd=float(severity),
    )


def _spread(mean: Floats, variance: Floats, now: float) -> float:
    """Return the variance that explains estimates of known uncertainty, by one fixed-point step."""
    determined = np.maximum(1 - variance / max(now, _SMALLEST**2), 0).sum()
    return float((mean**2).sum() / max(determined, 1.0))


def _moments(case: Case, said: Said) -> tuple[Floats, Floats]:
    """Return means, less what was expected, and covariances of abilities and leniency."""
    count, people = len(case.instrument.dimensions) + 1, len(case.answers.teachers)
    mean, covariance = np.empty((people, count)), np.empty((people, count, count))
    before, sd = said.beliefs(case.population), case.population.leniency_sd
    for rows, found in posteriors(case, sd, before, said.near):
        mean[rows] = found.mean[:, :count]
        covariance[rows] = found.covariance[:, :count, :count]
    if case.expected is not None:
        mean[:, :-1] -= case.expected
    return mean, covariance

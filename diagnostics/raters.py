"""What answers say of ability once the leniency of those who gave them is allowed for.

Self-report is ability + leniency, and nothing in it tells the two apart; vignettes show leniency
alone, observers ability + a severity of their own, tests ability alone. Where such outside evidence
exists the spread of leniency in the county is learnt from it (`diagnostics.leniency`). Where there is only
self-report nothing can be learnt: the spread is then one of a range, .3 to .9 of an SD of ability,
and intervals hold over all of it (King et al., 2004; `docs/decisions/0027-honest-about-people.md`).

All figures leave here as whole thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.instrument import Instrument
from diagnostics.irt.models import MISSING
from diagnostics.population import ASSUMED, Beliefs, Case, posteriors
from diagnostics.severity import severities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCALE = 1000
"""Thousandths of an SD of ability, of a chance, of a level."""
NINETY_FIVE = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What is believed of N teachers in D dimensions of L levels, in whole thousandths.

    Parameters
    ----------
    mean, sd, low, high
        Ability and the ends of its 95 % interval, (N, D), in thousandths of an SD.
    levels
        Chances of the levels, (N, D, L), each row summing to 1000.
    without_self
        The same from all evidence but what the teacher says herself.
    together
        How much her dimensions are believed or doubted together, (N,): the mean correlation of
        what is not known of them, in thousandths. A leniency that is not known is shared by all.
    leniency, leniency_sd
        (N,).
    severity, severity_sd
        Of the raters, (P,).
    """

    teachers: tuple[str, ...]
    mean: Ints
    sd: Ints
    low: Ints
    high: Ints
    levels: Ints
    without_self: Ints
    together: Ints
    leniency: Ints
    leniency_sd: Ints
    severity: Ints
    severity_sd: Ints


def score(case: Case) -> Scores:
    """Return abilities, their intervals and the chances of the levels of every teacher.

    The spreads of leniency and severity are those of the case: let `diagnostics.leniency` learn
    them where there are vignettes, observers or tests.
    """
    instrument, population = case.instrument, case.population
    beliefs = severities(case)
    ranged: list[tuple[Floats, Floats, Floats]] = []
    for sd in population.leniency_sds:
        ranged.append(_believed(case, sd, beliefs, ranged[-1][0] if ranged else None))
    means, sds = (np.stack([one[k] for one in ranged]) for k in (0, 1))
    middle = len(ranged) // 2
    chances = np.mean([_chances(instrument, m[:, :-1], s[:, :-1]) for m, s, _ in ranged], axis=0)
    free = _without_self(case)
    reach = NINETY_FIVE * sds[:, :, :-1]
    return Scores(
        case.answers.teachers,
        mean=_whole(means[middle, :, :-1]),
        sd=_whole(sds[middle, :, :-1]),
        low=_whole((means[:, :, :-1] - reach).min(axis=0)),
        high=_whole((means[:, :, :-1] + reach).max(axis=0)),
        levels=_thousandths(chances),
        without_self=np.broadcast_to(_thousandths(_chances(instrument, *free)), chances.shape),
        together=_whole(np.max([shared for _, _, shared in ranged], axis=0)),
        leniency=_whole(means[middle, :, -1]),
        leniency_sd=_whole(sds[middle, :, -1]),
        severity=_whole(beliefs.severity),
        severity_sd=_whole(np.sqrt(beliefs.severity_variance)),
    )


def _believed(
    case: Case, sd: float, beliefs: Beliefs, near: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return mean and SD of abilities and leniency, (N, D+1), and how far they hang together."""
    people, count = len(case.answers.teachers), len(case.instrument.dimensions)
    mean, spread = (np.empty((people, count + 1)) for _ in range(2))
    shared = np.zeros(people)
    for rows, found in posteriors(case, sd, beliefs, near):
        mean[rows] = found.mean[:, : count + 1]
        spread[rows] = np.sqrt(np.einsum("nii->ni", found.covariance)[:, : count + 1])
        shared[rows] = _together(found.covariance[:, :count, :count])
    return mean, spread, shared


def _together(covariance: Floats) -> Floats:
    """Return the mean correlation of different dimensions weighted by their SDs, (n,)."""
    own = np.einsum("nii->ni", covariance)
    squares, product = own.sum(axis=1), np.sqrt(own).sum(axis=1) ** 2
    if own.shape[1] == 1:
        return np.zeros(len(own))
    shared = (covariance.sum(axis=(1, 2)) - squares) / (product - squares)
    return np.asarray(np.clip(shared, 0, 1))


def _without_self(case: Case) -> tuple[Floats, Floats]:
    """Return mean and SD of abilities from what others saw and tests showed, (N, D) each.

    Where nobody and nothing showed anything and nothing is expected, one row stands for all.

    Nobody's own words enter by a back door: severities are found anew from observations alone, and
    spreads are the assumed ones, for what is learnt is learnt from own words too.
    """
    answers = case.answers
    outside = case.instrument.are("test", "evidence", "observer")
    own = np.where(outside, answers.own, MISSING).astype(np.int8)
    if not len(answers.seen) and (own == MISSING).all():
        people = min(1, len(answers.teachers)) if case.expected is None else len(answers.teachers)
        means = case.prior_means(slice(0, people))[:, :-1]
        return means, np.ones_like(means)
    muted = replace(case, answers=replace(answers, own=own), population=ASSUMED)
    mean, spread, _ = _believed(muted, ASSUMED.leniency_sd, severities(muted))
    return mean[:, :-1], spread[:, :-1]


def _chances(instrument: Instrument, mean: Floats, sd: Floats) -> Floats:
    """Return the chances of the levels, (N, D, L)."""
    from scipy.special import ndtr

    below = ndtr((instrument.cuts - mean[:, :, None]) / sd[:, :, None])
    ends = np.zeros((*mean.shape, 1))
    return np.diff(np.concatenate([ends, below, ends + 1], axis=2), axis=2)


def _whole(values: Floats) -> Ints:
    return np.floor(values * SCALE + 0.5).astype(np.int64)


def _thousandths(chances: Floats) -> Ints:
    """Return chances as thousandths that sum to 1000: the largest remainders are rounded up."""
    exact = np.round(chances * SCALE, 6)
    found = np.floor(exact).astype(np.int64)
    missing = SCALE - found.sum(axis=-1, keepdims=True)
    order = np.argsort(found - exact, axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    return np.asarray(found + (rank < missing))

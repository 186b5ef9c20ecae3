"""From a start to a maximum that can be trusted, or an error that says what to do.

Three promises are kept before anything is told: no gap between nodes is wider than the narrowest
posterior, doubling the nodes moves nothing, and the maximum is near in standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from diagnostics.irt.ascent import Climb, climb
from diagnostics.irt.errors import NotConverged
from diagnostics.irt.information import Errors, errors_of
from diagnostics.irt.likelihood import Marginal
from diagnostics.irt.models import Floats
from diagnostics.irt.quadrature import MOST, Grid, even_for, reach_for

MOVED = 1e-3
"""Doubling the nodes may move the log-likelihood by no more."""
SHORT = 1e-4
"""The maximum must be nearer than this many standard errors."""
STEEP = 25.0
"""No item of a questionnaire discriminates like this; such a slope runs away."""
ROUGH = 0.1
"""How near a sample's maximum is approached, in standard errors, before all persons come in."""


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """A maximum and how far it can be trusted.

    Parameters
    ----------
    x
        The free parameters.
    marginal
        The likelihood, with the nodes that were needed in the end.
    survey
        Log-likelihood, posterior mean and SD of each distinct row, in units of the nodes.
    distance
        How far the maximum is away, in standard errors.
    moved
        By how much doubling the nodes moved the log-likelihood.
    """

    x: Floats
    marginal: Marginal
    survey: tuple[Floats, Floats, Floats]
    errors: Errors
    distance: float
    moved: float
    evaluations: int

    @property
    def errors_of_all(self) -> Floats:
        """Standard errors of the full vector; nan for what was not estimated."""
        return np.append(self.errors.standard, np.nan)[self.marginal.shape.place]


def maximise(full: Marginal, sample: Marginal, x: Floats, grid: Grid | None = None) -> Maximum:
    """Return the maximum of a marginal likelihood.

    Parameters
    ----------
    full
        The likelihood of all persons.
    sample
        That of some of them (or of all), from which the scale of the climb is taken.
    x
        Where to begin.
    grid
        Nodes to use; without it they are chosen by the narrowest posterior.

    Raises
    ------
    NotConverged
        `nodes_too_few`, `slope_runs_away`, `not_identified` or `not_at_maximum`.
    """
    share = _persons(full) / _persons(sample)
    information = sample.cross_product(x)
    spent = 0
    if share > 1:
        end = _climb(sample, x, _scale(information), ROUGH)
        x, spent = end.x, end.evaluations
    at = replace(full, grid=grid or even_for(float(sample.survey(x)[2].min())))
    scale = _scale(information * share)
    while True:
        end = _climb(at, x, scale, SHORT / (2 * np.sqrt(len(x))))
        x, spent = end.x, spent + end.evaluations
        survey = at.survey(x)
        width, moved = float(survey[2].min()), _moved(at, x, survey[0])
        reach = _reach(at, x)
        fits = at.grid.gap <= width and abs(at.grid.reach - reach) < 1e-3
        if (fits and moved < MOVED) or grid is not None or len(at.grid) >= MOST:
            break
        at = replace(at, grid=at.grid.doubled() if fits else even_for(width, reach))
    if moved >= MOVED:
        raise NotConverged(
            "nodes_too_few",
            nodes=len(at.grid),
            gap=f"{at.grid.gap:.3f}",
            width=f"{width:.3f}",
            moved=f"{moved:.4g}",
            enough=len(even_for(width)),
        )
    return _judged(at, x, survey, moved, spent)


def _judged(
    at: Marginal, x: Floats, survey: tuple[Floats, Floats, Floats], moved: float, spent: int
) -> Maximum:
    errors = errors_of(at, x)
    gradient = at.rise(x, survey[0])[1]
    distance = max(0.0, float(gradient @ errors.covariance @ gradient)) ** 0.5
    if not distance < SHORT:
        raise NotConverged("not_at_maximum", distance=f"{distance:.3g}", evaluations=spent)
    return Maximum(x, at, survey, errors, distance, moved, spent)


def _climb(marginal: Marginal, x: Floats, scale: Floats, small: float) -> Climb:
    base = marginal.by_row(x)
    end = climb(lambda at: marginal.rise(at, base), marginal.shape.possible, x, scale, small)
    table, _ = marginal.shape.parts(marginal.shape.spread(end.x))
    slopes: Floats = table[:, 0]
    if wild := np.flatnonzero(np.abs(slopes) > STEEP).tolist():
        items = tuple(marginal.shape.items[j] for j in wild)
        raise NotConverged("slope_runs_away", items=items, limit=f"{STEEP:g}")
    return end


def _persons(marginal: Marginal) -> float:
    return float(sum(population.counts.sum() for population in marginal.populations))


def _reach(marginal: Marginal, x: Floats) -> float:
    """Return how far nodes should reach, in standard deviations of the widest population."""
    scales = marginal.shape.parts(marginal.shape.spread(x))[1]
    return reach_for(float(scales[:, 1].max()))


def _moved(marginal: Marginal, x: Floats, value: Floats) -> float:
    """Return by how much doubling the nodes moves the log-likelihood."""
    counts = np.concatenate([population.counts for population in marginal.populations])
    doubled = replace(marginal, grid=marginal.grid.doubled())
    return abs(float(counts @ (doubled.by_row(x) - value)))


def _scale(information: Floats) -> Floats:
    """Return S with S S' = information^-1, so that x = S u has curvature near 1 in u."""
    ridged = information.copy()
    diagonal = np.diag(ridged)
    ridged[np.diag_indices_from(ridged)] += 1e-4 * diagonal + 1e-8 * diagonal.max() + 1e-12
    lower = np.linalg.cholesky(ridged)
    return np.asarray(np.linalg.inv(lower).T)

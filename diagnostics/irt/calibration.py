"""Calibrate items: marginal maximum likelihood that is never falsely converged.

The road (each step is one of the files beside this one): start on a sample with EM, climb the full
marginal likelihood by its exact gradient, take nodes finer than the narrowest posterior, double
them to see that nothing moves, and measure the gradient in standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from diagnostics.irt.answers import Answers, prepare
from diagnostics.irt.ascent import climb
from diagnostics.irt.coding import Coding
from diagnostics.irt.errors import BadAnswers, NotConverged
from diagnostics.irt.information import Errors, errors_of
from diagnostics.irt.likelihood import Marginal, Population, Prior, Shape
from diagnostics.irt.models import Bank, Floats, Model
from diagnostics.irt.quadrature import MOST, Grid, even, even_for
from diagnostics.irt.scoring import Abilities
from diagnostics.irt.start import first_guess, warm
from diagnostics.irt.threads import one_thread

Fitted = Literal["grm", "gpcm", "2pl", "rasch"]
FITTED: tuple[Fitted, ...] = get_args(Fitted)

SAMPLE = 4000
"""Distinct rows that the start is taken from."""
SCALED = 15_000
"""Distinct rows that the scale of the climb is taken from."""
MOVED = 1e-3
"""Doubling the nodes may move the log-likelihood by no more."""
SHORT = 1e-4
"""The maximum must be nearer than this many standard errors."""
STEEP = 25.0
"""No item of a questionnaire discriminates like this; such a slope runs away."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Items with their standard errors, the population and how far the fit can be trusted.

    Parameters
    ----------
    model
        What was asked for; `rasch` has slopes of 1 and a free variance.
    bank
        The items, for abilities on the scale of `mean` and `sd`.
    slope_errors, intercept_errors
        Standard errors, (J,) and (J, K-1); nan for what was not estimated.
    mean, sd, sd_error
        The population's, 0 and 1 unless they were free.
    log_likelihood
        Summed over all persons.
    errors
        The information matrix and where it came from.
    distance
        How far the maximum is away, in standard errors.
    moved
        By how much doubling the nodes moved the log-likelihood.
    by_row
        EAP and posterior SD of each distinct row of answers, (M,) each.
    """

    model: Fitted
    answers: Answers
    bank: Bank
    slope_errors: Floats
    intercept_errors: Floats
    mean: float
    sd: float
    sd_error: float
    log_likelihood: float
    grid: Grid
    errors: Errors
    distance: float
    moved: float
    evaluations: int
    converged: bool
    by_row: tuple[Floats, Floats]

    def abilities(self) -> Abilities:
        """Return EAP and posterior SD of every person of the calibration, (N,)."""
        eap, sd = (moment[self.answers.persons] for moment in self.by_row)
        return Abilities(eap, sd, self.answers.silent)


def calibrate(
    matrix: ArrayLike | Answers,
    model: Fitted = "grm",
    *,
    items: tuple[str, ...] | None = None,
    grid: Grid | None = None,
    seed: int = 0,
    prior: Callable[[Shape], Prior] | None = None,
) -> Calibration:
    """Return the maximum likelihood calibration of a matrix of answers.

    Parameters
    ----------
    matrix
        Persons x items, whole numbers, negative for missing; or answers already prepared.
    model
        `grm`, `gpcm`, `2pl` (two categories each) or `rasch` (partial credit, one slope).
    grid
        Nodes to use; without it they are chosen by the narrowest posterior.
    seed
        Draws the sample of the start; the maximum does not depend on it.
    prior
        What is thought of the free parameters beforehand (see `diagnostics.irt.ladder`).

    Raises
    ------
    BadAnswers
        If the matrix cannot be calibrated (see `prepare`), has fewer than three items, or has an
        item of more than two categories for `2pl`.
    NotConverged
        `nodes_too_few`, `slope_runs_away`, `not_identified` or `not_at_maximum`, with the figures
        and what to do. No figures are handed out that are not a maximum.
    """
    answers = matrix if isinstance(matrix, Answers) else prepare(matrix, items)
    _refuse(answers, model)
    with one_thread():
        return _Fit(answers, model, grid, seed, prior).run()


def _refuse(answers: Answers, model: Fitted) -> None:
    if model not in FITTED:
        raise BadAnswers("unknown_model", model=model, known=FITTED)
    if len(answers.items) < 3:
        raise BadAnswers("too_few_items", items=len(answers.items))
    many = tuple(i for i, k in zip(answers.items, answers.categories, strict=True) if k > 2)
    if model == "2pl" and many:
        raise BadAnswers("not_two_categories", items=many)


def shape_of(answers: Answers, model: Fitted) -> Shape:
    """Return which parameters a model leaves free: slopes 1 and the SD free for `rasch`."""
    kind: Model = "grm" if model in ("grm", "2pl") else "gpcm"
    categories = answers.categories
    width = int(categories.max())
    open_ = np.arange(width) < categories[:, None]
    if model == "rasch":
        open_[:, 0] = False
    scales = np.array([False, model == "rasch"])
    free = np.concatenate([open_.ravel(), scales])
    place = np.where(free, np.cumsum(free) - 1, -1)
    fixed = np.zeros(len(free))
    fixed[:-2:width] = 1.0
    fixed[-1] = 1.0
    return Shape(answers.items, kind, categories, place, fixed)


class _Fit:
    """One calibration on its way."""

    def __init__(
        self,
        answers: Answers,
        model: Fitted,
        grid: Grid | None,
        seed: int,
        prior: Callable[[Shape], Prior] | None,
    ) -> None:
        self.answers, self.model, self.given, self.seed = answers, model, grid, seed
        self.shape = shape_of(answers, model)
        self.prior = None if prior is None else prior(self.shape)
        self.evaluations = 0

    def run(self) -> Calibration:
        small = self._sample(SAMPLE)
        table = first_guess(small, self.shape.model)
        begin = self.shape.fixed.copy()
        begin[: table.size] = table.ravel()
        if self.model == "rasch":
            begin[-1] = max(0.3, float(np.abs(table[:, 0]).mean()))
        x = warm(self._marginal(small, even()), begin)
        middle = self._marginal(self._sample(SCALED), even())
        share = self.answers.counts.sum() / middle.populations[0].counts.sum()
        information = middle.cross_product(x)
        if share > 1:
            x = self._climb(middle, x, _scale(information), 0.1)
        grid = self.given or even_for(float(middle.survey(x)[2].min()))
        return self._finish(x, _scale(information * share), grid)

    def _finish(self, x: Floats, scale: Floats, grid: Grid) -> Calibration:
        """Climb; take finer nodes while posteriors are narrower or doubling them moves the value."""
        full = self._marginal(self.answers, grid)
        small = SHORT / (2 * np.sqrt(len(x)))
        while True:
            x = self._climb(full, x, scale, small)
            survey = full.survey(x)
            width = float(survey[2].min())
            finer = even_for(width) if full.grid.gap > width else full.grid.doubled()
            moved = _moved(full, x, survey[0])
            if full.grid.gap <= width and moved < MOVED:
                return self._judge(full, x, survey, moved)
            if self.given is not None or len(full.grid) >= MOST:
                if moved < MOVED:
                    return self._judge(full, x, survey, moved)
                raise NotConverged(
                    "nodes_too_few",
                    nodes=len(full.grid),
                    gap=f"{full.grid.gap:.3f}",
                    width=f"{width:.3f}",
                    moved=f"{moved:.4g}",
                    enough=len(even_for(width)),
                )
            full = replace(full, grid=finer)

    def _climb(self, marginal: Marginal, x: Floats, scale: Floats, small: float) -> Floats:
        base = marginal.by_row(x)
        end = climb(lambda at: marginal.rise(at, base), self.shape.possible, x, scale, small)
        self.evaluations += end.evaluations
        self._no_runaway(end.x)
        return end.x

    def _judge(
        self, full: Marginal, x: Floats, survey: tuple[Floats, Floats, Floats], moved: float
    ) -> Calibration:
        errors = errors_of(full, x)
        gradient = full.rise(x, survey[0])[1]
        distance = max(0.0, float(gradient @ errors.covariance @ gradient)) ** 0.5
        if not distance < SHORT:
            raise NotConverged(
                "not_at_maximum", distance=f"{distance:.3g}", evaluations=self.evaluations
            )
        return self._told(full, x, errors, survey, distance, moved)

    def _told(
        self,
        full: Marginal,
        x: Floats,
        errors: Errors,
        survey: tuple[Floats, Floats, Floats],
        distance: float,
        moved: float,
    ) -> Calibration:
        _, scales = self.shape.parts(self.shape.spread(x))
        spread = np.append(errors.standard, np.nan)[self.shape.place]
        deviations, scale_errors = self.shape.parts(spread)
        mean, sd = scales[0].tolist()
        return Calibration(
            self.model,
            self.answers,
            self.shape.bank(self.shape.spread(x)),
            deviations[:, 0].copy(),
            deviations[:, 1:].copy(),
            mean,
            sd,
            float(scale_errors[0, 1]),
            float(full.populations[0].counts @ survey[0]),
            full.grid,
            errors,
            distance,
            moved,
            self.evaluations,
            True,
            (mean + sd * survey[1], sd * survey[2]),
        )

    def _sample(self, size: int) -> Answers:
        """Return the answers, or a sample of their rows if there are more than twice as many."""
        if len(self.answers.rows) <= 2 * size:
            return self.answers
        random = np.random.default_rng(self.seed)
        chosen = np.sort(random.choice(len(self.answers.rows), size, replace=False))
        rows, counts = self.answers.rows[chosen], self.answers.counts[chosen]
        return replace(self.answers, rows=rows, counts=counts)

    def _marginal(self, answers: Answers, grid: Grid) -> Marginal:
        coding = Coding(answers.rows, answers.categories)
        return Marginal(self.shape, (Population(coding, answers.counts),), grid, self.prior)

    def _no_runaway(self, x: Floats) -> None:
        table, _ = self.shape.parts(self.shape.spread(x))
        slopes: Floats = table[:, 0]
        if wild := np.flatnonzero(np.abs(slopes) > STEEP).tolist():
            raise NotConverged(
                "slope_runs_away",
                items=tuple(self.answers.items[j] for j in wild),
                limit=f"{STEEP:g}",
            )


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

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
from diagnostics.irt.coding import Coding
from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.information import Errors
from diagnostics.irt.likelihood import Marginal, Population, Prior, Shape
from diagnostics.irt.maximum import Maximum, maximise
from diagnostics.irt.models import Bank, Floats, Model
from diagnostics.irt.quadrature import Grid, even
from diagnostics.irt.scoring import Abilities
from diagnostics.irt.start import first_guess, warm
from diagnostics.irt.still import as_mirt
from diagnostics.irt.threads import one_thread

Fitted = Literal["grm", "gpcm", "2pl", "rasch"]
FITTED: tuple[Fitted, ...] = get_args(Fitted)

SAMPLE = 4000
"""Distinct rows that the start is taken from."""
SCALED = 15_000
"""Distinct rows that the scale of the climb is taken from."""


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

    Notes
    -----
    The likelihood does not know which end of the scale is the high one: the one at which the slopes
    sum to 0 or more is told, so items asked the other way round have negative slopes.

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
    refuse(answers, model)
    shape = shape_of(answers, model)
    thought = None if prior is None else prior(shape)
    with one_thread():
        small = _marginal(shape, _sample(answers, SAMPLE, seed), thought)
        x = warm(small, begin_of(answers, shape, model, seed))
        middle = _marginal(shape, _sample(answers, SCALED, seed), thought)
        full = _marginal(shape, answers, thought)
        top = maximise(full, middle, x, grid)
        if (turned := _turned(top)) is not None:
            top = maximise(full, middle, turned, grid)
        return _told(model, answers, top if grid else as_mirt(top))


def refuse(answers: Answers, model: Fitted) -> None:
    """Refuse answers that a model cannot be fitted to."""
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


def begin_of(answers: Answers, shape: Shape, model: Fitted, seed: int = 0) -> Floats:
    """Return a full vector to start from."""
    table = first_guess(_sample(answers, SAMPLE, seed), shape.model)
    begin = shape.fixed.copy()
    free = shape.place[: table.size] >= 0
    begin[: table.size][free] = table.ravel()[free]
    if model == "rasch":
        begin[-1] = max(0.3, float(np.abs(table[:, 0]).mean()))
    return begin


def _sample(answers: Answers, size: int, seed: int) -> Answers:
    """Return the answers, or a sample of their rows if there are more than twice as many."""
    if len(answers.rows) <= 2 * size:
        return answers
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(answers.rows), size, replace=False))
    return replace(answers, rows=answers.rows[chosen], counts=answers.counts[chosen])


def _turned(top: Maximum) -> Floats | None:
    """Return the same maximum with the scale turned round, if its slopes sum to less than 0."""
    shape = top.marginal.shape
    slopes = shape.place[: len(shape.items) * shape.width : shape.width]
    own = np.unique(slopes[slopes >= 0])
    if top.x[own].sum() >= 0:
        return None
    turned = top.x.copy()
    turned[own] *= -1
    return turned


def _marginal(shape: Shape, answers: Answers, prior: Prior | None) -> Marginal:
    coding = Coding(answers.rows, answers.categories)
    return Marginal(shape, (Population(coding, answers.counts),), even(), prior)


def _told(model: Fitted, answers: Answers, top: Maximum) -> Calibration:
    shape = top.marginal.shape
    full = shape.spread(top.x)
    deviations, scale_errors = shape.parts(top.errors_of_all)
    mean, sd = shape.parts(full)[1][0].tolist()
    value, middle, width = top.survey
    return Calibration(
        model,
        answers,
        shape.bank(full),
        deviations[:, 0].copy(),
        deviations[:, 1:].copy(),
        mean,
        sd,
        float(scale_errors[0, 1]),
        float(answers.counts @ value),
        top.marginal.nodes(mean, sd)[0],
        top.errors,
        top.distance,
        top.moved,
        top.evaluations,
        True,
        (mean + sd * middle, sd * width),
    )

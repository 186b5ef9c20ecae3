"""Calibrate several groups of persons on one scale, or new answers on last year's.

Groups share their items; the first is the standard (mean 0, SD 1), the others' means and SDs are
estimated. With anchors, items calibrated before keep their parameters and every group's mean and SD
are free: what moved is then the people, not the scale (fixed parameter calibration, Kim, 2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.answers import Answers, prepare
from diagnostics.irt.calibration import Calibration, Fitted, begin_of, refuse, shape_of
from diagnostics.irt.coding import Coding
from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.likelihood import Marginal, Population, Shape
from diagnostics.irt.maximum import Maximum, maximise
from diagnostics.irt.models import Bank, Floats
from diagnostics.irt.quadrature import even
from diagnostics.irt.scoring import Abilities
from diagnostics.irt.start import warm
from diagnostics.irt.threads import one_thread


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Items of several groups on one scale.

    Parameters
    ----------
    slope_errors, intercept_errors
        Standard errors, (J,) and (J, K-1); nan for anchors.
    means, sds, mean_errors, sd_errors
        Of the abilities in each group, (G,); errors are nan for the standard group.
    """

    answers: Answers
    groups: NDArray[np.intp]
    bank: Bank
    slope_errors: Floats
    intercept_errors: Floats
    means: Floats
    sds: Floats
    mean_errors: Floats
    sd_errors: Floats
    log_likelihood: float
    top: Maximum

    def abilities(self) -> Abilities:
        """Return EAP and posterior SD of every person, each with her group as the prior, (N,)."""
        eap, sd = np.empty(len(self.groups)), np.empty(len(self.groups))
        start = 0
        for group, population in enumerate(self.top.marginal.populations):
            part = slice(start, start + population.coding.size)
            who = np.flatnonzero(self.groups == group)
            rows = np.unique(self.answers.persons[who], return_inverse=True)[1].ravel()
            eap[who] = (self.means[group] + self.sds[group] * self.top.survey[1][part])[rows]
            sd[who] = (self.sds[group] * self.top.survey[2][part])[rows]
            start = part.stop
        return Abilities(eap, sd, self.answers.silent)


def calibrate_groups(
    matrix: ArrayLike,
    groups: ArrayLike,
    model: Fitted = "grm",
    *,
    items: Sequence[str] | None = None,
    anchors: Calibration | None = None,
) -> Grouped:
    """Return items and groups of persons on one scale.

    Parameters
    ----------
    matrix
        Raw answers, persons x items, negative for missing.
    groups
        Group of each person, (N,), whole numbers from 0; 0 is the standard.
    anchors
        A calibration whose items of the same ids are kept as they are, with their categories.

    Raises
    ------
    BadAnswers
        As `calibrate`; `groups_shape` if groups are not one for each person, from 0 without gaps;
        `no_anchor` if none of the items was calibrated before.
    NotConverged
        As `calibrate`.
    """
    answers = _prepared(np.asarray(matrix), items, anchors)
    refuse(answers, model)
    which = np.asarray(groups)
    count = int(which.max()) + 1 if which.size else 0
    if which.shape != answers.persons.shape or set(which.tolist()) != set(range(count)):
        raise BadAnswers("groups_shape", persons=len(answers.persons))
    which = which.astype(np.intp)
    shape = shape_for(answers, model, count, anchors)
    with one_thread():
        start = Marginal(
            shape_for(answers, model, 1, anchors, still=True),
            (Population(Coding(answers.rows, answers.categories), answers.counts),),
            even(),
        )
        begin = begin_of(answers, start.shape, model)
        size = len(answers.items) * shape.width
        warmed = start.shape.spread(warm(start, begin)) if start.shape.free else begin
        full = np.concatenate([warmed[:size], np.tile([0.0, 1.0], count)])
        marginal = Marginal(shape, populations_of(answers, which, count), even())
        x = np.zeros(shape.free)
        x[shape.place[shape.place >= 0]] = full[shape.place >= 0]
        top = maximise(marginal, marginal, x)
    return _told(answers, which, top)


def _prepared(
    table: NDArray[np.integer], items: Sequence[str] | None, anchors: Calibration | None
) -> Answers:
    found = prepare(table, items)
    if anchors is None:
        return found
    known = dict(zip(anchors.bank.items, anchors.answers.values, strict=True))
    if not known.keys() & set(found.items):
        raise BadAnswers("no_anchor")
    values = [known.get(i, v) for i, v in zip(found.items, found.values, strict=True)]
    return prepare(table, found.items, values)


def shape_for(
    answers: Answers,
    model: Fitted,
    groups: int,
    anchors: Calibration | None,
    still: bool = False,
) -> Shape:
    """Return the free parameters: items that are no anchors, and groups that are no standard."""
    alone = shape_of(answers, model)
    size = len(answers.items) * alone.width
    free = alone.place[:size] >= 0
    fixed = np.concatenate([alone.fixed[:size], np.tile([0.0, 1.0], groups)])
    if anchors is not None:
        at = {item: j for j, item in enumerate(anchors.bank.items)}
        table, open_ = fixed[:size].reshape(-1, alone.width), free.reshape(-1, alone.width)
        for j, item in enumerate(answers.items):
            if item in at:
                steps = anchors.bank.intercepts[at[item]]
                steps = steps[: answers.categories[j] - 1]
                table[j, 0], table[j, 1 : 1 + len(steps)] = anchors.bank.slopes[at[item]], steps
                open_[j] = False
    scales = np.full((groups, 2), not still)
    if anchors is None:
        scales[0] = False, model == "rasch"
    free = np.concatenate([free, scales.ravel()])
    return Shape(
        alone.items, alone.model, alone.categories, np.where(free, np.cumsum(free) - 1, -1), fixed
    )


def populations_of(
    answers: Answers, groups: NDArray[np.intp], count: int
) -> tuple[Population, ...]:
    """Return the persons of each group, each distinct row once per group."""
    found = []
    for group in range(count):
        rows, counts = np.unique(answers.persons[groups == group], return_counts=True)
        coding = Coding(answers.rows[rows], answers.categories)
        found.append(Population(coding, counts.astype(np.float64)))
    return tuple(found)


def _told(answers: Answers, groups: NDArray[np.intp], top: Maximum) -> Grouped:
    shape = top.marginal.shape
    full = shape.spread(top.x)
    deviations, scale_errors = shape.parts(top.errors_of_all)
    scales = shape.parts(full)[1]
    counts = np.concatenate([population.counts for population in top.marginal.populations])
    return Grouped(
        answers,
        groups,
        shape.bank(full),
        deviations[:, 0].copy(),
        deviations[:, 1:].copy(),
        scales[:, 0].copy(),
        scales[:, 1].copy(),
        scale_errors[:, 0].copy(),
        scale_errors[:, 1].copy(),
        float(counts @ top.survey[0]),
        top,
    )

"""Did last year's items keep their meaning? Anchors that moved, and the scale without them.

This year's people are put on last year's scale by items whose parameters stay (fixed parameter
calibration, Kim, 2006). Each of these anchors is then set free in turn; how far it moves is judged
by the standard errors of both years (Lord, 1980), so an anchor calibrated from few persons is not
blamed for its own uncertainty. Anchors that moved are freed and the rest is judged again.

Stocking and Lord's (1983) transformation from two separate calibrations is the check: it must tell
about the same mean and standard deviation.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.answers import Answers, prepare
from diagnostics.irt.calibration import Calibration, calibrate, shape_of
from diagnostics.irt.dif import ALARMS, ROUNDS, Judged, false_alarms
from diagnostics.irt.errors import BadAnswers, CannotMeasure
from diagnostics.irt.freed import reclimb
from diagnostics.irt.groups import Grouped, calibrate_groups
from diagnostics.irt.likelihood import Marginal, Shape
from diagnostics.irt.models import Bank, Floats, expected_answers
from diagnostics.irt.quadrature import even
from diagnostics.irt.threads import one_thread

SHARE = 0.2
"""Share of this year's items that must have been calibrated before (Kolen and Brennan, 2014)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """Anchors judged, and this year's people on last year's scale by those that stayed.

    Parameters
    ----------
    mean, sd
        Of this year's people, by the anchors that are not flagged.
    linked_mean, linked_sd
        The same by Stocking and Lord, from separate calibrations; nan if this year alone cannot be
        calibrated.
    """

    anchors: tuple[Judged, ...]
    mean: float
    sd: float
    linked_mean: float
    linked_sd: float


def drift(matrix: ArrayLike, before: Calibration, *, items: Sequence[str] | None = None) -> Drift:
    """Return which items of an earlier calibration moved.

    Parameters
    ----------
    matrix
        This year's raw answers, persons x items, negative for missing.
    before
        Last year's calibration; items of the same ids are the anchors.

    Raises
    ------
    BadAnswers
        `drift_few_anchors` if fewer than 20 % of this year's items were calibrated before,
        `drift_no_anchors` if more than three quarters of them moved, or as `calibrate_groups`.
    NotConverged
        As `calibrate_groups`.
    """
    table = np.asarray(matrix)
    answers = prepare(table, items)
    shared = [item for item in answers.items if item in before.bank.items]
    _refuse_few(len(shared), len(answers.items))
    base = calibrate_groups(
        table,
        np.zeros(len(table), np.intp),
        before.model,
        items=answers.items,
        anchors=_only(before, answers),
    )
    moved: set[str] = set()
    for _ in range(ROUNDS):
        found = _judged([_test(base, answers, before, item, moved) for item in shared])
        flagged = sorted((a for a in found if a.flagged), key=lambda a: (a.p, -a.statistic, a.item))
        worst = {anchor.item for anchor in flagged[: len(shared) // 2]}
        if worst == moved:
            break
        moved = worst
    if 4 * len(flagged) > 3 * len(found):
        raise BadAnswers("drift_no_anchors")
    mean, sd = _fit(base, before, moved)[2]
    stayed = [anchor.item for anchor in found if anchor.degrees and anchor.item not in moved]
    return Drift(tuple(found), mean, sd, *_linked(answers, before, stayed))


def _refuse_few(anchors: int, items: int) -> None:
    if anchors < SHARE * items:
        raise BadAnswers(
            "drift_few_anchors",
            anchors=anchors,
            items=items,
            percent=f"{100 * anchors / items:.0f}",
            needed=math.ceil(SHARE * items),
        )


def _only(before: Calibration, answers: Answers) -> Calibration:
    """Return the earlier calibration with only the items that got the same kinds of answer now.

    Of others nobody can tell whether they moved, so nothing is tied to them.
    """
    now = dict(zip(answers.items, answers.values, strict=True))
    then = before.answers.values
    kept = [j for j, item in enumerate(before.bank.items) if now.get(item) == then[j]]
    if not kept:
        raise BadAnswers("no_anchor")
    values = tuple(then[j] for j in kept)
    return replace(
        before, bank=before.bank.take(kept), answers=replace(before.answers, values=values)
    )


def _fit(
    base: Grouped, before: Calibration, freed: Collection[str]
) -> tuple[Bank, Floats, tuple[float, float], Shape]:
    """Return items, their covariance, mean and SD and the shape with some anchors freed."""
    top = base.top
    if not freed:
        full = top.marginal.shape.spread(top.x)
        shape, covariance = top.marginal.shape, top.errors.covariance
    else:
        shape = _freed(base, before, freed)
        begin = top.marginal.shape.spread(top.x)
        x = np.zeros(shape.free)
        x[shape.place[shape.place >= 0]] = begin[shape.place >= 0]
        marginal = Marginal(shape, top.marginal.populations, top.marginal.grid)
        with one_thread():
            x, _ = reclimb(marginal, x)
            covariance = np.asarray(np.linalg.inv(marginal.cross_product(x)), np.float64)
        full = shape.spread(x)
    mean, sd = shape.parts(full)[1][0].tolist()
    return shape.bank(full), covariance, (mean, sd), shape


def _freed(base: Grouped, before: Calibration, freed: Collection[str]) -> Shape:
    """Return the shape of the base with some anchors free."""
    shape = base.top.marginal.shape
    free = shape.place >= 0
    table = free[: len(shape.items) * shape.width].reshape(-1, shape.width)
    for j, item in enumerate(shape.items):
        if item in freed:
            table[j, : shape.categories[j]] = True
            table[j, 0] = before.model != "rasch"
    return replace(shape, place=np.where(free, np.cumsum(free) - 1, -1))


def _test(
    base: Grouped, answers: Answers, before: Calibration, item: str, moved: set[str]
) -> Judged:
    """Return how far one anchor moved, the others known to have moved freed, before adjustment."""
    from scipy.special import chdtrc

    nan = float("nan")
    old, new = before.bank.items.index(item), base.bank.items.index(item)
    if answers.values[new] != before.answers.values[old]:  # then it is no anchor
        return Judged(item, nan, 0, nan, nan, False, nan, nan, nan)
    try:
        bank, covariance, (mean, sd), shape = _fit(base, before, moved | {item})
    except CannotMeasure:
        return Judged(item, nan, 0, nan, nan, False, nan, nan, nan)
    here = _places(shape, new)
    there = _places(shape_of(before.answers, before.model), old)
    away = (_parameters(bank, new) - _parameters(before.bank, old))[here[0]]
    own = covariance[np.ix_(here[1], here[1])]
    both = own + before.errors.covariance[np.ix_(there[1], there[1])]
    statistic = float(away @ np.linalg.solve(both, away))
    area, signed = _area(bank.take([new]), before.bank.take([old]), mean, sd)
    p = float(chdtrc(len(away), statistic))
    share = area / (int(bank.categories[new]) - 1)
    return Judged(item, statistic, len(away), p, nan, False, area, signed, share)


def _area(new: Bank, old: Bank, mean: float, sd: float) -> tuple[float, float]:
    """Return the mean difference of an item's expected answers, without and with its sign."""
    grid = even()
    theta: Floats = mean + sd * grid.nodes
    change = (expected_answers(new, theta) - expected_answers(old, theta))[0]
    return float(grid.weights @ np.abs(change)), float(grid.weights @ change)


def _places(shape: Shape, item: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which parameters of an item are free, and their places among the free ones."""
    row = shape.place[: len(shape.items) * shape.width].reshape(-1, shape.width)[item]
    own = np.flatnonzero(row >= 0)
    return own, row[own]


def _parameters(bank: Bank, item: int) -> Floats:
    return np.append(bank.slopes[item], bank.intercepts[item])


def _judged(tested: list[Judged]) -> list[Judged]:
    adjusted = false_alarms(np.array([anchor.p for anchor in tested]))
    return [
        replace(anchor, adjusted=float(q), flagged=bool(q < ALARMS))
        for anchor, q in zip(tested, adjusted, strict=True)
    ]


def _linked(answers: Answers, before: Calibration, shared: list[str]) -> tuple[float, float]:
    try:
        alone = calibrate(answers, before.model)
    except CannotMeasure:
        return float("nan"), float("nan")
    old = before.bank.take([before.bank.items.index(item) for item in shared])
    new = alone.bank.take([alone.bank.items.index(item) for item in shared])
    shift, stretch = stocking_lord(old, new, alone.mean, alone.sd)
    return shift + stretch * alone.mean, stretch * alone.sd


def stocking_lord(old: Bank, new: Bank, mean: float = 0.0, sd: float = 1.0) -> tuple[float, float]:
    """Return B and A such that A theta + B is a new ability on the old scale.

    They make the expected sum scores of the same items agree best over the new population.
    """
    from scipy.optimize import minimize

    grid = even()
    theta = mean + sd * grid.nodes
    target = expected_answers(new, theta).sum(0)

    def miss(x: Floats) -> float:
        away = expected_answers(old, x[0] + np.exp(x[1]) * theta).sum(0) - target
        return float(grid.weights @ (away * away))

    with one_thread():
        found = minimize(
            miss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12}
        )
    return float(found.x[0]), float(np.exp(found.x[1]))

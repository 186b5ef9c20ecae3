"""Climb to a maximum: limited-memory BFGS (Nocedal, 1980) in scaled coordinates.

Steps are cut back until they are possible (intercepts in order) and rise (Armijo). In coordinates
in which the curvature is near 1 the full step is nearly always taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diagnostics.irt.models import Floats

MEMORY = 20
LONGEST = 3.0
"""The longest step in scaled coordinates (standard errors), per coordinate."""


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """Where a climb ended: the point, the rise, its gradient and how often it was asked for."""

    x: Floats
    value: float
    gradient: Floats
    evaluations: int


def climb(
    value: Callable[[Floats], tuple[float, Floats]],
    possible: Callable[[Floats], bool],
    start: Floats,
    scale: Floats,
    small: float = 1e-6,
    most: int = 200,
) -> Climb:
    """Return the end of a climb from `start`.

    Parameters
    ----------
    value
        Function value and gradient at a point.
    possible
        Whether a point is allowed at all.
    scale
        Lower triangular S, (n, n): the climb moves x = start + S u with curvature near 1 in u.
    small
        It ends when no entry of the gradient in u is larger.
    most
        It ends after so many evaluations, wherever it is.
    """
    x = start
    height, gradient = value(x)
    count = 1
    slope = scale.T @ gradient
    steps: list[Floats] = []
    turns: list[Floats] = []
    while np.abs(slope).max() > small and count < most:
        direction = _direction(slope, steps, turns)
        if direction @ slope <= 0:
            steps, turns, direction = [], [], slope
        direction = direction * min(1.0, LONGEST / np.abs(direction).max())
        length = 1.0
        while True:
            there = x + length * (scale @ direction)
            if possible(there):
                found, at = value(there)
                count += 1
                if found >= height + 1e-4 * length * float(direction @ slope) or count >= most:
                    break
            length /= 2
            if length < 1e-10:
                return Climb(x, height, gradient, count)
        new = scale.T @ at
        step, turn = length * direction, slope - new
        if step @ turn > 1e-12 * float(np.sqrt((step @ step) * (turn @ turn))):
            steps, turns = [*steps, step][-MEMORY:], [*turns, turn][-MEMORY:]
        x, height, gradient, slope = there, found, at, new
    return Climb(x, height, gradient, count)


def _direction(slope: Floats, steps: list[Floats], turns: list[Floats]) -> Floats:
    """Return the two-loop product of the inverse curvature with the gradient."""
    towards = slope.copy()
    shares = []
    for step, turn in zip(steps[::-1], turns[::-1], strict=True):
        share = (step @ towards) / (step @ turn)
        shares.append(share)
        towards -= share * turn
    if steps:
        towards *= (steps[-1] @ turns[-1]) / (turns[-1] @ turns[-1])
    for step, turn, share in zip(steps, turns, shares[::-1], strict=True):
        towards += step * (share - (turn @ towards) / (step @ turn))
    return towards

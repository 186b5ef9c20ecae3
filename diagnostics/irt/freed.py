"""A calibration of groups that is fitted again and again with some items freed by group.

An item freed by group becomes one item per group: the column is split and each part is empty for
the other groups. Refits begin at the last maximum in the scale of the cross-product, so one costs a
handful of evaluations; each is still held to being at its maximum.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.answers import prepare
from diagnostics.irt.ascent import climb
from diagnostics.irt.calibration import Fitted
from diagnostics.irt.errors import NotConverged
from diagnostics.irt.groups import Grouped, populations_of, shape_for
from diagnostics.irt.likelihood import Marginal, Shape
from diagnostics.irt.models import MISSING, Bank, Floats
from diagnostics.irt.threads import one_thread

NEAR = 1e-3
"""How near a refit must come to its maximum, in standard errors; the statistic then is exact to
1e-6."""


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """A maximum with some items freed.

    Parameters
    ----------
    parameters
        How many were estimated.
    bank
        Items; a freed one stands once per group, named (id, group).
    means, sds
        Of the groups, (G,).
    """

    log_likelihood: float
    parameters: int
    bank: Bank
    means: Floats
    sds: Floats


@dataclass(slots=True, eq=False)
class Splitter:
    """Fits the same answers with different items freed by group.

    Parameters
    ----------
    base
        The calibration with all items shared.
    table
        The answers, persons x items.
    model
        The model of the base.
    """

    base: Grouped
    table: NDArray[np.integer]
    model: Fitted
    _found: dict[frozenset[int], Refit] = field(default_factory=dict)

    def fit(self, freed: Collection[int]) -> Refit:
        """Return the maximum with items freed, by their places.

        Raises
        ------
        BadAnswers
            `answers_constant` if a group gave only one kind of answer to a freed item.
        NotConverged
            `not_at_maximum`.
        """
        key = frozenset(freed)
        if key not in self._found:
            with one_thread():
                self._found[key] = self._fit(sorted(key))
        return self._found[key]

    def _fit(self, freed: list[int]) -> Refit:
        columns, names, sources = self._columns(freed)
        answers = prepare(np.column_stack(columns), names)
        count = len(self.base.means)
        shape = shape_for(answers, self.model, count, None)
        populations = populations_of(answers, self.base.groups, count)
        marginal = Marginal(shape, populations, self.base.top.marginal.grid)
        x = _start(shape, self.base, sources, answers.values)
        x, value = reclimb(marginal, x)
        full = shape.spread(x)
        scales = shape.parts(full)[1]
        return Refit(value, shape.free, shape.bank(full), scales[:, 0], scales[:, 1])

    def _columns(self, freed: list[int]) -> tuple[list[NDArray[np.integer]], list[str], list[int]]:
        """Return the columns with freed items split, their names and the items they come from."""
        columns, names, sources = [], [], []
        for j, item in enumerate(self.base.bank.items):
            if j not in freed:
                columns.append(self.table[:, j])
                names.append(item)
                sources.append(j)
                continue
            for group in range(len(self.base.means)):
                columns.append(np.where(self.base.groups == group, self.table[:, j], MISSING))
                names.append(f"{item}\n{group}")
                sources.append(j)
        return columns, names, sources


def reclimb(marginal: Marginal, x: Floats) -> tuple[Floats, float]:
    """Return the maximum near a start, and its log-likelihood.

    Raises
    ------
    NotConverged
        `not_identified` or `not_at_maximum`.
    """
    spent = 0
    for _ in range(4):
        scale = _scale(marginal, x)
        base = marginal.by_row(x)
        goal = NEAR / (4 * np.sqrt(len(x)))
        end = climb(lambda at: marginal.rise(at, base), marginal.shape.possible, x, scale, goal)  # noqa: B023
        x, spent = end.x, spent + end.evaluations
        distance = float(np.linalg.norm(_scale(marginal, x).T @ end.gradient))
        if distance < NEAR:
            counts = np.concatenate([p.counts for p in marginal.populations])
            return x, float(counts @ marginal.by_row(x))
    raise NotConverged("not_at_maximum", distance=f"{distance:.3g}", evaluations=spent)


def _scale(marginal: Marginal, x: Floats) -> Floats:
    information = marginal.cross_product(x)
    information[np.diag_indices_from(information)] *= 1 + 1e-6
    try:
        return np.asarray(np.linalg.inv(np.linalg.cholesky(information)).T)
    except np.linalg.LinAlgError:
        raise NotConverged("not_identified", parameters=len(x)) from None


def _start(
    shape: Shape, base: Grouped, sources: list[int], values: tuple[tuple[int, ...], ...]
) -> Floats:
    """Return free parameters that say of every column what the base says of its item."""
    full = shape.fixed.copy()
    table, scales = shape.parts(full)
    for row, source, own in zip(table, sources, values, strict=True):
        kept = [base.answers.values[source].index(value) for value in own]
        heights = np.concatenate([[0.0], base.bank.intercepts[source]])[kept]
        row[0] = base.bank.slopes[source]
        row[1 : len(own)] = heights[1:] - (heights[0] if shape.model == "gpcm" else 0.0)
    scales[:] = np.column_stack([base.means, base.sds])
    x = np.zeros(shape.free)
    used = shape.place >= 0
    x[shape.place[used]] = full[used]
    return x

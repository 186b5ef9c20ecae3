"""Does an item behave as its model says? S-X2 compares answers within groups of equal sum scores.

Orlando and Thissen (2000) for two categories, Kang and Chen (2008) for more. Cells that expect fewer
than one person are joined as R's mirt joins them (see `sparse`), so that figures can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.answers import Answers
from diagnostics.irt.models import MISSING, Bank, Floats, probabilities
from diagnostics.irt.quadrature import Grid
from diagnostics.irt.sparse import Table, joined


@dataclass(frozen=True, slots=True)
class ItemFit:
    """S-X2 of one item; nan with 0 degrees of freedom where too few cells are left."""

    item: str
    statistic: float
    degrees: int
    p: float


def item_fit(
    bank: Bank,
    answers: Answers,
    grid: Grid,
    mean: float = 0.0,
    sd: float = 1.0,
    *,
    item_parameters: NDArray[np.intp] | None = None,
    shared_parameters: int = 0,
) -> list[ItemFit]:
    """Return S-X2 of every item, from the persons who answered all items.

    Parameters
    ----------
    mean, sd
        Of the population.
    item_parameters
        How many parameters of each item were estimated, (J,); all of them without.
    shared_parameters
        How many of the population's were; each item's degrees of freedom lose them too.
    """
    own = bank.categories if item_parameters is None else item_parameters
    whole = (answers.rows != MISSING).all(1)
    rows, counts = answers.rows[whole], answers.counts[whole]
    scores = rows.sum(1, dtype=np.intp)
    expected = expected_shares(bank, grid, mean, sd)
    sizes = np.bincount(scores, weights=counts, minlength=_top(bank) + 1)[1:-1]
    found = []
    for j, item in enumerate(bank.items):
        seen = observed_counts(rows[:, j], scores, counts, int(bank.categories[j]), _top(bank))
        table = Table(seen, expected[j] * sizes[:, None])
        found.append(_statistic(item, table, int(own[j]) + shared_parameters))
    return found


def _top(bank: Bank) -> int:
    return int((bank.categories - 1).sum())


def _statistic(item: str, table: Table, parameters: int) -> ItemFit:
    from scipy.special import chdtrc

    cells = joined(table)
    if cells is None:
        return ItemFit(item, float("nan"), 0, float("nan"))
    used = ~np.isnan(cells.expected)
    degrees = int(used.sum()) - len(cells.expected) - parameters
    if degrees <= 0:
        return ItemFit(item, float("nan"), 0, float("nan"))
    away = cells.observed[used] - cells.expected[used]
    statistic = float((away * away / cells.expected[used]).sum())
    return ItemFit(item, statistic, degrees, float(chdtrc(degrees, statistic)))


def observed_counts(
    answer: NDArray[np.int8], scores: NDArray[np.intp], counts: Floats, categories: int, top: int
) -> Floats:
    """Return how many persons with each sum score 1 .. top-1 chose each category."""
    at = scores * categories + answer
    cells = np.bincount(at, weights=counts, minlength=(top + 1) * categories)
    return np.asarray(cells.reshape(top + 1, categories)[1:-1], np.float64)


def expected_shares(bank: Bank, grid: Grid, mean: float, sd: float) -> list[Floats]:
    """Return per item P(answer | sum score) for scores 1 .. top-1; nan where it cannot be.

    The sum scores of the other items come from the recursion of Lord and Wingersky (1984).
    """
    chances = probabilities(bank, mean + sd * grid.nodes)
    parts = [chances[j, :k] for j, k in enumerate(bank.categories.tolist())]
    every = _scores(parts) @ grid.weights
    found = []
    for j, part in enumerate(parts):
        rest = _scores(parts[:j] + parts[j + 1 :])
        joint = np.full((len(every), len(part)), np.nan)
        for k, chance in enumerate(part):
            joint[k : k + len(rest), k] = (rest * chance) @ grid.weights
        found.append((joint / every[:, None])[1:-1])
    return found


def _scores(parts: list[Floats]) -> Floats:
    """Return the distribution of the sum score at each node, (S + 1, Q)."""
    found = np.ones((1, parts[0].shape[-1]))
    for part in parts:
        longer = np.zeros((len(found) + len(part) - 1, found.shape[-1]))
        for k, chance in enumerate(part):
            longer[k : k + len(found)] += found * chance
        found = longer
    return found

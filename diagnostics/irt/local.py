"""Do two items share more than the ability? Yen's Q3: correlations of what the model leaves over.

Q3 (Yen, 1984) is a little below 0 on average because the ability was estimated from the same
answers, so a pair is named when it exceeds the average of all pairs by 0.2 (Christensen, Makransky
and Horton, 2017). Such pairs often say the same thing twice; reliability is then overstated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.irt.calibration import Calibration
from diagnostics.irt.models import MISSING, Floats, expected_answers

ABOVE = 0.2
"""How far above the average a pair is named."""
COMMON = 50
"""Persons who must have answered both items of a pair; otherwise nothing is said of it."""
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items whose leftovers go together."""

    first: str
    second: str
    q3: float


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """Q3 of every pair of items, (J, J), nan on the diagonal and where too few answered both.

    Parameters
    ----------
    average
        Mean of all pairs.
    cut
        What a pair must exceed to be named.
    pairs
        The named ones, the strongest first.
    """

    items: tuple[str, ...]
    q3: Floats
    average: float
    cut: float
    pairs: tuple[Pair, ...]


def dependence(found: Calibration, above: float = ABOVE) -> Dependence:
    """Return Q3 of all pairs of items of a calibration, and the pairs that exceed the cut."""
    items = found.bank.items
    q3 = _correlations(*_leftovers(found), found.answers.counts)
    upper = np.triu_indices(len(items), 1)
    values = q3[upper]
    average = float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
    named = [
        Pair(items[i], items[j], float(value))
        for i, j, value in zip(*upper, values, strict=True)
        if value > average + above
    ]
    named.sort(key=lambda pair: (-pair.q3, pair.first, pair.second))
    return Dependence(items, q3, average, average + above, tuple(named))


def _leftovers(found: Calibration) -> tuple[Floats, Floats]:
    """Return answers minus expected ones, 0 where missing, and 1 where answered, (M, J) each."""
    rows = found.answers.rows
    given = (rows != MISSING).astype(np.float64)
    left = np.empty(rows.shape)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        left[part] = rows[part] - expected_answers(found.bank, found.by_row[0][part]).T
    return left * given, given


def _correlations(left: Floats, given: Floats, counts: Floats) -> Floats:
    """Return correlations over the persons who answered both items of a pair, (J, J)."""
    weighted = left * counts[:, None]
    both = given.T @ (given * counts[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weighted.T @ given) / both
        square = ((weighted * left).T @ given) / both
        spread = np.sqrt(square - mean * mean)
        found = ((weighted.T @ left) / both - mean * mean.T) / (spread * spread.T)
    found[(both < COMMON) | np.eye(len(both), dtype=bool)] = np.nan
    return np.asarray(found)

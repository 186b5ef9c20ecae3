"""Join sparse cells of a table of sum scores by categories before a chi-square is taken.

The order of the steps is that of R's mirt 1.45 with `mincell = 1`, told here in words of our own:

1. At both ends, scores with an answer that cannot be go to the nearest score without one.
2. Scores nobody has are left out; a score of one person is added to the next one.
3. Within a score that expects too few somewhere, the smallest cell is added to its smaller
   neighbour (left on a tie) until all are large enough or two are left; cells then move left.
4. A last column that expects almost nothing joins the one before; so does any that is nearly empty.
5. A score that still expects too few in a cell is added to its neighbour with fewer persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.models import Floats

LEAST = 1.0
"""The fewest persons that a cell may expect."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Observed and expected persons, scores x categories; nan where no answer can be."""

    observed: Floats
    expected: Floats

    def kept(self, rows: NDArray[np.bool_]) -> Table:
        """Return some of the rows."""
        return Table(self.observed[rows], self.expected[rows])


def joined(table: Table) -> Table | None:
    """Return the table with its sparse cells joined, or None if fewer than two rows remain."""
    ends = _without_impossible(table)
    if ends is None:
        return None
    seen = ends.kept(ends.observed.sum(1) > 0)
    # As in mirt, which scores are sparse is noted before single persons are moved.
    sparse = np.asarray((seen.expected < LEAST).any(1))
    rows = _without_single_persons(seen)
    if rows is None:
        return None
    return _rows_joined(_columns_joined(_cells_joined(rows, sparse)))


def _without_impossible(table: Table) -> Table | None:
    impossible = np.isnan(table.expected).any(1)
    possible = np.flatnonzero(~impossible)
    if len(possible) < 2:
        return None
    first, last = int(possible[0]), int(possible[-1])
    observed, expected = table.observed.copy(), np.nan_to_num(table.expected)
    for part in (observed, expected):
        part[first] = part[: first + 1].sum(0)
        part[last] = part[last:].sum(0)
    return Table(observed[first : last + 1], expected[first : last + 1])


def _without_single_persons(table: Table) -> Table | None:
    observed, expected = table.observed.copy(), table.expected.copy()
    keep = np.ones(len(observed), bool)
    for row in range(len(observed) - 1):
        if observed[row].sum() == 1:
            observed[row + 1] += observed[row]
            expected[row + 1] += expected[row]
            keep[row] = False
    found = Table(observed, expected).kept(keep)
    if len(found.observed) > 1 and found.observed[-1].sum() == 1:
        found.observed[-2] += found.observed[-1]
        found.expected[-2] += found.expected[-1]
        found = Table(found.observed[:-1], found.expected[:-1])
    return found if len(found.observed) > 1 else None


def _cells_joined(table: Table, sparse: NDArray[np.bool_]) -> Table:
    width = table.expected.shape[1]
    if width <= 2:
        return table
    observed, expected = np.zeros_like(table.observed), np.zeros_like(table.expected)
    for row in range(len(expected)):
        seen, awaited = table.observed[row].tolist(), table.expected[row].tolist()
        if sparse[row]:
            _merge_smallest(seen, awaited)
        observed[row, : len(seen)], expected[row, : len(awaited)] = seen, awaited
    return Table(observed, expected)


def _merge_smallest(seen: list[float], awaited: list[float]) -> None:
    while len(awaited) > 2:
        least = min(awaited)
        at = max(k for k, value in enumerate(awaited) if value == least)
        if at == 0 or (at < len(awaited) - 1 and awaited[at + 1] < awaited[at - 1]):
            to = at + 1
        else:
            to = at - 1
        for cells in (seen, awaited):
            cells[to] += cells[at]
            del cells[at]
        if min(awaited) >= LEAST:
            return


def _columns_joined(table: Table) -> Table:
    observed, expected = table.observed.copy(), table.expected.copy()
    limit = LEAST * np.ceil(len(expected) * 0.1)
    while expected.shape[1] > 2 and expected[:, -1].sum() < limit:
        observed, expected = _last_joined(observed), _last_joined(expected)
    keep = np.ones(expected.shape[1], bool)
    for column in range(expected.shape[1] - 1, 0, -1):
        if (expected[:, column] > 0).mean() < 0.05:
            keep[column] = False
            expected[:, column - 1] += expected[:, column]
            observed[:, column - 1] += observed[:, column]
    return Table(observed[:, keep], expected[:, keep])


def _last_joined(cells: Floats) -> Floats:
    return np.concatenate([cells[:, :-2], cells[:, -2:].sum(1, keepdims=True)], axis=1)


def _rows_joined(table: Table) -> Table | None:
    observed, expected = table.observed, table.expected
    while True:
        sparse = ((expected < LEAST) & (expected != 0)).any(1)
        if not sparse.any():
            break
        if len(expected) < 3:
            return None
        row = int(np.flatnonzero(sparse)[0])
        to = _neighbour(observed, row)
        observed, expected = observed.copy(), expected.copy()
        observed[to] += observed[row]
        expected[to] += expected[row]
        observed, expected = np.delete(observed, row, 0), np.delete(expected, row, 0)
    return Table(observed, np.where(expected == 0, np.nan, expected))


def _neighbour(observed: Floats, row: int) -> int:
    """Return the neighbouring score with fewer persons, the lower one on a tie."""
    if row == 0:
        return 1
    if row == len(observed) - 1:
        return row - 1
    return row - 1 if observed[row - 1].sum() <= observed[row + 1].sum() else row + 1

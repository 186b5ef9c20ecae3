"""A matrix of answers made ready: checked, empty categories closed up, equal rows counted once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.models import MISSING, Floats

Ints = NDArray[np.int8]
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers of N persons to J items as M distinct rows.

    Parameters
    ----------
    items
        Ids of the items, (J,).
    rows
        The distinct rows, (M, J), categories from 0 without gaps, -1 where there is none.
    counts
        How many persons gave each row, (M,).
    persons
        The row of each person, (N,).
    values
        Per item the values as given, by category: `values[j][k]` became k.
    """

    items: tuple[str, ...]
    rows: Ints
    counts: Floats
    persons: NDArray[np.intp]
    values: tuple[tuple[int, ...], ...]

    @property
    def categories(self) -> NDArray[np.intp]:
        """Number of categories of each item, (J,)."""
        return np.array([len(values) for values in self.values], np.intp)

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Tell which persons answered nothing, (N,): of them nothing but the prior is known."""
        return np.asarray((self.rows == MISSING).all(1)[self.persons])


def prepare(
    matrix: ArrayLike,
    items: Sequence[str] | None = None,
    values: Sequence[Sequence[int]] | None = None,
) -> Answers:
    """Return the answers of a matrix, persons x items, whole numbers, negative for missing.

    Values that nobody gave are closed up (2, 4, 5 become 0, 1, 2) and the mapping is kept. With
    `values` the categories of each item are known and stay, chosen or not: then a prior is needed.

    Raises
    ------
    BadAnswers
        `answers_shape` (not a table of whole numbers), `answers_twice` (an id twice),
        `answers_constant` (items with fewer than two different values, named) or
        `answers_too_many_values` (items with more than 100).
    """
    table = np.asarray(matrix)
    if table.ndim != 2 or not table.size or table.dtype.kind not in "iu":
        raise BadAnswers("answers_shape")
    names = tuple(items) if items is not None else tuple(f"i{j + 1}" for j in range(table.shape[1]))
    if len(names) != table.shape[1]:
        raise BadAnswers("answers_shape")
    if len(set(names)) != len(names):
        raise BadAnswers("answers_twice")
    known: Sequence[Collection[int]] = (
        [_values(column) for column in table.T] if values is None else values
    )
    if alike := tuple(_alike(n, v) for n, v in zip(names, known, strict=True) if len(v) < 2):
        raise BadAnswers("answers_constant", items=alike)
    _refuse("answers_too_many_values", names, [len(found) > 100 for found in known])
    plain = tuple(tuple(int(v) for v in found) for found in known)
    rows, persons, counts = _distinct(coded(table, plain))
    return Answers(names, rows, counts, persons, plain)


def coded(matrix: ArrayLike, values: Sequence[Sequence[int]]) -> Ints:
    """Return raw answers, (N, J), as categories of items calibrated before; -1 for missing.

    A value that was not seen then goes to the nearest one that was, the lower on a tie.
    """
    table = np.asarray(matrix)
    found = np.empty(table.shape, np.int8)
    for j, known in enumerate(values):
        column = table[:, j]
        if known[-1] - known[0] == len(known) - 1:
            found[:, j] = np.clip(column.astype(np.int64) - known[0], 0, len(known) - 1)
        else:
            steps = (np.asarray(known[1:]) + np.asarray(known[:-1])) / 2
            found[:, j] = np.searchsorted(steps, column, side="left")
        found[column < 0, j] = MISSING
    return found


def _values(column: NDArray[np.integer]) -> NDArray[np.integer]:
    given = column[column >= 0]
    if len(given) and int(given.max()) < 1000:
        return np.flatnonzero(np.bincount(given))
    return np.unique(given)


def _alike(name: str, values: Collection[int]) -> Mapping[str, str]:
    """Return how an item is named that everybody answers alike."""
    if not len(values):
        return {"zh": f"{name}（无人作答）", "en": f"{name} (nobody answered)"}
    (only,) = values
    return {"zh": f"{name}（全部为{only}）", "en": f"{name} (always {only})"}


def _refuse(code: str, names: tuple[str, ...], wrong: list[bool]) -> None:
    if found := tuple(name for name, bad in zip(names, wrong, strict=True) if bad):
        raise BadAnswers(code, items=found)


def _distinct(coded: Ints) -> tuple[Ints, NDArray[np.intp], Floats]:
    """Return the distinct rows in an order that does not depend on the order of the persons."""
    with np.errstate(over="ignore"):
        keys = (coded.astype(np.uint64) + np.uint64(2)) @ (
            _ODD ** np.arange(1, coded.shape[1] + 1, dtype=np.uint64)
        )
    _, first, persons, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    rows = coded[first]
    if not np.array_equal(rows[persons], coded):  # two rows share a key
        rows, persons, counts = np.unique(coded, axis=0, return_inverse=True, return_counts=True)
    return rows, persons.ravel(), counts.astype(np.float64)

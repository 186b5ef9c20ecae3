"""Answers as rows of small tables: sums over items become sums over groups of items.

Three items of four categories have 5 x 5 x 5 joint answers (one is "missing"). What all of them sum
to is tabulated once per node; a person then adds a third as many rows. The same tables, transposed,
collect expected counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.answers import Ints
from diagnostics.irt.models import Floats

JOINT = 128
"""A group of items has at most so many joint answers."""
CHUNK = 4096
"""Persons that are worked on at once, so that their posteriors stay in the cache."""


class Coding:
    """The joint answers of groups of items that occur in some rows of answers.

    Parameters
    ----------
    rows
        Answers, (M, J), -1 for missing.
    categories
        Number of categories per item, (J,).
    dtype
        float64 for fits, float32 for scoring very many.
    """

    def __init__(self, rows: Ints, categories: NDArray[np.intp], dtype: type = np.float64) -> None:
        from scipy.sparse import csr_array

        self.rows, self.size, self.width = rows, len(rows), int(categories.max())
        self.dtype = dtype
        parts, entries, start = [], [], 0
        for group in _groups(categories):
            codes = _joint(rows[:, group], categories[group])
            occur = np.bincount(codes, minlength=1) > 0
            parts.append((np.cumsum(occur) - 1)[codes] + start)
            members, first = np.flatnonzero(occur), start
            start += len(members)
            entries.append(_entries(members, first, group, categories, self.width))
        self.codes = np.stack(parts, axis=1).astype(np.int32)
        at = np.concatenate(entries, axis=1)
        self._joint = csr_array(
            (np.ones(at.shape[1], dtype), (at[0], at[1])),
            shape=(start, len(categories) * self.width),
        )
        self._spread = self._joint.T.tocsr()

    def table(self, per_answer: Floats) -> Floats:
        """Return sums over groups, (T, Q), of what each answer has per node, (J, K, Q)."""
        flat = np.where(np.isfinite(per_answer), per_answer, 0.0)
        return np.asarray(self._joint @ flat.reshape(-1, flat.shape[-1]).astype(self.dtype))

    def untable(self, sums: Floats) -> Floats:
        """Return per answer, (J, K, Q), the sums collected per joint answer, (T, Q)."""
        return np.asarray(self._spread @ sums).reshape(-1, self.width, sums.shape[-1])

    def chunks(self) -> Iterator[tuple[slice, Any]]:
        """Yield slices of the rows and their 0/1 matrices, rows x joint answers."""
        from scipy.sparse import csr_array

        groups = self.codes.shape[1]
        for start in range(0, self.size, CHUNK):
            part = slice(start, min(start + CHUNK, self.size))
            codes = self.codes[part]
            ends = np.arange(0, codes.size + 1, groups, dtype=np.int32)
            ones: Floats = np.ones(codes.size, self.dtype)
            shape = (len(codes), self._joint.shape[0])
            yield part, csr_array((ones, codes.ravel(), ends), shape=shape)


def _groups(categories: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Split the items into runs with at most JOINT joint answers."""
    groups: list[list[int]] = []
    joint = JOINT + 1
    for item, count in enumerate(categories.tolist()):
        joint *= count + 1
        if joint > JOINT:
            groups.append([])
            joint = count + 1
        groups[-1].append(item)
    return [np.array(group, np.intp) for group in groups]


def _joint(rows: Ints, categories: NDArray[np.intp]) -> NDArray[np.intp]:
    codes = np.zeros(len(rows), np.intp)
    for answers, count in zip(rows.T, categories.tolist(), strict=True):
        codes = codes * (count + 1) + (answers + 1)
    return codes


def _entries(
    members: NDArray[np.intp],
    start: int,
    group: NDArray[np.intp],
    categories: NDArray[np.intp],
    width: int,
) -> NDArray[np.intp]:
    """Return (row, column) of every answer that belongs to a joint answer, (2, entries)."""
    found, rest = [], members.copy()
    rows = np.arange(start, start + len(members))
    for item in group[::-1].tolist():
        answer = rest % (categories[item] + 1) - 1
        rest //= categories[item] + 1
        given = answer >= 0
        found.append(np.stack([rows[given], item * width + answer[given]]))
    return np.concatenate(found, axis=1)

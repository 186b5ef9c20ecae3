"""Where each choice stands, found by bisection where there are very many of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from matching.columns import Numbers


class ArcIndex(Mapping[tuple[int, int], int]):
    """Position in `choices` of each (teacher, section), as a dictionary would tell it.

    A dictionary takes about three hundred bytes a choice; this takes none, and some microseconds a
    question.

    Parameters
    ----------
    first
        Shape (teachers + 1,): edges of the teachers' choices.
    section
        Shape (choices,): the section of each choice, in order for each teacher.
    """

    def __init__(self, first: NDArray[np.int64], section: Numbers) -> None:
        self._first, self._section = first, section

    def __getitem__(self, pair: tuple[int, int]) -> int:
        teacher, section = pair
        if not 0 <= teacher < len(self._first) - 1:
            raise KeyError(pair)
        begin, end = self._first[teacher : teacher + 2].tolist()
        at = bisect_left(self._section, section, begin, end)
        if at == end or self._section[at] != section:
            raise KeyError(pair)
        return at

    def __len__(self) -> int:
        return len(self._section)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for teacher in range(len(self._first) - 1):
            begin, end = self._first[teacher : teacher + 2].tolist()
            for section in self._section[begin:end].tolist():
                yield teacher, section

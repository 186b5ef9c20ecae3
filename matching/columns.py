"""Columns of a table as arrays: whole numbers in as few bytes as they need, text as numbered words.

What is said of a word is checked once for the word, not once for every row that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import lt
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
"""Whole numbers of any width."""

Mask = NDArray[np.bool_]

COMPACT_FROM = 1 << 18
"""Columns of at least as many rows are kept in the smallest type that holds their numbers."""


class Names(Sequence[str]):
    """Very many short words in one array, where each would else be an object of its own."""

    WIDEST = 24
    """Bytes of the longest word up to which this takes less memory."""

    def __init__(self, words: Sequence[str]) -> None:
        self._bytes = np.array([word.encode() for word in words], np.bytes_)

    @staticmethod
    def of(words: Sequence[str]) -> Sequence[str]:
        """Return words in less memory, if they are very many and short; else as they are."""
        fits = len(words) >= COMPACT_FROM and max(map(len, words)) <= Names.WIDEST
        if not fits or any(not word.isascii() or word.endswith("\0") for word in words):
            return words
        return Names(words)

    def __len__(self) -> int:
        return len(self._bytes)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...

    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(self._bytes[place].astype(np.str_).tolist())
        return str(self._bytes[place].decode())

    def __iter__(self) -> Iterator[str]:
        for begin in range(0, len(self), AT_ONCE):
            yield from self[begin : begin + AT_ONCE]


AT_ONCE = 1 << 16
"""Words that are made into objects together."""


@dataclass(frozen=True)
class Words:
    """A column of text: row i holds `words[codes[i]]`."""

    codes: Numbers
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, cells: Iterable[Any]) -> Words:
        """Return cells as numbered words, numbered as they first come; None is blank."""
        cells = list(cells)
        if set(map(type, cells)) - {str}:
            cells = ["" if cell is None else str(cell) for cell in cells]
        number = {word: place for place, word in enumerate(dict.fromkeys(cells))}
        codes = np.fromiter(map(number.__getitem__, cells), np.int64, len(cells))
        return cls(smallest(codes), tuple(number))

    @property
    def is_plain(self) -> bool:
        """Tell whether every row holds a word of its own, in their order."""
        return len(self) == len(self.words) and bool((self.codes == np.arange(len(self))).all())

    def sorted(self) -> Words:
        """Return the same column with its words in order, each once and held by some row."""
        used = np.zeros(len(self.words), bool)
        used[self.codes] = True
        if used.all() and all(map(lt, self.words, self.words[1:])):
            return Words(smallest(self.codes), self.words)
        kept = sorted({word for word, is_used in zip(self.words, used, strict=True) if is_used})
        place = {word: i for i, word in enumerate(kept)}
        rank = np.array([place.get(word, 0) for word in self.words], np.int64)
        return Words(smallest(rank)[self.codes] if len(self) else self.codes, tuple(kept))

    @classmethod
    def joined(cls, parts: Sequence[Words]) -> Words:
        """Return parts one after the other as one column."""
        place: dict[str, int] = {}
        codes = []
        for part in parts:
            new = np.array([place.setdefault(w, len(place)) for w in part.words], np.int64)
            codes.append(smallest(new)[part.codes] if len(part) else part.codes)
        return cls(np.concatenate(codes), tuple(place))

    def where(self, test: Callable[[str], bool]) -> Mask:
        """Return which rows hold a word that passes a test; every word is asked once."""
        passed = np.array([test(word) for word in self.words], bool)
        return np.asarray(passed[self.codes] if len(self) else np.zeros(0, bool))

    def take(self, rows: Numbers) -> Words:
        """Return some rows."""
        return Words(self.codes[rows], self.words)

    def cells(self, rows: slice = slice(None)) -> list[str]:
        """Return the text of some rows."""
        words = self.words
        return [words[code] for code in self.codes[rows].tolist()]


@dataclass(frozen=True)
class Runs:
    """A column of numbers in order, kept as edges: i stands in the rows `edges[i]` to `edges[i + 1]`."""

    edges: Numbers

    @classmethod
    def of(cls, column: Numbers, count: int) -> Runs:
        """Return a column in order, of numbers below `count`."""
        kind = np.promote_types(column.dtype, np.min_scalar_type(-count - 1))
        everyone = np.arange(count + 1, dtype=kind)
        return cls(np.searchsorted(column, everyone))

    def numbers(self, rows: slice = slice(None)) -> Numbers:
        """Return some consecutive rows, written out."""
        begin, end, _ = rows.indices(int(self.edges[-1]))
        first = int(np.searchsorted(self.edges, begin, side="right")) - 1
        last = int(np.searchsorted(self.edges, end, side="left"))
        edges = np.clip(self.edges[first : last + 1], begin, end)
        return np.repeat(np.arange(first, last, dtype=np.int32), np.diff(edges))


def smallest(numbers: Numbers) -> Numbers:
    """Return whole numbers in the smallest signed type that holds them."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return numbers.astype(kind, copy=False)
    return numbers.astype(np.int64, copy=False)


def kept(numbers: Numbers) -> Numbers:
    """Return whole numbers as a table keeps them: 64 bits, unless they are very many."""
    if len(numbers) < COMPACT_FROM:
        return numbers.astype(np.int64, copy=False)
    return smallest(numbers)


def order_by(keys: Sequence[Numbers]) -> Numbers | None:
    """Return the order that sorts rows by some keys, the first first; None if they are sorted."""
    if _is_sorted(keys):
        return None
    return np.lexsort(tuple(reversed(keys)))


def _is_sorted(keys: Sequence[Numbers]) -> bool:
    fine = np.ones(max(len(keys[0]) - 1, 0), bool)
    for key in reversed(keys):
        fine &= key[1:] == key[:-1]
        fine |= key[1:] > key[:-1]
    return bool(fine.all())


def first_twice(keys: Sequence[Numbers]) -> int | None:
    """Return the first of sorted rows that equals the row before it in all keys."""
    pairs = (key[1:] == key[:-1] for key in keys)
    same = reduce(np.logical_and, pairs)
    return int(np.argmax(same)) + 1 if same.any() else None

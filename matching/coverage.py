"""Whom a condition covers: once as masks for the solvers, once by name for the referee.

`Masks` asks the columns, `Coverage` looks ids up in an index of values: so referee and solver do not
share one mistake (a test compares the two).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from matching.columns import Mask, Numbers, Words, smallest
from matching.predicates import Clause, parse, whole


class Masks:
    """Which rows a condition covers, as a mask; each clause is asked once.

    Parameters
    ----------
    count
        Number of rows.
    implied
        Attributes of which every row has one value.
    named
        Lines (row, attribute, value) of all others.
    """

    def __init__(
        self, count: int, implied: Mapping[str, Words], named: tuple[Numbers, Words, Words]
    ) -> None:
        self._count = count
        self._implied = implied
        self._named = named
        self._lines: dict[str, tuple[Numbers, Words]] = {}
        self._asked: dict[Clause, Numbers] = {}
        self._wide = lru_cache(64)(self._meeting)

    def __call__(self, condition: str) -> Mask:
        """Return a new mask over the rows."""
        covered = np.ones(self._count, bool)
        for clause in parse(condition).clauses:
            covered &= self._meeting(clause)
        return covered

    def places(self, condition: str) -> Numbers:
        """Return the rows a condition covers, in order; quick where few are left by one clause."""
        clauses = parse(condition).clauses
        if not clauses or any(clause.test == "!=" for clause in clauses):
            return np.flatnonzero(self(condition))
        found, *others = sorted(clauses, key=lambda clause: len(self._places(clause)))
        places = self._places(found)
        for clause in others:
            places = places[self._wide(clause)[places]]
        return places

    def profiles(self, attribute: str) -> tuple[Numbers, tuple[frozenset[str], ...]]:
        """Return the values of an attribute, each different set once, and which set each row has."""
        sets: list[frozenset[str]] = [frozenset()]
        profile = np.zeros(self._count, np.int64)
        for rows, values in self._values(attribute):
            turn = np.arange(len(rows)) - np.searchsorted(rows, rows)
            for number in range(int(turn.max(initial=-1)) + 1):
                lines = np.flatnonzero(turn == number)
                who, codes = rows[lines], values.codes[lines].astype(np.int64)
                pairs = profile[who] * len(values.words) + codes
                found, place = np.unique(pairs, return_inverse=True)
                profile[who] = len(sets) + place
                old, word = np.divmod(found, len(values.words))
                sets += [
                    sets[i] | {values.words[j]}
                    for i, j in zip(old.tolist(), word.tolist(), strict=True)
                ]
        return smallest(profile), tuple(sets)

    def _meeting(self, clause: Clause) -> Mask:
        covered = np.zeros(self._count, bool)
        covered[self._places(clause)] = True
        return ~covered if clause.test == "!=" else covered

    def _places(self, clause: Clause) -> Numbers:
        if clause not in self._asked:
            self._asked[clause] = smallest(np.flatnonzero(self._answer(clause)))
        return self._asked[clause]

    def _answer(self, clause: Clause) -> Mask:
        """Return which rows have a value that a clause names (`!=` is turned round later)."""
        covered = np.zeros(self._count, bool)
        for rows, values in self._values(clause.attribute):
            covered[rows[values.where(lambda value: _is_named(clause, value))]] = True
        return covered

    def _values(self, attribute: str) -> Iterator[tuple[Numbers, Words]]:
        if attribute in self._implied:
            yield np.arange(self._count), self._implied[attribute]
        if attribute not in self._lines:
            rows, attributes, values = self._named
            lines = np.flatnonzero(attributes.where(lambda name: name == attribute))
            self._lines[attribute] = (rows[lines], values.take(lines).sorted())
        yield self._lines[attribute]


def _is_named(clause: Clause, value: str) -> bool:
    if clause.test in ("=", "!="):
        return value in clause.values
    number, limit = whole(clause.attribute, value), int(clause.values[0])
    return number >= limit if clause.test == ">=" else number <= limit


class Coverage:
    """An index from attribute values to ids, and the conditions answered so far."""

    def __init__(self, names: Sequence[str], attributes: Sequence[Mapping[str, set[str]]]) -> None:
        self._everybody = frozenset(names)
        self._index: dict[str, dict[str, set[str]]] = {}
        for name, have in zip(names, attributes, strict=True):
            for attribute, values in have.items():
                by_value = self._index.setdefault(attribute, {})
                for value in values:
                    by_value.setdefault(value, set()).add(name)
        self._answers: dict[str, frozenset[str]] = {}

    def __call__(self, condition: str) -> frozenset[str]:
        """Return the ids of all whom the condition covers."""
        if condition not in self._answers:
            covered = self._everybody
            for clause in parse(condition).clauses:
                covered &= self._meeting(clause)
            self._answers[condition] = covered
        return self._answers[condition]

    def _meeting(self, clause: Clause) -> frozenset[str]:
        by_value = self._index.get(clause.attribute, {})
        if clause.test in ("=", "!="):
            named = frozenset[str]().union(*(by_value.get(value, ()) for value in clause.values))
            return named if clause.test == "=" else self._everybody - named
        limit, sign = int(clause.values[0]), 1 if clause.test == ">=" else -1
        good = (
            ids
            for value, ids in by_value.items()
            if sign * (whole(clause.attribute, value) - limit) >= 0
        )
        return frozenset[str]().union(*good)

"""Whom a condition covers: once as masks for the solvers, once by name for the referee.

`Masks` asks every row in turn, `Coverage` looks ids up in an index of values: so referee and solver
do not share one mistake (a test compares the two).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.predicates import Clause, parse, whole


class Masks:
    """Which rows a condition covers, as a mask; each clause is asked once."""

    def __init__(self, attributes: Sequence[Mapping[str, set[str]]]) -> None:
        self._attributes = attributes
        self._asked: dict[Clause, NDArray[np.bool_]] = {}

    def __call__(self, condition: str) -> NDArray[np.bool_]:
        """Return a new mask over the rows."""
        covered = np.ones(len(self._attributes), bool)
        for clause in parse(condition).clauses:
            if clause not in self._asked:
                answers = (clause.holds(each) for each in self._attributes)
                self._asked[clause] = np.fromiter(answers, bool, len(covered))
            covered &= self._asked[clause]
        return covered


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

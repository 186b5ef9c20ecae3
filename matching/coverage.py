"""Whom a condition covers, by name: the referee's own way of reading conditions.

`Instance.teachers_where` asks every row in turn and answers with a mask for the solvers; this index
answers with ids, so that referee and solver do not share one mistake (a test compares the two).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matching.predicates import Clause, parse


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
        good = (ids for value, ids in by_value.items() if sign * (int(value) - limit) >= 0)
        return frozenset[str]().union(*good)

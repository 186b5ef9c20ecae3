"""The one small language in which a round says whom or what a rule covers.

`level=county|city;subject=jyt:13;years>=5` holds when every clause holds; within `=` any value will
do, `!=` asks for none of them, `>=` and `<=` compare whole numbers. The empty text covers all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from matching.errors import BadInstance

Attributes = Mapping[str, Collection[str]]

_CLAUSE = re.compile(r"\s*([a-z_][a-z0-9_]*)\s*(=|!=|>=|<=)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition on one attribute."""

    attribute: str
    test: str
    values: tuple[str, ...]

    def holds(self, attributes: Attributes) -> bool:
        """Tell whether somebody with these attributes meets the condition."""
        have = attributes.get(self.attribute, ())
        if self.test == "=":
            return any(value in have for value in self.values)
        if self.test == "!=":
            return not any(value in have for value in self.values)
        limit = int(self.values[0])
        numbers = [whole(self.attribute, value) for value in have]
        if self.test == ">=":
            return any(number >= limit for number in numbers)
        return any(number <= limit for number in numbers)


@dataclass(frozen=True, slots=True)
class Predicate:
    """All clauses of a condition; none means everybody."""

    clauses: tuple[Clause, ...] = ()

    def holds(self, attributes: Attributes) -> bool:
        """Tell whether every clause holds."""
        return all(clause.holds(attributes) for clause in self.clauses)


@cache
def parse(text: str) -> Predicate:
    """Read a condition.

    Raises
    ------
    BadInstance
        If a clause is not `attribute=value|value`, or a comparison is not with a whole number.
    """
    return Predicate(tuple(_clause(part, text) for part in text.split(";") if part.strip()))


def whole(attribute: str, value: str) -> int:
    """Read the value of an attribute that is compared as a number.

    Raises
    ------
    BadInstance
        If it is no whole number.
    """
    try:
        return int(value)
    except ValueError:
        raise BadInstance(
            f"attribute {attribute}: {value!r} is compared as a number, but is not a whole number"
        ) from None


def _clause(part: str, text: str) -> Clause:
    match = _CLAUSE.fullmatch(part)
    if match is None:
        raise BadInstance(
            f"condition {text!r}: {part!r} is not of the form attribute=value|value "
            "(also != >= <=, clauses joined by ;)"
        )
    attribute, test, values = match.groups()
    if test in (">=", "<=") and not re.fullmatch(r"-?[0-9]+", values):
        raise BadInstance(f"condition {text!r}: {values!r} after {test} is not a whole number")
    return Clause(attribute, test, tuple(value.strip() for value in values.split("|")))

"""What a goal is: a code, a unit, a sense, a measure for the referee and a post for the solvers."""

from __future__ import annotations

from typing import Literal, Protocol

from matching.assignment import Assignment
from matching.instance import Instance
from matching.primitives import Draft

Sense = Literal["min", "max"]


class Goal(Protocol):
    """What a module of this package offers; posted values are always higher-is-better."""

    code: str
    unit: str
    sense: Sense

    def measure(self, instance: Instance, assignment: Assignment) -> int:
        """Return how far the goal got, in units of its own sense."""

    def post(self, instance: Instance, draft: Draft) -> None:
        """Say the goal in primitives."""

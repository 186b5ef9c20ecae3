"""The rules of a round: one rule per file, said once for the referee and once for the solvers.

`RULES` is in the published order in which reasons are looked for: the first rule of this list that
a wanted seat would break is the reason a teacher is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft
from matching.rules import (
    assigned_cap,
    banned,
    budget,
    bundle,
    chosen_only,
    compulsory_topic,
    eligible,
    host_capacity,
    hour_cap,
    hours_due,
    level_share,
    locked_seat,
    minimum_to_open,
    most_sections,
    one_section,
    prerequisite,
    quota,
    repeated,
    reserve,
    school_release,
    seat_capacity,
    team,
    time_conflict,
)


class Rule(Protocol):
    """What a module of this package offers."""

    code: str

    def breaches(self, instance: Instance, assignment: Assignment) -> Iterator[Breach]:
        """Yield every breach of the rule."""

    def post(self, instance: Instance, draft: Draft) -> None:
        """Say the rule in primitives."""


RULES: tuple[Rule, ...] = (
    locked_seat,
    eligible,
    banned,
    repeated,
    prerequisite,
    time_conflict,
    one_section,
    most_sections,
    assigned_cap,
    chosen_only,
    bundle,
    hour_cap,
    minimum_to_open,
    seat_capacity,
    reserve,
    quota,
    level_share,
    host_capacity,
    school_release,
    budget,
    team,
    compulsory_topic,
    hours_due,
)

__all__ = ["RULES", "Rule"]

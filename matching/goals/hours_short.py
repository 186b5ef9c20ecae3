"""hours_short: what people fall short of the hours still due, each requirement by its weight.

A missed compulsory topic counts its weight in account minutes. What is strict cannot be short.
"""

from __future__ import annotations

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft
from matching.rules.compulsory_topic import missed
from matching.rules.hours_due import dues

code = "hours_short"
unit = "weighted_minutes"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the weighted account minutes that are short."""
    rows = instance["requirements"]
    weight = dict(zip(rows.text("id"), rows.integers("weight").tolist(), strict=True))
    short: int = sum(
        weight[requirement] * max(0, due - reached)
        for _, requirement, due, reached in dues(instance, assignment, strict=False)
    )
    return short + sum(each for _, _, each in missed(instance, assignment, strict=False))


def post(instance: Instance, draft: Draft) -> None:
    """Post nothing: hours_due and compulsory_topic price their rows with this goal."""

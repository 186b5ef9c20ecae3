"""welfare: the points of all seats, as the round's form counts rank, need and priority.

Groups that sit together where the round asks for it (see the rule team) earn their points too.
"""

from __future__ import annotations

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft
from matching.rules.team import together

code = "welfare"
unit = "points"
sense: Sense = "max"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the sum of the points of all seats."""
    points: list[int] = instance["choices"].integers("points").tolist()
    places = (
        instance.arc_index[
            instance.teacher_index[seat.teacher], instance.section_index[seat.section]
        ]
        for seat in assignment.seats
    )
    return sum(points[place] for place in places) + together(instance, assignment)


def post(instance: Instance, draft: Draft) -> None:
    """Post the points of every choice as its value."""
    draft.value(code, instance["choices"].numbers("points"))

"""welfare: the points of all seats, as the round's form counts rank, need and priority."""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.instance import Instance
from matching.primitives import Draft

code = "welfare"
unit = "points"
sense = "max"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the sum of the points of all seats."""
    points = instance["choices"].integers("points")
    places = (
        instance.arc_index[
            instance.teacher_index[seat.teacher], instance.section_index[seat.section]
        ]
        for seat in assignment.seats
    )
    return int(sum(points[place] for place in places))


def post(instance: Instance, draft: Draft) -> None:
    """Post the points of every choice as its value."""
    draft.value(code, np.asarray(instance["choices"].integers("points")))

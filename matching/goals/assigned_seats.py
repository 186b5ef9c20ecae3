"""assigned_seats: seats in sections people did not choose; the fewer the better."""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft
from matching.rules import assigned_cap

code = "assigned_seats"
unit = "seats"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the number of seats neither chosen nor locked."""
    return len(assigned_cap.assigned_seats(instance, assignment))


def post(instance: Instance, draft: Draft) -> None:
    """Let every assignable choice cost one."""
    draft.value(code, -assigned_cap.assignable(instance).astype(np.int64))

"""seat_capacity: a section seats no more people than it has seats (and seats reserved on top)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow
from matching.rules.reserve import chairs

code = "seat_capacity"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every section that holds more people than seats."""
    for name, capacity in chairs(instance).items():
        seated = len(assignment.seated_in.get(name, ()))
        if seated > capacity:
            yield Breach(code, name, seated, capacity)


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per section (sections with a minimum get theirs from minimum_to_open)."""
    minimum = instance["sections"].integers("minimum")
    for section, (name, capacity) in enumerate(chairs(instance).items()):
        if minimum[section] <= 1:
            draft.row(SharedRow(code, name, draft.pool(np.array([section])), hi=capacity))

"""minimum_to_open: a section runs with at least its minimum number of people, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow
from matching.rules.locked_seat import locked
from matching.rules.reserve import chairs

code = "minimum_to_open"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every section that runs with fewer people than its minimum."""
    sections = instance["sections"]
    for name, minimum in zip(sections.text("id"), sections.integers("minimum"), strict=True):
        seated = len(assignment.seated_in.get(name, ()))
        if 0 < seated < minimum:
            yield Breach(code, name, seated, int(minimum))


def post(instance: Instance, draft: Draft) -> None:
    """Post a switched row between minimum and seats for each section that has a minimum.

    A section with a locked seat runs in any case: its row needs no switch.
    """
    minimum = instance["sections"].integers("minimum").tolist()
    fixed = np.zeros(draft.sections, bool)
    fixed[draft.arc_section[locked(instance)]] = True
    for section, (name, capacity) in enumerate(chairs(instance).items()):
        if minimum[section] > 1:
            switch, pool = "" if fixed[section] else f"open:{name}", draft.pool(np.array([section]))
            draft.row(SharedRow(code, name, pool, lo=minimum[section], hi=capacity, switch=switch))

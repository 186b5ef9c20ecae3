"""seat_capacity: a section seats no more people than it has seats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow

code = "seat_capacity"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every section that holds more people than seats."""
    sections = instance["sections"]
    for name, capacity in zip(sections.text("id"), sections.integers("capacity"), strict=True):
        seated = len(assignment.seated_in.get(name, ()))
        if seated > capacity:
            yield Breach(code, name, seated, int(capacity))


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per section (sections with a minimum get theirs from minimum_to_open)."""
    capacity = instance["sections"].integers("capacity")
    minimum = instance["sections"].integers("minimum")
    order = np.argsort(draft.arc_section, kind="stable")
    edges = np.searchsorted(draft.arc_section[order], np.arange(draft.sections + 1))
    for section, name in enumerate(instance.section_ids):
        arcs = order[edges[section] : edges[section + 1]]
        if minimum[section] <= 1:
            draft.row(SharedRow(code, name, arcs, hi=int(capacity[section])))

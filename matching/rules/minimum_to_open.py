"""minimum_to_open: a section runs with at least its minimum number of people, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow

code = "minimum_to_open"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every section that runs with fewer people than its minimum."""
    sections = instance["sections"]
    for name, minimum in zip(sections.text("id"), sections.integers("minimum"), strict=True):
        seated = len(assignment.seated_in.get(name, ()))
        if 0 < seated < minimum:
            yield Breach(code, name, seated, int(minimum))


def post(instance: Instance, draft: Draft) -> None:
    """Post a switched row between minimum and capacity for each section that has a minimum."""
    sections = instance["sections"]
    for section in np.flatnonzero(sections.integers("minimum") > 1):
        name = instance.section_ids[section]
        only = np.zeros(draft.sections, bool)
        only[section] = True
        lo = int(sections.integers("minimum")[section])
        hi = int(sections.integers("capacity")[section])
        draft.row(SharedRow(code, name, draft.arcs_of(only), lo=lo, hi=hi, switch=f"open:{name}"))

"""travel: seats at a site that is none of the teacher's own (her attribute `site`).

Who has no attribute `site`, and a section without a site, count nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft

code = "travel"
unit = "seats"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the number of seats away from the teacher's sites."""
    site = dict(zip(instance.section_ids, instance["sections"].text("site"), strict=True))
    away = 0
    for seat in assignment.seats:
        have = instance.teacher_attributes[instance.teacher_index[seat.teacher]]
        near = have.get("site", set())
        away += bool(near and site[seat.section] and site[seat.section] not in near)
    return away


def post(instance: Instance, draft: Draft) -> None:
    """Let every choice away from the teacher's sites cost one."""
    draft.value(code, -np.fromiter(_away(instance, draft), np.int64, draft.arcs))


def _away(instance: Instance, draft: Draft) -> Iterator[bool]:
    sites = instance["sections"].text("site")
    near: list[set[str]] = [have.get("site", set()) for have in instance.teacher_attributes]
    for teacher, section in zip(draft.arc_teacher, draft.arc_section, strict=True):
        yield bool(near[teacher] and sites[section] and sites[section] not in near[teacher])

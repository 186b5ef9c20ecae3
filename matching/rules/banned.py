"""banned: while a ban lasts, its teacher sits in none of the sections it covers.

A section is within the ban when one of its half-days is; a section without dates always is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Draft

code = "banned"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every seat that falls under a ban of its teacher."""
    for row in instance["bans"].rows():
        teacher = instance.teacher_ids[row["teacher"]]
        covered = instance.sections_covered(row["where"])
        for section in assignment.held_by.get(teacher, ()):
            halves = instance.halves_of[instance.section_index[section]]
            inside = [day for day, _ in halves if row["from_day"] <= day <= row["until_day"]]
            if section in covered and (inside or not halves):
                yield Breach(code, f"{teacher}/{section}", 1, 0)


def post(instance: Instance, draft: Draft) -> None:
    """Drop the choices that fall under a ban."""
    bad = np.zeros(draft.arcs, bool)
    for row in instance["bans"].rows():
        during = _held_between(instance, row["from_day"], row["until_day"])
        barred = instance.sections_where(row["where"]) & during
        hers = slice(*instance.first_arc[row["teacher"] : row["teacher"] + 2])
        bad[hers] |= barred[draft.arc_section[hers]]
    draft.drop(code, bad)


def _held_between(instance: Instance, first: str, last: str) -> Mask:
    times, meets = instance.meeting_times
    inside = [first <= day <= last for day, _ in times]
    return np.asarray(meets[:, inside].any(axis=1) | ~meets.any(axis=1))

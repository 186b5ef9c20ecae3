"""locked_seat: a seat fixed by hand, or by an earlier round, is kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Draft

code = "locked_seat"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every locked seat that is not taken by its teacher."""
    for row in instance["locks"].rows():
        teacher = instance.teacher_ids[row["teacher"]]
        section = instance.section_ids[row["section"]]
        if section not in assignment.held_by.get(teacher, ()):
            yield Breach(code, f"{teacher}/{section}", 0, 1)


def locked(instance: Instance) -> Mask:
    """Return which choices are locked."""
    fixed = np.zeros(len(instance["choices"]), bool)
    locks = instance["locks"]
    fixed[instance.arcs_at(locks.numbers("teacher"), locks.numbers("section"))] = True
    return fixed


def post(instance: Instance, draft: Draft) -> None:
    """Make the locked choices a must."""
    fixed = locked(instance)
    if fixed.any():
        draft.must(code, fixed)

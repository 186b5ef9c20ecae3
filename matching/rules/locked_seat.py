"""locked_seat: a seat fixed by hand, or by an earlier round, is kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft

code = "locked_seat"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every locked seat that is not taken by its teacher."""
    for row in instance["locks"].rows():
        teacher = instance.teacher_ids[row["teacher"]]
        section = instance.section_ids[row["section"]]
        if section not in assignment.held_by.get(teacher, ()):
            yield Breach(code, f"{teacher}/{section}", 0, 1)


def post(instance: Instance, draft: Draft) -> None:
    """Make the locked choices a must."""
    arcs = [instance.arc_index[row["teacher"], row["section"]] for row in instance["locks"].rows()]
    if arcs:
        fixed = np.zeros(draft.arcs, bool)
        fixed[arcs] = True
        draft.must(code, fixed)

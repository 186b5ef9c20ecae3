"""repeated: nobody sits again in an offering she has completed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft

code = "repeated"


def completed(instance: Instance) -> set[tuple[str, str]]:
    """Return (teacher id, offering) of everything completed before."""
    return {
        (instance.teacher_ids[row["teacher"]], row["offering"])
        for row in instance["completed"].rows()
    }


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every seat in an offering its teacher has completed."""
    before = completed(instance)
    offering = dict(zip(instance.section_ids, instance["sections"].text("offering"), strict=True))
    for seat in assignment.seats:
        if (seat.teacher, offering[seat.section]) in before:
            yield Breach(code, f"{seat.teacher}/{seat.section}", 1, 0)


def post(instance: Instance, draft: Draft) -> None:
    """Drop the choices whose offering the teacher has completed."""
    done = {(row["teacher"], row["offering"]) for row in instance["completed"].rows()}
    if done:
        offering = instance["sections"].text("offering")
        pairs = zip(draft.arc_teacher.tolist(), draft.arc_section.tolist(), strict=True)
        again = ((teacher, offering[section]) in done for teacher, section in pairs)
        draft.drop(code, np.fromiter(again, bool, draft.arcs))

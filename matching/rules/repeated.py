"""repeated: nobody sits again in an offering she has completed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
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
    if len(instance["completed"]):
        draft.drop(code, _completed_before(instance, draft))


def _completed_before(instance: Instance, draft: Draft) -> Mask:
    lines, offering = instance["completed"], instance["sections"].words("offering")
    place = {name: i for i, name in enumerate(offering.words)}
    done = lines.words("offering")
    which = np.array([place.get(name, -1) for name in done.words], np.int64)[done.codes]
    arcs, line = draft.arcs_of_each(lines.numbers("teacher"))
    found = np.zeros(draft.arcs, bool)
    found[arcs[offering.codes[draft.arc_section[arcs]] == which[line]]] = True
    return found

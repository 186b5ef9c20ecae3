"""prerequisite: who sits in an offering has completed what it requires, or sits in it earlier.

"Earlier" means that the required section ends before the other begins; a section without dates can
be taken at any time. An offering may require several others: all of them count.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Ints
from matching.primitives import Draft
from matching.rules.repeated import completed

code = "prerequisite"


def required(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Return offering -> the offerings it requires."""
    found: dict[str, tuple[str, ...]] = {}
    for row in instance["prerequisites"].rows():
        found[row["offering"]] = (*found.get(row["offering"], ()), row["requires"])
    return found


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every seat that lacks a required offering, with how many it lacks."""
    needs, before = required(instance), completed(instance)
    offering = dict(zip(instance.section_ids, instance["sections"].text("offering"), strict=True))
    for seat in assignment.seats:
        held = assignment.held_by[seat.teacher]
        lacking = [
            need
            for need in needs.get(offering[seat.section], ())
            if (seat.teacher, need) not in before
            and not any(
                offering[other] == need and _ends_before(instance, other, seat.section)
                for other in held
            )
        ]
        if lacking:
            yield Breach(code, f"{seat.teacher}/{seat.section}", len(lacking), 0)


def _ends_before(instance: Instance, first: str, second: str) -> bool:
    earlier = instance.halves_of[instance.section_index[first]]
    later = instance.halves_of[instance.section_index[second]]
    return not earlier or not later or max(earlier) < min(later)


def post(instance: Instance, draft: Draft) -> None:
    """Let every choice imply an earlier choice of each offering still required."""
    needs = required(instance)
    if not needs:
        return
    offering = np.array(instance["sections"].text("offering"), dtype=object)
    done = {(row["teacher"], row["offering"]) for row in instance["completed"].rows()}
    begins, ends = _span(instance)
    needy = np.flatnonzero(
        np.isin(draft.arc_section, np.flatnonzero([o in needs for o in offering]))
    )
    for arc in needy.tolist():
        teacher, section = int(draft.arc_teacher[arc]), int(draft.arc_section[arc])
        hers = np.arange(instance.first_arc[teacher], instance.first_arc[teacher + 1])
        sections = draft.arc_section[hers]
        earlier = ends[sections] < begins[section]
        for need in needs[offering[section]]:
            if (teacher, need) not in done:
                draft.imply(code, arc, hers[(offering[sections] == need) & earlier])


def _span(instance: Instance) -> tuple[Ints, Ints]:
    """Return first and last half-day of every section; without dates it comes after and before all."""
    _, meets = instance.meeting_times
    count = meets.shape[1]
    dated = meets.any(axis=1)
    first = np.where(dated, meets.argmax(axis=1) if count else 0, count)
    last = np.where(dated, count - 1 - meets[:, ::-1].argmax(axis=1) if count else 0, -1)
    return first, last

"""assigned_cap: nobody is assigned more sections she did not choose than the round allows.

A seat locked by hand is no assigned seat: whoever locked it gave a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Amount, BundleRow, Draft
from matching.result import Seat
from matching.rules.locked_seat import locked

code = "assigned_cap"


def assigned_seats(instance: Instance, assignment: Assignment) -> list[Seat]:
    """Return the seats that were neither chosen nor locked."""
    locked = {(row["teacher"], row["section"]) for row in instance["locks"].rows()}
    kinds = instance["choices"].text("kind")

    def is_assigned(seat: Seat) -> bool:
        place = instance.teacher_index[seat.teacher], instance.section_index[seat.section]
        arc = instance.arc_index.get(place)
        return arc is not None and kinds[arc] == "assignable" and place not in locked

    return [seat for seat in assignment.seats if is_assigned(seat)]


def assignable(instance: Instance) -> Mask:
    """Return which choices would be assigned seats."""
    found = instance["choices"].words("kind").where(lambda kind: kind == "assignable")
    return found & ~locked(instance)


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every teacher with more assigned seats than allowed."""
    given = Counter(seat.teacher for seat in assigned_seats(instance, assignment))
    cap = dict(
        zip(instance.teacher_ids, instance["teachers"].integers("assigned_cap"), strict=True)
    )
    for teacher, seats in given.items():
        if seats > cap[teacher]:
            yield Breach(code, teacher, seats, int(cap[teacher]))


def post(instance: Instance, draft: Draft) -> None:
    """Post one row that counts the assigned sections of a bundle, unless no cap can ever bind."""
    cap, most = (instance["teachers"].integers(name) for name in ("assigned_cap", "most_sections"))
    if (cap < most).any() and (counts := assignable(instance)).any():
        draft.bundle_row(BundleRow(code, code, Amount(counts.astype(np.int64)), hi=cap))

"""unserved: people who chose something and receive nothing of what they chose."""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft

code = "unserved"
unit = "teachers"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return how many people chose and hold nothing of their choices."""
    wanted: dict[str, set[str]] = {}
    for row in instance["choices"].rows():
        if row["kind"] == "chosen":
            teacher = instance.teacher_ids[row["teacher"]]
            wanted.setdefault(teacher, set()).add(instance.section_ids[row["section"]])
    return sum(
        sections.isdisjoint(assignment.held_by.get(teacher, ()))
        for teacher, sections in wanted.items()
    )


def post(instance: Instance, draft: Draft) -> None:
    """Post one priced row: a chosen seat for everybody who chose."""
    chosen = instance["choices"].words("kind").where(lambda kind: kind == "chosen")
    lo = np.zeros(draft.teachers, np.int64)
    lo[draft.owner_of(np.flatnonzero(chosen))] = 1
    if lo.any():
        amount = Amount(chosen.astype(np.int64))
        draft.bundle_row(BundleRow(code, code, amount, lo=lo, lo_goal=code))

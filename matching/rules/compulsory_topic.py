"""compulsory_topic: everybody it concerns sits in a section on each compulsory topic (such as 师德).

A missed topic that is not strict counts with the hours that are short, as `weight` account minutes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft

code = "compulsory_topic"


def missed(
    instance: Instance, assignment: Assignment, *, strict: bool
) -> Iterator[tuple[str, str, int]]:
    """Yield (teacher, topic, weight) of everybody without a section on her topic."""
    for row in instance["topics"].rows():
        if bool(row["strict"]) == strict:
            on_topic = instance.sections_covered(f"topic={row['topic']}")
            for teacher in sorted(instance.teachers_covered(row["teachers_where"])):
                if on_topic.isdisjoint(assignment.held_by.get(teacher, ())):
                    yield teacher, row["topic"], row["weight"]


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield everybody without a section on a strict topic."""
    for teacher, topic, _ in missed(instance, assignment, strict=True):
        yield Breach(code, f"{teacher}/{topic}", 0, 1)


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per topic that counts the sections on it, priced unless it is strict."""
    for row in instance["topics"].rows():
        on_topic = instance.sections_where(f"topic={row['topic']}")
        amount = Amount(on_topic.astype(np.int64), section=draft.arc_section)
        lo = instance.teachers_where(row["teachers_where"]).astype(np.int64)
        goal = None if row["strict"] else "hours_short"
        draft.bundle_row(
            BundleRow(code, row["topic"], amount, lo=lo, lo_goal=goal, weight=row["weight"])
        )

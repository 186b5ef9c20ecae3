"""quota: a group receives at most its maximum of seats, and at least its minimum or it is short.

A quota counts seats, or heads (a teacher once, however many seats she has). A strict minimum must
be reached; one that is not strict counts what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow
from matching.schema import UNLIMITED

code = "quota"


def filled(instance: Instance, assignment: Assignment) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield every quota with the seats or heads it has."""
    for row in instance["quotas"].rows():
        group = instance.teachers_covered(row["teachers_where"])
        sections = instance.sections_covered(row["sections_where"])
        seated = (
            len(sections.intersection(assignment.held_by[teacher]))
            for teacher in group & assignment.held_by.keys()
        )
        yield row, sum(map(bool, seated) if row["counts"] == "heads" else seated)


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every quota above its maximum or below a strict minimum."""
    for row, found in filled(instance, assignment):
        if found > row["maximum"]:
            yield Breach(code, row["id"], found, row["maximum"])
        if row["strict"] and found < row["minimum"]:
            yield Breach(code, row["id"], found, row["minimum"])


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per quota, its minimum priced unless it is strict."""
    for row in instance["quotas"].rows():
        if row["minimum"] > 0 or row["maximum"] < UNLIMITED:
            draft.row(
                SharedRow(
                    code,
                    row["id"],
                    draft.pool_where(row["sections_where"], row["teachers_where"]),
                    lo=row["minimum"],
                    hi=row["maximum"],
                    heads=row["counts"] == "heads",
                    goal=None if row["strict"] or not row["minimum"] else "quota_short",
                    weight=row["weight"],
                )
            )

"""level_share: of the people a share covers, so many different ones sit in training of a level.

Everybody counts once. A strict minimum must be reached; otherwise what is missing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow
from matching.schema import UNLIMITED

code = "level_share"


def heads(instance: Instance, assignment: Assignment) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield every share with the number of different people it has."""
    for row in instance["shares"].rows():
        group = instance.teachers_covered(row["teachers_where"])
        seated = (
            assignment.seated_in.get(name, ())
            for name in instance.sections_covered(row["sections_where"])
        )
        yield row, len(group.intersection(set[str]().union(*seated)))


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every share above its maximum or below a strict minimum."""
    for row, found in heads(instance, assignment):
        if found > row["maximum"]:
            yield Breach(code, row["id"], found, row["maximum"])
        if row["strict"] and found < row["minimum"]:
            yield Breach(code, row["id"], found, row["minimum"])


def post(instance: Instance, draft: Draft) -> None:
    """Post one head row per share, its minimum priced unless it is strict."""
    for row in instance["shares"].rows():
        if row["minimum"] > 0 or row["maximum"] < UNLIMITED:
            draft.row(
                SharedRow(
                    code,
                    row["id"],
                    draft.pool_where(row["sections_where"], row["teachers_where"]),
                    lo=row["minimum"],
                    hi=row["maximum"],
                    heads=True,
                    goal=None if row["strict"] or not row["minimum"] else "quota_short",
                    weight=row["weight"],
                )
            )

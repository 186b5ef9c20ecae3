"""host_capacity: on no day does a host seat more people than it has places for."""

from __future__ import annotations

from collections.abc import Iterator

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft, SharedRow

code = "host_capacity"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every host and day with more seats taken than places."""
    for row in instance["hosts"].rows():
        taken = sum(
            len(assignment.seated_in.get(name, ()))
            for name in instance.sections_covered(row["sections_where"])
            if any(day == row["day"] for day, _ in instance.halves_of[instance.section_index[name]])
        )
        if taken > row["capacity"]:
            yield Breach(code, row["id"], taken, row["capacity"])


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per host and day over the sections that meet there then."""
    for row in instance["hosts"].rows():
        there = instance.sections_where(row["sections_where"]) & instance.meets_on(row["day"])
        draft.row(SharedRow(code, row["id"], draft.pool(there), hi=row["capacity"]))

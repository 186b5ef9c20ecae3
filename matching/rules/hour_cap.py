"""hour_cap: nobody sits in more hours (or sections) of a kind than a cap allows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft
from matching.schema import UNLIMITED

code = "hour_cap"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every teacher above a cap."""
    minutes = dict(
        zip(instance.section_ids, instance["sections"].integers("minutes").tolist(), strict=True)
    )
    for row in instance["caps"].rows():
        covered = instance.sections_covered(row["where"])
        people = instance.teachers_covered(row["teachers_where"])
        for teacher, held in assignment.held_by.items():
            if teacher in people:
                kind = [section for section in held if section in covered]
                found = (
                    len(kind) if row["unit"] == "sections" else sum(minutes[name] for name in kind)
                )
                if found > row["limit"]:
                    yield Breach(code, f"{teacher}/{row['id']}", found, row["limit"])


def post(instance: Instance, draft: Draft) -> None:
    """Post one row over the bundle per cap."""
    minutes = instance["sections"].integers("minutes")
    for row in instance["caps"].rows():
        each = np.ones_like(minutes) if row["unit"] == "sections" else minutes
        counted = np.where(instance.sections_where(row["where"]), each, 0)
        hi = np.where(instance.teachers_where(row["teachers_where"]), row["limit"], UNLIMITED)
        draft.bundle_row(
            BundleRow(code, row["id"], Amount(counted, section=draft.arc_section), hi=hi)
        )

"""overshoot: minutes people sit beyond what was due, counted once per requirement without parent.

All minutes of the sections a requirement names count, also those beyond its cap: they cost the
school and the teacher time and bring no hours.
"""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft
from matching.rules.hours_due import HourCount, covered
from matching.schema import UNLIMITED

code = "overshoot"
unit = "minutes"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the account minutes beyond what was due."""
    count = HourCount(instance)
    names = instance["requirements"].text("id")
    over = 0
    for row in instance["due"].rows():
        requirement = names[row["requirement"]]
        if not count.table[requirement]["parent"]:
            held = assignment.held_by.get(instance.teacher_ids[row["teacher"]], ())
            over += max(
                0, count.total(count.reach(requirement).intersection(held)) - row["minutes"]
            )
    return over


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per requirement without parent whose upper side is priced."""
    due = instance["due"]
    minutes = instance["sections"].integers("minutes")
    for place, row in enumerate(instance["requirements"].rows()):
        lines = due.integers("requirement") == place
        if lines.any() and not row["parent"]:
            hi = np.full(draft.teachers, UNLIMITED, np.int64)
            hi[due.integers("teacher")[lines]] = due.integers("minutes")[lines]
            counted = np.where(covered(instance, row["id"]), minutes, 0)
            amount = Amount(counted, section=draft.arc_section)
            draft.bundle_row(BundleRow(code, row["id"], amount, hi=hi, hi_goal=code))

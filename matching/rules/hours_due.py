"""hours_due: everybody reaches the hours still due in each category, or the shortage is counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Ints
from matching.primitives import Amount, BundleRow, Draft
from matching.schema import UNLIMITED

code = "hours_due"


def counted(instance: Instance, held: tuple[str, ...], requirement: str) -> int:
    """Return the account minutes of some sections that count for a requirement.

    A requirement counts its own sections and what its children count, each cut at its cap.
    """
    table = {row["id"]: row for row in instance["requirements"].rows()}
    row = table[requirement]
    children = [name for name in table if table[name]["parent"] == requirement]
    if children:
        total = sum(counted(instance, held, child) for child in children)
    else:
        covered = instance.sections_where(row["where"])
        minutes = instance["sections"].integers("minutes")
        places = [instance.section_index[name] for name in held]
        total = sum(int(minutes[place]) for place in places if covered[place])
    return min(total, int(row["cap"]))


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every strict requirement that somebody falls short of."""
    strict = dict(
        zip(
            instance["requirements"].text("id"),
            instance["requirements"].integers("strict"),
            strict=True,
        )
    )
    for teacher, requirement, minutes, reached in dues(instance, assignment):
        if strict[requirement] and reached < minutes:
            yield Breach(code, f"{teacher}/{requirement}", reached, minutes)


def dues(instance: Instance, assignment: Assignment) -> Iterator[tuple[str, str, int, int]]:
    """Yield (teacher, requirement, minutes due, minutes reached) of every line of `due`."""
    names = instance["requirements"].text("id")
    for row in instance["due"].rows():
        teacher, requirement = instance.teacher_ids[row["teacher"]], names[row["requirement"]]
        reached = counted(instance, assignment.held_by.get(teacher, ()), requirement)
        yield teacher, requirement, row["minutes"], reached


def post(instance: Instance, draft: Draft) -> None:
    """Post one row over the bundle per requirement, priced unless it is strict."""
    due = instance["due"]
    for place, row in enumerate(instance["requirements"].rows()):
        lines = due.integers("requirement") == place
        if not lines.any():
            continue
        lo = np.zeros(draft.teachers, np.int64)
        lo[due.integers("teacher")[lines]] = due.integers("minutes")[lines]
        goal = None if row["strict"] else "hours_short"
        amount = _amount(instance, draft, row["id"])
        draft.bundle_row(
            BundleRow(code, row["id"], amount, lo=lo, lo_goal=goal, weight=row["weight"])
        )


def _amount(instance: Instance, draft: Draft, requirement: str) -> Amount:
    rows = {row["id"]: row for row in instance["requirements"].rows()}
    children = [name for name in rows if rows[name]["parent"] == requirement]
    parts = tuple(_amount(instance, draft, child) for child in children)
    minutes: Ints = instance["sections"].integers("minutes")
    covered = instance.sections_where(rows[requirement]["where"]) & (not parts)
    coefs = np.where(covered, minutes, 0)[draft.arc_section]
    return Amount(coefs, min(int(rows[requirement]["cap"]), UNLIMITED), parts)

"""hours_due: everybody reaches the hours still due in each category, or the shortage is counted.

A requirement counts the sections its own condition names (a requirement with children and no
condition names none) unless a child counts them already, plus what its children count, cut at its
cap: 42 hours of 专业, of which 8 of 师德, is a requirement with a child.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Amount, BundleRow, Draft

code = "hours_due"


class HourCount:
    """What held sections count for each requirement, by names."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.table = {row["id"]: row for row in instance["requirements"].rows()}
        self._children: dict[str, list[str]] = {name: [] for name in self.table}
        for name, row in self.table.items():
            if row["parent"]:
                self._children[row["parent"]].append(name)
        self._own: dict[str, frozenset[str]] = {}
        for name in self.table:
            self.reach(name)

    @cached_property
    def _minutes(self) -> dict[str, int]:
        minutes = self._instance["sections"].integers("minutes").tolist()
        return dict(zip(self._instance.section_ids, minutes, strict=True))

    def reach(self, requirement: str) -> frozenset[str]:
        """Return the sections that count for a requirement, directly or through its children."""
        below = frozenset[str]().union(*map(self.reach, self._children[requirement]))
        if requirement not in self._own:
            where = self.table[requirement]["where"]
            named = bool(where) or not self._children[requirement]
            own = self._instance.sections_covered(where) if named else frozenset[str]()
            self._own[requirement] = own - below
        return self._own[requirement] | below

    def total(self, sections: Iterable[str]) -> int:
        """Return the account minutes of some sections, uncut."""
        return sum(self._minutes[section] for section in sections)

    def counted(self, held: tuple[str, ...], requirement: str) -> int:
        """Return the account minutes of held sections that count for a requirement."""
        own = self.total(section for section in held if section in self._own[requirement])
        below = sum(self.counted(held, child) for child in self._children[requirement])
        return min(own + below, int(self.table[requirement]["cap"]))


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every strict requirement that somebody falls short of."""
    for teacher, requirement, minutes, reached in dues(instance, assignment, strict=True):
        if reached < minutes:
            yield Breach(code, f"{teacher}/{requirement}", reached, minutes)


def dues(
    instance: Instance, assignment: Assignment, *, strict: bool | None = None
) -> Iterator[tuple[str, str, int, int]]:
    """Yield (teacher, requirement, minutes due, minutes reached) of the lines of `due`."""
    count = HourCount(instance)
    names = instance["requirements"].text("id")
    for row in instance["due"].rows():
        teacher, requirement = instance.teacher_ids[row["teacher"]], names[row["requirement"]]
        if strict is None or strict == bool(count.table[requirement]["strict"]):
            held = assignment.held_by.get(teacher, ())
            yield teacher, requirement, row["minutes"], count.counted(held, requirement)


def post(instance: Instance, draft: Draft) -> None:
    """Post one row over the bundle per requirement, priced unless it is strict."""
    due = instance["due"]
    for place, row in enumerate(instance["requirements"].rows()):
        lines = due.integers("requirement") == place
        if lines.any():
            lo = np.zeros(draft.teachers, np.int64)
            lo[due.integers("teacher")[lines]] = due.integers("minutes")[lines]
            goal = None if row["strict"] else "hours_short"
            amount = amount_of(instance, draft, row["id"])
            draft.bundle_row(
                BundleRow(code, row["id"], amount, lo=lo, lo_goal=goal, weight=row["weight"])
            )


def amount_of(instance: Instance, draft: Draft, requirement: str) -> Amount:
    """Return what a bundle counts for a requirement."""
    rows = {row["id"]: row for row in instance["requirements"].rows()}
    children = [name for name in rows if rows[name]["parent"] == requirement]
    own = covered(instance, requirement)
    for child in children:
        own = own & ~covered(instance, child)
    counted = np.where(own, instance["sections"].integers("minutes"), 0)
    parts = tuple(amount_of(instance, draft, child) for child in children)
    return Amount(counted, int(rows[requirement]["cap"]), parts, draft.arc_section)


def covered(instance: Instance, requirement: str) -> Mask:
    """Return which sections count for a requirement, directly or through its children."""
    rows = {row["id"]: row for row in instance["requirements"].rows()}
    children = [name for name in rows if rows[name]["parent"] == requirement]
    where = rows[requirement]["where"]
    found = np.zeros(len(instance["sections"]), bool)
    if where or not children:
        found |= instance.sections_where(where)
    for child in children:
        found |= covered(instance, child)
    return found

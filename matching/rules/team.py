"""team: colleagues go together: all or none, one of each kind, or together where it can be had.

The people a team row covers are divided by the values of its attribute (a blank one: one group),
and its sections form one pool. *all_or_none*: of each group everybody has a seat in the pool, or
nobody. *one_of_each*: if anybody covered sits in the pool, every group has somebody there.
*keep_together*: each section in which a whole group of two or more sits is worth `weight` points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Draft, Pool, SharedRow, Switch
from matching.rules.locked_seat import locked

code = "team"


def groups(instance: Instance, row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the teacher ids of every group of a team row."""
    found: dict[str, list[str]] = {}
    attribute = row["group_attribute"]
    for teacher in sorted(instance.teachers_covered(row["teachers_where"])):
        have = instance.teacher_attributes[instance.teacher_index[teacher]]
        values = sorted(filter(None, have.get(attribute, ()))) if attribute else [""]
        for value in values:
            found.setdefault(value, []).append(teacher)
    return found


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every group seated in part, and every group missing where others are seated."""
    for row in instance["teams"].rows():
        pool = instance.sections_covered(row["sections_where"])
        seated = {
            teacher for name in pool for teacher in assignment.seated_in.get(name, ())
        } & instance.teachers_covered(row["teachers_where"])
        for value, members in groups(instance, row).items():
            there = len(seated.intersection(members))
            subject = f"{row['id']}/{value}" if value else row["id"]
            if row["rule"] == "all_or_none" and 0 < there < len(members):
                yield Breach(code, subject, there, len(members))
            if row["rule"] == "one_of_each" and seated and not there:
                yield Breach(code, subject, 0, 1)


def together(instance: Instance, assignment: Assignment) -> int:
    """Return the points earned by groups that sit together."""
    points = 0
    for row in instance["teams"].rows():
        if row["rule"] == "keep_together":
            for name in instance.sections_covered(row["sections_where"]):
                seated = set(assignment.seated_in.get(name, ()))
                wholes = (
                    seated.issuperset(g) for g in groups(instance, row).values() if len(g) > 1
                )
                points += row["weight"] * sum(wholes)
    return points


def post(instance: Instance, draft: Draft) -> None:
    """Post switched rows over the seats of every group."""
    for row in instance["teams"].rows():
        pool = instance.sections_where(row["sections_where"])
        members = {
            f"{row['id']}/{value}" if value else row["id"]: mask
            for value, mask in _masks(instance, row).items()
        }
        if row["rule"] == "all_or_none":
            _post_all_or_none(draft, pool, members)
        elif row["rule"] == "one_of_each":
            _post_one_of_each(draft, row, pool, members)
        else:
            _post_keep_together(draft, row, pool, members)


def _masks(instance: Instance, row: Mapping[str, Any]) -> dict[str, Mask]:
    """Return who is in every group of a team row, groups in the order of their first members."""
    covered = instance.teachers_where(row["teachers_where"])
    if not row["group_attribute"]:
        return {"": covered} if covered.any() else {}
    profile, sets = instance.teacher_profiles(row["group_attribute"])
    present = set(profile[covered].tolist())
    found: dict[str, Mask] = {}
    for value in {value for place in present for value in sets[place] if value}:
        found[value] = covered & np.array([value in have for have in sets], bool)[profile]
    return dict(sorted(found.items(), key=lambda group: (int(group[1].argmax()), group[0])))


def _switch(draft: Draft, subject: str, pool: Pool) -> str:
    """Return the name of a switch; a team with a locked seat sits in any case and needs none."""
    return "" if locked(draft.instance)[pool.arcs].any() else f"team:{subject}"


def _post_all_or_none(draft: Draft, pool: Mask, groups_: Mapping[str, Mask]) -> None:
    for subject, members in groups_.items():
        size, theirs = int(members.sum()), draft.pool(pool, members)
        switch = _switch(draft, subject, theirs)
        draft.row(SharedRow(code, subject, theirs, lo=size, hi=size, heads=True, switch=switch))


def _post_one_of_each(
    draft: Draft, row: Mapping[str, Any], pool: Mask, groups_: Mapping[str, Mask]
) -> None:
    covered = draft.instance.teachers_where(row["teachers_where"])
    anybody = draft.pool(pool, covered)
    switch, most = _switch(draft, row["id"], anybody), max(1, len(anybody.arcs))
    draft.row(SharedRow(code, row["id"], anybody, lo=1, hi=most, switch=switch))
    for subject, members in groups_.items() if row["group_attribute"] else ():
        theirs = draft.pool(pool, members)
        most = max(1, len(theirs.arcs))
        draft.row(SharedRow(code, subject, theirs, lo=1, hi=most, switch=switch))


def _post_keep_together(
    draft: Draft, row: Mapping[str, Any], pool: Mask, groups_: Mapping[str, Mask]
) -> None:
    for subject, members in groups_.items():
        size = int(members.sum())
        for section in np.flatnonzero(pool).tolist() if size > 1 else ():
            name = f"{subject}/{draft.instance.section_ids[section]}"
            draft.switch(Switch(f"team:{name}", "welfare", row["weight"]))
            theirs = draft.pool(np.array([section]), members)
            draft.row(SharedRow(code, name, theirs, lo=size, switch=f"team:{name}"))

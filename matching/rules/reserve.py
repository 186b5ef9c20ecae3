"""reserve: seats kept for a group are left empty (hard) or released to others last (soft).

The seats of all sections a reserve names form one pool. A hard reserve *inside* the pool leaves
others the capacity less the reserved seats; *on top* it adds chairs and leaves others each section's
capacity. A soft reserve lets others sit there, but every reserved seat the group does not fill
counts as short. Seats on top belong to one reserve per section.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Draft, SharedRow

code = "reserve"


def chairs(instance: Instance) -> dict[str, int]:
    """Return how many people may sit in each section: its capacity and the seats on top."""
    capacity = instance["sections"].integers("capacity").tolist()
    found = dict(zip(instance.section_ids, capacity, strict=True))
    for row in instance["reserves"].rows():
        if row["place"] == "on_top":
            for name in instance.sections_covered(row["sections_where"]):
                found[name] += row["seats"]
    return found


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every pool in which others sit on reserved seats, or that holds more than its chairs."""
    capacity = dict(
        zip(instance.section_ids, instance["sections"].integers("capacity").tolist(), strict=True)
    )
    for row in instance["reserves"].rows():
        pool = sorted(instance.sections_covered(row["sections_where"]))
        group = instance.teachers_covered(row["group_where"])
        others = {name: len(set(assignment.seated_in.get(name, ())) - group) for name in pool}
        seats = sum(capacity[name] for name in pool)
        if row["place"] == "on_top":
            everybody = sum(len(assignment.seated_in.get(name, ())) for name in pool)
            if everybody > seats + row["seats"]:
                yield Breach(code, row["id"], everybody, seats + row["seats"])
            for name in pool:
                if row["kind"] == "hard" and others[name] > capacity[name]:
                    yield Breach(code, f"{row['id']}/{name}", others[name], capacity[name])
        elif row["kind"] == "hard" and sum(others.values()) > max(0, seats - row["seats"]):
            yield Breach(code, row["id"], sum(others.values()), max(0, seats - row["seats"]))


def unfilled(instance: Instance, assignment: Assignment) -> Iterator[tuple[str, int, int]]:
    """Yield (reserve, seats its group leaves unfilled, weight) of the soft reserves."""
    for row in instance["reserves"].rows():
        if row["kind"] == "soft":
            group = instance.teachers_covered(row["group_where"])
            filled = sum(
                len(group.intersection(assignment.seated_in.get(name, ())))
                for name in instance.sections_covered(row["sections_where"])
            )
            yield row["id"], max(0, row["seats"] - filled), row["weight"]


def post(instance: Instance, draft: Draft) -> None:
    """Post who may fill the pool, and the priced seats of soft reserves."""
    capacity = instance["sections"].integers("capacity")
    for row in instance["reserves"].rows():
        pool = instance.sections_where(row["sections_where"])
        group = instance.teachers_where(row["group_where"])
        total = int(capacity[pool].sum())
        if row["place"] == "on_top":
            draft.row(SharedRow(code, row["id"], draft.pool(pool), hi=total + row["seats"]))
        if row["kind"] == "soft":
            draft.row(
                SharedRow(
                    code,
                    f"{row['id']}/group",
                    draft.pool(pool, group),
                    lo=row["seats"],
                    goal="quota_short",
                    weight=row["weight"],
                )
            )
        elif row["place"] == "inside":
            hi = max(0, total - row["seats"])
            draft.row(SharedRow(code, row["id"], draft.pool(pool, ~group), hi=hi))
        else:
            _leave_each_section_its_own(draft, row["id"], pool, ~group)


def _leave_each_section_its_own(draft: Draft, name: str, pool: Mask, others: Mask) -> None:
    instance = draft.instance
    capacity = instance["sections"].integers("capacity").tolist()
    theirs = draft.group(others)
    for section in np.flatnonzero(pool).tolist():
        own = draft.pool(np.array([section]), theirs)
        subject = f"{name}/{instance.section_ids[section]}"
        draft.row(SharedRow(code, subject, own, hi=capacity[section]))

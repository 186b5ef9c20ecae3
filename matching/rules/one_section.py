"""one_section: nobody sits in two sections of one offering, nor in two offerings that exclude each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft

code = "one_section"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every teacher and offering (or excluded pair) of which she holds more than one."""
    offering = dict(zip(instance.section_ids, instance["sections"].text("offering"), strict=True))
    excluded = [(row["offering_a"], row["offering_b"]) for row in instance["excluded"].rows()]
    for teacher, held in assignment.held_by.items():
        taken = Counter(offering[section] for section in held)
        for name, times in taken.items():
            if times > 1:
                yield Breach(code, f"{teacher}/{name}", times, 1)
        for one, other in excluded:
            if one != other and taken[one] and taken[other]:
                yield Breach(code, f"{teacher}/{one}+{other}", 2, 1)


def post(instance: Instance, draft: Draft) -> None:
    """Let sections of one offering, and of excluded pairs, exclude each other."""
    runs: dict[str, list[int]] = {}
    for section, name in enumerate(instance["sections"].text("offering")):
        runs.setdefault(name, []).append(section)
    draft.exclusive(code, runs.values())
    for row in instance["excluded"].rows():
        if row["offering_a"] != row["offering_b"]:
            ends = (runs.get(row["offering_a"], []), runs.get(row["offering_b"], []))
            draft.exclusive(code, product(*ends))

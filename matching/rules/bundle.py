"""bundle: sections a teacher has tied together she receives all, or none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.primitives import Draft

code = "bundle"


def tied(instance: Instance) -> dict[tuple[int, str], list[int]]:
    """Return the sections of every tie, by (teacher, tie), as positions."""
    found: dict[tuple[int, str], list[int]] = {}
    for row in instance["ties"].rows():
        found.setdefault((row["teacher"], row["tie"]), []).append(row["section"])
    return found


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every tie of which a teacher holds a part only."""
    for (teacher, tie), sections in tied(instance).items():
        name = instance.teacher_ids[teacher]
        held = set(assignment.held_by.get(name, ()))
        found = sum(instance.section_ids[section] in held for section in sections)
        if 0 < found < len(sections):
            yield Breach(code, f"{name}/{tie}", found, len(sections))


def post(instance: Instance, draft: Draft) -> None:
    """Tie the choices."""
    ties = instance["ties"]
    arcs = instance.arcs_at(ties.numbers("teacher"), ties.numbers("section"))
    keys = list(zip(ties.numbers("teacher").tolist(), ties.text("tie"), strict=True))
    for first, last in pairwise([0, *_ends(keys)]):
        draft.tie(code, np.sort(arcs[first:last]))


def _ends(keys: Sequence[object]) -> Iterator[int]:
    """Yield where each run of equal keys ends."""
    for place in range(1, len(keys) + 1):
        if place == len(keys) or keys[place] != keys[place - 1]:
            yield place

"""time_conflict: nobody sits in two places in one half-day, nor while she is busy, nor out of reach.

Two sites listed in `travel` cannot both be reached on one day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Mask
from matching.primitives import Draft

code = "time_conflict"


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every half-day in which a teacher would be in two places, and every day out of reach."""
    busy: dict[str, list[tuple[str, str]]] = {}
    for row in instance["busy"].rows():
        busy.setdefault(instance.teacher_ids[row["teacher"]], []).append((row["day"], row["half"]))
    apart = {frozenset((row["site_a"], row["site_b"])) for row in instance["travel"].rows()}
    for teacher, held in assignment.held_by.items():
        meetings = {name: instance.halves_of[instance.section_index[name]] for name in held}
        taken = Counter(half for halves in meetings.values() for half in halves)
        taken.update(half for half in busy.get(teacher, ()) if half in taken)
        for (day, half), times in taken.items():
            if times > 1:
                yield Breach(code, f"{teacher}/{day} {half}", times, 1)
        yield from _out_of_reach(instance, teacher, held, apart)


def _out_of_reach(
    instance: Instance, teacher: str, held: Iterable[str], apart: set[frozenset[str]]
) -> Iterator[Breach]:
    sites = (
        dict(zip(instance.section_ids, instance["sections"].text("site"), strict=True))
        if apart
        else {}
    )
    for one, other in combinations(held, 2) if apart else ():
        days = [
            {day for day, _ in instance.halves_of[instance.section_index[s]]} for s in (one, other)
        ]
        if frozenset((sites[one], sites[other])) in apart and days[0] & days[1]:
            yield Breach(code, f"{teacher}/{one}+{other}", 2, 1)


def post(instance: Instance, draft: Draft) -> None:
    """Let what meets at one time exclude each other, and drop what meets while she is busy."""
    draft.exclusive(code, [*_overlapping(instance), *_too_far(instance)])
    draft.drop(code, _while_busy(instance, draft))


def _while_busy(instance: Instance, draft: Draft) -> Mask:
    times, meets = instance.meeting_times
    place = {time: i for i, time in enumerate(times)}
    busy = [
        (row["teacher"], place[row["day"], row["half"]])
        for row in instance["busy"].rows()
        if (row["day"], row["half"]) in place
    ]
    teacher, time = np.array(busy, np.int64).reshape(-1, 2).T
    arcs, line = draft.arcs_of_each(teacher)
    found = np.zeros(draft.arcs, bool)
    found[arcs[meets[draft.arc_section[arcs], time[line]]]] = True
    return found


def _overlapping(instance: Instance) -> Iterable[list[int]]:
    """Return the sections that meet in each half-day."""
    at: dict[tuple[str, str], list[int]] = {}
    for section, halves in enumerate(instance.halves_of):
        for half in halves:
            at.setdefault(half, []).append(section)
    return at.values()


def _too_far(instance: Instance) -> Iterator[tuple[int, int]]:
    at: dict[tuple[str, str], set[int]] = {}
    for section, site in enumerate(instance["sections"].text("site")):
        for day, _ in instance.halves_of[section]:
            at.setdefault((site, day), set()).add(section)
    days = sorted({day for _, day in at})
    for row in instance["travel"].rows():
        for day in days:
            here, there = at.get((row["site_a"], day), set()), at.get((row["site_b"], day), set())
            yield from ((one, other) for one in here for other in there if one != other)

"""school_release: no school lets more of its people go in one half-day than it can replace.

A limit may concern only some of them, such as those who teach one subject.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.instance import Instance, Ints
from matching.primitives import Draft, SharedRow

code = "school_release"

Half = tuple[str, str]


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every school and half-day with more people away than may go."""
    school = dict(zip(instance.teacher_ids, instance["teachers"].text("school"), strict=True))
    away: dict[tuple[str, Half], set[str]] = {}
    for seat in assignment.seats:
        for half in instance.halves_of[instance.section_index[seat.section]]:
            away.setdefault((school[seat.teacher], half), set()).add(seat.teacher)
    for row in instance["releases"].rows():
        gone = away.get((row["school"], (row["day"], row["half"])), set())
        if row["subject_where"]:
            gone = gone & instance.teachers_covered(row["subject_where"])
        if len(gone) > row["most_away"]:
            yield Breach(code, row["id"], len(gone), row["most_away"])


def post(instance: Instance, draft: Draft) -> None:
    """Post one row per limit over the choices that take its people away in its half-day."""
    schools = instance["teachers"].text("school")
    names = sorted(set(schools))
    place = {name: i for i, name in enumerate(names)}
    school_of = np.array([place[name] for name in schools], np.int64)[draft.arc_teacher]
    limited = {(row["day"], row["half"]) for row in instance["releases"].rows()}
    away = {half: _by_school(instance, draft, half, school_of, len(names)) for half in limited}
    for row in instance["releases"].rows():
        leavers = away[row["day"], row["half"]]
        arcs = leavers[place[row["school"]]] if row["school"] in place else np.zeros(0, np.int64)
        if row["subject_where"]:
            arcs = arcs[instance.teachers_where(row["subject_where"])[draft.arc_teacher[arcs]]]
        draft.row(SharedRow(code, row["id"], arcs, hi=row["most_away"]))


def _by_school(
    instance: Instance, draft: Draft, half: Half, school_of: Ints, schools: int
) -> list[Ints]:
    meets = np.array([half in halves for halves in instance.halves_of], dtype=bool)
    arcs = draft.arcs_of(meets)
    arcs = arcs[np.argsort(school_of[arcs], kind="stable")]
    edges = np.searchsorted(school_of[arcs], np.arange(1, schools))
    return [np.asarray(part) for part in np.split(arcs, edges)]

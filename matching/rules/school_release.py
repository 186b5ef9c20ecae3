"""school_release: no school lets more of its people go in one half-day than it can replace.

A limit may concern only some of them, such as those who teach one subject.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.assignment import Assignment, Breach
from matching.columns import Numbers
from matching.instance import Instance, Words
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
    school = instance["teachers"].words("school")
    place = {name: i for i, name in enumerate(school.words)}
    times, meets = instance.meeting_times
    limited = {(row["day"], row["half"]) for row in instance["releases"].rows()}
    away = {half: draft.group(meets[:, i]) for i, half in enumerate(times) if half in limited}
    nobody = np.zeros(0, np.int64)
    groups = [draft.group(people) for people in _by_school(school)]
    for row in instance["releases"].rows():
        leaves = away.get((row["day"], row["half"]), draft.group(nobody))
        people = groups[place[row["school"]]] if row["school"] in place else draft.group(nobody)
        if row["subject_where"]:
            which = instance.teachers_where(row["subject_where"])
            people = draft.group(people.places[which[people.places]])
        draft.row(SharedRow(code, row["id"], draft.pool(leaves, people), hi=row["most_away"]))


def _by_school(school: Words) -> list[Numbers]:
    """Return the teachers of every school."""
    edges = np.cumsum(np.bincount(school.codes, minlength=len(school.words)))
    return np.split(np.argsort(school.codes, kind="stable"), edges[:-1])

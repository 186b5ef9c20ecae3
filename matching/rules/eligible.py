"""eligible: only teachers whom the section is meant for may sit in it (stage, subject, role ...)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache

import numpy as np

from matching.assignment import Assignment, Breach
from matching.errors import BadInstance
from matching.instance import Instance, Mask
from matching.primitives import Draft

code = "eligible"


def meets(have: set[str], test: str, values: str) -> bool:
    """Tell whether somebody with these values of an attribute meets one eligibility line."""
    if test in ("in", "not_in"):
        return have.isdisjoint(values.split("|")) == (test == "not_in")
    try:
        limit, numbers = int(values), [int(value) for value in have]
    except ValueError:
        raise BadInstance(
            f"eligibility: {test} compares whole numbers, not {values!r} with {sorted(have)}"
        ) from None
    return any(number >= limit if test == "ge" else number <= limit for number in numbers)


def breaches(instance: Instance, assignment: Assignment) -> Iterator[Breach]:
    """Yield every seat whose teacher misses a line of the section, once."""
    lines: dict[str, list[tuple[str, str, str]]] = {}
    for row in instance["eligibility"].rows():
        lines.setdefault(instance.section_ids[row["section"]], []).append(
            (row["attribute"], row["test"], row["values"])
        )
    for seat in assignment.seats:
        have = instance.teacher_attributes[instance.teacher_index[seat.teacher]]
        missed = sum(
            not meets(have.get(attribute, set()), test, values)
            for attribute, test, values in lines.get(seat.section, ())
        )
        if missed:
            yield Breach(code, f"{seat.teacher}/{seat.section}", missed, 0)


def post(instance: Instance, draft: Draft) -> None:
    """Drop every choice whose teacher misses a line of the section."""
    bad = np.zeros(draft.arcs, bool)
    for attribute in instance["eligibility"].words("attribute").words:
        profile, sets = instance.teacher_profiles(attribute)
        refused = _refused(instance, attribute, sets)
        for people in np.array_split(np.arange(draft.teachers), 1 + draft.arcs // AT_ONCE):
            edges = instance.first_arc[people[0] : people[-1] + 2]
            arcs = slice(edges[0], edges[-1])
            bad[arcs] |= refused[
                draft.arc_section[arcs], np.repeat(profile[people], np.diff(edges))
            ]
    draft.drop(code, bad)


AT_ONCE = 1 << 20
"""About so many choices are looked at together."""


def _refused(instance: Instance, attribute: str, sets: Sequence[Collection[str]]) -> Mask:
    """Return which section refuses which set of values, shape (sections, sets)."""
    refused = np.zeros((len(instance["sections"]), len(sets)), bool)

    @cache
    def misses(test: str, values: str) -> Mask:
        return np.array([not meets(set(have), test, values) for have in sets], bool)

    for row in instance["eligibility"].rows():
        if row["attribute"] == attribute:
            refused[row["section"]] |= misses(row["test"], row["values"])
    return refused

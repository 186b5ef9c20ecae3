"""Rounds so plain that a min-cost flow is exact: the engine must reach its value, every time.

*one seat*: everybody holds one section at most. *no clashes*: several, which never clash. Seats and
points are all there is.
"""

from __future__ import annotations

import numpy as np

from matching.generate import generate
from matching.instance import Instance, Words

KINDS = {"one seat": 1, "no clashes": 3}
"""Name -> most sections of a teacher."""


def plain(kind: str, teachers: int, seed: int) -> Instance:
    """Return a county of which only lists, seats and points are left."""
    county = generate("county", teachers, seed)
    sections, choices = county["sections"], county["choices"]
    ids = sections.words("id")
    return Instance.from_columns(
        county.meta | {"tiers": [{"goals": {"welfare": 1}}]},
        {
            "teachers": {
                "id": county["teachers"].words("id"),
                "most_sections": np.full(teachers, KINDS[kind]),
            },
            "sections": {"id": ids, "offering": ids, "capacity": _seats(kind, sections)},
            "choices": {
                "teacher": Words(choices.numbers("teacher"), county.teacher_ids),
                "section": Words(choices.numbers("section"), ids.words),
                "rank": choices.numbers("rank"),
                "points": choices.numbers("points"),
            },
        },
    )


def _seats(kind: str, sections) -> np.ndarray:
    """Return seats as scarce as the county's are for bundles of five."""
    return np.maximum(1, sections.integers("capacity") * KINDS[kind] // 5)


def optimum(instance: Instance) -> int:
    """Return the most points there can be, by OR-Tools' min-cost flow."""
    from ortools.graph.python import min_cost_flow

    choices = instance["choices"]
    teachers, sections = len(instance["teachers"]), len(instance["sections"])
    source, sink = teachers + sections, teachers + sections + 1
    everybody, places = np.arange(teachers), teachers + np.arange(sections)
    most = instance["teachers"].integers("most_sections")
    flow = min_cost_flow.SimpleMinCostFlow()
    chosen = choices.integers("teacher"), teachers + choices.integers("section")
    points = choices.integers("points")
    flow.add_arcs_with_capacity_and_unit_cost(*chosen, np.ones(len(points), np.int64), -points)
    for tails, heads, seats in (
        (np.full(teachers, source), everybody, most),
        (places, np.full(sections, sink), instance["sections"].integers("capacity")),
        (np.array([source]), np.array([sink]), np.array([int(most.sum())])),
    ):
        flow.add_arcs_with_capacity_and_unit_cost(
            tails, heads, seats, np.zeros(len(tails), np.int64)
        )
    flow.set_nodes_supplies(np.array([source, sink]), np.array([most.sum(), -most.sum()]))
    status = flow.solve()
    assert status == flow.OPTIMAL, status
    return -flow.optimal_cost()

"""Masters and objectives over posted rounds, for the tests of the backend's parts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import strategies as st

from matching.backends.bundles import enumerate_bundles, goal_values
from matching.backends.master import Master
from matching.backends.objective import FREE, Floor, Objective
from matching.goals import GOALS
from matching.instance import Instance, Ints
from matching.primitives import Draft
from tests.matching.factories import draft

GOAL = st.sampled_from(sorted(GOALS))


def master_of(instance: Instance) -> Master | None:
    """Return the master of a round, None if locked seats leave somebody no bundle."""
    posted = draft(instance)
    bundles = enumerate_bundles(posted)
    return Master(posted, bundles) if np.diff(bundles.start).all() else None


def strict_rows(posted: Draft) -> list[bool]:
    """Return which minima are strict."""
    return [row.goal is None and row.lo > 0 and not row.switch for row in posted.shared_rows]


def terms(master: Master, goals: Mapping[str, int]) -> tuple[Ints, Ints, Ints]:
    """Return values of bundles, weights of rows and values of switches for some goals."""
    posted = master.draft
    values = sum(w * goal_values(posted, master.bundles, goal) for goal, w in goals.items())
    weights = [goals.get(row.goal or "", 0) * row.weight for row in master.rows]
    switches = (posted.switches[name] for name in master.switches)
    worth = [each.value * goals.get(each.goal, 0) for each in switches]
    return np.asarray(values), np.array(weights, np.int64), np.array(worth, np.int64)


def objective_of(
    master: Master, goals: Mapping[str, int], floors: tuple[Floor, ...] = ()
) -> Objective:
    """Return the objective of some goals in which strict minima must be kept."""
    values, weights, worth = terms(master, goals)
    strict = np.array(strict_rows(master.draft), bool)
    return Objective(values, weights, strict, worth, np.full(len(worth), FREE), floors)


def pick_of(master: Master, arcs: tuple[int, ...]) -> Ints:
    """Return each teacher's bundle that holds exactly her choices among `arcs`."""
    held = [frozenset(a for a in row if a < master.draft.arcs) for row in master.bundles.arcs]
    found = []
    for teacher in range(master.draft.teachers):
        hers = frozenset(arc for arc in arcs if master.draft.arc_teacher[arc] == teacher)
        place = master.bundles.of(teacher)
        found.append(next(i for i in range(place.start, place.stop) if held[i] == hers))
    return np.array(found, np.int64)


def held(master: Master, pick: Ints) -> list[int]:
    """Return the choices that a pick of bundles holds."""
    arcs = master.bundles.arcs[pick].ravel()
    return sorted(arcs[arcs < master.draft.arcs].tolist())


def lawful(posted: Draft) -> Draft:
    """Drop strict minima of single bundles: the master leaves them to a tier of their own."""
    posted.bundle_rows = [
        row for row in posted.bundle_rows if row.lo is None or row.lo_goal is not None
    ]
    return posted

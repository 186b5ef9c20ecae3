"""An independent oracle for small instances: one variable per choice, solved by CP-SAT.

It shares nothing with the engine but the draft, so that tests can hold one against the other. It is
no engine: the compact model is 16 % off the optimum at 5,000 teachers after four minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.errors import SolverFailed
from matching.primitives import Amount, BundleRow, Draft, SharedRow
from matching.schema import UNLIMITED

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

Linear = Any
"""A linear expression of CP-SAT, or the number 0."""

MOST = 1 << 40
"""No amount of a small instance exceeds this."""


@dataclass(frozen=True)
class Truth:
    """The optimum: the choices held, and the value of every tier (higher is better)."""

    arcs: tuple[int, ...]
    values: tuple[int, ...]


def solve_oracle(draft: Draft, tiers: Sequence[Mapping[str, int]]) -> Truth | None:
    """Return the optimum of a small draft, tier by tier; None when no assignment exists.

    Raises
    ------
    SolverFailed
        If CP-SAT ends with anything but an optimum or a proof that there is none.
    """
    from ortools.sat.python import cp_model

    model = CompactModel(draft)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    reached: list[int] = []
    for goals in tiers or [{}]:
        value = sum(weight * model.goal(code) for code, weight in goals.items())
        model.cp.maximize(value)
        status = solver.solve(model.cp)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise SolverFailed(f"CP-SAT ended with {solver.status_name(status)}")
        reached.append(solver.value(value))
        model.cp.add(value >= reached[-1])
    held = (arc for arc, held in enumerate(model.held) if solver.value(held))
    return Truth(tuple(held), tuple(reached))


class CompactModel:
    """The draft in CP-SAT's words."""

    def __init__(self, draft: Draft) -> None:
        from ortools.sat.python import cp_model

        self.cp: CpModel = cp_model.CpModel()
        self.draft = draft
        self.held: list[IntVar] = [self.cp.new_bool_var(f"x{arc}") for arc in range(draft.arcs)]
        self.yes = {name: self.cp.new_bool_var(name) for name in sorted(draft.switches)}
        self._priced: dict[str, list[Any]] = {}
        self._fix()
        self._link()
        for row in draft.bundle_rows:
            self._bundle_row(row)
        for shared in draft.shared_rows:
            self._shared_row(shared)

    def goal(self, code: str) -> Linear:
        """Return the value of a goal, higher is better."""
        points = self.draft.values.get(code, np.zeros(self.draft.arcs, np.int64)).tolist()
        total: Linear = sum(
            point * held for point, held in zip(points, self.held, strict=True) if point
        )
        total += sum(self._priced.get(code, ()))
        for switch in self.draft.switches.values():
            if switch.goal == code:
                total += switch.value * self.yes[switch.name]
        return total

    def _fix(self) -> None:
        for dropped in self.draft.dropped.values():
            for arc in np.flatnonzero(dropped).tolist():
                self.cp.add(self.held[arc] == 0)
        for must in self.draft.musts.values():
            for arc in np.flatnonzero(must).tolist():
                self.cp.add(self.held[arc] == 1)

    def _link(self) -> None:
        draft = self.draft
        for group in chain.from_iterable(draft.exclusive_groups.values()):
            arcs = np.flatnonzero(np.isin(draft.arc_section, group))
            edges = np.flatnonzero(np.diff(draft.arc_teacher[arcs])) + 1
            for mine in np.split(arcs, edges) if len(arcs) else ():
                self.cp.add_at_most_one(self.held[arc] for arc in mine.tolist())
        for _, tied in draft.ties:
            for arc in tied[1:].tolist():
                self.cp.add(self.held[arc] == self.held[tied[0]])
        for _, arc, any_of in draft.implications:
            self.cp.add(sum(self.held[other] for other in any_of.tolist()) >= self.held[arc])

    def _bundle_row(self, row: BundleRow) -> None:
        for teacher in range(self.draft.teachers):
            mine = np.flatnonzero(self.draft.arc_teacher == teacher).tolist()
            amount = self._amount(row.amount, mine)
            if row.lo is not None and row.lo[teacher] > 0:
                missing = self._missing(row.lo_goal, row.weight)
                self.cp.add(amount + missing >= int(row.lo[teacher]))
            if row.hi is not None and row.hi[teacher] < UNLIMITED:
                over = self._missing(row.hi_goal, row.weight)
                self.cp.add(amount - over <= int(row.hi[teacher]))

    def _amount(self, amount: Amount, mine: list[int]) -> Linear:
        total: Linear = sum(int(amount.coefs[arc]) * self.held[arc] for arc in mine)
        total += sum(self._amount(part, mine) for part in amount.parts)
        if amount.cap >= UNLIMITED:
            return total
        cut = self.cp.new_int_var(0, max(0, min(amount.cap, MOST)), "cut")
        self.cp.add_min_equality(cut, [total, amount.cap])
        return cut

    def _missing(self, goal: str | None, weight: int) -> Linear:
        if goal is None:
            return 0
        missing = self.cp.new_int_var(0, MOST, "missing")
        self._priced.setdefault(goal, []).append(-weight * missing)
        return missing

    def _shared_row(self, row: SharedRow) -> None:
        switch: IntVar | int = self.yes[row.switch] if row.switch else 1
        total = self._heads(row) if row.heads else self._seats(row)
        if row.lo > 0:
            self.cp.add(total + self._missing(row.goal, row.weight) >= row.lo * switch)
        if row.hi < UNLIMITED:
            self.cp.add(total <= row.hi * switch)

    def _seats(self, row: SharedRow) -> Linear:
        pairs = zip(row.weights.tolist(), row.arcs.tolist(), strict=True)
        return sum(weight * self.held[arc] for weight, arc in pairs)

    def _heads(self, row: SharedRow) -> Linear:
        by_teacher: dict[int, list[IntVar]] = {}
        for arc in row.arcs.tolist():
            by_teacher.setdefault(int(self.draft.arc_teacher[arc]), []).append(self.held[arc])
        heads = []
        for seats in by_teacher.values():
            head = self.cp.new_bool_var("head")
            self.cp.add_max_equality(head, seats)
            heads.append(head)
        return sum(heads)

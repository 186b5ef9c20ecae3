"""The straight way to write a round down: one 0/1 variable per possible seat, all rules as rows.

The rows are read from the primitives, so every peer gets every rule. Shortages are variables of
their own; the caps of nested hours are cut variables, exact for minima (which is where they occur).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np
from scipy import sparse

from matching.backends.linear import Program
from matching.primitives import Amount, BundleRow, Draft, SharedRow
from matching.schema import UNLIMITED

ENDLESS = float("inf")


def program_of(draft: Draft, goals: Mapping[str, int]) -> Program:
    """Return the compact model that maximises a weighted sum of goals."""
    rows = _Rows(draft, goals)
    for group in chain.from_iterable(draft.exclusive_groups.values()):
        rows.at_most_one(group)
    for bundle_row in draft.bundle_rows:
        rows.bundle_row(bundle_row)
    for shared in draft.shared_rows:
        rows.shared_row(shared)
    for _, tied in draft.ties:
        for arc in tied[1:].tolist():
            rows.add([arc, int(tied[0])], [1, -1], 0, 0)
    for _, arc, any_of in draft.implications:
        rows.add([*any_of.tolist(), arc], [1] * len(any_of) + [-1], 0, ENDLESS)
    return rows.program()


class _Rows:
    def __init__(self, draft: Draft, goals: Mapping[str, int]) -> None:
        self.draft, self.goals = draft, goals
        self.objective: list[np.ndarray] = [
            sum((w * draft.values[g] for g, w in goals.items() if g in draft.values), np.zeros(draft.arcs))
        ]  # fmt: skip
        self.lower: list[np.ndarray] = [np.zeros(draft.arcs)]
        self.upper: list[np.ndarray] = [np.ones(draft.arcs)]
        self.integer: list[np.ndarray] = [np.ones(draft.arcs, bool)]
        for dropped in draft.dropped.values():
            self.upper[0][dropped] = 0
        for must in draft.musts.values():
            self.lower[0][must] = 1
        self.columns = draft.arcs
        self.entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.lo: list[np.ndarray] = []
        self.hi: list[np.ndarray] = []
        self.count = 0
        worth = [each.value * goals.get(each.goal, 0) for each in draft.switches.values()]
        self.switches = dict(
            zip(draft.switches, self._new(np.array(worth, float), 1, True), strict=True)
        )

    def _new(self, objective: np.ndarray, upper: float, integer: bool) -> np.ndarray:
        """Return the places of new columns."""
        count = len(objective)
        self.objective.append(objective)
        self.lower.append(np.zeros(count))
        self.upper.append(np.full(count, upper))
        self.integer.append(np.full(count, integer))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_many(self, row, column, coef, lo, hi) -> None:
        """Add rows `0..len(lo)`; `row` is counted from the first of them."""
        self.entries.append((np.asarray(row) + self.count, np.asarray(column), np.asarray(coef)))
        self.lo.append(np.asarray(lo, float))
        self.hi.append(np.asarray(hi, float))
        self.count += len(self.lo[-1])

    def add(self, columns, coefs, lo: float, hi: float) -> None:
        self.add_many(np.zeros(len(columns), int), columns, coefs, [lo], [hi])

    def at_most_one(self, group: np.ndarray) -> None:
        arcs = np.flatnonzero(np.isin(self.draft.arc_section, group))
        _, row, size = np.unique(
            self.draft.arc_teacher[arcs], return_inverse=True, return_counts=True
        )
        number = np.cumsum(size > 1) - 1
        kept = size[row] > 1
        count = int((size > 1).sum())
        self.add_many(
            number[row[kept]], arcs[kept], np.ones(kept.sum()), np.full(count, -ENDLESS), np.ones(count)
        )  # fmt: skip

    def bundle_row(self, row: BundleRow) -> None:
        if row.lo is not None:
            who = np.flatnonzero(row.lo > 0)
            self._bundle_lo(row, who)
        if row.hi is not None:
            assert not row.amount.parts, "an upper side over nested amounts is no compact row"
            total = np.bincount(self.draft.arc_teacher, row.amount.coefs, self.draft.teachers)
            who = np.flatnonzero(row.hi < np.minimum(total, row.amount.cap))
            owner, column, coef = self._amount(row.amount, who)
            limit = row.hi[who]
            if row.hi_goal is not None:
                over = self._new(
                    np.full(len(who), -row.weight * self.goals.get(row.hi_goal, 0.0)), 1e12, False
                )
                owner = np.append(owner, np.arange(len(who)))
                column, coef = np.append(column, over), np.append(coef, -np.ones(len(who)))
            self.add_many(owner, column, coef, np.full(len(who), -ENDLESS), limit)

    def _bundle_lo(self, row: BundleRow, who: np.ndarray) -> None:
        owner, column, coef = self._cut(row.amount, who)
        if row.lo_goal is not None:
            weight = row.weight * self.goals.get(row.lo_goal, 0)
            missing = self._new(np.full(len(who), -float(weight)), float(row.lo.max()), False)
            owner = np.append(owner, np.arange(len(who)))
            column, coef = np.append(column, missing), np.append(coef, np.ones(len(who)))
        self.add_many(owner, column, coef, row.lo[who], np.full(len(who), ENDLESS))

    def _amount(self, amount: Amount, who: np.ndarray):
        """Return the entries of an amount without parts: place among `who`, column, coefficient."""
        place = np.full(self.draft.teachers, -1)
        place[who] = np.arange(len(who))
        owner = place[self.draft.arc_teacher]
        arcs = np.flatnonzero((owner >= 0) & (amount.coefs != 0))
        return owner[arcs], arcs, amount.coefs[arcs].astype(float)

    def _cut(self, amount: Amount, who: np.ndarray):
        """Return the entries of an amount, cut at its cap, which may only be too low."""
        parts = [self._amount(amount, who), *(self._cut(part, who) for part in amount.parts)]
        owner, column, coef = (np.concatenate([part[i] for part in parts]) for i in range(3))
        if amount.cap >= UNLIMITED:
            return owner, column, coef
        cut = self._new(np.zeros(len(who)), float(amount.cap), False)
        self.add_many(
            np.append(owner, np.arange(len(who))), np.append(column, cut),
            np.append(coef, -np.ones(len(who))), np.zeros(len(who)), np.full(len(who), ENDLESS),
        )  # fmt: skip
        return np.arange(len(who)), cut, np.ones(len(who))

    def shared_row(self, row: SharedRow) -> None:
        column, coef = (
            (self._heads(row), None) if row.heads else (row.arcs, row.weights.astype(float))
        )
        coef = np.ones(len(column)) if coef is None else coef
        lo, hi = float(row.lo), float(row.hi) if row.hi < UNLIMITED else ENDLESS
        if row.switch:
            self._switched(row.switch, column, coef, lo, hi)
            return
        if row.goal is not None and lo > 0:
            weight = row.weight * self.goals.get(row.goal, 0)
            missing = self._new(np.array([-float(weight)]), lo, False)
            self.add(np.append(column, missing), np.append(coef, 1.0), lo, ENDLESS)
            lo = 0
        if hi < ENDLESS or lo > 0:
            self.add(column, coef, lo if lo > 0 else -ENDLESS, hi)

    def _switched(self, switch: str, column, coef, lo: float, hi: float) -> None:
        yes = np.append(column, self.switches[switch])
        if lo > 0:
            self.add(yes, np.append(coef, -lo), 0, ENDLESS)
        if hi < ENDLESS:
            self.add(yes, np.append(coef, -hi), -ENDLESS, 0)

    def _heads(self, row: SharedRow) -> np.ndarray:
        """Return one column per teacher: whether she holds any of the row's seats."""
        owner, place = np.unique(self.draft.arc_teacher[row.arcs], return_inverse=True)
        heads = self._new(np.zeros(len(owner)), 1, True)
        ones, count = np.ones(len(row.arcs)), len(owner)
        self.add_many(
            np.append(place, np.arange(count)), np.append(row.arcs, heads),
            np.append(ones, -np.ones(count)), np.zeros(count), np.full(count, ENDLESS),
        )  # fmt: skip
        if row.hi < UNLIMITED:
            pairs = np.arange(len(row.arcs))
            self.add_many(
                np.append(pairs, pairs), np.append(heads[place], row.arcs),
                np.append(ones, -ones), np.zeros(len(pairs)), np.full(len(pairs), ENDLESS),
            )  # fmt: skip
        return heads

    def program(self) -> Program:
        row, column, coef = (np.concatenate([entry[i] for entry in self.entries]) for i in range(3))
        matrix = sparse.csr_array((coef.astype(float), (row, column)), (self.count, self.columns))
        return Program(
            np.concatenate(self.objective), np.concatenate(self.lower), np.concatenate(self.upper),
            np.concatenate(self.integer), matrix, np.concatenate(self.lo), np.concatenate(self.hi),
        )  # fmt: skip

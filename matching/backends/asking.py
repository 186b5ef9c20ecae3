"""Questions about one teacher beside all others, put to the search in blocks of teachers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from matching.backends.asked import visit_part
from matching.backends.beside import (
    ASKING,
    JUDGING,
    KEEP_ALL,
    MOVING,
    Answers,
    Limits,
    Question,
    Stakes,
    Table,
    table_of,
)
from matching.backends.lists import Places
from matching.backends.local import Local, local_of
from matching.backends.passes import in_parts, usage_of
from matching.instance import Ints, Mask
from matching.primitives import BundleRow, Draft
from matching.schema import UNLIMITED

Tiers = Sequence[Mapping[str, int]]

BEST = Question(-1, -1, -1, -1, -1, True, True, False, False, KEEP_ALL, False)
"""The best bundle that breaks nothing."""

WANTED, UNWANTED, OVER, UNDER = (
    Question._fields.index(name) for name in ("wanted", "unwanted", "over", "under")
)
"""Columns of questions that are asked by the thousand."""


class Asking:
    """What every teacher could hold beside what all others hold."""

    def __init__(
        self,
        draft: Draft,
        tiers: Tiers,
        held: Places,
        known: tuple[Local, tuple[BundleRow, ...]] | None = None,
    ) -> None:
        self.local, rows = known or local_of(draft)
        self.stakes = stakes_of(draft, self.local, rows, tiers)
        self.limits = limits_of(draft, self.stakes)
        self.held = held
        self.tiers = len(tiers)
        size = int(self.local.size.max(initial=0))
        self._space = int(np.diff(self.local.start).max(initial=1)), max(size, held.shape[1])

    def judge(self, options: Ints, own: Ints) -> tuple[Ints, Answers]:
        """Return what everybody's bundle is worth, and how some options stand.

        Parameters
        ----------
        options
            In the order of teachers.
        own
            For each of them the row of its section's own seats, -1 where there is none.
        """
        everybody = np.arange(self.local.teachers)
        edges = np.searchsorted(options, self.local.start)
        asked = np.zeros((len(options), len(Question._fields)), np.int64)
        asked[:, WANTED] = options - np.repeat(self.local.start[:-1], np.diff(edges))
        asked[:, OVER] = own
        return self._visit(JUDGING, everybody, edges, asked)

    def ask(self, teachers: Ints, asked: Ints) -> tuple[Mask, Ints]:
        """Return for each question whether there is such a bundle, and what the best is worth.

        `asked` has a line for each of `teachers` and a column for each field of `Question`.
        """
        _, answers = self._visit(ASKING, teachers, np.arange(len(teachers) + 1), asked)
        return answers.has_worth, answers.worth

    def improve(self, order: Ints) -> int:
        """Let everybody who alone could be better off move until nobody can; return how many did.

        Teachers take turns in `order`; `held` is changed in place. Every move raises the tiers in
        their order, so it ends.
        """
        moves = 0
        while len(turn := order[self.improvable(order)]):
            moves += int(self._seek(MOVING, turn).sum())
        return moves

    def improvable(self, teachers: Ints) -> Mask:
        """Return which teachers could be improved alone, nobody moving."""
        return self._seek(ASKING, teachers)

    def _seek(self, aim: int, teachers: Ints) -> Mask:
        asked = np.repeat(np.array([BEST._replace(is_more=True)], np.int64), len(teachers), axis=0)
        return self._visit(aim, teachers, np.arange(len(teachers) + 1), asked)[1].has_worth

    def _visit(self, aim: int, who: Ints, edges: Ints, asked: Ints) -> tuple[Ints, Answers]:
        now = np.zeros((len(who), self.tiers), np.int64)
        answers = Answers(
            np.zeros(len(asked), np.int64),
            np.full(len(asked), UNLIMITED, np.int64),
            np.zeros(len(asked), bool),
            np.zeros((len(asked), self.tiers), np.int64),
        )
        usage = usage_of(self.local, self.held)

        def part(table: Table, begin: int, end: int) -> None:
            given = self.local, self.stakes, self.limits, table, self.held
            visit_part(*given, aim, who, edges, asked, begin, end, now, answers)

        def space() -> Table:
            return table_of(self.local, self.stakes, self.limits, usage, *self._space)

        if aim == MOVING:
            part(space(), 0, len(who))
        else:
            in_parts(len(who), part, space)
        return now, answers


def stakes_of(draft: Draft, local: Local, rows: Sequence[BundleRow], tiers: Tiers) -> Stakes:
    """Return what counts in every tier, in the units of its goals."""
    arcs = local.choices(np.arange(local.options))
    value = np.zeros((len(tiers), local.options), np.int64)
    for place, goals in enumerate(tiers):
        for goal, weight in sorted(goals.items()):
            if goal in draft.values:
                value[place] += weight * draft.values[goal][arcs].astype(np.int64)
    switches = [draft.switches[name] for name in sorted(draft.switches)]

    def weights(pairs: Sequence[tuple[str | None, int]]) -> Ints:
        lines = [[weight * goals.get(goal or "", 0) for goal, weight in pairs] for goals in tiers]
        return np.array(lines, np.int64).reshape(len(tiers), len(pairs))

    return Stakes(
        value,
        weights([(row.lo_goal, row.weight) for row in rows]),
        weights([(row.hi_goal, row.weight) for row in rows]),
        weights([(None if row.switch else row.goal, row.weight) for row in draft.shared_rows]),
        weights([(each.goal, each.value) for each in switches]),
    )


def limits_of(draft: Draft, stakes: Stakes) -> Limits:
    """Return the limits of the shared rows and the rows of each switch."""
    rows = draft.shared_rows
    place = {name: i for i, name in enumerate(sorted(draft.switches))}
    switch_of = np.array([place.get(row.switch, -1) for row in rows], np.int64)
    order = np.argsort(switch_of, kind="stable")
    return Limits(
        np.array([row.lo for row in rows], np.int64),
        np.array([row.hi for row in rows], np.int64),
        np.array([row.goal is None and row.lo > 0 and not row.switch for row in rows], bool),
        np.array([row.heads for row in rows], bool),
        np.asarray(stakes.row_weight.any(axis=0)),
        np.asarray(stakes.switch_value.any(axis=0)),
        switch_of,
        np.searchsorted(switch_of[order], np.arange(len(place) + 1)),
        order,
    )


def held_of(local: Local, arcs: Ints) -> Places:
    """Return every teacher's bundle from the choices of all seats, padded with -1."""
    place = np.searchsorted(local.arc, arcs) if len(local.arc) else arcs
    owner = local.teacher[place]
    size = max(
        1, int(np.bincount(owner, minlength=1).max(initial=0)), int(local.size.max(initial=0))
    )
    held = np.full((local.teachers, size), -1, np.int32)
    order = np.argsort(place, kind="stable")
    column = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    held[owner[order], column] = place[order]
    return held

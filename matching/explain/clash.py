"""Why a round cannot be met: an irreducible set of settings that clash, in the words of the form.

A setting is a rule with its subject as the form shows it (one level share, one quota, the release
cap, the hours due). None of the settings told can be dropped without the clash going away. The test
whether a set clashes is a proof by prices: a bound below the strict minima.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np

from matching.backends.bundles import Bundles, enumerate_bundles
from matching.backends.priced import Solved, strict_bound
from matching.primitives import BundleRow, Draft, SharedRow
from matching.result import Reason

GROUPED = ("seat_capacity", "school_release", "minimum_to_open", "host_capacity", "team")
"""Rules whose rows are one setting of the form, however many sections or schools they name."""


def clash_witness(draft: Draft, solved: Solved, effort: str) -> tuple[Reason, ...]:
    """Return one reason per setting of an irreducible clash, each with the subjects it names."""
    bundles = enumerate_bundles(draft)
    stuck = np.flatnonzero(np.diff(bundles.start) == 0)
    if len(stuck):
        return tuple(_locked(draft, teacher) for teacher in stuck.tolist())
    demands = [row for row in draft.bundle_rows if row.lo is not None and row.lo_goal is None]
    settings = sorted({*map(_setting, draft.shared_rows), *map(_setting, demands)})
    search = _Search(draft, bundles, effort)
    needed = search.irreducible((), tuple(settings))
    return tuple(_reason(search, setting, needed) for setting in needed)


def _setting(row: SharedRow | BundleRow) -> str:
    return row.rule if row.rule in GROUPED or isinstance(row, BundleRow) else row.id


class _Search:
    """Asks of sets of settings whether they clash; each question is answered by a proof."""

    def __init__(self, draft: Draft, bundles: Bundles, effort: str) -> None:
        self.draft = draft
        self.bundles = bundles
        self.effort = effort

    def clashes(self, settings: tuple[str, ...]) -> bool:
        """Tell whether no assignment can meet these settings."""
        return strict_bound(self._with(settings), self.bundles, self.effort, enough=-1) < 0

    def shortest(self, settings: tuple[str, ...]) -> int:
        """Return by how much these settings miss at least."""
        return -strict_bound(self._with(settings), self.bundles, self.effort)

    def irreducible(self, fixed: tuple[str, ...], settings: tuple[str, ...]) -> tuple[str, ...]:
        """Return a part of `settings` that clashes with `fixed` and of which none can be dropped.

        Source: Junker 2004, QuickXplain, with the order of `settings` as preference.
        """
        if len(settings) <= 1:
            return settings
        half = len(settings) // 2
        first, second = settings[:half], settings[half:]
        if self.clashes((*fixed, *first)):
            return self.irreducible(fixed, first)
        if self.clashes((*fixed, *second)):
            return self.irreducible(fixed, second)
        needed = self.irreducible((*fixed, *first), second)
        return (*self.irreducible((*fixed, *needed), first), *needed)

    def _with(self, settings: tuple[str, ...]) -> Draft:
        """Return the draft with only some settings; what a bundle may hold at all stays."""
        kept = copy.copy(self.draft)
        kept.shared_rows = [row for row in self.draft.shared_rows if _setting(row) in settings]
        kept.bundle_rows = [
            row if _setting(row) in settings or row.lo_goal else replace(row, lo=None)
            for row in self.draft.bundle_rows
        ]
        used = {row.switch for row in kept.shared_rows}
        kept.switches = {name: x for name, x in self.draft.switches.items() if name in used}
        return kept


def _reason(search: _Search, setting: str, needed: tuple[str, ...]) -> Reason:
    """Tell one setting of the clash, and how far it would have to move where that is a number."""
    rows = [row for row in search.draft.shared_rows if _setting(row) == setting]
    if not rows:
        return Reason(f"clash_{setting}", "", setting, 0, 0, setting)
    row = rows[0]
    if row.rule in GROUPED:
        names = _blocking(search.draft, row.rule, needed, rows)
        detail: dict[str, str | int] = {"names": "、".join(names)}
        return Reason(f"clash_{row.rule}", "", row.rule, len(names), 0, row.rule, detail)
    if not row.lo or row.goal:
        return Reason(f"clash_{row.rule}_most", "", row.subject, 0, row.hi, row.rule)
    reach = max(0, row.lo - search.shortest(needed))
    return Reason(f"clash_{row.rule}", "", row.subject, reach, row.lo, row.rule)


def _blocking(
    draft: Draft, rule: str, needed: tuple[str, ...], rows: list[SharedRow]
) -> tuple[str, ...]:
    """Return whose rows of a grouped rule bear on the demand of the clash: schools or sections."""
    demanded = np.zeros(draft.arcs, bool)
    for row in draft.shared_rows:
        if _setting(row) in needed and row.rule != rule and row.lo > 0:
            demanded[row.arcs] = True
    owner = draft.instance["teachers"].text("school")
    names: set[str] = set()
    for row in rows:
        arcs = row.arcs[demanded[row.arcs]] if demanded.any() else row.arcs
        if not len(arcs):
            continue
        if rule == "school_release":
            names.update(owner[teacher] for teacher in draft.arc_teacher[arcs].tolist())
        else:
            names.add(row.subject)
    return tuple(sorted(names))


def _locked(draft: Draft, teacher: int) -> Reason:
    name = draft.instance.teacher_ids[teacher]
    return Reason("clash_locked_seat", name, name, 0, 1, "locked_seat")

"""Why a round cannot be met: an irreducible set of settings that clash, in the words of the form.

A setting is one side of a rule as the form shows it (one level share, the most of one quota, the
release caps, the hours due). None of the settings told can be dropped without the clash going away.
The test whether a set clashes is a proof by prices: a bound below the strict minima.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from matching.explain.provers import Listed, Priced, Prover, demands
from matching.explain.scene import TITLED, titled, unit_of
from matching.primitives import Draft, SharedRow
from matching.result import Reason
from matching.schema import UNLIMITED

GROUPED = ("seat_capacity", "school_release", "minimum_to_open", "host_capacity", "team")
"""Rules whose rows are one setting of the form, however many sections or schools they name."""

MOST = " most"
"""Marks the upper side of a row whose two sides are two settings."""


def clash_witness(draft: Draft, effort: str, *, is_listed: bool = True) -> tuple[Reason, ...]:
    """Return one reason per setting of an irreducible clash, each with the subjects it names.

    Where bundles are not listed there may be none: prices alone do not prove every clash.
    """
    prover: Prover = Listed(draft, effort) if is_listed else Priced(draft)
    stuck = prover.stuck()
    if len(stuck):
        names = [draft.instance.teacher_ids[teacher] for teacher in stuck]
        return (_named("locked_seat", names),)
    search = _Search(draft, prover)
    if not is_listed and not search.clashes(search.settings()):
        return ()
    needed = search.irreducible((), search.bearing())
    return tuple(_reason(search, setting, needed) for setting in needed)


def _sides(row: SharedRow) -> Iterator[tuple[str, SharedRow]]:
    """Yield each side of a row with the setting it belongs to.

    The seats of a section with a minimum are capacity, though one row holds both.
    """
    below = row.lo > 0 and (row.goal is None or bool(row.switch))
    if row.rule == "team" or (row.rule in GROUPED and not below):
        yield row.rule, row
        return
    if below:
        name = row.rule if row.rule in GROUPED else row.id
        yield name, replace(row, hi=max(row.lo, len(row.arcs)) if row.switch else UNLIMITED)
    if row.hi < UNLIMITED:
        name = "seat_capacity" if row.rule in GROUPED else row.id + MOST
        yield name, replace(row, lo=0, switch="", goal=None)


class _Search:
    """Asks of sets of settings whether they clash; each question is answered by a proof."""

    def __init__(self, draft: Draft, prover: Prover) -> None:
        self.draft = draft
        self.prover = prover
        self.sides = [list(_sides(row)) for row in draft.shared_rows]

    def settings(self) -> tuple[str, ...]:
        """Return the names of all settings, in canonical order."""
        return tuple(sorted(self._demands() | {name for sides in self.sides for name, _ in sides}))

    def bearing(self) -> tuple[str, ...]:
        """Return the names of the settings that may bear on the clash, in canonical order."""
        rows = (side for sides in self.sides for side in sides)
        return tuple(
            sorted(self._demands() | {name for name, row in rows if self.prover.bears(row)})
        )

    def _demands(self) -> set[str]:
        return {row.rule for row in self.draft.bundle_rows if demands(row)}

    def rows(self, setting: str) -> list[SharedRow]:
        """Return the sides of rows that make up a setting."""
        return [row for sides in self.sides for name, row in sides if name == setting]

    def clashes(self, settings: tuple[str, ...]) -> bool:
        """Tell whether no assignment can meet these settings."""
        return self.prover.bound(self._with(settings), enough=-1) < 0

    def shortest(self, settings: tuple[str, ...]) -> int:
        """Return by how much these settings miss at least."""
        return -self.prover.bound(self._with(settings), enough=-UNLIMITED)

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
        kept.shared_rows = []
        for row, sides in zip(self.draft.shared_rows, self.sides, strict=True):
            wanted = [side for name, side in sides if name in settings]
            kept.shared_rows += [row] if len(wanted) == len(sides) else wanted
        kept.bundle_rows = [
            replace(row, lo=None) if demands(row) and row.rule not in settings else row
            for row in self.draft.bundle_rows
        ]
        used = {row.switch for row in kept.shared_rows}
        kept.switches = {name: x for name, x in self.draft.switches.items() if name in used}
        return kept

    def helpless(self, rule: str) -> list[str]:
        """Return the teachers none of whose bundles meets her own strict demands of a rule."""
        names = self.draft.instance.teacher_ids
        return [names[teacher] for teacher in self.prover.helpless(rule).tolist()]


def _reason(search: _Search, setting: str, needed: tuple[str, ...]) -> Reason:
    """Tell one setting of the clash, and how far it would have to move where that is a number."""
    rows = search.rows(setting)
    if not rows:
        names = search.helpless(setting)
        return _named(setting, names, "_alone" if names else "")
    row = rows[0]
    if row.rule in GROUPED:
        return _named(setting, _blocking(search, setting, needed))
    known = row.rule in TITLED
    detail = titled(search.draft.instance, row.rule, row.subject) if known else {}
    if setting.endswith(MOST):
        most = row.hi * unit_of(search.draft, row)
        return Reason(f"clash_{row.rule}_most", "", row.subject, 0, most, row.rule, detail)
    reach = max(0, row.lo - search.shortest(needed))
    return Reason(f"clash_{row.rule}", "", row.subject, reach, row.lo, row.rule, detail)


def _named(setting: str, names: list[str], kind: str = "") -> Reason:
    """Return the reason of a setting of many lines, with the names it bears on."""
    detail: dict[str, str | int] = {"names": "、".join(names)}
    return Reason(f"clash_{setting}{kind}", "", setting, len(names), 0, setting, detail)


def _blocking(search: _Search, setting: str, needed: tuple[str, ...]) -> list[str]:
    """Return whose lines of a setting bear on the demands of the clash: schools or sections.

    Without demands on shared rows (locked seats, hours due) it is the lines that bear on anybody.
    """
    draft = search.draft
    demanded = np.zeros(draft.arcs, bool)
    for other in needed:
        for row in search.rows(other):
            if other != setting and row.lo > 0:
                demanded[row.arcs] = True
    owner = draft.instance["teachers"].text("school")
    names: set[str] = set()
    for row in search.rows(setting):
        arcs = row.arcs[demanded[row.arcs]] if demanded.any() else row.arcs
        if setting == "school_release":
            names.update(owner[teacher] for teacher in draft.arc_teacher[arcs].tolist())
        elif len(arcs):
            names.add(row.subject)
    return sorted(names)

"""Why a round cannot be met: an irreducible set of settings that clash, in the words of the form.

A setting is a rule with its subject as the form shows it (one level share, one quota, the release
cap, the hours due). The search leaves out one setting after the other and keeps it out where the
rest still clashes, so none of what remains can be dropped. The test whether a set clashes is the
proof by prices: a bound below the strict minima.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np

from matching.backends.bundles import enumerate_bundles
from matching.backends.priced import Solved, strict_bound
from matching.primitives import BundleRow, Draft, SharedRow
from matching.result import Reason
from matching.schema import UNLIMITED

GROUPED = ("seat_capacity", "school_release", "minimum_to_open", "host_capacity", "team")
"""Rules whose rows are one setting of the form, however many sections or schools they name."""


def clash_witness(draft: Draft, solved: Solved, effort: str) -> tuple[Reason, ...]:
    """Return one reason per setting of an irreducible clash, each with the subjects it names."""
    if not solved.clash and solved.short_teachers and _nobody_fits(draft):
        return tuple(_locked(draft, teacher) for teacher in solved.short_teachers)
    settings = sorted({*map(_setting, draft.shared_rows), *map(_setting, draft.bundle_rows)})
    needed = list(settings)
    for setting in settings:
        without = [other for other in needed if other != setting]
        if _clashes(draft, without, effort):
            needed = without
    return tuple(_reason(draft, setting, needed, effort) for setting in needed)


def _setting(row: SharedRow | BundleRow) -> str:
    return row.rule if row.rule in GROUPED or isinstance(row, BundleRow) else row.id


def _nobody_fits(draft: Draft) -> bool:
    return bool((np.diff(enumerate_bundles(draft).start) == 0).any())


def _with(draft: Draft, settings: list[str]) -> Draft:
    """Return the draft with only some settings; minima that are priced do not count."""
    kept = copy.copy(draft)
    kept.shared_rows = [row for row in draft.shared_rows if _setting(row) in settings]
    kept.bundle_rows = [
        row if _setting(row) in settings else replace(row, lo=None)
        for row in draft.bundle_rows
        if _setting(row) in settings or row.rule == "most_sections"
    ]
    used = {row.switch for row in kept.shared_rows}
    kept.switches = {name: each for name, each in draft.switches.items() if name in used}
    return kept


def _clashes(draft: Draft, settings: list[str], effort: str) -> bool:
    return strict_bound(_with(draft, settings), effort) < 0


def _reason(draft: Draft, setting: str, needed: list[str], effort: str) -> Reason:
    """Tell one setting of the clash, and how far it would have to move where that is a number."""
    rows = [row for row in draft.shared_rows if _setting(row) == setting]
    if not rows:
        return Reason("clash_hours_due", "", setting, 0, 0, setting)
    row = rows[0]
    if row.rule in GROUPED:
        names = _blocking(draft, row.rule, needed, rows)
        detail: dict[str, str | int] = {"names": "、".join(names)}
        return Reason(f"clash_{row.rule}", "", row.rule, len(names), 0, row.rule, detail)
    others = [other for other in needed if other != setting]
    freed = replace(row, goal=None)
    reach = row.lo + strict_bound(_with(_only(draft, freed), [*others, setting]), effort)
    limit = row.lo if row.lo else row.hi
    return Reason(
        f"clash_{row.rule}", "", row.subject, max(0, reach), min(limit, UNLIMITED), row.rule
    )


def _only(draft: Draft, row: SharedRow) -> Draft:
    kept = copy.copy(draft)
    kept.shared_rows = [row if each.id == row.id else each for each in draft.shared_rows]
    return kept


def _blocking(draft: Draft, rule: str, needed: list[str], rows: list[SharedRow]) -> tuple[str, ...]:
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

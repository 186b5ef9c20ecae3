"""Why no bundle of a teacher holds a choice at all, whatever the others do."""

from __future__ import annotations

import numpy as np

from matching.backends.beside import NO_MUSTS, NO_NEEDS
from matching.explain.scene import Scene
from matching.result import Reason


def barred(scene: Scene, arc: int) -> Reason:
    """Name the rule: a limit the choice breaks by itself, else a lock, a prerequisite or a tie.

    A lock or a prerequisite is named only if the choice could be held without it.
    """
    for row in scene.draft.bundle_rows:
        strict = row.hi is not None and row.hi_goal is None
        if strict and row.hi is not None and row.amount.coefs[arc] > row.hi[scene.teacher(arc)]:
            coef, limit = int(row.amount.coefs[arc]), int(row.hi[scene.teacher(arc)])
            return scene.tell(row.rule, arc, coef, limit, row.rule)
    if scene.ways.can_hold(arc, NO_MUSTS):
        return _locked_out(scene, arc)
    tie = next((arcs for _, arcs in scene.draft.ties if arc in arcs), None)
    if tie is None or scene.ways.can_hold(arc, NO_NEEDS):
        return scene.tell("prerequisite", arc, 0, 1, "prerequisite")
    return scene.tell("bundle", arc, 1, len(tie), "bundle")


def _locked_out(scene: Scene, arc: int) -> Reason:
    """Name the locked seat that excludes the choice, if it is a single one."""
    fixed = np.flatnonzero(scene.locked & (scene.draft.arc_teacher == scene.teacher(arc)))
    sections = scene.draft.arc_section[fixed]
    for rule in scene.draft.exclusive_groups:
        for rival in fixed[scene.draft.excludes(rule, scene.section(arc), sections)].tolist():
            other = scene.section_id(rival)
            return scene.tell("locked_seat_held", arc, 1, 0, "locked_seat", other=other)
    return scene.tell("locked_seat", arc, 1, 0, "locked_seat")

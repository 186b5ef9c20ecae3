"""From an instance to primitives: every rule and every goal of its tiers posts once."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

from matching.errors import BadInstance
from matching.freed import MANY, give_back
from matching.goals import GOALS
from matching.instance import Instance, Ints, Mask
from matching.primitives import Draft, Group, SharedRow
from matching.rules import RULES


def compile_instance(instance: Instance) -> Draft:
    """Return what all rules and the goals of the instance's tiers post.

    Raises
    ------
    BadInstance
        If a tier names a goal that does not exist.
    """
    draft = Draft(instance)
    for rule in RULES:
        rule.post(instance, draft)
    for code in sorted({code for tier in instance.tiers for code in tier}):
        if code not in GOALS:
            raise BadInstance(f"unknown goal {code!r} in tiers; goals are {', '.join(GOALS)}")
        GOALS[code].post(instance, draft)
    give_back(draft.arcs)
    draft.shared_rows = _tightest(draft)
    instance.forget()
    if draft.arcs >= MANY:
        gc.collect()
    return draft


def _tightest(draft: Draft) -> list[SharedRow]:
    """Keep, of upper limits over the same seats of the same teachers, only the lowest.

    Among equals it is the first by id.

    A week away is ten half-days with one limit each; the solver needs it once, the referee counts
    every half-day.
    """
    kept = []
    rows = draft.shared_rows
    limits: dict[Group | None, list[SharedRow]] = {}
    for row in sorted(rows, key=lambda each: each.id):
        if row.lo > 0 or row.switch:
            kept.append(row)
        else:
            limits.setdefault(row.pool.teachers, []).append(row)
    for teachers, theirs in limits.items():
        kept += _lowest(theirs, _reached(draft, teachers))
    places = {row.id: i for i, row in enumerate(rows)}
    return sorted(kept, key=lambda row: places[row.id])


def _lowest(rows: Sequence[SharedRow], reached: Mask) -> Iterable[SharedRow]:
    """Keep, of upper limits for the same teachers, the lowest over the same of some sections."""
    lowest: dict[tuple[bytes, bytes, bool], SharedRow] = {}
    for row in rows:
        places = row.pool.sections.places
        sections = places[reached[places]]
        coefs = b"" if row.coefs is None else _fingerprint(row.coefs[sections])
        key = (_fingerprint(sections), coefs, row.heads)
        if key not in lowest or row.hi < lowest[key].hi:
            lowest[key] = row
    return lowest.values()


def _reached(draft: Draft, teachers: Group | None) -> Mask:
    """Return which sections some teachers could have at all."""
    if teachers is None:
        return draft.wanted
    reached = np.zeros(draft.sections, bool)
    arcs, _ = draft.arcs_of_each(teachers.places)
    reached[draft.arc_section[arcs]] = True
    return reached


def _fingerprint(numbers: Ints) -> bytes:
    """Return 32 bytes that no other numbers have, so that long rows are not kept twice."""
    return hashlib.blake2b(np.ascontiguousarray(numbers).data, digest_size=32).digest()

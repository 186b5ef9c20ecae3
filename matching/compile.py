"""From an instance to primitives: every rule and every goal of its tiers posts once."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from matching.errors import BadInstance
from matching.freed import give_back
from matching.goals import GOALS
from matching.instance import Instance, Ints, Mask
from matching.primitives import Draft, Group, Pool, SharedRow
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
    return draft


def _tightest(draft: Draft) -> list[SharedRow]:
    """Keep, of upper limits over the same seats of the same teachers, only the lowest.

    Among equals it is the first by id.

    A week away is ten half-days with one limit each; the solver needs it once, the referee counts
    every half-day.
    """
    lowest: dict[tuple[Group | None, bytes, bytes, bool], SharedRow] = {}
    reach = _Reach(draft)
    kept = []
    rows = draft.shared_rows
    for row in sorted(rows, key=lambda each: each.id):
        if row.lo > 0 or row.switch:
            kept.append(row)
            continue
        sections = reach.of(row.pool)
        coefs = b"" if row.coefs is None else _fingerprint(row.coefs[sections])
        key = (row.pool.teachers, _fingerprint(sections), coefs, row.heads)
        if key not in lowest or row.hi < lowest[key].hi:
            lowest[key] = row
    places = {row.id: i for i, row in enumerate(rows)}
    return sorted([*kept, *lowest.values()], key=lambda row: places[row.id])


class _Reach:
    """Which sections of a pool its teachers could have at all."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._by = lru_cache(64)(self._reached)

    def of(self, pool: Pool) -> Ints:
        """Return the positions of the sections, in order."""
        return np.asarray(pool.sections.places[self._by(pool.teachers)[pool.sections.places]])

    def _reached(self, teachers: Group | None) -> Mask:
        draft, reached = self._draft, np.zeros(self._draft.sections, bool)
        if teachers is None:
            reached[draft.arc_section] = True
        else:
            arcs, _ = draft.arcs_of_each(teachers.places)
            reached[draft.arc_section[arcs]] = True
        return reached


def _fingerprint(numbers: Ints) -> bytes:
    """Return 32 bytes that no other numbers have, so that long rows are not kept twice."""
    return hashlib.blake2b(np.ascontiguousarray(numbers).data, digest_size=32).digest()

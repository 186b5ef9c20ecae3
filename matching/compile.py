"""From an instance to primitives: every rule and every goal of its tiers posts once."""

from __future__ import annotations

import hashlib

import numpy as np

from matching.errors import BadInstance
from matching.goals import GOALS
from matching.instance import Instance, Ints
from matching.primitives import Draft, SharedRow
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
    draft.shared_rows = _tightest(draft.shared_rows)
    return draft


def _tightest(rows: list[SharedRow]) -> list[SharedRow]:
    """Keep, of upper limits over the same seats, only the lowest (the first by id among equals).

    A week away is ten half-days with one limit each; the solver needs it once, the referee counts
    every half-day.
    """
    lowest: dict[tuple[bytes, bytes, bool], SharedRow] = {}
    kept = []
    for row in sorted(rows, key=lambda each: each.id):
        if row.lo > 0 or row.switch:
            kept.append(row)
            continue
        counts_ones = row.coefs is None or bool((row.coefs == 1).all())
        weights = b"" if counts_ones else _fingerprint(row.weights)
        key = (_fingerprint(row.arcs), weights, row.heads)
        if key not in lowest or row.hi < lowest[key].hi:
            lowest[key] = row
    places = {row.id: i for i, row in enumerate(rows)}
    return sorted([*kept, *lowest.values()], key=lambda row: places[row.id])


def _fingerprint(numbers: Ints) -> bytes:
    """Return 32 bytes that no other numbers have, so that long rows are not kept twice."""
    return hashlib.blake2b(np.ascontiguousarray(numbers).data, digest_size=32).digest()

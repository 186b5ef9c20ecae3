"""What some options need beside them, in the search for a teacher's best bundles.

A path that waits for what it needs would be followed to its end though no bundle comes of it. So what
an option needs is looked at before the option, and a path that can no longer meet its needs ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.backends.kernel import Desk
from matching.backends.woven import woven

if TYPE_CHECKING:
    from matching.backends.local import Local


@woven
def needed_first(local: Local, desk: Desk, teacher: int, fixed: int, count: int) -> None:
    """Put what a candidate needs before it, as if it were as promising.

    What must be held stays where it is; candidates that need each other stay in some order.
    """
    order, nets, hopes, place = desk.order, desk.net, desk.hope, desk.place
    first, begin, end = local.start[teacher], local.need_of[teacher], local.need_of[teacher + 1]
    for i in range(local.start[teacher + 1] - first):
        place[i] = -1
    for c in range(count):
        place[order[c]] = c
    for _ in range(end - begin):
        for j in range(begin, end):
            for k in range(local.need_edges[j], local.need_edges[j + 1]):
                to = candidate_of(desk, first, local.need_option[j])
                at = candidate_of(desk, first, local.need[k])
                if to < fixed or at <= to:
                    continue
                needed, net = order[at], nets[at]
                for p in range(at, to, -1):
                    order[p], nets[p], hopes[p] = order[p - 1], nets[p - 1], hopes[p - 1]
                    place[order[p]] = p
                order[to], nets[to], place[needed] = needed, net, to


@woven
def candidate_of(desk: Desk, first: int, option: int) -> int:
    """Return which candidate an option is, -1 where it is none or was dropped (-1)."""
    return int(desk.place[option - first]) if option >= first else -1


@woven
def can_be_met(local: Local, desk: Desk, teacher: int, depth: int, candidate: int) -> bool:
    """Tell whether all needs of a path with one more candidate are met, or could be by later ones."""
    first = local.start[teacher]
    for j in range(local.need_of[teacher], local.need_of[teacher + 1]):
        asker = candidate_of(desk, first, local.need_option[j])
        if asker != candidate and not is_held(desk, depth, asker):
            continue
        met = False
        for k in range(local.need_edges[j], local.need_edges[j + 1]):
            needed = candidate_of(desk, first, local.need[k])
            met = met or needed >= candidate or is_held(desk, depth, needed)
        if not met:
            return False
    return True


@woven
def is_held(desk: Desk, depth: int, candidate: int) -> bool:
    """Tell whether a candidate is on the path."""
    held = False
    for d in range(depth):
        held = held or desk.path[d] == candidate
    return held

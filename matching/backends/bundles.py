"""Every bundle a teacher may hold, enumerated exactly from the local primitives.

A bundle is a set of choices of one teacher, the empty set included. The enumeration goes level by
level over all teachers at once; only limits that can never be mended by adding a section (sections
that exclude each other, strict upper sides of rows) cut early, everything else is judged on whole
bundles: a part of a feasible bundle need not be feasible itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from matching.errors import UnsupportedInstance
from matching.instance import Ints, Mask
from matching.primitives import Amount, Draft

MOST_BUNDLES = 6_000_000
"""More bundles than this would not fit the memory of an office machine."""

_WORD = 63


@dataclass(frozen=True)
class Bundles:
    """All bundles, ordered by teacher, then size, then choices.

    Parameters
    ----------
    teacher
        Shape (bundles,): whose bundle it is.
    arcs
        Shape (bundles, most sections): positions in `choices`, padded with the number of choices.
    start
        Shape (teachers + 1,): the bundles of teacher t are start[t] to start[t + 1].
    """

    teacher: Ints
    arcs: Ints
    start: Ints

    def __len__(self) -> int:
        return len(self.teacher)

    def of(self, teacher: int) -> slice:
        """Return where the bundles of one teacher stand."""
        return slice(int(self.start[teacher]), int(self.start[teacher + 1]))

    def total(self, per_arc: Ints) -> Ints:
        """Return the sum of a number per choice over each bundle."""
        padded = np.append(per_arc, 0)
        total = np.zeros(len(self), padded.dtype)
        for column in self.arcs.T:
            total += padded[column]
        return total

    def touches(self, arcs: Ints, count: int) -> Mask:
        """Return which bundles hold at least one of some choices."""
        among = np.zeros(count, np.int64)
        among[arcs] = 1
        return self.total(among) > 0

    def amount(self, amount: Amount) -> Ints:
        """Return what an amount comes to for each bundle, caps included."""
        total = self.total(amount.coefs)
        for part in amount.parts:
            total = total + self.amount(part)
        return np.minimum(total, amount.cap)

    def keep(self, mask: Mask) -> Bundles:
        """Return only some of the bundles."""
        teacher = self.teacher[mask]
        start = np.searchsorted(teacher, np.arange(len(self.start)))
        return Bundles(teacher, np.asfortranarray(self.arcs[mask]), start)

    def part(self, teachers: Ints) -> tuple[Bundles, Ints]:
        """Return the bundles of some teachers, who are renumbered, and where each stands here."""
        places = np.concatenate([np.arange(self.start[t], self.start[t + 1]) for t in teachers])
        sizes = np.diff(self.start)[teachers]
        start = np.concatenate([[0], np.cumsum(sizes)])
        owner = np.repeat(np.arange(len(teachers)), sizes)
        return Bundles(owner, np.asfortranarray(self.arcs[places]), start), places


def enumerate_bundles(draft: Draft) -> Bundles:
    """Return every bundle that keeps the strict local rules, strict lower sides of rows excepted.

    A strict minimum that somebody cannot reach must be told with names, not enumerated away: see
    `strict_shortage`.

    Raises
    ------
    UnsupportedInstance
        If there are more than MOST_BUNDLES; the message says how many came up and where.
    """
    alive = ~_any_of(draft.dropped.values(), draft.arcs)
    bundles = _grow(draft, alive)
    return bundles.keep(_lawful(draft, bundles, alive))


def count_of(draft: Draft, at_once: int) -> int:
    """Return how many bundles would be listed, at most MOST_BUNDLES: of so many teachers at a time."""
    alive = ~_any_of(draft.dropped.values(), draft.arcs)
    first, found = draft.instance.first_arc, 0
    for begin in range(0, draft.teachers, at_once):
        end = min(begin + at_once, draft.teachers)
        part = np.zeros_like(alive)
        part[first[begin] : first[end]] = alive[first[begin] : first[end]]
        try:
            found += len(_grow(draft, part)) - draft.teachers + end - begin
        except UnsupportedInstance:
            return MOST_BUNDLES
        if found >= MOST_BUNDLES:
            return MOST_BUNDLES
    return found


def _any_of(masks: Iterable[Mask], length: int) -> Mask:
    found = np.zeros(length, bool)
    for mask in masks:
        found |= mask
    return found


def _grow(draft: Draft, alive: Mask) -> Bundles:
    """Grow bundles by one choice at a time, keeping the order of `choices` inside each."""
    place = np.flatnonzero(alive)
    owner = draft.arc_teacher[place]
    start = np.searchsorted(owner, np.arange(draft.teachers + 1))
    blocked = _blocked(draft, place, start)
    bars = [row for row in draft.bundle_rows if row.hi is not None and row.hi_goal is None]
    coefs = [row.amount.coefs[place] for row in bars if not row.amount.parts]
    limits = [row.hi for row in bars if row.hi is not None and not row.amount.parts]
    levels = [np.zeros((draft.teachers, 0), np.int64)]
    owners = [np.arange(draft.teachers)]
    members = np.arange(len(place))[:, None]
    sums = np.stack(coefs, axis=1) if coefs else np.zeros((len(place), 0), np.int64)
    hi = np.stack(limits, axis=1) if limits else np.zeros((draft.teachers, 0), np.int64)
    masks = blocked
    fits = (sums <= hi[owner]).all(axis=1)
    members, sums, masks = members[fits], sums[fits], masks[fits]
    count = draft.teachers
    while len(members):
        levels.append(members)
        owners.append(owner[members[:, -1]])
        count += len(members)
        members, sums, masks = _next_level(
            members, sums, masks, owner, start, blocked, coefs, hi, MOST_BUNDLES - count
        )
    return _assemble(levels, owners, place, draft)


def _next_level(
    members: Ints,
    sums: Ints,
    masks: NDArray[np.uint64],
    owner: Ints,
    start: Ints,
    blocked: NDArray[np.uint64],
    coefs: list[Ints],
    hi: Ints,
    room: int,
) -> tuple[Ints, Ints, NDArray[np.uint64]]:
    """Extend every bundle by each later choice of its teacher that fits."""
    last = members[:, -1]
    ahead = start[owner[last] + 1] - last - 1
    if int(ahead.sum()) > 40 * MOST_BUNDLES:
        raise UnsupportedInstance(_too_many(int(ahead.sum())))
    base = np.repeat(np.arange(len(members)), ahead)
    offset = np.arange(len(base)) - np.repeat(np.cumsum(ahead) - ahead, ahead)
    new = last[base] + 1 + offset
    local = new - start[owner[new]]
    free = (masks[base, local // _WORD] >> (local % _WORD).astype(np.uint64)) & np.uint64(1) == 0
    base, new = base[free], new[free]
    extended = sums[base]
    for i, coef in enumerate(coefs):
        extended[:, i] += coef[new]
    fits = (extended <= hi[owner[new]]).all(axis=1)
    base, new, extended = base[fits], new[fits], extended[fits]
    if len(new) > room:
        raise UnsupportedInstance(_too_many(len(new)))
    return np.column_stack([members[base], new]), extended, masks[base] | blocked[new]


def _too_many(count: int) -> str:
    return (
        f"more than {MOST_BUNDLES:,} bundles of sections are possible (the next step alone has "
        f"{count:,}); lower the number of sections a teacher may hold or the number of choices"
    )


def _blocked(draft: Draft, place: Ints, start: Ints) -> NDArray[np.uint64]:
    """Return for each choice a bit set of the same teacher's choices that it excludes."""
    owner, section = draft.arc_teacher[place], draft.arc_section[place]
    local = np.arange(len(place)) - start[owner]
    widest = int(np.diff(start).max(initial=0))
    own = np.zeros((len(place), max(1, -(-widest // _WORD))), np.uint64)
    own[np.arange(len(place)), local // _WORD] = np.uint64(1) << (local % _WORD).astype(np.uint64)
    masks = np.zeros_like(own)
    order = np.argsort(section, kind="stable")
    edges = np.searchsorted(section[order], np.arange(draft.sections + 1))
    for group in chain.from_iterable(draft.exclusive_groups.values()):
        arcs = np.concatenate([order[edges[s] : edges[s + 1]] for s in group.tolist()])
        held = np.zeros((draft.teachers, own.shape[1]), np.uint64)
        np.bitwise_or.at(held, owner[arcs], own[arcs])
        masks[arcs] |= held[owner[arcs]]
    return masks & ~own


def _assemble(levels: list[Ints], owners: list[Ints], place: Ints, draft: Draft) -> Bundles:
    width = levels[-1].shape[1]
    count = sum(len(level) for level in levels)
    arcs = np.full((count, width), draft.arcs, np.int64)
    at = 0
    for level in levels:
        arcs[at : at + len(level), : level.shape[1]] = place[level]
        at += len(level)
    teacher = np.concatenate(owners)
    order = np.argsort(teacher, kind="stable")
    start = np.searchsorted(teacher[order], np.arange(draft.teachers + 1))
    return Bundles(teacher[order], np.asfortranarray(arcs[order]), start)


def _lawful(draft: Draft, bundles: Bundles, alive: Mask) -> Mask:
    """Judge whole bundles by strict upper sides, ties, implications and musts."""
    fine = np.ones(len(bundles), bool)
    for row in draft.bundle_rows:
        if row.hi is not None and row.hi_goal is None:
            fine &= bundles.amount(row.amount) <= row.hi[bundles.teacher]
    for _, tied in draft.ties:
        mine = bundles.of(int(draft.arc_teacher[tied[0]]))
        held = np.isin(bundles.arcs[mine], tied).sum(axis=1)
        whole = len(tied) if alive[tied].all() else -1
        fine[mine] &= (held == 0) | (held == whole)
    for _, arc, any_of in draft.implications:
        mine = bundles.of(int(draft.arc_teacher[arc]))
        holds = (bundles.arcs[mine] == arc).any(axis=1)
        fine[mine] &= ~holds | np.isin(bundles.arcs[mine], any_of).any(axis=1)
    must = _any_of(draft.musts.values(), draft.arcs)
    needed = np.bincount(draft.arc_teacher[must], minlength=draft.teachers)
    fine &= bundles.total(must.astype(np.int64)) == needed[bundles.teacher]
    return fine


def strict_shortage(draft: Draft, bundles: Bundles) -> Ints:
    """Return by how much each bundle misses the strict lower sides of its teacher's rows."""
    total = np.zeros(len(bundles), np.int64)
    for row in draft.bundle_rows:
        if row.lo is not None and row.lo_goal is None:
            missing = row.lo[bundles.teacher] - bundles.amount(row.amount)
            total += np.maximum(missing, 0)
    return total


def goal_values(draft: Draft, bundles: Bundles, goal: str) -> Ints:
    """Return what each bundle is worth for a goal: its choices' points less priced shortages."""
    total = bundles.total(draft.values.get(goal, np.zeros(draft.arcs)).astype(np.int64))
    for row in draft.bundle_rows:
        amount = bundles.amount(row.amount) if goal in (row.lo_goal, row.hi_goal) else None
        if amount is not None and row.lo is not None and row.lo_goal == goal:
            total = total - row.weight * np.maximum(row.lo[bundles.teacher] - amount, 0)
        if amount is not None and row.hi is not None and row.hi_goal == goal:
            total = total - row.weight * np.maximum(amount - row.hi[bundles.teacher], 0)
    return total

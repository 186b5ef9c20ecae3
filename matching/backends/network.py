"""Rounds that are a network: limits over sets of options of which no two cross.

Some limits are over options of one teacher: how many she may hold at most, which exclude each other.
The others are over options of many: seats, quotas. If within each of these two sides any two sets are
apart or one inside the other, every option is an arc from the smallest set around it on the one side
to the smallest on the other, every set an arc to the set around it, and an assignment a flow. The best
flow is whole-numbered, and its potentials are prices that prove it (see `flow`). Nothing here knows a rule.
Source: Schrijver 2003, "Combinatorial Optimization", chapter 13: cross-free families and networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.backends.frame import Frame
from matching.backends.lists import joined, lists_of
from matching.instance import Ints, Mask
from matching.primitives import BundleRow, Draft, SharedRow
from matching.schema import UNLIMITED

MOST = 3_000_000
"""Rounds of more options are never taken for a network: the flow would need too much memory."""


class Network(NamedTuple):
    """A round as arcs between sets of options; node 0 is around all of them.

    First come the options, then two arcs for every set of one teacher, then two for every shared
    set: the rest of what it holds, and what it is asked for and may be short of.

    Parameters
    ----------
    tail, head, lo, hi
        Shape (arcs,): where each arc begins and ends, and between what its flow stays.
    options
        Number of options.
    own, shared
        The sets of one teacher, and those of many.
    """

    tail: Ints
    head: Ints
    lo: Ints
    hi: Ints
    options: int
    own: Sets
    shared: Sets

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return 1 + len(self.own.row) + len(self.shared.row)

    def cost(self, value: Ints, own: Ints, shared: Ints) -> Ints:
        """Return what a unit on each arc costs.

        Parameters
        ----------
        value
            Shape (options,): what each option is worth.
        own, shared
            Shape (bundle rows,) and (shared rows,): what a unit costs that a row is short of.
        """
        parts = [-value.astype(np.int64)]
        for sets, weights in ((self.own, own), (self.shared, shared)):
            parts += [np.zeros(len(sets.row), np.int64), -np.append(weights, 0)[sets.row]]
        return np.concatenate(parts)

    def prices(self, potential: Ints, rows: int) -> Ints:
        """Return the price of every shared row at the potentials of all nodes; 0 where it binds not."""
        found = np.zeros(rows, np.int64)
        rest = self.options + 2 * len(self.own.row) + np.arange(len(self.shared.row))
        found[self.shared.row] = potential[self.head[rest]] - potential[self.tail[rest]]
        return found


class Sets(NamedTuple):
    """Sets of options with limits; any two are apart or one inside the other.

    Parameters
    ----------
    home
        Shape (options,): the smallest set around each option, -1 where there is none.
    around
        Shape (sets,): the smallest set around each set, -1 where there is none.
    least, asked, most
        Shape (sets,): how many it must hold, how many it is asked for and may be short of, and how many
        it may hold.
    row
        Shape (sets,): the row that asks; -1 where none does.
    """

    home: Ints
    around: Ints
    least: Ints
    asked: Ints
    most: Ints
    row: Ints


def network_of(draft: Draft, frame: Frame) -> Network | None:
    """Return a compiled instance as a network, None where it is none or a very large one."""
    options = int(frame.start[-1])
    if (
        options > MOST
        or (frame.size < 0).any()
        or draft.switches
        or draft.ties
        or draft.implications
    ):
        return None
    if not all(map(_counts_seats, draft.shared_rows)):
        return None
    arcs = frame.arcs.astype(np.int64) if len(frame.arcs) else np.arange(options)
    own = _own(draft, frame, arcs)
    shared = None if own is None else _shared(draft, arcs)
    if own is None or shared is None:
        return None
    must = np.zeros(options, np.int64)
    for held in draft.musts.values():
        must |= held[arcs]
    return _between(own, shared, must)


def _counts_seats(row: SharedRow) -> bool:
    """Tell whether every seat counts for one in a row."""
    return not row.heads and not row.switch and (row.coefs is None or bool((row.coefs == 1).all()))


def _between(own: Sets, shared: Sets, must: Ints) -> Network:
    """Return the arcs between two sides; some options must be held."""
    below, above = 1 + np.arange(len(own.row)), 1 + len(own.row) + np.arange(len(shared.row))
    own_home, own_around = (np.append(below, 0)[each] for each in (own.home, own.around))
    home, around = (np.append(above, 0)[each] for each in (shared.home, shared.around))
    none = [np.zeros(len(sets.row), np.int64) for sets in (own, shared)]
    rest = [np.maximum(sets.most - sets.asked, 0) for sets in (own, shared)]
    asked = [np.minimum(sets.asked, sets.most) for sets in (own, shared)]
    return Network(
        tail=np.concatenate([own_home, own_around, own_around, above, above]),
        head=np.concatenate([home, below, below, around, around]),
        lo=np.concatenate([must, own.least, none[0], shared.least, none[1]]),
        hi=np.concatenate([np.ones_like(must), rest[0], asked[0], rest[1], asked[1]]),
        options=len(must),
        own=own,
        shared=shared,
    )


def nested(of: Ints, option: Ints, sets: int, options: int) -> tuple[Ints, Ints] | None:
    """Return the smallest set around each option and around each set; None if two sets cross.

    Parameters
    ----------
    of, option
        Shape (members,): which option is in which set.
    """
    order = np.lexsort((of, -np.bincount(of, minlength=sets)[of], option))
    of, option = of[order], option[order]
    outer = np.full(len(of), -1)
    outer[1:] = np.where(option[1:] == option[:-1], of[:-1], -1)
    home, around = np.full(options, -1), np.full(sets, -1)
    home[option], around[of] = of, outer
    return None if (around[of] != outer).any() else (home, around)


def _own(draft: Draft, frame: Frame, arcs: Ints) -> Sets | None:
    """Return the sets of one teacher that bind; None if some row counts otherwise, or two cross."""
    people, size, start = frame.teachers, frame.size, frame.start
    owner = np.repeat(np.arange(people), np.diff(start))
    counted = [_counted(row, arcs, owner, people) for row in frame.rows]
    inside = [each for each in counted if each is not None]
    if len(inside) < len(counted):
        return None
    group, grouped = _groups(draft, arcs)
    kinds = [np.full(len(option), kind) for kind, option in enumerate(inside, start=1)]
    kind = np.concatenate([np.zeros_like(owner), *kinds, len(inside) + 1 + group])
    option = np.concatenate([np.arange(len(owner)), *inside, grouped])
    key, of, count = np.unique(
        kind * people + owner[option], return_inverse=True, return_counts=True
    )
    kind, teacher = np.divmod(key, max(people, 1))
    row = np.where(kind <= len(inside), kind - 1, -1)
    lo, hi = _limits(frame.rows, row, teacher)
    hi = np.where(kind == 0, size[teacher], np.where(row < 0, 1, hi))
    binds = (lo > 0) | (hi < count) & ((kind == 0) | (hi < size[teacher]))
    is_soft = np.array([each.lo_goal is not None for each in frame.rows] + [False])[row]
    return _sets(of, option, binds, lo, np.minimum(hi, count), is_soft, row, len(owner))


def _counted(row: BundleRow, arcs: Ints, owner: Ints, people: int) -> Ints | None:
    """Return the options that a bundle row counts, None if it does not count each for as much.

    Nor does it where somebody has fewer than she must hold: others tell that better.
    """
    amount = row.amount
    if amount.parts or amount.cap < UNLIMITED or row.hi_goal is not None:
        return None
    coefs = amount.coefs[arcs]
    options = np.flatnonzero(coefs)
    if (coefs[options] != 1).any():
        return None
    have = np.bincount(owner[options], minlength=people)
    is_short = row.lo is not None and row.lo_goal is None and (row.lo > have).any()
    return None if is_short else options


def _limits(rows: Sequence[BundleRow], row: Ints, teacher: Ints) -> tuple[Ints, Ints]:
    """Return the limits of some rows for some teachers."""
    lo, hi = np.zeros_like(row), np.full_like(row, UNLIMITED)
    for place, each in enumerate(rows):
        mine = row == place
        if each.lo is not None:
            lo[mine] = each.lo[teacher[mine]]
        if each.hi is not None:
            hi[mine] = each.hi[teacher[mine]]
    return lo, hi


def _groups(draft: Draft, arcs: Ints) -> tuple[Ints, Ints]:
    """Return exclusive groups and the options in them, one by one."""
    groups = [group for rule in sorted(draft.exclusive_groups)
              for group in draft.exclusive_groups[rule]]  # fmt: skip
    numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    found = lists_of(draft.sections, joined(groups), numbers).of(draft.arc_section[arcs])
    return found.values, np.repeat(np.arange(len(arcs)), np.diff(found.edges))


def _shared(draft: Draft, arcs: Ints) -> Sets | None:
    """Return the sets of the shared rows that bind; None if two cross."""
    rows = draft.shared_rows
    option_of = np.full(draft.arcs, -1)
    option_of[arcs] = np.arange(len(arcs))
    places = [option_of[row.arcs] for row in rows]
    of = np.repeat(np.arange(len(rows)), [len(each) for each in places])
    option = joined(places)
    of, option = of[option >= 0], option[option >= 0]
    count = np.bincount(of, minlength=len(rows))
    lo, hi = np.array([(row.lo, row.hi) for row in rows], np.int64).reshape(-1, 2).T
    is_soft = np.array([row.goal is not None for row in rows], bool)
    if (lo > count)[~is_soft].any():
        return None
    binds = (lo > 0) | (hi < count)
    return _sets(
        of, option, binds, lo, np.minimum(hi, count), is_soft, np.arange(len(rows)), len(arcs)
    )


def _sets(
    of: Ints,
    option: Ints,
    binds: Mask,
    lo: Ints,
    hi: Ints,
    is_soft: Mask,
    row: Ints,
    options: int,
) -> Sets | None:
    """Return the sets that bind; None if two of them cross."""
    number = np.cumsum(binds) - 1
    kept = binds[of]
    found = nested(number[of[kept]], option[kept], int(binds.sum()), options)
    if found is None:
        return None
    least, asked = np.where(is_soft, 0, lo), np.where(is_soft, lo, 0)
    return Sets(*found, *(each[binds] for each in (least, asked, hi, row)))

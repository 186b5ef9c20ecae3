"""Every teacher's options as flat arrays, for a search that lists no bundles.

An *option* is a choice that no rule drops. What a section is to a kind of teacher is often the same
for many people, so it is kept once: as a *body* what it is to a bundle (what it counts for and
excludes), as an *offer* a body with the shared rows that it uses. An option only names its offer.
Nothing here knows a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from matching.backends.frame import AT_ONCE, Frame, frame_of
from matching.backends.hanging import hangs, needs_of, ties_of
from matching.backends.lists import Lists, Places, joined, lists_of
from matching.backends.offers import offers_of
from matching.columns import Numbers
from matching.instance import Ints, Mask
from matching.primitives import Amount, BundleRow, Draft
from matching.schema import UNLIMITED


class Local(NamedTuple):
    """The local side of an instance.

    Lists of different lengths are kept as edges and one long array: what belongs to i stands at
    `edges[i]` to `edges[i + 1]`.

    Parameters
    ----------
    start
        Shape (teachers + 1,): edges of the teachers' options.
    arc
        Shape (options,): the choice each option is; (0,) where every choice is an option.
    offer
        Shape (options,): the offer of each option.
    body
        Shape (offers,): the body of each offer.
    section
        Shape (bodies,): the section of each body.
    row_edges, row, coef
        Shared rows that count seats, by offer, and how much one seat uses of each; `coef` is (0,)
        where that is always 1.
    head_edges, head
        Shared rows that count a teacher once, by offer.
    group_edges, group
        Exclusive groups, by body: nobody holds two options of one group.
    node_edges, node, amount
        What an option adds to the nodes of amounts, by body.
    parent, cap, owner
        Shape (nodes,): the node above (-1: none), the most that counts, and the bundle row.
    lo, hi
        Shape (teachers, bundle rows): limits of each teacher's bundle.
    strict_lo, strict_hi
        Shape (bundle rows,): whether a limit must be kept; otherwise it may be priced.
    once
        Shape (bundle rows,): whether an option that adds to a row adds all that anybody needs.
    must
        Shape (options,): held in every solution; (0,) where none is.
    tie_of, tie_edges, tie
        Ties by teacher (edges), and the options of each tie (edges and options).
    need_of, need_option, need_edges, need
        Implications by teacher (edges): who holds the option holds one of the others too.
    size
        Shape (teachers,): no bundle holds more options than this; -1 where what must be held is
        dropped, so that there is no bundle at all.
    is_flat
        Whether every bundle row adds up one amount without parts or a cap.
    """

    start: Ints
    arc: Places
    offer: Places
    body: Places
    section: Places
    row_edges: Places
    row: Places
    coef: Places
    head_edges: Places
    head: Places
    group_edges: Ints
    group: Places
    node_edges: Ints
    node: Places
    amount: Ints
    parent: Ints
    cap: Ints
    owner: Ints
    lo: Places
    hi: Places
    strict_lo: Mask
    strict_hi: Mask
    once: Mask
    must: Mask
    tie_of: Places
    tie_edges: Ints
    tie: Ints
    need_of: Places
    need_option: Ints
    need_edges: Ints
    need: Ints
    size: Places
    is_flat: bool
    rows: int
    groups: int

    @property
    def teachers(self) -> int:
        """Number of teachers."""
        return len(self.start) - 1

    @property
    def options(self) -> int:
        """Number of options."""
        return len(self.offer)

    @property
    def coefs(self) -> Places:
        """How much one seat uses of each of `row`."""
        return self.coef if len(self.coef) else np.broadcast_to(np.int32(1), self.row.shape)

    @property
    def teacher(self) -> Ints:
        """Shape (options,): whose option it is."""
        return np.repeat(np.arange(self.teachers), np.diff(self.start))

    def takers(self) -> Ints:
        """Return how many options each offer is, (offers,); counted part by part, for there are millions."""
        found = np.zeros(len(self.body), np.int64)
        for begin in range(0, self.options, AT_ONCE):
            found += np.bincount(self.offer[begin : begin + AT_ONCE], minlength=len(found))
        return found

    def choices(self, options: Ints | Places) -> Ints | Places:
        """Return the choices that some options are."""
        return self.arc[options] if len(self.arc) else options


def local_of(draft: Draft, frame: Frame | None = None) -> tuple[Local, tuple[BundleRow, ...]]:
    """Return the local side of a compiled instance and the bundle rows it has columns for.

    Rows that only say how many options fit stand in `size`; strict upper limits on one amount
    become one row.
    """
    arcs, start, rows, size = frame_of(draft) if frame is None else frame
    section = draft.arc_section[arcs] if len(arcs) else draft.arc_section[: int(start[-1])]
    body, first = _bodies(rows, arcs, section)
    at = np.arange(draft.sections) if body is section else section[first]
    parent, cap, owner, nodes = _nodes(
        rows, at, arcs[first].astype(np.int64) if len(arcs) else first
    )
    groups, group_count = _groups(draft, at)
    offers = offers_of(draft, start, section, body, at)
    must = np.zeros(len(section) if draft.musts else 0, bool)
    for held in draft.musts.values():
        must |= held[arcs] if len(arcs) else held[: len(must)]
    kept = arcs if len(arcs) else np.arange(len(section) * hangs(draft), dtype=np.int32)
    tie_of, ties = ties_of(draft, kept)
    need_of, need_option, needs = needs_of(draft, kept)
    lo = _limits(draft.teachers, [row.lo for row in rows], 0)
    local = Local(
        start=start,
        arc=arcs,
        offer=offers.offer,
        body=offers.body,
        section=at.astype(np.int32),
        row_edges=offers.seats.edges,
        row=offers.seats.values,
        coef=offers.seats.weights,
        head_edges=offers.heads.edges,
        head=offers.heads.values,
        group_edges=groups.edges,
        group=groups.values.astype(np.int32),
        node_edges=nodes.edges,
        node=nodes.values.astype(np.int32),
        amount=nodes.weights,
        parent=parent,
        cap=cap,
        owner=owner,
        lo=lo,
        hi=_limits(draft.teachers, [row.hi for row in rows], UNLIMITED),
        strict_lo=np.array([row.lo is not None and row.lo_goal is None for row in rows], bool),
        strict_hi=np.array([row.hi is not None and row.hi_goal is None for row in rows], bool),
        once=_once(lo, cap, owner, nodes, len(at)),
        must=must,
        tie_of=tie_of,
        tie_edges=ties.edges,
        tie=ties.values,
        need_of=need_of,
        need_option=need_option,
        need_edges=needs.edges,
        need=needs.values,
        size=size,
        is_flat=bool(len(parent) == len(rows) and (cap == UNLIMITED).all()),
        rows=len(draft.shared_rows),
        groups=group_count,
    )
    return local, rows


def _once(lo: Places, cap: Ints, owner: Ints, nodes: Lists, bodies: int) -> Mask:
    """Return in which bundle rows one option is enough for anybody, if many options are."""
    rows, row = lo.shape[1], owner[nodes.values]
    least = np.full(rows, UNLIMITED, np.int64)
    np.minimum.at(least, row, nodes.weights)
    most = lo.max(axis=0, initial=0)
    is_whole = np.bincount(owner, 1 + (cap < UNLIMITED), rows) == 1
    are_many = SHARED * np.bincount(row, minlength=rows) >= bodies
    return np.asarray(is_whole & are_many & (most > 0) & (most <= least))


SHARED = 4
"""What one option does for all is told apart where at least one body in so many does it."""


def _limits(teachers: int, limits: Sequence[Ints | None], otherwise: int) -> Places:
    """Return limits by teacher and row in 32 bits, `otherwise` where there is none."""
    found = np.empty((teachers, len(limits)), np.int32)
    for place, limit in enumerate(limits):
        found[:, place] = np.minimum(otherwise if limit is None else limit, MOST)
    return found


MOST = (1 << 31) - 1
"""Limits of bundles above this are as good as none."""


def _bodies(rows: Sequence[BundleRow], arcs: Places, section: Numbers) -> tuple[Numbers, Ints]:
    """Return what each option is to a bundle, its body, and one option of each body.

    That is its section, unless some amounts differ from choice to choice in one section.
    """
    amounts = [amount for row in rows for amount in _all_of(row.amount) if amount.section is None]
    if not amounts:
        return section, np.zeros(0, np.int64)
    keys = section.astype(np.int64)
    for amount in amounts:
        coefs = amount.numbers[arcs] if len(arcs) else amount.numbers[: len(keys)]
        keys = keys * (int(coefs.max(initial=0)) + 1) + coefs
    _, first, body = np.unique(keys, return_index=True, return_inverse=True)
    return body.astype(np.int32), first


def _all_of(amount: Amount) -> Iterator[Amount]:
    yield amount
    for part in amount.parts:
        yield from _all_of(part)


def _nodes(
    rows: Sequence[BundleRow], section: Numbers, arcs: Ints
) -> tuple[Ints, Ints, Ints, Lists]:
    """Return the nodes of all amounts and what every body adds to them.

    `section` and `arcs` tell the section, and where it matters a choice, of every body.
    """
    parent: list[int] = []
    cap: list[int] = []
    owner: list[int] = []
    bodies: list[Ints] = []
    amounts: list[Ints] = []

    def add(amount: Amount, above: int, row: int) -> None:
        node = len(parent)
        parent.append(above)
        cap.append(amount.cap)
        owner.append(row)
        coefs = amount.numbers[arcs if amount.section is None else section]
        bodies.append(np.flatnonzero(coefs))
        amounts.append(coefs[bodies[-1]])
        for part in amount.parts:
            add(part, node, row)

    for place, row in enumerate(rows):
        add(row.amount, -1, place)
    nodes = np.repeat(np.arange(len(parent)), [len(each) for each in bodies])
    lists = lists_of(len(section), joined(bodies), nodes, joined(amounts))
    return np.array(parent, np.int64), np.array(cap, np.int64), np.array(owner, np.int64), lists


def _groups(draft: Draft, section: Numbers) -> tuple[Lists, int]:
    """Return the exclusive groups of every body and how many there are."""
    groups = [
        group for rule in sorted(draft.exclusive_groups) for group in draft.exclusive_groups[rule]
    ]
    sections = joined(groups)
    numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return lists_of(draft.sections, sections, numbers).of(section), len(groups)

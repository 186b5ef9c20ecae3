"""Every teacher's options as flat arrays, for a search that lists no bundles.

An *option* is a choice that no rule drops. What a section is to a kind of teacher (the shared rows
it uses, what it counts for, what it excludes) is often the same for many people, so it is kept once,
as an *offer*; an option only names its offer. Nothing here knows a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.instance import Ints, Mask
from matching.primitives import Amount, BundleRow, Draft
from matching.schema import UNLIMITED

Places = NDArray[np.int32]


class Local(NamedTuple):
    """The local side of an instance.

    Lists of different lengths are kept as edges and one long array: what belongs to i stands at
    `edges[i]` to `edges[i + 1]`.

    Parameters
    ----------
    start
        Shape (teachers + 1,): edges of the teachers' options.
    arc
        Shape (options,): the choice each option is.
    offer
        Shape (options,): the offer of each option.
    row_edges, row, coef
        Shared rows that count seats, by offer, and how much one seat uses of each.
    head_edges, head
        Shared rows that count a teacher once, by offer.
    group_edges, group
        Exclusive groups, by offer: nobody holds two options of one group.
    node_edges, node, amount
        What an option adds to the nodes of amounts, by offer.
    parent, cap, owner
        Shape (nodes,): the node above (-1: none), the most that counts, and the bundle row.
    lo, hi
        Shape (teachers, bundle rows): limits of each teacher's bundle.
    strict_lo, strict_hi
        Shape (bundle rows,): whether a limit must be kept; otherwise it may be priced.
    must
        Shape (options,): held in every solution.
    tie_of, tie_edges, tie
        Ties by teacher (edges), and the options of each tie (edges and options).
    need_of, need_option, need_edges, need
        Implications by teacher (edges): who holds the option holds one of the others too.
    size
        Shape (teachers,): no bundle holds more options than this; -1 where what must be held is
        dropped, so that there is no bundle at all.
    """

    start: Ints
    arc: Places
    offer: Places
    body: Places
    row_edges: Ints
    row: Places
    coef: Ints
    head_edges: Ints
    head: Places
    group_edges: Ints
    group: Places
    node_edges: Ints
    node: Places
    amount: Ints
    parent: Ints
    cap: Ints
    owner: Ints
    lo: Ints
    hi: Ints
    strict_lo: Mask
    strict_hi: Mask
    must: Mask
    tie_of: Ints
    tie_edges: Ints
    tie: Ints
    need_of: Ints
    need_option: Ints
    need_edges: Ints
    need: Ints
    size: Ints
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
    def teacher(self) -> Ints:
        """Shape (options,): whose option it is."""
        return np.repeat(np.arange(self.teachers), np.diff(self.start))


def local_of(draft: Draft) -> tuple[Local, tuple[BundleRow, ...]]:
    """Return the local side of a compiled instance and the bundle rows it has columns for.

    Rows that only say how many options fit stand in `size`; strict upper limits on one amount
    become one row.
    """
    alive = np.ones(draft.arcs, bool)
    for dropped in draft.dropped.values():
        alive &= ~dropped
    arcs = np.flatnonzero(alive)
    place = np.full(draft.arcs + 1, -1, np.int64)
    place[arcs] = np.arange(len(arcs))
    start = np.searchsorted(draft.arc_teacher[arcs], np.arange(draft.teachers + 1))
    section = draft.arc_section[arcs]
    rows, size = _bundle_rows(draft, arcs, np.diff(start))
    seats = _incidence(draft, place, len(arcs), heads=False)
    heads = _incidence(draft, place, len(arcs), heads=True)
    parent, cap, owner, nodes = _nodes(rows, arcs)
    offer, first = _offers(section, (seats, heads, nodes))
    seats, heads, nodes = (lists.of(first) for lists in (seats, heads, nodes))
    groups, group_count = _groups(draft, section[first])
    must = np.zeros(len(arcs), bool)
    for held in draft.musts.values():
        must |= held[arcs]
        size[draft.arc_teacher[held & ~alive]] = -1
    tie_of, ties = _ties(draft, place)
    need_of, need_option, needs = _needs(draft, place)
    zero, endless = np.zeros(draft.teachers, np.int64), np.full(draft.teachers, UNLIMITED)
    local = Local(
        start,
        arcs.astype(np.int32),
        offer.astype(np.int32),
        np.arange(len(first), dtype=np.int32),
        seats.edges,
        seats.values.astype(np.int32),
        seats.weights,
        heads.edges,
        heads.values.astype(np.int32),
        groups.edges,
        groups.values.astype(np.int32),
        nodes.edges,
        nodes.values.astype(np.int32),
        nodes.weights,
        parent,
        cap,
        owner,
        np.column_stack([zero, *(zero if row.lo is None else row.lo for row in rows)])[
            :, 1:
        ].copy(),
        np.column_stack([zero, *(endless if row.hi is None else row.hi for row in rows)])[
            :, 1:
        ].copy(),
        np.array([row.lo is not None and row.lo_goal is None for row in rows], bool),
        np.array([row.hi is not None and row.hi_goal is None for row in rows], bool),
        must,
        tie_of,
        ties.edges,
        ties.values,
        need_of,
        need_option,
        needs.edges,
        needs.values,
        size,
        bool(len(parent) == len(rows) and (cap == UNLIMITED).all()),
        len(draft.shared_rows),
        group_count,
    )
    return local, rows


def _bundle_rows(draft: Draft, arcs: Ints, sizes: Ints) -> tuple[tuple[BundleRow, ...], Ints]:
    """Return the bundle rows worth a column, and the most options any bundle of a teacher holds."""
    teacher = draft.arc_teacher[arcs]
    kept: list[BundleRow] = []
    caps: dict[bytes, int] = {}
    for row in draft.bundle_rows:
        amount, hi = row.amount, row.hi
        is_cap = row.lo is None and hi is not None and row.hi_goal is None and not amount.parts
        if not is_cap or hi is None:
            kept.append(row)
            continue
        coefs = amount.coefs[arcs]
        least = np.full(len(sizes), UNLIMITED, np.int64)
        np.minimum.at(least, teacher, coefs)
        counts = (least > 0) & (amount.cap > hi)
        sizes = np.where(counts, np.minimum(sizes, hi // np.maximum(least, 1)), sizes)
        if (coefs == 1).all() and amount.cap == UNLIMITED:
            continue
        key = coefs.tobytes() if amount.cap == UNLIMITED else b""
        if key and key in caps:
            other = kept[caps[key]]
            kept[caps[key]] = replace(
                other, hi=np.minimum(hi, hi if other.hi is None else other.hi)
            )
        else:
            caps[key] = len(kept)
            kept.append(row)
    return tuple(kept), sizes


class Lists(NamedTuple):
    """Lists of different lengths: edges, values and a weight of each value."""

    edges: Ints
    values: Ints
    weights: Ints

    def of(self, which: Ints | Places) -> Lists:
        """Return some of the lists."""
        sizes = np.diff(self.edges)[which]
        edges = np.concatenate([[0], np.cumsum(sizes)])
        shift = np.repeat(self.edges[which] - edges[:-1], sizes)
        places = np.arange(edges[-1]) + shift
        return Lists(edges, self.values[places], self.weights[places])


def lists_of(count: int, owner: Ints, values: Ints, weights: Ints | None = None) -> Lists:
    """Return lists by owner; inside each, values keep the order they come in."""
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(count + 1))
    weights = np.ones(len(values), np.int64) if weights is None else weights
    return Lists(edges, values[order], weights[order])


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _incidence(draft: Draft, place: Ints, options: int, *, heads: bool) -> Lists:
    """Return the shared rows of every option, seat rows or head rows."""
    which = [(i, row) for i, row in enumerate(draft.shared_rows) if row.heads == heads]
    owners = _joined([place[row.arcs] for _, row in which])
    rows = np.repeat([i for i, _ in which] or [0], [len(row.arcs) for _, row in which] or [0])
    weights = _joined([row.weights for _, row in which])
    kept = owners >= 0
    return lists_of(options, owners[kept], rows[kept], weights[kept])


def _nodes(rows: Sequence[BundleRow], arcs: Ints) -> tuple[Ints, Ints, Ints, Lists]:
    """Return the nodes of all amounts and what every option adds to them."""
    parent: list[int] = []
    cap: list[int] = []
    owner: list[int] = []
    options: list[Ints] = []
    amounts: list[Ints] = []

    def add(amount: Amount, above: int, row: int) -> None:
        node = len(parent)
        parent.append(above)
        cap.append(amount.cap)
        owner.append(row)
        coefs = amount.coefs[arcs]
        options.append(np.flatnonzero(coefs))
        amounts.append(coefs[options[-1]])
        for part in amount.parts:
            add(part, node, row)

    for place, row in enumerate(rows):
        add(row.amount, -1, place)
    nodes = np.repeat(np.arange(len(parent)), [len(each) for each in options])
    lists = lists_of(len(arcs), _joined(options), nodes, _joined(amounts))
    return np.array(parent, np.int64), np.array(cap, np.int64), np.array(owner, np.int64), lists


_MIX = np.uint64(0x9E3779B97F4A7C15)


def _offers(section: Ints, lists: Iterable[Lists]) -> tuple[Ints, Ints]:
    """Return the offer of every option and one option of every offer.

    Options are alike when their sections and all their lists are; a mixed number finds candidates,
    and they count as alike only when they are equal to the last entry.
    """
    lists = tuple(lists)
    mixed = _mixed(section.astype(np.uint64))
    for number, each in enumerate(lists):
        words = _mixed(each.values.astype(np.uint64) * np.uint64(2 * number + 3))
        words = _mixed(words + _mixed(each.weights.astype(np.uint64)))
        total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(words, dtype=np.uint64)])
        mixed = _mixed(mixed + total[each.edges[1:]] - total[each.edges[:-1]])
    _, first, offer = np.unique(mixed, return_index=True, return_inverse=True)
    same = section == section[first][offer]
    for each in lists:
        same &= _equal_lists(each, first[offer])
    if not same.all():
        return np.arange(len(section)), np.arange(len(section))
    return offer, first


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words + np.uint64(1)) * _MIX
    words ^= words >> np.uint64(31)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(words ^ (words >> np.uint64(29)))


def _equal_lists(lists: Lists, model: Ints) -> Mask:
    """Return which lists equal the list of their model."""
    sizes = np.diff(lists.edges)
    same = sizes == sizes[model]
    held = np.flatnonzero(same & (model != np.arange(len(model))))
    mine, theirs = lists.of(held), lists.of(model[held])
    differs = (mine.values != theirs.values) | (mine.weights != theirs.weights)
    bad = np.repeat(held, sizes[held])[differs]
    same[bad] = False
    return np.asarray(same)


def _groups(draft: Draft, section: Ints) -> tuple[Lists, int]:
    """Return the exclusive groups of every offer and how many there are."""
    groups = [
        group for rule in sorted(draft.exclusive_groups) for group in draft.exclusive_groups[rule]
    ]
    sections = _joined(groups)
    numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return lists_of(draft.sections, sections, numbers).of(section), len(groups)


def _ties(draft: Draft, place: Ints) -> tuple[Ints, Lists]:
    """Return ties by teacher; one with a dropped choice holds -1 in its place."""
    ties = sorted(
        (int(draft.arc_teacher[arcs[0]]), tuple(place[arcs].tolist())) for _, arcs in draft.ties
    )
    owner = np.repeat(np.arange(len(ties)), [len(tie) for _, tie in ties])
    options = _joined([np.array(tie, np.int64) for _, tie in ties])
    teachers = np.array([teacher for teacher, _ in ties], np.int64)
    return np.searchsorted(teachers, np.arange(draft.teachers + 1)), lists_of(
        len(ties), owner, options
    )


def _needs(draft: Draft, place: Ints) -> tuple[Ints, Ints, Lists]:
    """Return implications by teacher, those of dropped choices left out."""
    needs = sorted(
        (int(draft.arc_teacher[arc]), int(place[arc]), tuple(sorted(place[any_of].tolist())))
        for _, arc, any_of in draft.implications
        if place[arc] >= 0
    )
    kept = [[option for option in any_of if option >= 0] for _, _, any_of in needs]
    owner = np.repeat(np.arange(len(needs)), [len(any_of) for any_of in kept])
    lists = lists_of(len(needs), owner, _joined([np.array(each, np.int64) for each in kept]))
    teachers = np.array([teacher for teacher, _, _ in needs], np.int64)
    edges = np.searchsorted(teachers, np.arange(draft.teachers + 1))
    return edges, np.array([option for _, option, _ in needs], np.int64), lists


LISTABLE, MOST_LISTABLE, EACH_LISTABLE = 2_000_000, 60_000_000, 20_000
"""Up to so many sets of options the bundles among them are listed: in any round, in a large one, and
for each teacher of a large one."""


def is_listable(local: Local) -> bool:
    """Tell whether all bundles can be listed, from the numbers of options and the sizes alone."""
    sizes = np.diff(local.start).tolist()
    sets = sum(
        sum(comb(options, held) for held in range(min(options, most) + 1))
        for options, most in zip(sizes, local.size.tolist(), strict=True)
    )
    return sets <= max(LISTABLE, min(MOST_LISTABLE, EACH_LISTABLE * local.teachers))

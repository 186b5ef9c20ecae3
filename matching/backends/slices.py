"""Everybody asked at once, slice by slice: which teachers a shard has, and what it needs of the rest.

A slice holds some consecutive teachers with their options, and of offers, bodies, rows and groups
only those that these options use, numbered anew. At each step it is sent the prices of its own rows
and sends back what its teachers use of them; the sums are exact, so the number of slices changes
nothing. The search of one teacher sees the same numbers in a slice as in the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from matching.backends.kernel import Terms
from matching.backends.lists import Lists, Places
from matching.backends.local import Local
from matching.backends.passes import Near, asked_of, near_of
from matching.columns import Numbers
from matching.instance import Ints, Mask
from matching.shards.engine import Engine, Here, Kept


class Slice(NamedTuple):
    """Which part of the whole a shard has.

    Parameters
    ----------
    teachers, options
        Its first teacher and the one after its last; the same for options.
    rows
        Its shared rows, in order; None: all of them.
    """

    teachers: slice
    options: slice
    rows: Ints | None

    def of_rows(self, values: Ints) -> Ints:
        """Return the values of its rows."""
        return values if self.rows is None else values[self.rows]


class Common(NamedTuple):
    """What is sent at each step: all but the prices is short."""

    lo_weight: Ints
    hi_weight: Ints
    price: Ints
    lean: int
    scale: int
    tries: int
    strict_lo: Mask


def asked(
    local: Local, value: Numbers, lot: Ints, common: Common, first: int, every: int
) -> tuple[int, Ints]:
    """Return what best bundles of a slice, of one teacher in `every`, are worth and use of its rows."""
    worth, usage = asked_of(*_search(local, value, lot, common), first, every)
    return worth, np.ascontiguousarray(usage)


def near(local: Local, value: Numbers, lot: Ints, common: Common, most: int, within: int) -> Near:
    """Return the best bundles of everybody in a slice."""
    everybody = np.arange(local.teachers)
    return near_of(*_search(local, value, lot, common), everybody, most, within)


def _search(local: Local, value: Numbers, lot: Ints, common: Common) -> tuple[Local, Terms]:
    lo_weight, hi_weight, price, lean, scale, tries, strict_lo = common
    terms = Terms(value, lo_weight, hi_weight, price, lot, lean, scale, tries)
    return local._replace(strict_lo=strict_lo), terms


class Slices:
    """The local side of an instance, cut for the shards of an engine."""

    def __init__(self, local: Local, engine: Engine) -> None:
        self._engine = engine
        self._slices: list[Slice] = []
        self._local = engine.keep(self._cut(local, engine.shards))
        self._value: tuple[Numbers, Kept] | None = None
        self._lot: tuple[Ints, Kept] | None = None

    def _cut(self, local: Local, shards: int) -> Iterator[Local]:
        """Yield the slices of all shards, each with about as many options as any other."""
        if shards == 1:
            self._slices.append(Slice(slice(None), slice(None), None))
            yield local
            return
        share = np.arange(1, shards) * local.options / shards
        edges = [0, *np.searchsorted(local.start, share).tolist(), local.teachers]
        for begin, end in pairwise(edges):
            rows, part = slice_of(local, begin, end)
            options = slice(int(local.start[begin]), int(local.start[end]))
            self._slices.append(Slice(slice(begin, end), options, rows))
            yield part

    def again(self, local: Local) -> Slices:
        """Return the slices of a part of the teachers, by the same workers while each has enough.

        Whoever asked for them drops them.
        """
        engine = self._engine
        if isinstance(engine, Here):
            return Slices(local, Here(engine.shards))
        is_worth_sending = local.teachers >= ENOUGH * engine.shards
        return Slices(local, engine if is_worth_sending else Here())

    def drop(self) -> None:
        """Let the engine forget all that it keeps."""
        for kept in (self._local, *(one[1] for one in (self._value, self._lot) if one)):
            self._engine.drop(kept)

    def asked(self, terms: Terms, strict_lo: Mask, every: int = 1) -> tuple[int, Ints]:
        """Return what best bundles are worth and use of each row: everybody's, or of one in `every`."""
        firsts = [-(each.teachers.start or 0) % every for each in self._slices]
        commons = self._common(terms, strict_lo)
        given = [(common, first, every) for common, first in zip(commons, firsts, strict=True)]
        answers = self._engine.map(asked, self._kept(terms), given)
        if len(answers) == 1:
            worth, usage = answers[0]
            return worth, usage
        total = np.zeros(len(terms.price), np.int64)
        for each, (_, usage) in zip(self._slices, answers, strict=True):
            total[each.rows] += usage
        return sum(worth for worth, _ in answers), total

    def near(self, terms: Terms, strict_lo: Mask, most: int = 1, within: int = 0) -> Near:
        """Return up to `most` bundles of everybody, none more than `within` below her best."""
        given = [(common, most, within) for common in self._common(terms, strict_lo)]
        answers: list[Near] = self._engine.map(near, self._kept(terms), given)
        if len(answers) == 1:
            return answers[0]
        size = max(answer.held.shape[2] for answer in answers)
        held = [
            _moved(answer.held, each.options.start, size)
            for each, answer in zip(self._slices, answers, strict=True)
        ]
        found = np.concatenate([answer.found for answer in answers])
        return Near(found, np.concatenate([a.worth for a in answers]), np.concatenate(held))

    def _common(self, terms: Terms, strict_lo: Mask) -> Iterator[Common]:
        for each in self._slices:
            price = each.of_rows(terms.price)
            weights = terms.lo_weight, terms.hi_weight
            yield Common(*weights, price, terms.lean, terms.scale, terms.tries, strict_lo)

    def _kept(self, terms: Terms) -> tuple[Kept, Kept, Kept]:
        """Return what the engine keeps; values and lots go out again only where they are others."""
        if self._value is None or self._value[0] is not terms.value:
            values = (terms.value[each.options] for each in self._slices)
            self._value = terms.value, self._kept_anew(self._value, values)
        if self._lot is None or self._lot[0] is not terms.lot:
            lots = (terms.lot[each.teachers] for each in self._slices)
            self._lot = terms.lot, self._kept_anew(self._lot, lots)
        return self._local, self._value[1], self._lot[1]

    def _kept_anew(self, before: tuple[Ints, Kept] | None, parts: Iterator[Numbers]) -> Kept:
        if before is not None:
            self._engine.drop(before[1])
        return self._engine.keep(parts)


ENOUGH = 5_000
"""To send a part of the market to workers pays from about so many teachers for each."""


def _moved(held: Places, first: int, size: int) -> Places:
    """Return a slice's bundles by the options of the whole, as wide as those of all slices."""
    found = np.full((*held.shape[:2], size), -1, np.int32)
    found[:, :, : held.shape[2]] = np.where(held < 0, -1, held + first)
    return found


@dataclass(frozen=True)
class _Numbers:
    """Some of the numbers 0 to `count`, numbered anew in their order."""

    used: Ints
    new: Numbers

    @staticmethod
    def of(count: int, *values: Numbers) -> _Numbers:
        """Return the numbers that occur in some values."""
        is_used = np.zeros(count, bool)
        for each in values:
            is_used[each] = True
        return _Numbers(np.flatnonzero(is_used), np.cumsum(is_used, dtype=np.int32) - np.int32(1))

    def __call__(self, values: Numbers) -> Numbers:
        return self.new[values].astype(values.dtype, copy=False)


def slice_of(local: Local, begin: int, end: int) -> tuple[Ints, Local]:
    """Return the shared rows that some consecutive teachers may use, and the local side of them.

    Choices (`arc`) stay behind: no search asks for them.
    """
    first, last = int(local.start[begin]), int(local.start[end])
    offers = _Numbers.of(len(local.body), local.offer[first:last])
    bodies = _Numbers.of(len(local.section), local.body[offers.used])
    seats = Lists(local.row_edges, local.row, local.coefs).of(offers.used)
    heads = Lists(local.head_edges, local.head, local.head).of(offers.used)
    groups = Lists(local.group_edges, local.group, local.group).of(bodies.used)
    nodes = Lists(local.node_edges, local.node, local.amount).of(bodies.used)
    rows = _Numbers.of(local.rows, seats.values, heads.values)
    names = _Numbers.of(local.groups, groups.values)
    ties = _within(local.tie_of, Lists(local.tie_edges, local.tie, local.tie), begin, end)
    needs = _within(local.need_of, Lists(local.need_edges, local.need, local.need), begin, end)
    some = slice(int(local.need_of[begin]), int(local.need_of[end]))
    return rows.used, local._replace(
        start=local.start[begin : end + 1] - first,
        arc=np.zeros(0, np.int32),
        offer=offers(local.offer[first:last]),
        body=bodies(local.body[offers.used]),
        section=local.section[bodies.used],
        row_edges=seats.edges.astype(local.row_edges.dtype),
        row=rows(seats.values),
        coef=seats.weights if len(local.coef) else local.coef,
        head_edges=heads.edges.astype(local.head_edges.dtype),
        head=rows(heads.values),
        group_edges=groups.edges.astype(local.group_edges.dtype),
        group=names(groups.values),
        node_edges=nodes.edges.astype(local.node_edges.dtype),
        node=nodes.values,
        amount=nodes.weights,
        lo=local.lo[begin:end],
        hi=local.hi[begin:end],
        must=local.must[first:last],
        tie_of=local.tie_of[begin : end + 1] - local.tie_of[begin],
        tie_edges=ties.edges,
        tie=_less(ties.values, first),
        need_of=local.need_of[begin : end + 1] - local.need_of[begin],
        need_option=_less(local.need_option[some], first),
        need_edges=needs.edges,
        need=_less(needs.values, first),
        size=local.size[begin:end],
        rows=len(rows.used),
        groups=len(names.used),
    )


def _within(of: Places, lists: Lists, begin: int, end: int) -> Lists:
    """Return the lists of some consecutive teachers."""
    return lists.of(np.arange(int(of[begin]), int(of[end])))


def _less(options: Ints, first: int) -> Ints:
    """Return options counted from the first one of a slice; -1 stays."""
    return np.where(options < 0, options, options - first)

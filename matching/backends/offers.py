"""Which shared rows a seat uses, found once for all people of one kind.

A shared row is over some sections and some teachers. Which groups of teachers somebody belongs to,
and which groups of sections a section, says together which rows her seat there uses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from matching.backends.gathering import (
    Found,
    Lines,
    gather_offers,
    index_offers,
    merge_offers,
)
from matching.backends.lists import Lists, Places, joined, lists_of
from matching.columns import Numbers
from matching.freed import give_back
from matching.instance import Ints, Mask
from matching.primitives import Draft, Group
from matching.shards.threads import threads


class Offers(NamedTuple):
    """The offers of a round: which one each option is, and what each uses.

    Parameters
    ----------
    offer
        Shape (options,): the offer of each option, numbered as they are first met.
    body
        Shape (offers,): the body of each.
    seats, heads
        By offer: shared rows that count seats, and those that count a teacher once.
    """

    offer: Places
    body: Places
    seats: Lists
    heads: Lists


def offers_of(draft: Draft, start: Ints, section: Numbers, body: Numbers, at: Numbers) -> Offers:
    """Return the offers of all options, given by teacher with the section and the body of each.

    `at` is the section of every body.
    """
    offer, book = np.zeros(len(section), np.int32), _Book()
    part = partial(_gathered, start, section, body, _lines(draft), offer)
    for options, own in _in_turn(part, _parts(start)):
        offer[options] = book.joined(own)[offer[options]]
        del own
    edges, bodies, rows = book.closed()
    give_back(draft.arcs)
    is_head = np.array([row.heads for row in draft.shared_rows], bool)[rows]
    seats, heads = _part(edges, rows, ~is_head), _part(edges, rows, is_head)
    return Offers(offer, bodies, seats._replace(weights=_weights(draft, seats, bodies, at)), heads)


FIRST, AT_ONCE = 4096, 1 << 20
"""Room for so many offers to begin with; so many options are looked at together."""

ROOM = 2
"""So many places of a table for each offer."""


def _parts(start: Ints) -> Iterator[tuple[int, int]]:
    """Yield consecutive teachers, the first and the one after the last, with few options together."""
    options = np.arange(0, int(start[-1]), AT_ONCE)
    first = np.unique(np.searchsorted(start, options, side="right") - 1)
    return pairwise([*first.tolist(), len(start) - 1])


def _in_turn(
    part: Callable[[tuple[int, int]], tuple[slice, _Book]], parts: Iterable[tuple[int, int]]
) -> Iterator[tuple[slice, _Book]]:
    """Yield what threads find, in the order of the parts; only a few books wait to be joined."""
    waiting: deque[Future[tuple[slice, _Book]]] = deque()
    with ThreadPoolExecutor(threads()) as pool:
        for people in parts:
            waiting.append(pool.submit(part, people))
            if len(waiting) > threads():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _gathered(
    start: Ints,
    section: Numbers,
    body: Numbers,
    lines: Lines,
    offer: Places,
    people: tuple[int, int],
) -> tuple[slice, _Book]:
    """Fill in the offers of consecutive teachers, numbered for themselves; return their options."""
    options = slice(int(start[people[0]]), int(start[people[1]]))
    these, own = (np.array(each[options], np.int32) for each in (section, body))
    buffer, book = np.zeros(_longest(lines), np.int64), _Book()
    done = np.array([options.start, 0, 0, people[0]])
    while done[0] < options.stop:
        before = int(done[0])
        given = buffer, options.start, offer[options], done
        gather_offers(start, these, own, lines, book.found, book.table, *given)
        book.count, book.entries = int(done[1]), int(done[2])
        if done[0] == before:
            book.widen()
    return options, book


class _Book:
    """Offers found so far, and the table in which each is found again."""

    def __init__(self) -> None:
        self.found, self.table = _space(FIRST), np.zeros(ROOM * FIRST, np.int32)
        self.count, self.entries = 0, 0

    def widen(self) -> None:
        """Make twice the room."""
        self.table = np.zeros(0, np.int32)
        self.found = self._copied(2 * len(self.found.body))
        self.table = np.zeros(ROOM * len(self.found.body), np.int32)
        index_offers(self.found, self.count, self.table)

    def _copied(self, offers: int) -> Found:
        """Return the offers with room for so many; room nobody has written to takes no memory."""
        copy = _space(offers)
        for old, new, size in zip(self.found, copy, self._sizes, strict=True):
            new[:size] = old[:size]
        return copy

    @property
    def _sizes(self) -> tuple[int, int, int]:
        """How much of bodies, edges and rows is filled."""
        return self.count, self.count + 1, self.entries

    def closed(self) -> tuple[Places, Places, Places]:
        """Return edges, bodies and rows without the room that is left; the book ends with that."""
        body, edges, row = self.found
        for each, size in zip(self.found, self._sizes, strict=True):
            each.resize(size, refcheck=False)
        self.table = np.zeros(0, np.int32)
        return edges, body, row

    def joined(self, other: _Book) -> Places:
        """Take in the offers of another book; return which number each of them has here."""
        new, done = np.zeros(other.count, np.int32), np.array([0, self.count, self.entries])
        while done[0] < other.count:
            before = int(done[0])
            merge_offers(other.found, other.count, self.found, self.table, new, done)
            self.count, self.entries = int(done[1]), int(done[2])
            if done[0] == before:
                self.widen()
        return new


def _lines(draft: Draft) -> Lines:
    """Return the shared rows by the groups of sections and teachers they are over."""
    rows = draft.shared_rows
    all_rows = [
        (place, row.pool.sections) for place, row in enumerate(rows) if row.pool.teachers is None
    ]
    pairs = [
        (place, row.pool.sections, row.pool.teachers)
        for place, row in enumerate(rows)
        if row.pool.teachers is not None
    ]
    everybody = _members(draft.sections, ((place, group) for place, group in all_rows))
    those = _numbered(sections for _, sections, _ in pairs)
    whom = _numbered(teachers for _, _, teachers in pairs)
    in_ = _members(draft.sections, ((number, group) for group, number in those.items()))
    of = _members(draft.teachers, ((number, group) for group, number in whom.items()))
    keys = np.array([those[sections] for _, sections, _ in pairs], np.int64)
    owner = np.array([whom[teachers] for _, _, teachers in pairs], np.int64)
    order = np.lexsort((keys, owner))
    places = np.array([place for place, _, _ in pairs], np.int64)
    return Lines(
        all_edges=everybody.edges,
        all_row=everybody.values,
        of_edges=of.edges,
        of=of.values,
        in_edges=in_.edges,
        in_=in_.values,
        pair_edges=np.searchsorted(owner[order], np.arange(len(whom) + 1)),
        pair_in=keys[order],
        pair_row=places[order],
    )


def _numbered(groups: Iterable[Group | None]) -> dict[Group, int]:
    """Return different groups and their numbers, in the order they come."""
    return {group: number for number, group in enumerate(dict.fromkeys(groups)) if group}


def _members(count: int, groups: Iterable[tuple[int, Group]]) -> Lists:
    """Return the numbers of the groups that each of `count` places belongs to."""
    listed = list(groups)
    places = joined([group.places for _, group in listed])
    sizes = [len(group.places) for _, group in listed]
    numbers = np.repeat(np.array([number for number, _ in listed], np.int64), sizes)
    return lists_of(count, places, numbers)


def _longest(lines: Lines) -> int:
    """Return the most rows that one seat can use."""
    most_all = int(np.diff(lines.all_edges).max(initial=0))
    most_in = int(np.diff(lines.in_edges).max(initial=0))
    most_of = int(np.diff(lines.of_edges).max(initial=0))
    owner = np.repeat(np.arange(len(lines.pair_edges) - 1), np.diff(lines.pair_edges))
    _, alike = np.unique(np.stack([owner, lines.pair_in]), axis=1, return_counts=True)
    return most_all + most_in * most_of * int(alike.max(initial=0)) + 1


def _space(offers: int) -> Found:
    edges = np.zeros(offers + 1, np.int32)
    return Found(np.zeros(offers, np.int32), edges, np.zeros(4 * offers, np.int32))


def _part(edges: Numbers, rows: Numbers, which: Mask) -> Lists:
    """Return some of the entries of lists, without weights."""
    if not which.any():
        return Lists(np.zeros(len(edges), np.int32), rows[:0].copy(), NO_WEIGHTS)
    if which.all():
        return Lists(edges, rows, NO_WEIGHTS)
    before = np.concatenate([np.zeros(1, np.int32), np.cumsum(which, dtype=np.int32)])
    return Lists(before[edges], rows[which], NO_WEIGHTS)


NO_WEIGHTS = np.zeros(0, np.int32)


def _weights(draft: Draft, seats: Lists, bodies: Places, at: Numbers) -> Numbers:
    """Return what one seat of each offer weighs in each of its rows, nothing where all weigh 1."""
    weights = NO_WEIGHTS
    for place, row in enumerate(draft.shared_rows):
        if row.coefs is not None and not row.heads:
            weights = weights if len(weights) else np.ones(len(seats.values), np.int32)
            if int(row.coefs.max(initial=0)) > np.iinfo(weights.dtype).max:
                weights = weights.astype(np.int64)
            where = np.flatnonzero(seats.values == place)
            offer = np.searchsorted(seats.edges, where, side="right") - 1
            weights[where] = row.coefs[at[bodies[offer]]]
    return weights

"""Which shared rows a seat uses, found once for all people of one kind.

A shared row is over some sections and some teachers. Which groups of teachers somebody belongs to,
and which groups of sections a section, says together which rows her seat there uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from matching.backends.gathering import Found, Lines, gather_offers, index_offers
from matching.backends.lists import Lists, Places, joined, lists_of
from matching.columns import Numbers
from matching.instance import Ints, Mask
from matching.primitives import Draft, Group


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
    lines = _lines(draft)
    offer = np.zeros(len(section), np.int32)
    found, table, done = _space(FIRST), np.zeros(4 * FIRST, np.int32), np.zeros(4, np.int64)
    buffer = np.zeros(_longest(lines), np.int64)
    for begin in range(0, len(section), AT_ONCE):
        part = slice(begin, min(begin + AT_ONCE, len(section)))
        these, own = (each[part].astype(np.int32, copy=False) for each in (section, body))
        while done[0] < part.stop:
            before = int(done[0])
            given = table, buffer, begin, offer[part], done
            gather_offers(start, these, own, lines, found, *given)
            if done[0] == before:
                found = _larger(found)
                table = np.zeros(4 * len(found.body), np.int32)
                index_offers(found, int(done[1]), table)
    del table
    offers, entries = int(done[1]), int(done[2])
    edges = found.edges[: offers + 1]
    bodies, rows = found.body[:offers].copy(), found.row[:entries]
    is_head = np.array([row.heads for row in draft.shared_rows], bool)[rows]
    seats, heads = _part(edges, rows, ~is_head), _part(edges, rows, is_head)
    return Offers(offer, bodies, seats._replace(weights=_weights(draft, seats, at[bodies])), heads)


FIRST, AT_ONCE = 4096, 1 << 20
"""Room for so many offers to begin with; so many options are looked at together."""


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


def _larger(found: Found) -> Found:
    """Return the same offers with twice the room."""
    more = _space(len(found.body))
    return Found(
        body=np.concatenate([found.body, more.body]),
        edges=np.concatenate([found.edges, more.edges[1:]]),
        row=np.concatenate([found.row, more.row]),
    )


def _part(edges: Numbers, rows: Numbers, which: Mask) -> Lists:
    """Return some of the entries of lists, each weighing 1."""
    if not which.any():
        return Lists(np.zeros(len(edges), np.int32), rows[:0].copy(), np.ones(0, np.int32))
    if which.all():
        return Lists(edges.copy(), rows.copy(), np.ones(len(rows), np.int32))
    before = np.concatenate([np.zeros(1, np.int32), np.cumsum(which, dtype=np.int32)])
    return Lists(before[edges], rows[which], np.ones(int(before[-1]), np.int32))


def _weights(draft: Draft, seats: Lists, section: Numbers) -> Numbers:
    """Return what one seat of each offer weighs in each of its rows."""
    weights = seats.weights
    for place, row in enumerate(draft.shared_rows):
        if row.coefs is not None and not row.heads:
            if int(row.coefs.max(initial=0)) > np.iinfo(weights.dtype).max:
                weights = weights.astype(np.int64)
            where = np.flatnonzero(seats.values == place)
            offer = np.searchsorted(seats.edges, where, side="right") - 1
            weights[where] = row.coefs[section[offer]]
    return weights

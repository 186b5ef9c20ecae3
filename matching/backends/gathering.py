"""The offers of options gathered in one pass: each different answer is kept once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matching.backends.laying import MODULUS
from matching.backends.lists import Places
from matching.backends.woven import compiled, woven
from matching.instance import Ints


class Lines(NamedTuple):
    """Which shared rows a seat uses, by groups of sections and of teachers.

    Parameters
    ----------
    all_edges, all_row
        Rows over all teachers, by section.
    of_edges, of
        Groups of teachers that somebody belongs to, by teacher.
    in_edges, in_
        Groups of sections that a section belongs to, by section.
    pair_edges, pair_in, pair_row
        By group of teachers: groups of sections (in order), and the row over both.
    """

    all_edges: Ints
    all_row: Ints
    of_edges: Ints
    of: Ints
    in_edges: Ints
    in_: Ints
    pair_edges: Ints
    pair_in: Ints
    pair_row: Ints


class Found(NamedTuple):
    """Offers found so far: body, and the rows of each as edges and one long array."""

    body: Places
    edges: Places
    row: Places


@woven
def mixed(body: int, rows: Ints | Places, count: int) -> int:
    """Return a number mixed from a body and the first `count` of some rows."""
    found = (np.int64(body) + 1) % MODULUS
    for k in range(count):
        found = (found * 69069 + rows[k] + 1) % MODULUS
    return int(found)


@woven
def slot_of(found: Found, table: Places, body: int, rows: Ints | Places, count: int) -> int:
    """Return where an offer with a body and the first `count` of some rows stands in a table, or goes."""
    bodies, edges, known = found.body, found.edges, found.row
    slot = mixed(body, rows, count) % len(table)
    while table[slot] > 0:
        other = table[slot] - 1
        same = bodies[other] == body and edges[other + 1] - edges[other] == count
        for k in range(count):
            same = same and known[edges[other] + k] == rows[k]
        if same:
            break
        slot = (slot + 1) % len(table)
    return slot


@compiled
def gather_offers(
    start: Ints,
    section: Places,
    body: Places,
    lines: Lines,
    found: Found,
    table: Places,
    buffer: Ints,
    base: int,
    offer: Places,
    done: Ints,
) -> None:
    """Find the offers of options, until all are done or there is no more room.

    They are numbered from `base` on. `section`, `body` and `offer` belong to these options. `done` counts options, offers, entries and
    teachers; `buffer` has room for the rows of one seat.
    """
    all_edges, all_row, of_edges, of = lines.all_edges, lines.all_row, lines.of_edges, lines.of
    in_edges, in_, pair_edges = lines.in_edges, lines.in_, lines.pair_edges
    pair_in, pair_row = lines.pair_in, lines.pair_row
    bodies, edges, rows = found.body, found.edges, found.row
    option, offers, entries, teacher = done[0], done[1], done[2], done[3]
    while option < base + len(offer):
        at_option = option - base
        own = body[at_option]
        while option >= start[teacher + 1]:
            teacher += 1
        if offers == len(bodies) or entries + len(buffer) > len(rows):
            break
        place, count = section[at_option], 0
        for k in range(all_edges[place], all_edges[place + 1]):
            buffer[count] = all_row[k]
            count += 1
        for g in range(of_edges[teacher], of_edges[teacher + 1]):
            begin, end = pair_edges[of[g]], pair_edges[of[g] + 1]
            for k in range(in_edges[place], in_edges[place + 1]):
                at, after = begin, end
                while at < after:
                    middle = (at + after) // 2
                    if pair_in[middle] < in_[k]:
                        at = middle + 1
                    else:
                        after = middle
                while at < end and pair_in[at] == in_[k]:
                    buffer[count] = pair_row[at]
                    count += 1
                    at += 1
        for k in range(1, count):
            row, at = buffer[k], k
            while at > 0 and buffer[at - 1] > row:
                buffer[at] = buffer[at - 1]
                at -= 1
            buffer[at] = row
        slot = slot_of(found, table, own, buffer, count)
        if table[slot] == 0:
            bodies[offers] = own
            for k in range(count):
                rows[entries] = buffer[k]
                entries += 1
            offers += 1
            edges[offers] = entries
            table[slot] = offers
        offer[at_option] = table[slot] - 1
        option += 1
    done[0], done[1], done[2], done[3] = option, offers, entries, teacher


@compiled
def merge_offers(
    part: Found, count: int, found: Found, table: Places, new: Places, done: Ints
) -> None:
    """Add the offers of a part, until all are known or there is no more room; `new` numbers them.

    `done` counts those of the part, and all offers and entries.
    """
    bodies, edges, rows = found.body, found.edges, found.row
    own, offers, entries = done[0], done[1], done[2]
    while own < count:
        begin, end = part.edges[own], part.edges[own + 1]
        if offers == len(bodies) or entries + end - begin > len(rows):
            break
        theirs = part.row[begin:end]
        slot = slot_of(found, table, part.body[own], theirs, end - begin)
        if table[slot] == 0:
            bodies[offers] = part.body[own]
            for k in range(end - begin):
                rows[entries + k] = theirs[k]
            entries += end - begin
            offers += 1
            edges[offers] = entries
            table[slot] = offers
        new[own] = table[slot] - 1
        own += 1
    done[0], done[1], done[2] = own, offers, entries


@compiled
def index_offers(found: Found, offers: int, table: Places) -> None:
    """Put offers into an empty table by their mixed numbers."""
    for offer in range(offers):
        begin, end = found.edges[offer], found.edges[offer + 1]
        slot = mixed(found.body[offer], found.row[begin:end], end - begin) % len(table)
        while table[slot] > 0:
            slot = (slot + 1) % len(table)
        table[slot] = offer + 1

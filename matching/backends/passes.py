"""Passes over teachers with the search of one: what each would hold, and who sits where."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from matching.backends.kernel import (
    NOTHING,
    Room,
    Terms,
    near_part,
    seat_all,
    uses_part,
    worths_part,
)
from matching.backends.local import Local, Places
from matching.instance import Ints

PART = 512
"""Teachers of one task of a thread; sums of whole numbers do not depend on it."""


class Near(NamedTuple):
    """The best bundles of some teachers.

    Parameters
    ----------
    found
        Shape (teachers,): how many were found.
    worth
        Shape (teachers, most): what each is worth relative to the empty one, best first.
    held
        Shape (teachers, most, size): their options, padded with -1.
    """

    found: Ints
    worth: Ints
    held: Places

    def best(self) -> tuple[Ints, Places]:
        """Return what each best bundle is worth (NOTHING: there is none) and its options."""
        return np.where(self.found > 0, self.worth[:, 0], NOTHING), self.held[:, 0]


def endless(rows: int) -> Room:
    """Return room for everybody."""
    none = np.zeros(0, np.int64)
    return Room(none, none, none, none, False)


def near_of(
    local: Local,
    terms: Terms,
    teachers: Ints,
    most: int = 1,
    within: int = 0,
    wanted: Ints | None = None,
    room: Room | None = None,
) -> Near:
    """Return up to `most` bundles of some teachers, none more than `within` below her best.

    Parameters
    ----------
    wanted
        Shape (teachers,): an option (position among all) that every bundle must hold.
    room
        What others leave; everybody may take what she can pay when it is not given.
    """
    size = int(local.size[teachers].max(initial=0))
    widest = int((local.start[teachers + 1] - local.start[teachers]).max(initial=1))
    near = Near(
        np.zeros(len(teachers), np.int64),
        np.zeros((len(teachers), most), np.int64),
        np.full((len(teachers), most, max(size, 1)), -1, np.int32),
    )
    must = np.full(len(teachers), -1, np.int64)
    if wanted is not None:
        must = wanted - local.start[teachers]
    free = endless(local.rows) if room is None else room

    def part(begin: int, end: int) -> None:
        near_part(local, terms, free, teachers, must, begin, end, (widest, size), within, *near)

    _in_parts(len(teachers), part)
    return near


def worths_of(
    local: Local, terms: Terms, teachers: Ints, held: Places, room: Room | None = None
) -> Ints:
    """Return what bundles of some teachers are worth; NOTHING where one is not lawful."""
    worth = np.empty(len(teachers), np.int64)
    size = max(int(local.size[teachers].max(initial=0)), held.shape[1])
    free = endless(local.rows) if room is None else room

    def part(begin: int, end: int) -> None:
        worths_part(local, terms, free, teachers, held, begin, end, size, worth)

    _in_parts(len(teachers), part)
    return worth


def usage_of(local: Local, held: Places) -> Ints:
    """Return what some bundles use of each shared row."""
    usage = np.zeros(local.rows, np.int64)
    uses_part(local, held, usage)
    return usage


def seat(
    local: Local, terms: Terms, room: Room, order: Ints, held: Places, *, is_upgrade: bool
) -> int:
    """Let teachers choose in turn among what is left; return how many changed.

    `held` and `room.usage` are changed in place. In an upgrade nobody moves unless she gains.
    """
    size = int(local.size.max(initial=0))
    widest = int(np.diff(local.start).max(initial=1))
    return int(seat_all(local, terms, room, order, held, is_upgrade, (widest, size)))


def _in_parts(count: int, part: Callable[[int, int], None]) -> None:
    edges = [*range(0, count, PART), count]
    threads = min(len(edges) - 1, os.cpu_count() or 1)
    if threads <= 1:
        part(0, count)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, edges[:-1], edges[1:]))

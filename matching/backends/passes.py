"""Passes over teachers with the search of one: what each would hold, and who sits where."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from matching.backends.counted import keep_reached, uses_part, worths_part
from matching.backends.kernel import NOTHING, Costs, Desk, Room, Terms, desk_of
from matching.backends.laying import sum_costs, sum_some_costs
from matching.backends.lists import Places
from matching.backends.local import Local
from matching.backends.turns import asked_part, near_part, seat_all
from matching.instance import Ints, Mask
from matching.shards.threads import threads

_Space = TypeVar("_Space")

PART, PARTS = 1024, 256
"""Teachers of one task of a thread, and about how many tasks there are at most; sums of whole numbers
do not depend on it."""


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
    near = Near(
        np.zeros(len(teachers), np.int64),
        np.zeros((len(teachers), most), np.int64),
        np.full((len(teachers), most, max(size, 1)), -1, np.int32),
    )
    must = np.full(len(teachers), -1, np.int64)
    if wanted is not None:
        must = wanted - local.start[teachers]
    free = endless(local.rows) if room is None else room
    costs = costs_of(local, terms, teachers)

    def part(desk: Desk, begin: int, end: int) -> None:
        near_part(local, terms, costs, free, desk, teachers, must, begin, end, within, *near)

    in_parts(len(teachers), part, lambda: desk_of(local, teachers, most))
    return near


def asked_of(local: Local, terms: Terms, first: int = 0, every: int = 1) -> tuple[int, Ints]:
    """Return what best bundles are worth at prices, and what they use of each row.

    Everybody is asked, or from the `first` teacher on one in `every`. Who has no lawful bundle counts as
    NOTHING; whose search is cut short (`Terms.tries`) counts as much above as NOTHING is below.
    """
    everybody = np.arange(local.teachers)
    free = endless(local.rows)
    costs = costs_of(local, terms, everybody)
    sums: list[tuple[Ints, Ints]] = []

    def space() -> tuple[Desk, Ints, Ints]:
        own = np.zeros(local.rows, np.int64), np.zeros(3, np.int64)
        sums.append(own)
        return desk_of(local, everybody), *own

    def part(space: tuple[Desk, Ints, Ints], begin: int, end: int) -> None:
        desk, usage, total = space
        begin, end = first + every * begin, min(first + every * end, local.teachers)
        asked_part(local, terms, costs, free, desk, begin, end, every, usage, total)

    in_parts(len(range(first, local.teachers, every)), part, space)
    totals = [np.zeros(3, np.int64), *(total for _, total in sums)]
    worth, lacking, cut = np.sum(totals, axis=0).tolist()
    usage = np.sum([usage for usage, _ in sums], axis=0, dtype=np.int64)
    return worth + (lacking - cut) * NOTHING, np.broadcast_to(usage, local.rows)


def worths_of(
    local: Local, terms: Terms, teachers: Ints, held: Places, room: Room | None = None
) -> Ints:
    """Return what bundles of some teachers are worth; NOTHING where one is not lawful."""
    worth = np.empty(len(teachers), np.int64)
    free = endless(local.rows) if room is None else room
    costs = costs_of(local, terms, teachers)

    def part(desk: Desk, begin: int, end: int) -> None:
        worths_part(local, terms, costs, free, desk, teachers, held, begin, end, worth)

    in_parts(len(teachers), part, lambda: desk_of(local, teachers, 1, held.shape[1]))
    return worth


def usage_of(local: Local, held: Places) -> Ints:
    """Return what some bundles use of each shared row."""
    usage, seen = np.zeros(local.rows, np.int64), np.zeros(local.rows, np.int64)
    uses_part(local, held, usage, seen)
    return usage


def seat(
    local: Local, terms: Terms, room: Room, order: Ints, held: Places, *, is_upgrade: bool
) -> Mask:
    """Let teachers choose in turn among what is left; return which shared rows somebody left.

    `held` and `room.usage` are changed in place. In an upgrade nobody moves unless she gains.
    """
    costs = costs_of(local, terms, order)
    desk = desk_of(local, order, 1, held.shape[1])
    freed, moves = np.zeros(local.rows, bool), np.zeros(len(order), bool)
    given = costs, room, desk, order, held, is_upgrade, freed
    seat_all(local, terms, *given, False, 0, len(order), moves)
    return freed


def would_move(local: Local, terms: Terms, room: Room, teachers: Ints, held: Places) -> Mask:
    """Return which of some teachers would gain by moving if all others stayed where they are."""
    costs = costs_of(local, terms, teachers)
    freed, moves = np.zeros(local.rows, bool), np.zeros(len(teachers), bool)

    def space() -> tuple[Desk, Room]:
        own = room._replace(usage=room.usage.copy())
        return desk_of(local, teachers, 1, held.shape[1]), own

    def part(space: tuple[Desk, Room], begin: int, end: int) -> None:
        desk, own = space
        given = costs, own, desk, teachers, held, True, freed
        seat_all(local, terms, *given, True, begin, end, moves)

    in_parts(len(teachers), part, space)
    return moves


def reached_by(local: Local, rows: Mask, teachers: Ints) -> Mask:
    """Return which of some teachers have an option that uses one of some shared rows."""
    reached = np.zeros(len(teachers), bool)

    def part(_: None, begin: int, end: int) -> None:
        keep_reached(local, rows, teachers[begin:end], reached[begin:end])

    in_parts(len(teachers), part, lambda: None)
    return reached


def costs_of(local: Local, terms: Terms, teachers: Ints) -> Costs:
    """Return what prices make of the offers of some teachers; other offers are not filled in."""
    offers = len(local.body)
    costs = Costs(np.empty(offers, np.int64), np.empty(len(local.section), np.int64))
    options = int((local.start[teachers + 1] - local.start[teachers]).sum())

    def of_some(_: None, begin: int, end: int) -> None:
        sum_some_costs(local, terms, teachers, begin, end, costs)

    def of_all(_: None, begin: int, end: int) -> None:
        sum_costs(local, terms, begin, end, costs)

    if options < offers:
        in_parts(len(teachers), of_some, lambda: None, SPLIT // 40)
    else:
        in_parts(offers, of_all, lambda: None, SPLIT)
    return costs


SPLIT = 100_000
"""From so many offers, or people with so many options, on their costs are summed by several threads."""


def in_parts(
    count: int,
    part: Callable[[_Space, int, int], None],
    space: Callable[[], _Space],
    least: int | None = None,
) -> None:
    """Do some work part by part in threads, each with working space of its own.

    Parts are no smaller than `least`, PART if it is not given.
    """
    least = least or PART
    edges = iter(pairwise([*range(0, count, max(least, count // PARTS)), count]))

    def work(_: int) -> None:
        own = space()
        for begin, end in edges:
            part(own, begin, end)

    many = min(-(-count // least), threads())
    if many <= 1:
        work(0)
        return
    with ThreadPoolExecutor(many) as pool:
        list(pool.map(work, range(many)))

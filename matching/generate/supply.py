"""How much there is: seats, quotas and releases, measured by what people would take unhindered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.generate.market import HALVES, SUBJECTS, Lists, Market, Numbers, Sections
from matching.generate.shape import COUNTY, Shape

MISSING_HOUR = np.array([8, 6, 2])
"""Points one hour of 公需, 专业 or 选修 that is due is worth."""

AT_ONCE = COUNTY
"""Teachers whose wishes are counted together."""

CELL = 8
"""Programmes are given quotas for groups of whom at least so many would come."""

UNITS = 4
"""Zones of a county that is no part of a province."""


@dataclass(frozen=True)
class Supply:
    """Seats of sections, and cells (programme, unit, subject) with a least or a most number."""

    capacity: Numbers
    unit: Numbers
    cell: Numbers
    least: Numbers
    most: Numbers
    away: Numbers


def supply(shape: Shape, market: Market, draw: np.random.Generator) -> Supply:
    """Draw seats, quotas and releases around the demand."""
    teacher, section = demand(shape, market)
    capacity = _seats(shape, market, np.bincount(section, minlength=len(market.sections)), draw)
    people = market.teachers
    unit = people.county if people.county[-1] else people.school % UNITS
    units = int(unit.max()) + 1
    cell = (market.sections.programme[section] * units + unit[teacher]) * SUBJECTS
    found, count = np.unique(cell + people.subject[teacher], return_counts=True)
    found, count = found[count >= CELL], count[count >= CELL]
    lot = draw.random(len(found))
    most = np.maximum(3, count * draw.uniform(0.4, 1.0, len(found))).astype(np.int64)
    least = np.maximum(2, count * draw.uniform(0.4, 1.15, len(found)) / shape.scarcity)
    has_most, has_least = lot < 0.3, (lot >= 0.3) & (lot < 0.356)
    kept = has_most | has_least
    return Supply(
        capacity,
        unit,
        found[kept],
        np.where(has_least, least.astype(np.int64), 0)[kept],
        np.where(has_most, most, -1)[kept],
        np.maximum(1, np.bincount(people.school) * 15 // 100),
    )


def _seats(shape: Shape, market: Market, wanted: Numbers, draw: np.random.Generator) -> Numbers:
    """Return seats that follow demand half-heartedly, in all as scarce as the shape says."""
    spread = np.sqrt((wanted + 1.0) * (wanted.mean() + 1)) * draw.lognormal(0, 0.35, len(wanted))
    seats = spread * wanted.sum() / shape.scarcity / spread.sum()
    fewest, most = shape.seats
    people = len(market.teachers)
    if market.teachers.county[-1]:
        return np.asarray(np.maximum(fewest, seats), np.int64)
    return np.asarray(np.clip(seats, fewest, most * max(1, people // COUNTY)), np.int64)


def demand(shape: Shape, market: Market) -> tuple[Numbers, Numbers]:
    """Return (teacher, section) of what everybody would take if seats were free.

    Section by section she takes what adds most, hours still due counted in; the exact best is
    within a few per cent, and only the sum of seats hangs on it.
    """
    found = [
        _demand_of(shape, market, slice(start, min(start + AT_ONCE, len(market.teachers))))
        for start in range(0, len(market.teachers), AT_ONCE)
    ]
    teachers, sections = zip(*found, strict=True)
    return np.concatenate(teachers), np.concatenate(sections)


def _demand_of(shape: Shape, market: Market, which: slice) -> tuple[Numbers, Numbers]:
    sections, teachers = market.sections, market.teachers
    lists, line = _part(market.lists, which), np.arange(which.stop - which.start)
    at = np.maximum(lists.section, 0)
    hours, category = sections.hours[at], sections.category[at]
    offering, meets = sections.offering[at], _bits(sections)[at]
    due = teachers.due[which].astype(np.int64)
    left = teachers.limit[which].astype(np.int64)
    free = lists.section >= 0
    taken: list[tuple[Numbers, Numbers]] = []
    for _ in range(shape.bundle):
        fills = np.minimum(hours, np.take_along_axis(due, category, 1))
        gain = np.where(
            free & (hours <= left[:, None]), lists.points + MISSING_HOUR[category] * fills, 0
        )
        best = np.argmax(gain, axis=1)
        takes = gain[line, best] > 0
        taken.append(((which.start + line)[takes], lists.section[line, best][takes]))
        left -= np.where(takes, hours[line, best], 0)
        due[line, category[line, best]] -= np.where(takes, fills[line, best], 0)
        rivals = (meets & meets[line, best][:, None]) != 0
        rivals |= offering == offering[line, best][:, None]
        free &= ~(rivals & takes[:, None])
    teacher, section = zip(*taken, strict=True)
    return np.concatenate(teacher), np.concatenate(section).astype(np.int64)


def _part(lists: Lists, which: slice) -> Lists:
    return Lists(lists.section[which], lists.rank[which], lists.points[which].astype(np.int64))


def _bits(sections: Sections) -> Numbers:
    return np.asarray(sections.meets() @ (1 << np.arange(HALVES)))

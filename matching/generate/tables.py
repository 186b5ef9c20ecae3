"""A market and its supply in the tables of docs/format.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from matching.columns import Words
from matching.generate.market import (
    HALVES,
    SUBJECTS,
    TERM,
    Lists,
    Market,
    Numbers,
    Sections,
    Teachers,
)
from matching.generate.shape import Shape
from matching.generate.supply import AT_ONCE, Supply
from matching.schema import UNLIMITED
from matching.table import Cells

Columns = dict[str, Cells]

CATEGORIES = ("gongxu", "zhuanye", "xuanxiu")
WEIGHTS = [4, 3, 1]
"""Weight of a missing account minute; times 60 it is 8, 6 and 2 points an hour, thirtyfold."""

HOLIDAYS, SCHOOL_DAYS = dt.date(2026, 7, 13), dt.date(2026, 9, 14)


def tables(shape: Shape, market: Market, supply: Supply) -> dict[str, Columns]:
    """Return every table of the round, by column."""
    teachers, sections = market.teachers, market.sections
    return {
        "teachers": {
            "id": numbered("T", len(teachers)),
            "school": Words(teachers.school, names("S", teachers.schools)),
            "most_sections": np.full(len(teachers), shape.bundle),
            "assigned_cap": np.full(len(teachers), shape.bundle),
        },
        "attributes": _of_teachers(teachers, supply.unit),
        "sections": {
            "id": numbered("C", len(sections)),
            "offering": Words(sections.offering, names("O", int(sections.offering.max()) + 1)),
            "capacity": supply.capacity,
            "minimum": np.minimum(shape.minimum, supply.capacity),
            "minutes": sections.hours * 60,
        },
        "section_attributes": _of_sections(sections),
        "meetings": _meetings(sections),
        "eligibility": _eligibility(sections),
        "choices": _choices(market.lists, len(sections)),
        "requirements": {
            "id": list(CATEGORIES),
            "where": [f"category={name}" for name in CATEGORIES],
            "weight": WEIGHTS,
        },
        "due": _due(teachers),
        "caps": {
            "id": [f"at most {limit}" for limit in shape.hour_limits],
            "teachers_where": [f"hour_limit={limit}" for limit in shape.hour_limits],
            "limit": [60 * limit for limit in shape.hour_limits],
        },
        "quotas": _quotas(market, supply),
        "releases": _releases(supply.away),
    }


@lru_cache(16)
def names(letter: str, count: int) -> tuple[str, ...]:
    """Return `count` ids that sort as their numbers do."""
    width = len(str(count))
    return tuple(f"{letter}{number:0{width}}" for number in range(1, count + 1))


def numbered(letter: str, count: int) -> Words:
    """Return a column of `count` ids in order."""
    return Words(np.arange(count, dtype=np.int32), names(letter, count))


Lines = tuple[Numbers, Words]
"""Of one attribute: who has it, and the values."""


def lines(owner: str, ids: Words, parts: Mapping[str, Lines]) -> Columns:
    """Return an attribute table from attribute -> who has it and its values."""
    names = [np.full(len(who), place, np.int8) for place, (who, _) in enumerate(parts.values())]
    return {
        owner: Words(np.concatenate([who for who, _ in parts.values()]), ids.words),
        "attribute": Words(np.concatenate(names), tuple(parts)),
        "value": Words.joined([values for _, values in parts.values()]),
    }


def _of_teachers(teachers: Teachers, unit: Numbers) -> Columns:
    ids = numbered("T", len(teachers))
    limits, limit = np.unique(teachers.limit, return_inverse=True)
    parts = {
        "stage": (ids.codes, Words(teachers.stage, tuple("1234"))),
        "subject": (ids.codes, Words(teachers.subject, names("J", SUBJECTS))),
        "unit": (ids.codes, Words(unit, names("U", int(unit.max()) + 1))),
        "hour_limit": (ids.codes, Words(limit.astype(np.int8), tuple(map(str, limits)))),
        "years": (ids.codes, Words(teachers.years, tuple("01234"))),
        "rural": _flag(teachers.rural),
        "shortage": _flag(teachers.shortage),
    }
    return lines("teacher", ids, parts)


def _flag(who: Numbers) -> Lines:
    return np.flatnonzero(who).astype(np.int32), Words(np.zeros(int(who.sum()), np.int8), ("yes",))


def _of_sections(sections: Sections) -> Columns:
    ids = numbered("C", len(sections))
    programmes = names("P", int(sections.programme.max()) + 1)
    level = (sections.county < 0).astype(np.int8)
    parts = {
        "category": (ids.codes, Words(sections.category, CATEGORIES)),
        "programme": (ids.codes, Words(sections.programme, programmes)),
        "level": (ids.codes, Words(level, ("county", "province"))),
    }
    return lines("section", ids, parts)


def halves() -> list[tuple[str, str]]:
    """Return day and half of every half-day: two school weeks less a day, then a week of holidays."""
    term = [SCHOOL_DAYS + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(TERM // 2)]
    free = [HOLIDAYS + dt.timedelta(days=n) for n in range((HALVES - TERM) // 2)]
    return [(day.isoformat(), half) for day in [*term, *free] for half in ("am", "pm")]


def _when(which: Numbers) -> Columns:
    days, parts = zip(*halves(), strict=True)
    return {"day": [days[i] for i in which.tolist()], "half": [parts[i] for i in which.tolist()]}


def _meetings(sections: Sections) -> Columns:
    section, half = np.nonzero(sections.meets())
    return {"section": Words(section, names("C", len(sections))), **_when(half)}


def _eligibility(sections: Sections) -> Columns:
    ids = names("C", len(sections))
    values = [
        "|".join(word for word, is_meant in zip(words, row, strict=True) if is_meant)
        for words, rows in (
            (list("1234"), sections.stages.tolist()),
            (names("J", SUBJECTS), sections.subjects.tolist()),
        )
        for row in rows
    ]
    attribute = ["stage"] * len(ids) + ["subject"] * len(ids)
    test = ["in"] * len(values)
    return {"section": [*ids, *ids], "attribute": attribute, "test": test, "values": values}


def _choices(lists: Lists, sections: int) -> Columns:
    """Return the lists row by row, in the order an instance keeps: nothing is left to sort."""
    is_there = lists.section >= 0
    teacher = np.repeat(np.arange(len(is_there), dtype=np.int32), is_there.sum(axis=1))
    found = [
        np.empty(len(teacher), each.dtype) for each in (lists.section, lists.rank, lists.points)
    ]
    end = 0
    for start in range(0, len(is_there), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        last = np.where(is_there[rows], lists.section[rows], np.iinfo(np.int16).max)
        order = np.argsort(last, axis=1, kind="stable")
        held = np.take_along_axis(is_there[rows], order, 1)
        begin, end = end, end + int(held.sum())
        for column, each in zip(found, (lists.section, lists.rank, lists.points), strict=True):
            column[begin:end] = np.take_along_axis(each[rows], order, 1)[held]
    section, rank, points = found
    return {
        "teacher": Words(teacher, numbered("T", len(is_there)).words),
        "section": Words(section, numbered("C", sections).words),
        "rank": rank,
        "kind": Words((rank == 0).astype(np.int8), ("chosen", "assignable")),
        "points": points,
    }


def _due(teachers: Teachers) -> Columns:
    teacher, category = np.nonzero(teachers.due > 0)
    return {
        "teacher": Words(teacher.astype(np.int32), names("T", len(teachers))),
        "requirement": Words(category.astype(np.int8), CATEGORIES),
        "minutes": 60 * teachers.due[teacher, category].astype(np.int16),
    }


def _quotas(market: Market, supply: Supply) -> Columns:
    programmes = names("P", int(market.sections.programme.max()) + 1)
    units = names("U", int(supply.unit.max()) + 1)
    subjects = names("J", SUBJECTS)
    programme, rest = np.divmod(supply.cell, len(units) * SUBJECTS)
    unit, subject = np.divmod(rest, SUBJECTS)
    cells = list(zip(programme.tolist(), unit.tolist(), subject.tolist(), strict=True))
    return {
        "id": [f"{programmes[p]}/{units[u]}/{subjects[j]}" for p, u, j in cells],
        "sections_where": [f"programme={programmes[p]}" for p, _, _ in cells],
        "teachers_where": [f"unit={units[u]};subject={subjects[j]}" for _, u, j in cells],
        "minimum": supply.least,
        "maximum": np.where(supply.most < 0, UNLIMITED, supply.most),
    }


def _releases(away: Numbers) -> Columns:
    schools = names("S", len(away))
    school, half = np.divmod(np.arange(len(away) * TERM), TERM)
    when = [f"{day} {part}" for day, part in halves()]
    pairs = zip(school.tolist(), half.tolist(), strict=True)
    return {
        "id": [f"{schools[s]}/{when[h]}" for s, h in pairs],
        "school": Words(school, tuple(schools)),
        **_when(half),
        "most_away": away[school],
    }

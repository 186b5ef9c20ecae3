"""Sixty teachers and twelve sections that compete, in any order of rows."""

from __future__ import annotations

import random
from typing import Any

from matching.instance import Instance
from matching.settings import Settings

QUICK = Settings(effort="quick")
Rows = dict[str, list[dict[str, Any]]]
DAYS = [f"2026-08-{day:02}" for day in range(3, 9)]
META = {
    "round": "sixty",
    "seed": "published later",
    "allow_assigned": True,
    "tiers": [
        {"goals": {code: 1}}
        for code in ("hours_short", "quota_short", "assigned_seats", "unserved", "welfare")
    ]
    + [{"goals": {"overshoot": 1}}, {"goals": {"lottery": 1}}],
}


def rows() -> Rows:
    """Return the tables; drawn once, from a seed of their own."""
    draw = random.Random(60)
    places = [f"S{i:02}" for i in range(12)]
    found: Rows = {
        "sections": [
            {"id": name, "offering": f"O{i // 2}", "capacity": 9 + i % 3, "minutes": 240 + 60 * (i % 4),
             "minimum": 4 + i % 3}
            for i, name in enumerate(places)
        ],
        "section_attributes": [
            {"section": name, "attribute": "level", "value": ("city", "county")[i % 2]}
            for i, name in enumerate(places)
        ],
        "meetings": [
            {"section": name, "day": day, "half": "am"}
            for name in places
            for day in draw.sample(DAYS, 2)
        ],
        "teachers": [], "choices": [], "due": [],
        "requirements": [{"id": "all"}],
        "shares": [{"id": "city", "sections_where": "level=city", "minimum": 20, "strict": 1}],
        "releases": [
            {"id": f"{school}/{day}", "school": school, "day": day, "half": "am", "most_away": 5}
            for school in "pqrst"
            for day in DAYS
        ],
    }  # fmt: skip
    for i in range(60):
        name = f"老师{i:02}"
        line = {"id": name, "school": "pqrst"[i % 5], "most_sections": 2, "assigned_cap": 1}
        found["teachers"].append(line)
        found["due"].append({"teacher": name, "requirement": "all", "minutes": 540})
        for rank, place in enumerate(draw.sample(places, 5), start=1):
            chosen = rank < 5
            points = 110 - 10 * rank + i % 7 if chosen else 0
            kind = "chosen" if chosen else "assignable"
            line = {"section": place, "rank": rank * chosen, "kind": kind, "points": points}
            found["choices"].append({"teacher": name, **line})
    return found


def shuffled(order: int) -> Instance:
    """Return the instance with its rows in another order (0: as they stand)."""
    draw, tables = random.Random(order), rows()
    for lines in tables.values() if order else ():
        draw.shuffle(lines)
    return Instance.from_rows(META, tables)

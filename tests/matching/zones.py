"""Three zones of some teachers each, nearly apart: they share two sections and one level share."""

from __future__ import annotations

import random
from typing import Any

from matching.instance import Instance

TIERS = [{"goals": {code: 1}} for code in ("hours_short", "quota_short", "unserved", "welfare")]
DAYS = [f"2026-08-{day:02}" for day in range(3, 9)]


def zones(
    count: int = 3,
    teachers: int = 18,
    seed: int = 1,
    strict: int = 0,
    places: int = 8,
    least: int = 5,
) -> Instance:
    """Return the round; most people list their own zone, a few look beyond."""
    draw = random.Random(seed)
    wide = ["P1", "P2"]
    local = [[f"{zone}{place}" for place in "ABCDE"] for zone in range(count)]
    rows: dict[str, list[dict[str, Any]]] = {
        "sections": [
            *(_section(name, 3 * count, 2 * count) for name in wide),
            *(_section(name, places, least) for names in local for name in names),
        ],
        "section_attributes": [
            {"section": name, "attribute": "level", "value": "province"} for name in wide
        ],
        "meetings": [
            {"section": name, "day": draw.choice(DAYS), "half": "am"}
            for name in [*wide, *(name for names in local for name in names)]
        ],
        "requirements": [{"id": "all"}],
        "shares": [{"id": "province", "sections_where": "level=province", "minimum": 5 * count,
                    "strict": strict}],
        "teachers": [], "choices": [], "due": [],
    }  # fmt: skip
    for zone in range(count):
        for number in range(teachers):
            name = f"{zone}T{number:02}"
            rows["teachers"].append({"id": name, "school": f"{zone}", "most_sections": 2})
            rows["due"].append({"teacher": name, "requirement": "all", "minutes": 120})
            beyond = draw.choice(local[(zone + 1) % count])
            listed = draw.sample(
                [*local[zone], *wide, *([beyond] if number % 9 == 0 < count - 1 else [])], 4
            )
            for rank, section in enumerate(listed, start=1):
                points = 110 - 10 * rank + draw.randrange(9)
                line = {"section": section, "rank": rank, "kind": "chosen", "points": points}
                rows["choices"].append({"teacher": name, **line})
    meta = {"round": "zones", "seed": "told later", "tiers": TIERS, "allow_assigned": False}
    return Instance.from_rows(meta, rows)


def _section(name: str, capacity: int, minimum: int) -> dict[str, Any]:
    cells = {"capacity": capacity, "minimum": minimum, "minutes": 120}
    return {"id": name, "offering": name, **cells}

"""Counties drawn at random, small enough for the oracle, with a few lines of most rules."""

from __future__ import annotations

from hypothesis import strategies as st

from matching.goals import GOALS
from tests.matching.factories import D1, D2

HALVES = [(day, half) for day in (D1, D2) for half in ("am", "pm")]


@st.composite
def counties(draw):
    """Draw a county of at most four teachers and four sections with a few lines of most rules."""
    names, places = ["Li", "Ma", "Wu", "Yu"], ["A", "B", "C", "D"]
    number = st.integers
    rows: dict[str, list[dict[str, object]]] = {"sections": [], "teachers": [], "choices": []}

    def maybe(table, **cells):
        if draw(st.booleans()):
            rows.setdefault(table, []).append(cells)

    for place in places:
        capacity = draw(number(0, 3))
        rows["sections"].append(
            {
                "id": place,
                "offering": draw(st.sampled_from("XYZ")),
                "capacity": capacity,
                "minimum": draw(number(0, capacity)),
                "minutes": 60 * draw(number(1, 3)),
                "fee_fen": draw(number(0, 2)) * 50,
                "fund": "F",
                "site": draw(st.sampled_from(["", "north", "south"])),
            }
        )
        for day, half in draw(st.lists(st.sampled_from(HALVES), unique=True, max_size=2)):
            rows.setdefault("meetings", []).append({"section": place, "day": day, "half": half})
        maybe("section_attributes", section=place, attribute="topic", value="ethics")
    for name in names:
        rows["teachers"].append(
            {
                "id": name,
                "school": draw(st.sampled_from(["one", "two"])),
                "most_sections": draw(number(1, 3)),
                "assigned_cap": draw(number(0, 2)),
            }
        )
        maybe("attributes", teacher=name, attribute="flag", value="rural")
        maybe("completed", teacher=name, offering=draw(st.sampled_from("XYZ")))
        maybe("busy", teacher=name, day=D1, half="am")
        maybe("due", teacher=name, requirement="all", minutes=60 * draw(number(0, 5)))
        for rank, place in enumerate(draw(st.permutations(places))[: draw(number(0, 4))]):
            kind = draw(st.sampled_from(["chosen", "chosen", "assignable"]))
            rows["choices"].append(
                {
                    "teacher": name,
                    "section": place,
                    "rank": rank + 1 if kind == "chosen" else 0,
                    "kind": kind,
                    "points": draw(number(-5, 9)),
                }
            )
    strict = draw(number(0, 1)) * draw(number(0, 1))
    rows["requirements"] = [
        {"id": "all", "weight": 2},
        {
            "id": "ethics",
            "parent": "all",
            "where": "topic=ethics",
            "cap": 60 * draw(number(1, 3)),
            "strict": strict,
        },
        {"id": "rest", "parent": "all", "where": "topic!=ethics"},
    ]
    maybe("due", teacher="Li", requirement="ethics", minutes=60)
    maybe("travel", site_a="north", site_b="south")
    maybe("prerequisites", offering="X", requires="Y")
    maybe("excluded", offering_a="Y", offering_b="Z")
    maybe("caps", id="c", where="topic=ethics", limit=120)
    maybe("topics", topic="ethics", teachers_where="flag=rural", weight=30)
    counts = draw(st.sampled_from(["seats", "heads"]))
    least = draw(number(0, 2))
    maybe(
        "quotas",
        id="q",
        teachers_where="flag=rural",
        minimum=least,
        maximum=least + draw(number(0, 2)),
        counts=counts,
        weight=3,
    )
    maybe(
        "shares", id="s", sections_where="topic=ethics", minimum=draw(number(0, 3)), strict=strict
    )
    maybe(
        "reserves",
        id="r",
        sections_where=draw(st.sampled_from(["", "section=A"])),
        group_where="flag=rural",
        seats=draw(number(0, 2)),
        kind=draw(st.sampled_from(["hard", "soft"])),
        place=draw(st.sampled_from(["inside", "on_top"])),
    )
    maybe("releases", id="l", school="one", day=D1, half="am", most_away=draw(number(0, 2)))
    maybe("hosts", id="h", day=D1, capacity=draw(number(0, 4)))
    maybe("funds", id="F", budget_fen=draw(number(0, 8)) * 40)
    maybe(
        "teams",
        id="t",
        rule=draw(st.sampled_from(["all_or_none", "one_of_each", "keep_together"])),
        sections_where=draw(st.sampled_from(["", "section=A|B"])),
        group_attribute=draw(st.sampled_from(["school", "flag", ""])),
        weight=4,
    )
    if rows["choices"]:
        taken = draw(st.sampled_from(rows["choices"]))
        maybe("locks", teacher=taken["teacher"], section=taken["section"])
    tiers = draw(st.permutations(sorted(GOALS)))
    meta = {
        "round": "r",
        "seed": "s",
        "tiers": [{"goals": {code: 1}} for code in tiers],
        "allow_assigned": draw(st.booleans()),
    }
    return meta, rows

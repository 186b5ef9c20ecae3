"""One small round for every reason: who misses what, and the numbers that a reader can check."""

from __future__ import annotations

from typing import Any

from matching.problem import Problem
from tests.matching.factories import D1, D2, problem

AM = f"{D1} am"
HOURS_FIRST = ({"hours_short": 1}, {"welfare": 1})


def wishes(round_: Problem, teacher: str, **columns: Any) -> Problem:
    """Add a teacher whose claims are told in points: `wishes(round_, "Li", A=100, B=50)`."""
    points = {name: columns.pop(name) for name in sorted(columns) if name.isupper()}
    round_.teacher(teacher, **columns)
    for rank, (section, worth) in enumerate(points.items(), start=1):
        round_.row("choices", teacher=teacher, section=section, rank=rank, points=worth)
    return round_


def two_want_one(**columns: Any) -> Problem:
    """Li (100 points) and Ma (90) want A, which has seats for both."""
    round_ = problem().section("A", capacity=9, **columns)
    wishes(round_, "Li", A=100, school="one")
    return wishes(round_, "Ma", A=90, school="one")


def one_of_two(*tiers: dict[str, int], **columns: Any) -> Problem:
    """Li takes one of A and B, wants A more, and has no other rule."""
    round_ = problem(*tiers).section("A", capacity=9, **columns).section("B", capacity=9)
    return wishes(round_, "Li", A=100, B=90, most_sections=1)


def side_by_side(**columns: Any) -> Problem:
    """A and B meet in one half-day; Li wants A more."""
    round_ = problem(allow_assigned=True)
    round_.section("A", capacity=9, meets=[AM]).section("B", capacity=9, meets=[AM])
    return round_.teacher("Li", **columns)


def full() -> Problem:
    """One seat: Li's 100 points come before Ma's 90."""
    return wishes(wishes(problem().section("A", capacity=1), "Li", A=100), "Ma", A=90)


def full_goals() -> Problem:
    """Li needs the hour of the one seat; her 50 points are fewer than Ma's 90."""
    round_ = problem(*HOURS_FIRST).row("requirements", id="all")
    round_.section("A", capacity=1, minutes=60)
    return wishes(wishes(round_, "Li", A=50, due={"all": 60}), "Ma", A=90)


def full_points() -> Problem:
    """A has one seat. Li there (50) and Ma in B (80) are 130, Ma there alone 90."""
    round_ = problem().section("A", capacity=1).section("B", capacity=9)
    return wishes(wishes(round_, "Li", A=50), "Ma", A=90, B=80, most_sections=1)


def closed_below_minimum() -> Problem:
    """One of three people needed."""
    return wishes(problem().section("A", capacity=9, minimum=3), "Li", A=100)


def closed_costly() -> Problem:
    """Li and Ma in A are 200 points; B needs both of them and is worth 50 + 50."""
    round_ = problem().section("A", capacity=9).section("B", capacity=9, minimum=2)
    for name in ("Li", "Ma"):
        wishes(round_, name, A=100, B=50, most_sections=1)
    return round_


def closed_impossible() -> Problem:
    """A gives the hour that is due and B none; B would need both, and each takes one section."""
    round_ = problem(*HOURS_FIRST).row("requirements", id="all")
    round_.section("A", capacity=9, minutes=60).section("B", capacity=9, minimum=2)
    for name in ("Li", "Ma"):
        wishes(round_, name, A=50, B=100, most_sections=1, due={"all": 60})
    return round_


def partner_closed() -> Problem:
    """A goes with B only, and B needs three."""
    round_ = problem().section("A", capacity=9).section("B", capacity=9, minimum=3)
    return round_.teacher("Li", ranks=["A+B"])


def partner_full() -> Problem:
    """A goes with B only (200 points); B's one seat is worth 300 to Ma."""
    round_ = problem().section("A", capacity=9).section("B", capacity=1)
    return wishes(round_.teacher("Li", ranks=["A+B"]), "Ma", B=300)


def needed_elsewhere() -> Problem:
    """B needs two: Li there (90) lets Ma in (100), Li in A is worth 100 alone."""
    round_ = problem().section("A", capacity=9).section("B", capacity=9, minimum=2)
    return wishes(wishes(round_, "Li", A=100, B=90, most_sections=1), "Ma", B=100)


def team() -> Problem:
    """The school goes as a whole, and Ma listed nothing."""
    round_ = problem().section("A", capacity=9).teacher("Ma", school="one")
    round_.row("teams", id="t", rule="all_or_none", group_attribute="school")
    return wishes(round_, "Li", A=100, school="one")


def reserve() -> Problem:
    """Of two seats one is kept for rural teachers."""
    round_ = problem().section("A", capacity=2)
    line = {"sections_where": "section=A", "group_where": "flag=rural", "kind": "hard"}
    wishes(wishes(round_, "Li", A=100), "Ma", A=90)
    return round_.row("reserves", id="r", seats=1, **line)


def prerequisite() -> Problem:
    """A asks for X before, which Li never completed and cannot take."""
    return one_of_two().row("prerequisites", offering="A", requires="X")


def strict_hours() -> Problem:
    """Two hours must be reached: B has them, A has one, and both meet at once."""
    round_ = problem().row("requirements", id="all", strict=1)
    round_.section("A", capacity=9, meets=[AM], minutes=60)
    round_.section("B", capacity=9, meets=[AM], minutes=120)
    return wishes(round_, "Li", A=100, B=10, due={"all": 120})


def goal_hours_short() -> Problem:
    """With A one of two hours would be missing, at weight 3."""
    round_ = problem({"hours_short": 2}, {"welfare": 1}).row("requirements", id="all", weight=3)
    round_.section("A", capacity=9, minutes=60).section("B", capacity=9, minutes=120)
    return wishes(round_, "Li", A=100, B=10, most_sections=1, due={"all": 120})


def goal_overshoot() -> Problem:
    """One hour is due; A has two."""
    round_ = problem({"overshoot": 1}, {"welfare": 1}).row("requirements", id="all")
    round_.section("A", capacity=9, minutes=120).section("B", capacity=9, minutes=60)
    return wishes(round_, "Li", A=100, B=10, most_sections=1, due={"all": 60})


def goal_assigned_seats() -> Problem:
    """A asks for X before, which could only be assigned."""
    round_ = problem({"assigned_seats": 1}, {"welfare": 1}, allow_assigned=True)
    round_.section("A", capacity=9).section("X", capacity=9)
    round_.row("prerequisites", offering="A", requires="X")
    return round_.teacher("Li", ranks=["A"], assignable=["X"], assigned_cap=1)


def even() -> Problem:
    """A and B are worth the same to Li, who takes one: alone in the lottery, she draws 1.

    Rank 1 is worth 20 lots to her and rank 2 is worth 19.
    """
    round_ = problem({"welfare": 1}, {"lottery": 1})
    round_.section("A", capacity=9).section("B", capacity=9)
    return wishes(round_, "Li", A=50, B=50, most_sections=1)


def assigned(offering: str, *meets: str) -> Problem:
    """Li holds B, worth 50, which she did not choose; her choice A is worth 10."""
    round_ = problem(allow_assigned=True)
    for name in ("A", "B"):
        round_.section(name, capacity=9, meets=meets, offering=offering or name)
    wishes(round_, "Li", A=10, assigned_cap=1)
    return round_.row("choices", teacher="Li", section="B", kind="assignable", points=50)


def capped(minutes: int) -> Problem:
    """Li may hold 120 minutes; A has 120."""
    round_ = problem().row("caps", id="c", limit=120)
    round_.section("A", capacity=9, minutes=120).section("B", capacity=9, minutes=minutes)
    return wishes(round_, "Li", A=100, B=90)


def away() -> Problem:
    """Li is at home in the north; A is in the south and costs 70 fen."""
    round_ = problem({"travel": 1, "cost": 1}, {"welfare": 1})
    round_.section("A", capacity=9, site="south", fee_fen=70)
    return wishes(round_, "Li", A=100, attributes={"site": "north"})


# code -> the round, teacher, section, have, need, and what of the detail a reader can check
MISSES: dict[str, tuple[Problem, str, str, int, int, dict[str, Any]]] = {
    "full": (full(), "Ma", "A", 1, 1, {"points": 90, "stronger": 1, "equal": 0, "weaker": 0}),
    "full_goals": (full_goals(), "Ma", "A", 1, 1, {"weaker": 1, "bound_by_goals": 1}),
    "full_points": (
        full_points(), "Ma", "A", 1, 1,
        {"stronger": 0, "weaker": 1, "bound_by_goals": 0, "least": 50, "gain": 10},
    ),
    "closed_below_minimum": (closed_below_minimum(), "Li", "A", 1, 3, {"could": 1}),
    "closed_costly": (closed_costly(), "Li", "B", 2, 2, {"cost": 100, "could": 2}),
    "closed_impossible": (closed_impossible(), "Li", "B", 2, 2, {}),
    "partner_closed": (partner_closed(), "Li", "A", 0, 3, {"row": "B"}),
    "partner_full": (partner_full(), "Li", "A", 1, 1, {"row": "B"}),
    "needed_elsewhere": (needed_elsewhere(), "Li", "A", 2, 2, {"row": "B"}),
    "quota": (two_want_one().row("quotas", id="q", maximum=1), "Ma", "A", 1, 1, {"row": "q"}),
    "level_share": (
        two_want_one().row("shares", id="s", maximum=1), "Ma", "A", 1, 1, {"row": "s"},
    ),
    "reserve": (reserve(), "Ma", "A", 1, 1, {"row": "r"}),
    "host_capacity": (
        two_want_one(meets=[AM]).row("hosts", id="h", day=D1, capacity=1),
        "Ma", "A", 1, 1, {"row": "h"},
    ),
    "school_release": (
        two_want_one(meets=[AM]).row(
            "releases", id="l", school="one", day=D1, half="am", most_away=1
        ),
        "Ma", "A", 1, 1, {"row": "l"},
    ),
    "budget": (
        two_want_one(fee_fen=300, fund="F").row("funds", id="F", budget_fen=500),
        "Ma", "A", 300, 300, {"row": "F"},
    ),
    "team": (team(), "Li", "A", 0, 2, {"row": "t/one"}),
    "eligible": (
        one_of_two().row("eligibility", section="A", attribute="stage", test="in", values="2"),
        "Li", "A", 1, 0, {},
    ),
    "banned": (
        one_of_two().row("bans", teacher="Li", from_day=D1, until_day=D2, where="section=A"),
        "Li", "A", 1, 0, {},
    ),
    "repeated": (one_of_two().row("completed", teacher="Li", offering="A"), "Li", "A", 1, 0, {}),
    "time_conflict": (
        one_of_two(meets=[AM]).row("busy", teacher="Li", day=D1, half="am"), "Li", "A", 1, 0, {},
    ),
    "prerequisite": (prerequisite(), "Li", "A", 0, 1, {}),
    "bundle": (side_by_side(ranks=["A+B"]), "Li", "A", 1, 2, {}),
    "locked_seat_held": (
        side_by_side(ranks=["A", "B"]).row("locks", teacher="Li", section="B"),
        "Li", "A", 1, 0, {"other": "B"},
    ),
    "locked_seat": (one_of_two().row("locks", teacher="Li", section="B"), "Li", "A", 1, 0, {}),
    "time_conflict_held": (
        side_by_side(ranks=["A", "B"]), "Li", "B", 1, 0, {"other": "A", "rank": 1},
    ),
    "time_conflict_assigned": (assigned("", AM), "Li", "A", 1, 0, {"other": "B"}),
    "one_section_held": (
        one_of_two().row("excluded", offering_a="A", offering_b="B"),
        "Li", "B", 1, 0, {"other": "A", "rank": 1},
    ),
    "one_section_assigned": (assigned("X"), "Li", "A", 1, 0, {"other": "B"}),
    "most_sections": (
        wishes(problem().section("A", capacity=9), "Li", A=9, most_sections=0),
        "Li", "A", 1, 0, {},
    ),
    "most_sections_reached": (one_of_two(), "Li", "B", 1, 1, {}),
    "hour_cap": (capped(180), "Li", "B", 180, 120, {}),
    "hour_cap_reached": (capped(60), "Li", "B", 120, 120, {}),
    "worth_less": (
        wishes(problem().section("A", capacity=9), "Li", A=-5), "Li", "A", 0, 0, {"fewer": 5},
    ),
    "strict_hours": (strict_hours(), "Li", "A", 1, 0, {}),
    "goal_hours_short": (goal_hours_short(), "Li", "A", 180, 0, {"tier": 1}),
    "goal_quota_short": (
        one_of_two({"quota_short": 1}, {"welfare": 1}).row(
            "quotas", id="q", sections_where="section=B", minimum=1
        ),
        "Li", "A", 1, 0, {"tier": 1},
    ),
    "goal_assigned_seats": (goal_assigned_seats(), "Li", "A", 1, 0, {"tier": 1}),
    "goal_overshoot": (goal_overshoot(), "Li", "A", 60, 0, {"tier": 1}),
    "goal_cost": (
        one_of_two({"cost": 1}, {"welfare": 1}, fee_fen=70), "Li", "A", 70, 0, {"tier": 1},
    ),
    "goal_travel": (
        wishes(
            problem({"travel": 1}, {"welfare": 1}).section("A", capacity=9, site="south"),
            "Li", A=100, attributes={"site": "north"},
        ),
        "Li", "A", 1, 0, {"tier": 1},
    ),
    "goal_several": (away(), "Li", "A", 71, 0, {"tier": 1}),
    "goal_lottery": (even(), "Li", "B", 1, 0, {"tier": 2}),
    "lot": (wishes(problem().section("A", capacity=9), "Li", A=0), "Li", "A", 0, 0, {}),
}  # fmt: skip

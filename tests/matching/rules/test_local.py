"""Local rules: what one teacher may hold. Each is planted, forgiven in its twin, and obeyed."""

import pytest

from matching.errors import BadInstance
from tests.matching.factories import D1, D2, D3, best, problem, refereed


def two(**columns):
    """Li ranks A (100 points) before B (90)."""
    return problem().section("A", capacity=9).section("B", capacity=9)


def test_eligible_names_who_misses_how_many_lines():
    round_ = (
        two()
        .row("eligibility", section="A", attribute="stage", test="in", values="2|3")
        .row("eligibility", section="A", attribute="years", test="ge", values=5)
        .row("eligibility", section="A", attribute="flag", test="not_in", values="exempt")
        .row("eligibility", section="B", attribute="years", test="le", values=4)
        .teacher("Li", ranks=["A", "B"], attributes={"stage": "2", "years": 5})
        .teacher("Wang", ranks=["A", "B"], attributes={"stage": "1", "years": 4})
        .teacher("Zhou", ranks=["A"], attributes={"stage": "3", "years": 9, "flag": "exempt"})
        .teacher("Chen", ranks=["A"])
        .build()
    )
    assert refereed(round_, "Wang:A Zhou:A Chen:A Li:B") == [
        ("eligible", "Chen/A", 2, 0),  # neither stage nor years known
        ("eligible", "Li/B", 1, 0),
        ("eligible", "Wang/A", 2, 0),
        ("eligible", "Zhou/A", 1, 0),
    ]
    assert refereed(round_, "Li:A Wang:B") == []
    assert best(round_) == "Li:A Wang:B"


def test_eligible_compares_whole_numbers_only():
    round_ = two().row("eligibility", section="A", attribute="years", test="ge", values=5)
    round_ = round_.teacher("Li", ranks=["A"], attributes={"years": "many"}).build()
    with pytest.raises(BadInstance, match=r"ge compares whole numbers, not '5' with \['many'\]"):
        refereed(round_, "Li:A")


def test_banned_holds_between_its_days_and_for_what_it_covers():
    round_ = (
        problem()
        .section("A", capacity=9, meets=[f"{D1} am", f"{D2} am"], attributes={"level": "province"})
        .section("B", capacity=9, meets=[f"{D3} am"], attributes={"level": "province"})
        .section("C", capacity=9, meets=[f"{D1} pm"], attributes={"level": "county"})
        .section("D", capacity=9, attributes={"level": "province"})
        .teacher("Li", ranks=["A", "B", "C", "D"])
        .teacher("Wang", ranks=["A"])
        .row("bans", teacher="Li", from_day=D2, until_day=D2, where="level=province")
        .build()
    )
    assert refereed(round_, "Li:A Li:B Li:C Li:D Wang:A") == [
        ("banned", "Li/A", 1, 0),  # one of its days is inside the ban
        ("banned", "Li/D", 1, 0),  # no dates: within every ban
    ]
    assert best(round_) == "Li:B Li:C Wang:A"


def test_repeated_offering_is_refused():
    round_ = (
        problem()
        .section("A-01", offering="A", capacity=9)
        .section("B", capacity=9)
        .teacher("Li", ranks=["A-01", "B"])
        .teacher("Wang", ranks=["A-01"])
        .row("completed", teacher="Li", offering="A")
        .build()
    )
    assert refereed(round_, "Li:A-01 Li:B Wang:A-01") == [("repeated", "Li/A-01", 1, 0)]
    assert best(round_) == "Li:B Wang:A-01"


def test_prerequisite_is_completed_or_sat_in_earlier():
    round_ = (
        problem()
        .section("Base-early", offering="Base", capacity=9, meets=[f"{D1} am"])
        .section("Base-late", offering="Base", capacity=9, meets=[f"{D3} am"])
        .section("Next", capacity=9, meets=[f"{D2} am"])
        .row("prerequisites", offering="Next", requires="Base")
        .teacher("Li", ranks=["Next"])
        .teacher("Wang", ranks=["Next"])
        .teacher("Zhou", ranks=["Next", "Base-early"])
        .teacher("Chen", ranks=["Next", "Base-late"])
        .row("completed", teacher="Wang", offering="Base")
        .build()
    )
    assert refereed(round_, "Li:Next Wang:Next Zhou:Next Zhou:Base-early") == [
        ("prerequisite", "Li/Next", 1, 0)
    ]
    assert refereed(round_, "Chen:Next Chen:Base-late") == [("prerequisite", "Chen/Next", 1, 0)]
    assert best(round_) == "Chen:Base-late Wang:Next Zhou:Base-early Zhou:Next"


def test_one_section_of_an_offering_and_one_of_an_excluded_pair():
    round_ = (
        problem()
        .section("A-01", offering="A", capacity=9)
        .section("A-02", offering="A", capacity=9)
        .section("B", capacity=9)
        .section("C", capacity=9)
        .row("excluded", offering_a="B", offering_b="A")
        .teacher("Li", ranks=["A-01", "A-02", "B", "C"])
        .build()
    )
    assert refereed(round_, "Li:A-01 Li:A-02 Li:B") == [
        ("one_section", "Li/A", 2, 1),
        ("one_section", "Li/B+A", 2, 1),
    ]
    assert refereed(round_, "Li:B Li:C") == []
    assert best(round_) == "Li:A-01 Li:C"  # 100 + 70, not B + C = 80 + 70


def test_time_conflict_half_days_busy_and_out_of_reach():
    round_ = (
        problem()
        .section("A", capacity=9, meets=[f"{D1} am", f"{D1} pm"], site="north")
        .section("B", capacity=9, meets=[f"{D1} pm"], site="north")
        .section("C", capacity=9, meets=[f"{D2} am"], site="north")
        .section("D", capacity=9, meets=[f"{D2} pm"], site="south")
        .section("E", capacity=9, meets=[f"{D3} am"], site="south")
        .row("travel", site_a="south", site_b="north")
        .teacher("Li", ranks=["A", "B", "C", "D", "E"])
        .row("busy", teacher="Li", day=D3, half="am")
        .build()
    )
    assert refereed(round_, "Li:A Li:B Li:C Li:D Li:E") == [
        ("time_conflict", f"Li/{D1} pm", 2, 1),
        ("time_conflict", f"Li/{D3} am", 2, 1),
        ("time_conflict", "Li/C+D", 2, 1),
    ]
    assert refereed(round_, "Li:A Li:C") == []
    assert best(round_) == "Li:A Li:C"


def test_most_sections_counts_what_she_holds():
    round_ = two().teacher("Li", ranks=["A", "B"], most_sections=1).build()
    assert refereed(round_, "Li:A Li:B") == [("most_sections", "Li", 2, 1)]
    assert best(round_) == "Li:A"
    assert best(two().teacher("Li", ranks=["A", "B"], most_sections=2).build()) == "Li:A Li:B"


def assignable(*, allow: bool, cap: int):
    """Hours are due that only assigned seats could fill: 60 minutes each."""
    round_ = problem({"hours_short": 1}, allow_assigned=allow).row("requirements", id="all")
    for name in ("A", "B", "C"):
        round_.section(name, capacity=9, minutes=60)
    return round_.teacher("Li", assignable=["A", "B", "C"], assigned_cap=cap, due={"all": 180})


def test_assigned_cap_limits_what_nobody_chose():
    round_ = assignable(allow=True, cap=2).build()
    assert refereed(round_, "Li:A Li:B Li:C") == [("assigned_cap", "Li", 3, 2)]
    assert refereed(round_, "Li:A Li:B") == []
    assert len(best(round_).split()) == 2


def test_a_locked_seat_is_no_assigned_seat():
    round_ = assignable(allow=True, cap=2).row("locks", teacher="Li", section="A").build()
    assert best(round_) == "Li:A Li:B Li:C"
    assert refereed(round_, "Li:A Li:B Li:C") == []


def test_chosen_only_unless_the_round_allows_assigning():
    round_ = assignable(allow=False, cap=2).build()
    assert refereed(round_, "Li:A") == [("chosen_only", "Li/A", 1, 0)]
    assert best(round_) == ""


def test_bundle_is_all_or_none():
    round_ = problem().section("A", capacity=1).section("B", capacity=0).section("C", capacity=9)
    round_ = round_.teacher("Li", ranks=["A+B", "C"]).teacher("Wang", ranks=["A+C"]).build()
    assert refereed(round_, "Li:A") == [("bundle", "Li/1", 1, 2)]
    assert refereed(round_, "Wang:A Wang:C Li:C") == []
    assert best(round_) == "Li:C Wang:A Wang:C"


def test_hour_cap_counts_minutes_or_sections_of_a_kind():
    round_ = problem()
    for name, minutes, mode in (("A", 240, "online"), ("B", 240, "online"), ("C", 480, "f2f")):
        round_.section(name, capacity=9, minutes=minutes, attributes={"mode": mode})
    round_.row("caps", id="online", where="mode=online", teachers_where="stage=2", limit=300)
    round_.row("caps", id="many", limit=2, unit="sections")
    round_ = (
        round_.teacher("Li", ranks=["A", "B", "C"], attributes={"stage": "2"})
        .teacher("Wang", ranks=["A", "B", "C"], attributes={"stage": "3"})
        .build()
    )
    assert refereed(round_, "Li:A Li:B Wang:A Wang:B Wang:C") == [
        ("hour_cap", "Wang/many", 3, 2),
        ("hour_cap", "Li/online", 480, 300),
    ]
    assert best(round_) == "Li:A Li:C Wang:A Wang:B"


def test_locked_seat_stays():
    round_ = two().teacher("Li", ranks=["A", "B"], most_sections=1)
    round_ = round_.row("locks", teacher="Li", section="B", reason="resident class").build()
    assert refereed(round_, "Li:A") == [("locked_seat", "Li/B", 0, 1)]
    assert best(round_) == "Li:B"


def test_compulsory_topic_strict_or_counted():
    def ethics(strict: int, ranks: list[str]):
        return (
            problem({"hours_short": 1}, {"welfare": 1})
            .section("A", capacity=9, attributes={"topic": "ethics"})
            .section("B", capacity=9)
            .row("topics", topic="ethics", teachers_where="stage=2", weight=120, strict=strict)
            .teacher("Li", ranks=ranks, most_sections=1, attributes={"stage": "2"})
            .teacher("Wang", ranks=["B"], attributes={"stage": "3"})
            .build()
        )

    assert refereed(ethics(1, ["B", "A"]), "Li:B Wang:B") == [
        ("compulsory_topic", "Li/ethics", 0, 1)
    ]
    assert refereed(ethics(0, ["B", "A"]), "Li:B Wang:B") == []
    assert best(ethics(1, ["B", "A"])) == "Li:A Wang:B"
    assert best(ethics(0, ["B", "A"])) == "Li:A Wang:B"
    assert best(ethics(1, ["B"])) is None
    assert best(ethics(0, ["B"])) == "Li:B Wang:B"


def nested(strict: int):
    """600 minutes of zhuanye due, at least 120 of it ethics, of which no more than 180 count."""
    round_ = problem({"hours_short": 1}, {"welfare": -1})
    for name, topic in (("A", "ethics"), ("B", "ethics"), ("C", "craft"), ("D", "craft")):
        round_.section(
            name, capacity=9, minutes=240, attributes={"category": "zhuanye", "topic": topic}
        )
    return (
        round_.row("requirements", id="zhuanye", where="category=zhuanye", strict=strict)
        .row(
            "requirements",
            id="ethics",
            parent="zhuanye",
            where="topic=ethics",
            cap=180,
            strict=strict,
        )
        .teacher("Li", ranks=["A", "B", "C", "D"], due={"zhuanye": 600, "ethics": 120})
        .build()
    )


def test_hours_due_counts_a_child_within_its_parent_and_cuts_it():
    # A and B together count 180, C and D 240 each: A + C + D = 660, A + B + C = 420.
    assert refereed(nested(1), "Li:A Li:B Li:C") == [("hours_due", "Li/zhuanye", 420, 600)]
    assert refereed(nested(1), "Li:C Li:D") == [
        ("hours_due", "Li/ethics", 0, 120),
        ("hours_due", "Li/zhuanye", 480, 600),
    ]
    assert refereed(nested(1), "Li:A Li:C Li:D") == []
    assert refereed(nested(0), "Li:C Li:D") == []
    assert best(nested(1)) == "Li:B Li:C Li:D"  # B is worth less than A: welfare counts against
    assert best(nested(0)) == "Li:B Li:C Li:D"


def test_a_parent_without_condition_counts_its_children_only():
    round_ = problem({"hours_short": 1})
    for name, category in (("A", "zhuanye"), ("B", "gongxu"), ("C", "other")):
        round_.section(name, capacity=9, minutes=60, attributes={"category": category})
    round_ = (
        round_.row("requirements", id="all", strict=1)
        .row("requirements", id="zhuanye", parent="all", where="category=zhuanye")
        .row("requirements", id="gongxu", parent="all", where="category=gongxu")
        .teacher("Li", ranks=["A", "B", "C"], due={"all": 120})
        .build()
    )
    assert refereed(round_, "Li:A Li:C") == [("hours_due", "Li/all", 60, 120)]
    assert refereed(round_, "Li:A Li:B") == []
    assert best(round_).startswith("Li:A Li:B")

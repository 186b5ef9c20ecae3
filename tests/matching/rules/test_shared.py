"""Shared rules: rows across teachers. Each is planted, forgiven in its twin, and obeyed."""

from tests.matching.factories import D1, D2, best, problem, refereed, truth


def group(round_, names: str, ranks: list[str], **columns):
    """Add several teachers with one list."""
    for name in names.split():
        round_.teacher(name, ranks=ranks, **columns)
    return round_


def test_seat_capacity_names_the_overfull_section():
    round_ = group(problem().section("A", capacity=1), "Li Wang", ["A"]).build()
    assert refereed(round_, "Li:A Wang:A") == [("seat_capacity", "A", 2, 1)]
    assert refereed(round_, "Li:A") == []
    assert truth(round_).values == (100,)


def test_minimum_to_open_runs_full_enough_or_not_at_all():
    def round_(minimum: int):
        return group(problem().section("A", capacity=9, minimum=minimum), "Li Wang", ["A"]).build()

    assert refereed(round_(3), "Li:A Wang:A") == [("minimum_to_open", "A", 2, 3)]
    assert refereed(round_(3), "") == []
    assert best(round_(3)) == ""
    assert best(round_(2)) == "Li:A Wang:A"


def test_minimum_to_open_closes_the_section_worth_less():
    """Two people each, three in all: Li and Wang in A make 200, one of them and Zhou in B 190."""
    round_ = problem().section("A", capacity=3, minimum=2).section("B", capacity=2, minimum=2)
    round_ = group(round_, "Li Wang", ["A", "B"], most_sections=1)
    assert best(round_.teacher("Zhou", ranks=["B"]).build()) == "Li:A Wang:A"


def test_a_locked_seat_makes_its_section_run_or_nothing_is_possible():
    round_ = problem().section("A", capacity=9, minimum=2).section("B", capacity=9)
    round_ = group(round_, "Li Wang", ["B", "A"], most_sections=1)
    assert best(round_.build()) == "Li:B Wang:B"
    round_.row("locks", teacher="Li", section="A")
    assert best(round_.build()) == "Li:A Wang:A"
    assert best(round_.row("completed", teacher="Wang", offering="A").build()) is None


def reserve(**columns):
    """Two seats and a group of one; everybody wants in."""
    round_ = problem({"quota_short": 1}, {"welfare": 1}).section("A", capacity=2)
    round_ = group(round_, "Li Wang Zhou", ["A"])
    round_.teacher("Rong", ranks=["A"], attributes={"flag": "rural"})
    return round_.row(
        "reserves", id="green", sections_where="section=A", group_where="flag=rural", **columns
    ).build()


def test_hard_reserve_inside_stays_empty_for_the_group():
    round_ = reserve(seats=1, kind="hard", place="inside")
    assert refereed(round_, "Li:A Wang:A") == [("reserve", "green", 2, 1)]
    assert refereed(round_, "Li:A Rong:A") == []
    assert len(best(round_).split()) == 2
    assert "Rong:A" in best(round_)


def test_hard_reserve_of_two_leaves_a_seat_empty():
    round_ = reserve(seats=2, kind="hard", place="inside")
    assert best(round_) == "Rong:A"
    assert refereed(round_, "Rong:A Li:A") == [("reserve", "green", 1, 0)]


def test_hard_reserve_on_top_adds_chairs_for_the_group_alone():
    round_ = reserve(seats=1, kind="hard", place="on_top")
    assert refereed(round_, "Li:A Wang:A Zhou:A") == [("reserve", "green/A", 3, 2)]
    assert refereed(round_, "Li:A Wang:A Rong:A") == []
    assert len(best(round_).split()) == 3
    assert "Rong:A" in best(round_)
    assert {breach[0] for breach in refereed(round_, "Li:A Wang:A Zhou:A Rong:A")} == {
        "seat_capacity",
        "reserve",
    }


def test_soft_reserve_is_released_when_the_group_does_not_come():
    round_ = reserve(seats=1, kind="soft", place="inside")
    assert refereed(round_, "Li:A Wang:A") == []
    assert "Rong:A" in best(round_)  # 1 short otherwise
    two = reserve(seats=2, kind="soft", place="inside")
    assert truth(two).values == (-1, 200)  # one seat nobody of the group can fill is released


def test_soft_reserve_on_top_adds_a_chair_for_anybody_in_the_end():
    round_ = reserve(seats=2, kind="soft", place="on_top")
    assert best(round_) == "Li:A Rong:A Wang:A Zhou:A"
    assert refereed(round_, best(round_)) == []


def test_on_top_pool_of_two_sections_shares_its_chairs():
    round_ = problem().section("A", capacity=1).section("B", capacity=1)
    round_ = group(round_, "Li Wang Rong Ma", ["A", "B"], attributes={"flag": "rural"})
    round_ = round_.row("reserves", id="green", seats=1, kind="hard", place="on_top").build()
    assert refereed(round_, "Li:A Wang:A Rong:B Ma:B") == [("reserve", "green", 4, 3)]
    assert refereed(round_, "Li:A Wang:A Rong:B") == [("reserve", "green/A", 2, 1)] * 0
    assert len(best(round_).split()) == 3


def quota(counts: str = "seats", **columns):
    """Rural people want A and B, others A; each has room for all."""
    round_ = problem({"quota_short": 1}, {"welfare": 1}).section("A", capacity=9)
    round_ = round_.section("B", capacity=9)
    round_ = group(round_, "Li Wang", ["A", "B"], attributes={"unit": "north"})
    round_ = group(round_, "Zhou", ["A"], attributes={"unit": "south"})
    return round_.row(
        "quotas", id="north", teachers_where="unit=north", counts=counts, **columns
    ).build()


def test_quota_maximum_counts_seats_or_heads():
    seats = quota(maximum=3)
    assert refereed(seats, "Li:A Li:B Wang:A Wang:B Zhou:A") == [("quota", "north", 4, 3)]
    assert best(seats) == "Li:A Li:B Wang:A Zhou:A" or best(seats) == "Li:A Wang:A Wang:B Zhou:A"
    heads = quota(counts="heads", maximum=1)
    assert refereed(heads, "Li:A Wang:A") == [("quota", "north", 2, 1)]
    assert refereed(heads, "Li:A Li:B Zhou:A") == []
    assert len(best(heads).split()) == 3  # both seats of one of them, and Zhou


def test_quota_minimum_strict_or_counted():
    def scarce(strict: int, minimum: int):
        round_ = problem({"quota_short": 1}, {"welfare": 1}).section("A", capacity=1)
        round_ = round_.teacher("Li", ranks=["A"])
        round_ = round_.section("B", capacity=1).teacher(
            "Zhou", ranks=["B", "A"], most_sections=1, attributes={"unit": "south"}
        )
        return round_.row(
            "quotas", id="south", sections_where="section=A", teachers_where="unit=south",
            minimum=minimum, strict=strict,
        ).build()  # fmt: skip

    assert refereed(scarce(1, 1), "Li:A Zhou:B") == [("quota", "south", 0, 1)]
    assert refereed(scarce(0, 1), "Li:A Zhou:B") == []
    assert best(scarce(1, 1)) == best(scarce(0, 1)) == "Zhou:A"
    assert best(scarce(1, 2)) is None
    assert truth(scarce(0, 2)).values == (-1, 90)


def test_level_share_counts_everybody_once():
    def share(**columns):
        round_ = problem({"quota_short": 1}, {"welfare": 1})
        for name, level in (("A", "province"), ("B", "province"), ("C", "county")):
            round_.section(name, capacity=9, attributes={"level": level})
        round_ = group(round_, "Li Wang", ["C", "A", "B"], most_sections=2)
        return round_.row("shares", id="p", sections_where="level=province", **columns).build()

    assert refereed(share(maximum=1), "Li:A Wang:B") == [("level_share", "p", 2, 1)]
    assert refereed(share(maximum=1), "Li:A Li:B Wang:C") == []
    assert truth(share(maximum=1)).values == (0, 290)  # C + A for one, C for the other
    assert refereed(share(minimum=2, strict=1), "Li:A Li:B Wang:C") == [("level_share", "p", 1, 2)]
    assert truth(share(minimum=2, strict=1)).values == (0, 380)
    assert best(share(minimum=3, strict=1)) is None
    assert truth(share(minimum=3)).values == (-1, 380)


def test_host_capacity_holds_on_its_day():
    round_ = problem().section("A", capacity=9, meets=[f"{D1} am"])
    round_ = round_.section("B", capacity=9, meets=[f"{D1} pm"])
    round_ = round_.section("C", capacity=9, meets=[f"{D2} am"])
    round_ = group(round_, "Li Wang", ["A", "B", "C"])
    round_ = round_.row("hosts", id="centre", day=D1, capacity=3).build()
    assert refereed(round_, "Li:A Li:B Wang:A Wang:B Wang:C") == [("host_capacity", "centre", 4, 3)]
    assert len(best(round_).split()) == 5


def test_school_release_per_half_day_and_per_subject():
    round_ = problem().section("A", capacity=9, meets=[f"{D1} am"])
    round_ = round_.section("B", capacity=9, meets=[f"{D1} pm"])
    round_ = group(round_, "Li Wang", ["A"], school="one", attributes={"subject": "maths"})
    round_ = group(round_, "Zhou Chen", ["A"], school="one", attributes={"subject": "art"})
    round_ = group(round_, "Ma Ren", ["A"], school="two", attributes={"subject": "art"})
    limit = {"school": "one", "day": D1, "half": "am"}
    round_ = round_.row("releases", id="r", most_away=3, **limit)
    round_ = round_.row("releases", id="m", most_away=1, subject_where="subject=maths", **limit)
    round_ = round_.row(
        "releases", id="x", most_away=0, school="nowhere", day=D1, half="am"
    ).build()
    assert refereed(round_, "Chen:A Li:A Wang:A Zhou:A Ma:A Ren:A") == [
        ("school_release", "m", 2, 1),
        ("school_release", "r", 4, 3),
    ]
    assert truth(round_).values == (500,)
    assert refereed(round_, "Chen:A Zhou:A Li:A Ma:A Ren:A") == []


def test_budget_of_a_fund_in_fen():
    round_ = problem().section("A", capacity=9, fee_fen=60_000, fund="F")
    round_ = round_.section("B", capacity=9, fee_fen=40_000, fund="F")
    round_ = round_.section("C", capacity=9, fee_fen=90_000, fund="G")
    round_ = group(round_, "Li Wang", ["A", "B", "C"])
    round_ = round_.row("funds", id="F", budget_fen=150_000).build()
    assert refereed(round_, "Li:A Wang:A Li:B Li:C") == [("budget", "F", 160_000, 150_000)]
    assert refereed(round_, "Li:A Wang:B Li:B Li:C") == []
    assert truth(round_).values == (100 + 90 + 90 + 80 + 80,)


def team(
    rule: str, ranks: list[str], capacity: int = 9, attribute: str = "school", weight: int = 1
):
    round_ = problem().section("A", capacity=capacity).section("B", capacity=9)
    round_ = group(round_, "Li Wang", ranks, school="one", most_sections=1)
    round_ = group(round_, "Zhou", ranks, school="two", most_sections=1)
    return round_.row(
        "teams", id="t", rule=rule, sections_where="section=A", group_attribute=attribute,
        weight=weight,
    ).build()  # fmt: skip


def test_team_all_or_none_per_group():
    round_ = team("all_or_none", ["A", "B"], capacity=2)
    assert refereed(round_, "Li:A Zhou:A") == [("team", "t/one", 1, 2)]
    assert refereed(round_, "Zhou:A Li:B") == []
    assert best(round_) == "Li:A Wang:A Zhou:B"
    assert best(team("all_or_none", ["A"], capacity=1)) == "Zhou:A"


def test_a_locked_seat_brings_its_whole_team():
    def locked(rule: str):
        round_ = problem().section("A", capacity=3).section("B", capacity=9)
        round_ = group(round_, "Li Wang", ["B", "A"], school="one", most_sections=1)
        round_ = group(round_, "Zhou", ["B", "A"], school="two", most_sections=1)
        round_.row("locks", teacher="Li", section="A")
        return round_.row(
            "teams", id="t", rule=rule, sections_where="section=A", group_attribute="school"
        ).build()

    assert best(locked("all_or_none")) == "Li:A Wang:A Zhou:B"
    assert best(locked("one_of_each")) == "Li:A Wang:B Zhou:A"


def test_team_one_of_each_group_or_nobody():
    round_ = team("one_of_each", ["A"], capacity=2)
    assert refereed(round_, "Li:A Wang:A") == [("team", "t/two", 0, 1)]
    assert refereed(round_, "Li:A Zhou:A") == refereed(round_, "") == []
    assert "Zhou:A" in best(round_)
    assert len(best(round_).split()) == 2
    assert best(team("one_of_each", ["A"], capacity=1)) == ""


def test_team_together_is_worth_points_but_no_duty():
    """Zhou and Li in A, Wang in B make 290; the pair in A with 15 more makes 290 + 15."""
    apart = team("keep_together", ["A", "B"], capacity=2, weight=15)
    assert refereed(apart, "Li:A Wang:B Zhou:A") == []
    assert best(apart) == "Li:A Wang:A Zhou:B"
    assert truth(apart).values == (305,)

"""Every goal: its measure equals arithmetic by hand, and what it posts is what it measures."""

import pytest

from matching.check import measure
from matching.goals import GOALS
from matching.lottery import lottery_numbers
from tests.matching.factories import problem, seats, truth


def county():
    """Two teachers, three sections; 600 minutes of zhuanye due for Li, 120 for Wang."""
    round_ = problem(allow_assigned=True)
    round_.section("A", capacity=9, minutes=480, fee_fen=60_000, site="hill", attributes=KIND)
    round_.section("B", capacity=9, minutes=240, fee_fen=20_000, attributes=KIND)
    round_.section("C", capacity=9, minutes=240, site="town", attributes={"topic": "ethics"})
    round_.row("requirements", id="zhuanye", where="category=zhuanye", weight=3)
    round_.row("topics", topic="ethics", weight=120)
    round_.row("quotas", id="q", sections_where="section=A", minimum=2, weight=5)
    round_.row("shares", id="s", sections_where="section=B", minimum=3, weight=2)
    round_.row("reserves", id="r", sections_where="section=C", group_where="id=Wang", seats=1)
    round_.row("teams", id="t", rule="keep_together", sections_where="section=B", weight=7)
    round_.teacher(
        "Li", ranks=["A", "B"], due={"zhuanye": 600}, attributes={"site": ["town"]}, assigned_cap=1
    )
    return round_.teacher("Wang", ranks=["B", "C"], assignable=["A"], due={"zhuanye": 120})


KIND = {"category": "zhuanye"}


def measured(text: str) -> dict[str, int]:
    round_ = county().build()
    return measure(round_, seats(round_, text))


def test_hours_short_weighs_minutes_and_missed_topics():
    # Li 600 - 480 = 120 short x 3, Wang none short; Li misses ethics: 120.
    assert measured("Li:A Wang:B Wang:C")["hours_short"] == 3 * 120 + 120


def test_quota_short_adds_minima_shares_and_soft_reserves():
    # A lacks 1 of 2 seats x 5; B has 1 head of 3, 2 x 2; the seat in C is not Wang's: 1.
    assert measured("Li:A Wang:B")["quota_short"] == 5 + 4 + 1
    assert measured("Li:A Wang:B Wang:C")["quota_short"] == 5 + 4


def test_assigned_seats_and_unserved():
    assert measured("Wang:A")["assigned_seats"] == 1
    assert measured("Wang:A")["unserved"] == 2  # Wang holds nothing of what she chose
    assert measured("Wang:A Wang:C")["unserved"] == 1


def test_a_locked_seat_is_not_counted_as_assigned():
    round_ = county().row("locks", teacher="Wang", section="A").build()
    assert measure(round_, seats(round_, "Wang:A"))["assigned_seats"] == 0


def test_welfare_adds_points_and_company():
    assert measured("Li:A Wang:B")["welfare"] == 100 + 100
    assert measured("Li:B Wang:B")["welfare"] == 90 + 100 + 7


def test_overshoot_counts_minutes_beyond_what_was_due():
    # Li 480 + 240 - 600; Wang 240 - 120; C belongs to no requirement.
    assert measured("Li:A Li:B Wang:B Wang:C")["overshoot"] == 120 + 120


def test_cost_and_travel():
    assert measured("Li:A Wang:A Wang:B")["cost"] == 140_000
    assert measured("Li:A Li:B Wang:A Wang:C")["travel"] == 1  # Li from town to the hill


def test_lottery_gives_the_first_number_the_better_rank():
    number = lottery_numbers(["Li", "Wang"], "0", "example")
    turn = {name: 3 - place for name, place in number.items()}
    assert measured("Li:B Wang:B")["lottery"] == turn["Li"] * 19 + turn["Wang"] * 20
    assert measured("Wang:A")["lottery"] == 0  # assigned, no rank


@pytest.mark.parametrize("code", sorted(GOALS))
def test_what_a_goal_posts_is_what_it_measures(code):
    """The oracle's best value of each goal, alone, equals the measure of the oracle's seats."""
    from tests.matching.factories import seats_at

    round_ = county()
    round_._meta["tiers"] = [{"goals": {code: 1}}]
    instance = round_.build()
    found = truth(instance)
    value = measure(instance, seats_at(instance, found.arcs))[code]
    assert found.values == ((value if GOALS[code].sense == "max" else -value),)


@pytest.mark.parametrize("code", sorted(GOALS))
def test_a_goal_against_its_sense_is_posted_truly_too(code):
    """Seats are locked at random places, so that the posted value has no room to move."""
    round_ = county()
    for teacher, section in (("Li", "A"), ("Wang", "A"), ("Wang", "B")):
        round_.row("locks", teacher=teacher, section=section)
    round_.row("caps", id="none_else", limit=1, unit="sections", teachers_where="id=Li")
    round_.row("caps", id="none_more", limit=2, unit="sections", teachers_where="id=Wang")
    round_._meta["tiers"] = [{"goals": {code: 1}}]
    instance = round_.build()
    value = measure(instance, seats(instance, "Li:A Wang:A Wang:B"))[code]
    assert truth(instance).values == ((value if GOALS[code].sense == "max" else -value),)


def test_an_earlier_tier_is_never_spent():
    """Alone, welfare would seat Li in A (100); quota first gives the one seat to Wang."""
    round_ = problem({"quota_short": 1}, {"welfare": 1}).section("A", capacity=1)
    round_ = round_.section("B", capacity=0)
    round_ = round_.teacher("Li", ranks=["A"]).teacher("Wang", ranks=["B", "A"])
    round_ = round_.row("quotas", id="q", teachers_where="id=Wang", minimum=1)
    assert truth(round_.build()).values == (0, 90)

"""Release, quotas and green seats: the numbers an office would work out by hand."""

import pytest

from matching.rounds.limits import (
    fill_rows,
    in_term,
    most_away,
    quota_id,
    quota_rows,
    reserve_rows,
)
from matching.rounds.settings import Fill, Green, Release, Substitute, with_overrides
from matching.rounds.store import load
from tests.matching.rounds.factories import county, database, quota, school, settings

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

MONDAY = "2026-09-07"
RELEASE = Release(15, MONDAY, "2027-01-15", True, (("2026-10-01", "2026-10-08"),), ())


@pytest.mark.parametrize(("staff", "most"), [(20, 3), (25, 4), (10, 2), (40, 6), (15, 3)])
def test_fifteen_percent_of_the_staff_rounded_up(staff, most):
    assert most_away(RELEASE, school(staff=staff), MONDAY) == most


def test_a_school_may_set_its_own_percentage_and_a_ceiling():
    """10 % of 40 are 4; its own ceiling of 2 is lower."""
    assert most_away(RELEASE, school(staff=40, release_percent=10), MONDAY) == 4
    assert most_away(RELEASE, school(staff=40, release_percent=10, release_max=2), MONDAY) == 2


def test_a_what_if_overrules_what_schools_have_set():
    release = with_overrides(settings(), release_cap=0).release
    assert most_away(release, school(staff=40, release_percent=10), MONDAY) == 0
    five = with_overrides(settings(), release_cap=5).release
    assert most_away(five, school(staff=40, release_max=1), MONDAY) == 2


def test_a_substitute_lets_one_more_leave_while_present():
    release = Release(15, MONDAY, "2027-01-15", True, (), (Substitute("P1", MONDAY, MONDAY, 2),))
    assert most_away(release, school("P1", 20), MONDAY) == 5
    assert most_away(release, school("P1", 20), "2026-09-08") == 3
    assert most_away(release, school("P2", 20), MONDAY) == 3


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        ("2026-08-03", False),
        (MONDAY, True),
        ("2026-09-12", False),
        ("2026-10-08", False),
        ("2026-10-09", True),
        ("2027-01-18", False),
    ],
)
def test_the_rule_holds_on_school_days(day, holds):
    assert in_term(RELEASE, day) is holds


def green_rows(kind, place):
    """Return (teachers_where, maximum) of the quota rows and the seats reserved: 5, of them 2 green."""
    chosen = settings(green=Green("flag=green", kind, place))
    with database(*county(quota(green_seats=2))) as session:
        stored = load(session, chosen)
    rows = [(row["teachers_where"], row["maximum"]) for row in quota_rows(stored, chosen.green)]
    return rows, [row["seats"] for row in reserve_rows(stored, chosen.green)]


def test_green_seats_inside_and_released_last_are_a_reserve():
    assert green_rows("soft", "inside") == ([("unit=441226", 5)], [2])


def test_green_seats_inside_and_left_empty_leave_three_to_others():
    both = [("unit=441226", 5), ("unit=441226;flag!=green", 3)]
    assert green_rows("hard", "inside") == (both, [])


@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_green_seats_on_top_raise_the_whole_and_leave_others_what_they_had(kind):
    both = [("unit=441226", 7), ("unit=441226;flag!=green", 5)]
    assert green_rows(kind, "on_top") == (both, [])


def test_a_quota_is_named_by_what_it_covers():
    assert quota_id(quota(stage="2", role="23")) == "441226/P-COUNTY/2/23"


def test_a_fill_target_is_a_priced_minimum_over_all_its_seats():
    """60 % of 10 + 15 seats are 15."""
    courses = {"A": {"offering": {"A"}}, "B": {"offering": {"B"}}, "C": {"offering": {"C"}}}
    seats = {"A": 10, "B": 15, "C": 99}
    (row,) = fill_rows([Fill("f", "紧缺", "offering=A|B", 60)], seats, courses)
    assert (row["minimum"], "strict" in row) == (15, False)

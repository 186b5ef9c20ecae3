"""Small groups do not leave the county, not even by subtraction."""

from matching.rounds.exports.demand import institution_demand, withheld
from matching.rounds.exports.paper import Paper
from tests.matching.rounds.factories_view import round_view


def test_groups_below_five_are_shown_as_such():
    assert withheld([4, 5, 1, 9, 0]) == ["<5", "", "<5", "", ""]


def test_one_small_group_takes_the_next_smallest_with_it():
    """12 + 6 + 3 = 21: with the total known, a lone '<5' would be 3. So 6 is withheld too."""
    assert withheld([12, 6, 3]) == ["", "*", "<5"]


def test_nothing_is_withheld_where_all_groups_are_large_or_empty():
    assert withheld([5, 8, 0]) == ["", "", ""]


def test_seats_stay_visible_because_the_class_list_shows_them():
    """Physics: one teacher (T12) wanted something of I1 and sits there."""
    _, subjects = institution_demand(Paper(round_view()), "I1")
    rows = {row[0]: row[1:] for row in subjects.rows}
    assert rows["物理"] == ("<5", "<5", 1, "<5")


def test_a_closed_section_says_so_with_its_minimum():
    sections, _ = institution_demand(Paper(round_view()), "I2")
    closed = next(row for row in sections.rows if row[0] == "C17")
    assert closed[-2:] == (5, "未开班")

"""The figures of the small round, by the arithmetic of the factory's table."""

from dataclasses import replace

import pytest

from matching.rounds.figures import figures, is_returned
from matching.rounds.reasons import RoundReason
from matching.rounds.view import ChoiceView, HalfDay
from tests.matching.rounds.factories_view import round_view


def test_the_engines_outcome_is_counted_like_first_come():
    """5 of 12 below 42, nobody without a seat, 10 first choices, 17 chosen seats by rank."""
    final = figures(round_view()).final
    assert (final.short, final.nothing, final.under_minimum, final.first) == (5, 0, 0, 10)
    assert final.ranks == {1: 10, 2: 6, 3: 1}


def test_round_one_alone_leaves_more_people_short():
    """Without round 2, T04 and T07 lose the 24 hours of C12 and fall below 42: 7 are short."""
    first = figures(round_view()).first_round
    assert first.short == 7
    assert first.under_minimum == 1  # C16 has 2 of its 3 until round 2


def test_first_come_is_told_by_median_and_range():
    """The runs leave 6, 7, 8, 9 short in turn: median 7.5."""
    spread = figures(round_view()).baseline["short"]
    assert (spread.median, spread.low, spread.high) == (7.5, 6, 9)
    assert figures(round_view(baseline=())).baseline == {}


def test_chosen_and_assigned_seats_are_never_mixed():
    told = figures(round_view())
    assert (told.chosen, told.assigned, told.seats) == (17, 2, 19)
    assert [(r.first_round, r.second_round) for r in told.ranks] == [(10, 0), (6, 0), (0, 1)]


def test_hours_say_where_they_came_from():
    """17 chosen: 4+3 x 24, 6 x 24, 2 x 8, 2 x 40 = 408; assigned 24 + 8; modules 12 x 2."""
    line = figures(round_view()).hours[0]
    assert line.category == "zhuanye"
    assert (line.chosen, line.assigned, line.required) == (408 * 60, 32 * 60, 24 * 60)
    assert (line.met, line.due, line.other) == (7, 12, 0)


def test_a_school_is_measured_on_limited_half_days_only():
    """In August three of school A are away together, which no limit forbids."""
    school = figures(round_view()).schools[0]
    assert school.away[HalfDay("2026-08-03", "am")] == 4
    assert (school.peak, school.limit) == (1, 1)


def test_demand_counts_heads_not_choices():
    """T01 lists C12 and MU2, both of I1, and sits in one of them: applied once, not unmet."""
    chinese = next(
        d for d in figures(round_view()).demand if (d.institution_id, d.subject) == ("I1", "jyt:13")
    )
    assert (chinese.applied, chinese.seated, chinese.unmet) == (4, 4, 1)


def test_worst_served_come_first():
    assert [line.teacher_id for line in figures(round_view()).worst[:3]] == ["T11", "T12", "T09"]


def test_order_of_rows_does_not_change_a_figure():
    view = round_view()
    turned = replace(view, teachers=view.teachers[::-1], seats=view.seats[::-1])
    assert figures(turned) == figures(view)


@pytest.mark.parametrize("lost", ["T05", "T11"])
def test_a_lost_seat_changes_the_figures(lost):
    """Negative control: the outcome follows the seats, not a stored number."""
    view = round_view()
    less = replace(view, seats=tuple(seat for seat in view.seats if seat.teacher_id != lost))
    assert figures(less).final.nothing == 1


def test_a_returned_ballot_counts_as_no_application():
    """The school sent it back: reasons do not count it, so figures must not either."""
    returned = ChoiceView(1, "C12", False, RoundReason("round_returned", "T1", "C12"))
    counted = ChoiceView(1, "C12", False, RoundReason("round_assigned_exchange", "T1", "C12"))
    assert is_returned(returned)
    assert not is_returned(counted)

"""The read model keeps seats once and joins them by id."""

import pytest

from matching.rounds.view import HoursLine, SeatView
from tests.matching.rounds.factories_view import round_view


def test_seats_of_a_teacher_come_in_the_order_of_their_days():
    """Chen Meiling goes to C01 in early August and C12 a few days later."""
    view = round_view(seats=tuple(reversed(round_view().seats)))
    assert [seat.section_id for seat in view.seats_of["T01"]] == ["C01", "C12"]


def test_a_section_lists_its_seats_by_school_and_teacher():
    view = round_view()
    assert [seat.teacher_id for seat in view.seated_in["C01"]] == ["T01", "T02", "T06", "T07"]
    assert view.seated_in["C17"] == ()


def test_a_seat_of_an_unknown_teacher_is_an_error_not_a_blank_line():
    stray = SeatView("T99", "C01", 1, "chosen", 1)
    with pytest.raises(KeyError, match="T99"):
        _ = round_view(seats=(stray,)).seats_of


def test_hours_beyond_the_target_are_not_negative_shortage():
    assert HoursLine("zhuanye", 2520, 3000).short == 0
    assert HoursLine("zhuanye", 2520, 2040).short == 480

"""What a seat is worth: whole points whose parts add up."""

import pytest

from matching.rounds.points import is_shortage, worth, write_points
from tests.matching.rounds.factories import course, days, settings

POINTS = settings().points


@pytest.mark.parametrize(("gain", "need"), [(0, 0), (16, 0), (17, 1), (500, 15), (1000, 30)])
def test_need_is_in_proportion_to_the_gain_rounded_half_up(gain, need):
    """30 points at most: 17 thousandths are 0.51 points."""
    found = worth(POINTS, "T", "S", 0, gain=gain, rural=False, shortage=False)
    assert (found.need, found.total) == (need, need)


def test_a_seat_nobody_listed_earns_no_rank_points():
    assert worth(POINTS, "T", "S", 0, gain=0, rural=True, shortage=True).total == 8 + 12


def test_a_course_for_everybody_is_no_shortage_course():
    august = days("2026-08-03", 1)
    assert not is_shortage(POINTS, course("A", august)[0])
    assert is_shortage(POINTS, course("A", august, subjects=["jyt:22"])[0])


def test_the_parts_are_written_beside_the_instance(tmp_path):
    rows = [
        worth(POINTS, teacher, "S", 1, gain=0, rural=True, shortage=False)
        for teacher in ("T2", "T1")
    ]
    write_points(rows, tmp_path / "points.csv")
    header, first, second = (tmp_path / "points.csv").read_text().splitlines()
    assert header == "teacher,section,rank,rank_points,need,rural,shortage,total"
    assert first == "T1,S,1,100,0,8,0,108"
    assert second.startswith("T2,")

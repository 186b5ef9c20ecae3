"""The parts of the report say what is true of the small round, with its numbers."""

from dataclasses import replace

import pytest

from matching.rounds.report.desk import Desk
from matching.rounds.report.headline import headline
from matching.rounds.report.people import areas_part, hours_part, ranks_part, worst_part
from matching.rounds.report.places import quotas_part, release_part, sections_part
from matching.rounds.report.proof import goal_title, goals_part, missing_seats, result_part
from matching.rounds.view import GoalView, HalfDay, LimitView
from tests.matching.rounds.factories_view import round_view, solve_view


def solve(value: int, bound: int | None):
    goals = (GoalView(1, "welfare", "points", value, bound, "prices", "max"),)
    return replace(solve_view(2, 19), goals=goals)


@pytest.mark.parametrize(
    ("value", "bound", "seats"),
    [(1000, 1005, 1), (1000, 1000, 0), (1000, 1100, 2), (1000, None, None)],
)
def test_the_bound_is_told_in_seats(value, bound, seats):
    """19 seats for 1,000 points: 52.6 a seat; 5 missing points are part of one seat, 100 of two."""
    assert missing_seats(solve(value, bound)) == seats


def test_an_unproved_round_says_so_and_shows_no_bound():
    desk = Desk(round_view(solves=(solve(1000, None),)))
    assert result_part(desk).sentences == ("第 2 轮：没有证明离最好的分法还有多远。",)
    assert goals_part(desk).table.rows[0][4] == "未证明"


def test_goals_are_told_in_their_units():
    """4,800 weighted minutes are 80 weighted hours, 8 more than the bound."""
    row = goals_part(Desk(round_view())).table.rows[0]
    assert row[3:7] == ("80 加权学时", "72 加权学时", "未证明", "8 加权学时")


def test_the_bound_from_published_prices_stands_apart():
    """Prices alone prove 1,020 points; the search proved 1,005."""
    row = goals_part(Desk(round_view())).table.rows[3]
    assert row[3:7] == ("1,000 分", "1,005 分", "1,020 分", "5 分")


def test_a_tier_of_two_goals_names_both():
    mixed = GoalView(1, "unserved+welfare", "points", 9, 9, "exact", "max")
    assert goal_title(Desk(round_view()), mixed) == (
        "没有席位的教师最少 + 总体满意度最高（按志愿顺序计分）"
    )


def test_the_table_of_the_headline_tells_round_one_and_two_apart():
    rows = {row[0]: row[1:] for row in headline(Desk(round_view())).table.rows}
    assert rows["学时不足 42 学时的教师（越少越好）"] == (7.5, 6, 9, 9.5, 7, 5)
    assert rows["第 3 志愿席位（人次）"] == (0, 0, 0, 0, 0, 1)


def test_cancelling_thin_sections_is_told_where_it_was_run():
    """Half of the runs leave 9 short, half 10."""
    said = headline(Desk(round_view())).sentences[1]
    assert "学时不足 42 学时的教师为 9.5 人（9–10 人）" in said
    assert "取消" not in headline(Desk(round_view(cancelled=()))).sentences[1]


def test_assigned_seats_are_not_counted_as_chosen():
    part = ranks_part(Desk(round_view()))
    assert part.table.rows[-1] == ("第二轮指派", 0, 0, 2)
    assert sum(row[1] + row[2] for row in part.table.rows) == 17


def test_hours_stand_beside_what_is_due():
    """12 x 42 = 504 due; 24 modules + 408 chosen + 32 assigned; 80 missing in five people."""
    row = hours_part(Desk(round_view())).table.rows[0]
    assert row == ("专业科目", 12, 7, 504.0, 24.0, 408.0, 32.0, 0.0, 80.0)


def test_the_worst_served_are_shown_without_name_and_school():
    row = worst_part(Desk(round_view())).table.rows[0]
    assert row == (1, "乡村", "普通初中", "数学", 32.0, "第 1 志愿", 1, 0)


def test_rural_and_town_are_compared_by_share():
    """Town A: 5 of 5 got a first choice; rural B and C: 5 of 7."""
    (sentence,) = areas_part(Desk(round_view())).sentences
    assert "乡村 71.4%，城镇 100%" in sentence


def test_a_missed_quota_is_counted_and_marked():
    """Negative control: a share of 2 with a minimum of 3 is not within its limits."""
    view = round_view(shares=(LimitView("city", "市级", 3, 3, 2),), quotas=())
    part = quotas_part(Desk(view))
    assert part.sentences == ("共 1 项名额和层级占比，0 项在限度之内。",)
    assert part.table.rows[0][-1] == "不符"
    assert 'class="problem"' in part.charts[0].svg


def test_a_maximum_of_zero_is_a_limit():
    part = quotas_part(Desk(round_view(shares=(LimitView("x", "停用", 0, 0, 1),), quotas=())))
    assert part.table.rows[0][-1] == "不符"


def test_a_closed_section_says_where_its_people_are():
    """C17: 4 listed it, 5 are needed; T11 holds nothing in its place."""
    closed = sections_part(Desk(round_view())).sentences[1]
    assert closed.startswith("C17 信息技术2.0：4 人填报，下限 5 人，未开班")
    assert "4 人，其中 3 人在其他班次有席位" in closed


def test_a_school_over_its_limit_is_noticed():
    """Negative control: with no release on 23 September schools A, B and C are over on both halves."""
    view = round_view()
    strict = tuple(
        replace(
            s, limits={**s.limits, HalfDay("2026-09-23", "am"): 0, HalfDay("2026-09-23", "pm"): 0}
        )
        for s in view.schools
    )
    part = release_part(Desk(replace(view, schools=strict)))
    assert part.sentences[0] == "有 6 个半天超过学校外出上限。"
    shades = [shade for *_, cells in part.heat.rows for text, shade in cells if text]
    assert shades.count(5) == 3
    assert "没有一所学校" in release_part(Desk(view)).sentences[0]

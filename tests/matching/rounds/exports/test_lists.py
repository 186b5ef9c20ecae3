"""Notices and class lists say what a school head or a class head needs."""

from dataclasses import replace

from matching.rounds.exports.lists import class_list, public_list, school_notice
from matching.rounds.exports.paper import Paper
from tests.matching.rounds.factories_view import round_view


def test_the_school_sees_each_day_beside_its_limit():
    """Three days in August with four away and no limit; 23 September one of at most one."""
    paper = Paper(round_view())
    _, away = school_notice(paper, paper.view.school["A"])
    rows = {row[0]: row[1:] for row in away.rows}
    assert rows["8月3日（周一）"] == (4, 4, "不限", "陈美玲、李建国、黄小燕、梁志强")
    assert rows["9月23日（周三）"] == (1, 1, 1, "李建国")
    assert away.lines == ("有上限的日子里，最多的半天有 1 人外出，上限 1 人。",)


def test_the_roll_has_a_column_for_each_half_day_and_the_five_counts():
    """C12 meets on three days: six columns to sign; 7 are expected."""
    paper = Paper(round_view())
    people, roll = class_list(paper, paper.view.section["C12"])
    assert len(people.rows) == 7
    assert roll.header[3:5] == ("8月8日\n周六上午", "8月8日\n周六下午")
    assert len(roll.header) == 3 + 6
    assert [row[1] for row in roll.rows[7:]] == ["应到", "实到", "请假（附凭证）", "缺席", "替换"]
    assert roll.rows[7][3:] == (7,) * 6


def test_an_online_section_has_a_class_list_and_nothing_to_sign():
    paper = Paper(round_view())
    online = replace(paper.view.section["C16"], meetings=(), mode="online")
    (only,) = class_list(paper, online)
    assert "线上，时间自定" in only.lines[0]


def test_an_assigned_seat_is_told_apart_in_public():
    rows = public_list(Paper(round_view())).rows
    assert [row[-1] for row in rows].count("指派") == 2
    assert [row[-1] for row in rows].count("自选") == 17


def test_english_heads_for_english_readers():
    assert public_list(Paper(round_view(), "en")).header[:3] == ("No.", "School", "Name")

"""A teacher reads what she got and, for each miss, a reason with its numbers."""

import re
from dataclasses import replace

import openpyxl

from matching.rounds.exports.book import book
from matching.rounds.exports.paper import Paper
from matching.rounds.exports.slips import add_slips, slip, slips_page
from tests.matching.rounds.factories_view import round_view


def slip_of(teacher_id: str, view=None):
    paper = Paper(view or round_view())
    return slip(paper, paper.view.teacher[teacher_id])


def test_each_missed_choice_has_its_reason():
    (missed,) = slip_of("T04").missed
    assert missed[0] == "第 2 志愿"
    assert missed[2] == "《信息技术2.0》只有4人选，不足开班下限5人，未开班。"


def test_an_assigned_seat_names_its_rule_and_may_be_declined():
    said = slip_of("T07").sentences
    assert said[0] == "徐桂芳老师：您填报了 2 项志愿，1 项获得席位。"
    assert "可在规定时间内申请不参加" in said[1]
    assert said[2].startswith("C12：为补足本年度专业学时")


def test_a_bundle_is_one_choice():
    """T01 with C01 and C12 tied at rank 1: two choices listed, one received."""
    view = round_view()
    tied = tuple(replace(c, rank=min(c.rank, 2) if c.got else 2) for c in view.teachers[0].choices)
    tied = (tied[0], replace(tied[1], rank=1), tied[2])
    view = replace(view, teachers=(replace(view.teachers[0], choices=tied), *view.teachers[1:]))
    assert "您填报了 2 项志愿，1 项获得席位" in slip_of("T01", view).sentences[0]


def test_a_teacher_without_ballot_and_seat_is_told_both():
    view = round_view()
    quiet = replace(view.teachers[10], choices=())
    seats = tuple(seat for seat in view.seats if seat.teacher_id != "T11")
    view = replace(view, teachers=(*view.teachers[:10], quiet, *view.teachers[11:]), seats=seats)
    assert slip_of("T11", view).sentences == (
        "罗敏老师：您本轮未填报志愿。",
        "本轮没有获得席位。",
    )


def test_hours_are_told_with_what_is_still_missing():
    """24 + 8 from sections and 2 from the module: 34 of 42."""
    assert slip_of("T02").hours[1] == ("专业科目", 42.0, 34.0, 8.0)


def test_slips_print_one_page_per_teacher(tmp_path):
    with book(tmp_path / "slips.xlsx") as out:
        add_slips(out, Paper(round_view()), "A")
    (sheet,) = openpyxl.load_workbook(tmp_path / "slips.xlsx")
    assert len(sheet.row_breaks.brk) == 4  # five teachers


def test_the_page_of_slips_loads_nothing():
    page = slips_page(Paper(round_view()))
    assert page.count("<article") == 12
    assert "http" not in page
    assert "src=" not in page


def test_on_a_phone_each_cell_of_a_wide_table_names_its_column():
    """Six columns do not fit side by side: every row is a card, and its cells bear their heads."""
    page = slips_page(Paper(round_view()))
    seats = page.split('class="wide"')[1].split("</table>")[0]
    heads = re.findall(r'<th scope="col">([^<]+)</th>', seats)
    assert len(heads) == 6
    for row in re.findall(r"<tr>(<td.*?)</tr>", seats):
        assert re.findall(r'data-head="([^"]+)"', row) == heads

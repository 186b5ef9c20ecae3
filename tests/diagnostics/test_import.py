"""The sheets of this room through the importer that offices use."""

import pytest
from sqlalchemy import text

from catalog.importing.history import apply, undo_last
from catalog.importing.plan import plan
from catalog.importing.rows import read_sheet
from diagnostics import hers, store
from diagnostics.credit.ledger import balance
from diagnostics.sheets import HOURS as HOURS_SHEET
from diagnostics.sheets import RATINGS, SHEETS, TEACHERS

ROSTER = """教师编号,姓名,身份证号,学校代码,学段,主教学科,兼教学科,岗位,职称,教龄,手机
T9,李娜,１１０１０５１９４９１２３１００２Ｘ,PV1,小学,语文,道德与法治、书法,教师；班主任,二级,4,138-0000-1234
T10,李娜,,PV1,小学,数学,,,,0,
"""
HOURS = """教师编号,年度,学时类别,学时,来源,证明,课程代码,初审人,审批人
T1,2026,公需科目,30,省公需课平台,证书1,,王初审,李审批
T2,2026,公需,28.5,省公需课平台,证书2,,王初审,李审批
"""
RATED = """教师编号,维度,评价方式,评价人,等级,日期
T1,XK2,自评,T1,3,2026/6/1
T1,学情分析与教学设计,他评,陈教研员,2,2026年6月2日
"""


def sheet(tmp_path, kind, content):
    file = tmp_path / f"{kind.slug}.csv"
    file.write_bytes(content.encode("gb18030"))
    return read_sheet(file, kind)


def load(session, tmp_path, kind, content):
    planned = plan(session, kind, sheet(tmp_path, kind, content))
    assert [error.say() for error in planned.errors] == []
    return apply(session, planned)


def test_a_roster_comes_in_and_the_numbers_stay_out_of_the_database(session, tmp_path):
    assert load(session, tmp_path, TEACHERS, ROSTER).added == 2
    teacher = hers.teacher(session, "T9")
    assert (teacher.id_last4, teacher.roles, teacher.title_rank) == ("002X", ("10", "23"), 2)
    assert hers.teacher(session, "T10").name == teacher.name  # two of one name stay two
    everything = str(session.execute(text("SELECT * FROM import_change")).all())
    everything += str(session.execute(text("SELECT * FROM teacher")).all())
    assert "李娜" in everything
    assert "11010519491231002" not in everything
    assert "13800001234" not in everything


def test_the_same_roster_again_changes_nothing(session, tmp_path):
    load(session, tmp_path, TEACHERS, ROSTER)
    planned = plan(session, TEACHERS, sheet(tmp_path, TEACHERS, ROSTER))
    assert (planned.added, planned.changed) == ((), ())


def test_a_number_that_a_spreadsheet_has_rounded_is_refused(session, tmp_path):
    rounded = ROSTER.replace("１１０１０５１９４９１２３１００２Ｘ", "1.10105E+17")
    (error,) = plan(session, TEACHERS, sheet(tmp_path, TEACHERS, rounded)).errors
    assert (error.row, error.column) == (2, "身份证号")


def test_hours_are_undone_by_reversing_lines(session, tmp_path):
    """30 + 28.5 in; after undo the lines are 4 and their sum is 0."""
    assert load(session, tmp_path, HOURS_SHEET, HOURS).added == 2
    assert balance(store.ledger_lines(session)) == 3510
    undo_last(session, SHEETS)
    lines = store.ledger_lines(session)
    assert (len(lines), balance(lines)) == (4, 0)
    assert load(session, tmp_path, HOURS_SHEET, HOURS).added == 2
    assert balance(store.ledger_lines(session)) == 3510


def test_a_changed_sheet_is_told_stored_and_undone(session, tmp_path):
    load(session, tmp_path, HOURS_SHEET, HOURS)
    planned = plan(session, HOURS_SHEET, sheet(tmp_path, HOURS_SHEET, HOURS.replace("28.5", "30")))
    (change,) = planned.changed
    assert "28.5 → 30" in change.say(HOURS_SHEET)
    apply(session, planned)
    assert balance(store.ledger_lines(session)) == 3600
    undo_last(session, SHEETS)
    assert balance(store.ledger_lines(session)) == 3510


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("李审批", "王初审"), "审批人"),
        (("28.5", "-2"), "学时"),
        (("T2,", "T99,"), "教师编号"),
        (("公需,", "空闲,"), "学时类别"),
    ],
)
def test_wrong_hours_are_named_with_their_cell(session, tmp_path, change, column):
    planned = plan(session, HOURS_SHEET, sheet(tmp_path, HOURS_SHEET, HOURS.replace(*change)))
    assert (planned.errors[-1].row, planned.errors[-1].column) == (3, column)


def test_ratings_come_in_with_names_of_dimensions(session, tmp_path):
    assert load(session, tmp_path, RATINGS, RATED).added == 2
    assert [rating.level for rating in hers.ratings(session, "T1")] == [2, 3]
    undo_last(session, SHEETS)
    assert store.ratings(session) == ()

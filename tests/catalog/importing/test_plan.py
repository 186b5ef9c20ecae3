"""Importing twice, changing, removing, refusing and undoing, on real tables."""

import pytest
from sqlmodel import SQLModel

from catalog import store
from catalog.errors import ImportRefused
from catalog.importing.history import apply, undo_last
from catalog.importing.plan import plan
from catalog.importing.rows import read_sheet
from catalog.units import SCHOOLS, SHEETS, UNITS
from tests.catalog.importing.people import xlsx

HEADER = ["学校代码", "学校", "单位代码", "学段", "城乡", "教职工数", "外出比例上限"]
FIRST = ["S1", "第一小学", "441226", "小学", "镇中心区", 40, 15]
SECOND = ["S2", "马圩小学", "441226", "小学;学前", "村庄", 10, None]
THIRD = ["S3", "德庆中学", "441226", "初中;高中", "121", 120, None]


@pytest.fixture
def sheet(county, tmp_path):
    """Return a function that plans the import of rows as schools."""

    def planned(*rows, name="schools.xlsx"):
        return plan(county, SCHOOLS, read_sheet(xlsx(tmp_path / name, HEADER, *rows), SCHOOLS))

    return planned


def everything(session) -> dict[str, list]:
    """Return the whole database but the record of imports."""
    return {
        table.name: sorted(map(str, session.execute(table.select()).all()))
        for table in SQLModel.metadata.sorted_tables
        if not table.name.startswith("import_")
    }


def test_first_import_then_the_same_again(county, sheet):
    first = sheet(FIRST, SECOND)
    assert (len(first.added), len(first.changed), first.unchanged) == (2, 0, 0)
    assert everything(county)["school"] == []
    batch = apply(county, first)
    assert (batch.number, batch.added) == (1, 2)
    assert store.schools.load(county)[("S2",)]["stages"] == ["2", "1"]
    again = sheet(FIRST, SECOND)
    assert again.empty
    assert again.unchanged == 2
    assert "与库中完全相同" in again.say("zh")
    assert apply(county, again).number is None
    assert "nothing to change" in apply(county, again).say("en")
    assert store.last_batch(county).id == 1


def test_a_sheet_that_nobody_filled_in_says_so(county, sheet):
    """An empty template is not "the same as what is stored"."""
    assert "没有数据行" in sheet().say("zh")
    apply(county, sheet(FIRST))
    assert "库中有而表中没有的 1 行" in sheet().say("zh")


def test_added_changed_missing_and_back_again(county, sheet):
    """40 -> 41 staff in S1, S2 gone, S3 new; undo gives the very same database."""
    apply(county, sheet(FIRST, SECOND))
    before = everything(county)
    new = sheet([*FIRST[:5], 41, 20], THIRD)
    assert [c.key for c in new.added] == [("S3",)]
    assert [c.key for c in new.changed] == [("S1",)]
    assert [c.key for c in new.missing] == [("S2",)]
    told = new.changed[0].say(SCHOOLS, "zh")
    assert told == "第 2 行 S1：教职工数：40 → 41；外出比例上限：15 → 20"
    assert "新增 1 行，变更 1 行，未变 0 行；库中有而表中没有的 1 行" in new.say("zh")
    apply(county, new, remove_missing=True)
    assert set(store.schools.load(county)) == {("S1",), ("S3",)}
    undone = undo_last(county, SHEETS)
    assert "已撤销批次 2" in undone.say("zh", "batch_undone")
    assert everything(county) == before
    undo_last(county, SHEETS)
    assert everything(county)["school"] == []
    with pytest.raises(ImportRefused, match="没有可撤销"):
        undo_last(county, SHEETS)


def test_missing_rows_stay_unless_asked(county, sheet):
    apply(county, sheet(FIRST, SECOND))
    batch = apply(county, sheet(FIRST, THIRD))
    assert (batch.added, batch.removed) == (1, 0)
    assert len(store.schools.load(county)) == 3


def test_nothing_is_stored_with_an_error_unless_good_rows_are_chosen(county, sheet):
    stranger = ["S9", "外县小学", "999999", "小学", "村庄", 10, None]
    blank = ["S8", None, "441226", "小学", "村庄", 10, None]
    planned = sheet(FIRST, stranger, blank)
    assert [(e.row, e.column, e.code) for e in planned.errors] == [
        (3, "单位代码", "unit_unknown"),
        (4, "学校", "cell_blank"),
    ]
    assert planned.errors[0].sheet == "人员表"
    with pytest.raises(ImportRefused, match="有 2 处错误，未导入任何一行"):
        apply(county, planned)
    assert everything(county)["school"] == []
    with pytest.raises(ImportRefused, match="不能删除"):
        apply(county, planned, good_rows_only=True, remove_missing=True)
    assert apply(county, planned, good_rows_only=True).added == 1
    assert set(store.schools.load(county)) == {("S1",)}


def test_a_wrong_row_is_wrong_and_not_missing(county, sheet):
    apply(county, sheet(FIRST, SECOND))
    planned = sheet(FIRST, [*SECOND[:5], "十", None])
    assert len(planned.errors) == 1
    assert planned.missing == ()


def test_good_rows_that_lean_on_a_wrong_row_are_left_out_too(county, tmp_path):
    """A zone under a unit whose own parent is unknown cannot be stored either."""
    rows = (
        ["U1", "甲县", "XX", "县"],
        ["U2", "甲县开发区", "U1", "开发区"],
        ["U3", "乙县", "441200", "县"],
    )
    header = ["单位代码", "单位", "上级单位代码", "类别"]
    path = xlsx(tmp_path / "units.xlsx", header, *rows)
    planned = plan(county, UNITS, read_sheet(path, UNITS))
    assert [error.row for error in planned.errors] == [2]
    assert [error.row for error in planned.followers] == [3]
    assert [change.key for change in planned.added] == [("U3",)]
    apply(county, planned, good_rows_only=True)
    assert ("U2",) not in store.units.load(county)


def test_a_plan_from_before_another_change_is_refused(county, sheet):
    old = sheet(FIRST)
    apply(county, sheet(FIRST, name="other.xlsx"))
    with pytest.raises(ImportRefused, match="又有变化"):
        apply(county, old)


def test_undo_refuses_what_was_changed_since(county, sheet):
    apply(county, sheet(FIRST))
    store.schools.save(county, [{**store.schools.load(county)[("S1",)], "staff": 99}])
    with pytest.raises(ImportRefused, match="S1 之后又被改动过"):
        undo_last(county, SHEETS)
    assert store.schools.load(county)[("S1",)]["staff"] == 99


def test_undo_and_removal_refuse_rows_that_are_in_use(county, sheet, tmp_path):
    """The county's units were imported, then schools by another way; units cannot vanish."""
    header = ["单位代码", "单位", "上级单位代码", "类别"]
    path = xlsx(tmp_path / "u.xlsx", header, ["U1", "甲县", "441200", "县"])
    apply(county, plan(county, UNITS, read_sheet(path, UNITS)))
    apply(county, sheet([*FIRST[:2], "U1", *FIRST[3:]]))
    county.commit()
    all_but_one = [["441200", "肇庆市", "440000", "市"], ["440000", "广东省", None, "省"]]
    planned = plan(
        county, UNITS, read_sheet(xlsx(tmp_path / "v.xlsx", header, *all_but_one), UNITS)
    )
    assert [change.key for change in planned.missing] == [("441226",), ("U1",)]
    with pytest.raises(ImportRefused, match="被别的数据引用"):
        apply(county, planned, remove_missing=True)
    county.rollback()
    assert len(store.units.load(county)) == 4
    assert len(store.schools.load(county)) == 1


def test_a_tree_is_stored_top_down_and_removed_bottom_up(session, tmp_path):
    """Children stand before their parents in the sheet; foreign keys are on."""
    rows = [["C", "丙", "B", "县"], ["B", "乙", "A", "市"], ["A", "甲", None, "省"]]
    header = ["单位代码", "单位", "上级单位代码", "类别"]
    path = xlsx(tmp_path / "u.xlsx", header, *rows)
    apply(session, plan(session, UNITS, read_sheet(path, UNITS)))
    assert list(store.units.load(session)) == [("A",), ("B",), ("C",)]
    undo_last(session, SHEETS)
    assert store.units.load(session) == {}

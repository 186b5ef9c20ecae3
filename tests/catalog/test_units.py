"""The tree of quota holders: by parents, never by code."""

import pytest

from catalog import store
from catalog.importing.plan import plan
from catalog.importing.rows import read_sheet
from catalog.units import UNITS, UnitTree, load_tree
from tests.catalog.conftest import unit
from tests.catalog.importing.people import xlsx

HENAN = [
    unit("410000", None, "河南省", "province"),
    unit("411500", "410000", "信阳市", "prefecture"),
    unit("411525", "410000", "固始县", "direct_county"),
    unit("411521", "411500", "罗山县"),
    unit("XYGQ", "411500", "信阳高新区", "zone"),
    unit("410184", "HKGQ", "新郑市", "county"),
    unit("HKGQ", "410000", "航空港区", "zone"),
]
HEADER = ["单位代码", "单位", "上级单位代码", "类别", "国标码", "生效", "失效"]


def test_gushi_is_under_henan_although_its_code_says_xinyang():
    tree = UnitTree(HENAN)
    assert tree.line("411525") == ("411525", "410000")
    assert "411525" not in tree.below("411500")
    assert tree.children("411500") == ("411521", "XYGQ")


def test_a_zone_without_a_national_code_holds_others():
    tree = UnitTree(HENAN)
    assert tree.line("410184") == ("410184", "HKGQ", "410000")
    assert tree.below("HKGQ") == ("410184", "HKGQ")
    assert tree.parent("410000") is None


def test_the_stored_tree_is_the_same(session):
    store.units.save(session, HENAN)
    assert load_tree(session).line("XYGQ") == ("XYGQ", "411500", "410000")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["A", "甲", None, "省"], ["B", "乙", "A", "市"]], []),
        ([["A", "甲", "X", "省"]], [(2, "上级单位代码", "unit_parent_unknown")]),
        (
            [["A", "甲", "B", "省"], ["B", "乙", "A", "市"]],
            [(2, "上级单位代码", "unit_circle"), (3, "上级单位代码", "unit_circle")],
        ),
        ([["A", "甲", "A", "省"]], [(2, "上级单位代码", "unit_circle")]),
        ([["A", "甲", None, "省", "4412"]], [(2, "国标码", "cell_gb2260")]),
        (
            [["A", "甲", None, "省", None, "2026-01-01", "2025-01-01"]],
            [(2, "失效", "period_reversed")],
        ),
    ],
)
def test_parents_exist_and_nobody_is_above_himself(session, tmp_path, rows, expected):
    parsed = read_sheet(xlsx(tmp_path / "u.xlsx", HEADER, *rows), UNITS)
    errors = plan(session, UNITS, parsed).errors
    assert [(e.row, e.column, e.code) for e in errors] == expected
    assert all(error.say("zh") and error.say("en") for error in errors)


def test_a_circle_through_a_stored_unit_is_seen(county, tmp_path):
    rows = [["440000", "广东省", "441226", "省"]]
    parsed = read_sheet(xlsx(tmp_path / "u.xlsx", HEADER, *rows), UNITS)
    (error,) = plan(county, UNITS, parsed).errors
    assert "440000、441200、441226、440000" in error.say("zh")

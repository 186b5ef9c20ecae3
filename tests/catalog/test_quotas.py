"""Quotas: sums down the tree, open cells, and how rounding moves reserved seats."""

import pytest

from catalog import store
from catalog.importing.plan import plan
from catalog.importing.rows import Parsed, read_sheet
from catalog.importing.spec import NumberedRow
from catalog.quotas import QUOTAS, Quota, Rounding, reserved_seats, split
from catalog.units import UnitTree
from tests.catalog.importing.people import xlsx
from tests.catalog.test_units import HENAN

CITIES = {
    ("甲市", "语文"): 35,
    ("甲市", "数学"): 35,
    ("甲市", "英语"): 30,
    ("乙市", "语文"): 35,
    ("乙市", "数学"): 35,
    ("乙市", "英语"): 25,
    ("丙市", "语文"): 35,
    ("丙市", "数学"): 35,
    ("丙市", "英语"): 35,
}


@pytest.mark.parametrize(
    ("rounding", "seats"),
    [(Rounding.FLOOR, 9), (Rounding.POOLED, 15), (Rounding.HALF_UP, 17), (Rounding.CEIL, 18)],
)
def test_five_percent_of_three_cities_halves_or_doubles_with_the_rounding(rounding, seats):
    """300 places: 7 x 35 (1.75), 30 (1.5), 25 (1.25); 5 % of all is exactly 15."""
    assert sum(CITIES.values()) == 300
    assert sum(reserved_seats(CITIES, 5, rounding).values()) == seats


def test_pooled_seats_go_to_the_largest_remainders():
    """9 whole seats; 6 more to the first six of the seven remainders of 0.75."""
    shares = reserved_seats(CITIES, 5, Rounding.POOLED)
    assert shares[("丙市", "英语")] == 1
    assert shares[("甲市", "英语")] == 1
    assert sum(seats == 2 for seats in shares.values()) == 6


def quota(unit_id, max_seats, stage="", subject="", min_seats=0):
    return {
        "unit_id": unit_id,
        "unit_name": None,
        "programme_id": "P1",
        "stage": stage,
        "subject": subject,
        "role": "",
        "max_seats": max_seats,
        "min_seats": min_seats,
        "green_seats": 0,
        "note": "",
    }


@pytest.fixture
def henan(county):
    store.units.save(county, HENAN)
    return county


def told(session, *rows):
    numbered = tuple(NumberedRow(number, row) for number, row in enumerate(rows, start=2))
    parsed = Parsed(QUOTAS, "t1.xlsx", "", "T1", numbered, (), (), ())
    errors = plan(session, QUOTAS, parsed).errors
    assert all(error.say("zh") and error.say("en") for error in errors)
    return [(error.row, error.column, error.code) for error in errors]


def test_parts_may_not_exceed_the_whole(henan):
    """信阳 30 = 罗山 20 + 高新区 10; with 11 it is too much, and both parts are named."""
    rows = [quota("411500", 30), quota("411521", 20), quota("XYGQ", 10)]
    assert told(henan, *rows) == []
    rows[2] = quota("XYGQ", 11)
    assert told(henan, *rows) == [(3, "名额", "quota_sum"), (4, "名额", "quota_sum")]


def test_gushi_does_not_count_for_xinyang(henan):
    """固始's 25 seats come from the province, whatever its code begins with."""
    rows = [quota("411500", 30), quota("411521", 30), quota("411525", 25)]
    assert told(henan, *rows) == []
    over = [quota("410000", 54), *rows]
    assert told(henan, *over) == [(3, "名额", "quota_sum"), (5, "名额", "quota_sum")]
    assert told(henan, quota("410000", 55), *rows) == []


def test_subjects_of_a_county_count_once_for_an_open_quota_above(henan):
    """小学 12 holds 小学语文 7 already; 初中语文 8 stands beside: 12 + 8 = 20."""
    rows = [
        quota("411521", 12, "2"),
        quota("411521", 7, "2", "jyt:13"),
        quota("411521", 8, "3", "jyt:13"),
    ]
    assert told(henan, quota("411500", 20), *rows) == []
    assert {row for row, _, _ in told(henan, quota("411500", 19), *rows)} == {3, 5}
    assert told(henan, quota("411500", 6, "2", "jyt:13"), *rows) == [(4, "名额", "quota_sum")]


def test_a_quota_counts_past_a_unit_that_does_not_split_it(henan):
    """The province has 语文 10; the city only 小学 50; its county's 小学语文 11 is too much."""
    rows = [
        quota("410000", 10, "", "jyt:13"),
        quota("411500", 50, "2"),
        quota("411521", 11, "2", "jyt:13"),
    ]
    assert told(henan, *rows) == [(4, "名额", "quota_sum")]


def test_minima_add_up_too_and_stored_quotas_count(henan):
    store.quotas.save(henan, [quota("411500", 30), quota("411521", 20)])
    assert told(henan, quota("XYGQ", 11)) == [(2, "名额", "quota_sum")]
    assert told(henan, quota("411500", 19)) == [(2, "名额", "quota_sum")]
    assert told(henan, quota("XYGQ", 10, min_seats=11)) == [(2, "最低名额", "quota_over")]


def test_split_is_quick_for_a_province():
    """60 counties x 30 cells: looking up the line of units, not every pair."""
    units = [
        {"id": "P", "parent_id": None},
        *({"id": f"C{n}", "parent_id": "P"} for n in range(60)),
    ]
    cells = [(u["id"], str(s), f"x{t}") for u in units for s in range(5) for t in range(6)]
    quotas = [Quota(unit_id, "P1", s, t, "", 0, 1) for unit_id, s, t in cells]
    parts = split(quotas, UnitTree(units))
    assert {len(part) for part in parts.values()} == {60}


def test_a_sheet_with_names_open_cells_and_totals(henan, tmp_path):
    header = ["单位代码", "单位", "项目代码", "学段", "学科", "角色", "名额", "其中绿色通道"]
    rows = [
        ["411500", "信阳市", "P1", "小学", "共同", None, 30, 2],
        ["411521", "罗山", "P1", "小学", None, None, 20, 21],
        ["合计", None, None, None, None, None, "=SUM(G2:G3)", None],
    ]
    parsed = read_sheet(xlsx(tmp_path / "t1.xlsx", header, *rows), QUOTAS)
    assert not parsed.errors
    assert parsed.rows[0].row["subject"] == ""
    errors = plan(henan, QUOTAS, parsed).errors
    assert [(e.row, e.column, e.code) for e in errors] == [
        (3, "单位", "name_differs"),
        (3, "其中绿色通道", "quota_over"),
    ]

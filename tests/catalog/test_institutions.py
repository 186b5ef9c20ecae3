"""Institutions and programmes through their sheets."""

from catalog import store
from catalog.importing.history import apply
from catalog.importing.plan import plan
from catalog.importing.rows import read_sheet
from catalog.institutions import INSTITUTIONS, PROGRAMMES, Licence
from tests.catalog.importing.people import codes, xlsx


def test_an_institution_with_levels_and_period(session, tmp_path):
    header = ["机构代码", "机构", "类型", "资质层级", "资质文号", "有效期自", "有效期至"]
    rows = (
        [
            "I01",
            "德庆县教师发展中心",
            "教师进修学校",
            "县级、校级",
            "文1",
            "2024-1-1",
            "2026/12/31",
        ],
        ["I02", "某大学", "高校", "国培;省级", "文2", "2027-01-01", "2026-01-01"],
    )
    parsed = read_sheet(xlsx(tmp_path / "i.xlsx", header, *rows), INSTITUTIONS)
    assert not parsed.errors
    planned = plan(session, INSTITUTIONS, parsed)
    assert [(e.row, e.column, e.code) for e in planned.errors] == [
        (3, "有效期至", "period_reversed")
    ]
    apply(session, planned, good_rows_only=True)
    licence = Licence.of(store.institutions.load(session)[("I01",)])
    assert licence.levels == ("county", "school")
    assert licence.holds_on("2026-12-31", "2026-12-31")
    assert not licence.holds_on("2027-01-01", "2027-12-31")


def test_a_programme_keeps_its_money_in_fen(session, tmp_path):
    header = ["项目代码", "项目", "年度", "层级", "经费(元)", "适用条件", "实践占比下限"]
    rows = (
        ["P1", "县级", 2026, "县级", 200_000.5, "stage=2|3;years>=3", None],
        ["P2", "省级", 2026, "省级", None, None, 40],
        ["P3", "省级", 1999, "村级", "很多", None, 101],
    )
    parsed = read_sheet(xlsx(tmp_path / "p.xlsx", header, *rows), PROGRAMMES)
    assert codes(parsed) == [
        (4, "年度", "cell_limits"),
        (4, "层级", "cell_term"),
        (4, "经费(元)", "cell_yuan"),
        (4, "实践占比下限", "cell_limits"),
    ]
    apply(session, plan(session, PROGRAMMES, parsed), good_rows_only=True)
    stored = store.programmes.load(session)
    assert stored[("P1",)]["budget_fen"] == 20_000_050
    assert stored[("P1",)]["eligibility"] == "stage=2|3;years>=3"
    assert (stored[("P2",)]["budget_fen"], stored[("P2",)]["practice_percent"]) == (None, 40)

"""T5: what keeps a section from being published, each with its honest twin."""

import pytest

from catalog import store
from catalog.importing.history import apply, undo_last
from catalog.importing.plan import plan
from catalog.importing.rows import Parsed
from catalog.importing.spec import NumberedRow
from catalog.offerings import OFFERINGS, SHEETS

HOUR = 60


def course(**changes) -> dict:
    """小学语文 in 3 days of 8 hours, 12 of them practice, at the county's centre."""
    days = ("2026-08-03", "2026-08-04", "2026-08-05")
    row = {
        "offering_id": "C01",
        "section_id": "C01-01",
        "title": "小学语文研课磨课",
        "institution_id": "I01",
        "programme_id": "P1",
        "level": "county",
        "category": "zhuanye",
        "stages": ["2"],
        "subjects": ["jyt:13"],
        "roles": [],
        "max_years": None,
        "min_years": None,
        "half_days": 6,
        "minutes": 24 * HOUR,
        "practice_minutes": 12 * HOUR,
        "mode": "f2f",
        "method": "case",
        "topics": ["阅读教学"],
        "dimensions": [],
        "prerequisites": [],
        "minimum": 20,
        "capacity": 50,
        "meetings": [f"{day} {half}" for day in days for half in ("AM", "PM")],
        "site": "县教师发展中心",
        "fee_fen": 0,
        "chief_expert": "陈静",
        "class_head": "李强",
        "life_head": "王芳",
        "licence": "德教〔2024〕1号",
    }
    return row | changes


def parsed(*rows: dict) -> Parsed:
    numbered = tuple(NumberedRow(number, row) for number, row in enumerate(rows, start=2))
    return Parsed(OFFERINGS, "t5.xlsx", "", "T5", numbered, (), (), ())


def told(session, *rows: dict) -> list[tuple[int, str, str]]:
    errors = plan(session, OFFERINGS, parsed(*rows)).errors
    for error in errors:
        assert error.say("zh")
        assert error.say("en")
    return [(error.row, error.column, error.code) for error in errors]


def test_an_honest_course_passes(county):
    assert told(county, course()) == []


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"minutes": 25 * HOUR, "practice_minutes": 13 * HOUR}, "学时", "hours_differ"),
        ({"half_days": 5, "minutes": 20 * HOUR}, "半天日期", "meetings_differ"),
        ({"meetings": []}, "半天日期", "meetings_differ"),
        ({"practice_minutes": 719}, "实践学时", "practice_short"),
        ({"practice_minutes": 25 * HOUR}, "实践学时", "practice_over"),
        ({"minimum": 51}, "班额下限", "minimum_over"),
        ({"min_years": 6, "max_years": 5}, "教龄下限", "years_reversed"),
        ({"institution_id": "I9"}, "机构代码", "institution_unknown"),
        ({"programme_id": "P9"}, "项目代码", "programme_unknown"),
        ({"prerequisites": ["C99"]}, "先修课程", "prerequisite_unknown"),
        ({"prerequisites": ["C01"]}, "先修课程", "prerequisite_unknown"),
        ({"level": "province"}, "层级", "licence_level"),
        ({"licence": "别的文号"}, "资质文号", "licence_other"),
    ],
)
def test_each_fault_is_told_at_its_column(county, changes, column, code):
    assert told(county, course(**changes)) == [(2, column, code)]


def test_the_licence_must_hold_on_the_first_day(county):
    """Valid to 2026-12-31: a course that begins that day passes, a day later it does not."""
    last = ["2026-12-31 AM", "2026-12-31 PM"]
    short = {"half_days": 2, "minutes": 8 * HOUR, "practice_minutes": 4 * HOUR}
    assert told(county, course(**short, meetings=last)) == []
    late = [half.replace("2026-12-31", "2027-01-01") for half in last]
    assert told(county, course(**short, meetings=late)) == [(2, "资质文号", "licence_expired")]


def test_online_courses_need_no_half_days_and_half_a_day_counts_four(county):
    online = {"half_days": 0, "minutes": 2 * HOUR, "practice_minutes": HOUR, "meetings": []}
    assert told(county, course(**online, mode="online")) == []
    assert told(county, course(**online)) == [(2, "学时", "hours_differ")]
    half = {"half_days": 1, "minutes": 4 * HOUR, "practice_minutes": 2 * HOUR}
    assert told(county, course(**half, meetings=["2026-08-03 AM"])) == []
    mixed = {"half_days": 2, "minutes": 10 * HOUR, "practice_minutes": 5 * HOUR}
    two = ["2026-08-03 AM", "2026-08-03 PM"]
    assert told(county, course(**mixed, meetings=two, mode="blended")) == []


def test_a_programme_sets_its_own_share_of_practice(county):
    """Sichuan asks 2 of 5 days (40 %): 16 of 40 hours pass there, not under the default of 50 %."""
    days = [f"2026-08-0{d} {half}" for d in range(3, 8) for half in ("AM", "PM")]
    five = {"half_days": 10, "minutes": 40 * HOUR, "meetings": days, "practice_minutes": 16 * HOUR}
    assert told(county, course(**five)) == [(2, "实践学时", "practice_short")]
    programme = store.programmes.load(county)[("P1",)]
    store.programmes.save(county, [{**programme, "practice_percent": 40}])
    assert told(county, course(**five)) == []


def test_sections_of_one_course_agree(county):
    second = course(section_id="C01-02", capacity=40)
    assert told(county, course(), second) == []
    other = course(section_id="C01-02", title="别的课")
    assert told(county, course(), other) == [(3, "课程", "offering_differs")]
    apply(county, plan(county, OFFERINGS, parsed(course())))
    assert told(county, other) == [(2, "课程", "offering_differs")]


def test_sections_and_offerings_are_stored_and_undone_together(county):
    second = course(section_id="C02-01", offering_id="C02", title="另一门", prerequisites=["C01"])
    apply(county, plan(county, OFFERINGS, parsed(course(), second)))
    assert list(store.courses.load(county)) == [("C01-01",), ("C02-01",)]
    assert store.courses.load(county)[("C02-01",)] == second
    moved = plan(county, OFFERINGS, parsed(course(), second | {"offering_id": "C03"}))
    apply(county, moved)
    assert store.courses.load(county)[("C02-01",)]["offering_id"] == "C03"
    undo_last(county, SHEETS)
    assert store.courses.load(county)[("C02-01",)] == second
    undo_last(county, SHEETS)
    assert store.courses.load(county) == {}

"""The pilot's script makes the committed sheets, and they are the county that the README describes."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from diagnostics.identity import is_identity_number
from examples.pilot import county, offered
from examples.pilot.ballots import reach
from examples.pilot.make import HERE, make

FILES = sorted(path.name for path in HERE.glob("*.xlsx"))


def rows_of(path: Path) -> list[dict[str, str]]:
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pilot")
    make(folder)
    return folder


def parts(path: Path) -> dict[str, bytes]:
    """Return the parts of a workbook; compression may differ between builds of zlib."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", FILES)
def test_the_script_reproduces_the_committed_file(made, name):
    assert parts(made / name) == parts(HERE / name)


def test_every_committed_file_is_made_and_small(made):
    assert len(FILES) == 10
    assert sorted(p.name for p in made.iterdir()) == sorted([*FILES, "round.toml", "truth"])
    truth = "truth/levels.csv"
    assert (made / truth).read_bytes() == (HERE / truth).read_bytes()
    assert (made / "round.toml").read_bytes() == (HERE / "round.toml").read_bytes()
    assert sum((HERE / name).stat().st_size for name in FILES) < 300_000


def test_another_seed_makes_another_county(made, tmp_path):
    make(tmp_path, seed=2)
    assert parts(tmp_path / "ballots.xlsx") != parts(made / "ballots.xlsx")


def test_400_teachers_in_20_schools(made):
    """60 + 100 + 60 + 100 + 40 + 25 + 15 = 400."""
    teachers = rows_of(made / "teachers.xlsx")
    stages = Counter(row["学段"] for row in teachers)
    assert stages == {
        "学前教育": 60, "小学": 160, "普通初中": 100, "普通高中": 40, "职业高中": 25, "特殊教育": 15
    }  # fmt: skip
    staff = Counter(row["学校代码"] for row in teachers)
    assert staff == {row["学校代码"]: row["教职工数"] for row in rows_of(made / "schools.xlsx")}


def test_two_people_of_one_name_work_in_one_school(made):
    names = Counter((row["学校代码"], row["姓名"]) for row in rows_of(made / "teachers.xlsx"))
    assert ("PT1", 2) in {(school, n) for (school, _), n in names.items()}


def test_identity_numbers_are_well_formed_unique_and_nobodys(made):
    numbers = [row["证件号"] for row in rows_of(made / "teachers.xlsx")]
    assert len(set(numbers)) == 400
    assert all(is_identity_number(n) and n.startswith("9000") for n in numbers)


def test_release_caps_are_those_of_the_pilot():
    """Ceil(0.15 n): K 3, PT 4, PV 2, M 4, H1 6, V1 4, S1 3."""
    caps = {school.id: school.release_cap() for school in county.SCHOOLS}
    assert [caps[s] for s in ("K1", "PT1", "PV1", "M1", "H1", "V1", "S1")] == [3, 4, 2, 4, 6, 4, 3]


def test_supply_is_34320_seat_hours():
    assert len(offered.SECTIONS) == 30
    assert sum(s.hours * s.capacity for s in offered.SECTIONS) == 34_320


def test_term_days_skip_weekends_and_the_holiday():
    assert [str(county.DATES[n - 1]) for n in (1, 10, 11, 28, 29, 40)] == [
        "2026-08-03", "2026-08-12", "2026-09-07", "2026-09-30", "2026-10-09", "2026-10-26"
    ]  # fmt: skip


def test_most_lists_reach_the_hours_but_not_all(made):
    """Six lines always hold a way to 40 hours; of the shortest lists some do not."""
    sections = {s.id: s for s in offered.SECTIONS}
    ballots = rows_of(made / "ballots.xlsx")
    lists = [[row[f"志愿{n}"] for n in range(1, 7) if row[f"志愿{n}"]] for row in ballots]
    reached = {
        teacher: reach(sections[id] for line in lines for id in line.split("+")) >= 40
        for teacher, lines in enumerate(lists)
    }
    assert all(reached[n] for n, lines in enumerate(lists) if len(lines) == 6)
    assert 390 <= sum(reached.values()) < 400
    assert max(map(len, lists)) == 6
    assert any("+" in row["志愿1"] for row in ballots)
    assert {row["学校意见"] for row in ballots} == {"同意", "不同意"}


def test_cut_lists_keep_their_beginning(made, tmp_path):
    make(tmp_path, lists=3)
    whole, short = rows_of(made / "ballots.xlsx"), rows_of(tmp_path / "ballots.xlsx")
    for before, after in zip(whole, short, strict=True):
        assert [after[f"志愿{n}"] for n in (1, 2, 3)] == [before[f"志愿{n}"] for n in (1, 2, 3)]
        assert "志愿4" not in after
    assert "length = 3 " in (tmp_path / "round.toml").read_text(encoding="utf-8")


def test_zones_have_their_own_county_sections_and_share_the_higher_ones(tmp_path):
    """Three zones: 3 x 26 county sections and 4 larger ones; most choices lie in the own zone."""
    make(tmp_path, scale=3)
    sections = rows_of(tmp_path / "offerings.xlsx")
    assert len(sections) == 3 * 26 + 4
    assert next(r["班额上限"] for r in sections if r["班次代码"] == "PR1") == 60
    own = other = 0
    for row in rows_of(tmp_path / "ballots.xlsx"):
        zone = row["学校代码"][-2:]
        for n in range(1, 7):
            for part in str(row[f"志愿{n}"]).split("+"):
                if part.startswith("C"):
                    own, other = own + part.endswith(zone), other + (not part.endswith(zone))
    assert own > other > 0

import pytest

from diagnostics.errors import BadData
from diagnostics.teachers import (
    CareerRule,
    TaughtSubject,
    Teacher,
    career_rules,
    career_stage,
)


def teacher(**changes):
    """A village teacher of Chinese who also teaches ethics."""
    facts = {
        "id": "T1",
        "name": "李娜",
        "school": "PV1",
        "stage": "2",
        "subjects": (TaughtSubject("x:daofa"), TaughtSubject("jyt:13", main=True)),
        "years": 4,
        "roles": ("10", "23"),
        "unit": "441226",
        "lineage": ("441226", "441200", "440000"),
    }
    return Teacher(**(facts | changes))


def test_the_main_subject_comes_first():
    assert teacher().main_subject == "jyt:13"
    assert teacher().subject_codes == ("jyt:13", "x:daofa")


def test_two_main_subjects_are_refused():
    both = (TaughtSubject("jyt:13", main=True), TaughtSubject("jyt:14", main=True))
    with pytest.raises(ValueError, match="T1: 2 main subjects"):
        teacher(subjects=both)


def test_attributes_carry_her_unit_and_everything_above_it():
    attributes = teacher().attributes()
    assert attributes["unit"] == ("441226", "441200", "440000")
    assert attributes["subject"] == ("jyt:13", "x:daofa")
    assert attributes["years"] == ("4",)
    assert attributes["title_rank"] == ()  # not known: no rule about titles holds for her


@pytest.mark.parametrize(
    ("rank", "years", "stage"),
    [
        (None, 0, "novice"),
        (2, 2, "novice"),
        (2, 3, "growing"),
        (2, 20, "growing"),  # years alone make nobody mature
        (3, 7, "mature"),
        (4, 15, "leading"),
        (5, 14, "mature"),
    ],
)
def test_career_stage_needs_title_and_years(rank, years, stage):
    assert career_stage(rank, years).stage == stage


def test_the_first_row_reached_holds():
    rows = (CareerRule("a", "甲", "A", 0, 5), CareerRule("b", "乙", "B", 0, 0))
    assert [career_stage(None, years, rows).stage for years in (4, 5, 6)] == ["b", "a", "a"]


def test_a_table_without_a_row_for_everybody_else_is_refused(tmp_path):
    file = tmp_path / "stages.toml"
    file.write_text('[[stage]]\ncode="a"\nzh="甲"\nen="A"\ntitle_rank=0\nyears=1\n')
    with pytest.raises(BadData, match="last stage"):
        career_rules(file)

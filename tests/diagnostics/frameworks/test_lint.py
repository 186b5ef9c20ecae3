import re
from collections import Counter

import pytest

from diagnostics.frameworks.lint import hints
from diagnostics.frameworks.reading import questionnaire
from tests.diagnostics.frameworks.factories import own


def test_the_common_framework_has_no_hints():
    assert [hint.say() for hint in hints(questionnaire())] == []


def test_every_dimension_has_eight_items_three_vignettes_and_all_level_descriptors():
    common = questionnaire()
    for dimension in common.framework.dimensions:
        count = Counter(item.kind for item in common.of(dimension=dimension.code))
        assert count["self"] >= 8
        assert (count["vignette"], count["observer"], count["evidence"]) == (3, 1, 1)
        for level in range(1, common.framework.top + 1):
            assert common.descriptors[dimension.code, level].at()


@pytest.mark.parametrize("stage", ["1", "2", "3", "4"])
def test_every_stage_has_eight_items_and_three_vignettes_in_its_own_words(stage):
    common = questionnaire()
    for dimension in common.framework.dimensions:
        kinds = Counter(item.kind for item in common.of(dimension=dimension.code, stage=stage))
        assert kinds["self"] >= 8
        assert kinds["vignette"] == 3
    texts = " ".join(item.stem.at(stage) for item in common.of(stage=stage))
    assert ("学生" in texts) == (stage != "1")
    assert ("幼儿" in texts) == (stage == "1")
    assert "{" not in texts


SCHOOL = re.compile("课程标准|教材|试卷|测验|考试|批改|单元|课堂|讲课|评课|听课|备课|上课|课后")
"""Words that a kindergarten has no use for."""


def test_a_kindergarten_is_not_asked_about_lessons():
    common = questionnaire()
    items = [item for item in common.of(stage="1") if item.kind != "test"]
    found = {i.code: m[0] for i in items if (m := SCHOOL.search(i.stem.at("1")))}
    levels = {k: m[0] for k, w in common.descriptors.items() if (m := SCHOOL.search(w.at("1")))}
    assert (found, levels) == ({}, {})
    assert len([item for item in items if SCHOOL.search(item.stem.at("2"))]) > 20


def test_vignettes_are_strictly_and_evenly_spaced():
    common = questionnaire()
    for dimension in common.framework.dimensions:
        places = [item.expected for item in common.of("vignette", dimension=dimension.code)]
        assert [str(place) for place in places] == ["3/2", "5/2", "7/2"]


@pytest.mark.parametrize("name", ["chemistry", "digital"])
def test_indicators_of_ours_read_well(name):
    codes = {hint.code for hint in hints(questionnaire(name))}
    assert codes <= {"lint_few_items"}
    assert name == "digital" or not codes


@pytest.mark.parametrize(
    ("code", "table", "change"),
    [
        ("lint_length", "items", ("问完等{学生}想一想", "等一等")),
        ("lint_absolute", "items", ("问完等{学生}想一想", "问完总是等{学生}想一想")),
        ("lint_double", "items", ("问完等{学生}想一想", "问完等{学生}想一想并追问")),
        ("lint_chinese", "items", ("问完等{学生}想一想", "wait for pupils")),
        ("lint_english", "items", ("Wait for {学生} to think", "等{学生}想")),
        ("lint_options", "scales", ("do,2,有时", "do,2,不能")),
        ("lint_twins", "items", ("连着问不停", "问完等{学生}想一想吧")),
        ("lint_twins", "wordings", ("不停地考{学生}", "问完等{学生}想一想呀")),
        (
            "lint_spacing",
            "items",
            (",,2.5,,,\n", ",,2,,,\nK1-V3,K1,情境,do,某老师,Somebody,,,3,,,\n"),
        ),
    ],
)
def test_what_a_careful_reader_would_change_is_told(tmp_path, code, table, change):
    before = {(hint.code, hint.place) for hint in hints(own(tmp_path))}
    after = {(hint.code, hint.place) for hint in hints(own(tmp_path, change, table))}
    assert code in {found for found, _ in after - before}


def test_a_small_framework_is_told_that_it_is_small(tmp_path):
    told = {hint.code: hint for hint in hints(own(tmp_path)) if hint.place == "K2"}
    assert told["lint_few_items"].say() == "维度K2的自评题偏少（0 < 8）。"
    assert told["lint_few_vignettes"].say("en") == "K2: few vignettes (0 < 3)."

"""Cells of one room's sheet that another room understands: conditions and dimensions."""

import pytest

from api.sheets import all_kinds
from catalog.importing.parse import BadCell
from diagnostics.framework import framework

KINDS = {kind.slug: kind for kind in all_kinds()}
CONDITION = KINDS["programmes"].column("eligibility")
DIMENSIONS = KINDS["offerings"].column("dimensions")


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("stage=2|3;years>=3", "stage=2|3;years>=3"),
        ("stage=小学｜普通初中；years>=3", "stage=2|3;years>=3"),
        ("subject=语文;rural=yes", "subject=jyt:13;rural=yes"),
        ("unit!=QY", "unit!=QY"),
    ],
)
def test_a_programme_says_whom_it_is_for_in_words_or_codes(cell, kept):
    assert CONDITION.parse(cell) == kept


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("小学", "round_condition_form"),
        ("stge=2", "round_condition_attribute"),
        ("stage=99", "cell_term"),
        ("stage>=2", "round_condition_compare"),
        ("years=三", "round_condition_number"),
    ],
)
def test_a_condition_that_nobody_could_meet_is_refused_at_import(cell, code):
    """Stored, it would leave the programme's sections with nobody who is eligible."""
    with pytest.raises(BadCell) as refused:
        CONDITION.parse(cell)
    assert refused.value.code == code


def test_a_course_names_dimensions_that_some_framework_has():
    """A round says in its settings which framework it diagnoses by; a course may fit several."""
    digital = framework("digital").dimensions[0].code
    assert DIMENSIONS.parse(f"XK2;{digital}") == sorted(["XK2", digital])
    assert DIMENSIONS.parse("BJ1；学情分析与教学设计") == ["BJ1", "XK2"]
    with pytest.raises(BadCell) as refused:
        DIMENSIONS.parse("XK2;JS1")
    assert "XK2" in refused.value.values["codes"]

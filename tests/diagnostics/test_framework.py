from fractions import Fraction

import pytest

from diagnostics.data_files import SHIPPED
from diagnostics.errors import BadData, BadFramework
from diagnostics.framework import framework, parse_framework
from diagnostics.teachers import TaughtSubject
from tests.diagnostics.test_teachers import teacher

TEXT = (SHIPPED / "frameworks" / "common.toml").read_text(encoding="utf-8")


def test_the_common_framework_has_the_four_areas():
    common = framework()
    areas = list(dict.fromkeys(dimension.area for dimension in common.dimensions))
    assert areas == ["师德修养", "学科教学", "班级管理", "学习与发展"]
    assert common.title("en").startswith("Common framework")
    assert common.top == len(common.levels) == 4
    assert "assumption" in common.status


def test_the_number_of_levels_is_data():
    """A standard of three levels is a change of the file alone."""
    parts = TEXT.split("[[level]]")
    tail = parts[-1].split("[[dimension]]", 1)[1]
    three = "[[level]]".join(parts[:-1]) + "[[dimension]]" + tail
    three = three.replace('["0.15", "0.40", "0.33", "0.12"]', '["0.2", "0.5", "0.3"]')
    three = three.replace("= 4", "= 3")
    assert parse_framework(three).top == 3


def test_the_highest_target_that_fits_holds():
    """A form teacher in her fourth year: growing asks XK1 = 3, a form teacher BJ1 = 3."""
    targets = framework().targets_for(teacher())
    assert (targets["XK1"], targets["BJ1"], targets["XK5"]) == (3, 3, 2)
    plain = framework().targets_for(teacher(roles=("10",)))
    assert (plain["XK1"], plain["BJ1"]) == (3, 2)


def test_subject_and_stage_must_both_fit():
    science = teacher(subjects=(TaughtSubject("jyt:15", main=True),))
    kindergarten = teacher(subjects=(TaughtSubject("jyt:15", main=True),), stage="1")
    assert framework().targets_for(science)["XK5"] == 3
    assert framework().targets_for(kindergarten)["XK5"] == 2


def test_every_target_is_on_the_scale_and_every_dimension_has_one():
    targets = framework().targets_for(teacher(title_rank=5, years=30, roles=("31",)))
    assert set(targets) == {dimension.code for dimension in framework().dimensions}
    assert all(1 <= level <= 4 for level in targets.values())


def test_dimensions_are_found_by_code_and_name():
    assert framework().find(" xk2 ").code == "XK2"
    assert framework().find("教学反思与研课").code == "FZ1"
    assert framework().find("nothing") is None


def test_base_rates_are_exact():
    assert sum(framework().model.base_rates) == Fraction(1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('"0.15", "0.40"', '"0.16", "0.40"'), "sum to 1"),
        (('code = "SD2"', 'code = "SD1"'), "listed twice"),
        (("level = 2", "level = 3"), "levels must be"),
        (("SD1 = 4", "SD1 = 5"), "does not fit"),
        (('zh = "课堂实施与互动"\n', ""), "6: zh is missing"),
    ],
)
def test_a_framework_that_contradicts_itself_is_refused(change, says):
    with pytest.raises(BadData, match=says):
        parse_framework(TEXT.replace(*change))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("code = ", "code : "), "framework_toml"),
        (('area = "班级管理"', 'area = "班级"'), "framework_lacks"),
        (('where = { role = ["23"] }', 'where = { roles = ["23"] }'), "framework_where"),
        (('where = { role = ["23"] }', 'where = { role = ["班主任"] }'), "framework_where"),
        (('career = ["mature"]', 'career = ["old"]'), "framework_where"),
        (('status = "sourced"', 'status = "certain"'), "framework_status"),
        (('status = "assumption"', 'status = "sourced"'), "framework_source"),
    ],
)
def test_a_fault_of_the_file_is_told_in_both_languages(change, code):
    assert change[0] in TEXT
    with pytest.raises(BadFramework) as refused:
        parse_framework(TEXT.replace(*change))
    assert [fault.code for fault in refused.value.faults] == [code]
    assert refused.value.say("zh") != refused.value.say("en")


def test_areas_and_dimensions_make_a_tree():
    tree = framework().tree
    assert [node.code for node in tree if node.tier == 1] == ["SD", "XK", "BJ", "FZ"]
    assert all(node.code.startswith(node.parent) for node in tree)
    assert [node.code for node in tree if node.tier == 2] == [
        dimension.code for dimension in framework().dimensions
    ]


@pytest.mark.parametrize("name", ["common", "chemistry", "digital"])
def test_nothing_is_called_sourced_that_the_field_does_not_know(name):
    """The number of levels, all wording of ours and the model are assumptions wherever they stand."""
    status = {part.name: part.status for part in framework(name).parts}
    assert status["levels"] == status["targets"] == "assumption"
    assert {part.name for part in framework(name).parts if part.status == "sourced"} <= {
        "areas",
        "dimensions",
    }
    assert all(part.say("zh") and part.say("en") for part in framework(name).parts)


def test_a_framework_takes_levels_and_model_from_the_one_it_is_like():
    assert framework("chemistry").levels == framework("common").levels
    assert framework("chemistry").model == framework("common").model
    chemist = teacher(subjects=(TaughtSubject("jyt:17", main=True),), title_rank=4, years=20)
    assert framework("chemistry").targets_for(chemist)["HX2"] == 4
    assert framework("chemistry").targets_for(teacher())["HX2"] == 2


def test_an_unknown_framework_names_the_known_ones():
    with pytest.raises(BadData, match="common"):
        framework("atlantis")


def test_a_later_rule_never_lowers_a_target():
    """The leading stage asks FZ1 = 4, heads of subject groups FZ1 = 3: it stays 4."""
    head = teacher(title_rank=5, years=20, roles=("21",))
    assert framework().targets_for(head)["FZ1"] == 4

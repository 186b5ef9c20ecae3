import pytest

from diagnostics.errors import BadFramework
from diagnostics.framework import parse_framework
from tests.diagnostics.frameworks.factories import HEAD


def told(change) -> str:
    assert change[0] in HEAD
    with pytest.raises(BadFramework) as refused:
        parse_framework(HEAD.replace(change[0], change[1], 1))
    assert refused.value.say("zh") != refused.value.say("en")
    assert all(fault.sheet == "own.toml" for fault in refused.value.faults)
    return refused.value.say("zh")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('source = "made up"\n', ""), "缺少“source”"),
        (("answers_needed", "answers_neded"), "不认识“answers_neded”"),
        (('en = "Writing"\n', ""), "缺少“[[dimension]] 2: en”"),
        (('area_en = "Class"', 'aria = "Class"'), "缺少“[[dimension]] 1: area_en”"),
        (('area_en = "Class"', 'area_en = "C"\ncolour = "red"'), "不认识“[[dimension]] 1: colour”"),
        (('self_lean = "0"\n', ""), "缺少“[model] self_lean”"),
        (('self_lean = "0"', 'self_lean = "零"'), "“[model] self_lean”填的是“零”"),
        (('"0.2", "0.5"', '"0.2", "一半"'), "应为小数"),
        (("version = 3", 'version = "3"'), "“version”填的是“3”，应为整数"),
        (("level = 2", "level = 2.5"), "“[[level]] level”填的是“2.5”"),
        (("target = []", 'target = [{ where = {}, levels = { K1 = "2" } }]'), "“[[target]] K1”"),
        (("target = []", "target = [{ levels = { K1 = 2 } }]"), "缺少“[[target]] 1: where”"),
    ],
)
def test_a_key_that_is_wrong_is_told_where_it_stands(change, says):
    assert says in told(change)


def test_all_keys_that_are_wrong_are_told_at_once():
    lines = told(('source = "made up"\nstatus = "assumption"', 'sauce = "made up"')).splitlines()
    assert len(lines) == 3


def test_the_small_framework_itself_is_in_order():
    assert parse_framework(HEAD).version == 3

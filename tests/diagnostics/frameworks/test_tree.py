from collections import Counter

import pytest

from diagnostics.errors import BadFramework
from diagnostics.framework import framework, parse_framework
from diagnostics.frameworks.tree import ancestor

HEAD = """
code = "own"
version = 1
like = "common"
measured = 1
zh = "本县框架"
en = "Own"
source = "made up"
status = "assumption"
target = []
"""
GOOD = "代码,上级代码,中文,英文\nA,,教学,Teaching\nA.1,A,提问,Questions\nA.2,A,板书,Writing\n"


def own(folder, tree):
    (folder / "tree.csv").write_text(tree, encoding="utf-8-sig")
    return parse_framework(HEAD, folder)


def test_a_tree_gives_the_dimensions_of_the_tier_that_is_measured(tmp_path):
    frame = own(tmp_path, GOOD)
    assert [(d.code, d.area) for d in frame.dimensions] == [("A", "教学")]
    assert frame.top == framework().top
    assert [node.tier for node in frame.tree] == [1, 2, 2]


@pytest.mark.parametrize(
    ("change", "row", "column", "says"),
    [
        (("A.2,A,", "A.2,B,"), 4, "上级代码", "上级"),
        (("A.2,A,", "B.2,A,"), 4, "代码", "以上级代码“A”开头"),
        (("板书", "提问"), 4, "中文", "同名"),
        (("A.2,A,", "A 2,A,"), 4, "代码", "代码只能用字母"),
        (("A.2,A,", "A.1,A,"), 4, "代码", "第 3 行重复"),
        (("A.2,A,板书", "A.2,A,"), 4, "中文", "必须填写"),
    ],
)
def test_a_tree_that_is_wrong_is_told_by_row_and_column(tmp_path, change, row, column, says):
    with pytest.raises(BadFramework) as refused:
        own(tmp_path, GOOD.replace(*change))
    assert any(
        (fault.row, fault.column) == (row, column)
        and fault.sheet.endswith("/tree.csv")
        and says in fault.say("zh")
        for fault in refused.value.faults
    ), refused.value.say()
    assert refused.value.say("en") != refused.value.say("zh")


def test_a_source_must_be_named_where_something_is_called_sourced(tmp_path):
    tree = "code,parent,zh,en,status,source\nA,,教学,Teaching,有出处,\n"
    with pytest.raises(BadFramework, match="must name its source"):
        own(tmp_path, tree)
    assert own(tmp_path, tree.replace("有出处,", "有出处,某文件")).tree[0].status == "sourced"


def test_chemistry_has_the_shape_of_the_standard_in_our_own_wording():
    frame = framework("chemistry")
    assert Counter(node.tier for node in frame.tree) == {1: 6, 2: 30, 3: 114}
    assert [d.zh for d in frame.dimensions] == [
        "学科整体理解", "科学探究", "身边的化学物质", "物质构成的奥秘", "物质的化学变化", "化学与社会发展",
    ]  # fmt: skip
    assert {node.status for node in frame.tree if node.tier > 1} == {"assumption"}
    assert {node.status for node in frame.tree if node.tier == 1} == {"sourced"}


def test_digital_literacy_says_what_is_unverified():
    frame = framework("digital")
    assert Counter(node.tier for node in frame.tree) == {1: 5, 2: 13, 3: 33}
    assert {node.status for node in frame.tree if node.tier == 3} == {"unverified"}
    assert {node.status for node in frame.tree if node.tier == 1} == {"sourced"}
    assert any(part.status == "unverified" and "13" in part.say() for part in frame.parts)


def test_an_ancestor_is_found_by_its_tier():
    nodes = {node.code: node for node in framework("chemistry").tree}
    assert ancestor(nodes, "HX1.2.3", 1).code == "HX1"
    assert ancestor(nodes, "HX1.2.3", 2).code == "HX1.2"
    assert ancestor(nodes, "HX1", 1).code == "HX1"

from fractions import Fraction

import pytest

from diagnostics import data_files
from diagnostics.errors import BadFramework
from diagnostics.framework import parse_framework
from diagnostics.frameworks.reading import questionnaire, read_questionnaire
from tests.diagnostics.frameworks.factories import HEAD, TABLES, own


def test_the_tables_of_an_office_are_read(tmp_path):
    questions = own(tmp_path)
    assert [item.kind for item in questions.items] == [
        "self", "self", "vignette", "vignette", "test", "observer",
    ]  # fmt: skip
    assert questions.item("K1-V1").expected == Fraction(3, 2)
    assert questions.item("K1-T1").stages == ("2",)
    assert [o.at() for o in questions.item("K2-O").scale.options][2] == "边写边理思路"


def test_words_and_wordings_fit_the_stage(tmp_path):
    questions = own(tmp_path)
    waits, asks = questions.item("K1-1").stem, questions.item("K1-2").stem
    assert (waits.at("2"), waits.at("1")) == ("问完等学生想一想", "问完等幼儿想一想")
    assert waits.at("1", "en") == "Wait for children to think"
    assert (asks.at("2"), asks.at("1")) == ("连着问不停", "不停地考幼儿")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_a_spreadsheet_program_saves_is_read(tmp_path, encoding):
    own(tmp_path)
    (tmp_path / "items.csv").write_text(TABLES["items"], encoding=encoding)
    assert len(own(tmp_path).items) == 6


FAULTS = [
    ("items", ("K1-1,K1,", "K1-1,K9,"), 2, "维度", "K9", "K1、K2"),
    ("items", ("K1-1,K1,自评", "K1-1,K1,自问"), 2, "题型", "自问", "自评、情境、观察、证据、测验"),
    ("items", ("自评,do,问完", "自评,does,问完"), 2, "量表", "does", "levels、do、pick"),
    ("items", ("等{学生}想", "等{孩子}想"), 2, "中文", "", "可用：学生"),
    ("items", ("for {学生}", "for {pupil}"), 2, "英文", "", "可用：学生"),
    ("items", ("Ask on and on", ""), 3, "英文", "", "必须填写"),
    ("items", (",,是,,", ",,也许,,"), 3, "反向", "也许", "“是”"),
    ("items", ("1.5", ""), 4, "预期等级", "", "情境题必须填"),
    ("items", ("1.5", "3.5"), 4, "预期等级", "7/2", "1至3"),
    ("items", ("1.5", "二"), 4, "预期等级", "二", "如2.5"),
    ("items", ("2.5", "1.5"), 5, "预期等级", "3/2", "K1-V1"),
    ("items", ("小学", "大学堂"), 6, "学段", "大学堂", "小学"),
    ("items", (",2,有出处", ",3,有出处"), 6, "答案", "3", "1至2"),
    ("items", (",2,有出处", ",,有出处"), 6, "答案", "", "测验题必须填"),
    ("items", ("有出处,某书", "有出处,"), 6, "出处", "", "待核实"),
    ("items", ("有出处", "听说"), 6, "状态", "听说", "有出处、假定、待核实"),
    ("items", ("K1-2,K1", "K1-1,K1"), 3, "题号", "K1-1", "2"),
    ("items", ("哪一种是开放式提问？,Which question is open?,小学,", "哪种？,Which?,小学,是"), 6, "反向", "是", "观察题"),
    ("wordings", ("K1-2", "K1-9"), 2, "题号", "K1-9", "没有这个题号"),
    ("wordings", ("学前教育", ""), 2, "学段", "", "必须填写"),
    ("words", ("学生,,", "学生,小学,"), 2, "学段", "小学", "通用写法"),
    ("descriptors", ("K2,3,,边写边理思路,shapes thought\n", ""), 0, "", "", "K2第3级"),
    ("descriptors", ("K2,3,", "K2,4,"), 7, "等级", "4", "最高为3"),
    ("descriptors", ("K2,3,", "K5,3,"), 7, "维度", "K5", "K1、K2"),
    ("scales", ("do,2,", "do,4,"), 0, "", "", "“do”"),
    ("scales", ("do,0,您做得到吗？,Do you manage?\n", ""), 0, "", "", "“do”"),
    ("items", ("题号,维度", "题号,维度数"), 1, "", "", "维度"),
    ("items", ("状态,出处", "状况,出处"), 1, "状况", "状况", "不认识列"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "row", "column", "value", "right"), FAULTS)
def test_a_fault_names_file_row_column_value_and_what_is_right(
    tmp_path, table, change, row, column, value, right
):
    with pytest.raises(BadFramework) as refused:
        own(tmp_path, change, table)
    told = [
        fault
        for fault in refused.value.faults
        if (fault.row, fault.column) == (row, column) and right in fault.say("zh")
    ]
    assert told, refused.value.say("zh")
    assert told[0].sheet == f"{tmp_path.name}/{table}.csv"
    assert not value or told[0].value == value
    assert told[0].say("en") != told[0].say("zh")


def test_an_observers_item_may_be_reversed(tmp_path):
    own(tmp_path, ("How is the writing?,,", "How is the writing?,,是"), "items")


def test_every_fault_is_told_at_once(tmp_path):
    row = "K1-1,K1,自评,do,问完等{学生}"
    with pytest.raises(BadFramework) as refused:
        own(tmp_path, (row, "K1-1,K9,自评,does,问完等{孩子}"), "items")
    assert [fault.column for fault in refused.value.faults] == ["维度", "中文", "量表"]
    assert len(refused.value.say().splitlines()) == 3


def test_a_table_that_is_no_table_is_told(tmp_path):
    own(tmp_path)
    (tmp_path / "words.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFramework, match=r"words\.csv"):
        read_questionnaire(parse_framework(HEAD, tmp_path), tmp_path)


@pytest.mark.parametrize("name", ["items.xlsx", "itmes.csv", "备注.txt"])
def test_a_file_that_would_be_passed_over_is_told(tmp_path, name):
    own(tmp_path)
    (tmp_path / "~$items.xlsx").touch()  # what a spreadsheet program leaves while a file is open
    own(tmp_path)
    (tmp_path / name).touch()
    with pytest.raises(BadFramework) as refused:
        own(tmp_path)
    assert [fault.sheet for fault in refused.value.faults] == [f"{tmp_path.name}/{name}"]
    assert "items.csv" in refused.value.say()


def test_leaves_become_items_on_the_scale_of_the_framework_it_is_like():
    bank = questionnaire("chemistry")
    assert len(bank.items) == 114
    assert {item.categories for item in bank.items} == {4}
    assert {item.dimension for item in bank.items} == {f"HX{n}" for n in range(1, 7)}
    assert len(questionnaire("digital").items) == 33


def test_a_scale_for_leaves_that_does_not_exist_is_told(tmp_path):
    text = (data_files.SHIPPED / "frameworks" / "digital.toml").read_text(encoding="utf-8")
    (tmp_path / "frameworks" / "digital").mkdir(parents=True)
    head = text.replace('leaf_scale = "degree4"', 'leaf_scale = "degree9"')
    (tmp_path / "frameworks" / "digital.toml").write_text(head, encoding="utf-8")
    tree = data_files.SHIPPED / "frameworks" / "digital" / "tree.csv"
    (tmp_path / "frameworks" / "digital" / "tree.csv").write_bytes(tree.read_bytes())
    data_files.look_first_in(tmp_path)
    try:
        with pytest.raises(BadFramework, match="degree9"):
            questionnaire("digital")
    finally:
        data_files.look_first_in(data_files.SHIPPED)

import pytest

from diagnostics import data_files
from diagnostics.errors import BadData, BadFramework
from diagnostics.framework import framework
from diagnostics.frameworks.lint import hints
from diagnostics.frameworks.own import begin, read_own
from diagnostics.frameworks.reading import questionnaire


@pytest.fixture
def province(tmp_path):
    yield tmp_path
    data_files.look_first_in(data_files.SHIPPED)


@pytest.mark.parametrize("like", ["common", "chemistry", "digital"])
def test_a_copy_is_complete_and_of_its_own(province, like):
    file, *tables = begin("deqing", '德庆县"框架" \\1', province, like)
    frame, questions = read_own(file)
    assert (frame.code, frame.version, frame.zh) == ("deqing", 1, '德庆县"框架" \\1')
    assert len(questions.items) == len(questionnaire(like).items)
    assert {hint.code for hint in hints(questions)} <= {"lint_few_items"}
    assert all(table.parent == file.with_suffix("") for table in tables)


def test_a_province_uses_what_it_has_changed(province):
    file, *_ = begin("deqing", "德庆县教师能力框架", province)
    items = file.with_suffix("") / "items.csv"
    changed = items.read_text(encoding="utf-8-sig").replace("讲知识时，自然地", "讲内容时，自然地")
    items.write_bytes(changed.encode("gb18030"))  # as a spreadsheet program may save it
    data_files.look_first_in(province)
    assert questionnaire("deqing").item("SD1-1").stem.at("2").startswith("讲内容时")
    assert questionnaire("common").item("SD1-1").stem.at("2").startswith("讲知识时")
    assert framework("deqing").dimensions == framework("common").dimensions


def test_nothing_is_overwritten(province):
    begin("deqing", "甲", province)
    with pytest.raises(BadFramework) as refused:
        begin("deqing", "乙", province)
    assert "没有覆盖" in refused.value.say()
    assert read_own(province / "frameworks" / "deqing.toml")[0].zh == "甲"


@pytest.mark.parametrize("code", ["德庆", "De", "../up", "a b", ""])
def test_a_code_must_be_the_name_of_a_file(province, code):
    with pytest.raises(BadFramework, match="cannot be the code"):
        begin(code, "甲", province)
    assert not (province / "frameworks").exists()


def test_an_unknown_model_to_copy_is_told(province):
    with pytest.raises(BadData, match="chemistry, common, digital"):
        begin("deqing", "甲", province, like="physics")


def test_file_and_code_must_agree(province):
    file, *_ = begin("deqing", "甲", province)
    other = file.rename(file.with_name("gaoyao.toml"))
    with pytest.raises(BadFramework, match="name of the file"):
        read_own(other)
    with pytest.raises(BadFramework, match=r"no file deqing\.toml"):
        read_own(file)

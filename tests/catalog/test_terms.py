"""Code lists: complete, sourced, found by code, name and alias."""

import csv

import pytest

from catalog import terms
from catalog.errors import BadTerms
from catalog.importing.parse import BadCell


@pytest.mark.parametrize("name", terms.ALL)
def test_every_term_has_a_source_and_every_name_means_one_code(name):
    vocabulary = terms.ALL[name]
    for term in vocabulary.terms.values():
        assert term.source
        for spelling in (term.code, term.zh, term.en, *term.aliases):
            assert vocabulary.parse(spelling) == term.code


def test_every_code_file_is_a_vocabulary():
    assert {path.stem for path in terms.DATA.glob("*.csv")} == set(terms.ALL)


@pytest.mark.parametrize(
    ("vocabulary", "cell", "code"),
    [
        (terms.STAGES, "初中", "3"),
        (terms.STAGES, "ａ", "A"),
        (terms.SUBJECTS, "体育", "jyt:22"),
        (terms.SUBJECTS, "JYT:13", "jyt:13"),
        (terms.SUBJECTS, "心理健康教育", "x:xljk"),
        (terms.ROLES, "教研组长", "21"),
        (terms.ROLES, "校（园）长", "31"),
        (terms.LEVELS, "国培", "national"),
        (terms.MODES, "送教下乡", "send"),
        (terms.NATIONAL_MODES, "online", "3"),
    ],
)
def test_cells_are_understood(vocabulary, cell, code):
    assert vocabulary.parse(cell) == code


def test_a_word_that_is_not_listed_names_the_nearest():
    with pytest.raises(BadCell) as bad:
        terms.SUBJECTS.parse("心里健康")
    assert bad.value.values["nearest"][0] == "心理健康(x:xljk)"
    with pytest.raises(BadCell) as bad:
        terms.STAGES.parse("???")
    assert len(bad.value.values["nearest"]) == 4


def test_fields_of_shortage_have_codes_of_our_own():
    """The 2012 table has no code for the fields that quotas are written in."""
    for word in ("心理健康", "书法", "舞蹈", "劳动", "少先队", "法治"):
        assert terms.SUBJECTS.parse(word).startswith("x:")


def write(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([terms.COLUMNS, *rows])


def test_a_province_adds_codes_by_a_file(tmp_path, monkeypatch):
    own = terms.Vocabulary(terms.DATA / "categories.csv")
    monkeypatch.setattr(terms, "ALL", {"categories": own})
    write(tmp_path / "categories.csv", ["zjblock", "90学时集中培训", "90-hour block", "", "浙江省"])
    assert terms.extend(tmp_path) == ("categories",)
    assert own.parse("90学时集中培训") == "zjblock"
    assert own.choices["zjblock"] == "90学时集中培训"
    assert own.parse("公需") == "gongxu"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("categories", ["gongxu", "别的意思", "other", "", "某省"]),
        ("categories", ["new", "公需科目", "same name", "", "某省"]),
        ("categories", ["new", "新类别", "new", "", ""]),
        ("colours", ["red", "红", "red", "", "某省"]),
    ],
)
def test_contradicting_codes_are_refused(tmp_path, monkeypatch, name, row):
    own = terms.Vocabulary(terms.DATA / "categories.csv")
    monkeypatch.setattr(terms, "ALL", {"categories": own})
    write(tmp_path / f"{name}.csv", row)
    with pytest.raises(BadTerms):
        terms.extend(tmp_path)
    assert set(own.terms) == {"gongxu", "zhuanye", "xuanxiu"}

"""Telling what a file is."""

import pytest

from catalog import institutions, offerings, quotas, units
from catalog.errors import FileRefused
from catalog.importing.recognise import recognise
from catalog.importing.rows import read_sheet
from catalog.importing.template import write_template
from tests.catalog.importing.people import HEADER, LI_NA, PEOPLE, STATED, codes, xlsx

KINDS = (*units.SHEETS, *institutions.SHEETS, *offerings.SHEETS, *quotas.SHEETS, PEOPLE, STATED)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_template_is_recognised_by_its_headers(tmp_path, kind, lang):
    write_template(kind, tmp_path / "下载.xlsx", lang)
    assert recognise(tmp_path / "下载.xlsx", KINDS) is kind


def test_the_name_decides_where_headers_do_not(tmp_path):
    header = ["教师编号", "姓名", "学科"]
    path = xlsx(tmp_path / "people.xlsx", header, ["T1", "a", "语文"])
    assert recognise(path, [PEOPLE]) is PEOPLE
    nothing = xlsx(tmp_path / "x.xlsx", ["爱好", "颜色"], ["a", "b"])
    with pytest.raises(FileRefused, match="名额分配表"):
        recognise(nothing, KINDS)


def test_a_roster_with_one_header_renamed_is_still_a_roster(tmp_path):
    """Else 教师编号 and 姓名 would make it a list of ballots, and every list would come out empty."""
    renamed = [name if name != "主教学科" else "任教科目" for name in HEADER]
    path = xlsx(tmp_path / "下载.xlsx", renamed, LI_NA)
    assert recognise(path, KINDS) is PEOPLE
    assert codes(read_sheet(path, PEOPLE)) == [(1, "", "header_lacks")]
    first = xlsx(tmp_path / "b.xlsx", ["编号", *HEADER[1:]], LI_NA)
    assert recognise(first, KINDS) is PEOPLE


def test_an_unknown_column_is_told_beside_those_that_are_not_there(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [*HEADER, "生日"], [*LI_NA, "1990-01-01"])
    told = [warning.say() for warning in read_sheet(path, PEOPLE).warnings]
    assert ["生日" in told[0], "出生日期" in told[1], len(told)] == [True, True, 2]


def test_a_roster_is_no_list_of_ballots(tmp_path):
    """Both need 教师编号 and 姓名; the roster's other headers decide."""
    assert recognise(xlsx(tmp_path / "a.xlsx", HEADER, LI_NA), KINDS) is PEOPLE
    assert recognise(xlsx(tmp_path / "b.xlsx", HEADER[:2], LI_NA[:2]), KINDS) is STATED

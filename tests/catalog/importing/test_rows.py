"""Sheets as offices really send them: what is understood, and what is told."""

from datetime import date

import openpyxl
import pytest
import xlwt

from catalog.errors import FileRefused
from catalog.importing.rows import read_sheet
from tests.catalog.importing.people import HEADER, LI_NA, PEOPLE, STATED, WANG, codes, xlsx


def test_an_honest_sheet_is_read(tmp_path):
    parsed = read_sheet(xlsx(tmp_path / "a.xlsx", HEADER, LI_NA, WANG), PEOPLE)
    assert not parsed.errors
    assert not parsed.warnings
    assert [row.number for row in parsed.rows] == [2, 3]
    assert parsed.rows[0].row == {
        "id": "T001",
        "name": "李娜",
        "card": "44122619900101123X",
        "subject": "jyt:13",
        "years": 3,
        "born": None,
    }


def test_titles_totals_notes_and_blanks_around_the_rows(tmp_path):
    """Two merged titles above, a total with a formula and a note below, blanks everywhere."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["德庆县教师名册"],
        ["2026年"],
        [*HEADER, None, None],
        LI_NA,
        [None] * 5,
        [*WANG, "  "],
        ["合 计", None, None, None, "=SUM(E4:E6)"],
        ["填表人：李强", None, "审核人：王芳"],
        [" ", "\u3000"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    book.save(tmp_path / "a.xlsx")
    parsed = read_sheet(tmp_path / "a.xlsx", PEOPLE)
    assert not parsed.errors
    assert [row.number for row in parsed.rows] == [4, 6]
    assert [(s.row, s.code) for s in parsed.skipped] == [(7, "row_total"), (8, "row_note")]
    assert "第 7 行：合计行" in parsed.skipped[0].say("zh")


def test_full_width_and_numbers_and_dates(tmp_path):
    header = [*HEADER, "出生日期"]
    rows = (
        ["Ｔ００１", " 李　娜\u200b", None, "语文 ", "３", date(1990, 1, 2)],
        [2.0, "王伟", None, "JYT:14", 12.0, "１９８５年５月６日"],
        ["T003", "赵敏", None, "美术", " 7", "1985/5/6"],
    )
    parsed = read_sheet(xlsx(tmp_path / "a.xlsx", header, *rows), PEOPLE)
    assert not parsed.errors
    found = [[row.row[key] for key in ("id", "name", "years", "born")] for row in parsed.rows]
    assert found == [
        ["T001", "李 娜", 3, "1990-01-02"],
        ["2", "王伟", 12, "1985-05-06"],
        ["T003", "赵敏", 7, "1985-05-06"],
    ]


def test_one_pass_tells_every_error_with_its_place(tmp_path):
    path = xlsx(
        tmp_path / "a.xlsx",
        [*HEADER, "出生日期"],
        ["T001", None, 441226199001011234, "英文", 3, None],
        ["T 2", "王伟", 4.4e17, "数学", 61, "1985-02-30"],
        ["T003", "赵敏", None, "数学", "三", "昨天"],
        ["T004", "钱进", "=A1", "数学", 1.5, None],
    )
    parsed = read_sheet(path, PEOPLE)
    assert not parsed.rows
    assert codes(parsed) == [
        (2, "姓名", "cell_blank"),
        (2, "证件号", "cell_id_number"),
        (2, "主教学科", "cell_term"),
        (3, "教师编号", "cell_code"),
        (3, "证件号", "cell_id_number"),
        (3, "教龄", "cell_limits"),
        (3, "出生日期", "cell_no_such_date"),
        (4, "教龄", "cell_whole"),
        (4, "出生日期", "cell_date"),
        (5, "证件号", "cell_formula_at"),
        (5, "教龄", "cell_whole"),
    ]
    term = parsed.errors[2]
    assert "“人员表”第 2 行“主教学科”列，填的是“英文”" in term.say("zh")
    assert "语文(jyt:13)、英语(jyt:41)" in term.say("zh")
    assert 'sheet "人员表", row 2, column "主教学科", value "英文"' in term.say("en")
    assert "C5" in parsed.errors[9].say("en")
    assert "0 至 60" in parsed.errors[5].say("zh")


def test_a_number_of_fifteen_digits_is_still_whole(tmp_path):
    """15 digits survive a spreadsheet, the sixteenth does not."""
    rows = [["T1", "a", 441226850505234, "语文", 1], ["T2", "b", 4412268505052345, "语文", 1]]
    parsed = read_sheet(xlsx(tmp_path / "a.xlsx", HEADER, *rows), PEOPLE)
    assert parsed.rows[0].row["card"] == "441226850505234"
    assert codes(parsed) == [(3, "证件号", "cell_id_number")]


def test_two_people_of_one_name_stay_two_but_one_id_twice_is_told_at_both(tmp_path):
    namesake = ["T002", "李娜", None, "数学", 5]
    good = read_sheet(xlsx(tmp_path / "a.xlsx", HEADER, LI_NA, namesake), PEOPLE)
    assert [row.row["id"] for row in good.rows] == ["T001", "T002"]
    twice = read_sheet(xlsx(tmp_path / "b.xlsx", HEADER, LI_NA, WANG, LI_NA), PEOPLE)
    assert codes(twice) == [(2, "教师编号", "row_twice"), (4, "教师编号", "row_twice")]
    assert [row.row["id"] for row in twice.rows] == ["T002"]
    assert "与第 4 行重复" in twice.errors[0].say("zh")


def test_a_name_that_is_not_the_ids_names_both(tmp_path, session):
    """The id decides; dots and blanks in a name do not matter, another name does."""
    people = read_sheet(
        xlsx(tmp_path / "a.xlsx", HEADER, LI_NA, ["T002", "阿依·古丽", None, "数学", 5]), PEOPLE
    )
    PEOPLE.save(session, [row.row for row in people.rows])
    sheet = xlsx(tmp_path / "b.xlsx", ["教师编号", "姓名"], ["T001", "王伟"], ["T002", "阿依•古丽"])
    (error,) = STATED.check(read_sheet(sheet, STATED).rows, session)
    assert (error.row, error.column) == (2, "姓名")
    assert "“王伟”" in error.advice("zh")
    assert '"李娜"' in error.advice("en")


def test_headers_missing_unknown_twice_and_nameless(tmp_path):
    header = ["教师编号", "姓名", "学科主教", "教龄", "教龄", "爱好", None]
    path = xlsx(tmp_path / "a.xlsx", header, ["T1", "a", "语文", 3, 4, "x", "y"])
    parsed = read_sheet(path, PEOPLE)
    assert not parsed.rows
    assert [error.code for error in parsed.errors] == ["header_lacks", "header_twice"]
    wrong = xlsx(
        tmp_path / "c.xlsx", ["教师编号", "姓名", "教龄"], ["T1", "a", "x"], ["T1", "b", 1]
    )
    assert codes(read_sheet(wrong, PEOPLE)) == [(1, "", "header_lacks"), (2, "教龄", "cell_whole")]
    assert "“主教学科”；表头中最接近的是“学科主教”" in parsed.errors[0].say("zh")
    header = [*HEADER, "爱好", None]
    path = xlsx(tmp_path / "b.xlsx", header, [*LI_NA, "x", "y"])
    parsed = read_sheet(path, PEOPLE)
    assert not parsed.errors
    warned = [warning.code for warning in parsed.warnings]
    assert warned == ["header_unknown", "header_nameless", "header_absent"]
    assert "G 列没有表头" in parsed.warnings[1].say("zh")


def test_english_and_decorated_headers_are_understood(tmp_path):
    header = ["*Teacher ID", "姓名（必填）", "ID number", "subject", "years *"]
    parsed = read_sheet(xlsx(tmp_path / "a.xlsx", header, LI_NA), PEOPLE)
    assert parsed.rows[0].row["id"] == "T001"


def test_no_header_is_refused_and_a_late_one_too(tmp_path):
    titles = [[f"标题{n}"] for n in range(10)]
    with pytest.raises(FileRefused) as refused:
        read_sheet(xlsx(tmp_path / "a.xlsx", *titles, HEADER, LI_NA), PEOPLE)
    assert refused.value.code == "header_none"
    assert "教师编号、姓名、主教学科、教龄" in str(refused.value)
    assert read_sheet(xlsx(tmp_path / "b.xlsx", *titles[1:], HEADER, LI_NA), PEOPLE).rows


def test_cells_merged_over_several_rows(tmp_path):
    book = openpyxl.Workbook()
    for row in (HEADER, LI_NA, ["T002", "王伟", None, None, 3]):
        book.active.append(row)
    book.active.merge_cells("D2:D3")
    book.save(tmp_path / "a.xlsx")
    parsed = read_sheet(tmp_path / "a.xlsx", PEOPLE)
    assert codes(parsed) == [(3, "主教学科", "cell_merged")]


def test_the_sheet_that_fits_is_found_and_two_that_fit_are_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["说明", "随便写"])
    for _ in range(2):
        sheet = book.create_sheet()
        sheet.append(HEADER)
        sheet.append(LI_NA)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(FileRefused, match="Sheet1、Sheet2"):
        read_sheet(tmp_path / "a.xlsx", PEOPLE)
    book.remove(book["Sheet2"])
    book.save(tmp_path / "a.xlsx")
    assert len(read_sheet(tmp_path / "a.xlsx", PEOPLE).rows) == 1


def test_an_old_xls_is_read_and_its_formulas_are_seen(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("人员表")
    for r, row in enumerate([HEADER, LI_NA, WANG]):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    book.save(str(tmp_path / "good.xls"))
    parsed = read_sheet(tmp_path / "good.xls", PEOPLE)
    assert [row.row["years"] for row in parsed.rows] == [3, 12]
    sheet.write(3, 0, "T003")
    sheet.write(3, 1, xlwt.Formula('"李"&"强"'))
    book.save(str(tmp_path / "bad.xls"))
    parsed = read_sheet(tmp_path / "bad.xls", PEOPLE)
    assert (4, "姓名", "cell_formula_at") in codes(parsed)


def test_a_repeated_header_is_left_out(tmp_path):
    parsed = read_sheet(xlsx(tmp_path / "a.xlsx", HEADER, LI_NA, HEADER, WANG), PEOPLE)
    assert [s.code for s in parsed.skipped] == ["row_header"]
    assert len(parsed.rows) == 2


def test_an_error_value_is_told_not_taken_for_a_blank(tmp_path):
    """#N/A pasted as a value would read as empty in a column that may be."""
    book = openpyxl.Workbook()
    for row in (HEADER, LI_NA, ["T002", "王伟", "#N/A", "数学", 3]):
        book.active.append(row)
    book.active["C3"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    assert codes(read_sheet(tmp_path / "a.xlsx", PEOPLE)) == [(3, "证件号", "cell_failure")]
    old = xlwt.Workbook()
    sheet = old.add_sheet("a")
    for r, row in enumerate((HEADER, LI_NA)):
        for c, value in enumerate(row):
            sheet.write(r, c, value) if (r, c) != (1, 2) else sheet.row(1).set_cell_error(2, 42)
    old.save(str(tmp_path / "b.xls"))
    assert codes(read_sheet(tmp_path / "b.xls", PEOPLE)) == [(2, "证件号", "cell_failure")]


def test_dates_of_an_old_xls(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for c, value in enumerate([*HEADER, "出生日期"]):
        sheet.write(0, c, value)
    for c, value in enumerate(LI_NA):
        sheet.write(1, c, value)
    sheet.write(1, 5, date(1990, 1, 2), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    book.save(str(tmp_path / "a.xls"))
    assert read_sheet(tmp_path / "a.xls", PEOPLE).rows[0].row["born"] == "1990-01-02"

"""Templates that can be filled in, and sheets that come back."""

import openpyxl
import pytest

from catalog.importing.annotate import annotate
from catalog.importing.rows import read_sheet
from catalog.importing.template import write_rows, write_template
from catalog.offerings import OFFERINGS
from catalog.units import SCHOOLS
from tests.catalog.importing.people import HEADER, LI_NA, PEOPLE, WANG, codes, xlsx
from tests.catalog.test_offerings import course


def test_a_template_filled_in_with_its_own_examples_is_read(tmp_path):
    path = tmp_path / "t.xlsx"
    write_template(OFFERINGS, path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for at, column in enumerate(OFFERINGS.columns, start=1):
        sheet.cell(2, at, column.example or None)
    book.save(path)
    parsed = read_sheet(path, OFFERINGS)
    assert not parsed.errors
    assert parsed.rows[0].row["minutes"] == 24 * 60


def test_a_template_offers_lists_text_cells_and_explanations(tmp_path):
    write_template(SCHOOLS, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet, notes, lists = book.worksheets
    assert sheet.freeze_panes == "B2"
    assert sheet["A1"].number_format == "@"
    assert sheet.column_dimensions["A"].width >= 10
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, lists["E7"].value) == ("'选项'!$E$1:$E$7", "村庄")
    assert "例：S001" in sheet["A1"].comment.text
    assert lists.sheet_state == "hidden"
    explained = [row[0].value for row in notes.iter_rows(min_row=5)]
    assert explained == [column.zh for column in SCHOOLS.columns]
    assert read_sheet(tmp_path / "t.xlsx", SCHOOLS).rows == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_templates_are_the_same_bytes_every_time(tmp_path, lang):
    for name in ("a", "b"):
        write_template(OFFERINGS, tmp_path / name, lang)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_is_stored_comes_out_and_in_again(tmp_path):
    row = course()
    write_rows(OFFERINGS, [row], tmp_path / "t.xlsx")
    parsed = read_sheet(tmp_path / "t.xlsx", OFFERINGS)
    assert not parsed.errors
    assert parsed.rows[0].row == row


def test_the_sheet_comes_back_with_an_error_column(tmp_path):
    """Row 4 has two errors; nothing in the sheet that comes back can run; mended, it is imported."""
    bad = ["T003", "@SUM(A1)", "=1+1", "英文", 3]
    path = xlsx(tmp_path / "a.xlsx", ["教师名册"], HEADER, LI_NA, bad, WANG)
    parsed = read_sheet(path, PEOPLE)
    assert codes(parsed) == [(4, "证件号", "cell_formula_at"), (4, "主教学科", "cell_term")]
    annotate(path, PEOPLE, parsed.errors, tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert sheet["F2"].value == "导入错误"
    assert [sheet[f"F{n}"].value is not None for n in (3, 4, 5)] == [False, True, False]
    assert "证件号: 单元格 C4 是公式" in sheet["F4"].value
    assert "主教学科: 没有“英文”这个选项" in sheet["F4"].value
    assert all(cell.data_type == "s" for row in sheet for cell in row if cell.value is not None)
    assert sheet["B4"].value == "@SUM(A1)"
    sheet.delete_rows(4)
    sheet.parent.save(tmp_path / "c.xlsx")
    mended = read_sheet(tmp_path / "c.xlsx", PEOPLE)
    assert not mended.errors
    assert not mended.warnings
    assert len(mended.rows) == 2
    annotate(tmp_path / "b.xlsx", PEOPLE, parsed.errors, tmp_path / "d.xlsx")
    again = openpyxl.load_workbook(tmp_path / "d.xlsx").active
    assert again.max_column == 6

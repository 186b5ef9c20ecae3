"""Written files: no formula by accident, no time of day."""

import openpyxl

from catalog.importing.workbook import CREATED, new_workbook


def test_texts_stay_texts_and_the_date_is_fixed(tmp_path):
    with new_workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(("=1+1", "@SUM(A1)", "{=1}", "https://example.org", "0012")):
            sheet.write(row, 0, text)
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [cell.data_type for (cell,) in read.active] == ["s"] * 5
    assert read.properties.created == CREATED

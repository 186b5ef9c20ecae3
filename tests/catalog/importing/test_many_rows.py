"""A whole prefecture's roster: 10,000 rows of 15 columns, all of them, in one go."""

import xlsxwriter

from catalog.importing.history import apply
from catalog.importing.plan import plan
from catalog.importing.rows import read_sheet
from catalog.importing.spec import Column, SheetKind
from tests.catalog.importing.people import PEOPLE

WIDE = SheetKind(
    *("X1", "people", "人员表", "people"),
    (*PEOPLE.columns, *(Column(f"x{n}", f"栏{n}", f"field {n}") for n in range(9))),
    *(PEOPLE.key, PEOPLE.check, PEOPLE.load, PEOPLE.save, PEOPLE.remove),
)


def test_ten_thousand_rows_of_fifteen_columns(session, tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "many.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.zh for column in WIDE.columns])
        for n in range(1, 10_001):
            start = [f"T{n:05}", "李娜", f"44122619900{n:06}X", "语文", n % 40, "1990-01-02"]
            sheet.write_row(n, 0, [*start, *["文字"] * 9])
    parsed = read_sheet(tmp_path / "many.xlsx", WIDE)
    assert len(parsed.rows) == 10_000
    assert len(parsed.rows[0].row) == 15
    assert apply(session, plan(session, WIDE, parsed)).added == 10_000
    assert plan(session, WIDE, parsed).unchanged == 10_000

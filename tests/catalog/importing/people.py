"""A toy sheet of people kept in `session.info`, and files made by hand for tests."""

from pathlib import Path

import openpyxl

from catalog.importing import parse
from catalog.importing.names import name_errors
from catalog.importing.spec import Column, SheetKind
from catalog.terms import SUBJECTS

NAME = Column("name", "姓名", "name")


def _kept(session):
    return session.info.setdefault("people", {})


def _save(session, rows):
    _kept(session).update({(row["id"],): row for row in rows})


def _remove(session, keys):
    for key in keys:
        del _kept(session)[key]


PEOPLE = SheetKind(
    "X1",
    "people",
    "人员表",
    "people",
    (
        Column("id", "教师编号", "teacher id", parse.code, example="T001", is_id=True),
        NAME,
        Column("card", "证件号", "id number", parse.code, required=False, is_id=True),
        Column(
            "subject",
            "主教学科",
            "subject",
            SUBJECTS.parse,
            example="语文",
            choices=SUBJECTS.choices,
            show=SUBJECTS.word,
        ),
        Column("years", "教龄", "years", parse.whole(0, 60), example="3"),
        Column("born", "出生日期", "born", parse.iso_date, required=False),
    ),
    ("id",),
    lambda rows, session: iter(()),
    lambda session: dict(_kept(session)),
    _save,
    _remove,
)

STATED = SheetKind(
    "X2",
    "stated",
    "推荐表",
    "ballots",
    (PEOPLE.columns[0], Column("name", "姓名", "name", stored=False)),
    ("id",),
    lambda rows, session: (
        error
        for row in rows
        for error in name_errors(row, NAME, _kept(session).get((row.row["id"],), {}).get("name"))
    ),
    lambda session: {},
    lambda session, rows: None,
    lambda session, keys: None,
)

HEADER = ["教师编号", "姓名", "证件号", "主教学科", "教龄"]
LI_NA = ["T001", "李娜", "44122619900101123X", "语文", 3]
WANG = ["T002", "王伟", "441226198505052345", "数学", 12]


def xlsx(path: Path, *rows: list, sheet: str = "人员表") -> Path:
    """Write rows to an .xlsx file as openpyxl does."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def codes(parsed) -> list[tuple[int, str, str]]:
    """Return row, column and code of every error."""
    return [(error.row, error.column, error.code) for error in parsed.errors]

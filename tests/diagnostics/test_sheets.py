import json

import pytest

from catalog.importing.parse import BadCell
from catalog.importing.spec import NumberedRow
from diagnostics import hers, store
from diagnostics.responses import Rating
from diagnostics.sheets import RATINGS, SHEETS, TEACHERS, identity_number, phone

NUMBER = "11010519491231002X"


def row(**changes):
    return {
        "id": "T9",
        "name": "李娜",
        "id_number": "",
        "school_id": "PV1",
        "stage": "2",
        "subject": "jyt:13",
        "other_subjects": ["x:daofa"],
        "roles": ["10", "23"],
        "title_rank": 2,
        "years": 4,
        "office_years": None,
        "tier": "0",
        "phone": "138****1234",
        "flags": [],
    } | changes


def parsed(kind, **cells):
    """Parse cells as the reader does: blank is the default."""
    return {
        column.key: column.parse(cells[column.key]) if cells.get(column.key) else column.default
        for column in kind.columns
    }


def test_cells_become_codes():
    assert (
        parsed(
            TEACHERS,
            id="T9",
            name="李娜",
            school_id="PV1",
            stage="小学",
            subject="语文",
            other_subjects="道德与法治",
            roles="教师;班主任",
            title_rank="2",
            years="4",
            phone="138 0000 1234",
        )
        == row()
    )


def test_every_column_shows_what_it_read():
    """A template's example can be read, and what is shown can be read again."""
    for kind in SHEETS:
        for column in kind.columns:
            if column.example:
                value = column.parse(column.example)
                assert column.parse(column.show(value)) == value, column.key


def test_the_identity_number_and_the_phone_never_reach_a_row():
    """A row goes to the import log as JSON; neither number is in it."""
    read = parsed(TEACHERS, id="T9", name="李娜", id_number=NUMBER, phone="13800001234")
    assert NUMBER[:17] not in json.dumps(read, ensure_ascii=False)
    assert "13800001234" not in json.dumps(read)
    assert read["id_number"].endswith(":002X")


@pytest.mark.parametrize("cell", ["110105194912310021", "1.10105E+17", "110105491231002"])
def test_a_wrong_identity_number_is_refused(cell):
    with pytest.raises(BadCell) as caught:
        identity_number(cell)
    assert (caught.value.code, caught.value.room) == ("cell_identity_number", "diagnostics")


def test_a_wrong_phone_is_refused():
    with pytest.raises(BadCell, match="cell_phone"):
        phone("0758-123456")


def test_teachers_are_saved_loaded_and_removed(session):
    TEACHERS.save(session, [row(id_number=identity_number(NUMBER))])
    loaded = TEACHERS.load(session)[("T9",)]
    assert loaded == row(id_number=identity_number(NUMBER))
    assert hers.teacher(session, "T9").subject_codes == ("jyt:13", "x:daofa")
    assert hers.teacher(session, "T9").lineage == ("441226", "441200", "440000")
    TEACHERS.save(session, [row(years=5)])
    assert TEACHERS.load(session)[("T9",)]["years"] == 5
    TEACHERS.remove(session, [("T9",)])
    assert ("T9",) not in TEACHERS.load(session)
    assert [teacher.id for teacher in store.teachers(session)] == ["T1", "T2", "T3"]


def test_wrong_teachers_are_named(session):
    sealed = identity_number(NUMBER)
    rows = [
        NumberedRow(2, row(school_id="X")),
        NumberedRow(3, row(id="T10", other_subjects=["jyt:13"])),
        NumberedRow(4, row(id="T11", id_number=sealed)),
        NumberedRow(5, row(id="T12", id_number=sealed)),
    ]
    errors = list(TEACHERS.check(rows, session))
    assert [(error.row, error.column, error.code) for error in errors] == [
        (2, "学校代码", "no_such_school"),
        (3, "兼教学科", "main_subject_again"),
        (5, "证件号", "identity_number_of"),
    ]
    assert "T11" in errors[2].say()
    assert errors[2].value == "**************002X"


def test_two_people_of_one_name_in_one_school_are_two(session):
    TEACHERS.save(session, [row(), row(id="T10")])
    assert {"T9", "T10"} <= store.teacher_ids(session)
    assert not list(TEACHERS.check([NumberedRow(2, row()), NumberedRow(3, row(id="T10"))], session))


def rating(**changes):
    return {
        "teacher_id": "T1",
        "dimension": "XK2",
        "source": "self",
        "rater": "T1",
        "level": 2,
        "day": None,
    } | changes


def test_ratings_are_read_by_code_or_name():
    read = parsed(
        RATINGS,
        teacher_id="T1",
        dimension="学情分析与教学设计",
        source="自评",
        rater="T1",
        level="2",
        day="2026/6/1",
    )
    assert read == rating(day="2026-06-01")


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("level", "5", "cell_limits"),
        ("source", "领导", "cell_rating_source"),
        ("dimension", "ZZ9", "cell_dimension"),
    ],
)
def test_wrong_rating_cells_are_refused(column, cell, code):
    with pytest.raises(BadCell, match=code):
        RATINGS.column(column).parse(cell)


def test_ratings_are_saved_loaded_and_removed(session):
    both = [rating(), rating(source="observer", rater="OB1", level=1)]
    RATINGS.save(session, both)
    assert list(RATINGS.load(session).values()) == [both[1], both[0]]
    assert hers.ratings(session, "T1") == (
        Rating("T1", "XK2", "observer", "OB1", 1),
        Rating("T1", "XK2", "self", "T1", 2),
    )
    assert hers.ratings(session, "T2") == ()
    RATINGS.remove(session, [("T1", "XK2", "self", "T1")])
    assert list(RATINGS.load(session).values()) == [both[1]]


def test_wrong_ratings_are_named(session):
    rows = [
        NumberedRow(2, rating(teacher_id="T77", rater="T77")),
        NumberedRow(3, rating(rater="T2")),
        NumberedRow(4, rating(source="observer")),
        NumberedRow(5, rating(source="observer", rater="T2")),
    ]
    assert [(error.row, error.code) for error in RATINGS.check(rows, session)] == [
        (2, "no_such_teacher"),
        (3, "rater_of_self"),
        (4, "rater_not_self"),
    ]

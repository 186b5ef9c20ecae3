"""The sheet of answers: a row for each who answered, a column for each item."""

import pytest

from catalog.importing.parse import BadCell
from catalog.importing.spec import NumberedRow
from diagnostics import hers, store
from diagnostics.answer_sheet import answer_sheet
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, ResponseRow
from tests.matching.rounds.factories import county, database, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

SHEET = answer_sheet()


def row(teacher_id="T1", rater="T1", **options):
    names = {name.replace("_", "-"): option for name, option in options.items()}
    blank = {column.key: None for column in SHEET.columns}
    return blank | {"teacher_id": teacher_id, "rater": rater} | names


def wrong(session, *rows):
    numbered = [NumberedRow(number, each) for number, each in enumerate(rows, start=2)]
    return [error.code for error in SHEET.check(numbered, session)]


@pytest.fixture
def session():
    with database(*county(teacher("T1"), teacher("T2"))) as opened:
        yield opened


def test_an_option_is_read_by_its_number_or_its_words_whatever_the_language():
    parse = SHEET.column("SD1-1").parse
    told = ("2", "２", "平常情形能独立做好", "Alone, in everyday situations")
    assert [parse(cell) for cell in told] == [2, 2, 2, 2]
    for cell in ("0", "9", "很好"):
        with pytest.raises(BadCell):
            parse(cell)


def test_who_fills_it_in_reads_the_question_and_its_options():
    help_zh = SHEET.column("SD1-1").help("zh")
    assert help_zh.startswith("讲知识时")
    assert "2 = 平常情形能独立做好" in help_zh


def test_answers_are_saved_loaded_and_removed(session):
    SHEET.save(session, [row(SD1_1=2, XK2_3=4), row(rater="O1", SD1_1=3)])
    assert {key: found["SD1-1"] for key, found in SHEET.load(session).items()} == {
        ("T1", "T1"): 2,
        ("T1", "O1"): 3,
    }
    SHEET.remove(session, [("T1", "O1")])
    assert [each.options for each in store.response_rows(session)] == [{"SD1-1": 2, "XK2-3": 4}]


def test_each_answers_what_is_hers_to_answer(session):
    seen = next(c.key for c in SHEET.columns if c.key.startswith("SD1-O"))
    vignette = next(c.key for c in SHEET.columns if c.key.startswith("SD1-V"))
    assert wrong(session, row(SD1_1=2), row(rater="O1", SD1_1=2)) == []
    assert wrong(session, row(**{seen: 2})) == ["answered_by_others"]
    assert wrong(session, row(rater="O1", **{vignette: 2})) == ["answered_by_herself"]
    assert wrong(session, row("T9", "T9", SD1_1=1), row()) == ["no_such_teacher", "no_answer"]


def test_what_is_answered_over_the_api_counts_beside_the_sheet(session):
    """She answered SD1-1 on paper and again, later, over the API."""
    paper = ResponseRow(teacher_id="T1", rater="T1", options={"SD1-1": 1, "XK2-3": 4})
    asked = DiagnosisRow(
        id="D", teacher_id="T1", framework="common", version=1, seed="s", opened_at="2026-05-20"
    )
    session.add_all([paper, asked])
    session.flush()
    session.add(ItemAnswerRow(diagnosis_id="D", number=1, item="SD1-1", option=3, at=""))
    session.flush()
    (told,) = store.responses(session, "common")
    assert told.options == {"SD1-1": 3, "XK2-3": 4}
    (stored,) = store.responses(session, "digital")
    assert stored.options["SD1-1"] == 1
    assert hers.responses(session, "common", "T2") == ()

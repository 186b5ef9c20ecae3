"""Ballots in: what a teacher may list, and the sentence for everything she may not."""

import pytest

from catalog.importing.parse import BadCell
from catalog.importing.spec import NumberedRow
from matching.rounds.ballots import BALLOTS, CHOICES, choice, opinion
from matching.rounds.store import save_round
from matching.rounds.tables import BallotRow, RoundRow
from tests.matching.rounds.factories import county, course, database, days, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

AUGUST = days("2026-08-03", 2)
ROWS = county(
    teacher("T1", name="李娜"),
    *course("A", AUGUST),
    *course("B", AUGUST),
    *course("K", AUGUST, stages=["1"]),
    *course("Y", AUGUST, max_years=3),
)


def sheet_row(*choices: str, **more: object) -> NumberedRow:
    """Return a parsed row of T1 as the importer hands it over."""
    lines = {column.key: None for column in CHOICES}
    lines |= {column.key: cell for column, cell in zip(CHOICES, choices, strict=False)}
    rest = {"name": "", "school_id": "", "most_sections": None}
    rest |= {"school_opinion": True, "entered_by": ""}
    return NumberedRow(3, {"teacher_id": "T1", **lines, **rest, **more})


def errors(row: NumberedRow, *more_rows) -> list[tuple[str, str]]:
    with database(*ROWS, *more_rows) as session:
        found = list(BALLOTS.check([row], session))
    for error in found:
        assert error.say("zh") != error.say("en")
    return [(error.code, error.column) for error in found]


def a_round(length: int) -> RoundRow:
    return RoundRow(
        id="r",
        title="r",
        year=2026,
        unit_id="441226",
        list_length=length,
        seed_commitment="",
        settings={},
    )


def test_a_good_ballot_passes():
    assert errors(sheet_row("A", "B", name="李娜", school_id="P1")) == []


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (sheet_row("A", teacher_id="T9"), "round_no_teacher", "教师编号"),
        (sheet_row("A", name="李纳"), "round_other_name", "姓名"),
        (sheet_row("A", school_id="P2"), "round_other_school", "学校代码"),
        (sheet_row("A", "Z"), "round_no_section", "志愿2"),
        (sheet_row("A", "B", "A"), "round_listed_twice", "志愿3"),
        (sheet_row("A", "A+B"), "round_listed_twice", "志愿2"),
        (sheet_row("K"), "round_not_eligible", "志愿1"),
        (sheet_row("Y"), "round_not_eligible", "志愿1"),
    ],
)
def test_what_cannot_be_is_said_where_it_stands(row, code, column):
    assert errors(row) == [(code, column)]


def test_the_sentence_names_what_the_section_asks():
    with database(*ROWS) as session:
        (error,) = BALLOTS.check([sheet_row("K")], session)
    assert "学段" in error.say("zh")
    assert "学前" in error.say("zh")


def test_the_list_may_be_as_long_as_the_round_says():
    """Two choices are fine without a round, too long in a round of one."""
    assert errors(sheet_row("A", "B")) == []
    assert errors(sheet_row("A", "B"), a_round(1)) == [("round_list_too_long", "志愿2")]


@pytest.mark.parametrize(
    ("cell", "stored"), [("C01", "C01"), ("C01+C02", "C01+C02"), ("C01 ＋ C02", "C01+C02")]
)
def test_a_bundle_is_written_with_a_plus(cell, stored):
    assert choice(cell) == stored


@pytest.mark.parametrize("cell", ["C01+C01", "C01+", "语文"])
def test_what_is_no_choice_is_refused(cell):
    with pytest.raises(BadCell):
        choice(cell)


def test_a_school_says_yes_or_no():
    assert opinion("同意") is True
    assert opinion("不同意") is False
    with pytest.raises(BadCell):
        opinion("再说")


def test_what_is_saved_comes_back_and_goes():
    """A blank between two choices is closed up; a refusal marks the ballot as returned."""
    with database(*ROWS) as session:
        row = sheet_row("B", "", "A", school_opinion=False, entered_by="教务处", name="李娜").row
        BALLOTS.save(session, [row])
        session.flush()
        stored = session.get(BallotRow, "T1")
        assert (stored.choices, stored.returned) == (["B", "A"], True)
        back = BALLOTS.load(session)[("T1",)]
        assert (back["choice_2"], back["choice_3"], back["name"]) == ("A", None, "李娜")
        assert back["school_opinion"] is False
        BALLOTS.remove(session, [("T1",)])
        assert BALLOTS.load(session) == {}


def test_saving_a_round_again_replaces_it():
    with database(*ROWS) as session:
        save_round(session, a_round(1))
        save_round(session, a_round(4))
        assert session.get(RoundRow, "r").list_length == 4

"""Paper ballots imported from the command line while a round is open, and after its deadline."""

from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter
from sqlmodel import Session, select

from api.commands.imports import Wish, import_files, undo
from api.console import Desk
from api.database import open_database
from api.errors import UserError
from api.migrations import upgrade
from api.tables import EventRow, OutboxRow
from diagnostics.sheets import TEACHERS
from diagnostics.tables import TeacherRow
from matching.rounds.errors import BadRound
from matching.rounds.life import handing, moves
from matching.rounds.life.tables import HandInRow
from matching.rounds.tables import BallotRow, RoundRow
from tests.matching.rounds.factories import add
from tests.matching.rounds.life.factories import ROUND, call, county, draft

NOW = datetime.now(UTC)
"""The command line asks the clock of the machine, so the round is open around now."""


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "county.db", "zh")


@pytest.fixture
def engine(desk):
    upgrade(desk.db)
    engine = open_database(desk.db)
    with Session(engine) as session:
        add(session, *county())
        draft(session)
        opens, closes = NOW - timedelta(days=1), NOW + timedelta(days=1)
        moves.announce(session, call(at=opens), ROUND, opens, closes)
        moves.open_(session, call(at=opens), ROUND)
        handing.hand_in(session, call("teacher", "T1", NOW), ROUND, "T1", ["A"], None, 0)
        session.commit()
    yield engine
    engine.dispose()


def sheet(path, *rows):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for number, row in enumerate((("教师编号", "志愿1", "学校意见"), *rows)):
            page.write_row(number, 0, row)
    return path


def entered(engine) -> dict[str, tuple[list[str], str]]:
    with Session(engine) as session:
        rows = session.exec(select(HandInRow).order_by(HandInRow.teacher_id))
        return {row.teacher_id: (row.lines, row.entered_by) for row in rows}


def test_a_sheet_goes_into_the_open_round_and_everybody_named_is_told(desk, engine, tmp_path):
    path = sheet(tmp_path / "推荐表.xlsx", ("T2", "B", "同意"), ("T3", "C", ""))
    import_files(desk, [path], Wish(yes=True, quiet=True))
    assert entered(engine) == {"T1": (["A"], ""), "T2": (["B"], "P1"), "T3": (["C"], "P1")}
    with Session(engine) as session:
        assert [row.kind for row in session.exec(select(EventRow))] == ["ballot.adopted"]
        told = session.exec(select(OutboxRow).order_by(OutboxRow.person))
        assert [(row.person, row.kind) for row in told] == [
            ("T2", "ballot_changed"),
            ("T3", "ballot_changed"),
        ]


def test_the_same_sheet_again_leaves_what_she_has_changed_since(desk, engine, tmp_path):
    path = sheet(tmp_path / "推荐表.xlsx", ("T2", "B", "同意"))
    import_files(desk, [path], Wish(yes=True, quiet=True))
    with Session(engine) as session:
        handing.hand_in(session, call("teacher", "T2", NOW), ROUND, "T2", ["D"], None, 1)
        session.commit()
    import_files(desk, [path], Wish(yes=True, quiet=True))
    assert entered(engine)["T2"] == (["D"], "")


def test_after_the_deadline_nothing_of_a_sheet_is_stored(desk, engine, tmp_path):
    """Before the clock has closed the round, and after."""
    path = sheet(tmp_path / "推荐表.xlsx", ("T2", "B", "同意"))
    with Session(engine) as session:
        row = session.get_one(RoundRow, ROUND)
        row.closes_at = moves.stamp(NOW - timedelta(hours=1))
        session.commit()
    with pytest.raises(BadRound, match="截止"):
        import_files(desk, [path], Wish(yes=True, quiet=True))
    with Session(engine) as session:
        moves.close(session, call(at=NOW), ROUND)
        session.commit()
    with pytest.raises(UserError):
        import_files(desk, [path], Wish(yes=True, quiet=True))
    with Session(engine) as session:
        assert session.exec(select(BallotRow)).all() == []
    assert list(entered(engine)) == ["T1"]


def papers(engine) -> set[str]:
    with Session(engine) as session:
        return {row.teacher_id for row in session.exec(select(BallotRow))}


def test_a_sheet_and_the_round_it_goes_into_are_changed_in_one_transaction(
    desk, engine, tmp_path, monkeypatch
):
    """Killed between the two, neither the sheet nor the ballots are there."""
    path = sheet(tmp_path / "推荐表.xlsx", ("T2", "B", "同意"))
    monkeypatch.setattr("matching.rounds.life.papers.adopt", killed)
    with pytest.raises(KeyboardInterrupt):
        import_files(desk, [path], Wish(yes=True, quiet=True))
    assert papers(engine) == set()
    assert list(entered(engine)) == ["T1"]


def killed(*_: object):
    raise KeyboardInterrupt


REMOVE = Wish(yes=True, quiet=True, remove_missing=True)


def two_sheets(desk, tmp_path):
    """Import the sheets of T2 and T3, and return one that lacks T2."""
    both = sheet(tmp_path / "two.xlsx", ("T2", "B", "同意"), ("T3", "C", ""))
    import_files(desk, [both], Wish(yes=True, quiet=True))
    return sheet(tmp_path / "one.xlsx", ("T3", "C", ""))


def test_a_sheet_that_is_removed_withdraws_its_ballot_and_she_is_told(desk, engine, tmp_path):
    import_files(desk, [two_sheets(desk, tmp_path)], REMOVE)
    assert entered(engine)["T2"][0] == []
    assert entered(engine)["T3"][0] == ["C"]
    with Session(engine) as session:
        kinds = [row.kind for row in session.exec(select(EventRow).order_by(EventRow.seq))]
        assert kinds == ["ballot.adopted", "ballot.withdrawn"]
        told = session.exec(select(OutboxRow).where(OutboxRow.person == "T2")).all()
        assert [row.kind for row in told] == ["ballot_changed", "ballot_changed"]
        mine = session.get_one(HandInRow, (ROUND, "T2"))
        assert (mine.handed_in, mine.version) == (False, 2)


def test_what_she_has_handed_in_herself_outlives_her_sheet(desk, engine, tmp_path):
    shorter = two_sheets(desk, tmp_path)
    with Session(engine) as session:
        handing.hand_in(session, call("teacher", "T2", NOW), ROUND, "T2", ["D"], None, 1)
        session.commit()
    import_files(desk, [shorter], REMOVE)
    assert entered(engine)["T2"] == (["D"], "")
    assert papers(engine) == {"T3"}


def test_undoing_an_import_of_sheets_takes_its_ballots_back(desk, engine, tmp_path):
    import_files(desk, [two_sheets(desk, tmp_path)], Wish(yes=True, quiet=True))
    changed = sheet(tmp_path / "changed.xlsx", ("T2", "D", "同意"), ("T4", "A", ""))
    import_files(desk, [changed], Wish(yes=True, quiet=True))
    undo(desk)
    assert entered(engine)["T2"][0] == ["B"]
    assert entered(engine)["T4"][0] == []
    assert papers(engine) == {"T2", "T3"}


def test_once_the_round_is_closed_no_sheet_takes_a_ballot_back(desk, engine, tmp_path):
    two_sheets(desk, tmp_path)
    with Session(engine) as session:
        session.get_one(RoundRow, ROUND).state = "school_review"
        session.commit()
    nothing = sheet(tmp_path / "none.xlsx")
    with pytest.raises(BadRound) as refused:
        import_files(desk, [nothing], REMOVE)
    assert refused.value.values["teachers"] == ("T2", "T3")
    assert papers(engine) == {"T2", "T3"}
    assert entered(engine)["T2"][0] == ["B"]


def roster(path, *ids):
    """Return a sheet of the teachers of P1."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [column.zh for column in TEACHERS.columns])
        same = {"school_id": "P1", "stage": "小学", "subject": "语文", "years": "10"}
        for number, id in enumerate(ids, 1):
            row = same | {"id": id, "name": f"教师{id}"}
            page.write_row(number, 0, [row.get(column.key, "") for column in TEACHERS.columns])
    return path


def test_a_teacher_with_a_ballot_is_not_removed_and_the_refusal_names_her(desk, engine, tmp_path):
    """T1 has handed in; T6 has not, and may leave the roster."""
    with pytest.raises(UserError) as refused:
        import_files(desk, [roster(tmp_path / "t.xlsx", "T2", "T3", "T4", "T5", "T6")], REMOVE)
    assert "教师T1 (T1)" in refused.value.say("zh")
    assert ROUND in refused.value.say("en")
    import_files(desk, [roster(tmp_path / "u.xlsx", "T1", "T2", "T3", "T4", "T5")], REMOVE)
    with Session(engine) as session:
        assert session.get(TeacherRow, "T6") is None
        assert session.get(TeacherRow, "T1") is not None

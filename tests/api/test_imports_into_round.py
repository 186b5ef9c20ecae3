"""Paper ballots imported from the command line while a round is open, and after its deadline."""

from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter
from sqlmodel import Session, select

from api.commands.imports import Wish, import_files
from api.console import Desk
from api.database import open_database
from api.errors import UserError
from api.migrations import upgrade
from api.tables import EventRow, OutboxRow
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

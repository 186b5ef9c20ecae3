"""Sheets of paper ballots and the round that follows them, in one transaction or not at all."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from api.unit_of_work import Office
from matching.rounds.errors import BadRound
from matching.rounds.life import handing, moves, papers
from matching.rounds.life.tables import HandInRow
from matching.rounds.tables import RoundRow
from tests.matching.rounds.factories import add, ballot
from tests.matching.rounds.life.factories import (
    AFTER,
    OPENS,
    ROUND,
    announce,
    call,
    close,
    county,
    opened_round,
)

T1, T2 = ballot("T1", "A"), ballot("T2", "B", most_sections=1)


def entered(session) -> dict[str, tuple[list[str], bool]]:
    rows = session.exec(select(HandInRow).order_by(HandInRow.teacher_id))
    return {row.teacher_id: (row.lines, row.handed_in) for row in rows}


def test_a_round_and_its_paper_ballots_are_opened_in_one_transaction(engine, monkeypatch):
    """Killed after the ballots were taken over, the round is not open either."""
    with Session(engine) as session:
        add(session, *county(T1, T2))
        announce(session)
        session.commit()
    who = call(at=OPENS)
    with Office(engine) as office:
        with monkeypatch.context() as patch:
            patch.setattr(moves, "told_of_paper", killed)
            with pytest.raises(KeyboardInterrupt):
                office.do(who, lambda opened: moves.open_(opened, who, ROUND))
        with Session(engine) as session:
            assert session.get_one(RoundRow, ROUND).state == "announced"
            assert entered(session) == {}
        office.do(who, lambda opened: moves.open_(opened, who, ROUND))
    with Session(engine) as session:
        assert session.get_one(RoundRow, ROUND).state == "open"
        assert entered(session) == {"T1": (["A"], True), "T2": (["B"], True)}


def killed(*_: object):
    raise KeyboardInterrupt


@pytest.mark.usefixtures("dialect")
class TestRemoved:
    """What becomes of ballots whose sheets are removed."""

    def test_they_are_withdrawn_and_their_teachers_told(self):
        with opened_round(T1, T2) as session:
            (told,) = papers.follow(session, call(actor="教务"), ROUND, (), {"T2": T2})
            assert told.kind == "ballot.withdrawn"
            assert [(note.person, note.kind) for note in told.notices] == [("T2", "ballot_changed")]
            assert entered(session) == {"T1": (["A"], True), "T2": ([], False)}
            mine = session.get_one(HandInRow, (ROUND, "T2"))
            assert (mine.version, mine.entered_by) == (2, "教务")
            assert told.body["rows"][0]["after"] == mine.model_dump()

    def test_what_was_handed_in_since_stays(self):
        with opened_round(T1, T2) as session:
            mine = (session, call("teacher", "T2"), ROUND, "T2", ["D"], None, 1)
            handing.hand_in(*mine)
            assert papers.follow(session, call(), ROUND, (), {"T2": T2}) == ()
            assert entered(session)["T2"] == (["D"], True)

    def test_nothing_is_withdrawn_once_the_round_takes_no_ballots(self):
        with opened_round(T1, T2) as session:
            late = (session, call(at=AFTER), ROUND, (), {"T1": T1})
            with pytest.raises(BadRound) as over:
                papers.follow(*late)
            assert over.value.code == "life_deadline_past"
            close(session)
            with pytest.raises(BadRound) as closed:
                papers.follow(*late)
            assert (closed.value.code, closed.value.values["teachers"]) == (
                "life_sheets_rest",
                ("T1",),
            )

    def test_a_round_of_another_county_is_not_followed(self):
        with opened_round(T1) as session, pytest.raises(BadRound) as stranger:
            papers.follow(session, call("county", "441284"), ROUND, (), {"T1": T1})
        assert stranger.value.code == "life_no_round"

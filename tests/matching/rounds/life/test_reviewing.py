"""What schools say to ballots: approved, returned with a reason, and handed in anew."""

import pytest

from matching.rounds import store as rounds_store
from matching.rounds.errors import BadRound
from matching.rounds.life import handing, reviewing, store
from tests.matching.rounds.life.factories import (
    AFTER,
    CLOSES,
    HOUR,
    ROUND,
    call,
    close,
    opened_round,
    seal,
    settings,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

REVIEW = AFTER + HOUR
SCHOOL = call("school", "P1", REVIEW)


def hand_in(session, id="T1", version=0):
    return handing.hand_in(session, call("teacher", id), ROUND, id, ["A"], None, version)


def refusal(command, *arguments, **more) -> str:
    with pytest.raises(BadRound) as refused:
        command(*arguments, **more)
    assert refused.value.say("zh") != refused.value.say("en")
    return refused.value.code


def ballots(session, **changes):
    loaded = rounds_store.load(session, settings(**changes)).ballots
    return {id: not ballot.returned for id, ballot in loaded.items()}


def test_a_returned_ballot_does_not_count_until_she_hands_it_in_anew():
    with opened_round() as session:
        hand_in(session)
        close(session)
        told = reviewing.return_(session, SCHOOL, ROUND, "T1", "与期末监考冲突")
        assert (told.kind, told.answer["school"]) == ("ballot.returned", "returned")
        (note,) = told.notices
        assert (note.kind, note.values["reason"]) == ("ballot_changed", "与期末监考冲突")
        assert ballots(session) == {"T1": False}
        hers = call("teacher", "T1", REVIEW)
        amended = handing.amend(session, hers, ROUND, "T1", ["C"], None, 2)
        assert (amended.answer["version"], amended.answer["school"]) == (3, "pending")
        assert ballots(session) == {"T1": True}


def test_a_ballot_that_was_not_returned_stays_as_it_is_after_closing():
    with opened_round() as session:
        hand_in(session)
        close(session)
        hers = (session, call("teacher", "T1", REVIEW), ROUND, "T1", ["C"], None, 1)
        assert refusal(handing.amend, *hers) == "life_not_returned"
        reviewing.approve(session, SCHOOL, ROUND, "T1")
        assert refusal(handing.amend, *hers[:-1], 2) == "life_not_returned"


def test_a_return_needs_a_reason_and_an_approval_none():
    with opened_round() as session:
        hand_in(session)
        school = call("school", "P1")
        code = refusal(reviewing.return_, session, school, ROUND, "T1", " ")
        assert code == "life_return_reason"
        told = reviewing.approve(session, school, ROUND, "T1")
        assert (told.answer["school"], told.notices) == ("approved", ())


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (call("school", "P2"), "life_no_teacher"),
        (call("teacher", "T2"), "life_no_teacher"),
        (call("institution", "I1"), "life_no_teacher"),
        (call("county", "441284"), "life_no_teacher"),
        (call("teacher", "T1"), "life_school_decides"),
    ],
)
def test_only_her_school_decides(who, code):
    with opened_round() as session:
        hand_in(session)
        assert refusal(reviewing.approve, session, who, ROUND, "T1") == code
        assert refusal(reviewing.return_, session, who, ROUND, "T1", "r") == code


def test_what_was_changed_after_reading_is_read_again():
    with opened_round() as session:
        hand_in(session)
        school = call("school", "P1")
        hand_in(session, version=1)
        late = {"expected_version": 1}
        assert refusal(reviewing.approve, session, school, ROUND, "T1", **late) == "life_stale"
        reviewing.approve(session, school, ROUND, "T1", expected_version=2)
        hand_in(session, version=3)
        assert store.hand_in(session, ROUND, "T1").school == "pending"


def test_what_was_not_handed_in_is_not_reviewed():
    with opened_round() as session:
        assert refusal(reviewing.approve, session, call("school", "P1"), ROUND, "T1") == (
            "life_no_ballot"
        )


def test_after_sealing_nothing_is_reviewed_or_amended():
    with opened_round() as session:
        hand_in(session)
        reviewing.return_(session, call("school", "P1"), ROUND, "T1", "r")
        seal(session)
        assert refusal(reviewing.approve, session, SCHOOL, ROUND, "T1") == "life_not_reviewing"
        hers = (session, call("teacher", "T1", REVIEW), ROUND, "T1", ["C"], None, 2)
        assert refusal(handing.amend, *hers) == "life_not_open"


def test_where_the_round_asks_for_approval_a_pending_ballot_does_not_count():
    with opened_round(approval=True) as session:
        for id in ("T1", "T2"):
            hand_in(session, id)
        reviewing.approve(session, call("school", "P1"), ROUND, "T2")
        assert ballots(session, approval=True) == {"T1": False, "T2": True}
        assert ballots(session) == {"T1": True, "T2": True}
        seal(session)
        assert store.snapshot(session, ROUND).ballots == 1
        assert CLOSES < REVIEW

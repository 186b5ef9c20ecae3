"""Who was there is marked by half-day, and becomes hours after two approvals by two people."""

from __future__ import annotations

import pytest

from diagnostics import store as diagnosed
from diagnostics.credit.ledger import balance
from matching.rounds.errors import BadRound
from matching.rounds.life import marking, places, posting
from matching.rounds.life.tables import MarkRow
from tests.matching.rounds.life.factories import COUNTY, ROUND, call, row, two
from tests.matching.rounds.life.factories_seats import MONDAY, running_round

pytestmark = pytest.mark.usefixtures("dialect")

TAUGHT = MONDAY.replace(month=8, day=20)
A_HALVES = ["2026-08-03 AM", "2026-08-03 PM", "2026-08-04 AM", "2026-08-04 PM"]


def refused(code, command, *arguments):
    with pytest.raises(BadRound) as caught:
        command(*arguments)
    assert caught.value.code == code, caught.value
    assert caught.value.say("en")
    return caught.value


def institution(at=TAUGHT, id="I1"):
    return call("institution", id, at, actor="机构")


def office(actor, at=TAUGHT):
    return call("county", COUNTY, at, actor=actor)


def test_hours_are_240_minutes_for_each_half_day_that_was_attended():
    """T1 came to three half-days of four and missed one, T2 was excused from two."""
    with running_round({"T1": ["A"], "T2": ["A"], "T3": ["D"]}) as session:
        here = dict.fromkeys(A_HALVES, "present")
        marks = {
            "T1": here | {A_HALVES[3]: "absent"},
            "T2": here | dict.fromkeys(A_HALVES[:2], "excused"),
        }
        marking.mark_all(session, institution(), ROUND, "A", marks)
        marking.mark_all(session, institution(), ROUND, "D", {"T3": {}})
        marking.evaluate(session, call(at=TAUGHT), ROUND)
        assert approved(session, "A") == 240 * (3 + 2)
        lines = diagnosed.ledger_lines(session, {"T1", "T2"})
        assert {(line.teacher_id, line.minutes, line.approvers) for line in lines} == {
            ("T1", 720, ("初审", "终审")),
            ("T2", 480, ("初审", "终审")),
        }
        refused("life_not_posted", posting.post, session, two(TAUGHT), ROUND)
        assert approved(session, "D") == 480
        posting.post(session, two(TAUGHT), ROUND)
        assert row(session).state == "posted"


def approved(session, section):
    """Submit a section, approve it twice and return the minutes posted."""
    posting.submit(session, institution(), ROUND, section)
    posting.approve_first(session, office("初审"), ROUND, section)
    people = set(marking.holders(session, ROUND, section))
    assert balance(diagnosed.ledger_lines(session, people)) == 0, "one approval is not enough"
    happened = posting.approve_second(session, office("终审"), ROUND, section)
    assert happened.answer["state"] == "posted"
    return happened.answer["minutes"]


def test_only_whom_it_concerns_is_marked_by_whom_it_concerns():
    with running_round({"T1": ["A"], "T2": ["A"], "T3": ["D"]}) as session:
        one = (ROUND, "A", "T1", "2026-08-03", "am", "present")
        happened = marking.mark(session, institution(), *one)
        assert happened.body["rows"][0]["after"]["mark"] == "present"
        mine = (session, institution(), ROUND, "A")
        refused("life_not_seated", marking.mark, *mine, "T3", "2026-08-03", "am", "present")
        refused("life_no_half_day", marking.mark, *mine, "T1", "2026-08-09", "am", "present")
        refused("life_no_half_day", marking.mark, *mine, "T1", "", "", "present")
        refused("life_no_mark", marking.mark, *mine, "T1", "2026-08-03", "am", "late")
        refused("life_no_section", marking.mark, session, institution(id="I2"), *one)
        refused("life_role", marking.mark, session, call("teacher", "T1", TAUGHT), *one)
        early = institution(TAUGHT.replace(day=2))
        refused("life_not_held_yet", marking.mark, session, early, *one)


def test_a_mark_is_corrected_until_it_is_submitted():
    with running_round({"T1": ["A"]}) as session:
        one = (session, institution(), ROUND, "A", "T1", "2026-08-03", "am")
        marking.mark(*one, "absent")
        marking.mark(*one, "present")
        assert session.get_one(MarkRow, (ROUND, "A", "T1", "2026-08-03", "am")).mark == "present"
        problem = refused("life_marks_missing", posting.submit, *one[:4])
        assert problem.values["sections"] == ("A (3)",)
        evaluated = (session, call(at=TAUGHT), ROUND)
        refused("life_marks_missing", marking.evaluate, *evaluated)
        marks = {"T1": dict.fromkeys(A_HALVES, "present")}
        marking.mark_all(session, institution(), ROUND, "A", marks)
        posting.submit(session, institution(), ROUND, "A")
        refused("life_submitted", marking.mark, *one, "absent")
        refused("life_submitted", posting.submit, *one[:4])


def test_a_mark_is_not_written_over_one_that_was_not_seen():
    """Two clerks look at an empty roll; the second is told that the first was there."""
    with running_round({"T1": ["A"]}) as session:
        mine = (session, institution(), ROUND, "A")
        first = marking.mark_all(*mine, {"T1": {A_HALVES[0]: "absent"}}, expected_version=0)
        again = {"T1": {A_HALVES[0]: "present"}}
        with pytest.raises(BadRound) as late:
            marking.mark_all(*mine, again, expected_version=0)
        assert late.value.code == "life_marks_changed"
        seen = first.answer["version"]
        marking.mark_all(*mine, again, expected_version=seen)
        assert session.get_one(MarkRow, (ROUND, "A", "T1", "2026-08-03", "am")).mark == "present"


def test_three_people_stand_behind_every_hour():
    with running_round({"T1": ["A"]}) as session:
        marks = {"T1": dict.fromkeys(A_HALVES, "present")}
        marking.mark_all(session, institution(), ROUND, "A", marks)
        approve = (ROUND, "A")
        refused("life_not_to_approve", posting.approve_first, session, office("甲"), *approve)
        posting.submit(session, institution(), *approve)
        refused("life_not_to_approve", posting.approve_second, session, office("乙"), *approve)
        refused("life_role", posting.approve_first, session, institution(), *approve)
        refused("life_approved_before", posting.approve_first, session, office("机构"), *approve)
        posting.approve_first(session, office("甲"), *approve)
        refused("life_approved_before", posting.approve_second, session, office("甲"), *approve)
        posting.approve_second(session, office("乙"), *approve)
        refused("life_not_to_approve", posting.approve_second, session, office("丙"), *approve)


def test_a_section_whose_hours_are_submitted_is_over():
    """T1 lost A and waits for B, where a seat is free; but T5 was marked there, and B is submitted."""
    with running_round({"T1": ["A", "B"], "T5": ["B"]}) as session:
        marks = {"T5": dict.fromkeys(A_HALVES, "present")}
        marking.mark_all(session, institution(), ROUND, "B", marks)
        posting.submit(session, institution(), ROUND, "B")
        why = call(at=TAUGHT, reason="停课")
        refused("life_submitted", places.cancel_section, session, why, ROUND, "B")
        cancelled = places.cancel_section(session, why, ROUND, "A")
        assert cancelled.answer["again"] == [["T1", []]]
        posting.approve_first(session, office("甲"), ROUND, "B")
        posting.approve_second(session, office("乙"), ROUND, "B")
        assert balance(diagnosed.ledger_lines(session, {"T1", "T5"})) == 4 * 240


def test_who_never_came_earns_nothing():
    with running_round({"T1": ["A"], "T3": ["D"]}) as session:
        marks = {"T1": dict.fromkeys(A_HALVES, "absent")}
        marking.mark_all(session, institution(), ROUND, "A", marks)
        marking.mark(session, institution(), ROUND, "D", "T3", "", "", "absent")
        for section in ("A", "D"):
            posting.submit(session, institution(), ROUND, section)
            posting.approve_first(session, office("甲"), ROUND, section)
            done = posting.approve_second(session, office("乙"), ROUND, section)
            assert (done.answer["lines"], done.answer["minutes"]) == (0, 0)

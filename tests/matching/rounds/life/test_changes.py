"""A section is cancelled, a teacher changes schools: who goes where, and what stays with her."""

from __future__ import annotations

import pytest
from sqlmodel import select

from catalog.tables import SectionRow
from diagnostics import store as diagnosed
from matching.rounds.errors import BadRound
from matching.rounds.life import marking, places, posting
from matching.rounds.life.notices import Wording
from matching.rounds.life.phases import word
from matching.rounds.life.roll import holders, parts_of
from matching.rounds.life.tables import PlaceRow
from matching.rules import RULES
from matching.waitlist import NO_CHOICE
from tests.matching.rounds.factories import course, days, school
from tests.matching.rounds.life.factories import COUNTY, HOUR, ROUND, call, row
from tests.matching.rounds.life.factories_seats import FINAL, MONDAY, final_round, running_round

pytestmark = pytest.mark.usefixtures("dialect")

X_HALVES = days("2026-09-07", 2)
"""A Monday and a Tuesday in term."""
Z_HALVES = days("2026-09-12", 2)
"""The weekend after, when nobody is away from school."""
MORE = (
    *(school("P1"), school("P2"), school("P3", release_max=0)),
    *course("X", X_HALVES, capacity=2),
    *course("Z", Z_HALVES, capacity=3),
)
BALLOTS = {"T1": ["X", "Z"], "T2": ["X"], "T5": ["Z"]}
MONDAY_NIGHT = MONDAY.replace(month=9, day=7, hour=14)
TUESDAY = MONDAY.replace(month=9, day=8, hour=1)
"""Nine in the morning in Beijing: three half-days of X have begun."""
SUNDAY = MONDAY.replace(month=9, day=13, hour=12)


def refused(code, command, *arguments, **more):
    with pytest.raises(BadRound) as caught:
        command(*arguments, **more)
    assert caught.value.code == code, caught.value
    assert caught.value.say("zh") != caught.value.say("en")
    return caught.value


def why(at=TUESDAY):
    return call(at=at, reason="调动")


def mark(session, section, at=SUNDAY, **people):
    """Let the institution say who was there: half-days that were attended of those that are named."""
    marks = {
        teacher: {half: "present" if here else "absent" for half, here in said.items()}
        for teacher, said in people.items()
    }
    return marking.mark_all(session, call("institution", "I1", at), ROUND, section, marks)


def post(session, section):
    """Submit a section, approve it twice, and return teacher -> minutes."""
    posting.submit(session, call("institution", "I1", SUNDAY), ROUND, section)
    for officer, step in (("甲", posting.approve_first), ("乙", posting.approve_second)):
        step(session, call("county", COUNTY, SUNDAY, actor=officer), ROUND, section)
    lines = diagnosed.ledger_lines(session, set(BALLOTS))
    mine = [line for line in lines if line.evidence == f"{ROUND}/{section}"]
    return {line.teacher_id: line.minutes for line in mine}


def all_of(halves):
    return dict.fromkeys(halves, True)


def held(session, teacher):
    mine = select(PlaceRow.section_id).where(PlaceRow.teacher_id == teacher)
    return sorted(session.exec(mine))


def test_who_is_transferred_keeps_the_half_days_she_attended():
    """T1 was in X for three half-days when she moved to a school that lets nobody go; she goes on in Z."""
    with running_round(BALLOTS, *MORE, most=1) as session:
        mark(session, "X", MONDAY_NIGHT, T1=all_of(X_HALVES[:2]), T2=all_of(X_HALVES[:2]))
        told = places.transfer(session, why(), ROUND, "T1", "P3")
        assert (told.answer["fallen"], told.answer["again"]) == (["X"], [["T1", ["Z"]]])
        assert held(session, "T1") == ["Z"]
        problem = refused("life_marks_missing", marking.evaluate, session, call(at=SUNDAY), ROUND)
        assert problem.values["sections"] == ("X (3)", "Z (8)")
        late = {X_HALVES[3]: True}
        refused("life_not_in_then", mark, session, "X", T1=late)
        mark(session, "X", T1=all_of(X_HALVES[2:3]), T2=all_of(X_HALVES))
        mark(session, "Z", T1=all_of(Z_HALVES), T5=all_of(Z_HALVES))
        marking.evaluate(session, call(at=SUNDAY), ROUND)
        assert post(session, "X") == {"T1": 3 * 240, "T2": 4 * 240}
        assert post(session, "Z") == {"T1": 4 * 240, "T5": 4 * 240}


def test_who_is_transferred_is_told_what_she_keeps_loses_and_gets_each_time():
    with running_round(BALLOTS, *MORE, most=1) as session:
        first = places.transfer(session, why(), ROUND, "T1", "P2").notices
        second = places.transfer(session, why(), ROUND, "T1", "P3").notices
        assert [note.person for note in (*first, *second)] == ["T1", "T1"]
        assert first[0].reference != second[0].reference
        assert first[0].values["stay"] == ["X"]
        said = second[0].values
        assert (said["stay"], said["lost"], said["given"]) == ([], ["X"], ["Z"])
        for lang, reason in (("zh", "（调动）"), ("en", "(调动)")):
            letter = Wording(session, ROUND).message("transfer", "T1", said, lang)
            assert reason in letter.body
            assert "X" in letter.body
            assert "Z" in letter.body


def test_what_she_missed_of_those_half_days_is_not_posted():
    with running_round(BALLOTS, *MORE, most=1) as session:
        places.transfer(session, why(), ROUND, "T1", "P3")
        mark(session, "X", T1=all_of(X_HALVES[:3]) | {X_HALVES[1]: False}, T2=all_of(X_HALVES))
        assert post(session, "X") == {"T1": 2 * 240, "T2": 4 * 240}


def test_a_transfer_after_the_hours_were_submitted_takes_none_away():
    with running_round(BALLOTS, *MORE, most=1) as session:
        mark(session, "X", T1=all_of(X_HALVES), T2=all_of(X_HALVES))
        posting.submit(session, call("institution", "I1", SUNDAY), ROUND, "X")
        told = places.transfer(session, why(SUNDAY), ROUND, "T1", "P3")
        assert told.answer["fallen"] == ["X"]
        for officer, step in (("甲", posting.approve_first), ("乙", posting.approve_second)):
            step(session, call("county", COUNTY, SUNDAY, actor=officer), ROUND, "X")
        lines = diagnosed.ledger_lines(session, {"T1", "T2"})
        assert {line.teacher_id: line.minutes for line in lines} == dict(T1=960, T2=960)


def test_a_section_that_is_cancelled_halfway_is_posted_as_far_as_it_went():
    with running_round(BALLOTS, *MORE, most=1) as session:
        told = places.cancel_section(session, why(MONDAY_NIGHT), ROUND, "X")
        assert told.answer["again"] == [[id, ["Z"] if id == "T1" else []] for id in _lot(told)]
        assert "X" in marking.sections_held(session, ROUND)
        first = X_HALVES[:2]
        mark(session, "X", T1=all_of(first), T2={first[0]: True, first[1]: False})
        assert post(session, "X") == {"T1": 480, "T2": 240}


def _lot(told):
    return [teacher for teacher, _ in told.answer["lost"]]


def test_a_section_that_has_not_met_leaves_nothing_behind():
    with running_round(BALLOTS, *MORE, most=1) as session:
        early = TUESDAY.replace(day=6)
        places.transfer(session, why(early), ROUND, "T1", "P3")
        marks = {
            row["teacher_id"] for row in holders(session, ROUND, {}) if row["section_id"] == "X"
        }
        assert marks == {"T2"}


def test_the_sheet_of_the_roll_has_who_left_with_the_days_that_are_hers():
    with running_round(BALLOTS, *MORE, most=1) as session:
        places.transfer(session, why(), ROUND, "T1", "P3")
        rows = {(r["section_id"], r["teacher_id"]): r for r in holders(session, ROUND, {})}
        assert rows["X", "T1"]["days"] == ";".join(X_HALVES[:3])
        assert rows["X", "T2"]["days"] == ""
        assert parts_of(session, ROUND) == {("X", "T1"): X_HALVES[:3]}


def test_a_section_that_has_met_is_offered_to_nobody_who_waits():
    """Three want W, which seats one and meets on Wednesday; what is given up then stays free."""
    more = course("W", days("2026-06-24", 1), capacity=1)
    for day, offered in ((23, True), (24, False)):
        with final_round({"T1": ["W"], "T2": ["W"], "T3": ["W"]}, *more) as session:
            places.open_confirming(session, call(at=MONDAY), ROUND)
            (first,) = [id for id in ("T1", "T2", "T3") if held(session, id)]
            at = FINAL.replace(day=day)
            told = places.decline(session, call("teacher", first, at), ROUND, first, "W")
            assert bool(told.notices) is offered
            assert any(held(session, id) for id in ("T1", "T2", "T3")) is offered


AGAIN = {"T1": ["Y", "X"], "T2": ["X"]}
"""T1 sits in Y, which meets later, and waits for X."""
Y = course("Y", days("2026-09-14", 2), capacity=1)


def test_a_cancelled_section_moves_nobody_into_one_that_has_met():
    with running_round(AGAIN, *MORE, *Y, most=1) as session:
        told = places.cancel_section(session, why(), ROUND, "Y")
        assert told.answer["again"] == [["T1", []]]
        assert told.answer["begun"] == [["T1", ["X"]]]
        assert held(session, "T1") == []
    with running_round(AGAIN, *MORE, *Y, most=1) as session:
        told = places.cancel_section(session, why(TUESDAY.replace(day=6)), ROUND, "Y")
        assert told.answer["again"] == [["T1", ["X"]]]
        assert told.answer["begun"] == []


def test_the_office_may_name_a_section_that_has_met_and_only_what_lies_ahead_counts():
    with running_round(AGAIN, *MORE, *Y, most=1) as session:
        told = places.cancel_section(session, why(), ROUND, "Y", "X")
        assert (told.answer["by_hand"], told.body["reason"]) == ([["T1", ["X"]]], "调动")
        assert held(session, "T1") == ["X"]
        refused("life_not_in_then", mark, session, "X", T1=all_of(X_HALVES[:1]))
        mark(session, "X", T1=all_of(X_HALVES[3:]), T2=all_of(X_HALVES))
        assert parts_of(session, ROUND) == {("X", "T1"): X_HALVES[3:]}
        assert post(session, "X") == {"T1": 240, "T2": 960}


def test_a_section_named_by_hand_is_one_she_waits_for_and_may_take():
    full = course("X", X_HALVES, capacity=1)
    with running_round(AGAIN | {"T5": ["Z"]}, *MORE, *Y, *full, most=1) as session:
        ask = (session, why(), ROUND, "Y")
        refused("life_no_section", places.cancel_section, *ask, "Q")
        session.rollback()
    with running_round(AGAIN | {"T5": ["Z"]}, *MORE, *Y, *full, most=1) as session:
        session.commit()
        refused("life_not_waiting", places.cancel_section, *(session, why(), ROUND, "Y"), "Z")
        session.rollback()
        told = refused("life_not_into", places.cancel_section, session, why(), ROUND, "Y", "X")
        assert told.values["why"] == word("rule", "seat_capacity")
        session.rollback()
        after = (session, why(SUNDAY), ROUND, "Y", "X")
        refused("life_into_over", places.cancel_section, *after)


def test_every_rule_that_may_stand_in_the_way_has_a_word():
    for code in (NO_CHOICE, *(rule.code for rule in RULES)):
        assert set(word("rule", code)) == {"zh", "en"}


def test_a_change_makes_another_version_of_the_round():
    """So a second office that still looks at the round before it is told so."""
    with running_round(BALLOTS, *MORE, most=1) as session:
        before = row(session).version
        first = places.transfer(session, why(), ROUND, "T1", "P2")
        second = places.cancel_section(session, why(), ROUND, "Z")
        assert [first.answer["version"], second.answer["version"]] == [before + 1, before + 2]
        assert row(session).version == before + 2


def test_a_meeting_that_was_put_off_in_the_catalogue_has_not_begun():
    with running_round(AGAIN, *MORE, *Y, most=1) as session:
        session.get_one(SectionRow, "X").meetings = days("2026-09-21", 2)
        session.flush()
        told = places.cancel_section(session, why(TUESDAY + HOUR), ROUND, "Y")
        assert told.answer["again"] == [["T1", ["X"]]]

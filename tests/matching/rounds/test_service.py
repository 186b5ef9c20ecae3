"""A round from ballots to stored, explained seats: two solves, one story."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlmodel import select

from matching.result import Reason
from matching.rounds import store
from matching.rounds.assertions import run
from matching.rounds.attendance import Mark, post, postings
from matching.rounds.errors import BadRound
from matching.rounds.evidence import gather
from matching.rounds.facts import Facts
from matching.rounds.hours import required_bookings
from matching.rounds.service import (
    completable,
    first_round,
    last_round,
    open_round,
    replay,
    run_round,
    schools_named,
    zero_release,
)
from matching.rounds.settings import Required, Share, commitment, with_overrides
from matching.rounds.tables import ReasonRow, RoundRow, SeatRow
from matching.rounds.viewing import round_view
from tests.matching.rounds.factories import (
    ballot,
    county,
    course,
    database,
    days,
    settings,
    teacher,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

FIRST, SECOND, TERM = days("2026-08-03", 5), days("2026-08-10", 5), days("2026-09-07", 5)
MODULE = Required("R", "师德", "zhuanye", 120, ("shide",))
SETTINGS = settings(required=(MODULE,), assigned_cap=1)
ROWS = county(
    teacher("T1"),
    teacher("T2"),
    teacher("T3"),
    *course("A", FIRST, 1, 1),
    *course("B", SECOND, 9, 2),
    ballot("T1", "A"),
    ballot("T2", "A"),
    ballot("T3", "B"),
)
"""Everybody owes 40 h and every section gives 40 h: A has one seat, B needs two people."""


@pytest.fixture
def session():
    with database(*ROWS) as opened:
        yield opened


def stored_seats(session):
    return {(s.teacher_id, s.section_id, s.number, s.kind) for s in session.exec(select(SeatRow))}


def test_round_one_publishes_what_people_chose(session):
    """T1 or T2 gets A, T3 gets B; nobody is told of a seat she did not choose."""
    answer = run_round(session, SETTINGS, 1)
    assert answer.result.status == "optimal"
    assert {kind for *_, kind in stored_seats(session)} == {"chosen"}
    assert len(answer.seats) == 2


def test_round_two_keeps_them_and_assigns_what_is_still_due(session):
    run_round(session, SETTINGS, 1)
    first = stored_seats(session)
    answer = run_round(session, SETTINGS, 2)
    (added,) = stored_seats(session) - first
    assert first < stored_seats(session)
    assert added[1:] == ("B", 2, "assignable")
    assert len(answer.seats) == 3


def test_an_assigned_seat_names_the_rule_that_forced_it(session):
    """Without B she would have 0 of 40 h."""
    run_round(session, SETTINGS, 1)
    run_round(session, SETTINGS, 2)
    rows = [row for row in store.reasons(session, SETTINGS.id) if row.code.startswith("round_")]
    assert [(row.subject, row.code, row.have, row.need) for row in rows] == [
        ("B", "round_assigned_hours", 0, 2400)
    ]


def test_every_choice_missed_has_a_reason_with_numbers(session):
    run_round(session, SETTINGS, 1)
    (reason,) = store.reasons(session, SETTINGS.id)
    assert (reason.subject, reason.code, reason.have, reason.need) == ("A", "full", 1, 1)


def test_round_two_comes_after_round_one(session):
    with pytest.raises(BadRound) as caught:
        run_round(session, SETTINGS, 2)
    assert caught.value.code == "round_no_first"
    with pytest.raises(BadRound):
        run_round(session, SETTINGS, 3)


def test_solving_round_one_again_forgets_round_two(session):
    run_round(session, SETTINGS, 1)
    run_round(session, SETTINGS, 2)
    run_round(session, SETTINGS, 1)
    assert [row.number for row in store.results(session, SETTINGS.id)] == [1]
    assert {number for *_, number, _ in stored_seats(session)} == {1}


def test_the_same_round_has_the_same_digests_again(session):
    run_round(session, SETTINGS, 1)
    run_round(session, SETTINGS, 2)
    pairs = replay(session, SETTINGS)
    assert len(pairs) == 2
    assert all(then == now for then, now in pairs)
    other = replay(session, replace(SETTINGS, seed="another"))
    assert all(then != now for then, now in other)


def test_the_stored_round_promises_the_seed_and_does_not_tell_it(session):
    row = open_round(session, SETTINGS)
    assert row.seed_commitment == commitment(SETTINGS.seed)
    assert SETTINGS.seed not in str(session.get(RoundRow, SETTINGS.id).model_dump())


CITY = Share("city", "市级", "level=city", "", None, 2, False, "half_up")
IN_TERM = county(
    teacher("T1"),
    teacher("T2"),
    teacher("T3"),
    *course("A", FIRST),
    *course("C", TERM, 9, 1, level="city"),
    ballot("T1", "C"),
)


def test_settings_that_clash_are_answered_with_the_schools_and_store_nothing():
    """Two must go to C, which lies in term, and no school lets anybody go."""
    strict = with_overrides(replace(SETTINGS, shares=(CITY,)), release_cap=0)
    with database(*IN_TERM) as session:
        answer = run_round(session, strict, 1)
        assert answer.is_infeasible
        assert schools_named(answer) == ("P1",)
        assert {reason.field for reason in answer.witness} == {"level_share", "school_release"}
        assert [c.code for c in answer.conflicts] == ["round_certain_share"]
        assert "P1" in answer.conflicts[0].say("zh")
        for table in (RoundRow, SeatRow, ReasonRow):
            assert session.exec(select(table)).all() == []
        assert answer.seats == ()


def test_with_leave_the_same_settings_can_be_met():
    """15 % of 20 are three who may be away at once, so two heads are possible."""
    with database(*IN_TERM) as session:
        met = replace(SETTINGS, shares=(CITY,))
        answer = run_round(session, met, 1)
        assert not answer.is_infeasible
        run_round(session, met, 2)
        zero = zero_release(session, met)
        assert (zero.status, zero.schools, zero.seats) == ("infeasible", ("P1",), 0)
        assert len(store.results(session, met.id)) == 2


def test_a_demand_that_only_the_engine_sees_is_found_before_anything_is_stored():
    """Seven people owe 40 h, but A has one seat and B five: nobody can be certain beforehand."""
    rows = county(
        *(teacher(f"T{i}") for i in range(7)), *course("A", FIRST, 1), *course("B", FIRST, 5)
    )
    with database(*rows) as session:
        answer = run_round(session, SETTINGS, 1)
        assert answer.conflicts == ()
        assert answer.is_infeasible
        assert store.results(session, SETTINGS.id) == []
        soft = run_round(session, replace(SETTINGS, hours_strict=False), 1)
        assert not soft.is_infeasible


def test_seats_that_leave_hours_or_shares_short_cannot_be_completed(session):
    answer = first_round(store.load(session, SETTINGS), SETTINGS)
    facts, seats = answer.assembly.facts, answer.result.seats
    assert completable(facts, seats)
    assert not completable(facts, seats[:-1])
    facts.settings = replace(SETTINGS, hours_strict=False)
    assert completable(facts, seats[:-1])


def test_a_share_must_be_met_only_where_it_is_strict(session):
    answer = first_round(store.load(session, SETTINGS), SETTINGS)
    facts = Facts(answer.assembly.facts.stored, replace(SETTINGS, shares=(CITY,)))
    assert not completable(facts, answer.result.seats)
    loose = replace(SETTINGS, shares=(replace(CITY, strict=False),))
    assert completable(Facts(facts.stored, loose), answer.result.seats)


def test_the_view_tells_the_round_as_it_is_stored(session):
    run_round(session, SETTINGS, 1)
    run_round(session, SETTINGS, 2)
    view = round_view(session, SETTINGS, orders=3, synthetic=True)
    assert view.digest == store.results(session, SETTINGS.id)[-1].digest
    assert len(view.baseline) == len(view.cancelled) == 3
    assert [solve.seats for solve in view.solves] == [2, 3]
    (assigned,) = [seat for seat in view.seats if seat.kind == "assignable"]
    assert "学时" in assigned.reason.say("zh")
    missed = [c for t in view.teachers for c in t.choices if not c.got]
    assert [choice.section_id for choice in missed] == ["A"]
    hours = {line.category: (line.due, line.reached) for line in view.teachers[0].hours}
    assert hours["zhuanye"] == (2520, 2520)


def test_a_returned_ballot_is_told_in_the_view():
    rows = [*ROWS, ballot("T3", "B", returned=True)]
    with database(*rows) as session:
        run_round(session, replace(SETTINGS, hours_strict=False), 1)
        view = round_view(session, replace(SETTINGS, hours_strict=False), orders=0)
    (choice,) = view.teacher["T3"].choices
    assert choice.reason.code == "round_returned"
    assert "退回" in choice.reason.say("zh")


def test_a_view_needs_a_result(session):
    with pytest.raises(BadRound) as caught:
        round_view(session, SETTINGS)
    assert caught.value.code == "round_no_result"


def test_evidence_is_gathered_from_the_database_alone(session):
    """Everybody came: 40 h posted for each, 2 h of the module; 公需 and 选修 are missing."""
    run_round(session, SETTINGS, 1)
    run_round(session, SETTINGS, 2)
    stored = store.load(session, SETTINGS)
    marks = tuple(
        Mark(seat.teacher_id, seat.section_id, "came", planned, planned)
        for seat in store.seats(session, SETTINGS.id)
        for planned in [tuple(stored.sections[seat.section_id].meetings)]
    )
    required = required_bookings(SETTINGS, stored.teachers)
    lines = post(session, [*required, *postings(stored, SETTINGS, marks)], "甲", "乙")
    minutes = Counter[str]()
    for line in lines:
        minutes[line.teacher_id] += line.minutes
    assert minutes == dict.fromkeys(("T1", "T2", "T3"), 2520)
    evidence = gather(session, SETTINGS, marks=marks, repeats=replay(session, SETTINGS))
    verdicts = {check.code: check.ok for check in run(evidence)}
    assert {code for code, ok in verdicts.items() if not ok} == {"i1", "i13"}
    assert evidence.certificates == frozenset()


def test_what_was_told_first_stays_while_it_is_true(session):
    """In round 2 every other seat is locked; the reason A was missed is still that A was full."""
    run_round(session, SETTINGS, 1)
    (first,) = store.reasons(session, SETTINGS.id)
    run_round(session, SETTINGS, 2)
    rows = [row for row in store.reasons(session, SETTINGS.id) if row.number == 2]
    kept = [row for row in rows if row.subject == "A"]
    assert [(row.code, row.have, row.detail) for row in kept] == [
        (first.code, first.have, first.detail)
    ]


def test_what_was_told_first_goes_when_it_is_no_longer_true(session):
    """Told that A was closed, which it is not: the reason of round 2 takes its place."""
    run_round(session, SETTINGS, 1)
    (first,) = store.reasons(session, SETTINGS.id)
    stored = store.load(session, SETTINGS)
    published = tuple(store.seats(session, SETTINGS.id))
    told = {(first.teacher_id, "A"): Reason("closed_costly", first.teacher_id, "A", 1, 1, "")}
    answer = last_round(stored, SETTINGS, published, told=told)
    assert "closed_costly" not in {reason.code for reason in answer.reasons}

"""Seats are offered, taken, given up and passed on; by hand on the tiny county."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlmodel import select

from catalog.tables import SectionRow
from matching.rounds.errors import BadRound
from matching.rounds.life import places
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import REBUILT
from matching.rounds.life.tables import LimitRow, PlaceRow, WaitingRow
from tests.matching.rounds.factories import course, days, school
from tests.matching.rounds.life.factories import DAY, HOUR, ROUND, call, row
from tests.matching.rounds.life.factories_seats import FINAL, final_round
from tests.matching.rounds.life.invariants import broken

pytestmark = pytest.mark.usefixtures("dialect")

MONDAY = FINAL.replace(hour=1) + 2 * DAY
CROWD = {"T1": ["A", "D"], "T2": ["A"], "T3": ["A", "D"], "T4": ["A", "D"], "T5": ["A", "C"]}
"""Five want A, which seats two."""


def refused(code, command, *arguments, **more):
    with pytest.raises(BadRound) as caught:
        command(*arguments, **more)
    assert caught.value.code == code, caught.value
    assert caught.value.say("zh")
    assert caught.value.say("en")
    return caught.value


@contextmanager
def confirming(ballots=CROWD, *more, **changes):
    with final_round(ballots, *more, **changes) as session:
        places.open_confirming(session, call(at=MONDAY), ROUND)
        assert broken(session, ROUND) == []
        yield session
        assert broken(session, ROUND) == []


def held(session):
    """Return the seats in words: `A: T1? T2!` is offered to one and confirmed by the other."""
    found: dict[str, list[str]] = {}
    mine = select(PlaceRow).where(PlaceRow.round_id == ROUND).order_by(PlaceRow.number)
    for place in session.exec(mine):
        mark = {"offered": "?", "confirmed": "!", "free": "-"}[place.state]
        found.setdefault(place.section_id, []).append(f"{place.teacher_id or ''}{mark}")
    return {section: " ".join(found[section]) for section in sorted(found)}


def holders(session, section):
    mine = select(PlaceRow.teacher_id).where(PlaceRow.section_id == section)
    return sorted(filter(None, session.exec(mine)))


def queue(session, section, state="waiting"):
    mine = select(WaitingRow).where(WaitingRow.section_id == section, WaitingRow.state == state)
    return [wait.teacher_id for wait in session.exec(mine.order_by(WaitingRow.position))]


def as_teacher(id, at=MONDAY + HOUR):
    return call("teacher", id, at)


def test_everybody_is_offered_her_seat_and_the_order_is_published():
    with confirming() as session:
        assert row(session).state == "confirming"
        assert {len(places_.split()) for places_ in [held(session)["A"]]} == {2}
        assert len(queue(session, "A")) == 3
        ranks = [
            w.rank for w in session.exec(select(WaitingRow).where(WaitingRow.section_id == "A"))
        ]
        assert ranks == [1, 1, 1]


def test_who_is_offered_a_seat_is_told_with_the_deadline():
    with final_round(CROWD) as session:
        happened = places.open_confirming(session, call(at=MONDAY), ROUND)
        told = {(n.person, n.values["section"]) for n in happened.notices}
        assert told == {
            (p.teacher_id, p.section_id)
            for p in session.exec(select(PlaceRow).where(PlaceRow.state == "offered"))
        }
        assert {n.kind for n in happened.notices} == {"offer"}
        assert {n.values["until"] for n in happened.notices} == {"2026-06-29T16:00:00.000000Z"}
        assert row(session).confirm_until == "2026-07-06T16:00:00.000000Z"


def test_a_seat_is_confirmed_once_by_whom_it_is_offered_to():
    with confirming() as session:
        first, second = holders(session, "A")
        other = queue(session, "A")[0]
        mine = (session, as_teacher(first), ROUND, first, "A")
        happened = places.confirm_seat(*mine)
        assert happened.answer["confirmed"] == ["A"]
        assert happened.body["rows"][0]["after"]["state"] == "confirmed"
        refused("life_confirmed", places.confirm_seat, *mine)
        refused("life_no_offer", places.confirm_seat, session, as_teacher(other), ROUND, other, "A")
        foreign = (session, as_teacher(other), ROUND, second, "A")
        refused("life_no_teacher", places.confirm_seat, *foreign)
        engine = (session, call("engine"), ROUND, second, "A")
        refused("life_role", places.confirm_seat, *engine)


def test_the_last_moment_is_before_the_deadline():
    """Judged by arrival: a microsecond before is in time, the deadline itself is not."""
    with confirming() as session:
        first, second = holders(session, "A")
        end = MONDAY.replace(month=6, day=29, hour=16, minute=0)
        late = (session, as_teacher(first, end), ROUND, first, "A")
        refused("life_offer_over", places.confirm_seat, *late)
        just = end.replace(day=29, hour=15, minute=59, second=59, microsecond=999999)
        places.confirm_seat(session, as_teacher(second, just), ROUND, second, "A")


def test_a_declined_seat_goes_to_the_next_in_order():
    with confirming() as session:
        first, second = holders(session, "A")
        order = queue(session, "A")
        happened = places.decline(session, as_teacher(first), ROUND, first, "A", "illness")
        assert holders(session, "A") == sorted([second, order[0]])
        assert queue(session, "A") == order[1:]
        (note,) = [n for n in happened.notices if n.values["section"] == "A"]
        assert (note.kind, note.person) == ("refill", order[0])
        assert {line["table"] for line in happened.body["rows"]} <= set(REBUILT)
        refused("life_no_offer", places.decline, session, as_teacher(first), ROUND, first, "A")


def test_nobody_gets_back_what_she_gave_up():
    """All five give A up, one after the other: it ends empty with nobody waiting."""
    with confirming() as session:
        gone = set()
        while people := holders(session, "A"):
            assert gone.isdisjoint(people)
            gone.add(people[0])
            places.decline(session, as_teacher(people[0]), ROUND, people[0], "A")
            assert broken(session, ROUND) == []
        assert len(gone) == 5
        assert held(session)["A"] == "- -"
        assert queue(session, "A") == []


def test_a_reason_is_one_of_the_list():
    with confirming() as session:
        first = holders(session, "A")[0]
        mine = (session, as_teacher(first), ROUND, first, "A")
        refused("life_decline_reason", places.decline, *mine, "no mood")


def test_silence_is_a_decline_and_the_silent_are_not_asked_again():
    with confirming() as session:
        first, second = holders(session, "A")
        places.confirm_seat(session, as_teacher(first), ROUND, first, "A")
        end = MONDAY.replace(day=29, hour=16, minute=1)
        happened = places.expire(session, call("clock", at=end), ROUND)
        assert first in holders(session, "A")
        assert second not in holders(session, "A")
        waits = select(WaitingRow).where(WaitingRow.teacher_id == second)
        assert {wait.state for wait in session.exec(waits)} <= {"out"}
        assert happened.answer["expired"] >= 1
        again = places.expire(session, call("clock", at=end), ROUND)
        assert again.answer["expired"] == 0


def test_an_offer_stands_a_moment_longer_than_its_deadline_for_what_is_in_the_queue():
    with confirming() as session:
        end = MONDAY.replace(day=29, hour=16, minute=0)
        assert places.expire(session, call("clock", at=end), ROUND).answer["expired"] == 0


def test_after_the_window_nothing_is_offered_any_more():
    with confirming() as session:
        first = holders(session, "A")[0]
        for each in holders(session, "A"):
            places.confirm_seat(session, as_teacher(each), ROUND, each, "A")
        late = MONDAY.replace(month=7, day=6, hour=16, minute=1)
        happened = places.decline(session, as_teacher(first, late), ROUND, first, "A")
        assert happened.notices == ()
        assert "-" in held(session)["A"]
        assert queue(session, "A") != []
        row(session).state = "settled"  # the invariant of the window has ended with it


def test_an_offer_never_stands_longer_than_the_window():
    with confirming() as session:
        first = holders(session, "A")[0]
        places.confirm_seat(session, as_teacher(first), ROUND, first, "A")
        friday = MONDAY.replace(month=7, day=3)
        happened = places.decline(session, as_teacher(first, friday), ROUND, first, "A")
        assert {n.values["until"] for n in happened.notices} == {row(session).confirm_until}


def test_a_bundle_is_offered_confirmed_and_given_up_as_one():
    """T5 wants C+D; C has one seat, which T6 has: only when T6 declines, T5 is offered both."""
    ballots = {"T5": ["C+D"], "T6": ["C"], "T1": ["D"]}
    with confirming(ballots, *course("C", days("2026-08-10", 2), capacity=1)) as session:
        first = holders(session, "C")
        if first == ["T5"]:
            places.confirm_seat(session, as_teacher("T5"), ROUND, "T5", "C")
            assert held(session)["D"].count("!") == 1
            places.decline(session, as_teacher("T5"), ROUND, "T5", "D")
            assert holders(session, "C") == ["T6"]
        else:
            assert "T5" not in holders(session, "D")
            places.decline(session, as_teacher("T6"), ROUND, "T6", "C")
            assert "T5" in holders(session, "C")
            assert "T5" in holders(session, "D")


def test_a_freed_limit_lets_in_who_waits_for_another_section():
    """One of P1 may go on 7 September; X is full of her, Y is empty; when she declines X, a
    colleague who waits for Y with its free seats is asked at once."""
    one = school("P1", release_max=1)
    more = [
        *course("X", ["2026-09-07 AM"], capacity=1),
        *course("Y", ["2026-09-07 AM"], capacity=5),
    ]
    ballots = {"T1": ["X"], "T2": ["Y"], "T5": ["Y"]}
    with confirming(ballots, one, *more) as session:
        (limit,) = [each for each in session.exec(select(LimitRow)) if "P1@" in each.row]
        assert (limit.row, limit.most, limit.used) == ("school_release:P1@2026-09-07-am", 1, 1)
        (lucky,) = {*holders(session, "X"), *holders(session, "Y")} - {"T5"}
        section = "X" if lucky == "T1" else "Y"
        if section == "X":
            assert queue(session, "Y") == ["T2"]
            places.decline(session, as_teacher("T1"), ROUND, "T1", "X")
            assert holders(session, "Y") == ["T2", "T5"]
        else:
            places.decline(session, as_teacher("T2"), ROUND, "T2", "Y")
            assert holders(session, "Y") == ["T5"]


def test_a_round_is_settled_when_the_window_is_over_and_all_sections_have_their_people():
    more = course("A", days("2026-08-03", 2), capacity=2, minimum=2)
    with confirming({"T1": ["A"], "T2": ["A"], "T3": ["D"]}, *more) as session:
        refused("life_confirm_runs", places.settle, session, call(at=MONDAY), ROUND)
        places.confirm_seat(session, as_teacher("T1"), ROUND, "T1", "A")
        places.confirm_seat(session, as_teacher("T3"), ROUND, "T3", "D")
        over = MONDAY.replace(month=7, day=7)
        session.commit()
        problem = refused("life_below_minimum", places.settle, session, call(at=over), ROUND)
        assert problem.values["sections"] == ("A (1/2)",)
        session.rollback()
        why = call(at=over, reason="人数不足")
        places.cancel_section(session, why, ROUND, "A")
        places.settle(session, call(at=over), ROUND)
        assert row(session).state == "settled"
        assert held(session) == {"D": "T3! - -"}


def test_the_people_of_a_cancelled_section_get_the_best_that_is_left():
    with confirming() as session:
        people = holders(session, "A")
        before = held(session)
        happened = places.cancel_section(session, call(at=MONDAY, reason="教师生病"), ROUND, "A")
        assert "A" not in held(session)
        assert [n.person for n in happened.notices if n.kind == "cancellation"] == sorted(
            people, key=lambda id: [t for t, _ in happened.answer["lost"]].index(id)
        )
        assert queue(session, "A") == []
        assert before["D"].count("T") <= held(session)["D"].count("T")
        refused(
            "life_no_section",
            places.cancel_section,
            session,
            call(at=MONDAY, reason="r"),
            ROUND,
            "A",
        )
        refused("life_reason_missing", places.cancel_section, session, call(at=MONDAY), ROUND, "D")


def test_a_transferred_teacher_keeps_her_seat_where_the_new_school_can_let_her_go():
    more = [
        school("P3", release_max=1),
        school("P2", release_max=0),
        *course("X", ["2026-09-07 AM"], capacity=1),
    ]
    with confirming({"T1": ["X", "D"]}, *more) as session:
        places.confirm_seat(session, as_teacher("T1"), ROUND, "T1", "X")
        why = (session, call(at=MONDAY, reason="调动"), ROUND)
        assert places.transfer(*why, "T1", "P3").answer["stay"] == ["D", "X"]
        happened = places.transfer(*why, "T1", "P2")
        assert (happened.answer["stay"], happened.answer["fallen"]) == (["D"], ["X"])
        refused("life_no_school", places.transfer, *why, "T1", "P9")
        refused("life_no_teacher", places.transfer, *why, "T0", "P3")


def test_two_sections_of_the_catalogue_changed_after_sealing_change_no_seat():
    with confirming() as session:
        session.get_one(SectionRow, "A").capacity = 9
        first = holders(session, "A")[0]
        places.decline(session, as_teacher(first), ROUND, first, "A")
        assert len(held(session)["A"].split()) == 2
        assert stamp(MONDAY) < row(session).confirm_until

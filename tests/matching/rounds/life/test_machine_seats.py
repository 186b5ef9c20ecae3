"""The machine of `machine_seats.py` let loose: it finds nothing, and finds every bug planted for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import cycle

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as profile
from hypothesis.stateful import run_state_machine_as_test

from api.database import open_database
from matching.rounds.by_hand import NOTHING
from matching.rounds.life import (
    answers,
    changes,
    hall,
    membership,
    places,
    posting,
    publishing,
    refill,
    results,
    standings,
)
from matching.waitlist import Standing
from tests.databases import fresh
from tests.matching.rounds.life import answered, machine_sealed
from tests.matching.rounds.life.machine_seats import Seats
from tests.matching.rounds.life.machine_seats_draws import STARTS
from tests.matching.rounds.life.stages import prepare

VERBS = {
    "ask", "keep_answer", "give_up", "accept", "override", "publish", "rerun", "raise_", "answer_",
    "finalise", "second_round", "open_confirming", "confirm_seat", "decline", "stop_waiting",
    "expire", "cancel_section", "transfer", "settle", "start", "mark", "evaluate", "submit",
    "approve_first", "approve_second", "post", "void",
}  # fmt: skip
STEPS, BATCH = 50, 5
SUPPRESSED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.fixture(autouse=True)
def remember_the_rules_of_every_transfer(monkeypatch):
    monkeypatch.setattr(standings, "MOST_KEPT", 500)


def run(engine, stages, runs: int, *phases: Phase) -> None:
    """Let the machine run, always over the same random choices.

    Hypothesis likes to vary what it has tried; many short batches, each from one stage and with its
    own seed, see more.
    """
    machine_sealed.SOUND.clear()
    rules = profile(
        max_examples=BATCH,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=phases or (Phase.generate, Phase.shrink),
        report_multiple_bugs=False,  # or it goes on looking once it has found one
        suppress_health_check=SUPPRESSED,
    )
    for number, start in zip(range(runs // BATCH), cycle(STARTS), strict=False):
        given = {"engine": engine, "stages": stages, "start": start}
        machine = seed(number)(type("Seats", (Seats,), given))
        run_state_machine_as_test(machine, settings=rules)


def test_anybody_may_try_anything_after_the_seal(engine):
    Seats.done.clear()
    run(engine, prepare(engine), 100)
    assert set(Seats.done) >= VERBS


@pytest.mark.slow
def test_anybody_may_try_anything_after_the_seal_two_thousand_times(engine):
    run(engine, prepare(engine), 2_000)


CONFIRM, EXPIRE, PLACES = places.confirm_seat, places.expire_due, places._places
TO_APPROVE, WAITING_IN, CHANGES = posting._to_approve, hall.Hall.waiting_in, hall.Hall.changes
RELEASE, MINE = refill.release, answers.results.job


def confirm_in_time(session, call, *said):
    return CONFIRM(session, replace(call, now=call.now - timedelta(days=30)), *said)


def expire_and_wait_on(hall, until):
    gone = EXPIRE(hall, until)
    for who, sections in gone:
        for wait in hall.waits_of(who):
            if wait.section_id not in sections:
                wait.state = "waiting"
                hall.changing(wait)
    return gone


def one_seat_more(hall, seats, expiry):
    for place in PLACES(hall, seats, expiry):
        yield place
        if place.number == 1:
            last = hall.standing.chairs[place.section_id] + 1
            yield type(place)(round_id=place.round_id, section_id=place.section_id, number=last)


def any_attempt(session, call, round_id, job_id, _):
    return MINE(session, round_id, job_id, to_move=True)


def first_by_anybody(session, call, round_id, section_id, state):
    if state == "submitted":
        call = replace(call, actor="谁都行")
    return TO_APPROVE(session, call, round_id, section_id, state)


def from_the_end(hall, sections):
    return WAITING_IN(hall, sections)[::-1]


def all_but_one(hall):
    return CHANGES(hall)[:-1]


def wait_again(hall, who, sections):
    freed = RELEASE(hall, who, sections)
    for wait in hall.waits_of(who, sections) if sections else ():
        wait.state = "waiting"
        hall.changing(wait)
    hall.session.flush()
    return freed


PLANTED = {
    "refill ignores limits": (Standing, "_shared", lambda *_: iter(())),
    "refill from the end of the list": (hall.Hall, "waiting_in", from_the_end),
    "refill is forgotten": (places, "refill", lambda _: []),
    "offers after the window": (
        hall.Hall,
        "is_open",
        property(lambda hall: hall.row.state == "confirming"),
    ),
    "an expired offer is confirmed": (places, "confirm_seat", confirm_in_time),
    "who says nothing waits on": (places, "expire_due", expire_and_wait_on),
    "who declines waits again": (places, "release", wait_again),
    "a seat too many": (places, "_places", one_seat_more),
    "limits are not counted anew": (changes, "_count_anew", lambda _: None),
    "a bundle falls apart": (Standing, "falls", lambda self, teacher, section, held: (section,)),
    "the pointer flips alone": (publishing, "flip", lambda *_: None),
    "the fence is down": (answers, "_still_mine", any_attempt),
    "decisions by hand are lost": (results, "by_hand", lambda *_: NOTHING),
    "a changed row is not told": (hall.Hall, "changes", all_but_one),
    "a section that has met is offered": (hall.Hall, "begun", lambda *_: set()),
    "hours leave with her seat": (membership, "left", lambda *_: []),
    "who submits approves": (posting, "_to_approve", first_by_anybody),
}


@pytest.fixture(scope="module")
def prepared():
    """Give a database with the stages of a round, as they are without any bug."""
    with fresh() as target:
        engine = open_database(target)
        yield engine, prepare(engine)
        engine.dispose()


@pytest.mark.parametrize("name", PLANTED)
def test_the_machine_finds_what_was_planted(name, prepared, monkeypatch):
    """Negative control: with one guard out of order the machine does not pass."""
    monkeypatch.setattr(*PLANTED[name])
    monkeypatch.setattr(answered, "SOLVED", {})
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        run(*prepared, 100, Phase.generate)

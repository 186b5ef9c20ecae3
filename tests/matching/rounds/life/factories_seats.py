"""The tiny county's round after sealing: asked, answered, published, with its seats on offer."""

from __future__ import annotations

from contextlib import contextmanager

from sqlmodel import Session, SQLModel

from matching.rounds.life import answers, handing, marking, places, publishing, sealing
from matching.rounds.life.hall import Hall
from matching.rounds.life.tables import JobRow
from tests.matching.rounds.life.answered import answered
from tests.matching.rounds.life.factories import (
    AFTER,
    DAY,
    HOUR,
    ROUND,
    call,
    opened_round,
    row,
    seal,
    two,
)

BALLOTS = {
    "T1": ["A", "C"],
    "T2": ["A", "D"],
    "T3": ["A", "B", "D"],
    "T4": ["B", "C"],
    "T5": ["C+D"],
    "T6": ["A", "C"],
}
PUBLISHED = AFTER + DAY
FINAL = PUBLISHED + 8 * DAY
"""A Saturday."""
MONDAY = FINAL + 2 * DAY
OVER = MONDAY.replace(month=7, day=7)
"""The day after the confirm window."""


@contextmanager
def seeded_round(
    ballots: dict[str, list[str]] = BALLOTS, *more: SQLModel, most: int | None = None, **changes
):
    """Open a database with a round that is sealed and whose seed is shown; its hours are not strict."""
    with opened_round(*more, **{"hours_strict": False, **changes}) as session:
        for teacher, lines in ballots.items():
            handing.hand_in(session, call("teacher", teacher), ROUND, teacher, lines, most, 0)
        seal(session)
        sealing.reveal(session, call(at=AFTER), ROUND)
        yield session


def ask(session: Session, effort: str | None = None) -> JobRow:
    happened = answers.ask(session, call(at=AFTER), ROUND, effort)
    job = session.get_one(JobRow, happened.answer["job"]["id"])
    if job.state == "queued":
        job.state, job.attempt = "running", 1
    return job


def engine(at=AFTER):
    return call("engine", at=at)


def solve(session: Session, effort: str | None = None) -> JobRow:
    """Ask for a solve and answer it, unless the question was answered before."""
    job = ask(session, effort)
    if job.state == "running":
        found = answered(session, job)
        answers.keep_answer(session, engine(), ROUND, job.id, job.attempt, found)
    return job


def publish(session: Session, at=PUBLISHED):
    publishing.accept(session, call(at=at), ROUND)
    return publishing.publish(session, two(at), ROUND)


@contextmanager
def final_round(*args, **changes):
    """Open a database with a round whose result is final."""
    with seeded_round(*args, **changes) as session:
        solve(session)
        publish(session)
        publishing.finalise(session, call(at=FINAL), ROUND)
        yield session


@contextmanager
def running_round(ballots: dict[str, list[str]], *more: SQLModel, **changes):
    """Open a database with a round whose seats are all confirmed and whose sections have begun."""
    with final_round(ballots, *more, **changes) as session:
        places.open_confirming(session, call(at=MONDAY), ROUND)
        for teacher in ballots:
            for place in Hall(session, call(at=MONDAY), row(session)).places_of(teacher):
                if place.state == "offered":
                    mine = call("teacher", teacher, MONDAY + HOUR)
                    places.confirm_seat(session, mine, ROUND, teacher, place.section_id)
        places.settle(session, call(at=OVER), ROUND)
        marking.start(session, call(at=OVER), ROUND)
        yield session


__all__ = [
    "BALLOTS",
    "FINAL",
    "MONDAY",
    "OVER",
    "PUBLISHED",
    "ask",
    "engine",
    "final_round",
    "publish",
    "row",
    "running_round",
    "seeded_round",
    "solve",
]

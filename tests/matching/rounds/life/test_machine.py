"""The machine of `machine.py` let loose: it finds nothing, and finds every bug planted for it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as profile
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.database import open_database
from matching.rounds.life import (
    entries,
    handing,
    moves,
    phases,
    reach,
    receipts,
    sealing,
    snapshots,
    store,
)
from matching.rounds.life.tables import HandInRow
from tests.databases import fresh
from tests.matching.rounds.factories import add
from tests.matching.rounds.life import machine, machine_model
from tests.matching.rounds.life.machine import Life

VERBS = {
    "announce", "open_", "pause", "resume", "extend", "close", "close_early", "void", "tick",
    "seal", "draw", "reveal", "hand_in", "amend", "withdraw", "save_draft", "approve", "return_",
}  # fmt: skip
STEPS, BATCH = 50, 5
SUPPRESSED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def run(engine, runs: int, *phases: Phase, batch: int = 0) -> None:
    """Let the machine run, always over the same random choices.

    In batches, each with its own seed, it meets what was planted sooner: Hypothesis likes to vary
    what it has tried.
    """
    with Session(engine) as session:
        add(session, *machine_model.county())
        session.commit()
    rules = profile(
        max_examples=batch or runs,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not batch,
        database=None,
        phases=phases or (Phase.generate, Phase.shrink),
        report_multiple_bugs=False,  # or it goes on looking once it has found one
        suppress_health_check=SUPPRESSED,
    )
    for number in range(runs // (batch or runs)):
        machine_class = type("Life", (Life,), {"engine": engine})
        if batch:
            machine_class = seed(number)(machine_class)
        run_state_machine_as_test(machine_class, settings=rules)


def test_anybody_may_try_anything_at_any_moment(engine):
    Life.done.clear()
    run(engine, 100)
    assert set(Life.done) >= VERBS


@pytest.mark.slow
def test_anybody_may_try_anything_two_thousand_times(engine):
    run(engine, 2_000)


REQUIRE_WINDOW = handing.require_window
DUMPED = snapshots._dumped
WRITE = entries.write


def one_tick_late(row, arrived):
    REQUIRE_WINDOW(row, replace(arrived, now=arrived.now - machine.MINUTE / 60_000_000))


def handed_in(row, *, approval):
    return row.handed_in


def write_the_same_version(session, mine):
    WRITE(session, mine)
    mine.version -= 1
    store.keep(session, session.merge(HandInRow(**mine.model_dump())))


def to_any_moment(row, closes_at):
    row.closes_at = moves.stamp(moves.moment_of(closes_at))


def said_so(**changes):
    """Return the table of verbs with another line for the draw."""
    table = dict(phases._BY_VERB)
    table["draw"] = replace(table["draw"], **changes)
    return table


PLANTED = {
    "one person draws": (phases, "_BY_VERB", said_so(two=False)),
    "a value is drawn once the seed is known": (phases, "_BY_VERB", said_so(before=("seeded",))),
    "a value is drawn that nobody announced": (sealing, "public_source", lambda _: "somewhere"),
    "the draw is not awaited": (sealing, "public_source", lambda _: ""),
    "the value is not mixed in": (sealing, "final_seed", lambda secret, _="": secret),
    "the window is not asked": (handing, "require_window", lambda *_: None),
    "the window ends one tick late": (handing, "require_window", one_tick_late),
    "returned ballots count": (receipts, "counts", handed_in),
    "versions stand still": (entries, "write", write_the_same_version),
    "a deadline moves anywhere": (moves, "set_deadline", to_any_moment),
    "a pause ends without notice": (moves, "RESUME_NOTICE", machine.MINUTE),
    "the seed is another one": (sealing, "final_seed", lambda *_: "another"),
    "a row is missing from the seal": (snapshots, "_dumped", lambda rows: DUMPED(rows)[:-1]),
    "everybody is everywhere": (reach, "_mine", lambda *_: True),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_machine_finds_what_was_planted(name, monkeypatch):
    """Negative control: with one guard out of order the machine does not pass, nor does the database."""
    monkeypatch.setattr(*PLANTED[name])
    with fresh() as target:
        engine = open_database(target)
        with pytest.raises((AssertionError, BaseExceptionGroup, IntegrityError)):
            run(engine, 100, Phase.generate, batch=BATCH)
        engine.dispose()

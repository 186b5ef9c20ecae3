"""A rush before closing that can be answered in time: nobody of it is told to come again."""

from threading import Event

import pytest

from api import writer as writing
from api.database import open_database
from api.writer import Writer
from tests import databases


@pytest.fixture
def engine(tmp_path):
    """A SQLite file, for there one thread writes for everybody."""
    with databases.fresh(tmp_path) as path:
        opened = open_database(path)
        yield opened
        opened.dispose()


RUSH, AFTER = 5.0, 5.0
"""P4: half of ten thousand hand in within the last five seconds; five more are there to answer them."""


def rushed(engine, patience: float) -> list[float | None]:
    """Let all 5,000 of a rush come within its first second, to a writer that is just quick enough.

    Return, for each batch in turn, when it was answered, or None where it was sent away.
    """
    clock, step = [0.0], (RUSH + AFTER) * 200 / 5_000
    writer = Writer(engine, at_once=1, patience=patience, now=lambda: clock[0])
    begun, go = Event(), Event()

    def batch(_session):
        begun.set()
        assert go.wait(10)
        clock[0] += step
        return clock[0]

    sent = [writer.submit(batch)]
    assert begun.wait(10)
    clock[0] += RUSH / 5
    sent += [writer.submit(batch) for _ in range(24)]
    clock[0] -= RUSH / 5
    go.set()
    writer.close()
    return [None if one.exception() else one.result() for one in sent]


def test_a_rush_that_can_be_answered_in_time_sends_nobody_away(engine):
    answered = rushed(engine, writing.PATIENCE_SECONDS)
    assert None not in answered
    assert max(answered) == pytest.approx(RUSH + AFTER)


def test_six_seconds_of_patience_were_too_few_for_such_a_rush(engine):
    """Negative control: a third of those who came before closing were told to come again."""
    assert rushed(engine, 6.0).count(None) >= 25 // 3 - 1

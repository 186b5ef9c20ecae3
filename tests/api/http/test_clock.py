"""The clock: opens, reminds, closes and takes back offers by itself, and never overtakes anybody."""

from datetime import timedelta

import pytest

from api.serve import tick
from matching.rounds.life import drafting, moves
from matching.rounds.life.deadlines import CLOCK_GRACE
from tests.api.http.factories import ROUND, SECRET, county
from tests.matching.rounds.factories import settings

PATH = f"/rounds/{ROUND}"
MINE = f"{PATH}/ballots/me"


@pytest.fixture
def place():
    with county() as opened:
        yield opened


def state(place) -> str:
    return place["county"].get(PATH).json()["state"]


def test_a_round_opens_and_closes_by_itself(place):
    begin = place.clock() + timedelta(days=1)
    place.do(drafting.draft, settings(id=ROUND, title="小县选学", seed=""), SECRET)
    place.do(moves.announce, ROUND, begin, begin + timedelta(days=5))
    assert tick(place.office) == 0
    place.clock.now = begin
    assert tick(place.office) == 1
    assert state(place) == "open"
    assert tick(place.office) == 0
    place.clock.now = begin + timedelta(days=5) + CLOCK_GRACE
    tick(place.office)
    assert state(place) == "school_review"
    assert tick(place.office) == 0


def test_who_has_not_handed_in_is_reminded_once(place):
    place.open_round()
    place["teacher"].put(MINE, {"lines": ["C1"]}, match=0)
    place.clock.turn(days=8, seconds=1)
    assert tick(place.office) == 1
    assert tick(place.office) == 0
    told = place["county"].get(f"{PATH}/messages?limit=200").json()["items"]
    reminded = {one["person"] for one in told if one["kind"] == "closing_soon"}
    assert "T2" in reminded
    assert "T1" not in reminded


def test_the_clock_does_not_close_over_somebody_who_waits_in_line(place):
    """She came in time; the writer is busy for longer than the grace; her ballot counts."""
    place.open_round()
    place.clock.turn(days=10, microseconds=-1)
    tick(place.office)  # the reminder
    her = place["teacher"]
    with place.busy_writer() as let_go:
        answers = place.at_once([lambda: her.put(MINE, {"lines": ["C1"]}, match=0)])
        place.wait_for_line(1)
        place.clock.turn(minutes=5)
        oldest = place.app.state.oldest()
        assert tick(place.office, oldest) == 0
        let_go()
        (answer,) = answers()
    assert answer.status_code == 200
    assert place.app.state.oldest() is None
    tick(place.office, place.app.state.oldest())
    assert state(place) == "school_review"


def test_a_clock_that_looks_at_nobody_closes_at_once(place):
    """Negative control: without the request that waits, the round would have been closed."""
    place.open_round()
    place.clock.turn(days=10, minutes=5)
    assert tick(place.office) >= 1
    assert state(place) == "school_review"


def test_one_round_that_fails_does_not_stop_the_clock(place, caplog):
    place.open_round()
    place.clock.turn(days=10, minutes=5)

    class Failing:
        clock = place.clock
        read = place.office.read

        def do(self, call, command):
            raise RuntimeError("disk")

    assert tick(Failing()) == 0
    assert "the clock could not do what was due" in caplog.text

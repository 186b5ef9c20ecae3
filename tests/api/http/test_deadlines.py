"""The last microsecond: what arrives before closing is taken, what arrives at it is not, anywhere."""

import os
import random
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from matching.rounds.errors import BadRound
from matching.rounds.life import handing
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import moment_of
from matching.rounds.tables import RoundRow
from tests.api.http.factories import ROUND, START, county

ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland")
CASES = 1_000
MINE = f"/rounds/{ROUND}/ballots/me"
STEP = timedelta(microseconds=1)
HARD = (
    datetime(
        2026, 3, 8, 6, 59, 59, 999_999, tzinfo=UTC
    ),  # New York goes over to summer time at 7 UTC
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),  # and back at 6
    datetime(2026, 4, 4, 14, 0, tzinfo=UTC),  # Auckland goes back at 14
    datetime(2026, 9, 26, 14, 0, tzinfo=UTC),  # and over at 14
    datetime(2026, 12, 31, 16, 0, tzinfo=UTC),  # a new year begins in Shanghai
    datetime(2026, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC),
)


@pytest.fixture(params=ZONES)
def server_zone(request, monkeypatch):
    """Let the server stand in another time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    os.environ.pop("TZ", None)
    time.tzset()


def cases(zone: str):
    """Yield (deadline as an office writes it, arrival, whether it is in time)."""
    chance = random.Random(zone)
    for number in range(CASES):
        end = HARD[number % len(HARD)]
        if number >= 100:
            end += timedelta(microseconds=chance.randrange(-(10**13), 10**13))
        late = (-1, 0, 1, -chance.randrange(1, 10**9), chance.randrange(10**9))[number % 5]
        written = end.astimezone(ZoneInfo(chance.choice(ZONES))).isoformat()
        arrives = (end + late * STEP).astimezone(ZoneInfo(zone))
        yield written, arrives, late < 0


def in_time(written: str, arrives: datetime) -> bool:
    """Ask what decides about every change of a ballot."""
    row = RoundRow(
        id=ROUND,
        title="",
        year=2026,
        unit_id="441226",
        list_length=6,
        seed_commitment="",
        settings={},
        state="open",
        opens_at=stamp(START - timedelta(days=4000)),
        closes_at=stamp(moment_of(written)),
    )
    try:
        handing.require_window(row, Call("T1", Scope("teacher", "T1"), arrives))
    except BadRound as refusal:
        return refusal.code != "life_deadline_past"
    return True


def test_a_thousand_arrivals_around_a_deadline_in_each_zone(server_zone):
    wrong = [case for case in cases(server_zone) if in_time(*case[:2]) is not case[2]]
    assert wrong == []


def test_a_clock_without_a_zone_is_noticed(server_zone):
    """Negative control: the same cases by the clock on the wall of the server are judged wrongly."""

    def by_the_wall(written: str, arrives: datetime) -> bool:
        here = datetime.fromtimestamp(arrives.timestamp())  # noqa: DTZ006 - the mistake itself
        return here < datetime.fromisoformat(written).replace(tzinfo=None)

    wrong = [case for case in cases(server_zone) if by_the_wall(*case[:2]) is not case[2]]
    assert len(wrong) > CASES / 10


@pytest.fixture(scope="module")
def open_place():
    with county() as opened:
        opened.open_round()
        yield opened


def closes_at(place) -> datetime:
    told = place["county"].get(f"/rounds/{ROUND}").json()["closes_at"]
    return datetime.fromisoformat(told)


@pytest.mark.parametrize("late", [-2, -1, 0, 1])
def test_the_service_judges_by_arrival(open_place, server_zone, late):
    """The command itself, for everybody, in a transaction that is undone."""
    arrives = closes_at(open_place) + late * STEP
    call = Call("T1", Scope("teacher", "T1"), arrives.astimezone(ZoneInfo(server_zone)))
    with Session(open_place.engine) as session:
        if late < 0:
            handing.hand_in(session, call, ROUND, "T1", ["C1"], None, 0)
        else:
            with pytest.raises(BadRound) as refused:
                handing.hand_in(session, call, ROUND, "T1", ["C1"], None, 0)
            assert refused.value.code == "life_deadline_past"
        session.rollback()


def test_the_door_stamps_the_arrival(open_place):
    """Over HTTP: the last microsecond is taken, and nothing after it, until somebody extends."""
    end, her = closes_at(open_place), open_place["teacher"]
    open_place.clock.now = end - STEP
    assert her.put(MINE, {"lines": ["C1"]}, match=0).status_code == 200
    for late in (0, 1, 10**6):
        open_place.clock.now = end + late * STEP
        refused = her.put(MINE, {"lines": ["C2"]}, match=1)
        assert (refused.status_code, refused.json()["code"]) == (409, "life_deadline_past")
        assert her.post(f"{MINE}/withdraw", match=1).status_code == 409
    assert her.get(MINE).json()["lines"] == ["C1"]


def test_what_arrived_in_time_and_waited_in_line_counts(open_place):
    """The writer is busy while the round closes; the request is judged by when it came in."""
    end, her = closes_at(open_place), open_place["other_teacher"]
    open_place.clock.now = end - STEP
    with open_place.busy_writer() as let_go:
        answers = open_place.at_once([lambda: her.put(MINE, {"lines": ["C3"]}, match=0)])
        open_place.wait_for_line(1)
        open_place.clock.now = end + timedelta(seconds=5)
        let_go()
        (answer,) = answers()
    assert answer.status_code == 200
    assert answer.json()["received_at"] == stamp(end - STEP)

"""Too much at once: who cannot be served is told so within a second, and loses nothing by it."""

import time

import pytest

from api import lane
from tests.api.http.factories import ROUND, county

MINE = f"/rounds/{ROUND}/ballots/me"
TEACHERS = 24


@pytest.fixture(scope="module")
def place():
    from tests.matching.rounds.factories import teacher

    with county(*(teacher(f"L{n:03d}") for n in range(TEACHERS)), most_waiting=6) as opened:
        opened.open_round()
        opened.crowd = [opened.person("teacher", f"L{n:03d}", f"L{n:03d}") for n in range(TEACHERS)]
        yield opened


def hand_in(person, version: int, key: str):
    began = time.monotonic()
    answer = person.put(MINE, {"lines": ["C1"]}, match=version, key=key)
    return answer, time.monotonic() - began


def test_a_full_line_answers_at_once_and_says_when_to_come_again(place):
    with place.busy_writer() as let_go:
        jobs = [
            lambda p=person, n=n: hand_in(p, 0, f"crowded-{n:03d}")
            for n, person in enumerate(place.crowd)
        ]
        answers = place.at_once(jobs)
        place.wait_for_answers(TEACHERS - 6)
        let_go()
        told = answers()
    turned_away = [(a, seconds) for a, seconds in told if a.status_code == 503]
    assert len(turned_away) == TEACHERS - 6
    for answer, seconds in turned_away:
        assert seconds < 1
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["code"] == "overloaded"
    again = [hand_in(p, 0, f"crowded-{n:03d}")[0] for n, p in enumerate(place.crowd)]
    assert {answer.status_code for answer in again} == {200}
    assert {person.get(MINE).json()["version"] for person in place.crowd} == {1}


def test_a_line_that_is_long_enough_turns_nobody_away(place):
    """Negative control: without the crowd the same requests are all served."""
    told = [hand_in(person, 1, f"calm-{n:05d}")[0] for n, person in enumerate(place.crowd)]
    assert {answer.status_code for answer in told} == {200}


def test_behind_a_writer_that_hangs_nobody_waits_for_ever(place, monkeypatch):
    monkeypatch.setattr(lane, "LONGEST_SECONDS", 0.1)
    her = place.crowd[0]
    version = her.get(MINE).json()["version"]
    with place.busy_writer():
        answer, _ = hand_in(her, version, "hanging-0001")
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert her.get(MINE).json()["version"] == version
    monkeypatch.undo()
    assert hand_in(her, version, "hanging-0001")[0].status_code == 200


def test_more_than_fit_inside_are_turned_away_at_the_gate():
    with county(most_at_once=3) as small:
        small.open_round()
        her = small["teacher"]
        with small.busy_writer() as let_go:
            jobs = [lambda n=n: hand_in(her, 0, f"gate-{n:05d}") for n in range(8)]
            answers = small.at_once(jobs)
            small.wait_for_answers(5)
            let_go()
            told = answers()
    statuses = [answer.status_code for answer, _ in told]
    assert statuses.count(503) == 5
    assert statuses.count(200) == 1
    assert statuses.count(412) == 2
    assert all(s < 1 for answer, s in told if answer.status_code == 503)

"""Three hundred hand-ins over a real server, everybody at her own moment: counts only, no clock decides."""

import time

import pytest

from benchmarks import http

TEACHERS = 300


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Let everybody send twice with the same key, as clients do that lost their answer."""
    with http.county(tmp_path_factory.mktemp("loop"), TEACHERS) as made:
        with http.serving(made.file) as served:
            first = send_all(served.port, made.tokens)
            again = send_all(served.port, made.tokens)
        yield made, first, again


def send_all(port: int, tokens: list[str]):
    start = time.time() + 0.5
    return http.everybody(port, tokens, [start + n / 200 for n in range(len(tokens))])


def test_every_acknowledged_ballot_is_kept_and_nobody_is_lost(run):
    made, first, _ = run
    assert [one.status for one in first] == [200] * TEACHERS
    assert made.handed_in() == TEACHERS


def test_sending_again_does_nothing_again(run):
    made, _, again = run
    assert [one.status for one in again] == [200] * TEACHERS
    assert made.changes() == TEACHERS


def test_a_county_that_has_closed_takes_nobody(tmp_path):
    """Negative control: the same requests a moment too late."""
    with http.county(tmp_path, 20) as made:
        made.close_at(time.time() - 1)
        with http.serving(made.file) as served:
            told = send_all(served.port, made.tokens)
    assert [one.status for one in told] == [409] * 20
    assert made.handed_in() == 0

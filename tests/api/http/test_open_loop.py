"""Three hundred hand-ins over a real server, everybody at her own moment: counts only, no clock decides."""

import socket
import time
from threading import Thread

import pytest

from benchmarks import http
from benchmarks.crowd import Crowd

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


def answering(*pieces: bytes):
    """Listen on a free port, and answer the first request in pieces before hanging up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer():
        with listening, listening.accept()[0] as line:
            line.recv(1000)
            for piece in pieces:
                line.sendall(piece)
                time.sleep(0.02)

    thread = Thread(target=answer)
    thread.start()
    return listening.getsockname()[1], thread


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 4\r\n\r\nbo", b"dy"), 200),
        ((b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",), 503),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo",), 0),
        ((), 0),
    ],
)
def test_the_crowd_counts_what_was_answered_whole_and_nothing_else(pieces, status):
    port, thread = answering(*pieces)
    with Crowd(port, [b"GET / HTTP/1.1\r\n\r\n"], [time.time()]) as crowd:
        (sent,) = crowd.send()
    thread.join()
    assert sent.status == status
    assert sent.meant <= sent.went <= sent.answered


def test_where_nobody_listens_everything_is_lost():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with Crowd(port, [b"GET / HTTP/1.1\r\n\r\n"] * 2, [time.time()] * 2) as crowd:
        assert [one.status for one in crowd.send()] == [0, 0]

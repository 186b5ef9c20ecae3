"""A PostgreSQL server that is frozen, not gone: nobody waits for ever, and nothing takes effect twice."""

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import ConnectionTimeout, OperationalError
from sqlalchemy import event
from sqlalchemy.exc import OperationalError as SqlError

from api import postgres
from api.database import CONNECT_SECONDS, LOCK_MILLISECONDS, SILENCE_SECONDS, open_database
from api.errors import Unconfirmed
from api.migrations import upgrade
from api.unit_of_work import Office
from api.writer import LONGEST_SECONDS
from tests import databases
from tests.api.http.test_readiness import ready, served
from tests.api.http.test_trouble import FIRST, MINE, SECOND, versions, with_people
from tests.api.office_stories import call, found
from tests.conftest import need_postgres

SILENCE, CONNECT = 0.4, 2
"""Seconds in these stories; psycopg gives a connection two at least."""


@pytest.fixture(scope="module")
def cluster():
    need_postgres()
    made = databases.Cluster()
    yield made
    made.remove()


@contextmanager
def place(cluster, silence=SILENCE):
    """Serve a round that takes ballots, on a cluster of its own."""
    with pytest.MonkeyPatch.context() as patch, cluster.blank() as target:
        patch.setattr(postgres, "CONNECT_SECONDS", CONNECT)
        patch.setattr(postgres, "AGAIN_SECONDS", CONNECT / 4)
        upgrade(target)
        with served(target, silence=silence) as opened:
            yield with_people(opened)


@contextmanager
def frozen(*processes: int):
    """Stop processes as a machine does that hangs: their sockets stay open and say nothing."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def everybody(cluster) -> list[int]:
    """Return the processes of a server: the one that takes connections, and those that answer."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


def backends(opened) -> list[int]:
    """Return the processes that answer this service."""
    pids = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    with opened.engine.connect() as connection:
        mine = connection.connection.driver_connection.info.backend_pid
        return [pid for (pid,) in connection.exec_driver_sql(pids) if pid != mine]


def timed(ask):
    began = time.monotonic()
    return ask(), time.monotonic() - began


def second(opened, key="second-ballot"):
    return opened["teacher"].put(MINE, SECOND, match=1, key=key)


def test_whoever_hands_in_to_a_frozen_server_is_told_to_ask_again(cluster):
    with place(cluster) as opened:
        assert opened["teacher"].put(MINE, FIRST, match=0).status_code == 200
        with frozen(*everybody(cluster)):
            answer, seconds = timed(lambda: second(opened))
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) >= 1
            assert seconds < 10
            for ask in (lambda: second(opened), lambda: opened["teacher"].get(MINE)):
                answer, seconds = timed(ask)
                assert answer.status_code == 503
                assert seconds < 1
            assert ready(opened) == (503, "failing", {"database": "silent"})
        opened._until(lambda: ready(opened)[0] == 200)
        assert second(opened).status_code == 200
        assert versions(opened) == (2, 2)


def test_one_who_waits_without_end_is_not_answered(cluster):
    """Negative control: the same server, the same request, and nobody who counts the seconds."""
    with place(cluster, silence=None) as opened:
        assert opened["teacher"].put(MINE, FIRST, match=0).status_code == 200
        with frozen(*everybody(cluster)):
            told = opened.at_once([lambda: second(opened)])
            time.sleep(SILENCE + CONNECT + 1)
            assert not opened.started[0].done()
        assert [answer.status_code for answer in told()] == [200]


def test_a_commit_that_comes_late_is_found_under_the_same_key(cluster):
    """The server freezes between the last statement and the commit, and thaws with the commit in hand."""
    with place(cluster) as opened:
        assert opened["teacher"].put(MINE, FIRST, match=0).status_code == 200
        stopped = []

        def freeze(connection):
            if not connection.get_execution_options().get("reads_only") and not stopped:
                stopped.append(connection.connection.driver_connection.info.backend_pid)
                os.kill(stopped[0], signal.SIGSTOP)

        event.listen(opened.engine, "commit", freeze)
        answer = second(opened)
        assert (answer.status_code, answer.json()["code"]) == (503, "unanswered")
        os.kill(stopped[0], signal.SIGCONT)
        opened._until(lambda: stopped[0] not in backends(opened))
        again = second(opened)
        assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
        assert versions(opened) == (2, 2)


def test_a_worker_is_told_what_the_driver_said(cluster):
    """Who serves nobody handles a lost connection itself, and goes on: no answer is owed."""
    with cluster.blank() as target:
        upgrade(target)
        engine = open_database(target)
        with Office(engine) as office:

            def cut(session):
                own = session.connection().connection.driver_connection.info.backend_pid
                with psycopg.connect(target, autocommit=True) as other:
                    other.execute(f"SELECT pg_terminate_backend({own})")
                return found("PT1")(session)

            with pytest.raises(SqlError) as caught:
                office.do(call(), cut)
            assert caught.value.connection_invalidated
        with Office(engine, serving=True) as office, pytest.raises(Unconfirmed):
            office.do(call(), cut)
        engine.dispose()


def test_nobody_waits_longer_than_ten_seconds_in_all():
    """A server found silent, then tried anew; and every answer has an end of its own."""
    assert LOCK_MILLISECONDS / 1000 < SILENCE_SECONDS
    assert SILENCE_SECONDS + CONNECT_SECONDS < LONGEST_SECONDS < 10


class Line:
    """A server that answers, or is silent, as a story tells; and a clock that it turns."""

    def __init__(self):
        self.now, self.tries, self.error = 0.0, 0, None

    def connect(self):
        self.tries += 1
        if self.error:
            raise self.error
        return self

    def fails(self, reaching):
        with pytest.raises(OperationalError):
            reaching()
        return self.tries


def test_while_a_server_is_silent_one_tries_each_second():
    line = Line()
    reaching = postgres.Reaching(line.connect, lambda: line.now)
    line.error = ConnectionTimeout("silent")
    assert [line.fails(reaching) for _ in range(3)] == [1, 1, 1]
    line.now += postgres.AGAIN_SECONDS
    assert [line.fails(reaching) for _ in range(3)] == [2, 2, 2]
    line.now, line.error = line.now + postgres.AGAIN_SECONDS, None
    assert [reaching(), reaching()] == [line, line]


def test_a_server_that_refuses_is_asked_by_everybody():
    """Negative control: a refusal comes at once, so nobody has to be kept from asking."""
    line = Line()
    reaching = postgres.Reaching(line.connect, lambda: line.now)
    line.error = OperationalError("connection refused")
    assert [line.fails(reaching) for _ in range(3)] == [1, 2, 3]

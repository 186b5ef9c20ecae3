"""One worker is kept alive for a server, and never outlives it."""

import signal
import sys
import time

import pytest

from api.jobs import slots, supervise
from api.migrations import upgrade
from tests.api.jobs.offices import FACTORY, PATIENCE


def until(held) -> None:
    end = time.monotonic() + PATIENCE
    while not held():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def place(tmp_path):
    """Give a SQLite file: who keeps a worker alive does not look at the database."""
    upgrade(tmp_path / "county.db")
    return tmp_path / "county.db"


def serve(place, report) -> None:
    """Be a server that only keeps its worker."""
    report.put(supervise.Worker(place, pauses=(0.01,)).process.pid)
    time.sleep(PATIENCE)


def test_a_killed_worker_starts_again_and_a_stopped_one_does_not(place):
    with supervise.Worker(place, pauses=(0.01,)) as kept:
        until(lambda: slots.somebody_works(place))
        kept.process.kill()
        until(lambda: kept.restarts == 1)
        until(lambda: slots.somebody_works(place))
    assert kept.process.returncode is not None
    assert kept.restarts == 1
    assert not slots.somebody_works(place)


def test_a_worker_does_not_outlive_a_server_that_is_killed(place):
    report = FACTORY.Queue()
    server = FACTORY.Process(target=serve, args=(place, report))
    server.start()
    assert report.get(timeout=PATIENCE)
    until(lambda: slots.somebody_works(place))
    server.kill()
    server.join()
    until(lambda: not slots.somebody_works(place))


def test_a_worker_that_cannot_start_is_tried_less_and_less_often(tmp_path, monkeypatch):
    pauses = []
    monkeypatch.setattr(
        supervise._LOG, "warning", lambda said, code, pause: pauses.append((code, pause))
    )
    broken = (sys.executable, "-S", "-c", "raise SystemExit(7)")
    with supervise.Worker(tmp_path / "none.db", broken, pauses=(0.01, 0.02, 0.03)):
        until(lambda: len(pauses) >= 5)
    assert pauses[:5] == [(7, 0.01), (7, 0.02), (7, 0.03), (7, 0.03), (7, 0.03)]


def test_a_worker_that_will_not_leave_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "PATIENCE", 0.3)
    said = tmp_path / "deaf"
    deaf = f"import signal, time; signal.signal({signal.SIGTERM:d}, signal.SIG_IGN)"
    script = f"{deaf}; open({str(said)!r}, 'w'); time.sleep({PATIENCE})"
    with supervise.Worker(tmp_path / "none.db", (sys.executable, "-S", "-c", script)) as kept:
        until(said.exists)
    assert kept.process.returncode == -signal.SIGKILL
    assert kept.restarts == 0


def test_the_password_of_a_database_is_in_no_list_of_processes(tmp_path):
    url = "postgresql://officer:secret@127.0.0.1:1/county"
    sleep = (sys.executable, "-S", "-c", f"import time; time.sleep({PATIENCE})")
    with supervise.Worker(url, sleep) as kept:
        assert "secret" not in str(kept.process.args)

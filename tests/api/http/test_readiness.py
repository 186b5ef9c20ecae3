"""`GET /readyz`: red where what is sent now would not be kept, on both databases; `/healthz` lives on."""

import sqlite3
from contextlib import contextmanager
from threading import Event

import anyio
import pytest
from sqlalchemy import event, text
from sqlmodel import Session
from starlette.testclient import TestClient

from api import readiness
from api.app import create_app
from api.database import open_database
from api.jobs.supervise import Worker
from api.migrations import upgrade
from api.unit_of_work import Office
from matching.rounds.life.tables import JobRow
from tests import databases
from tests.api.http.factories import Clock, County, rows
from tests.api.office_stories import call, found
from tests.matching.rounds.factories import add

OK = {"database": "ok", "tables": "ok", "writer": "ok", "line": "ok", "worker": "elsewhere"}


@contextmanager
def served(target, silence=None, **options):
    """Serve a database that every migration has run on."""
    clock, engine = Clock(), open_database(target, silence=silence)
    with Office(engine, clock, serving=True, **options) as office:
        app = create_app(office)
        with TestClient(app) as client:
            yield County(office, engine, clock, app, client)
    engine.dispose()


def all_but(**changes: str) -> dict[str, str]:
    """Return the findings where something is red: of the worker nothing is said then."""
    return {name: found for name, found in OK.items() if name != "worker"} | changes


@pytest.fixture
def migrated(new_target):
    target = new_target(tables=False)
    upgrade(target)
    return target


@pytest.fixture
def place(migrated):
    with served(migrated, most_waiting=2) as opened:
        yield opened


def ready(place) -> tuple[int, str, dict[str, str]]:
    """Return status, word and findings; the process must be alive all the time."""
    assert place.client.get("/healthz").json() == {"status": "ok"}
    answer = place.client.get("/readyz")
    return answer.status_code, answer.json()["status"], answer.json()["checks"]


def test_it_is_ready_when_everything_was_found_well(place):
    assert ready(place) == (200, "ok", OK)


def test_tables_of_another_release_are_red(place, migrated):
    with Session(place.engine) as session, session.begin():
        session.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    assert ready(place) == (503, "failing", all_but(tables="other_release"))


def test_a_database_without_any_migration_is_red(target):
    with served(target) as place:
        assert ready(place)[2]["tables"] == "other_release"


def test_while_it_is_opened_it_is_red(place):
    place.app.state.office, office = None, place.office
    assert ready(place) == (503, "failing", {"database": "opening"})
    place.app.state.office = office


def test_a_full_line_is_red_and_room_in_it_green():
    with databases.fresh(tables=False) as target:
        upgrade(target)
        with served(target, most_waiting=2) as place:
            with place.busy_writer() as let_go:
                waiting = [place.office.submit(call(), found(f"PT{n}")) for n in range(2)]
                assert ready(place) == (503, "failing", all_but(line="full"))
                let_go()
                [one.result(10) for one in waiting]
            assert ready(place) == (200, "ok", OK)


def test_a_commit_that_failed_is_red_until_one_succeeds():
    broken = True

    def fail(_connection):
        if broken:
            raise sqlite3.OperationalError("attempt to write a readonly database")

    with databases.fresh(tables=False) as target:
        upgrade(target)
        with served(target) as place:
            event.listen(place.engine, "commit", fail)
            with pytest.raises(Exception, match="readonly"):
                place.office.do(call(), found("PT1"))
            assert ready(place) == (503, "failing", all_but(writer="failing"))
            broken = False
            place._until(lambda: place.office.healthy)
            assert ready(place) == (200, "ok", OK)


def test_a_database_that_does_not_answer_in_time_is_red(place, monkeypatch):
    monkeypatch.setattr(readiness, "SECONDS", 0.1)
    monkeypatch.setattr(readiness, "ASKING", anyio.CapacityLimiter(2))
    answers = Event()
    event.listen(place.engine, "before_cursor_execute", lambda *_: answers.wait(20))
    for _ in range(4):  # more than there are threads for it: nobody waits behind the lost ones
        assert ready(place) == (503, "failing", {"database": "silent"})
    answers.set()
    place._until(lambda: ready(place)[0] == 200)


def test_a_stopped_worker_is_told_and_turns_nobody_away(place):
    with Worker("nowhere", ["sh", "-c", "exit 1"], pauses=[600]) as worker:
        place.app.state.worker = worker
        worker.process.wait(20)
        assert ready(place) == (200, "degraded", OK | {"worker": "stopped"})
    with Worker("nowhere", ["sh", "-c", "sleep 600"]) as worker:
        place.app.state.worker = worker
        assert ready(place) == (200, "ok", OK | {"worker": "ok"})


def test_a_solve_that_nobody_begins_tells_that_no_worker_runs_elsewhere(place):
    with Session(place.engine) as session, session.begin():
        add(session, *rows())
    place.open_round()
    job = {"round_id": "r1", "snapshot_digest": "0", "configuration": "0"}
    asked = "2026-06-01T08:00:00.000000Z"
    place.add(JobRow(id="r1.0001", number=1, asked_at=asked, **job))
    place.clock.turn(seconds=60)
    assert ready(place)[2]["worker"] == "elsewhere"
    place.clock.turn(seconds=1)
    assert ready(place) == (200, "degraded", OK | {"worker": "stopped"})
    with Session(place.engine) as session, session.begin():
        session.execute(text("UPDATE job SET state = 'running'"))
    assert ready(place)[2]["worker"] == "elsewhere"

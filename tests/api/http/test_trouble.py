"""P14: the database goes away, the disk takes nothing, the clock jumps: no answer is lost, nobody hangs."""

import sqlite3

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from api import log
from api.console import Desk, key_file
from api.database import SILENCE_SECONDS, open_database, open_for_serving
from api.http_errors import status_of
from api.migrations import upgrade
from diagnostics.identity import keep_key_in
from tests import databases
from tests.api.http.factories import ROUND, rows
from tests.api.http.test_readiness import ready, served
from tests.conftest import need_postgres
from tests.matching.rounds.factories import add

MINE = f"/rounds/{ROUND}/ballots/me"
FIRST, SECOND = {"lines": ["C1"]}, {"lines": ["C2"]}


def with_people(place):
    """Return a place whose round takes ballots."""
    with Session(place.engine) as session, session.begin():
        add(session, *rows())
    place.open_round()
    return place


def versions(place) -> tuple[int, int]:
    """Return her version and how many hand-ins the log tells of; the chain must hold."""
    with place.office.read() as session:
        assert log.check(session).ok
    return place["teacher"].get(MINE).json()["version"], len(place.log("ballot.handed_in"))


def test_a_server_that_restarts_loses_no_answer():
    need_postgres()
    cluster = databases.Cluster()
    try:
        target = cluster.create()
        upgrade(target)
        with served(target) as opened:
            place = with_people(opened)
            county = place["county"]
            assert place["teacher"].put(MINE, FIRST, match=0).status_code == 200
            cluster.stop()
            away = [
                place["teacher"].put(MINE, SECOND, match=1, key="second-ballot"),
                place["teacher"].get(MINE),
                county.get("/teachers/T1"),
            ]
            assert [answer.status_code for answer in away] == [503] * 3
            assert all(int(answer.headers["Retry-After"]) for answer in away)
            assert ready(place) == (503, "failing", {"database": "silent"})
            cluster.start()
            assert ready(place)[0] == 200
            again = place["teacher"].put(MINE, SECOND, match=1, key="second-ballot")
            assert again.status_code == 200
            assert versions(place) == (2, 2)
    finally:
        cluster.remove()


def test_a_disk_that_takes_nothing_loses_no_answer():
    """Every transaction of the writer is refused as by a disk that went read-only."""
    broken = False

    def refuse(connection):
        if broken and not connection.get_execution_options().get("reads_only"):
            raise sqlite3.OperationalError("attempt to write a readonly database")

    with databases.fresh(tables=False) as target:
        upgrade(target)
        with served(target) as opened:
            place = with_people(opened)
            event.listen(place.engine, "begin", refuse)
            assert place["teacher"].put(MINE, FIRST, match=0).status_code == 200
            broken = True
            assert (
                place["teacher"].put(MINE, SECOND, match=1, key="second-ballot").status_code == 503
            )
            assert ready(place)[2]["writer"] == "failing"
            assert place["teacher"].get(MINE).json()["version"] == 1
            broken = False
            place._until(lambda: ready(place)[0] == 200)
            again = place["teacher"].put(MINE, SECOND, match=1, key="second-ballot")
            assert again.status_code == 200
            assert versions(place) == (2, 2)


def test_a_standby_that_takes_no_change_is_red():
    cluster = need_postgres()
    with cluster.blank() as target:
        upgrade(target)
        with served(target) as place:
            name = place.engine.url.database
            with Session(place.engine) as session, session.begin():
                only = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
                session.execute(text(only))
            place.engine.dispose()
            assert ready(place)[0] == 503
            assert ready(place)[2]["writer"] == "failing"
            with Session(place.engine) as session:
                session.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
                session.commit()
                session.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
                session.commit()


@pytest.mark.usefixtures("dialect")
def test_a_clock_that_jumps_by_an_hour_loses_no_answer(new_target):
    target = new_target(tables=False)
    upgrade(target)
    with served(target) as opened:
        place = with_people(opened)
        for version, hours in enumerate((0, 1, -2, 1)):
            place.clock.turn(hours=hours)
            sent = FIRST if version % 2 else SECOND
            expected = 409 if hours == -2 else 200  # an hour before the round opened
            assert place["teacher"].put(MINE, sent, match=min(version, 2)).status_code == expected
        assert versions(place) == (3, 3)
        assert ready(place)[0] == 200


def of(kind, **names):
    """Return an error as SQLAlchemy hands on one of a driver."""
    raised = type("FromDriver", (Exception,), names)("said")
    return kind("SELECT 1", {}, raised)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (of(OperationalError, sqlite_errorname="SQLITE_BUSY_SNAPSHOT"), 503),
        (of(OperationalError, sqlite_errorname="SQLITE_FULL"), 503),
        (of(OperationalError, sqlite_errorname="SQLITE_READONLY"), 503),
        (of(OperationalError, sqlite_errorname="SQLITE_ERROR"), 500),
        (of(OperationalError, sqlstate="57P01"), 503),
        (of(OperationalError, sqlstate="53100"), 503),
        (of(DBAPIError, sqlstate="25006"), 503),
        (of(OperationalError, sqlstate=None), 503),
        (of(InterfaceError, sqlstate=None), 500),
        (of(IntegrityError, sqlstate="23505"), 500),
        (of(OperationalError, sqlstate="42P01"), 500),
        (NoConnection(), 503),
        (ValueError("database is locked"), 500),
    ],
)
def test_a_database_that_is_away_is_told_from_a_defect(error, status):
    assert status_of(error) == status


def test_a_service_gives_a_silent_server_up_and_a_command_does_not(new_server):
    target = new_server()
    for opening, silence in ((open_for_serving, SILENCE_SECONDS), (open_database, None)):
        engine = opening(target)
        with engine.connect() as connection:
            assert connection.connection.driver_connection.silence == silence
        engine.dispose()


def test_a_server_waits_for_a_lock_no_longer_than_it_may(tmp_path):
    from contextlib import ExitStack

    from api.app import create_app
    from api.database import BUSY_MILLISECONDS, SERVING_MILLISECONDS
    from api.serve import _open

    desk = Desk(tmp_path / "county.db", "zh")
    upgrade(desk.db)
    keep_key_in(key_file(desk.db))
    waits = "PRAGMA busy_timeout"
    with desk.database() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql(waits).scalar() == BUSY_MILLISECONDS
    app = create_app(None)
    with ExitStack() as stack:
        _open(desk, app, stack, worker=False)
        with app.state.office.read() as session:
            assert session.connection().exec_driver_sql(waits).scalar() == SERVING_MILLISECONDS

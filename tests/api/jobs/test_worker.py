"""Workers in processes of their own: many of them, stopped, taken over, and nothing outside."""

import os
import sys
import time

from api.jobs import slots, solve_now, solving, worker
from api.jobs.solving import ask_stop
from api.places import is_url
from matching.rounds.life.tables import JobRow
from tests.api.jobs.offices import (
    FACTORY,
    PATIENCE,
    SlowSolver,
    add_rounds,
    county_call,
    looking,
    working,
)


def test_two_workers_share_the_jobs(place):
    jobs = add_rounds(place, 2)
    slow = SlowSolver(rest=0.03)
    with looking(place) as eye, working(place, slow), working(place, slow):
        running = []
        while len(running) < 2:
            states = [eye.job(name).state for name in jobs]
            assert "done" not in states, "one did both"
            running = [state for state in states if state == "running"]
        assert [eye.until(name, "done").attempt for name in jobs] == [1, 1]
        assert len(eye.answers()) == 2


def test_the_work_of_a_dead_worker_is_taken_over_by_a_living_one(place, eye, job):
    """The dead one is not started again; the issue allows a minute, the worker looks every 5 s."""
    with working(place, SlowSolver(rest=60)) as dead:
        eye.until(job, "running")
        with working(place):
            time.sleep(1.2)
            assert eye.job(job).attempt == 1, "the living are left alone"
            dead.kill()
            began = time.monotonic()
            row = eye.until(job, "done")
    assert (row.attempt, len(eye.answers())) == (2, 1)
    assert time.monotonic() - began < 60


def test_a_worker_that_was_taken_for_dead_ends(place, eye, job):
    """Whoever began meanwhile is the only one left; the supervisor starts a fresh worker."""
    with working(place, SlowSolver(rest=0.1)) as process:
        eye.until(job, "running")
        solving._begin(eye.office, job)
        process.join(PATIENCE)
        assert process.exitcode == worker.TAKEN_FOR_DEAD
    assert eye.answers() == []


def test_a_worker_that_loses_its_connection_for_a_moment_goes_on(place, eye, job):
    """Only PostgreSQL has such connections; the solve is not begun again for it."""
    if not is_url(place):
        return
    with working(place, SlowSolver(rest=0.1)), working(place):
        eye.until(job, "running")
        with eye.engine.begin() as connection:
            lost = connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'xuanke worker-%%'"
            ).all()
        assert lost, "the second may still be looking for a free slot, over a connection of its own"
        assert eye.until(job, "done").attempt == 1


def test_a_job_lost_by_the_queue_is_handed_over_again(place, eye, job):
    """The file of the queue is gone, or older than the database that was restored: ours decides."""
    with working(place, SlowSolver(rest=60)):
        eye.until(job, "running")
    if is_url(place):
        import psycopg

        with psycopg.connect(place, autocommit=True) as session:
            session.execute("DROP SCHEMA xuanke_jobs CASCADE")
    else:
        place.with_name(f"{place.name}.jobs").unlink()
    with working(place):
        assert eye.until(job, "done").attempt == 2


def test_a_stop_reaches_the_worker(place, eye, job):
    """Progress grows while it works; the stop is heard within a second."""
    with working(place, SlowSolver(rest=0.4)):
        rows: list[JobRow] = []
        while len(rows) < 3:
            row = eye.job(job)
            if row.tier and (not rows or row.seconds > rows[-1].seconds):
                rows.append(row)
            time.sleep(0.02)
        ask_stop(eye.office, county_call(), job)
        row = eye.until(job, "done")
    assert {each.attempt for each in rows} == {1}
    assert [each.tier for each in rows] == sorted(each.tier for each in rows)
    (answer,) = eye.answers()
    assert (answer.status, row.stop_wanted) == ("stopped", True)
    assert answer.body["stopped_at"].startswith("tier")


def test_a_worker_asked_to_finish_leaves_when_nothing_waits(place, eye, job):
    with working(place, once=True) as process:
        process.join(PATIENCE)
        assert process.exitcode == 0
    assert eye.job(job).state == "done"
    assert not slots.somebody_works(place)


def test_without_a_worker_the_one_who_waits_solves(place, eye, job):
    told = []
    row = solve_now(place, eye.engine, job, lambda step, seconds: told.append(step), SlowSolver())
    assert (row.state, row.attempt, len(eye.answers())) == ("done", 1, 1)
    assert told[-1].seats_filled == row.seats_filled


def test_with_a_worker_the_one_who_waits_only_watches(place, eye, job):
    with working(place, SlowSolver(rest=0.05)):
        eye.until(job, "running")
        told = []
        row = solve_now(
            place,
            eye.engine,
            job,
            lambda step, seconds: told.append(seconds),
            SlowSolver(fails="not asked"),
        )
    assert (row.state, row.attempt) == ("done", 1)
    assert told == sorted(told)
    assert told


def test_who_waits_goes_on_when_the_worker_dies(place, eye, job):
    with working(place, SlowSolver(rest=60)):
        eye.until(job, "running")
    assert solve_now(place, eye.engine, job, solver=SlowSolver()).attempt == 2


def test_slots_end_with_their_process(place):
    with working(place) as process:
        while not slots.somebody_works(place):
            time.sleep(0.02)
        assert slots.take(place, 1) is None
        second = slots.take_any(place)
        assert second.name == "worker-2"
        process.kill()
        process.join()
        first = slots.take_any(place)
        assert (first.name, first.is_held()) == ("worker-1", True)
        first.free()
        second.free()
    assert not slots.somebody_works(place)


def outside(place, report, more: bool) -> None:
    """Solve everything while each connection is written down; `more` makes one to a stranger."""

    def watch(event, said):
        if event == "socket.connect" and said[1][0] not in ("127.0.0.1", "::1"):
            report.put(repr(said[1]))
        if event == "socket.getaddrinfo":
            report.put(repr(said[:2]))

    sys.addaudithook(watch)
    os.environ |= {"DBOS__CLOUD": "true", "DBOS__CONDUCTOR_KEY": "k", "DBOS_DOMAIN": "example.org"}
    if more:
        import socket

        socket.socket().connect_ex(("192.0.2.1", 9))
    worker.run(place, once=True, solver=SlowSolver())
    report.put("end")
    report.close()
    report.join_thread()


def connections(place, more: bool = False) -> list[str]:
    report = FACTORY.Queue()
    process = FACTORY.Process(target=outside, args=(place, report, more), daemon=True)
    process.start()
    found = [report.get(timeout=PATIENCE)]
    while found[-1] != "end":
        found.append(report.get(timeout=PATIENCE))
    process.join()
    report.close()
    return found[:-1]


def test_nothing_outside_is_contacted(place, eye, job):
    assert connections(place) == []
    assert eye.job(job).state == "done"


def test_a_connection_outside_would_be_seen(place):
    """Negative control: the watch reports one to an address of nobody."""
    assert connections(place, more=True) == ["('192.0.2.1', 9)"]

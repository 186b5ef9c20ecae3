"""The one writer: it groups, it tells failures to those they concern, and it never stays dead."""

import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from api import database, log
from api import writer as writing
from api.database import (
    CONNECT_SECONDS,
    LOCK_MILLISECONDS,
    PAUSES,
    POOL_SECONDS,
    SERVING_MILLISECONDS,
    open_database,
)
from api.errors import Overloaded, Unconfirmed
from api.unit_of_work import Office
from api.writer import PAUSE_SECONDS, Writer, in_time
from catalog.tables import UnitRow
from matching.rounds.life.events import Happened
from tests import databases
from tests.api.office_stories import call, found, key, refuse, units


@pytest.fixture
def path(tmp_path):
    with databases.fresh(tmp_path) as made:
        yield made


@pytest.fixture
def engine(path):
    opened = open_database(path)
    yield opened
    opened.dispose()


@pytest.fixture
def office(engine):
    with Office(engine, serving=True) as opened:
        yield opened


@contextmanager
def held_up(office):
    """Let the writer wait in a command of its own, so that what is sent meanwhile makes one batch."""
    begun, go = Event(), Event()

    def wait(_session):
        begun.set()
        assert go.wait(10)
        return ()

    office.submit(call(), wait)
    assert begun.wait(10)
    try:
        yield
    finally:
        go.set()


def until(condition, seconds=5.0):
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it did not become true"
        sleep(0.01)


def test_many_commands_share_a_commit_and_each_stands_alone(office, engine):
    commits = []
    event.listen(engine, "commit", commits.append)
    with held_up(office):
        sent = [office.submit(call(), found(f"PT{n:03}")) for n in range(450)]
        bad = [office.submit(call(), refuse("X")), office.submit(call(), found("PT000"))]
    done = [one.result(10) for one in sent]
    assert len(commits) == 1 + 3  # the one that waited; 200, 200 and 52
    assert [one.events for one in done] == [(n,) for n in range(1, 451)]
    assert isinstance(bad[1].exception(), IntegrityError)
    assert bad[0].exception().code == "scope_empty"
    with office.read() as session:
        assert log.check(session).ok


def test_nothing_is_answered_before_the_commit(office, engine):
    order = []

    def committed(_connection):
        order.append("commit")
        sleep(0.05)

    event.listen(engine, "commit", committed)
    sent = office.submit(call(), found("PT1"))
    sent.add_done_callback(lambda _: order.append("answer"))
    sent.result()
    until(lambda: len(order) == 2)
    assert order == ["commit", "answer"]


def test_a_command_sees_what_the_one_before_it_in_the_batch_did(office):
    def second(session):
        assert session.get(UnitRow, "PT1").name == "unit PT1"
        return Happened("looked", "R", {})

    with held_up(office):
        first, then = office.submit(call(), found("PT1")), office.submit(call(), second)
    assert first.result().events + then.result().events == (1, 2)


def test_a_full_line_says_so_at_once(engine):
    with Office(engine, serving=True, most_waiting=3) as office, held_up(office):
        sent = [office.submit(call(), found(f"PT{n}")) for n in range(3)]
        began = monotonic()
        with pytest.raises(Overloaded) as refused:
            office.do(call(), found("PT9"))
        assert monotonic() - began < 1
        assert refused.value.retry_after >= 1
    assert all(one.result().events for one in sent)
    assert units(office) == ["PT0", "PT1", "PT2"]


def test_closing_writes_what_waits_and_takes_nothing_more(engine):
    office = Office(engine, serving=True)
    with held_up(office):
        sent = [office.submit(call(), found(f"PT{n}")) for n in range(5)]
    office.close()
    assert all(one.done() and one.result().events for one in sent)
    with pytest.raises(Overloaded):
        office.do(call(), found("PT9"))


def test_one_who_has_gone_before_her_turn_is_skipped(office):
    with held_up(office):
        gone = office.submit(call(), found("PT1"))
        there = office.submit(call(), found("PT2"))
        assert gone.cancel()
    there.result()
    assert units(office) == ["PT2"]


def test_nobody_waits_for_ever_behind_a_thread_that_hangs(office):
    """A disk that hangs says nothing: whoever was not begun with is out of the line, and knows it."""
    with held_up(office):
        gone = office.submit(call(), found("PT1"))
        with pytest.raises(Overloaded):
            in_time(gone, 0.01)
    office.do(call(), found("PT2"))
    assert units(office) == ["PT2"]


def test_one_who_was_begun_with_is_told_that_nobody_knows(office):
    begun, go = Event(), Event()

    def slow(session):
        begun.set()
        assert go.wait(10)
        return found("PT1")(session)

    sent = office.submit(call(), slow, key("k1"))
    assert begun.wait(10)
    with pytest.raises(Unconfirmed):
        in_time(sent, 0.01)
    go.set()
    assert office.do(call(), slow, key("k1")).replayed
    assert units(office) == ["PT1"]


def test_an_error_of_the_work_itself_is_told_as_it_is(office):
    def late(_session):
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        office.do(call(), late)


def test_a_failed_commit_fails_those_who_wait_for_it_and_no_others(office, engine):
    broken = True

    def fail(_connection):
        if broken:
            raise sqlite3.OperationalError("disk I/O error")

    before = office.do(call(), found("PT0"))
    event.listen(engine, "commit", fail)
    with held_up(office):
        lost = [office.submit(call(), found(f"PT{n}"), key(f"k{n}")) for n in (1, 2)]
    for one in lost:
        with pytest.raises(Unconfirmed, match="disk I/O error"):
            one.result(5)
    until(lambda: not office.healthy)
    assert units(office) == ["PT0"]

    broken = False
    until(lambda: office.healthy)  # nobody writes: it has tried the disk by itself
    again = [office.do(call(), found(f"PT{n}"), key(f"k{n}")) for n in (1, 2)]
    assert [one.events for one in (before, *again)] == [(1,), (2,), (3,)]
    assert not any(one.replayed for one in again)


def test_a_transaction_that_sqlite_ends_by_itself_keeps_no_half(office):
    """On some errors SQLite rolls everything back; what came later in the batch must not slip in."""

    def end_it(session):
        session.connection().exec_driver_sql("ROLLBACK")
        raise OperationalError("", {}, Exception("database or disk is full"))

    with held_up(office):
        sent = [office.submit(call(), found("PT1")), office.submit(call(), end_it)]
        sent.append(office.submit(call(), found("PT2")))
    for one in sent:
        with pytest.raises(Unconfirmed):
            one.result(5)
    until(lambda: office.healthy)
    assert units(office) == []
    assert office.do(call(), found("PT3")).events == (1,)


def test_a_writer_kept_waiting_by_another_process_says_so_and_goes_on(path):
    """A worker holds the write lock longer than the writer waits for it."""
    engine = open_database(path, busy_milliseconds=100)
    with Office(engine, serving=True) as office:
        with closing(sqlite3.connect(path, isolation_level=None)) as worker:
            worker.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unconfirmed, match="locked"):
                office.do(call(), found("PT1"), key("k1"))
        assert office.do(call(), found("PT1"), key("k1")).events == (1,)
    engine.dispose()


def test_a_long_line_behind_a_lock_is_not_kept_waiting_batch_by_batch(path):
    """Three batches stand behind a lock that stays: two are tried, and nobody waits for a third."""
    engine, tries = open_database(path, busy_milliseconds=150), []
    writer = Writer(engine, patience=0.3)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        event.listen(engine, "begin", lambda _: tries.append(1))
        sent = [writer.submit(lambda _session: None) for _ in range(450)]
        told = [type(one.exception(10)) for one in sent]
    assert set(told) == {Unconfirmed, Overloaded}
    assert told.count(Unconfirmed) <= 400
    assert len(tries) <= 3
    writer.close()
    engine.dispose()


def test_with_patience_without_end_each_batch_waits_in_turn(path):
    """Negative control: then everybody is begun with, however long she has stood there."""
    engine = open_database(path, busy_milliseconds=150)
    writer = Writer(engine, patience=1000)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        sent = [writer.submit(lambda _session: None) for _ in range(450)]
        assert {type(one.exception(10)) for one in sent} == {Unconfirmed}
    writer.close()
    engine.dispose()


def test_what_a_server_waits_for_adds_up_to_less_than_ten_seconds():
    """P14: in line, or for a lock and once more; and whatever it waits for, the answer has an end."""
    one_batch = SERVING_MILLISECONDS / 1000 + PAUSE_SECONDS
    assert one_batch < writing.PATIENCE_SECONDS < writing.LONGEST_SECONDS < 10
    assert database.PATIENCE_SECONDS + LOCK_MILLISECONDS / 1000 + max(PAUSES) < 10
    assert POOL_SECONDS + CONNECT_SECONDS < 10


@pytest.mark.slow
def test_nobody_hangs_for_ten_seconds_behind_a_lock_that_stays(path):
    """The real waits of a server, with a crowd of three batches."""
    engine = open_database(path, SERVING_MILLISECONDS)
    with Office(engine, serving=True) as office:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = monotonic()
            sent = [office.submit(call(), found(f"PT{n}")) for n in range(450)]
            assert all(one.exception(10) for one in sent)
            assert monotonic() - began < 10
        until(lambda: office.healthy)
        assert units(office) == []
    engine.dispose()


def test_even_a_thread_that_is_told_to_exit_goes_on(office):
    def leave(_session):
        raise SystemExit

    with pytest.raises(Unconfirmed):
        office.do(call(), leave)
    assert office.do(call(), found("PT1")).events == (1,)


def fill_until_full(office, bytes_each=200_000):
    """Write until the disk is full; return how many were acknowledged."""
    for number in range(500):

        def command(session, number=number):
            name = f"U{bytes_each}-{number}"
            session.add(UnitRow(id=name, name="x" * bytes_each, kind="county"))
            return Happened("filled", "R", {"number": number})

        try:
            office.do(call(), command)
        except (Unconfirmed, OperationalError):
            return number
    raise AssertionError("the disk never became full")


def test_a_database_that_may_not_grow_keeps_what_it_acknowledged(office, engine):
    """SQLite's own limit of pages gives the very error of a full disk, on any machine."""

    @event.listens_for(engine, "begin")
    def _limit(connection):
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")

    limit = 600
    acknowledged = fill_until_full(office)
    assert len(units(office)) == acknowledged > 0
    limit = 1_000_000
    until(lambda: office.healthy)
    office.do(call(), found("PT1"))
    with office.read() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert log.check(session).ok


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB, where this machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    try:
        mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_turns_it_red_and_space_turns_it_green(small_disk):
    """Everything acknowledged is there; nobody hangs; when there is space again, it goes on."""
    (ballast := small_disk / "ballast").write_bytes(b"x" * 1_000_000)
    with databases.fresh(small_disk) as path:
        engine = open_database(Path(path))
        with Office(engine, serving=True) as office:
            acknowledged = sum(fill_until_full(office, size) for size in (200_000, 10_000, 1))
            assert not office.healthy
            began = monotonic()
            with pytest.raises(Unconfirmed):
                office.do(call(), found("PT1"))
            assert monotonic() - began < 10
            assert len(units(office)) == acknowledged > 0
            ballast.unlink()
            until(lambda: office.healthy)
            office.do(call(), found("PT1"))
            with office.read() as session:
                assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
                assert log.check(session).ok
        engine.dispose()

"""What a request does is kept together or not at all, is answered once, and is told once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from api import log
from api.errors import OtherBody, Overloaded, ServedAlready
from api.unit_of_work import ANSWERED, OUTBOX, Done, Office
from catalog.tables import UnitRow
from matching.rounds.errors import BadRound
from matching.rounds.life.events import Happened
from tests.api.office_stories import call, found, how_many, key, refuse, rows_of, units
from tests.clocks import FakeClock


@pytest.fixture(params=["serving", "passing by"])
def office(engine, request):
    with Office(engine, FakeClock(), serving=request.param == "serving") as opened:
        yield opened


def chain(office):
    with office.read() as session:
        return log.check(session)


def test_a_command_leaves_its_row_its_line_its_answer_and_its_messages(office):
    done = office.do(call(request_id="q1"), found("PT1", "T1", "T2"), key("k1"), status=201)

    assert done == Done(201, {"unit": "PT1", "version": 1}, (1,))
    assert units(office) == ["PT1"]
    (line,) = rows_of(office, log.LINES)
    assert (line["seq"], line["kind"], line["actor"]) == (1, "unit.founded", "clerk")
    assert (line["role"], line["scope"], line["request_id"]) == ("county", "PT", "q1")
    assert line["at"] == "2026-03-02T09:00:00.000000Z"
    (body,) = rows_of(office, log.BODIES)
    assert body["body"] == {"unit": "PT1"}
    (answer,) = rows_of(office, ANSWERED)
    assert (answer["status"], answer["etag"], answer["body"]) == (201, "1", done.body)
    messages = rows_of(office, OUTBOX)
    assert [(m["person"], m["event_seq"], m["state"]) for m in messages] == [
        ("T1", 1, "waiting"),
        ("T2", 1, "waiting"),
    ]
    assert chain(office).ok


def test_a_refusal_leaves_nothing_and_its_key_is_free(office):
    with pytest.raises(BadRound):
        office.do(call(), refuse("PT1"), key("k1"))
    assert units(office) == []
    assert [how_many(office, t) for t in (log.LINES, log.BODIES, ANSWERED, OUTBOX)] == [0, 0, 0, 0]

    assert office.do(call(), found("PT1"), key("k1")).events == (1,)


def test_what_cannot_be_logged_is_not_done_either(office):
    """The rows were right; the event holds what JSON cannot say. Nothing of it stays."""

    def command(session):
        session.add(UnitRow(id="PT1", name="one", kind="county"))
        return Happened("unit.founded", "R", {"share": float("nan")})

    with pytest.raises(ValueError):
        office.do(call(), command)
    assert units(office) == []
    office.do(call(), found("PT2"))
    assert units(office) == ["PT2"]


def test_the_same_request_is_answered_again_and_not_done_again(office):
    first = office.do(call(), found("PT1", "T1"), key("k1"))
    again = office.do(call(), found("PT1", "T1"), key("k1"))
    assert again == Done(first.status, first.body, (), replayed=True)
    assert how_many(office, log.LINES) == 1


def test_without_its_key_the_same_request_is_a_new_one(office):
    """Negative control of the test above."""
    office.do(call(), found("PT1"))
    with pytest.raises(IntegrityError):
        office.do(call(), found("PT1"))


def test_a_key_stands_for_one_request_of_one_person(office):
    office.do(call(), found("PT1"), key("k1", digest="d1"))
    with pytest.raises(OtherBody) as refused:
        office.do(call(), found("PT2"), key("k1", digest="d2"))
    assert refused.value.code == "idempotency_other_body"
    office.do(call("other"), found("PT3"), key("k1", "other", "d2"))
    assert units(office) == ["PT1", "PT3"]


def test_nobody_is_told_the_same_twice(office):
    office.do(call(), found("PT1", "T1", "T2"))
    office.do(call(), found("PT2", "T2", "T3"))
    told = sorted((m["person"], m["event_seq"]) for m in rows_of(office, OUTBOX))
    assert told == [("T1", 1), ("T2", 1), ("T3", 2)]


def test_several_events_and_none(office):
    both = (Happened("a", "R", {}, {"x": 1, "y": 1}), Happened("b", "R", {}, {"y": (2,)}))
    done = office.do(call(), lambda _: both, key("k1"))
    assert (done.events, done.body) == ((1, 2), {"x": 1, "y": [2]})
    assert office.do(call(), lambda _: both, key("k1")).body == done.body
    assert office.do(call(), lambda _: ()).events == ()


def test_one_key_sent_from_many_threads_takes_effect_once(office):
    """She pressed five times, and five requests run at once."""
    with ThreadPoolExecutor(5) as threads:
        sent = [threads.submit(office.do, call(), found("PT1"), key("k1")) for _ in range(5)]
    done = [one.result() for one in sent]
    assert sorted(one.replayed for one in done) == [False, True, True, True, True]
    assert {str(one.body) for one in done} == {str(done[0].body)}
    assert how_many(office, log.LINES) == 1


def test_many_at_once_make_one_chain_without_gaps(office):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: office.do(call(), found(f"PT{n}")), range(40)))
    report = chain(office)
    assert report.ok, report.faults
    assert report.lines == 40


def test_two_offices_write_one_chain(office, engine):
    """The office that serves, and a worker beside it."""
    worker = Office(engine)
    with ThreadPoolExecutor(4) as threads:
        list(
            threads.map(
                lambda n: (office, worker)[n % 2].do(call(), found(f"PT{n:02}"), key(f"k{n}")),
                range(24),
            )
        )
    assert chain(office).ok
    assert chain(office).lines == 24


def test_submit_answers_after_the_commit(office):
    sent = [office.submit(call(), found(f"PT{n}"), key(f"k{n}")) for n in range(10)]
    assert all(one.result().status == 200 for one in sent)
    assert len(units(office)) == 10
    with pytest.raises(BadRound):
        office.submit(call(), refuse("PT11")).result()


def test_the_arrival_is_what_is_written_not_the_commit(office):
    late = call()
    office.clock.advance(minutes=5)
    office.do(late, found("PT1"))
    (line,) = rows_of(office, log.LINES)
    assert line["at"].startswith("2026-03-02T09:00:00")
    assert office.clock() - late.now == timedelta(minutes=5)


def test_reading_cannot_write(office):
    with office.read() as session:
        session.add(UnitRow(id="PT1", name="one", kind="county"))
        with pytest.raises(DBAPIError):
            session.flush()
    assert units(office) == []


def test_who_finds_the_line_full_is_told_at_once(engine):
    go = Event()
    with Office(engine, most_waiting=1) as office:
        slow = office.submit(call(), lambda _: go.wait(10) and ())
        with pytest.raises(Overloaded):
            office.submit(call(), found("PT1"))
        go.set()
        slow.result()
        office.submit(call(), found("PT2")).result()


def test_one_process_serves_a_sqlite_file(engine, dialect):
    if dialect != "sqlite":
        with Office(engine, serving=True), Office(engine, serving=True):
            return
    first = Office(engine, serving=True)
    with pytest.raises(ServedAlready, match=r"county\.db"):
        Office(engine, serving=True)
    Office(engine).do(call(), found("PT1"))
    first.close()
    Office(engine, serving=True).close()

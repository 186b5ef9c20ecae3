"""The log holds who was shown whom: whoever changes a line that has come to rest is found out."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from api import accesses, anchors, log
from api.accesses import Shown
from api.database import session
from api.messages import say
from api.serve import anchor_accesses, forget_accesses
from api.unit_of_work import Office
from tests.api.office_stories import call
from tests.clocks import FakeClock

TABLES = ("access_log", "access_subject")


@pytest.fixture
def office(engine):
    """An office where three people have been shown somebody, an hour after each other, and rest."""
    office = Office(engine, FakeClock())
    for number in range(3):
        show(office, f"q{number}", "T1", "T2")
        office.clock.advance(hours=1)
    office.clock.advance(hours=3)
    anchor_accesses(office)
    return office


def show(office, name, *teachers):
    asked = replace(call(request_id=name), now=office.clock())
    office.do(
        asked, lambda s: accesses.keep(s, asked, Shown("get_hours", "R", frozenset(teachers)))
    )


def faults(office) -> list[int]:
    with office.read() as opened:
        assert log.check(opened).ok
        return [one.seq for one in anchors.faults(opened)]


def spans(office) -> list[int]:
    """Return how many lines each anchor holds."""
    with office.read() as opened:
        return [body["accesses"] for _, body in anchors._told(opened, anchors.ANCHORED)]


def owner(engine, statement: str) -> None:
    """Say something as who owns the database and has taken the guards away."""
    with session(engine) as opened:
        say = opened.connection().exec_driver_sql
        for table in TABLES:
            if engine.dialect.name == "postgresql":
                say(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                for verb in ("update", "delete", "replace"):
                    say(f"DROP TRIGGER {table}_no_{verb}")
        opened.connection().execute(text(statement))


def test_what_rests_is_held_and_what_is_fresh_waits(office):
    assert spans(office) == [3]
    show(office, "fresh", "T3")
    office.clock.advance(hours=1)
    anchor_accesses(office)
    assert spans(office) == [3]
    office.clock.advance(hours=1)
    anchor_accesses(office)
    assert spans(office) == [3, 1]
    assert faults(office) == []


def test_without_anybody_shown_the_log_stays_as_it_is(office):
    for _ in range(3):
        office.clock.advance(days=1)
        anchor_accesses(office)
    assert spans(office) == [3]


TOUCHES = [
    "UPDATE access_log SET actor = 'nobody' WHERE id = 'q1'",
    "UPDATE access_log SET what = 'get_ballot' WHERE id = 'q1'",
    "DELETE FROM access_log WHERE id = 'q1'",
    "DELETE FROM access_subject WHERE access_id = 'q1' AND teacher_id = 'T2'",
    "UPDATE access_subject SET teacher_id = 'T9' WHERE access_id = 'q0' AND teacher_id = 'T1'",
    "INSERT INTO access_log SELECT 'q9', at, actor, role, scope_id, what, round_id, count"
    " FROM access_log WHERE id = 'q1'",
]


@pytest.mark.parametrize("touch", TOUCHES, ids=range(len(TOUCHES)))
def test_a_line_that_was_touched_is_found_out(office, engine, touch):
    assert faults(office) == []
    owner(engine, touch)
    assert faults(office) == [1]


def test_a_line_nobody_has_anchored_yet_can_be_changed_unseen(office, engine):
    """Negative control, and the bound that is told: what is younger than a rest and an hour."""
    show(office, "fresh", "T3")
    owner(engine, "UPDATE access_log SET actor = 'nobody' WHERE id = 'fresh'")
    assert faults(office) == []


def test_an_anchor_whose_words_are_gone_is_a_fault(office, engine):
    with session(engine) as opened:
        log.forget_body(opened, 1)
    assert faults(office) == [1]


def test_what_was_forgotten_in_time_is_no_fault(office):
    office.clock.advance(days=10)
    show(office, "later", "T1")
    office.clock.advance(hours=4)
    anchor_accesses(office)
    office.clock.advance(days=395)
    with session(office._engine) as opened:
        if opened.get_bind().dialect.name == "sqlite":
            opened.connection().exec_driver_sql("DROP TRIGGER access_log_no_delete")
            opened.connection().exec_driver_sql("DROP TRIGGER access_subject_no_delete")
        else:
            opened.connection().exec_driver_sql("ALTER TABLE access_log DISABLE TRIGGER USER")
            opened.connection().exec_driver_sql("ALTER TABLE access_subject DISABLE TRIGGER USER")
    forget_accesses(office)
    assert spans(office) == [3, 1]
    assert faults(office) == []


def test_two_servers_anchor_a_span_once(office, engine):
    show(office, "later", "T1")
    office.clock.advance(hours=4)
    asked = replace(call(), now=office.clock())
    with office.read() as opened:
        anchor = anchors.next_anchor(opened, asked)
    for _ in range(2):
        office.do(asked, lambda s: anchors.keep(s, anchor))
    assert spans(office) == [3, 1]
    assert faults(office) == []


def test_a_fault_is_told_in_both_languages():
    assert say("log_accesses", "zh", seq=3) != say("log_accesses", "en", seq=3)

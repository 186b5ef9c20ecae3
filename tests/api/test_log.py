"""The chain of the log: sound after any story, and every change beside it is named with its line."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api import log
from api.database import open_database, session
from api.tables import EventRow
from api.unit_of_work import Office
from matching.rounds.life.events import Happened
from tests import databases
from tests.api.office_stories import call, found


@pytest.fixture
def office(engine):
    """An office whose log has five lines."""
    office = Office(engine)
    for number in range(1, 6):
        office.do(call(request_id=f"q{number}"), found(f"PT{number}"))
    return office


def faults(office, published=None):
    with office.read() as opened:
        return [(one.code, one.seq) for one in log.check(opened, published).faults]


@contextmanager
def beside_the_guards(engine):
    """Write as somebody who owns the database: the triggers are gone first."""
    with session(engine) as opened:
        for statement in _without_triggers(engine.dialect.name):
            opened.connection().exec_driver_sql(statement)
        yield lambda sql: opened.connection().execute(text(sql))


def _without_triggers(dialect):
    if dialect == "postgresql":
        return ["ALTER TABLE event_log DISABLE TRIGGER USER"]
    return [f"DROP TRIGGER event_log_no_{verb}" for verb in ("update", "delete", "replace")]


def test_a_sound_log_has_no_fault(office):
    with office.read() as opened:
        report = log.check(opened)
        assert report.ok
        assert (report.lines, report.bodies, report.head.seq) == (5, 5, 5)
        assert report.head == log.head(opened)


def test_an_empty_log_is_sound(engine):
    with Office(engine).read() as opened:
        assert log.check(opened) == log.ChainReport(0, 0, log.GENESIS, ())


def test_everything_a_line_says_is_under_its_hash():
    columns = {column.name for column in EventRow.__table__.columns}
    assert set(log.HASHED) == columns - {"hash"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event_log SET reason = 'because' WHERE seq = 3",
        "DELETE FROM event_log WHERE seq = 3",
    ],
)
def test_the_database_itself_refuses_to_change_a_line(office, engine, sql):
    with pytest.raises(IntegrityError, match="append-only"), session(engine) as opened:
        opened.connection().execute(text(sql))
    assert faults(office) == []


CHANGES = {
    "an edited line": (
        ["UPDATE event_log SET actor = 'somebody' WHERE seq = 3"],
        [("log_hash", 3)],
    ),
    "a later arrival": (
        ["UPDATE event_log SET at = '2026-03-02T10:00:00.000000Z' WHERE seq = 1"],
        [("log_hash", 1)],
    ),
    "a dropped line": (
        ["DELETE FROM event_log WHERE seq = 3"],
        [("log_gap", 4), ("log_stray", 3)],
    ),
    "a dropped last line": (
        ["DELETE FROM event_log WHERE seq = 5"],
        [("log_stray", 5)],
    ),
    "a dropped line, the rest moved up": (
        [
            "DELETE FROM event_log WHERE seq = 3",
            "DELETE FROM event_body WHERE seq = 3",
            *(
                f"UPDATE {table} SET seq = {n - 1} WHERE seq = {n}"
                for n in (4, 5)
                for table in ("event_log", "event_body")
            ),
        ],
        [("log_previous", 3), ("log_hash", 3), ("log_hash", 4)],
    ),
    "two lines swapped": (
        [
            f"UPDATE {table} SET seq = {after} WHERE seq = {before}"
            for before, after in ((3, 99), (4, 3), (99, 4))
            for table in ("event_log", "event_body")
        ],
        [
            ("log_previous", 3),
            ("log_hash", 3),
            ("log_previous", 4),
            ("log_hash", 4),
            ("log_previous", 5),
        ],
    ),
    "a changed body": (
        ["""UPDATE event_body SET body = '{"unit": "PT9"}' WHERE seq = 2"""],
        [("log_body", 2)],
    ),
    "a changed salt": (
        ["UPDATE event_body SET salt = 'pepper' WHERE seq = 2"],
        [("log_body", 2)],
    ),
    "a body of another line": (
        ["UPDATE event_body SET seq = 9 WHERE seq = 2"],
        [("log_stray", 9)],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_beside_the_log_is_named(office, engine, change):
    statements, expected = CHANGES[change]
    with beside_the_guards(engine) as run:
        for sql in statements:
            run(sql)
    assert faults(office) == expected


def test_a_log_written_anew_is_found_by_a_published_head(office, engine):
    """Whoever owns the database can make a sound chain; she cannot make it end at the same hash."""
    with office.read() as opened:
        published = _hashes(opened)
    with beside_the_guards(engine) as run:
        run("DELETE FROM event_log WHERE seq >= 4")
        run("DELETE FROM event_body WHERE seq >= 4")
    other = Office(engine)
    other.do(call(), found("PT8"))
    assert faults(other) == []
    assert faults(other, {4: published[4]}) == [("log_head", 4)]
    assert faults(other, {3: published[3]}) == []
    assert faults(other, {5: published[5]}) == [("log_head", 5)]


def _hashes(opened):
    return {row.seq: row.hash for row in opened.connection().execute(log.LINES.select())}


def test_a_forgotten_body_leaves_the_chain_sound(office, engine):
    with session(engine) as opened:
        assert log.forget_body(opened, 2)
        assert not log.forget_body(opened, 2)
    with office.read() as opened:
        report = log.check(opened)
    assert report.ok
    assert (report.lines, report.bodies) == (5, 4)


def test_equal_bodies_have_unequal_digests(engine):
    """So nobody can try out what a forgotten body said."""
    office = Office(engine)
    for _ in range(2):
        office.do(call(), lambda _: Happened("same", "R", {"choice": "A"}))
    with office.read() as opened:
        first, second = opened.connection().execute(log.LINES.select()).mappings()
    assert first["body_digest"] != second["body_digest"]


def test_faults_have_their_sentences():
    for code in ("log_gap", "log_previous", "log_hash", "log_body", "log_head", "log_stray"):
        fault = log.Fault(code, 7)
        assert "7" in fault.say("en")
        assert fault.say("en") != fault.say("zh")


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.builds(
    Happened, kind=WORDS, round_id=WORDS, body=st.dictionaries(WORDS, BODIES, max_size=3)
)
BATCHES = st.lists(
    st.tuples(
        st.lists(EVENTS, max_size=3).map(tuple), st.booleans(), WORDS.filter(bool), WORDS, WORDS
    ),
    max_size=6,
)


class Undone(Exception):
    pass


def _tell(office, happened, undone, words):
    actor, reason, request_id = words

    def command(_session):
        if undone:
            raise Undone
        return happened

    return office.do(call(actor, reason=reason, request_id=request_id), command)


@pytest.mark.usefixtures("dialect")
@settings(max_examples=25, deadline=None)
@given(batches=BATCHES)
def test_any_story_gives_a_gap_free_chain(batches):
    """Any events, any words in them, any commands undone between them."""
    with tempfile.TemporaryDirectory() as folder, databases.fresh(Path(folder)) as target:
        engine = open_database(target)
        with Office(engine, serving=True) as office:
            numbers = []
            for happened, undone, *words in batches:
                try:
                    numbers += _tell(office, happened, undone, words).events
                except Undone:
                    continue
            with office.read() as opened:
                report = log.check(opened)
        engine.dispose()
    expected = sum(len(happened) for happened, undone, *_ in batches if not undone)
    assert report.ok, report.faults
    assert numbers == list(range(1, expected + 1))
    assert (report.lines, report.head.seq) == (expected, expected)

"""Whenever archiving is killed: not archived, or archived with a bundle that is whole; never half of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import Session

import api.archive
from api import log
from api.archive import archive, bundle
from api.archive.lines import Outrun
from api.database import open_database
from api.errors import UserError
from api.unit_of_work import Office
from matching import verify
from matching.rounds.life.calls import Scope
from matching.rounds.life.events import Happened
from matching.rounds.tables import RoundRow
from tests import databases
from tests.api.archive.killed import POINTS, killed
from tests.api.archive.stories import ROUND, posted
from tests.clocks import FakeClock
from tests.matching.rounds.life.factories import COUNTY, call

LAST = "it is committed"


@pytest.fixture
def office(engine):
    """A round whose hours are posted."""
    with Office(engine, FakeClock()) as opened:
        with Session(engine) as session:
            posted(opened, session)
        yield opened


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """Return a file with such a round, for stories in which the kind of database does not matter."""
    folder = tmp_path_factory.mktemp("posted")
    databases.kind = "sqlite"
    with databases.fresh(folder) as place:
        engine = open_database(place)
        with Office(engine, FakeClock()) as opened, Session(engine) as session:
            posted(opened, session)
        engine.dispose()
        return Path(shutil.copy(place, folder / "template.db"))


@pytest.fixture
def file(template, tmp_path) -> Path:
    return Path(shutil.copy(template, tmp_path / "county.db"))


@pytest.fixture
def one(file):
    """Return the office on the file."""
    engine = open_database(file)
    with Office(engine, FakeClock()) as opened:
        yield opened
    engine.dispose()


def state(office: Office) -> str:
    with office.read() as session:
        return session.get_one(RoundRow, ROUND).state


def named(office: Office) -> str:
    """Return the digest that the log names, empty where the round is not archived."""
    with office.read() as session:
        joined = log.LINES.join(log.BODIES, log.LINES.c.seq == log.BODIES.c.seq)
        query = joined.select().where(log.LINES.c.kind == "round.archive")
        line = session.connection().execute(query).one_or_none()
        return line.body["bundle"] if line else ""


def digest(out: Path) -> str:
    """Return the digest of a bundle that is whole, empty where nothing lies, `broken` otherwise."""
    if not out.exists():
        return ""
    try:
        wrong = {check.code for check in verify.verify(out) if check.problems}
        return "broken" if wrong else verify.Shelf.at(out).digest("manifest.json")
    except Exception:
        return "broken"


def holds(office: Office, out: Path) -> bool:
    """Tell whether the promise is kept: archived with its bundle, or not with nothing half done."""
    if state(office) == "archived":
        return named(office) == digest(out) != ""
    return state(office) == "posted" and named(office) == "" and digest(out) != "broken"


def test_a_kill_leaves_no_archive_or_a_whole_one(office, target, dialect, tmp_path):
    out = tmp_path / {"sqlite": "archive.zip", "postgresql": "archive"}[dialect]
    for point in POINTS:
        killed(target, out, point)
        assert holds(office, out), point
        assert (state(office) == "archived") == (point == LAST), point
    assert digest(out) == named(office)


def test_another_order_would_be_noticed(one, file, tmp_path):
    """Negative control: half a bundle under its name; an archived round without its bundle."""
    for wrongly in ("in place", "committed first"):
        out = tmp_path / f"{wrongly}.zip"
        killed(file, out, wrongly)
        assert not holds(one, out), wrongly


def test_what_a_killed_one_left_does_not_hinder_the_next(one, file, tmp_path):
    killed(file, tmp_path / "a.zip", "it has no name yet")
    (left,) = list(tmp_path.glob(".a.zip.*.part"))
    found = archive(one, call(), ROUND, tmp_path / "a.zip")
    assert digest(tmp_path / "a.zip") == named(one) == found.digest
    assert list(tmp_path.glob(".a.zip.*")) == [left]


def elsewhere(_session):
    return Happened("elsewhere", "another round", {})


def here(_session):
    return Happened("noted", ROUND, {})


def meanwhile(monkeypatch, office, *commands) -> list:
    """Let others do something, one command a time, while a bundle is written; return what waits."""
    waiting = list(commands)
    write = api.archive.write

    def written(*arguments):
        write(*arguments)
        if waiting:
            office.do(call(), waiting.pop(0))

    monkeypatch.setattr(api.archive, "write", written)
    return waiting


def test_others_go_on_while_a_bundle_is_written(office, monkeypatch, tmp_path):
    """No transaction is open: they need not wait; what concerns this round is in the bundle."""
    waiting = meanwhile(monkeypatch, office, here, elsewhere)
    found = archive(office, call(), ROUND, tmp_path / "a.zip")
    assert waiting == []
    assert holds(office, tmp_path / "a.zip")
    told = list(verify.Shelf.at(tmp_path / "a.zip").lines("events.jsonl"))
    assert told[-1]["kind"] == "noted"
    with office.read() as session:
        later = bundle(session, Scope("auditor", COUNTY), ROUND, tmp_path / "later.zip")
    assert later.digest == found.digest


def test_a_round_that_never_rests_is_not_archived(one, monkeypatch, tmp_path):
    meanwhile(monkeypatch, one, *[here] * api.archive.ATTEMPTS)
    with pytest.raises(Outrun):
        archive(one, call(), ROUND, tmp_path / "a.zip")
    assert holds(one, tmp_path / "a.zip")
    assert state(one) == "posted"


def test_somebodys_folder_is_not_replaced(one, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("mine")
    (tmp_path / "a.txt").write_text("mine")
    for name in ("letters", "a.txt"):
        with pytest.raises(UserError) as refused:
            archive(one, call(), ROUND, tmp_path / name)
        assert refused.value.code == "archive_in_the_way"
    assert (tmp_path / "letters" / "mine.txt").read_text() == "mine"
    assert state(one) == "posted"


def test_a_bundle_whose_event_lost_its_body_ends_before_it(one, file, tmp_path):
    found = archive(one, call(), ROUND, tmp_path / "a.zip")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM event_body WHERE seq = (SELECT max(seq) FROM event_log)")
    with one.read() as session:
        later = bundle(session, Scope("auditor", COUNTY), ROUND, tmp_path / "later.zip")
    assert later.digest == found.digest

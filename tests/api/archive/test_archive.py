"""A bundle holds the whole round, the same bytes every time, and nobody's profile."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from api import log
from api.archive import archive, bundle
from api.unit_of_work import Office
from diagnostics.tables import RatingRow
from matching import verify
from matching.rounds.errors import BadRound
from matching.rounds.life import drafting, moves, places, sealing
from matching.rounds.life.calls import Scope
from matching.rounds.life.tables import SnapshotRow
from tests.api.archive.stories import OFFERED, ROUND, Life, posted, published
from tests.clocks import FakeClock
from tests.matching.rounds.factories import add, ballot
from tests.matching.rounds.life.factories import (
    AFTER,
    CLOSES,
    COUNTY,
    DAY,
    DRAFTED,
    DURING,
    OPENS,
    SECRET,
    TEACHERS,
    call,
    county,
    settings,
    two,
)

COUNTY_SCOPE = Scope("auditor", COUNTY)


@pytest.fixture
def office(engine):
    with Office(engine, FakeClock()) as opened:
        yield opened


@pytest.fixture
def life(office, engine) -> Life:
    """Return a round whose first result is public."""
    with Session(engine) as session:
        return published(office, session)


@pytest.fixture
def done(office, engine) -> Life:
    """Return a round whose hours are posted."""
    with Session(engine) as session:
        return posted(office, session)


def written(office: Office, out: Path, **more):
    with office.read() as session:
        return bundle(session, COUNTY_SCOPE, ROUND, out, **more)


def failed(path: Path) -> set[str]:
    return {check.code for check in verify.verify(path) if check.problems}


def test_a_published_round_is_written_and_verifies(life, office, tmp_path):
    for public in (False, True):
        out = tmp_path / f"{public}.zip"
        found = written(office, out, public=public)
        assert found.path == out
        assert failed(out) == set()


def test_the_same_rows_give_the_same_bytes(done, office, tmp_path):
    first, second = (written(office, tmp_path / name) for name in ("a.zip", "b.zip"))
    folder = written(office, tmp_path / "c")
    assert first.digest == second.digest == folder.digest
    assert first.path.read_bytes() == second.path.read_bytes()
    assert folder.digest == verify.Shelf.at(tmp_path / "c").digest("manifest.json")


def test_archiving_names_the_bundle_in_the_log_and_it_stays_the_same(done, office, tmp_path):
    found = archive(office, call(), ROUND, tmp_path / "a.zip")
    assert failed(found.path) == set()
    with office.read() as session:
        last = log.head(session)
        body = (
            session.connection()
            .execute(log.BODIES.select().where(log.BODIES.c.seq == last.seq))
            .one()
            .body
        )
    assert (body["to"], body["bundle"]) == ("archived", found.digest)
    office.do(call(), later)
    assert written(office, tmp_path / "later.zip").digest == found.digest


def later(session):
    """Let something happen after the round was archived."""
    return drafting.draft(session, call(), settings(id="r2"), "s" * 64)


def test_a_round_is_archived_once_its_hours_are_posted_and_not_before(life, office, tmp_path):
    with pytest.raises(BadRound) as refused:
        archive(office, call(), ROUND, tmp_path / "a.zip")
    assert refused.value.code == "life_wrong_state"
    assert not (tmp_path / "a.zip").exists()


def test_before_anything_is_published_there_is_no_bundle(office, engine, tmp_path):
    with Session(engine) as session:
        Life(office).begin(session)
    with pytest.raises(BadRound) as refused:
        written(office, tmp_path / "a.zip")
    assert refused.value.code == "life_no_answer"


@pytest.mark.parametrize("scope", [Scope("county", "440199"), Scope("teacher", "T1")])
def test_for_others_the_round_does_not_exist(life, office, tmp_path, scope):
    with office.read() as session, pytest.raises(BadRound) as refused:
        bundle(session, scope, ROUND, tmp_path / "a.zip")
    assert refused.value.code == "life_no_round"


def everything(path: Path) -> bytes:
    with zipfile.ZipFile(path) as found:
        return b"\n".join(found.read(name) for name in found.namelist() if name != "verify.py")


def test_a_public_bundle_names_no_teacher(done, office, tmp_path):
    """Not by id, not by name, not by a lottery number that the seed would turn back into an id."""
    open_to_all = everything(written(office, tmp_path / "p.zip", public=True).path)
    for auditor in (True, False):
        content = everything(written(office, tmp_path / "a.zip").path) if auditor else open_to_all
        for teacher in TEACHERS:
            for word in (teacher, f"教师{teacher}"):
                assert (word.encode() in content) == auditor, (word, auditor)
    with zipfile.ZipFile(tmp_path / "p.zip") as found:
        assert not {"lottery.csv", "waiting.csv", "ballots.csv"} & set(found.namelist())


def test_a_teacher_has_one_name_throughout_a_public_bundle(done, office, tmp_path):
    shelf = verify.Shelf.at(written(office, tmp_path / "p.zip", public=True).path)
    listed = {row["teacher"] for row in shelf.table("lists/public.csv")}
    seated = {row["teacher"] for row in shelf.table("result-2/seats.csv")}
    placed = {row["teacher_id"] for row in shelf.table("seats-final.csv")}
    assert listed == seated == placed
    assert len(listed) == 6
    assert all(name.startswith("p") and len(name) == 17 for name in listed)


def test_no_bundle_holds_a_profile(office, engine, tmp_path):
    with Session(engine) as session:
        life = Life(office)
        life.begin(session)
        rated = {"dimension": "3.1", "source": "self", "level": 2}
        add(session, RatingRow(teacher_id="T1", rater="rater-of-T1", **rated))
        session.commit()
        life.ballots()
        life.seal()
        life.solve()
        life.publish()
    for public in (False, True):
        content = everything(written(office, tmp_path / "a.zip", public=public).path)
        assert b"rater-of-T1" not in content
        assert failed(tmp_path / "a.zip") == set()
    with office.read() as session:
        assert "rater-of-T1" in session.get_one(SnapshotRow, ROUND).body, "the solve has read it"


def test_without_a_deleted_body_the_rest_still_verifies_and_the_account_says_so(
    done, office, engine, tmp_path
):
    with Session(engine) as session:
        assert log.forget_body(session, 5)
        session.commit()
    written(office, tmp_path / "a.zip")
    checks = {check.code: check for check in verify.verify(tmp_path / "a.zip")}
    assert failed(tmp_path / "a.zip") == set()
    assert checks["log_bodies"].note == "1"
    assert checks["tables"].left_out == "no_bodies"


def test_a_result_changed_in_the_database_is_not_archived(done, office, engine, tmp_path):
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM seat WHERE teacher_id = 'T1'"))
    with pytest.raises(BadRound) as refused:
        written(office, tmp_path / "a.zip")
    assert refused.value.code == "life_other_instance"


def test_a_cancelled_section_and_a_changed_school_are_honest_too(office, engine, tmp_path):
    with Session(engine) as session:
        life = published(office, session, assigned_cap=1)
    life.finalise()
    life.offer()
    life.do(call(at=OFFERED, reason="师资临时变动"), places.cancel_section, "C")
    life.do(call(at=OFFERED, reason="调动"), places.transfer, "T4", "P2")
    life.confirm()
    checks = {check.code: check for check in verify.verify(written(office, tmp_path / "b").path)}
    assert failed(tmp_path / "b") == set()
    assert checks["final"].looked > 10
    assert checks["final_limits"].left_out == "transferred"


def test_paper_a_pause_and_a_later_deadline_are_honest_too(office, engine, tmp_path):
    """T1's ballot is on paper; T3's arrives after the first deadline and before the second."""
    with Session(engine) as session:
        add(session, *county(), ballot("T1", "A", "C"))
        session.commit()
        life = Life(office)
        life.begin(session, public_source="")
    life.do(call(reason="停电"), moves.pause)
    life.do(call(reason="来电"), moves.resume, DURING + DAY)
    life.hand_in("T2", ["A"], 0, DURING + 2 * DAY)
    life.do(call(at=DURING + 2 * DAY, reason="农忙"), moves.extend, CLOSES + 3 * DAY)
    life.hand_in("T3", ["A"], 0, CLOSES + 2 * DAY)
    life.do(call(at=CLOSES + 4 * DAY), moves.close)
    life.seal("")
    life.solve()
    life.publish(CLOSES + 5 * DAY)
    checks = {check.code: check for check in verify.verify(written(office, tmp_path / "b").path)}
    assert failed(tmp_path / "b") == set()
    assert checks["merkle"].looked == 3 + 2


def test_another_source_in_time_and_a_slip_put_right_are_honest_too(office, engine, tmp_path):
    with Session(engine) as session:
        add(session, *county())
        session.commit()
    life, drafted = Life(office), call(at=DRAFTED)
    first, later = (settings(public_source=each, hours_strict=False) for each in ("?", "双色球"))
    office.do(drafted, lambda opened: drafting.draft(opened, drafted, first, SECRET))
    life.do(drafted, moves.announce, OPENS, CLOSES)
    life.do(two(DRAFTED, "该期停售"), moves.amend_rules, later)
    life.do(call(at=OPENS), moves.open_)
    life.ballots()
    life.do(call(at=AFTER), sealing.seal)
    for value in ("07 13 22 13", "07 13 22 31"):
        life.do(two(AFTER, "开奖公告"), sealing.draw, value)
    life.do(call(at=AFTER), sealing.reveal)
    life.solve()
    life.publish()
    for public in (False, True):
        assert failed(written(office, tmp_path / f"{public}", public=public).path) == set()


def test_the_program_in_the_bundle_rechecks_it_anywhere(done, office, tmp_path):
    """A stranger unpacks the archive and needs nothing but Python."""
    folder = written(office, tmp_path / "b").path
    for target in (folder, written(office, tmp_path / "b.zip").path):
        found = subprocess.run(
            [sys.executable, "-I", "-S", folder / "verify.py", target, "--json"],
            capture_output=True,
            cwd=tmp_path,
            encoding="utf-8",
            check=False,
        )
        assert (found.returncode, found.stderr) == (0, "")
        assert len(json.loads(found.stdout)) > 50

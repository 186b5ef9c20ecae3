"""Attendance is rechecked with whoever left a section that had met, and for online sections too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from api.archive import bundle
from api.database import open_database
from api.unit_of_work import Office
from matching import verify
from matching.rounds.life import handing, marking, places, posting
from tests import databases
from tests.api.archive.forging import LOG, MANIFEST, Edit, Forgery, body, cells, log, row_more
from tests.api.archive.stories import OFFERED, ROUND, SETTLED, Life
from tests.clocks import FakeClock
from tests.matching.rounds.factories import course, days, school
from tests.matching.rounds.life.factories import COUNTY, DURING, call, two

BALLOTS = {"T1": ["X", "Z"], "T2": ["X"], "T3": ["D"], "T5": ["Z"]}
X_HALVES = days("2026-09-07", 2)
Z_HALVES = days("2026-09-12", 2)
COURSES = (
    school("P3", release_max=0),
    *course("X", X_HALVES, capacity=2),
    *course("Z", Z_HALVES, capacity=3),
)
"""X meets on two days of school, which P3 lets nobody leave for; Z at a weekend, D online."""
TUESDAY = SETTLED.replace(month=9, day=8, hour=1)
"""Three of the four half-days of X have begun."""
SUNDAY = SETTLED.replace(month=9, day=13, hour=12)
MARKS = {
    "D": {"T3": {}},
    "X": {"T1": dict.fromkeys(X_HALVES[:3], "present"), "T2": dict.fromkeys(X_HALVES, "present")},
    "Z": {id_: dict.fromkeys(Z_HALVES, "present") for id_ in ("T1", "T5")},
}


def run(life: Life, session: Session) -> None:
    """Lead a round in which T1 changes schools on the second day of X until its hours are posted."""
    life.begin(session, *COURSES, assigned_cap=0)
    for teacher, lines in BALLOTS.items():
        life.do(call("teacher", teacher, DURING), handing.hand_in, teacher, lines, 1, 0)
    life.close()
    life.seal()
    life.solve()
    life.publish()
    life.finalise()
    life.do(call(at=OFFERED), places.open_confirming)
    life.confirm()
    life.do(call(at=SETTLED), marking.start)
    life.do(call(at=TUESDAY, reason="调动"), places.transfer, "T1", "P3")
    for section, marks in MARKS.items():
        post(life, section, marks)
    life.do(call(at=SUNDAY), marking.evaluate)
    life.do(two(SUNDAY, "学时已核"), posting.post)


def post(life: Life, section: str, marks: dict[str, dict[str, str]]) -> None:
    taught = call("institution", "I1", SUNDAY)
    life.do(taught, marking.mark_all, section, marks)
    life.do(taught, posting.submit, section)
    for officer, approve in (("甲", posting.approve_first), ("乙", posting.approve_second)):
        life.do(call("county", COUNTY, SUNDAY, actor=officer), approve, section)


@pytest.fixture(scope="module")
def honest(tmp_path_factory) -> Path:
    """Return the folder of the bundle of that round."""
    folder = tmp_path_factory.mktemp("attendance")
    databases.kind = "sqlite"
    with databases.fresh(folder, tables=True) as target:
        engine = open_database(target)
        with Office(engine, FakeClock()) as office:
            with Session(engine) as session:
                run(Life(office), session)
            with office.read() as session:
                written = bundle(session, call().scope, ROUND, folder / "bundle")
        engine.dispose()
    return written.path


def wrong(folder: Path) -> dict[str, list[str]]:
    """Return the subjects that do not hold, by check."""
    found = verify.verify(folder)
    return {each.code: [p.subject for p in each.problems] for each in found if each.problems}


def test_who_left_after_three_half_days_and_an_online_section_are_honest(honest):
    rows = list(verify.Shelf.at(honest).table("attendance.csv"))
    left = [row["half"] for row in rows if (row["teacher_id"], row["section_id"]) == ("T1", "X")]
    seats = verify.Shelf.at(honest).table("seats-final.csv")
    assert left == ["am", "pm", "am"]
    assert [row["half"] for row in rows if row["section_id"] == "D"] == [""]
    assert ("T1", "X") not in {(row["teacher_id"], row["section_id"]) for row in seats}
    assert wrong(honest) == {}


def test_who_left_is_honest_too_once_the_log_has_forgotten_its_bodies(honest, tmp_path):
    def forget(lines):
        for line in lines:
            line.pop("body", None), line.pop("salt", None)

    Forgery("bodies gone", "", MANIFEST, (log(forget),)).apply(honest, tmp_path / "forgetful")
    assert wrong(tmp_path / "forgetful") == {}


T1_IN_Z = {"teacher_id": "T1", "section_id": "Z", "day": "2026-09-12", "half": "am"}
FORGERIES = [
    ("a half-day on which her section does not meet", cells("attendance.csv", T1_IN_Z, day="2026-09-14")),
    ("a half-day in a section she never had a seat in", cells("attendance.csv", T1_IN_Z, teacher_id="T2")),
    ("the whole of a section that is not online", cells("attendance.csv", T1_IN_Z, day="", half="")),
    ("a half-day of an online section", cells("attendance.csv", {"section_id": "D"}, day="2026-09-12", half="am")),
    ("a morning more in an online section", row_more("attendance.csv", teacher_id="T3", section_id="D", day="2026-09-14", half="am", mark="present")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit"), FORGERIES, ids=[name for name, _ in FORGERIES])
def test_attendance_that_cannot_be_is_still_noticed(name, edit, honest, tmp_path):
    Forgery(name, "hours", MANIFEST, (edit,)).apply(honest, tmp_path / "forged")
    assert "hours" in wrong(tmp_path / "forged")


def on_tuesday(mark: str) -> tuple[Edit, Edit]:
    """Say of T1 on the third half-day of X what was not so, in the table and in the log alike."""
    where = {"teacher_id": "T1", "section_id": "X", "day": "2026-09-08", "half": "am"}

    def change(content: dict[str, Any]) -> None:
        rows = (each["after"] for each in content["rows"])
        next(row for row in rows if where.items() <= row.items())["mark"] = mark

    return cells("attendance.csv", where, mark=mark), body("attendance.marked", 1, change)


def posted(section: str, teacher: str, minutes: int) -> Edit:
    """Write another sum into the ledger that the log tells."""

    def change(content: dict[str, Any]) -> None:
        content["ledger"][f"{teacher}/2026/zhuanye/section/{ROUND}/{section}#1"] = minutes

    return body("hours.posted", list(MARKS).index(section), change)


POSTED = [
    ("T1/X: minutes", on_tuesday("absent")),
    ("T1/X: minutes", (posted("X", "T1", 960),)),
    ("T4/X: minutes", (posted("X", "T4", 240),)),
    ("T2/X: minutes", (posted("X", "T2", 0),)),
    ("T3/D: minutes", (posted("D", "T3", 960),)),
]


@pytest.mark.parametrize(("subject", "edits"), POSTED)
def test_hours_posted_for_a_half_day_she_was_not_marked_on_are_noticed(
    subject, edits, honest, tmp_path
):
    """However well the log is written anew: nothing else is wrong."""
    Forgery(subject, "hours", LOG, edits).apply(honest, tmp_path / "forged")
    assert wrong(tmp_path / "forged") == {"hours": [subject]}


def test_saying_the_same_again_is_no_forgery(honest, tmp_path):
    """Control: the tools of the forger alone change nothing."""
    edits = (*on_tuesday("present"), posted("X", "T1", 720))
    Forgery("nothing", "", LOG, edits).apply(honest, tmp_path / "same")
    assert wrong(tmp_path / "same") == {}

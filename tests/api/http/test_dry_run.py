"""Before a round has a result its menus go by a dry run: made by needs, told as such, and dropped again."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from api.choosing import dry_run
from api.choosing.tables import DryRunRow
from api.jobs.solving import solve_job
from api.reads import chances, menus
from catalog.choices import Filter
from diagnostics.tables import BanRow
from matching.rounds.life import moves, sealing
from matching.rounds.life.calls import Scope
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.tables import JobRow
from matching.rounds.tables import RoundRow
from tests.api.http.factories import ROUND, county

RUN, MENU = f"/rounds/{ROUND}/dry-run", f"/rounds/{ROUND}/menu"


@pytest.fixture
def place():
    with county() as opened:
        opened.open_round()
        yield opened


def made(place):
    """Ask for a dry run and let the worker make it; return the job as it ended."""
    asked = place["county"].post(RUN).json()
    assert asked["state"] == "queued"
    return solve_job(place.engine, asked["job"])


def told(place, name="teacher", lang="en"):
    menu = place[name].get(MENU, lang=lang).json()
    return menu["basis"][0], {entry["item"]["section_id"]: entry for entry in menu["entries"]}


def test_menus_go_by_it_say_so_and_go_back(place):
    basis, before = told(place)
    assert basis.startswith("No round has been published before")
    assert made(place).state == "done"
    basis, after = told(place)
    assert basis.startswith("Odds and how sought after a section is come from a dry run of 20")
    assert told(place, lang="zh")[0].startswith("录取机会和热门程度来自 20")
    assert after["C1"]["parts"]["price"] < 0  # two seats, and eight who may want one
    assert "in the dry run" in after["C1"]["item"]["odds"]
    assert all(sum(line["parts"].values()) == line["score"] for line in after.values())
    assert set(after) == set(before)  # a price hides nothing
    assert place["county"].post(f"{RUN}/drop").status_code == 200
    assert told(place) == ("No round has been published before, so nothing is known of odds, and "
                           "scores do not count how sought after a section is.", before)  # fmt: skip
    for kind in ("asked", "made", "dropped"):
        assert len(place.log(f"dry_run.{kind}")) == 1
    assert place["county"].post(f"{RUN}/drop").status_code == 409


def test_an_office_sees_sections_and_counts_of_five_alone(place):
    assert place["county"].get(RUN).status_code == 404
    made(place)
    found = place["county"].get(RUN).json()
    assert found["teachers"] == 8
    assert {line["section_id"] for line in found["sections"]} == {"C1", "C2", "C3"}
    with Session(place.engine) as session:
        stored = session.get(DryRunRow, ROUND).sections
    shown = {line["section_id"]: line["asked"] for line in found["sections"]}
    assert shown == {id_: asked if asked >= 5 else None for id_, _, asked, *_ in stored}


def test_what_everybody_is_expected_to_want_is_what_her_menu_counts(place):
    place.add(
        BanRow(teacher_id="T10", event="absent", from_day="2026-01-01", until_day="2027-01-01",
               where="section=C2", note="缺勤")
    )  # fmt: skip
    with place.office.read() as session:
        question = dry_run.DryRun().question(session, ROUND, "")
        found = dry_run.expected(question)
        assert len(found.teachers) == 8
        for row, name in enumerate(found.teachers):
            her = menus.her(session, Scope("teacher", name), ROUND)
            parts = {entry.item.section: entry.score for entry in her.ranked(Filter())}
            at = [place for place, is_open in enumerate(found.is_open[row]) if is_open]
            assert {found.sections[a]: int(found.points[row, a]) for a in at} == parts
    assert not found.is_open[found.teachers.index("T10"), found.sections.index("C2")]


def test_no_ballot_is_read(place):
    made(place)
    first = place["county"].get(RUN).json()["digest"]
    sent = {"lines": ["C3"], "most_sections": 1}
    assert place["teacher"].put(f"/rounds/{ROUND}/ballots/me", sent, match=0).status_code == 200
    made(place)
    assert place["county"].get(RUN).json()["digest"] == first


def test_its_own_result_is_gone_by_before_it_and_it_before_another_years(place):
    made(place)
    with Session(place.engine) as session:
        row = session.get(RoundRow, ROUND)
        job = session.get(DryRunRow, ROUND).job_id
        assert chances.teller(session, settings_of(row))[0] == job
        row.published = "digest"
        assert chances.teller(session, settings_of(row))[0] == "digest"


def test_one_at_a_time_and_before_ballots_are_closed(place):
    asked = place["county"].post(RUN).json()
    answer = place["county"].post(RUN, lang="en")
    assert (answer.status_code, answer.json()["code"]) == (409, "dry_run_waits")
    place.clock.turn(days=11)
    place.do(moves.close, ROUND)
    ended = solve_job(place.engine, asked["job"])
    assert ended.state == "failed"
    assert ended.trouble.startswith("job_refused")
    assert place["county"].post(RUN).status_code == 409
    place.do(sealing.seal, ROUND)
    assert place["county"].get(RUN).status_code == 404


def test_a_stopped_one_tells_nothing_and_the_earlier_stays(place):
    made(place)
    first = place["county"].get(RUN).json()
    place.clock.turn(days=1)
    job = place["county"].post(RUN).json()["job"]
    with Session(place.engine) as session:
        row = session.get(JobRow, job)
        row.stop_wanted = True
        session.commit()
    ended = solve_job(place.engine, job)
    shown = place["county"].get(f"/jobs/{job}", lang="zh").json()
    assert (ended.state, "被停止" in shown["trouble"]) == ("failed", True)
    assert place["county"].get(RUN).json() == first


def test_a_menu_laid_out_before_is_laid_out_anew(place):
    """Negative control of the shelf: what it keeps is kept under the name of what tells."""
    made(place)
    first = told(place)[1]["C1"]["parts"]["price"]
    place.clock.turn(seconds=timedelta(days=1).total_seconds())
    with Session(place.engine) as session:
        row = session.get(DryRunRow, ROUND)
        row.job_id = "another"
        row.sections = [[id_, 2 * price, *rest] for id_, price, *rest in row.sections]
        session.commit()
    assert abs(told(place)[1]["C1"]["parts"]["price"] - 2 * first) <= 1

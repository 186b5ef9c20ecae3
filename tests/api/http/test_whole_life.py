"""A whole round over the API alone: from ballots to hours in the ledger, by those whose part it is."""

import io
import zipfile
from datetime import timedelta

import pytest

from api.jobs.solving import solve_job
from matching.rounds.life import drafting, moves
from tests.api.http.factories import ROUND, SECRET, county
from tests.matching.rounds.factories import settings

PATH = f"/rounds/{ROUND}"


@pytest.fixture(scope="module")
def place(dialect):
    with county() as opened:
        opened.open_round(hours_strict=False)
        yield opened


def ok(answer, status: int = 200):
    assert answer.status_code == status, answer.text
    return answer.json()


def move(place, verb: str, **arguments):
    version = place["county"].get(PATH).json()["version"]
    sent = {"verb": verb, "arguments": arguments, "reason": "理由"}
    return ok(place["county"].post(f"{PATH}/moves", sent, match=version))


def move_by_two(place, verb: str, **arguments):
    sent = {"verb": verb, "arguments": arguments, "reason": "理由"}
    version = place["county"].get(PATH).json()["version"]
    answer = place["county"].post(f"{PATH}/proposals", sent, match=version)
    proposed = ok(answer, 201)["proposal"]
    return ok(place["second"].post(f"/proposals/{proposed['id']}/agree"))["told"]


def state(place) -> str:
    return place["county"].get(PATH).json()["state"]


def test_ballots_are_handed_in(place):
    for name, lines in (("teacher", ["C1", "C3"]), ("other_teacher", ["C1"])):
        ok(place[name].put(f"{PATH}/ballots/me", {"lines": lines}, match=0))
    for n in range(3):
        person = place.people[f"T1{n}"] = place.person("teacher", f"T1{n}", f"T1{n}")
        ok(person.put(f"{PATH}/ballots/me", {"lines": ["C1", "C2"]}, match=0))


def test_the_round_is_closed_sealed_and_solved(place):
    place.clock.turn(days=11)
    move(place, "close")
    move(place, "seal")
    move(place, "reveal")
    asked = move(place, "solve", effort="quick")
    solve_job(place.engine, asked["told"]["job"]["id"])
    job = ok(place["county"].get(f"/jobs/{asked['told']['job']['id'].replace('/', '~')}"))
    assert (job["state"], job["gap"]) == ("done", 0.0)
    assert state(place) == "candidate"


def test_nobody_sees_a_candidate_but_the_office(place):
    assert place["teacher"].get(f"{PATH}/results/me").status_code == 409
    assert len(ok(place["auditor"].get(f"{PATH}/answers"))["items"]) == 1


def test_the_result_is_published_by_two_with_a_reason_for_each_choice_missed(place):
    move(place, "accept")
    move_by_two(place, "publish", notice_days=7)
    told = ok(place["teacher"].get(f"{PATH}/result"))
    assert told["answer"]["digest"]
    assert told["seed"] == ok(place["teacher"].get(PATH))["seed"]
    names = ("teacher", "other_teacher", "T10", "T11", "T12")
    results = [ok(place[name].get(f"{PATH}/results/me")) for name in names]
    found = ok(place["teacher"].get(f"{PATH}/menu/search"))["items"]
    odds = {item["section_id"]: item["odds"] for item in found}
    assert odds["C1"].startswith("上次有5人填报：录取2人，")
    in_c1 = [r for r in results if any(seat["section_id"] == "C1" for seat in r["seats"])]
    assert len(in_c1) == 2
    for result in results:
        got = {seat["section_id"] for seat in result["seats"]}
        missed = {reason["section_id"] for reason in result["reasons"]}
        assert ("C1" in got) != ("C1" in missed)
        assert all(reason["sentence"] for reason in result["reasons"])
    assert sorted(r["lottery_number"] for r in results) == sorted(
        {r["lottery_number"] for r in results}
    )


def test_lists_come_in_parts_within_reach(place):
    whole, cursor = [], ""
    while cursor is not None:
        part = ok(place["county"].get(f"{PATH}/results?limit=2&cursor={cursor}"))
        whole += [(seat["teacher_id"], seat["section_id"]) for seat in part["items"]]
        cursor = part["next"]
    assert whole == sorted(set(whole))
    assert {who for who, _ in whole} >= {"T1"}
    own = ok(place["other_school"].get(f"{PATH}/results"))["items"]
    assert {seat["teacher_id"] for seat in own} <= {"T2"}


def test_the_office_downloads_what_it_prints(place):
    answer = place["county"].get(f"{PATH}/export", lang="en")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.content == place["county"].get(f"{PATH}/export", lang="en").content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert any(name.endswith("C1 课堂观察.xlsx") for name in names), names


def test_an_objection_is_raised_and_answered(place):
    raised = ok(place["T10"].post(f"{PATH}/appeals", {"text": "请复核名额"}), 201)
    path = f"/appeals/{raised['id'].replace('/', '~')}/answer"
    answered = ok(place["county"].post(path, {"text": "已复核，无误"}))
    assert answered["answered_by"] == "officer"
    assert ok(place["T10"].get(f"{PATH}/appeals"))["items"] == [answered]
    assert ok(place["teacher"].get(f"{PATH}/appeals"))["items"] == []


def test_seats_are_offered_confirmed_declined_and_refilled(place):
    place.clock.turn(days=8)
    move(place, "finalise")
    move(place, "confirm", days=5)
    holders = {
        seat["teacher_id"]: seat
        for seat in ok(place["county"].get(f"{PATH}/sections/C1/seats"))["seats"]
    }
    gone, *_ = sorted(holders)
    leaver = place.person("teacher", gone, gone)
    ok(leaver.post(f"{PATH}/seats/me/C1/decline", {"reason": "family"}))
    again = ok(place["county"].get(f"{PATH}/sections/C1/seats"))["seats"]
    assert [seat["state"] for seat in again] == ["offered", "offered"]
    assert gone not in {seat["teacher_id"] for seat in again}
    for seat in ok(place["county"].get(f"{PATH}/sections/C1/seats"))["seats"]:
        person = place.person("teacher", seat["teacher_id"], seat["teacher_id"])
        assert ok(person.get(f"{PATH}/seats/me"))["seats"]
        ok(person.post(f"{PATH}/seats/me/C1/confirm"))
        assert person.post(f"{PATH}/seats/me/C1/confirm").status_code == 409


def test_an_institution_sees_names_masked(place):
    seats = ok(place["institution"].get(f"{PATH}/sections/C1/seats"))["seats"]
    assert all("*" in seat["name"] for seat in seats)
    assert not any(
        "*" in seat["name"]
        for seat in ok(place["county"].get(f"{PATH}/sections/C1/seats"))["seats"]
    )
    assert place["other_institution"].get(f"{PATH}/sections/C1/seats").status_code == 404


def test_everybody_was_told(place):
    tally = ok(place["county"].get(f"{PATH}/messages/tally"))["items"]
    kinds = {line["kind"] for line in tally}
    assert {"opening", "result", "offer", "refill"} <= kinds
    notices = ok(place["teacher"].get(f"{PATH}/notices", lang="en"))["items"]
    assert {"opening", "result"} <= {notice["kind"] for notice in notices}
    assert all(notice["title"] and notice["body"] for notice in notices)


def test_hours_are_posted_after_marks_and_two_approvals(place):
    place.clock.turn(days=20)
    move(place, "settle")
    move(place, "start")
    place.clock.turn(days=60)
    for name, section in (
        ("institution", "C1"),
        ("institution", "C2"),
        ("other_institution", "C3"),
    ):
        mark(place, name, section)
    posted = ok(place["county"].get(f"{PATH}/postings"))["items"]
    assert {row["state"] for row in posted} == {"posted"}
    assert {row["first_by"] for row in posted} == {"officer"}
    move(place, "evaluate")
    move_by_two(place, "post")
    assert state(place) == "posted"
    lines = [
        ok(place.person("teacher", id_, id_).get("/teachers/me/ledger?limit=200"))["items"]
        for id_ in ("T1", "T2", "T10", "T11", "T12")
    ]
    assert any(line["origin"] == "section" and line["counts"] for one in lines for line in one)


def mark(place, name: str, section: str) -> None:
    """Mark everybody of a section present, submit it, and let two people approve."""
    seats = ok(place[name].get(f"{PATH}/sections/{section}/seats"))["seats"]
    people = [seat["teacher_id"] for seat in seats if seat["state"] == "confirmed"]
    if not people:
        return
    meetings = ok(place[name].get(f"/catalog/sections/{section}"))["meetings"]
    marks = [
        {"teacher_id": who, "day": day, "half": half.lower(), "mark": "present"}
        for who in people
        for day, half in (meeting.split() for meeting in meetings)
    ]
    path = f"{PATH}/sections/{section}"
    assert place[name].put(f"{path}/marks", {"marks": marks}).status_code == 428
    kept = place[name].put(f"{path}/marks", {"marks": marks}, match=0)
    assert ok(kept)["marks"] == len(marks)
    found = place[name].get(f"{path}/marks")
    assert len(ok(found)["items"]) == len(marks)
    assert found.headers["ETag"] == kept.headers["ETag"]
    late = place["county"].put(f"{path}/marks", {"marks": marks[:1]}, match=0)
    assert (late.status_code, late.json()["code"]) == (412, "life_marks_changed")
    ok(place[name].post(f"{path}/posting/submit"))
    ok(place["county"].post(f"{path}/posting/approve"))
    assert place["county"].post(f"{path}/posting/approve").status_code == 409
    ok(place["second"].post(f"{path}/posting/approve"))


def test_the_next_round_tells_how_those_of_this_one_fared(place):
    """It has the same sections and nothing published yet."""
    told = settings(id="NEXT", title="下一轮", seed="")
    place.do(drafting.draft, told, SECRET)
    place.do(moves.announce, "NEXT", place.clock(), place.clock() + timedelta(days=3))
    place.do(moves.open_, "NEXT")
    found = ok(place["teacher"].get("/rounds/NEXT/menu/sections/C1"))
    assert found["item"]["odds"].startswith("上次有5人填报：录取2人，")
    menu = ok(place["teacher"].get("/rounds/NEXT/menu"))
    assert "小县选学" in menu["basis"][0]
    prices = {line["item"]["section_id"]: line["parts"]["price"] for line in menu["entries"]}
    assert prices["C1"] < prices["C3"] == 0  # five wanted the two seats of C1

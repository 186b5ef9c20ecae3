"""Ballots over the API: typed, handed in once however often it is sent, returned, proved."""

import pytest

from matching.rounds.life import merkle
from matching.rounds.life.receipts import digest_of
from tests.api.http.factories import ROUND, county

MINE = f"/rounds/{ROUND}/ballots/me"
LIST = {"lines": ["C1", "C2+C3"], "most_sections": 2}


@pytest.fixture
def open_place(dialect):
    with county() as opened:
        opened.open_round()
        yield opened


def test_a_ballot_is_typed_handed_in_and_changed(open_place):
    her = open_place["teacher"]
    blank = her.get(MINE)
    assert (blank.status_code, blank.headers["ETag"]) == (200, '"0"')
    typed = her.put(f"{MINE}/draft", {"lines": ["C1", "不知道"]}, match=0)
    assert typed.json()["handed_in"] is False
    assert her.get(MINE).json()["draft"]["lines"] == ["C1", "不知道"]
    handed = her.put(MINE, LIST, match=1)
    assert handed.status_code == 200, handed.text
    assert handed.headers["ETag"] == '"2"'
    assert handed.json()["lines"] == ["C1", "C2+C3"]
    changed = her.put(MINE, {"lines": ["C3"]}, match=2).json()
    assert (changed["version"], changed["lines"]) == (3, ["C3"])


def test_the_receipt_is_of_this_very_ballot(open_place):
    her = open_place["teacher"]
    told = her.put(MINE, LIST, match=0).json()
    receipt = her.get(f"{MINE}/receipt").json()
    assert receipt["digest"] == told["digest"]
    assert told["digest"] == digest_of(ROUND, "T1", LIST["lines"], 2, told["salt"])
    assert receipt["proof"] is None


def test_after_sealing_the_receipt_proves_that_it_was_counted(open_place):
    for name in ("teacher", "other_teacher"):
        open_place[name].put(MINE, LIST, match=0)
    open_place.seal_round()
    receipt = open_place["teacher"].get(f"{MINE}/receipt").json()
    proof = receipt["proof"]
    told = open_place["teacher"].get(f"/rounds/{ROUND}").json()
    assert (proof["size"], proof["root"]) == (2, told["root"])
    assert merkle.is_under(
        receipt["digest"], proof["index"], proof["size"], proof["path"], told["root"]
    )


def test_the_same_key_gets_the_same_answer_and_does_nothing_again(open_place):
    her = open_place["teacher"]
    first = her.put(MINE, LIST, match=0, key="once-only")
    again = her.put(MINE, LIST, match=0, key="once-only")
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert her.get(MINE).json()["version"] == 1


@pytest.mark.parametrize(
    ("path", "body", "match"),
    [(MINE, {"lines": ["C3"]}, 0), (MINE, LIST, 1), (f"{MINE}/draft", LIST, 0)],
)
def test_a_key_stands_for_one_request(open_place, path, body, match):
    her = open_place["teacher"]
    her.put(MINE, LIST, match=0, key="once-only")
    other = her.put(path, body, match=match, key="once-only")
    assert other.status_code == 422
    assert "once-only" not in other.text


def test_without_a_key_nothing_is_done(open_place):
    her = open_place["teacher"]
    sent = her.headers({"If-Match": '"0"'})
    answer = open_place.client.put(f"/api/v1{MINE}", json=LIST, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "http_needs_key")
    assert her.get(MINE).json()["version"] == 0


def test_an_edit_names_its_version(open_place):
    her = open_place["teacher"]
    assert her.put(MINE, LIST).status_code == 428
    assert her.put(MINE, LIST, match="x").status_code == 422
    her.put(MINE, LIST, match=0)
    stale = her.put(MINE, LIST, match=0)
    assert (stale.status_code, stale.json()["code"]) == (412, "life_stale")
    assert "现为第 1 版" in stale.json()["message"]
    assert "…" not in stale.json()["message"]


def test_what_she_has_already_is_not_sent_again(open_place):
    her = open_place["teacher"]
    tag = her.put(MINE, LIST, match=0).headers["ETag"]
    same = her.get(MINE, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    her.put(MINE, {"lines": ["C3"]}, match=1)
    assert her.get(MINE, headers={"If-None-Match": tag}).status_code == 200


def test_a_wrong_ballot_is_told_by_rank(open_place):
    wrong = open_place["teacher"].put(MINE, {"lines": ["C1", "C9", "C1"]}, match=0, lang="en")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "body.lines")
    assert "C9" not in wrong.text
    assert "choice 2" in wrong.json()["message"]


def test_nobody_enters_for_another(open_place):
    theirs = f"/rounds/{ROUND}/ballots/T2"
    answers = [
        open_place["teacher"].put(theirs, LIST, match=0),
        open_place["school"].put(theirs, LIST, match=0),
        open_place["other_county"].put(theirs, LIST, match=0),
        open_place["teacher"].get(theirs),
        open_place["teacher"].get(f"/rounds/{ROUND}/ballots/T9"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_school_enters_for_its_teacher_and_it_shows(open_place):
    path = f"/rounds/{ROUND}/ballots/T1"
    entered = open_place["school"].put(path, LIST, match=0)
    assert entered.json()["entered_by"] == "headmaster"
    assert open_place["teacher"].get(MINE).json()["entered_by"] == "headmaster"


def test_a_school_returns_a_ballot_and_she_amends_it(open_place):
    her, school = open_place["teacher"], open_place["school"]
    her.put(MINE, LIST, match=0)
    listed = school.get(f"/rounds/{ROUND}/ballots?school=pending").json()["items"]
    assert [one["teacher_id"] for one in listed] == ["T1"]
    path = f"/rounds/{ROUND}/ballots/T1/review"
    unsaid = school.post(path, {"decision": "return"}, match=1)
    assert unsaid.status_code == 422
    returned = school.post(path, {"decision": "return", "reason": "监考"}, match=1).json()
    assert (returned["school"], returned["salt"]) == ("returned", "")
    assert her.get(MINE).json()["school_reason"] == "监考"
    assert her.post(f"{MINE}/amend", {"lines": ["C3"]}, match=2).json()["school"] == "pending"
    approved = school.post(path, {"decision": "approve"}, match=3).json()
    assert approved["school"] == "approved"


def test_what_is_being_typed_is_hers_alone(open_place):
    open_place["teacher"].put(f"{MINE}/draft", {"lines": ["秘密"]}, match=0)
    for name in ("school", "county", "auditor"):
        seen = open_place[name].get(f"/rounds/{ROUND}/ballots/T1")
        assert seen.status_code == 200
        assert "秘密" not in seen.text
        assert not open_place[name].get(f"/rounds/{ROUND}/ballots").json()["items"]


def test_a_ballot_is_taken_back(open_place):
    her = open_place["teacher"]
    her.put(MINE, LIST, match=0)
    assert her.post(f"{MINE}/withdraw", match=1).json()["handed_in"] is False
    assert her.get(f"{MINE}/receipt").status_code == 404


def test_a_menu_recommends_and_says_why_not(open_place):
    her = open_place["teacher"]
    menu = her.get(f"/rounds/{ROUND}/menu").json()
    assert {entry["item"]["section_id"] for entry in menu["entries"]} == {"C1", "C2", "C3"}
    assert all(sum(entry["parts"].values()) == entry["score"] for entry in menu["entries"])
    found = her.get(f"/rounds/{ROUND}/menu/search?text=心理").json()["items"]
    assert [item["section_id"] for item in found] == ["C3"]
    assert found[0]["odds"] == "本班次没有上次的录取情况可供参考。"
    assert her.get(f"/rounds/{ROUND}/menu/sections/C1").json()["may"] is True
    assert her.get(f"/rounds/{ROUND}/menu/sections/C9").status_code == 404

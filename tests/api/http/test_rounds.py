"""Rounds over the API: verbs of one person, proposals of two, versions, and what everybody may know."""

import pytest
from sqlmodel import Session

from matching.rounds.life.tables import RoundSecretRow
from matching.rounds.tables import RoundRow
from tests.api.http.factories import ROUND, county

PATH = f"/rounds/{ROUND}"


@pytest.fixture
def open_place(dialect):
    with county() as opened:
        opened.open_round()
        yield opened


def version(place) -> int:
    return place["county"].get(PATH).json()["version"]


def move(place, verb: str, *, name: str = "county", match=None, reason: str = "理由", **arguments):
    sent = {"verb": verb, "arguments": arguments, "reason": reason}
    return place[name].post(f"{PATH}/moves", sent, match=version(place) if match is None else match)


def propose(
    place, verb: str, *, name: str = "county", match=None, reason: str = "理由", **arguments
):
    sent = {"verb": verb, "arguments": arguments, "reason": reason}
    match = version(place) if match is None else match
    return place[name].post(f"{PATH}/proposals", sent, match=match)


def test_a_round_is_drafted_from_its_settings(open_place):
    text = open_place.toml(id="r2", title="第二轮次")
    drafted = open_place["county"].post("/rounds", {"settings": text})
    assert drafted.status_code == 201, drafted.text
    assert (drafted.json()["state"], drafted.headers["ETag"]) == ("draft", '"0"')
    seen = [row["id"] for row in open_place["county"].get("/rounds").json()["items"]]
    assert seen == [ROUND, "r2"]
    for name in ("teacher", "school", "institution", "other_county"):
        assert open_place[name].get("/rounds/r2").status_code == 404


@pytest.mark.parametrize("text", ["id = 1", "x", "[" * 5000, 'id = "密密"\n', "a = " + "[" * 2000])
def test_settings_that_cannot_be_read_are_refused_without_repeating_them(open_place, text):
    answer = open_place["county"].post("/rounds", {"settings": text})
    assert answer.status_code == 422
    assert "密密" not in answer.text


def test_a_county_drafts_for_itself_only(open_place):
    text = open_place.toml(id="r2", title="第二轮次")
    assert open_place["other_county"].post("/rounds", {"settings": text}).status_code == 404


def test_a_verb_of_one_person_moves_the_round(open_place):
    later = move(open_place, "extend", closes_at="2026-06-20T18:00:00+08:00")
    assert later.status_code == 200, later.text
    told = open_place["teacher"].get(PATH).json()
    assert told["closes_at"] == "2026-06-20T10:00:00.000000Z"
    assert told["verbs"] == []


def test_a_verb_names_the_version_it_was_said_to(open_place):
    stale = move(open_place, "extend", match=1, closes_at="2026-06-20T18:00:00+08:00")
    assert stale.status_code == 412
    unnamed = open_place["county"].post(f"{PATH}/moves", {"verb": "pause", "reason": "停电"})
    assert unnamed.status_code == 428


@pytest.mark.parametrize(
    ("verb", "arguments", "field"),
    [
        ("extend", {}, "body.arguments.closes_at"),
        ("close", {"days": 3}, "body.arguments.days"),
        ("extend", {"closes_at": "2026-06-20T18:00:00"}, "body.arguments.closes_at"),
    ],
)
def test_a_verb_takes_its_own_arguments(open_place, verb, arguments, field):
    answer = move(open_place, verb, **arguments)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_takes_two_is_proposed_and_agreed(open_place):
    alone = move(open_place, "close_early")
    assert (alone.status_code, alone.json()["code"]) == (409, "http_needs_two")
    proposed = propose(open_place, "close_early", reason="台风").json()["proposal"]
    path = f"/proposals/{proposed['id']}/agree"
    own = open_place["county"].post(path)
    assert (own.status_code, own.json()["code"]) == (409, "http_proposal_own")
    agreed = open_place["second"].post(path)
    assert agreed.status_code == 200, agreed.text
    assert agreed.json()["told"]["state"] == "school_review"
    over = open_place["second"].post(path)
    assert (over.status_code, over.json()["code"]) == (409, "http_proposal_over")
    (listed,) = open_place["auditor"].get(f"{PATH}/proposals").json()["items"]
    assert (listed["state"], listed["proposed_by"], listed["second"]) == (
        "agreed",
        "officer",
        "second officer",
    )


def test_the_log_names_both_people(open_place):
    proposed = propose(open_place, "close_early", reason="台风").json()["proposal"]
    open_place["second"].post(f"/proposals/{proposed['id']}/agree")
    (line,) = open_place.log("round.closed_early")
    assert (line.actor, line.second, line.reason) == ("officer", "second officer", "台风")


def test_a_person_with_two_tokens_is_one_person(open_place):
    proposed = propose(open_place, "close_early").json()["proposal"]
    again = open_place.person("county", "441226", "officer")
    assert again.post(f"/proposals/{proposed['id']}/agree").status_code == 409


def test_a_proposal_is_put_away(open_place):
    proposed = propose(open_place, "close_early").json()["proposal"]
    assert open_place["second"].post(f"/proposals/{proposed['id']}/drop").status_code == 200
    assert open_place["second"].post(f"/proposals/{proposed['id']}/agree").status_code == 409
    assert open_place["county"].get(PATH).json()["state"] == "open"


@pytest.mark.parametrize("verb", ["extend", "pause"])
def test_what_one_person_may_do_is_not_proposed(open_place, verb):
    arguments = {"closes_at": "2026-06-20T18:00:00+08:00"} if verb == "extend" else {}
    answer = propose(open_place, verb, **arguments)
    assert (answer.status_code, answer.json()["code"]) == (409, "http_takes_one")
    words = {"extend": "延长", "pause": "暂停"}
    assert answer.json()["message"] == f"“{words[verb]}”一人即可操作，不必提议"


def test_a_proposal_made_from_an_older_view_of_the_round_is_refused(open_place):
    seen = version(open_place)
    move(open_place, "extend", closes_at="2026-06-20T18:00:00+08:00")
    stale = propose(open_place, "close_early", match=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "life_stale")
    assert f"第 {seen + 1} 版" in stale.json()["message"]
    assert "…" not in stale.json()["message"]
    sent = {"verb": "close_early", "reason": "理由"}
    assert open_place["county"].post(f"{PATH}/proposals", sent).status_code == 428


def test_a_proposal_falls_with_what_it_was_made_from(open_place):
    """The deadline was moved between proposing to close early and agreeing to it."""
    proposed = propose(open_place, "close_early").json()["proposal"]
    move(open_place, "extend", closes_at="2026-06-20T18:00:00+08:00")
    answer = open_place["second"].post(f"/proposals/{proposed['id']}/agree")
    assert (answer.status_code, answer.json()["code"]) == (409, "http_proposal_stale")
    assert open_place["county"].get(PATH).json()["state"] == "open"
    again = propose(open_place, "close_early").json()["proposal"]
    assert open_place["second"].post(f"/proposals/{again['id']}/agree").status_code == 200


def test_of_two_proposals_for_the_rules_the_second_undoes_nothing_unseen(dialect):
    with county() as place:
        texts = [place.toml(id="r2", title=title) for title in ("甲", "乙", "丙")]
        place["county"].post("/rounds", {"settings": texts[0]})
        dates = {"opens_at": "2026-07-01T08:00:00Z", "closes_at": "2026-07-09T08:00:00Z"}
        sent = {"verb": "announce", "arguments": dates}
        assert place["county"].post("/rounds/r2/moves", sent, match=0).status_code == 200
        made = []
        for text in texts[1:]:
            sent = {"verb": "amend_rules", "arguments": {"settings": text}, "reason": "更正"}
            made.append(place["county"].post("/rounds/r2/proposals", sent, match=1))
        told = [
            place["second"].post(f"/proposals/{answer.json()['proposal']['id']}/agree").status_code
            for answer in made
        ]
        assert told == [200, 409]
        assert place["county"].get("/rounds/r2").json()["title"] == "乙"


def test_another_county_cannot_agree(open_place):
    proposed = propose(open_place, "close_early").json()["proposal"]
    theirs = open_place["other_county"].post(f"/proposals/{proposed['id']}/agree")
    nobody = open_place["other_county"].post("/proposals/nothing/agree")
    assert theirs.status_code == 404
    assert theirs.content == nobody.content


def test_the_seed_is_shown_after_sealing_and_no_sooner(open_place):
    assert open_place["county"].get(PATH).json()["seed"] == ""
    open_place["teacher"].put(f"{PATH}/ballots/me", {"lines": ["C1"]}, match=0)
    open_place.clock.turn(days=11)
    assert move(open_place, "close").status_code == 200
    assert move(open_place, "seal").status_code == 200
    sealed = open_place["teacher"].get(PATH).json()
    assert (sealed["ballots"], sealed["seed"]) == (1, "")
    assert move(open_place, "reveal").status_code == 200
    shown = open_place["teacher"].get(PATH).json()
    assert shown["seed"]
    assert shown["snapshot"] == sealed["snapshot"]


def test_a_public_value_is_announced_proposed_agreed_and_shown(dialect):
    source = "福彩双色球第 2026067 期开奖号码"
    with county() as place:
        named = f'[lottery]\npublic = "{source}"'
        text = place.toml(id="r2", title="公开抽签").replace("[lottery]", named)
        place["county"].post("/rounds", {"settings": text})
        told = place["county"].get("/rounds/r2").json()
        assert (told["public_source"], told["public_value"]) == (source, "")
        with Session(place.engine) as session:
            session.get_one(RoundRow, "r2").state = "school_review"
            session.commit()

        def say(verb: str):
            tag = place["county"].get("/rounds/r2").json()["version"]
            return place["county"].post("/rounds/r2/moves", {"verb": verb}, match=tag)

        assert say("seal").status_code == 200
        early = say("reveal")
        assert (early.status_code, early.json()["code"]) == (409, "life_public_missing")
        drawn = {"verb": "draw", "arguments": {"public_value": "07 11 15"}, "reason": "公告"}
        assert place["county"].post("/rounds/r2/moves", drawn, match=2).status_code == 409
        answer = place["county"].post("/rounds/r2/proposals", drawn, match=1)
        proposed = answer.json()["proposal"]
        assert proposed["arguments"]["public_value"] == "07 11 15"
        place["second"].post(f"/proposals/{proposed['id']}/agree")
        assert place["county"].get("/rounds/r2").json()["public_value"] == "07 11 15"
        assert say("reveal").status_code == 200


def test_a_round_of_an_older_release_is_shown_too(open_place):
    """It was stored without a secret of its own."""
    with Session(open_place.engine) as session:
        session.delete(session.get_one(RoundSecretRow, ROUND))
        session.commit()
    told = open_place["county"].get(PATH)
    assert (told.status_code, told.json()["public_value"]) == (200, "")


def test_the_rules_are_those_of_the_digest(open_place):
    told = open_place["teacher"].get(f"{PATH}/rules").json()
    assert told["digest"] == open_place["teacher"].get(PATH).json()["settings_digest"]
    assert told["settings"]["id"] == ROUND
    assert told["settings"]["seed"] == ""


def test_a_solve_is_asked_for_and_stopped(open_place):
    open_place["teacher"].put(f"{PATH}/ballots/me", {"lines": ["C1"]}, match=0)
    open_place.seal_round()
    asked = move(open_place, "solve", effort="quick")
    assert asked.status_code == 200, asked.text
    (job,) = open_place["auditor"].get(f"{PATH}/jobs").json()["items"]
    assert (job["state"], job["stop_wanted"]) == ("queued", False)
    stopped = open_place["county"].post(f"/jobs/{job['id']}/stop")
    assert stopped.status_code == 200, stopped.text
    assert open_place["county"].get(f"/jobs/{job['id']}").json()["stop_wanted"] is True
    assert open_place["other_county"].get(f"/jobs/{job['id']}").status_code == 404


def test_what_is_not_published_is_told_to_nobody(open_place):
    for name in ("teacher", "county"):
        answer = open_place[name].get(f"{PATH}/result")
        assert (answer.status_code, answer.json()["code"]) == (409, "http_no_result")

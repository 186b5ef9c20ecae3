"""A teacher is asked item by item, may stop and go on elsewhere, and alone reads what comes of it."""

import json

import pytest
from sqlmodel import Session, select

from api.tables import EventRow
from diagnostics.tables import DiagnosisRow, ItemAnswerRow
from tests.api.http.factories import county


@pytest.fixture(scope="module")
def place():
    with county() as opened:
        yield opened


@pytest.fixture
def begun(place):
    """A diagnosis of T1 that was just begun; earlier ones are as good as ended."""
    with Session(place.engine) as session:
        for row in session.exec(select(DiagnosisRow).where(DiagnosisRow.ended == "")):
            row.ended = "stop_longest"
        session.commit()
    return place["teacher"].post("/diagnoses", {"framework": "common"}).json()


def reply(place, told, option=2, who="teacher", milliseconds=9000, **more):
    sent = {"item": told["question"]["item"], "option": option, "milliseconds": milliseconds}
    path = f"/diagnoses/{told['id']}/answers"
    return place[who].post(path, sent, match=told["version"], **more)


def test_she_is_asked_until_it_ends_and_told_why(place, begun):
    told, asked = begun, []
    while told["question"]:
        assert told["version"] == len(asked) < told["most"]
        asked.append(told["question"]["item"])
        told = reply(place, told).json()
    assert len(set(asked)) == len(asked) == told["version"]
    assert told["why"]
    late = {"item": asked[0], "option": 1}
    again = place["teacher"].post(f"/diagnoses/{told['id']}/answers", late, match=told["version"])
    assert (again.status_code, again.json()["code"]) == (409, "diagnosis_ended")


def test_a_question_is_worded_in_the_readers_language(place, begun):
    chinese = place["teacher"].get(f"/diagnoses/{begun['id']}").json()["question"]
    english = place["teacher"].get(f"/diagnoses/{begun['id']}", lang="en").json()["question"]
    assert chinese["item"] == english["item"]
    assert chinese["stem"] != english["stem"]
    assert len(chinese["options"]) == len(english["options"]) > 1


def test_beginning_again_goes_on_with_what_is_open(place, begun):
    once = reply(place, begun).json()
    again = place["teacher"].post("/diagnoses", {"framework": "common"}).json()
    assert again == once


def test_a_double_click_answers_once(place, begun):
    first = reply(place, begun, key="double-click-1")
    second = reply(place, begun, key="double-click-1")
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    other = reply(place, begun, key="double-click-2")
    assert other.status_code == 412
    with Session(place.engine) as session:
        kept = session.exec(select(ItemAnswerRow).where(ItemAnswerRow.diagnosis_id == begun["id"]))
        assert len(kept.all()) == 1


def test_what_is_not_asked_or_cannot_be_chosen_is_refused_and_not_stored(place, begun):
    path = f"/diagnoses/{begun['id']}/answers"
    for item, option, status, code in (
        ("NOT-ASKED", 1, 409, "not_asked"),
        (begun["question"]["item"], 99, 422, "no_option"),
    ):
        told = place["teacher"].post(path, {"item": item, "option": option}, match=0)
        assert (told.status_code, told.json()["code"]) == (status, code)
        assert "NOT-ASKED" not in told.text
    assert place["teacher"].get(f"/diagnoses/{begun['id']}").json() == begun


def test_a_framework_that_is_not_there_is_refused(place):
    told = place["teacher"].post("/diagnoses", {"framework": "astrology"})
    assert (told.status_code, told.json()["field"]) == (422, "body.framework")


def test_the_profile_grows_with_the_answers_and_says_it_is_not_calibrated(place, begun):
    path = f"/diagnoses/{begun['id']}/profile"
    before = place["teacher"].get(path, lang="en").json()
    assert before["profile"]["diagnosed"] is False
    told = begun
    while told["question"] and told["version"] < 8:  # it may be settled before
        told = reply(place, told, option=1).json()
    after = place["teacher"].get(path, lang="en").json()
    assert after["profile"]["diagnosed"] is True
    assert sum(one["self_ratings"] for one in after["profile"]["estimates"]) > 0
    assert "200" in after["caution"]
    assert [round(sum(one["percent"])) for one in after["profile"]["estimates"]] == [100] * 14


def test_answers_in_no_time_are_told_to_her_and_kept(place, begun):
    told = begun
    for number in range(6):
        told = reply(place, told, option=1 + number % 3, milliseconds=400).json()
    shown = place["teacher"].get(f"/diagnoses/{begun['id']}/profile", lang="en").json()
    assert any("0.4 seconds" in sign for sign in shown["signs"])
    answered = sum(one["self_ratings"] for one in shown["profile"]["estimates"])
    assert 0 < answered <= 6


def test_nobody_else_sees_or_answers_it(place, begun):
    assert place["other_teacher"].get(f"/diagnoses/{begun['id']}").status_code == 404
    assert place["other_teacher"].get(f"/diagnoses/{begun['id']}/profile").status_code == 404
    assert reply(place, begun, who="other_teacher").status_code == 404
    for name in ("school", "county", "auditor"):
        assert place[name].get(f"/diagnoses/{begun['id']}/profile").status_code == 403


def test_the_log_tells_that_she_answered_and_never_what(place, begun):
    told = reply(place, begun, option=3).json()
    with Session(place.engine) as session:
        events = [row for row in session.exec(select(EventRow)) if row.kind.startswith("diagnosis")]
    assert {event.kind for event in events} >= {"diagnosis.begun", "diagnosis.answered"}
    for event in events:
        assert "option" not in json.dumps(event.model_dump(), default=str)
    assert told["version"] == 1

"""Ten questions at most about a list: kept as answers, taken back, and never more than a proposal."""

import pytest

from api.tables import EventBodyRow
from tests.api.http.factories import ROUND, county
from tests.matching.rounds.factories import course, days

ASKING = f"/rounds/{ROUND}/menu/questions"


def rows():
    """Enough sections that ten questions do not settle their order."""
    for n in range(12):
        yield from course(f"X{n:02d}", days(f"2026-08-{10 + n}", 1), title=f"专题{n}")


@pytest.fixture(scope="module")
def place():
    with county(*rows()) as opened:
        opened.open_round()
        yield opened


@pytest.fixture
def begun(place):
    """Questions of T1 without any answer."""
    return place["teacher"].post(ASKING, {"afresh": True}).json()


def pair(told):
    return [told["question"][one]["section_id"] for one in ("one", "other")]


def prefer(place, told, wants=min, **more):
    """Answer the question asked now: the section whose code `wants` picks."""
    better = wants(pair(told))
    (worse,) = set(pair(told)) - {better}
    given = {"better": better, "worse": worse}
    return place["teacher"].post(f"{ASKING}/answers", given, match=told["version"], **more)


def test_at_most_ten_are_asked_and_the_order_follows_the_answers(place, begun):
    told, pairs = begun, []
    while told["question"]:
        pairs.append(tuple(sorted(pair(told))))
        told = prefer(place, told).json()
    assert len(pairs) == len(set(pairs)) == told["asked"] == told["most"] == 10
    assert told["why"].startswith("十个问题已经问完")
    order = [line["section_id"] for line in told["order"]]
    assert sorted(order) == sorted(line["section_id"] for line in begun["order"])
    kept = sum(order.index(better) < order.index(worse) for better, worse in pairs)
    assert kept >= 9
    assert order[0] == min(order)


def test_other_answers_lead_to_another_order(place, begun):
    """Negative control: the order is that of her answers, not of the menu."""
    low, high = begun, begun
    while low["question"]:
        low = prefer(place, low, min).json()
    high = place["teacher"].post(ASKING, {"afresh": True}).json()
    while high["question"]:
        high = prefer(place, high, max).json()
    assert low["order"][0] != high["order"][0]


def test_they_are_taken_up_where_they_were_left(place, begun):
    told = prefer(place, begun).json()
    assert place["teacher"].get(ASKING).json() == told
    assert place["teacher"].post(ASKING, {}).json() == told
    found = place["teacher"].get(ASKING)
    assert found.headers["ETag"] == f'"{told["version"]}"'


def test_an_answer_is_taken_back_and_the_same_question_asked_again(place, begun):
    told = prefer(place, begun).json()
    back = place["teacher"].post(f"{ASKING}/undo", match=told["version"]).json()
    assert back["version"] == told["version"] + 1
    assert (back["question"], back["order"]) == (begun["question"], begun["order"])
    none = place["teacher"].post(f"{ASKING}/undo", match=back["version"])
    assert (none.status_code, none.json()["code"]) == (409, "question_nothing_to_undo")


def test_a_double_click_answers_once(place, begun):
    first = prefer(place, begun, key="same-click-1")
    second = prefer(place, begun, key="same-click-1")
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    stale = prefer(place, begun, key="same-click-2")
    assert (stale.status_code, stale.json()["code"]) == (412, "questions_moved")
    assert place["teacher"].get(ASKING).json()["asked"] == 1


def test_what_is_not_asked_is_refused_in_both_languages(place, begun):
    for better, worse in (("C9", "C1"), (pair(begun)[0], pair(begun)[0])):
        path, given = f"{ASKING}/answers", {"better": better, "worse": worse}
        for lang, word in (("zh", "班次"), ("en", "sections")):
            no = place["teacher"].post(path, given, match=begun["version"], lang=lang)
            assert (no.status_code, no.json()["code"]) == (409, "question_not_asked")
            assert word in no.json()["message"]
    assert place["teacher"].send("POST", f"{ASKING}/undo").status_code == 428


def test_her_own_list_is_asked_about_first_and_her_order_counts(place):
    her = place["other_teacher"]
    her.put(f"/rounds/{ROUND}/ballots/me/draft", {"lines": ["X05", "X03+X01"]}, match=0)
    told = her.post(ASKING, {}).json()
    own = {line["section_id"]: line["drafted"] for line in told["order"] if line["drafted"]}
    assert own == {"X05": 1, "X03": 2, "X01": 3}
    assert min(own, key=[line["section_id"] for line in told["order"]].index) == "X05"


def test_nobody_else_learns_what_she_prefers(place, begun):
    told = prefer(place, begun).json()
    for name in ("school", "county", "institution", "auditor"):
        assert place[name].get(ASKING).status_code == 403
    other = place["other_teacher"].get(ASKING)
    assert other.status_code == 404 or other.json()["asked"] == 0
    event = place.log("questions.answered")[-1]
    with place.office.read() as session:
        body = session.get(EventBodyRow, event.seq).body
    assert body == {"round": ROUND, "version": told["version"], "answers": 1}
    assert event.round_id == ""

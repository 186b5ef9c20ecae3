"""A menu counts need, history, words, policy and last year's prices; nothing of it is a fence."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from api.choosing.shown import forget
from api.reads.chances import LastTime
from catalog.choices import Item
from catalog.odds import Odds
from diagnostics.tables import LedgerApprovalRow, LedgerEntryRow
from matching.rounds.settings_file import read_settings
from tests.api.http.factories import ROUND, county
from tests.matching.rounds.factories import EXAMPLE, course, days, programme, teacher

MENU = f"/rounds/{ROUND}/menu"
POINTS = replace(read_settings(EXAMPLE).points, shortage_subjects=("jyt:22",))


def took(teacher_id, offering_id):
    """An approved line of hours of a course."""
    name = f"{teacher_id}-{offering_id}"
    yield LedgerEntryRow(
        id=name, teacher_id=teacher_id, year=2025, category="zhuanye", minutes=240,
        source="省平台", evidence=name, number=1, offering_id=offering_id,
    )  # fmt: skip
    for step, who in enumerate(("甲", "乙"), 1):
        yield LedgerApprovalRow(entry_id=name, step=step, approver=who)


def rows():
    """Two courses of last year; all seven of a school took the first, six of them C2 as well."""
    yield programme("P-OLD", year=2025)
    more = {"programme_id": "P-OLD", "topics": []}
    yield from course("OLD", days("2025-08-03", 1), title="课堂观察与评价", **more)
    yield from course("C4", days("2026-08-24", 1), title="音乐课程新教法", subjects=["jyt:22"])
    yield from course("C5", days("2026-08-25", 1), title="财务", roles=["99"])
    yield teacher("NEW", subject="jyt:22")
    yield from took("T1", "OLD")
    for n in range(6):
        yield from (*took(f"T1{n}", "OLD"), *took(f"T1{n}", "C2"))


@pytest.fixture(scope="module")
def place():
    with county(*rows()) as opened:
        opened.open_round(points=POINTS)
        opened.people["new"] = opened.person("teacher", "NEW", "NEW")
        yield opened


def lines(answer):
    return {entry["item"]["section_id"]: entry for entry in answer.json()["entries"]}


def test_every_part_adds_up_and_the_strongest_is_the_reason(place):
    found = lines(place["teacher"].get(MENU, lang="en"))
    assert all(sum(line["parts"].values()) == line["score"] for line in found.values())
    assert found["C2"]["parts"]["history"] > 0
    assert (
        found["C2"]["why"] == 'Of the 7 teachers who took "课堂观察与评价", 6 took this course too.'
    )
    assert found["C1"]["parts"]["text"] > found["C3"]["parts"]["text"]
    assert found["C1"]["parts"]["history"] <= 0


def test_a_policy_speaks_where_it_holds(place):
    found = lines(place["new"].get(MENU))
    assert found["C4"]["parts"]["policy"] == 48  # 12 points, of which a first choice has 100
    assert found["C4"]["why"] == "紧缺学科课程，本轮予以倾斜。"
    assert found["C1"]["parts"]["policy"] == 0


def test_a_new_teacher_has_a_menu_by_what_is_taken_in_general(place):
    menu = place["new"].get(MENU, lang="en").json()
    assert menu["is_default"]
    assert {entry["item"]["section_id"] for entry in menu["entries"]} == {"C1", "C2", "C3", "C4"}
    assert all(entry["why"] for entry in menu["entries"])


def test_it_is_said_what_scores_rest_on(place):
    told = place["teacher"].get(MENU, lang="en").json()["basis"]
    assert told[0].startswith("No round has been published before")
    assert told[1] == "What is taken together comes from the approved hours of 7 teachers."


def test_with_too_few_records_nothing_is_learned():
    """Negative control: four teachers on record are no statistics, and nobody is known by them."""
    few = [row for n in range(4) for row in took(f"T1{n}", "OLD")]
    old = [
        programme("P-OLD", year=2025),
        *course("OLD", days("2025-08-03", 1), programme_id="P-OLD"),
    ]
    with county(*old, *few) as opened:
        opened.open_round()
        menu = opened["teacher"].get(MENU, lang="en").json()
    assert menu["basis"][1].startswith("There are too few records")
    assert not any(entry["parts"]["history"] for entry in menu["entries"])


def test_everything_she_may_take_is_ranked_and_found(place):
    her = place["teacher"]
    first = her.get(f"{MENU}/ranked?limit=2").json()
    rest = her.get(f"{MENU}/ranked?limit=2&cursor={first['next']}").json()
    found = [entry["item"]["section_id"] for entry in first["items"] + rest["items"]]
    assert sorted(found) == ["C1", "C2", "C3"]
    assert rest["next"] is None
    scores = [entry["score"] for entry in first["items"] + rest["items"]]
    assert scores == sorted(scores, reverse=True)
    one = her.get(f"{MENU}/ranked?institution_id=I2").json()["items"]
    assert [entry["item"]["section_id"] for entry in one] == ["C3"]
    assert her.get(f"{MENU}/search?mode=online").json()["items"] == []
    assert her.get(f"{MENU}/ranked?cursor=eA").status_code == 422


def test_what_is_not_for_her_is_nowhere_but_told(place):
    her = place["teacher"]
    assert "C5" not in lines(her.get(MENU))
    assert her.get(f"{MENU}/search?text=财务").json()["items"] == []
    assert her.get(f"{MENU}/sections/C5").json()["reasons"]


LAST = LastTime(
    "2025", "上一轮",
    {"C1": Odds(10, 4, 1, 450), "C9": Odds(30, 6, 0, 210)},
    {"C1": 80_000, "C9": 40_000},
    {("课堂观察", "I1"): ("C1", "C9")},
    Fraction(500, 100_000),
)  # fmt: skip


@pytest.mark.parametrize(
    ("section", "title", "institution", "price", "asked"),
    [
        ("C1", "课堂观察", "I1", 400, 10),
        ("N1", "课堂观察", "I1", 300, 40),
        ("C1", "心理辅导", "I1", 0, None),
        ("C1", "课堂观察", "I2", 0, None),
    ],
)
def test_last_time_tells_of_the_same_course_and_of_no_other(
    section, title, institution, price, asked
):
    """A code that means another course this year is not taken for that of last year."""
    told = LAST.of(Item(section, section, title), institution)
    assert told.price == price
    assert (told.odds.asked if told.odds else None) == asked


def test_a_new_section_says_that_the_odds_are_those_of_its_course():
    told = LAST.of(Item("N1", "N1", "课堂观察"), "I1")
    assert told.odds == Odds(40, 10, 1, 270, of_course=True)
    assert told.chances().say("en").startswith("This section is new. The sections of its course")


def seen(place, name="teacher"):
    """What she was shown, once it is written down: nobody waits for it, so the writer is asked."""
    place.office.do(place.call("county"), lambda session: ())
    return place[name].get(f"{MENU}/shown").json()["items"]


def test_what_was_shown_is_written_down_once_and_read_by_herself(place):
    told = place["teacher"].get(MENU).json()
    place["teacher"].get(MENU)
    (first, *_others) = seen(place)
    assert [(line["section_id"], line["score"]) for line in first["lines"]] == [
        (entry["item"]["section_id"], entry["score"]) for entry in told["entries"]
    ]
    assert len(seen(place)) == 1
    assert seen(place, "other_teacher") == []


def test_an_office_sees_groups_of_five_alone(place):
    for n in range(6):
        place.person("teacher", f"T1{n}", f"T1{n}").get(MENU)
    place["new"].get(MENU)
    place.office.do(place.call("county"), lambda session: ())
    told = place["county"].get(f"{MENU}/exposure").json()["items"]
    found = {one["section_id"]: one["teachers"] for one in told}
    assert found["C1"] >= 6
    assert found["C4"] is None  # one music teacher alone was shown it


def test_a_menu_that_cannot_be_written_down_is_shown_all_the_same(place, monkeypatch):
    from api.errors import Overloaded

    def full(*_):
        raise Overloaded("overloaded")

    monkeypatch.setattr(place.office, "submit", full)
    monkeypatch.setattr("api.routes.menu.is_known", lambda *_: False)
    assert place["teacher"].get(MENU).status_code == 200


def test_what_was_shown_is_forgotten_after_four_hundred_days(place):
    place["teacher"].get(MENU)
    assert seen(place)
    for days_later, left in ((399, True), (401, False)):
        call = replace(place.call("county"), now=place.clock() + timedelta(days=days_later))
        place.office.do(call, lambda session, call=call: forget(session, call))
        assert bool(seen(place)) is left

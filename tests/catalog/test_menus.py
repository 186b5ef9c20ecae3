import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalog
from catalog.menus import Boost, Chooser, Filter, Weights, find, recommend, why_not
from tests.catalog.menus import ITEMS, Ask, item, needs

LI_NA = Chooser(
    "T1",
    {"stage": ("2",), "subject": ("jyt:13", "x:daofa"), "years": ("4",), "rural": ("yes",)},
    completed=frozenset({"C12"}),
    topics=frozenset({"reading"}),
)


def test_the_parts_of_a_score_add_up():
    """Need 700 + one shared topic 80 + rural 100 - price 30 = 850."""
    reading = item("A1", attributes={"topic": ("reading",)}, price=30)
    rural = Boost("乡村教师优先", "Rural teachers first", 100, teacher={"rural": ("yes",)})
    (entry,) = recommend(LI_NA, [reading], needs({"A1": 700}), [rural]).entries
    assert {name: points for name, points in entry.parts.items() if points} == {
        "need": 700,
        "history": 80,
        "policy": 100,
        "price": -30,
    }
    assert entry.score == 850


def test_the_sentence_names_the_widest_gap_it_works_on():
    (entry,) = recommend(LI_NA, [item("A1", dimensions=("XK2", "XK1"))], needs({"A1": 475})).entries
    assert entry.why.say() == "您在“课标理解与教材分析”上预计离目标还差0.70级，本课程着力于此。"
    assert "0.70 levels" in entry.why.say("en")


def test_thin_evidence_is_said():
    (entry,) = recommend(LI_NA, [item("A1")], needs({"A1": 700}, thin=["XK1"])).entries
    assert "证据不足" in entry.why.say()


@pytest.mark.parametrize(
    ("facts", "boosts", "says"),
    [
        ({}, [], "本课程面向您的学段、学科和岗位开放。"),
        ({"attributes": {"topic": ("reading",)}}, [], "与您以前所学相衔接，主题：reading。"),
        ({}, [Boost("紧缺学科", "Shortage subject", 150)], "紧缺学科。"),
        ({}, [Boost("甲", "A", -50)], "本课程面向您的学段、学科和岗位开放。"),
    ],
)
def test_only_what_was_counted_is_said(facts, boosts, says):
    (entry,) = recommend(LI_NA, [item("A1", **facts)], boosts=boosts).entries
    assert entry.why.say() == says


def test_a_boost_needs_the_right_teacher_and_the_right_section():
    boost = Boost("x", "x", 9, teacher={"rural": ("yes",)}, section={"subject": ("jyt:24",)})
    music = item("A1", attributes={"subject": ("jyt:24",)})
    town = Chooser("T2", {"rural": ("no",)})
    assert boost.fits(LI_NA, music)
    assert not boost.fits(LI_NA, item("A2"))
    assert not boost.fits(town, music)


def test_without_a_diagnosis_the_menu_is_flagged():
    undiagnosed = recommend(LI_NA, [item("A1")], needs({"A1": 700}, diagnosed=False))
    assert undiagnosed.is_default
    assert undiagnosed.heading().startswith("您还没有能力诊断结果")
    assert undiagnosed.entries[0].why.say().startswith("一般来说")
    assert recommend(LI_NA, [item("A1")]).is_default
    assert not recommend(LI_NA, [item("A1")], needs({"A1": 700})).is_default


def test_at_most_twenty_are_shown_but_all_can_be_found():
    items = [item(f"S{n:02d}") for n in range(30)]
    menu = recommend(LI_NA, items, needs({i.section: 700 for i in items}))
    assert len(menu.entries) == 20
    assert menu.eligible == 30
    assert "30" in menu.heading()
    assert find(LI_NA, items) == tuple(items)


def test_every_rule_that_stands_in_the_way_is_told():
    closed = item(
        "S1",
        asks=(
            Ask("stage", "in", ("3", "4")),
            Ask("years", "le", ("3",)),
            Ask("rural", "not_in", ("yes",)),
            Ask("subject", "in", ("jyt:13",)),
        ),
        offering="C12",
        prerequisites=("C01", "C12"),
    )
    (hidden,) = recommend(Chooser(**_with(barred={"S1": "2026-12-03"})), [closed]).hidden
    assert [sentence.say() for sentence in hidden.why_not] == [
        "学段须为普通初中、普通高中，您登记的是小学。",
        "教龄（年）不能超过3，您登记的是4。",
        "乡村学校为“是”的不能选，您登记的是“是”。",
        "您已完成课程C12，不重复参加。",
        "须先完成先修课程C01。",
        "因培训诚信记录，2026-12-03（含当日）以前不能参加这类培训；如有特殊情况可以申诉。",
    ]
    assert hidden.why_not[1].say("en") == (
        "years of service must be at most 3; on record for you is 4."
    )


def _with(**changes):
    names = ("teacher", "attributes", "completed", "topics", "barred")
    return {name: getattr(LI_NA, name) for name in names} | changes


def test_what_is_not_on_record_is_said_to_be_blank():
    (sentence,) = why_not(LI_NA, item("S1", asks=(Ask("title_rank", "ge", ("3",)),)))
    assert sentence.say() == "职称等级须达到一级教师，您登记的是空白。"


def test_variety_puts_another_dimension_before_the_third_of_one_kind():
    """XK1 900, 880 (-40 for sameness), XK2 850: after the first, 850 beats 840."""
    items = [item("A"), item("B"), item("C", dimensions=("XK2",))]
    menu = recommend(LI_NA, items, needs({"A": 900, "B": 880, "C": 850}))
    assert [(e.item.section, e.score) for e in menu.entries] == [("A", 900), ("C", 850), ("B", 840)]
    flat = recommend(
        LI_NA, items, needs({"A": 900, "B": 880, "C": 850}), weights=Weights(same_dimension=0)
    )
    assert [entry.item.section for entry in flat.entries] == ["A", "B", "C"]


def test_two_sections_of_one_course_do_not_stand_side_by_side():
    items = [item("A-01", offering="A"), item("A-02", offering="A"), item("B", dimensions=("XK2",))]
    menu = recommend(LI_NA, items, needs({"A-01": 700, "A-02": 700, "B": 500}))
    assert [entry.item.section for entry in menu.entries] == ["A-01", "B", "A-02"]


def test_a_price_moves_down_but_never_hides():
    items = [item("A", price=5000), item("B")]
    menu = recommend(LI_NA, items, needs({"A": 700, "B": 100}))
    assert [entry.item.section for entry in menu.entries] == ["B", "A"]
    assert menu.hidden == ()


def test_search_filters_by_text_attribute_day_and_place_and_sorts():
    items = [
        item("A", days=("2026-08-03", "2026-08-04"), site="县城", minutes=960, price=3),
        item("B", days=("2026-09-10",), site="悦城镇", attributes={"mode": ("send",)}, minutes=480),
        item("C", attributes={"mode": ("online",)}, minutes=120),
        item("D", asks=(Ask("stage", "in", ("1",)),)),
    ]

    def found(by="id", **wanted):
        return [one.section for one in find(LI_NA, items, Filter(**wanted), by)]

    assert found() == ["A", "B", "C"]  # D is not for her
    assert found(text="课程b") == ["B"]
    assert found(attributes={"mode": ("send", "online")}) == ["B", "C"]
    assert found(first_day="2026-09-01") == ["B", "C"]  # C has no days, it always fits
    assert found(last_day="2026-08-31") == ["A", "C"]
    assert found(site="悦城") == ["B"]
    assert found("price") == ["B", "C", "A"]
    assert found("hours") == ["A", "B", "C"]
    assert found("day") == ["A", "B", "C"]
    assert found("title") == ["A", "B", "C"]


def test_every_attribute_a_rule_may_ask_for_has_a_word():
    path = Path(catalog.__file__).with_name("messages.toml")
    codes = tomllib.loads(path.read_text(encoding="utf-8"))
    asked = (
        "stage subject main_subject role title_rank years office_years tier residence rural"
        " school unit flag"
    )
    assert all(f"menu_attribute_{name}" in codes for name in asked.split())


@given(ITEMS, st.randoms(use_true_random=False))
def test_a_menu_does_not_depend_on_the_order_of_sections(items, chance):
    """And its scores never rise from line to line."""
    wanted = needs({one.section: (7 * len(one.dimensions) * int(one.section[1:])) for one in items})
    menu = recommend(LI_NA, items, wanted)
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert recommend(LI_NA, shuffled, wanted) == menu
    scores = [entry.score for entry in menu.entries]
    assert scores == sorted(scores, reverse=True)
    assert len(menu.entries) == min(20, menu.eligible)

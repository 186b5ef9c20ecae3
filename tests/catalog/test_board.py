from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.board import AT_ONCE, Board
from catalog.choices import Chooser, Filter, find, why_not
from catalog.entries import Boost, Shown, Weights
from catalog.history import learn
from catalog.texts import Texts
from tests.catalog.menus import CHOOSERS, ITEMS, OFFERINGS, item, needs

TEXTS = {"C1": "小学语文阅读教学", "C2": "初中数学作业设计", "C3": "班级管理", "C9": "阅读教学研究"}
TOOK = [(f"T{n}", offering) for n in range(40) for offering in OFFERINGS[n % 3 : n % 3 + 2]]
STAGES = {f"T{n}": {"stage": str(1 + n % 2)} for n in range(40)}
COMPANIONS = learn(TOOK, STAGES)
LIKENESS = Texts(list(TEXTS.values()))


def board(items):
    boost = Boost("政策", "policy", 90, {"stage": ("1",)}, {"topic": ("sums",)})
    return Board(items, [boost], None, COMPANIONS, LIKENESS, TEXTS)


def told(menu):
    return [(entry.item.section, dict(entry.parts), entry.why) for entry in menu.entries]


def slowly_varied(scored, weights, longest):
    """One after the other, as a reader of the rule would do it."""
    left, dimensions, offerings, found = dict(scored), Counter(), Counter(), []
    while left and len(found) < longest:

        def lost(one):
            alike = sum(dimensions[code] for code in one.dimensions)
            again = offerings[one.offering]
            return weights.same_dimension * alike + weights.same_offering * again

        best = min(left, key=lambda one: (lost(one) - left[one], one.section))
        found.append((best.section, -lost(best)))
        del left[best]
        dimensions.update(best.dimensions)
        offerings[best.offering] += 1
    return found


@settings(max_examples=60)
@given(ITEMS, st.lists(CHOOSERS, min_size=1, max_size=4), st.integers(1, 9))
def test_menus_of_many_are_the_menus_of_each(items, choosers, longest):
    wanted = [needs({one.section: 7 * n * len(one.dimensions) for one in items}) for n in range(9)]
    wanted[1] = None
    laid_out = board(items)
    together = list(laid_out.menus(choosers, wanted[: len(choosers)], longest))
    for chooser, need, menu in zip(choosers, wanted, together, strict=False):
        alone = board(items[::-1]).menu(chooser, need, longest)
        assert told(menu) == told(alone)
        assert (menu.eligible, menu.closed) == (alone.eligible, alone.closed)


@settings(max_examples=60)
@given(ITEMS, CHOOSERS, st.integers(1, 9))
def test_a_menu_is_what_the_rule_says(items, chooser, longest):
    """Open as `why_not` says, the best first, each one after what is less alike to those before."""
    laid_out, weights = board(items), Weights()
    menu = laid_out.menu(chooser, None, longest)
    may = [one for one in items if not any(why_not(chooser, one))]
    ranked = laid_out.ranked(chooser)
    assert {entry.item.section for entry in ranked} == {one.section for one in may}
    scores = {entry.item.section: entry.score for entry in ranked}
    by_id = {one.section: one for one in items}
    frozen = {section: _Frozen(by_id[section]) for section in scores}
    slow = slowly_varied({frozen[s]: points for s, points in scores.items()}, weights, longest)
    assert [(e.item.section, e.parts["variety"]) for e in menu.entries] == slow
    assert all(entry.score == sum(entry.parts.values()) for entry in menu.entries)
    assert all(entry.why.say("zh") and entry.why.say("en") for entry in menu.entries)


class _Frozen:
    """A section that can be a key: those of tests hold mappings."""

    def __init__(self, one):
        self.section, self.offering, self.dimensions = one.section, one.offering, one.dimensions


def test_more_menus_than_are_drawn_up_together_keep_their_order():
    items = [item("A"), item("B", price=5)]
    choosers = [Chooser(f"T{n}", {}) for n in range(AT_ONCE + 3)]
    menus = list(Board(items).menus(choosers, [None] * len(choosers)))
    assert [menu.teacher for menu in menus] == [chooser.teacher for chooser in choosers]
    assert {entry.item.section for entry in menus[-1].entries} == {"A", "B"}


def test_everything_she_may_take_is_ranked_and_can_be_looked_for():
    """Thirty of one course and one dimension: a menu shows twenty, the ranking all, dearest last."""
    items = [item(f"S{n:02d}", offering="C", price=n) for n in range(30)]
    someone = Chooser("T1", {})
    ranked = Board(items).ranked(someone)
    assert [entry.item.section for entry in ranked] == [one.section for one in items]
    assert len(Board(items).menu(someone).entries) == 20
    looked = Board(items).ranked(someone, wanted=Filter(text="s2"))
    assert len(looked) == 10
    assert tuple(entry.item for entry in looked) == find(someone, items, Filter(text="s2"))


def test_what_is_taken_together_speaks_with_its_counts():
    """C1 is had by 13 or 14 of 40, all of whom took C2 as well."""
    someone = Chooser("T99", {}, completed=frozenset({"C1"}))
    laid_out = Board([item("S1", offering="C2")], companions=COMPANIONS)
    (entry,) = laid_out.menu(someone).entries
    assert 0 < entry.parts["history"] == entry.score
    assert entry.why.say() == "学过“C1”的14位老师中，有14位也学过本课程。"


def test_one_without_a_history_hears_what_her_like_took():
    took = [(f"T{n}", "C1" if n < 10 else "C2") for n in range(20)]
    stages = {f"T{n}": {"stage": ("1" if n < 10 else "2",)} for n in range(20)}
    laid_out = Board(
        [item("A", offering="C1"), item("B", offering="C2")], companions=learn(took, stages)
    )
    first, second = laid_out.menu(Chooser("new", {"stage": ("2",)})).entries
    assert first.item.section == "B"
    assert first.parts["history"] > second.parts["history"]
    assert first.why.say() == "学段同为“小学”的10位老师中，有10位学过本课程。"


def test_a_new_section_is_known_by_its_words():
    """Nobody has taken NEW yet; its title is near to C1, which she took."""
    someone = Chooser("T1", {}, completed=frozenset({"C1"}))
    items = [
        item("A", offering="NEW", title="小学语文阅读教学新探"),
        item("B", offering="OLD", title="消防"),
    ]
    near, far = Board(items, texts=LIKENESS, titles=TEXTS).menu(someone).entries
    assert near.item.section == "A"
    assert near.parts["text"] > far.parts["text"] == 0
    assert near.why.say().startswith("名称和简介与您学过的“小学语文阅读教学”相近（相似度")
    assert far.why.say() == "本课程面向您的学段、学科和岗位开放。"


def test_what_was_shown_can_be_written_down():
    menu = Board([item("A", price=30), item("B", price=50)]).menu(Chooser("T1", {}))
    assert menu.shown() == (Shown("T1", 1, "A", -30, 30), Shown("T1", 2, "B", -50 - 40, 50))


def test_a_round_without_sections_has_an_empty_menu():
    menu = Board([]).menu(Chooser("T1", {}))
    assert (menu.entries, menu.eligible) == ((), 0)

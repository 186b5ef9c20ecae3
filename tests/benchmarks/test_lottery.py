"""Where the optimum is one and proved no lot changes anybody; people alike are decided by lot."""

from __future__ import annotations

from benchmarks.lottery import answers, changed, reseeded
from matching.result import Result, Seat
from tests.matching.factories import problem


def three(wanted: int, *later: str):
    """Three people want one section of two seats, as much as the first wants it or a bit less."""
    round_ = problem({"welfare": 1}, *({goal: 1} for goal in later)).section("A", capacity=2)
    for place, name in enumerate(("Li", "Ma", "Wu")):
        round_.teacher(name)
        round_.row("choices", teacher=name, section="A", rank=1, points=100 - wanted * place)
    return round_.build()


def test_nobody_changes_where_one_answer_is_best_and_proved():
    found = changed(answers(three(wanted=1), "quick", seeds=20))
    assert (found["seeds"], found["proved_optimal"], found["changed_ever"]) == (20, 20, 0)


def test_of_people_alike_lots_decide_and_the_value_is_one():
    """Negative control: one of three is left out, now this one, now that one."""
    found = changed(answers(three(0, "lottery"), "quick", seeds=20))
    assert (found["worst_gap_percent"], found["values_apart"]) == (0, 0)
    assert found["changed_ever"] == 3
    assert 0 < found["changed_mean"] <= found["changed_most"] == 2


def result(*pairs: tuple[str, str]) -> Result:
    seats = [Seat(*pair) for pair in pairs]
    goal = answers(three(1), "quick", seeds=1)[0].goals
    return Result("feasible", seats, (), goal, (), (), (), "", {}, "", "", "")


def test_who_holds_another_bundle_is_counted_once():
    first = result(("Li", "A"), ("Li", "B"), ("Ma", "C"))
    other = result(("Li", "A"), ("Ma", "C"), ("Wu", "B"))
    found = changed([first, first, other])
    assert (found["changed_mean"], found["changed_most"], found["changed_ever"]) == (1.0, 2, 2)


def test_another_seed_is_the_same_round():
    one, two = three(1), reseeded(three(1), "another")
    assert (one.teacher_ids, one.section_ids) == (two.teacher_ids, two.section_ids)
    assert one.digest != two.digest

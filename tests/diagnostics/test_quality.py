import dataclasses

import numpy as np
import pytest

from diagnostics.irt.models import MISSING
from diagnostics.quality import LIMITS, flags, in_order, longest_runs
from diagnostics.responses import Answer, answers_of
from diagnostics.simulate import Recipe, world

WORLD = world(Recipe(teachers=400, dimensions=2, items=8, vignettes=3, observers=1), 6)
INSTRUMENT = WORLD.instrument
ITEMS = INSTRUMENT.bank.items


def told(rows):
    return flags(INSTRUMENT, answers_of(INSTRUMENT.bank, rows), rows)


def sheet(values, seconds=None, rater="T1"):
    """The answers of one person, item by item in the order of the questionnaire."""
    given = zip(ITEMS, values, strict=False)
    return [Answer("T1", item, rater, value, seconds=seconds) for item, value in given]


CAREFUL = (1, 2, 0, 2, 1, 3, 2, 1, 0, 1, 2, 2, 1, 0, 2, 1, 3, 1, 2, 0, 1, 3)


def test_careful_answers_raise_no_flag():
    assert told(sheet(CAREFUL, seconds=7.0)) == ()


def test_the_same_answer_all_the_way_is_told_with_its_number():
    (flag,) = told(sheet([2] * 22))
    assert (flag.code, flag.have, flag.limit) == ("flag_same_answer", 22, LIMITS.same)
    assert flag.say() == ("T1连续22题选择了同一选项（达到12题即作提示）。作答全部保留，请核实。")
    assert "22 times in a row" in flag.say("en")


def test_an_observer_who_answers_alike_is_told_of_the_observer():
    (flag,) = told(sheet([1] * 22, rater="O1"))
    assert (flag.teacher, flag.rater) == ("T1", "O1")


def test_items_left_out_do_not_break_a_run():
    rows = np.array([[1, MISSING, 1, 1], [0, 1, MISSING, 0], [MISSING] * 4], np.int8)
    assert longest_runs(rows).tolist() == [3, 1, 0]


@pytest.mark.parametrize(("seconds", "expected"), [(0.9, ["flag_too_fast"]), (2.0, []), (None, [])])
def test_answers_faster_than_reading_are_told(seconds, expected):
    assert [flag.code for flag in told(sheet(CAREFUL, seconds))] == expected


def test_vignettes_in_the_wrong_order_are_told_and_left_out_of_leniency_alone():
    turned = (*CAREFUL[:8], 3, 1, 2, *CAREFUL[11:])
    rows = sheet(turned)
    (flag,) = told(rows)
    assert (flag.code, flag.subject, flag.have) == ("flag_vignettes_reversed", "D1", 2)
    answers = answers_of(INSTRUMENT.bank, rows)
    kept = in_order(INSTRUMENT, answers)
    gone = np.flatnonzero((answers.own != kept.own)[0])
    assert [ITEMS[j] for j in gone] == ["vignette-1-001", "vignette-1-002", "vignette-1-003"]
    assert (answers.own == np.array(turned)).all()  # what was answered stays as it was


def test_an_item_answered_twice_and_otherwise_is_told():
    again = dataclasses.replace(sheet(CAREFUL)[0], value=3, at="2026-05-02")
    (flag,) = told([*sheet(CAREFUL), again])
    assert (flag.code, flag.subject, flag.have) == ("flag_contradicts", ITEMS[0], 2)
    near = dataclasses.replace(again, value=2)
    assert told([*sheet(CAREFUL), near]) == ()


def test_flags_drop_nothing_and_few_honest_people_are_told():
    found = flags(INSTRUMENT, WORLD.answers, [])
    alike = {flag.teacher for flag in found if flag.code == "flag_same_answer"}
    assert len(alike) <= 8  # of 400, half of them at an end of the scale
    reversed_ = {flag.teacher for flag in found if flag.code == "flag_vignettes_reversed"}
    assert 0 < len(reversed_) < 240  # reading is noisy: three in ten turn a pair of one dimension
    assert (WORLD.answers.own != MISSING).all()

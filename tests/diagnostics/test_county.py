"""All that was said of a county is weighed together; items count before whole ratings."""

from types import SimpleNamespace

import pytest

from diagnostics import data_files
from diagnostics.assumed import instrument_of
from diagnostics.county import county
from diagnostics.frameworks.reading import questionnaire
from diagnostics.own_items import County as Measured
from diagnostics.population import ASSUMED
from diagnostics.profile import profiles
from diagnostics.responses import Rating

QUESTIONS = questionnaire()
ITEMS = [item for item in QUESTIONS.of("self", dimension="SD1") if not item.reversed]
SEEN = [item.code for item in QUESTIONS.of("observer")]


def said(teacher, option, rater=""):
    """She, or somebody who saw her teach, gives one option to all items."""
    items = SEEN if rater else [item.code for item in ITEMS]
    return SimpleNamespace(
        teacher_id=teacher, rater=rater or teacher, options=dict.fromkeys(items, option)
    )


def level(found, teacher, dimension="SD1"):
    profile = next(each for each in found.profiles if each.teacher == teacher)
    return sum(k * p for k, p in enumerate(profile.of(dimension).probabilities, start=1))


def test_whoever_has_no_answers_is_judged_by_ratings_or_by_base_rates():
    rating = Rating("B", "SD1", "observer", "O", 4)
    found = county(QUESTIONS, "ABC", [rating], [said("A", 4)])
    expected = profiles(QUESTIONS.framework, "BC", [rating])
    assert found.profiles[1:] == expected
    assert found.answered == {"A"}
    assert [each.diagnosed for each in found.profiles] == [True, True, False]


def test_answers_to_items_count_before_ratings_of_whole_dimensions():
    low = Rating("A", "SD1", "observer", "O", 1)
    with_both = county(QUESTIONS, "A", [low], [said("A", 4)])
    assert with_both == county(QUESTIONS, "A", [], [said("A", 4)])


def test_high_answers_speak_for_a_high_level_and_own_words_alone_stay_thin():
    rows = [said("A", 1), said("B", 3), said("C", 3), said("C", 3, "O")]
    found = county(QUESTIONS, "ABC", [], rows)
    assert level(found, "A") < 2 < level(found, "B")
    assert [each.of("SD1").insufficient for each in found.profiles] == [True, True, False]


def test_an_answer_to_an_item_that_is_gone_or_about_a_stranger_is_passed_over():
    gone = SimpleNamespace(teacher_id="A", rater="A", options={"XX-9": 1})
    assert county(QUESTIONS, "A", [], [gone, said("Z", 1)]) == county(QUESTIONS, "A")


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_the_rows_changes_nothing(turned):
    rows = [said("A", 2), said("A", 3, "O1"), said("B", 3, "O1")]
    found = county(QUESTIONS, "AB", [], rows[::-1] if turned else rows)
    assert found == county(QUESTIONS, "BA", [], rows)


def test_items_that_were_measured_meanwhile_count_from_then_on(tmp_path, monkeypatch):
    monkeypatch.setattr(data_files, "_folders", [tmp_path, data_files.SHIPPED])
    (tmp_path / "measured").mkdir()
    rows = [said("A", 4)]
    before = county(QUESTIONS, "A", [], rows)
    frame, assumed = QUESTIONS.framework, instrument_of(QUESTIONS)
    item = ITEMS[0]
    measured = Measured(
        frame.code,
        frame.version,
        "",
        dict.fromkeys(assumed.dimensions, "graded"),
        {item.code: ("SD1", 0.2, (3.0, 2.0, 1.0))},
        ASSUMED,
        None,
        600,
        "",
        "",
    )
    measured.save(tmp_path / "measured" / f"{frame.code}.json")
    assert level(county(QUESTIONS, "A", [], rows), "A") < level(before, "A")

import pytest

from diagnostics.errors import BadData
from diagnostics.frameworks.tables import KINDS
from diagnostics.instrument import KINDS as MEASURED
from tests.diagnostics.frameworks.factories import own


def test_the_kinds_are_those_that_are_measured():
    assert set(KINDS) == set(MEASURED)


def test_an_answer_counts_from_zero_the_lowest_first(tmp_path):
    questions = own(tmp_path)
    plain, turned, test = (questions.item(code) for code in ("K1-1", "K1-2", "K1-T1"))
    assert [plain.value(option) for option in (1, 2, 3)] == [0, 1, 2]
    assert [turned.value(option) for option in (1, 2, 3)] == [2, 1, 0]
    assert [test.value(option) for option in (1, 2)] == [0, 1]
    assert (plain.categories, test.categories) == (3, 2)
    for option in (0, 4):
        with pytest.raises(BadData, match="none of 1"):
            plain.value(option)


def test_an_item_is_put_to_its_stages_only(tmp_path):
    questions = own(tmp_path)
    assert questions.item("K1-T1").fits("2")
    assert not questions.item("K1-T1").fits("1")
    assert [item.code for item in questions.of("self", "test", stage="1")] == ["K1-1", "K1-2"]
    assert [item.code for item in questions.of(dimension="K2")] == ["K2-O"]


def test_an_unknown_item_is_an_error(tmp_path):
    with pytest.raises(BadData, match="K7"):
        own(tmp_path).item("K7")


def test_items_stay_uncalibrated_until_enough_answers_are_in(tmp_path):
    questions = own(tmp_path)
    assert "尚未校准：6道题中有6道" in questions.caution({})
    answers = {item.code: 50 for item in questions.items}
    assert questions.uncalibrated(answers | {"K1-1": 49}) == ("K1-1",)
    assert "not calibrated: 1 of 6" in questions.caution(answers | {"K1-1": 49}, "en")
    assert questions.caution(answers) == ""

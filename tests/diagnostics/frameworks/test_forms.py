from collections import Counter
from itertools import combinations

import pytest

from diagnostics.errors import BadData
from diagnostics.frameworks.forms import FORMS, Plan, form_of, forms
from diagnostics.frameworks.reading import questionnaire
from tests.diagnostics.frameworks.factories import own

QUESTIONS = questionnaire()
DEALT = forms(QUESTIONS, "2", "county")


def self_items(form, dimension):
    return [i.code for i in form.items if i.kind == "self" and i.dimension == dimension]


def test_every_form_asks_two_items_a_dimension_and_a_vignette_an_area():
    areas = {dimension.code: dimension.area for dimension in QUESTIONS.framework.dimensions}
    for form in DEALT:
        assert all(len(self_items(form, code)) == 2 for code in areas)
        vignettes = [item for item in form.items if item.kind == "vignette"]
        assert len({areas[item.dimension] for item in vignettes}) == len(vignettes) == 4
        assert len({item.code for item in form.items}) == len(form.items) == 32


@pytest.mark.parametrize("count", [1, 5, 28, FORMS])
def test_no_item_is_used_twice_more_than_another_of_its_dimension(count):
    for dimension in QUESTIONS.framework.dimensions:
        items = [item.code for item in QUESTIONS.of("self", dimension=dimension.code)]
        used = Counter(code for form in DEALT[:count] for code in self_items(form, dimension.code))
        times = [used[code] for code in items]
        assert max(times) - min(times) <= 1


def test_every_pair_of_a_dimension_meets_and_every_vignette_is_put():
    for dimension in QUESTIONS.framework.dimensions:
        items = [item.code for item in QUESTIONS.of("self", dimension=dimension.code)]
        met = {frozenset(self_items(form, dimension.code)) for form in DEALT}
        assert met == {frozenset(pair) for pair in combinations(items, 2)}
    put = Counter(i.code for form in DEALT for i in form.items if i.kind == "vignette")
    assert set(put) == {item.code for item in QUESTIONS.of("vignette")}


def test_a_county_of_four_hundred_answers_every_item():
    """With 400 teachers each self item gets 60 answers or more, each vignette 15 or more."""
    answers = Counter(
        item.code
        for number in range(400)
        for item in DEALT[form_of(f"T{number:05}", "county")].items
    )
    assert min(answers[item.code] for item in QUESTIONS.of("self", stage="2")) >= 60
    assert min(answers[item.code] for item in QUESTIONS.of("vignette", stage="2")) >= 15


def test_a_teacher_keeps_her_form_and_another_seed_deals_anew():
    assert form_of("T00101", "county") == form_of("T00101", "county")
    assert len({form_of("T00101", str(seed)) for seed in range(20)}) > 5
    assert forms(QUESTIONS, "2", "county", 3) == DEALT[:3]
    assert forms(QUESTIONS, "2", "other", 3) != DEALT[:3]


def test_a_vignette_comes_before_the_items_of_its_area():
    areas = {dimension.code: dimension.area for dimension in QUESTIONS.framework.dimensions}
    order = [(areas[item.dimension], item.kind) for item in DEALT[0].items]
    firsts = {area: next(kind for a, kind in order if a == area) for area, _ in order}
    assert set(firsts.values()) == {"vignette"}


def test_a_dimension_with_too_few_items_is_told(tmp_path):
    with pytest.raises(BadData, match="asks 1 items, there are 0"):
        forms(own(tmp_path), "2", "x", 1, Plan(items=1))

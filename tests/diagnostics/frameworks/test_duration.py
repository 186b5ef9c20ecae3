from pathlib import Path

import pytest

from diagnostics.frameworks.duration import IREST_MEAN, PAINSTAKING, SLOW, Pace, minutes
from diagnostics.frameworks.forms import Plan, forms
from diagnostics.frameworks.reading import questionnaire
from tests.diagnostics.frameworks.factories import own

LIMIT = 12
"""Minutes that a diagnosis may take on a phone."""


@pytest.mark.parametrize("stage", ["1", "2", "3", "4", "6", "A"])
@pytest.mark.parametrize("pace", [Pace(), SLOW, PAINSTAKING], ids=["mean", "slow", "painstaking"])
def test_every_short_form_takes_at_most_twelve_minutes(stage, pace):
    dealt = forms(questionnaire(), stage, "county")
    assert max(minutes(form.items, stage, pace) for form in dealt) <= LIMIT


@pytest.mark.parametrize("page", ["a-framework.md", "a-framework.zh-CN.md"])
def test_the_page_tells_these_minutes(page):
    text = (Path(__file__).parents[3] / "docs" / page).read_text(encoding="utf-8")
    for pace in (Pace(), SLOW, PAINSTAKING):
        longest = max(
            minutes(form.items, stage, pace)
            for stage in ("1", "2")
            for form in forms(questionnaire(), stage, "county")
        )
        assert f"| {longest:.1f}" in text


def test_more_items_would_take_too_long():
    """Negative control: four items a dimension and two vignettes an area are over the limit."""
    dealt = forms(questionnaire(), "2", "county", 4, Plan(items=4, vignettes=2))
    assert min(minutes(form.items, "2", SLOW) for form in dealt) > LIMIT


def test_time_is_characters_over_speed_and_seconds_per_answer(tmp_path):
    """问完等学生想一想 has 8 characters; the scale, read once, has 6 + 2 + 2 + 1."""
    item = own(tmp_path).item("K1-1")
    first = 60 * (8 + 11) / IREST_MEAN + 5
    assert minutes([item]) == pytest.approx(first / 60)
    assert minutes([item, item]) == pytest.approx((first + 60 * 8 / IREST_MEAN + 5) / 60)
    assert minutes([item, item], pace=PAINSTAKING) == pytest.approx(2 * first / 60)

"""Numbers and days as a county office writes them."""

import tomllib
from pathlib import Path
from string import Formatter

import pytest

from matching.rounds import words
from matching.rounds.view import HalfDay

ROUNDS = Path(__file__).parents[3] / "matching" / "rounds"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(2520, "42 学时"), (2550, "42.5 学时"), (2522, "42 学时"), (2523, "42.1 学时")],
)
def test_account_minutes_are_told_as_hours_with_one_decimal(minutes, said):
    """2,523 / 60 = 42.05, rounded half up."""
    assert words.hours_text(minutes, "zh") == said


def test_a_day_carries_its_weekday():
    assert words.day_text("2026-11-20", "zh") == "11月20日（周五）"
    assert words.half_text(HalfDay("2026-11-20", "am"), "en") == "Fri 20 Nov, morning"


def test_whole_days_in_a_row_are_one_run_and_a_single_half_says_which():
    whole = [HalfDay(f"2026-08-0{d}", half) for d in (3, 4, 5) for half in ("pm", "am")]
    text = words.days_text([*whole, HalfDay("2026-08-07", "pm")], "zh")
    assert text == "8月3日（周一）–8月5日（周三）；8月7日（周五）下午"
    assert words.days_text([], "zh") == "线上，时间自定"


def test_a_share_of_nothing_is_a_dash():
    assert words.percent(1, 3) == "33.3%"
    assert words.percent(0, 0) == "–"


@pytest.mark.parametrize("path", sorted(ROUNDS.rglob("messages.toml")), ids=lambda p: p.parent.name)
def test_both_languages_say_the_same(path):
    for code, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert set(said) == {"zh", "en"}, code
        fields = [{name for _, name, *_ in Formatter().parse(said[lang]) if name} for lang in said]
        assert fields[0] == fields[1], code

from fractions import Fraction

import pytest

from catalog.terms import DATA, Vocabulary
from diagnostics.credit.rules import RULE_SETS, account_minutes, parse_rule_set, rule_set
from diagnostics.errors import BadData
from tests.diagnostics.credit.lines import line

TERMS = RULE_SETS.parent / "terms"

SMALL = """
code = "small"
version = 1
zh = "小"
en = "small"
source = "made up"
deadline = "12-31"
[clock]
day = "8"
half_day = "4"
lesson_clock_minutes = 50
[cycle]
years = 3
first_year = 2025
[[requirement]]
id = "all"
zh = "全"
en = "all"
year_minimum = "10.5"
[[credit]]
where = { mode = ["online"] }
hours_per_credit = "20"
[[credit]]
where = {}
hours_per_credit = "10"
"""


def test_hours_become_minutes_rounded_half_up_once():
    assert account_minutes("0.5") == 30
    assert account_minutes("1.008") == 60  # 60.48
    assert account_minutes("1.0083") == 60  # 60.498
    assert account_minutes("0.025") == 2  # 1.5 goes up
    assert account_minutes(90) == 5400


def test_zhaoqing_is_90_in_three_categories_and_450_in_five_years():
    rules = rule_set("zhaoqing")
    minima = {node.id: node.year_minimum for node in rules.requirements}
    assert minima == {"year": 5400, "gongxu": 1800, "zhuanye": 2520, "shide": 120, "xuanxiu": 1080}
    assert minima["gongxu"] + minima["zhuanye"] + minima["xuanxiu"] == minima["year"]
    assert rules.requirements[0].cycle_minimum == 450 * 60
    assert list(rules.cycle_of(2026)) == [2024, 2025, 2026, 2027, 2028]
    assert list(rules.cycle_of(2018)) == [2014, 2015, 2016, 2017, 2018]


def test_a_day_is_eight_and_45_minutes_are_one():
    clock = rule_set("zhaoqing").clock
    assert clock.of_days(3) == 24 * 60
    assert clock.of_half_days(5) == 20 * 60  # one of six half days missed: 20, not 24
    assert clock.of_clock_minutes(90) == 2 * 60
    assert clock.of_clock_minutes(100) == 133  # 2.2222 学时 = 133.33
    assert parse_rule_set(SMALL).clock.of_clock_minutes(100) == 120


def test_level_shares_are_70_in_the_named_counties_and_80_elsewhere():
    rules = rule_set("zhaoqing")

    def percents(*lineage):
        return {share.level: share.percent for share in rules.shares_for(lineage)}

    assert percents("441226", "441200") == {"province": 10, "city": 20, "county": 70}
    assert percents("441284", "441200") == {"province": 10, "city": 20, "county": 80}


def test_credits_are_exact_fractions():
    rules = parse_rule_set(SMALL)
    assert rules.credits_of(line(2025, 10)) == 1
    assert rules.credits_of(line(2025, 7, mode="online")) == Fraction(7, 20)
    assert rule_set("zhaoqing").credits_of(line(2025, 4)) == 4


def test_a_requirement_speaks_as_a_predicate():
    by_id = {node.id: node.predicate for node in rule_set("zhaoqing").requirements}
    assert by_id["zhuanye"] == "category=zhuanye"
    assert by_id["shide"] == "topic=shide"
    assert by_id["year"] == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('id = "all"', 'id = "all"\nparent = "none"'), "stands before its parent none"),
        (('year_minimum = "10.5"', 'year_minimum = "ten"'), "small: ValueError"),
        (('en = "all"', 'en = "all"\nbeyond = "burn"'), "must be cut or count"),
        (("years = 3", "years = 0"), "at least one year"),
        (('zh = "全"\n', ""), "KeyError"),
    ],
)
def test_a_rule_set_that_contradicts_itself_is_refused(change, says):
    with pytest.raises(BadData, match=says):
        parse_rule_set(SMALL.replace(*change))


def test_an_unknown_rule_set_names_the_known_ones():
    with pytest.raises(BadData, match="zhaoqing, zhejiang_like"):
        rule_set("atlantis")


@pytest.mark.parametrize("name", ["zhaoqing", "zhejiang_like"])
def test_every_category_of_a_rule_set_is_in_a_vocabulary(name):
    """A province brings its categories as a data file beside its rules."""
    vocabulary = Vocabulary(DATA / "categories.csv")
    own = TERMS / name / "categories.csv"
    if own.exists():
        vocabulary.add(own)
    asked = {c for node in rule_set(name).requirements for c in node.where.get("category", ())}
    assert asked
    assert asked <= set(vocabulary.terms)

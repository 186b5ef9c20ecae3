from hypothesis import given
from hypothesis import strategies as st

from diagnostics.credit.due import account, hours
from diagnostics.credit.rules import rule_set
from tests.diagnostics.credit.lines import line

ZHAOQING = rule_set("zhaoqing")
ZHEJIANG = rule_set("zhejiang_like")


def year_of(total, year):
    """A year of 90 in the three categories, or with less or more in 专业."""
    return [
        line(year, 30, "gongxu"),
        line(year, total - 48, "zhuanye", topics=("shide",)),
        line(year, 18, "xuanxiu"),
    ]


def test_nothing_done_is_everything_due():
    assert account(ZHAOQING, [], 2026).due == {
        "year": 5400,
        "gongxu": 1800,
        "zhuanye": 2520,
        "shide": 120,
        "xuanxiu": 1080,
    }


def test_29_42_18_is_not_complete_and_90_is():
    """One hour short in one category, whatever the sum (29 + 60 + 18 = 107)."""
    lines = [line(2026, 29, "gongxu"), line(2026, 60, topics=("shide",)), line(2026, 18, "xuanxiu")]
    short = account(ZHAOQING, lines, 2026)
    assert (short.due["gongxu"], short.due["zhuanye"], short.due["year"]) == (60, 0, 60)
    assert not short.complete
    assert account(ZHAOQING, [*lines, line(2026, 1, "gongxu")], 2026).complete


def test_a_minimum_inside_a_category_asks_for_hours_of_a_kind():
    lines = [line(2026, 30, "gongxu"), line(2026, 42), line(2026, 18, "xuanxiu")]
    assert account(ZHAOQING, lines, 2026).due["shide"] == 120
    lines += [line(2026, 2, "gongxu", topics=("shide",))]  # of the wrong category
    assert account(ZHAOQING, lines, 2026).due["shide"] == 120


def test_a_provincial_training_of_80_hours_counts_42():
    standing = account(ZHAOQING, [line(2026, 80)], 2026).of("zhuanye")
    assert (standing.raw, standing.counted, standing.surplus) == (4800, 2520, 2280)


def test_the_cycle_shows_the_short_year():
    """90 + 90 + 72 + 108 + 90 is 450 on paper; 18 beyond the target do not count."""
    lines = [
        entry
        for year, total in zip(range(2019, 2024), (90, 90, 72, 108, 90), strict=True)
        for entry in year_of(total, year)
    ]
    result = account(ZHAOQING, lines, 2023)
    assert result.of("year").cycle_counted == 432 * 60
    assert result.of("year").cycle_due == 18 * 60
    short = {(w.year, w.requirement.id): w.minutes for w in result.warnings}
    assert short == {(2021, "year"): 1080, (2021, "zhuanye"): 1080}
    assert result.warnings[0].say() == "2021年全年学时还差18学时。"
    assert result.warnings[0].say("en") == "2021: hours of the year are 18 short."


def test_online_is_capped_by_year_and_by_cycle():
    """12 a year for five years: 10 count each year, 50 in the cycle."""
    lines = [line(year, 12, "wangluo") for year in range(2021, 2026)]
    last = account(ZHEJIANG, lines, 2025).of("online")
    assert (last.raw, last.counted, last.cycle_counted) == (720, 600, 50 * 60)


def test_a_cycle_cap_leaves_less_room_each_year():
    """校本 24 a year up to 120; with a sixth source of hours nothing is left (planted: cap 60)."""
    from dataclasses import replace

    tight = replace(
        ZHEJIANG,
        requirements=tuple(
            replace(node, cycle_cap=60 * 60) if node.id == "school" else node
            for node in ZHEJIANG.requirements
        ),
    )
    lines = [line(year, 24, "xiaoben") for year in range(2021, 2026)]
    counted = [account(tight, lines, year).of("school").counted for year in range(2021, 2026)]
    assert counted == [24 * 60, 24 * 60, 12 * 60, 0, 0]


def test_a_block_is_one_training_of_ninety_and_counts_once_per_cycle():
    pieces = [line(2021, 50, "jizhong", evidence="a"), line(2021, 50, "jizhong", evidence="b")]
    assert account(ZHEJIANG, pieces, 2021).of("block").counted == 0
    whole = line(2022, 96, "jizhong", evidence="c")
    assert account(ZHEJIANG, [*pieces, whole], 2022).of("block").counted == 96 * 60
    again = line(2024, 96, "jizhong", evidence="d")
    later = account(ZHEJIANG, [*pieces, whole, again], 2024).of("block")
    assert (later.counted, later.cycle_counted, later.cycle_due) == (0, 96 * 60, 0)
    next_cycle = line(2026, 96, "jizhong", evidence="e")
    assert account(ZHEJIANG, [whole, next_cycle], 2026).of("block").counted == 96 * 60


def test_a_year_counts_144_at_most():
    lines = [
        line(2021, 96, "jizhong"),
        line(2021, 24, "xiaoben"),
        line(2021, 24, "duanqi"),
        line(2021, 16, "shide"),
    ]
    assert account(ZHEJIANG, lines, 2021).of("total").counted == 144 * 60


def test_hours_are_written_without_needless_zeros():
    assert [hours(m) for m in (0, 60, 90, 133, -120, 1)] == ["0", "1", "1.5", "2.22", "-2", "0.02"]


CATEGORIES = ("gongxu", "zhuanye", "xuanxiu", "jizhong", "xiaoben", "duanqi", "shide", "wangluo")
LINES = st.lists(
    st.builds(
        line,
        st.integers(2021, 2025),
        st.integers(0, 200),
        st.sampled_from(CATEGORIES),
        topics=st.sampled_from([(), ("shide",)]),
        evidence=st.sampled_from("abc"),
    ),
    max_size=12,
)


@given(LINES, st.integers(2021, 2025), st.randoms(use_true_random=False))
def test_counted_stays_within_targets_and_the_order_of_lines_is_nothing(lines, year, chance):
    for rules in (ZHAOQING, ZHEJIANG):
        result = account(rules, lines, year)
        shuffled = list(lines)
        chance.shuffle(shuffled)
        assert account(rules, shuffled, year) == result
        for standing in result.standings:
            node = standing.requirement
            assert 0 <= standing.counted <= standing.raw
            if node.beyond == "cut":
                assert standing.counted <= node.year_minimum
            if node.year_cap is not None:
                assert standing.counted <= node.year_cap
            if node.cycle_cap is not None:
                assert standing.cycle_counted <= node.cycle_cap

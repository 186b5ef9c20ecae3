import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics import sheets
from diagnostics.errors import NotYours
from diagnostics.framework import framework
from diagnostics.profile import group_figures, hidden_parts, posterior, profiles
from diagnostics.responses import Rating

COMMON = framework()
MODEL = COMMON.model


def rating(level, teacher="T1", dimension="XK2", source="self", rater=None):
    return Rating(teacher, dimension, source, rater or teacher, level)


def mean(estimate):
    return sum(p * level for level, p in enumerate(estimate.probabilities, start=1))


def test_without_ratings_the_base_rates_hold_and_say_so():
    (profile,) = profiles(COMMON, ["T1"], [])
    assert profile.of("XK2").probabilities == MODEL.base_rates
    assert not profile.diagnosed
    assert profile.of("XK2").insufficient


def test_an_observer_moves_belief_more_than_the_teacher_herself():
    own, seen = (
        profiles(COMMON, ["T1"], [given])[0].of("XK2")
        for given in (rating(4), rating(4, source="observer", rater="O1"))
    )
    base = sum(p * level for level, p in enumerate(MODEL.base_rates, start=1))
    assert base < mean(own) < mean(seen) < 4


def test_evidence_is_enough_with_two_ratings_of_which_one_is_an_observers():
    def thin(*given):
        return profiles(COMMON, ["T1"], given)[0].of("XK2").insufficient

    observer = rating(2, source="observer", rater="O1")
    assert thin(rating(2))
    assert thin(observer)
    assert not thin(rating(2), observer)


def test_bayes_by_hand():
    """One self rating of 3: weights are base rate times chance of saying 3 at each level.

    The rater sees k + N(0, .75^2 + .75^2), width 1.0607; the chance of 3 is the mass in 2.5..3.5:
    k=1: .0694, k=2: .2401, k=3: .3626, k=4: .2401.
    """
    chances = [0.0694, 0.2401, 0.3626, 0.2401]
    products = [float(b) * c for b, c in zip(MODEL.base_rates, chances, strict=True)]
    expected = [p / sum(products) for p in products]
    (profile,) = profiles(COMMON, ["T1"], [rating(3)])
    assert [float(p) for p in profile.of("XK2").probabilities] == pytest.approx(expected, abs=2e-4)


RATINGS = st.lists(
    st.builds(
        rating,
        st.integers(1, 4),
        st.sampled_from(["T1", "T2"]),
        st.sampled_from(["XK1", "XK2"]),
        st.sampled_from(["self", "observer"]),
        st.sampled_from(["T1", "O1", "O2", "O3"]),
    ),
    max_size=12,
    unique_by=lambda r: (r.teacher, r.dimension, r.source, r.rater),
)


@given(RATINGS, st.randoms(use_true_random=False))
def test_a_distribution_sums_to_exactly_one_and_the_order_of_ratings_is_nothing(ratings, chance):
    found = profiles(COMMON, ["T1", "T2"], ratings)
    shuffled = list(ratings)
    chance.shuffle(shuffled)
    assert profiles(COMMON, ["T2", "T1"], shuffled) == found
    for profile in found:
        for estimate in profile.estimates:
            assert sum(estimate.probabilities) == Fraction(1)
            assert all(p > 0 for p in estimate.probabilities)  # never a bare level


def test_a_rater_who_rates_twice_is_refused():
    with pytest.raises(ValueError, match="rates T1 twice"):
        profiles(COMMON, ["T1"], [rating(2), rating(3)])


def test_a_level_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="self 5"):
        profiles(COMMON, ["T1"], [rating(5)])


def test_many_ratings_do_not_underflow():
    """Products of small chances are whole numbers here, so nothing becomes 0 or NaN."""
    weights = posterior(MODEL, ((0, 0, 0, 1), (400, 0, 0, 0)))
    assert min(weights) > 0
    assert Fraction(weights[0], sum(weights)) > Fraction(99, 100)


@pytest.mark.parametrize("reader", ["T2", "县教育局", "校长", ""])
def test_a_profile_is_read_by_the_teacher_alone(reader):
    (profile,) = profiles(COMMON, ["T1"], [rating(2)])
    assert profile.read_by("T1") is profile
    with pytest.raises(NotYours):
        profile.read_by(reader)


def test_no_sheet_carries_single_profiles():
    assert [kind.slug for kind in sheets.SHEETS] == ["teachers", "ratings", "hours"]


HANDLE_PROFILES = {
    "api/choosing/dry_run.py",  # needs of everybody, for prices and odds of sections alone
    "api/commands/teachers.py",  # her own page on the console, logged
    "api/diagnosing.py",  # her own diagnosis, item by item
    "api/menus.py",  # her own menu
    "api/reads/menus.py",  # the same, after her own diagnosis
    "api/reads/people.py",  # her own page, and groups
    "api/routes/people.py",
    "matching/rounds/learnt.py",  # what a report tells of everybody together
    "matching/rounds/needs.py",  # needs of everybody, for points alone
}


def test_single_profiles_pass_through_known_hands_only():
    """Whoever else imports them could export or appraise; a new name here is a decision."""
    makers = (
        r"from diagnostics\.(profile|diagnosis|asking|raters|need)\b|from diagnostics import asking"
    )
    root = Path(__file__).parents[2]
    found = {
        path.relative_to(root).as_posix()
        for room in ("api", "matching", "catalog")
        for path in (root / room).rglob("*.py")
        if re.search(makers, path.read_text(encoding="utf-8"))
    }
    assert found <= HANDLE_PROFILES


def group(n):
    ratings = [rating(1 + i % 4, teacher=f"T{i}") for i in range(n)]
    return profiles(COMMON, [f"T{i}" for i in range(n)], ratings)


def test_groups_below_five_are_not_shown():
    assert group_figures(COMMON, group(4)) is None
    assert group_figures(COMMON, group(1) * 5) is None  # one teacher five times is one


def test_a_group_of_five_is_shown_where_five_were_rated():
    (figure,) = group_figures(COMMON, group(5))
    assert (figure.dimension, figure.n) == ("XK2", 5)
    assert sum(figure.shares) == 1


def test_a_dimension_rated_for_four_of_six_is_left_out():
    ratings = [rating(2, teacher=f"T{i}") for i in range(4)]
    six = profiles(COMMON, [f"T{i}" for i in range(6)], ratings)
    assert group_figures(COMMON, six) == ()


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"A": 5, "B": 9}, ""),
        ({"A": 5, "B": 9, "C": 1}, "CA"),  # the whole less A and B would be C's only teacher
        ({"A": 5, "B": 9, "C": 2, "D": 3}, "CD"),  # five people behind two schools
        ({"A": 6, "B": 4}, "AB"),
        ({"A": 6, "B": 0}, ""),
        ({"A": 4}, "A"),
    ],
)
def test_the_whole_less_what_is_shown_tells_of_no_small_group(sizes, hidden):
    assert hidden_parts(sizes, 5) == frozenset(hidden)


SIZES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 12))


@given(SIZES)
def test_no_union_of_hidden_parts_is_told_by_subtraction(sizes):
    """What is left of the whole once any shown parts are taken away is nobody or five and more."""
    gone = hidden_parts(sizes, 5)
    shown = [part for part in sizes if part not in gone and sizes[part]]
    for taken in range(2 ** len(shown)):
        rest = sum(sizes.values()) - sum(
            sizes[part] for place, part in enumerate(shown) if taken >> place & 1
        )
        assert rest == 0 or rest >= 5 or not shown


def test_the_sentence_tells_evidence_and_doubt():
    (profile,) = profiles(COMMON, ["T1"], [rating(3)])
    zh = profile.of("XK2").say(COMMON)
    assert zh.startswith("学情分析与教学设计：1级")
    assert "自评1次，他评0次" in zh
    assert zh.endswith("证据不足，仅供参考。")
    assert "observers: 0" in profile.of("XK2").say(COMMON, "en")

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from catalog.pairwise import MOST_ASKED, Answer, Belief, Interview, Uncertainty, likeness
from tests.catalog.menus import item

SIX = tuple(item(f"S{n}", dimensions=("XK1",) if n % 2 else ("XK2",)) for n in range(6))


def interview(scores=(60, 50, 40, 30, 20, 10), **facts):
    return Interview(SIX, scores, **facts)


def test_an_answer_keeps_the_moments_of_what_follows():
    """Against the sums over a fine grid of two worths, correlated, one answer of noise 0.5."""
    mean, covariance = np.array([0.2, 0.5]), np.array([[1.0, 0.3], [0.3, 0.8]])
    belief = Belief(mean, covariance).answered(0, 1, 0.5)
    side = np.linspace(-6, 7, 801)
    worth = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    off = worth - mean
    density = np.exp(-0.5 * np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off))
    density *= ndtr((worth[:, 0] - worth[:, 1]) / 0.5)
    density /= density.sum()
    true_mean = density @ worth
    off = worth - true_mean
    assert belief.mean == pytest.approx(true_mean, abs=1e-4)
    assert belief.covariance == pytest.approx((off * density[:, None]).T @ off, abs=1e-4)


def test_an_answer_moves_what_is_alike_as_well():
    """S1, S3 and S5 share a dimension: preferring S1 to S2 speaks for S3 more than for S0."""
    asked = interview().answer("S1", "S2")
    moved = asked.belief.mean - interview().belief.mean
    assert moved[1] > moved[3] > 0 > moved[0]
    assert moved[3] == pytest.approx(moved[5])
    assert moved[2] < moved[0]


def test_likeness_is_a_covariance():
    found = likeness(SIX, 0.5)
    assert found.diagonal().tolist() == [1.0] * 6
    assert found[1, 3] == pytest.approx(0.25)  # one of two marks in common, half of it shared
    assert np.linalg.eigvalsh(found).min() > 0


@settings(max_examples=30)
@given(st.lists(st.integers(0, 500), min_size=6, max_size=6), st.permutations(range(6)))
def test_no_question_is_expected_to_harm(scores, order):
    drafted = tuple(f"S{n}" for n in order)
    asked = interview(tuple(scores), drafted=drafted).answer("S0", "S1")
    gains = asked.belief.gains(40.0)
    assert gains.min() > -1e-6
    assert (gains == gains.T).all()


def test_what_is_sure_is_not_asked():
    sure = Uncertainty(spread=0.01)
    assert interview(unsure=sure).question is None
    assert interview().question is not None
    assert Interview(SIX[:1], (5,)).question is None


def test_ten_questions_at_most_and_none_twice():
    asked = interview((50,) * 6, unsure=Uncertainty(least=0))
    pairs = set()
    while asked.question is not None:
        question = asked.question
        pairs.add(frozenset({question.one.section, question.other.section}))
        asked = asked.answer(question.one.section, question.other.section)
    assert len(pairs) == len(asked.answers) == MOST_ASKED


def test_answers_replayed_give_the_same_order():
    asked = interview().answer("S5", "S0").answer("S4", "S1")
    again = interview(answers=(Answer("S5", "S0"), Answer("S4", "S1")))
    assert asked.order == again.order
    assert asked.question == again.question
    assert interview().order == tuple(one.section for one in SIX)


def test_her_own_draft_outweighs_scores_that_say_nothing():
    drafted = ("S3", "S5", "S0", "S2", "S1", "S4")
    assert interview((0,) * 6, drafted=drafted).order == drafted
    assert interview((0,) * 6, drafted=drafted[:1]).order == interview((0,) * 6).order


def test_a_question_is_a_sentence():
    question = interview().question
    assert question.sentence().say().startswith("如果只能参加一个，您更愿意参加哪一个：甲“课程S")
    with pytest.raises(KeyError):
        interview().answer("S1", "elsewhere").order  # noqa: B018


def answered(truth, choose, draw, sign=1.0):
    """Ask ten questions of somebody whose worths are known and who answers with little blur."""
    asked = Interview(
        tuple(item(f"S{n:02d}", dimensions=()) for n in range(len(truth))),
        (0,) * len(truth),
        unsure=Uncertainty(spread=100, shared=0, noise=20, least=0),
    )
    for _ in range(MOST_ASKED):
        one, other = choose(asked, draw)
        gap = truth[int(one[1:])] - truth[int(other[1:])] + 20 * draw.normal()
        asked = asked.answer(one, other) if sign * gap > 0 else asked.answer(other, one)
    return [truth[int(name[1:])] for name in asked.order[:3]]


def chosen(asked, _):
    return asked.question.one.section, asked.question.other.section


def at_random(asked, draw):
    return tuple(f"S{n:02d}" for n in draw.choice(len(asked.items), 2, replace=False))


def test_chosen_questions_find_the_best_sooner_than_questions_at_random():
    """Twenty sections, worth N(0, 100): without questions her first three are worth 0 on average.

    Negative control: answers turned round make it worse than nothing.
    """
    draw = np.random.default_rng(1)
    truths = draw.normal(0, 100, (60, 20))
    by_choice = np.mean([answered(truth, chosen, draw) for truth in truths])
    by_chance = np.mean([answered(truth, at_random, draw) for truth in truths])
    turned = np.mean([answered(truth, chosen, draw, -1.0) for truth in truths])
    assert by_choice > 1.1 * by_chance > 0
    assert by_choice > 70
    assert turned < 0

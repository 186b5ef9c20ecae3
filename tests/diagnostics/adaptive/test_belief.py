"""What is believed after some answers is what Bayes says, whatever their order."""

import numpy as np
import pytest

from diagnostics.adaptive.belief import Belief
from diagnostics.adaptive.pool import NODES
from tests.diagnostics.adaptive.pools import correlated, pool, pool_of_traits

ANSWERS = [(0, 3), (1, 1), (2, 2), (5, 3), (7, 0), (11, 2)]


def told(pool, mean, covariance, answers):
    belief = Belief(pool, mean, covariance)
    for item, answer in answers:
        belief.tell(item, answer)
    belief.settle()
    return belief


def test_one_trait_is_the_posterior_on_the_grid():
    asked = pool()
    belief = told(asked, np.zeros(1), np.eye(1), ANSWERS)
    logs = sum(asked.log_probability[item, answer] for item, answer in ANSWERS) - NODES**2 / 2
    weights = np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum()
    mean = weights @ NODES
    assert belief.mean[0] == pytest.approx(mean, abs=1e-9)
    assert belief.covariance[0, 0] == pytest.approx(weights @ (NODES - mean) ** 2, abs=1e-9)


def test_two_correlated_traits_are_near_the_posterior_on_a_plane():
    asked = pool_of_traits(traits=2)
    covariance = correlated(2)
    belief = told(asked, np.zeros(2), covariance, ANSWERS)
    plane = np.stack(np.meshgrid(NODES, NODES, indexing="ij"), axis=-1)
    inverse = np.linalg.inv(covariance)
    logs = -np.einsum("abi,ij,abj->ab", plane, inverse, plane) / 2
    for item, answer in ANSWERS:
        at = asked.log_probability[item, answer]
        logs += at[:, None] if asked.line_of[item] == 0 else at[None, :]
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean = np.einsum("ab,abi->i", weights, plane)
    spread = np.sqrt(np.einsum("ab,abi->i", weights, (plane - mean) ** 2))
    assert belief.mean == pytest.approx(mean, abs=0.01)
    assert np.sqrt(np.diag(belief.covariance)) == pytest.approx(spread, abs=0.01)


def test_the_order_of_answers_is_forgotten():
    asked = pool_of_traits()
    first = told(asked, np.zeros(3), correlated(), ANSWERS)
    second = told(asked, np.zeros(3), correlated(), ANSWERS[::-1])
    assert first.mean == pytest.approx(second.mean, abs=1e-9)
    assert first.covariance == pytest.approx(second.covariance, abs=1e-9)


def test_an_answer_tells_of_correlated_traits_and_of_no_others():
    asked = pool_of_traits()
    related = told(asked, np.zeros(3), correlated(), [(0, 3)])
    alone = told(asked, np.zeros(3), np.eye(3), [(0, 3)])
    assert related.mean[1] > 0.1
    assert alone.mean[1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("line", range(3))
def test_along_a_line_it_is_what_all_answers_say_of_it(line):
    """Also where the line was looked at before another line was told of."""
    asked = pool_of_traits()
    belief = Belief(asked, np.zeros(3), correlated())
    for item, answer in ANSWERS:
        belief.marginal(line)
        belief.tell(item, answer)
        at = belief.marginal(line)
        assert at @ NODES == pytest.approx(belief.along(line)[0], abs=0.02)

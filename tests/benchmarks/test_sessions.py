"""Made-up teachers answer as the model says, and everybody who saw an item is counted."""

import numpy as np

from benchmarks import sessions
from diagnostics.adaptive.session import Precise
from tests.diagnostics.adaptive.pools import pool

POOL = pool(24, 2)
MEAN, COVARIANCE, STOP = np.zeros(1), np.eye(1), Precise(0.5)


def test_made_up_teachers_answer_as_the_model_says():
    """High traits answer high, low ones low, and the estimate follows."""
    truth = np.array([[-2.0]] * 20 + [[2.0]] * 20)
    answers = sessions.answers_of(POOL, truth, seed=3)
    found = sessions.simulate(POOL, MEAN, COVARIANCE, STOP, answers, seed=3)
    means = np.array([session.belief.mean[0] for session in found])
    assert means[:20].max() < means[20:].min()
    shown = sessions.exposure(found, 24)
    assert round(shown.sum() * len(found)) == sum(len(session.answers) for session in found)

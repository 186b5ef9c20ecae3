"""With prices no item is shown to too many, and what is asked stays as good."""

import numpy as np

from diagnostics.adaptive import exposure
from diagnostics.adaptive.session import Precise
from tests.diagnostics.adaptive.pools import bank, pool

POOL = pool(24, 2)
MEAN, COVARIANCE, STOP = np.zeros(1), np.eye(1), Precise(0.5)


def shown(asked, teachers=150):
    truth = np.random.default_rng(7).standard_normal((teachers, 1))
    sessions = exposure.simulate(asked, MEAN, COVARIANCE, STOP, truth, seed=9)
    items = np.mean([len(session.answers) for session in sessions])
    return exposure.exposure(sessions, len(asked.bank)), items


def test_prices_keep_every_item_from_too_many():
    """Negative control: without prices almost everybody sees the best item."""
    free, few = shown(POOL)
    limits = np.full(24, 0.35)
    dear = exposure.prices(POOL, MEAN, COVARIANCE, STOP, limits, seed=1, teachers=60, rounds=24)
    kept, more = shown(POOL.priced(dear))
    assert free.max() > 0.8
    assert kept.max() < 0.65
    assert few <= more < 1.8 * few


def test_items_that_need_no_protection_cost_nothing():
    dear = exposure.prices(POOL, MEAN, COVARIANCE, STOP, np.ones(24), seed=1, teachers=20, rounds=3)
    assert (dear == 0).all()


def test_made_up_teachers_answer_as_the_model_says():
    """High traits answer high, low ones low, and the estimate follows."""
    truth = np.array([[-2.0]] * 20 + [[2.0]] * 20)
    sessions = exposure.simulate(POOL, MEAN, COVARIANCE, STOP, truth, seed=3)
    means = np.array([session.belief.mean[0] for session in sessions])
    assert means[:20].max() < means[20:].min()
    assert len(bank(24)) == 24

"""Abilities of persons: exact on small cases, honest in their widths, the same one by one."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.models import Bank, probabilities
from diagnostics.irt.quadrature import even, even_for, gauss_hermite
from diagnostics.irt.scoring import Scorer, abilities, level_shares
from tests.diagnostics.irt.published import draw, items


def bank_of(count, seed=0):
    slopes, steps = items(count, seed)
    return Bank(
        tuple(f"i{j}" for j in range(count)),
        "grm",
        slopes,
        -slopes[:, None] * steps,
        np.full(count, 4),
    )


def test_eap_is_the_mean_of_the_posterior():
    """Against 4,001 nodes and plain multiplication."""
    bank, answers = bank_of(5), np.array([[3, 2, 1, -1, 0]], np.int8)
    fine = even(4001)
    mass = fine.weights.copy()
    for j in (0, 1, 2, 4):
        mass *= probabilities(bank, fine.nodes)[j, answers[0, j]]
    mass /= mass.sum()
    mean = mass @ fine.nodes
    found = abilities(bank, answers)
    assert found.eap[0] == pytest.approx(mean, abs=1e-9)
    assert found.sd[0] == pytest.approx(np.sqrt(mass @ (fine.nodes - mean) ** 2), abs=1e-9)


def test_levels_are_the_posterior_between_the_cuts():
    bank, answers = bank_of(6), np.array([[3, 2, 1, 0, 2, 2], [0, 0, 1, 0, 0, 0]], np.int8)
    cuts = [-0.83, 0.07, 0.91]
    fine = even(24001)
    logs = np.log(probabilities(bank, fine.nodes))
    found = abilities(bank, answers, cuts=cuts)
    for person in range(2):
        mass = np.exp(sum(logs[j, answers[person, j]] for j in range(6))) * fine.weights
        level = np.digitize(fine.nodes, cuts)
        exact = np.bincount(level, weights=mass) / mass.sum()
        assert found.levels[person] == pytest.approx(exact, abs=1e-3)
    assert found.levels.sum(1) == pytest.approx(1)


def test_levels_without_answers_are_those_of_the_population():
    shares = even().weights @ level_shares(even(), np.array([0.0, 1.0]))
    assert shares == pytest.approx([0.5, 0.3413, 0.1587], abs=1e-4)


def test_intervals_cover_and_single_precision_is_enough():
    answers, theta = draw(4000, *items(12), seed=3)
    found = abilities(bank_of(12), answers)
    assert 0.94 < (np.abs(found.eap - theta) < 1.96 * found.sd).mean() < 0.96
    single = abilities(bank_of(12), answers, single=True)
    assert single.eap == pytest.approx(found.eap, abs=2e-5)
    assert single.sd == pytest.approx(found.sd, abs=2e-4)


def test_very_many_items_get_finer_nodes_by_themselves():
    """200 items leave a posterior of 0.1; on 61 nodes its mean jumps from node to node."""
    bank = bank_of(200)
    answers, _ = draw(40, *items(200), seed=5)
    exact = abilities(bank, answers, even(2001))
    found = abilities(bank, answers)
    assert found.eap == pytest.approx(exact.eap, abs=1e-6)
    assert found.sd == pytest.approx(exact.sd, rel=1e-4)
    coarse = abilities(bank, answers, even())
    assert np.abs(coarse.eap - exact.eap).max() > 1e-3
    assert Scorer(bank).score(answers[0])[0] == pytest.approx(exact.eap[0], abs=1e-6)


def test_one_person_alone_gets_what_she_gets_among_many():
    bank = bank_of(7)
    answers = draw(5, *items(7), seed=3)[0]
    answers[2] = -1
    found, scorer = abilities(bank, answers), Scorer(bank)
    for person, row in enumerate(answers):
        assert scorer.score(row) == pytest.approx((found.eap[person], found.sd[person]), abs=1e-12)
    assert found.silent.tolist() == [False, False, True, False, False]


def test_nodes_are_as_fine_as_the_narrowest_posterior():
    assert len(even_for(0.5)) == 61
    assert even_for(0.11).gap <= 0.11
    assert len(even_for(0.11)) < 120
    assert gauss_hermite(21).gap > 0.4
    assert gauss_hermite(21).weights.sum() == pytest.approx(1)
    assert len(even().doubled()) == 121

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.leniency import learn, taken
from diagnostics.population import ASSUMED, Case
from diagnostics.raters import score
from diagnostics.simulate import Recipe, world


def case(recipe, seed=1):
    drawn = world(recipe, seed)
    return drawn, Case(drawn.instrument, drawn.answers)


@pytest.mark.parametrize(
    ("sd", "beside"),
    [(0.9, {"vignettes": 3}), (0.3, {"observers": 1, "sees": 5}), (0.9, {"tests": 4})],
    ids=str,
)
def test_the_spread_of_leniency_is_learnt_from_outside_evidence(sd, beside):
    _, known = case(Recipe(teachers=1000, leniency_sd=sd, **beside))
    found = learn(known)
    assert found.leniency_sds == (found.leniency_sd,)
    assert found.leniency_sd == pytest.approx(sd, abs=0.12)
    assert found.learnt_from == 1000


def test_where_nobody_flatters_next_to_nothing_is_learnt_and_intervals_hold():
    drawn, known = case(Recipe(teachers=1000, leniency_sd=0.0, vignettes=3))
    found = learn(known)
    assert found.leniency_sd < 0.25
    scores = score(Case(known.instrument, known.answers, found))
    inside = (scores.low <= 1000 * drawn.ability) & (1000 * drawn.ability <= scores.high)
    assert 0.93 <= inside.mean() <= 0.97
    assumed = score(known)  # the control: the range, which is far too wide here
    inside = (assumed.low <= 1000 * drawn.ability) & (1000 * drawn.ability <= assumed.high)
    assert inside.mean() > 0.98


@pytest.mark.parametrize(
    "recipe", [Recipe(teachers=2000), Recipe(teachers=90, vignettes=3)], ids=["self", "few"]
)
def test_from_self_report_or_from_few_nothing_is_learnt(recipe):
    _, known = case(recipe)
    assert learn(known) == ASSUMED


def test_severity_is_learnt_too():
    _, known = case(Recipe(teachers=1000, observers=1, sees=10, severity_sd=0.9))
    assert learn(known).severity_sd == pytest.approx(0.9, abs=0.12)


def test_some_teachers_keep_their_own_observers():
    drawn, known = case(Recipe(teachers=20, observers=2, sees=4))
    few = taken(known, np.array([3, 17])).answers
    assert few.teachers == (drawn.teachers[3], drawn.teachers[17])
    assert few.teacher_of.tolist() == [0, 0, 1, 1]
    assert few.rater_of.tolist() == drawn.observer_of[[6, 7, 34, 35]].tolist()


@pytest.mark.parametrize(
    ("sd", "beside"), [(0.9, {"vignettes": 3}), (0.6, {"observers": 1})], ids=str
)
def test_intervals_hold_in_every_stratum(sd, beside):
    """Stage x place, and items answered; people of a stage differ in ability and nobody says so.

    The control believes every word; `python -m benchmarks profiles` looks at all strata at once.
    """
    drawn, known = case(
        Recipe(
            teachers=3600,
            dimensions=2,
            items=6,
            answered=(2, 4, 6),
            leniency_sd=sd,
            spread_of_stages=0.4,
            rural_shift=0.2,
            **beside,
        )
    )
    answered = (drawn.own[:, drawn.instrument.are("self")] >= 0).sum(axis=1)
    strata = [(drawn.stage == a) & (drawn.rural == b) for a in range(3) for b in range(2)]
    strata += [answered == count for count in (4, 8, 12)]

    def coverage(population):
        found = score(Case(known.instrument, known.answers, population))
        inside = (found.low <= 1000 * drawn.ability) & (1000 * drawn.ability <= found.high)
        return [inside[which].mean() for which in strata]

    learnt = coverage(learn(known))
    assert min(learnt) >= 0.93
    assert max(learnt) <= 0.97
    assert max(coverage(replace(ASSUMED, leniency_sds=(0.0,)))) < 0.93

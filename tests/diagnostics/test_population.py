from dataclasses import replace

import numpy as np
import pytest

from diagnostics.irt.models import Bank
from diagnostics.leniency import learn
from diagnostics.population import Case, Population, on_ability
from diagnostics.raters import score
from diagnostics.simulate import Recipe, world

KNOWN = Population(leniency_sds=(0.9,), leniency_mean=0.4)
WIDTH = np.sqrt(1 - 2 * 0.2 * 0.9 + 0.81)


def as_calibrated(instrument, model="grm", mean=KNOWN.leniency_mean):
    """The instrument as calibration from self-report gives it: ability + leniency is N(0, 1)."""
    bank, own = instrument.bank, instrument.are("self")
    steps = np.arange(1, bank.width) if model == "gpcm" else np.ones(bank.width - 1)
    shift = np.where(own, bank.slopes * mean, 0)[:, None] * steps
    slopes = np.where(own, bank.slopes * WIDTH, bank.slopes)
    seen = Bank(bank.items, model, slopes, bank.intercepts + shift, bank.categories)
    return replace(instrument, bank=seen, from_self_report=True)


@pytest.mark.parametrize("model", ["grm", "gpcm"])
def test_items_calibrated_from_self_report_are_taken_to_the_scale_of_ability(model):
    drawn = world(Recipe(teachers=5, items=3, vignettes=2, tests=1)).instrument
    back = on_ability(as_calibrated(drawn, model), KNOWN, 0.9)
    assert back.slopes == pytest.approx(drawn.bank.slopes)
    assert back.intercepts == pytest.approx(drawn.bank.intercepts)


def test_a_bank_from_self_report_gives_the_same_profiles_and_honest_intervals():
    """The control takes ability + leniency for ability: its intervals are too narrow."""
    drawn = world(Recipe(teachers=3000, leniency_sd=0.9), 5)
    known = replace(KNOWN, leniency_mean=0.0)
    found = score(Case(as_calibrated(drawn.instrument), drawn.answers, KNOWN))
    plain = replace(as_calibrated(drawn.instrument), from_self_report=False)
    naive = score(Case(plain, drawn.answers, replace(known, leniency_sds=(0.0,))))

    def covered(scores):
        truth = 1000 * drawn.ability
        return ((scores.low <= truth) & (truth <= scores.high)).mean()

    assert covered(naive) < 0.8
    same = score(Case(drawn.instrument, drawn.answers, replace(KNOWN, leniency_mean=0.4)))
    assert np.array_equal(found.levels, same.levels)
    assert covered(score(Case(drawn.instrument, drawn.answers, known))) >= 0.93


@pytest.mark.parametrize("beside", [{"vignettes": 3}, {"tests": 4}], ids=str)
def test_the_spread_of_leniency_is_learnt_with_such_a_bank_too(beside):
    """Where the mean lies cannot be told, and no mean is made up: 8.5 was, once."""
    drawn = world(Recipe(teachers=1000, leniency_sd=0.9, **beside), 5)
    found = learn(Case(as_calibrated(drawn.instrument, mean=0.0), drawn.answers))
    assert found.leniency_sd == pytest.approx(0.9, abs=0.15)
    assert found.leniency_mean == 0

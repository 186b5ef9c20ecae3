"""Before anybody has answered, levels lie where the framework says and items where levels change."""

import numpy as np
import pytest

from diagnostics.assumed import ability_at, instrument_of, level_cuts
from diagnostics.frameworks.reading import questionnaire
from diagnostics.irt.models import expected_answers, probabilities

SHIPPED = questionnaire("common")
FRAME = SHIPPED.framework


def test_levels_cut_a_normal_population_at_the_base_rates():
    drawn = np.random.default_rng(0).standard_normal(200_000)
    found = np.bincount(np.searchsorted(level_cuts(FRAME), drawn), minlength=FRAME.top) / len(drawn)
    assert found == pytest.approx([float(rate) for rate in FRAME.model.base_rates], abs=0.005)


def test_ability_rises_with_the_level_and_ends_where_levels_do():
    cuts = level_cuts(FRAME)
    assert ability_at(FRAME, np.array([1.5, 2.5, 3.5])) == pytest.approx(cuts)
    assert (np.diff(ability_at(FRAME, np.linspace(0.5, 4.5, 30))) > 0).all()


@pytest.mark.parametrize("name", ["common", "chemistry", "digital"])
def test_every_shipped_questionnaire_is_usable_as_it_stands(name):
    questions = questionnaire(name)
    instrument = instrument_of(questions)
    assert instrument.bank.items == tuple(item.code for item in questions.items)
    assert (instrument.bank.slopes > 0).all()


def test_at_the_end_of_a_level_the_next_answer_is_as_likely_as_not():
    instrument = instrument_of(SHIPPED)
    item = instrument.kinds.index("self")
    for k, cut in enumerate(level_cuts(FRAME), start=1):
        at_least = probabilities(instrument.bank, cut)[item, k:, 0].sum()
        assert at_least == pytest.approx(0.5)


def test_a_fair_reader_rates_a_vignette_at_what_it_shows():
    """At leniency 0 a vignette of a higher level gets a higher answer; without its place it would not."""
    instrument = instrument_of(SHIPPED)
    fair = expected_answers(instrument.bank, 0.0)[:, 0]
    vignettes = [j for j, kind in enumerate(instrument.kinds) if kind == "vignette"]
    first = sorted(vignettes[:3], key=lambda j: instrument.places[j])
    assert (np.diff(fair[first]) > 0.3).all()


def test_dimensions_of_one_area_go_together_most():
    instrument = instrument_of(SHIPPED)
    found = instrument.correlations
    assert found[0, 1] > found[0, -1] > 0
    assert (np.diag(found) == 1).all()

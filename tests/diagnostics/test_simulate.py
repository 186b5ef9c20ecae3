import dataclasses

import numpy as np
import pytest

from diagnostics.errors import BadData
from diagnostics.irt.models import MISSING, probabilities
from diagnostics.simulate import Recipe, world

WIDE = Recipe(teachers=20_000, items=2, dimensions=2, leniency_sd=0.9)


def test_equal_seeds_give_equal_worlds_and_others_do_not():
    one, same, other = (world(Recipe(teachers=50, observers=1), seed) for seed in (1, 1, 2))
    assert np.array_equal(one.own, same.own)
    assert np.array_equal(one.seen, same.seen)
    assert not np.array_equal(one.own, other.own)


def test_abilities_have_the_spread_and_the_correlations_that_were_asked_for():
    drawn = world(dataclasses.replace(WIDE, spread_of_stages=0.6, rural_shift=0.2))
    assert drawn.ability.std(axis=0) == pytest.approx(1, abs=0.02)
    assert np.corrcoef(drawn.ability.T)[0, 1] == pytest.approx(0.7, abs=0.02)
    assert drawn.leniency.std() == pytest.approx(0.9, abs=0.02)
    assert np.corrcoef(drawn.ability[:, 0], drawn.leniency)[0, 1] == pytest.approx(-0.2, abs=0.02)
    means = [drawn.ability[drawn.stage == stage].mean() for stage in range(3)]
    assert np.diff(means) == pytest.approx(0.3, abs=0.05)


def test_answers_follow_the_bank():
    """Who has no leniency answers as the curves say."""
    drawn = world(Recipe(teachers=20_000, items=3, leniency_sd=0.0))
    near = np.abs(drawn.ability[:, 0] - 0.5) < 0.05
    shares = [(drawn.own[near, 1] == k).mean() for k in range(4)]
    assert shares == pytest.approx(probabilities(drawn.instrument.bank, 0.5)[1, :, 0], abs=0.03)


def test_vignettes_show_leniency_and_tests_do_not():
    drawn = world(Recipe(teachers=5000, vignettes=1, tests=1, leniency_sd=0.9))
    vignette, test = (drawn.instrument.are(kind) for kind in ("vignette", "test"))
    with_leniency = [
        np.corrcoef(drawn.own[:, which][:, 0], drawn.leniency)[0, 1] for which in (vignette, test)
    ]
    assert with_leniency[0] > 0.5
    assert abs(with_leniency[1]) < 0.2


def test_every_teacher_is_seen_and_no_observer_sees_more_than_asked():
    drawn = world(Recipe(teachers=100, observers=2, sees=8))
    assert (np.bincount(drawn.teacher_of) == 2).all()
    assert np.bincount(drawn.observer_of).max() == 8
    pairs = set(zip(drawn.teacher_of.tolist(), drawn.observer_of.tolist(), strict=True))
    assert len(pairs) == 200


def test_who_answers_three_items_leaves_out_the_others():
    drawn = world(Recipe(teachers=200, dimensions=2, answered=(3, 10)))
    given = (drawn.own != MISSING).sum(axis=1)
    assert set(given.tolist()) == {6, 20}
    assert (world(Recipe(teachers=2000, missing=0.2)).own == MISSING).mean() == pytest.approx(
        0.2, abs=0.02
    )


def test_an_item_with_dif_is_harder_in_villages_alone():
    drawn = world(Recipe(teachers=20_000, dif_items=1, dif=0.8, items=2))
    by_place = [drawn.own[drawn.rural == place].mean(axis=0) for place in (0, 1)]
    gaps = by_place[0] - by_place[1]
    assert gaps[0] > 0.3
    assert abs(gaps[1]) < 0.05


def test_an_instrument_that_contradicts_itself_is_refused():
    sound = world(Recipe(teachers=2, dimensions=2, vignettes=1)).instrument
    for wrong in (
        {"kinds": sound.kinds[1:]},
        {"kinds": ("poll", *sound.kinds[1:])},
        {"cuts": sound.cuts[:, ::-1]},
        {"dimension_of": sound.dimension_of + 1},
        {"places": sound.places * np.nan},
        {"correlations": np.ones((2, 2))},
    ):
        with pytest.raises(BadData):
            dataclasses.replace(sound, **wrong)

"""A county's own answers take the place of what was assumed, step by step, and are kept in a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics import data_files
from diagnostics.irt.errors import CannotMeasure
from diagnostics.own_items import in_use, load, measure_county
from diagnostics.population import ASSUMED, Case
from diagnostics.raters import score
from diagnostics.simulate import Recipe, world

RECIPE = Recipe(teachers=600, dimensions=2, items=8, vignettes=3, correlation=0.4, leniency_sd=0.6)


def guessed(instrument):
    """The same items before anybody answered: all self items alike."""
    own, bank = instrument.are("self"), instrument.bank
    steps = np.where(own[:, None], [1.8, 0.0, -1.8], bank.intercepts)
    flat = replace(bank, slopes=np.where(own, 1.5, bank.slopes), intercepts=steps)
    return replace(instrument, bank=flat)


def county_of(drawn):
    return measure_county(guessed(drawn.instrument), drawn.answers, "common", 3)


@pytest.fixture(scope="module")
def drawn():
    return world(RECIPE, 5)


@pytest.fixture(scope="module")
def county(drawn):
    return county_of(drawn)


def test_from_500_teachers_items_are_their_own(drawn, county):
    assert set(county.rungs.values()) == {"graded"}
    assert county.persons == 600
    own = drawn.instrument.are("self")
    width = np.sqrt(1 + 0.36 + 2 * RECIPE.leniency_correlation * 0.6)
    found = county.apply(guessed(drawn.instrument))
    assert found.from_self_report
    away = found.bank.slopes[own] - width * drawn.instrument.bank.slopes[own]
    assert np.sqrt((away**2).mean()) < 0.25
    vignettes = drawn.instrument.are("vignette")
    assert (found.bank.slopes[vignettes] == drawn.instrument.bank.slopes[vignettes]).all()


def test_the_population_is_learnt_and_leniency_taken_out_of_correlations(county):
    assert county.population.learnt_from == 600
    assert county.population.leniency_sd == pytest.approx(0.6, abs=0.15)
    assert county.correlations[0][1] == pytest.approx(0.4, abs=0.12)


def test_abilities_are_nearer_the_truth_than_with_what_was_assumed(drawn, county):
    def off(instrument, population):
        mean = score(Case(instrument, drawn.answers, population)).mean / 1000
        return float(np.sqrt(((mean - drawn.ability) ** 2).mean()))

    assumed = guessed(drawn.instrument)
    assert off(county.apply(assumed), county.population) < 0.97 * off(assumed, ASSUMED)


def test_between_200_and_500_what_was_assumed_is_a_prior_and_below_it_stays(drawn):
    some = county_of(world(replace(RECIPE, teachers=250, dimensions=1), 6))
    assert set(some.rungs.values()) == {"with_prior"}
    slopes = np.array([a for _, a, _ in some.items.values()])
    assert 0.05 < slopes.std() < 0.6
    few = world(replace(RECIPE, teachers=150, dimensions=1), 7)
    county = county_of(few)
    assert set(county.rungs.values()) == {"assumed"}
    assert not county.apply(guessed(few.instrument)).from_self_report


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A province's own folder with room for what was measured."""
    monkeypatch.setattr(data_files, "_folders", [tmp_path, data_files.SHIPPED])
    (tmp_path / "measured").mkdir()
    return tmp_path / "measured"


def test_it_is_kept_in_a_file_and_found_there(folder, drawn, county):
    path = folder / "common.json"
    county.save(path)
    assert load(path) == county
    before = path.read_bytes()
    load(path).save(path)
    assert path.read_bytes() == before
    assumed = guessed(drawn.instrument)
    instrument, population = in_use(assumed, "common", 3)
    assert population == county.population
    assert (instrument.bank.slopes != assumed.bank.slopes).any()


def test_without_a_file_of_these_very_items_what_is_assumed_holds(folder, drawn, county):
    assumed = guessed(drawn.instrument)
    assert in_use(assumed, "common", 3) == (assumed, ASSUMED)
    county.save(folder / "common.json")
    assert in_use(assumed, "common", 3)[1] == county.population
    assert in_use(assumed, "digital", 3) == (assumed, ASSUMED)
    assert in_use(assumed, "common", 4) == (assumed, ASSUMED)
    some = np.flatnonzero(assumed.are("self"))[::2]
    fewer = replace(
        assumed,
        bank=assumed.bank.take(some),
        kinds=("self",) * len(some),
        dimension_of=assumed.dimension_of[some],
        places=assumed.places[some],
    )
    assert in_use(fewer, "common", 3)[0].bank.slopes[0] == county.items[fewer.bank.items[0]][1]
    other = replace(assumed, kinds=("test", *assumed.kinds[1:]))
    assert in_use(other, "common", 3) == (other, ASSUMED)
    with pytest.raises(CannotMeasure) as refused:
        county.apply(other)
    assert refused.value.code == "county_other"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "rungs": {}}'])
def test_a_file_that_is_no_countys_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(CannotMeasure) as refused:
        load(path)
    assert refused.value.code == "county_unreadable"

import numpy as np
import pytest

from diagnostics.irt.models import MISSING
from diagnostics.population import Case, Population
from diagnostics.raters import score
from diagnostics.responses import Answer, answers_of
from diagnostics.simulate import Recipe, world
from tests.diagnostics.grid import chances_of_levels

KNOWN = Population(leniency_sds=(0.6,))


def scored(recipe, population=KNOWN, seed=1):
    drawn = world(recipe, seed)
    return drawn, score(Case(drawn.instrument, drawn.answers, population))


def rmse(drawn, found):
    return np.sqrt(np.mean((found.mean / 1000 - drawn.ability) ** 2))


def covered(drawn, found):
    inside = (found.low / 1000 <= drawn.ability) & (drawn.ability <= found.high / 1000)
    return inside.mean()


def test_vignettes_and_an_observer_make_self_flattery_harmless():
    """Leniency SD .6, 3 vignettes, 1 observer; the control believes every word."""
    recipe = Recipe(teachers=4000, vignettes=3, observers=1)
    drawn, found = scored(recipe)
    assert rmse(drawn, found) <= 0.45
    assert covered(drawn, found) >= 0.94
    alone = Recipe(teachers=4000)
    drawn, naive = scored(alone, Population(leniency_sds=(0.0,)))
    assert rmse(drawn, naive) > 0.6
    assert covered(drawn, naive) < 0.8


@pytest.mark.parametrize("sd", [0.3, 0.6, 0.9])
def test_intervals_from_self_report_alone_hold_over_the_whole_range(sd):
    recipe = Recipe(teachers=4000, leniency_sd=sd)
    assert covered(*scored(recipe, Population())) >= 0.93


def test_a_single_guess_in_its_place_does_not_hold():
    assert covered(*scored(Recipe(teachers=4000, leniency_sd=0.9))) < 0.9


def test_one_observer_is_worth_more_than_five_vignettes():
    by_vignettes = rmse(*scored(Recipe(teachers=3000, vignettes=5)))
    by_observer = rmse(*scored(Recipe(teachers=3000, observers=1)))
    assert by_observer < by_vignettes


def test_the_level_named_is_right_as_often_as_is_possible():
    drawn, found = scored(Recipe(teachers=1500, vignettes=2, observers=1))
    exact, _, _ = chances_of_levels(drawn)
    truth = drawn.levels[:, 0]
    ceiling = (exact.argmax(axis=1) == truth).mean()
    assert (found.levels[:, 0].argmax(axis=1) == truth).mean() >= 0.98 * ceiling


def test_who_sees_twenty_teachers_is_known_to_be_mild_or_severe():
    errors = {}
    for sees in (1, 20):
        drawn, found = scored(Recipe(teachers=1000, observers=1, sees=sees))
        off = found.severity / 1000 - drawn.severity
        errors[sees] = np.sqrt(np.mean(off**2))
        assert np.std(off / (found.severity_sd / 1000)) == pytest.approx(1, abs=0.15)
    assert errors[20] < 0.2 < 0.35 < errors[1]


def rows_of(drawn):
    """The answers of a world, one by one."""
    items = drawn.instrument.bank.items
    for i, j in zip(*np.nonzero(drawn.own != MISSING), strict=True):
        teacher = drawn.teachers[i]
        yield Answer(teacher, items[j], teacher, int(drawn.own[i, j]))
    for r, j in zip(*np.nonzero(drawn.seen != MISSING), strict=True):
        teacher, rater = drawn.teachers[drawn.teacher_of[r]], drawn.observers[drawn.observer_of[r]]
        yield Answer(teacher, items[j], rater, int(drawn.seen[r, j]))


def test_the_order_of_rows_is_nothing_and_neither_is_who_else_is_there():
    drawn = world(Recipe(teachers=300, items=4, observers=1, vignettes=1, missing=0.1), 2)
    bank, rows = drawn.instrument.bank, list(rows_of(drawn))
    first = score(Case(drawn.instrument, answers_of(bank, rows, drawn.teachers), KNOWN))
    np.random.default_rng(5).shuffle(rows)
    again = score(Case(drawn.instrument, answers_of(bank, rows, drawn.teachers), KNOWN))
    some = {drawn.teachers[i] for i in (7, 200, 299)}
    few = answers_of(bank, [row for row in rows if row.teacher in some])
    alone = score(Case(drawn.instrument, few, KNOWN))
    for name in ("mean", "sd", "low", "high", "levels", "without_self", "leniency"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert np.array_equal(getattr(first, name)[[7, 200, 299]], getattr(alone, name))
    assert (first.levels.sum(axis=2) == 1000).all()


def test_without_any_answer_there_is_the_prior():
    drawn = world(Recipe(teachers=2), 0)
    nothing = answers_of(drawn.instrument.bank, [], ["T1"])
    found = score(Case(drawn.instrument, nothing, KNOWN))
    assert (found.mean.tolist(), found.sd.tolist()) == ([[0]], [[1000]])
    assert found.levels[0, 0].tolist() == [212, 288, 288, 212]


def test_what_she_says_herself_does_not_enter_what_others_say():
    drawn, found = scored(Recipe(teachers=50, observers=1, vignettes=2))
    loud = drawn.own.copy()
    loud[:, drawn.instrument.are("self", "vignette")] = 3
    answers = drawn.answers
    louder = score(Case(drawn.instrument, type(answers)(**{**fields(answers), "own": loud}), KNOWN))
    assert np.array_equal(louder.without_self, found.without_self)
    assert not np.array_equal(louder.levels, found.levels)


def fields(answers):
    return {name: getattr(answers, name) for name in answers.__slots__}


def test_an_expected_ability_fades_with_answers():
    """People like her are expected at +1: without answers that holds, with forty it is little."""
    pulls = {}
    for items in (1, 40):
        drawn = world(Recipe(teachers=200, items=items), 4)
        case = Case(drawn.instrument, drawn.answers, KNOWN)
        expected = np.ones((200, 1))
        raised = score(Case(drawn.instrument, drawn.answers, KNOWN, expected))
        pulls[items] = (raised.mean - score(case).mean).mean() / 1000
    assert 0 < pulls[40] < pulls[1] < 1


def test_an_observers_liking_for_one_teacher_is_allowed_for_where_it_is_told():
    """Halo SD .5, two observers each; left out, intervals are too narrow and errors larger."""
    recipe = Recipe(teachers=800, vignettes=3, observers=2, sees=5, halo_sd=0.5, dimensions=2)
    drawn, left_out = scored(recipe)
    _, told = scored(recipe, Population(leniency_sds=(0.6,), halo_sd=0.5))
    assert covered(drawn, left_out) < 0.85
    assert 0.93 <= covered(drawn, told) <= 0.97
    assert rmse(drawn, told) < 0.95 * rmse(drawn, left_out)

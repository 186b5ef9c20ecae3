"""From answers to profiles and needs; what own words can do is held down by construction."""

import dataclasses

import numpy as np
import pytest

from diagnostics.assumed import instrument_of
from diagnostics.diagnosis import diagnose, profiles_of
from diagnostics.errors import NotYours
from diagnostics.framework import framework
from diagnostics.frameworks.reading import questionnaire
from diagnostics.irt.models import MISSING
from diagnostics.need import OWN_WORDS, gap, need_matrix, swing
from diagnostics.population import ASSUMED, Case, Population
from diagnostics.profile import group_figures
from diagnostics.raters import score
from diagnostics.responses import Answer, answers_of
from diagnostics.simulate import Recipe, world

COMMON = framework()
CODES = tuple(dimension.code for dimension in COMMON.dimensions)


def case(recipe, seed=3):
    """A world whose dimensions are the first ones of the common framework."""
    drawn = world(recipe, seed)
    named = dataclasses.replace(drawn.instrument, dimensions=CODES[: recipe.dimensions])
    return Case(named, drawn.answers)


KNOWN = Population(leniency_sds=(0.6,))
SHIPPED = Recipe(teachers=120, dimensions=4, items=8, vignettes=3)


@dataclasses.dataclass(frozen=True)
class Section:
    dimensions: tuple[str, ...]


SECTIONS = [Section((code,)) for code in CODES[:4]] + [Section(CODES[:4])]


def profiles(one):
    return profiles_of(COMMON, one.instrument, one.answers, score(one))


def values(found):
    targets = [dict.fromkeys(CODES, 3)] * len(found)
    return need_matrix(found, targets, SECTIONS)[0]


def moved(one, step, kinds=("self",)):
    own = one.answers.own.copy()
    which = one.instrument.are(*kinds)
    own[:, which] = np.clip(own[:, which] + step, 0, 3)
    return dataclasses.replace(one, answers=dataclasses.replace(one.answers, own=own))


def without_bound(found):
    return [
        dataclasses.replace(
            profile,
            estimates=tuple(
                dataclasses.replace(estimate, without_self=()) for estimate in profile.estimates
            ),
        )
        for profile in found
    ]


def extreme(one):
    """Teachers who answer everything alike, or one dimension against the others."""
    own = one.answers.own.copy()
    dimension = one.instrument.dimension_of
    for row in range(len(own)):
        own[row] = np.where(dimension == row % 4, row // 4 % 4, row // 16 % 4)
    return dataclasses.replace(one, answers=dataclasses.replace(one.answers, own=own))


@pytest.mark.parametrize("beside", [{}, {"observers": 1}], ids=["alone", "observed"])
@pytest.mark.parametrize("step", [1, -1])
def test_one_level_in_all_self_ratings_moves_no_section_by_more_than_the_bound(beside, step):
    """Drawn answers and extreme ones; without the bound some of both move by more."""
    drawn = case(dataclasses.replace(SHIPPED, **beside))
    free = []
    for before in (drawn, extreme(drawn)):
        pair = profiles(before), profiles(moved(before, step))
        change = np.abs(values(pair[0]) - values(pair[1]))
        assert change.max() <= 2 * OWN_WORDS <= swing(COMMON.model)
        free.append(np.abs(np.subtract(*(values(without_bound(one)) for one in pair))).max())
    assert max(free) > 2 * OWN_WORDS


def test_the_bound_holds_even_where_everybody_moves_and_observers_are_judged_by_it():
    """Spreads and severities are learnt from own words too; outside evidence is not."""
    drawn = case(Recipe(teachers=160, dimensions=4, items=8, vignettes=2, observers=1, sees=8))
    before, after = (diagnose(COMMON, one) for one in (drawn, moved(drawn, 1)))
    assert np.abs(values(before) - values(after)).max() <= 2 * OWN_WORDS
    for mine, later in zip(before, after, strict=True):
        assert mine.estimates[0].without_self == later.estimates[0].without_self


def shipped(people=96):
    """The questionnaire as shipped for primary schools, answered at the ends and in between."""
    instrument = instrument_of(questionnaire("common"), "2")
    most = instrument.bank.categories - 1
    own = np.full((people, len(most)), MISSING, np.int8)
    asked = instrument.are("self", "vignette")
    chance = np.random.default_rng(4)
    for row in range(people):
        level = np.array(divmod(row % 16, 4))[instrument.dimension_of % 2]
        drawn = chance.integers(0, most + 1) if row % 3 else level
        own[row, asked] = np.minimum(drawn, most)[asked]
    rows = [
        Answer(f"T{i:03d}", item, f"T{i:03d}", int(value))
        for i, row in enumerate(own)
        for item, value in zip(instrument.bank.items, row, strict=True)
        if value != MISSING
    ]
    return Case(instrument, answers_of(instrument.bank, rows))


def test_the_bound_holds_for_the_questionnaire_as_shipped():
    """Every dimension at each pair of ends against its neighbours, and answers at random."""
    case = shipped()
    sections = [Section((code,)) for code in CODES] + [Section(CODES)]
    targets = [dict.fromkeys(CODES, 3)] * len(case.answers.teachers)
    pair = [profiles(case), profiles(moved(case, 1))]
    counted = [need_matrix(found, targets, sections)[0] for found in pair]
    assert np.abs(counted[0] - counted[1]).max() <= 2 * OWN_WORDS
    free = [need_matrix(without_bound(found), targets, sections)[0] for found in pair]
    assert np.abs(free[0] - free[1]).max() > 2 * OWN_WORDS


def test_not_even_vignettes_answered_to_order_get_past_the_bound():
    drawn = case(SHIPPED)
    worst = moved(moved(drawn, -3), 3, ("vignette",))
    best = moved(moved(drawn, 3), -3, ("vignette",))
    change = np.abs(values(profiles(worst)) - values(profiles(best)))
    assert change.max() <= 2 * OWN_WORDS


def test_what_she_reads_is_what_is_believed():
    """The bound is on seats alone: her own page tells the gap that her answers suggest."""
    low = moved(case(SHIPPED), -3)
    estimate = profiles(low)[0].estimates[0]
    found = gap(estimate, 3)
    assert found.expected > found.seat
    assert f"预计相差{found.expected / 1000:.2f}级" in found.say(COMMON)


def test_evidence_is_counted_by_kind_and_told():
    (first, *_) = diagnose(COMMON, case(Recipe(teachers=3, items=8, vignettes=3, observers=2)))
    estimate = first.of(CODES[0])
    assert dict(estimate.answers) == {
        "self": 8,
        "vignette": 3,
        "observer": 16,
        "evidence": 0,
        "test": 0,
    }
    assert (estimate.self_ratings, estimate.observers, estimate.insufficient) == (8, 2, False)
    assert "自评8题，情境3题，他人观察16题，观察者2人" in estimate.say(COMMON)
    assert "own items: 8" in estimate.say(COMMON, "en")
    assert sum(estimate.weights) == sum(estimate.without_self) == 1000


def test_self_report_alone_is_thin_however_much_there_is():
    for recipe in (Recipe(teachers=2, items=40), Recipe(teachers=2, items=40, vignettes=5)):
        sentence = profiles(case(recipe))[0].estimates[0].say(COMMON)
        assert sentence.endswith("证据不足，仅供参考。")


def test_a_profile_from_answers_is_hers_alone_and_groups_need_five():
    found = profiles(case(Recipe(teachers=5, observers=1)))
    assert found[0].read_by(found[0].teacher) is found[0]
    with pytest.raises(NotYours):
        found[0].read_by("县教育局")
    assert group_figures(COMMON, found[:4]) is None


def test_spreads_are_learnt_where_the_county_has_outside_evidence():
    """The control keeps the whole range, and so wider distributions."""
    one = case(Recipe(teachers=400, leniency_sd=0.1, tests=6))
    assert one.population == ASSUMED
    learnt, assumed = diagnose(COMMON, one), profiles(one)

    def surest(found):
        return np.mean([max(profile.estimates[0].weights) for profile in found])

    assert surest(learnt) > surest(assumed)


def test_the_doubt_about_a_section_of_four_dimensions_is_honest():
    """Leniency that is not known makes all four wrong together; the control forgets that.

    Gaps hang together a little less than abilities do, so the doubt is a tenth to a sixth too large.
    """
    drawn = world(Recipe(teachers=1500, dimensions=4, items=8), 8)
    named = dataclasses.replace(drawn.instrument, dimensions=CODES[:4])
    found = without_bound(profiles(Case(named, drawn.answers, KNOWN)))
    truth = 1000 * np.maximum(0, 2 - drawn.levels).mean(axis=1)
    targets = [dict.fromkeys(CODES, 3)] * len(found)

    def told_over_true(profiles):
        values, sds = need_matrix(profiles, targets, SECTIONS[4:])
        off = np.sqrt(np.mean((truth - values[:, 0]) ** 2))
        return np.sqrt(np.mean(sds[:, 0].astype(float) ** 2)) / off

    assert 1.0 <= told_over_true(found) <= 1.2
    assert told_over_true([dataclasses.replace(one, together=0) for one in found]) < 0.7

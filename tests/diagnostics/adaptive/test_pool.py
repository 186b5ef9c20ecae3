"""What an item looks at: herself through her own eyes, a described colleague, or what she knows."""

import numpy as np
import pytest

from diagnostics.adaptive.belief import Belief
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.pool import asked_of_herself
from diagnostics.assumed import instrument_of
from diagnostics.frameworks.items import Questionnaire
from diagnostics.frameworks.reading import questionnaire
from diagnostics.population import ASSUMED

SHIPPED = questionnaire("common")
INSTRUMENT = instrument_of(SHIPPED, "2")
POOL, PLACES = asked_of_herself(INSTRUMENT)
FIRST = {
    kind: int(np.flatnonzero(np.asarray(INSTRUMENT.kinds)[PLACES] == kind)[0])
    for kind in ("self", "vignette", "test")
}


def believed(*answers):
    covariance = ASSUMED.covariance(INSTRUMENT.correlations, ASSUMED.leniency_sd)
    belief = Belief(POOL, np.zeros(POOL.traits), covariance)
    for kind, category in answers:
        belief.tell(FIRST[kind], category)
    return belief


def test_others_answer_no_item_of_hers():
    kinds = {INSTRUMENT.kinds[place] for place in PLACES}
    assert kinds == {"self", "vignette", "test"}


def test_a_high_self_rating_speaks_for_ability_and_for_leniency():
    belief = believed(("self", 3))
    dimension = POOL.area_of[FIRST["self"]]
    assert belief.mean[dimension] > 0.2
    assert belief.mean[-1] > 0


def test_a_vignette_rated_high_makes_the_same_self_rating_count_less():
    dimension = POOL.area_of[FIRST["self"]]
    mild = believed(("self", 3), ("vignette", 3))
    strict = believed(("self", 3), ("vignette", 0))
    assert mild.mean[-1] > strict.mean[-1]
    assert mild.mean[dimension] < strict.mean[dimension]


def test_a_test_says_nothing_of_leniency_but_through_ability():
    """Leniency and ability are thought to go apart a little, so a right answer lowers it a little."""
    belief = believed(("test", 1))
    assert belief.mean[POOL.area_of[FIRST["test"]]] > 0
    assert belief.mean[-1] <= 0


def test_vignettes_are_an_area_of_their_own():
    assert len(POOL.areas) == len(INSTRUMENT.dimensions) + 1
    assert POOL.area_of[FIRST["vignette"]] == len(INSTRUMENT.dimensions)


def test_a_questionnaire_for_others_alone_asks_her_nothing():
    others = Questionnaire(SHIPPED.framework, tuple(SHIPPED.of("observer")), SHIPPED.descriptors)
    with pytest.raises(CannotAsk, match="本人作答"):
        asked_of_herself(instrument_of(others))

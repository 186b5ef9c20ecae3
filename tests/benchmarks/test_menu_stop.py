"""Nothing more is asked once no answer could put better sections on the menu."""

import numpy as np

from benchmarks.menu_stop import MenuSettled
from diagnostics.adaptive.belief import Belief
from diagnostics.adaptive.session import Precise, Session
from tests.diagnostics.adaptive.pools import correlated, pool_of_traits

POOL = pool_of_traits()
COVER = np.repeat(np.eye(3), 4, axis=1)
"""Four sections for each of three traits."""


def lacking(traits):
    """Return what each section is worth: how far its trait is below 1."""
    return np.maximum(1 - traits, 0) @ COVER


def test_a_menu_that_holds_everything_is_settled_at_once():
    stop = MenuSettled(lacking, length=12)
    assert stop.reason(Belief(POOL, np.zeros(3), correlated()), 0) == "stop_menu"


def test_where_one_trait_is_surely_lowest_nothing_need_be_asked():
    """Negative control: where it could be any of the three, asking goes on."""
    stop = MenuSettled(lacking, length=4, tolerance=0.05)
    sure = Belief(POOL, np.array([-3.0, 0.5, 0.5]), 0.01 * np.eye(3))
    open_ = Belief(POOL, np.zeros(3), np.eye(3))
    assert stop.reason(sure, 0) == "stop_menu"
    assert stop.reason(open_, 0) is None
    assert stop.reason(open_, 40) == "stop_longest"


def test_nobody_lacks_anything_so_nothing_is_asked():
    stop = MenuSettled(lambda traits: 0 * lacking(traits), length=4)
    assert stop.reason(Belief(POOL, np.zeros(3), np.eye(3)), 0) == "stop_menu"


def test_it_asks_less_than_precision_does():
    def asked(stop):
        going = Session(POOL, np.zeros(3), np.eye(3), stop, seed="1", teacher="T1")
        while going.next_item is not None:
            going.answer(going.next_item, 3 * (POOL.area_of[going.next_item] > 0))
        return len(going.answers)

    assert asked(MenuSettled(lacking, length=4, tolerance=0.05)) < asked(Precise(0.4)) / 2


def test_what_is_lost_shrinks_with_what_is_known():
    stop = MenuSettled(lacking, length=4)
    wide, _ = stop.regret(Belief(POOL, np.zeros(3), np.eye(3)))
    narrow, _ = stop.regret(Belief(POOL, np.zeros(3), 0.1 * np.eye(3)))
    assert 0 <= narrow < wide

"""The master: any legal prices prove a bound, and its values are the referee's."""

from itertools import product

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.backends.master import Master
from matching.backends.objective import FREE, NO, YES, Floor, Prices
from matching.check import check, measure
from matching.goals import GOALS
from matching.instance import Instance
from tests.matching.backends.drafted import GOAL, held, master_of, objective_of, terms
from tests.matching.counties import counties
from tests.matching.factories import problem, seats_at


def picks(master: Master, most: int = 400):
    """Return picks of one bundle per teacher: all of them if there are few, else a sample."""
    sizes = np.diff(master.bundles.start)
    if np.prod(sizes) <= most:
        places = [range(master.bundles.of(t).start, master.bundles.of(t).stop) for t in range(4)]
        return [np.array(pick) for pick in product(*places)]
    random = np.random.default_rng(1)
    return [master.bundles.start[:-1] + random.integers(0, sizes) for _ in range(most // 4)]


@st.composite
def priced(draw):
    """Draw a master, an objective with decided switches and floors, and any prices at all."""
    instance = Instance.from_rows(*draw(counties()))
    master = master_of(instance)
    assume(master is not None)
    floors = ()
    for goal in draw(st.lists(GOAL, max_size=2)):
        values, weights, worth = terms(master, {goal: 1})
        anybody = draw(st.sampled_from(picks(master, 80)))
        floor = Floor(values, weights, worth, 0)
        floors += (Floor(values, weights, worth, master.worth(floor, anybody)),)
    objective = objective_of(master, {draw(GOAL): draw(st.integers(1, 3))}, floors)
    for switch in range(len(master.switches)):
        objective = objective.decide(switch, draw(st.sampled_from([FREE, FREE, NO, YES])))
    some = st.integers(-4000, 4000)
    rows = np.array([draw(some) for _ in master.rows], np.int64)
    multipliers = np.array([draw(some) for _ in floors], np.int64)
    return instance, master, objective, Prices(rows, multipliers)


def keeps(master, objective, pick) -> bool:
    """Tell whether a pick is feasible and opens what is decided to open."""
    on = master.switched_on(master.usage(pick))[: len(master.switches)]
    return master.feasible(objective, pick) and bool(on[objective.decided == YES].all())


@settings(derandomize=True, deadline=None, max_examples=120)
@given(priced())
def test_any_prices_made_legal_prove_a_bound(case):
    """Weak duality: whatever is feasible is worth at most the bound, decided switches included."""
    _, master, objective, wild = case
    prices = master.legal(objective, wild)
    bound = master.bound(objective, prices, master.reduced(objective, prices))
    for pick in picks(master):
        if keeps(master, objective, pick):
            assert master.value(objective, pick) <= bound


def test_illegal_prices_prove_nothing():
    """Negative control: five seats are missing at 1 each; a price of -10 would 'prove' -50."""
    round_ = problem({"quota_short": 1}).section("A", capacity=9).teacher("Li")
    master = master_of(round_.row("quotas", id="q", minimum=5).build())
    objective = objective_of(master, {"quota_short": 1})
    nothing = master.bundles.start[:-1]
    assert master.value(objective, nothing) == -5
    quota = np.array([row.rule == "quota" for row in master.rows])
    wild = Prices(np.where(quota, -10_000, 0), np.zeros(0, np.int64))
    assert master.bound(objective, wild, master.reduced(objective, wild)) == -50
    legal = master.legal(objective, wild)
    assert legal.rows[quota].tolist() == [-1000]
    assert master.bound(objective, legal, master.reduced(objective, legal)) == -5


def test_a_price_on_seats_bounds_by_hand():
    """One seat, Li 100 and Ma 90: at a price of 95 Li gains 5, Ma 0 and the seat brings 95."""
    round_ = problem().section("A", capacity=1)
    for name, points in (("Li", 100), ("Ma", 90)):
        round_.teacher(name).row("choices", teacher=name, section="A", rank=1, points=points)
    master = master_of(round_.build())
    objective = objective_of(master, {"welfare": 1})
    for price, bound in ((0, 190), (90, 100), (95, 100), (100, 100), (110, 110)):
        prices = Prices(np.array([price * 1000]), np.zeros(0, np.int64))
        assert master.bound(objective, prices, master.reduced(objective, prices)) == bound


@settings(derandomize=True, deadline=None, max_examples=60)
@given(priced())
def test_values_and_feasibility_are_the_referees(case):
    instance, master, *_ = case
    bare = objective_of(master, {"welfare": 1})
    strict = {"hours_due", "compulsory_topic"}
    for pick in picks(master, 60):
        seats = seats_at(instance, held(master, pick))
        broken = {breach.rule for breach in check(instance, seats)} - strict
        assert master.feasible(bare, pick) == (not broken)
        if broken:
            continue
        measured = measure(instance, seats)
        for code, goal in GOALS.items():
            sign = 1 if goal.sense == "max" else -1
            assert master.value(objective_of(master, {code: 1}), pick) == sign * measured[code]


def test_a_section_decided_not_to_open_is_worth_nothing():
    round_ = problem().section("A", capacity=9, minimum=2)
    for name in ("Li", "Ma"):
        round_.teacher(name, ranks=["A"])
    master = master_of(round_.build())
    objective = objective_of(master, {"welfare": 1})
    for answer, bound in ((FREE, 200), (YES, 200), (NO, 0)):
        decided = objective.decide(0, answer)
        prices = master.legal(decided, Prices(np.zeros(1, np.int64), np.zeros(0, np.int64)))
        assert master.bound(decided, prices, master.reduced(decided, prices)) == bound


def test_a_floor_is_paid_for_by_its_multiplier():
    """Li's seat is worth 100 and costs 70; welfare keeps 100. At multiplier 1: 100 - 70 - 100."""
    round_ = problem().section("A", capacity=1, fee_fen=70).teacher("Li", ranks=["A"])
    master = master_of(round_.build())
    floor = Floor(*terms(master, {"welfare": 1}), 100)
    objective = objective_of(master, {"cost": 1}, (floor,))
    assert [master.feasible(objective, np.array([pick])) for pick in (0, 1)] == [False, True]
    for multiplier, bound in ((1000, -70), (0, 0), (700, -70), (2000, -70)):
        prices = Prices(np.zeros(1, np.int64), np.array([multiplier]))
        assert master.bound(objective, prices, master.reduced(objective, prices)) == bound


def test_a_multiplier_below_nothing_proves_nothing():
    """Negative control: 100 points against a floor of 50; -1 would 'prove' 100 - 100 + 50 = 50."""
    master = master_of(problem().section("A", capacity=1).teacher("Li", ranks=["A"]).build())
    floor = Floor(*terms(master, {"welfare": 1}), 50)
    objective = objective_of(master, {"welfare": 1}, (floor,))
    wild = Prices(np.zeros(1, np.int64), np.array([-1000]))
    assert master.bound(objective, wild, master.reduced(objective, wild)) == 50
    legal = master.legal(objective, wild)
    assert master.bound(objective, legal, master.reduced(objective, legal)) == 100

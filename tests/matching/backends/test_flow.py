"""Rounds that are a network: best in every tier by flows, and proved so by prices."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import flows as plain_rounds
from matching.backends import flow, network, priced
from matching.backends.cp_sat import solve_oracle
from matching.backends.flow import solve_flow
from matching.backends.frame import frame_of
from matching.backends.network import nested, network_of
from matching.backends.solved import Solved
from matching.instance import Instance
from matching.lottery import lottery_numbers
from matching.settings import Settings
from matching.solve import solve
from matching.watch import StopAt
from tests.matching.factories import draft, problem, words
from tests.matching.judging import judged

LEVELS = "level=county", "level=city"
TIERS = (
    ({"welfare": 1},),
    ({"unserved": 1}, {"welfare": 1}, {"lottery": 1}),
    ({"quota_short": 2, "unserved": 3}, {"welfare": 1}),
)


def network_round(seed: int) -> Instance:
    """Draw a small round in which no two limits cross."""
    chance = random.Random(seed)
    found = problem(*TIERS[seed % 3])
    sections = [f"S{place}" for place in range(chance.randint(2, 7))]
    for place, name in enumerate(sections):
        level = {"level": ("county", "city")[place % 2]}
        one_of = {"offering": f"O{place % 2}{chance.randint(0, 1)}"}
        found.section(name, capacity=chance.randint(0, 3), attributes=level, **one_of)
    for level in LEVELS[: chance.randint(0, 2)]:
        least, most = chance.choice([0, 2]), chance.randint(2, 5)
        found.row("quotas", id=level, sections_where=level, minimum=least, maximum=most)
    inner = f"id={sections[0]}"
    found.row("quotas", id="north", sections_where=inner, teachers_where="zone=north", maximum=1)
    found.row("caps", id="county", where=LEVELS[0], limit=1, unit="sections")
    for place in range(chance.randint(2, 6)):
        wishes = chance.sample(sections, chance.randint(0, min(4, len(sections))))
        zone = {"zone": chance.choice(["north", "south"])}
        most = {"most_sections": chance.randint(1, 3)}
        found.teacher(f"T{place}", ranks=wishes, attributes=zone, **most)
        if wishes and place == 0:
            found.row("locks", teacher="T0", section=wishes[0])
    return found.build()


def solved(instance: Instance, watch: StopAt | None = None) -> Solved | None:
    posted = draft(instance)
    return solve_flow(posted, frame_of(posted), watch)


@pytest.mark.parametrize("seed", range(45))
def test_flows_reach_what_the_oracle_reaches_in_every_tier_and_prove_it(seed):
    instance = network_round(seed)
    posted = draft(instance)
    assert network_of(posted, frame_of(posted)) is not None
    truth, found = solve_oracle(posted, instance.tiers), solved(instance)
    if truth is None or found is None:
        assert truth is found is None
        return
    assert [tier.value for tier in found.tiers] == list(truth.values)
    assert {tier.proof for tier in found.tiers} == {"exact"}


@pytest.mark.parametrize("seed", range(6))
def test_judges_accept_them(seed, tmp_path):
    result = judged(network_round(seed), tmp_path)
    assert result.status in ("optimal", "infeasible")
    assert all(goal.value == goal.bound for goal in result.goals)


@pytest.mark.parametrize("kind", plain_rounds.KINDS)
def test_rounds_of_lists_and_seats_alone_are_worth_what_a_flow_is_worth(kind):
    instance = plain_rounds.plain(kind, 60, 3)
    result = solve(instance, Settings(effort="quick"))
    assert result.status == "optimal"
    assert result.goals[0].value == plain_rounds.optimum(instance)


def clash(found):
    found.row("meetings", section="A", day="2026-08-03", half="am")
    found.row("meetings", section="B", day="2026-08-03", half="am")
    found.row("meetings", section="B", day="2026-08-03", half="pm")
    found.row("meetings", section="C", day="2026-08-03", half="pm")


CROSSING = {
    "a clash that is no kind of partition": clash,
    "a minimum to open": lambda found: found.section("D", capacity=3, minimum=2),
    "a group's seats in all sections": lambda found: found.row(
        "quotas", id="q", teachers_where="zone=north", maximum=1
    ),
    "heads": lambda found: found.row("quotas", id="q", counts="heads", maximum=2),
    "minutes of different length": lambda found: found.section("D", capacity=3, minutes=60).row(
        "caps", id="c", where="", limit=600
    ),
    "two that are held together": lambda found: found.row(
        "ties", teacher="T0", tie="1", section="A"
    ).row("ties", teacher="T0", tie="1", section="B"),
}


@pytest.mark.parametrize("crossing", [None, *CROSSING])
def test_a_round_in_which_limits_cross_is_not_taken_for_a_network(crossing):
    found = problem()
    for name in "ABC":
        found.section(name, capacity=2, minutes=480)
    for place in range(4):
        zone = {"zone": ("north", "south")[place % 2]}
        found.teacher(f"T{place}", ranks=["A", "B", "C"], attributes=zone, most_sections=2)
    if crossing:
        CROSSING[crossing](found)
    instance = found.build()
    assert (solved(instance) is None) == bool(crossing)
    assert solve(instance).goals[0].value == solve_oracle(draft(instance), instance.tiers).values[0]


def test_a_clash_does_not_matter_where_nobody_could_hold_both(tmp_path):
    found = problem()
    for name in "ABC":
        found.section(name, capacity=1)
    clash(found)
    for place in range(4):
        found.teacher(f"T{place}", ranks=["A", "B", "C"], most_sections=1)
    instance = found.build()
    assert solved(instance) is not None
    assert judged(instance, tmp_path).status == "optimal"


@pytest.mark.parametrize("seed", range(60))
def test_sets_are_nested_as_long_as_no_two_cross(seed):
    chance = np.random.default_rng(seed)
    inside = chance.random((4, 6)) < 0.5
    if seed % 2:
        inside[1:] &= inside[0]
        inside[2] &= ~inside[1]
        inside[3] = inside[2]
    of, option = np.nonzero(inside)
    crossing = any(
        (one & other).any() and (one & ~other).any() and (other & ~one).any()
        for one in inside
        for other in inside
    )
    found = nested(of, option, 4, 6)
    assert (found is None) == crossing
    if found is not None:
        sizes = np.append(inside.sum(axis=1), 7)
        for each, home in enumerate(found[0]):
            around = [sizes[row] for row in range(4) if inside[row, each]]
            assert sizes[home] == min(around, default=7)


def test_among_equal_answers_whoever_is_drawn_first_is_served_best():
    winners = set()
    for seed in "abcdef":
        found = problem().section("A", capacity=1).section("B", capacity=1)
        for name in ("Li", "Wang", "Zhao"):
            found.teacher(name, ranks=["A", "B"], most_sections=1)
        instance = found.build()
        instance = replace(instance, meta=instance.meta | {"seed": seed})
        numbers = lottery_numbers(instance.teacher_ids, seed, instance.round_id)
        first, second, _ = sorted(numbers, key=numbers.__getitem__)
        result = solve(instance)
        assert words(result.seats) == " ".join(sorted([f"{first}:A", f"{second}:B"]))
        winners.add(first)
    assert len(winners) > 1


def test_nobody_is_seated_where_nothing_is_gained():
    found = problem().section("A", capacity=9)
    for place in range(5):
        found.teacher(f"T{place}").row(
            "choices", teacher=f"T{place}", section="A", rank=1, points=0
        )
    assert solved(found.build()).arcs.tolist() == []


def test_minima_that_cannot_be_met_are_left_to_the_ordinary_way():
    found = problem().section("A", capacity=3).section("B", capacity=3)
    found.row("quotas", id="q", sections_where="id=A", minimum=2, strict=1)
    found.row("quotas", id="r", sections_where="id=B", minimum=2, strict=1)
    for name in ("Li", "Wang", "Zhao"):
        found.teacher(name, ranks=["A", "B"], most_sections=1)
    assert solved(found.build()) is None
    assert solve(found.build()).status == "infeasible"


def test_a_solve_that_is_stopped_tells_where_and_still_bounds_every_tier():
    instance = network_round(1)
    whole, stopped = solved(instance), solved(instance, StopAt("tier 1 root 1"))
    assert stopped.stopped_at == "tier 1 root 1"
    assert stopped.tiers[0] == whole.tiers[0]
    for ours, best in zip(stopped.tiers[1:], whole.tiers[1:], strict=True):
        assert ours.value <= best.value <= ours.bound
    assert [tier.proof for tier in stopped.tiers] != [tier.proof for tier in whole.tiers]


def test_a_round_too_large_for_a_flow_is_not_taken_for_a_network(monkeypatch):
    instance = network_round(1)
    posted = draft(instance)
    monkeypatch.setattr(network, "MOST", posted.arcs - 1)
    assert network_of(posted, frame_of(posted)) is None
    found = priced.solve(posted, "quick")
    assert [tier.value for tier in found.tiers] == list(solve_oracle(posted, instance.tiers).values)


def test_a_later_tier_is_proved_by_multipliers_that_are_just_large_enough(monkeypatch):
    """With none an arc that an earlier tier fixed pays, and the bound is not reached."""
    instance = network_round(next(seed for seed in range(1, 99, 3) if _needs_floors(seed)))
    monkeypatch.setattr(flow, "combined", _without_floors)
    assert "prices" in {tier.proof for tier in solved(instance).tiers}


def _needs_floors(seed):
    found = solved(network_round(seed))
    return found is not None and any(any(tier.leaves[0].floors) for tier in found.tiers)


def _without_floors(network, flow, duals):
    return (0,) * (len(duals) - 1), duals[-1].potential

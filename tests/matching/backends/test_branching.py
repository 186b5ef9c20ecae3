"""Decided seats: cases that prove best what prices alone cannot, and what verify says of forged ones."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from matching import files, verify
from matching.backends.market import Market
from matching.backends.pins import NO_PINS
from matching.backends.tolls import Posted
from matching.backends.unlisted import solve_unlisted
from matching.generate import generate
from matching.settings import Settings
from matching.solve import solve
from tests.matching.factories import draft, problem

PAIRS = {"Li": ("A", "B"), "Wang": ("B", "C"), "Zhao": ("C", "A")}


def ring():
    """Three people each want two of three seats, both or none: halves would be worth 15, one pair 10."""
    county = problem()
    for name in "ABC":
        county.section(name, capacity=1)
    for teacher, pair in PAIRS.items():
        county.teacher(teacher)
        for rank, name in enumerate(pair, start=1):
            county.row("choices", teacher=teacher, section=name, rank=rank, points=5)
            county.row("ties", teacher=teacher, tie="both", section=name)
    return county.build()


def test_halves_are_proved_away_by_two_cases():
    (tier,) = solve_unlisted(draft(ring()), "quick").tiers
    assert (tier.value, tier.bound, tier.price_bound, tier.proof) == (10, 10, 15, "exact")
    decided = [dict(leaf.decided) for leaf in tier.leaves]
    assert len(decided) == 2
    assert verify.uncovered(decided, {}) is None
    assert verify.uncovered(decided[:1], {}) is not None


def test_pins_take_off_the_bound_what_they_cost():
    market = Market(draft(ring()))
    purpose = market.purpose({"welfare": 1_000})
    prices = np.where(market.hi == 1, 1_000, 0)
    free = Posted(prices).bound(market, purpose)
    option = int(market.local.start[1])
    apart, seated = (NO_PINS.and_pin(option, held=held) for held in (False, True))
    assert Posted(prices, pins=apart).bound(market, purpose) == free - 8_000
    assert Posted(prices, pins=seated).bound(market, purpose) == free
    dear = prices * 6
    assert Posted(dear, pins=seated).bound(market, purpose) == 18_000 - 2_000


@pytest.fixture(scope="module")
def proved():
    """A drawn round whose linear program lies a step above the best answer."""
    instance = generate("tiny", 60, 5)
    result = solve(instance, Settings(effort="quick", reasons=False))
    assert result.status == "optimal"
    assert len(result.certificate[0]) > 1
    return instance, result


def test_a_case_whose_seat_is_not_the_answers_is_bounded_all_the_same(proved, tmp_path):
    assert complaints(proved, tmp_path, lambda lines: lines) == set()


def other_way(lines):
    """Say of one decided seat the contrary."""
    place = next(i for i, line in enumerate(lines) if line[2] == "decided")
    lines[place][4] = str(1 - int(lines[place][4]))
    return lines


def undecided(lines):
    """Leave what is decided out: prices of a case alone prove less for all."""
    return [line for line in lines if line[2] != "decided"]


def first_only(lines):
    """Leave out all cases but the first."""
    return [line for line in lines if line[1] == "1"]


def of_nobody(lines):
    """Say it of somebody else, in all cases: then they cover all, and none is bounded."""
    for line in lines:
        if line[2] == "decided":
            line[3] = json.dumps(["Nobody", json.loads(line[3])[1]])
    return lines


@pytest.mark.parametrize("forge", [other_way, undecided, first_only, of_nobody])
def test_a_forged_case_is_refused(forge, proved, tmp_path):
    assert "certificate" in complaints(proved, tmp_path, forge)


def test_who_is_said_to_hold_what_she_cannot_has_no_bundle(proved, tmp_path):
    files.write_instance(proved[0], tmp_path)
    case = verify.Case(verify.Instance.at(tmp_path), [])
    teacher = next(iter(case.instance.teachers))
    nothing = verify.Counter()
    leaf = verify.Leaf(
        "1/1", {}, {}, [], 0, nothing, [], frozenset(), {}, nothing, nothing, {(teacher, "?"): True}
    )
    claim = verify.Claim(leaf, 1, {"welfare": 1}, ())
    (problem_,) = verify.Certificate(case, [claim]).problems
    assert problem_.subject == f"1/1 {teacher}"


def complaints(proved, folder, forge):
    """Return which checks fail once the lines of the certificate are changed."""
    instance, result = proved
    files.write_instance(instance, folder)
    files.write_result(result, folder)
    path = folder / "certificate.csv"
    with path.open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *forge(lines)])
    told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    told["files"]["certificate.csv"] = verify.Shelf(folder).digest("certificate.csv", text=True)
    (folder / "result.json").write_text(json.dumps(told), encoding="utf-8")
    return {check.code for check in verify.verify(folder) if check.problems}

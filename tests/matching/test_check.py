"""The referee: what is no seat at all, and how it agrees with the oracle on small counties."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.backends.cp_sat import solve_oracle
from matching.check import check, measure
from matching.goals import GOALS
from matching.instance import Instance
from matching.result import Seat
from tests.matching.counties import counties
from tests.matching.factories import draft, problem, seats_at


def small():
    return problem().section("A", capacity=9).teacher("Li", ranks=["A"]).build()


def test_a_seat_must_be_a_choice_of_its_teacher():
    round_ = problem().section("A", capacity=9).teacher("Li").build()
    for seat in (Seat("Li", "A"), Seat("Nobody", "A"), Seat("Li", "Z")):
        (breach,) = check(round_, [seat])
        assert (breach.rule, breach.subject) == ("no_choice", f"{seat.teacher}/{seat.section}")


def test_a_seat_stands_once():
    seat = Seat("Li", "A", 1)
    assert [breach.rule for breach in check(small(), [seat, seat])] == ["double_seat"]


@pytest.mark.parametrize("wrong", [{"rank": 2}, {"kind": "assignable"}, {"kind": "locked"}])
def test_a_seat_is_labelled_as_what_it_is(wrong):
    seat = Seat("Li", "A", 1)
    assert check(small(), [seat]) == ()
    assert [b.rule for b in check(small(), [replace(seat, **wrong)])] == ["mislabelled"]


def test_the_referee_imports_no_solver_and_no_backend():
    """Neither does anything it imports from this package."""
    seen, todo = set(), ["matching/check.py", *map(str, Path("matching/rules").glob("*.py"))]
    while todo:
        path = todo.pop()
        seen.add(path)
        for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            for name in names:
                assert "backends" not in name, path
                assert name.split(".")[0] not in ("ortools", "scipy"), path
                inner = name.replace(".", "/")
                todo += [
                    each
                    for each in (f"{inner}.py", f"{inner}/__init__.py")
                    if Path(each).exists() and each not in seen
                ]
    assert len(seen) > 30


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counties())
def test_the_oracle_breaks_no_rule_and_means_what_the_referee_measures(county):
    instance = Instance.from_rows(*county)
    found = solve_oracle(draft(instance), instance.tiers)
    if found is None:
        return
    held = seats_at(instance, found.arcs)
    assert check(instance, held) == ()
    measured = measure(instance, held)
    for goals, value in zip(instance.tiers, found.values, strict=True):
        (code,) = goals
        assert value == (measured[code] if GOALS[code].sense == "max" else -measured[code])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counties(), st.data())
def test_what_the_referee_allows_the_posted_rows_allow(county, data):
    """Seats drawn at random: fixed in the oracle, they are possible exactly if nothing is broken."""
    instance = Instance.from_rows(*county)
    arcs = [arc for arc in range(len(instance["choices"])) if data.draw(st.booleans())]
    drafted = draft(instance)
    held = np.zeros(drafted.arcs, bool)
    held[arcs] = True
    drafted.must("fixed", held)
    drafted.drop("fixed", ~held)
    possible = solve_oracle(drafted, ()) is not None
    assert possible == (check(instance, seats_at(instance, arcs)) == ())


@settings(derandomize=True, deadline=None, max_examples=30)
@given(counties(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_digest(county, random):
    meta, rows = county
    shuffled = {table: random.sample(lines, len(lines)) for table, lines in rows.items()}
    assert Instance.from_rows(meta, rows).digest == Instance.from_rows(meta, shuffled).digest

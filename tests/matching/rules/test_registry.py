"""The list of rules: complete, in its published order, and each of them needed."""

from pathlib import Path

import pytest

from matching import rules
from matching.backends.cp_sat import solve_oracle
from matching.check import check
from matching.instance import Instance
from matching.problem import Problem
from tests.matching.factories import D1, draft, problem, seats_at

ORDER = [
    "locked_seat",
    "eligible",
    "banned",
    "repeated",
    "prerequisite",
    "time_conflict",
    "one_section",
    "most_sections",
    "assigned_cap",
    "chosen_only",
    "bundle",
    "hour_cap",
    "minimum_to_open",
    "seat_capacity",
    "reserve",
    "quota",
    "level_share",
    "host_capacity",
    "school_release",
    "budget",
    "team",
    "compulsory_topic",
    "hours_due",
]


def test_every_file_is_a_rule_in_the_published_order():
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    assert {rule.code for rule in rules.RULES} == files
    assert [rule.code for rule in rules.RULES] == ORDER


def test_every_rule_is_a_sentence_an_official_would_sign():
    """The first line of its file: `code: sentence.`"""
    for rule in rules.RULES:
        first = rule.__doc__.splitlines()[0]
        assert first.startswith(f"{rule.code}: "), first
        assert first.endswith("."), first


def plain(*names: str, **columns) -> Problem:
    """Two teachers of one school want everything; A and B meet on one morning."""
    round_ = problem(allow_assigned=columns.pop("allow_assigned", False))
    for name in names or ("A",):
        round_.section(name, capacity=2, minutes=60, fee_fen=5, fund="F", **columns)
    for teacher in ("Li", "Wang"):
        round_.teacher(teacher, ranks=names or ("A",), school="S")
    return round_


def given(extra: str, round_: Problem | None = None, **cells) -> Problem:
    return (round_ or plain()).row(extra, **cells)


def few(**columns) -> Problem:
    return problem().section("A", capacity=2, **columns).teacher("Li", ranks=["A"])


def assignable(*, allowed: bool, cap: int) -> Problem:
    """Points make the assigned seat worth having."""
    round_ = problem(allow_assigned=allowed).section("A", capacity=2)
    round_.teacher("Li", assigned_cap=cap)
    return round_.row("choices", teacher="Li", section="A", kind="assignable", points=1)


def worthless() -> Problem:
    """A seat nobody would take by herself: minus one point."""
    round_ = problem().section("A", capacity=2, minutes=60, attributes={"topic": "ethics"})
    return round_.teacher("Li").row("choices", teacher="Li", section="A", rank=1, points=-1)


TEMPTATION = {
    "locked_seat": given("locks", worthless(), teacher="Li", section="A"),
    "eligible": given("eligibility", section="A", attribute="stage", test="in", values="2"),
    "banned": given("bans", teacher="Li", from_day=D1, until_day=D1),
    "repeated": given("completed", teacher="Li", offering="A"),
    "prerequisite": given("prerequisites", offering="A", requires="Z"),
    "time_conflict": plain("A", "B", meets=[f"{D1} am"]),
    "one_section": plain("A", "B", offering="O"),
    "most_sections": few().section("B", capacity=1).teacher("Ma", ranks=["A", "B"], most_sections=1),
    "assigned_cap": assignable(allowed=True, cap=0),
    "chosen_only": assignable(allowed=False, cap=1),
    "bundle": few().section("B", capacity=0).teacher("Ma", ranks=["A+B"]),
    "hour_cap": given("caps", id="c", limit=59),
    "minimum_to_open": few(minimum=2),
    "seat_capacity": few().teacher("Ma", ranks=["A"]).teacher("Yu", ranks=["A"]),
    "reserve": given("reserves", id="r", group_where="id=Nobody", seats=1, kind="hard"),
    "quota": given("quotas", id="q", maximum=1),
    "level_share": given("shares", id="s", maximum=1),
    "host_capacity": given("hosts", plain(meets=[f"{D1} am"]), id="h", day=D1, capacity=1),
    "school_release": given(
        "releases", plain(meets=[f"{D1} am"]), id="l", school="S", day=D1, half="am", most_away=1
    ),
    "budget": given("funds", id="F", budget_fen=9),
    "team": given("teams", few().teacher("Ma"), id="t", rule="all_or_none"),
    "compulsory_topic": given("topics", worthless(), topic="ethics", strict=1),
    "hours_due": given("requirements", worthless(), id="all", strict=1).row(
        "due", teacher="Li", requirement="all", minutes=60
    ),
}  # fmt: skip


def best_of(instance: Instance):
    found = solve_oracle(draft(instance), instance.tiers)
    return seats_at(instance, found.arcs)


@pytest.mark.parametrize("code", ORDER)
def test_without_the_rule_the_best_answer_breaks_it(code, monkeypatch):
    """The negative control of every rule: leave its rows out, and only the referee notices."""
    instance = TEMPTATION[code].build()
    assert check(instance, best_of(instance)) == ()
    everything = rules.RULES
    monkeypatch.setattr(rules, "RULES", tuple(r for r in everything if r.code != code))
    tempted = best_of(instance)
    monkeypatch.setattr(rules, "RULES", everything)
    assert {breach.rule for breach in check(instance, tempted)} == {code}

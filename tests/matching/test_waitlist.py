"""Who may take a free seat: the rules one by one, and agreement with the referee on drawn counties."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.assignment import Breach
from matching.check import check
from matching.instance import Instance
from matching.result import Seat
from matching.waitlist import Standing, order
from tests.matching.counties import counties
from tests.matching.factories import D1, problem, seats_at

LOWER = ("minimum_to_open", "hours_due", "compulsory_topic", "locked_seat")


def free(standing, held):
    """Return the free seats of every section."""
    taken = [section for sections in held.values() for section in sections]
    return {name: seats - taken.count(name) for name, seats in standing.chairs.items()}


def may(standing, teacher, section, **held):
    """Return what stops a teacher when these seats are held."""
    mine = held.get(teacher, ())
    group = standing.group(teacher, section)
    return standing.may(teacher, group, mine, standing.usage(held), free(standing, held))


def test_a_free_seat_may_be_taken_and_a_full_section_may_not():
    round_ = problem().section("A", capacity=1)
    standing = Standing(round_.teacher("Li", ranks=["A"]).teacher("Ma", ranks=["A"]).build())
    assert may(standing, "Ma", "A") is None
    assert may(standing, "Ma", "A", Li=["A"]) == Breach("seat_capacity", "A", 2, 1)


def test_nobody_takes_what_she_did_not_choose_or_has():
    standing = Standing(problem().section("A", capacity=2).teacher("Li", ranks=["A"]).build())
    assert may(standing, "Nobody", "A").rule == "no_choice"
    assert may(standing, "Li", "A", Li=["A"]).rule == "no_choice"


def test_two_places_at_once():
    round_ = problem().section("A", capacity=1, meets=[f"{D1} am"])
    round_ = round_.section("B", capacity=1, meets=[f"{D1} am"])
    standing = Standing(round_.teacher("Li", ranks=["A", "B"]).build())
    assert may(standing, "Li", "B", Li=["A"]) == Breach("time_conflict", "Li/B+A", 2, 1)


def test_the_first_broken_rule_in_the_published_order_is_told():
    """The section is full and clashes: the clash comes first in the list of rules."""
    round_ = problem().section("A", capacity=1, meets=[f"{D1} am"])
    round_ = round_.section("B", capacity=0, meets=[f"{D1} am"])
    standing = Standing(round_.teacher("Li", ranks=["A", "B"]).build())
    assert may(standing, "Li", "B", Li=["A"]).rule == "time_conflict"
    assert may(standing, "Li", "B").rule == "seat_capacity"


def test_a_school_lets_no_more_go_than_it_may():
    round_ = problem().section("A", capacity=9, meets=[f"{D1} am"])
    for name in ("Li", "Ma"):
        round_ = round_.teacher(name, ranks=["A"], school="one")
    round_ = round_.row("releases", id="one@d", school="one", day=D1, half="am", most_away=1)
    standing = Standing(round_.build())
    assert may(standing, "Ma", "A") is None
    assert may(standing, "Ma", "A", Li=["A"]) == Breach("school_release", "one@d", 2, 1)
    assert standing.change("Li", ["A"], []) == {"school_release:one@d": -1}


def test_a_bundle_is_taken_whole_and_given_up_whole():
    round_ = problem().section("A", capacity=1).section("B", capacity=1).section("C", capacity=1)
    standing = Standing(round_.teacher("Li", ranks=["A+B", "C"]).teacher("Ma", ranks=["B"]).build())
    assert standing.group("Li", "A") == ("A", "B")
    assert may(standing, "Li", "A", Ma=["B"]).subject == "B"
    assert may(standing, "Li", "A") is None
    half = standing.may("Li", ["A"], [], {}, {"A": 1})
    assert (half.rule, half.found, half.allowed) == ("bundle", 1, 2)
    assert standing.falls("Li", "A", ["A", "B", "C"]) == ("A", "B")


def test_what_builds_on_a_section_falls_with_it():
    round_ = problem().section("A", capacity=1, meets=[f"{D1} am"], offering="first")
    round_ = round_.section("B", capacity=1, meets=["2026-08-09 am"], offering="second")
    round_ = round_.row("prerequisites", offering="second", requires="first")
    standing = Standing(round_.teacher("Li", ranks=["A", "B"]).build())
    assert may(standing, "Li", "B").rule == "prerequisite"
    assert may(standing, "Li", "B", Li=["A"]) is None
    assert standing.falls("Li", "A", ["A", "B"]) == ("A", "B")
    assert standing.falls("Li", "B", ["A", "B"]) == ("B",)


def test_the_order_is_rank_then_lot_of_those_who_did_not_get_it():
    round_ = problem().section("A", capacity=1).section("B", capacity=1).section("C", capacity=1)
    for name in ("Li", "Ma", "Wu"):
        round_ = round_.teacher(name, ranks=["A", "B"])
    instance = round_.teacher("Yu", ranks=["B", "A", "C"]).build()
    found = order(instance, [Seat("Li", "A", 1)])
    assert list(found) == ["A"], "a section nobody sits in does not open"
    first = sorted(["Ma", "Wu"], key=Standing(instance).number)
    assert found["A"] == [(first[0], 1), (first[1], 1), ("Yu", 2)]


def test_who_could_never_sit_there_does_not_wait():
    round_ = problem().section("A", capacity=1).teacher("Li", ranks=["A"])
    round_ = round_.teacher("Ma", ranks=["A"]).row("completed", teacher="Ma", offering="A")
    assert order(round_.build(), [Seat("Li", "A", 1)]) == {"A": []}


def test_the_best_that_is_left():
    """Two of three may be held: ranks 1 and 3, for rank 2 is full and the bundle needs it."""
    round_ = problem().section("A", capacity=1).section("B", capacity=0).section("C", capacity=1)
    round_ = round_.section("D", capacity=1)
    instance = round_.teacher("Li", ranks=["A", "B+D", "C", "D"][:3], most_sections=2).build()
    standing = Standing(instance)
    seats = free(standing, {})
    assert standing.best("Li", [("A",), ("B", "D"), ("C",)], [], {}, seats) == ("A", "C")
    assert standing.best("Li", [("A",), ("C",)], ["A"], {}, seats) == ("C",)
    assert standing.best("Li", [("B", "D")], [], {}, seats) == ()


def upper(instance, breaches):
    """Return the breaches that one more seat could cause, a worse one of the same kind as another."""
    return {
        (b.rule, b.subject, 0 if b.rule == "team" else b.found)
        for b in breaches
        if b.rule not in LOWER and not (b.rule in ("quota", "level_share") and b.found < b.allowed)
    }


@settings(derandomize=True, deadline=None, max_examples=250)
@given(counties(), st.data())
def test_a_seat_may_be_added_exactly_when_the_referee_finds_nothing_new(county, data):
    """Seats are taken and given up at random; every question is put to the referee too."""
    instance = Instance.from_rows(*county)
    standing = Standing(instance)
    pairs = [
        (instance.teacher_ids[row["teacher"]], instance.section_ids[row["section"]])
        for row in instance["choices"].rows()
    ]
    arcs = {
        pair: instance.arc_index[instance.teacher_index[pair[0]], instance.section_index[pair[1]]]
        for pair in pairs
    }
    held: dict[str, set[str]] = {name: set() for name in instance.teacher_ids}
    for row in instance["locks"].rows():
        held[instance.teacher_ids[row["teacher"]]].add(instance.section_ids[row["section"]])

    def breaches():
        seats = [arcs[name, section] for name in held for section in held[name]]
        return upper(instance, check(instance, seats_at(instance, seats)))

    for teacher, section in data.draw(st.permutations(pairs)) if pairs else ():
        if section in held[teacher]:
            continue
        before = breaches()
        answer = may(standing, teacher, section, **held)
        held[teacher].add(section)
        found = breaches() - before
        assert (answer is None) == (not found), (teacher, section, answer, found)
        if answer is not None or data.draw(st.integers(0, 3)) == 0:
            held[teacher].discard(section)

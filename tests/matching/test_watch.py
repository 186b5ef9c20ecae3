"""A solve can be watched and stopped: watching changes nothing, stopping leaves a lawful answer."""

import pytest

from matching.backends import priced
from matching.check import check, measure
from matching.solve import solve
from matching.watch import StopAt, Watch
from tests.matching.explain.stories import wishes
from tests.matching.factories import problem
from tests.matching.judging import take
from tests.matching.sixty import QUICK, shuffled


class Listener(Watch):
    """Remembers every step and stops after some number of them."""

    def __init__(self, last: int = 10**9) -> None:
        self.last, self.heard = last, []

    def tell(self, progress) -> None:
        self.heard.append(progress)

    def stopped(self) -> bool:
        return len(self.heard) >= self.last


def stopped_after(steps: int):
    listener = Listener(steps)
    return solve(shuffled(0), QUICK, listener), listener.heard


@pytest.fixture(scope="module")
def whole():
    """Solve the round of sixty once with a listener: 40 steps and more."""
    listener = Listener()
    return solve(shuffled(0), QUICK, listener), listener.heard


def test_watching_changes_nothing(whole):
    assert whole[0].digest == solve(shuffled(0), QUICK).digest
    assert "stopped_at" not in whole[0].settings


def test_every_step_is_told_once_and_in_order_of_tiers(whole):
    result, heard = whole
    assert len({each.step for each in heard}) == len(heard) > 20
    assert [each.tier for each in heard] == sorted(each.tier for each in heard)
    assert {"root", "guide", "node", "improvement", "opening"} == {each.stage for each in heard}
    assert {each.tiers for each in heard} == {len(result.goals)}
    for goal in result.goals:
        last = [each for each in heard if each.tier == goal.tier][-1]
        assert (last.value, last.bound) == (goal.value, goal.bound), goal.code
        assert last.gap == goal.gap
    assert heard[-1].seats_filled == len(result.seats)


@pytest.mark.parametrize("steps", [1, 3, 8, 15, 25])
def test_a_stop_at_a_step_gives_one_lawful_answer(whole, steps):
    """The same digest each time, and again when only the step is named."""
    (once, heard), (twice, _) = stopped_after(steps), stopped_after(steps)
    assert once.status == "stopped"
    assert once.settings["stopped_at"] == heard[-1].step
    assert len(heard) < len(whole[1])
    assert once.digest == twice.digest != whole[0].digest
    assert solve(shuffled(0), QUICK, StopAt(heard[-1].step)).digest == once.digest
    assert check(shuffled(0), once.seats) == ()
    measured = measure(shuffled(0), once.seats)
    for goal in once.goals:
        assert goal.value == measured[goal.code]
        assert goal.value <= goal.bound if goal.sense == "max" else goal.value >= goal.bound


def test_earlier_tiers_are_as_good_as_if_nobody_had_stopped(whole):
    """Stopped at the root of welfare, tier 5: the four tiers before are done."""
    result = solve(shuffled(0), QUICK, StopAt("tier 5 root 1"))
    for goal, best in list(zip(result.goals, whole[0].goals, strict=True))[:4]:
        assert (goal.value, goal.bound) == (best.value, best.bound), goal.code


def test_a_stop_before_any_lawful_answer_waits_for_the_first():
    """Twenty people must be at city level: nobody is at the first step."""
    result, heard = stopped_after(1)
    assert not heard[0].is_waiting
    assert all(each.is_waiting for each in heard[1:])
    assert len(heard) > 1
    assert result.status == "stopped"
    assert heard[0].value == 20, "the negative control: 20 people short when it was asked to stop"


def test_a_clash_is_told_although_somebody_asked_to_stop():
    round_ = problem().section("A", capacity=1)
    wishes(round_, "Li", A=9).row("shares", id="s", minimum=2, strict=1)
    result = solve(round_.build(), watch=Listener(1))
    assert (result.status, "stopped_at" in result.settings) == ("infeasible", False)
    assert result.witness


@pytest.mark.parametrize("second", ["listed", "unlisted"])
def test_steps_of_a_second_attempt_have_names_of_their_own(second, monkeypatch):
    """Used to be called as those of the first: stopped in the second, a round stopped in the first."""
    monkeypatch.setattr(priced, "LISTED_AT_ONCE", 1 if second == "listed" else 1 << 60)
    monkeypatch.setattr(priced, "_is_plain", lambda draft: second == "listed")
    monkeypatch.setattr(priced, "_is_opened", lambda draft: second == "unlisted")
    monkeypatch.setattr(priced, "_is_best", lambda solved: False)
    listener = Listener()
    solve(shuffled(0), QUICK, listener)
    names = [each.step for each in listener.heard]
    assert len(set(names)) == len(names)
    step = [name for name in names if name.startswith("again ")][3]
    once, twice = (solve(shuffled(0), QUICK, StopAt(step)) for _ in range(2))
    assert once.settings["stopped_at"] == step
    assert once.digest == twice.digest


def test_every_step_of_a_round_that_is_not_listed_has_a_name_of_its_own(monkeypatch):
    """Used to begin anew at 1 whenever a tier was taken up again: a stop there was not repeatable."""
    take("unlisted", monkeypatch)
    listener = Listener()
    solve(shuffled(0), QUICK, listener)
    names = [each.step for each in listener.heard]
    assert len(set(names)) == len(names) > 8
    for last in (4, len(names) - 3):
        limited = solve(shuffled(0), QUICK, Listener(last))
        again = solve(shuffled(0), QUICK, StopAt(limited.settings["stopped_at"]))
        assert again.digest == limited.digest

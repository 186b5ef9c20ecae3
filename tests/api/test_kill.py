"""What was acknowledged survives SIGKILL, and asking again under the same key repeats nothing."""

import pytest

from tests.api.killing import play


def test_killed_ten_times_nothing_is_lost_and_nothing_doubled(target):
    played = play(target, kills=10, answers=(10, 60))
    assert (played.lost, played.doubled, played.faults) == ([], [], ())
    assert len(played.acknowledged) >= 100
    assert played.repeated > 0


def test_answers_before_the_commit_are_lost(target):
    """Negative control: the same story finds an office that answers too early."""
    played = play(target, kills=3, answers=(10, 60), variant="answers early")
    assert played.lost
    assert played.faults == ()


def test_without_keys_effects_are_doubled(target):
    """Negative control: the same story finds effects that happened twice."""
    played = play(target, kills=3, answers=(10, 60), variant="no keys")
    assert played.doubled
    assert played.lost == []


@pytest.mark.slow
def test_killed_two_hundred_times(target):
    played = play(target, kills=200, answers=(400, 640))
    assert (played.lost, played.doubled, played.faults) == ([], [], ())
    assert len(played.acknowledged) >= 100_000

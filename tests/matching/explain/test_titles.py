"""Reasons name a quota or a share by its title, as the form does, and keep its id in the detail."""

from matching.result import Reason
from matching.solve import solve
from tests.matching.explain.stories import two_want_one


def _told(round_, title):
    (reason,) = solve(round_.row("quotas", id="q", title=title, maximum=1).build()).reasons
    return reason


def test_a_quota_is_told_by_its_title():
    reason = _told(two_want_one(), "县级名额")
    assert "“县级名额”" in reason.say("zh")
    assert reason.detail["row"] == "q"


def test_without_a_title_the_id_is_all_there_is():
    assert "“q”" in _told(two_want_one(), "").say("zh")


def test_a_clash_names_the_share_by_its_title():
    told = Reason("clash_level_share", "", "b", 1, 2, "level_share", {"title": "市级培训人数"})
    assert "“市级培训人数”" in told.say("zh")
    assert told.subject == "b"


def test_the_title_comes_from_the_round():
    """Three people are asked for, two there are."""
    round_ = two_want_one().row("shares", id="c", title="三人", minimum=3, strict=1).build()
    (told,) = (reason for reason in solve(round_).witness if reason.subject == "c")
    assert "“三人”" in told.say("zh")

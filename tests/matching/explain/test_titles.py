"""Reasons name a quota or a share by its title, as the form does, and keep its id in the detail."""

from matching.result import Reason
from matching.solve import solve
from tests.matching.explain.stories import AM, two_want_one
from tests.matching.factories import D1


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


def test_a_release_cap_is_told_by_its_half_day():
    """Two of one school want A, one may leave that morning."""
    round_ = two_want_one(meets=[AM]).row(
        "releases", id="r1", school="one", day=D1, half="am", most_away=1
    )
    (told,) = solve(round_.build()).reasons
    assert f"{D1} 上午" in told.say("zh")
    assert f"{D1}, morning" in told.say("en")


def test_another_section_is_told_by_id_and_title():
    told = Reason("partner_closed", "Li", "A", 0, 3, "", {"row": "B", "title": "B 书法"})
    assert "B 书法" in told.say("zh")

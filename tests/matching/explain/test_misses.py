"""Reasons: one story for each, with its numbers; and none of them is ever untrue."""

import tomllib
from pathlib import Path

import pytest

from matching.errors import RefereeRejected
from matching.explain import miss_reasons
from matching.result import Reason
from matching.solve import solve
from tests.matching.explain.stories import MISSES
from tests.matching.factories import draft, problem


@pytest.mark.parametrize("code", MISSES)
def test_every_reason_has_its_story(code):
    round_, teacher, section, have, need, detail = MISSES[code]
    (told,) = (
        reason
        for reason in solve(round_.build()).reasons
        if (reason.teacher, reason.subject) == (teacher, section)
    )
    assert (told.code, told.have, told.need) == (code, have, need)
    assert {name: told.detail[name] for name in detail} == detail
    for lang in ("zh", "en"):
        assert told.say(lang).startswith(section)


def test_every_sentence_about_a_miss_has_a_story():
    """And none stands in the catalogue that no round can produce."""
    text = Path("matching/messages.toml").read_text(encoding="utf-8")
    codes = {code.removeprefix("reason_") for code in tomllib.loads(text) if "reason_" in code}
    assert {code for code in codes if not code.startswith("clash_")} == MISSES.keys()


def test_a_result_in_which_somebody_could_be_improved_is_refused():
    """Negative control: the empty assignment of a round with a free seat."""
    round_ = problem().section("A", capacity=1).teacher("Li", ranks=["A"]).build()
    with pytest.raises(RefereeRejected, match="Li could be improved alone"):
        miss_reasons(draft(round_), draft(round_).arc_section[:0], {})


def test_a_reason_without_a_sentence_is_a_defect_never_shown_blank():
    with pytest.raises(KeyError):
        Reason("unheard_of", "Li", "A", 1, 0, "").say()

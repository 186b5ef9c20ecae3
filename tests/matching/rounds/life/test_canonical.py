"""Canonical JSON is the standard's, whichever way it is written."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from matching.rounds.life import canonical as room
from matching.rounds.life.canonical import canonical

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING)
def test_it_is_what_the_reference_writes(plain):
    assert canonical(plain) == rfc8785.dumps(plain)


@pytest.mark.parametrize(
    "text", ["\x00\x1f\x7f", '\b\t\n\f\r"\\/', "\u2028\ufeff", "𬭩丁é", "</script>"]
)
def test_signs_that_writers_disagree_about(text):
    assert canonical({"sign": text}) == rfc8785.dumps({"sign": text})


@pytest.mark.parametrize("plain", [2**53, -(2**53), float("nan"), "\ud800", {1: 2}, object()])
def test_what_cannot_be_said_exactly_is_refused_by_both(plain):
    with pytest.raises(ValueError):
        rfc8785.dumps(plain)
    with pytest.raises(ValueError):
        canonical(plain)


def test_a_ballot_needs_no_reference(monkeypatch):
    """What every hand-in is told with takes the short way."""
    monkeypatch.setattr(room.rfc8785, "dumps", lambda _: pytest.fail("the long way"))
    assert canonical({"lines": ["C1+C2"], "most_sections": None, "ok": True, "version": 1})


def test_numbers_and_keys_that_need_care_get_it(monkeypatch):
    """Negative control of the test above."""
    monkeypatch.setattr(room.rfc8785, "dumps", lambda _: b"the long way")
    assert canonical({"hours": 1.5}) == canonical({"学时": 1}) == b"the long way"

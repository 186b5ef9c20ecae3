import os

import pytest

from diagnostics import identity


def test_a_number_with_a_right_check_character_is_one():
    """11010519491231002 -> X by GB 11643 (the standard's own example)."""
    assert identity.check_character("11010519491231002") == "X"
    assert identity.is_identity_number("11010519491231002X")
    assert identity.is_identity_number("11010519491231002x")


@pytest.mark.parametrize(
    "wrong",
    [
        "110105194912310021",  # check character
        "11010519491331002X",  # month 13
        "1101051949123100",  # too short
        "110105194912310000",  # a spreadsheet rounded it to fifteen digits
        "١10105194912310021",  # a digit, but not an ASCII one
    ],
)
def test_a_wrong_number_is_not_one(wrong):
    assert not identity.is_identity_number(wrong)


def test_only_a_keyed_hash_and_four_characters_are_kept(tmp_path):
    identity.keep_key_in(tmp_path / "id.key")
    first = identity.sealed("11010519491231002x")
    assert first == identity.sealed("11010519491231002X")
    assert first.endswith(":002X")
    assert "1101051949" not in first
    identity.keep_key_in(tmp_path / "another.key")
    assert identity.sealed("11010519491231002X") != first
    identity.keep_key_in(tmp_path / "id.key")
    assert identity.sealed("11010519491231002X") == first
    assert os.stat(tmp_path / "id.key").st_mode & 0o077 == 0


def test_the_environment_may_bring_the_key(monkeypatch):
    monkeypatch.setenv("XUANKE_ID_KEY", "k")
    with_key = identity.sealed("11010519491231002X")
    monkeypatch.setenv("XUANKE_ID_KEY", "other")
    assert identity.sealed("11010519491231002X") != with_key


def test_a_phone_is_shown_with_its_middle_hidden():
    assert identity.is_phone("13800001234")
    assert not identity.is_phone("1380000123")
    assert identity.masked_phone("13800001234") == "138****1234"

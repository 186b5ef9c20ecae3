"""The settings of a round: what the office writes is what is meant, and slips are named."""

from pathlib import Path

import pytest

from matching.rounds.errors import BadSettings
from matching.rounds.settings import commitment, rounded, with_overrides
from matching.rounds.settings_file import parse_settings, read_settings

EXAMPLE = Path(__file__).with_name("round_example.toml")
TEXT = EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture
def settings():
    return read_settings(EXAMPLE)


def refused(text: str) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        parse_settings(text)
    return caught.value


def test_the_commented_example_is_read_whole(settings):
    assert settings.id == "example-2026"
    assert settings.list_length == 6
    assert settings.points.rank[:2] == (100, 80)
    assert [share.id for share in settings.shares] == ["province", "city", "county"]
    assert [(fill.id, fill.percent) for fill in settings.fills] == [("shortage", 60)]
    assert settings.required[1].topics == ("shide",)
    assert settings.release.closed == (("2026-10-01", "2026-10-08"),)


def test_hours_become_account_minutes(settings):
    """30 h is 1,800 and the 2-hour module 120 account minutes."""
    assert settings.required_minutes == {"gongxu": 1800, "zhuanye": 120, "xuanxiu": 1080}


def test_the_tiers_may_be_left_out(settings):
    without = TEXT[: TEXT.index("[[tiers]]")]
    assert parse_settings(without).tiers == settings.tiers


def test_a_slip_in_a_key_is_named_with_what_is_known():
    error = refused(TEXT.replace("most_sections = 6", "most_section = 6"))
    assert error.values["key"] == "lists.most_section"
    assert "assigned_cap" in error.say("en")


def test_a_missing_key_is_named():
    assert refused(TEXT.replace('id = "example-2026"', "")).values == {"key": "id"}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("percent = 15 ", "percent = 115 ", "release.percent"),
        ("length = 6 ", "length = 11 ", "lists.length"),
        ("length = 6 ", 'length = "six" ', "lists.length"),
        ("from = 2026-09-07", 'from = "7.9.2026"', "release.from"),
        ("from = 2026-09-07", "from = 2027-09-07", "release.until"),
        ("rank = [100, 80,", "rank = [80, 100,", "points.rank"),
        ("goals = { welfare = 1 }", "goals = { welfair = 1 }", "tiers[5].goals"),
        ("percent = 70", "", "shares[3].percent"),
        ("percent = 70", "percent = 70\nheads = 3", "shares[3].percent"),
        ('subject_match = "any"', 'subject_match = "all"', "subject_match"),
        ("hours = 30", "hours = -1", "required[1].hours"),
        ("excluded = []", 'excluded = [["a"]]', "excluded"),
        ("strict = true", 'strict = "yes"', "hours.strict"),
        ('where = "flag=green"', 'where = "tier>=2"', "green.where"),
    ],
)
def test_a_value_that_does_not_fit_is_named(old, new, key):
    assert old in TEXT
    error = refused(TEXT.replace(old, new, 1))
    assert error.code == "round_bad_value"
    assert error.values["key"] == key


def test_text_that_is_not_toml_is_said():
    assert refused("id = ").code == "round_not_toml"


def test_a_seed_that_breaks_its_promise_is_refused():
    promise = f'commitment = "{commitment("another seed")}"'
    error = refused(TEXT.replace("[lists]", f"{promise}\n[lists]"))
    assert error.values["key"] == "lottery.commitment"


def test_a_share_of_the_roll_rounds_as_the_office_says(settings):
    """10 % of 44 teachers is 4.4, of 45 is 4.5."""
    assert rounded(440, "floor") == rounded(440, "half_up") == 4
    assert rounded(450, "half_up") == rounded(410, "ceil") == 5
    assert [share.minimum(400) for share in settings.shares] == [40, 80, 280]


def test_overrides_change_what_they_name_and_nothing_else(settings):
    assert with_overrides(settings) == settings
    assert with_overrides(settings, lists=3).list_length == 3
    cut = with_overrides(settings, release_cap=0)
    assert (cut.release.percent, cut.release.fixed) == (0, True)
    scarce = with_overrides(settings, supply=1.1)
    assert (scarce.supply_percent, scarce.hours_strict) == (110, False)
    assert not any(share.strict for share in scarce.shares)


def test_ranks_beyond_the_table_earn_its_last_entry(settings):
    assert settings.points.of_rank(1) == 100
    assert settings.points.of_rank(9) == 33


def test_a_public_value_is_named_in_words_and_not_at_length():
    named = TEXT.replace("[lottery]", '[lottery]\npublic = " 双色球第 67 期 "')
    assert parse_settings(named).public_source == "双色球第 67 期"
    assert parse_settings(TEXT).public_source == ""
    long = TEXT.replace("[lottery]", f'[lottery]\npublic = "{"长" * 501}"')
    assert refused(long).values["key"] == "lottery.public"


def test_a_file_in_another_encoding_is_told_in_a_sentence(tmp_path):
    """Older editors save Chinese text as GB18030."""
    path = tmp_path / "round.toml"
    path.write_bytes('title = "德庆县"'.encode("gb18030"))
    with pytest.raises(BadSettings, match="UTF-8"):
        read_settings(path)


def test_a_list_where_tables_belong_is_told():
    text = EXAMPLE.read_text(encoding="utf-8")
    with pytest.raises(BadSettings, match=r"\[\[near\]\]"):
        parse_settings("near = [1]\n" + text)


@pytest.mark.parametrize("key", ["required", "shares", "fills"])
def test_one_id_for_two_entries_is_refused(key):
    """The table of the instance would say so as well, in words that no office knows."""
    start = TEXT.index(f"[[{key}]]")
    entry = TEXT[start : TEXT.index("\n\n", start) + 2]
    error = refused(TEXT.replace(entry, entry + entry))
    assert (error.code, error.values["key"]) == ("round_id_twice", key)


def test_a_condition_without_meaning_is_named_with_its_key():
    assert "level=city" in TEXT
    assert refused(TEXT.replace("level=city", "level~city")).values["key"] == "shares[2].where"

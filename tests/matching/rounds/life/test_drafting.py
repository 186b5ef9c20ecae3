"""A round on the table: its settings come back exactly, its secret stays out of sight."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from matching.rounds.errors import BadRound
from matching.rounds.life import drafting, moves, store
from matching.rounds.settings import RoundSettings, commitment
from matching.rounds.settings_file import read_settings
from tests.matching.rounds.life.factories import (
    DRAFTED,
    ROUND,
    SECRET,
    announce,
    call,
    draft,
    empty_county,
    row,
    settings,
    two,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

ROOT = Path(__file__).parents[4]
EXAMPLES = sorted(
    (*ROOT.glob("examples/*/round.toml"), *ROOT.glob("tests/**/round_example.toml")),
)


def example(path: Path) -> RoundSettings:
    return read_settings(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_settings_come_back_exactly_as_they_were_drafted(path):
    meant = example(path)
    plain = drafting.plain_settings(meant)
    assert replace(drafting.settings_from(plain), seed=meant.seed) == meant
    assert meant.seed not in str(plain)


@profile(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(EXAMPLES), st.data())
def test_any_field_may_be_any_value_of_its_kind(path, data):
    meant = example(path)
    text = st.text(st.characters(exclude_categories=["Cs"]))
    pairs = st.lists(st.tuples(text, text)).map(tuple)
    changed = replace(
        meant,
        seed="",
        title=data.draw(text),
        programmes=tuple(data.draw(st.lists(text))),
        excluded=data.draw(pairs),
        hours_strict=data.draw(st.booleans()),
        supply_percent=data.draw(st.none() | st.integers(0, 500)),
        shares=tuple(data.draw(st.permutations(meant.shares))),
        tiers=tuple(data.draw(st.permutations(meant.tiers))),
    )
    assert drafting.settings_from(drafting.plain_settings(changed)) == changed


def test_a_stored_row_gives_the_settings_back():
    with empty_county() as session:
        draft(session)
        session.expire_all()
        assert drafting.settings_of(row(session)) == settings()
        assert drafting.settings_of(row(session), "x").seed == "x"


def test_settings_of_an_older_release_keep_their_defaults():
    plain = drafting.plain_settings(settings())
    del plain["approval"]
    assert drafting.settings_from(plain) == settings()


def test_a_round_without_a_public_value_is_announced_by_the_digest_it_always_had():
    assert "public_source" not in drafting.plain_settings(settings())
    named = settings(public_source="双色球第 67 期")
    assert drafting.settings_from(drafting.plain_settings(named)) == named


def test_only_the_commitment_of_the_secret_is_told():
    with empty_county() as session:
        told = drafting.draft(session, call(at=DRAFTED), settings(), SECRET)
        assert told.answer["commitment"] == commitment(SECRET)
        assert SECRET not in str(told)
        assert SECRET not in str(row(session))


def test_the_seed_of_the_settings_file_is_the_secret_and_else_a_strong_one_is_made():
    with empty_county() as session:
        drafting.draft(session, call(at=DRAFTED), settings(seed="from the file"))
        assert store.secret(session, ROUND).secret == "from the file"
    with empty_county() as session:
        drafting.draft(session, call(at=DRAFTED), settings())
        drafting.draft(session, call(at=DRAFTED), settings(id="r2"))
        secrets = {store.secret(session, id).secret for id in (ROUND, "r2")}
        assert len(secrets) == 2
        assert all(len(bytes.fromhex(secret)) == 32 for secret in secrets)


def test_a_round_is_drafted_once():
    with empty_county() as session:
        draft(session)
        with pytest.raises(BadRound, match="已存在"):
            draft(session)


@pytest.mark.parametrize(
    "who", [call("county", "441284"), call("school", "P1"), call("teacher", "T1"), call("auditor")]
)
def test_nobody_else_drafts_a_round(who):
    with empty_county() as session, pytest.raises(BadRound) as refused:
        drafting.draft(session, who, settings())
    assert refused.value.code == "life_no_round"


def test_a_draft_takes_other_rules_and_another_seed():
    with empty_county() as session:
        draft(session)
        moves.change_rules(session, call(), ROUND, settings(list_length=3, seed="new"))
        assert row(session).list_length == 3
        assert row(session).seed_commitment == commitment("new")
        assert store.secret(session, ROUND).secret == "new"


def test_announced_rules_change_by_two_people_and_keep_the_seed():
    with empty_county() as session:
        announce(session)
        with pytest.raises(BadRound, match="两人"):
            moves.amend_rules(session, call(reason="名额有误"), ROUND, settings(list_length=3))
        with pytest.raises(BadRound, match="承诺值"):
            moves.amend_rules(session, two(DRAFTED), ROUND, settings(seed="new"))
        told = moves.amend_rules(session, two(DRAFTED), ROUND, settings(list_length=3))
        assert (told.body["reason"], told.body["second"]) == ("雷击停电", "第二人")
        assert row(session).list_length == 3
        assert row(session).seed_commitment == commitment(SECRET)
        with pytest.raises(BadRound) as refused:
            moves.change_rules(session, call(), ROUND, settings())
        assert refused.value.code == "life_wrong_state"


def test_rules_of_another_round_are_refused():
    with empty_county() as session:
        draft(session)
        with pytest.raises(BadRound, match="另一个轮次"):
            moves.change_rules(session, call(), ROUND, settings(id="r2"))

"""Tokens: stored as a hash, for one role, with an end, in the header and nowhere else."""

import pytest
from sqlmodel import Session, select

from api import auth
from api.errors import UserError
from api.tables import TokenRow
from matching.rounds.life.calls import Call, Scope
from tests.api.http.factories import START, county


@pytest.fixture
def own():
    with county() as opened:
        yield opened


def stored(place, token: str) -> TokenRow:
    with Session(place.engine) as session:
        digest = auth.digest_of(token)
        return session.exec(select(TokenRow).where(TokenRow.hash == digest)).one()


def test_a_token_says_who_she_is(own):
    told = own["county"].get("/me").json()
    assert told == {"holder": "officer", "role": "county", "scope_id": "441226"}


def test_a_token_is_long_and_kept_as_a_hash(own):
    token = own["teacher"].token
    assert token.startswith("xk_")
    assert len(token) - 3 >= 160 / 6
    row = stored(own, token)
    assert token not in row.model_dump_json()


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer xk_nobody", "Basic {token}", "Bearer {token} more", "Bearer x{token}"],
)
def test_without_a_good_token_nobody_is_let_in(own, header):
    token = own["teacher"].token
    answer = own.client.get("/api/v1/me", headers={"Authorization": header.format(token=token)})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_in_the_address_is_not_read(own):
    answer = own.client.get(f"/api/v1/me?token={own['teacher'].token}&access_token=x")
    assert answer.status_code == 401


def test_a_token_ends(own):
    token = own.token("teacher", "T1", "T1", days=2)
    sent = {"Authorization": f"Bearer {token}"}
    own.clock.turn(days=2, microseconds=-1)
    assert own.client.get("/api/v1/me", headers=sent).status_code == 200
    own.clock.turn(microseconds=1)
    assert own.client.get("/api/v1/me", headers=sent).status_code == 401


def test_a_revoked_token_is_over_at_once(own):
    person = own["teacher"]
    assert person.get("/me").status_code == 200
    with Session(own.engine) as session, session.begin():
        assert auth.revoke(session, stored(own, person.token).id)
    assert person.get("/me").status_code == 401


def test_last_use_is_kept_to_the_minute(own):
    own["teacher"].get("/me")
    own.clock.turn(seconds=90)
    own["teacher"].get("/me")
    with Session(own.engine) as session, session.begin():
        assert own.app.state.uses.write(session) == 1
    assert stored(own, own["teacher"].token).last_used == "2026-06-01T08:01:00.000000Z"
    with Session(own.engine) as session, session.begin():
        assert own.app.state.uses.write(session) == 0


@pytest.mark.parametrize(
    ("role", "scope", "days"),
    [("teacher", "T99", 5), ("county", "", 5), ("engine", "x", 5), ("teacher", "T1", 0)],
)
def test_a_token_for_nobody_or_for_ever_is_not_made(own, role, scope, days):
    call = Call("officer", Scope("county", "441226"), START)
    with Session(own.engine) as session, pytest.raises(UserError):
        auth.issue(session, call, "somebody", role, scope, days)

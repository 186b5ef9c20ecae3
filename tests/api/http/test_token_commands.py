"""`xuanke token make|list|revoke` beside a running server, on both databases."""

import re

import pytest
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from api import log
from api.app import create_app
from api.cli import main
from api.database import open_database
from api.migrations import upgrade
from api.unit_of_work import Office
from tests.api.http.factories import COUNTY, Person, rows
from tests.matching.rounds.factories import add

FOR_T1 = ("make", "李娜", "--role", "teacher", "--scope", "T1", "--by", "陈主任")


class Place:
    """A server that runs, and a terminal beside it."""

    def __init__(self, target, engine, client, capsys) -> None:
        self.target, self.engine, self.client = target, engine, client
        self._capsys = capsys

    def types(self, *words: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as left:
            main(["token", *words, "--db", str(self.target)])
        printed = self._capsys.readouterr()
        assert int(left.value.code or 0) == code, printed
        return printed.out + printed.err

    def made(self) -> tuple[str, str]:
        """Make a token for T1; return its number and the token."""
        said = self.types(*FOR_T1)
        return re.search(r"编号 (\w+)", said)[1], re.search(r"xk_[\w-]+", said)[0]

    def asks(self, token: str) -> int:
        return Person(self.client, token).get("/me").status_code

    def events(self) -> list[dict]:
        """Return the lines of the log with their bodies; the chain must hold."""
        with Session(self.engine) as session:
            assert log.check(session).ok
            joined = log.LINES.join(log.BODIES, log.LINES.c.seq == log.BODIES.c.seq)
            query = joined.select().order_by(log.LINES.c.seq)
            return [dict(row) for row in session.connection().execute(query).mappings()]


@pytest.fixture
def place(new_target, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    target = new_target(tables=False)
    upgrade(target)
    engine = open_database(target)
    with Session(engine) as session, session.begin():
        add(session, *rows())
    with Office(engine, serving=True) as office, TestClient(create_app(office)) as client:
        yield Place(target, engine, client, capsys)
    engine.dispose()


def test_a_token_revoked_at_the_terminal_is_over_at_once_in_the_server(place):
    number, token = place.made()
    _, other = place.made()
    assert (place.asks(token), place.asks(other)) == (200, 200)
    assert number in place.types("revoke", number, "--by", "陈主任", "--reason", "手机遗失")
    assert (place.asks(token), place.asks(other)) == (401, 200)


def test_a_token_found_lying_about_is_revoked_by_itself(place):
    number, token = place.made()
    assert number in place.types("revoke", token)
    assert place.asks(token) == 401


def test_making_and_revoking_stand_in_the_log_and_the_token_nowhere(place):
    number, token = place.made()
    place.types("revoke", number, "--by", "林", "--reason", "手机遗失")
    made, revoked = place.events()
    assert [made["kind"], revoked["kind"]] == ["token.made", "token.revoked"]
    assert [made["actor"], revoked["actor"], revoked["reason"]] == ["陈主任", "林", "手机遗失"]
    for line in (made, revoked):
        told = line["body"]
        assert [told["id"], told["holder"], told["role"], told["scope_id"]] == [
            number,
            "李娜",
            "teacher",
            "T1",
        ]
        assert "hash" not in told
    assert token not in everything(place.engine)


def everything(engine) -> str:
    """Return every text of every table."""
    from api.migrations import tables

    with engine.connect() as connection:
        found = [connection.execute(table.select()).all() for table in tables().sorted_tables]
    return repr(found)


def test_a_token_that_is_kept_would_be_noticed(place):
    """Negative control: the same look finds a token that was written somewhere."""
    _, token = place.made()
    with place.engine.begin() as connection:
        connection.execute(text("UPDATE api_token SET label = :kept"), {"kept": token})
    assert token in everything(place.engine)


def test_a_token_is_revoked_once(place):
    number, _ = place.made()
    place.types("revoke", number)
    assert number in place.types("revoke", number, code=2)
    assert "token list" in place.types("revoke", "nobody", code=2)
    assert [line["kind"] for line in place.events()] == ["token.made", "token.revoked"]


def test_the_list_tells_who_has_a_token_and_never_the_token(place):
    number, token = place.made()
    gone, _ = place.made()
    place.types("revoke", gone)
    shown = place.types("list")
    assert number in shown
    assert "李娜" in shown
    assert gone not in shown
    both = place.types("list", "--all", "--lang", "en")
    assert (number in both, gone in both, "revoked" in both) == (True, True, True)
    assert token not in both


def test_a_token_for_nobody_leaves_no_line(place):
    words = ("make", "某人", "--role", "county", "--scope", f"{COUNTY}9")
    assert "令牌没有签发" in place.types(*words, code=2)
    assert place.events() == []

"""What takes two people on the command line: neither a name nor one token is enough."""

import os

import pytest

from api.commands import two
from api.commands.two import FIRST, SECOND
from tests.api.terminal import REASON, TWO, announced, opened


@pytest.fixture
def office(tmp_path, capsys, monkeypatch):
    return opened(tmp_path, capsys, monkeypatch)


def test_what_one_person_may_not_do_alone_is_told(office, monkeypatch):
    announced(office)
    assert "两人" in office.round("void", "--by", "陈", *REASON, code=2)
    assert "须写明理由" in office.round("void", "--by", "陈", "--second", "林", code=2)
    monkeypatch.setenv(SECOND, office.token("陈"))
    assert "不能同为" in office.round("void", "--by", "陈", "--second", "陈", *REASON, code=2)


def test_neither_of_two_names_is_taken_on_trust(office, monkeypatch):
    """One who knows both names, and has one token, cannot be two people."""
    announced(office)
    good = os.environ[SECOND]
    monkeypatch.setenv(SECOND, os.environ[FIRST])
    assert "不属于 林" in office.round("void", *TWO, code=2)
    monkeypatch.setenv(SECOND, good)
    monkeypatch.setenv(FIRST, good)
    assert "不属于 陈" in office.round("void", *TWO, code=2)
    monkeypatch.delenv(FIRST)
    assert FIRST in office.round("void", *TWO, code=2)
    assert "已公告" in office.round("status")


@pytest.mark.parametrize(
    ("role", "scope", "said"),
    [
        ("county", "441226", ""),
        ("teacher", "T00001", "不是有效的管理员令牌"),
        ("auditor", "441226", "不是有效的管理员令牌"),
    ],
)
def test_the_second_must_be_an_administrator(office, monkeypatch, role, scope, said):
    """The first row is the control: with her good token the same words are obeyed."""
    announced(office)
    monkeypatch.setenv(SECOND, office.token("林", role, scope))
    told = office.round("void", *TWO, code=2 if said else 0)
    assert said in told
    assert ("已作废" in office.round("status")) is not bool(said)


def test_a_token_that_was_revoked_is_no_second_person(office):
    announced(office)
    office.types("token", "revoke", os.environ[SECOND])
    assert "不是有效的管理员令牌" in office.round("void", *TWO, code=2)


def test_at_a_terminal_each_types_her_token_unseen_and_once(office, monkeypatch):
    two._typed.cache_clear()
    asked = []

    def typed(prompt, _stream):
        asked.append(prompt.split()[0])
        return tokens[asked[-1]]

    tokens = {"陈": os.environ[FIRST], "林": os.environ[SECOND]}
    for variable in (FIRST, SECOND):
        monkeypatch.delenv(variable)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", typed)
    announced(office)
    told = office.round("void", *TWO)
    assert asked == ["陈", "林"]
    assert not any(token in told for token in tokens.values())

"""An office with a PostgreSQL server: the same commands, the same round, the same digests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli import main
from tests.api.mini_county import write_mini_county
from tests.conftest import need_postgres

pytestmark = pytest.mark.postgres


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return int(caught.value.code or 0)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory) -> Path:
    return write_mini_county(tmp_path_factory.mktemp("sheets"))


@pytest.fixture(scope="module")
def server(sheets, tmp_path_factory):
    """A folder for the files of an office, and the database on the server, both rounds solved."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, need_postgres().blank() as url:
        patch.setenv("XUANKE_HOME", str(home))
        patch.setenv("XUANKE_DB", url)
        yield home, url, both_rounds(sheets, tmp_path_factory.mktemp("out"))


def both_rounds(sheets: Path, out: Path) -> list[dict]:
    """Go from sheets to the second result; return what was written about both."""
    assert run("init") == 0
    assert run("import", *sorted(sheets.glob("*.xlsx")), "--yes") == 0
    settings = ("--settings", sheets / "round.toml")
    for number in (1, 2):
        assert run("solve", "--round", number, "--out", out, *settings) == 0
    return [result_of(out, number) for number in (1, 2)]


def result_of(out: Path, number: int) -> dict:
    written = (out / f"result-{number}" / "result.json").read_text(encoding="utf-8")
    return {name: json.loads(written)[name] for name in ("digest", "instance_digest")}


@pytest.fixture
def _here(server, monkeypatch):
    home, url, _ = server
    monkeypatch.setenv("XUANKE_HOME", str(home))
    monkeypatch.setenv("XUANKE_DB", url)


def test_the_same_round_has_the_same_digests_on_both(server, sheets, tmp_path, monkeypatch):
    monkeypatch.setenv("XUANKE_DB", str(tmp_path / "county.db"))
    assert both_rounds(sheets, tmp_path / "out") == server[2]
    assert len(server[2][0]["digest"]) == 64


@pytest.mark.usefixtures("_here")
def test_key_and_data_files_lie_in_the_home_of_the_office(server):
    home, url, _ = server
    name = url.split("?")[0].rsplit("/", 1)[1]
    assert [path.name for path in home.iterdir()] == [f"{name}.key"]


@pytest.mark.usefixtures("_here")
def test_teachers_are_answered_from_the_server(sheets, capsys):
    for command in ("explain", "menu"):
        assert run(command, "T00003", "--settings", sheets / "round.toml") == 0
    assert run("diagnose", "T00003") == 0
    assert "T00004" not in capsys.readouterr().out
    assert run("init") == 0
    assert "无需改动" in capsys.readouterr().out


@pytest.mark.usefixtures("_here")
def test_an_import_on_a_server_can_be_taken_back(sheets, capsys):
    ballots = next(path for path in sheets.glob("*.xlsx") if "ballot" in path.name)
    assert run("undo") == 0
    assert run("import", ballots, "--yes") == 0
    assert run("undo") == 0


def test_a_server_without_our_tables_is_told_to_be_made(monkeypatch, capsys, new_server):
    monkeypatch.setenv("XUANKE_DB", new_server())
    assert run("diagnose", "T00003") == 2
    assert "xuanke init" in capsys.readouterr().err


def test_an_upgrade_of_a_server_says_whose_the_copy_is(monkeypatch, capsys, new_server, tmp_path):
    from api.migrations import upgrade

    monkeypatch.setenv("XUANKE_DB", url := new_server())
    monkeypatch.setenv("XUANKE_HOME", str(tmp_path))
    upgrade(url, "0001")
    assert run("init") == 0
    assert "pg_dump" in capsys.readouterr().out


def test_a_server_that_goes_away_is_told_and_a_defect_is_not():
    import psycopg
    from sqlalchemy.exc import DBAPIError

    from api.told import told

    def say(cause: Exception) -> str | None:
        return told(DBAPIError.instance("SELECT 1", {}, cause, psycopg.Error), "en")

    assert "could not be read or written (server closed)" in say(
        psycopg.OperationalError("server closed\n")
    )
    assert "Try again shortly" in say(psycopg.errors.LockNotAvailable("waited 3 s"))
    assert "Try again shortly" in say(psycopg.errors.DeadlockDetected("a circle"))
    assert say(psycopg.errors.SyntaxError("ours")) is None
